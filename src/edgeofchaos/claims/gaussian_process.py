"""Claims on the Gaussian process that nets tend to as they grow wide."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from edgeofchaos.claims.model import GP, Claim, Measurement, Tables, below, equal
from edgeofchaos.claims.reading import PAIR_ERROR, each, rows
from edgeofchaos.claims.supplement import hardtanh_moment_errors
from edgeofchaos.claims.words import NORMAL, PREDICTS

LEAST_WIDTH = 64  # widths from which powers of N are fitted: depth over width is small there


def width_exponents(tables: Tables, quantity: str) -> list[Measurement]:
    """The power of N that one quantity of nets_width goes like, for each activation."""
    found = rows(tables, "nets_width", f"width >= {LEAST_WIDTH}", quantity=quantity)
    return [_power(group, name) for name, group in found.groupby("activation", sort=False)]


def _power(group: pd.DataFrame, name: str) -> Measurement:
    """Weighted slope of log value against log width, its half width from the values' own.

    NaN where fewer than two widths have a value that is larger than its half width.
    """
    clear = group[group["value"] > group["half"]]
    if len(clear) < 2:
        return Measurement(math.nan, math.nan, f"{name}: no two widths with a clear value")
    x, y = np.log(clear["width"].to_numpy(float)), np.log(clear["value"].to_numpy())
    weight = 1 / (clear["half"] / clear["value"]).to_numpy() ** 2
    x = x - (weight @ x) / weight.sum()
    spread = weight @ x**2
    draws = int(clear["draws"].min())
    return Measurement(float((weight * x) @ y / spread), float(1 / math.sqrt(spread)), name, draws)


def kurtosis_of_the_widest(tables: Tables) -> list[Measurement]:
    """The absolute excess kurtosis of a unit at the greatest width, for each activation."""
    found = rows(tables, "nets_width", quantity="kurtosis")
    widest = found[found["width"] == found["width"].max()]
    return each(widest, widest["value"].abs(), widest["half"], ("activation", "width"))


def arccosine_errors(tables: Tables) -> list[Measurement]:
    """|κ − closed form| of ReLU at unequal angles, and of ReLU-like φ on a grid of c."""
    forms = rows(tables, "closed_forms", form="arc-cosine kernel of relu")
    maps = rows(tables, "relu_like_map")
    gap = (maps["quadrature"] - maps["formula"]).abs()
    return [
        *each(forms, forms["error"], PAIR_ERROR, ("form", "q")),
        *each(maps, gap, PAIR_ERROR, ("lambda", "beta", "c")),
    ]


def arcsine_errors(tables: Tables) -> list[Measurement]:
    """The largest |κ − closed form| of erf over angles, for each variance."""
    forms = rows(tables, "closed_forms", form="arcsine kernel of erf")
    return each(forms, forms["error"], PAIR_ERROR, ("form", "q"))


def recursion_gaps(tables: Tables, query: str) -> list[Measurement]:
    """|simulated/recursion − 1| of nets_propagation, layer by layer."""
    found = rows(tables, "nets_propagation", f"{query} and theory > 1e-14")
    gap = (found["mean"] / found["theory"] - 1).abs()
    by = ("activation", "quantity", "layer", "width")
    return each(found, gap, found["half"] / found["theory"], by)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "gp-limit",
        GP,
        ("S",),
        "At width N the pre-activations tend to a Gaussian process: marginals tend to normal, and "
        "empirical q and c tend to the recursion's values, the gap shrinking as N grows.",
        [
            equal(
                "exponent in N of a unit's excess kurtosis, furthest from −1", -1.0, 0.15,
                lambda t: width_exponents(t, "kurtosis"),
            ),
            equal(
                "exponent in N of E[(q/q_∞ − 1)²], furthest from −1", -1.0, 0.15,
                lambda t: width_exponents(t, "q_a squared gap"),
            ),
            equal(
                "exponent in N of the same for 1 − c, furthest from −1", -1.0, 0.25,
                lambda t: width_exponents(t, "1-c squared gap"),
            ),
            below("largest excess kurtosis at the greatest width", NORMAL, kurtosis_of_the_widest),
        ],
        figures=("nets_width",),
        note="Given the layer before, a unit is exactly N(0, K); its marginal has the excess "
        "kurtosis 3 Var(K)/E[K]², which falls like 1/N.",
    ),
    Claim(
        "kernel-recursion",
        GP,
        ("T", "S"),
        "The kernel recursion κˡ(a,b) = σ_b² + σ_w² E[φ(yˡ⁻¹(a)) φ(yˡ⁻¹(b))] predicts simulated "
        "nets for every activation in the config.",
        [
            below(
                "largest error of κ for ReLU-like φ against the arc-cosine kernel", 1e-10,
                arccosine_errors,
            ),
            below(
                "largest relative error of Hard-Tanh's moments against closed forms", 1e-12,
                hardtanh_moment_errors,
            ),
            below("largest error of κ for erf against the arcsine kernel", 1e-10, arcsine_errors),
            equal(
                "largest relative gap of simulated q", 0.0, PREDICTS,
                lambda t: recursion_gaps(t, "quantity != '1-c'"),
            ),
            equal(
                "largest relative gap of simulated 1 − c", 0.0, PREDICTS,
                lambda t: recursion_gaps(t, "quantity == '1-c'"),
            ),
        ],
        figures=("relu_like_map", "nets_propagation"),
        note="Closed forms say that the recursion is evaluated correctly, nets of every activation "
        "at (1, 1) that they follow it, with two inputs of different norms.",
    ),
)  # fmt: skip
