"""Pairs of inputs start a net at the variances and the correlation asked for."""

import pytest

from edgeofchaos.simulation import grams
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.sampling import propagate


@pytest.mark.parametrize("gamma", [2.0, 1.0, 1e-3, 1e-12])
def test_pair_inputs_have_the_variances_and_correlation(gamma):
    q, sigma_b, sigma_w = (1.3, 1.3), 0.0, 1.7
    nets = propagate("tanh", sigma_b, sigma_w, pair_inputs(q, gamma, sigma_b, sigma_w), [4])
    first = nets.covariance[:, :1]
    assert grams.variances(first)[0, 0].tolist() == pytest.approx(q)
    assert float(grams.complement(first)[0, 0]) == pytest.approx(gamma, rel=1e-3)


def test_pair_inputs_of_different_norms():
    x = pair_inputs((2.0, 5.0), 0.4, 0.5, 1.2)
    first = propagate("tanh", 0.5, 1.2, x, [4]).covariance[:, :1]
    assert grams.variances(first)[0, 0].tolist() == pytest.approx([2.0, 5.0])
    assert float(grams.complement(first)[0, 0]) == pytest.approx(0.4)


@pytest.mark.parametrize(("q", "gamma", "words"), [
    ((0.2, 1.0), 0.5, "allowed is more than sigma_b"), ((1.0, 1.0), 1.9, "no inputs have it"),
    ((1.0, 2.0), 0.0, "no inputs have it"),
])  # fmt: skip
def test_what_no_inputs_give_is_refused(q, gamma, words):
    with pytest.raises(ValueError, match=words):
        pair_inputs(q, gamma, 0.5, 1.2)
