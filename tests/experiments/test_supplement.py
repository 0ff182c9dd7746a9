"""Tables of the supplement against closed forms and brute force."""

import math

import numpy as np
import pytest
from independent import PHI, curvature_phi, expect, slope_square, variance_step

import edgeofchaos as eoc
from edgeofchaos.experiments.points import point_at
from edgeofchaos.experiments.supplement import (
    closed_forms,
    hardtanh_beside_tanh,
    moments_over_q,
    moving_kernel,
    prior_kernel,
    prior_kernel_of_swish,
    slopes_at_one,
    tabulated_map,
)
from edgeofchaos.theory.relu_like import decay_coefficient, relu_correlation_map, relu_like


@pytest.mark.parametrize("name", ["swish", "tanh"])
def test_moments_over_q_against_quadpack(name):
    for row in moments_over_q(name, [0.1, 1.0, 10.0]):
        q, phi = row["q"], PHI[name][0]
        square = slope_square(name, q)
        bend = curvature_phi(name, q)
        assert row["sigma_w"] == pytest.approx(square**-0.5, rel=1e-10)
        assert row["alpha_minus_1"] == pytest.approx(bend / square, rel=1e-8)
        h = q - expect(lambda u, phi=phi: phi(u) ** 2, q) / square
        assert row["sigma_b_squared"] == pytest.approx(h, rel=1e-8)
        # f''(1) = sigma_w^2 q E[phi''^2] and f''(0) = sigma_w^2 q E[phi'']^2.
        second = PHI[name][2]
        at_one = q / square * expect(lambda u, g=second: g(u) ** 2, q)
        at_zero = q / square * expect(second, q) ** 2
        assert row["f2_at_1"] == pytest.approx(at_one, rel=1e-8)
        assert row["f2_at_0"] == pytest.approx(at_zero, rel=1e-8, abs=1e-15)
        assert row["least_f2"] == pytest.approx(at_zero, rel=1e-8, abs=1e-12)


def test_tabulated_map_of_swish_crosses_the_diagonal_twice():
    rows = tabulated_map("swish", 0.2)
    x = np.array([r["x"] for r in rows])
    f = np.array([r["F"] for r in rows])
    assert (len(rows), x[0], f[0]) == (121, 0.0, pytest.approx(0.04, rel=1e-14))
    assert math.isnan(rows[0]["slope"])
    assert x[-1] == pytest.approx(3 * 0.68945250, rel=1e-7)
    # The point 40 is the upper fixed point itself, where rounding decides the sign of F(x) - x.
    assert f[40] == pytest.approx(x[40], rel=1e-13)
    above = np.delete(f > x, 40)
    assert (above == np.delete((x < 0.19404) | (x > x[40]), 40)).all()
    for row in rows[10::40]:
        expected = variance_step("swish", 0.2, row["sigma_w"], row["x"])
        assert row["F"] == pytest.approx(expected, rel=1e-9)


def test_hardtanh_beside_tanh_agrees_with_its_closed_forms():
    for row in hardtanh_beside_tanh([0.05, 0.5, 3.0, 100.0]):
        q = row["q"]
        assert row["second"] == pytest.approx(row["second_closed"], rel=1e-12)
        assert row["slope2"] == pytest.approx(row["slope2_closed"], rel=1e-12)
        assert row["curvature"] == pytest.approx(row["curvature_closed"], rel=1e-12)
        # Neither the quadrature nor the closed forms of the library:
        assert row["second_closed"] == pytest.approx(variance_step("hardtanh", 0, 1, q), rel=1e-9)
        assert row["curvature_closed"] == pytest.approx(curvature_phi("hardtanh", q), rel=1e-9)
        assert row["tanh_slope2"] == pytest.approx(slope_square("tanh", q), rel=1e-9)
        h = q - row["second_closed"] / row["slope2_closed"]
        assert row["sigma_b_squared"] == pytest.approx(h, rel=1e-10, abs=1e-13)


def test_the_pair_quadrature_meets_the_closed_forms():
    rows = closed_forms()
    assert len(rows) == 6
    assert max(r["error"] for r in rows) < 1e-12


def test_kernels_of_relu_iterate_proposition_3():
    rows = prior_kernel("relu", [1, 2, 30])
    c, at = 0.0, {}
    for layer in range(1, 31):
        at[layer] = 1 - c
        c = float(relu_correlation_map(c))
    assert [(r["sigma_b"], r["depth"]) for r in rows] == [(0.0, 1), (0.0, 2), (0.0, 30)]
    for row in rows:
        assert row["gamma"] == pytest.approx(at[row["depth"]], rel=1e-10)


def test_kernels_of_tanh_keep_more_than_those_of_relu():
    tanh = {(r["sigma_b"], r["depth"]): r for r in prior_kernel("tanh", [10, 100])}
    relu = {r["depth"]: r["gamma"] for r in prior_kernel("relu", [10, 100])}
    assert sorted({b for b, _ in tanh}) == [0.05, 0.2, 1.0]
    assert all(r["place"] == "edge" for r in tanh.values())
    for depth in (10, 100):
        assert tanh[0.05, depth]["gamma"] > tanh[0.2, depth]["gamma"] > tanh[1.0, depth]["gamma"]
        assert tanh[0.05, depth]["gamma"] > relu[depth]


@pytest.mark.parametrize("slopes", [(1.0, 0.0), (1.0, 0.01), (1.0, 0.25), (2.0, 1.0)])
def test_kernels_of_relu_like_tend_to_their_own_law(slopes):
    (row,) = prior_kernel(relu_like(*slopes), [10_000])
    assert row["relu_like"] and row["place"] == "edge" and row["sigma_b"] == 0
    law = decay_coefficient(*slopes) / 10_000**2
    assert row["gamma"] == pytest.approx(law, rel=0.05)


def test_kernels_of_slopes_near_each_other_are_as_far_from_constant_as_one_likes():
    gammas = [prior_kernel(relu_like(1.0, b), [100])[0]["gamma"] for b in (0.0, 0.5, 0.9, 0.99)]
    assert gammas == sorted(gammas) and gammas[0] < 0.004 and gammas[-1] > 0.99


def test_which_kernels_are_relu_like_and_where_they_are_taken():
    assert prior_kernel("leaky_relu", [5])[0]["relu_like"]
    assert not prior_kernel("tanh", [5])[0]["relu_like"]
    assert {row["place"] for row in prior_kernel("swish", [5], [0.2])} == {"chi1"}


def test_the_kernel_with_a_moving_variance_is_brute_force_over_the_plane():
    phi, point = eoc.activation("swish"), point_at("swish", "printed", 0.2)
    found = moving_kernel(phi, point, 0.22, [1, 2, 4])
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / weights.sum()
    x, y = np.meshgrid(nodes, nodes)
    plane = weights[:, None] * weights

    def swish(u):
        return u / (1 + np.exp(-u))

    q, c = 0.22, 0.0
    for layer in range(1, 5):
        for depth, variance, gamma in found:
            if depth == layer:
                assert variance == pytest.approx(q, rel=1e-9)
                assert gamma == pytest.approx(1 - c, rel=1e-8)
        u, v = math.sqrt(q) * x, math.sqrt(q) * (c * x + math.sqrt(1 - c * c) * y)
        product = 0.04 + 1.718**2 * float((plane * swish(u) * swish(v)).sum())
        q = 0.04 + 1.718**2 * float((plane * swish(u) ** 2).sum())
        c = product / q
    assert [depth for depth, *_ in found] == [1, 2, 4]


@pytest.mark.slow
def test_kernels_of_swish_are_told_apart_by_place_and_start():
    rows = prior_kernel_of_swish([10, 20, 300], 0.2)
    found = {(r["place"], r["start"], r["depth"]): r for r in rows}
    assert len(found) == len(rows)
    places = [("printed", "q"), ("printed", "q/2"), ("chi1", "q"), ("stable", "q"), ("he", "q")]
    assert {(place, start) for place, start, _ in found} == set(places)
    # Where the variance leaves what quadrature is trusted with, deeper ones are left out.
    assert ("printed", "q", 300) not in found and ("he", "q", 300) not in found
    assert found["chi1", "q", 300]["q"] == pytest.approx(0.68945250)
    # The two starts at the printed point are on either side of ReLU.
    relu = {r["depth"]: r["gamma"] for r in prior_kernel("relu", [20])}
    low, high = (found["printed", start, 20]["gamma"] for start in ("q/2", "q"))
    assert low < relu[20] < high


@pytest.mark.parametrize("name", ["tanh", "relu", "hardtanh", "swish"])
def test_slope_at_one_is_chi1_on_the_edge_and_off(name):
    rows = slopes_at_one(name, 0.3)
    assert [r["on_edge"] for r in rows] == [True, False]
    for row in rows:
        chi1 = row["sigma_w"] ** 2 * slope_square(name, row["q"])
        assert row["chi1"] == pytest.approx(chi1, rel=1e-9)
        # f is not C^2 at 1 for a kinked phi: the difference is of the order of the angle 1e-6.
        assert row["slope"] == pytest.approx(chi1, rel=3e-6)
    assert rows[0]["chi1"] == pytest.approx(1.0, rel=1e-12)
    assert rows[1]["chi1"] < 1


def test_slopes_at_one_without_any_edge():
    assert eoc.edge_curve("softplus", [0.3])[0].status == "none"
    assert slopes_at_one("softplus", 0.3) == []
