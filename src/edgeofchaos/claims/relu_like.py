"""Claims on ReLU-like activations: Propositions 2 and 3."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from edgeofchaos.claims.laws import exponent, groups, limit_of_falling, over_law
from edgeofchaos.claims.model import (
    RELU,
    Claim,
    Measurement,
    Tables,
    below,
    equal,
    yes,
)
from edgeofchaos.claims.nets import Simulated, simulated_exponent, simulated_over_law
from edgeofchaos.claims.reading import (
    PAIR_ERROR,
    MissingRows,
    answer,
    each,
    none_of,
    rows,
    some,
)
from edgeofchaos.claims.words import GOES_LIKE, TENDS_TO
from edgeofchaos.support.columns import truth

SLOPES = ("lambda", "beta")
RELU_SLOPES = {"lambda": 1.0, "beta": 0.0}
# Relative, of 1 − f(1 − γ) in closed form: the bar of the test against 40 digits.
CLOSED_FORM_ERROR = 1e-13
POWER = 2  # of l, in the law of Proposition 3


def general(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows of every pair of slopes but ReLU's."""
    found = frame[(frame["lambda"] != 1) | (frame["beta"] != 0)]
    return some(found, f"table {name} has no slopes but ReLU's")


def sigma_w_errors(tables: Tables) -> list[Measurement]:
    """|σ_w/√(2/(λ² + β²)) − 1| of the edge point found."""
    found = rows(tables, "relu_like")
    return each(found, (found["sigma_w"] / found["expected_sigma_w"] - 1).abs(), 0.0, SLOPES)


def identity_errors(tables: Tables) -> list[Measurement]:
    """The largest |F(x)/x − 1| on the edge, for each pair of slopes."""
    found = rows(tables, "relu_like")
    return each(found, found["identity_error"], 0.0, SLOPES)


def below_the_edge(tables: Tables) -> Measurement:
    """Whether every point tried below the edge is in D_var with K_var = ∞."""
    found = rows(tables, "relu_like")
    fine = truth(found["below_in_D_var"]) & np.isinf(found["least_K_var_below"])
    out = [f"λ = {bad['lambda']:g}, β = {bad['beta']:g}" for _, bad in found[~fine].iterrows()]
    return none_of(out, f"{len(found)} pairs (λ, β)")


def map_gaps(found: pd.DataFrame) -> list[Measurement]:
    """|f by quadrature − f by formula|."""
    gap = (found["quadrature"] - found["formula"]).abs()
    return each(found, gap, PAIR_ERROR, (*SLOPES, "c"))


def relu_path(tables: Tables) -> pd.DataFrame:
    """1 − c of ReLU on the edge, by layer."""
    return rows(tables, "relu_like_rates", **RELU_SLOPES).sort_values("layer")


def limits_over_law(found: pd.DataFrame) -> list[Measurement]:
    """The limit of 1 − c over its power law, for each pair of slopes."""
    return [over_law(p, POWER, name, CLOSED_FORM_ERROR) for name, p in groups(found, SLOPES)]


def falls_on(tables: Tables) -> Measurement:
    """Whether 1 − c of ReLU falls from each layer of the table to the next.

    Raises:
        MissingRows: there is only one layer.
    """
    path = relu_path(tables)
    if len(path) < 2:
        raise MissingRows("table relu_like_rates has one layer of ReLU's")
    return answer((np.diff(path["gamma"]) < 0).all(), f"{len(path)} layers")


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "prop2",
        RELU,
        ("T",),
        "For σ_w < √(2/(λ²+β²)): in D_var with K_var = ∞. The edge is the single point "
        "(0, √(2/(λ²+β²))), and there F(x) = x for all x ≥ 0.",
        [
            below("largest relative error of σ_w on the edge", 1e-12, sigma_w_errors),
            below("largest |F(x)/x − 1| on the edge", 1e-12, identity_errors),
            equal(
                "edge points found at σ_b > 0", 0.0, 0.5,
                lambda t: Measurement(float(rows(t, "relu_like")["other_edge_points"].sum())),
            ),
            yes("below it every point is in D_var with K_var = ∞", below_the_edge),
        ],
        figures=("phase_diagram",),
    ),
    Claim(
        "prop3-kernel",
        RELU,
        ("T",),
        "On the edge ReLU has f(x) = (x arcsin x)/π + √(1−x²)/π + x/2.",
        [
            below(
                "largest |f − formula|, by quadrature over the pair", 1e-10,
                lambda t: map_gaps(rows(t, "relu_like_map", **RELU_SLOPES)),
            ),
            below(
                "the same for general (λ, β), with our formula", 1e-10,
                lambda t: map_gaps(general(rows(t, "relu_like_map"), "relu_like_map")),
                "scope",
            ),
        ],
        figures=("relu_like_map",),
    ),
    Claim(
        "prop3-rate",
        RELU,
        ("T", "S"),
        "There 1 − cˡ ~ 9π²/(2l²): polynomial, not exponential.",
        [
            equal(
                "limit of (1 − cˡ) l²/(9π²/2)", 1.0, GOES_LIKE,
                lambda t: limits_over_law(relu_path(t)),
            ),
            equal(
                "exponent of l in the limit", -2.0, 0.01,
                lambda t: exponent(relu_path(t), POWER, "relu", CLOSED_FORM_ERROR),
            ),
            equal(
                "the same ratio for general (λ, β), worst", 1.0, GOES_LIKE,
                lambda t: limits_over_law(general(rows(t, "relu_like_rates"), "relu_like_rates")),
                "scope",
            ),
            equal(
                "simulated (1 − cˡ) l²/(9π²/2) at the last layer", 1.0, 0.6,
                Simulated(partial(simulated_over_law, activation="relu")),
            ),
            below(
                "simulated exponent of l over the last decade", -1.4,
                Simulated(partial(simulated_exponent, activation="relu")),
            ),
        ],
        figures=("relu_like_rates", "rates", "nets_rates"),
        note="For slopes (λ, β) the constant is 9π²/2 · (λ²+β²)²/(λ−β)⁴, confirmed.",
    ),
    Claim(
        "relu-degenerate",
        RELU,
        ("T", "S"),
        "Even on the edge the limit kernel of ReLU is degenerate: cˡ → 1.",
        [
            below(
                "limit of 1 − cˡ", TENDS_TO,
                lambda t: limit_of_falling(relu_path(t), "gamma", "relu", CLOSED_FORM_ERROR),
            ),
            yes("1 − cˡ decreases from layer to layer", falls_on),
            below(
                "simulated exponent of l in 1 − cˡ", -0.5,
                Simulated(partial(simulated_exponent, activation="relu")),
            ),
        ],
        figures=("relu_like_rates", "nets_rates"),
    ),
)  # fmt: skip
