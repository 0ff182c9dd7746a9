"""Fixed points isolated for certain: derivatives and bounds, and F iterated beside its folds."""

import math

import mpmath as mp
import numpy as np
import pytest
import torch
from numpy.polynomial import chebyshev

import edgeofchaos as eoc
from edgeofchaos.activations import Activation
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.log_moments import (
    Jets,
    LogMoment,
    LogSum,
    Term,
    bound_constants,
    derivative_polynomials,
    square_over_x,
)
from edgeofchaos.theory.separate import sign_changes
from edgeofchaos.theory.stability import limiting_phases
from edgeofchaos.theory.tabulation import level, tabulation
from edgeofchaos.theory.variance import variance_map

SILU = torch.nn.functional.silu
SPIKE = Activation("spike", lambda x: torch.tanh(x) + 0.1 * torch.exp(-(((x - 0.3) / 0.02) ** 2)))
TWO_FOLDS = Activation(
    "two folds", lambda x: 2 * torch.tanh(SILU(x) / 2) + 0.3 * SILU(2 * (x - 10))
)
SATURATED = Activation("saturated", lambda x: 10 * torch.tanh(SILU(x) / 10))
FUNCTIONS = ["tanh", "swish", "hardtanh", "selu", "softplus", "erf", SPIKE, TWO_FOLDS]


def test_derivatives_against_the_closed_form_of_erf():
    moment = square_over_x(eoc.activation("erf"))
    with mp.workdps(40):
        for t in (-20.0, -3.0, 0.0, 1.3, 6.0):
            closed = lambda s: 2 / mp.pi * mp.asin(2 / (2 + mp.exp(-s))) * mp.exp(-s)  # noqa: E731
            exact = [float(mp.diff(closed, t, n)) for n in range(4)]
            np.testing.assert_allclose(moment.jet(t), exact, rtol=1e-6, atol=1e-13)


@pytest.mark.parametrize("s", [0.5, 1.5])
def test_the_constants_are_suprema(s):
    y = np.linspace(0, 400, 400_001)
    for d in (0.3, 0.8):
        for p, constant in zip(derivative_polynomials(s), bound_constants(s, d), strict=True):
            least = np.abs(np.polynomial.polynomial.polyval(y, p)) * np.exp(
                -0.5 * (1 - math.exp(-d)) * y
            )
            assert least.max() * math.exp(s * d) == pytest.approx(constant, rel=1e-6)


@pytest.mark.parametrize("phi", FUNCTIONS, ids=str)
@pytest.mark.parametrize("s", [0.5, 1.5])
def test_bounds_hold_between_the_points(phi, s):
    phi = eoc.activation(phi)
    row = gaussian.SECOND if s == 1.5 else gaussian.SLOPE2

    def nodes(x):
        tab = tabulation(phi, level(x))
        return tab.u, tab.weight, tab.products[row]

    moment = LogMoment(nodes, s, atoms=[(0.7, 0.3)])
    for a in (-30.0, -12.0, -4.0, -1.0, 0.2, 2.0, 7.0, 15.0):
        for width in (0.02, 0.15):
            bounds = moment.bounds(a, a + width)
            inside = np.array([moment.jet(t) for t in np.linspace(a, a + width, 9)]).T
            assert (np.abs(inside) <= bounds[:4, None] * (1 + 1e-12) + 1e-15).all()
            # The next two by difference quotients.
            jets = np.array([moment.jet(t)[3] for t in a + width * np.array([0.45, 0.5, 0.55])])
            h, size = 0.05 * width, np.abs(inside[0]).max()
            assert abs(jets[2] - jets[0]) / (2 * h) <= bounds[4] + 1e-12 * size / h
            second = abs(jets[0] - 2 * jets[1] + jets[2]) / h**2
            assert second <= bounds[5] + 1e-12 * size / h**2


def test_sign_changes_in_one_cell_are_all_found():
    # x^-2 - 2 a x^-1 + a^2 - d as a sum of powers of e^-t: two roots, d apart or so, or none.
    jets = Jets(square_over_x(eoc.activation("relu")), np.linspace(-1.0, 1.0, 15))
    jets.up_to(15)
    for d, count in ((1e-4, 2), (1e-8, 2), (1e-12, 2), (-1e-12, 0), (-1e-8, 0)):
        g = LogSum(jets, [Term(1.0, 2), Term(-2 * 0.9, 1), Term(0.81 - d, 0)])
        assert len(sign_changes(g)) == count


def local_map(fmap):
    """x -> F(x), from Chebyshev polynomials of log F in log x, a tenth wide and kept."""
    pieces, width, order = {}, 0.1, 13
    nodes = chebyshev.chebpts1(order)

    def step(t):
        k = math.floor(t / width)
        if k not in pieces:
            at = width * (k + 0.5 + 0.5 * nodes)
            values = np.log(np.array([float(fmap(math.exp(x))) for x in at]) / np.exp(at))
            powers = chebyshev.cheb2poly(chebyshev.chebfit(nodes, values, order - 1))
            pieces[k] = powers[::-1].tolist()
        z, change = 2 * (t / width - k) - 1, 0.0
        for coefficient in pieces[k]:
            change = change * z + coefficient
        return t + change

    return step


def iterated(fmap, layers=1_000_000, top=1e7):
    """Where a million layers take the variance sigma_b^2; infinity if it passes ``top``."""
    step, t = local_map(fmap), math.log(fmap.sigma_b**2)
    for layer in range(layers):
        new = step(t)
        if new > math.log(top):
            return math.inf
        if layer > 1000 and abs(new - t) < 1e-16:
            break
        t = new
    return math.exp(t)


@pytest.mark.parametrize(
    ("phi", "sigma_b"),
    [("swish", 0.2), ("mish", 0.2), ("gelu", 0.05), (TWO_FOLDS, 0.02), (SATURATED, 0.2)],
    ids=str,
)
@pytest.mark.parametrize("off", [1e-3, 1e-6, 1e-9])
@pytest.mark.slow(after=3)
def test_limits_beside_a_fold_are_where_a_million_layers_go(phi, sigma_b, off):
    phi = eoc.activation(phi)
    fold = limiting_phases(phi, sigma_b)
    for sign in (-1, 1):
        fmap = variance_map(phi, sigma_b, fold.sigma_w_fold * (1 + sign * off))
        expected = iterated(fmap)
        assert fmap.limit() == pytest.approx(expected, rel=1e-6)
        below = [p for p in fmap.fixed_points() if p.x < 2 * fold.q_fold]
        assert [p.attracts for p in below] == ([True, False] if sign < 0 else [])
    # Beyond the fold the variance goes to what limiting_phases says comes after it.
    assert fmap.limit() == pytest.approx(fold.q_after, rel=20 * off)


def test_the_second_fold_is_seen_as_well():
    # From the first one on the limit is near the second, at x = 44.16 and sigma_w^2 = 19.2146.
    fold = 19.2145720290378
    below, above = (variance_map(TWO_FOLDS, 0.02, math.sqrt(fold * (1 + d))) for d in (-1e-7, 1e-7))
    assert below.limit() == pytest.approx(iterated(below), rel=1e-6)
    assert below.limit() == pytest.approx(44.16, abs=0.05)
    assert above.limit() == iterated(above) == math.inf


def test_at_the_fold_itself_there_is_a_point_that_touches():
    # sigma_w to rounding: either two points that agree to 1e-6, or one that touches, or none.
    fold = limiting_phases("swish", 0.2)
    found = variance_map("swish", 0.2, fold.sigma_w_fold).fixed_points()
    for point in found:
        assert point.x == pytest.approx(fold.q_fold, rel=1e-6)
        assert point.alpha == pytest.approx(1.0, abs=1e-6)
    if len(found) == 1:
        assert (found[0].alpha, found[0].attracts) == (1.0, False)


@pytest.mark.parametrize("sigma_b", [1e-9, 1e-15, 1e-25])
def test_a_fixed_point_below_the_grid_is_listed(sigma_b):
    # phi is linear there: q = sigma_b^2/(1 - sigma_w^2 phi'(0)^2), with phi'(0) = 1/2 for Swish.
    point = variance_map("swish", sigma_b, 1.0).fixed_points()[0]
    assert point.x == pytest.approx(sigma_b**2 / 0.75, rel=1e-6)
    assert point.attracts
    assert variance_map("swish", sigma_b, 1.0).limit() == point.x


def test_zero_repels_where_f_is_tangent_from_above():
    # F(x) = E[(u + u^3)^2] = x + 6 x^2 + 15 x^3 at sigma_w = 1, with F'(0) = 1.
    cubic = Activation("cubic", lambda x: x + x**3)
    (zero,) = variance_map(cubic, 0.0, 1.0).fixed_points()
    assert (zero.x, zero.alpha, zero.attracts) == (0.0, pytest.approx(1.0), False)
    (zero,) = variance_map("tanh", 0.0, 1.0).fixed_points()
    assert (zero.x, zero.attracts) == (0.0, True)


BUMP = Activation("bump", lambda x: 3 * x * torch.exp(-(x**2)))


@pytest.mark.parametrize("sigma_w", [1.0, 2.0, 5.0, 20.0])
@pytest.mark.parametrize("start", [0.0, 0.01, 1.0, 50.0, 1e6])
@pytest.mark.slow(after=5)
def test_limits_where_f_falls_steeply(sigma_w, start):
    # F falls like x^(-1/2) here, the most that it can; it has no cycle of two variances.
    fmap = variance_map(BUMP, 0.1, sigma_w)
    x = start
    for _ in range(3000):
        x = float(fmap(x))
    assert fmap.limit(start) == pytest.approx(x, rel=1e-10)
    assert fmap(fmap.limit(start)) == pytest.approx(fmap.limit(start), rel=1e-12)


@pytest.mark.parametrize("phi", [BUMP, SPIKE, "swish", Activation("wave", torch.cos)], ids=str)
def test_the_root_of_x_times_f_does_not_fall(phi):
    fmap = variance_map(phi, 0.1, 1.7)
    x = np.geomspace(1e-10, 1e4, 400)
    scaled = np.sqrt(x) * fmap(x)
    assert (np.diff(scaled) >= -1e-12 * scaled[1:]).all()
