"""The claims on activations: less evidence, or more activations, decide nothing falsely."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
import torch
from evidence import verdict_of

from edgeofchaos.activations import Activation
from edgeofchaos.claims.entries import findings
from edgeofchaos.claims.judge import judge
from edgeofchaos.claims.registry import BY_ID
from edgeofchaos.experiments.correlation import distances, maps
from edgeofchaos.experiments.edge import constants
from edgeofchaos.theory.conditions import check_conditions
from edgeofchaos.theory.edge import edge_curve

OURS = (
    "prop4", "prop4-lemma2", "prop4-relu-excluded", "prop5", "others-elu", "others-selu",
    "others-softplus", "prop7-supplement", "elu-supplement", "prop6-swish", "table1-swish",
    "swish-identity",
)  # fmt: skip
# Nothing of these is random, and no net is in them.
BY_ACTIVATION = (
    "conditions", "constants", "edge", "identity_distance", "correlation_maps", "fixed_points",
    "rates", "prior_kernel",
)  # fmt: skip


@pytest.fixture(scope="module")
def full(tables):
    return {claim: findings(BY_ID[claim], tables) for claim in OURS}


def allowed(found, whole):
    """Whether each criterion, and the claim, has the verdict of the whole evidence or none."""
    wrong = [
        (f.criterion.name, w.verdict, f.verdict)
        for f, w in zip(found, whole, strict=True)
        if f.verdict not in (w.verdict, "inconclusive")
    ]
    if judge(found) not in (judge(whole), "inconclusive"):
        wrong.append(("claim", judge(whole), judge(found)))
    return wrong


def of(tables, names):
    """The tables as a config with these activations would have them."""
    kept = {k: t[t["activation"].isin(names)] for k, t in tables.items() if k in BY_ACTIVATION}
    return {**tables, **kept}


LISTS = [
    ["relu", "tanh", "swish"], ["relu"], ["tanh"], ["selu"], ["identity", "elu"],
    ["tanh", "hardtanh"], ["softplus", "gelu", "mish"], ["relu", "leaky_relu", "sigmoid"],
]  # fmt: skip


@pytest.mark.parametrize("names", LISTS, ids="+".join)
@pytest.mark.slow(after=2)
def test_other_lists_of_activations_decide_nothing_else(names, tables, full):
    for claim in OURS:
        assert not allowed(findings(BY_ID[claim], of(tables, names)), full[claim]), claim


def test_without_selu_and_the_oscillating_one_proposition_4_is_not_reproduced(tables):
    names = sorted({*tables["conditions"]["activation"]} - {"selu"})
    less = {k: t for k, t in of(tables, names).items() if k != "oscillating"}
    assert judge(findings(BY_ID["prop4"], less)) == "inconclusive"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.slow(after=2)
def test_rows_left_out_at_random_decide_nothing_else(seed, tables, full):
    draw = np.random.default_rng(seed)
    fewer = {}
    for name, table in tables.items():
        share = draw.choice([0.05, 0.3, 0.8, 1.0])
        fewer[name] = table[draw.random(len(table)) < share]
    for claim in OURS:
        assert not allowed(findings(BY_ID[claim], fewer), full[claim]), claim


@pytest.mark.parametrize("sigma_b", [0.2, 0.75, 1.0, 5.0])
@pytest.mark.slow(after=1)
def test_one_sigma_b_decides_nothing_else(sigma_b, tables, full):
    one = {
        k: t[np.isclose(t["sigma_b"], sigma_b)] if "sigma_b" in t else t for k, t in tables.items()
    }
    for claim in (*OURS, "hardtanh-supplement"):
        whole = full.get(claim) or findings(BY_ID[claim], tables)
        assert not allowed(findings(BY_ID[claim], one), whole), claim


def rounded(x):
    return torch.tanh(x) + 0.3 * torch.tanh(torch.sqrt(x * x + 1e-8) - 1e-4)


MADE_UP = [
    Activation("a10", lambda x: x + 0.1 * torch.tanh(x)),
    Activation("a100", lambda x: x + 0.01 * torch.tanh(x)),
    Activation("a1e6", lambda x: x + 1e-6 * torch.tanh(x)),
    Activation("wide", lambda x: 1e3 * torch.tanh(x / 1e3)),
    Activation("leaky", lambda x: torch.nn.functional.leaky_relu(x, 0.999), (0.0,)),
    Activation("shifted", lambda x: torch.nn.functional.softplus(10 * x, threshold=40.0) / 10),
    Activation("bent", lambda x: torch.tanh(x) + 1e-3 * torch.relu(x), (0.0,)),
    Activation("small", lambda x: 1e-6 * torch.tanh(x)),
]


@pytest.mark.parametrize("phi", MADE_UP, ids=lambda phi: phi.name)
@pytest.mark.slow(after=1)
def test_an_activation_of_ones_own_changes_no_verdict(phi, tables, full):
    points = [p for p in edge_curve(phi, [0.05, 0.5]) if p.status != "none"]
    rows = {
        "conditions": [{"activation": phi.name, **asdict(c)} for c in check_conditions(phi)],
        "constants": constants(phi),
        "edge": [p.as_dict() for p in edge_curve(phi, [0.0, 0.05, 0.5])],
        "identity_distance": distances(phi, [1e-4, 0.05, 0.5, 2.0]),
        "correlation_maps": [r for p in points for r in maps(phi, p, np.array([0.0]))],
    }
    more = {
        **tables,
        **{k: pd.concat([tables[k], pd.DataFrame(r)], ignore_index=True) for k, r in rows.items()},
    }
    for claim in OURS:
        assert not allowed(findings(BY_ID[claim], more), full[claim]), claim


def test_what_is_open_in_the_table_decides_nothing(tables):
    left = tables["conditions"].astype({"holds": object})
    elu = (left["activation"] == "elu") & (left["condition"] == "(i) |phi(x)/x| <= K")
    left.loc[elu, "holds"] = np.nan
    assert judge(findings(BY_ID["others-elu"], {**tables, "conditions": left})) == "inconclusive"
    left.loc[elu, "holds"] = False
    assert judge(findings(BY_ID["others-elu"], {**tables, "conditions": left})) == "refuted"


def test_a_limit_is_not_read_far_from_it(tables):
    """The oscillating phi at q = 0.01, where the bound on what oscillates is no small number."""
    far = tables["oscillating"]
    far = far[far["q"] > 9e-3]
    for start in ("sup|f − x| of φ = x + ½x|x|", "the same against 1 −"):
        assert verdict_of("prop4", start, {**tables, "oscillating": far}) == "inconclusive"


def test_the_distance_of_the_oscillating_phi_to_its_limit_is_bounded():
    from edgeofchaos.theory.counterexamples import oscillating_point

    for q in np.geomspace(1e-9, 0.1, 25):
        bound = q / 15 + 16 * np.exp(-0.595 * q ** (-1 / 3))
        assert abs(oscillating_point(float(q)).identity_distance - 1 / 9) <= bound


def test_another_ceiling_does_not_stand_for_the_counterexample(tables):
    start = "so does a tanh(swish(x)/a)"
    conditions = tables["bounded_conditions"]
    met = {
        **tables,
        "bounded_conditions": conditions.assign(holds=True),
        "bounded_folds": tables["bounded_folds"].assign(edge_at_limit=True),
    }
    assert verdict_of("prop7-supplement", start, met) == "reproduced"
    other = met["bounded_conditions"].assign(activation="5 tanh(swish/5)")
    met = {**met, "bounded_conditions": other}
    assert verdict_of("prop7-supplement", start, met) == "inconclusive"


def test_an_edge_beyond_the_variances_searched_is_left_open(tables):
    edge = tables["edge"].assign(reason="")
    elu = edge["activation"] == "elu"
    start = "a stable edge point at each"
    for reason, verdict in (
        ("has q outside 1e-16 to 1e+10, where none is looked for", "inconclusive"),
        ("no edge at any sigma_b", "refuted"),
    ):
        none = edge.assign(
            status=edge["status"].mask(elu, "none"), reason=edge["reason"].mask(elu, reason)
        )
        assert verdict_of("elu-supplement", start, {**tables, "edge": none}) == verdict


def test_an_edge_of_sigmoid_where_there_is_none_is_missed_at_0_2(tables):
    start = "Sigmoid has no edge point"
    edge = tables["edge"]
    none = edge.assign(status=edge["status"].mask(edge["activation"] == "sigmoid", "none"))
    assert verdict_of("others-softplus", start, {**tables, "edge": none}) == "reproduced"
    without = none[~np.isclose(none["sigma_b"], 0.2)]
    assert verdict_of("others-softplus", start, {**tables, "edge": without}) == "inconclusive"


def test_the_depth_of_the_printed_points_is_200(tables):
    other = {**tables, "printed_points": tables["printed_points"].assign(depth=400)}
    assert verdict_of("table1-swish", "σ_w that solves", other) == "inconclusive"


def test_swishs_moments_are_read_from_0_1_to_10(tables):
    moments = tables["swish_moments"]
    beyond = moments.iloc[:2].assign(q=[0.01, 1e3], least_f2=-1.0, curvature_phi=1e-9)
    more = {**tables, "swish_moments": pd.concat([moments, beyond], ignore_index=True)}
    assert verdict_of("prop6-swish", "least f''", more) == "reproduced"
    assert verdict_of("prop6-swish", "log of E[φ''φ]", more) == "reproduced"
