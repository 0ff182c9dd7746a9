"""Claims on the other activations, and those of the paper's supplement."""

from __future__ import annotations

import math
from collections.abc import Collection

import pandas as pd

from edgeofchaos.builtins import BUILTINS
from edgeofchaos.claims.laws import exponent
from edgeofchaos.claims.model import CLASS, Claim, Measurement, Tables, below, equal, yes
from edgeofchaos.claims.reading import (
    MAP_ERROR,
    MOMENT_ERROR,
    MissingRows,
    answer,
    constant,
    each,
    holds,
    identity_distance_limits,
    increasing,
    is_so,
    meeting,
    meets,
    opened,
    row,
    rows,
    some,
)
from edgeofchaos.claims.swish import POINT_ERROR
from edgeofchaos.claims.words import LOOKS_LIKE, TO_IDENTITY
from edgeofchaos.support.columns import truth
from edgeofchaos.theory.edge_equation import NOT_SEARCHED

# sup|f − x| of SELU as q → 0, from its slopes λα and λ at 0.
SELU_LIMIT = 0.0379715275
# Smaller numbers have lost digits, or will in a product: float64 ends at 1e-308.
UNDERFLOW = 1e-290


def hardtanh_moment_errors(tables: Tables) -> list[Measurement]:
    """|quadrature/closed form − 1| of three moments of Hard-Tanh, for each variance.

    But for those that are too small to have all of their digits.
    """
    found = rows(tables, "hardtanh")
    return [
        Measurement(m.value, m.error, f"{moment}, {m.detail}")
        for moment in ("second", "slope2", "curvature")
        for part in [found[found[f"{moment}_closed"].abs() > UNDERFLOW]]
        for m in each(part, (part[moment] / part[f"{moment}_closed"] - 1).abs(), by=("q",))
    ]


def condition_ii_of_those(tables: Tables) -> list[Measurement]:
    """Whether condition (ii) holds, for each that is bounded and has β in (0, 1)."""
    return [_ii(tables, name, "(ii) an edge for small sigma_b") for name in some_meeting(tables)]


def some_meeting(tables: Tables) -> list[str]:
    """The built-in activations that meet Proposition 7's conditions; MissingRows if none does."""
    names = [name for name in meeting(tables, 7) if name in BUILTINS]
    if not names:
        raise MissingRows("table conditions has no activation that meets Proposition 7's")
    return names


def _ii(tables: Tables, name: str, condition: str) -> Measurement:
    m = holds(tables, name, condition)
    return Measurement(m.value, m.error, f"{name}: {m.detail}")


def condition_ii_of_a_bounded_swish(tables: Tables) -> Measurement:
    """Whether (ii) holds for a tanh(swish(x)/a), which meets Proposition 7's hypotheses.

    It does not where (ii) fails and χ₁ jumps over 1 besides, at some σ_b without an edge.

    Raises:
        MissingRows: it does not meet them, so that it is no evidence.
    """
    name = str(row(tables, "bounded_conditions")["activation"])
    as_conditions = {"conditions": tables["bounded_conditions"]}
    if not is_so(meets(as_conditions, name, 7)):
        raise MissingRows(f"table bounded_conditions has {name}, which fails the hypotheses")
    found = holds(as_conditions, name, "(ii) an edge for small sigma_b")
    folds = rows(tables, "bounded_folds", "chi1_after > 1 and chi1_fold < 1")
    folds = folds[~truth(folds["edge_at_limit"])]
    jumps = ", ".join(
        f"{f.chi1_fold:.3f} to {f.chi1_after:.3f} at σ_b = {f.sigma_b:g}"
        for f in folds.itertuples()
    )
    agree = is_so(found) == folds.empty
    return Measurement(found.value if agree else math.nan, 0.0, f"{name}: χ₁ jumps from {jumps}")


def mended(tables: Tables) -> list[Measurement]:
    """Whether (ii) holds, for those that also have E[φ''φ] ≤ 0 at every q."""
    names = [n for n in meeting(tables, 7) if is_so(holds(tables, n, "E[phi'' phi] <= 0", 7))]
    if not names:
        raise MissingRows("table conditions has no activation with E[phi'' phi] <= 0")
    return [_ii(tables, name, "(ii) an edge for small sigma_b") for name in names]


def solvable(tables: Tables) -> list[Measurement]:
    """Whether χ₁ = 1 and F(q) = q have a solution, stable or not, for all bounded ones."""
    names = some_meeting(tables)
    return [_ii(tables, name, "(ii) without stability") for name in names]


def tanh_has_no_beta(tables: Tables) -> Measurement:
    """Whether Tanh's β is outside (0, 1); open where its error does not say."""
    beta = constant(tables, "tanh", "beta")
    detail = f"β = {beta.value:.8g} ± {beta.error:.1g}"
    if beta.error < beta.value < 1 - beta.error:
        return answer(False, detail)
    outside = beta.value < -beta.error or beta.value > 1 + beta.error
    return answer(True, detail) if outside else opened(detail)


def curves_rise(tables: Tables) -> list[Measurement]:
    """Whether σ_w rises with σ_b along the edges of Hard-Tanh and Tanh."""
    found = []
    for name in ("hardtanh", "tanh"):
        curve = rows(tables, "edge", "status != 'none'", activation=name).sort_values("sigma_b")
        found.append(increasing(curve["sigma_w"], POINT_ERROR, name))
    return found


def map_differences(tables: Tables) -> list[Measurement]:
    """|f of Hard-Tanh − f of Tanh| at σ_b = 0.2, for each c."""
    hard, soft = (
        rows(tables, "correlation_maps", activation=name, sigma_b=0.2)
        for name in ("hardtanh", "tanh")
    )
    both = some(hard.merge(soft, on="c", suffixes=("", "_tanh")), "no c in common, table "
                "correlation_maps")  # fmt: skip
    return each(both, (both["f"] - both["f_tanh"]).abs(), 2 * MAP_ERROR, ("c",))


def exponent_difference(tables: Tables) -> Measurement:
    """Hard-Tanh's exponent of l in 1 − c less Tanh's."""
    hard, soft = (
        exponent(rows(tables, "rates", activation=name, start=1.0), power, name)
        for name, power in (("hardtanh", 2), ("tanh", 1))
    )
    detail = f"{hard.value:.3f} and {soft.value:.3f}"
    return Measurement(hard.value - soft.value, hard.error + soft.error, detail)


def selu_own_chi1(tables: Tables) -> Measurement:
    """χ₁ of SELU at the limiting variance of σ_b = 0, σ_w = 1."""
    found = rows(tables, "own_points", activation="selu", sigma_b=0.0, sigma_w=1.0)
    point = found[truth(found["attracts"])]
    point = some(point, "table own_points has no fixed point of selu that attracts").iloc[0]
    return Measurement(float(point["chi1"]), MOMENT_ERROR, f"q = {point['x']:.9g}")


def no_edge(tables: Tables, activation: str) -> list[Measurement]:
    """Whether there is no edge point, stable or not, at each σ_b of the config."""
    return [
        Measurement(1 - m.value, m.error, m.detail)
        for m in edge_points(tables, activation, ("ok", "unstable", "singleton"))
    ]


def edge_points(tables: Tables, activation: str, statuses: Collection[str]) -> list[Measurement]:
    """Whether the edge has a point of one of these statuses, at each σ_b of the config.

    It is open where no point was found among the variances searched, or F'(q) = 1 to rounding.
    """
    curve = rows(tables, "edge", activation=activation)
    has = curve["status"].isin(statuses).astype(float)
    reason = (
        curve["reason"].astype(object).fillna("")
        if "reason" in curve
        else pd.Series("", curve.index)
    )
    left = reason.str.endswith(NOT_SEARCHED)
    left |= (curve["alpha"] - 1).abs().le(MOMENT_ERROR) & curve["q"].gt(0)
    return each(curve, has.mask(left), by=("sigma_b",))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "others-elu",
        CLASS,
        ("T",),
        "ELU satisfies the conditions as well.",
        [
            yes("ELU meets (i)–(iv)", lambda t: meets(t, "elu", 4)),
            below(
                "lim sup|f − x|", TO_IDENTITY,
                lambda t: identity_distance_limits(t, ["elu"]),
            ),
        ],
        figures=("identity_distance", "elu"),
    ),
    Claim(
        "others-selu",
        CLASS,
        ("T",),
        "SELU satisfies the conditions as well.",
        [
            yes("SELU meets (i)–(iv) as printed", lambda t: meets(t, "selu", 4)),
            equal(
                "lim sup|f − x| against (λα−λ)²/(π((λα)²+λ²)) = 0.0379715", SELU_LIMIT, 1e-6,
                lambda t: identity_distance_limits(t, ["selu"]),
            ),
            below(
                "lim sup|f − x|, which Proposition 4 says is 0", TO_IDENTITY,
                lambda t: identity_distance_limits(t, ["selu"]),
                "scope",
            ),
            equal(
                "χ₁ at SELU's own initialisation, σ_b = 0, σ_w = 1, q = 1", 1.0716, 5e-5,
                selu_own_chi1, "scope",
            ),
        ],
        figures=("identity_distance",),
        note="SELU meets the conditions as printed and contradicts what Proposition 4 draws from "
        "them, because of its kink at 0. The initialisation that SELU was made for (σ_b = 0, "
        "σ_w = 1, which keeps q = 1) is not on the edge: χ₁ = 1.0716, slightly chaotic, so that "
        "small 1 − c grow by a factor e in 14.5 layers.",
    ),
    Claim(
        "others-softplus",
        CLASS,
        ("T",),
        "Softplus satisfies the conditions as well.",
        [
            yes("φ(0) = 0", lambda t: holds(t, "softplus", "(i) phi(0) = 0")),
            yes(
                "Softplus has an edge point for small σ_b",
                lambda t: holds(t, "softplus", "(ii) without stability"),
            ),
            yes(
                "softplus − log 2 meets (i)–(iv)", lambda t: meets(t, "shifted_softplus", 4),
                "scope",
            ),
            yes(
                "Sigmoid has no edge point either, as a later text of the first author says",
                lambda t: no_edge(t, "sigmoid"), "scope", ("σ_b = 0.2",),
            ),
        ],
        figures=("edge_curves",),
        note="Softplus has φ(0) = log 2, and q − E[φ²]/E[φ'²] < 0 for every q > 0, so it has no "
        "edge at all: with ψ = φ − max(u, 0) it is (qE[ψ'²] − E[ψ²] − 2 log 2 √(q/2π))/E[φ'²], "
        "and qE[ψ'²] ≤ (2 log 2 − 1) √(q/2π). A later text of the first author says so of "
        "Softplus and of Sigmoid; of Sigmoid it is not true: its edge is at large q, "
        "σ_w = 10.154 and q = 45.7 at σ_b = 0.2, where it is stable, and what fails there "
        "is q → 0 in (iii). softplus − log 2 has a curve, but an unstable one at every σ_b "
        "looked at, like Swish's below its threshold.",
    ),
    Claim(
        "prop7-supplement",
        CLASS,
        ("T",),
        "Bounded φ with E[φ'(xZ)²] ≳ |x|^(−2β) for some β in (0, 1) satisfies (ii); Tanh does not "
        "meet this condition (as reconstructed).",
        [
            yes("each bounded built-in φ with such a β satisfies (ii)", condition_ii_of_those),
            yes(
                "so does a tanh(swish(x)/a), bounded with β = 1/2",
                condition_ii_of_a_bounded_swish, witnesses=("10 tanh(swish/10)",),
            ),
            yes("each with E[φ''φ] ≤ 0 at every q besides satisfies (ii)", mended, "scope"),
            yes("χ₁ = 1 and F(q) = q have a solution for each of them", solvable, "scope"),
            yes("Tanh has no such β in (0, 1)", tanh_has_no_beta, "scope"),
        ],
        figures=("slope_decay", "counterexamples"),
        note="False as reconstructed. The growth of χ₁ gives a solution of χ₁ = 1 and F(q) = q "
        "for every σ_b > 0, but not that q is the smallest fixed point: 10 tanh(swish(x)/10) is "
        "bounded with β = 1/2, F is non-decreasing and q → 0, yet its limiting variance jumps "
        "at a fold of F, and χ₁ with it over 1 (from 0.954 to 1.097 at σ_b = 0.1, from 0.928 to "
        "1.070 at 0.2), so that no σ_w is on the edge in the sense of Definition 2. E[φ''φ] ≤ 0 "
        "wherever χ₁ < 1 mends it: then α ≤ χ₁ < 1, so that the limiting variance is continuous "
        "in σ_w up to χ₁ = 1 (docs/explanation/proofs.md). Every odd φ with xφ(x) ≥ 0 and "
        "xφ''(x) ≤ 0 has that, Tanh, Arctan, erf and Hard-Tanh among them. The remark on Tanh does "
        "not hold either: E[φ'(xZ)²] ~ (4/3)/(√(2π) |x|), so β = 1/2, as for every "
        "bounded φ with square integrable φ'.",
    ),
    Claim(
        "hardtanh-supplement",
        CLASS,
        ("T",),
        "For Hard-Tanh the moments and f have closed forms; its edge curve, F and f look like "
        "Tanh's.",
        [
            below(
                "largest relative error of its moments against the closed forms", 1e-12,
                hardtanh_moment_errors,
            ),
            yes("both edge curves rise with σ_b", curves_rise),
            yes("q → 0 on Hard-Tanh's", lambda t: holds(t, "hardtanh", "(iii) q -> 0")),
            yes("q → 0 on Tanh's", lambda t: holds(t, "tanh", "(iii) q -> 0")),
            below("largest difference of the two f at σ_b = 0.2", LOOKS_LIKE, map_differences),
            equal(
                "exponent of 1 − cˡ: Hard-Tanh's minus Tanh's", 0.0, 0.1, exponent_difference,
                "scope",
            ),
        ],
        figures=("hardtanh",),
        note="They look alike and behave differently at depth: Hard-Tanh's slope jumps at ±1, so "
        "1 − cˡ ~ 1/l², as for ReLU, where Tanh has 1/l.",
    ),
    Claim(
        "elu-supplement",
        CLASS,
        ("T",),
        "ELU: the edge curve exists, F is non-decreasing, q → 0, f is convex.",
        [
            yes(
                "a stable edge point at each σ_b of the config",
                lambda t: edge_points(t, "elu", ("ok",)),
            ),
            yes("F is non-decreasing", lambda t: holds(t, "elu", "(iii) F is non-decreasing")),
            yes("q → 0 as σ_b → 0", lambda t: holds(t, "elu", "(iii) q -> 0")),
            yes("f is convex on [0, 1]", lambda t: holds(t, "elu", "(iv) f is convex on [0, 1]")),
        ],
        figures=("elu",),
    ),
)  # fmt: skip
