"""The correlation map of one activation on its edge: f, its distance to the identity, its rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from edgeofchaos.activations import Activation
from edgeofchaos.experiments import Rows, Tables
from edgeofchaos.theory.correlation import correlation_map
from edgeofchaos.theory.edge import EdgePoint, edge_curve, edge_or_at_zero
from edgeofchaos.theory.gaussian import SLOPE, SLOPE2, moments
from edgeofchaos.theory.identity import identity_distance
from edgeofchaos.theory.rates import edge_rate
from edgeofchaos.theory.recursion import complement_trajectory, log_spaced_layers

TABLES = ("correlation_maps", "rates", "identity_distance")
_POINT = ["activation", "sigma_b", "sigma_w", "q", "stable"]
COLUMNS = {
    "correlation_maps": [*_POINT, "c", "f", "complement", "f1", "f2", "slope_ratio", "f0_error"],
    "rates": [*_POINT, "start", "layer", "gamma", "exponent", "predicted", "reach"],
    "identity_distance": [*_POINT, "identity_distance", "slope_ratio"],
}


def correlation(
    *,
    phi: Activation,
    sigma_b: Sequence[float],
    rate_sigma_b: float,
    layers: int,
    correlations: Sequence[float] = tuple(np.linspace(0.0, 1.0, 101)),
    distance_sigma_b: Sequence[float] = tuple(np.geomspace(1e-4, 2.0, 30)),
    start: float = 1.0,
) -> Tables:
    """f on the edge of phi, sup|f - x| along it, and 1 - c^l to great depth.

    Args:
        phi: the activation.
        sigma_b: edge points at which f is tabulated.
        rate_sigma_b: the edge point at which 1 - c^l is followed; where there is none, sigma_b = 0.
        layers: how many layers it is followed through.
        correlations: the c at which f is tabulated.
        distance_sigma_b: edge points at which sup|f - x| is computed.
        start: 1 - c^1 of the pair that is followed; 1 is a pair of orthogonal inputs.

    Returns:
        ``correlation_maps`` (f, 1 - f, f', f'' at each c; E[phi']^2/E[phi'^2], which f'(0) is; and
        what f(0) is off by from E[phi]), ``rates`` (1 - c^l beside the law that it should follow)
        and ``identity_distance`` (sup over [0, 1] of |f - x|, and E[phi']^2/E[phi'^2]). Those of a
        phi without an edge are empty.
    """
    return {
        "correlation_maps": [
            row
            for point in edge_curve(phi, sigma_b)
            if point.status != "none"
            for row in maps(phi, point, np.array(correlations))
        ],
        "rates": rates(phi, edge_or_at_zero(phi, rate_sigma_b), start, layers),
        "identity_distance": distances(phi, distance_sigma_b),
    }


def _at(phi: Activation, point: EdgePoint) -> dict[str, Any]:
    return {"activation": phi.name, "sigma_b": point.sigma_b, "sigma_w": point.sigma_w,
            "q": point.q, "stable": point.stable}  # fmt: skip


def maps(phi: Activation, point: EdgePoint, c: np.ndarray) -> Rows:
    """f at each c, its complement, its two derivatives, the slope ratio and what f(0) is off by."""
    cmap = correlation_map(phi, point)
    first, second = (cmap.derivative(c, order) for order in (1, 2))
    columns = zip(c, cmap(c), cmap.complement(1.0 - c), first, second, strict=True)
    ratio, off = slope_ratio(phi, point), abs(float(cmap(0.0)) - identity_distance(phi, point))
    return [
        {**_at(phi, point), "c": x, "f": f, "complement": g, "f1": d, "f2": e,
         "slope_ratio": ratio, "f0_error": off}
        for x, f, g, d, e in columns
    ]  # fmt: skip


def slope_ratio(phi: Activation, point: EdgePoint) -> float:
    """E[phi']^2/E[phi'^2], which is f'(0) on the edge; NaN where q is 0."""
    if point.q == 0:
        return math.nan
    slope, slope2 = moments(phi, point.q, [SLOPE, SLOPE2])
    return float(slope**2 / slope2)


def distances(phi: Activation, sigma_b: Sequence[float]) -> Rows:
    """sup|f - x| at each edge point; of a phi with none of them, at the one of sigma_b = 0."""
    points = [p for p in edge_curve(phi, sigma_b) if p.status != "none"]
    points = points or [p for p in edge_curve(phi, [0.0]) if p.status != "none"]
    return [
        {**_at(phi, p), "identity_distance": identity_distance(phi, p),
         "slope_ratio": slope_ratio(phi, p)}
        for p in points
    ]  # fmt: skip


def rates(phi: Activation, point: EdgePoint, start: float, layers: int) -> Rows:
    """1 - c^l at log-spaced layers, the power law that edge_rate predicts, and its reach."""
    if point.status == "none":
        return []
    record = log_spaced_layers(layers)
    rate = edge_rate(phi, point)
    exponent, coefficient, reach = (
        (rate.exponent, rate.coefficient, rate.reach) if rate else (0, math.nan, math.nan)
    )
    path = complement_trajectory(correlation_map(phi, point), start, record)
    return [
        {**_at(phi, point), "start": start, "layer": layer, "gamma": gamma, "exponent": exponent,
         "predicted": coefficient / float(layer) ** exponent, "reach": reach}
        for layer, gamma in zip(record, path, strict=True)
    ]  # fmt: skip
