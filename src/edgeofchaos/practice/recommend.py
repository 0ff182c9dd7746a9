"""Which edge point to initialise a net of a given depth at."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.arguments import MOST_LAYERS, whole
from edgeofchaos.theory.correlation import correlation_map
from edgeofchaos.theory.edge import EdgePoint, edge_curve, edge_point
from edgeofchaos.theory.gaussian import relative_error
from edgeofchaos.theory.identity import identity_distance
from edgeofchaos.theory.recursion import complement_trajectory
from edgeofchaos.theory.stability import stability_threshold

_SIGMA_BS = np.geomspace(0.01, 5.0, 40)
_SEARCHED = f"sigma_b from {_SIGMA_BS[0]:g} to {_SIGMA_BS[-1]:g}"
_CANDIDATES = 2  # edge points whose correlations are followed through all layers
_ORTHOGONAL = 1.0  # 1 - c of orthogonal inputs


@dataclass(frozen=True)
class Recommendation:
    """Where to initialise a net of some depth.

    Attributes:
        point: the edge point.
        depth: the number of layers L asked for.
        complement: 1 - c^L of two inputs that start orthogonal.
        input_mean_square: the ||a||^2/d of an input that starts its variance at q; NaN where any
            will do.
        note: what to know about this choice.
    """

    point: EdgePoint
    depth: int
    complement: float
    input_mean_square: float
    note: str


def recommend(phi: Activation | str, depth: int) -> Recommendation:
    """The stable edge point at which two orthogonal inputs stay furthest apart at layer ``depth``.

    The sigma_b tried are 40 from 0.01 to 5. Where no edge point among them is stable, it is the one
    that a variance takes longest to leave, and the note says so.

    Raises:
        ValueError: depth is no whole number from 1 to 10,000,000, the activation is unknown, or no
            edge is found, at these sigma_b or at 0.

    Example:
        >>> advice = recommend("relu", depth=10)
        >>> round(advice.point.sigma_w, 6), round(advice.complement, 4)
        (1.414214, 0.1452)
    """
    phi = activation(phi)
    depth = whole("depth", depth, 1, MOST_LAYERS)
    found = [p for p in edge_curve(phi, _SIGMA_BS) if p.status != "none"]
    # At others the correlation map is not known.
    curve = [p for p in found if math.isfinite(relative_error(phi, p.q))]
    if not curve:
        only = edge_point(phi, 0.0)
        note = (
            "F(x) = x here: any input scale keeps its variance"
            if only.status == "singleton"
            else f"no edge point with {_SEARCHED} is found; this one is the limit q -> 0"
        )
        return _entry(phi, only, depth, note)
    threshold = stability_threshold(phi)
    stable = [p for p in curve if p.stable]
    if not stable:
        best = min(curve, key=lambda p: abs(p.alpha - 1.0))
        note = f"no edge point with {_SEARCHED} is stable: {_leaves(best)}"
        return _entry(phi, best, depth, note)
    # Where f is far from the identity, 1 - c falls fast: only the closest can win.
    closest = sorted(stable, key=lambda p: identity_distance(phi, p))[:_CANDIDATES]
    entries = [_entry(phi, p, depth, "") for p in closest]
    kept = max(entries, key=lambda e: e.complement)
    note = "q is the limiting variance"
    if threshold is not None:
        note += (
            f"; below sigma_b = {threshold.sigma_b:.4g} the edge is unstable and is not recommended"
        )
    return replace(kept, note=note)


def _leaves(point: EdgePoint) -> str:
    """How a variance leaves the q of an edge point that is not stable."""
    if abs(point.alpha - 1.0) < 1e-9:
        return "F'(q) = 1, so that a variance off q neither returns nor leaves exponentially"
    if point.alpha < 1.0:
        return f"variances below q tend to a smaller fixed point {point.smallest_fixed_point:.4g}"
    layers = 1.0 / math.log(point.alpha)
    return f"a variance off q by a fraction d leaves it after about {layers:.0f} log(1/d) layers"


def _entry(phi: Activation, point: EdgePoint, depth: int, note: str) -> Recommendation:
    gamma = complement_trajectory(correlation_map(phi, point), _ORTHOGONAL, [depth])[0]
    scale = (point.q - point.sigma_b**2) / point.sigma_w**2 if point.q > 0 else math.nan
    return Recommendation(point, depth, float(gamma), scale, note)
