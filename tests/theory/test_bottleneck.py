"""The bottleneck past the fold of F, against brute-force iteration with a quadrature of its own."""

import math

import numpy as np
import pytest
from independent import variance_step

from edgeofchaos.theory.bottleneck import bottleneck, edge_at_depth, edge_depth
from edgeofchaos.theory.stability import limiting_phases
from edgeofchaos.theory.variance import variance_map


@pytest.mark.parametrize(("sigma_b", "sigma_w"), [(0.1, 1.845), (0.2, 1.718), (0.5, 1.485)])
def test_the_gap_is_the_least_excess_of_f_over_the_diagonal(sigma_b, sigma_w):
    found = bottleneck("swish", sigma_b, sigma_w)
    x = found.x * np.linspace(0.5, 1.5, 101)
    excess = np.array([variance_step("swish", sigma_b, sigma_w, v) for v in x]) - x
    assert found.gap == pytest.approx(excess.min(), rel=1e-6)
    assert found.gap == pytest.approx(excess[50], rel=1e-6)
    # The parabola through three points about the minimum has half of F'' as its coefficient.
    near = found.x * np.array([0.98, 1.0, 1.02])
    three = np.array([variance_step("swish", sigma_b, sigma_w, v) for v in near]) - near
    assert found.curvature == pytest.approx(np.polyfit(near, three, 2)[0], rel=1e-2)


def layers_between(sigma_b, sigma_w, low, high):
    """Layers, interpolated, that the variance of brute-force iteration takes from low to high."""
    path = [sigma_b**2]
    while path[-1] < high:
        path.append(variance_step("swish", sigma_b, sigma_w, path[-1]))
    return float(np.diff(np.interp([low, high], path, np.arange(len(path))))[0])


@pytest.mark.parametrize(("sigma_b", "sigma_w"), [(0.2, 1.718), (0.3, 1.62)])
def test_the_layers_through_it_follow_the_tangent_law(sigma_b, sigma_w):
    found = bottleneck("swish", sigma_b, sigma_w)
    low, high = 0.75 * found.x, 1.25 * found.x
    brute = layers_between(sigma_b, sigma_w, low, high)
    assert found.layers_between(low, high) == pytest.approx(brute, rel=5e-3)
    assert found.layers_between(-1e9, 1e9) == pytest.approx(found.layers, rel=1e-6)


def test_it_grows_like_one_over_the_root_of_the_distance_to_the_fold():
    fold = limiting_phases("swish", 0.2).sigma_w_fold
    layers = [bottleneck("swish", 0.2, fold * (1 + d)).layers for d in (1e-4, 1e-5, 1e-6)]
    ratios = np.array(layers[1:]) / layers[:-1]
    assert ratios == pytest.approx(math.sqrt(10), rel=1e-2)


@pytest.mark.parametrize(
    ("name", "sigma_b", "sigma_w"),
    [("swish", 0.2, 1.67953160), ("swish", 0.4, 1.537), ("tanh", 0.2, 1.3), ("swish", 0.2, 1.6)],
)
def test_where_f_meets_the_diagonal_there_is_none(name, sigma_b, sigma_w):
    assert bottleneck(name, sigma_b, sigma_w) is None


def test_far_beyond_the_fold_there_is_none():
    assert bottleneck("relu", 0.5, 1.5) is None


def test_the_edge_at_a_depth_is_where_chi_1_of_that_layer_is_1():
    sigma_w = edge_at_depth("swish", 0.2, 200, 0.04, 1.65, 1.75)
    assert sigma_w == pytest.approx(1.7167, abs=5e-5)
    fmap = variance_map("swish", 0.2, sigma_w)
    assert fmap.chi1(float(fmap.trajectory(0.04, 200)[-1])) == pytest.approx(1, abs=1e-6)
    assert edge_depth(variance_map("swish", 0.2, sigma_w + 1e-9), 0.04, 400) == 200
    assert edge_depth(variance_map("swish", 0.2, 1.6), 0.04, 400) is None


def test_an_interval_without_such_an_edge_is_told():
    with pytest.raises(ValueError, match=r"\(low, high\) = \(1, 1\.1\)"):
        edge_at_depth("swish", 0.2, 50, 0.04, 1.0, 1.1)
