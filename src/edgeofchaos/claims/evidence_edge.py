"""Evidence for the claims on the edge, the better class, rates and stability."""

from __future__ import annotations

import math

import numpy as np

from edgeofchaos.claims.evidence import (
    ERROR_1D,
    MISSING,
    Evidence,
    Measurement,
    MissingRows,
    Tables,
    constant,
    holds,
    is_true,
    kinked,
    largest,
    last,
    local_exponent,
    meets,
    reader,
    table,
    worst,
    yes,
)
from edgeofchaos.claims.evidence_maps import _hardtanh_error

SMOOTH_CLASS = ("tanh", "arctan", "elu")


def _names(tables: Tables) -> list[str]:
    return list(dict.fromkeys(table(tables, "conditions")["activation"]))


def _limit_gap(tables: Tables, name: str) -> Measurement:
    """|lim sup|f - x| - formula| for one activation."""
    limit = constant(tables, name, "identity_limit")
    return Measurement(limit.value - constant(tables, name, "plateau_formula").value, limit.error)


@reader("prop4")
def _(tables: Tables) -> Evidence:
    printed = [n for n in _names(tables) if meets(tables, n, 4).value]
    smooth = [n for n in printed if holds(tables, n, "differentiable at 0").value]
    with_limit = list(table(tables, "constants", constant="identity_limit")["activation"])
    points = table(tables, "edge")
    points = points[points["activation"].isin(printed) & (points["status"] != "none")]
    return {
        "activations that meet the conditions as printed": Measurement(
            len(printed), 0.0, ", ".join(printed)
        ),
        "K_var ≥ q at all their edge points": yes(
            is_true(points["stable"]).all(),
            f"{len(points)} points: q is the smallest fixed point, attracts, and F is "
            "non-decreasing",
        ),
        "largest lim sup|f − x| among those differentiable at 0": largest(
            [constant(tables, n, "identity_limit") for n in smooth]
        ),
        "largest |lim sup|f − x| − (s₊−s₋)²/(π(s₊²+s₋²))|, all activations": largest(
            [_limit_gap(tables, n) for n in with_limit]
        ),
        "largest lim sup|f − x| among all that meet (i)–(iv) as printed": largest(
            [constant(tables, n, "identity_limit") for n in printed]
        ),
    }


@reader("prop4-still-degenerate")
def _(tables: Tables) -> Evidence:
    rows = last(table(tables, "rates"))
    rows = rows[rows["exponent"] > 0]
    return {
        "largest 1 − cˡ at the last layer, over non-linear φ with an edge": worst(rows["gamma"]),
        "(1 − cˡ) over its predicted power law at the last layer, worst": worst(
            rows["gamma"] / rows["predicted"], 1.0, 1e-3
        ),
    }


@reader("prop4-lemma2")
def _(tables: Tables) -> Evidence:
    identity = table(tables, "identity")
    linear = identity[identity["activation"] == "identity"]["sup_distance"]
    wide = identity[(identity["q"] >= 0.5) & (identity["activation"] != "identity")]
    at_zero = table(tables, "curves", c=0.0)
    at_zero = at_zero[np.isfinite(at_zero["slope_ratio"])]
    return {
        "sup|f − x| for the identity": worst(linear),
        "least sup|f − x| of non-linear φ at edge points with q ≥ 0.5": Measurement(
            float(wide["sup_distance"].min()), ERROR_1D
        ),
        "largest |f'(0) − (1 − Var φ'/E[φ'²])|": worst(
            at_zero["f1"] - at_zero["slope_ratio"], 0.0, 1e-10
        ),
    }


@reader("prop4-relu-excluded")
def _(tables: Tables) -> Evidence:
    found = holds(tables, "relu", "(ii) without stability")
    return {"ReLU has no edge point for small σ_b > 0": yes(not found.value, found.detail)}


@reader("prop5")
def _(tables: Tables) -> Evidence:
    limits = [constant(tables, n, "identity_limit") for n in ("tanh", "arctan")]
    return {
        "Tanh meets Proposition 5's hypotheses": meets(tables, "tanh", 5),
        "Arctan meets Proposition 5's hypotheses": meets(tables, "arctan", 5),
        "Tanh meets (i)–(iv)": meets(tables, "tanh", 4),
        "Arctan meets (i)–(iv)": meets(tables, "arctan", 4),
        "largest lim sup|f − x| of the two": largest(limits),
    }


@reader("prop6-swish")
def _(tables: Tables) -> Evidence:
    moments = table(tables, "swish_moments")
    at = table(tables, "edge", activation="swish", sigma_b=0.2)
    power = float(at["alpha"].iloc[0]) ** 30
    return {
        "F is non-decreasing": holds(tables, "swish", "(iii) F is non-decreasing"),
        "least f'' on [0, 1] for q from 0.1 to 10": Measurement(
            float(moments["least_f2"].min()), 1e-10
        ),
        "q → 0 as σ_b → 0": holds(tables, "swish", "(iii) q -> 0"),
        "(ii): an edge for small σ_b, q being the limiting variance": holds(
            tables, "swish", "(ii) an edge for small sigma_b"
        ),
        "E[φ''φ] on the curve for q from 0.1 to 10: largest": Measurement(
            float(moments["curvature_phi"].max()), ERROR_1D,
            f"least {moments['curvature_phi'].min():.4g}",
        ),
        "F'(q)³⁰ at σ_b = 0.2, what 30 layers make of F'(q) ≈ 1": Measurement(power, 1e-9),
    }  # fmt: skip


def _swish_points(tables: Tables):
    rows = table(tables, "edge", activation="swish")
    return rows[rows["status"].isin(["ok", "unstable"]) & (rows["sigma_b"] > 0)].sort_values(
        "sigma_b"
    )


@reader("table1-swish")
def _(tables: Tables) -> Evidence:
    rows = _swish_points(tables)
    fixed = table(tables, "fixed_points", activation="swish")
    gaps = []
    for _, point in rows.iterrows():
        x = fixed[np.isclose(fixed["sigma_b"], point["sigma_b"])]["x"]
        gaps.append(float((x / point["q"] - 1).abs().min()))
    unstable = rows[~is_true(rows["stable"])]["sigma_b"]
    return {
        "points computed": Measurement(len(rows)),
        "q decreases as σ_b decreases": yes((np.diff(rows["q"]) > 0).all()),
        "largest |χ₁ − 1|": Measurement(float((rows["chi1"] - 1).abs().max())),
        "largest relative |F(q) − q|, as the nearest fixed point found separately": worst(gaps),
        "q is the limiting variance at all of them": yes(
            unstable.empty, f"not at σ_b = {', '.join(f'{b:g}' for b in unstable)}"
        ),
    }


@reader("swish-identity")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "identity", activation="swish").sort_values("sigma_b")
    rows = rows[rows["sigma_b"] <= 0.5]
    return {
        "sup|f − x| decreases as σ_b decreases to 0": yes(
            (np.diff(rows["sup_distance"]) > 0).all(),
            f"{rows['sup_distance'].iloc[0]:.3g} at σ_b = {rows['sigma_b'].iloc[0]:.3g}",
        ),
        "lim sup|f − x|": largest([constant(tables, "swish", "identity_limit")]),
        "q is the limiting variance on that part of the curve": yes(is_true(rows["stable"]).all()),
    }


@reader("others-elu")
def _(tables: Tables) -> Evidence:
    return {
        "ELU meets (i)–(iv)": meets(tables, "elu", 4),
        "lim sup|f − x|": largest([constant(tables, "elu", "identity_limit")]),
    }


@reader("others-selu")
def _(tables: Tables) -> Evidence:
    limit = constant(tables, "selu", "identity_limit")
    return {
        "SELU meets (i)–(iv) as printed": meets(tables, "selu", 4),
        "lim sup|f − x| against (λα−λ)²/(π((λα)²+λ²)) = 0.0379715": limit,
        "lim sup|f − x|, which Proposition 4 says is 0": limit,
    }


@reader("others-softplus")
def _(tables: Tables) -> Evidence:
    found = {
        "φ(0) = 0": holds(tables, "softplus", "(i) phi(0) = 0"),
        "Softplus has an edge point for small σ_b": holds(
            tables, "softplus", "(ii) without stability"
        ),
    }
    try:
        found["softplus − log 2 meets (i)–(iv)"] = meets(tables, "shifted_softplus", 4)
    except MissingRows:
        found["softplus − log 2 meets (i)–(iv)"] = MISSING
    return found


@reader("prop7-supplement")
def _(tables: Tables) -> Evidence:
    fit = [n for n in _names(tables) if meets(tables, n, 7).value]
    edges = [holds(tables, n, "(ii) an edge for small sigma_b").value for n in fit]
    beta = constant(tables, "tanh", "beta")
    return {
        "bounded activations of the config with such a β": Measurement(
            len(fit), 0.0, ", ".join(fit)
        ),
        "all of them satisfy (ii)": yes(all(edges)),
        "Tanh has no such β in (0, 1)": yes(
            not 0 < beta.value < 1, f"β = {beta.value:.8g} ± {beta.error:.1g}"
        ),
    }


@reader("hardtanh-supplement")
def _(tables: Tables) -> Evidence:
    rises, shrinks = [], []
    for name in ("hardtanh", "tanh"):
        rows = table(tables, "edge", activation=name).sort_values("sigma_b")
        rises.append((np.diff(rows["sigma_w"]) > 0).all())
        shrinks.append(holds(tables, name, "(iii) q -> 0").value)
    hard = table(tables, "curves", activation="hardtanh", sigma_b=0.2)
    soft = table(tables, "curves", activation="tanh", sigma_b=0.2)
    exponents = [
        local_exponent(table(tables, "rates", activation=n, start=1.0))
        for n in ("hardtanh", "tanh")
    ]
    return {
        "largest relative error of its moments against the closed forms": Measurement(
            _hardtanh_error(tables)
        ),
        "both edge curves rise with σ_b and both q → 0": yes(all(rises) and all(shrinks)),
        "largest difference of the two f at σ_b = 0.2": worst(
            hard["f"].to_numpy() - soft["f"].to_numpy(), 0.0, 1e-10
        ),
        "exponent of 1 − cˡ: Hard-Tanh's minus Tanh's": Measurement(
            exponents[0] - exponents[1], 0.02
        ),
    }


@reader("elu-supplement")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "edge", activation="elu")
    return {
        "an edge point at every σ_b of the config": yes((rows["status"] == "ok").all()),
        "F is non-decreasing": holds(tables, "elu", "(iii) F is non-decreasing"),
        "q → 0 as σ_b → 0": holds(tables, "elu", "(iii) q -> 0"),
        "f is convex on [0, 1]": holds(tables, "elu", "(iv) f is convex on [0, 1]"),
    }


@reader("gradient-vanishing")
def _(tables: Tables) -> Evidence:
    tanh = table(tables, "edge", activation="tanh")
    tanh = tanh[tanh["status"] == "ok"]
    swish = table(tables, "fixed_points", activation="swish", sigma_b=0.2).sort_values("x")
    return {
        "Tanh: factor of the mean squared gradient a layer on the edge": worst(
            tanh["chi1"], 1.0, ERROR_1D
        ),
        "Swish: that factor at the limiting variance of σ_b = 0.2": Measurement(
            float(swish["chi1"].iloc[0]), ERROR_1D
        ),
    }


@reader("bayesian-prior")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "kernels")
    relu = rows[rows["activation"] == "relu"].set_index("depth")["gamma"]
    at = rows[np.isclose(rows["sigma_b"], 0.2)]
    ratio = at.assign(ratio=at["gamma"] / relu.reindex(at["depth"]).to_numpy())
    smooth = ratio[ratio["activation"].isin(SMOOTH_CLASS) & (ratio["depth"] >= 10)]["ratio"]
    kinks = ratio[
        ratio["activation"].isin(("selu", "hardtanh")) & (ratio["depth"] == ratio["depth"].max())
    ]["ratio"]
    return {
        "ReLU: 1 − c^L of orthogonal inputs at L = 100": Measurement(float(relu[100])),
        "least ratio of Tanh's, Arctan's, ELU's 1 − c^L to ReLU's, L ≥ 10": (
            Measurement(float(smooth.min()), 1e-9)
        ),
        "the same for SELU and Hard-Tanh at the largest depth": Measurement(
            float(kinks.min()), 1e-9
        ),
    }


@reader("smooth-rate")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "rates", start=1.0)
    one, two, ratios, exceptions = [], [], [], []
    for name, group in rows[rows["exponent"] > 0].groupby("activation"):
        exponent = local_exponent(group)
        if kinked(tables, name):
            two.append(exponent)
            if holds(tables, name, "differentiable at 0").value:
                exceptions.append(name)
        else:
            one.append(exponent)
            end = last(group).iloc[0]
            ratios.append(end["gamma"] / end["predicted"])
    return {
        "(1 − cˡ) l/β_q at the last layer, worst of the φ with continuous φ'": worst(
            ratios, 1.0, 1e-3, f"{len(ratios)} activations"
        ),
        "exponent of l over the last decade, worst": worst(one, -1.0, 1e-3),
        "exponent for φ with a jump of φ', worst": worst(two, -2.0, 1e-3),
        "every φ smooth at 0 decays like 1/l": yes(
            not exceptions, "not " + ", ".join(exceptions) if exceptions else ""
        ),
    }


@reader("edge-stability")
def _(tables: Tables) -> Evidence:
    points = table(tables, "edge")
    calm = points[points["activation"].isin(["tanh", "elu", "selu"]) & (points["sigma_b"] > 0)]
    swish = table(tables, "edge", activation="swish", sigma_b=0.2).iloc[0]
    fixed = table(tables, "fixed_points", activation="swish", sigma_b=0.2).sort_values("x").iloc[0]
    turn = table(tables, "threshold", activation="swish").iloc[0]
    folds = table(tables, "folds", activation="swish")
    below = folds[folds["sigma_b"] < turn["sigma_b"]]
    slopes = []
    for _, group in table(tables, "departure").groupby(
        ["sigma_b", np.sign(tables["departure"]["deviation"])]
    ):
        decades = -np.log10(group["deviation"].abs())
        slope = float(np.polyfit(decades, group["layers"], 1)[0])
        slopes.append(slope * math.log(group["alpha"].iloc[0]) / math.log(10))
    return {
        "largest α of Tanh, ELU and SELU on their curves": Measurement(
            float(calm["alpha"].max()), ERROR_1D, f"{len(calm)} points"
        ),
        "Swish at σ_b = 0.2: α": Measurement(float(swish["alpha"]), 1e-11),
        "Swish at σ_b = 0.2: smallest fixed point of F": Measurement(
            float(swish["smallest_fixed_point"]), 1e-11
        ),
        "Swish: χ₁ there": Measurement(float(fixed["chi1"]), 1e-11),
        "Swish turns stable at σ_b²": Measurement(float(turn["sigma_b"]) ** 2, 1e-10),
        "Swish turns stable at σ_w²": Measurement(float(turn["sigma_w"]) ** 2, 1e-10),
        "Swish turns stable at q": Measurement(float(turn["q"]), 1e-9),
        "Swish below the threshold: largest χ₁ at any limiting variance, any σ_w": Measurement(
            float(below["chi1_sup"].max()), 1e-6, f"{len(below)} values of σ_b"
        ),
        "layers to leave q, a factor 10 in the deviation, over log 10/log α": worst(
            slopes, 1.0, 0.01
        ),
    }  # fmt: skip
