"""The correlation map against closed forms and 30-digit references, near c = 1 and everywhere."""

import math

import mpmath as mp
import numpy as np
import pytest
import torch

from edgeofchaos.activations import Activation, activation, names
from edgeofchaos.theory import pairs
from edgeofchaos.theory.correlation import CorrelationMap, correlation_map
from edgeofchaos.theory.edge import edge_or_none
from edgeofchaos.theory.gaussian import second_moment, slope_second_moment
from edgeofchaos.theory.relu_like import relu_correlation_map, relu_like

GAMMAS = [1.0, 0.3, 1e-2, 1e-4, 1e-6, 1e-9, 1e-12]


def any_point(name):
    """An edge point, or where there is none a fixed point of F: f(1) = 1 is all a map needs."""
    point = edge_or_none(name, 0.2)
    return point if point.status != "none" else None


def some_map(name):
    """A correlation map at q > 0 for every activation."""
    phi = activation(name)
    point = any_point(name)
    q = point.q if point is not None else 1.3
    sigma_w = 1 / math.sqrt(float(slope_second_moment(phi, q)))
    sigma_b2 = q - sigma_w**2 * float(second_moment(phi, q))
    return phi, q, sigma_w, sigma_b2, CorrelationMap(phi, q, math.sqrt(max(sigma_b2, 0)), sigma_w)


@pytest.mark.parametrize("name", names())
@pytest.mark.slow(after=8)
def test_f_against_the_pair_quadrature_over_all_correlations(name):
    phi, q, sigma_w, sigma_b2, f = some_map(name)
    theta = np.linspace(0.0, math.pi, 21)
    direct = [(sigma_b2 + sigma_w**2 * pairs.product(phi, q, q, float(t))) / q for t in theta]
    np.testing.assert_allclose(f(np.cos(theta)), direct, atol=1e-10, rtol=0)


@pytest.mark.parametrize("name", names())
def test_complement_keeps_its_digits_near_one(name):
    phi, q, sigma_w, _, f = some_map(name)
    for gamma in GAMMAS[1:5]:
        theta = 2 * math.asin(math.sqrt(gamma / 2))
        direct = sigma_w**2 * pairs.squared_difference(phi, q, q, theta) / (2 * q)
        assert float(f.complement(gamma)) == pytest.approx(direct, rel=1e-8)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_relu_complement_against_40_digits(gamma):
    with mp.workdps(40):
        c = 1 - mp.mpf(gamma)
        exact = 1 - (c * mp.asin(c) / mp.pi + mp.sqrt(1 - c * c) / mp.pi + c / 2)
    closed = correlation_map("relu", edge_or_none("relu", 0.0))
    quadrature = CorrelationMap(activation("relu"), 2.0, 0.0, math.sqrt(2))
    assert float(closed.complement(gamma)) == pytest.approx(float(exact), rel=1e-13)
    assert float(quadrature.complement(gamma)) == pytest.approx(float(exact), rel=1e-8)


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("q", [0.3, 8.0])
def test_erf_complement_against_40_digits(gamma, q):
    with mp.workdps(40):
        x = mp.mpf(2) * q / (1 + 2 * mp.mpf(q))
        exact = (mp.asin(x) - mp.asin((1 - mp.mpf(gamma)) * x)) * 2 / mp.pi / q
    f = CorrelationMap(activation("erf"), q, 0.0, 1.0)
    assert float(f.complement(gamma)) == pytest.approx(float(exact), rel=1e-8)


def hardtanh_product(c, q):
    """E[phi(U1) phi(U2)] of Hard-Tanh to 25 digits: Price's theorem, one integral over c.

    dE/dc = q E[phi' phi'] = q P(|U1| < 1, |U2| < 1), itself an integral over the correlation.
    """
    r = 1 / mp.sqrt(q)

    def corner(t, s):
        # d/dt P(|Z1| < r, |Z2| < r) = 2 (p2(r, r; t) - p2(r, -r; t))
        return mp.exp(-r * r / (1 + s * t)) / (2 * mp.pi * mp.sqrt(1 - t * t))

    inside = mp.erf(r / mp.sqrt(2)) ** 2
    # Twice integrated: E(c) = c q inside + q int_0^c (c - t) 2 (p2(r,r) - p2(r,-r)) dt, odd phi.
    double = mp.quad(lambda t: (c - t) * 2 * (corner(t, 1) - corner(t, -1)), [0, c / 2, c])
    return q * (c * inside + double)


@pytest.mark.parametrize("gamma", [1.2, 0.5, 1e-2, 1e-4, 1e-7])
def test_hardtanh_complement_against_25_digits(gamma):
    q = 0.8
    with mp.workdps(40):
        c, variance = 1 - mp.mpf(gamma), mp.mpf(q)
        whole = hardtanh_product(1 - mp.mpf(10) ** -30, variance)
        exact = (whole - hardtanh_product(c, variance)) / variance
    f = CorrelationMap(activation("hardtanh"), q, 0.0, 1.0)
    assert float(f.complement(gamma)) == pytest.approx(float(exact), rel=1e-8)


@pytest.mark.parametrize("gamma", [0.3, 1e-12])
@pytest.mark.slow
def test_tanh_complement_against_a_double_integral_of_20_digits(gamma):
    q = 0.5
    f = CorrelationMap(activation("tanh"), q, 0.0, 1.0)
    with mp.workdps(20):
        g, v = mp.mpf(gamma), mp.mpf(q)
        s, d = mp.sqrt(v * (1 - g / 2)), mp.sqrt(v * g / 2)
        inner = lambda x: mp.quad(  # noqa: E731
            lambda y: (mp.tanh(s * x + d * y) - mp.tanh(s * x - d * y)) ** 2 * mp.npdf(y),
            [0, 3, 9],
            maxdegree=4,
        )
        exact = 4 * mp.quad(lambda x: inner(x) * mp.npdf(x), [0, 3, 9], maxdegree=4) / (2 * v)
    assert float(f.complement(gamma)) == pytest.approx(float(exact), rel=1e-8)


def test_relu_like_kernels_with_unequal_variances():
    phi = relu_like(1.0, 0.2)
    for theta in (0.01, 0.8, 2.0, 3.1):
        c = math.cos(theta)
        exact = (0.4 * c + 0.64 * float(relu_correlation_map(c))) / 2 * math.sqrt(3.0 * 0.2)
        assert pairs.product(phi, 3.0, 0.2, theta) == pytest.approx(exact, abs=1e-13)


@pytest.mark.parametrize("name", names())
def test_slope_at_one_is_chi1_and_f_is_convex(name):
    phi, q, sigma_w, _, f = some_map(name)
    chi1 = sigma_w**2 * float(slope_second_moment(phi, q))
    assert f.chi1 == pytest.approx(chi1, rel=1e-12)
    assert float(f.derivative(1.0)) == pytest.approx(chi1, rel=1e-10)
    assert (np.asarray(f.derivative(np.linspace(0, 0.999, 50), 2)) > -1e-9).all()


@pytest.mark.parametrize("name", ["tanh", "swish", "elu", "selu", "hardtanh", "gelu"])
def test_derivatives_against_differences_of_f(name):
    f = some_map(name)[-1]
    c, h = np.array([-0.5, 0.0, 0.4, 0.9]), 1e-4
    first = (f(c + h) - f(c - h)) / (2 * h)
    second = (f(c + h) - 2 * f(c) + f(c - h)) / h**2
    np.testing.assert_allclose(f.derivative(c), first, rtol=1e-6)
    np.testing.assert_allclose(f.derivative(c, 2), second, rtol=1e-4, atol=1e-5)


def test_arguments_out_of_range_are_refused():
    f = some_map("tanh")[-1]
    for call, word in ((lambda: f(1.1), "c ="), (lambda: f.complement(-0.1), "gamma =")):
        with pytest.raises(ValueError, match=word):
            call()
    with pytest.raises(ValueError, match="order"):
        f.derivative(0.5, 3)
    with pytest.raises(ValueError, match="finite variance"):
        correlation_map("softplus", edge_or_none("softplus", 0.2))


@pytest.mark.parametrize("scale", [20.0, 2510.0])
def test_a_narrow_bump_has_its_closed_form_at_every_correlation(scale):
    # E[g(U1) g(U2)] = ((1 + t)^2 - (t c)^2)^(-1/2) for g(u) = exp(-(scale u)^2), t = 2 scale^2 q.
    phi = Activation("bump", lambda x: torch.exp(-((scale * x) ** 2)))
    f = CorrelationMap(phi, 1.0, 0.0, 1.0)
    t = 2 * mp.mpf(scale) ** 2
    for gamma in (1e-12, 1e-9, 1e-6, 1e-3, 0.1, 0.5, 1.0, 1.9, 1.99, 1.9999):
        with mp.workdps(50):
            c = 1 - mp.mpf(gamma)
            alike, one = (1 / mp.sqrt((1 + t) ** 2 - (t * x) ** 2) for x in (c, mp.mpf(1)))
            expected = float((one - alike) / gamma)
        assert f.ratio(gamma) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("q", [0.0046, 0.03, 0.5, 2e3])
def test_kinks_at_any_distance_take_few_pieces(q):
    # At q = 0.0046 they are 7.4 standard deviations out.
    f = CorrelationMap("soft_shrink", q, 0.0, 1.0)
    assert len(f._ratio.shape.coefficients) < 30
    a, b = f.ratio(0.01), f.ratio(1.99)
    right = [
        pairs.squared_difference(f.phi, q, q, math.acos(c)) / (2 * q * (1 - c))
        for c in (0.99, -0.99)
    ]
    assert (a, b) == pytest.approx(right, rel=1e-9)


def ratio_of_steps(kinks, slopes, q, gamma):
    """E[(g(U1) - g(U2))^2]/(2 q gamma) of sum_i s_i ReLU(x - k_i), a sum cut at every kink.

    With U1 and U2 = U + D and U - D; the mean of g' from U - D to U + D is written out.
    """
    theta = 2 * math.asin(math.sqrt(gamma / 2))
    s, d = math.sqrt(q) * math.cos(theta / 2), math.sqrt(q) * math.sin(theta / 2)
    legendre, weight = np.polynomial.legendre.leggauss(60)

    def panels(edges, end):
        edges = np.unique(np.clip([*edges, *np.linspace(-end, end, 25)], -end, end))
        half = 0.5 * np.diff(edges)[:, None]
        return (edges[:-1, None] + half * (1 + legendre)).ravel(), (half * weight).ravel()

    def mean(x, y):
        return sum(
            a * np.clip((x + abs(y) - k) / (2 * abs(y)), 0.0, 1.0)
            for k, a in zip(kinks, slopes, strict=True)
        )

    # The wider of the two is the inner variable, and is cut where it meets a kink.
    total, near = 0.0, d < s
    meet = [0.5 * (k - j if near else k + j) for k in kinks for j in kinks]
    for one, by_one in zip(*panels([0.0, *meet], 9 * min(s, d)), strict=True):
        cuts = [k + e * one if near else e * (k - one) for k in kinks for e in (-1, 1)]
        other, by_other = panels([0.0, *cuts], 9 * max(s, d))
        x, y = (other, one) if near else (one, other)
        of_other = by_other * np.exp(-0.5 * (x / s) ** 2 - 0.5 * (y / d) ** 2)
        total += by_one * (of_other * (2 * y * mean(x, y)) ** 2).sum()
    return total / (2 * math.pi * s * d) / (2 * q * gamma)


@pytest.mark.parametrize("q", [1.0, 30.0])
@pytest.mark.parametrize(
    "kinks",
    [(0.3, 0.302), (0.3, 0.30002), (0.3, 0.3000002), (0.1, 0.12, -0.5), (1e-3, 2e-3, 1.5),
     # Mirrored but for rounding; what meets near c = -1 meets 5e-15 away from 0.
     (-9.03614457831325, -0.5, 0.5, 9.03614457831326), (-1.0, 1.0 + 1e-9)],
)  # fmt: skip
@pytest.mark.slow
def test_kinks_that_all_but_meet(kinks, q):
    slopes = [1.0, -1.5, 1.0, -1.5][: len(kinks)]
    phi = Activation(
        "steps", lambda x: sum(a * torch.relu(x - k) for k, a in zip(kinks, slopes, strict=True))
    )
    f = CorrelationMap(phi, q, 0.0, 1.0)
    gammas = np.array([1e-10, 1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 0.03, 0.3, 1.0, 1.5])
    expected = [ratio_of_steps(kinks, slopes, q, gamma) for gamma in gammas]
    assert f.ratio(gammas) == pytest.approx(expected, rel=1e-12)
    # Near c = -1 the angle loses digits, 1 - f does not.
    opposite = np.array([1.9, 1.97, 1.999, 1.99999, 1.9999999])
    expected = [ratio_of_steps(kinks, slopes, q, gamma) for gamma in opposite]
    assert f.ratio(opposite) == pytest.approx(expected, rel=1e-11)


def test_what_differences_cannot_follow_is_one_line():
    # A step of a smooth kind, 1e-9 wide on top of 1e6: its difference quotients are noise.
    phi = Activation("noisy", lambda x: 1e6 + torch.relu(x) + 1e-3 * torch.sin(1e5 * x))
    with pytest.raises(ValueError, match=r"^activation 'noisy': [^\n]* allowed [^\n]*$"):
        CorrelationMap(phi, 1.0, 0.0, 1.0).ratio(1e-6)


@pytest.mark.parametrize("name", ["tanh", "erf", "sigmoid"])
@pytest.mark.slow(after=1)
def test_what_is_a_step_from_far_off_is_not_taken_for_one(name):
    # At q = 1e30 all of it happens within 1e-15 deviations.
    c = np.array([0.9, 0.5, -0.5])
    height = 1.0 if name == "sigmoid" else 2.0
    step = height**2 * (0.5 - np.arcsin(c) / math.pi) / (2e30 * (1 - c))
    try:
        found = CorrelationMap(name, 1e30, 0.0, 1.0).ratio(1 - c)
    except ValueError as error:
        assert "is narrow or steep" in str(error)
    else:
        assert found == pytest.approx(step, rel=1e-12)


@pytest.mark.parametrize("name", ["swish", "gelu", "softplus", "hard_swish"])
@pytest.mark.parametrize("q", [1e14, 1e22, 1e27])
@pytest.mark.slow(after=4)
def test_pairs_far_out_see_what_is_narrow_beside_them_as_a_kink(name, q):
    # Next to the deviation these are ReLU but for a part of the order of q^(-1/2)/theta.
    for theta, ratio in ((0.06, 1.0), (0.06, 1.7), (0.5, 1.0), (2.0, 0.4)):
        with mp.workdps(40):
            angle, c = mp.mpf(theta), mp.cos(mp.mpf(theta))
            product = mp.sqrt(ratio) * (mp.sin(angle) + (mp.pi - angle) * c) / mp.pi
            right = float((1 + ratio - 2 * product) / 2)
        found = pairs.squared_difference(activation(name), q, ratio * q, theta) / q
        assert found == pytest.approx(right, rel=1e-11 + 20 / (theta**2 * math.sqrt(q)))
