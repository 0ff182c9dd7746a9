"""The variance map, its slopes, fixed points, limits, basins and depth scales."""

import math

import mpmath as mp
import numpy as np
import pytest
import torch
from independent import PHI, curvature_phi, slope_square, variance_step

import edgeofchaos as eoc
from edgeofchaos.activations import Activation
from edgeofchaos.theory.depth_scales import depth_scales
from edgeofchaos.theory.variance import variance_map

VARIANCES = np.array([1e-6, 0.01, 0.5, 1.0, 7.0, 400.0])


def closed_relu(x):
    return 0.5 * x


def closed_erf(x):
    return 2 / math.pi * np.arcsin(2 * x / (1 + 2 * x))


def closed_cos(x):
    return 0.5 * (1 + np.exp(-2 * x))


COSINE = Activation("cosine", torch.cos)


@pytest.mark.parametrize(
    ("phi", "closed"), [("relu", closed_relu), ("erf", closed_erf), ("identity", lambda x: x)]
)
def test_variance_map_against_closed_forms(phi, closed):
    fmap = variance_map(phi, 0.3, 1.7)
    np.testing.assert_allclose(fmap(VARIANCES), 0.09 + 2.89 * closed(VARIANCES), rtol=1e-12)


@pytest.mark.parametrize("x", [0.02, 0.6, 1.0, 30.0])
def test_hardtanh_variance_map_against_30_digits(x):
    with mp.workdps(30):
        root = mp.sqrt(mp.mpf(x))
        inner = mp.quad(lambda z: x * z * z * mp.npdf(z), mp.linspace(0, min(1 / root, 14), 8))
        exact = 2 * inner + mp.erfc(1 / (root * mp.sqrt(2)))
    assert variance_map("hardtanh", 0.0, 1.0)(x) == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize("name", ["tanh", "swish", "gelu", "elu", "selu", "sigmoid"])
@pytest.mark.parametrize("x", [0.03, 1.0, 12.0])
def test_variance_map_and_chi1_against_quadpack(name, x):
    fmap = variance_map(name, 0.2, 1.3)
    assert fmap(x) == pytest.approx(variance_step(name, 0.2, 1.3, x), rel=1e-10)
    assert fmap.chi1(x) == pytest.approx(1.69 * slope_square(name, x), rel=1e-10)


def test_chi1_of_erf_in_closed_form():
    expected = 4 / math.pi / np.sqrt(1 + 4 * VARIANCES)
    np.testing.assert_allclose(variance_map("erf", 0.1, 1.0).chi1(VARIANCES), expected, rtol=1e-12)


def test_at_zero_variance():
    fmap = variance_map("selu", 0.3, 1.0)
    left, right = 1.0507009873554805 * 1.6732632423543772, 1.0507009873554805
    assert fmap(0.0) == 0.3**2
    assert fmap.chi1(0.0) == pytest.approx((left**2 + right**2) / 2, rel=1e-14)
    assert variance_map("softplus", 0.0, 2.0)(0.0) == pytest.approx(4 * math.log(2) ** 2, rel=1e-14)
    assert fmap(np.array([[0.0, 1.0], [2.0, 0.0]])).shape == (2, 2)


@pytest.mark.parametrize("x", [-1e-9, math.nan, math.inf, np.array([1.0, -1.0])])
def test_a_variance_that_is_none_is_refused(x):
    with pytest.raises(ValueError, match="variance"):
        variance_map("tanh", 0.1, 1.0)(x)


@pytest.mark.parametrize(("b", "w", "word"), [(-1, 1, "sigma_b"), (0, math.inf, "sigma_w")])
def test_a_bad_sigma_is_refused_by_name(b, w, word):
    with pytest.raises(ValueError, match=word):
        variance_map("tanh", b, w)


@pytest.mark.parametrize("name", sorted(PHI))
@pytest.mark.parametrize("x", [0.2, 1.5, 20.0])
def test_slope_is_the_derivative_and_follows_the_papers_formula(name, x):
    fmap = variance_map(name, 0.2, 1.4)
    # Central differences at h and h/2 and one Richardson step: error of order h^4.
    h = 0.02 * x
    coarse, fine = ((fmap(x + s) - fmap(x - s)) / (2 * s) for s in (h, h / 2))
    assert fmap.derivative(x) == pytest.approx((4 * fine - coarse) / 3, rel=2e-6)
    formula = 1.96 * (slope_square(name, x) + curvature_phi(name, x))
    assert fmap.derivative(x) == pytest.approx(formula, rel=1e-9)


def test_slope_of_a_kink_off_zero_counts_its_atom():
    # |u - 1| + 1: E = x + 1 + 1 + 2 E|u - 1|, whose slope is that of E|u - 1|: 2 p(1).
    phi = Activation("bent", lambda u: (u - 1).abs() + 1, (1.0,))
    x = 0.7
    density = math.exp(-1 / (2 * x)) / math.sqrt(2 * math.pi * x)
    assert variance_map(phi, 0.0, 1.0).derivative(x) == pytest.approx(1 + 2 * density, rel=1e-12)


def test_swish_has_an_attracting_fixed_point_below_its_edge():
    sigma_w = eoc.edge_point("swish", 0.2).sigma_w
    fmap = variance_map("swish", 0.2, sigma_w)
    low, high = fmap.fixed_points()
    assert low.x == pytest.approx(0.19404, abs=5e-6)
    assert low.chi1 == pytest.approx(0.820, abs=5e-4)
    assert high.x == pytest.approx(0.68945250, abs=5e-9)
    assert high.alpha == pytest.approx(1.0987, abs=5e-5)
    assert (low.attracts, high.attracts) == (True, False)
    assert fmap.basin() == high.x
    for point in (low, high):
        assert variance_step("swish", 0.2, sigma_w, point.x) == pytest.approx(point.x, rel=1e-10)


@pytest.mark.parametrize(("start", "rises"), [(0.68, False), (0.70, True)])
def test_swish_leaves_its_edge_to_either_side(start, rises):
    sigma_w = eoc.edge_point("swish", 0.2).sigma_w
    x = start
    for _ in range(35):
        x = variance_step("swish", 0.2, sigma_w, x)
    assert (x > 0.75) == rises
    assert (x < 0.60) != rises
    limit = variance_map("swish", 0.2, sigma_w).limit(start)
    assert limit == (math.inf if rises else pytest.approx(0.19403796, abs=1e-8))


@pytest.mark.parametrize(
    ("name", "sigma_b", "sigma_w", "start"),
    [
        ("tanh", 0.2, 2.0, 1e-3),
        ("tanh", 0.0, 1.5, 5.0),
        ("tanh", 0.0, 0.9, 5.0),
        ("elu", 0.3, 1.1, 40.0),
        ("swish", 0.4, 1.2, 0.0),
        ("relu", 0.5, 1.2, 9.0),
    ],
)
def test_limit_is_where_the_recursion_goes(name, sigma_b, sigma_w, start):
    fmap = variance_map(name, sigma_b, sigma_w)
    assert fmap.limit(start) == pytest.approx(fmap.trajectory(start, 600)[-1], rel=1e-9, abs=1e-15)


def test_limit_where_the_map_decreases():
    fmap = variance_map(COSINE, 0.1, 1.5)
    x = 0.0
    for _ in range(200):
        x = 0.01 + 2.25 * float(closed_cos(x))
    assert fmap.limit(3.0) == pytest.approx(x, rel=1e-12)
    (only,) = fmap.fixed_points()
    assert only.x == pytest.approx(x, rel=1e-12)
    assert only.alpha == pytest.approx(-2.25 * math.exp(-2 * x), rel=1e-10)
    assert only.attracts


@pytest.mark.parametrize(
    ("sigma_b", "sigma_w", "q", "basin"),
    [(0.5, 1.2, 0.25 / (1 - 0.72), math.inf), (0.5, 1.5, math.inf, 0.0), (0.0, 1.5, 0.0, 0.0)],
)
def test_relu_fixed_points_limits_and_basins_in_closed_form(sigma_b, sigma_w, q, basin):
    fmap = variance_map("relu", sigma_b, sigma_w)
    assert fmap.limit(0.0) == pytest.approx(q, rel=1e-12)
    assert fmap.basin() == basin
    assert [p.x for p in fmap.fixed_points()] == ([] if q == math.inf else [pytest.approx(q)])


def test_relu_on_its_edge_keeps_every_variance():
    fmap = variance_map("relu", 0.0, math.sqrt(2))
    (zero,) = fmap.fixed_points()
    assert (zero.x, zero.attracts, fmap.basin()) == (0.0, True, math.inf)
    assert fmap.limit(3.7) == 3.7
    np.testing.assert_allclose(fmap.trajectory([0.2, 3.7], 50)[-1], [0.2, 3.7], rtol=1e-12)


def test_trajectory_has_the_shape_of_its_start_and_stays_infinite():
    path = variance_map("relu", 0.0, 4.0).trajectory(np.array([[1.0], [2.0]]), 60)
    assert path.shape == (60, 2, 1)
    np.testing.assert_allclose(path[:20, :, 0], [[8.0**k, 2 * 8.0**k] for k in range(20)])
    assert np.isinf(path[-1]).all()


def test_depth_scales_of_relu_in_closed_form():
    scales = depth_scales("relu", 0.4, 1.1)
    expected = -1 / math.log(1.21 / 2)
    assert scales.q == pytest.approx(0.16 / (1 - 1.21 / 2), rel=1e-12)
    assert scales.variance == pytest.approx(expected, rel=1e-12)
    assert scales.correlation == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("sigma_b", "sigma_w"), [(0.3, 1.0), (0.05, 0.7), (1.0, 1.2)])
def test_depth_scales_of_erf_against_closed_forms(sigma_b, sigma_w):
    with mp.workdps(30):
        b2, w2 = mp.mpf(sigma_b) ** 2, mp.mpf(sigma_w) ** 2
        f = lambda x: b2 + w2 * 2 / mp.pi * mp.asin(2 * x / (1 + 2 * x))  # noqa: E731
        q = mp.findroot(lambda x: f(x) - x, (b2, b2 + w2), solver="anderson", tol=1e-25)
        variance = -1 / mp.log(mp.diff(f, q))
        correlation = -1 / mp.log(w2 * 4 / mp.pi / mp.sqrt(1 + 4 * q))
    scales = depth_scales("erf", sigma_b, sigma_w)
    assert scales.q == pytest.approx(float(q), rel=1e-12)
    assert scales.variance == pytest.approx(float(variance), rel=1e-10)
    assert scales.correlation == pytest.approx(float(correlation), rel=1e-10)


def test_depth_scale_where_the_deviation_alternates():
    # alpha < 0: |q^l - q| still shrinks by |alpha| a layer.
    fmap = variance_map(COSINE, 0.1, 1.5)
    scales = depth_scales(COSINE, 0.1, 1.5)
    path = fmap.trajectory(2.0, 12) - scales.q
    assert scales.alpha < 0
    assert scales.variance == pytest.approx(-1 / math.log(-path[9] / path[8]), rel=1e-5)


@pytest.mark.parametrize("name", ["tanh", "erf", "arctan", "elu", "selu", "hardtanh"])
@pytest.mark.parametrize("sigma_b", [0.05, 0.2, 0.3, 0.4, 1.0])
def test_the_correlation_scale_is_infinite_on_the_edge(name, sigma_b):
    # chi_1 misses 1 by rounding, to either side.
    point = eoc.edge_point(name, sigma_b)
    scales = depth_scales(name, sigma_b, point.sigma_w)
    assert scales.q == pytest.approx(point.q, rel=1e-9)
    assert scales.correlation == math.inf


def test_the_correlation_scale_grows_towards_the_edge_and_ends_beyond():
    sigma_w = eoc.edge_point("tanh", 0.2).sigma_w
    below = [depth_scales("tanh", 0.2, sigma_w * (1 - d)).correlation for d in (0.1, 0.01, 0.001)]
    assert below == sorted(below)
    assert below[2] == pytest.approx(10 * below[1], rel=0.1)
    assert math.isnan(depth_scales("tanh", 0.2, 1.01 * sigma_w).correlation)


def test_depth_scales_without_biases_above_the_repelling_zero():
    # tanh, sigma_b = 0, sigma_w > 1: 0 repels, and every input goes to the fixed point above.
    scales = depth_scales("tanh", 0.0, 1.5)
    x = 1.0
    for _ in range(80):
        x = variance_step("tanh", 0.0, 1.5, x)
    assert scales.q == pytest.approx(x, rel=1e-10)
    assert scales.chi1 == pytest.approx(2.25 * slope_square("tanh", x), rel=1e-10)
    assert variance_map("tanh", 0.0, 1.5).basin() == math.inf


@pytest.mark.parametrize(("name", "sigma_w"), [("relu", 1.5), ("swish", 2.1)])
def test_depth_scales_need_a_limiting_variance(name, sigma_w):
    with pytest.raises(ValueError, match="no finite limit"):
        depth_scales(name, 0.5, sigma_w)


@pytest.mark.parametrize(
    ("name", "sigma_b", "sigma_w"),
    [
        # Just below the fold of F, where two fixed points are about to meet.
        ("swish", 0.4, 1.537),
        ("swish", 0.2, 1.7147140621 * (1 - 1e-4)),
        ("swish", 0.2, 1.7147140621 * (1 - 1e-6)),
        # At 1.003 times Mish's stability threshold, on its edge.
        ("mish", 1.003 * 0.30744395809751296, 1.4187325100039783),
    ],
)
@pytest.mark.slow(after=2)
def test_a_pair_of_fixed_points_in_one_cell_of_the_grid_is_found(name, sigma_b, sigma_w):
    fmap = eoc.variance_map(name, sigma_b, sigma_w)
    first, second = fmap.fixed_points()
    assert (first.attracts, second.attracts) == (True, False)
    for point in (first, second):
        assert fmap(point.x) == pytest.approx(point.x, rel=1e-12)
    assert fmap.limit() == first.x
    # 20,000 layers from sigma_b^2 come to it.
    x = sigma_b**2
    for _ in range(20_000):
        x = float(fmap(x))
    assert x == pytest.approx(first.x, rel=2e-3)


@pytest.mark.parametrize("sigma_b", [1e-30, 1e-22, 1e-16])
def test_a_fixed_point_that_rounding_hides_is_refused_and_nothing_is_divided_by_zero(sigma_b):
    # chi_1 = 1 at variance 0, and F(x) - x = sigma_b^2 - 2 x^2 + ... is below rounding of x.
    with pytest.raises(ValueError, match="lost in rounding; allowed is sigma_b = 0, a larger one"):
        variance_map("tanh", sigma_b, 1.0).fixed_points()
