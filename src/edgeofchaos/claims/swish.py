"""Claims on Swish: Proposition 6, its table of edge points, its maps and surfaces."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from edgeofchaos.claims.model import CLASS, Claim, Measurement, Tables, above, below, equal, yes
from edgeofchaos.claims.nets import log_ratio, share_near_q
from edgeofchaos.claims.reading import (
    DERIVATIVE_ERROR,
    MOMENT_ERROR,
    answer,
    each,
    holds,
    identity_distance_limits,
    none_of,
    row,
    rows,
)
from edgeofchaos.support.tables import truth

# Of q, α, χ₁ and the smallest fixed point at an edge point: q is solved for to 1e-13, times the
# conditioning of the root. An estimate; tests/theory/test_edge.py has 8 of the digits.
POINT_ERROR = 1e-11
DEPTH = 30  # the paper's surface has this many layers


def least_second_derivative(tables: Tables) -> list[Measurement]:
    """The least f'' on [0, 1] for each q."""
    moments = rows(tables, "swish_moments")
    return each(moments, moments["least_f2"], DERIVATIVE_ERROR, ("q",))


def curvature(tables: Tables) -> list[Measurement]:
    """E[φ''φ] for each q."""
    moments = rows(tables, "swish_moments")
    values = moments["curvature_phi"]
    return each(moments, values, values.abs() * MOMENT_ERROR, ("q",))


def alpha_to_the_depth(tables: Tables) -> Measurement:
    """F'(q)³⁰ at σ_b = 0.2, with the error that follows from that of F'(q)."""
    alpha = float(row(tables, "edge", activation="swish", sigma_b=0.2)["alpha"])
    error = alpha**DEPTH * math.expm1(DEPTH * math.log1p(POINT_ERROR / alpha))
    return Measurement(alpha**DEPTH, error, f"F'(q) = {alpha:.6g}")


def points(tables: Tables) -> pd.DataFrame:
    """Swish's edge points at σ_b > 0, in the order of σ_b."""
    found = rows(tables, "edge", "sigma_b > 0", activation="swish", status=["ok", "unstable"])
    return found.sort_values("sigma_b")


def chi1_gaps(tables: Tables) -> list[Measurement]:
    """|χ₁ − 1| as it was computed at each edge point, rounding included."""
    found = points(tables)
    return each(found, (found["chi1"] - 1).abs(), 0.0, ("sigma_b",))


def gaps_to_fixed_points(tables: Tables) -> list[Measurement]:
    """The relative distance of q from the nearest fixed point of F, found on its own."""
    fixed = rows(tables, "fixed_points", activation="swish")
    found = []
    for point in points(tables).itertuples():
        x = fixed[np.isclose(fixed["sigma_b"], point.sigma_b)]["x"]
        gap = float((x / point.q - 1).abs().min())
        found.append(Measurement(gap, 0.0, f"σ_b = {point.sigma_b:g}"))
    return found


def q_is_the_limiting_variance(tables: Tables) -> Measurement:
    """Whether q is the limiting variance at all edge points."""
    found = points(tables)
    return none_of([f"at σ_b = {b:g}" for b in found[~truth(found["stable"])]["sigma_b"]])


def distances(tables: Tables) -> pd.DataFrame:
    """sup|f − x| of Swish for σ_b up to 0.5, in the order of σ_b."""
    found = rows(tables, "identity_distance", "sigma_b <= 0.5", activation="swish")
    return found.sort_values("sigma_b")


def distances_decrease(tables: Tables) -> Measurement:
    """Whether sup|f − x| decreases with σ_b."""
    found = distances(tables)
    values, least = found["identity_distance"], found.iloc[0]
    detail = f"{least['identity_distance']:.3g} at σ_b = {least['sigma_b']:.3g}"
    return answer((np.diff(values) > 0).all(), detail)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "prop6-swish",
        CLASS,
        ("T",),
        "Swish satisfies all of the conditions: F' > 0; f'' ≥ 0 for q from 0.1 to 10; q → 0; on "
        "the edge E[φ''φ] is about 0.01, so F'(q) ≈ 1.",
        [
            yes("F is non-decreasing", lambda t: holds(t, "swish", "(iii) F is non-decreasing")),
            above("least f'' on [0, 1] for q from 0.1 to 10", 0.0, least_second_derivative),
            yes("q → 0 as σ_b → 0", lambda t: holds(t, "swish", "(iii) q -> 0")),
            yes(
                "(ii): an edge for small σ_b, q being the limiting variance",
                lambda t: holds(t, "swish", "(ii) an edge for small sigma_b"),
            ),
            equal(
                "E[φ''φ] on the curve for q from 0.1 to 10: largest", 0.01, 0.02, curvature,
                "scope",
            ),
            below(
                "F'(q)³⁰ at σ_b = 0.2, what 30 layers make of F'(q) ≈ 1", 1.5, alpha_to_the_depth,
                "scope",
            ),
        ],
        figures=("swish_moments", "variance_map", "edge_curves"),
        note="F' > 0, f'' ≥ 0 and q → 0 hold, and E[φ''φ] is small, 0.005 to 0.038. But "
        "E[φ''φ] > 0 makes F'(q) = 1 + σ_w² E[φ''φ] > 1: q repels, F has a smaller, attracting "
        "fixed point with χ₁ < 1, and for σ_b below 0.745 no σ_w puts Swish on the edge in the "
        "sense of Definition 2. Condition (ii) fails.",
    ),
    Claim(
        "table1-swish",
        CLASS,
        ("T",),
        "The table of edge points (σ_b, σ_w, q) of Swish; q decreases with σ_b.",
        [
            above("points computed", 1.5, lambda t: Measurement(len(points(t)))),
            yes(
                "q decreases as σ_b decreases",
                lambda t: answer((np.diff(points(t)["q"]) > 0).all()),
            ),
            below("largest |χ₁ − 1|", 1e-12, chi1_gaps),
            below(
                "largest relative |F(q) − q|, as the nearest fixed point found separately", 1e-8,
                gaps_to_fixed_points,
            ),
            yes(
                "q is the limiting variance at all of them", q_is_the_limiting_variance, "scope"
            ),
        ],
        figures=("variance_map", "edge_curves"),
        note="The points solve χ₁ = 1 and F(q) = q, but below σ_b = 0.745 q is not the limit of "
        "qˡ: α and every fixed point of F stand in fixed_points.csv.",
    ),
    Claim(
        "swish-identity",
        CLASS,
        ("T",),
        "f of Swish for several σ_b approaches the identity as σ_b → 0.",
        [
            yes("sup|f − x| decreases as σ_b decreases to 0", distances_decrease),
            below("lim sup|f − x|", 1e-6, lambda t: identity_distance_limits(t, ["swish"])),
            yes(
                "q is the limiting variance on that part of the curve",
                lambda t: answer(truth(distances(t)["stable"]).all()),
                "scope",
            ),
        ],
        figures=("swish_identity",),
        note="True of the map at the unstable fixed point q. A net whose variance is off q leaves "
        "it, and then follows another map.",
    ),
    Claim(
        "swish-variability",
        CLASS,
        ("S",),
        "A draw at depth 30, width 100, σ_b = 0.2 varies much more than ReLU's with the same "
        "architecture.",
        [
            above(
                "log of Swish's Var(y)/E[y²] over ReLU's", 0.0,
                lambda t: log_ratio(t, "swish-deep", "relu-edge-deep", "spread"),
            ),
            above(
                "log of Swish's 1 − c over ReLU's", math.log(2),
                lambda t: log_ratio(t, "swish-deep", "relu-edge-deep", "decorrelation"),
                "scope",
            ),
            above(
                "share of the Swish nets with q³⁰ within 50 % of q", 0.5, share_near_q, "scope"
            ),
        ],
        figures=("surfaces", "nets_departure"),
        note="The surface does vary more. But at this width and depth most nets have left q, "
        "downwards into the ordered phase or upwards to ReLU's regime: what varies is not what the "
        "map at q predicts.",
    ),
)  # fmt: skip
