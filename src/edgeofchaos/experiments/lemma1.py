"""Lemma 1: the maps f_l at the variances of layer l tend to f, uniformly, and so do the recursions.

f_l(x) = (sigma_b^2 + sigma_w^2 E[phi(sqrt(q_a) Z_1) phi(sqrt(q_b) (x Z_1 + sqrt(1 - x^2) Z_2))])
/ sqrt(F(q_a) F(q_b)) takes c^l to c^(l+1) where the variances of the two inputs are q_a and q_b.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import Rows
from edgeofchaos.theory import pairs
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.correlation import CorrelationMap
from edgeofchaos.theory.phases import map_at_limit
from edgeofchaos.theory.recursion import PairTrajectory, pair_trajectory
from edgeofchaos.theory.variance import VarianceMap, variance_map

PAIRS = ((0.3, 3.0, 0.2), (4.0, 1.0, 0.7))
_X = np.linspace(0.0, 1.0, 9)


def lemma1(
    phi: Activation | str, sigma_b: float, sigma_ws: Sequence[float], layers: int,
    starts: Sequence[tuple[float, float, float]] = PAIRS,
) -> Rows:  # fmt: skip
    """Distances of f_l from f by layer, the largest over pairs with moving variances.

    A pair starts at (q_a/q, q_b/q, 1 - c), q being the limiting variance. A sigma_w at which the
    variance has no finite limit, or not from all of these starts, is left out.

    Keys: activation, sigma_b, sigma_w, alpha = F'(q), layer, rest (the largest |q^l/q - 1|), gap =
    |c^(l+1) - f(c^l)| of the full recursion, and, at powers of 4, the last layer and half of it
    (else NaN), sup (the largest |f_l - f| on a grid of [0, 1]) and bound (:func:`bound`, which no x
    exceeds).
    """
    phi = activation(phi)
    rows = []
    for w in sigma_ws:
        fmap = variance_map(phi, sigma_b, w)
        highest = max(max(a, b) for a, b, _ in starts)
        limits = fmap.limiting_points()
        if not limits or not limits[0].attracts or fmap.basin() <= highest * limits[0].x:
            continue
        cmap = map_at_limit(phi, sigma_b, w)
        paths = [
            pair_trajectory(phi, sigma_b, w, a * cmap.q, b * cmap.q, gamma, layers)
            for a, b, gamma in starts
        ]
        gaps = np.max([_gaps(cmap, path) for path in paths], axis=0)
        rests = np.max([abs(v / cmap.q - 1) for p in paths for v in (p.q_a, p.q_b)], axis=0)
        end = layers - 1
        looked_at = {end // 2, end, *(4**k for k in range(layers) if 4**k < layers)}
        for layer, gap in enumerate(gaps, start=1):
            key = {"activation": phi.name, "sigma_b": sigma_b, "sigma_w": w,
                   "alpha": limits[0].alpha, "layer": layer, "rest": rests[layer - 1],
                   "gap": gap}  # fmt: skip
            if layer in looked_at:
                at = [(path.q_a[layer - 1], path.q_b[layer - 1]) for path in paths]
                sup = max(_largest(fmap, cmap, a, b) for a, b in at)
                rows.append({**key, "sup": sup, "bound": max(bound(fmap, cmap.q, *p) for p in at)})
            else:
                rows.append({**key, "sup": math.nan, "bound": math.nan})
    return rows


def map_between(fmap: VarianceMap, q_a: float, q_b: float, x: ArrayLike) -> FloatArray:
    """f_l at correlations x, in the shape of x, where the two inputs have variances q_a and q_b."""
    x = np.asarray(x, dtype=np.float64)
    products = np.array(
        [pairs.product(fmap.phi, q_a, q_b, math.acos(c)) for c in x.ravel()]
    ).reshape(x.shape)
    images = float(fmap(q_a)) * float(fmap(q_b))
    return (fmap.sigma_b**2 + fmap.sigma_w**2 * products) / math.sqrt(images)


def bound(fmap: VarianceMap, q: float, q_a: float, q_b: float) -> float:
    """What |f_l(x) - f(x)| does not exceed for any x in [-1, 1].

    With m = sqrt(E[phi(sqrt(q) Z)^2]), m_b that at q_b, d_a = sqrt(E[(phi(sqrt(q_a) Z) -
    phi(sqrt(q) Z))^2]) and d_b likewise, Cauchy and Schwarz give for the expectations E_l and E in
    f_l and f, whatever x is, |E_l - E| <= d_a m_b + m d_b. The rest is the change of the
    denominator, of which F(q) = q is the limit: the bound goes to 0 as q_a and q_b go to q > 0,
    which proves Lemma 1.
    """
    phi, w2 = fmap.phi, fmap.sigma_w**2
    d_a, d_b = (math.sqrt(max(pairs.squared_difference(phi, v, q, 0.0), 0.0)) for v in (q_a, q_b))
    m, m_b = (math.sqrt(max(float(fmap(v)) - fmap.sigma_b**2, 0.0) / w2) for v in (q, q_b))
    root = math.sqrt(float(fmap(q_a)) * float(fmap(q_b)))
    return w2 * (d_a * m_b + m * d_b) / root + q * abs(1 / root - 1 / q)


def _gaps(cmap: CorrelationMap, path: PairTrajectory) -> FloatArray:
    at_limit = cmap.complement(np.minimum(path.gamma[:-1], 2.0))
    return np.abs(path.gamma[1:] - at_limit)


def _largest(fmap: VarianceMap, cmap: CorrelationMap, q_a: float, q_b: float) -> float:
    return float(np.abs(map_between(fmap, q_a, q_b, _X) - cmap(_X)).max())
