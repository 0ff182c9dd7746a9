"""What contradicts Propositions 4 and 7 as printed, by quadrature in 1/x and by iterating F."""

import math

import mpmath
import numpy as np
import pytest
import torch
from independent import normal_pdf
from scipy.special import erf, expit

import edgeofchaos as eoc
from edgeofchaos.activations import Activation
from edgeofchaos.theory.counterexamples import (
    oscillating,
    oscillating_moments,
    oscillating_point,
    oscillatory,
    saturated_swish,
)
from edgeofchaos.theory.edge import edge_point, edge_points
from edgeofchaos.theory.variance import variance_map

# --- Proposition 4 -------------------------------------------------------------------------------


def over_t(g, q, last=4e4):
    """E[g(|U|, 1/|U|)], U ~ N(0, q): panels of length pi/2 in t = 1/|u|, which resolve sin 2t.

    Below |u| = 1/last, where the chance is 2/(last sqrt(2 pi q)), g is replaced by its mean over
    the last hundred panels: off by less than that chance times 1/last.
    """
    nodes, weights = np.polynomial.legendre.leggauss(10)
    first = 1 / (12 * math.sqrt(q))
    edges = np.concatenate([[first], np.arange(first + 0.05, 20, 0.05), np.arange(20, last, 1.57)])
    half = np.diff(edges)[:, None] / 2
    t = (edges[:-1, None] + half) + half * nodes
    density = 2 * normal_pdf(1 / t / math.sqrt(q)) / math.sqrt(q)
    values = g(1 / t, t)
    near = float(values[-400:].mean()) * 2 / (edges[-1] * math.sqrt(2 * math.pi * q))
    return float((half * weights * values * density / t**2).sum()) + near


def moments(q, amplitude=0.5, power=1.0):
    """E[phi^2]/q and E[phi'^2] of x + a x|x|^p sin(1/|x|)."""
    a, p = amplitude, power

    def value(u, t):
        return u + a * u ** (1 + p) * np.sin(t)

    def slope(u, t):
        return 1 + a * ((1 + p) * u**p * np.sin(t) - u ** (p - 1) * np.cos(t))

    return over_t(lambda u, t: value(u, t) ** 2, q) / q, over_t(lambda u, t: slope(u, t) ** 2, q)


@pytest.mark.parametrize("q", [1e-2, 1e-3, 1e-5])
def test_moments_of_the_oscillating_phi_by_panels_in_one_over_x(q):
    (second, slope2, _), error = oscillating_moments(q)
    brute_second, brute_slope2 = moments(q)
    assert second == pytest.approx(brute_second, abs=1e-6)
    assert slope2 == pytest.approx(brute_slope2, abs=5e-6)
    assert error < 1e-13


@pytest.mark.parametrize(("k", "w"), [(0, 1), (1, 2), (4, 2)])
@pytest.mark.slow(after=1)
def test_the_turned_path_against_25_digits_on_the_straight_one(k, w):
    mpmath.mp.dps, q = 25, mpmath.mpf("0.01")
    with mpmath.workdps(25):
        density = lambda u: 2 * mpmath.exp(-u * u / (2 * q)) / mpmath.sqrt(2 * mpmath.pi * q)  # noqa: E731
        parts = []
        for wave in (mpmath.cos, mpmath.sin):
            g = lambda t, wave=wave: t ** (-2 - k) * wave(w * t) * density(1 / t)  # noqa: E731
            parts.append(
                mpmath.quad(g, [0.01, 0.5, 1]) + mpmath.quadosc(g, [1, mpmath.inf], omega=w)
            )
        expected = complex(*map(float, parts))
    value, error = oscillatory(k, w, 0.01)
    assert abs(value - expected) <= error + 1e-15
    assert error < 1e-13


@pytest.mark.parametrize("q", [1e-1, 1e-3, 1e-6])
@pytest.mark.parametrize("w", [1, 2])
def test_the_oscillating_part_is_below_its_exponential_bound(q, w):
    assert abs(oscillatory(0, w, q)[0]) <= 2 * math.exp(-0.595 * (w * w / q) ** (1 / 3))


@pytest.mark.parametrize("q", [1e-4, 1e-5, 1e-8])
def test_f_tends_to_a_ninth_and_not_to_0(q):
    point = oscillating_point(q)
    # What is left once all that oscillates is dropped.
    assert point.slope2 == pytest.approx(9 / 8 + q / 2, abs=2e-6)
    assert point.identity_distance == pytest.approx((1 + q) / (9 + 4 * q), abs=2e-8)
    assert point.sigma_b**2 == pytest.approx(q / 9, rel=1e-3)
    assert point.alpha == pytest.approx(8 / 9, rel=1e-4)
    assert point.stable


@pytest.mark.slow
def test_at_q_1e_minus_5_it_is_not_0_1093():
    """Read elsewhere for this q: both ways give 0.1111117; 0.1093 is nowhere below q = 0.01."""
    second, slope2 = moments(1e-5)
    assert 1 - second / slope2 == pytest.approx(0.1111117, abs=5e-6)
    assert oscillating_point(1e-5).identity_distance == pytest.approx(0.11111173, abs=1e-8)
    below = [oscillating_point(q).identity_distance for q in np.geomspace(1e-8, 1e-2, 60)]
    assert min(below) > 0.1105


def test_the_oscillating_phi_meets_the_conditions():
    x = np.concatenate([[0.0], np.geomspace(1e-9, 1e6, 200_001)])
    at = torch.from_numpy(x).requires_grad_()
    values = oscillating(at)
    (slopes,) = torch.autograd.grad(values.sum(), at)
    value, slope = values.detach().numpy(), slopes.numpy()
    assert value[0] == 0
    assert np.array_equal(oscillating(torch.from_numpy(-x)).numpy(), -value)
    assert np.abs(value[1:] / x[1:]).max() <= 1.5  # |phi(x)/x| <= K
    assert np.abs(value[1:] / x[1:] - 1)[x[1:] < 1e-3].max() <= 0.5e-3  # phi'(0) = 1
    assert slope[1:].min() == pytest.approx(0.4725, abs=1e-4)  # so F is increasing


@pytest.mark.slow
def test_quadrature_in_x_refuses_it_and_never_guesses():
    phi = Activation("oscillating", oscillating)  # it can be simulated
    said = r"oscillates too fast, or is noise, for \|u\| <= 0\.0156"
    with pytest.raises(ValueError, match=said):
        edge_point(phi, 0.2)
    with pytest.raises(ValueError, match=said):
        variance_map(phi, 0.0, 1.0)(100.0)


@pytest.mark.parametrize("amplitude", [0.2, 0.3, 0.5])
def test_other_amplitudes_have_their_own_limit(amplitude):
    second, slope2 = moments(1e-5, amplitude)
    expected = (amplitude**2 / 2) / (1 + amplitude**2 / 2)
    assert 1 - second / slope2 == pytest.approx(expected, abs=1e-4)


def test_with_a_continuous_slope_f_tends_to_the_identity():
    # phi' = 1 + O(|x|) then, though it oscillates as well.
    distances = [
        1 - second / slope2 for second, slope2 in (moments(q, 0.5, 2.0) for q in (1e-3, 1e-5))
    ]
    assert distances[0] < 1e-3
    assert distances[1] < 1e-5


@pytest.mark.parametrize("q", [0.0, -1.0, 0.2, math.nan])
def test_a_variance_outside_is_refused(q):
    with pytest.raises(ValueError, match="q = "):
        oscillating_point(q)


# --- Proposition 7 -------------------------------------------------------------------------------

Z = np.linspace(-12, 12, 1201)
WEIGHT = normal_pdf(Z) * (Z[1] - Z[0])


def bounded(u, ceiling=10.0):
    """10 tanh(swish(u)/10) and its slope."""
    s = expit(u)
    top = np.tanh(u * s / ceiling)
    return ceiling * top, (1 - top**2) * (s + u * s * (1 - s))


def iterated(sigma_b, sigma_w, phi=bounded):
    """The limit of q^l from q^1 = sigma_b^2, and chi_1 there, by the trapezoid rule in z."""
    x = sigma_b**2
    for _ in range(200_000):
        value, slope = phi(math.sqrt(x) * Z)
        new = sigma_b**2 + sigma_w**2 * float(value**2 @ WEIGHT)
        if abs(new - x) < 1e-10 * x:
            return x, sigma_w**2 * float(slope**2 @ WEIGHT)
        x = new
    raise AssertionError("no limit")


@pytest.mark.parametrize(("sigma_b", "below", "above"), [(0.1, 0.954, 1.097), (0.2, 0.928, 1.070)])
@pytest.mark.slow(after=1)
def test_chi1_of_the_bounded_swish_jumps_over_one_by_brute_force(sigma_b, below, above):
    found = eoc.limiting_phases(saturated_swish(), sigma_b)
    assert iterated(sigma_b, found.sigma_w_fold - 1e-6)[1] == pytest.approx(below, abs=2e-3)
    assert found.chi1_fold == pytest.approx(below, abs=5e-4)
    assert iterated(sigma_b, found.sigma_w_fold + 1e-6)[1] == pytest.approx(above, abs=5e-4)
    assert found.chi1_after == pytest.approx(above, abs=5e-4)
    assert not found.edge_at_limit
    # chi_1 = 1 and F(q) = q are solved all the same, by a q that repels.
    assert [p.status for p in edge_points(saturated_swish(), sigma_b)] == ["unstable"]


def test_the_bounded_swish_meets_proposition_7_and_is_monotone_with_q_to_0():
    conditions = {(c.proposition, c.condition): c for c in eoc.check_conditions(saturated_swish())}
    failing = {name for (p, name), c in conditions.items() if p in (4, 7) and not c.holds}
    assert failing == {"(ii) an edge for small sigma_b", "E[phi'' phi] <= 0"}
    assert conditions[7, "E[phi'(xZ)^2] >= C |x|^(-2 beta), 0 < beta < 1"].witness == pytest.approx(
        0.5, abs=1e-5
    )


@pytest.mark.parametrize(
    "phi",
    [
        Activation("3 tanh(gelu/3)", lambda x: 3 * torch.tanh(torch.nn.functional.gelu(x) / 3)),
        Activation("20 erf(swish/20)", lambda x: 20 * torch.erf(x * torch.sigmoid(x) / 20)),
        Activation("4 tanh(swish/4)", lambda x: 4 * torch.tanh(x * torch.sigmoid(x) / 4)),
        Activation(
            "softsign of mish",
            lambda x: (
                torch.nn.functional.mish(x) / (1 + torch.nn.functional.mish(x) ** 2 / 400) ** 0.5
            ),
        ),
    ],
    ids=lambda phi: phi.name,
)
def test_other_bounded_functions_skip_one_too(phi):
    found = eoc.limiting_phases(phi, 0.05)
    assert found.chi1_fold < 0.999
    assert found.chi1_after > 1.001
    assert not found.edge_at_limit


def test_another_bounded_function_by_brute_force():
    def phi(u):
        s = expit(u)
        return 20 * erf(u * s / 20), 2 / math.sqrt(math.pi) * np.exp(-((u * s / 20) ** 2)) * (
            s + u * s * (1 - s)
        )

    own = Activation("20 erf(swish/20)", lambda x: 20 * torch.erf(x * torch.sigmoid(x) / 20))
    found = eoc.limiting_phases(own, 0.2)
    assert iterated(0.2, found.sigma_w_fold * (1 - 1e-6), phi)[1] < 0.95
    q, chi1 = iterated(0.2, found.sigma_w_fold * (1 + 1e-6), phi)
    assert chi1 == pytest.approx(found.chi1_after, rel=1e-4)
    assert q == pytest.approx(found.q_after, rel=1e-4)
    assert chi1 > 1.05
