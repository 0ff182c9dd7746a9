"""What the entries of kernels may be off by, layer by layer: estimates."""

from __future__ import annotations

import math

import numpy as np

from edgeofchaos.activations import Activation
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.gaussian import CURVATURE2, U_PHI_SLOPE, moments
from edgeofchaos.theory.pair_series import Rows
from edgeofchaos.theory.tabulation import normal_density

_ROUNDING = 4e-16  # of a layer
_FEW = 20  # variances that derivatives are asked for at


class Errors:
    """The errors of K and of Theta, over the roots of the products of their diagonals.

    An error of K goes through a layer times sigma_w^2 E[phi'(U1) phi'(U2)], to first order, or
    times F'(q): that of the pair it is largest of, so that a chaotic net which parts its inputs
    forgets the errors that it made. The error of E[phi'(U1) phi'(U2)] that comes from one of c
    is at most q E[phi''^2] times it and, where phi' jumps by J at k, J^2 p(k/sqrt(q))/sqrt(2 pi)
    times the error of the angle arccos(c). What the sums leave out changes 1 - c by no more than a
    part of it, so that the angle of inputs that are close keeps its digits; what rounding takes it
    takes from the angle times 1/sqrt(2 (1 - c)), but in the first layer and where 1 - c goes
    through a layer by itself.
    """

    def __init__(self, phi: Activation, sigma_w: float) -> None:
        self.phi, self.factor = phi, sigma_w**2
        self.nngp = self.ntk = self.rounding = _ROUNDING
        self.part = 0.0  # of 1 - c
        self.rounded_angle, self.keeps = _ROUNDING, True

    def step(
        self,
        every: Rows,
        new_q: FloatArray,
        theta: FloatArray,
        left_out: tuple[float, float],
        least: float,
        keeps_angles: bool,
        steepest: float,
    ) -> None:
        """One layer, with what its expectations are off by themselves.

        ``least`` is the least of 1 - c and 1 + c before this layer, ``steepest`` the largest
        |dc'/dc| of a pair.
        """
        q, slope = every.q, every.slope
        asked = np.unique(np.quantile(q, np.linspace(0, 1, _FEW), method="nearest"))
        size = np.maximum(np.interp(asked, *_sorted(q, slope)), np.finfo(float).tiny)
        cross, curvature = moments(self.phi, asked, [U_PHI_SLOPE, CURVATURE2])
        of_slope = left_out[1] + float((asked * curvature / size).max()) * self.nngp
        of_slope += float((self._jumps(asked) / size).max()) * self._angle(least)
        there = np.interp(asked, *_sorted(q, new_q))
        growth = max(steepest, float((self.factor * np.abs(cross) / there).max()))
        new = left_out[0] * float((self.factor * every.value / new_q).max())
        self.nngp = _ROUNDING + growth * self.nngp + new
        self.rounding = _ROUNDING + growth * self.rounding
        self.part += left_out[1]
        self.rounded_angle += _ROUNDING
        self.keeps = self.keeps and keeps_angles
        later = self.factor * slope * theta
        whole = new_q + later
        before = (self.ntk + of_slope) * float((later / whole).max())
        self.ntk = self.nngp * float((new_q / whole).max()) + before

    def _jumps(self, q: FloatArray) -> FloatArray:
        """How fast E[phi'(U1) phi'(U2)] falls with arccos(c) at c = 1, at each q."""
        total = np.zeros(q.shape)
        for kink, jump in zip(self.phi.kinks, self.phi.slope_jumps, strict=True):
            total += jump**2 * np.sqrt(q) * normal_density(kink, q)
        return total / math.sqrt(2 * math.pi)

    def _angle(self, least: float) -> float:
        """The error of arccos(c)."""
        rounded = math.sqrt(2 * self.rounding)
        rounded = min(rounded, self.rounding / math.sqrt(2 * max(least, self.rounding)))
        of_sums = max(math.sqrt(self.nngp * self.part / 2), 8 * self.nngp)
        return (self.rounded_angle if self.keeps else rounded) + of_sums


def _sorted(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    order = np.argsort(x)
    return x[order], y[order]
