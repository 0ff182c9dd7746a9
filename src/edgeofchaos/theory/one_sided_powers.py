"""phi as a sum of truncated powers at its kinks and a smoother rest.

    phi(u) = sum_k sum_{m=1}^{M} w_km t_km(u) + r(u)

with t_km(u) = (u - k)_+^m/m! for a kink k >= 0 and (k - u)_+^m/m! for k < 0, so that they vanish
around 0. The weights w are such that phi and the sum have the same jumps of all derivatives up to
the M-th at the kinks, and r has none there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre

from edgeofchaos.activations import Activation
from edgeofchaos.panels import ORDER, panel_nodes
from edgeofchaos.panels.legendre import to_coefficients
from edgeofchaos.theory.arrays import FloatArray

HIGHEST = 8
_RESOLVED = 1e-13  # of phi'' on a stretch beside a kink
_NOISE = 3e-16
_WIDEST = 2.0
_HALVINGS = 10


@dataclass(frozen=True)
class OneSidedPowers:
    """The sum of the truncated powers.

    Attributes:
        kinks: (kinks,).
        weights: w, (kinks, M).
    """

    kinks: FloatArray
    weights: FloatArray

    @property
    def sides(self) -> FloatArray:
        """1 for powers of u - k, -1 for powers of k - u: (kinks,)."""
        return np.where(self.kinks < 0, -1.0, 1.0)

    def __call__(self, u: FloatArray) -> FloatArray:
        """The sum at each u."""
        total = np.zeros_like(u)
        for kink, side, weights in zip(self.kinks, self.sides, self.weights, strict=True):
            over = np.maximum(side * (u - kink), 0.0)
            part = np.zeros_like(u)
            for m in range(weights.size, 0, -1):
                part = (part + weights[m - 1]) * over / m
            total += part
        return total


def one_sided_powers(phi: Activation, order: int) -> OneSidedPowers:
    """The truncated powers of phi up to ``order``, at all its kinks."""
    jumps = _jumps(phi)[:, :order]
    kinks = np.array(phi.kinks)
    signs = np.where(kinks < 0, -1.0, 1.0)[:, None]
    # The m-th derivative of (k - u)_+^m/m! jumps by -(-1)^m.
    return OneSidedPowers(kinks, jumps * signs ** (np.arange(1, order + 1) + 1.0))


def _jumps(phi: Activation) -> FloatArray:
    """The jumps of the first HIGHEST derivatives at each kink: (kinks, HIGHEST).

    Those past phi'' are estimates; what they are off by is left to the rest r.
    """
    key = ("jumps", phi.kinks)
    if key not in phi.cache:
        rows = []
        for kink in phi.kinks:
            left, right = _side(phi, kink, -1.0), _side(phi, kink, 1.0)
            size = np.maximum(np.abs(left), np.abs(right))
            rows.append(np.where(np.abs(right - left) > 1e-14 * size, right - left, 0.0))
        phi.cache[key] = np.array(rows).reshape(len(phi.kinks), HIGHEST)
    return phi.cache[key]


def _side(phi: Activation, kink: float, sign: float) -> FloatArray:
    """phi', phi'', ... up to the HIGHEST derivative beside the kink, on one side."""
    slope, curvature = phi.one_sided(kink)[0 if sign < 0 else 1, 1:]
    others = np.abs(kink - np.array([*phi.kinks, math.inf]))
    width = min(_WIDEST, float(others[others > 0].min()))
    for _ in range(_HALVINGS):
        ends = sorted((kink, kink + sign * width))
        values = phi.derivatives(panel_nodes(np.array(ends[0]), np.array(ends[1]))[0])[2]
        fit = to_coefficients(ORDER) @ values
        size = np.abs(fit).max()
        if np.isfinite(size) and np.abs(fit[-4:]).max() <= _RESOLVED * size:
            break
        width /= 2
    fit = fit[: int(np.flatnonzero(np.abs(fit) > _NOISE * size).max(initial=0)) + 1]
    higher = [
        legendre.legval(-sign, legendre.legder(fit, n, 2 / width)) for n in range(1, HIGHEST - 1)
    ]
    return np.array([slope, curvature, *higher])
