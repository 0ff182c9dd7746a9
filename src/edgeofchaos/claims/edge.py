"""Claims on the edge of chaos: what it is, and that nets on it vary more."""

from __future__ import annotations

from edgeofchaos.claims.model import EDGE, Claim, Measurement, Tables, above, below
from edgeofchaos.claims.nets import log_ratio
from edgeofchaos.claims.reading import (
    COMPLEMENT_ERROR,
    MAP_ERROR,
    each,
    last,
    rows,
    some,
)
from edgeofchaos.claims.words import MUCH_MORE, TENDS_TO
from edgeofchaos.support.columns import truth


def slope_gaps(tables: Tables, on_edge: bool) -> list[Measurement]:
    """|f'(1) − 1| on the edge, |f'(1) − χ₁| off it, with f'(1) from pairs near c = 1."""
    found = rows(tables, "slopes")
    found = found[truth(found["on_edge"]) == on_edge]
    found = some(found, f"table slopes has no rows with on_edge = {on_edge}")
    gap = (found["slope"] - (1.0 if on_edge else found["chi1"])).abs()
    return each(found, gap, found["slope"] * COMPLEMENT_ERROR)


def lemma1_gaps(tables: Tables, at_last: bool) -> list[Measurement]:
    """|cˡ⁺¹ − f(cˡ)| at the last layer, or at the first, for each σ_w."""
    found = last(rows(tables, "lemma1")) if at_last else rows(tables, "lemma1", layer=1)
    return each(found, found["gap"], MAP_ERROR, ("sigma_w",))


def largest_at_first(tables: Tables) -> Measurement:
    """The largest |cˡ⁺¹ − f(cˡ)| at the first layer: one σ_w where it is large is enough."""
    return max(lemma1_gaps(tables, at_last=False), key=lambda m: m.value)


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
        "behaviour: sup |cˡ⁺¹ − f(cˡ)| → 0.",
        [
            below(
                "largest |cˡ⁺¹ − f(cˡ)| at the last layer", TENDS_TO,
                lambda t: lemma1_gaps(t, at_last=True),
            ),
            above("largest |cˡ⁺¹ − f(cˡ)| at the first layer", TENDS_TO, largest_at_first),
        ],
        figures=("lemma1",),
    ),
    Claim(
        "eoc-variability",
        EDGE,
        ("S",),
        "A ReLU net at (0, √2) gives a visibly more variable output surface than at (1, 1).",
        [
            above(
                "log of Var(y)/E[y²] at (0, √2) over that at (1, 1)", MUCH_MORE,
                lambda t: log_ratio(t, "relu-edge", "relu-ordered", "spread"),
            ),
            above(
                "log of 1 − c at (0, √2) over that at (1, 1)", MUCH_MORE,
                lambda t: log_ratio(t, "relu-edge", "relu-ordered", "decorrelation"),
            ),
        ],
        figures=("surfaces",),
        note="Visibly is read as twofold.",
    ),
)  # fmt: skip
