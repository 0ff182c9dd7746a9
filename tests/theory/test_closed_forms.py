"""Closed forms against quadrature that shares no code with them."""

import math

import numpy as np
import pytest
from independent import PHI, expect, pair_expectation
from scipy.special import erf

from edgeofchaos.activations import activation
from edgeofchaos.theory import gaussian, pairs
from edgeofchaos.theory.closed_forms import erf_product, hardtanh_moments, relu_product
from edgeofchaos.theory.relu_like import relu_correlation_map

ANGLES = [0.0, 0.3, 1.5, math.pi - 0.1]


@pytest.mark.parametrize("q", [0.1, 1.0, 30.0])
def test_hardtanh_moments_by_quadpack(q):
    phi, slope, _, jumps = PHI["hardtanh"]
    second, slope2, curvature = hardtanh_moments(q)
    assert second == pytest.approx(expect(lambda u: phi(u) ** 2, q, jumps), rel=1e-9)
    assert slope2 == pytest.approx(expect(lambda u: slope(u) ** 2, q, jumps), rel=1e-9)
    bell = math.exp(-1 / (2 * q)) / math.sqrt(2 * math.pi * q)
    assert curvature == pytest.approx(-2 * bell, rel=1e-14)


@pytest.mark.parametrize("theta", ANGLES)
def test_erf_product_by_gauss_hermite(theta):
    by_nodes = pair_expectation(lambda u, v: erf(u) * erf(v), 0.4, 0.4, math.cos(theta))
    assert erf_product(0.4, theta) == pytest.approx(by_nodes, abs=1e-9)


@pytest.mark.parametrize("theta", ANGLES)
def test_relu_product_is_half_the_correlation_map_and_the_pair_quadrature(theta):
    expected = float(relu_correlation_map(math.cos(theta))) / 2
    assert relu_product(theta) == pytest.approx(expected, abs=1e-15)
    by_pairs = pairs.product(activation("relu"), 3.0, 3.0, theta)
    assert 3.0 * relu_product(theta) == pytest.approx(by_pairs, abs=1e-12)


def test_hardtanh_moments_keep_their_digits_at_any_variance():
    phi, q = activation("hardtanh"), np.geomspace(1e-8, 1e6, 57)
    second, slope2, curvature = hardtanh_moments(q)
    assert second == pytest.approx(gaussian.second_moment(phi, q), rel=1e-12)
    assert slope2 == pytest.approx(gaussian.slope_second_moment(phi, q), rel=1e-12)
    seen = np.abs(curvature) > 1e-290
    assert curvature[seen] == pytest.approx(gaussian.curvature_phi(phi, q)[seen], rel=1e-12)
