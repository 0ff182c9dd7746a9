"""Expectations as polynomials in log q against 30-digit values, sums over nodes and their bound."""

import math

import mpmath as mp
import numpy as np
import pytest
import torch

from edgeofchaos.activations import Activation, activation, names
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.grid import grid_moments, ratio_falls
from edgeofchaos.theory.octaves import Moments, moments_at
from edgeofchaos.theory.searched import log_grid

# The polynomial, the dropped coefficients and the rounding of sums over a thousand nodes.
TOLERANCE = 5e-15


def kept(phi, q):
    """Whether the octave of q has polynomials."""
    return phi.cache["octaves"][math.frexp(q)[1]] is not None


def by_nodes(phi, q):
    rows = (gaussian.SLOPE2, gaussian.SECOND, gaussian.PSI2, gaussian.PSI_SLOPE2)
    return Moments(*gaussian.moments(phi, q, rows).tolist(), float(gaussian.curvature_phi(phi, q)))


@pytest.mark.parametrize("q", [0.013, 0.499, 0.7, 3.1])
def test_tanh_to_thirty_digits(q):
    with mp.workdps(30):
        root = mp.sqrt(mp.mpf(q))

        def mean(f):
            return mp.quad(lambda z: f(root * z) * mp.npdf(z), [-14, -4, -1, 0, 1, 4, 14])

        right = Moments(*(
            mean(f) for f in (
                lambda u: mp.sech(u) ** 4,
                lambda u: mp.tanh(u) ** 2,
                lambda u: (mp.tanh(u) - u) ** 2,
                lambda u: mp.tanh(u) ** 4,
                lambda u: -2 * mp.tanh(u) ** 2 * mp.sech(u) ** 2,
            )
        ))  # fmt: skip
    phi = activation("tanh")
    assert moments_at(phi, q) == pytest.approx(tuple(map(float, right)), rel=TOLERANCE)
    assert kept(phi, q)


@pytest.mark.parametrize("name", names())
@pytest.mark.slow(after=8)
def test_as_sums_over_nodes_at_every_size_of_q(name):
    phi = activation(name)
    rng = np.random.default_rng(3)
    used = 0
    for q in np.exp(rng.uniform(*log_grid(phi)[[0, -1]], 300)).tolist():
        found, right = moments_at(phi, q), by_nodes(phi, q)
        used += kept(phi, q)
        assert found[:4] == pytest.approx(right[:4], rel=2e-14, abs=1e-300)
        # phi'' phi has both signs, and is asked for beside E[phi'^2].
        scale = max(abs(right.curvature_phi), right.slope2)
        assert abs(found.curvature_phi - right.curvature_phi) <= 2e-14 * scale
    assert used > 100


def test_both_ends_of_an_octave_belong_to_polynomials_that_meet():
    phi = activation("gelu")
    for q in (0.25, 1.0, 65536.0):  # 65,536 is where one tabulation ends and the next begins
        below, above = moments_at(phi, math.nextafter(q, 0.0)), moments_at(phi, q)
        assert below == pytest.approx(above, rel=TOLERANCE)


@pytest.mark.parametrize("deviations", [6.0, 6.5, 7.0])
def test_what_lies_in_the_far_tail_is_summed_over_nodes(deviations):
    # A sixth of the octave further on, E[phi'^2] is many times as large: no polynomial is certain.
    def step(u):
        return torch.relu(u - deviations) - torch.relu(u - deviations - 1)

    phi = Activation("step", step, kinks=(deviations, deviations + 1))
    q = 0.8
    assert moments_at(phi, q) == by_nodes(phi, q)
    assert not kept(phi, q)
    density = mp.erfc(deviations / mp.sqrt(2 * q)) - mp.erfc((deviations + 1) / mp.sqrt(2 * q))
    assert moments_at(phi, q).slope2 == pytest.approx(float(density / 2), rel=1e-11)


def test_where_expectations_are_not_known_it_says_so_as_sums_over_nodes_do():
    phi = Activation("exp", torch.exp)
    for q in (1e5, 1e30):
        with pytest.raises(ValueError) as by_sum:
            gaussian.moments(phi, q, [gaussian.SLOPE2])
        with pytest.raises(ValueError) as by_octave:
            moments_at(phi, q)
        assert str(by_octave.value) == str(by_sum.value)


@pytest.mark.parametrize("name", ["tanh", "hardtanh", "elu", "softsign", "erf"])
def test_the_ratio_falls_where_it_is_said_to(name):
    phi = activation(name)
    for low, high in ((0.4, 1.0), (0.5, 40.0), (7.0, 1e4)):
        assert ratio_falls(phi, low, high)
        x = np.geomspace(low, high, 400)
        assert (np.diff(gaussian.second_moment(phi, x) / x) < 0).all()


@pytest.mark.parametrize("name", ["swish", "gelu", "relu", "identity", "squared_relu"])
def test_the_ratio_is_not_said_to_fall_where_it_does_not(name):
    assert not ratio_falls(activation(name), 0.1, 1.0)


def test_the_ratio_is_not_known_beyond_the_grid():
    phi = activation("tanh")
    assert not ratio_falls(phi, 1e-17, 1.0)
    assert not ratio_falls(phi, 1.0, 1e11)


def test_moments_on_the_grid_are_those_of_its_variances():
    phi = activation("mish")
    for row in (gaussian.SECOND, gaussian.SLOPE2, gaussian.PSI2, gaussian.PSI_SLOPE2):
        right = gaussian.moments(phi, np.exp(log_grid(phi)), [row])[0]
        np.testing.assert_allclose(grid_moments(phi, row), right, rtol=1e-13, atol=0)
