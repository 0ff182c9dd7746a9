"""The claims on the paper's remarks and on Propositions 1, 4 and 5: no, yes and neither."""

import numpy as np
import pytest

from edgeofchaos.claims.entries import findings, judged
from edgeofchaos.claims.judge import judge
from edgeofchaos.claims.registry import BY_ID


def verdict(claim, tables, name=None, frame=None):
    return judge(findings(BY_ID[claim], {**tables, name: frame} if name else tables))


def finding(claim, start, tables, **changed):
    (found,) = (
        f
        for f in findings(BY_ID[claim], {**tables, **changed})
        if f.criterion.name.startswith(start)
    )
    return found


def test_k_corr_is_reproduced_where_correlations_tend_to_1(tables):
    fits = tables["kcorr"].assign(gamma=0.0, gamma_half=0.0)
    assert verdict("remark-kcorr", tables, "kcorr", fits) == "reproduced"
    # K_var < q alone does not touch what is printed.
    smaller = fits.assign(K_var=fits["q"] / 2)
    assert verdict("remark-kcorr", tables, "kcorr", smaller) == "qualified"


def test_k_corr_needs_its_counterexample_and_settled_correlations(tables):
    frame = tables["kcorr"]
    without = frame[(frame["activation"] != "tanh") | (frame["sigma_w"] != 2)]
    assert (without["gamma"] > 0.5).any()
    assert verdict("remark-kcorr", tables, "kcorr", without) == "refuted", "others contradict it"
    calm = frame[frame["gamma"] < 1e-9]
    assert verdict("remark-kcorr", tables, "kcorr", calm) == "inconclusive"
    falling = frame.assign(gamma=0.3, gamma_half=0.6)
    assert verdict("remark-kcorr", tables, "kcorr", falling) == "inconclusive"
    # Where F falls somewhere the remark says nothing.
    known = (frame["activation"] == "tanh") & (frame["sigma_w"] == 2)
    quiet = frame.assign(increasing=known, gamma=0.0, gamma_half=0.0)
    assert verdict("remark-kcorr", tables, "kcorr", quiet) == "reproduced"


def test_near_the_edge(tables):
    # Nets that do as well near the edge as on it: what is judged here is theory.
    tables = {**tables, "train_curves": tables["train_curves"].assign(accuracy=0.9)}
    frame = tables["near_edge"]
    long = {key: 50.0 for key in ("scale", "to_limit", "scale_measured", "to_limit_measured")}
    assert verdict("remark-near-edge", tables, "near_edge", frame.assign(**long)) == "reproduced"
    for less in (frame[frame["ratio"] != 0.98], frame.assign(scale_measured=np.nan)):
        assert verdict("remark-near-edge", tables, "near_edge", less) == "inconclusive"
    found = finding("remark-near-edge", "depth scale 2 %", tables).measurement
    assert found.value == pytest.approx(68.27, abs=0.01) and found.detail == "tanh, 0.98"
    found = finding("remark-near-edge", "depth scale 5 %", tables)
    assert found.measurement.value == pytest.approx(26.34, abs=0.01)
    assert found.verdict == "refuted"


def test_positive_correlations(tables):
    fits = {
        "negative_pairs": tables["negative_pairs"].assign(layers=1.0, least=1.0, most=2.0),
        "without_biases": tables["without_biases"].assign(gamma=0.0, gamma_half=0.0),
    }
    assert judge(findings(BY_ID["remark-positive-c"], {**tables, **fits})) == "reproduced"
    short = tables["negative_paths"].query("layer > 50000")
    assert verdict("remark-positive-c", tables, "negative_paths", short) == "inconclusive"
    late = tables["negative_pairs"].assign(layers=500.0)
    assert finding("remark-positive-c", "layers until c ≥ 0 outside", tables).verdict == (
        "reproduced"
    )
    found = finding("remark-positive-c", "layers until c ≥ 0 outside", tables, negative_pairs=late)
    assert found.verdict == "refuted"


def test_prevented_is_told_from_slowed_down(tables):
    name, paths = "limit of 1 − c of orthogonal", tables["negative_paths"]
    assert finding("remark-prevents", name, tables).verdict == "refuted"
    settled = paths.assign(gamma=0.1 * (1 + 1e-6 * paths["layer"]))
    assert finding("remark-prevents", name, tables, negative_paths=settled).verdict == "reproduced"
    early = paths.assign(gamma=np.minimum(100 * paths["gamma"], 1))
    assert finding("remark-prevents", name, tables, negative_paths=early).verdict == "inconclusive"


def test_lemma_1_decides_nothing_while_the_variance_moves(tables):
    frame = tables["lemma1"]
    slow = frame.assign(bound=5.0 / frame["layer"], rest=0.1)
    assert verdict("lemma1", tables, "lemma1", slow) == "inconclusive"
    at_rest = frame.assign(sup=1e-6 * frame["sup"])
    assert verdict("lemma1", tables, "lemma1", at_rest) == "inconclusive"
    assert verdict("lemma1", tables, "lemma1", frame[frame["layer"] > 1]) == "inconclusive"


def test_what_lies_between_two_points_of_the_grid_may_undecide_a_contraction(tables):
    frame = tables["contraction"]
    assert verdict("prop1-variance", tables, "contraction", frame.assign(between=1.0)) == (
        "inconclusive"
    )
    above = frame.assign(share=1.2)
    assert verdict("prop1-variance", tables, "contraction", above) == "inconclusive"


def test_no_point_below_the_bound_decides_nothing(tables):
    frame = tables["phase_diagram"].assign(prop1_variance=False, prop1_correlation=False)
    for claim in ("prop1-variance", "prop1-correlation"):
        assert verdict(claim, tables, "phase_diagram", frame) == "inconclusive"


def test_without_biases_correlations_stop(tables):
    frame = tables["without_biases"]
    assert verdict("prop1-correlation", tables) == "qualified"
    fits = frame.assign(gamma=0.0, gamma_half=0.0)
    assert verdict("prop1-correlation", tables, "without_biases", fits) == "reproduced"
    without = frame[frame["activation"] == "relu"]
    assert verdict("prop1-correlation", tables, "without_biases", without) == "inconclusive"


def test_k_var_is_read_where_proposition_4_speaks(tables):
    edge = tables["edge"]
    beyond = edge.assign(stable=edge["stable"] & (edge["sigma_b"] <= 0.5))
    assert verdict("prop4", tables, "edge", beyond) == "qualified"  # as before
    within = edge.assign(stable=edge["stable"] & (edge["sigma_b"] > 0.1))
    assert verdict("prop4", tables, "edge", within) == "refuted"
    far = edge[edge["sigma_b"] > 1]
    assert verdict("prop4", tables, "edge", far) == "inconclusive"


def test_proposition_4_is_not_reproduced_without_its_counterexample(tables):
    conditions = tables["conditions"]
    smooth = conditions[conditions["activation"] != "selu"]
    without = {name: table for name, table in tables.items() if name != "oscillating"}
    assert verdict("prop4", tables, "conditions", smooth) == "qualified"  # by the other one
    assert verdict("prop4", without, "conditions", smooth) == "inconclusive"


def test_functions_that_proposition_5_is_not_about_decide_nothing(tables):
    frame = tables["odd_family"].assign(hypotheses=False, conditions=False)
    assert verdict("prop5", tables, "odd_family", frame) == "inconclusive"


def test_numbers_beside_the_claims(tables):
    own = finding("others-selu", "χ₁ at SELU's own", tables)
    assert own.measurement.value == pytest.approx(1.0716, abs=5e-5)
    assert own.verdict == "reproduced"
    sigmoid = finding("others-softplus", "Sigmoid has no edge", tables)
    assert sigmoid.verdict == "refuted"
    edge = tables["edge"]
    none = edge.assign(status=edge["status"].where(edge["activation"] != "sigmoid", "none"))
    assert finding("others-softplus", "Sigmoid", tables, edge=none).verdict == "reproduced"


def test_labels_name_what_was_read(tables):
    edge = tables["edge"]
    without = edge[edge["activation"] != "selu"]
    (entry,) = (e for e in judged({**tables, "edge": without}) if e["id"] == "edge-stability")
    (found,) = (e for e in entry["evidence"] if "Tanh, ELU and SELU" in e["name"])
    assert found["verdict"] == "inconclusive"
    assert found["detail"] == "table edge has no rows with activation = selu"
