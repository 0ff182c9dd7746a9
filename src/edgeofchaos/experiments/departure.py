"""How long a variance stays near an unstable edge point, in the infinite-width recursion.

Close to q a deviation is multiplied by alpha = F'(q) a layer, so a relative deviation d grows to
the size 1/2 after about log(1/(2d))/log(alpha) layers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import Rows, Tables
from edgeofchaos.theory.edge import edge_point
from edgeofchaos.theory.variance import VarianceMap, variance_map

TABLES = ("departure",)
FAR = 0.5  # a variance has left q when it is off by more than this part of q
_MAX_LAYERS = 20_000


def departure(
    *, sigma_b: Sequence[float], deviations: Sequence[float], name: str = "swish"
) -> Tables:
    """How many layers a variance that starts close to an unstable edge point takes to leave it.

    Args:
        sigma_b: the edge points that are left.
        deviations: |q^1/q - 1| at the start, tried on both sides of q.
        name: the activation whose edge points they are.

    Returns:
        ``departure``, a row an edge point and start.
    """
    starts = [sign * d for d in deviations for sign in (-1.0, 1.0)]
    return {"departure": [row for b in sigma_b for row in departures(name, b, starts)]}


def departures(phi: Activation | str, sigma_b: float, deviations: Sequence[float]) -> Rows:
    """One row a deviation d, started at q (1 + d): the layers until |q^l/q - 1| > 1/2.

    Keys: activation, sigma_b, sigma_w, q, alpha, deviation, layers (infinite if it never leaves),
    predicted (log(FAR/|d|)/log alpha), limit (where q^l goes in the end; infinite if it diverges).

    Raises:
        ValueError: a deviation is 0 or not above -1, or there is no edge at sigma_b.
    """
    phi = activation(phi)
    point = edge_point(phi, sigma_b)
    fmap = variance_map(phi, point.sigma_b, point.sigma_w)
    rows = []
    for d in deviations:
        if not (math.isfinite(d) and d > -1 and d != 0):
            raise ValueError(f"deviations: {d!r}; allowed are finite numbers above -1, not 0")
        slope = math.log(point.alpha)
        rows.append({
            "activation": phi.name, "sigma_b": point.sigma_b, "sigma_w": point.sigma_w,
            "q": point.q, "alpha": point.alpha, "deviation": float(d),
            "layers": _layers_to_leave(fmap, point.q, d),
            "predicted": math.log(FAR / abs(d)) / slope if slope > 0 else math.inf,
            "limit": fmap.limit(point.q * (1 + d)),
        })  # fmt: skip
    return rows


def _layers_to_leave(fmap: VarianceMap, q: float, deviation: float) -> float:
    x = q * (1 + deviation)
    for layer in range(_MAX_LAYERS):
        if abs(x / q - 1) > FAR:
            return float(layer)
        x = float(fmap(x))
    return math.inf
