"""Which edge point to initialise a net of a given depth at."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.theory.conditions import value_at_orthogonal
from edgeofchaos.theory.correlation import correlation_map
from edgeofchaos.theory.edge import EdgePoint, edge_curve, edge_point, stability_threshold
from edgeofchaos.theory.recursion import complement_trajectory

_SIGMA_BS = np.geomspace(0.01, 5.0, 40)
_CANDIDATES = 2  # points followed through all layers
_ORTHOGONAL = 1.0  # inputs at 1 - c = 1


@dataclass(frozen=True)
class Recommendation:
    """An edge point, what it keeps of 1 - c at the depth asked for, and how to scale inputs."""

    point: EdgePoint
    depth: int
    complement: float  # 1 - c^L of two inputs that start orthogonal
    input_mean_square: float  # ||a||^2/d that starts the variance at q; NaN where any will do
    note: str


def recommend(phi: Activation | str, depth: int) -> Recommendation:
    """The stable edge point at which two orthogonal inputs stay furthest apart at layer ``depth``.

    Where no edge point is stable, the one whose variance takes longest to leave, and the note
    says so.

    Raises:
        ValueError: depth is not a positive integer, or phi has no edge.
    """
    phi = activation(phi)
    if isinstance(depth, bool) or not isinstance(depth, int) or depth < 1:
        raise ValueError(f"depth = {depth!r}; allowed is an integer >= 1")
    curve = [p for p in edge_curve(phi, _SIGMA_BS) if p.status != "none"]
    if not curve:
        only = edge_point(phi, 0.0)
        return _entry(phi, only, depth, "F(x) = x here: any input scale keeps its variance")
    threshold = stability_threshold(phi)
    stable = [p for p in curve if p.stable]
    if not stable:
        best = min(curve, key=lambda p: abs(p.alpha - 1.0))
        layers = 1.0 / math.log(best.alpha)
        return _entry(
            phi, best, depth,
            f"no edge point with sigma_b from {_SIGMA_BS[0]:g} to {_SIGMA_BS[-1]:g} is stable: a "
            f"variance off q by a fraction d leaves it after about {layers:.0f} log(1/d) layers",
        )  # fmt: skip
    # Where f is far from the identity, 1 - c falls fast: only the closest can win.
    closest = sorted(stable, key=lambda p: value_at_orthogonal(phi, p))[:_CANDIDATES]
    entries = [_entry(phi, p, depth, "") for p in closest]
    best = max(entries, key=lambda e: e.complement)
    note = "q is the limiting variance"
    if threshold is not None:
        note += (
            f"; below sigma_b = {threshold.sigma_b:.4g} the edge is unstable and is not recommended"
        )
    return Recommendation(best.point, depth, best.complement, best.input_mean_square, note)


def _entry(phi: Activation, point: EdgePoint, depth: int, note: str) -> Recommendation:
    gamma = complement_trajectory(correlation_map(phi, point), _ORTHOGONAL, [depth])[0]
    scale = (point.q - point.sigma_b**2) / point.sigma_w**2 if point.q > 0 else math.nan
    return Recommendation(point, depth, float(gamma), scale, note)
