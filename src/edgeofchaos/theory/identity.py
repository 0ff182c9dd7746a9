"""How far the correlation map is from the identity on the edge: sup over [0, 1] of |f(c) - c|.

f is a power series in c with coefficients >= 0, so f' is increasing. On the edge f'(1) = 1, so
that f(c) - c decreases on [0, 1] to 0 at c = 1, and its supremum is f(0). Proposition 4 says that
it tends to 0 as sigma_b -> 0 along the edge. That is so only where phi is differentiable at 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.panels import ORDER, RESOLVED_FROM, panel_nodes
from edgeofchaos.panels.legendre import to_coefficients
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.edge import EdgePoint, edge_or_none
from edgeofchaos.theory.edge_equation import edge_equation
from edgeofchaos.theory.points import on_edge
from edgeofchaos.theory.searched import log_grid
from edgeofchaos.theory.tabulation import Z_MAX

_QS = 10.0 ** -np.arange(8.0, 26.0, 2.0)  # variances, one of which the limit is read at
_OCTAVES = (-200, -9)  # from 2^-200 = 6e-61 to 12 of the largest standard deviation
_UNRESOLVED = 100.0
_SETTLED = 1e-4  # of f(0): phi' deviates from its limits at 0 by no more than about as much
_SMALL_SIGMA_B = 1e-6  # at which there has to be an edge
_ROUNDING = 1e-14
_NEAR = 1e-3  # where phi' is looked at for its size, should it be 0 at 0


@dataclass(frozen=True)
class Limit:
    """A limit, read at a small variance.

    Attributes:
        value: what is there.
        error: a bound on how far that is from the limit, for a phi whose phi' is what Legendre
            polynomials of an octave resolve, and settles below 6e-61 if it has above.
        expected: the value that theory gives.
    """

    value: float
    error: float
    expected: float


def identity_distance(phi: Activation | str, point: EdgePoint) -> float:
    """sup over [0, 1] of |f(c) - c| at an edge point: f(0) = (sigma_b^2 + sigma_w^2 E[phi]^2)/q.

    At q = 0 it is the limit q -> 0 of that.

    Raises:
        ValueError: the point has no q (status ``none``) or is none of this activation's edge, or
            the activation is unknown.

    Example:
        >>> from edgeofchaos import edge_point
        >>> round(identity_distance("tanh", edge_point("tanh", 0.2)), 6)
        0.078113
    """
    phi = activation(phi)
    q, sigma_b, sigma_w = on_edge(phi, point)
    if q == 0.0:
        return identity_distance_at_zero(phi)
    mean = float(gaussian.mean(phi, q))
    return (sigma_b**2 + sigma_w**2 * mean**2) / q


def identity_distance_at_zero(phi: Activation | str) -> float:
    """The limit q -> 0 of sup|f(c) - c| on the edge, from the one-sided slopes s+ and s- of phi.

    It is (s+ - s-)^2/(pi (s+^2 + s-^2)), for a phi with phi(0) = 0: phi(sqrt(q) z)/sqrt(q) tends to
    the ReLU-like function with slopes s+ and s-, and f(0) to that function's. It is 0 exactly
    where phi is differentiable at 0. NaN where both slopes are 0.

    Raises:
        ValueError: the activation is unknown.

    Example:
        >>> identity_distance_at_zero("tanh"), round(identity_distance_at_zero("selu"), 5)
        (0.0, 0.03797)
    """
    left, right = activation(phi).one_sided(0.0)[:, 1]
    if left == 0 == right:
        return math.nan
    return float((right - left) ** 2 / (math.pi * (right**2 + left**2)))


def jump_at_zero(phi: Activation) -> float:
    """phi'(0+) - phi'(0-)."""
    left, right = phi.one_sided(0.0)[:, 1]
    return float(right - left)


def differentiable_at_zero(phi: Activation) -> bool:
    """Whether phi has one slope at 0, but for rounding."""
    left, right = phi.one_sided(0.0)[:, 1]
    near = np.abs(phi.derivatives([-_NEAR, _NEAR])[1])
    return bool(abs(right - left) <= _ROUNDING * max(abs(left), abs(right), *near))


def reaches_zero(phi: Activation, q: float) -> bool:
    """Whether the edge goes on from variance ``q`` down to 0: h > 0 for smaller ones.

    As far as those are searched: to 1e-16, or to where rounding leaves too few digits of phi.

    To rounding: for Hard-Tanh h is of the order of exp(-1/(2q)), and q falls like 1/log.
    """
    below = np.exp(log_grid(phi))
    below = below[below < q]
    # Not h/q, which overflows where phi' is next to 0 close to 0. NaN compares as not positive.
    return bool((edge_equation(phi, below) > -_ROUNDING * below).all())


def identity_distance_limit(phi: Activation | str) -> Limit | None:
    """The limit of sup|f(c) - c| as sigma_b -> 0 along the edge (Proposition 4), with a bound.

    f(0) = (h(q) + E[phi]^2/E[phi'^2])/q is read at the variance, of several, at which
    ``_distance_to_limit`` is least. Where phi' has not settled at any of them, the error says
    so.

    That q goes to 0 is seen from 1e-16 on (``reaches_zero``).

    Returns:
        The limit, or None where no edge is found at sigma_b = 1e-6, q does not go to 0 below it, or
        both slopes at 0 are 0 (Proposition 4 needs all of these).

    Raises:
        ValueError: the activation is unknown.

    Example:
        >>> limit = identity_distance_limit("selu")
        >>> round(limit.value, 5), round(limit.expected, 5)
        (0.03797, 0.03797)
    """
    phi = activation(phi)
    point = edge_or_none(phi, _SMALL_SIGMA_B)
    slopes = phi.one_sided(0.0)[:, 1]
    if point.status == "none" or not slopes.any() or not reaches_zero(phi, point.q):
        return None
    bounds = _bounds(phi)
    at = int(np.argmin(bounds))
    if not math.isfinite(bounds[at]):
        return Limit(math.nan, math.inf, identity_distance_at_zero(phi))
    q = float(_QS[at])
    mean, slope2 = gaussian.moments(phi, q, [gaussian.MEAN, gaussian.SLOPE2])
    value = (float(edge_equation(phi, q)) + mean**2 / slope2) / q
    # f(0) is made of quotients of three moments.
    error = bounds[at] + 4 * gaussian.relative_error(phi, q)
    return Limit(float(value), error, identity_distance_at_zero(phi))


def settled(phi: Activation) -> bool | None:
    """Whether phi' has a limit at 0 from either side, to 1e-4; None where that is not seen."""
    return True if min(_bounds(phi)) < _SETTLED else None


def _bounds(phi: Activation) -> list[float]:
    """:func:`_distance_to_limit` at each of _QS, infinite where expectations are not known."""
    known = [math.isfinite(gaussian.relative_error(phi, float(q))) for q in _QS]
    return [
        _distance_to_limit(phi, float(q)) if so else math.inf
        for q, so in zip(_QS, known, strict=True)
    ]


def _distance_to_limit(phi: Activation, q: float) -> float:
    """A bound on |f(0) at q - its limit as q -> 0|, infinite where none is found.

    Let d be the most that phi' differs from its one-sided limit at 0, s+ or s-, within 12 standard
    deviations, s the larger of |s+|, |s-|, and M = (s+^2 + s-^2)/2. Then |phi(u) - s u| <= d|u|, so
    that E[phi'^2] and E[phi^2]/q are off their limit M by at most k = d(2s + d), and E[phi]^2/q by
    at most 2k/pi. f(0) is 1 less the quotient of E[phi^2]/q - E[phi]^2/q, which is at most
    E[phi'^2], and E[phi'^2]. What phi(u) - s u exceeds d|u| by is rounding, and is added.
    """
    octaves, deviations, nodes, gaps = _beside_zero(phi)
    inside = octaves < Z_MAX * math.sqrt(q)
    slopes = phi.one_sided(0.0)[:, 1]
    size, mean_square = float(np.abs(slopes).max()), float(np.mean(slopes**2))
    d = float(deviations[:, inside].max())
    over = (gaps - d * nodes)[:, inside]
    rounding = max(float(over.max()) / math.sqrt(q), 0.0)
    k = d * (2 * size + d)
    of_rounding = rounding * (2 * (size + d) + rounding)
    if not k < mean_square:
        return math.inf
    return float(((2 + 2 / math.pi) * k + 2 * of_rounding) / (mean_square - k))


def _beside_zero(phi: Activation) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """phi and phi' against their linear part at 0, octave by octave from 1e-60 to 1e-3.

    On an octave phi' is a sum of a_k P_k with Legendre polynomials |P_k| <= 1, so that it is off s
    by at most |a_0 - s| + |a_1| + |a_2| + ...; what 24 nodes do not resolve is a hundred times
    the largest a_k from the 16th on, and added.

    Returns:
        The lower ends of the octaves, (octaves,); how far phi' is off s at most, (2, octaves), left
        of 0 first; |u| at the nodes, (octaves, 24), and |phi - phi(0) - s u|, (2, octaves, 24).
    """
    if "beside_zero" not in phi.cache:
        ends = np.exp2(np.arange(_OCTAVES[0], _OCTAVES[1] + 1, dtype=np.float64))
        nodes = panel_nodes(ends[:-1], ends[1:])[0]
        at_zero, deviations, gaps = float(phi(0.0)), [], []
        for side, slope in zip((-1, 1), phi.one_sided(0.0)[:, 1], strict=True):
            value, first, _ = phi.derivatives(side * nodes)
            a = (first - slope) @ to_coefficients(ORDER).T
            tail = np.abs(a[:, RESOLVED_FROM:]).max(axis=1)
            deviations.append(np.abs(a).sum(axis=1) + _UNRESOLVED * tail)
            gaps.append(np.abs(value - at_zero - slope * side * nodes))
        phi.cache["beside_zero"] = ends[:-1], np.array(deviations), nodes, np.array(gaps)
    return phi.cache["beside_zero"]
