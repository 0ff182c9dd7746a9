"""Every claim on the tables of a default run, and on tables that lack something.

``data`` holds what ``cut_tables.py`` left of a default run's tables; where a reader asks for a
table or column by another name, or for rows that the default scale does not have, this fails.
"""

import math
import re

import numpy as np
import pandas as pd
import pytest
from cut_tables import unmeasured
from evidence import verdict_of

from edgeofchaos.claims.entries import COLUMNS, findings, judged, measured, row
from edgeofchaos.claims.judge import decide, judge
from edgeofchaos.claims.registry import BY_ID, CLAIMS

# Of the run that the tables are from; trained nets differ between machines.
NOT_REPRODUCED = {
    "prop1-correlation": "qualified", "prop1-relu-constants": "refuted", "prop4": "qualified",
    "prop6-swish": "refuted", "table1-swish": "refuted", "swish-identity": "qualified",
    "swish-variability": "refuted", "others-selu": "qualified", "others-softplus": "refuted",
    "prop7-supplement": "refuted", "hardtanh-supplement": "qualified",
    "gradient-vanishing": "qualified", "bayesian-prior": "qualified", "remark-kcorr": "refuted",
    "remark-near-edge": "qualified", "remark-positive-c": "qualified",
    "remark-prevents": "refuted", "remark-any-other": "refuted",
    "train-eoc": "qualified", "train-activations": "refuted", "remark-tanh-stuck": "refuted",
    "train-width-depth": "refuted", "train-edge-benefit": "qualified",
    "remark-sigma-b": "refuted", "smooth-rate": "qualified",
}  # fmt: skip


@pytest.fixture(scope="module")
def entries(tables):
    return judged(tables)


def evidence(entries, claim, start):
    """The evidence of a claim whose criterion's name starts like this."""
    (entry,) = (e for e in entries if e["id"] == claim)
    (found,) = (e for e in entry["evidence"] if e["name"].startswith(start))
    return found


def test_every_criterion_is_measured_on_the_default_scale(entries):
    assert unmeasured(entries) == []


def test_the_verdicts_are_those_of_the_default_run(entries):
    found = {e["id"]: e["verdict"] for e in entries if e["verdict"] != "reproduced"}
    assert found == NOT_REPRODUCED
    assert [e["id"] for e in entries] == [c.id for c in CLAIMS] == list(BY_ID)


def test_without_tables_every_claim_is_inconclusive_and_names_what_is_missing():
    for entry in judged({}):
        assert entry["verdict"] == "inconclusive"
        for e in entry["evidence"]:
            assert e["measured"] == "not measured" and e["detail"].startswith("no table ")


class Recorded(dict):
    """Tables that remember which of them were asked for."""

    def __init__(self, tables):
        super().__init__(tables)
        self.read = set()

    def __contains__(self, name):
        self.read.add(name)
        return super().__contains__(name)


def test_a_missing_or_empty_table_makes_a_criterion_inconclusive_and_is_named(tables):
    used = set()
    for claim, criterion in ((c, k) for c in CLAIMS for k in c.criteria):
        recorded = Recorded(tables)
        measured(criterion, recorded)
        assert recorded.read, (claim.id, criterion.name)
        used |= recorded.read
        for name in recorded.read:
            without = {key: table for key, table in tables.items() if key != name}
            for part in (without, {**tables, name: tables[name].iloc[:0]}):
                found = decide(criterion, measured(criterion, part))
                assert found.verdict == "inconclusive", (claim.id, criterion.name, name)
                assert re.search(rf"table {name}\b(?!-)", found.measurement.detail)
    assert used == set(tables), "each table is read"


def test_a_measurement_keeps_its_own_error_and_name(tables, entries):
    limits = (
        tables["constants"].set_index(["constant", "activation"]).loc["identity_distance_limit"]
    )
    largest = evidence(entries, "prop4", "largest lim sup|f − x| among all")
    assert largest["detail"] == "selu"
    assert (largest["value"], largest["error"]) == tuple(limits.loc["selu", ["value", "error"]])
    assert largest["error"] < limits["error"].max() / 1000
    slowest = evidence(entries, "chaotic-discontinuity", "layers a factor e")
    assert slowest["detail"] == "σ_w = 3"
    assert slowest["error"] == pytest.approx(0.1137 * math.log(1.84448) / 2, rel=1e-3)


def test_the_error_of_a_power_follows_from_that_of_its_base(entries):
    power = evidence(entries, "prop6-swish", "F'(q)³⁰")
    alpha = 1.0987278
    assert power["value"] == pytest.approx(alpha**30, rel=1e-6)
    assert power["error"] == pytest.approx(30 * alpha**29 * 1e-11, rel=1e-3)


CONTRARY = [
    ("phase_diagram", {"in_D_var": False}, "prop1-variance"),
    ("phase_diagram", {"chi1": 1.5}, "prop1-correlation"),
    ("variance", {"limit": 9.0}, "prop1-variance-speed"),
    ("depth_scales", {"fitted": 1.0}, "depth-scales"),
    ("trajectories", {"deviation": np.linspace(0.1, 0.2, 10)}, "ordered-phase"),
    ("chaotic", {"slope": -1.2}, "chaotic-phase"),
    ("decorrelation", {"layers": 40}, "chaotic-discontinuity"),
    ("slopes", {"slope": 0.9}, "eoc-derivative"),
    ("lemma1", {"gap": 0.1}, "lemma1"),
    ("lemma1", {"bound": 0.1}, "lemma1"),
    ("lemma1", {"sup": 1.0}, "lemma1"),
    ("contraction", {"slope": 1.01}, "prop1-variance"),
    ("contraction", {"chord": 1.01}, "prop1-variance"),
    ("odd_family", {"conditions": False}, "prop5"),
    ("odd_family", {"limit": 0.1}, "prop5"),
    ("near_edge", {"scale": 20.0, "scale_measured": 20.0}, "remark-near-edge"),
    ("near_edge_paths", {"gamma": np.geomspace(1, 1e-3, 7)}, "remark-near-edge"),
    ("negative_paths", {"predicted": 1.0}, "remark-positive-c"),
    ("kept_variances", {"q": 1.0}, "remark-relu-edge"),
    ("kept_variances", {"sigma_w": 1.5}, "remark-relu-edge"),
    ("scaled_swish", {"F_gap": 1e-6}, "remark-beta-swish"),
    ("scaled_thresholds", {"scaled_sigma_b": 0.75}, "remark-beta-swish"),
    ("relu_like", {"identity_error": 0.1}, "prop2"),
    ("relu_like_map", {"formula": 0.5}, "prop3-kernel"),
    ("relu_like_rates", {"predicted": 1.0}, "prop3-rate"),
    ("relu_like_rates", {"gamma": 0.1}, "relu-degenerate"),
    ("edge", {"stable": False}, "prop4"),
    ("rates", {"predicted": 1.0}, "prop4-still-degenerate"),
    ("correlation_maps", {"f1": 0.0}, "prop4-lemma2"),
    ("conditions", {"holds": True}, "prop4-relu-excluded"),
    ("conditions", {"holds": False}, "prop5"),
    ("swish_moments", {"least_f2": -1.0}, "prop6-swish"),
    ("edge", {"chi1": 1.1}, "table1-swish"),
    ("identity_distance", {"identity_distance": lambda t: t["sigma_w"]}, "swish-identity"),
    ("identity_distance", {"slope_ratio": 0.0}, "prop4-lemma2"),
    ("constants", {"value": 0.1, "error": 0.0}, "others-elu"),
    ("constants", {"value": 0.1, "error": 0.0}, "others-selu"),
    ("hardtanh", {"second": 1.0}, "hardtanh-supplement"),
    ("hardtanh", {"slope2_closed": 1.0}, "kernel-recursion"),
    ("edge", {"status": "unstable"}, "elu-supplement"),
    ("prior_kernel", {"gamma": 0.5}, "bayesian-prior"),
    ("rates", {"exponent": 2}, "smooth-rate"),
    ("threshold", {"sigma_b": 0.8}, "edge-stability"),
    ("departure", {"alpha": 1.5}, "edge-stability"),
    ("folds", {"chi1_after": 0.99}, "edge-stability"),
    ("folds", {"edge_at_limit": True}, "edge-stability"),
    ("folds", {"chaotic_phase": False}, "edge-stability"),
    ("folds", {"chaotic_phase": True}, "edge-stability"),
    ("phase_window", {"phase": "divergent"}, "edge-stability"),
    ("windows", {"sigma_b_from": 0.6}, "edge-stability"),
    ("nets_window", {"growth": 0.02}, "edge-stability"),
    ("nets_window", {"growth": -0.02}, "edge-stability"),
    ("nets_window", {"log_ratio": 2.0}, "edge-stability"),
    ("bounded_folds", {"edge_at_limit": False}, "prop7-supplement"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "claim"), CONTRARY)
def test_contrary_tables_refute(name, change, claim, tables):
    found = findings(BY_ID[claim], {**tables, name: tables[name].assign(**change)})
    assert judge(found) == "refuted"


OSCILLATES = "sup|f − x| of φ = x + ½x|x|"
BOUNDED = "so does a tanh(swish(x)/a)"
IN_WINDOW = "Swish below the threshold: chaotic"
GROWS = "Swish nets at σ_b = 0.72 above the fold"
# Tables, what is changed in one of them, the claim and criterion, and its verdict then.
JUDGED = [
    ("oscillating", {}, "prop4", OSCILLATES, "refuted"),
    ("oscillating", {"identity_distance": 0.0}, "prop4", OSCILLATES, "reproduced"),
    ("oscillating", {"error": 1.0}, "prop4", OSCILLATES, "inconclusive"),
    # An edge point that is none is no counterexample.
    ("oscillating", {"stable": False}, "prop4", OSCILLATES, "inconclusive"),
    ("oscillating", {"identity_distance": 0.1093}, "prop4", "the same against 1 −", "refuted"),
    ("bounded_conditions", {}, "prop7-supplement", BOUNDED, "refuted"),
    # An edge for small σ_b that no fold of F knows of.
    ("bounded_conditions", {"holds": True}, "prop7-supplement", BOUNDED, "inconclusive"),
    # A function that fails the hypotheses is no evidence.
    ("bounded_conditions", {"holds": False}, "prop7-supplement", BOUNDED, "inconclusive"),
    ("bounded_folds", {"chi1_after": 0.9}, "prop7-supplement", BOUNDED, "inconclusive"),
    ("conditions", {"holds": True}, "prop7-supplement", "each with E[φ''φ] ≤ 0", "reproduced"),
    ("phase_window", {"sigma_b": 0.7}, "edge-stability", IN_WINDOW, "refuted"),
    ("nets_window", {"growth_error": 1.0}, "edge-stability", GROWS, "inconclusive"),
    ("nets_window", {"chi1": 0.9}, "edge-stability", GROWS, "inconclusive"),
]


@pytest.mark.parametrize(("name", "change", "claim", "criterion", "verdict"), JUDGED)
def test_each_new_judge_says_yes_no_and_neither(name, change, claim, criterion, verdict, tables):
    changed = {**tables, name: tables[name].assign(**change)}
    assert verdict_of(claim, criterion, changed) == verdict


def test_without_its_counterexamples_a_proposition_is_not_reproduced(tables):
    for claim, lacking in (
        ("prop4", ["oscillating"]),
        ("prop7-supplement", ["bounded_conditions"]),
        ("prop7-supplement", ["bounded_folds"]),
        ("edge-stability", ["windows", "phase_window", "nets_window"]),
    ):
        found = findings(BY_ID[claim], {k: t for k, t in tables.items() if k not in lacking})
        assert judge(found) == "inconclusive" or claim == "prop4"
        assert judge(found) != "reproduced"


def test_a_grid_that_steps_over_the_window_decides_nothing(tables):
    folds, fine = tables["folds"], tables["phase_window"]
    off = {
        "folds": folds[folds["sigma_b"].ne(0.72)],
        "phase_window": fine[fine["sigma_b"].lt(0.7) | fine["sigma_b"].gt(0.75)],
    }
    assert verdict_of("edge-stability", IN_WINDOW, {**tables, **off}) == "inconclusive"


def test_points_on_the_edge_would_reproduce_the_printed_table(tables):
    on_the_edge = tables["printed_points"].assign(chi1=1.0, fixed_points=1, over_fold=0.0)
    staying = tables["nets_printed"].assign(near=0.9, beyond=0.0, draws=1600)
    tables = {**tables, "nets_printed": staying}
    found = findings(BY_ID["table1-swish"], {**tables, "printed_points": on_the_edge})
    assert judge(found) == "reproduced"
    # Another order of q, or a sigma_w far from the fold, is told.
    other = on_the_edge.assign(q=-on_the_edge["q"])
    assert judge(findings(BY_ID["table1-swish"], {**tables, "printed_points": other})) == "refuted"
    far = on_the_edge.assign(over_fold=0.02)
    assert judge(findings(BY_ID["table1-swish"], {**tables, "printed_points": far})) == "qualified"


def test_rows_of_claims_csv_have_their_columns_and_say_what_decides(entries):
    rows = pd.DataFrame([row(e) for e in entries])
    assert tuple(rows.columns) == COLUMNS and not rows.isna().any().any()
    wanted = "id section kind verdict statement measured expected tolerance draws evidence figure"
    assert (*wanted.split(), "readings") == COLUMNS
    relu = rows.set_index("id").loc["prop1-relu-constants"]
    assert relu["measured"] == "M_ReLU: 0.5 +- 5e-13 [relu]" and relu["expected"] == "2"
    assert "C_ReLU: 0.5 +- 5e-13 [relu] (expected < 1; reproduced)" in relu["evidence"]
    assert relu["readings"] == ""
    assert rows.set_index("id").loc["relu-degenerate", "readings"] == (
        "tends to, converges, degenerate: a limit within 0.001 "
        "(at half reproduced, at twice reproduced)"
    )
