"""The formulas of the page of proofs that no other test checks, by quadrature of its own."""

import math

import numpy as np
import pytest
import torch
from independent import PHI, curvature_phi, expect, slope_square, variance_step
from scipy.integrate import quad
from scipy.special import expit

import edgeofchaos as eoc
from edgeofchaos.activations import Activation, activation
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.correlation import correlation_map
from edgeofchaos.theory.counterexamples import saturated_swish
from edgeofchaos.theory.edge_equation import edge_equation
from edgeofchaos.theory.variance import variance_map


@pytest.mark.parametrize("name", ["tanh", "elu", "selu", "hardtanh", "swish"])
def test_on_the_edge_f_of_0_is_one_less_a_quotient_of_moments(name):
    point = eoc.edge_point(name, 0.2)
    phi, q = PHI[name][0], point.q
    kinks = PHI[name][3]
    variance = expect(lambda u: phi(u) ** 2, q, kinks) - expect(phi, q, kinks) ** 2
    quotient = 1 - variance / (q * slope_square(name, q))
    f = correlation_map(name, point)
    assert f(0.0) == pytest.approx(quotient, abs=1e-9)
    c = np.linspace(0, 1, 41)
    assert np.abs(f(c) - c).max() == pytest.approx(quotient, abs=1e-9)


@pytest.mark.parametrize(("right", "left"), [(1.0, 0.0), (1.05, 1.76), (2.0, -1.0), (1.0, 1.0)])
def test_the_limit_of_f_of_0_for_two_slopes(right, left):
    second = (right**2 + left**2) / 2
    mean = quad(lambda z: (right * max(z, 0) + left * min(z, 0)) * math.exp(-z * z / 2), -12, 12)[0]
    mean /= math.sqrt(2 * math.pi)
    expected = (right - left) ** 2 / (math.pi * (right**2 + left**2))
    assert 1 - (second - mean**2) / second == pytest.approx(expected, abs=1e-12)


WAVE = Activation("wave", lambda x: torch.cos(3 * x) * torch.exp(-x * x / 8))
BELL = Activation("bell", lambda x: torch.exp(-x * x))


@pytest.mark.parametrize("phi", [WAVE, BELL, activation("sigmoid"), activation("tanh")], ids=repr)
@pytest.mark.parametrize("sigma_w", [0.7, 2.0, 5.0])
def test_at_a_fixed_point_the_slope_is_above_minus_one_half(phi, sigma_w):
    for sigma_b in (0.05, 0.4):
        fmap = variance_map(phi, sigma_b, sigma_w)
        for point in fmap.fixed_points():
            bound = -(point.x - sigma_b**2) / (2 * point.x)
            assert point.alpha >= bound - 1e-12 > -0.5 - 1e-12


def test_without_a_fixed_point_the_slope_may_be_steeper():
    fmap = variance_map(BELL, 0.05, 20.0)
    assert fmap.derivative(np.geomspace(0.01, 10, 50)).min() < -0.5


@pytest.mark.parametrize("name", ["tanh", "swish", "selu"])
def test_the_slope_of_f_by_hermite_polynomials(name):
    q, phi = 1.7, PHI[name][0]
    kinks = PHI[name][3]
    expected = expect(lambda u: phi(u) ** 2 * (u * u / q - 1), q, kinks) / (2 * q)
    assert variance_map(name, 0.3, 1.0).derivative(q) == pytest.approx(expected, rel=1e-9)


def test_swish_bends_up_below_the_threshold_and_h_rises_to_it_alone():
    turn = eoc.stability_threshold("swish")
    q = np.geomspace(1e-4, 1e6, 400)
    bends = gaussian.curvature_phi(activation("swish"), q)
    assert ((bends > 0) == (q < turn.q)).all()
    assert curvature_phi("swish", 0.99 * turn.q) > 0 > curvature_phi("swish", 1.01 * turn.q)
    h = edge_equation(activation("swish"), q)
    assert (np.diff(h[q < turn.q]) > 0).all()
    assert h[q > turn.q].min() > turn.sigma_b**2


def test_far_out_swishs_w_rises_to_two():
    # V(x) = x/2 - (pi^2/3)/sqrt(2 pi x) + ..., from the integral of swish^2 - relu^2.
    gap = lambda u: (u * expit(u)) ** 2 - max(u, 0.0) ** 2  # noqa: E731
    integral = quad(gap, -60, 0)[0] + quad(gap, 0, 60)[0]
    assert integral == pytest.approx(-(math.pi**2) / 3, abs=1e-9)
    for x in (1e4, 1e6):
        second = gaussian.second_moment(activation("swish"), x)
        assert x / 2 - second == pytest.approx(-integral / math.sqrt(2 * math.pi * x), rel=1e-2)


def test_the_window_by_quadpack():
    """At sigma_w^2 = 1.997 F stays above the diagonal up to 234.8, where chi_1 > 1."""
    w2 = 1.997
    fmap = eoc.variance_map("swish", 0.72, math.sqrt(w2))
    (point,) = fmap.fixed_points()
    assert point.x == pytest.approx(234.8, abs=0.05)
    for x in np.geomspace(0.72**2, 234.8 * 0.999, 40):
        assert variance_step("swish", 0.72, math.sqrt(w2), float(x)) > x
    assert variance_step("swish", 0.72, math.sqrt(w2), 235.2) < 235.2
    assert w2 * slope_square("swish", 234.82) == pytest.approx(1.0089, abs=1e-4)
    for x in np.geomspace(0.72**2, 1e4, 40):
        assert variance_step("swish", 0.72, math.sqrt(2.0005), float(x)) > x


@pytest.mark.parametrize(("sigma_b", "chaotic"), [(0.39, False), (0.40, True), (0.41, True)])
def test_gelu_has_a_window_of_its_own_by_quadpack(sigma_b, chaotic):
    found = eoc.limiting_phases("gelu", sigma_b)
    assert (found.chaotic_phase, found.edge_at_limit) == (chaotic, False)
    w = found.sigma_w_fold * 1.0001
    rises = [
        variance_step("gelu", sigma_b, w, float(x)) > x for x in np.geomspace(sigma_b**2, 1e4, 60)
    ]
    assert all(rises) != chaotic
    if chaotic:
        assert w**2 * slope_square("gelu", found.q_after) > 1


@pytest.mark.parametrize("name", ["mish", "shifted_softplus", "tanh"])
def test_others_have_no_window(name):
    assert eoc.theory.stability.chaotic_window(name) is None


@pytest.mark.parametrize("ceiling", [5.0, 10.0, 40.0])
def test_the_bounded_swish_bends_up_near_0(ceiling):
    q = 1e-7
    relative = gaussian.curvature_phi(saturated_swish(ceiling), q) / q
    assert relative == pytest.approx((1 - 1 / ceiling**2) / 8, rel=1e-4)


@pytest.mark.parametrize("name", ["tanh", "arctan", "erf", "hardtanh", "sigmoid"])
def test_where_phi_bends_against_itself_alpha_is_at_most_chi1(name):
    q = np.geomspace(1e-6, 1e4, 60)
    assert (gaussian.curvature_phi(activation(name), q) <= 1e-15).all()
    fmap = variance_map(name, 0.1, 1.5)
    assert (fmap.derivative(q) <= fmap.chi1(q) + 1e-14).all()


def test_the_mended_proposition_7_needs_no_monotone_phi():
    # Bounded and not monotone, with E[phi'' phi] <= 0.
    phi = Activation("sine of tanh", lambda x: torch.sin(2 * torch.tanh(x)))
    conditions = {(c.proposition, c.condition): c.holds for c in eoc.check_conditions(phi)}
    assert conditions[7, "E[phi'' phi] <= 0"]
    assert conditions[4, "(ii) an edge for small sigma_b"]


@pytest.mark.parametrize("name", ["erf", "sigmoid"])
def test_square_integrable_slopes_have_beta_one_half(name):
    slope = PHI[name][1]
    integral = quad(lambda u: slope(u) ** 2, -30, 30, points=[0])[0] / math.sqrt(2 * math.pi)
    x = 1e4
    assert x * slope_square(name, x**2) == pytest.approx(integral, rel=1e-6)


@pytest.mark.parametrize("name", ["relu", "hardtanh", "selu"])
def test_f_has_a_root_at_1_where_the_slope_jumps(name):
    # f'(1) - f'(1 - g) ~ A sqrt(2 g), A = sigma_w^2/(2 pi) sum of J^2 exp(-k^2/(2q)).
    sigma_b = 0.0 if name == "relu" else 0.2
    point = eoc.edge_point(name, sigma_b)
    q = point.q or 1.0
    weight = sum(j**2 * math.exp(-k * k / (2 * q)) for k, j in PHI[name][3].items())
    a = point.sigma_w**2 / (2 * math.pi) * weight
    f = correlation_map(name, point)
    for gamma in (1e-8, 1e-10):
        rest = (gamma - f.complement(gamma)) / gamma**1.5
        assert rest == pytest.approx(2 * math.sqrt(2) / 3 * a, rel=1e-2)


@pytest.mark.parametrize("name", ["tanh", "erf", "hardtanh"])
@pytest.mark.parametrize("sigma_b", [0.1, 0.5])
def test_an_odd_phi_on_the_edge_near_minus_one(name, sigma_b):
    point = eoc.edge_point(name, sigma_b)
    f = correlation_map(name, point)
    assert f(-1.0) == pytest.approx(-1 + 2 * sigma_b**2 / point.q, abs=1e-10)
    step = 1e-8
    assert (f(-1.0 + step) - f(-1.0)) / step == pytest.approx(1.0, abs=1e-3)


def test_cauchy_schwarz_bounds_c_phi():
    from edgeofchaos.theory import pairs

    phi = activation("tanh")
    most = gaussian.slope_second_moment(phi, [0.5, 2.0]).max()
    for theta in (0.1, 0.7, 1.4):
        slopes = Activation("slope", lambda x: 1 - torch.tanh(x) ** 2)
        assert pairs.product(slopes, 0.5, 2.0, theta) <= most


@pytest.mark.parametrize("sigma_b", [0.1, 0.3])
def test_at_the_fold_chi1_is_one_less_the_bend(sigma_b):
    found = eoc.limiting_phases("swish", sigma_b)
    bend = found.sigma_w_fold**2 * curvature_phi("swish", found.q_fold)
    assert found.chi1_fold == pytest.approx(1 - bend, abs=1e-6)
    assert bend > 0
