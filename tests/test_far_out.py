"""What overflows, oscillates, turns to noise or is narrow: right as far as it goes, or told why.

Reference values are computed another way: closed forms, or quadrature on panels of the tests' own
and SciPy's root finding, of the same functions written in NumPy without overflow or cancellation.
"""

import itertools
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import erf, expit
from scipy.stats import norm

import edgeofchaos as eoc
from edgeofchaos.activations import Activation
from edgeofchaos.panels import known_reach
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.correlation import CorrelationMap
from edgeofchaos.theory.searched import searched


def tanh_by_four(x):
    return (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))


def sine_over(x):
    safe = torch.where(x == 0, torch.ones_like(x), x)
    return torch.where(x == 0, torch.ones_like(x), torch.sin(safe) / safe)


# function, kinks declared, sigma_w, q, alpha at sigma_b = 0.2; None where it is not compared
RIGHT = {
    "ELU by where": (lambda x: torch.where(x > 0, x, torch.exp(x) - 1), (0,),
                     1.229251124, 1.10693054, 0.859777),
    "Swish by exp": (lambda x: x / (1 + torch.exp(-x)), (), 1.679531601, None, 1.098728),
    "Sigmoid by exp": (lambda x: 1 / (1 + torch.exp(-x)), (), 10.15403027, 45.7124528, None),
    "tanh by four exp": (tanh_by_four, (), 1.30414584, 0.512078504, None),
    "TanhExp": (lambda x: x * torch.tanh(torch.exp(x)), (), 1.32834982, 0.744163922, 0.901876),
    "SIREN": (lambda x: torch.sin(30 * x), (), 0.0471404521, 0.0411111111, None),
    "Tanhshrink": (F.tanhshrink, (), 7.54289805, 0.0997868372, 1.570149),
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHT)
def test_the_edge_is_right_where_phi_is_known(case):
    fn, kinks, sigma_w, q, alpha = RIGHT[case]
    point = eoc.edge_point(Activation("mine", fn, kinks), 0.2)
    assert point.sigma_w == pytest.approx(sigma_w, rel=1e-8)
    assert q is None or point.q == pytest.approx(q, rel=1e-8)
    assert alpha is None or point.alpha == pytest.approx(alpha, abs=1e-6)


NODES, WEIGHTS = np.polynomial.legendre.leggauss(20)


def expectation(g, q, near=()):
    """E[g(U)], U ~ N(0, q), with panels graded about the points ``near``."""
    root = math.sqrt(q)
    graded = [p + s * 10.0**-k for p in near for k in np.arange(0, 7, 0.25) for s in (-1, 1)]
    ends = np.unique([*np.linspace(-12 * root, 12 * root, 601), *near, *graded, 0.0])
    half, centre = np.diff(ends)[:, None] / 2, (ends[1:] + ends[:-1])[:, None] / 2
    u = centre + half * NODES
    density = np.exp(-u * u / (2 * q)) / math.sqrt(2 * math.pi * q)
    return float((g(u) * density * half * WEIGHTS).sum())


def edge_by_scipy(phi, slope, sigma_b, bracket):
    """(sigma_w, q) from functions of one float."""

    def h(q):
        return q - expectation(lambda u: phi(u) ** 2, q) / expectation(lambda u: slope(u) ** 2, q)

    q = brentq(lambda x: h(x) - sigma_b**2, *bracket, xtol=1e-13, rtol=1e-13)
    return expectation(lambda u: slope(u) ** 2, q) ** -0.5, q


def series(u, exact, *terms, below=0.05):
    """``exact``, and for small u its series: terms are (coefficient, power)."""
    safe = np.where(np.abs(u) < below, 1.0, u)
    return np.where(np.abs(u) < below, sum(c * u**n for c, n in terms), exact(safe))


def sinc(u):
    return np.sinc(u / math.pi)


def sinc_slope(u):
    exact = lambda x: (np.cos(x) - np.sin(x) / x) / x  # noqa: E731
    return series(u, exact, (-1 / 3, 1), (1 / 30, 3), (-1 / 840, 5), (1 / 45360, 7))


def less_sine(u):
    exact = lambda x: x - np.sin(x)  # noqa: E731
    return series(u, exact, (1 / 6, 3), (-1 / 120, 5), (1 / 5040, 7))


def serf(u):
    return u * erf(np.logaddexp(u, 0))


def serf_slope(u):
    soft = np.logaddexp(u, 0)
    return erf(soft) + u * 2 / math.sqrt(math.pi) * np.exp(-soft * soft) * expit(u)


BY_SCIPY = {
    "sin(x)/x": (sine_over, sinc, sinc_slope, (1.0, 30.0)),
    "x - sin x": (lambda x: x - torch.sin(x), less_sine, lambda u: 2 * np.sin(u / 2) ** 2,
                  (0.05, 0.3)),
    "Serf": (lambda x: x * torch.erf(torch.log(1 + torch.exp(x))), serf, serf_slope, (0.2, 2.0)),
    "log cosh": (lambda x: torch.log(torch.cosh(x)), lambda u: np.log(np.cosh(u)), np.tanh,
                 (0.05, 0.5)),
    "exp": (torch.exp, np.exp, np.exp, (0.2, 3.0)),
}  # fmt: skip


@pytest.mark.parametrize("case", BY_SCIPY)
@pytest.mark.slow(after=2)
def test_the_edge_agrees_with_scipy(case):
    fn, phi, slope, bracket = BY_SCIPY[case]
    point = eoc.edge_point(Activation("mine", fn), 0.2)
    sigma_w, q = edge_by_scipy(phi, slope, 0.2, bracket)
    assert point.q == pytest.approx(q, rel=1e-9)
    assert point.sigma_w == pytest.approx(sigma_w, rel=1e-9)


def test_autograd_that_loses_all_digits_is_not_taken():
    # torch.sinc's second derivative is 0 at 1e-9, where it should be -pi^2/3.
    phi = Activation("sinc", torch.sinc)
    u = np.array([1e-12, 1e-9, 1e-6, 1e-3, 0.05])
    value, slope, curvature = phi.derivatives(u)
    np.testing.assert_allclose(value, np.sinc(u), rtol=1e-15)
    np.testing.assert_allclose(slope[:4], -(np.pi**2) * u[:4] / 3, rtol=1e-5, atol=1e-14)
    np.testing.assert_allclose(curvature[:4], -(np.pi**2) / 3, rtol=2e-5)
    np.testing.assert_allclose(curvature[0], -(np.pi**2) / 3, rtol=1e-11)


@pytest.mark.parametrize(("fn", "said"), [
    (lambda x: x / (1 + torch.exp(-x)), r"phi' is nan at u = -709\.78"),
    (lambda x: torch.exp(x), r"phi is .* at u = 34[0-9.]+|grows so fast"),
    (lambda x: torch.sin(30 * x), "oscillates too fast, or is noise, from"),
    (lambda x: torch.tanh(x) / (x < 50).double(), r"phi is inf at u = 50"),
])  # fmt: skip
def test_what_ends_it_is_told_with_the_place(fn, said):
    phi = Activation("mine", fn)
    eoc.edge_point(phi, 0.2)
    with pytest.raises(ValueError, match=r"expectations at the variance q = 1e\+08 need") as told:
        eoc.variance_map(phi, 0.2, 1.0)(1e8)
    assert "\n" not in str(told.value)
    with pytest.raises(ValueError, match=said):
        eoc.variance_map(phi, 0.2, 1.0)(1e8)


@pytest.mark.parametrize("edge", [3.7, 40.0, 613.2])
def test_the_end_is_found_to_rounding(edge):
    phi = Activation("ends", lambda x: torch.tanh(x) / (x < edge).double())
    found = searched(phi)
    assert known_reach(phi).end == pytest.approx(edge, rel=1e-8)
    assert math.exp(found.log_q[-1]) == pytest.approx((edge / 12) ** 2, rel=0.2)
    tanh = eoc.edge_point("tanh", 0.01)
    assert eoc.edge_point(phi, 0.01).q == pytest.approx(tanh.q, rel=1e-10)


@pytest.mark.parametrize("fn", [
    lambda x: torch.tanh(x.float()).double(), lambda x: torch.tanh(x.half()).double(),
    lambda x: torch.tanh(x.to(torch.bfloat16)).double(),
    lambda x: x + 1e-7 * torch.sin(1e9 * x),
])  # fmt: skip
def test_noise_is_refused(fn):
    with pytest.raises(ValueError, match=r"varies from one point to the next by .* of its"):
        Activation("noise", fn)


def test_a_branch_not_taken_is_told_with_the_point():
    said = r"autograd has phi'\(-3\) = nan, where phi is -3; .*the branch that torch.where does not"
    with pytest.raises(ValueError, match=said):
        Activation("root", lambda x: torch.where(x > 0, torch.sqrt(x + 1) - 1, x))


def bump(height, centre, width):
    return lambda x: torch.tanh(x) + height * torch.exp(-(((x - centre) / width) ** 2))


@pytest.mark.parametrize(("height", "centre", "width"), [
    (0.1, 0.3, 1e-4), (0.1, -1.7, 2e-5), (0.02, 5.123, 1e-4), (1e-3, 0.01, 3e-5), (0.5, 11.1, 1e-3),
])  # fmt: skip
def test_what_is_narrow_is_found(height, centre, width):
    phi = Activation("bump", bump(height, centre, width))
    q = 0.5 + centre**2

    def slope(u):
        z = (u - centre) / width
        return 1 / np.cosh(u) ** 2 - 2 * height * z / width * np.exp(-z * z)

    expected = expectation(lambda u: slope(u) ** 2, q, [centre])
    measured = eoc.variance_map(phi, 0.0, 1.0).chi1(q)
    assert measured == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("centre", "scale"), [(-4.01, 1460.0), (-4.019653, 1890.6), (8.02, 900.0)])
def test_what_is_narrow_is_found_again_on_wider_panels(centre, scale):
    # Small variances have panels that resolve it; those of large ones have two nodes on its flank.
    phi = Activation("bump", lambda x: -0.004 * torch.exp(-((scale * (x - centre)) ** 2)))
    for q in (10.0, 1e3, 1e5, 3e9):
        at = norm.pdf(centre, scale=math.sqrt(q))
        expected = 0.004**2 * math.sqrt(math.pi / 2) / scale * at
        assert float(gaussian.second_moment(phi, q)) == pytest.approx(expected, rel=1e-6)


def test_a_narrow_hat_is_found_with_its_kinks():
    phi = Activation("hat", lambda x: torch.tanh(x) + torch.relu(1e-4 - (x - 0.3).abs()))
    assert phi.kinks == pytest.approx((0.2999, 0.3, 0.3001), abs=1e-12)


def test_a_step_that_is_all_rounding_on_its_flanks_is_no_kink():
    phi = Activation("step", lambda x: torch.tanh(1e5 * (x - 0.3)))
    assert phi.kinks == ()
    # At large q chi_1 is that of a peak: the integral of phi'^2, 4/3 of 1e5, times the density.
    density = math.exp(-(0.3**2) / 200) / math.sqrt(2 * math.pi * 100)
    expected = 4 / 3 * 1e5 * density
    assert eoc.variance_map(phi, 0.0, 1.0).chi1(100.0) == pytest.approx(expected, rel=1e-8)


def test_no_variance_is_answered_that_rounding_spoils():
    phi = Activation("cosh", lambda x: torch.log(torch.cosh(x)))  # 0 in floats below 1e-8
    assert searched(phi).below
    with pytest.raises(ValueError, match=r"q = 1e-18 need .* allowed are variances"):
        eoc.variance_map(phi, 0.0, 1.0)(1e-18)
    assert eoc.variance_map(phi, 0.0, 1.0)(1e-3) == pytest.approx(0.75e-6, rel=1e-2)


def test_growth_beyond_every_power_counts_where_it_counts():
    phi = Activation("exp", torch.exp)
    fmap = eoc.variance_map(phi, 0.0, 1.0)
    for q in (0.01, 1.0, 4.0):  # E[exp(2U)] = exp(2q)
        assert fmap(q) == pytest.approx(math.exp(2 * q), rel=1e-10)
    with pytest.raises(ValueError, match="grows so fast"):
        fmap(60.0)


@pytest.mark.parametrize("k", [3.0, 5.0, 7.0])
def test_what_comes_from_a_kink_far_out_is_right(k):
    """ReLU(x - k) at variance 1, in closed form and by one integral of SciPy."""
    phi = Activation("late", lambda x: torch.relu(x - k))
    tail, bell = norm.sf(k), norm.pdf(k)
    second = (1 + k * k) * tail - k * bell
    assert gaussian.slope_second_moment(phi, 1.0) == pytest.approx(tail, rel=1e-12)
    assert gaussian.second_moment(phi, 1.0) == pytest.approx(second, rel=1e-11)
    f = CorrelationMap(phi, 1.0, 0.0, tail**-0.5)
    for c in (0.0, 0.5, 0.9, -0.5):
        s = math.sqrt(1 - c * c)

        def over(u, c=c, s=s):
            z = (c * u - k) / s
            return (u - k) * norm.pdf(u) * s * (z * norm.cdf(z) + norm.pdf(z))

        product = quad(over, k, k + 12, epsabs=0, epsrel=1e-12, limit=200)[0]
        assert f.complement(1 - c) == pytest.approx((second - product) / tail, rel=1e-9)


@pytest.mark.parametrize("k", [11.0, 12.5, 14.0, 20.0])
def test_what_counts_beyond_twelve_deviations_is_not_lost_in_silence(k):
    phi = Activation("late", lambda x: torch.relu(x - k))
    assert math.isinf(gaussian.relative_error(phi, 1.0))
    assert eoc.variance_map(phi, 0.3, 1.0)(1.0) == 0.3**2  # next to which it is nothing
    with pytest.raises(ValueError, match=r"which counts; allowed are larger"):
        CorrelationMap(phi, 1.0, 0.0, 1.0)
    q = k * k / 9  # where it is three deviations out
    assert gaussian.slope_second_moment(phi, q) == pytest.approx(norm.sf(3), rel=1e-11)
    assert gaussian.relative_error(phi, q) < 1e-8


def test_a_bump_beside_kinks_out_of_sight_has_its_map():
    phi = Activation(
        "drawn", lambda x: 0.379 * F.hardswish(0.0167 * x) - 0.157 * torch.exp(-((2190 * x) ** 2))
    )
    point = eoc.edge_point(phi, 1.0)
    f = eoc.correlation_map(phi, point)
    mean = gaussian.moments(phi, point.q, [gaussian.MEAN])[0]
    assert f(0.0) == pytest.approx((1.0 + (point.sigma_w * mean) ** 2) / point.q, rel=1e-11)


def test_what_lies_beyond_is_not_claimed():
    swish = Activation("swish", lambda x: x / (1 + torch.exp(-x)))
    assert math.isnan(eoc.variance_map(swish, 0.2, 2.0).limit())  # it is infinite for Swish
    assert eoc.variance_map(swish, 0.2, 1.5).limit() == pytest.approx(
        eoc.variance_map("swish", 0.2, 1.5).limit(), rel=1e-12
    )
    phases = eoc.limiting_phases(Activation("tanh", tanh_by_four), 0.3)
    assert math.isnan(phases.sigma_w_fold)
    # Near 0 exp(x) - exp(-x) cancels, at 709.8 it overflows.
    said = (
        r"no edge at sigma_b = 100 has q from 3e-14 to 3e\+03 \(not further: rounding leaves .*; "
        r"phi is nan at u = .*outside"
    )
    with pytest.raises(eoc.NoEdge, match=said):
        eoc.edge_point(Activation("tanh", tanh_by_four), 100.0)
    bounded = [c for c in eoc.check_conditions(Activation("tanh", tanh_by_four))
               if c.condition == "bounded"]  # fmt: skip
    assert {c.holds for c in bounded} == {None}


@pytest.mark.slow
def test_bumps_far_from_each_other_have_their_map():
    # Bumps 5e-3 wide in places that have no symmetry, and a kink: (phi(U1) - phi(U2))^2 summed over
    # a plain grid, which is exact to rounding for what is smooth, holds 1 - f near both ends.
    def bump(x, height, scale, centre):
        return height * torch.exp(-((scale * (x - centre)) ** 2))

    def bumps(x):
        near = bump(x, 0.5, 150, 0.61) + bump(x, 0.4, 200, 0.8)
        return near + bump(x, -0.5, 150, -0.7) + 0.1 * torch.tanh(x)

    phi, q = Activation("bumps", bumps), 0.04
    f = CorrelationMap(phi, q, 0.0, 1.0)
    u = torch.arange(-1.8, 1.8, 5e-4, dtype=torch.float64)
    z = torch.arange(-8.5, 8.5, 0.02, dtype=torch.float64)
    weight = torch.exp(-z * z / 2) / math.sqrt(2 * math.pi) * 0.02
    for c in (0.995, -0.995):
        other = bumps(c * u[:, None] + math.sqrt(q * (1 - c * c)) * z)
        change = (bumps(u)[:, None] - other) ** 2 @ weight
        density = torch.exp(-u * u / (2 * q)) / math.sqrt(2 * math.pi * q) * 5e-4
        expected = float(change @ density) / (2 * q * (1 - c))
        assert f.ratio(1 - c) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("size", [1e-2, 1e-5, 2e-8])
def test_a_small_jump_of_the_second_derivative_is_a_kink_and_no_lost_digits(size):
    phi = Activation(
        "drawn",
        lambda x: 2 * torch.clamp(0.5 - x / 6, 0.0, 1.0) - size * torch.relu(x + 4.99) ** 2 / 2,
    )
    assert phi.kinks == (-4.99, -3.0, 3.0)
    assert phi.patches == ()
    assert searched(phi).below == searched(phi).beyond == ""
    np.testing.assert_allclose(phi.one_sided(-4.99)[:, 2], [0.0, -size], rtol=1e-9, atol=1e-20)


def test_alpha_of_ramps_a_millionth_wide_keeps_its_digits():
    """phi is a step of 4e-6 and one back of 2e-6, so that alpha is next to nothing."""
    slopes, starts, top = np.array([0.54, -0.29]), np.array([-2.89, -2.66]), 3.3e-6

    def fn(x):
        ramps = (torch.clamp(0.5 * (x - s), 0.0, top) for s in starts)
        return sum(2 * m * ramp for m, ramp in zip(slopes, ramps, strict=True))

    point = eoc.edge_point(Activation("ramps", fn), 0.0)
    width = 2 * top
    weight = slopes**2 * norm.pdf(
        starts + width / 2, scale=math.sqrt(point.q)
    )  # of phi'^2, at each ramp
    before = np.array([0.0, slopes[0] * width])
    half = before + slopes * width / 2  # the mean of phi on each ramp
    alpha = (weight / slopes * starts * half).sum() / point.q / weight.sum()
    assert point.alpha == pytest.approx(alpha, rel=1e-4)  # the density varies on a ramp
    assert point.sigma_w == pytest.approx((weight.sum() * width) ** -0.5, rel=1e-5)


@pytest.mark.slow
def test_a_wrong_derivative_far_out_ends_the_reach():
    """autograd's phi'' of log(1 + exp(u)) is wrong from u = 355 on, where exp(2u) overflows."""
    phi = Activation(
        "drawn",
        lambda x: torch.tanh(
            0.0152 * torch.log(1 + torch.exp(0.71 * x + 3.21)) + torch.atan(x) + torch.exp(-(x**2))
        ),
    )
    found = searched(phi)
    assert math.exp(found.log_q[-1]) > 1e3
    assert "autograd has phi''(5" in found.beyond
    assert 490 < known_reach(phi).end < 520  # 0.71 u + 3.21 = 355 at u = 495


def test_noise_near_0_does_not_count_where_phi_is_large():
    """1 + erf(u) has no digits at u = -9, next to nothing of E[phi^2] from there."""
    phi = Activation("late", lambda x: F.gelu(3.05 * (x - 2.84)))
    first = math.exp(searched(phi).log_q[0])
    assert first < 0.1
    q = 1.01 * first

    def square(z):
        u = 3.05 * (math.sqrt(q) * z - 2.84)
        return (u * norm.cdf(u)) ** 2 * norm.pdf(z)

    right = quad(square, -2, 38, epsabs=0, epsrel=1e-10, limit=400)[0]
    assert gaussian.second_moment(phi, q) == pytest.approx(right, rel=1e-8)


def test_a_derivative_that_overflows_ends_the_reach_where_it_does():
    phi = Activation("softplus", lambda x: torch.log(1 + torch.exp(-x)))
    assert eoc.variance_map(phi, 0.0, 1.0)(860.0) == pytest.approx(
        eoc.variance_map("softplus", 0.0, 1.0)(860.0), rel=1e-10
    )
    with pytest.raises(ValueError, match=r"autograd has phi''\(-3\d\d\..* where the values"):
        eoc.variance_map(phi, 0.0, 1.0)(1000.0)


@pytest.mark.slow
def test_steps_of_rounding_are_no_jumps_of_phi():
    # 1 + erf(u) is a few steps of rounding left of -8.
    phi = Activation("gelu", lambda x: 2.25 * F.gelu(2.25 * (x - 3.52)))
    with pytest.raises(eoc.NoEdge, match="rounding leaves too few digits of phi"):
        eoc.edge_point(phi, 0.001)


def hard_swish(x):
    return np.where(x <= -3, 0.0, np.where(x >= 3, x, x * (x + 3) / 6))


def edge_by_quad(phi, points, sigma_b, low, high):
    """(sigma_w, q) with chi_1 = 1 and F(q) = q, of phi in NumPy; ``points`` are where it varies."""

    def expected(g, q):
        edges = np.unique(np.clip([*points, *np.linspace(-12, 12, 49) * math.sqrt(q)],
                                  -12 * math.sqrt(q), 12 * math.sqrt(q)))  # fmt: skip
        nodes, weights = np.polynomial.legendre.leggauss(40)
        half = 0.5 * np.diff(edges)[:, None]
        u = (edges[:-1, None] + half * (1 + nodes)).ravel()
        weight = (half * weights).ravel() * norm.pdf(u / math.sqrt(q)) / math.sqrt(q)
        return float(weight @ g(u) ** 2)

    def slope(u):
        step = 1e-30
        return phi(u + 1j * step).imag / step

    def residual(q):
        return q - expected(phi, q) / expected(slope, q) - sigma_b**2

    q = brentq(residual, low, high, xtol=1e-14, rtol=1e-14)
    return expected(slope, q) ** -0.5, q


def test_a_small_kink_far_out_is_found_where_tanh_is_nearly_1():
    """Beside the kink at 137.6 phi' is 5e-12, of which 1 - tanh^2 leaves four digits."""
    phi = Activation(
        "saturated",
        lambda x: torch.tanh(2 * F.hardswish(0.0218 * x) + 0.459684 * torch.relu(x)
                             - 0.411 * F.leaky_relu(x, -0.458)),
    )  # fmt: skip
    point = eoc.edge_point(phi, 0.5)

    def in_numpy(x):
        u, y = np.real(x), 0.0218 * x
        swish = np.where(u <= -3 / 0.0218, 0.0, np.where(u >= 3 / 0.0218, y, y * (y + 3) / 6))
        leaky = np.where(u > 0, x, -0.458 * x)
        return np.tanh(2 * swish + 0.459684 * np.where(u > 0, x, 0) - 0.411 * leaky)

    right = edge_by_quad(in_numpy, [0.0, 3 / 0.0218, -3 / 0.0218], 0.5, 5.0, 9.0)
    assert (point.sigma_w, point.q) == pytest.approx(right, rel=1e-9)


def test_a_small_kink_is_found_beyond_what_is_steep():
    phi = Activation(
        "step and kink",
        lambda x: torch.tanh(164.0 * F.hardswish(0.718 * (x + 1.07))
                             - 0.869 * F.hardswish(-0.002 * x) - 0.844),
    )  # fmt: skip
    eoc.variance_map(phi, 0.1, 1.0)(4e6)
    assert phi.kinks == pytest.approx((-1500.0, -3 / 0.718 - 1.07))
    k, step = 1500.0, 1e-4

    def value(x):
        inner = 164 * hard_swish(0.718 * (x + 1.07)) - 0.869 * hard_swish(-0.002 * x) - 0.844
        return np.tanh(inner)

    # The jump of phi' is that of hard_swish, 1/2, times the inner scale and sech^2.
    jump = 0.869 * 0.002 * 0.5 * (1 - float(value(np.array(-k))) ** 2)
    assert phi.slope_jumps[0] == pytest.approx(jump, rel=1e-6)
    right = (value(-k + step) - 2 * value(np.array(-k)) + value(-k - step)) / step
    assert jump == pytest.approx(float(right), rel=1e-3)


def test_a_bump_on_a_constant_is_no_noise():
    """What two terms that cancel leave beside it is less than the rounding of the constant."""
    bump = Activation("bump", lambda x: 0.00624 * torch.exp(-((735.0 * x) ** 2)) - 1.46)
    noisy = Activation(
        "noisy bump",
        lambda x: (
            x / (1 + x**2) + 0.00624 * torch.exp(-((735.0 * x) ** 2)) - x / (1 + (-x) ** 2) - 1.46
        ),
    )
    one, other = (eoc.edge_point(phi, 0.142) for phi in (bump, noisy))
    assert (one.q, one.sigma_w) == pytest.approx((other.q, other.sigma_w), rel=1e-9)
    # E[phi'^2] of a bump a exp(-(s u)^2): 2 a^2 s^2 t/(1 + 2 t)^(3/2) with t = 2 s^2 q.
    t = 2 * 735.0**2 * one.q
    assert one.sigma_w == pytest.approx(
        (2 * (0.00624 * 735.0) ** 2 * t / (1 + 2 * t) ** 1.5) ** -0.5, rel=1e-9
    )


@pytest.mark.slow
def test_what_is_next_to_nothing_at_0_needs_no_digits_there():
    """1 + tanh(-3.07 (x + 4.78)) is 3e-13 at 0, three digits; phi is 0.4 where it counts."""
    phi = Activation(
        "left", lambda x: torch.sigmoid(-0.5 * x) * (1 + torch.tanh(-3.07 * (x + 4.78)))
    )

    def square(u):
        return (expit(-0.5 * u) * 2 * expit(-6.14 * (u + 4.78))) ** 2 * norm.pdf(u / 3) / 3

    right = quad(square, -39, 10, epsabs=0, epsrel=1e-12, limit=400)[0]
    assert gaussian.second_moment(phi, 9.0) == pytest.approx(right, rel=1e-10)
    with pytest.raises(eoc.NoEdge, match="not further"):
        eoc.edge_point(phi, 0.02)


@pytest.mark.parametrize(("scale", "shift"), [(-22.7, 4.71), (11.0, 0.0), (40.0, -2.0)])
def test_an_overflow_close_by_is_named_and_reached(scale, shift):
    """log(1 + exp(y)) loses phi'' from y = 355 to 361 on, wherever that is."""
    phi = Activation(
        "steep", lambda x: torch.log(1 + torch.exp(scale * (x + shift))) + torch.atan(x)
    )
    q = 0.9 * ((355 / abs(scale) - abs(shift)) / 12) ** 2
    value = gaussian.second_moment(phi, q)
    root = math.sqrt(q)

    def square(z):
        u = root * z
        return (np.logaddexp(0, scale * (u + shift)) + math.atan(u)) ** 2 * norm.pdf(z)

    near = sorted({-12.0, min(max(-shift / root, -12.0), 12.0), 12.0})
    right = sum(quad(square, a, b, epsabs=0, epsrel=1e-11, limit=400)[0]
                for a, b in itertools.pairwise(near))  # fmt: skip
    assert value == pytest.approx(right, rel=1e-9)
    with pytest.raises(ValueError, match=r"autograd has phi''\(-?\d+\.\d+\) = .* where the values"):
        gaussian.second_moment(phi, 4 * q)


@pytest.mark.parametrize("scale", [0.352, 0.00151, -2.0, 30.0])
@pytest.mark.slow(after=1)
def test_steps_before_an_overflow_are_no_kinks(scale):
    """1/(1 + exp)^2 is subnormal there, and phi'' goes in steps."""
    phi = Activation(
        "steps", lambda x: torch.relu(x + 1.39) + 3 * torch.log(1 + torch.exp(scale * (x - 4.75)))
    )
    eoc.check_conditions(phi)
    assert phi.kinks == (-1.39,)
    end = 357 / abs(scale)
    assert end - 6 - 0.05 * end < known_reach(phi).end < 1.05 * end + 6


def test_what_gelu_rounds_far_left_is_no_wrong_derivative():
    """1 + erf(-5) has four digits: on narrow panels about 0 its slope is not that of autograd."""
    phi = Activation(
        "small", lambda x: -0.0308 * F.gelu(-1.44 * (x + 4.97)) * torch.sin(-0.00104 * (x + 4.82))
    )
    q = 9.0

    def square(u):
        y = -1.44 * (u + 4.97)
        value = 0.0308 * y * norm.cdf(y) * math.sin(0.00104 * (u + 4.82))
        return value**2 * norm.pdf(u / 3) / 3

    right = quad(square, -39, 39, epsabs=0, epsrel=1e-11, limit=400, points=[-10, -5, 0])[0]
    assert gaussian.second_moment(phi, q) == pytest.approx(right, rel=1e-8)


def test_a_wrong_derivative_of_a_small_phi_is_told():
    class Off(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return 1e-9 * torch.tanh(x)

        @staticmethod
        def backward(ctx, grad):
            (x,) = ctx.saved_tensors
            return 1e-9 * grad * (1 - torch.tanh(x) ** 2) * 1.001

    with pytest.raises(ValueError, match="backward pass is right"):
        eoc.edge_point(Activation("off", Off.apply), 0.0)
