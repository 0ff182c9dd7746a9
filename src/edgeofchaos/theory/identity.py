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
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.edge import EdgePoint, edge_curve

# sigma_b falls by a factor of 4 from one point of the extrapolation to the next.
_SIGMA_BS = 0.02 * 0.25 ** np.arange(7)
_SMALL_Q = 0.1  # the last q has to be below this for an extrapolation to q = 0
_ROUNDING = 1e-14


@dataclass(frozen=True)
class Limit:
    """An extrapolated limit.

    Attributes:
        value: the limit.
        error: an estimate of its error.
        expected: the value that theory gives.
    """

    value: float
    error: float
    expected: float


def identity_distance(phi: Activation | str, point: EdgePoint) -> float:
    """sup over [0, 1] of |f(c) - c| at an edge point: f(0) = (sigma_b^2 + sigma_w^2 E[phi]^2)/q.

    At q = 0 it is the limit q -> 0 of that.

    Raises:
        ValueError: the point has no q (status ``none``), or the activation is unknown.

    Example:
        >>> from edgeofchaos import edge_point
        >>> round(identity_distance("tanh", edge_point("tanh", 0.2)), 6)
        0.078113
    """
    phi = activation(phi)
    if point.q == 0.0:
        return identity_distance_at_zero(phi)
    mean = float(gaussian.mean(phi, point.q))
    return (point.sigma_b**2 + point.sigma_w**2 * mean**2) / point.q


def identity_distance_at_zero(phi: Activation | str) -> float:
    """The limit q -> 0 of sup|f(c) - c| on the edge, from the one-sided slopes s+ and s- of phi.

    It is (s+ - s-)^2/(pi (s+^2 + s-^2)), for a phi with phi(0) = 0: phi(sqrt(q) z)/sqrt(q) tends to
    the ReLU-like function with slopes s+ and s-, and f(0) to that function's. It is 0 exactly
    where phi is differentiable at 0. NaN where both slopes are 0.

    Example:
        >>> identity_distance_at_zero("tanh"), round(identity_distance_at_zero("selu"), 5)
        (0.0, 0.03797)
    """
    left, right = activation(phi).one_sided(0.0)[:, 1]
    return float((right - left) ** 2 / (math.pi * (right**2 + left**2)))


def identity_distance_limit(phi: Activation | str) -> Limit | None:
    """The limit of sup|f(c) - c| as sigma_b -> 0 along the edge (Proposition 4), extrapolated.

    f(0) is a power series in sqrt(q). Neville's scheme extrapolates it to q = 0 from seven edge
    points; the error is the change made by the last order that still reduced the change.

    Returns:
        The limit, or None where there is no edge as sigma_b -> 0, or q does not go to 0 there
        (Proposition 4 needs both).

    Example:
        >>> limit = identity_distance_limit("selu")
        >>> round(limit.value, 5), round(limit.expected, 5)
        (0.03797, 0.03797)
    """
    phi = activation(phi)
    points = [p for p in edge_curve(phi, _SIGMA_BS) if p.status != "none"]
    if len(points) < _SIGMA_BS.size or points[-1].q > _SMALL_Q:
        return None
    t = np.array([math.sqrt(p.q) for p in points])
    column = np.array([identity_distance(phi, p) for p in points])
    best, error = column[-1], abs(column[-1] - column[-2])
    for order in range(1, len(t)):
        column = (t[:-order] * column[1:] - t[order:] * column[:-1]) / (t[:-order] - t[order:])
        change = abs(column[-1] - best)
        if change > error:
            break
        best, error = column[-1], change
    expected = identity_distance_at_zero(phi)
    return Limit(float(best), float(max(error, _ROUNDING)), expected)
