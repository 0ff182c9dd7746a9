"""Claims on depth scales and on the ordered and the chaotic phase."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from edgeofchaos.claims.model import SCALES, Claim, Measurement, Tables, above, below, equal
from edgeofchaos.claims.nets import Simulated, exponential, halves, shifted
from edgeofchaos.claims.reading import COMPLEMENT_ERROR, MissingRows, accumulated, each, rows, slope
from edgeofchaos.claims.words import GOES_LIKE, TENDS_TO

# Relative, of a fitted depth scale: the fit is over deviations from 1e-5, where the terms of
# second order are 1e-5 of those of first, to 1e-11, which is rounded to 1e-16. An estimate.
FIT_ERROR = 1e-5
# Of the chaotic limit, relative, and of f' there: an error of the map over 1 − f', which is 0.08
# for the default scale's σ_w nearest to the edge. An estimate.
LIMIT_ERROR = 100 * COMPLEMENT_ERROR
# Of the spread of the chaotic limit over starts: the last bits of numbers below 1, times what the
# contraction of f at the limit leaves of them, 1/(1 − f') = 12 at most. An estimate.
SPREAD_ERROR = 1e-12


def fit_gaps(tables: Tables) -> list[Measurement]:
    """|fitted/predicted − 1| of every depth scale that the claim is about."""
    found = rows(tables, "depth_scales", "quantity == 'c' or chi1 < 1")
    gap = (found["fitted"] / found["predicted"] - 1).abs()
    return each(found, gap, FIT_ERROR, ("quantity", "sigma_w"))


def scale_near_the_edge(tables: Tables) -> Measurement:
    """ε_c (1 − χ₁) at the largest χ₁ below 1, which tends to 1 as χ₁ does."""
    found = rows(tables, "depth_scales", "chi1 < 1", quantity="c")
    top = found.loc[found["chi1"].idxmax()]
    value = float(top["fitted"] * (1 - top["chi1"]))
    detail = f"ε_c = {top['fitted']:.4g} layers at χ₁ = {top['chi1']:.4g}"
    return Measurement(value, value * FIT_ERROR, detail)


def simulated_rates(tables: Tables, level: float, quantity: str = "c") -> list[Measurement]:
    """Simulated slope by layer over the recursion's, in the ordered phase.

    The error has by how much the recursion's is off the limit, log χ₁ or log α, in these layers.
    """
    found = rows(tables, "nets_ordered", "chi1 < 1", quantity=quantity)
    ratio = found["rate"] / found["recursion"]
    errors = (halves(found, level) / found["recursion"]).abs()
    errors += (found["recursion"] / found["theory"] - 1).abs()
    return each(found, ratio, errors, ("quantity", "sigma_w"))


def simulated_rate_gaps(tables: Tables, level: float, quantity: str) -> list[Measurement]:
    """|simulated/predicted − 1| of one over a depth scale."""
    return [shifted(m, -1.0) for m in simulated_rates(tables, level, quantity)]


def ordered_ends(tables: Tables) -> list[Measurement]:
    """1 − c at the last layer, at each σ_w of the ordered phase."""
    found = rows(tables, "trajectories", quantity="c").sort_values("layer")
    ends = found.groupby("sigma_w").tail(1)
    errors = ends["deviation"] * accumulated(ends["layer"])
    return each(ends, ends["deviation"], errors, ("sigma_w", "layer"))


def spread_over_starts(tables: Tables) -> list[Measurement]:
    """How far the limits of 1 − c from different starts are apart, at each chaotic σ_w.

    All starts follow one map, whose error moves all limits alike, so that rounding is left.
    """
    limits = rows(tables, "chaotic").groupby("sigma_w", as_index=False)["limit"]
    spread = limits.agg(lambda x: x.max() - x.min())
    return each(spread, spread["limit"], SPREAD_ERROR, ("sigma_w",))


def chaotic_limits(tables: Tables, name: str) -> list[Measurement]:
    """The limiting 1 − c of each row of a table."""
    found = rows(tables, name)
    by = ("sigma_w", "start") if "start" in found else ("sigma_w",)
    return each(found, found["limit"], found["limit"] * LIMIT_ERROR, by)


def chaotic_slopes(tables: Tables) -> list[Measurement]:
    """|f'| at the limit."""
    found = rows(tables, "chaotic")
    return each(found, found["slope"].abs(), LIMIT_ERROR, ("sigma_w", "start"))


def simulated_limit_gaps(tables: Tables, level: float) -> list[Measurement]:
    """|simulated/predicted − 1| of the limiting 1 − c, where χ₁ > 1.

    The error has by how much the map is off its limit at the last layer.
    """
    found = rows(tables, "nets_chaotic", "chi1 > 1")
    share = found["recursion"] / found["theory"]
    value, error = exponential(found["log_gap"], halves(found, level))
    errors = share * error + (share - 1).abs()
    return each(found, (share * value - 1).abs(), errors, ("sigma_w", "start"))


def decorrelation_layers(tables: Tables) -> list[Measurement]:
    """Layers a factor e in 1/ε over 2/log χ₁, at each chaotic σ_w.

    Layers are whole numbers, so each is off by up to a half, besides what all have in common.
    """
    found = []
    for sigma_w, group in rows(tables, "decorrelation").groupby("sigma_w"):
        scale = 2 / math.log(group["chi1"].iloc[0])
        per_e, error = slope(np.log(1 / group["epsilon"]), group["layers"], 0.5)
        found.append(Measurement(per_e / scale, error / scale, f"σ_w = {sigma_w:g}"))
    return found


def simulated_decorrelation_layers(tables: Tables, level: float) -> Measurement:
    """The same of simulated nets; the error has by how much the map's own slope is off the law."""
    found = rows(tables, "nets_decorrelation")
    if found["epsilon"].nunique() < 2:
        raise MissingRows("table nets_decorrelation has no two distances")
    theory = float(found["slope_theory"].iloc[0])
    log = -np.log(found["epsilon"])
    per_e, error = slope(log, found["layers"], halves(found, level))
    error += abs(slope(log, found["recursion"], 0.0)[0] - theory)
    detail = f"σ_w = {found['sigma_w'].iloc[0]:g}"
    return Measurement(per_e / theory, error / theory, detail, int(found["draws"].min()))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "depth-scales",
        SCALES,
        ("T", "S"),
        "For smooth φ in the ordered phase |qˡ − q| ~ exp(−l/ε_q) and |cˡ − 1| ~ exp(−l/ε_c) with "
        "ε_q = −1/log α and ε_c = −1/log χ₁; ε_c diverges as χ₁ → 1.",
        [
            below("largest relative gap between fitted and predicted depth scale", 1e-3, fit_gaps),
            equal("ε_c (1 − χ₁) at the largest χ₁ below 1", 1.0, 0.1, scale_near_the_edge),
            equal(
                "simulated 1/ε_c over theory's, largest gap", 0.0, 0.1,
                Simulated(partial(simulated_rate_gaps, quantity="c")),
            ),
            equal(
                "simulated 1/ε_q over theory's, largest gap", 0.0, 0.4,
                Simulated(partial(simulated_rate_gaps, quantity="q")),
            ),
        ],
        figures=("depth_scales", "nets_phases"),
    ),
    Claim(
        "ordered-phase",
        SCALES,
        ("T", "S"),
        "χ₁ < 1: correlations tend to 1.",
        [
            below(
                "largest 1 − c at the last layer, over all ordered points", TENDS_TO, ordered_ends
            ),
            above(
                "simulated slope of log(1 − c) by layer over log χ₁, least", 0.5,
                Simulated(simulated_rates),
            ),
        ],
        figures=("depth_scales", "nets_phases"),
    ),
    Claim(
        "chaotic-phase",
        SCALES,
        ("T", "S"),
        "χ₁ > 1: for Tanh correlations tend to one c < 1 whatever the inputs' correlation.",
        [
            below("largest spread of the limit over starting correlations", 1e-9,
                  spread_over_starts),
            above("least 1 − c in the limit", TENDS_TO, lambda t: chaotic_limits(t, "chaotic")),
            below("largest |f'| at the limit", 1.0, chaotic_slopes),
            equal(
                "simulated limit of 1 − c over the map's, largest gap over starts", 0.0, 0.2,
                Simulated(simulated_limit_gaps),
            ),
        ],
        figures=("chaos", "nets_phases"),
    ),
    Claim(
        "chaotic-discontinuity",
        SCALES,
        ("T", "S"),
        "In the chaotic phase the limiting output function is nowhere continuous: outputs of "
        "inputs at distance ε decorrelate to the same c after a depth that grows like "
        "log(1/ε)/log χ₁.",
        [
            equal(
                "layers a factor e in 1/ε, over 2/log χ₁ (worst σ_w)", 1.0, GOES_LIKE,
                decorrelation_layers,
            ),
            above("least limiting 1 − c", TENDS_TO, lambda t: chaotic_limits(t, "decorrelation")),
            equal(
                "simulated layers a factor e in 1/ε, over 2/log χ₁", 1.0, 0.2,
                Simulated(simulated_decorrelation_layers),
            ),
        ],
        figures=("chaos", "nets_phases"),
        note="The constant is 2: at distance ε one has 1 − c¹ of the order of ε², and χ₁ "
        "multiplies 1 − c.",
    ),
)  # fmt: skip
