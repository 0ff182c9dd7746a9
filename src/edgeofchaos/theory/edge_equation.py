"""The equation of the edge, h(q) = sigma_b^2 with h(q) = q - E[phi^2]/E[phi'^2].

At small q the two terms of h agree to many digits, which their difference would lose. So let
psi(u) = phi(u) - s u, where s is the slope phi'(0+) for u > 0 and phi'(0-) for u < 0. Integration
by parts gives

    h(q) E[phi'^2] = q E[psi'^2] - E[psi^2] - 2 q p(0) phi(0) (phi'(0+) - phi'(0-)),

with p the density of N(0, q), where the linear part of phi is gone. Where phi is steep at 0 for a
short stretch only, s is large and it is these terms that cancel; then the first form is taken.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from edgeofchaos.activations import Activation
from edgeofchaos.panels import is_constant, known_reach
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.grid import grid_moments
from edgeofchaos.theory.octaves import first_moments
from edgeofchaos.theory.roots import extremum, with_points
from edgeofchaos.theory.searched import GRID_STEP, log_grid
from edgeofchaos.theory.searched import searched as known

# What the reason ends in where there may be an edge beyond the variances that are searched.
NOT_SEARCHED = "where none is looked for"

# Where phi is constant about 0, E[phi'^2] comes from the far tail of N(0, q) alone as q -> 0. Once
# it is below this part of its value at 100 q, quadrature has fewer than 12 digits of it.
_RESOLVED = 1e-18
_AHEAD = round(math.log(100) / GRID_STEP)  # 100 q, in steps of the grid
# |h(q)|/q below this for all q: phi is ReLU-like or linear. h is of second order in what is left of
# phi without its linear part, which is rounded to 1e-16.
_HOMOGENEOUS = 1e-28
# Beyond the grid: there h is looked at before it is said that there is no edge. Its rounding, 1e-13
# q, outgrows what is of the order of sqrt(q), as h is of what tends to a ReLU-like phi.
_FAR = np.geomspace(1e11, 1e38, 28)
_FAR_NEGATIVE = _FAR[:10]
# phi is looked at here where E[phi'^2] is 0 at every q up to 1e10.
_FLAT = np.geomspace(1e-6, 1e6, 1201)
_ROWS = (gaussian.SLOPE2, gaussian.SECOND, gaussian.PSI2, gaussian.PSI_SLOPE2)
# The first form of h is taken where the terms of the second are so many times as large.
_LARGER = 10.0


def edge_equation(phi: Activation, q: ArrayLike) -> FloatArray:
    """h(q) = q - E[phi^2]/E[phi'^2] in the shape of q, without cancellation.

    On the edge h(q) = sigma_b^2. The formula is in the docstring of this module.
    """
    q = np.asarray(q, dtype=np.float64)[()]
    return _h(phi, q, gaussian.moments(phi, q, _ROWS))


def edge_equation_at(phi: Activation, q: float) -> float:
    """As :func:`edge_equation` at one q, faster, from :mod:`.octaves`."""
    return _h_of(q, _kink_term(phi), *first_moments(phi, q, len(_ROWS)))


def _h(phi: Activation, q: FloatArray, moments: FloatArray) -> FloatArray:
    kink = _kink_term(phi)
    columns = zip(np.ravel(q).tolist(), *moments.reshape(len(_ROWS), -1).tolist(), strict=True)
    return np.reshape([_h_of(x, kink, *column) for x, *column in columns], np.shape(q))[()]


def _h_of(
    q: float, kink_term: float, slope2: float, second: float, psi2: float, psi_slope2: float
) -> float:
    kink = kink_term * math.sqrt(q)
    larger = q * psi_slope2 + psi2 + abs(kink) > _LARGER * (q * slope2 + second)
    over = second if larger else q * psi_slope2 - psi2 - kink
    if slope2 == 0.0:  # to all digits; h is below -1e308 then
        return -math.inf if over else math.nan
    return q - over / slope2 if larger else over / slope2


def _kink_term(phi: Activation) -> float:
    """The last term of h E[phi'^2], over sqrt(q)."""
    if "kink_term" not in phi.cache:
        (value, left, _), (_, right, _) = phi.one_sided(0.0)
        phi.cache["kink_term"] = float(2 * value * (right - left) / math.sqrt(2 * math.pi))
    return phi.cache["kink_term"]


@dataclass(frozen=True)
class Scan:
    """h on monotone pieces: its values at log q, which are the grid and the extrema of h."""

    log_q: FloatArray
    h: FloatArray
    homogeneous: bool  # h = 0 for every q: phi is ReLU-like or linear


def scan(phi: Activation) -> Scan:
    """h from q = 1e-16 to 1e10, or where phi can be tabulated and E[phi'^2] is resolved."""
    if "edge_scan" not in phi.cache:
        phi.cache["edge_scan"] = _make_scan(phi)
    return phi.cache["edge_scan"]


def is_homogeneous(phi: Activation) -> bool:
    """Whether h(q) = 0 for every q of the grid, to rounding: phi is ReLU-like or linear there."""
    return scan(phi).homogeneous


def _make_scan(phi: Activation) -> Scan:
    moments = np.stack([grid_moments(phi, row) for row in _ROWS])
    grid = log_grid(phi)
    q = np.exp(grid)
    # Where phi is constant on an interval about 0, E[phi'^2] vanishes to all digits at small q.
    slope2 = moments[0]
    ahead = np.array([slope2[i : i + _AHEAD].max() for i in range(slope2.size)])
    resolved = (slope2 > _RESOLVED * ahead) & (slope2 > 0)
    if not resolved.all():
        if not resolved[-1]:
            return Scan(grid, np.full(q.size, -np.inf), False)
        first = int(np.flatnonzero(~resolved)[-1]) + 1
        grid, q, moments = grid[first:], q[first:], moments[:, first:]
    h = _h(phi, q, moments)
    if np.abs(h / q).max() < _HOMOGENEOUS:
        return Scan(grid, np.zeros(q.size), True)
    steps = np.diff(h)
    # An extremum inside a cell could hide two roots: put it on the grid.
    extrema = [
        extremum(
            lambda t: float(edge_equation(phi, math.exp(t))), grid[i - 1], grid[i + 1],
            1.0 if h[i] > h[i - 1] else -1.0,
        )
        for i in np.flatnonzero(steps[:-1] * steps[1:] < 0) + 1
    ]  # fmt: skip
    return Scan(*with_points(grid, h, extrema), False)


def searched(phi: Activation) -> str:
    """Between which q an edge is looked for, in words."""
    low, high = (math.exp(t) for t in scan(phi).log_q[[0, -1]])
    ends = "; ".join(filter(None, (known(phi).below, known(phi).beyond)))
    return f"from {low:.0e} to {high:.0e}" + (f" (not further: {ends})" if ends else "")


def goes_on(phi: Activation) -> bool:
    """Whether h stays 0 (up to q = 1e38) or negative (up to 1e20); False if it is not known."""
    if "edge_goes_on" not in phi.cache:
        try:
            with np.errstate(all="ignore"):
                if is_homogeneous(phi):
                    so = np.abs(edge_equation(phi, _FAR) / _FAR) < _HOMOGENEOUS
                else:
                    so = edge_equation(phi, _FAR_NEGATIVE) < 0
            phi.cache["edge_goes_on"] = bool(so.all())
        except ValueError:  # phi is not to be followed so far
            phi.cache["edge_goes_on"] = False
    return phi.cache["edge_goes_on"]


def flat(phi: Activation) -> str:
    """In words, that E[phi'^2] is 0 at every variance that is searched; empty where it is not."""
    if grid_moments(phi, gaussian.SLOPE2).any():
        return ""
    u = np.concatenate([_FLAT, -_FLAT])
    u = u[np.abs(u) <= known_reach(phi).end]
    value = phi(u)
    if not is_constant(value):
        return "E[phi'^2] is 0 to all digits"
    return (
        f"E[phi'^2] is 0 to all digits, as phi is constant, {value[0]:.6g}, for |u| <= "
        f"{np.abs(u).max():.3g}"
    )


def why_none(phi: Activation, sigma_b: float) -> str:
    """What is said where h(q) = sigma_b^2 has no solution among the q that are searched."""
    h, log_q = scan(phi).h, scan(phi).log_q
    best = int(np.argmax(h))
    highest, at = float(h[best]), math.exp(log_q[best])
    if -math.inf < highest <= 0 and not is_homogeneous(phi) and goes_on(phi):
        return (
            f"{phi.name}: no edge at any sigma_b: q - E[phi^2]/E[phi'^2] is negative at every q "
            f"that is looked at {searched(phi)} (at most {highest:.4g}) and on to "
            f"{_FAR_NEGATIVE[-1]:.0e}"
        )
    if highest == -math.inf:
        why = "there " + (flat(phi) or "E[phi'^2] is 0 to all digits")
    elif is_homogeneous(phi):
        why = "there phi is ReLU-like or linear"
    elif highest <= 0:
        why = "there q - E[phi^2]/E[phi'^2] is negative"
    elif highest < sigma_b**2:
        why = f"the largest sigma_b there is {math.sqrt(highest):.6g}, at q = {at:.4g}"
    else:
        why = f"the least sigma_b there is {math.sqrt(max(float(h.min()), 0.0)):.6g}"
    return (
        f"{phi.name}: no edge at sigma_b = {sigma_b:g} has q {searched(phi)} ({why}); it may have "
        f"one outside, {NOT_SEARCHED}"
    )
