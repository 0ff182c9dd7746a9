"""Claims on Swish: Proposition 6, its table of edge points, its maps and surfaces."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pandas as pd

from edgeofchaos.claims.model import CLASS, Claim, Measurement, Tables, above, below, equal, yes
from edgeofchaos.claims.nets import (
    OF_TWO_KINDS,
    Simulated,
    beyond_printed_q,
    log_ratio,
    near_printed_q,
)
from edgeofchaos.claims.reading import (
    DERIVATIVE_ERROR,
    MOMENT_ERROR,
    answer,
    each,
    holds,
    identity_distance_limits,
    increasing,
    row,
    rows,
    some,
)
from edgeofchaos.claims.words import MUCH_MORE, NEARLY_ONE, ORDER_OF_MAGNITUDE, TO_IDENTITY
from edgeofchaos.experiments.cases import AS_THEY_ARE
from edgeofchaos.experiments.printed import SIGMA_W_ROUNDING
from edgeofchaos.support.columns import truth

# Of q, α, χ₁ and the smallest fixed point at an edge point: q is solved for to 1e-13, times the
# conditioning of the root. An estimate; tests/theory/test_edge.py has 8 of the digits.
POINT_ERROR = 1e-11
DEPTH = 30  # the paper's surface has this many layers
PRINTED_CURVATURE = 0.01  # about what the paper says that E[φ''φ] is
# Relative, of σ_w at the fold: the maximum of a flat function, found to 1e-10 of log x: an
# estimate.
FOLD_ERROR = 1e-9
NEAR = 1e-3  # relative distances beyond which a fixed point is another one


def moments(tables: Tables) -> pd.DataFrame:
    """Swish's moments for q from 0.1 to 10, of which the claim speaks."""
    low, high = 0.1 * (1 - 1e-9), 10 * (1 + 1e-9)  # both ends included
    return rows(tables, "swish_moments", f"{low} <= q <= {high}", activation="swish")


def least_second_derivative(tables: Tables) -> list[Measurement]:
    """The least f'' on [0, 1] for each q."""
    found = moments(tables)
    return each(found, found["least_f2"], DERIVATIVE_ERROR, ("q",))


def log_curvature(tables: Tables) -> list[Measurement]:
    """log of E[φ''φ] over what is printed, for each q; −∞ where E[φ''φ] is not positive."""
    found = moments(tables)
    values = found["curvature_phi"].clip(lower=0.0)
    with np.errstate(divide="ignore"):
        return each(found, np.log(values / PRINTED_CURVATURE), MOMENT_ERROR, ("q",))


def alpha_to_the_depth(tables: Tables) -> Measurement:
    """F'(q)³⁰ at σ_b = 0.2, with the error that follows from that of F'(q)."""
    alpha = float(row(tables, "edge", activation="swish", sigma_b=0.2)["alpha"])
    error = alpha**DEPTH * math.expm1(DEPTH * math.log1p(POINT_ERROR / alpha))
    return Measurement(alpha**DEPTH, error, f"F'(q) = {alpha:.6g}")


def swish_chi1(tables: Tables) -> Measurement:
    """χ₁ of Swish at the smallest fixed point of F, at the edge's σ_w for σ_b = 0.2."""
    least = float(row(tables, "edge", activation="swish", sigma_b=0.2)["smallest_fixed_point"])
    fixed = rows(tables, "fixed_points", activation="swish", sigma_b=0.2)
    fixed = fixed[np.isclose(fixed["x"], least, rtol=1e-6)]
    first = some(fixed, "table fixed_points has not the smallest one of table edge").iloc[0]
    return Measurement(float(first["chi1"]), POINT_ERROR, f"x = {first['x']:.6g}")


def points(tables: Tables) -> pd.DataFrame:
    """Swish's edge points at σ_b > 0, in the order of σ_b."""
    found = rows(tables, "edge", "sigma_b > 0", activation="swish", status=["ok", "unstable"])
    return found.sort_values("sigma_b")


def chi1_gaps(tables: Tables) -> list[Measurement]:
    """|χ₁ − 1| as it was computed at each edge point, rounding included."""
    found = points(tables)
    return each(found, (found["chi1"] - 1).abs(), 0.0, ("sigma_b",))


def gaps_to_fixed_points(tables: Tables) -> list[Measurement]:
    """The relative distance of q from the nearest fixed point of F, found on its own.

    Where that is far away, the one at q may be missing from the table: nothing is decided.
    """
    fixed = rows(tables, "fixed_points", activation="swish")
    found = []
    for point in points(tables).itertuples():
        x = fixed[np.isclose(fixed["sigma_b"], point.sigma_b)]["x"]
        gap = float((x / point.q - 1).abs().min())
        error = 0.0 if gap < NEAR else math.inf
        found.append(Measurement(gap, error, f"σ_b = {point.sigma_b:g}"))
    return found


def printed(tables: Tables, confirmed: bool) -> pd.DataFrame:
    """The printed points that public code confirms, or those quoted from memory."""
    found = rows(tables, "printed_points", point="printed")
    sure = found["provenance"].str.startswith("confirmed")
    return some(found[sure == confirmed], "table printed_points has no such printed point")


def printed_chi1(found: pd.DataFrame) -> list[Measurement]:
    """χ₁ at each point; its error is what the rounding of the printed digits allows."""
    return each(found, found["chi1"], found["chi1_rounding"], ("sigma_b",))


def confirmed_chi1(tables: Tables) -> list[Measurement]:
    """χ₁ at the confirmed point."""
    return printed_chi1(printed(tables, True))


def recalled_chi1(tables: Tables) -> list[Measurement]:
    """χ₁ at the points quoted from memory."""
    return printed_chi1(printed(tables, False))


def confirmed_fixed_point(tables: Tables) -> list[Measurement]:
    """Whether F has a fixed point at the confirmed one; the least F(x) − x where it has none."""
    found = printed(tables, True)
    return [
        answer(p.fixed_points > 0, f"least F(x) − x = {p.bottleneck_gap:.3g} at x = "
               f"{p.bottleneck_x:.3g}" if p.fixed_points == 0 else f"{p.fixed_points} of them")
        for p in found.itertuples()
    ]  # fmt: skip


def printed_q_decreases(tables: Tables) -> Measurement:
    """Whether the printed q decreases with σ_b."""
    found = rows(tables, "printed_points", point="printed").sort_values("sigma_b")
    return increasing(found["q"], 0.0, f"{len(found)} points")


def distances_to_the_fold(tables: Tables) -> list[Measurement]:
    """|σ_w/σ_w of the fold − 1| at each printed point."""
    found = rows(tables, "printed_points", point="printed")
    return each(found, found["over_fold"].abs(), FOLD_ERROR, ("sigma_b",))


def passages(tables: Tables) -> list[Measurement]:
    """Layers from 3/4 to 5/4 of x*, over what the tangent law says."""
    found = rows(tables, "printed_points", "bottleneck_gap > 0", point="printed")
    found = some(found[np.isfinite(found["passage"])], "no bottleneck was passed")
    ratio = found["passage"] / found["passage_predicted"]
    # Between two layers the path is taken as straight. It is off by an eighth of its second over
    # its first difference, a|x − x*|/4 = 0.006 layers at either end at most: by far below 1/4.
    return each(found, ratio, 1 / found["passage_predicted"] / 4, ("sigma_b",))


def sigma_w_at_depth(tables: Tables) -> list[Measurement]:
    """The σ_w with χ₁(q²⁰⁰) = 1 over the printed one; its error is the rounding of the latter."""
    found = rows(tables, "printed_points", point="printed", depth=200)
    ratio = found["sigma_w_at_depth"] / found["sigma_w"]
    return each(found, ratio, SIGMA_W_ROUNDING / found["sigma_w"], ("sigma_b",))


def over_relu(
    tables: Tables, level: float, nets: str, quantity: str = "spread", inputs: str = "every"
) -> Measurement:
    """log of one quantity of the surfaces of 30 layers deep Swish nets over that of ReLU's.

    ``inputs`` is how those of Swish are scaled, which decides; those of ReLU may be as they are.
    """
    found = rows(tables, "nets_spread", case=f"swish-{nets}", quantity=quantity, inputs=inputs)
    found = some(found[found["draws"] >= OF_TWO_KINDS], "table nets_spread has too few draws")
    return log_ratio(tables, level, found.iloc[0], "relu-edge-deep", quantity)


def distances(tables: Tables) -> pd.DataFrame:
    """sup|f − x| of Swish for σ_b up to 0.5, in the order of σ_b."""
    found = rows(tables, "identity_distance", "sigma_b <= 0.5", activation="swish")
    return found.sort_values("sigma_b")


def distances_decrease(tables: Tables) -> Measurement:
    """Whether sup|f − x| decreases with σ_b."""
    found = distances(tables)
    values, least = found["identity_distance"], found.iloc[0]
    detail = f"{least['identity_distance']:.3g} at σ_b = {least['sigma_b']:.3g}"
    return increasing(values, MOMENT_ERROR, detail)


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
                "log of E[φ''φ] over 0.01, q from 0.1 to 10, furthest from 0", 0.0,
                ORDER_OF_MAGNITUDE, log_curvature, "scope",
            ),
            below(
                "F'(q)³⁰ at σ_b = 0.2, what 30 layers make of F'(q) ≈ 1",
                NEARLY_ONE.as_bar(lambda off: (1 + off) ** DEPTH), alpha_to_the_depth, "scope",
            ),
        ],
        figures=("swish_moments", "variance_map", "edge_curves"),
        note="F' > 0, f'' ≥ 0 and q → 0 hold, and E[φ''φ] is small, 0.005 to 0.038. But "
        "E[φ''φ] > 0 makes F'(q) = 1 + σ_w² E[φ''φ] > 1: q repels, F has a smaller, attracting "
        "fixed point with χ₁ < 1, and for σ_b below 0.745 no σ_w puts Swish on the edge in the "
        "sense of Definition 2. Condition (ii) fails. That q has to be the smallest fixed point "
        "follows from Definition 1: every q¹ is at least σ_b², so for K < σ_b² it speaks of no "
        "input; a larger K covers the input 0, whose q¹ = σ_b² = F(0), and the variance of that "
        "input tends to the smallest fixed point.",
    ),
    Claim(
        "table1-swish",
        CLASS,
        ("T", "S"),
        "The table of points (σ_b, σ_w, q) of Swish on the edge, as printed: χ₁ = 1 and F(q) = q "
        "there, and q decreases with σ_b.",
        [
            equal(
                "χ₁ at (0.2, 1.718, 0.44), the confirmed point", 1.0, NEARLY_ONE, confirmed_chi1
            ),
            yes("F has a fixed point there", confirmed_fixed_point),
            yes("q decreases as σ_b decreases", printed_q_decreases),
            equal(
                "χ₁ at the points quoted from memory, furthest from 1", 1.0, NEARLY_ONE,
                recalled_chi1, "scope",
            ),
            below(
                "distance of the printed σ_w from the fold of F, relative, largest", 0.005,
                distances_to_the_fold, "scope",
            ),
            equal(
                "layers through the bottleneck over their prediction, furthest from 1", 1.0, 0.01,
                passages, "scope",
            ),
            equal(
                "σ_w that solves χ₁(q²⁰⁰) = 1 over the printed one, furthest from 1", 1.0, 0.002,
                sigma_w_at_depth, "scope",
            ),
            above(
                "share of nets there, 100 wide, from q¹ = 0.44, with q³⁰ within 50 % of it", 0.5,
                Simulated(near_printed_q), "scope",
            ),
            below(
                "share of nets there with q²⁰⁰ above 10 times 0.44, of any width and start", 0.5,
                Simulated(beyond_printed_q), "scope", ("N = 100, q¹ = q",),
            ),
        ],
        figures=("printed_table", "variance_map", "nets_printed"),
        note="The printed points are not on the edge: χ₁ < 1 there, and but for σ_b = 0.4 F has no "
        "fixed point at all. They lie within 0.4 % of the fold of F, where F touches the diagonal, "
        "most of them just past it, so that every variance grows without bound, through a "
        "bottleneck of 165 to 242 layers (π/√(a g), g the least F(x) − x and a half of F'' there). "
        "Solving χ₁(q^L) = 1 at the finite depth L = 200 gives the printed σ_w to 0.16 %. "
        "The value at σ_b = 0.2 is confirmed by public code that uses it, the other four "
        "are quoted from memory and unconfirmed: they are scope. The solutions of χ₁ = 1 and "
        "F(q) = q stand beside them in printed_points.csv (1.67953 at 0.2), with every fixed point "
        "in printed_fixed_points.csv.",
    ),
    Claim(
        "swish-identity",
        CLASS,
        ("T",),
        "f of Swish for several σ_b approaches the identity as σ_b → 0.",
        [
            yes("sup|f − x| decreases as σ_b decreases to 0", distances_decrease),
            below(
                "lim sup|f − x|", TO_IDENTITY,
                lambda t: identity_distance_limits(t, ["swish"]),
            ),
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
                "log of Swish's Var(y)/E[y²] over ReLU's, at (0.2, 1.718)", MUCH_MORE,
                Simulated(partial(over_relu, nets="printed-deep")),
            ),
            above(
                "log of Swish's 1 − c over ReLU's, there", MUCH_MORE,
                Simulated(partial(over_relu, nets="printed-deep", quantity="decorrelation")),
            ),
            *(
                above(
                    f"the first {how}", MUCH_MORE,
                    Simulated(partial(over_relu, nets=case, inputs=inputs)), "scope",
                )
                for how, case, inputs in (
                    ("with inputs scaled to a mean q¹ of q", "printed-deep-mean", "mean"),
                    ("with inputs times √q", "printed-deep-root", "root"),
                    ("with inputs as they are", "printed-deep-plain", AS_THEY_ARE),
                    ("at the solution of χ₁ = 1", "chi1-deep", "every"),
                    ("at the stable point", "stable-deep", "every"),
                )
            ),
        ],
        figures=("surfaces", "nets_printed"),
        note="It hangs on how inputs are scaled. Under the paper's own remark, q¹ ≤ q for every "
        "input of the square, the variances of many nets stay in the bottleneck, where χ₁ is about "
        "0.9, and their surfaces are flat; those of others leave it, and these vary much. On the "
        "whole they do not vary twice as much as ReLU's. With inputs of mean q¹ = q, or times √q "
        "as in the authors' code, the variance of inputs far from 0 runs away from that of those "
        "near 0, and surfaces vary more than twice as much as ReLU's. With inputs as they are they "
        "vary more, and 1.7 times is not told from twice. At He's σ_w they vary most of all, since "
        "there the variance tends to 0, where Swish is linear.",
    ),
)  # fmt: skip
