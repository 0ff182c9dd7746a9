"""Propositions 2 and 3 for phi(x) = lambda x (x > 0), beta x (x <= 0), as tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from edgeofchaos.experiments import Pairs, Rows, Tables
from edgeofchaos.experiments.phase_diagram import domains
from edgeofchaos.theory import pairs
from edgeofchaos.theory.correlation import correlation_map
from edgeofchaos.theory.edge import edge_curve, edge_point
from edgeofchaos.theory.rates import edge_rate
from edgeofchaos.theory.recursion import complement_trajectory, log_spaced_layers
from edgeofchaos.theory.relu_like import decay_coefficient, relu_like_correlation_map
from edgeofchaos.theory.relu_like import relu_like as with_slopes
from edgeofchaos.theory.variance import variance_map

TABLES = ("relu_like", "relu_like_map", "relu_like_rates")
OTHER_SIGMA_B = tuple(np.geomspace(1e-3, 5, 12))
BELOW_SIGMA_B, BELOW = (0.0, 0.3, 2.0), (0.3, 0.9, 0.999)


def relu_like(
    *,
    slopes: Pairs,
    layers: int,
    angles: int = 40,
    other_sigma_b: Sequence[float] = OTHER_SIGMA_B,
    below_sigma_b: Sequence[float] = BELOW_SIGMA_B,
    below: Sequence[float] = BELOW,
) -> Tables:
    """Propositions 2 and 3 for several pairs of slopes (lambda, beta).

    Args:
        slopes: the pairs, LAMBDA,BETA each.
        layers: how many layers 1 - c^l is followed through.
        angles: how many angles between two inputs f is computed at.
        other_sigma_b: where no other edge point should be.
        below_sigma_b: where Proposition 2 is looked at below the edge.
        below: sigma_w there, over that of the edge.

    Returns:
        ``relu_like`` (the edge point, found and expected), ``relu_like_map`` (f by quadrature and
        in closed form) and ``relu_like_rates`` (1 - c^l and its law).
    """
    record = log_spaced_layers(layers)
    return {
        "relu_like": [summary(*pair, other_sigma_b, below_sigma_b, below) for pair in slopes],
        "relu_like_map": [row for pair in slopes for row in maps(*pair, angles)],
        "relu_like_rates": [row for pair in slopes for row in rates(*pair, record)],
    }


def summary(
    positive: float, negative: float, other_sigma_b: Sequence[float] = OTHER_SIGMA_B,
    below_sigma_b: Sequence[float] = BELOW_SIGMA_B, below: Sequence[float] = BELOW,
) -> dict[str, Any]:  # fmt: skip
    """One row: the edge found and expected, how far F(x) is from x there, and Proposition 2.

    ``positive`` and ``negative`` are the slopes lambda and beta.
    """
    phi = with_slopes(positive, negative)
    expected = math.sqrt(2 / (positive**2 + negative**2))
    point = edge_point(phi, 0.0)
    x = np.geomspace(1e-6, 1e6, 49)
    others = edge_curve(phi, other_sigma_b)
    inside = domains(phi, below_sigma_b, expected * np.array(below))
    rate = edge_rate(phi, point)
    return {
        "lambda": positive, "beta": negative, "sigma_w": point.sigma_w,
        "expected_sigma_w": expected, "status": point.status,
        "identity_error": float(np.abs(variance_map(phi, 0.0, point.sigma_w)(x) / x - 1).max()),
        "other_edge_points": sum(p.status != "none" for p in others),
        "below_in_D_var": all(r["in_D_var"] for r in inside),
        "least_K_var_below": min(r["K_var"] for r in inside),
        "rate": rate.coefficient if rate else math.nan,
        "rate_formula": decay_coefficient(positive, negative),
    }  # fmt: skip


def maps(above: float, below: float, angles: int = 40) -> Rows:
    """f at so many angles: by quadrature over the pair, and the formula."""
    phi = with_slopes(above, below)
    sigma_w2 = edge_point(phi, 0.0).sigma_w ** 2
    rows = []
    for theta in np.linspace(0.02, math.pi - 0.02, angles):
        c = math.cos(theta)
        measured = sigma_w2 * pairs.product(phi, 1.0, 1.0, float(theta))
        rows.append({"lambda": above, "beta": below, "c": c, "quadrature": measured,
                     "formula": float(relu_like_correlation_map(above, below, c))})  # fmt: skip
    return rows


def rates(above: float, below: float, record: np.ndarray) -> Rows:
    """1 - c^l at the layers ``record`` from orthogonal inputs, and the law it should follow."""
    phi = with_slopes(above, below)
    point = edge_point(phi, 0.0)
    law = decay_coefficient(above, below)
    gammas = complement_trajectory(correlation_map(phi, point), 1.0, record)
    return [
        {"lambda": above, "beta": below, "layer": int(n), "gamma": g,
         "predicted": law / float(n) ** 2}
        for n, g in zip(record, gammas, strict=True)
    ]  # fmt: skip
