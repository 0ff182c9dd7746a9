"""Claims beyond the paper: its successor's rate, and the stability of the edge."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pandas as pd

from edgeofchaos.claims.laws import exponent, groups, layers_a_factor, limits_over_law
from edgeofchaos.claims.model import (
    EXTENSION,
    OURS,
    Claim,
    Measurement,
    Tables,
    above,
    below,
    equal,
    yes,
)
from edgeofchaos.claims.nets import (
    Simulated,
    halves,
    share_near_q,
    shifted,
    simulated_exponent,
    simulated_over_law,
    slope_in_width,
)
from edgeofchaos.claims.reading import (
    MissingRows,
    answer,
    each,
    holds,
    is_so,
    none_of,
    row,
    rows,
    some,
)
from edgeofchaos.claims.swish import (
    FOLD_ERROR,
    POINT_ERROR,
    chi1_gaps,
    gaps_to_fixed_points,
    swish_chi1,
)
from edgeofchaos.claims.words import GOES_LIKE
from edgeofchaos.simulation.intervals import half_width
from edgeofchaos.support.columns import truth

SMOOTH_SIMULATED = ("tanh", "elu")
# Of σ_b², σ_w² and q where Swish turns stable: the zero of E[φ''φ] by Brent's method, times the
# conditioning of the root. An estimate.
THRESHOLD_ERROR = 1e-10
WINDOW_ERROR = 1e-7  # of its lower end: Brent's method to 1e-9, on a grid; an estimate
DIVERGES = 2 - 1e-6  # the σ_w² from which on Swish's variances diverge, less rounding
AT = 0.72  # the σ_b inside the window at which the fold is described
CHI1_ERROR = 1e-6  # relative, of χ₁ at a flat maximum of σ_w, found to 1e-10 of log x: an estimate


def decays(tables: Tables, power: int) -> pd.DataFrame:
    """1 − c of orthogonal inputs by layer, of the activations whose law is l to this power."""
    return rows(tables, "rates", f"exponent == {power}", start=1.0)


def exponents(tables: Tables, power: int) -> list[Measurement]:
    """The exponent of l in the limit, for each of them."""
    paths = groups(decays(tables, power), ("activation",))
    return [exponent(path, power, name) for name, path in paths]


def smooth_at_zero_decay_slowly(tables: Tables) -> list[Measurement]:
    """Whether each φ decays like 1/l or is not differentiable at 0."""
    found = rows(tables, "rates", "exponent > 0", start=1.0)
    return [
        answer(power == 1 or not is_so(holds(tables, name, "differentiable at 0")), name)
        for name, power in found.groupby("activation", sort=False)["exponent"].first().items()
    ]


def simulated_exponent_gaps(tables: Tables, level: float) -> list[Measurement]:
    """|simulated exponent − the recursion's| of all nets."""
    found = rows(tables, "nets_exponents")
    return each(found, (found["exponent"] - found["theory"]).abs(), halves(found, level))


def smooth_exponents(tables: Tables, level: float) -> list[Measurement]:
    """|exponent + 1| of simulated Tanh and ELU nets."""
    part = level / len(SMOOTH_SIMULATED)
    return [shifted(simulated_exponent(tables, part, n), 1.0) for n in SMOOTH_SIMULATED]


def smooth_over_law(tables: Tables, level: float) -> list[Measurement]:
    """|(1 − cˡ) l/β_q − 1| of simulated Tanh and ELU nets at the last layer."""
    part = level / len(SMOOTH_SIMULATED)
    return [shifted(simulated_over_law(tables, part, n), -1.0) for n in SMOOTH_SIMULATED]


def alphas(tables: Tables) -> list[Measurement]:
    """α of Tanh, ELU and SELU at each of their edge points."""
    found = rows(
        tables, "edge", "sigma_b > 0 and status != 'none'", activation=("tanh", "elu", "selu")
    )
    return each(found, found["alpha"], POINT_ERROR, ("activation", "sigma_b"))


def swish_point(tables: Tables, column: str) -> Measurement:
    """One number of Swish's edge point at σ_b = 0.2."""
    found = row(tables, "edge", activation="swish", sigma_b=0.2)
    return Measurement(float(found[column]), POINT_ERROR, f"q = {found['q']:.6g}")


def swish_threshold(tables: Tables, column: str, power: int) -> Measurement:
    """One number of the edge point at which Swish's α crosses 1, or its square."""
    value = float(row(tables, "threshold", activation="swish")[column])
    return Measurement(value**power, THRESHOLD_ERROR * max(1.0, value), "α = 1")


def no_edge_below_the_threshold(tables: Tables) -> Measurement:
    """Whether no σ_b of the table below the threshold has χ₁ = 1 at a limiting variance."""
    turn = float(row(tables, "threshold", activation="swish")["sigma_b"])
    found = rows(tables, "folds", f"sigma_b < {turn!r}", activation="swish")
    edges = found[truth(found["edge_at_limit"])]["sigma_b"]
    return none_of([f"σ_b = {b:g}" for b in edges], f"{len(found)} values of σ_b")


def swish_fold(tables: Tables, column: str, power: int = 1) -> Measurement:
    """One number of Swish's fold at σ_b = 0.72, or its square."""
    value = float(row(tables, "folds", activation="swish", sigma_b=AT)[column]) ** power
    error = FOLD_ERROR if column == "sigma_w_fold" else CHI1_ERROR
    return Measurement(value, power * error * abs(value), f"σ_b = {AT:g}")


def window_start(tables: Tables) -> Measurement:
    """The σ_b from which on Swish has a chaotic phase."""
    found = row(tables, "windows", activation="swish")
    detail = f"up to {found['sigma_b_to']:.6g}"
    return Measurement(float(found["sigma_b_from"]), WINDOW_ERROR, detail)


def chaotic_in_the_window_only(tables: Tables) -> Measurement:
    """Whether Swish below its threshold is chaotic at a finite q in the window, and only there.

    Raises:
        MissingRows: the tables have no σ_b on one of the two sides of the window's start.
    """
    ends = row(tables, "windows", activation="swish")
    low, high = float(ends["sigma_b_from"]), float(ends["sigma_b_to"])
    grid = rows(tables, "phase_window", f"sigma_b < {high!r}", activation="swish")
    # Where variances stay finite, below σ_w² = 2, a point is ordered or chaotic. A grid of σ_w that
    # has no chaotic one may step over them; that a point diverges it cannot miss.
    finite = (grid["phase"] == "chaotic") & np.isfinite(grid["q"])
    lost = (grid["sigma_w"] ** 2 < DIVERGES) & (grid["phase"] == "divergent")
    folds = rows(tables, "folds", f"sigma_b < {high!r}", activation="swish")
    told = grid[finite | lost].assign(chaotic=finite)
    found = pd.concat([told.groupby("sigma_b")["chaotic"].any(),
                       truth(folds["chaotic_phase"]).set_axis(folds["sigma_b"])])  # fmt: skip
    inside = found.index.to_numpy() > low
    some(found[inside].to_frame(), "table folds has no σ_b in the window")
    some(found[~inside].to_frame(), "table folds has no σ_b below the window")
    wrong = [f"σ_b = {b:g}" for b in found.index[found.to_numpy() != inside]]
    return none_of(wrong, f"{len(found)} values of σ_b, {inside.sum()} of them inside")


def window_nets(tables: Tables, level: float, chaotic: bool) -> list[Measurement]:
    """The growth of log(1 − c) a layer in Swish nets above the fold (``chaotic``) or below it.

    The error has by how much the recursion's own growth is off log χ₁ in these layers.
    """
    side = f"chi1 {'>' if chaotic else '<'} 1"
    found = rows(tables, "nets_window", side, activation="swish", sigma_b=AT)
    errors = halves(found, level, "growth_")
    errors += (found["growth_theory"] - np.log(found["chi1"])).abs()
    return each(found, found["growth"], errors, ("sigma_w", "start_q"))


def window_variances(tables: Tables, level: float) -> list[Measurement]:
    """|log| of the last variance of Swish nets on either side of the fold over the recursion's."""
    found = rows(tables, "nets_window", activation="swish", sigma_b=AT)
    errors = halves(found, level, "log_ratio_")
    return each(found, found["log_ratio"].abs(), errors, ("sigma_w", "start_q"))


def layers_to_leave(tables: Tables) -> list[Measurement]:
    """Layers a factor e in the deviation over 1/log α, for each σ_b with α > 1 and side of q.

    F is no longer linear where a deviation is of the order of α − 1, relatively.

    Raises:
        MissingRows: there is no σ_b and side with two deviations that are small against that.
    """
    found = rows(tables, "departure", "alpha > 1")
    measured = []
    for (sigma_b, side), group in found.groupby(["sigma_b", np.sign(found["deviation"])]):
        alpha, size = group["alpha"].iloc[0], group["deviation"].abs()
        layers = layers_a_factor(-np.log(size), group["layers"], size / (alpha - 1), alpha)
        if layers is not None:
            detail = f"σ_b = {sigma_b:g}, {'above' if side > 0 else 'below'} q"
            measured.append(Measurement(*layers, detail))
    if not measured:
        raise MissingRows("table departure has no two small deviations at one sigma_b and side")
    return measured


def simulated_layers_to_leave(tables: Tables, level: float) -> Measurement:
    """Layers that Swish nets take to leave q a factor e in N, over 1/(2 log α)."""
    found = rows(tables, "nets_growth", activation="swish", sigma_b=0.2)
    # Times to leave are skewed: the interval misses up to four times as often as it says.
    half = half_width(found["error"], found["draws"], level / 4)
    per_e, error = slope_in_width(found, found["layers"], half, found["finite"])
    theory = float(found["theory"].iloc[0])
    return Measurement(per_e / theory, error / theory, "σ_b = 0.2", int(found["draws"].min()))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "smooth-rate",
        EXTENSION,
        ("T", "S"),
        "For φ smooth at 0: 1 − cˡ ~ β_q/l with β_q = 2E[φ'(√qZ)²]/(q E[φ''(√qZ)²]), against 1/l² "
        "for ReLU-like φ (the successor paper).",
        [
            equal(
                "limit of (1 − cˡ) l/β_q, worst of the φ with continuous φ'", 1.0, GOES_LIKE,
                lambda t: limits_over_law(decays(t, 1)),
            ),
            equal("exponent of l in the limit, worst", -1.0, 0.05, lambda t: exponents(t, 1)),
            equal(
                "exponent for φ with a jump of φ', worst", -2.0, 0.05, lambda t: exponents(t, 2)
            ),
            yes(
                "every φ smooth at 0 decays like 1/l", smooth_at_zero_decay_slowly, "scope",
                witnesses=("hardtanh",),
            ),
            equal(
                "simulated exponent of Tanh and ELU, distance from −1", 0.0, 0.4,
                Simulated(smooth_exponents),
            ),
            equal(
                "simulated (1 − cˡ) l/β_q of Tanh and ELU, distance from 1", 0.0, 0.6,
                Simulated(smooth_over_law),
            ),
            equal(
                "simulated exponent less the recursion's, all nets", 0.0, 0.5,
                Simulated(simulated_exponent_gaps),
            ),
        ],
        figures=("rates", "nets_rates"),
        note="What decides is a jump of φ' anywhere, not at 0 only: Hard-Tanh is smooth at 0 and "
        "decays like 1/l². With jumps J_j at k_j, 1 − cˡ ~ 9/(2A²l²), "
        "A = σ_w²/(2π) Σ J_j² exp(−k_j²/(2q)).",
    ),
    Claim(
        "edge-stability",
        OURS,
        ("T", "S"),
        "On the curve χ₁ = 1, F(q) = q, Tanh, ELU and SELU have α < 1. Swish does not: at "
        "σ_b = 0.2 α = 1.0987, and F has a smaller fixed point 0.19404 where χ₁ = 0.820. Its curve "
        "turns stable only at σ_b² ≈ 0.555, σ_w² ≈ 1.988, q ≈ 14.32; below it no σ_w gives χ₁ = 1 "
        "at the limiting variance: χ₁ skips 1 at the fold of F. From σ_b = 0.71129 on, the fold is "
        "below σ_w² = 2, and between the two lies a chaotic phase with finite q: at σ_b = 0.72 the "
        "fold is at σ_w² = 1.99632, and χ₁ jumps there from 0.980 to 1.0097.",
        [
            below("largest α of Tanh, ELU and SELU on their curves", 1.0, alphas),
            equal(
                "Swish at σ_b = 0.2: α", 1.0987278, 1e-6, lambda t: swish_point(t, "alpha")
            ),
            equal(
                "Swish at σ_b = 0.2: smallest fixed point of F", 0.19403796, 1e-7,
                lambda t: swish_point(t, "smallest_fixed_point"),
            ),
            equal("Swish: χ₁ there", 0.8202784, 1e-6, swish_chi1),
            equal(
                "Swish turns stable at σ_b²", 0.55514317, 1e-7,
                lambda t: swish_threshold(t, "sigma_b", 2),
            ),
            equal(
                "Swish turns stable at σ_w²", 1.98800468, 1e-7,
                lambda t: swish_threshold(t, "sigma_w", 2),
            ),
            equal(
                "Swish turns stable at q", 14.3201736, 1e-6, lambda t: swish_threshold(t, "q", 1)
            ),
            yes(
                "Swish below the threshold: no σ_w gives χ₁ = 1 at the limiting variance",
                no_edge_below_the_threshold,
            ),
            equal("Swish has a chaotic phase from σ_b", 0.71129, 5e-6, window_start),
            yes(
                "Swish below the threshold: chaotic at a finite q from there on, and not before",
                chaotic_in_the_window_only,
            ),
            equal(
                "Swish at σ_b = 0.72: σ_w² at the fold", 1.99632, 5e-6,
                lambda t: swish_fold(t, "sigma_w_fold", 2),
            ),
            equal(
                "Swish at σ_b = 0.72: χ₁ at the fold", 0.980, 5e-4,
                lambda t: swish_fold(t, "chi1_fold"),
            ),
            equal(
                "Swish at σ_b = 0.72: χ₁ just beyond the fold", 1.0097, 5e-5,
                lambda t: swish_fold(t, "chi1_after"),
            ),
            # The sign is the phase. Variances of nets wander by the root of the layers over N, so
            # they are asked to be the recursion's to a factor of 2, which is 1/12 of the jump.
            below(
                "Swish nets at σ_b = 0.72 below the fold: log(1 − c), growth a layer", 0.0,
                Simulated(partial(window_nets, chaotic=False)),
            ),
            above(
                "Swish nets at σ_b = 0.72 above the fold: log(1 − c), growth a layer", 0.0,
                Simulated(partial(window_nets, chaotic=True)),
            ),
            below(
                "|log(qᴸ/recursion)| of those nets, largest", math.log(2),
                Simulated(window_variances),
            ),
            below(
                "largest |χ₁ − 1| at Swish's solutions, rounding included", 1e-12, chi1_gaps
            ),
            below(
                "their q's largest relative distance from a fixed point of F found separately",
                1e-8, gaps_to_fixed_points,
            ),
            equal(
                "layers to leave q, a factor e in the deviation, over 1/log α", 1.0, 0.03,
                layers_to_leave,
            ),
            equal(
                "Swish nets: layers to leave q a factor e in N, over 1/(2 log α)", 1.0, 0.6,
                Simulated(simulated_layers_to_leave),
            ),
            below(
                "share of Swish nets of width 100 still within 50 % of q at layer 30", 0.5,
                Simulated(share_near_q),
            ),
        ],
        figures=(
            "edge_curves", "phase_diagram", "variance_map", "departure", "swish_moments",
            "nets_departure",
        ),
        note="Established to high precision. As σ_w grows, nets of Swish with σ_b < 0.71129 are "
        "ordered up to the fold of F and diverge beyond it. From 0.71129 to 0.74508 the fold lies "
        "below σ_w² = 2, and nets are ordered up to it, chaotic with a finite variance from there "
        "to 2, and diverge beyond: at σ_b = 0.72 the limiting variance jumps at the fold from 7.66 "
        "to 179, and χ₁ from 0.980 to 1.0097. At no σ_w is χ₁ = 1. GELU turns stable at "
        "σ_b² = 0.1729 and has such a window from σ_b = 0.39573; Mish turns stable at 0.0945 and "
        "has none, since its fold lies above 2; softplus − log 2 is stable for no σ_b up to 5. "
        "Prior art: Price, Adam Jones and Tanner (ICLR 2024, arXiv:2402.16184) find edge points "
        "of shifted ReLU and soft thresholding that are unstable through the variance map, which "
        "clipping cures; Roberts, Yaida and Hanin (The Principles of Deep Learning Theory, chapter "
        "5) have the half-stable critical points of Swish and GELU. Proofs: "
        "docs/explanation/proofs.md.",
    ),
)  # fmt: skip
