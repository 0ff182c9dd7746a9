"""E[phi(U1) phi(U2)] and E[phi'(U1) phi'(U2)] for many pairs, where they have closed forms.

- phi(u) = s+ u for u > 0 and s- u for u <= 0: the arc-cosine kernels (Cho and Saul 2009). With
  theta = arccos(c), A = (s+^2 + s-^2)/2 and B = (s+ - s-)^2/(2 pi) they are
  sqrt(q1 q2) (A c + B (sin(theta) - theta cos(theta))) and A - B theta.
- erf: the arcsine kernel (Williams 1997), (2/pi) arcsin(2 K/sqrt((1 + 2 q1)(1 + 2 q2))) with
  K = c sqrt(q1 q2), and its derivative by K.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.pair_series import PairSeries, Rows

_POINTS = np.concatenate([-np.geomspace(1e-8, 1e6, 57), np.geomspace(1e-8, 1e6, 57)])
_ROUNDED = 4e-16


class PairProducts(Protocol):
    """The two expectations, at variances and correlations that it was made for."""

    error: tuple[float, float]
    keeps_angles: bool

    def rows(self, q: FloatArray) -> Rows:
        """What is needed of the inputs of one side."""

    def products(self, left: Rows, right: Rows, gamma: FloatArray) -> tuple[FloatArray, FloatArray]:
        """As :meth:`PairSeries.products`."""


def pair_products(phi: Activation, q: FloatArray, largest_c: float) -> PairProducts:
    """The expectations of phi at variances q and correlations up to ``largest_c``.

    Raises:
        ValueError: expectations of phi are not known at a variance.
    """
    if phi is activation("erf"):
        return _Arcsine()
    slopes = homogeneous_slopes(phi)
    return _ArcCosine(*slopes) if slopes is not None else PairSeries(phi, q, largest_c)


def homogeneous_slopes(phi: Activation) -> tuple[float, float] | None:
    """(s-, s+) of phi(u) = s+ u for u > 0, s- u for u <= 0; None for another phi."""
    if "homogeneous_slopes" not in phi.cache:
        found = None
        if set(phi.kinks) <= {0.0}:
            left, right = phi.one_sided(0.0)[:, 1].tolist()
            wanted = np.where(_POINTS < 0, left, right) * _POINTS
            if (np.abs(phi(_POINTS) - wanted) <= 4e-16 * np.abs(wanted)).all():
                found = (left, right) if left or right else None
        phi.cache["homogeneous_slopes"] = found
    return phi.cache["homogeneous_slopes"]


class _ArcCosine:
    """The arc-cosine kernels."""

    error = (_ROUNDED, _ROUNDED)
    keeps_angles = True

    def __init__(self, below: float, above: float) -> None:
        self.mean = (above**2 + below**2) / 2
        self.kink = (above - below) ** 2 / (2 * math.pi)

    def rows(self, q: FloatArray) -> Rows:
        return _plain(q, self.mean * q, np.full(q.shape, self.mean))

    def products(self, left: Rows, right: Rows, gamma: FloatArray) -> tuple[FloatArray, FloatArray]:
        theta = 2 * np.arcsin(np.sqrt(0.5 * gamma))
        fall = self.mean * gamma
        if self.kink:
            fall -= self.kink * (np.sqrt(gamma * (2 - gamma)) - theta * (1 - gamma))
        fall *= np.sqrt(left.q)[:, None] * np.sqrt(right.q)
        return fall, self.mean - self.kink * theta


class _Arcsine:
    """The arcsine kernel."""

    error = (_ROUNDED, _ROUNDED)
    keeps_angles = False

    def rows(self, q: FloatArray) -> Rows:
        value = 2 / math.pi * np.arcsin(2 * q / (1 + 2 * q))
        return _plain(q, value, 4 / math.pi / np.sqrt(1 + 4 * q))

    def products(self, left: Rows, right: Rows, gamma: FloatArray) -> tuple[FloatArray, FloatArray]:
        twice = 2 * np.sqrt(left.q)[:, None] * np.sqrt(right.q) * (1 - gamma)
        size = np.sqrt(1 + 2 * left.q)[:, None] * np.sqrt(1 + 2 * right.q)
        value = 2 / math.pi * np.arcsin(twice / size)
        root = np.sqrt(left.own)[:, None] * np.sqrt(right.own)
        return root - value, 4 / math.pi / np.sqrt((size - twice) * (size + twice))


def _plain(q: FloatArray, value: FloatArray, slope: FloatArray) -> Rows:
    none = np.empty((0, q.size))
    return Rows(q, value, slope, value, none, none)
