"""Moments as functions of t = log x: derivatives, and bounds on them between the points of a grid.

For f(u), such as phi(u)^2, and s = 1/2 or 3/2 let

    I(t) = integral of f(u) m(u, t) du,    m(u, t) = exp(-s t - u^2 e^-t/2)/sqrt(2 pi).

It is E[f(sqrt(x) Z)] for s = 1/2, and that over x for s = 3/2. With y = u^2 e^-t, dy/dt = -y, so
that the n-th derivative of m is P_n(y) m with P_0 = 1 and P_(n+1) = (y/2 - s) P_n - y P_n'. And for
any d > 0

    |P_n(y)| m(u, t) <= C_n m(u, t + d),    C_n = e^(s d) sup |P_n(y)| exp(-(1 - e^-d) y/2),

in which m(u, t + d) <= e^(s (b - a)) m(u, b + d) for t in [a, b]. The integral of |u|^(2s-1) m does
not depend on t, and that of an odd function is 0. So, for any g(u) = c |u|^(2s-1) + e u |u|^(2s-1)
with a c for either side of 0, n >= 1 and t in [a, b],

    |I^(n)(t)| <= C_n e^(s (b - a)) integral of |f(u) - g(u)| m(u, b + d) du,

which is small where f is close to such a g: at small x and at large ones. The integral is bounded
in turn by the Cauchy-Schwarz inequality, which leaves an integrand without kinks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.polynomial import polynomial
from numpy.typing import NDArray

from edgeofchaos.activations import Activation
from edgeofchaos.panels import TooFine
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.tabulation import Z_MAX, level, tabulation

ORDERS = 4  # derivatives that are computed, with the function itself: 0 to 3
BOUNDED = 6  # derivatives that are bounded: 0 to 5
_SHIFT = 0.8  # d
# Nodes u, their weights and f there, for variances about x.
Nodes = Callable[[float], tuple[FloatArray, FloatArray, FloatArray]]


@cache
def derivative_polynomials(s: float) -> tuple[FloatArray, ...]:
    """P_0, P_1, ... as coefficients, the lowest first."""
    found = [np.array([1.0])]
    for _ in range(BOUNDED - 1):
        p = found[-1]
        product = polynomial.polymul([-s, 0.5], p)
        found.append(polynomial.polysub(product, polynomial.polymulx(polynomial.polyder(p))))
    return tuple(found)


@cache
def bound_constants(s: float, d: float = _SHIFT) -> FloatArray:
    """C_0 to C_5: the largest |P_n(y)| exp(-rate y) over y >= 0, from the roots of its slope."""
    rate = 0.5 * (1 - math.exp(-d))
    constants = []
    for p in derivative_polynomials(s):
        slope = polynomial.polysub(polynomial.polyder(p), rate * p)
        roots = polynomial.polyroots(slope) if slope.size > 1 else np.zeros(0)
        y = np.concatenate([[0.0], roots.real[(np.abs(roots.imag) < 1e-6) & (roots.real > 0)]])
        constants.append(np.abs(polynomial.polyval(y, p) * np.exp(-rate * y)).max())
    return math.exp(s * d) * np.array(constants)


class LogMoment:
    """I(t) for one f, given by its values at quadrature nodes.

    ``atoms`` are (point, weight) of Dirac masses that f has besides.
    """

    def __init__(self, nodes: Nodes, s: float, atoms: Sequence[tuple[float, float]] = ()) -> None:
        self.nodes, self.s, self.atoms = nodes, s, atoms

    def jet(self, t: float) -> FloatArray:
        """I and its first derivatives at t: (ORDERS,)."""
        u, weight, f = self._within(math.exp(t))
        y = u * u * math.exp(-t)
        mass = weight * self._density(y, t)
        off, constant = self._fit(u, mass, f, t)
        product = mass * off
        powers = np.empty(ORDERS)
        for j in range(ORDERS):
            powers[j] = product.sum()
            product = product * y
        for point, amount in self.atoms:
            at = point * point * math.exp(-t)
            powers += amount * float(self._density(np.array(at), t)) * at ** np.arange(ORDERS)
        out = np.array([
            p @ powers[: p.size] for p in derivative_polynomials(self.s)[:ORDERS]
        ])  # fmt: skip
        out[0] += constant
        return out

    def bounds(self, a: float, b: float) -> FloatArray:
        """Bounds on |I|, |I'|, ... over [a, b]: (BOUNDED,)."""
        u, weight, f = self._within(math.exp(b))
        later = b + _SHIFT
        mass = weight * self._density(u * u * math.exp(-later), later)
        off, constant = self._fit(u, mass, f, later)
        # The mass of N(0, x) within reach is at most 1, so that the integral of m is at most
        # e^(-(s - 1/2) t).
        top = 2.0 ** (math.frexp(float(np.abs(off).max()))[1] - 1)  # off^2 may overflow
        size = top * math.sqrt(float(mass @ (off / top) ** 2) * math.exp(-(self.s - 0.5) * later))
        for point, amount in self.atoms:
            y = np.array(point * point * math.exp(-later))
            size += abs(amount) * float(self._density(y, later))
        out = bound_constants(self.s) * math.exp(self.s * (b - a)) * size
        out[0] += abs(constant)
        return out

    def _within(self, x: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        u, weight, f = self.nodes(x)
        reach = Z_MAX * math.sqrt(x)
        part = slice(int(u.searchsorted(-reach)), int(u.searchsorted(reach)))
        return u[part], weight[part], f[part]

    def _density(self, y: FloatArray, t: float) -> FloatArray:
        with np.errstate(under="ignore"):
            return np.exp(-0.5 * y) * (math.exp(-self.s * t) / math.sqrt(2 * math.pi))

    def _fit(
        self, u: FloatArray, mass: FloatArray, f: FloatArray, t: float
    ) -> tuple[FloatArray, float]:
        """f - g at u for the g that leaves the least mean square, and the integral of g m."""
        z = u * math.exp(-0.5 * t)
        even = z * z if self.s == 1.5 else np.ones_like(z)
        odd = even * z
        middle = int(u.searchsorted(0.0))
        left, right = slice(None, middle), slice(middle, None)
        with np.errstate(under="ignore"):
            by_even, by_odd = mass * even, mass * odd
            gram, against = np.zeros((3, 3)), np.zeros(3)
            for i, part in enumerate((left, right)):
                gram[i, i] = by_even[part] @ even[part]
                gram[i, 2] = gram[2, i] = by_even[part] @ odd[part]
                against[i] = by_even[part] @ f[part]
            gram[2, 2], against[2] = by_odd @ odd, by_odd @ f
        c = np.linalg.lstsq(gram, against, rcond=1e-14)[0]
        off = f - c[2] * odd
        off[left] -= c[0] * even[left]
        off[right] -= c[1] * even[right]
        return off, 0.5 * float(c[0] + c[1]) * math.exp(-(self.s - 0.5) * t)


class Jets:
    """I and its derivatives at points t, and bounds between each two, computed as far as asked.

    Attributes:
        moment: I.
        t: increasing, (points,).
        at: I and its derivatives: (ORDERS, points).
        bounds: on I and its derivatives: (BOUNDED, points - 1).
        known: how many of the points have been computed, from the first on.
        done: which of them have been, and which of the bounds: (2, points).
        inverse: e^-t.
    """

    def __init__(self, moment: LogMoment, t: FloatArray) -> None:
        self.moment, self.t, self.known = moment, t, 0
        self.inverse = np.exp(-t)
        self.at = np.zeros((ORDERS, t.size))
        self.bounds = np.zeros((BOUNDED, max(t.size - 1, 0)))
        self.done = np.zeros((2, t.size), dtype=bool)

    def up_to(self, count: int) -> Jets:
        """These, with at least ``count`` points computed."""
        if count > self.known:
            self._compute(self.known, count)
            self.known = count
        return self

    def _compute(self, first: int, count: int) -> None:
        for i in range(first, count):
            if not self.done[0, i]:
                self.at[:, i] = self.moment.jet(float(self.t[i]))
            if i and not self.done[1, i - 1]:
                ends = float(self.t[i - 1]), float(self.t[i])
                self.bounds[:, i - 1] = self.moment.bounds(*ends)
                self.done[1, i - 1] = True
        self.done[0, first:count] = True

    def part(self, first: int, count: int) -> Jets:
        """Those at the points from ``first`` to before ``count`` alone."""
        if count > self.known:
            self._compute(first, count)
        some = Jets(self.moment, self.t[first:count])
        some.at, some.bounds = self.at[:, first:count], self.bounds[:, first : count - 1]
        some.known = count - first
        return some


@dataclass(frozen=True)
class Term:
    """factor e^(-power t) I^(order)(t); without jets I is 1."""

    factor: float
    power: int = 0
    jets: Jets | None = None
    order: int = 0


class LogSum:
    """G(t) = a sum of terms, on the points of their jets from ``first`` on that are known."""

    def __init__(self, jets: Jets, terms: Sequence[Term], first: int = 0) -> None:
        self.index = np.arange(first, jets.known)
        self.t, self.terms = jets.t[first : jets.known], terms

    def at_points(self, index: slice | NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        """G and two derivatives at points of the grid, (3, points), and what they are rounded with.

        That is the sum of |factor| e^(-power t) |I|.
        """
        t = self.t[index]
        total, size = np.zeros((3, t.size)), np.zeros(t.size)
        for term in self.terms:
            jets = None if term.jets is None else term.jets.at[:, self.index[index]]
            total += _leibniz(term, jets, t)
            # Derivatives of I are rounded with I.
            whole = 1.0 if jets is None else np.abs(jets[0])
            size += abs(term.factor) * np.exp(-term.power * t) * whole
        return total, size

    def bounds(self, index: slice | NDArray[np.intp]) -> FloatArray:
        """Bounds on derivatives 2 to 4 of G in the cells right of points: (3, cells)."""
        t = self.t[index]
        total = np.zeros((3, t.size))
        for term in self.terms:
            factor = abs(term.factor) * np.exp(-term.power * t)
            for row, n in enumerate((2, 3, 4)):
                if term.jets is None:
                    total[row] += factor * term.power**n
                    continue
                for k in range(n + 1):
                    share = math.comb(n, k) * term.power ** (n - k)
                    if share:
                        bound = term.jets.bounds[k + term.order, self.index[index]]
                        total[row] += factor * share * bound
        return total

    def jet(self, t: float) -> FloatArray:
        """G and two derivatives at any t: (3,)."""
        total = np.zeros(3)
        at = np.array([t])
        for term in self.terms:
            jets = None if term.jets is None else term.jets.moment.jet(t)[:, None]
            total += _leibniz(term, jets, at)[:, 0]
        return total


def _leibniz(term: Term, jets: FloatArray | None, t: FloatArray) -> FloatArray:
    """The term and its first two derivatives at t: (3, points)."""
    p = term.power
    factor = term.factor * np.exp(-p * t)
    if jets is None:
        return np.stack([factor, -p * factor, p * p * factor])
    value, slope, curvature = jets[term.order : term.order + 3]
    return factor * np.stack([value, slope - p * value, curvature - 2 * p * slope + p * p * value])


def square_over_x(phi: Activation) -> LogMoment:
    """E[phi(sqrt(x) Z)^2]/x as a function of log x."""

    def nodes(x: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        try:
            tab = tabulation(phi, level(x))
        except TooFine as error:
            raise ValueError(
                f"activation {phi.name!r}: a fixed point is looked for down to x = {x:.3g}, where "
                f"{error}; allowed is a phi that keeps its digits there"
            ) from error
        return tab.u, tab.weight, tab.products[gaussian.SECOND]

    return LogMoment(nodes, 1.5)


def least_rise(jets: Jets) -> FloatArray:
    """The least of (d E[phi^2]/dt)/x between each two points of the jets of E[phi^2]/x.

    With R = E[phi^2]/x it is that of R + R', which lies between its values at the ends give or
    take step^2/8 times a bound on its second derivative.
    """
    slope = jets.at[0] + jets.at[1]
    step = np.diff(jets.t)
    slack = step * step / 8 * (jets.bounds[2] + jets.bounds[3])
    return np.minimum(slope[1:], slope[:-1]) - slack
