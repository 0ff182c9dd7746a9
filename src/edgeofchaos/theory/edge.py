"""The edge of chaos: from sigma_b to (sigma_w, q) with chi_1 = 1 and F(q) = q.

On the edge sigma_w^2 = 1/E[phi'(sqrt(q) Z)^2], and q solves h(q) = sigma_b^2 with
h(q) = q - E[phi^2]/E[phi'^2]. At small q the two terms of h agree to many digits. With
phi(u) = s u + psi(u), s the one-sided slope at 0 on u's side, integration by parts gives

    h(q) E[phi'^2] = q E[psi'^2] - E[psi^2] - 2 q p(0) phi(0) (phi'(0+) - phi'(0-)),

p the N(0, q) density, in which the linear part has gone and nothing large cancels.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from edgeofchaos.activations import Activation, activation
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.variance import (
    GRID_STEP,
    SAME_POINT,
    bracketed_root,
    check_sigma,
    grid_moments,
    log_grid,
    variance_map,
)

_RESOLVED = 1e-18  # part of E[phi'^2] at a 100 times larger q: tails as light keep 12 digits
_AHEAD = round(math.log(100) / GRID_STEP)
_HOMOGENEOUS = 1e-13  # |h(q)|/q below this for all q: phi is ReLU-like or linear
_ROWS = (gaussian.SLOPE2, gaussian.PSI2, gaussian.PSI_SLOPE2)


class NoEdge(ValueError):
    """There is no edge point for this sigma_b; the message says why."""


@dataclass(frozen=True)
class EdgePoint:
    """A solution of chi_1 = 1 and F(q) = q, and whether q is the limiting variance.

    ``status`` is ``ok`` (q is the smallest fixed point of F and attracts), ``unstable`` (it is
    not, so a net started elsewhere leaves it), ``singleton`` (the edge is this one point) or
    ``none`` (in tables: no edge, ``reason`` says why).
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

    def as_dict(self) -> dict:
        """The fields by name, in the order of ``edge.csv``."""
        return asdict(self)


def edge_equation(phi: Activation, q):
    """h(q) = q - E[phi^2]/E[phi'^2], evaluated without cancellation (module docstring)."""
    slope2, psi2, psi_slope2 = gaussian.moments(phi, q, _ROWS)
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

    log_q: np.ndarray
    h: np.ndarray
    homogeneous: bool


def _scan(phi: Activation) -> _Scan:
    if "edge_scan" not in phi.cache:
        phi.cache["edge_scan"] = _make_scan(phi)
    return phi.cache["edge_scan"]


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
    h = (q * psi_slope2 - psi2 - _kink_term(phi) * np.sqrt(q)) / slope2
    if np.abs(h / q).max() < _HOMOGENEOUS:
        return _Scan(grid, np.zeros(q.size), True)
    log_q, values = list(grid), list(h)
    steps = np.diff(h)
    # An extremum inside a cell could hide two roots: put it on the grid.
    for i in np.flatnonzero(steps[:-1] * steps[1:] < 0) + 1:
        sign = 1.0 if h[i] > h[i - 1] else -1.0
        best = minimize_scalar(
            lambda t, sign=sign: -sign * float(edge_equation(phi, math.exp(t))),
            bounds=(grid[i - 1], grid[i + 1]),
            method="bounded",
            options={"xatol": 1e-10},
        )
        log_q.append(float(best.x))
        values.append(-sign * float(best.fun))
    order = np.argsort(log_q)
    return _Scan(np.array(log_q)[order], np.array(values)[order], False)


def edge_point(phi: Activation | str, sigma_b: float) -> EdgePoint:
    """The edge point at sigma_b with the smallest q, whether or not it is stable.

    q solves h(q) = sigma_b^2 by Brent's method on log q, to 1e-14; the error of q is that of h
    (1e-13 relative) times the conditioning of the root. At sigma_b = 0 with phi(0) = 0 the point
    is the limit q -> 0, sigma_w^2 = 2/(phi'(0+)^2 + phi'(0-)^2).

    Raises:
        ValueError: sigma_b is negative or not finite, or the activation is unknown.
        NoEdge: no (sigma_w, q) exists; the message says why.
    """
    phi = activation(phi)
    sigma_b = check_sigma("sigma_b", sigma_b)
    scan = _scan(phi)
    if sigma_b == 0.0 and float(phi(0.0)) == 0.0:
        return _point_at_zero(phi, scan)
    if scan.homogeneous:
        only = _point_at_zero(phi, scan)
        raise NoEdge(
            f"{phi.name}: the edge is the single point (sigma_b, sigma_w) = "
            f"(0, {only.sigma_w:.6g}); sigma_b = {sigma_b:g} is off it"
        )
    return _describe(phi, sigma_b, _solve(phi, scan, sigma_b))


def _solve(phi: Activation, scan: _Scan, sigma_b: float) -> float:
    target = sigma_b**2
    above = scan.h >= target
    crossing = above[1:] != above[:-1]
    i = int(crossing.argmax())
    if not crossing[i]:
        raise NoEdge(_why_none(phi, scan, sigma_b))
    if target == 0.0:
        relative = lambda t: float(edge_equation(phi, math.exp(t)))  # noqa: E731
    else:
        relative = lambda t: float(edge_equation(phi, math.exp(t))) / target - 1.0  # noqa: E731
    return math.exp(bracketed_root(relative, scan.log_q[i], scan.log_q[i + 1]))


def _why_none(phi: Activation, scan: _Scan, sigma_b: float) -> str:
    best = int(np.argmax(scan.h))
    low, high = (math.exp(t) for t in scan.log_q[[0, -1]])
    if not scan.h[best] > 0:
        return (
            f"{phi.name}: no edge at any sigma_b: q - E[phi^2]/E[phi'^2] is negative for every q "
            f"from {low:.0e} to {high:.0e} (at most {scan.h[best]:.4g})"
        )
    if scan.h[best] < sigma_b**2:
        return (
            f"{phi.name}: sigma_b = {sigma_b:g} is above sigma_max = {math.sqrt(scan.h[best]):.6g} "
            f"(reached at q = {math.exp(scan.log_q[best]):.4g}), beyond which there is no edge"
        )
    return (
        f"{phi.name}: the edge at sigma_b = {sigma_b:g} has q outside {low:.0e} to {high:.0e}, "
        "where none is looked for"
    )


def _describe(phi: Activation, sigma_b: float, q: float) -> EdgePoint:
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
    x = np.exp(log_grid(phi))
    gap = sigma_b**2 + sigma_w**2 * grid_moments(phi, gaussian.SECOND) - x
    # F > x at the left end; without a sign change clearly left of q there is nothing smaller.
    below = (x < q * math.exp(-2 * GRID_STEP)) & (gap < 0)
    near = x < q * (1 - SAME_POINT)
    if not below.any() and not (gap[near][-2:] < 0).any():
        return q
    points = [p.x for p in variance_map(phi, sigma_b, sigma_w).fixed_points()]
    smaller = [p for p in points if p < q * (1 - SAME_POINT)]
    return min(smaller, default=q)


def _point_at_zero(phi: Activation, scan: _Scan) -> EdgePoint:
    slopes = phi.one_sided(0.0)[:, 1]
    mean_square = float(np.mean(slopes**2))
    if mean_square == 0.0:
        raise NoEdge(f"{phi.name}: phi'(0) = 0, so no sigma_w gives chi_1 = 1 at q = 0")
    sigma_w = 1.0 / math.sqrt(mean_square)
    if scan.homogeneous:
        return EdgePoint(
            phi.name, 0.0, sigma_w, 0.0, 1.0, 1.0, True, 0.0, "singleton",
            "F(x) = x for every x: the edge is this single point",
        )  # fmt: skip
    gap = sigma_w**2 * grid_moments(phi, gaussian.SECOND) / np.exp(log_grid(phi)) - 1.0
    first = int(np.argmax(np.abs(gap) > 1e-12))
    attracts = bool(gap[first] < 0)
    return EdgePoint(
        phi.name, 0.0, sigma_w, 0.0, 1.0, 1.0, attracts, 0.0, "ok" if attracts else "unstable",
        "" if attracts else "F(x) > x for small x: the variance leaves q = 0",
    )  # fmt: skip


def edge_curve(phi: Activation | str, sigma_bs: Iterable[float]) -> list[EdgePoint]:
    """The edge at every sigma_b: points of status ``none``, with the reason, where there is none.

    Raises:
        ValueError: a sigma_b is negative or not finite, or the activation is unknown.
    """
    phi = activation(phi)
    return [edge_or_none(phi, check_sigma("sigma_bs", s)) for s in sigma_bs]


def edge_or_none(phi: Activation | str, sigma_b: float) -> EdgePoint:
    """:func:`edge_point`, with a missing edge told by status ``none`` and NaN for the numbers."""
    phi = activation(phi)
    try:
        return edge_point(phi, sigma_b)
    except NoEdge as error:
        nan = math.nan
        return EdgePoint(
            phi.name, float(sigma_b), nan, nan, nan, nan, False, nan, "none", str(error)
        )


def stability_threshold(phi: Activation | str) -> EdgePoint | None:
    """The edge point at which alpha crosses 1, or None if it never does.

    alpha - 1 = E[phi'' phi]/E[phi'^2] on the edge: the smallest zero in q of E[phi'' phi], with
    h(q) > 0, by Brent's method. For Swish this is the critical point of Roberts, Yaida and Hanin,
    The Principles of Deep Learning Theory, chapter 5.
    """
    phi = activation(phi)
    scan = _scan(phi)
    if scan.homogeneous:
        return None
    grid = log_grid(phi)
    q = np.exp(grid)
    with np.errstate(invalid="ignore", divide="ignore"):  # phi constant about 0
        values = gaussian.curvature_phi(phi, q) / grid_moments(phi, gaussian.SLOPE2)
    values = np.where(np.abs(values) < 1e-13, 0.0, values)
    for i in np.flatnonzero(values[:-1] * values[1:] < 0):
        root = bracketed_root(
            lambda t: float(gaussian.curvature_phi(phi, math.exp(t))), grid[i], grid[i + 1]
        )
        h = float(edge_equation(phi, math.exp(root)))
        if h > 0:
            return _describe(phi, math.sqrt(h), math.exp(root))
    return None


@dataclass(frozen=True)
class LimitingPhases:
    """What the smallest fixed point of F does at one sigma_b as sigma_w grows from 0.

    The fixed points at sigma_w are the x with w(x) := (x - sigma_b^2)/E[phi^2] = sigma_w^2, and
    x is the limiting variance exactly where w exceeds all its values left of x. chi_1 there is
    w(x) E[phi'^2], so the phases that nets of this sigma_b can be in are read off one curve.
    """

    activation: str
    sigma_b: float
    sigma_w_fold: float  # where the smallest fixed point first merges with the next; inf if never
    q_fold: float
    chi1_fold: float
    chi1_sup: float  # supremum of chi_1 over limiting variances, over all sigma_w
    chaotic_phase: bool  # whether chi_1 > 1 at some limiting variance
    edge_at_limit: bool  # whether chi_1 = 1 at some limiting variance: an edge by Definition 2


def limiting_phases(phi: Activation | str, sigma_b: float) -> LimitingPhases:
    """The phases a net with this sigma_b > 0 can be in (section 2 and Definition 2).

    Raises:
        ValueError: sigma_b is not positive and finite, or the activation is unknown.
    """
    phi = activation(phi)
    sigma_b = check_sigma("sigma_b", sigma_b)
    if sigma_b == 0.0:
        raise ValueError("sigma_b = 0.0; limiting_phases needs sigma_b > 0")
    b2 = sigma_b**2
    # Start a hair above sigma_b^2, where sigma_w = 0; 64 points a decade.
    start = math.log(b2) + 1e-9
    top = log_grid(phi)[-1]
    t = np.linspace(start, top, round(64 * (top - start) / math.log(10)))

    def both(log_x):
        x = np.exp(log_x)
        second, slope2 = gaussian.moments(phi, x, [gaussian.SECOND, gaussian.SLOPE2])
        # Where phi is constant about 0, both moments underflow: no sigma_w is large enough.
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            w = (x - b2) / second
            return w, w * slope2

    values, slopes = both(t)
    # Far out w is flat (phi asymptotically linear): rounding is no new record.
    best = np.maximum.accumulate(values)
    record = values > np.concatenate([[-np.inf], best[:-1]]) * (1 + 1e-11)
    with np.errstate(invalid="ignore"):
        falling = np.flatnonzero(np.diff(values) < -1e-11 * np.abs(values[:-1]))
    fold, at_fold = (math.inf, math.nan, math.nan), -math.inf
    if falling.size:
        i = int(falling[0])
        top = minimize_scalar(
            lambda s: -float(both(s)[0]),
            bounds=(t[max(i - 1, 0)], t[min(i + 1, t.size - 1)]),
            method="bounded",
            options={"xatol": 1e-11},
        )
        peak = -float(top.fun)
        at_fold = float(both(float(top.x))[1])
        fold = (math.sqrt(peak), math.exp(float(top.x)), at_fold)
        record &= (t <= top.x) | (values > peak)
    chi1_sup = max(at_fold, float(slopes[record].max()))
    chaotic = chi1_sup > 1.0 + 1e-9
    return LimitingPhases(phi.name, sigma_b, *fold, chi1_sup, chaotic, chaotic)
