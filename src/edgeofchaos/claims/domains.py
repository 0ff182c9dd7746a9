"""Claims on the domains of convergence: Proposition 1 and what it is illustrated by."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pandas as pd

from edgeofchaos.claims.model import (
    DOMAINS,
    Claim,
    Measurement,
    Tables,
    above,
    below,
    equal,
    yes,
)
from edgeofchaos.claims.nets import Simulated, geometric_mean
from edgeofchaos.claims.reading import (
    MOMENT_ERROR,
    MissingRows,
    answer,
    constant,
    each,
    limits,
    rows,
    slope,
    some,
)
from edgeofchaos.claims.words import ALMOST_FLAT, MORE, TENDS_TO
from edgeofchaos.support.columns import truth

POINT = ("activation", "sigma_b", "sigma_w")
FALLING = (1e-10, 0.1)  # distances of a variance from its limit that fall exponentially


def some_inside(tables: Tables, bound: str) -> pd.DataFrame:
    """The points of the phase diagrams that meet a bound of Proposition 1; MissingRows if none."""
    points = rows(tables, "phase_diagram")
    # Fixed points are looked for from 1e-16 on, and q is not below σ_b².
    points = points[points["sigma_b"].eq(0) | points["sigma_b"].gt(1e-7)]
    return some(points[truth(points[bound])], f"table phase_diagram has no point with {bound}")


def at_points_inside(tables: Tables, bound: str, column: str) -> list[Measurement]:
    """One column of the phase diagrams at each point that meets the bound."""
    points = some_inside(tables, bound)
    return each(points, points[column], points[column].abs() * MOMENT_ERROR, POINT)


def largest_slopes(tables: Tables) -> list[Measurement]:
    """sup|F'| at σ_w² below 1/M_φ: the largest on a grid, and what may lie between its points."""
    found = rows(tables, "contraction", "share < 1")
    middle = found["slope"] + found["between"] / 2
    return each(found, middle, found["between"] / 2, ("activation", "sigma_w"))


def chords(tables: Tables) -> list[Measurement]:
    """The largest |F(x) − F(y)|/|x − y| of variances a decade apart."""
    found = rows(tables, "contraction", "share < 1")
    return each(found, found["chord"], 1e-9, ("activation", "sigma_w"))


def without_biases(tables: Tables) -> list[Measurement]:
    """The limit of 1 − c at σ_b = 0 below the bound."""
    found = rows(tables, "without_biases", "start <= 1")
    return limits(found, "gamma", "gamma_half", ("activation", "sigma_w", "start"))


def outside_d_var(tables: Tables) -> Measurement:
    """How many points meet the bound and are outside D_var or have a finite K_var."""
    points = some_inside(tables, "prop1_variance")
    out = ~truth(points["in_D_var"]) | np.isfinite(points["K_var"])
    return Measurement(int(out.sum()), 0.0, f"{len(points)} points")


def outside_d_corr(tables: Tables) -> Measurement:
    """How many points with σ_b > 0 meet the bound and are outside D_corr.

    At σ_b = 0 the limiting variance may be 0, where the phase diagram cannot tell.
    """
    points = some_inside(tables, "prop1_correlation")
    points = some(points[points["sigma_b"] > 0], "table phase_diagram has none with sigma_b > 0")
    return Measurement(int((~truth(points["in_D_corr"])).sum()), 0.0, f"{len(points)} points")


def relu_bound_is_proposition_2s(tables: Tables) -> Measurement:
    """Whether 1/√M_ReLU is √2."""
    bound = 1 / math.sqrt(constant(tables, "relu", "M_phi").value)
    return answer(abs(bound - math.sqrt(2)) < 1e-9, f"1/√M_ReLU = {bound:.9g}")


def variance_gaps(tables: Tables, name: str) -> pd.DataFrame:
    """|q/limit − 1| of one activation at (1, 1), by input and layer."""
    found = rows(tables, "variance", activation=name, sigma_b=1.0, sigma_w=1.0)
    return found.assign(gap=(found["q"] / found["limit"] - 1).abs()).sort_values("layer")


def layers_a_factor_e(tables: Tables, name: str) -> tuple[float, float]:
    """The layers in which the distance from the limit falls by a factor e, and the error.

    From the slope of its logarithm, of each input that starts away from the limit, once it is
    below a tenth; the mean over the inputs. The logarithm is off by second-order terms, of the
    order of the distance itself, and by rounding: an estimate.

    Raises:
        MissingRows: no input has two such layers.
    """
    found = []
    for _, path in variance_gaps(tables, name).groupby("input"):
        path = path[path["gap"].between(*FALLING)]
        if len(path) > 1:
            errors = path["gap"] + MOMENT_ERROR / path["gap"]
            found.append(slope(path["layer"], -np.log(path["gap"]), errors))
    if not found:
        raise MissingRows(f"table variance has no two layers on which that of {name} falls")
    rate, error = np.mean(found, axis=0)
    if not rate > error:
        return math.nan, math.inf
    return float(1 / rate), float(1 / (rate - error) - 1 / rate)


def relu_over_tanh(tables: Tables) -> Measurement:
    """Layers a factor e takes: ReLU's over Tanh's."""
    (relu, relu_error), (tanh, tanh_error) = (
        layers_a_factor_e(tables, n) for n in ("relu", "tanh")
    )
    ratio = relu / tanh
    error = ratio * (relu_error / relu + tanh_error / tanh) * (1 + tanh_error / tanh)
    return Measurement(ratio, error, f"ReLU {relu:.3g}, Tanh {tanh:.3g}")


def variance_limits(tables: Tables, name: str) -> list[Measurement]:
    """The limit of |q/limit − 1| of each input: between 0 and what it is, if it falls.

    F of these two does not decrease, so that a variance goes one way, and on.
    """
    found = []
    for which, path in variance_gaps(tables, name).groupby("input"):
        if len(path) < 2:
            continue
        (before, gap), layer = path["gap"].to_numpy()[-2:], path["layer"].iloc[-1]
        half = gap / 2 if gap < before * (1 - MOMENT_ERROR) else 0.0
        detail = f"input {which}, {gap:.3g} at l = {layer}"
        found.append(Measurement(gap - half, half + MOMENT_ERROR, detail))
    if not found:
        raise MissingRows(f"table variance has no two layers of {name}")
    return found


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "prop1-variance",
        DOMAINS,
        ("T",),
        "σ_w² < 1/M_φ implies that F is a contraction, that (σ_b, σ_w) lies in D_var and that "
        "K_var = ∞, for every σ_b.",
        [
            equal(
                "points below the bound outside D_var or with finite K_var", 0.0, 0.5,
                outside_d_var,
            ),
            below("sup|F'| over all variances, at σ_w² below 1/M_φ, largest", 1.0, largest_slopes),
            below("|F(x) − F(y)|/|x − y| there, largest", 1.0, chords),
            below(
                "largest F'(x) found at the limit of a point below the bound", 1.0,
                lambda t: at_points_inside(t, "prop1_variance", "alpha"),
            ),
        ],
        figures=("phase_diagram",),
        note="By definition |F'(x)| = σ_w² |E[φ'² + φ''φ]| ≤ σ_w² M_φ. Its supremum is found "
        "apart from that, on a grid of variances from 10⁻⁸ to 10⁸ with a bound on what lies "
        "between grid points. Sufficient, far from necessary: the phase diagram shows how much "
        "larger D_var is.",
    ),
    Claim(
        "prop1-correlation",
        DOMAINS,
        ("T",),
        "σ_w² < min(1/M_φ, 1/C_φ,δ) implies membership of D_corr too, with K_corr = ∞.",
        [
            equal("points below the bound outside D_corr, σ_b > 0", 0.0, 0.5, outside_d_corr),
            below(
                "largest χ₁ at such a point", 1.0,
                lambda t: at_points_inside(t, "prop1_correlation", "chi1"),
            ),
            below(
                "limit of 1 − c below the bound at σ_b = 0, largest", TENDS_TO, without_biases,
                "scope", witnesses=("tanh",),
            ),
        ],
        figures=("phase_diagram",),
        note="C_φ,δ = sup_x E[φ'(√x Z)²] for every δ (Cauchy–Schwarz, attained at x = y, c = 1), "
        "in the definition as reconstructed. At σ_b = 0 it fails for φ that is smooth at 0: with "
        "φ(0) = 0 the variance goes to 0, φ is linear at such variances, and the correlation stops "
        "short of 1: from 1 − c = 0.5 it is 0.548 for Tanh at σ_w² = 0.9 and layer 40. That the "
        "covariance converges gives c → 1 only where q > 0.",
    ),
    Claim(
        "prop1-relu-constants",
        DOMAINS,
        ("T",),
        "Printed example: M_ReLU = 2 and C_ReLU ≤ 1.",
        [
            equal("M_ReLU", 2.0, 1e-6, lambda t: constant(t, "relu", "M_phi")),
            below("C_ReLU", 1.0 + 1e-9, lambda t: constant(t, "relu", "C_phi")),
            yes(
                "σ_w² < 1/M_ReLU is the σ_w < √2 of Proposition 2", relu_bound_is_proposition_2s,
                "scope",
            ),
        ],
        figures=("constants",),
        note="Erratum: the definition gives M_ReLU = C_ReLU = 1/2, so the bound of Proposition 1 "
        "reads σ_w² < 2, which is what Proposition 2 says; with 2 it would read σ_w² < 1/2. (2 is "
        "1/M_ReLU.)",
    ),
    Claim(
        "prop1-constant-outputs",
        DOMAINS,
        ("S",),
        "For (σ_b, σ_w) in both domains the outputs are constant functions in the limit: draws of "
        "the output surface (d = 2, ReLU and Tanh, L = 10, N = 100, (1, 1)) are almost flat.",
        [
            below(
                "ReLU at (1, 1): Var(y)/E[y²] over the surface", ALMOST_FLAT,
                Simulated(partial(geometric_mean, case="relu-ordered", quantity="spread")),
            ),
            below(
                "Tanh at (1, 1): Var(y)/E[y²] over the surface", ALMOST_FLAT,
                Simulated(partial(geometric_mean, case="tanh-ordered", quantity="spread")),
            ),
        ],
        figures=("surfaces",),
    ),
    Claim(
        "prop1-variance-speed",
        DOMAINS,
        ("T",),
        "At (σ_b, σ_w) = (1, 1) the variances of three inputs converge, for Tanh faster than for "
        "ReLU.",
        [
            above(
                "layers a factor e in the distance from the limit: ReLU over Tanh", MORE,
                relu_over_tanh,
            ),
            below(
                "Tanh: relative distance from the limit in the end, largest", TENDS_TO,
                lambda t: variance_limits(t, "tanh"),
            ),
            below(
                "ReLU: relative distance from the limit in the end, largest", TENDS_TO,
                lambda t: variance_limits(t, "relu"),
            ),
        ],
        figures=("variance",),
    ),
)  # fmt: skip
