"""The constants of Proposition 1 against closed forms and brute force."""

import math

import numpy as np
import pytest
import torch
from independent import PHI, SELU_ALPHA, SELU_SCALE, normal_pdf, slope_square

from edgeofchaos.activations import Activation, activation
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.constants import contraction_constant, correlation_constant
from edgeofchaos.theory.relu_like import relu_like


def absolute_moment(name, x):
    """E|phi'^2 + phi'' phi|, atoms by absolute weight: midpoint rule, 20,000 cells."""
    phi, slope, curvature, jumps = PHI[name]
    root, n = math.sqrt(x), 20_000
    u = root * (np.arange(n) + 0.5 - n / 2) * 20 / n
    values = np.array([abs(slope(v) ** 2 + curvature(v) * phi(v)) for v in u])
    smooth = float(values @ normal_pdf(u / root)) * 20 / n
    return smooth + sum(abs(j * phi(k)) * normal_pdf(k / root) / root for k, j in jumps.items())


@pytest.mark.parametrize(("above", "below"), [(1.0, 0.0), (1.0, 0.2), (3.0, -2.0)])
def test_relu_like_in_closed_form(above, below):
    # The paper prints M = 2 and C <= 1 for ReLU; its own definition gives 1/2 for both.
    expected = (above**2 + below**2) / 2
    phi = relu_like(above, below)
    assert contraction_constant(phi).value == pytest.approx(expected, rel=1e-13)
    assert correlation_constant(phi).value == pytest.approx(expected, rel=1e-13)


def test_relu_is_one_half():
    assert contraction_constant("relu").value == pytest.approx(0.5, rel=1e-13)
    assert correlation_constant("relu").value == pytest.approx(0.5, rel=1e-13)


@pytest.mark.parametrize("name", ["tanh", "swish", "gelu", "sigmoid", "elu", "selu", "hardtanh"])
@pytest.mark.slow(after=2)
def test_suprema_against_brute_force_over_x(name):
    contraction, correlation = contraction_constant(name), correlation_constant(name)
    x = np.geomspace(1e-3, 1e3, 13)
    absolute = [absolute_moment(name, float(v)) for v in x]
    squares = [slope_square(name, float(v)) for v in x]
    # No x beats the supremum, and one where it is said to be attained reaches it.
    assert max(absolute) <= contraction.value * (1 + 1e-4)
    assert max(squares) <= correlation.value * (1 + 1e-9)
    for found, value in ((contraction, absolute_moment), (correlation, slope_square)):
        at = found.at if found.at > 0 else 1e-10
        if math.isfinite(at):
            assert value(name, at) == pytest.approx(found.value, rel=2e-4)


def test_tanh_is_one_at_zero():
    # |phi'^2 + phi'' phi| = sech^2 |1 - 3 tanh^2| <= 1, with equality at 0 alone.
    u = np.linspace(-20, 20, 100_001)
    integrand = np.cosh(u) ** -2 * np.abs(1 - 3 * np.tanh(u) ** 2)
    assert integrand.max() == 1.0
    for constant in (contraction_constant("tanh"), correlation_constant("tanh")):
        assert (constant.value, constant.at) == (pytest.approx(1.0, rel=1e-12), 0.0)


def test_hardtanh_peaks_where_its_atoms_weigh_most():
    # E|...| = P(|U| < 1) + 2 p(1), whose derivative vanishes at x = 1/2.
    found = contraction_constant("hardtanh")
    x = 0.5
    expected = math.erf(1 / math.sqrt(2 * x)) + 2 * math.exp(-1 / (2 * x)) / math.sqrt(
        2 * math.pi * x
    )
    assert found.value == pytest.approx(expected, rel=1e-11)
    assert found.at == pytest.approx(x, rel=1e-6)


def test_selu_in_closed_form_at_zero():
    # On the left phi'^2 + phi'' phi = s^2 a^2 e^u (2 e^u - 1), largest at 0.
    expected = SELU_SCALE**2 * (1 + SELU_ALPHA**2) / 2
    assert contraction_constant("selu").value == pytest.approx(expected, rel=1e-12)


def test_an_atom_at_zero_makes_it_infinite():
    raised = Activation("raised", lambda x: torch.relu(x) + 1, (0.0,))
    assert contraction_constant(raised).value == math.inf
    assert correlation_constant(raised).value == pytest.approx(0.5, rel=1e-13)


@pytest.mark.parametrize("name", ["softplus", "shifted_softplus"])
def test_a_supremum_at_infinity_is_extrapolated(name):
    found = correlation_constant(name)
    assert found.at == math.inf
    assert found.value == pytest.approx(0.5, abs=1e-10)


@pytest.mark.slow
def test_what_still_grows_at_the_largest_variance_has_no_supremum():
    bent = Activation("bent", lambda x: torch.relu(x) + 0.2 * torch.sin(x), (0.0,))
    assert contraction_constant(bent).value == math.inf  # as sqrt(q), from x sin(x)
    assert math.isfinite(correlation_constant(bent).value)
    assert contraction_constant(Activation("cube", lambda x: x + x**3)).value == math.inf


@pytest.mark.parametrize(("slope", "at"), [(0.5, 1.0), (2.0, 0.1), (0.5, 30.0)])
def test_the_error_of_a_supremum_at_infinity_holds(slope, at):
    # phi' is 1 from 0 and 1 + slope from ``at`` on: E[phi'^2] -> (1 + slope)^2/2.
    phi = Activation("steps", lambda x: torch.relu(x) + slope * torch.relu(x - at), (0.0, at))
    found = correlation_constant(phi)
    assert abs(found.value - (1 + slope) ** 2 / 2) <= found.error < 1e-6


def bent(x):
    """The guide's own example."""
    return torch.where(x > 0, x, 0.1 * x) + 0.2 * torch.sin(x)


@pytest.mark.parametrize(
    "function",
    [
        bent,
        lambda x: x * torch.log(2 + x * x),
        lambda x: torch.relu(x) ** 2,
    ],
)
@pytest.mark.slow
def test_an_infinite_supremum_says_so(function):
    # E|phi'' phi| grows like sqrt(x) for x sin(x), and like a power or a logarithm for the others.
    found = contraction_constant(Activation("own", function))
    assert (found.value, found.at, found.most) == (math.inf, math.inf, math.inf)


def test_the_guides_example_grows_like_the_root():
    # 14.3, 55.9 and 176.7 at these variances, by the mean of |0.2 sin(u) u| over a period.
    for x, expected in ((6.5e4, 14.3), (1e6, 55.9), (1e7, 176.7)):
        u = np.linspace(0, 12 * math.sqrt(x), 4_000_001)
        weight = 2 * normal_pdf(u / math.sqrt(x)) / math.sqrt(x) * (u[1] - u[0])
        g = [
            (s + 0.2 * np.cos(u)) ** 2 - 0.2 * np.sin(u) * (s * u + 0.2 * np.sin(u))
            for s in (1.0, 0.1)
        ]
        assert float(np.abs(g).mean(axis=0) @ weight) == pytest.approx(expected, rel=0.02)


def test_growth_too_slow_to_tell_is_left_open():
    # x log(3 + log(1 + x^2)): the slope grows like log log x.
    slow = Activation("slow", lambda x: x * torch.log(3 + torch.log(1 + x * x)))
    for found in (contraction_constant(slow), correlation_constant(slow)):
        assert (found.error, found.most) == (math.inf, math.inf)
        assert math.isfinite(found.value)


@pytest.mark.parametrize("name", ["hardtanh", "swish", "gelu", "mish", "hard_swish", "elu"])
@pytest.mark.slow(after=2)
def test_no_variance_gives_more_than_the_bound(name):
    contraction, correlation = contraction_constant(name), correlation_constant(name)
    t = np.linspace(math.log(1e-6), math.log(1e6), 3001)
    phi = activation(name)
    squares = gaussian.slope_second_moment(phi, np.exp(t))
    assert squares.max() <= correlation.most
    assert max(contraction.error, correlation.error) < 1e-9
    near = np.geomspace(0.5, 2.0, 201) * (contraction.at or 1.0)
    signed = np.abs(gaussian.slope_second_moment(phi, near) + gaussian.curvature_phi(phi, near))
    assert signed.max() <= contraction.most


@pytest.mark.slow
def test_a_maximum_between_two_points_of_the_grid_is_found_to_its_error():
    # Hard-Tanh of scale k: E|...| = P(|U| < k) + 2 k p(k) is largest at x = k^2/2 for every k.
    values = []
    for k in np.linspace(1.0, 1.16, 9):
        phi = Activation("clamp", lambda x, k=k: torch.clamp(x, -k, k), (-k, k))
        found = contraction_constant(phi)
        assert found.at == pytest.approx(k * k / 2, rel=1e-6)
        values.append(found)
    exact = math.erf(1.0) + 2 / (math.e * math.sqrt(math.pi))
    assert all(abs(v.value - exact) <= v.error for v in values)
