"""The judges of what happens at the printed point of Swish: yes, no, and neither to vague evidence.

They read the tables of a default run, with the rows that a criterion is about changed.
"""

import pandas as pd
import pytest
from evidence import verdict_of

from edgeofchaos.claims.judge import INCONCLUSIVE, REFUTED, REPRODUCED
from edgeofchaos.claims.registry import BY_ID

YES, NO, NEITHER = REPRODUCED, REFUTED, INCONCLUSIVE


def changed(tables, name, query, change):
    """The tables with some rows of one of them changed."""
    table = tables[name].copy()
    rows = table.query(query).index
    assert len(rows), (name, query)
    for column, value in change.items():
        table.loc[rows, column] = value
    return {**tables, name: table}


SURFACES = [
    ("swish-printed-deep", "spread", "log of Swish's Var(y)/E[y²] over ReLU's"),
    ("swish-printed-deep", "decorrelation", "log of Swish's 1 − c over ReLU's"),
    ("swish-printed-deep-mean", "spread", "the first with inputs scaled to a mean"),
    ("swish-printed-deep-root", "spread", "the first with inputs times √q"),
    ("swish-printed-deep-plain", "spread", "the first with inputs as they are"),
    ("swish-chi1-deep", "spread", "the first at the solution of χ₁ = 1"),
    ("swish-stable-deep", "spread", "the first at the stable point"),
]


@pytest.mark.parametrize(("case", "quantity", "start"), SURFACES)
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"log_mean": 0.0, "error": 0.02}, YES),
        ({"log_mean": -4.0, "error": 0.02}, NO),
        ({"log_mean": -4.0, "error": 2.0}, NEITHER),
    ],
)
@pytest.mark.slow(after=6)
def test_a_surface_is_judged_by_its_own_case(tables, case, quantity, start, change, expected):
    query = f"case == {case!r} and quantity == {quantity!r}"
    found = changed(tables, "nets_spread", query, change)
    assert verdict_of("swish-variability", start, found) == expected
    others = changed(tables, "nets_spread", f"case != {case!r} and case != 'relu-edge-deep'",
                     {"error": 20.0})  # fmt: skip
    before = verdict_of("swish-variability", start, tables)
    assert verdict_of("swish-variability", start, others) == before


def test_visibly_and_much_more_are_one_reading():
    readings = {
        criterion.reading
        for claim in ("eoc-variability", "swish-variability")
        for criterion in BY_ID[claim].criteria
    }
    assert len(readings) == 1 and None not in readings


NETS = [
    # The share of nets near the printed q
    ("table1-swish", "share of nets there, 100 wide",
     "start == 'q' and width == 100 and layer == 30",
     [({"near": 0.9}, YES), ({"near": 0.1}, NO), ({"near": 0.51}, NEITHER)]),
    # and beyond it, each kind of net
    ("table1-swish", "share of nets there with q²⁰⁰", "layer == 200",
     [({"beyond": 0.01, "draws": 1600}, YES), ({"beyond": 0.01, "draws": 8}, NEITHER),
      ({"beyond": 0.6, "draws": 1600}, NO)]),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "start", "query", "changes"), NETS)
def test_what_becomes_of_nets_at_the_printed_point(tables, claim, start, query, changes):
    for change, expected in changes:
        found = changed(tables, "nets_printed", query, change)
        assert verdict_of(claim, start, found) == expected


def test_the_bound_on_those_beyond_is_for_each_kind_of_net(tables):
    calm = changed(tables, "nets_printed", "layer == 200", {"beyond": 0.01, "draws": 1600})
    one = changed(calm, "nets_printed", "layer == 200 and start == 'q/2' and width == 1000",
                  {"beyond": 0.9})  # fmt: skip
    assert verdict_of("table1-swish", "share of nets there with q²⁰⁰", one) == NO


GRADIENTS = [
    ("Swish at (0.2, 1.718): that factor, from the printed q", "start == 'q'"),
    ("Swish at (0.2, 1.718): that factor, from half", "start == 'q/2'"),
]


@pytest.mark.parametrize(("start", "query"), GRADIENTS)
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"log_factor": 0.0, "error": 0.001}, YES),
        ({"log_factor": -0.1, "error": 0.002}, NO),
        ({"log_factor": -0.1, "error": 0.2}, NEITHER),
    ],
)
def test_gradients_of_swish_are_judged_at_the_printed_point(tables, start, query, change, expected):
    found = changed(tables, "nets_factors", f"place == 'printed' and {query}", change)
    assert verdict_of("gradient-vanishing", start, found) == expected


def test_gradients_where_variances_leave_are_not_held_against_the_theory(tables):
    gap = "largest gap of a simulated log factor"
    for place, expected in (("printed", YES), ("chi1", YES), ("stable", NO), ("he", NO)):
        found = changed(tables, "nets_factors", f"place == {place!r}", {"log_factor": 9.0})
        assert verdict_of("gradient-vanishing", gap, found) == expected


RELUS = "ReLU and Leaky ReLU: 1 − c^L"
RATIO = "least ratio of Tanh's"
OTHERS = "Tanh's, Arctan's, ELU's over those of other"
PRINTED = "the same for Swish at (0.2, 1.718) from the printed q"
HALF = "the same from half of it"
PRIORS = [
    # Leaky ReLU counts as well as ReLU does.
    (RELUS, "activation == 'leaky_relu'", 0.5, NO),
    (RELUS, "activation == 'relu'", 0.5, NO),
    (RELUS, "activation == 'tanh'", 0.5, YES),
    (RATIO, "activation == 'leaky_relu'", 0.99, NO),
    (RATIO, "activation == 'elu' and sigma_b == 0.2", 1e-6, NO),
    (RATIO, "activation == 'relu_like(2,1)'", 0.99, YES),
    (OTHERS, "activation == 'relu_like(2,1)'", 1e-9, YES),
    (OTHERS, "activation == 'relu_like(1,0.25)'", 0.99, NO),
    (PRINTED, "activation == 'swish' and place == 'printed' and start == 'q'", 1e-9, NO),
    (PRINTED, "activation == 'swish' and place == 'chi1'", 1e-9, YES),
    (HALF, "activation == 'swish' and place == 'printed' and start == 'q/2'", 0.9, YES),
    (HALF, "activation == 'swish' and place == 'stable'", 0.9, NO),
]


@pytest.mark.parametrize(("start", "query", "gamma", "expected"), PRIORS)
def test_priors_are_compared_with_every_relu_like_one(tables, start, query, gamma, expected):
    found = changed(tables, "prior_kernel", query, {"gamma": gamma})
    assert verdict_of("bayesian-prior", start, found) == expected


@pytest.mark.parametrize("start", [RELUS, RATIO, OTHERS, PRINTED, HALF])
def test_priors_without_what_they_are_compared_with_decide_nothing(tables, start):
    kernel = tables["prior_kernel"]
    named = kernel["activation"].isin(["relu", "leaky_relu"])
    relu_like = kernel["relu_like"].astype(str) == "True"
    for without in (kernel[~relu_like], kernel[relu_like & ~named]):
        found = {**tables, "prior_kernel": pd.DataFrame(without)}
        assert verdict_of("bayesian-prior", start, found) == NEITHER
