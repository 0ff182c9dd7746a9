"""Five expectations at every variance of an octave [2^k, 2^(k+1)), as polynomials in log q.

A sum over the nodes u_i of quadrature, with t = log q,

    I(t) = sum_i w_i f(u_i) m(u_i, t),    m(u, t) = exp(-t/2 - u^2 e^-t/2)/sqrt(2 pi),

is an analytic function of t. At t = a + ib, |b| < pi/2, the exponent has the real part -a/2 -
u^2 e^-a cos(b)/2, so that

    |I(a + ib)| <= cos(b)^(-1/2) J(a - log cos b),    J(t) = sum_i w_i |f(u_i)| m(u_i, t),

and e^(t/2) J(t) does not fall. Let c be the middle of the octave and h half its width in t. On the
ellipse with foci c - h and c + h and half axes A along t and B across it, with rho = (A + B)/h,

    |I| <= M = cos(B)^(-1/2) e^A J(c + A - log cos B),

and the polynomial of degree n through n + 1 Chebyshev points of the octave is off by at most
4 M rho^-n/(rho - 1) (Trefethen, *Approximation Theory and Approximation Practice*, Theorem 8.2).
Where that is more than 1e-15 of I anywhere in the octave the polynomial is not used, and nodes are
summed at each q.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.polynomial import chebyshev

from edgeofchaos.activations import Activation
from edgeofchaos.panels import TooFine
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.tabulation import Tabulation, atoms, kink_weights, level, tabulation

_DEGREE = 24  # n
_POWERS = np.arange(_DEGREE + 1.0)
_HALF = 0.5 * math.log(2)  # h
_ACROSS = 1.3  # B
_ALONG = math.hypot(_HALF, _ACROSS)  # A
_RHO = (_ALONG + _ACROSS) / _HALF
_OFF = 1e-15  # of an expectation, which the polynomial may be off by
_DROPPED = 1e-15  # of it, which the highest coefficients that are left out may add up to
# M rho^-n 4/(rho - 1) for J = 1.
_BOUND = 4 * _RHO**-_DEGREE / (_RHO - 1) * math.exp(_ALONG) / math.sqrt(math.cos(_ACROSS))

_ROWS = (
    gaussian.SLOPE2, gaussian.SECOND, gaussian.PSI2, gaussian.PSI_SLOPE2, gaussian.CURVATURE_PHI,
)  # fmt: skip
_SIZES = [0, 1, 2, 3, 5]  # the rows of the sums that hold J of each


class Moments(NamedTuple):
    """E[phi'^2], E[phi^2], E[psi^2], E[psi'^2] and E[phi'' phi], atoms included, at one variance.

    psi is phi less its linear parts at 0 (:mod:`edgeofchaos.theory.edge_equation`).
    """

    slope2: float
    second: float
    psi2: float
    psi_slope2: float
    curvature_phi: float


def moments_at(phi: Activation, q: float) -> Moments:
    """The five expectations under N(0, q), to the accuracy of :func:`.gaussian.moments`.

    Raises:
        ValueError: as :func:`.gaussian.moments`.

    Example:
        >>> from edgeofchaos import activation
        >>> round(moments_at(activation("relu"), 4.0).second, 12)
        2.0
    """
    return Moments(*first_moments(phi, q, len(_ROWS)))


def first_moments(phi: Activation, q: float, count: int) -> list[float]:
    """The first ``count`` of :class:`Moments`."""
    mantissa, exponent = math.frexp(q)
    kept = phi.cache.get("octaves")
    if kept is None:
        kept = phi.cache["octaves"] = {}
    if exponent not in kept:
        kept[exponent] = _polynomials(phi, exponent)
    polynomials = kept[exponent]
    if polynomials is None:
        found = gaussian.moments(phi, q, _ROWS[:count]).tolist()
        if count == len(_ROWS):
            found[-1] += float(atoms(phi, q, kink_weights(phi)))
        return found
    x = math.log(mantissa) / _HALF + 1.0
    return polynomials.dot(x**_POWERS).tolist()[:count]


def _polynomials(phi: Activation, exponent: int) -> FloatArray | None:
    """Coefficients of the five, lowest powers of (t - c)/h first, for [2^(k-1), 2^k).

    None where they are not certain.
    """
    try:
        low, high = math.ldexp(0.5, exponent), math.ldexp(1.0, exponent)
        j = level(low)
        tab = tabulation(phi, j)
    except (TooFine, ValueError):
        return None
    if not tab.certain_to(high):
        return None
    points, to_chebyshev, to_powers = _interpolation()
    # e^t at the points and, last, where J bounds I on the ellipse.
    factors = np.append(_HALF * (1 + points), _HALF + _ALONG - math.log(math.cos(_ACROSS)))
    sums = _sums(phi, tab, high, low * np.exp(factors))
    values, sizes = sums[: len(_ROWS), :-1], np.abs(sums[_SIZES])
    least = sizes[:, :-1].min(axis=1)
    if not (_BOUND * sizes[:, -1] <= _OFF * least).all():
        return None
    found = np.zeros((len(_ROWS), _DEGREE + 1))
    for row, c, size in zip(found, values @ to_chebyshev, least, strict=True):
        rest = np.cumsum(np.abs(c[::-1]))[::-1]
        kept = max(1, int((rest > _DROPPED * size).sum()))
        row[:kept] = to_powers[:kept, :kept] @ c[:kept]
    return found


def _sums(phi: Activation, tab: Tabulation, high: float, q: FloatArray) -> FloatArray:
    """The five sums over the nodes of N(0, high), and that of |phi'' phi|, at each q: (6, q)."""
    part = tab.within(high)
    jumps = kink_weights(phi)
    u = np.concatenate([tab.u[part], phi.kinks])
    f = np.zeros((len(_ROWS), u.size))
    nodes = u.size - jumps.size
    f[:, :nodes] = tab.products[list(_ROWS), part] * tab.weight[part]
    f[-1, nodes:] = jumps
    with np.errstate(under="ignore"):
        density = np.exp((u * u)[:, None] * (-0.5 / q)) / np.sqrt(2 * math.pi * q)
    return np.concatenate([f, np.abs(f[-1:])]) @ density


@cache
def _interpolation() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Chebyshev points, and the matrices from values there to coefficients and on to powers."""
    count = _DEGREE + 1
    # cos(k (2 i + 1) pi/(2 count)), the whole number in it reduced: T_k is rounded once so.
    steps = np.outer(2 * np.arange(count) + 1, np.arange(count)) % (4 * count)
    cosines = np.cos(steps * (math.pi / (2 * count)))
    points, to_chebyshev = cosines[:, 1], cosines * (2.0 / count)
    to_chebyshev[:, 0] /= 2
    to_powers = np.zeros((count, count))
    for k, row in enumerate(np.eye(count)):
        powers = chebyshev.cheb2poly(row)
        to_powers[: powers.size, k] = powers
    return points, to_chebyshev, to_powers
