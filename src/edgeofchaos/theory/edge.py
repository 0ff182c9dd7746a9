"""The edge of chaos: from sigma_b to the (sigma_w, q) with chi_1 = 1 and F(q) = q.

On the edge sigma_w^2 = 1/E[phi'(sqrt(q) Z)^2], and q solves h(q) = sigma_b^2 with h of
edge_equation.py (section 2 and Definition 2).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgeofchaos.activations import Activation, activation
from edgeofchaos.arguments import LARGEST_SIGMA, check_sigma, each
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.edge_equation import (
    edge_equation_at,
    flat,
    goes_on,
    is_homogeneous,
    scan,
    why_none,
)
from edgeofchaos.theory.grid import grid_moments, ratio_falls
from edgeofchaos.theory.octaves import moments_at
from edgeofchaos.theory.roots import InverseFunction, secant_root
from edgeofchaos.theory.searched import log_grid
from edgeofchaos.theory.separate import FLAT
from edgeofchaos.theory.variance import SAME_POINT, variance_map

# phi'(0) as a part of the largest |phi'| on [-1, 1], where it may be rounding alone.
_ZERO_SLOPE = 1e-12
_TINY = np.finfo(float).tiny  # in the place of an h <= 0 by rounding, where h is > 0


class NoEdge(ValueError):
    """No edge point was found at this sigma_b; the message says why, and where one was sought."""


@dataclass(frozen=True)
class EdgePoint:
    """A solution of chi_1 = 1 and F(q) = q, and whether q is the limiting variance.

    Attributes:
        activation: the name of phi.
        sigma_b, sigma_w: the standard deviations of biases and (times sqrt(fan-in)) weights.
        q: the variance.
        chi1: chi_1 at q, which is 1 to rounding.
        alpha: F'(q).
        stable: whether q is the smallest fixed point of F and attracts (alpha < 1), so that it is
            the limiting variance, as the paper's definition of the edge asks.
        smallest_fixed_point: the smallest fixed point of F.
        status: ``ok`` (stable), ``unstable`` (not stable: variances leave q), ``singleton`` (the
            edge is this one point) or ``none`` (no edge was found; the numbers are NaN).
        reason: why the status is not ``ok``; empty where it is.
    """

    activation: str
    sigma_b: float
    sigma_w: float
    q: float
    chi1: float
    alpha: float
    stable: bool
    smallest_fixed_point: float
    status: str
    reason: str = ""

    @property
    def start_variance(self) -> float:
        """The variance to start a net at, which is q, or 1 where q is 0.

        At q = 0 a ReLU-like phi keeps every variance, so that any will do.
        """
        return self.q or 1.0

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, in the order of ``edge.csv``."""
        return asdict(self)


def edge_point(phi: Activation | str, sigma_b: float) -> EdgePoint:
    """The edge point at sigma_b with the smallest q, whether or not it is stable.

    q solves h(q) = sigma_b^2, by secants in log q to 1e-14; the error of q is that of h
    (1e-13 relative) times the conditioning of the root. At sigma_b = 0 with phi(0) = 0 the point
    is the limit q -> 0, with sigma_w^2 = 2/(phi'(0+)^2 + phi'(0-)^2).

    Args:
        phi: an Activation, or the name of a built-in one.
        sigma_b: the standard deviation of the biases, at least 0.

    Raises:
        ValueError: sigma_b is negative or not finite, or the activation is unknown.
        NoEdge: no (sigma_w, q) is found with q from 1e-16 to 1e10; the message says why.

    Example:
        >>> point = edge_point("tanh", sigma_b=0.2)
        >>> round(point.sigma_w, 5), round(point.q, 5), point.status
        (1.30415, 0.51208, 'ok')
    """
    phi = activation(phi)
    sigma_b = check_sigma("sigma_b", sigma_b)
    if sigma_b == 0.0 and float(phi(0.0)) == 0.0:
        return _point_at_zero(phi)
    if is_homogeneous(phi) and goes_on(phi):
        only = _point_at_zero(phi)
        raise NoEdge(
            f"{phi.name}: the edge is the single point (sigma_b, sigma_w) = "
            f"(0, {only.sigma_w:.6g}); sigma_b = {sigma_b:g} is off it"
        )
    cells = _cells_with_roots(phi, sigma_b)
    if is_homogeneous(phi) or not cells.size:
        raise NoEdge(why_none(phi, sigma_b))
    return edge_point_at(phi, sigma_b, _root(phi, sigma_b, int(cells[0])))


def edge_points(phi: Activation | str, sigma_b: float) -> list[EdgePoint]:
    """Every edge point at sigma_b with q from 1e-16 to 1e10, smallest q first.

    The list is empty where none is found. Usually there is one; more than one where h of
    :func:`edge_equation` rises and falls. h is searched on a grid of 16 points a decade and at the
    extrema that three neighbours show: two solutions closer together than that may be lost. At
    sigma_b = 0 with phi(0) = 0 the list holds the limit q -> 0 alone.

    Raises:
        ValueError: sigma_b is negative or not finite, or the activation is unknown.

    Example:
        >>> [p.status for p in edge_points("swish", 0.2)], edge_points("relu", 0.2)
        (['unstable'], [])
    """
    phi = activation(phi)
    sigma_b = check_sigma("sigma_b", sigma_b)
    first = edge_or_none(phi, sigma_b)
    if first.status == "none" or first.q == 0.0:
        return [] if first.status == "none" else [first]
    others = _cells_with_roots(phi, sigma_b)[1:]
    return [first, *(edge_point_at(phi, sigma_b, _root(phi, sigma_b, int(i))) for i in others)]


def _cells_with_roots(phi: Activation, sigma_b: float) -> NDArray[np.intp]:
    """The i such that h(q) = sigma_b^2 has its one root between the points i and i + 1 of scan."""
    above = scan(phi).h >= sigma_b**2
    return (above[1:] != above[:-1]).nonzero()[0]


class _Cell(NamedTuple):
    """h between two points of the grid that have its root for some sigma_b between them."""

    ends: tuple[float, float]  # log q
    h: tuple[float, float]
    straight: bool  # h > 0 here and beside it: log h is nearly straight where h is a power of q
    inverse: InverseFunction  # log q, of log h or of h


def _cell(phi: Activation, i: int) -> _Cell:
    """The cell from the point i of scan on."""
    kept = phi.cache.setdefault("edge_cells", {})
    if i not in kept:
        beside = slice(max(0, i - 1), i + 3)
        log_q, h = (x[beside].tolist() for x in (scan(phi).log_q, scan(phi).h))
        first, straight = i - beside.start, min(h) > 0.0
        values = [math.log(x) for x in h] if straight else h
        kept[i] = _Cell(
            (log_q[first], log_q[first + 1]), (h[first], h[first + 1]), straight,
            InverseFunction(log_q, values),
        )  # fmt: skip
    return kept[i]


def _root(phi: Activation, sigma_b: float, i: int) -> float:
    """The q of the cell from the point i of scan on with h(q) = sigma_b^2."""
    cell, target = _cell(phi, i), sigma_b**2

    def excess(h: float) -> float:
        return math.log(max(h, _TINY) / target) if cell.straight else h - target

    return math.exp(
        secant_root(
            lambda t: excess(edge_equation_at(phi, math.exp(t))),
            cell.ends, (excess(cell.h[0]), excess(cell.h[1])),
            cell.inverse(math.log(target) if cell.straight else target),
        )
    )  # fmt: skip


def edge_point_at(phi: Activation, sigma_b: float, q: float) -> EdgePoint:
    """The edge point with this q, given that h(q) = sigma_b^2."""
    moments = moments_at(phi, q)
    sigma_w = 1.0 / math.sqrt(moments.slope2)
    if sigma_w > LARGEST_SIGMA:
        raise NoEdge(
            f"{phi.name}: the edge at sigma_b = {sigma_b:g} has sigma_w = {sigma_w:.6g}; allowed "
            f"is up to {LARGEST_SIGMA:g}"
        )
    alpha = 1.0 + sigma_w**2 * moments.curvature_phi  # exactly 1 without curvature
    if abs(alpha) < 0.5:
        alpha = sigma_w**2 * float(gaussian.second_moment_slope(phi, q))
    smallest = _smallest_below(phi, sigma_b, sigma_w, q)
    chi1 = sigma_w**2 * moments.slope2
    stable = alpha < 1.0 and smallest == q
    if stable:
        status, reason = "ok", ""
    elif abs(alpha - 1.0) < 1e-9:
        status, reason = "unstable", "F'(q) = 1: q only just repels or attracts"
    elif smallest < q:
        status = "unstable"
        reason = f"F has a smaller fixed point {smallest:.6g} (here F'(q) = {alpha:.6g})"
    else:
        status, reason = "unstable", f"F'(q) = {alpha:.6g} >= 1: the variance leaves q"
    return EdgePoint(phi.name, sigma_b, sigma_w, q, chi1, alpha, stable, smallest, status, reason)


def _smallest_below(phi: Activation, sigma_b: float, sigma_w: float, q: float) -> float:
    """The smallest fixed point of F, given that q is one."""
    # Up to sigma_b^2 F is above the diagonal, and where E[phi^2]/x falls F/x falls to 1 at q.
    if sigma_b > 0 and ratio_falls(phi, min(sigma_b**2, q), q):
        return q
    fmap = variance_map(phi, sigma_b, sigma_w)
    t, relative = fmap.separated(fmap.above_until(q), up_to=q)
    if (relative[t < math.log(q * (1 - SAME_POINT))] > FLAT).all():
        return q  # F is above the diagonal all the way to q
    points = [p.x for p in fmap.fixed_points()]
    smaller = [p for p in points if p < q * (1 - SAME_POINT)]
    return min(smaller, default=q)


def _point_at_zero(phi: Activation) -> EdgePoint:
    """The limit q -> 0 of the edge, where phi(0) = 0."""
    slopes = phi.one_sided(0.0)[:, 1]
    mean_square = float(np.mean(slopes**2))
    largest = float(np.abs(phi.derivatives(np.linspace(-1.0, 1.0, 40))[1]).max())
    if mean_square <= (_ZERO_SLOPE * largest) ** 2:
        why = flat(phi) or "phi'(0) = 0"
        raise NoEdge(
            f"{phi.name}: {why}, so no sigma_w gives chi_1 = 1 at q = 0, "
            "the one q that is looked at for sigma_b = 0"
        )
    sigma_w = 1.0 / math.sqrt(mean_square)
    if is_homogeneous(phi):
        return EdgePoint(
            phi.name, 0.0, sigma_w, 0.0, 1.0, 1.0, True, 0.0, "singleton",
            "F(x) = x for every x: the edge is this single point",
        )  # fmt: skip
    x = np.exp(log_grid(phi))
    gap = sigma_w**2 * grid_moments(phi, gaussian.SECOND) / x - 1.0
    # Of phi(sqrt(x) z) the last bits of numbers of the order of 1 may be left, as of f(x) - f(0).
    rounding = 1e-12 + 16 * np.finfo(float).eps / np.sqrt(x)
    first = int(np.argmax(np.abs(gap) > rounding))
    attracts = bool(gap[first] < 0)
    return EdgePoint(
        phi.name, 0.0, sigma_w, 0.0, 1.0, 1.0, attracts, 0.0, "ok" if attracts else "unstable",
        "" if attracts else "F(x) > x for small x: the variance leaves q = 0",
    )  # fmt: skip


def edge_curve(phi: Activation | str, sigma_bs: Iterable[float]) -> list[EdgePoint]:
    """The edge at every sigma_b: points of status ``none``, with the reason, where none is found.

    Raises:
        ValueError: ``sigma_bs`` is no list or other iterable, a sigma_b is negative or not finite,
            or the activation is unknown.

    Example:
        >>> [point.status for point in edge_curve("softplus", [0.1, 0.2])]
        ['none', 'none']
    """
    phi = activation(phi)
    return [edge_or_none(phi, s) for s in each("sigma_bs", sigma_bs, check_sigma)]


def edge_or_none(phi: Activation | str, sigma_b: float) -> EdgePoint:
    """As :func:`edge_point`, but where none is found a point of status ``none``, with its reason.

    The numbers of such a point are NaN, but for sigma_b.

    Raises:
        ValueError: sigma_b is negative or not finite, or the activation is unknown.
    """
    phi, sigma_b = activation(phi), check_sigma("sigma_b", sigma_b)
    try:
        return edge_point(phi, sigma_b)
    except NoEdge as error:
        nan = math.nan
        return EdgePoint(phi.name, sigma_b, nan, nan, nan, nan, False, nan, "none", str(error))


def edge_or_at_zero(phi: Activation | str, sigma_b: float) -> EdgePoint:
    """The edge point at sigma_b or, where none is found, the one at sigma_b = 0.

    A ReLU-like phi has an edge at sigma_b = 0 alone. Where none is found there either, the status
    of the point is ``none``.

    Raises:
        ValueError: sigma_b is negative or not finite, or the activation is unknown.

    Example:
        >>> [edge_or_at_zero(name, 0.2).sigma_b for name in ("tanh", "relu")]
        [0.2, 0.0]
    """
    point = edge_or_none(phi, sigma_b)
    return point if point.status != "none" else edge_or_none(phi, 0.0)
