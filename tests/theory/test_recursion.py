"""The recursions of 1 - c and of pairs, against 50 digits, brute force and the rates of theory."""

import math

import mpmath as mp
import numpy as np
import pytest
from independent import PHI, expect, pair_expectation, variance_step

import edgeofchaos as eoc
from edgeofchaos.theory.correlation import CorrelationMap, correlation_map
from edgeofchaos.theory.rates import Rate, edge_rate
from edgeofchaos.theory.recursion import complement_trajectory, log_spaced_layers, pair_trajectory
from edgeofchaos.theory.relu_like import relu_like


def relu_f(c):
    """Proposition 3."""
    return c * mp.asin(c) / mp.pi + mp.sqrt(1 - c * c) / mp.pi + c / 2


@pytest.mark.parametrize("start", [1.0, 1.9, 1e-3, 1e-10])
def test_relu_trajectory_against_50_digits(start):
    record = [1, 2, 7, 40, 300]
    with mp.workdps(50):
        c, exact = 1 - mp.mpf(start), []
        for layer in range(1, 301):
            if layer in record:
                exact.append(float(1 - c))
            c = relu_f(c)
    point = eoc.edge_point("relu", 0.0)
    found = complement_trajectory(correlation_map("relu", point), start, record)
    np.testing.assert_allclose(found, exact, rtol=1e-12)


def test_erf_trajectory_against_50_digits():
    q, record = 0.8, [1, 10, 300]
    w2 = math.sqrt(1 + 4 * q) * math.pi / 4
    with mp.workdps(50):
        weight, x = mp.sqrt(1 + 4 * mp.mpf(q)) * mp.pi / 4, 2 * mp.mpf(q) / (1 + 2 * mp.mpf(q))
        gamma, exact = mp.mpf(1), []
        for layer in range(1, 301):
            if layer in record:
                exact.append(float(gamma))
            gamma = weight * 2 / mp.pi * (mp.asin(x) - mp.asin((1 - gamma) * x)) / q
    f = CorrelationMap(eoc.activation("erf"), q, 0.0, math.sqrt(w2))
    np.testing.assert_allclose(complement_trajectory(f, 1.0, record), exact, rtol=1e-11)


@pytest.mark.parametrize(("above", "below"), [(1.0, 0.0), (1.0, 0.3), (0.5, -1.0), (0.0, 2.0)])
def test_kinked_rate_is_inverse_square_with_the_coefficient_of_theory(above, below):
    phi = relu_like(above, below)
    point = eoc.edge_point(phi, 0.0)
    expected = (above**2 + below**2) ** 2 / (above - below) ** 4 * 9 * math.pi**2 / 2
    assert edge_rate(phi, point) == Rate(2, pytest.approx(expected, rel=1e-12))
    # gamma^(-1/2) grows by 1/sqrt(coefficient) a layer, up to O(1/l).
    a, b = complement_trajectory(correlation_map(phi, point), 1.0, [10_000, 20_000])
    growth = (b**-0.5 - a**-0.5) / 10_000
    assert growth == pytest.approx(expected**-0.5, rel=1e-3)


def test_relu_tends_to_proposition_3():
    f = correlation_map("relu", eoc.edge_point("relu", 0.0))
    layers = np.array([10**3, 10**4, 10**5])
    error = np.abs(complement_trajectory(f, 1.0, layers) * layers**2 * 2 / (9 * math.pi**2) - 1)
    # The next term is O(log(l)/l): a factor of ten in l gains about eight.
    assert error[2] < 2e-3
    assert (error[1:] < error[:-1] / 5).all()


@pytest.mark.parametrize("sigma_b", [0.2, 0.5])
def test_hardtanh_rate_counts_both_kinks(sigma_b):
    point = eoc.edge_point("hardtanh", sigma_b)
    strength = point.sigma_w**2 / (2 * math.pi) * 2 * math.exp(-1 / (2 * point.q))
    expected = 9 / (2 * strength**2)
    # The kinks are 2 apart, and 1 from 0.
    reach = pytest.approx(min(2**2 / (48 * point.q), 0.4 * point.q))
    assert edge_rate("hardtanh", point) == Rate(2, pytest.approx(expected, rel=1e-12), reach)
    f = correlation_map("hardtanh", point)
    a, b = complement_trajectory(f, 1.0, [10_000, 20_000])
    assert (b**-0.5 - a**-0.5) / 10_000 == pytest.approx(expected**-0.5, rel=2e-3)


@pytest.mark.parametrize(("name", "sigma_b"), [("tanh", 0.2), ("tanh", 1.0), ("swish", 0.2)])
def test_smooth_rate_is_beta_over_l(name, sigma_b):
    point = eoc.edge_point(name, sigma_b)
    _, slope, curvature, _ = PHI[name]
    mean_slope = expect(lambda u: slope(u) ** 2, point.q)
    beta = 2 * mean_slope / (point.q * expect(lambda u: curvature(u) ** 2, point.q))
    found = edge_rate(name, point)
    assert (found.exponent, found.coefficient) == (1, pytest.approx(beta, rel=1e-9))
    # 1/gamma grows by 1/beta a layer, up to O(1/l).
    f = correlation_map(name, point)
    a, b = complement_trajectory(f, 1.0, [20_000, 40_000])
    assert (1 / b - 1 / a) / 20_000 == pytest.approx(1 / beta, rel=2e-3)


def test_a_linear_phi_never_decays():
    point = eoc.edge_point("identity", 0.0)
    assert edge_rate("identity", point) is None
    path = complement_trajectory(correlation_map("identity", point), 0.7, [1, 1000])
    np.testing.assert_allclose(path, 0.7, rtol=1e-12)


def test_off_the_edge_1_minus_c_falls_by_chi1_a_layer():
    q = eoc.variance_map("tanh", 0.3, 1.0).limit()
    f = CorrelationMap(eoc.activation("tanh"), q, 0.3, 1.0)
    a, b = complement_trajectory(f, 1.0, [100, 101])
    slope = expect(lambda u: PHI["tanh"][1](u) ** 2, q)
    assert f.chi1 < 1
    assert b / a == pytest.approx(slope, rel=1e-9)


@pytest.mark.parametrize("name", ["tanh", "elu", "hardtanh", "selu"])
@pytest.mark.parametrize("start", [1.0, 1.99, 1.2, 0.999])
def test_trajectory_is_the_map_applied_layer_by_layer(name, start):
    f = correlation_map(name, eoc.edge_point(name, 0.3))
    gamma, direct = start, []
    for _ in range(15):
        direct.append(gamma)
        gamma = float(f.complement(gamma))
    np.testing.assert_allclose(complement_trajectory(f, start, range(1, 16)), direct, rtol=1e-10)


def test_trajectory_extremes():
    f = correlation_map("relu", eoc.edge_point("relu", 0.0))
    assert complement_trajectory(f, 0.0, [1, 50]).tolist() == [0.0, 0.0]
    assert complement_trajectory(f, 2.0, [1, 2]) == pytest.approx([2.0, 1.0], rel=1e-14)
    assert complement_trajectory(f, 0.5, []).size == 0


@pytest.mark.parametrize("record", [[0, 1], [2, 1], [3, 3]])
def test_layers_that_do_not_increase_from_one_are_refused(record):
    with pytest.raises(ValueError, match="record"):
        complement_trajectory(correlation_map("tanh", eoc.edge_point("tanh", 0.2)), 0.5, record)


@pytest.mark.parametrize("gamma", [-1e-9, 2.1, math.nan])
def test_gamma_out_of_range_is_refused(gamma):
    with pytest.raises(ValueError, match="gamma"):
        complement_trajectory(correlation_map("tanh", eoc.edge_point("tanh", 0.2)), gamma, [1])


@pytest.mark.parametrize("layers", [1, 2, 17, 1_000_000])
def test_log_spaced_layers_increase_from_first_to_last(layers):
    chosen = log_spaced_layers(layers)
    assert (chosen[0], chosen[-1]) == (1, layers)
    assert (np.diff(chosen) > 0).all()


@pytest.mark.parametrize("name", ["tanh", "swish"])
@pytest.mark.parametrize("c", [0.9, 0.0, -0.6])
def test_pair_of_different_norms_against_brute_force(name, c):
    sigma_b, sigma_w, layers = 0.4, 1.2, 8
    phi = {"tanh": np.tanh, "swish": lambda u: u / (1 + np.exp(-u))}[name]
    q_a, q_b = 0.4, 1.5
    path = pair_trajectory(name, sigma_b, sigma_w, q_a, q_b, 1 - c, layers)
    for layer in range(layers):
        assert (path.q_a[layer], path.q_b[layer]) == pytest.approx((q_a, q_b), rel=1e-8)
        assert path.gamma[layer] == pytest.approx(1 - c, abs=1e-7)
        product = pair_expectation(lambda u, v: phi(u) * phi(v), q_a, q_b, c)
        q_a, q_b = (variance_step(name, sigma_b, sigma_w, q) for q in (q_a, q_b))
        c = (sigma_b**2 + sigma_w**2 * product) / math.sqrt(q_a * q_b)


@pytest.mark.parametrize("gamma", [1.3, 0.2, 1e-4])
def test_relu_pair_of_different_norms_with_biases_against_50_digits(gamma):
    sigma_b, sigma_w, layers = 0.5, 1.3, 40
    path = pair_trajectory("relu", sigma_b, sigma_w, 0.3, 5.0, gamma, layers)
    with mp.workdps(50):
        b2, w2 = mp.mpf(sigma_b) ** 2, mp.mpf(sigma_w) ** 2
        q_a, q_b, c = mp.mpf(0.3), mp.mpf(5), 1 - mp.mpf(gamma)
        for layer in range(layers):
            assert path.q_a[layer] == pytest.approx(float(q_a), rel=1e-12)
            assert path.q_b[layer] == pytest.approx(float(q_b), rel=1e-12)
            assert path.gamma[layer] == pytest.approx(float(1 - c), rel=1e-8, abs=1e-13)
            product = b2 + w2 * mp.sqrt(q_a * q_b) * relu_f(c) / 2
            q_a, q_b = b2 + w2 * q_a / 2, b2 + w2 * q_b / 2
            c = product / mp.sqrt(q_a * q_b)


def test_a_pair_at_the_limiting_variance_follows_f():
    point = eoc.edge_point("elu", 0.2)
    f = correlation_map("elu", point)
    path = pair_trajectory("elu", 0.2, point.sigma_w, point.q, point.q, 1.0, 12)
    direct = complement_trajectory(f, 1.0, range(1, 13))
    np.testing.assert_allclose(path.gamma, direct, rtol=1e-8)


@pytest.mark.parametrize(
    ("q_a", "q_b", "gamma", "told"),
    [(0.0, 1.0, 0.5, "q_a = 0"), (1.0, -1.0, 0.5, "q_b = -1"), (1.0, 1.0, 2.5, "gamma = 2.5")],
)
def test_a_pair_that_is_none_is_refused(q_a, q_b, gamma, told):
    with pytest.raises(ValueError, match=told):
        pair_trajectory("tanh", 0.1, 1.0, q_a, q_b, gamma, 3)


def test_a_pair_whose_variance_vanishes_is_told():
    with pytest.raises(ValueError, match="variance"):
        pair_trajectory("identity", 0.0, 0.5, 1.0, 1.0, 0.5, 200)
