"""Claims on the edge of chaos: what it is, and that nets on it vary more."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from edgeofchaos.claims.laws import groups
from edgeofchaos.claims.model import EDGE, Claim, Measurement, Tables, above, below
from edgeofchaos.claims.nets import Simulated, log_ratio
from edgeofchaos.claims.reading import (
    COMPLEMENT_ERROR,
    MAP_ERROR,
    MissingRows,
    each,
    row,
    rows,
    some,
)
from edgeofchaos.claims.words import MUCH_MORE, TENDS_TO
from edgeofchaos.support.columns import truth

NO_DISTANCE = 1e-6  # below, there is nothing to see fall
LARGEST_Q = 1e4  # up to which errors of pairs are tested: tests/claims/test_limits.py
SETTLED = 1e-6  # |q^l/q - 1| of variances that have come to their limit


def slope_gaps(tables: Tables, on_edge: bool) -> list[Measurement]:
    """|f'(1) − 1| on the edge, |f'(1) − χ₁| off it, with f'(1) from pairs near c = 1."""
    found = rows(tables, "slopes", f"q <= {LARGEST_Q}")
    found = found[truth(found["on_edge"]) == on_edge]
    found = some(found, f"table slopes has no rows with on_edge = {on_edge}")
    gap = (found["slope"] - (1.0 if on_edge else found["chi1"])).abs()
    return each(found, gap, found["slope"] * COMPLEMENT_ERROR)


def left_over(tables: Tables, column: str, of: str) -> list[Measurement]:
    """The limit of a distance from f, over the distance ``of`` at the first layer.

    One measurement an activation and σ_w. Where the variances have settled the distance has too,
    for it is a Lipschitz function of them; before, its limit is between 0 and what it is, if it
    has fallen since half of the layers, and nothing is known if it has not.

    Raises:
        MissingRows: f_1 is not told from f at any of them.
    """
    measured = []
    known = rows(tables, "lemma1").dropna(subset=["sup"])
    for detail, group in groups(known, ("activation", "sigma_w")):
        path = group.sort_values("layer")
        first, end = path.iloc[0], path.iloc[-1]
        if first["layer"] != 1 or end["layer"] == 1 or not first[of] > NO_DISTANCE:
            continue
        before = path[path["layer"] <= end["layer"] / 2].iloc[-1]
        value, error = end[column], 0.0
        if not end["rest"] < SETTLED:
            fallen = value < before[column]
            value, error = (value / 2, value / 2) if fallen else (value, math.inf)
        detail = f"{detail}, {end[column]:.3g} at l = {end['layer']}"
        error = (error + MAP_ERROR) / first[of]
        measured.append(Measurement(value / first[of], error, detail))
    if not measured:
        raise MissingRows("table lemma1 has no distance to begin with")
    return measured


def beyond_the_bound(tables: Tables) -> list[Measurement]:
    """By how much |f_l − f| on the grid of x exceeds the bound that holds for all x."""
    found = rows(tables, "lemma1").dropna(subset=["sup"])
    found = some(found, "table lemma1 has no row with sup")
    by = ("activation", "sigma_w", "layer")
    return each(found, np.maximum(found["sup"] - found["bound"], 0.0), MAP_ERROR, by)


def edge_over_ordered(tables: Tables, level: float, quantity: str) -> Measurement:
    """log of one quantity of ReLU's surfaces at (0, √2) over that at (1, 1)."""
    edge = row(tables, "nets_spread", case="relu-edge", quantity=quantity)
    return log_ratio(tables, level, edge, "relu-ordered", quantity)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "eoc-derivative",
        EDGE,
        ("T",),
        "Being on the edge is equivalent to f'(1) = 1.",
        [
            below(
                "largest |f'(1) − 1| at edge points, from pairs near c = 1", 1e-4,
                lambda t: slope_gaps(t, on_edge=True),
            ),
            below(
                "largest |f'(1) − χ₁| off the edge", 1e-4, lambda t: slope_gaps(t, on_edge=False)
            ),
        ],
        figures=("relu_like_map",),
    ),
    Claim(
        "lemma1",
        EDGE,
        ("T",),
        "The true correlation recursion (with qˡ moving) and c ↦ f(c) have the same limit "
        "behaviour: sup over x in [0, 1] of |f_l(x) − f(x)| → 0, f_l the map at the variances of "
        "layer l.",
        [
            below(
                "limit of the bound on sup|f_l − f|, over sup|f_1 − f|, largest", TENDS_TO,
                lambda t: left_over(t, "bound", "sup"),
            ),
            below(
                "largest |f_l − f| on the grid of x beyond that bound", 2 * MAP_ERROR,
                beyond_the_bound,
            ),
            below(
                "limit of |cˡ⁺¹ − f(cˡ)|, over that at the first layer, largest", TENDS_TO,
                lambda t: left_over(t, "gap", "gap"),
            ),
        ],
        figures=("lemma1",),
        note="Proved where q > 0: by Cauchy and Schwarz |f_l(x) − f(x)| has a bound without x, "
        "made of E[(φ(√qˡ Z) − φ(√q Z))²] and F(qˡ) − q, which goes to 0 as qˡ → q. The bound is "
        "in the table beside the largest |f_l − f| on a grid of x.",
    ),
    Claim(
        "eoc-variability",
        EDGE,
        ("S",),
        "A ReLU net at (0, √2) gives a visibly more variable output surface than at (1, 1).",
        [
            above(
                "log of Var(y)/E[y²] at (0, √2) over that at (1, 1)", MUCH_MORE,
                Simulated(partial(edge_over_ordered, quantity="spread")),
            ),
            above(
                "log of 1 − c at (0, √2) over that at (1, 1)", MUCH_MORE,
                Simulated(partial(edge_over_ordered, quantity="decorrelation")),
            ),
        ],
        figures=("surfaces",),
        note="Visibly is read as twofold.",
    ),
)  # fmt: skip
