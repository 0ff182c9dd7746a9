"""The constants M_phi and C_{phi,delta} of Proposition 1.

M_phi = sup_{x >= 0} E|phi'(sqrt(x) Z)^2 + phi''(sqrt(x) Z) phi(sqrt(x) Z)|, in which a kink k
counts with |phi'(k+) - phi'(k-)| |phi(k)| times the density of N(0, x) at k.

C_{phi,delta} = sup over |x - y| <= delta and c in [0, 1] of E|phi'(U1) phi'(U2)|. By the
Cauchy-Schwarz inequality it is at most sup_x E[phi'(sqrt(x) Z)^2], and x = y, c = 1 attains that,
for every delta >= 0. So C_{phi,delta} = sup_x E[phi'(sqrt(x) Z)^2], without a second dimension.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from edgeofchaos.activations import Activation, activation
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray, ScalarFunction
from edgeofchaos.theory.searched import largest_variance
from edgeofchaos.theory.tabulation import (
    Z_MAX,
    Tabulation,
    atoms,
    build_tabulation,
    level,
    tabulation,
)
from edgeofchaos.theory.variance import extremum

_X = np.geomspace(1e-8, 1e8, 16 * 12 + 1)


@dataclass(frozen=True)
class Supremum:
    """A supremum over variances x >= 0.

    Attributes:
        value: the supremum; infinite where what it is of still grows at the largest x.
        at: the x where it is attained; 0 or infinity where it is approached as x tends there.
        error: an estimate of its error: of the refinement of a maximum on a grid of 16 x a decade,
            or the last change that extrapolation to infinity has made.
    """

    value: float
    at: float
    error: float


def contraction_constant(phi: Activation | str) -> Supremum:
    """M_phi (Proposition 1). Infinite where phi has a kink at 0 and phi(0) is not 0.

    For sigma_w^2 < 1/M_phi the variance map is a contraction.

    Raises:
        ValueError: the activation is unknown, or not smooth between its kinks.

    Example:
        >>> round(contraction_constant("relu").value, 12)
        0.5
    """
    phi = activation(phi)
    return _supremum(phi, lambda x: _absolute_moment(phi, x), _at_zero(phi))


def correlation_constant(phi: Activation | str) -> Supremum:
    """C_{phi,delta}, the same for every delta (Proposition 1; its formula is reconstructed).

    For sigma_w^2 < min(1/M_phi, 1/C_{phi,delta}) all correlations tend to 1.

    Raises:
        ValueError: the activation is unknown, or not smooth between its kinks.

    Example:
        >>> correlation_constant("tanh")
        Supremum(value=1.0, at=0.0, error=1e-10)
    """
    phi = activation(phi)
    at_zero = float(np.mean(phi.one_sided(0.0)[:, 1] ** 2))
    return _supremum(phi, lambda x: float(gaussian.slope_second_moment(phi, x)), at_zero)


def _at_zero(phi: Activation) -> float:
    """lim E|phi'^2 + phi'' phi| as x -> 0."""
    sides = phi.one_sided(0.0)
    jump = abs(sides[1, 1] - sides[0, 1])
    if jump > 1e-12 and abs(sides[0, 0]) > 1e-12:
        return math.inf
    return float(np.mean(np.abs(sides[:, 1] ** 2 + sides[:, 2] * sides[:, 0])))


def _supremum(phi: Activation, value: ScalarFunction, at_zero: float) -> Supremum:
    """sup over x of ``value``, whose limit at 0 is given; the one at infinity is extrapolated."""
    grid = _X[largest_variance(phi) > _X]
    values = np.array([value(float(x)) for x in grid])
    i = int(np.argmax(values))
    if at_zero >= values[i] * (1 - 1e-13):
        return Supremum(at_zero, 0.0, _refined(at_zero))
    if i == grid.size - 1:
        return _at_infinity([value(float(grid[-1] / 4.0**k)) for k in (2, 1, 0)])
    i = max(i, 1)
    low, high = math.log(grid[i - 1]), math.log(grid[i + 1])
    at, highest = extremum(lambda t: value(math.exp(t)), low, high)
    return Supremum(highest, math.exp(at), _refined(highest))


def _refined(value: float) -> float:
    """An estimate of the error of a maximum, refined to 1e-10 of log x."""
    return 1e-10 * max(value, 1.0)


def _at_infinity(last: list[float]) -> Supremum:
    """The limit of what grows up to the largest x, from its values there and at a 16th and a 4th.

    The approach to a limit goes like 1/sqrt(x), so that changes halve: one Richardson step takes
    that out. Where the last change is more than three quarters of the one before, growth goes on.
    """
    before, change = last[1] - last[0], last[2] - last[1]
    if change > 0.75 * before and change > 1e-12 * last[2]:
        return Supremum(math.inf, math.inf, 0.0)
    return Supremum(
        max(last[2] + change, last[2]), math.inf,
        abs(2 * change - before) + _refined(last[2]),
    )  # fmt: skip


def _absolute_moment(phi: Activation, q: float) -> float:
    """E|phi'^2 + phi'' phi| under N(0, q), with panels split where the integrand changes sign."""
    tab = _split_tabulation(phi, level(q))
    density = tab.density(np.array([q]))[0]
    with np.errstate(over="ignore", invalid="ignore"):
        integrand = np.abs(tab.slope**2 + tab.curvature * tab.phi)
    reach = np.abs(tab.u) <= Z_MAX * math.sqrt(q)
    at_kinks = np.abs(phi.slope_jumps * phi(np.array(phi.kinks))) if phi.kinks else np.zeros(0)
    return float(density[reach] @ integrand[reach]) + float(atoms(phi, q, at_kinks))


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
            brentq(lambda u: float(_signed(phi, np.array([u]))[0]), base.u[i], base.u[i + 1])
            for i in np.flatnonzero(change)
            if not ((kinks > base.u[i]) & (kinks < base.u[i + 1])).any()
        ]
        phi.cache[key] = build_tabulation(phi, j, np.array(roots))
    return phi.cache[key]


def _signed(phi: Activation, u: FloatArray) -> FloatArray:
    """phi'(u)^2 + phi''(u) phi(u)."""
    value, slope, curvature = phi.derivatives(u)
    return slope**2 + curvature * value
