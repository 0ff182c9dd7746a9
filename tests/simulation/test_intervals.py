"""Intervals miss as seldom as they say on what they are used on; finite width is allowed for."""

import numpy as np
import pytest

import edgeofchaos as eoc
from edgeofchaos.experiments.nets_propagation import simulated
from edgeofchaos.simulation.intervals import (
    MOST_SCATTER,
    finite_width,
    half_width,
    log_gaps,
    log_slopes,
    log_square_half,
    mean_and_error,
)

START = (2.0, 4.0, 0.5)
LEVELS = [1e-2, 1e-3]


def gaps(name, sigma_b, sigma_w, width, layers, draws, start=START):
    """log(simulated/recursion) of q and of 1 - c: (draws, layers) each."""
    phi = eoc.activation(name)
    path, nets = simulated(phi, sigma_b, sigma_w, start, [width] * layers, draws, 7, "cpu")
    return log_gaps(nets["q_a"], path.q_a), log_gaps(nets["1-c"], path.gamma)


@pytest.fixture(scope="module")
def many():
    """Gaps at the last layer of 64,000 narrow nets, where they are furthest from normal."""
    found = [gaps(name, 1.0, 1.0, 40, 5, 64_000) for name in ("tanh", "relu")]
    return [each[:, -1] for pair in found for each in pair]


def too_often(missed, level):
    """Whether intervals missed more often than at the level, by four standard deviations."""
    return missed.mean() > level + 4 * np.sqrt(level / missed.size)


@pytest.mark.parametrize("level", [0.1, 0.01])
def test_coverage_of_normal_values(level):
    rng = np.random.default_rng(0)
    trials = 4000
    found = [mean_and_error(rng.normal(3.0, 2.0, 8)) for _ in range(trials)]
    missed = sum(abs(mean - 3.0) > half_width(error, 8, level) for mean, error in found)
    # binomial, four standard deviations
    assert abs(missed - trials * level) < 4 * np.sqrt(trials * level * (1 - level))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.slow(after=1)
def test_coverage_of_means_of_log_gaps(many, level):
    for logs in many:
        groups = logs.reshape(-1, 16)
        half = half_width(groups.std(1, ddof=1) / 4, 16, level)
        assert not too_often(np.abs(groups.mean(1) - logs.mean()) > half, level)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("draws", [32, 160])
def test_coverage_of_means_of_squared_log_gaps(many, level, draws):
    for logs in many:
        squares = (logs**2).reshape(-1, draws).mean(1)
        off = np.abs(np.log(squares / (logs**2).mean()))
        assert not too_often(off > log_square_half(draws, level), level)


@pytest.mark.parametrize("level", LEVELS)
def test_coverage_where_draws_are_of_two_kinds(level):
    """Logs of the spread of surfaces: a third of Swish's nets leave the bottleneck, others stay."""
    rng = np.random.default_rng(1)
    left = rng.random((20_000, 100)) < 1 / 3
    logs = np.where(left, rng.normal(0.0, 0.3, left.shape), rng.normal(-4.5, 1.0, left.shape))
    half = half_width(logs.std(1, ddof=1) / 10, 100, level)
    assert not too_often(np.abs(logs.mean(1) + 3.0) > half, level)


@pytest.mark.parametrize(("name", "sigma_b", "sigma_w"), [
    ("tanh", 1.0, 1.0), ("relu", 1.0, 1.0), ("relu", 0.0, 2**0.5), ("tanh", 0.3, 2.0),
    ("elu", 0.2, 1.23), ("swish", 1.0, 1.0), ("erf", 0.01, 3.0),
])  # fmt: skip
@pytest.mark.parametrize("width", [60, 240])
@pytest.mark.slow(after=4)
def test_finite_width_takes_a_mean_off_by_no_more_than_the_estimate(name, sigma_b, sigma_w, width):
    for logs in gaps(name, sigma_b, sigma_w, width, 10, 4000):
        finite = finite_width(logs)
        chance = 4 * logs.std(0) / np.sqrt(len(logs))
        assert (np.abs(logs.mean(0))[1:] <= (finite + chance)[1:]).all()
        # It is no more than four times what there is.
        assert finite[-1] == np.inf or np.abs(logs.mean(0))[-1] + chance[-1] > finite[-1] / 4


def test_where_nets_scatter_too_much_nothing_is_known():
    logs = np.random.default_rng(2).normal(0, [0.1, 0.6, 0.1], (400, 3))
    finite = finite_width(logs)
    assert finite[0] == pytest.approx(0.01, rel=0.3) and np.isinf(finite[1:]).all()
    assert MOST_SCATTER < 0.6**2


@pytest.mark.parametrize("name", ["tanh", "relu"])
@pytest.mark.slow
def test_a_mean_of_squares_is_off_its_power_of_the_width_by_less_than_half_of_itself(name):
    wide = [(logs[:, -1] ** 2).mean() * 2000 for logs in gaps(name, 1.0, 1.0, 2000, 10, 2500)]
    for width in (32, 128):
        for logs, constant in zip(gaps(name, 1.0, 1.0, width, 10, 10_000), wide, strict=True):
            square = (logs[:, -1] ** 2).mean()
            chance = log_square_half(2500, 1e-3) + log_square_half(10_000, 1e-3)
            assert abs(np.log(square * width / constant)) < square / 2 + chance


def test_gaps_that_cannot_be_told_are_not_numbers():
    found = log_gaps([1.0, 0.0, -1e-20, 1e-16], [2.0, 1.0, 1e-3, 1e-15])
    assert found[0] == np.log(0.5) and np.isnan(found[1:]).all()


def test_log_slopes_of_power_laws():
    x = np.array([1, 3, 10, 40])
    np.testing.assert_allclose(log_slopes(x, np.stack([5.0 * x**-2.0, x**0.5])), [-2, 0.5])


def test_one_value_has_no_interval():
    with pytest.raises(ValueError, match="2 or more"):
        mean_and_error([1.0])
