"""The edge of chaos: from sigma_b to the (sigma_w, q) with chi_1 = 1 and F(q) = q.

On the edge sigma_w^2 = 1/E[phi'(sqrt(q) Z)^2], and q solves h(q) = sigma_b^2 with
h(q) = q - E[phi^2]/E[phi'^2] (section 2 and Definition 2). At small q the two terms of h agree to
many digits, which their difference would lose. So let psi(u) = phi(u) - s u, where s is the slope
phi'(0+) for u > 0 and phi'(0-) for u < 0. Integration by parts gives

    h(q) E[phi'^2] = q E[psi'^2] - E[psi^2] - 2 q p(0) phi(0) (phi'(0+) - phi'(0-)),

with p the density of N(0, q), where the linear part of phi is gone and nothing large cancels.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgeofchaos.activations import Activation, activation
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.roots import bracketed_root, extremum, with_points
from edgeofchaos.theory.searched import GRID_STEP, log_grid
from edgeofchaos.theory.separate import FLAT
from edgeofchaos.theory.variance import SAME_POINT, check_sigma, grid_moments, variance_map

# Where phi is constant about 0, E[phi'^2] comes from the far tail of N(0, q) alone as q -> 0. Once
# it is below this part of its value at 100 q, quadrature has fewer than 12 digits of it.
_RESOLVED = 1e-18
_AHEAD = round(math.log(100) / GRID_STEP)  # 100 q, in steps of the grid
# |h(q)|/q below this for all q: phi is ReLU-like or linear. h is of second order in what is left of
# phi without its linear part, which is rounded to 1e-16.
_HOMOGENEOUS = 1e-28
# phi'(0) as a part of the largest |phi'| on [-1, 1], where it may be rounding alone.
_ZERO_SLOPE = 1e-12
_ROWS = (gaussian.SLOPE2, gaussian.PSI2, gaussian.PSI_SLOPE2)


# What the reason ends in where there may be an edge beyond the variances that are searched.
NOT_SEARCHED = "where none is looked for"


class NoEdge(ValueError):
    """There is no edge point at this sigma_b; the message says why."""


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
            edge is this one point) or ``none`` (there is no edge; the numbers are NaN).
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
        """The variance to start a net at: q, or 1 where q is 0.

        At q = 0 a ReLU-like phi keeps every variance, so that any will do.
        """
        return self.q or 1.0

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, in the order of ``edge.csv``."""
        return asdict(self)


def edge_equation(phi: Activation, q: ArrayLike) -> FloatArray:
    """h(q) = q - E[phi^2]/E[phi'^2] in the shape of q, without cancellation.

    On the edge h(q) = sigma_b^2. The formula is in the docstring of this module.
    """
    q = np.asarray(q, dtype=np.float64)[()]
    return _h(phi, q, *gaussian.moments(phi, q, _ROWS))


def _h(
    phi: Activation, q: FloatArray, slope2: FloatArray, psi2: FloatArray, psi_slope2: FloatArray
) -> FloatArray:
    return (q * psi_slope2 - psi2 - _kink_term(phi) * np.sqrt(q)) / slope2


def _kink_term(phi: Activation) -> float:
    """The last term of h E[phi'^2], over sqrt(q)."""
    if "kink_term" not in phi.cache:
        (value, left, _), (_, right, _) = phi.one_sided(0.0)
        phi.cache["kink_term"] = float(2 * value * (right - left) / math.sqrt(2 * math.pi))
    return phi.cache["kink_term"]


@dataclass(frozen=True)
class _Scan:
    """h on monotone pieces: its values at log q, which are the grid and the extrema of h."""

    log_q: FloatArray
    h: FloatArray
    homogeneous: bool  # h = 0 for every q: phi is ReLU-like or linear


def _scan(phi: Activation) -> _Scan:
    if "edge_scan" not in phi.cache:
        phi.cache["edge_scan"] = _make_scan(phi)
    return phi.cache["edge_scan"]


def is_homogeneous(phi: Activation) -> bool:
    """Whether h(q) = 0 for every q, to rounding: phi is ReLU-like or linear."""
    return _scan(phi).homogeneous


def _make_scan(phi: Activation) -> _Scan:
    slope2, psi2, psi_slope2 = (grid_moments(phi, row) for row in _ROWS)
    grid = log_grid(phi)
    q = np.exp(grid)
    # Where phi is constant on an interval about 0, E[phi'^2] vanishes to all digits at small q.
    ahead = np.array([slope2[i : i + _AHEAD].max() for i in range(slope2.size)])
    resolved = (slope2 > _RESOLVED * ahead) & (slope2 > 0)
    if not resolved.all():
        if not resolved[-1]:
            return _Scan(grid, np.full(q.size, -np.inf), False)
        first = int(np.flatnonzero(~resolved)[-1]) + 1
        grid, q = grid[first:], q[first:]
        slope2, psi2, psi_slope2 = slope2[first:], psi2[first:], psi_slope2[first:]
    h = _h(phi, q, slope2, psi2, psi_slope2)
    if np.abs(h / q).max() < _HOMOGENEOUS:
        return _Scan(grid, np.zeros(q.size), True)
    steps = np.diff(h)
    # An extremum inside a cell could hide two roots: put it on the grid.
    extrema = [
        extremum(
            lambda t: float(edge_equation(phi, math.exp(t))), grid[i - 1], grid[i + 1],
            1.0 if h[i] > h[i - 1] else -1.0,
        )
        for i in np.flatnonzero(steps[:-1] * steps[1:] < 0) + 1
    ]  # fmt: skip
    return _Scan(*with_points(grid, h, extrema), False)


def edge_point(phi: Activation | str, sigma_b: float) -> EdgePoint:
    """The edge point at sigma_b with the smallest q, whether or not it is stable.

    q solves h(q) = sigma_b^2 by Brent's method on log q, to 1e-14; the error of q is that of h
    (1e-13 relative) times the conditioning of the root. At sigma_b = 0 with phi(0) = 0 the point
    is the limit q -> 0, with sigma_w^2 = 2/(phi'(0+)^2 + phi'(0-)^2).

    Args:
        phi: an Activation, or the name of a built-in one.
        sigma_b: the standard deviation of the biases, at least 0.

    Raises:
        ValueError: sigma_b is negative or not finite, or the activation is unknown.
        NoEdge: no (sigma_w, q) exists; the message says why.

    Example:
        >>> point = edge_point("tanh", sigma_b=0.2)
        >>> round(point.sigma_w, 5), round(point.q, 5), point.status
        (1.30415, 0.51208, 'ok')
    """
    phi = activation(phi)
    sigma_b = check_sigma("sigma_b", sigma_b)
    if sigma_b == 0.0 and float(phi(0.0)) == 0.0:
        return _point_at_zero(phi)
    if is_homogeneous(phi):
        only = _point_at_zero(phi)
        raise NoEdge(
            f"{phi.name}: the edge is the single point (sigma_b, sigma_w) = "
            f"(0, {only.sigma_w:.6g}); sigma_b = {sigma_b:g} is off it"
        )
    cells = _cells_with_roots(phi, sigma_b)
    if not cells.size:
        raise NoEdge(_why_none(phi, _scan(phi), sigma_b))
    return edge_point_at(phi, sigma_b, _root(phi, sigma_b, int(cells[0])))


def edge_points(phi: Activation | str, sigma_b: float) -> list[EdgePoint]:
    """Every edge point at sigma_b with q from 1e-16 to 1e10, smallest q first.

    The list is empty where there is none. Usually there is one; more than one where h of
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
    above = _scan(phi).h >= sigma_b**2
    return np.flatnonzero(above[1:] != above[:-1])


def _root(phi: Activation, sigma_b: float, cell: int) -> float:
    scan, target = _scan(phi), sigma_b**2

    def excess(log_q: float) -> float:
        h = float(edge_equation(phi, math.exp(log_q)))
        return h if target == 0.0 else h / target - 1.0

    return math.exp(bracketed_root(excess, scan.log_q[cell], scan.log_q[cell + 1]))


def _why_none(phi: Activation, scan: _Scan, sigma_b: float) -> str:
    best = int(np.argmax(scan.h))
    low, high = (math.exp(t) for t in scan.log_q[[0, -1]])
    if not scan.h[best] > 0:
        return (
            f"{phi.name}: no edge at any sigma_b: q - E[phi^2]/E[phi'^2] is negative for every q "
            f"from {low:.0e} to {high:.0e} (at most {scan.h[best]:.4g})"
        )
    # Where h still rises at the largest q, sigma_max is beyond it.
    if scan.h[best] < sigma_b**2 and best < scan.h.size - 1:
        return (
            f"{phi.name}: sigma_b = {sigma_b:g} is above sigma_max = {math.sqrt(scan.h[best]):.6g} "
            f"(reached at q = {math.exp(scan.log_q[best]):.4g}), beyond which there is no edge"
        )
    return (
        f"{phi.name}: the edge at sigma_b = {sigma_b:g} has q outside {low:.0e} to {high:.0e}, "
        f"{NOT_SEARCHED}"
    )


def edge_point_at(phi: Activation, sigma_b: float, q: float) -> EdgePoint:
    """The edge point with this q, given that h(q) = sigma_b^2."""
    sigma_w = 1.0 / math.sqrt(float(gaussian.slope_second_moment(phi, q)))
    alpha = 1.0 + sigma_w**2 * float(gaussian.curvature_phi(phi, q))
    smallest = _smallest_below(phi, sigma_b, sigma_w, q)
    chi1 = sigma_w**2 * float(gaussian.slope_second_moment(phi, q))
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
    fmap = variance_map(phi, sigma_b, sigma_w)
    t, relative = fmap.separated(up_to=q)
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
        raise NoEdge(f"{phi.name}: phi'(0) = 0, so no sigma_w gives chi_1 = 1 at q = 0")
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
    """The edge at every sigma_b: points of status ``none``, with the reason, where there is none.

    Raises:
        ValueError: a sigma_b is negative or not finite, or the activation is unknown.

    Example:
        >>> [point.status for point in edge_curve("softplus", [0.1, 0.2])]
        ['none', 'none']
    """
    phi = activation(phi)
    return [edge_or_none(phi, check_sigma("sigma_bs", s)) for s in sigma_bs]


def edge_or_none(phi: Activation | str, sigma_b: float) -> EdgePoint:
    """As :func:`edge_point`, but where there is none a point of status ``none``, with its reason.

    The numbers of such a point are NaN, but for sigma_b.

    Raises:
        ValueError: sigma_b is negative or not finite, or the activation is unknown.
    """
    phi = activation(phi)
    try:
        return edge_point(phi, sigma_b)
    except NoEdge as error:
        nan = math.nan
        return EdgePoint(
            phi.name, float(sigma_b), nan, nan, nan, nan, False, nan, "none", str(error)
        )


def edge_or_at_zero(phi: Activation | str, sigma_b: float) -> EdgePoint:
    """The edge point at sigma_b or, where there is none, the one at sigma_b = 0.

    A ReLU-like phi has an edge at sigma_b = 0 alone. Where there is none either, the status of
    the point is ``none``.

    Raises:
        ValueError: sigma_b is negative or not finite, or the activation is unknown.

    Example:
        >>> [edge_or_at_zero(name, 0.2).sigma_b for name in ("tanh", "relu")]
        [0.2, 0.0]
    """
    point = edge_or_none(phi, sigma_b)
    return point if point.status != "none" else edge_or_none(phi, 0.0)
