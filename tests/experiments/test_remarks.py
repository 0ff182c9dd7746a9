"""The tables of the paper's remarks, and of Lemma 1, against numbers found otherwise."""

import math

import numpy as np
import pytest
from independent import PHI, expect, pair_expectation, slope_square, variance_step
from scipy.special import expit, ndtr

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments.contraction import _ATOM, contractions
from edgeofchaos.experiments.lemma1 import PAIRS, bound, lemma1, map_between
from edgeofchaos.experiments.negative_pairs import paths, without_biases
from edgeofchaos.experiments.odd_family import members, odd_family
from edgeofchaos.experiments.remarks import (
    below_the_fixed_point,
    kept_variances,
    near_the_edge,
    own_points,
)
from edgeofchaos.experiments.scaled_swish import scaled_points, scaled_thresholds
from edgeofchaos.theory.correlation import correlation_map
from edgeofchaos.theory.edge import edge_point
from edgeofchaos.theory.variance import variance_map


def tanh_pair(u, v):
    return np.tanh(u) * np.tanh(v)


def test_the_counterexample_to_k_corr():
    (row,) = below_the_fixed_point(activation("tanh"), 0.3, 2.0, 400)
    q = 1.0
    for _ in range(100):
        q = variance_step("tanh", 0.3, 2.0, q)
    assert row["q"] == pytest.approx(q, rel=1e-9) and round(q, 3) == 2.254
    chi1 = 4 * slope_square("tanh", q)
    assert row["chi1"] == pytest.approx(chi1, rel=1e-9) and round(chi1, 3) == 1.327
    c = 0.5
    for _ in range(100):
        c = (0.09 + 4 * pair_expectation(tanh_pair, q, q, c)) / q
    assert row["gamma"] == pytest.approx(1 - c, abs=1e-7)
    assert row["increasing"] and row["K_var"] >= q and row["over"] < 1e-14


def test_no_row_without_a_fixed_point_and_falling_maps_are_told():
    assert below_the_fixed_point(activation("relu"), 0.3, 2.0, 10) == []
    bell = Activation("bell", lambda u: (-u * u).exp())  # E[phi^2] falls with the variance
    (row,) = below_the_fixed_point(bell, 0.3, 1.0, 10)
    assert not row["increasing"]


def test_depth_scales_close_to_the_edge():
    rows, shown = near_the_edge("tanh", 0.2, [0.95, 0.98, 1.02], (1e-11, 1e-6))
    edge = edge_point("tanh", 0.2)
    scales = [r["scale"] for r in rows]
    assert [round(x) for x in scales] == [26, 68, 71]
    for row, scale in zip(rows, scales, strict=True):
        q = edge.q
        for _ in range(200):
            q = variance_step("tanh", 0.2, row["ratio"] * 1.30414584, q)
        chi1 = (row["ratio"] * 1.30414584) ** 2 * slope_square("tanh", q)
        assert scale == pytest.approx(1 / abs(math.log(chi1)), rel=1e-5)
        assert row["scale_measured"] == pytest.approx(scale, rel=1e-4)
        assert row["to_limit_measured"] == pytest.approx(row["to_limit"], rel=1e-4)
    assert {r["ratio"] for r in shown} == {0.95, 0.98, 1.0, 1.02}


def test_pairs_without_biases_keep_away_from_1():
    sigma_w2 = 0.9  # M and C of Tanh are 1
    rows = without_biases(["tanh"], 0.9, 20, ((1.0, 1.0, 0.5), (1.0, 2.0, 1.0), (1.0, 1.0, 2.0)))
    q, c = 1.0, 0.5
    for _ in range(19):
        new = variance_step("tanh", 0.0, math.sqrt(sigma_w2), q)
        c, q = sigma_w2 * pair_expectation(tanh_pair, q, q, c) / new, new
    assert rows[0]["q"] == pytest.approx(q, rel=1e-8)
    assert rows[0]["gamma"] == pytest.approx(1 - c, abs=1e-8)
    # By symmetry 0 and -1 stay.
    assert rows[1]["gamma"] == pytest.approx(1, abs=1e-12)
    assert rows[2]["gamma"] == pytest.approx(2, abs=1e-12)


def test_paths_from_minus_one_join_those_from_zero():
    found = paths("tanh", [0.2], 10_000)
    ends = {r["start"]: r for r in found if r["layer"] == 10_000}
    assert ends[2.0]["gamma"] == pytest.approx(ends[1.0]["gamma"], rel=5e-3)
    assert ends[2.0]["gamma"] == pytest.approx(ends[2.0]["predicted"], rel=1e-2)
    assert {r["sigma_b"] for r in paths("relu", [0.2], 100)} == {0.0}


def test_relu_keeps_variances_and_he_is_its_edge():
    rows = kept_variances("relu", [0.5, 2.0])
    assert [r["q"] for r in rows] == pytest.approx([0.5, 2.0], rel=1e-13)
    assert [r["f0"] for r in rows] == pytest.approx([1 / math.pi] * 2, rel=1e-10)
    assert rows[0]["sigma_w"] ** 2 == pytest.approx(2, rel=1e-15) and rows[0]["sigma_b"] == 0


def test_selus_own_point():
    zero, own = own_points("selu", 0.0, 1.0)
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    # E[phi'^2] = scale^2 (1/2 + alpha^2 e^2 P(Z < -2))
    chi1 = scale**2 * (0.5 + alpha**2 * math.exp(2) * ndtr(-2.0))
    assert (own["x"], own["chi1"]) == pytest.approx((1, chi1), rel=1e-12)
    assert round(chi1, 4) == 1.0716 and own["attracts"] and not zero["attracts"]


def test_sigmoid_has_an_edge_and_it_is_stable():
    point = edge_point("sigmoid", 0.2)
    assert (round(point.sigma_w, 3), round(point.q, 1), point.stable) == (10.154, 45.7, True)
    assert point.sigma_w**2 * slope_square("sigmoid", point.q) == pytest.approx(1, rel=1e-10)
    for start in (0.04, 1e4):
        q = start
        for _ in range(30):
            q = variance_step("sigmoid", 0.2, point.sigma_w, q)
        assert q == pytest.approx(point.q, rel=1e-9)


def test_beta_only_sets_the_unit():
    for row in scaled_points([0.5, 3.0], [0.2]):
        for key in ("sigma_w_gap", "q_gap", "alpha_gap", "fold_gap", "F_gap", "f_gap"):
            assert row[key] < 1e-12
    beta, sigma_b, x = 3.0, 0.1, 0.4
    swish = lambda u: u * expit(beta * u)  # noqa: E731
    image = sigma_b**2 + 2 * expect(lambda u: swish(u) ** 2, x)
    scaled = variance_step("swish", beta * sigma_b, math.sqrt(2), beta**2 * x) / beta**2
    assert image == pytest.approx(scaled, rel=1e-10)
    (row,) = scaled_thresholds([3.0])
    assert round(row["scaled_sigma_b"], 3) == 0.745 and round(row["scaled_q"], 4) == 14.3202


@pytest.mark.parametrize("name", ["relu", "tanh", "hardtanh", "swish"])
@pytest.mark.slow(after=1)
def test_the_largest_slope_is_found_and_nothing_lies_above(name):
    (row,) = contractions([name], [0.9], 0.2)
    phi = variance_map(name, 0.0, row["sigma_w"])
    finer = np.abs(phi.derivative(np.geomspace(1e-8, 1e8, 17_389))).max()
    assert finer <= row["slope"] + row["between"]
    assert row["chord"] <= row["slope"] + row["between"] < 1
    _, slope, curvature, jumps = PHI[name]
    x = row["at"]
    direct = expect(lambda u: slope(u) ** 2 + curvature(u) * PHI[name][0](u), x, jumps)
    atoms = sum(
        j * PHI[name][0](k) * math.exp(-k * k / (2 * x)) / math.sqrt(2 * math.pi * x)
        for k, j in jumps.items()
    )
    assert row["slope"] == pytest.approx(abs(row["sigma_w"] ** 2 * (direct + atoms)), rel=1e-9)


def test_the_constant_of_an_atom():
    t = np.linspace(0, 30, 300_001)
    largest = (np.sqrt(t) * np.abs(t - 1) * np.exp(-t / 2)).max() / (2 * math.sqrt(2 * math.pi))
    assert largest <= _ATOM < largest + 1e-5


def test_what_is_drawn_meets_the_hypotheses_of_proposition_5():
    rows = odd_family(2, 2)
    assert all(r["hypotheses"] and r["conditions"] and not r["failing"] for r in rows)
    assert [r["fixed_points"] for r in rows] == [1, 1]
    assert all(abs(r["limit"]) <= r["limit_error"] + 1e-9 for r in rows)
    assert all(r["alpha"] < 1 for r in rows)
    x = np.geomspace(1e-3, 50, 300)
    for phi, _ in members(3, 7):
        value, slope, curvature = phi.derivatives(x)
        assert (value > 0).all() and (slope > 0).all() and (curvature < 0).all()
        assert (np.diff(value / x) < 0).all()


@pytest.mark.parametrize(("name", "sigma_ws"), [("tanh", [0.9, 1.6]), ("relu", [1.0])])
@pytest.mark.slow
def test_lemma_1_in_the_supremum(name, sigma_ws):
    rows = lemma1(name, 0.3, sigma_ws, 41)
    assert sorted({r["sigma_w"] for r in rows}) == sigma_ws
    for w in sigma_ws:
        path = [r for r in rows if r["sigma_w"] == w]
        assert [r["layer"] for r in path] == list(range(1, 41))
        known = [r for r in path if not math.isnan(r["sup"])]
        assert [r["layer"] for r in known] == [1, 4, 16, 20, 40]
        assert all(r["gap"] <= r["sup"] * 1.01 + 1e-12 for r in known)
        assert all(r["sup"] <= r["bound"] + 1e-13 for r in known)
        assert known[0]["sup"] > 1e-2 and known[-1]["bound"] < 1e-3 * known[0]["sup"]


def test_the_map_at_a_layer_and_its_bound_by_brute_force():
    fmap = variance_map("tanh", 0.3, 1.2)
    q = fmap.limit()
    q_a, q_b = PAIRS[0][0] * q, PAIRS[0][1] * q
    images = [variance_step("tanh", 0.3, 1.2, v) for v in (q_a, q_b)]
    limit = correlation_map("tanh", type("Point", (), {"q": q, "sigma_b": 0.3, "sigma_w": 1.2}))
    for x in np.linspace(-1, 1, 21):
        product = pair_expectation(tanh_pair, q_a, q_b, x)
        expected = (0.09 + 1.44 * product) / math.sqrt(images[0] * images[1])
        assert float(map_between(fmap, q_a, q_b, x)) == pytest.approx(expected, abs=1e-9)
        assert abs(expected - float(limit(x))) <= bound(fmap, q, q_a, q_b)
    assert bound(fmap, q, q, q) < 1e-14


def test_where_variances_diverge_lemma_1_says_nothing():
    assert lemma1("relu", 0.3, [1.6], 10) == []
    # From beyond the basin of Swish's limit.
    assert lemma1("swish", 0.2, [1.67953160], 10, ((1.0, 4.0, 0.5),)) == []
