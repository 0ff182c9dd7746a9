"""R(gamma) = (1 - f(1 - gamma))/gamma, which the correlation map f is computed from.

R is a smooth function that tends to chi_1 as gamma -> 0, so gamma R(gamma) = 1 - f(1 - gamma) has a
small relative error at every gamma, where 1 - f(c) itself would lose its digits as c -> 1. It is
computed in one of three ways:

- smooth phi: with a_k the coefficients of phi(sqrt(q) .) on the normalised Hermite basis,
  R = (sigma_w^2/q) sum_j A_j c^j with A_j = sum_{k>j} a_k^2, all terms positive for c >= 0. The
  part left out is at most chi_1 - (sigma_w^2/q) sum_{k<=K} k a_k^2, which is known.
- phi with kinks: the Hermite series converges only like k^(-3/2), but R is a smooth function of
  theta = arccos(c) = 2 arcsin(sqrt(gamma/2)): piecewise Chebyshev interpolation in theta of
  values of sigma_w^2 E[(phi(U1) - phi(U2))^2]/(2 q gamma) (pairs.py).
- q = 0, the limit of a vanishing variance or a ReLU-like phi on its edge: the closed form
  f = (2 s+ s- c + (s+ - s-)^2 f_ReLU(c))/(s+^2 + s-^2), s+ and s- the one-sided slopes at 0.
"""

from __future__ import annotations

import math
from typing import Protocol, cast

import numpy as np
from numpy.polynomial import chebyshev, polynomial

from edgeofchaos.activations import Activation
from edgeofchaos.panels import panel_nodes
from edgeofchaos.theory import gaussian, pairs
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.relu_like import relu_deficit

_HERMITE_SIZES = (512, 4096)  # numbers of coefficients tried
_HERMITE_TAIL = 1e-13  # part of chi_1 that may be left out, relative
_CHEBYSHEV_ORDER = 24
_CHEBYSHEV_TAIL = 1e-13
_KNOWN = 1e-10  # relative, what f(0) may be off by
_NARROWEST = math.pi / 2**12  # pieces of theta are not halved below this
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
        shape = _Hermite.of(phi, q) if _nearly_smooth(phi) else None
        store[q] = shape if shape is not None else _Angular(phi, q)
    return _Scaled(store[q], sigma_w**2)


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


def hermite_squares(phi: Activation, q: float, size: int) -> FloatArray:
    """The squared coefficients a_k^2, k = 0 ... size - 1, of phi(sqrt(q) z): shape (size,).

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
    value = weight * phi(root * z) * bell / math.sqrt(2 * math.pi)
    out = np.empty(size)
    before, now = np.zeros_like(z), bell
    for k in range(size):
        out[k] = value @ now
        before, now = now, (z * now - math.sqrt(k) * before) / math.sqrt(k + 1)
    return out**2


class _Hermite:
    """E[(phi(U1) - phi(U2))^2]/(2 q gamma) of a smooth phi, as a power series in c."""

    def __init__(self, squares: FloatArray, q: float) -> None:
        self.squares = squares / q
        self.tails = np.cumsum(self.squares[:0:-1])[::-1]  # A_j = sum over k > j

    @classmethod
    def of(cls, phi: Activation, q: float) -> _Hermite | None:
        """The series for phi, or None where 4096 coefficients are not enough."""
        slope2 = float(gaussian.slope_second_moment(phi, q))
        for size in _HERMITE_SIZES:
            squares = hermite_squares(phi, q, size)
            captured = np.arange(size) * squares / (q * slope2)
            if captured[-32:].sum() < 1e-3 * _HERMITE_TAIL and abs(captured.sum() - 1) < 1e-11:
                used = size - int(np.argmax(captured[::-1] > 1e-19))
                return cls(squares[: max(used, 2)], q)
        return None

    def __call__(self, gamma: FloatArray) -> FloatArray:
        return cast(FloatArray, polynomial.polyval(1.0 - gamma, self.tails))

    def derivative(self, gamma: FloatArray, order: int) -> FloatArray:
        coefficients = polynomial.polyder(self.squares, order)
        return cast(FloatArray, polynomial.polyval(1.0 - gamma, coefficients))


class _Angular:
    """E[(phi(U1) - phi(U2))^2]/(2 q gamma) of a phi with kinks: piecewise Chebyshev in theta."""

    def __init__(self, phi: Activation, q: float) -> None:
        self.phi, self.q = phi, q
        self.at_zero = float(gaussian.slope_second_moment(phi, q))
        self._require_known()
        self.edges, self.coefficients = self._fit(0.0, math.pi)

    def _require_known(self) -> None:
        """Hold the quadrature in two dimensions against one in one dimension, at c = 0.

        There E[(phi(U1) - phi(U2))^2]/2 is E[phi^2] - E[phi]^2.

        Raises:
            ValueError: they differ, as where phi is narrower than what that quadrature resolves.
        """
        mean, second = gaussian.moments(self.phi, self.q, [gaussian.MEAN, gaussian.SECOND])
        right = float(second - mean**2) / self.q
        off = abs(self._value(math.pi / 2) - right)
        if not off <= _KNOWN * (float(second) / self.q + self.at_zero):
            raise ValueError(
                f"activation {self.phi.name!r}: at q = {self.q:.6g} the correlation map is not "
                f"known to more than {off / (float(second) / self.q):.1g}, for phi has kinks and "
                "is narrow or steep as well; allowed is a phi that has only one of these"
            )

    def _fit(self, low: float, high: float) -> tuple[list[float], list[FloatArray]]:
        """Ends of pieces and the coefficients on each, halved until the coefficients decay."""
        nodes = chebyshev.chebpts2(_CHEBYSHEV_ORDER)
        theta = 0.5 * (low + high) + 0.5 * (high - low) * nodes
        values = np.array([self._value(t) for t in theta])
        fit = chebyshev.chebfit(nodes, values, _CHEBYSHEV_ORDER - 1)
        if np.abs(fit[-3:]).max() <= _CHEBYSHEV_TAIL * self.at_zero or high - low < _NARROWEST:
            return [low, high], [fit]
        middle = 0.5 * (low + high)
        left, right = self._fit(low, middle), self._fit(middle, high)
        return left[0] + right[0][1:], left[1] + right[1]

    def _value(self, theta: float) -> float:
        if theta < 1e-9:
            return self.at_zero
        gamma = 2.0 * math.sin(theta / 2) ** 2
        return pairs.squared_difference(self.phi, self.q, self.q, theta) / (2 * self.q * gamma)

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
        if order == 1:
            out = self._evaluate(theta) + half * first
        else:
            change = first * (1.5 + 0.5 * half**2) + half * self._evaluate(theta, 2)
            # f''(1)/sigma_w^2 = q E[phi''^2], infinite where phi' jumps.
            at_one = self.q * float(gaussian.curvature_second_moment(self.phi, self.q))
            with np.errstate(divide="ignore", invalid="ignore"):
                out = np.where(theta > 0, -change / np.sin(theta), at_one)
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
