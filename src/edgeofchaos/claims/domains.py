"""Claims on the domains of convergence: Proposition 1 and what it is illustrated by."""

from __future__ import annotations

import math

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
from edgeofchaos.claims.nets import geometric_mean
from edgeofchaos.claims.reading import MOMENT_ERROR, answer, constant, each, last, rows, some
from edgeofchaos.claims.words import ALMOST_FLAT, MORE, TENDS_TO
from edgeofchaos.support.columns import truth

POINT = ("activation", "sigma_b", "sigma_w")


def inside(tables: Tables, bound: str) -> pd.DataFrame:
    """The points of the phase diagrams that meet a bound of Proposition 1; there may be none."""
    points = rows(tables, "phase_diagram")
    return points[truth(points[bound])]


def at_points_inside(tables: Tables, bound: str, column: str) -> list[Measurement]:
    """One column of the phase diagrams at each point that meets the bound."""
    points = some(inside(tables, bound), f"table phase_diagram has no point with {bound}")
    return each(points, points[column], points[column].abs() * MOMENT_ERROR, POINT)


def outside_d_var(tables: Tables) -> Measurement:
    """How many points meet the bound and are outside D_var or have a finite K_var."""
    points = inside(tables, "prop1_variance")
    return Measurement(int((~truth(points["in_D_var"]) | np.isfinite(points["K_var"])).sum()))


def outside_d_corr(tables: Tables) -> Measurement:
    """How many points meet the bound and are outside D_corr."""
    return Measurement(int((~truth(inside(tables, "prop1_correlation")["in_D_corr"])).sum()))


def relu_bound_is_proposition_2s(tables: Tables) -> Measurement:
    """Whether 1/√M_ReLU is √2."""
    bound = 1 / math.sqrt(constant(tables, "relu", "M_phi").value)
    return answer(abs(bound - math.sqrt(2)) < 1e-9, f"1/√M_ReLU = {bound:.9g}")


def variance_gaps(tables: Tables, name: str) -> pd.DataFrame:
    """|q/limit − 1| of one activation by layer, the largest over the inputs."""
    found = rows(tables, "variance", activation=name)
    gap = found.assign(gap=(found["q"] / found["limit"] - 1).abs())
    return gap.groupby("layer", as_index=False)["gap"].max()


def layers_to_converge(tables: Tables, name: str) -> int:
    """The layer from which |q/limit − 1| stays within what "tends to" is read as, 0.1 %."""
    gap = variance_gaps(tables, name)
    far = gap[gap["gap"] > TENDS_TO.number]
    return int(far["layer"].max()) + 1 if len(far) else 1


def relu_over_tanh(tables: Tables) -> Measurement:
    """Layers to converge: ReLU's over Tanh's."""
    relu, tanh = (layers_to_converge(tables, name) for name in ("relu", "tanh"))
    return Measurement(relu / tanh, 0.0, f"ReLU {relu}, Tanh {tanh}")


def last_variance_gap(tables: Tables, name: str) -> Measurement:
    """|q/limit − 1| at the last layer."""
    (end,) = last(variance_gaps(tables, name)).itertuples()
    return Measurement(end.gap, MOMENT_ERROR, f"l = {end.layer}")


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
            above(
                "grid points with σ_w² < 1/M_φ", 0.5,
                lambda t: Measurement(len(inside(t, "prop1_variance"))),
            ),
            below(
                "largest F'(x) found at such a point's limit", 1.0,
                lambda t: at_points_inside(t, "prop1_variance", "alpha"),
            ),
        ],
        figures=("phase_diagram",),
        note="Sufficient, far from necessary: the phase diagram shows how much larger D_var is.",
    ),
    Claim(
        "prop1-correlation",
        DOMAINS,
        ("T",),
        "σ_w² < min(1/M_φ, 1/C_φ,δ) implies membership of D_corr too, with K_corr = ∞.",
        [
            equal("points below the bound outside D_corr", 0.0, 0.5, outside_d_corr),
            above(
                "grid points with σ_w² < min(1/M_φ, 1/C_φ)", 0.5,
                lambda t: Measurement(len(inside(t, "prop1_correlation"))),
            ),
            below(
                "largest χ₁ at such a point", 1.0,
                lambda t: at_points_inside(t, "prop1_correlation", "chi1"),
            ),
        ],
        figures=("phase_diagram",),
        note="C_φ,δ = sup_x E[φ'(√x Z)²] for every δ (Cauchy–Schwarz, attained at x = y, c = 1), "
        "in the definition as reconstructed.",
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
                lambda t: geometric_mean(t, "relu-ordered", "spread"),
            ),
            below(
                "Tanh at (1, 1): Var(y)/E[y²] over the surface", ALMOST_FLAT,
                lambda t: geometric_mean(t, "tanh-ordered", "spread"),
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
            above("layers to come within 0.1 % of the limit: ReLU over Tanh", MORE, relu_over_tanh),
            below(
                "Tanh: largest relative distance from the limit at the last layer", TENDS_TO,
                lambda t: last_variance_gap(t, "tanh"),
            ),
            below(
                "ReLU: largest relative distance from the limit at the last layer", TENDS_TO,
                lambda t: last_variance_gap(t, "relu"),
            ),
        ],
        figures=("variance",),
    ),
)  # fmt: skip
