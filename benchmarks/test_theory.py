"""How fast the theory is, beside what one would write at first. `make bench`; nothing here tests.

Compare within a group: all of it ran on one machine, in one run.
"""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.optimize import brentq

from edgeofchaos import activation, correlation_map, edge_point
from edgeofchaos.theory.correlation import CorrelationMap

SIGMA_B = 0.2
CORRELATIONS = np.linspace(-1.0, 1.0, 1000)


def by_quad(fn, slope, sigma_b):
    """The edge point by scipy.integrate.quad and brentq on q, smooth phi only."""

    def mean(g, q):
        root = math.sqrt(q)
        return quad(lambda z: g(root * z) * math.exp(-0.5 * z * z), -10, 10)[0] / 2.5066282746310002

    def gap(q):
        return q - sigma_b**2 - mean(lambda u: fn(u) ** 2, q) / mean(lambda u: slope(u) ** 2, q)

    q = brentq(gap, 0.1, 2.0, xtol=1e-13)
    return math.sqrt(1 / mean(lambda u: slope(u) ** 2, q)), q


def by_monte_carlo(fn, slope, sigma_b, samples=500_000, steps=200):
    """The authors' way: 200 fixed-point steps from q = 0 on 500,000 normal draws."""
    z = np.random.default_rng(0).standard_normal(samples)
    q = 0.0
    for _ in range(steps):
        u = math.sqrt(q) * z
        sigma_w2 = 1 / np.mean(slope(u) ** 2)
        q = sigma_b**2 + sigma_w2 * np.mean(fn(u) ** 2)
    return math.sqrt(sigma_w2), q


def tanh_slope(u):
    return 1 - np.tanh(u) ** 2


EDGE = pytest.mark.benchmark(group="edge point of tanh at sigma_b = 0.2")


@EDGE
def test_edge_point(benchmark):
    point = edge_point("tanh", SIGMA_B)  # phi is tabulated once
    assert abs(benchmark(lambda: edge_point("tanh", SIGMA_B)).q / point.q - 1) < 1e-12


@EDGE
def test_edge_point_by_quad(benchmark):
    _, q = benchmark(by_quad, math.tanh, lambda u: 1 - math.tanh(u) ** 2, SIGMA_B)
    assert abs(q / edge_point("tanh", SIGMA_B).q - 1) < 1e-8


@EDGE
def test_edge_point_by_monte_carlo(benchmark):
    run = lambda: by_monte_carlo(np.tanh, tanh_slope, SIGMA_B)  # noqa: E731
    _, q = benchmark.pedantic(run, rounds=1)
    benchmark.extra_info["relative error of q"] = abs(q / edge_point("tanh", SIGMA_B).q - 1)
    assert abs(q / edge_point("tanh", SIGMA_B).q - 1) < 0.1


MAP = pytest.mark.benchmark(group="f at 1,000 correlations, set-up included")


@MAP
@pytest.mark.parametrize("name", ["tanh", "swish", "gelu", "sigmoid", "elu", "relu", "hardtanh"])
def test_correlation_map(benchmark, name):
    phi = activation(name)
    if name == "sigmoid":  # no edge near: any fixed point of F
        q, sigma_b, sigma_w = 0.35, 0.2, 1.0
    else:
        point = edge_point(phi, 0.0 if name == "relu" else SIGMA_B)
        q, sigma_b, sigma_w = point.q, point.sigma_b, point.sigma_w
    CorrelationMap(phi, q, sigma_b, sigma_w)(CORRELATIONS)  # tabulates phi

    def run():
        phi.cache.pop("ratios", None)
        return CorrelationMap(phi, q, sigma_b, sigma_w)(CORRELATIONS)

    assert benchmark(run).shape == CORRELATIONS.shape


@MAP
@pytest.mark.parametrize("name", ["tanh", "elu"])
def test_correlation_map_by_gauss_hermite(benchmark, name):
    """100 x 100 Gauss-Hermite nodes a correlation, blind to kinks; 20 correlations, not 1,000."""
    phi = activation(name)
    point = edge_point(phi, SIGMA_B)
    z, w = np.polynomial.hermite_e.hermegauss(100)
    w = w / w.sum()

    def run():
        root = math.sqrt(point.q)
        left = phi(root * z)
        out = []
        for c in CORRELATIONS[::50]:
            right = phi(root * (c * z[:, None] + math.sqrt(1 - c * c) * z[None, :]))
            out.append((point.sigma_b**2 + point.sigma_w**2 * (w * left) @ right @ w) / point.q)
        return np.array(out)

    exact = correlation_map(phi, point)(CORRELATIONS[::50])
    benchmark.extra_info["largest error of f"] = float(np.abs(benchmark(run) - exact).max())


def setup_module():
    torch.set_num_threads(1)
