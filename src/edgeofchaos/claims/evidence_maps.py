"""Evidence for the claims on domains, depth scales, phases and ReLU-like activations."""

from __future__ import annotations

import math

import numpy as np

from edgeofchaos.claims.evidence import (
    ERROR_1D,
    ERROR_2D,
    Evidence,
    Measurement,
    Tables,
    constant,
    is_true,
    last,
    local_exponent,
    reader,
    relative,
    table,
    worst,
    yes,
)


@reader("kernel-recursion")
def _(tables: Tables) -> Evidence:
    forms = table(tables, "closed_forms")
    arccosine = forms[forms["form"] == "arc-cosine kernel of relu"]["error"].max()
    kernel = table(tables, "relu_kernel")
    gap = float(np.abs(kernel["quadrature"] - kernel["formula"]).max())
    return {
        "largest error of κ for ReLU-like φ against the arc-cosine kernel": Measurement(
            max(float(arccosine), gap), ERROR_2D
        ),
        "largest relative error of Hard-Tanh's moments against closed forms": Measurement(
            _hardtanh_error(tables)
        ),
        "largest error of κ for erf against the arcsine kernel": Measurement(
            float(forms[forms["form"] == "arcsine kernel of erf"]["error"].max()), ERROR_2D
        ),
    }


def _hardtanh_error(tables: Tables) -> float:
    rows = table(tables, "hardtanh")
    names = ("second", "slope2", "curvature")
    return max(float(relative(rows, n, f"{n}_closed").max()) for n in names)


@reader("prop1-variance")
def _(tables: Tables) -> Evidence:
    phases = table(tables, "phases")
    inside = phases[is_true(phases["prop1_variance"])]
    bad = ~is_true(inside["in_D_var"]) | np.isfinite(inside["K_var"])
    return {
        "grid points with σ_w² < 1/M_φ": Measurement(len(inside)),
        "points below the bound outside D_var or with finite K_var": Measurement(int(bad.sum())),
        "largest F'(x) found at such a point's limit": Measurement(
            float(inside["alpha"].max()), ERROR_1D
        ),
    }


@reader("prop1-correlation")
def _(tables: Tables) -> Evidence:
    phases = table(tables, "phases")
    inside = phases[is_true(phases["prop1_correlation"])]
    return {
        "grid points with σ_w² < min(1/M_φ, 1/C_φ)": Measurement(len(inside)),
        "points below the bound outside D_corr": Measurement(
            int((~is_true(inside["in_D_corr"])).sum())
        ),
        "largest χ₁ at such a point": Measurement(float(inside["chi1"].max()), ERROR_1D),
    }


@reader("prop1-relu-constants")
def _(tables: Tables) -> Evidence:
    m, c = constant(tables, "relu", "M_phi"), constant(tables, "relu", "C_phi")
    bound = 1 / math.sqrt(m.value)
    return {
        "M_ReLU": m,
        "C_ReLU": c,
        "σ_w² < 1/M_ReLU is the σ_w < √2 of Proposition 2": yes(
            abs(bound - math.sqrt(2)) < 1e-9, f"1/√M_ReLU = {bound:.9g}"
        ),
    }


@reader("prop1-variance-speed")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "variance")
    rows = rows.assign(gap=(rows["q"] / rows["limit"] - 1).abs())
    gap = rows.groupby(["activation", "layer"])["gap"].max().reset_index()

    def layers(name):
        far = gap[(gap["activation"] == name) & (gap["gap"] > 1e-3)]
        return int(far["layer"].max()) + 1 if len(far) else 1

    def at_end(name):
        return Measurement(float(last(gap[gap["activation"] == name])["gap"].iloc[0]), ERROR_1D)

    tanh, relu = layers("tanh"), layers("relu")
    return {
        "layers to come within 0.1 % of the limit: ReLU minus Tanh": Measurement(
            relu - tanh, 0.0, f"ReLU {relu}, Tanh {tanh}"
        ),
        "Tanh: largest relative distance from the limit at the last layer": at_end("tanh"),
        "ReLU: largest relative distance from the limit at the last layer": at_end("relu"),
    }


@reader("depth-scales")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "depth_scales")
    ordered = rows[(rows["quantity"] == "c") & (rows["chi1"] < 1)]
    top = ordered.loc[ordered["chi1"].idxmax()]
    smooth = rows[(rows["quantity"] == "c") | (rows["chi1"] < 1)]
    return {
        "largest relative gap between fitted and predicted depth scale": Measurement(
            float(relative(smooth, "fitted", "predicted").max()), 1e-5, f"{len(smooth)} fits"
        ),
        "ε_c (1 − χ₁) at the largest χ₁ below 1": Measurement(
            float(top["fitted"] * (1 - top["chi1"])), 1e-4,
            f"ε_c = {top['fitted']:.4g} layers at χ₁ = {top['chi1']:.4g}",
        ),
    }  # fmt: skip


@reader("ordered-phase")
def _(tables: Tables) -> Evidence:
    paths = table(tables, "trajectories", quantity="c")
    ends = [g.sort_values("layer")["deviation"].iloc[-1] for _, g in paths.groupby("sigma_w")]
    return {"largest 1 − c at the last layer, over all ordered points": worst(ends)}


@reader("chaotic-phase")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "chaotic")
    spread = rows.groupby("sigma_w")["limit"].agg(lambda x: x.max() - x.min())
    return {
        "largest spread of the limit over starting correlations": Measurement(float(spread.max())),
        "least 1 − c in the limit": Measurement(float(rows["limit"].min()), ERROR_2D),
        "largest |f'| at the limit": Measurement(float(rows["slope"].abs().max()), ERROR_2D),
    }


@reader("chaotic-discontinuity")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "decorrelation")
    ratios, errors = [], []
    for _, group in rows.groupby("sigma_w"):
        x = np.log(1 / group["epsilon"])
        per_e = float(np.polyfit(x, group["layers"], 1)[0])
        scale = 2 / math.log(group["chi1"].iloc[0])
        ratios.append(per_e / scale)
        # Layers are whole numbers: half a layer at either end.
        errors.append(1.0 / float(np.ptp(x)) / scale)
    return {
        "layers a factor e in 1/ε, over 2/log χ₁ (worst σ_w)": worst(
            ratios, 1.0, min(max(errors), 0.03)
        ),
        "least limiting 1 − c": Measurement(float(rows["limit"].min()), ERROR_2D),
    }


@reader("eoc-derivative")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "slopes")
    on = is_true(rows["on_edge"])
    return {
        "largest |f'(1) − 1| at edge points, from pairs near c = 1": Measurement(
            float((rows[on]["slope"] - 1).abs().max()), 1e-9, f"{int(on.sum())} activations"
        ),
        "largest |f'(1) − χ₁| off the edge": Measurement(
            float((rows[~on]["slope"] - rows[~on]["chi1"]).abs().max()), 1e-9
        ),
    }


@reader("lemma1")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "lemma1")
    first = rows[rows["layer"] == 1]
    return {
        "largest |cˡ⁺¹ − f(cˡ)| at the last layer": Measurement(
            float(last(rows)["gap"].max()), ERROR_2D
        ),
        "largest |cˡ⁺¹ − f(cˡ)| at the first layer": Measurement(
            float(first["gap"].max()), ERROR_2D
        ),
    }


@reader("prop2")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "relu_like")
    inside = is_true(rows["below_in_D_var"]) & np.isinf(rows["least_K_var_below"])
    return {
        "largest error of σ_w on the edge": worst(rows["sigma_w"] - rows["expected_sigma_w"]),
        "largest |F(x)/x − 1| on the edge": Measurement(float(rows["identity_error"].max())),
        "edge points found at σ_b > 0": Measurement(float(rows["other_edge_points"].sum())),
        "below it every point is in D_var with K_var = ∞": yes(
            inside.all(), f"{len(rows)} pairs (λ, β), 9 points each"
        ),
    }


@reader("prop3-kernel")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "relu_kernel")
    gap = (rows["quadrature"] - rows["formula"]).abs()
    relu = (rows["lambda"] == 1) & (rows["beta"] == 0)
    return {
        "largest |f − formula|, by quadrature over the pair": Measurement(
            float(gap[relu].max()), ERROR_2D
        ),
        "the same for general (λ, β), with our formula": Measurement(
            float(gap[~relu].max()), ERROR_2D
        ),
    }


@reader("prop3-rate")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "relu_rates")
    ends = last(rows)
    ends = ends.assign(ratio=ends["gamma"] / ends["predicted"])
    relu = (ends["lambda"] == 1) & (ends["beta"] == 0)
    path = table(tables, "relu_rates", **{"lambda": 1.0, "beta": 0.0})
    layer = int(ends["layer"].iloc[0])
    return {
        "(1 − cˡ) l²/(9π²/2) at the last layer": Measurement(
            float(ends[relu]["ratio"].iloc[0]), 1e-4, f"l = {layer}"
        ),
        "exponent of l over the last decade": Measurement(local_exponent(path), 1e-3),
        "the same ratio for general (λ, β), worst": worst(ends[~relu]["ratio"], 1.0, 1e-4),
    }


@reader("relu-degenerate")
def _(tables: Tables) -> Evidence:
    path = table(tables, "relu_rates", **{"lambda": 1.0, "beta": 0.0}).sort_values("layer")
    return {
        "1 − cˡ at the last layer": Measurement(float(path["gamma"].iloc[-1])),
        "1 − cˡ decreases from layer to layer": yes((np.diff(path["gamma"]) < 0).all()),
    }
