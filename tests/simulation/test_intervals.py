"""Intervals cover at the level they state, and slopes are those of straight lines."""

import numpy as np
import pytest

from edgeofchaos.simulation.intervals import interval, log_slopes


@pytest.mark.parametrize("level", [0.1, 0.01])
def test_coverage(level):
    rng = np.random.default_rng(0)
    trials = 4000
    missed = sum(
        abs(found.mean - 3.0) > found.half
        for found in (interval(rng.normal(3.0, 2.0, 8), level) for _ in range(trials))
    )
    # binomial, four standard deviations
    assert abs(missed - trials * level) < 4 * np.sqrt(trials * level * (1 - level))


def test_log_slopes_of_power_laws():
    x = np.array([1, 3, 10, 40])
    np.testing.assert_allclose(log_slopes(x, np.stack([5.0 * x**-2.0, x**0.5])), [-2, 0.5])


def test_one_value_has_no_interval():
    with pytest.raises(ValueError, match="2 or more"):
        interval([1.0])
