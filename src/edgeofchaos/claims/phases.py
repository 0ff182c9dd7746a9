"""Claims on depth scales and on the ordered and the chaotic phase."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pandas as pd

from edgeofchaos.claims.laws import fit_errors, groups, layers_a_factor, limit_of_falling
from edgeofchaos.claims.model import SCALES, Claim, Measurement, Tables, above, below, equal
from edgeofchaos.claims.nets import Simulated, exponential, halves, shifted
from edgeofchaos.claims.reading import COMPLEMENT_ERROR, MissingRows, each, rows, slope, some
from edgeofchaos.claims.words import GOES_LIKE, TENDS_TO
from edgeofchaos.experiments.fits import FIT

FITTED_FROM = FIT[1]  # depth scales are fitted to deviations below
SPREAD_ERROR = 1e-12  # of the spread of the chaotic limit over starts: rounding. An estimate.


def fit_gaps(tables: Tables) -> list[Measurement]:
    """|fitted/predicted − 1| of every depth scale that the claim is about."""
    found = rows(tables, "depth_scales", "(quantity == 'c' or chi1 < 1) and points >= 3")
    gap = (found["fitted"] / found["predicted"] - 1).abs()
    return each(
        found,
        gap,
        fit_errors(found["slope"], found["points"], FITTED_FROM),
        ("quantity", "sigma_w"),
    )


def scale_near_the_edge(tables: Tables) -> Measurement:
    """The limit of ε_c (1 − χ₁) as χ₁ → 1, from the largest χ₁ below 1.

    (1 − χ)/(−log χ) is between χ and 1, so that at χ₁ the limit is ahead by 1 − χ₁ at most, and by
    half of it to first order.
    """
    found = rows(tables, "depth_scales", "chi1 < 1 and points >= 3", quantity="c")
    top = found.loc[found["chi1"].idxmax()]
    error = float(fit_errors(found["slope"], found["points"], FITTED_FROM)[found["chi1"].idxmax()])
    value, ahead = float(top["fitted"] * (1 - top["chi1"])), float(1 - top["chi1"]) / 2
    detail = f"ε_c = {top['fitted']:.4g} layers at χ₁ = {top['chi1']:.4g}"
    return Measurement(value + ahead, value * error + ahead, detail)


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


def ordered_limits(tables: Tables) -> list[Measurement]:
    """The limit of 1 − c at each σ_w of the ordered phase."""
    paths = groups(rows(tables, "trajectories", quantity="c"), ("sigma_w",))
    return [limit_of_falling(path, "deviation", name) for name, path in paths]


def chaotic_ends(tables: Tables) -> pd.DataFrame:
    """Where 1 − c has come to at each chaotic σ_w, and ``left``, an estimate of how far it has yet.

    Newton's step to the fixed point of a concave map is the way from below at the most, and half
    of it from above at the least, for a parabola: twice that is taken. Infinite where f' is not
    below 1 there, so that the end of growth is not in sight.
    """
    found = rows(tables, "chaotic", "chi1 > 1")
    settling = found["slope"] < 1
    left = 2 * found["step"].abs() / (1 - found["slope"])
    return found.assign(left=left.where(settling, math.inf))


def spread_over_starts(tables: Tables) -> list[Measurement]:
    """How far the limits of 1 − c from different starts are apart, at each chaotic σ_w.

    All starts follow one map, whose error moves all limits alike, so that rounding is left, and
    what each has yet to go.

    Raises:
        MissingRows: no σ_w has two starts.
    """
    by = chaotic_ends(tables).groupby("sigma_w", as_index=False)
    spread = by.agg(low=("limit", "min"), high=("limit", "max"), left=("left", "max"),
                    starts=("start", "nunique"))  # fmt: skip
    spread = some(spread[spread["starts"] > 1], "table chaotic has no sigma_w with two starts")
    errors = SPREAD_ERROR + 2 * spread["left"]
    return each(spread, spread["high"] - spread["low"], errors, ("sigma_w",))


def chaotic_limits(tables: Tables) -> list[Measurement]:
    """What 1 − c does not fall below in the limit, at each chaotic σ_w and from each start.

    Where it still rises it goes on rising, for the map is concave; a fixed point of the map is off
    by the map's error over 1 − f'.
    """
    found = chaotic_ends(tables)
    rises = found["step"] > 0
    left = found["left"].where(~rises, 0.0)
    map_error = COMPLEMENT_ERROR / (1 - found["slope"])
    errors = left + found["limit"] * map_error.where(~rises | (found["slope"] < 1), 0.0)
    return each(found, found["limit"], errors, ("sigma_w", "start"))


def chaotic_slopes(tables: Tables) -> list[Measurement]:
    """|f'| at the limit: along a parabola 1 − f' changes by twice the part that x changes by."""
    found = chaotic_ends(tables)
    part = COMPLEMENT_ERROR / (1 - found["slope"]) + found["left"] / found["limit"]
    errors = (2 * (1 - found["slope"]) * part).where(found["slope"] < 1, math.inf)
    return each(found, found["slope"].abs(), errors, ("sigma_w", "start"))


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

    Raises:
        MissingRows: no σ_w has two ε that are small against the limit.
    """
    measured = []
    for sigma_w, group in rows(tables, "decorrelation", "chi1 > 1").groupby("sigma_w"):
        growth, share = group["chi1"].iloc[0], group["epsilon"] ** 2 / 2 / group["limit"]
        found = layers_a_factor(-2 * np.log(group["epsilon"]), group["layers"], share, growth)
        if found is not None:
            measured.append(Measurement(*found, f"σ_w = {sigma_w:g}"))
    if not measured:
        raise MissingRows("table decorrelation has no two small epsilons at one sigma_w")
    return measured


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
            equal("limit of ε_c (1 − χ₁) as χ₁ → 1", 1.0, 0.1, scale_near_the_edge),
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
            below("largest limit of 1 − c, over all ordered points", TENDS_TO, ordered_limits),
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
            above("least 1 − c in the limit", 0.0, chaotic_limits),
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
            above("least limiting 1 − c", 0.0, chaotic_limits),
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
