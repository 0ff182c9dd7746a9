"""Claims on the better class of activations: Propositions 4 and 5."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from edgeofchaos.claims.laws import groups, limit_of_falling, limits_over_law
from edgeofchaos.claims.model import CLASS, Claim, Measurement, Tables, below, equal, yes
from edgeofchaos.claims.reading import (
    DERIVATIVE_ERROR,
    MOMENT_ERROR,
    MissingRows,
    answered,
    constant,
    each,
    holds,
    identity_distance_limits,
    is_so,
    meeting,
    meets,
    rows,
    some,
)
from edgeofchaos.claims.words import GOES_LIKE, TENDS_TO, TO_IDENTITY
from edgeofchaos.support.columns import truth

# f'(0) is off by so many times what f(0) is off by: tests/experiments/test_correlation.py.
OFF_AT_ZERO = 100


def printed(tables: Tables) -> list[str]:
    """The activations that meet Proposition 4's conditions (i) to (iv) as printed."""
    return meeting(tables, 4)


def smooth_enough(tables: Tables, activations: list[str]) -> list[str]:
    """Those differentiable at 0 with E[φ'(√qZ)²] → φ'(0)², neither of which is printed."""
    ours = ("differentiable at 0", "E[phi'^2] -> phi'(0)^2")
    return [n for n in activations if all(is_so(holds(tables, n, c)) for c in ours)]


def oscillating_distance(tables: Tables) -> Measurement:
    """sup|f − x| of x + ½x|x| sin(1/|x|) as q → 0, from its edge point with the least q.

    All that oscillates in E[φ²]/q and E[φ'²] is below 8 exp(−0.595 q^(−1/3)) there, and without it
    f(0) = (1 + q)/(9 + 4q), which is q/15 from its limit at most: so much is added to the error.

    Raises:
        MissingRows: q is not the limiting variance at any of its points.
    """
    found = rows(tables, "oscillating")
    found = some(found[truth(found["stable"])], "table oscillating has no stable point")
    least = found.loc[found["q"].idxmin()]
    q = float(least["q"])
    to_limit = q / 15 + 16 * math.exp(-0.595 * q ** (-1 / 3))
    detail = f"q = {q:.3g}, E[φ'²] = {least['slope2']:.6g}"
    return Measurement(float(least["identity_distance"]), least["error"] + to_limit, detail)


def k_var_at_least_q(tables: Tables) -> list[Measurement]:
    """Whether q is the smallest fixed point and attracts at each edge point with 0 < σ_b ≤ A.

    A is that of condition (ii), as far as conditions.csv has looked for it. Where F'(q) is 1 to
    rounding it is open.
    """
    name = "(ii) an edge for small sigma_b"
    known = rows(tables, "conditions", activation=printed(tables), proposition=4, condition=name)
    reach = known.set_index("activation")["witness"]
    points = rows(tables, "edge", "status != 'none' and sigma_b > 0", activation=printed(tables))
    points = points[points["sigma_b"] <= points["activation"].map(reach)]
    points = some(points, "table edge has no point with sigma_b up to A")
    so = truth(points["stable"]).astype(float)
    clear = (points["alpha"] - 1).abs() > MOMENT_ERROR
    return each(points, so.where(clear), by=("activation", "sigma_b"))


def implied(tables: Tables) -> list[Measurement]:
    """Whether each activation that meets Proposition 5's hypotheses meets (i)–(iv)."""
    names = meeting(tables, 5)
    if not names:
        raise MissingRows("table conditions has no activation that meets Proposition 5's")
    return [meets(tables, name, 4) for name in names]


def drawn(tables: Tables) -> pd.DataFrame:
    """The functions drawn that meet Proposition 5's hypotheses."""
    found = rows(tables, "odd_family")
    return some(found[truth(found["hypotheses"])], "table odd_family has none that meets them")


def implied_of_drawn(tables: Tables) -> list[Measurement]:
    """Whether each of these meets (i)–(iv)."""
    found = drawn(tables)
    return each(found, found["conditions"].map(answered), by=("formula",))


def limits_of_drawn(tables: Tables) -> list[Measurement]:
    """lim sup|f − x| of these."""
    found = drawn(tables)
    return each(found, found["limit"].abs(), found["limit_error"], ("formula",))


def gaps_to_the_formula(tables: Tables) -> list[Measurement]:
    """|lim sup|f − x| − (s₊−s₋)²/(π(s₊²+s₋²))| of every activation that has the limit."""
    found = []
    for name in rows(tables, "constants", constant="identity_distance_limit")["activation"]:
        limit = constant(tables, name, "identity_distance_limit")
        formula = constant(tables, name, "identity_distance_at_zero")
        gap = abs(limit.value - formula.value)
        found.append(Measurement(gap, limit.error + formula.error, name))
    return found


def rates(tables: Tables) -> pd.DataFrame:
    """1 − c by layer of each non-linear activation with an edge."""
    return rows(tables, "rates", "exponent > 0")


def rate_limits(tables: Tables) -> list[Measurement]:
    """The limit of 1 − c of each."""
    paths = groups(rates(tables), ("activation",))
    return [limit_of_falling(path, "gamma", name) for name, path in paths]


def linear_distances(tables: Tables) -> list[Measurement]:
    """sup|f − x| of the identity along its edge."""
    found = rows(tables, "identity_distance", activation="identity")
    return each(found, found["identity_distance"].abs(), 0.0, ("activation", "sigma_b"))


def slope_variances(tables: Tables) -> list[Measurement]:
    """Var φ'/E[φ'²] over sup|f − x| at each edge point with q > 0.

    With f = Σ aₖcᵏ, aₖ ≥ 0, Σ aₖ = Σ kaₖ = 1, the former is 1 − f'(0) = a₀ + a₂ + a₃ + …, and
    sup|f − x| = a₀ = a₂ + 2a₃ + …: so it is never more than 2.
    """
    found = rows(tables, "identity_distance")
    found = found[np.isfinite(found["slope_ratio"])]
    found = some(found, "table identity_distance has no point with q > 0")
    distance = found["identity_distance"]
    ratio = (1 - found["slope_ratio"]) / distance
    return each(found, ratio, 3 * MOMENT_ERROR * (1 / distance + ratio), ("activation", "sigma_b"))


def slope_ratio_gaps(tables: Tables) -> list[Measurement]:
    """|f'(0) − E[φ']²/E[φ'²]|, which is 1 − Var φ'/E[φ'²].

    f'(0) is off by an estimate: a hundred times what f(0) is off by, which is known.
    """
    found = rows(tables, "correlation_maps", c=0.0)
    found = found[np.isfinite(found["slope_ratio"])]
    found = some(found, "table correlation_maps has no point with q > 0")
    gap = (found["f1"] - found["slope_ratio"]).abs()
    errors = DERIVATIVE_ERROR + OFF_AT_ZERO * found["f0_error"]
    return each(found, gap, errors, ("activation", "sigma_b"))


def relu_has_no_edge(tables: Tables) -> Measurement:
    """Whether ReLU lacks an edge point for small σ_b > 0, stable or not."""
    found = holds(tables, "relu", "(ii) without stability")
    return Measurement(1 - found.value, 0.0, found.detail)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "prop4",
        CLASS,
        ("T",),
        "Under conditions (i)–(iv): K_var ≥ q, and sup |f(x) − x| over [0, 1] tends to 0 as "
        "σ_b → 0 along the edge.",
        [
            yes(
                "K_var ≥ q at each edge point with σ_b ≤ A of those that meet (i)–(iv)",
                k_var_at_least_q,
            ),
            below(
                "largest lim sup|f − x| among those with φ'(0) and E[φ'(√qZ)²] → φ'(0)²",
                TO_IDENTITY,
                lambda t: identity_distance_limits(t, smooth_enough(t, printed(t))),
            ),
            below(
                "largest |lim sup|f − x| − (s₊−s₋)²/(π(s₊²+s₋²))|, all activations", 1e-4,
                gaps_to_the_formula,
            ),
            below(
                "largest lim sup|f − x| among all that meet (i)–(iv) as printed", TO_IDENTITY,
                lambda t: identity_distance_limits(t, printed(t)), "scope", ("selu",),
            ),
            below(
                "sup|f − x| of φ = x + ½x|x| sin(1/|x|), differentiable at 0, as q → 0",
                TO_IDENTITY,
                oscillating_distance, "scope",
            ),
            equal(
                "the same against 1 − φ'(0)²/lim E[φ'(√qZ)²] = 1/9", 1 / 9, 1e-6,
                oscillating_distance, "scope",
            ),
        ],
        figures=("identity_distance", "edge_curves", "counterexamples"),
        note="False as printed, true with one hypothesis more: φ differentiable at 0 and "
        "E[φ'(√q Z)²] → φ'(0)², for which φ' continuous at 0 is enough; under (i) and q → 0 "
        "this is necessary as well as sufficient (docs/explanation/proofs.md). On the edge "
        "sup|f − x| = f(0) = (σ_b² + σ_w² E[φ]²)/q, since f is a power series with "
        "coefficients σ_w² a_k²/q ≥ 0 and f'(1) = 1. As q → 0, φ(√q z)/√q tends to the "
        "ReLU-like function with φ's one-sided slopes s± at 0, so f(0) → (s₊−s₋)²/(π(s₊²+s₋²)), "
        "which is 0 if and only if s₊ = s₋, so long as E[φ'²] → (s₊² + s₋²)/2. SELU (1.758 and "
        "1.051) fails the first, with 0.038. φ = x + ½x|x| sin(1/|x|) fails the second: it is "
        "odd, differentiable, and meets (i)–(iv), but φ' = 1 + |x| sin(1/|x|) − ½cos(1/|x|) "
        "oscillates down to 0, so that E[φ'²] → 1 + 1/8, h(q) → q/9 and f(0) → 1 − 8/9 = 1/9. "
        "Condition (iv) is "
        "automatic for every φ, by the same series.",
    ),
    Claim(
        "prop4-still-degenerate",
        CLASS,
        ("T",),
        "For each fixed σ_b > 0 on the edge correlations still tend to 1; Proposition 4 slows this "
        "down, it does not stop it.",
        [
            below(
                "largest limit of 1 − cˡ, over non-linear φ with an edge", TENDS_TO, rate_limits
            ),
            equal(
                "limit of (1 − cˡ) over its predicted power law, worst", 1.0, GOES_LIKE,
                lambda t: limits_over_law(rates(t)),
            ),
        ],
        figures=("rates",),
    ),
    Claim(
        "prop4-lemma2",
        CLASS,
        ("T",),
        "Without q → 0, f → identity only for linear φ (f → identity forces Var φ'(√q Z) = 0).",
        [
            below("sup|f − x| for the identity", 1e-12, linear_distances),
            below(
                "Var φ'/E[φ'²] over sup|f − x| on the edge, at most 2, largest", 2 + 1e-6,
                slope_variances,
            ),
            below("largest |f'(0) − (1 − Var φ'/E[φ'²])|", 1e-9, slope_ratio_gaps),
        ],
        figures=("identity_distance",),
        note="With f = Σ aₖxᵏ, aₖ ≥ 0, and f(1) = f'(1) = 1 on the edge, sup|f − x| = a₀ is the "
        "sum of (k − 1)aₖ over k ≥ 2, and Var φ'/E[φ'²] = 1 − a₁ lies between a₀ and 2a₀. So each "
        "tends to 0 with the other, and at a given q both are positive for every φ that is not "
        "linear.",
    ),
    Claim(
        "prop4-relu-excluded",
        CLASS,
        ("T",),
        "ReLU fails condition (ii).",
        [yes("ReLU has no edge point for small σ_b > 0", relu_has_no_edge)],
        figures=("phase_diagram",),
    ),
    Claim(
        "prop5",
        CLASS,
        ("T",),
        "Bounded odd φ with φ'(0) > 0, φ' ≥ 0, xφ(x) > 0 and xφ''(x) < 0 for x ≠ 0, and (ii), "
        "satisfies all of the conditions. Tanh and Arctan do.",
        [
            yes("Tanh meets Proposition 5's hypotheses", lambda t: meets(t, "tanh", 5)),
            yes("Arctan meets Proposition 5's hypotheses", lambda t: meets(t, "arctan", 5)),
            yes("Tanh meets (i)–(iv)", lambda t: meets(t, "tanh", 4)),
            yes("Arctan meets (i)–(iv)", lambda t: meets(t, "arctan", 4)),
            yes("each activation of the config that meets them meets (i)–(iv)", implied),
            yes("so does each function drawn at random that meets them", implied_of_drawn),
            below(
                "largest lim sup|f − x| of Tanh and Arctan", TO_IDENTITY,
                lambda t: identity_distance_limits(t, ("tanh", "arctan")),
            ),
            below("largest lim sup|f − x| of the functions drawn", TO_IDENTITY, limits_of_drawn),
            equal(
                "fixed points of F at their edge points, most", 1.0, 0.5,
                lambda t: each(drawn(t), drawn(t)["fixed_points"], 0.0, ("formula",)), "scope",
            ),
        ],
        figures=("identity_distance", "edge_curves"),
        note="A theorem, with less: φ need not be bounded, and (ii) follows. φ(u)/u falls for "
        "u > 0, so F(x)/x falls and F has one fixed point, K_var = ∞; and for odd φ Poincaré's "
        "inequality E[φ²] ≤ q E[φ'²] makes h(q) > 0, so that every small σ_b has an edge point and "
        "q → 0. φ' falls from φ'(0), so it is continuous at 0, as Proposition 4 needs.",
    ),
)  # fmt: skip
