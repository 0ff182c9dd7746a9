"""R(gamma) = (1 - f(1 - gamma))/gamma, which the correlation map f is computed from.

R is a smooth function that tends to chi_1 as gamma -> 0, so gamma R(gamma) = 1 - f(1 - gamma) has a
small relative error at every gamma, where 1 - f(c) itself would lose its digits as c -> 1. It is
computed in one of three ways:

- smooth phi: with a_k the coefficients of phi(sqrt(q) .) on the normalised Hermite basis,
  R = (sigma_w^2/q) sum_j A_j c^j with A_j = sum_{k>j} a_k^2, all terms positive for c >= 0. The
  part left out is at most chi_1 - (sigma_w^2/q) sum_{k<=K} k a_k^2, which is known.
- phi with kinks, or narrow: that series converges too slowly as |c| -> 1, but R is a smooth
  function of theta = arccos(c) = 2 arcsin(sqrt(gamma/2)): piecewise Chebyshev interpolation in
  theta of values of sigma_w^2 E[(phi(U1) - phi(U2))^2]/(2 q gamma). They come from the series
  where |c| is not near 1, and from expectations in one dimension where it is (close_pairs.py).
- q = 0, the limit of a vanishing variance or a ReLU-like phi on its edge: the closed form
  f = (2 s+ s- c + (s+ - s-)^2 f_ReLU(c))/(s+^2 + s-^2), s+ and s- the one-sided slopes at 0.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Protocol, cast

import numpy as np
from numpy.polynomial import chebyshev, polynomial

from edgeofchaos.activations import Activation
from edgeofchaos.panels import panel_nodes
from edgeofchaos.theory import gaussian, pairs
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.close_pairs import ClosePairs
from edgeofchaos.theory.relu_like import relu_deficit

_HERMITE_SIZES = (512, 4096)  # numbers of coefficients tried
_HERMITE_TAIL = 1e-13  # part of chi_1 that may be left out, relative
_LEFT_AFTER = 1e-11  # and after the largest number
_LAST = 32  # coefficients that have to be negligible
_LEFT_OUT = 36.0  # -log of what c^K leaves of the terms past the K-th, where series are used
_ANGULAR_SIZES = (1024,)  # of phi with kinks
_CHEBYSHEV_ORDER = 24
_CHEBYSHEV_TAIL = 1e-13
_KNOWN = 1e-10  # relative, what quadrature and series may differ by
_MOST_HALVINGS = 1000  # of pieces of theta
_SHORTEST = 2.0**-60  # of those pieces
_AT_END = 1e-7  # angles closer to pi are at c = -1
_KEPT = 32  # ratios kept with phi
_INVISIBLE = 1e-6  # jumps of phi', relative, such as torch's Softplus has where it turns linear


class Ratio(Protocol):
    """R, and the derivatives of f that follow from it."""

    def __call__(self, gamma: FloatArray) -> FloatArray:
        """R at each gamma in [0, 2], in the shape of gamma."""

    def derivative(self, gamma: FloatArray, order: int) -> FloatArray:
        """f'(1 - gamma) or f''(1 - gamma), for ``order`` 1 or 2, in the shape of gamma."""


def complement_ratio(phi: Activation, q: float, sigma_w: float) -> Ratio:
    """R of phi at variance q and sigma_w, in the one of the three ways that fits.

    Raises:
        ValueError: E[phi'^2] at q is not known to relative accuracy, or the map is not.
    """
    if q == 0.0:
        return _Homogeneous(phi, sigma_w)
    # The shape of R does not depend on sigma_w: keep the last few per activation.
    store = phi.cache.setdefault("ratios", {})
    if q not in store:
        while len(store) >= _KEPT:
            store.pop(next(iter(store)))
        gaussian.slope_second_moment(phi, q)  # says so where it is not known at all
        if gaussian.relative_error(phi, q) == math.inf:
            raise ValueError(
                f"activation {phi.name!r}: at q = {q:.6g} phi or phi' is next to nothing within "
                "12 standard deviations of what it is beyond, which counts; allowed are larger "
                "variances"
            )
        store[q] = _shape(phi, q)
    return _Scaled(store[q], sigma_w**2)


def _shape(phi: Activation, q: float) -> Ratio:
    """R at sigma_w = 1."""
    slope2 = float(gaussian.slope_second_moment(phi, q))
    smooth = _nearly_smooth(phi)
    for size in _HERMITE_SIZES if smooth else _ANGULAR_SIZES:
        squares, variance = hermite_squares(phi, q, size, q * slope2 if smooth else math.inf)
        if smooth and (used := _enough(squares, q * slope2)):
            return _Hermite(squares[: max(used, 2)], q)
    return _Angular(phi, q, squares, variance)


def _nearly_smooth(phi: Activation) -> bool:
    """Whether the Hermite series may converge: phi has no kinks, or all but invisible ones."""
    slopes = phi.one_sided(0.0)[:, 1]
    return bool((np.abs(phi.slope_jumps) <= _INVISIBLE * np.abs(slopes).max()).all())


class _Scaled:
    """sigma_w^2 times a ratio at sigma_w = 1."""

    def __init__(self, shape: Ratio, factor: float) -> None:
        self.shape, self.factor = shape, factor

    def __call__(self, gamma: FloatArray) -> FloatArray:
        return self.factor * self.shape(gamma)

    def derivative(self, gamma: FloatArray, order: int) -> FloatArray:
        return self.factor * self.shape.derivative(gamma, order)


def hermite_squares(
    phi: Activation, q: float, size: int, enough: float = math.inf
) -> tuple[FloatArray, float]:
    """The squared coefficients a_k^2, k = 0 ... size - 1, of phi(sqrt(q) z), and its variance.

    Fewer of them where sum k a_k^2 has come to ``enough`` and the last ones count no more.

    a_k = E[phi(sqrt(q) Z) h_k(Z)] with h_k the normalised Hermite polynomials. The functions
    h_k(z) exp(-z^2/4) stay bounded, and their three-term recurrence is run on Gauss-Legendre
    panels fine enough for the highest of them.
    """
    # h_k oscillates with wave number sqrt(k): at most 16 radians a panel of 24 nodes.
    width = min(0.5, 16.0 / math.sqrt(size))
    reach = 13.0
    uniform = np.linspace(-reach, reach, 2 * math.ceil(reach / width) + 1)
    root = math.sqrt(q)
    edges = pairs.smooth_breaks(phi, reach * root) / root
    edges = np.unique(np.concatenate([uniform, edges]))
    z, weight = (a.ravel() for a in panel_nodes(edges[:-1], edges[1:]))
    bell = np.exp(-0.25 * z * z)
    weight *= bell / math.sqrt(2 * math.pi)
    value = phi(root * z)
    mean = weight @ (value * bell)
    # Without its mean, which would leave its rounding in the others.
    value -= mean
    variance = float(weight @ (value**2 * bell))
    value *= weight
    out = np.empty(size)
    before, now = np.zeros_like(z), bell
    for k in range(size):
        out[k] = value @ now
        if k % _LAST == _LAST - 1 and _enough(out[: k + 1] ** 2, enough, _HERMITE_TAIL):
            out = out[: k + 1]
            break
        before, now = now, (z * now - math.sqrt(k) * before) / math.sqrt(k + 1)
    out[0] = mean
    return out**2, variance


def _enough(squares: FloatArray, whole: float, off: float = _LEFT_AFTER) -> int:
    """How many coefficients are all that count, if these include them; else 0.

    They do if sum k a_k^2 is ``whole``, give or take ``off`` of it, and the last count no more.
    """
    captured = np.arange(squares.size) * squares / whole
    if captured[-_LAST:].sum() < 1e-3 * _HERMITE_TAIL and abs(captured.sum() - 1) < off:
        return squares.size - int(np.argmax(captured[::-1] > 1e-19))
    return 0


class _Hermite:
    """E[(phi(U1) - phi(U2))^2]/(2 q gamma) of a smooth phi, as a power series in c."""

    def __init__(self, squares: FloatArray, q: float) -> None:
        self.squares = squares / q
        self.tails = np.cumsum(self.squares[:0:-1])[::-1]  # A_j = sum over k > j

    def __call__(self, gamma: FloatArray) -> FloatArray:
        return cast(FloatArray, polynomial.polyval(1.0 - gamma, self.tails))

    def derivative(self, gamma: FloatArray, order: int) -> FloatArray:
        coefficients = polynomial.polyder(self.squares, order)
        return cast(FloatArray, polynomial.polyval(1.0 - gamma, coefficients))


class _Angular:
    """E[(phi(U1) - phi(U2))^2]/(2 q gamma) of any phi: piecewise Chebyshev in theta."""

    def __init__(self, phi: Activation, q: float, squares: FloatArray, variance: float) -> None:
        self.phi, self.q, self.variance = phi, q, variance
        self.squares = np.concatenate([[0.0], squares[1:]])
        # cos(theta)^K is what counts no more where theta^2 K/2 is _LEFT_OUT.
        self.near = math.sqrt(2 * _LEFT_OUT / squares.size)
        self.close = ClosePairs(phi, q, self.near, opposite=False)
        self.opposite = ClosePairs(phi, q, self.near, opposite=True)
        self._require_known()
        self.edges, self.coefficients, self.halvings = [0.0], list[FloatArray](), 0
        for low, high in pairwise((0.0, self.near, math.pi - self.near, math.pi)):
            edges, coefficients = self._fit(low, high, math.inf)
            self.edges += edges[1:]
            self.coefficients += coefficients

    def _require_known(self) -> None:
        """Hold the quadrature of close pairs against the series, where both are right.

        Raises:
            ValueError: they differ, as where phi is narrower than what that quadrature resolves.
        """
        for theta in (self.near, math.pi - self.near):
            at = np.array([theta])
            off = abs(float((self._by_quadrature(at) / self._of_series(at))[0]) - 1.0)
            if not off <= _KNOWN:
                raise self._unknown(off)

    def _unknown(self, off: float) -> ValueError:
        return ValueError(
            f"activation {self.phi.name!r}: at q = {self.q:.6g} the correlation map is not known "
            f"to more than {off:.1g}, for phi is narrow or steep; allowed is one that varies less"
        )

    def _fit(self, low: float, high: float, before: float) -> tuple[list[float], list[FloatArray]]:
        """Ends of pieces and the coefficients on each, halved until the coefficients decay, or no
        longer decay faster than ``before``, on twice the piece, and are noise.
        """
        nodes = chebyshev.chebpts2(_CHEBYSHEV_ORDER)
        values = self._values(0.5 * (low + high) + 0.5 * (high - low) * nodes)
        fit = np.asarray(chebyshev.chebfit(nodes, values, _CHEBYSHEV_ORDER - 1), dtype=np.float64)
        off = float(np.abs(fit[-3:]).max() / max(np.abs(values).max(), 1e-300))
        if off <= _CHEBYSHEV_TAIL or 0.25 * before < off <= _KNOWN:
            return [low, high], [fit]
        self.halvings += 1
        if self.halvings > _MOST_HALVINGS or high - low < _SHORTEST:
            raise self._unknown(off)
        middle = 0.5 * (low + high)
        left, right = self._fit(low, middle, off), self._fit(middle, high, off)
        return left[0] + right[0][1:], left[1] + right[1]

    def _values(self, theta: FloatArray) -> FloatArray:
        middle = 0.5 * (theta[0] + theta[-1])
        if self.near < middle < math.pi - self.near:
            return self._of_series(theta)
        return self._by_quadrature(theta)

    def _of_series(self, theta: FloatArray) -> FloatArray:
        alike = np.vander(np.cos(theta), self.squares.size, increasing=True) @ self.squares
        return cast(FloatArray, (self.variance - alike) / (2 * self.q * np.sin(theta / 2) ** 2))

    def _by_quadrature(self, theta: FloatArray) -> FloatArray:
        if theta[-1] > 0.5 * math.pi:
            return self.opposite(np.maximum(math.pi - theta, 0.0))
        return self.close(theta)

    def _evaluate(self, theta: FloatArray, order: int = 0) -> FloatArray:
        """The function of theta, or its derivative of this order; theta has one dimension."""
        piece = np.clip(np.searchsorted(self.edges, theta, side="right") - 1, 0, None)
        piece = np.minimum(piece, len(self.coefficients) - 1)
        out = np.empty_like(theta)
        for i in np.unique(piece):
            low, high = self.edges[i], self.edges[i + 1]
            here = piece == i
            scale = 2.0 / (high - low)
            fit = chebyshev.chebder(self.coefficients[i], order, scale)
            out[here] = chebyshev.chebval((theta[here] - low) * scale - 1.0, fit)
        return out

    def __call__(self, gamma: FloatArray) -> FloatArray:
        theta = _angle(gamma)
        return self._evaluate(np.atleast_1d(theta)).reshape(theta.shape)[()]

    def derivative(self, gamma: FloatArray, order: int) -> FloatArray:
        # f'(c) = d(gamma R)/d gamma with d gamma = sin(theta) d theta.
        theta = np.atleast_1d(_angle(gamma))
        half = np.tan(theta / 2)
        first = self._evaluate(theta, 1)
        at_end = theta > math.pi - _AT_END  # where R' is 0
        if order == 1:
            away = first * np.where(at_end, 0.0, half)
            out = self._evaluate(theta) + np.where(at_end, -2 * self._evaluate(theta, 2), away)
        else:
            change = first * (1.5 + 0.5 * half**2) + half * self._evaluate(theta, 2)
            # f''(1)/sigma_w^2 = q E[phi''^2], infinite where phi' jumps.
            at_one = self.q * float(gaussian.curvature_second_moment(self.phi, self.q))
            with np.errstate(divide="ignore", invalid="ignore"):
                out = np.where(theta > 0, -change / np.sin(theta), at_one)
            out[at_end] = math.nan
        return out.reshape(np.shape(gamma))[()]


def _angle(gamma: FloatArray) -> FloatArray:
    """theta = arccos(1 - gamma), without cancellation."""
    return 2.0 * np.arcsin(np.sqrt(0.5 * np.asarray(gamma, dtype=np.float64)))


class _Homogeneous:
    """R of phi(x) = s+ x (x > 0), s- x (x <= 0), in closed form at every q (and for q -> 0)."""

    def __init__(self, phi: Activation, sigma_w: float) -> None:
        (_, left, _), (_, right, _) = phi.one_sided(0.0)
        square = left**2 + right**2
        self.chi1 = sigma_w**2 * square / 2
        self.kink = (right - left) ** 2 / square

    def __call__(self, gamma: FloatArray) -> FloatArray:
        return self.chi1 * (1.0 - self.kink * relu_deficit(_angle(gamma)))

    def derivative(self, gamma: FloatArray, order: int) -> FloatArray:
        theta = _angle(gamma)
        if order == 1:
            return self.chi1 * (1.0 - self.kink * theta / math.pi)
        if self.kink == 0.0:
            return np.zeros_like(theta)
        with np.errstate(divide="ignore"):
            return self.chi1 * self.kink / (math.pi * np.sin(theta))
