"""The correlation map f(c), its complement 1 - f(1 - gamma) and its derivatives.

Everything goes through R(gamma) = (1 - f(1 - gamma))/gamma, a smooth function that tends to
chi_1 as gamma -> 0, so that 1 - f keeps its relative accuracy however near c is to 1:

- smooth phi: with a_k the coefficients of phi(sqrt(q) .) on the normalised Hermite basis,
  R = (sigma_w^2/q) sum_j A_j c^j with A_j = sum_{k>j} a_k^2, all terms positive for c >= 0. The
  part left out is at most chi_1 - (sigma_w^2/q) sum_{k<=K} k a_k^2, which is known.
- phi with kinks: the Hermite series converges like k^(-3/2), but R is a smooth function of
  theta = arccos(c) = 2 arcsin(sqrt(gamma/2)): piecewise Chebyshev interpolation in theta of
  values of sigma_w^2 E[(phi(U1) - phi(U2))^2]/(2 q gamma) (pairs.py).
- q = 0, the limit of a vanishing variance or a ReLU-like phi on its edge: the closed form
  f = (2 s+ s- c + (s+ - s-)^2 f_ReLU(c))/(s+^2 + s-^2), s+- the one-sided slopes at 0.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial import chebyshev, polynomial

from edgeofchaos.activations import Activation, activation
from edgeofchaos.theory import gaussian, pairs
from edgeofchaos.theory.edge import EdgePoint

_HERMITE_SIZES = (512, 4096)
_HERMITE_TAIL = 1e-13  # part of chi_1 that may be left out, relative
_CHEBYSHEV_ORDER = 24
_CHEBYSHEV_TAIL = 1e-13
_NARROWEST = math.pi / 2**12


class CorrelationMap:
    """f for one activation at variance q and (sigma_b, sigma_w): a callable on arrays of c.

    q has to satisfy F(q) = q for f(1) = 1 to hold, which all methods rely on.
    """

    def __init__(self, phi: Activation, q: float, sigma_b: float, sigma_w: float):
        self.phi, self.q, self.sigma_b, self.sigma_w = phi, q, sigma_b, sigma_w
        self._ratio = _ratio(phi, q, sigma_w)

    def __call__(self, c):
        """f(c) for c in [-1, 1], in the shape of c."""
        c = _checked("c", c, -1.0, 1.0)
        return 1.0 - (1.0 - c) * self._ratio(1.0 - c)

    def complement(self, gamma):
        """1 - f(1 - gamma) for gamma in [0, 2], to relative accuracy."""
        gamma = _checked("gamma", gamma, 0.0, 2.0)
        return gamma * self._ratio(gamma)

    def ratio(self, gamma):
        """R(gamma) = (1 - f(1 - gamma))/gamma for gamma in [0, 2]; chi_1 at 0."""
        return self._ratio(_checked("gamma", gamma, 0.0, 2.0))

    def derivative(self, c, order: int = 1):
        """f'(c) or f''(c) (``order`` 1 or 2) for c in [-1, 1].

        With kinks, f'' is infinite at c = 1 and both lose digits as c -> -1.
        """
        if order not in (1, 2):
            raise ValueError(f"order = {order!r}; allowed are 1 and 2")
        return self._ratio.derivative(1.0 - _checked("c", c, -1.0, 1.0), order)

    @property
    def chi1(self) -> float:
        """f'(1) = chi_1."""
        return float(self._ratio(np.float64(0.0)))

    @property
    def sup_distance(self) -> float:
        """sup over [0, 1] of |f(c) - c| if chi_1 <= 1; it is f(0).

        f is a power series in c with coefficients >= 0, so f' is increasing: where f'(1) <= 1,
        f(c) - c decreases on [0, 1] from f(0) to 0.
        """
        return float(self(0.0))


def correlation_map(phi: Activation | str, point: EdgePoint) -> CorrelationMap:
    """The correlation map of phi at an edge point (or at anything with sigma_b, sigma_w, q).

    Raises:
        ValueError: the point has no finite q, as one of status ``none``.
    """
    if not (math.isfinite(point.q) and point.q >= 0 and math.isfinite(point.sigma_w)):
        raise ValueError(f"point: q = {point.q!r}; a correlation map needs a finite variance")
    return CorrelationMap(activation(phi), point.q, point.sigma_b, point.sigma_w)


def _checked(name: str, value, low: float, high: float) -> np.ndarray:
    value = np.asarray(value, dtype=np.float64)
    if not ((value >= low) & (value <= high)).all():
        bad = value.ravel()[~((value >= low) & (value <= high)).ravel()][0]
        raise ValueError(f"{name} = {bad!r}; allowed is {low:g} <= {name} <= {high:g}")
    return value


def _ratio(phi: Activation, q: float, sigma_w: float):
    if q == 0.0:
        return _Homogeneous(phi, sigma_w)
    # The shape of R does not depend on sigma_w: keep the last few per activation.
    store = phi.cache.setdefault("ratios", {})
    if q not in store:
        while len(store) >= 32:
            store.pop(next(iter(store)))
        shape = _Hermite.of(phi, q) if phi.smooth else None
        store[q] = shape if shape is not None else _Angular(phi, q)
    return _Scaled(store[q], sigma_w**2)


class _Scaled:
    def __init__(self, shape, factor: float):
        self.shape, self.factor = shape, factor

    def __call__(self, gamma):
        return self.factor * self.shape(gamma)

    def derivative(self, gamma, order):
        return self.factor * self.shape.derivative(gamma, order)


def hermite_squares(phi: Activation, q: float, size: int) -> np.ndarray:
    """a_k^2, k = 0..size-1: the squared Hermite coefficients of phi(sqrt(q) z).

    The basis functions h_k(z) exp(-z^2/4) stay bounded, and their three-term recurrence is run
    on Gauss-Legendre panels fine enough for the highest of them.
    """
    # h_k oscillates with wave number sqrt(k): at most 16 radians a panel of 24 nodes.
    width = min(0.5, 16.0 / math.sqrt(size))
    reach = 13.0
    uniform = np.linspace(-reach, reach, 2 * math.ceil(reach / width) + 1)
    root = math.sqrt(q)
    edges = pairs.smooth_breaks(phi, reach * root) / root
    edges = np.unique(np.concatenate([uniform, edges]))
    z, weight = (a.ravel() for a in gaussian.panel_nodes(edges[:-1], edges[1:]))
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

    def __init__(self, squares: np.ndarray, q: float):
        self.squares = squares / q
        self.tails = np.cumsum(self.squares[:0:-1])[::-1]  # A_j = sum over k > j

    @classmethod
    def of(cls, phi: Activation, q: float) -> _Hermite | None:
        """None where 4096 coefficients are not enough."""
        slope2 = float(gaussian.slope_second_moment(phi, q))
        for size in _HERMITE_SIZES:
            squares = hermite_squares(phi, q, size)
            captured = np.arange(size) * squares / (q * slope2)
            if captured[-32:].sum() < 1e-3 * _HERMITE_TAIL and abs(captured.sum() - 1) < 1e-11:
                used = size - int(np.argmax(captured[::-1] > 1e-19))
                return cls(squares[: max(used, 2)], q)
        return None

    def __call__(self, gamma):
        return polynomial.polyval(1.0 - gamma, self.tails)

    def derivative(self, gamma, order):
        return polynomial.polyval(1.0 - gamma, polynomial.polyder(self.squares, order))


class _Angular:
    """The same for a phi with kinks: piecewise Chebyshev in theta."""

    def __init__(self, phi: Activation, q: float):
        self.phi, self.q = phi, q
        self.at_zero = float(gaussian.slope_second_moment(phi, q))
        self.edges, self.coefficients = self._fit(0.0, math.pi)

    def _fit(self, low: float, high: float) -> tuple[list[float], list[np.ndarray]]:
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

    def _evaluate(self, theta: np.ndarray, order: int = 0) -> np.ndarray:
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

    def __call__(self, gamma):
        theta = _angle(gamma)
        return self._evaluate(np.atleast_1d(theta)).reshape(theta.shape)[()]

    def derivative(self, gamma, order):
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


def _angle(gamma):
    return 2.0 * np.arcsin(np.sqrt(0.5 * np.asarray(gamma, dtype=np.float64)))


class _Homogeneous:
    """R of phi(x) = s+ x (x > 0), s- x (x <= 0) on its edge, in closed form."""

    def __init__(self, phi: Activation, sigma_w: float):
        (_, left, _), (_, right, _) = phi.one_sided(0.0)
        square = left**2 + right**2
        self.chi1 = sigma_w**2 * square / 2
        self.kink = (right - left) ** 2 / square

    def __call__(self, gamma):
        return self.chi1 * (1.0 - self.kink * relu_deficit(_angle(gamma)))

    def derivative(self, gamma, order):
        theta = _angle(gamma)
        if order == 1:
            return self.chi1 * (1.0 - self.kink * theta / math.pi)
        if self.kink == 0.0:
            return np.zeros_like(theta)
        with np.errstate(divide="ignore"):
            return self.chi1 * self.kink / (math.pi * np.sin(theta))


def relu_deficit(theta):
    """(f_ReLU(c) - c)/(1 - c) = (sin t - t cos t)/(pi (1 - cos t)) at c = cos t.

    From f_ReLU = (c arcsin c)/pi + sqrt(1 - c^2)/pi + c/2 (Proposition 3); by its Taylor series
    for t < 0.3, where the closed form cancels (next term below 1e-17).
    """
    t = np.asarray(theta, dtype=np.float64)
    small = t < 0.3
    t2 = np.where(small, t, 0.0) ** 2
    # (sin t - t cos t)/t^3 and (1 - cos t)/t^2
    above = sum((-1) ** k * t2**k * 2 * (k + 1) / math.factorial(2 * k + 3) for k in range(8))
    below = sum((-1) ** k * t2**k / math.factorial(2 * k + 2) for k in range(8))
    series = np.where(small, t, 0.0) * above / below
    large = np.where(small, 1.0, t)
    closed = (np.sin(large) - large * np.cos(large)) / (2 * np.sin(large / 2) ** 2)
    return np.where(small, series, closed) / math.pi
