"""The constants M_phi and C_{phi,delta} of Proposition 1.

M_phi = sup_{x >= 0} E|phi'(sqrt(x) Z)^2 + phi''(sqrt(x) Z) phi(sqrt(x) Z)|, in which a kink k
counts with |phi'(k+) - phi'(k-)| |phi(k)| times the density of N(0, x) at k.

C_{phi,delta} = sup over |x - y| <= delta and c in [0, 1] of E|phi'(U1) phi'(U2)|. By the
Cauchy-Schwarz inequality it is at most sup_x E[phi'(sqrt(x) Z)^2], and x = y, c = 1 attains that,
for every delta >= 0. So C_{phi,delta} = sup_x E[phi'(sqrt(x) Z)^2], without a second dimension.

Both are suprema of L(x) = E[g(sqrt(x) Z)] for a g >= 0. Between two x a step h apart in log x, L is
at most the larger of its two values plus h^2/8 times a bound on its second derivative
(log_moments.py); steps in which that exceeds the largest value found are halved until none does by
more than 1e-10. As x -> infinity L tends to what the mean of g over [U, 2 U] and [-2 U, -U] does,
and beyond all bounds where that does.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.log_moments import LogMoment, Nodes
from edgeofchaos.theory.roots import bracketed_root
from edgeofchaos.theory.searched import log_grid
from edgeofchaos.theory.tabulation import (
    Z_MAX,
    Tabulation,
    build_tabulation,
    kink_weights,
    level,
    tabulation,
)

_CLOSE = 1e-10  # of the supremum: to which it is found
_MOMENT_ERROR = 1e-12  # of gaussian.py, relative
_BESIDE = 1e-3  # within which of its log x a maximum has been found
_MOST = 3000  # steps that are halved
_SETTLED = 1e-11  # changes of a mean from octave to octave, relative, that count as none
# A mean over octaves converges where its changes shrink by this an octave, and diverges where they
# do not by that: as for powers and logarithms of u. Between the two it is not decided.
_CONVERGES, _DIVERGES = 0.85, 0.97


@dataclass(frozen=True)
class Supremum:
    """A supremum over variances x >= 0.

    Attributes:
        value: the supremum; infinite where what it is of grows without bound as x -> infinity.
        at: the x where it is attained; 0 or infinity where it is approached as x tends there.
        error: a bound on how far the supremum is from ``value``. It holds for x up to the largest
            variance that phi can be tabulated for (1e10 at most). What comes beyond is judged by
            how the mean over an octave of arguments changes over the last six octaves, which no
            finite number of values proves: with ``at`` infinite, value and error are estimates.
            Infinite where the means do not tell; ``value`` is then the largest value found.
    """

    value: float
    at: float
    error: float

    @property
    def most(self) -> float:
        """The most that the supremum can be; infinite where it is not known."""
        return self.value + self.error


def contraction_constant(phi: Activation | str) -> Supremum:
    """M_phi (Proposition 1). Infinite where phi has a kink at 0 and phi(0) is not 0.

    Infinite as well where the integral of |phi'' phi| over [-U, U] grows faster than U, as for
    x + sin(x). For sigma_w^2 < 1/M_phi the variance map is a contraction.

    Raises:
        ValueError: the activation is unknown, or not smooth between its kinks.

    Example:
        >>> round(contraction_constant("relu").value, 12)
        0.5
    """
    phi = activation(phi)
    sides = phi.one_sided(0.0)
    jump = abs(sides[1, 1] - sides[0, 1])
    if jump > 1e-12 and abs(sides[0, 0]) > 1e-12:
        return Supremum(math.inf, 0.0, 0.0)

    def nodes(x: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        tab = _split_tabulation(phi, level(x))
        with np.errstate(over="ignore", invalid="ignore"):
            return tab.u, tab.weight, np.abs(tab.slope**2 + tab.curvature * tab.phi)

    weights = np.abs(kink_weights(phi))
    atoms = [(k, float(w)) for k, w in zip(phi.kinks, weights, strict=True) if w and k]
    return _supremum(phi, nodes, np.abs(sides[:, 1] ** 2 + sides[:, 2] * sides[:, 0]), atoms)


def correlation_constant(phi: Activation | str) -> Supremum:
    """C_{phi,delta}, the same for every delta (Proposition 1; its formula is reconstructed).

    For sigma_w^2 < min(1/M_phi, 1/C_{phi,delta}) all correlations tend to 1.

    Raises:
        ValueError: the activation is unknown, or not smooth between its kinks.

    Example:
        >>> found = correlation_constant("tanh")
        >>> found.value, found.at, found.error < 2e-10
        (1.0, 0.0, True)
    """
    phi = activation(phi)

    def nodes(x: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        tab = tabulation(phi, level(x))
        return tab.u, tab.weight, tab.products[gaussian.SLOPE2]

    return _supremum(phi, nodes, phi.one_sided(0.0)[:, 1] ** 2, [])


def _supremum(
    phi: Activation, nodes: Nodes, beside_zero: FloatArray, atoms: list[tuple[float, float]]
) -> Supremum:
    """sup over x of E[g(sqrt(x) Z)], with g at 0- and 0+ given."""
    t = log_grid(phi)
    far, uncertain = _at_infinity(nodes, atoms, math.exp(t[-1]))
    if far == math.inf:
        return Supremum(math.inf, math.inf, 0.0)
    value, at, error = _largest(LogMoment(nodes, 0.5, atoms), t)
    at_zero = float(np.mean(beside_zero))
    if at_zero >= value * (1 - 1e-13):
        below = _beside_zero(nodes, beside_zero, atoms, math.exp(t[0]))
        value, at, error = at_zero, 0.0, max(error, below)
    if math.isinf(uncertain):
        return Supremum(value, at, math.inf)
    if far > value + error or (at == math.exp(t[-1]) and far >= value):
        value, at, error = far, math.inf, max(error, uncertain)
    return Supremum(value, at, error + _MOMENT_ERROR * value)


def _largest(moment: LogMoment, t: FloatArray) -> tuple[float, float, float]:
    """The largest value over [t_1, t_n], its place e^t, and a bound on what exceeds it."""
    values = [float(moment.jet(float(x))[0]) for x in t]
    best = int(np.argmax(values))
    value, place = values[best], float(t[best])
    steps = []
    for i in range(t.size - 1):
        a, b = float(t[i]), float(t[i + 1])
        bound = float(moment.bounds(a, b)[2])
        most = max(values[i], values[i + 1]) + (b - a) ** 2 / 8 * bound
        steps.append((-most, a, b, values[i], values[i + 1]))
    heapq.heapify(steps)
    for _ in range(_MOST):
        most, a, b, left, right = steps[0]
        if -most <= value * (1 + _CLOSE):
            break
        middle = 0.5 * (a + b)
        centre = float(moment.jet(middle)[0])
        if centre > value:
            value, place = centre, middle
        heapq.heappop(steps)
        for low, high, first, last in ((a, middle, left, centre), (middle, b, centre, right)):
            bound = float(moment.bounds(low, high)[2])
            most = max(first, last) + (high - low) ** 2 / 8 * bound
            heapq.heappush(steps, (-most, low, high, first, last))
    error = max(-steps[0][0] - value, 0.0)
    low, high = max(place - _BESIDE, float(t[0])), min(place + _BESIDE, float(t[-1]))
    if moment.jet(low)[1] > 0 > moment.jet(high)[1]:
        place = bracketed_root(lambda x: float(moment.jet(x)[1]), low, high)
        value = max(value, float(moment.jet(place)[0]))
    return value, math.exp(place), error


def _beside_zero(
    nodes: Nodes, limits: FloatArray, atoms: list[tuple[float, float]], x: float
) -> float:
    """A bound on how far E[g] exceeds its limit at variances below x: by the most that g does."""
    u, _, g = nodes(x)
    near = np.abs(u) <= Z_MAX * math.sqrt(x)
    above = max(float((g - limit)[near & side].max(initial=0.0))
                for limit, side in zip(limits, (u < 0, u > 0), strict=True))  # fmt: skip
    # The density of N(0, x) at k is largest at x = k^2.
    kinks = sum(w / (abs(k) * math.sqrt(2 * math.pi * math.e)) for k, w in atoms if k * k < x)
    return above + kinks


def _at_infinity(nodes: Nodes, atoms: list[tuple[float, float]], x: float) -> tuple[float, float]:
    """The limit of E[g] as the variance grows, from what is seen up to x, and its error.

    It is the mean of what the means of g over [2^k, 2^(k+1)] and [-2^(k+1), -2^k] tend to.
    """
    u, weight, g = nodes(x)
    last = math.floor(math.log2(Z_MAX * math.sqrt(x)))
    found = []
    for sign in (-1.0, 1.0):
        means = []
        for k in range(last - 7, last):
            low, high = 2.0**k, 2.0 ** (k + 1)
            inside = (sign * u > low) & (sign * u < high)
            masses = sum(w for point, w in atoms if low <= sign * point < high)
            means.append((float(weight[inside] @ g[inside]) + masses) / low)
        found.append(_tends_to(np.array(means)))
    (left, left_error), (right, right_error) = found
    if math.inf in (left, right):  # one side is enough
        return math.inf, 0.0
    return 0.5 * (left + right), 0.5 * (left_error + right_error)


def _tends_to(means: FloatArray) -> tuple[float, float]:
    """What seven numbers in a row go on to, and an estimate of its error: infinite if unclear."""
    changes = np.diff(means)
    before, now = float(np.abs(changes[:3]).max()), float(np.abs(changes[3:]).max())
    if now <= _SETTLED * float(np.abs(means).max()) or now == 0.0:
        return float(means[-1]), now
    shrinks = (now / before) ** (1 / 3) if before > 0 else math.inf
    if shrinks <= _CONVERGES:
        left = float(changes[-1]) * shrinks / (1 - shrinks)
        return float(means[-1]) + left, now * shrinks / (1 - shrinks)
    grows = bool((changes[3:] > 0).all())
    return (math.inf, 0.0) if grows and shrinks >= _DIVERGES else (math.nan, math.inf)


def _split_tabulation(phi: Activation, j: int) -> Tabulation:
    """The tabulation of phi with panels that end where phi'^2 + phi'' phi changes its sign."""
    key = ("split tabulation", j)
    if key not in phi.cache:
        base = tabulation(phi, j)
        signed = _signed(phi, base.u)
        size = np.abs(signed).max()
        change = (np.sign(signed[1:]) * np.sign(signed[:-1]) < 0) & (
            np.abs(signed[1:] - signed[:-1]) > 1e-12 * size
        )
        kinks = np.array(phi.kinks)
        roots = [
            bracketed_root(
                lambda u: float(_signed(phi, np.array([u]))[0]), base.u[i], base.u[i + 1]
            )
            for i in np.flatnonzero(change)
            if not ((kinks > base.u[i]) & (kinks < base.u[i + 1])).any()
        ]
        phi.cache[key] = build_tabulation(phi, j, np.array(roots))
    return phi.cache[key]


def _signed(phi: Activation, u: FloatArray) -> FloatArray:
    """phi'(u)^2 + phi''(u) phi(u)."""
    value, slope, curvature = phi.derivatives(u)
    return slope**2 + curvature * value
