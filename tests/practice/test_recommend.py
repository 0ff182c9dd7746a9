"""recommend: the point for a depth and a width, its reasons, and what it says where there is none.

Nets are drawn here by torch alone, with all their weights: what recommend says of them holds.
"""

import math

import numpy as np
import pytest
import torch

import edgeofchaos as eoc
from edgeofchaos.activations import Activation
from edgeofchaos.practice.screen import screened
from edgeofchaos.practice.search import NEARLY, SIGMA_BS
from edgeofchaos.practice.spread import Chain, gradient_spread
from edgeofchaos.simulation.intervals import clopper_pearson

LEVEL = 1e-6


def drawn(point, width, depth, nets, function, squares=(1.0,), seed=0):
    """q^L of nets with all their weights, (nets,), from inputs of these mean squares in turn."""
    stream = torch.Generator().manual_seed(seed)
    found = []
    for i in range(nets):
        start = (point.start_variance - point.sigma_b**2) * squares[i % len(squares)]
        x = torch.full((width,), math.sqrt(start) / point.sigma_w, dtype=torch.float64)
        for layer in range(depth):
            weights = torch.randn(width, width, generator=stream, dtype=torch.float64)
            biases = point.sigma_b * torch.randn(width, generator=stream, dtype=torch.float64)
            x = (function(x) if layer else x) @ weights * point.sigma_w / math.sqrt(width) + biases
        found.append((x**2).mean().item())
    return np.array(found)


def inside(q, point, band=2.0):
    return int((np.abs(np.log(q / point.start_variance)) <= math.log(band)).sum())


@pytest.mark.parametrize(("name", "function", "width", "depth"), [
    ("tanh", torch.tanh, 60, 60),
    ("gelu", torch.nn.functional.gelu, 50, 30),
    ("relu", torch.relu, 40, 20),
])  # fmt: skip
@pytest.mark.slow(after=1)
def test_the_probability_is_that_of_nets_with_weights(name, function, width, depth):
    advice = eoc.recommend(name, depth, width=width)
    reason = advice.reason("P(q^L in band)")
    assert reason.kind == "sampled" and reason.low <= reason.value <= reason.high
    assert advice.holds is (reason.value >= 0.9)
    nets = 400
    low, high = clopper_pearson(
        inside(drawn(advice.point, width, depth, nets, function), advice.point), nets, LEVEL
    )
    assert low <= reason.high and reason.low <= high


@pytest.mark.slow
def test_inputs_of_different_sizes_count():
    rows = np.random.default_rng(0).normal(size=(50, 40))
    rows *= np.geomspace(0.2, 3.0, 50)[:, None]
    advice = eoc.recommend("tanh", 30, width=100, inputs=rows)
    reason = advice.reason("P(q^L in band)")
    squares = (rows**2).mean(1) / (rows**2).mean()
    nets = 400
    found = drawn(advice.point, 100, 30, nets, torch.tanh, squares)
    low, high = clopper_pearson(inside(found, advice.point), nets, LEVEL)
    assert advice.holds and low <= reason.high and reason.low <= high
    # A ReLU net forgets no scale, and no width changes that.
    relu = eoc.recommend("relu", 30, width=10_000, inputs=rows)
    assert not relu.holds and "no width would do" in relu.note


def test_correlations_are_those_of_the_inputs():
    rows = np.random.default_rng(0).normal(size=(30, 500)) + 1.5
    near = eoc.recommend("relu", 20, inputs=rows)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    gamma = np.median((1 - units @ units.T)[np.triu_indices(30, 1)])
    cmap = eoc.correlation_map("relu", near.point)
    expected = eoc.complement_trajectory(cmap, gamma, [20])[0]
    assert near.complement == pytest.approx(expected, rel=1e-6)
    assert near.complement < eoc.recommend("relu", 20).complement


@pytest.mark.parametrize(
    "name",
    ["tanh", "erf", "elu", "gelu", "swish", pytest.param("hardtanh", marks=pytest.mark.slow)],
)
def test_the_point_is_stable_and_not_the_end_of_a_grid(name):
    points = [eoc.recommend(name, depth).point for depth in (10, 100, 1000)]
    for point in points:
        assert point.stable and point.alpha < 1 and abs(point.chi1 - 1) < 1e-9
        again = eoc.edge_point(name, point.sigma_b)
        assert again.q == pytest.approx(point.q, rel=1e-6) and again.stable
    if name not in ("gelu", "swish"):  # those are limited by where the edge turns stable
        sigma_bs = [point.sigma_b for point in points]
        assert sigma_bs == sorted(sigma_bs, reverse=True) and len(set(sigma_bs)) == 3


@pytest.mark.parametrize("scale", [30.0, 0.3, 3.0, 250.0])
@pytest.mark.slow(after=1)
def test_what_is_recommended_scales_with_the_activation(scale):
    """h(q) of Hard-Tanh is 1e-40 and less at small q, where chi_1 is 1 to all digits."""
    phi = Activation("scaled", lambda x: torch.nn.functional.hardtanh(scale * x))
    one, other = eoc.recommend("hardtanh", 30).point, eoc.recommend(phi, 30).point
    assert other.stable
    assert scale * other.sigma_b == pytest.approx(one.sigma_b, rel=0.02)
    assert scale * other.sigma_w == pytest.approx(one.sigma_w, rel=1e-3)


@pytest.mark.slow
def test_less_width_asks_for_a_variance_that_returns_sooner():
    advice = [eoc.recommend("tanh", 100, width=n) for n in (10_000, 200, 60)]
    assert all(one.holds for one in advice)
    assert advice[0].point.alpha > advice[1].point.alpha > advice[2].point.alpha
    assert advice[0].complement > advice[1].complement > advice[2].complement


def test_nine_tenths_of_the_most_is_kept():
    advice = eoc.recommend("tanh", 100)
    # With q -> 0 the most tends to 1.
    assert advice.complement == pytest.approx(NEARLY, abs=0.01)
    curve = eoc.edge_curve("tanh", np.geomspace(advice.point.sigma_b * 1.2, 5, 12))
    later = [eoc.correlation_map("tanh", p) for p in curve]
    kept = [eoc.complement_trajectory(m, 1.0, [100])[0] for m in later]
    assert max(kept) < advice.complement


@pytest.mark.slow
def test_where_the_probability_is_not_to_be_had_a_width_that_does_is_given():
    advice = eoc.recommend("gelu", 60, width=40)
    assert not advice.holds and "is not to be had at width 40 and depth 60" in advice.note
    enough = advice.reason("width that would do")
    assert enough.kind == "estimate" and 100 < enough.value < 10_000
    better = eoc.recommend("gelu", 60, width=round(1.3 * enough.value))
    assert better.holds and better.reason("P(q^L in band)").value >= 0.9
    worse = eoc.recommend("gelu", 60, width=round(0.5 * enough.value))
    assert not worse.holds


def test_a_width_and_a_depth_beyond_drawing_give_an_estimate_called_one():
    advice = eoc.recommend("tanh", 100_000, width=10_000)
    assert advice.reason("P(q^L in band)").kind == "estimate"
    assert math.isnan(advice.reason("P(q^L in band)").low)


@pytest.mark.parametrize("probability", [0.5, 0.99, 0.999])
def test_what_is_asked_for_is_had(probability):
    advice = eoc.recommend("tanh", 60, width=200, probability=probability)
    assert advice.holds and advice.reason("P(q^L in band)").value >= probability


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("width", [1, 3, 2**31 - 1])
def test_the_least_and_the_most_that_is_asked_for_have_an_answer(depth, width):
    for name in ("tanh", "relu"):
        advice = eoc.recommend(name, depth, width=width)
        assert advice.holds is (width > 3)
        assert 0 <= advice.complement <= 1


def test_inputs_of_zeros_among_others_are_taken():
    rows = np.zeros((6, 4))
    rows[:3, :3] = np.diag([1.0, 2.0, 2.0])
    for name in ("tanh", "relu"):
        advice = eoc.recommend(name, 10, width=100, inputs=rows)
        assert 0 < advice.complement <= 1.5
        assert advice.holds is (name == "tanh")


def test_a_function_that_is_known_to_some_variance_only():
    advice = eoc.recommend(eoc.Activation("x3", lambda x: x * torch.tanh(torch.exp(x))), 50)
    assert advice.point.status != "none" and math.isfinite(advice.complement)


@pytest.mark.slow
def test_gradients_that_differ_by_too_much_between_nets_are_told():
    advice = eoc.recommend("tanh", 3000, width=100)
    assert not advice.holds and "vanish or explode" in advice.note


@pytest.mark.parametrize(("name", "sigma_b"), [("tanh", 0.05), ("relu", 0.0), ("gelu", 0.6)])
@pytest.mark.slow(after=1)
def test_the_spread_of_gradients_is_that_of_drawn_nets(name, sigma_b):
    phi, point, width, depth = eoc.activation(name), eoc.edge_point(name, sigma_b), 100, 25
    stream = torch.Generator().manual_seed(1)
    logs = []
    for _ in range(200):
        start = (point.start_variance - point.sigma_b**2) / point.sigma_w**2
        x = torch.full((width,), math.sqrt(start), dtype=torch.float64)
        layers = []
        for layer in range(depth):
            weights = torch.randn(width, width, generator=stream, dtype=torch.float64)
            biases = point.sigma_b * torch.randn(width, generator=stream, dtype=torch.float64)
            value = phi.fn(x) if layer else x
            x = value @ weights * point.sigma_w / math.sqrt(width) + biases
            x.requires_grad_() if not layers else x.retain_grad()
            layers.append(x)
        readout = torch.randn(width, generator=stream, dtype=torch.float64)
        (x * readout).sum().backward()
        logs.append(math.log((layers[0].grad ** 2).mean() / (layers[-1].grad ** 2).mean()))
    # 200 draws: a standard deviation is known to 5 %, and the estimate is of first order.
    expected = gradient_spread(phi, point, width, depth)
    assert np.std(logs, ddof=1) == pytest.approx(expected, rel=0.25)


@pytest.mark.parametrize("depth", [10, 100, 3000])
@pytest.mark.parametrize(("name", "sigma_b"), [("tanh", 0.02), ("tanh", 0.3), ("swish", 0.9),
                                               ("hardtanh", 0.05), ("relu", 0.0)])  # fmt: skip
def test_the_screen_is_close_to_what_is_computed(name, sigma_b, depth):
    point = eoc.edge_point(name, sigma_b)
    cmap = eoc.correlation_map(name, point)
    for gamma in (1.0, 0.1):
        expected = eoc.complement_trajectory(cmap, gamma, [depth])[0]
        found = screened(eoc.activation(name), point, gamma, depth)
        assert found == pytest.approx(expected, rel=0.1)


def test_the_chain_gives_the_scatter_of_the_variance():
    phi, point = eoc.activation("tanh"), eoc.edge_point("tanh", 0.1)
    q = drawn(point, 80, 20, 300, torch.tanh)
    chain = Chain(phi, point, np.array([point.q]))
    assert np.log(q).std(ddof=1) == pytest.approx(chain.log_spread(80, 20), rel=0.2)


@pytest.mark.parametrize("fn", [torch.nn.functional.softshrink, lambda x: torch.relu(x - 1 / 3)])
def test_where_the_slope_of_the_variance_map_is_one_nothing_leaves_exponentially(fn):
    advice = eoc.recommend(eoc.Activation("flat", fn), 20)
    assert advice.point.alpha == pytest.approx(1.0, abs=1e-9)
    assert "neither returns nor leaves exponentially" in advice.note


def test_where_none_is_stable_the_note_says_how_fast_a_variance_leaves():
    advice = eoc.recommend("squared_relu", 5)
    assert "is stable: a variance off q by a fraction d leaves it after about 2 log(1/d)" in (
        advice.note
    )
    assert not advice.holds and not advice.point.stable
    # From 1 % off, F takes it out of the band after about so many layers.
    lasts = advice.reason("lasts").value
    point = advice.point
    fmap = eoc.variance_map("squared_relu", point.sigma_b, point.sigma_w)
    path = np.log(fmap.trajectory(1.01 * point.q, 30) / point.q)
    assert abs(int(np.argmax(path > math.log(2))) - lasts) <= 3


def test_every_reason_has_a_name_a_number_and_a_kind():
    advice = eoc.recommend("tanh", 30, width=100)
    names = [reason.name for reason in advice.reasons]
    assert names == ["1 - c^L", "beta_q", "eps_q", "P(q^L in band)", "P(all q^l in band)",
                     "chi_1^(L-1)", "spread of log gradient"]  # fmt: skip
    assert all(math.isfinite(reason.value) for reason in advice.reasons)
    assert {reason.kind for reason in advice.reasons} == {"computed", "sampled", "estimate"}
    text = str(advice)
    assert all(name in text for name in names) and "not covered: training itself" in text
    assert advice.reason("1 - c^L").value == advice.complement


def test_equal_arguments_give_equal_numbers():
    assert eoc.recommend("tanh", 30, width=80) == eoc.recommend("tanh", 30, width=80)


# Rankings.


@pytest.mark.slow
def test_a_ranking_puts_first_what_holds_and_lists_what_is_refused():
    names = ["relu", "squared_relu", "softplus", "tanh", "gelu", "identity"]
    ranking = eoc.rank_activations(60, width=100, activations=names)
    order = [one.point.activation for one in ranking.entries]
    assert order[0] == "tanh" and sorted([*order, "softplus", "identity"]) == sorted(names)
    holds = [one.holds for one in ranking.entries]
    assert holds == sorted(holds, reverse=True)
    assert dict(ranking.refused).keys() == {"softplus", "identity"}
    alone = eoc.recommend("tanh", 60, width=100)
    assert ranking.entries[0] == alone
    text = str(ranking)
    assert "softplus: refused: " in text and text.endswith(ranking.not_covered)


def test_a_ranking_takes_activations_of_ones_own():
    mine = eoc.Activation("mine", lambda x: torch.tanh(x) + 0.1 * x)
    ranking = eoc.rank_activations(20, activations=[mine, "relu"])
    assert {one.point.activation for one in ranking.entries} == {"mine", "relu"}


@pytest.mark.parametrize("width", [None, 300])
@pytest.mark.parametrize("name", ["soft_shrink", "own"])
@pytest.mark.slow(after=1)
def test_of_points_that_all_are_marginal_a_usable_one_is_recommended(name, width):
    phi = eoc.Activation("own", lambda x: torch.relu(x - 0.4), (0.4,)) if name == "own" else name
    advice = eoc.recommend(phi, 20, width=width)
    # F' = 1 at all of the edge: the end where sigma_w is in the millions is no answer.
    assert 1.0 < advice.point.sigma_w < 2.0 and not advice.holds
    assert "is stable: F'(q) = 1" in advice.note
    others = [p for p in eoc.edge_curve(phi, SIGMA_BS) if p.status != "none"]
    far = max((p for p in others if p.q > 0.009), key=lambda p: p.sigma_w)
    assert far.sigma_w > 200
    kept = eoc.complement_trajectory(eoc.correlation_map(phi, far), 1.0, [20])[0]
    assert advice.complement > 3 * kept
    if width is not None:
        assert advice.reason("spread of log gradient").value < math.log(1000)


def test_where_no_point_has_any_chance_it_is_the_one_that_scatters_least():
    advice = eoc.recommend("tanh", 10, width=100, band=1 + 1e-9)
    assert advice.reason("P(q^L in band)").value == 0.0
    assert advice.point.sigma_b > 0.1  # where the variance returns to q
    assert "within a factor 1.000000001 of q" in advice.note
