"""Limits and power laws: the estimates hold, and too little evidence decides nothing."""

import numpy as np
import pandas as pd
import pytest
import torch

from edgeofchaos.activations import Activation, activation
from edgeofchaos.claims import better_class, beyond, domains, edge, phases, relu_like
from edgeofchaos.claims.entries import findings
from edgeofchaos.claims.judge import judge
from edgeofchaos.claims.laws import exponent, layers_a_factor, limit_of_falling, over_law
from edgeofchaos.claims.reading import MissingRows
from edgeofchaos.claims.registry import BY_ID
from edgeofchaos.experiments.correlation import rates
from edgeofchaos.experiments.departure import departure
from edgeofchaos.experiments.depth_scales import FIT, depth_scales
from edgeofchaos.experiments.phase_diagram import domains as phase_rows
from edgeofchaos.experiments.relu_like import relu_like as relu_like_tables
from edgeofchaos.experiments.variance import variance
from edgeofchaos.theory.edge import edge_or_at_zero

NEARLY_LINEAR = Activation("nearly_linear", lambda u: u + 0.1 * torch.tanh(u))
KINKS = (0.5, 0.50001)
CLOSE_KINKS = Activation(
    "close_kinks",
    lambda u: torch.tanh(u) + 0.3 * sum(torch.relu(u - k) for k in KINKS),
    kinks=KINKS,
)
FLAT_LEAKY = Activation("flat_leaky", lambda u: torch.where(u > 0, u, 0.95 * u), kinks=(0.0,))
NAMES = ("tanh", "hardtanh", "elu", "selu", "swish", "gelu", "leaky_relu", "x_plus_half_tanh")


def path_of(phi, sigma_b, layers):
    phi = activation(phi)
    return pd.DataFrame(rates(phi, edge_or_at_zero(phi, sigma_b), 1.0, layers))


@pytest.mark.parametrize("sigma_b", [0.05, 0.2, 1.0])
@pytest.mark.parametrize("phi", [*NAMES, NEARLY_LINEAR, CLOSE_KINKS, FLAT_LEAKY], ids=str)
@pytest.mark.slow(after=11)
def test_the_estimates_hold_at_every_depth(phi, sigma_b):
    path = path_of(phi, sigma_b, 30_000)
    power = int(path["exponent"].iloc[0])
    for layers in (10, 30, 100, 300, 1000, 3000, 10_000, 30_000):
        short = path[path["layer"] <= layers]
        law, found = over_law(short, power, "x"), exponent(short, power, "x")
        assert not abs(law.value - 1) > law.error
        # Of a law that is not 1/l or 1/l² the exponent is further than a tenth away.
        assert not abs(found.value + power) > 1.3 * found.error + 0.01


def test_laws_are_told_where_they_hold_and_not_before():
    assert over_law(path_of("tanh", 0.2, 10_000), 1, "tanh").error < 0.02
    assert np.isinf(over_law(path_of(CLOSE_KINKS, 0.2, 10_000), 2, "x").error)
    assert np.isinf(over_law(path_of("tanh", 0.2, 10), 1, "x").error)
    wrong = path_of("tanh", 0.2, 10_000)
    found = over_law(wrong.assign(predicted=1.1 * wrong["predicted"]), 1, "x")
    assert found.value + found.error < 0.95
    other = exponent(wrong, 2, "taken for 1/l²")
    assert other.value - other.error > -1.1


def test_a_falling_path_has_its_limit_between_0_and_its_end():
    path = pd.DataFrame({"layer": [1, 2, 3], "gamma": [1.0, 0.5, 0.3]})
    found = limit_of_falling(path, "gamma", "x")
    assert found.value - found.error <= 0 and found.value + found.error == pytest.approx(0.3)
    rises = limit_of_falling(path.assign(gamma=[1.0, 0.2, 0.3]), "gamma", "x")
    assert rises.value == 0.3 and rises.error < 1e-7
    # A path that has come to rest is at a limit; one that never moved may fall yet.
    rests = limit_of_falling(path.assign(gamma=[1.0, 0.3, 0.3]), "gamma", "x")
    assert rests.value == 0.3 and rests.error < 1e-7
    never = limit_of_falling(path.assign(gamma=[0.3, 0.3, 0.3]), "gamma", "x")
    assert never.value == pytest.approx(0.15) and never.error > 0.149
    with pytest.raises(MissingRows):
        limit_of_falling(path.iloc[:1], "gamma", "x")


def test_distances_that_are_not_small_are_left_out():
    size = pd.Series([1e-1, 1e-3, 1e-6])
    layers = pd.Series([5.0, 50.0, 96.0])
    value, error = layers_a_factor(-np.log(size), layers, size, 1.16)
    assert value == pytest.approx(46 / np.log(1e3) * np.log(1.16)) and error < 0.05
    assert layers_a_factor(-np.log(size), layers, 100 * size, 1.16) is None


def verdicts(claim, tables, reader_tables):
    """Verdicts on the criteria that read none but the tables given."""
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    found = findings(BY_ID[claim], frames)
    return (
        {
            f.criterion.name: f.verdict
            for f in found
            if not f.measurement.detail.startswith("no table")
        }
        if reader_tables
        else judge(found)
    )


DEPTH = dict(
    sigma_b=0.3, ordered_sigma_w=[0.9, 1.3], chaotic_sigma_w=[1.6], layers=400,
    epsilons=[1e-2, 1e-4, 1e-6], lemma1_others=(),
)  # fmt: skip
AWKWARD_DEPTH = [
    {"layers": 10}, {"layers": 100}, {"ordered_sigma_w": [0.5, 1.35]},
    {"ordered_sigma_w": [1.39], "chaotic_sigma_w": [1.395]}, {"chaotic_sigma_w": [1.40]},
    {"epsilons": [0.5, 0.1]}, {"epsilons": [0.5, 1e-12]}, {"epsilons": [1e-3, 1.1e-3]},
    {"sigma_b": 0.05, "ordered_sigma_w": [1.1], "chaotic_sigma_w": [1.2]},
    {"ordered_sigma_w": [2.0], "chaotic_sigma_w": [0.9]},
    {"sigma_b": 1e-6, "ordered_sigma_w": [0.999], "chaotic_sigma_w": [1.01]},
    {"sigma_b": 5.0, "ordered_sigma_w": [0.1, 2.0], "chaotic_sigma_w": [40.0]},
]  # fmt: skip


@pytest.mark.parametrize("change", AWKWARD_DEPTH, ids=str)
@pytest.mark.slow
def test_awkward_depth_scales_refute_nothing(change):
    tables = depth_scales(**{**DEPTH, **change})
    for claim in ("depth-scales", "ordered-phase", "chaotic-phase", "chaotic-discontinuity",
                  "lemma1"):  # fmt: skip
        assert "refuted" not in verdicts(claim, tables, True).values(), claim


@pytest.mark.slow
def test_a_chaotic_phase_near_the_edge_is_one():
    tables = depth_scales(**{**DEPTH, "chaotic_sigma_w": [1.40]})
    found = verdicts("chaotic-phase", tables, True)
    assert found["least 1 − c in the limit"] == "reproduced"
    assert FIT[1] == phases.FITTED_FROM


@pytest.mark.parametrize("layers", [10, 100, 1000])
@pytest.mark.slow
def test_few_layers_of_relu_refute_nothing(layers):
    slopes = [[1, 0], [1, 0.9], [1e-6, 0], [-1, 0.5]]
    tables = relu_like_tables(slopes=slopes, layers=layers, angles=5)
    for claim in ("prop2", "prop3-kernel", "prop3-rate", "relu-degenerate"):
        assert "refuted" not in verdicts(claim, tables, True).values(), claim


@pytest.mark.parametrize("layers", [10, 300, 10_000])
def test_few_layers_of_nearly_linear_activations_refute_nothing(layers):
    paths = [path_of(phi, 0.2, layers) for phi in (*NAMES, NEARLY_LINEAR, CLOSE_KINKS)]
    tables = {"rates": pd.concat(paths)}
    readers = [better_class.rate_limits, lambda t: better_class.limits_over_law(t["rates"])]
    for claim in ("prop4-still-degenerate", "smooth-rate"):
        core = {f.criterion.name: f.verdict for f in findings(BY_ID[claim], tables)
                if f.criterion.role == "core"}  # fmt: skip
        assert "refuted" not in core.values()
    assert all(len(read(tables)) == len(paths) for read in readers)


AWKWARD_VARIANCE = [
    {"inputs": [2.0]}, {"inputs": [1e6, 1e-6], "layers": 10}, {"layers": 20}, {"sigma_w": 1.5},
    {"sigma_b": 0.0, "sigma_w": 0.0},
]  # fmt: skip


@pytest.mark.parametrize("change", AWKWARD_VARIANCE, ids=str)
def test_awkward_variances_refute_nothing(change):
    base = {"sigma_b": 1.0, "sigma_w": 1.0, "inputs": [0.5, 3.0, 8.0], "layers": 40}
    tables = variance(**{**base, **change})
    assert verdicts("prop1-variance-speed", tables, False) in ("reproduced", "inconclusive")


@pytest.mark.parametrize("sigma_b", [0.0, 1e-9, 1e-6, 1.0])
def test_points_of_awkward_phase_diagrams_refute_nothing(sigma_b):
    found = phase_rows("tanh", [sigma_b], [0.5, 0.999, 1.7])
    tables = {"phase_diagram": pd.DataFrame(found).assign(activation="tanh")}
    for claim in ("prop1-variance", "prop1-correlation"):
        assert "refuted" not in verdicts(claim, tables, True).values()
    with pytest.raises(MissingRows):
        domains.outside_d_var({"phase_diagram": tables["phase_diagram"].query("sigma_w > 1.6")})


@pytest.mark.parametrize(
    ("sigma_b", "deviations"),
    [([0.2], [0.4, 0.3]), ([0.2, 0.7], [1e-9, 1e-2]), ([0.8], [1e-2, 1e-4]), ([0.3], [1e-3, 2e-3])],
)
def test_awkward_departures_are_told_or_missing(sigma_b, deviations):
    tables = {
        "departure": pd.DataFrame(departure(sigma_b=sigma_b, deviations=deviations)["departure"])
    }
    try:
        found = beyond.layers_to_leave(tables)
    except MissingRows:
        return
    assert all(abs(m.value - 1) <= m.error for m in found)


def test_lone_rows_decide_nothing():
    path = pd.DataFrame(relu_like_tables(slopes=[[1, 0]], layers=100, angles=2)["relu_like_rates"])
    with pytest.raises(MissingRows):
        relu_like.falls_on({"relu_like_rates": path.iloc[-1:]})
    with pytest.raises(MissingRows):
        edge.slope_gaps({"slopes": pd.DataFrame({"q": [1e9], "on_edge": [True]})}, True)
