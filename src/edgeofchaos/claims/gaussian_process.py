"""Claims on the Gaussian process that nets tend to as they grow wide."""

from __future__ import annotations

from functools import partial

import numpy as np

from edgeofchaos.claims.model import GP, Claim, Measurement, Tables, below, equal
from edgeofchaos.claims.nets import Simulated, exponential, halves, power_of_width
from edgeofchaos.claims.reading import PAIR_ERROR, MissingRows, each, rows
from edgeofchaos.claims.supplement import hardtanh_moment_errors
from edgeofchaos.claims.words import NORMAL, PREDICTS
from edgeofchaos.simulation.intervals import RESOLVED, log_square_half


def width_exponents(tables: Tables, level: float, quantity: str) -> list[Measurement]:
    """The power of N that one quantity of nets_width goes like, for each activation."""
    found = rows(tables, "nets_width", quantity=quantity)
    groups = found.groupby("activation", sort=False)
    return [power_of_width(group, level / len(groups), str(name)) for name, group in groups]


def limiting_kurtosis(tables: Tables, level: float) -> list[Measurement]:
    """The excess kurtosis of a unit as N → ∞, from the two greatest widths, for each activation.

    What falls like 1/N is extrapolated, give or take by how much that takes it from the greatest
    width, and what ``power_of_width`` allows for at either width: an estimate.
    """
    found = rows(tables, "nets_width", quantity="kurtosis")
    measured = []
    groups = found.groupby("activation", sort=False)
    for name, group in groups:
        pair = group.nlargest(2, "width")
        if len(pair) < 2:
            raise MissingRows("table nets_width has one width only")
        (n, m), (k, less_wide) = pair["width"], pair["value"]
        step = (k - less_wide) * m / (n - m)
        half = np.expm1(log_square_half(pair["draws"], level / 2 / len(groups)))
        half = pair["value"] * (half + pair["value"] / 2)
        error = abs(step) + (half.iloc[0] * n + half.iloc[1] * m) / (n - m)
        detail = f"{name}, {k:.3g} at N = {n}"
        draws = int(pair["draws"].min())
        measured.append(Measurement(float(k + step), float(error), detail, draws))
    return measured


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


def recursion_gaps(tables: Tables, level: float, query: str) -> list[Measurement]:
    """|simulated/recursion − 1| of nets_propagation, layer by layer, simulated a geometric mean."""
    found = rows(tables, "nets_propagation", f"{query} and theory > {RESOLVED}")
    value, error = exponential(found["log_gap"].to_numpy(), halves(found, level))
    by = ("activation", "quantity", "layer", "width")
    return each(found, np.abs(value - 1), error, by)


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
                Simulated(partial(width_exponents, quantity="kurtosis")),
            ),
            equal(
                "exponent in N of E[log²(q/q_∞)], furthest from −1", -1.0, 0.15,
                Simulated(partial(width_exponents, quantity="q_a squared gap")),
            ),
            equal(
                "exponent in N of the same for 1 − c, furthest from −1", -1.0, 0.25,
                Simulated(partial(width_exponents, quantity="1-c squared gap")),
            ),
            below(
                "excess kurtosis in the limit of infinite width, extrapolated, largest", NORMAL,
                Simulated(limiting_kurtosis),
            ),
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
                Simulated(partial(recursion_gaps, query="quantity != '1-c'")),
            ),
            equal(
                "largest relative gap of simulated 1 − c", 0.0, PREDICTS,
                Simulated(partial(recursion_gaps, query="quantity == '1-c'")),
            ),
        ],
        figures=("relu_like_map", "nets_propagation"),
        note="Closed forms say that the recursion is evaluated correctly, nets of every activation "
        "at (1, 1) that they follow it, with two inputs of different norms.",
    ),
)  # fmt: skip
