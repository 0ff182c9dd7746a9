"""Domains of convergence and phases on a grid, against closed forms and direct recursion."""

import math

import numpy as np
import pytest
from independent import slope_square, variance_step

import edgeofchaos as eoc
from edgeofchaos.experiments.phase_diagram import domains
from edgeofchaos.theory.recursion import pair_trajectory


def one(name, sigma_b, sigma_w):
    (row,) = domains(name, [sigma_b], [sigma_w])
    return row


def test_the_grid_is_complete_and_in_order():
    rows = domains("relu", [0.0, 1.0], [0.5, 1.0, 2.0])
    points = [(r["sigma_b"], r["sigma_w"]) for r in rows]
    assert points == [(b, w) for b in (0.0, 1.0) for w in (0.5, 1.0, 2.0)]


@pytest.mark.parametrize("sigma_b", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("sigma_w", [0.2, 1.0, 1.41])
@pytest.mark.slow(after=3)
def test_relu_below_its_edge_is_proposition_2(sigma_b, sigma_w):
    row = one("relu", sigma_b, sigma_w)
    assert row["q"] == pytest.approx(sigma_b**2 / (1 - sigma_w**2 / 2), rel=1e-11)
    assert (row["chi1"], row["alpha"]) == pytest.approx((sigma_w**2 / 2, sigma_w**2 / 2), rel=1e-12)
    assert (row["K_var"], row["in_D_var"], row["in_D_corr"]) == (math.inf, True, True)
    assert row["phase"] == "ordered"
    assert row["prop1_variance"]
    assert row["prop1_correlation"]


@pytest.mark.parametrize(("sigma_b", "sigma_w"), [(0.3, math.sqrt(2)), (0.3, 1.5), (0.0, 1.5)])
def test_relu_beyond_its_edge_diverges(sigma_b, sigma_w):
    row = one("relu", sigma_b, sigma_w)
    assert (row["phase"], row["q"], row["K_var"]) == ("divergent", math.inf, 0.0)
    assert not (row["in_D_var"] or row["in_D_corr"] or row["prop1_variance"])


def test_relu_on_its_edge():
    row = one("relu", 0.0, math.sqrt(2))
    assert (row["phase"], row["K_var"], row["in_D_var"]) == ("edge", math.inf, True)
    # sigma_w^2 = 1/M is not below it.
    assert not row["prop1_variance"]


@pytest.mark.parametrize("name", ["tanh", "elu", "swish", "hardtanh"])
@pytest.mark.parametrize("sigma_b", [0.2, 1.0])
@pytest.mark.slow(after=2)
def test_against_the_recursion_itself(name, sigma_b):
    for row in domains(name, [sigma_b], [0.5, 1.1, 1.35]):
        x = 1e-3
        for _ in range(150):
            x = variance_step(name, sigma_b, row["sigma_w"], x)
        # Where alpha is near 1 the recursion is still on its way: q solves F(q) = q besides.
        q = row["q"]
        assert q == pytest.approx(x, rel=2e-4)
        assert variance_step(name, sigma_b, row["sigma_w"], q) == pytest.approx(q, rel=1e-9)
        chi1 = row["sigma_w"] ** 2 * slope_square(name, q)
        assert row["chi1"] == pytest.approx(chi1, rel=1e-9)
        assert row["phase"] == ("ordered" if chi1 < 1 else "chaotic")
        assert row["in_D_corr"] == (chi1 < 1)


@pytest.mark.parametrize(
    ("name", "sigma_w", "tends"),
    [("tanh", 0.9, False), ("hardtanh", 0.9, False), ("selu", 0.65, True), ("relu", 1.35, True)],
)
@pytest.mark.slow(after=2)
def test_without_biases_a_kink_at_zero_decides_whether_correlations_tend_to_one(
    name, sigma_w, tends
):
    row = one(name, 0.0, sigma_w)
    assert (row["q"], row["in_D_corr"]) == (0.0, tends)
    assert (pair_trajectory(name, 0.0, sigma_w, 0.3, 0.5, 1.0, 200).gamma[-1] < 0.1) == tends


def test_tanh_without_biases_leaves_zero():
    assert one("tanh", 0.0, 0.9)["q"] == 0.0
    row = one("tanh", 0.0, 1.5)
    assert row["phase"] == "chaotic"
    assert variance_step("tanh", 0.0, 1.5, row["q"]) == pytest.approx(row["q"], rel=1e-10)
    assert row["K_var"] == math.inf


def test_swish_between_its_fixed_points():
    # The basin of the limiting variance ends at the repelling fixed point: the paper's "edge".
    point = eoc.edge_point("swish", 0.2)
    row = one("swish", 0.2, point.sigma_w)
    assert row["phase"] == "ordered"
    assert row["q"] == pytest.approx(0.19404, abs=5e-6)
    assert row["chi1"] == pytest.approx(0.820, abs=5e-4)
    assert row["K_var"] == pytest.approx(point.q, rel=1e-9)


@pytest.mark.parametrize("sigma_b", [0.05, 0.2, 1.0])
def test_tanh_on_its_edge(sigma_b):
    row = one("tanh", sigma_b, eoc.edge_point("tanh", sigma_b).sigma_w)
    assert (row["phase"], row["in_D_corr"]) == ("edge", True)


@pytest.mark.parametrize("name", ["tanh", "relu", "swish", "selu", "softplus", "hardtanh"])
@pytest.mark.slow(after=1)
def test_proposition_1_implies_membership(name):
    rows = domains(name, [0.0, 0.4, 1.5], np.linspace(0.1, 2.0, 9))
    for row in rows:
        if row["prop1_variance"]:
            assert row["in_D_var"]
            assert row["K_var"] == math.inf
        if row["prop1_correlation"]:
            # Without biases q = 0, and there phi without a kink at 0 keeps every correlation.
            assert row["in_D_corr"] == (row["q"] > 0 or name in ("relu", "selu"))
    # Both answers occur, so the implication was put to the test.
    assert {row["prop1_correlation"] for row in rows} == {True, False}


@pytest.mark.parametrize(("b", "w", "word"), [([-1], [1], "sigma_bs"), ([1], ["x"], "sigma_ws")])
def test_a_bad_grid_is_refused_by_name(b, w, word):
    with pytest.raises(ValueError, match=word):
        domains("tanh", b, w)
