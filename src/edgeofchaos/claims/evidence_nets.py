"""Evidence from simulated nets: Student intervals at intervals.LEVEL over independent draws."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from edgeofchaos.claims.evidence import (
    Evidence,
    Measurement,
    MissingRows,
    Tables,
    reader,
    table,
)

_ASYMPTOTIC = 64  # widths from which powers of N are fitted: L/N is small
_MOST_DEPTH = 0.05  # of depth over width: the gap to infinite width grows with it
_SMOOTH_AT_DEPTH = ("tanh", "elu")


def _draws(rows: pd.DataFrame) -> int:
    return int(rows["draws"].min())


def _furthest(values, halves, draws: int, detail: str = "") -> Measurement:
    """The value that is furthest from 0, its half width counted in; absolute."""
    values, halves = np.abs(np.asarray(values)), np.asarray(halves)
    at = int(np.argmax(values + halves))
    return Measurement(float(values[at]), float(halves[at]), detail, draws)


def _weighted_slope(rows: pd.DataFrame) -> tuple[float, float]:
    """Slope of log value against log width with its half width, from intervals on the values."""
    rows = rows[rows["value"] > rows["half"]]
    if len(rows) < 2:
        return math.nan, math.nan
    x, y = np.log(rows["width"].to_numpy(float)), np.log(rows["value"].to_numpy())
    half = (rows["half"] / rows["value"]).to_numpy()
    weight = 1 / half**2
    x = x - (weight @ x) / weight.sum()
    return float((weight * x) @ y / (weight @ x**2)), float(1 / math.sqrt(weight @ x**2))


@reader("gp-limit")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "nets_width")
    out = {}
    for quantity, name in (
        ("kurtosis", "exponent in N of a unit's excess kurtosis, furthest from −1"),
        ("q_a squared gap", "exponent in N of E[(q/q_∞ − 1)²], furthest from −1"),
        ("1-c squared gap", "exponent in N of the same for 1 − c, furthest from −1"),
    ):
        mine = rows[(rows["quantity"] == quantity) & (rows["width"] >= _ASYMPTOTIC)]
        fits = [_weighted_slope(group) for _, group in mine.groupby("activation")]
        at = max(range(len(fits)), key=lambda i: abs(fits[i][0] + 1) + fits[i][1])
        out[name] = Measurement(*fits[at], "", _draws(mine))
    widest = rows[(rows["width"] == rows["width"].max()) & (rows["quantity"] == "kurtosis")]
    out["largest excess kurtosis at the greatest width"] = _furthest(
        widest["value"], widest["half"], _draws(widest), f"N = {int(widest['width'].iloc[0])}"
    )
    return out


@reader("kernel-recursion")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "nets_propagation")
    out = {}
    for name, mine in (
        ("largest relative gap of simulated q", rows[rows["quantity"] != "1-c"]),
        ("largest relative gap of simulated 1 − c", rows[rows["quantity"] == "1-c"]),
    ):
        mine = mine[mine["theory"] > 1e-14]
        theory = mine["theory"]
        detail = f"{mine['activation'].nunique()} activations, N = {int(mine['width'].max())}"
        out[name] = _furthest(
            mine["mean"] / theory - 1, mine["half"] / theory, _draws(mine), detail
        )
    return out


def _log_spread(tables: Tables, case: str, quantity: str = "spread") -> tuple[float, float, int]:
    row = table(tables, "nets_spread", case=case, quantity=quantity).iloc[0]
    return float(row["log_mean"]), float(row["half"]), int(row["draws"])


def _spread(tables: Tables, case: str) -> Measurement:
    mean, half, draws = _log_spread(tables, case)
    value = math.exp(mean)
    return Measurement(value, value * (math.exp(half) - 1), "geometric mean over draws", draws)


def _ratio(tables: Tables, above: str, below: str, quantity: str = "spread") -> Measurement:
    """log of the ratio of the geometric means."""
    a, a_half, draws = _log_spread(tables, above, quantity)
    b, b_half, other = _log_spread(tables, below, quantity)
    ratio = f"ratio {math.exp(a - b):.3g}"
    return Measurement(a - b, a_half + b_half, ratio, min(draws, other))


@reader("prop1-constant-outputs")
def _(tables: Tables) -> Evidence:
    return {
        "ReLU at (1, 1): Var(y)/E[y²] over the surface": _spread(tables, "relu-ordered"),
        "Tanh at (1, 1): Var(y)/E[y²] over the surface": _spread(tables, "tanh-ordered"),
    }


@reader("eoc-variability")
def _(tables: Tables) -> Evidence:
    return {
        "log of Var(y)/E[y²] at (0, √2) over that at (1, 1)": _ratio(
            tables, "relu-edge", "relu-ordered"
        ),
        "log of 1 − c at (0, √2) over that at (1, 1)": _ratio(
            tables, "relu-edge", "relu-ordered", "decorrelation"
        ),
    }


@reader("swish-variability")
def _(tables: Tables) -> Evidence:
    paths = table(tables, "nets_paths", sigma_b=0.2, start=0.0, width=100, layer=30)
    row = paths.iloc[0]
    share, draws = float(row["within"]), int(row["draws"])
    return {
        "log of Swish's Var(y)/E[y²] over ReLU's": _ratio(tables, "swish-deep", "relu-edge-deep"),
        "log of Swish's 1 − c over ReLU's": _ratio(
            tables, "swish-deep", "relu-edge-deep", "decorrelation"
        ),
        "share of the Swish nets with q³⁰ within 50 % of q": Measurement(
            share, _binomial_half(share, draws), "", draws
        ),
    }


def _binomial_half(share: float, draws: int) -> float:
    """Half width at intervals.LEVEL (4.9 standard errors), by Wilson's interval."""
    z = 4.9
    centre = (share + z * z / (2 * draws)) / (1 + z * z / draws)
    half = z / (1 + z * z / draws) * math.sqrt(share * (1 - share) / draws + (z / (2 * draws)) ** 2)
    return abs(centre - share) + half


@reader("depth-scales")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "nets_ordered")
    out = {}
    for quantity, name in (("c", "ε_c"), ("q", "ε_q")):
        mine = rows[rows["quantity"] == quantity]
        out[f"simulated 1/{name} over theory's, largest gap"] = _furthest(
            mine["rate"] / mine["theory"] - 1, (mine["half"] / mine["theory"]).abs(), _draws(mine)
        )
    return out


@reader("ordered-phase")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "nets_ordered", quantity="c")
    ratio, half = rows["rate"] / rows["theory"], (rows["half"] / rows["theory"]).abs()
    at = int(np.argmin(ratio - half))
    return {
        "simulated slope of log(1 − c) by layer over log χ₁, least": Measurement(
            float(ratio.iloc[at]), float(half.iloc[at]), "", _draws(rows)
        )
    }


@reader("chaotic-phase")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "nets_chaotic")
    gap, half = rows["limit"] / rows["theory"] - 1, rows["half"] / rows["theory"]
    return {
        "simulated limit of 1 − c over the map's, largest gap over starts": _furthest(
            gap, half, _draws(rows)
        )
    }


@reader("chaotic-discontinuity")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "nets_decorrelation")
    x = -np.log(rows["epsilon"].to_numpy())
    weight = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    theory = float(rows["slope_theory"].iloc[0])
    slope, half = float(weight @ rows["layers"]), float(np.abs(weight) @ rows["half"])
    return {
        "simulated layers a factor e in 1/ε, over 2/log χ₁": Measurement(
            slope / theory, half / theory, "", _draws(rows)
        )
    }


def _last(tables: Tables, activation: str) -> pd.Series:
    rows = table(tables, "nets_rates", activation=activation)
    return _wide_enough(rows.loc[rows["layer"].idxmax()], "layer")


def _exponent(tables: Tables, activation: str) -> pd.Series:
    return _wide_enough(table(tables, "nets_exponents", activation=activation).iloc[0], "to_layer")


def _wide_enough(row: pd.Series, depth: str) -> pd.Series:
    """The row, its interval infinite where depth/width is too large for the limit of width."""
    if row[depth] <= _MOST_DEPTH * row["width"]:
        return row
    return pd.Series({**row, "half": math.inf})


@reader("prop3-rate")
def _(tables: Tables) -> Evidence:
    last, fit = _last(tables, "relu"), _exponent(tables, "relu")
    depth = f"l = {int(last['layer'])}, N = {int(last['width'])}"
    return {
        "simulated (1 − cˡ) l²/(9π²/2) at the last layer": Measurement(
            last["mean"] / last["law"], last["half"] / last["law"], depth, int(last["draws"])
        ),
        "simulated exponent of l over the last decade": Measurement(
            fit["exponent"], fit["half"], f"the recursion's is {fit['theory']:.3f}",
            int(fit["draws"]),
        ),
    }  # fmt: skip


@reader("relu-degenerate")
def _(tables: Tables) -> Evidence:
    fit = _exponent(tables, "relu")
    layers = f"l = {int(fit['from_layer'])} to {int(fit['to_layer'])}"
    return {
        "simulated exponent of l in 1 − cˡ": Measurement(
            fit["exponent"], fit["half"], layers, int(fit["draws"])
        )
    }


@reader("smooth-rate")
def _(tables: Tables) -> Evidence:
    fits = [_exponent(tables, name) for name in _SMOOTH_AT_DEPTH]
    lasts = [_last(tables, name) for name in _SMOOTH_AT_DEPTH]
    every = table(tables, "nets_exponents")
    return {
        "simulated exponent of Tanh and ELU, distance from −1": _furthest(
            [f["exponent"] + 1 for f in fits], [f["half"] for f in fits], int(fits[0]["draws"])
        ),
        "simulated (1 − cˡ) l/β_q of Tanh and ELU, distance from 1": _furthest(
            [r["mean"] / r["law"] - 1 for r in lasts], [r["half"] / r["law"] for r in lasts],
            int(lasts[0]["draws"]),
        ),
        "simulated exponent less the recursion's, all nets": _furthest(
            every["exponent"] - every["theory"], every["half"], _draws(every)
        ),
    }  # fmt: skip


@reader("gradient-vanishing")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "nets_factors")
    gap = np.abs(rows["log_factor"] - rows["theory"])
    stable = gap[rows["stable"].astype(str).str.lower().eq("true") | (rows["place"] != "edge")]
    tanh = table(tables, "nets_factors", activation="tanh", place="edge").iloc[0]
    value = math.exp(tanh["log_factor"])
    return {
        "Tanh: simulated factor of the mean squared gradient a layer on the edge": Measurement(
            value, value * math.expm1(tanh["half"]), f"N = {int(tanh['width'])}",
            int(tanh["draws"]),
        ),
        "largest gap of a simulated log factor to log χ₁, unstable edges left out": _furthest(
            stable, rows.loc[stable.index, "half"], _draws(rows)
        ),
    }  # fmt: skip


@reader("bayesian-prior")
def _(tables: Tables) -> Evidence:
    rows = table(tables, "nets_rates")
    layer = int(rows.loc[(rows["layer"] - 100).abs().idxmin(), "layer"])
    at = rows[rows["layer"] == layer].set_index("activation")
    missing = {"relu", *_SMOOTH_AT_DEPTH} - set(at.index)
    if missing:
        raise MissingRows(f"nets_rates {sorted(missing)}")
    relu = at.loc["relu"]
    ratios = []
    for name in _SMOOTH_AT_DEPTH:
        low = (at.loc[name, "mean"] - at.loc[name, "half"]) / (relu["mean"] + relu["half"])
        ratios.append((at.loc[name, "mean"] / relu["mean"], low))
    value, low = min(ratios)
    return {
        "simulated 1 − c^L of Tanh and ELU over ReLU's at L = 100, least": Measurement(
            value, value - low, f"L = {layer}", int(relu["draws"])
        )
    }


@reader("edge-stability")
def _(tables: Tables) -> Evidence:
    growth = table(tables, "nets_growth", sigma_b=0.2).iloc[0]
    row = table(tables, "nets_paths", sigma_b=0.2, start=0.0, width=100, layer=30).iloc[0]
    share, draws = float(row["within"]), int(row["draws"])
    return {
        "Swish nets: layers to leave q a factor e in N, over 1/(2 log α)": Measurement(
            growth["slope"] / growth["theory"], growth["half"] / growth["theory"], "σ_b = 0.2",
            int(growth["draws"]),
        ),
        "share of Swish nets of width 100 still within 50 % of q at layer 30": Measurement(
            share, _binomial_half(share, draws), "", draws
        ),
    }  # fmt: skip
