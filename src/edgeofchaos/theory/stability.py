"""Where the edge of chaos is stable, and which phases the nets of one sigma_b can be in.

The paper's edge asks for chi_1 = 1 at the limiting variance, the smallest fixed point of F. A
solution of chi_1 = 1 and F(q) = q need not be that: it may repel (alpha = F'(q) > 1), and then a
smaller fixed point attracts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from edgeofchaos.activations import Activation, activation
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.edge import (
    EdgePoint,
    edge_equation,
    edge_point,
    edge_point_at,
    edge_points,
    is_homogeneous,
)
from edgeofchaos.theory.variance import bracketed_root, check_sigma, grid_moments, log_grid

_FLAT = 1e-11  # relative changes of w (see LimitingPhases) that may be rounding alone
_CHAOTIC = 1e-9  # chi_1 - 1 from which a variance counts as chaotic
_PER_DECADE = 64  # points of the grid of x, before the fold is refined


def stability_threshold(phi: Activation | str) -> EdgePoint | None:
    """The edge point at which alpha = F'(q) crosses 1, or None if it never does.

    On the edge alpha - 1 = E[phi'' phi]/E[phi'^2], so q is the smallest zero of E[phi'' phi] with
    h(q) > 0, found by Brent's method. For Swish this is the critical point of Roberts, Yaida and
    Hanin, The Principles of Deep Learning Theory, chapter 5.

    Raises:
        ValueError: the activation is unknown.

    Example:
        >>> point = stability_threshold("swish")
        >>> round(point.sigma_b, 5), round(point.q, 4)
        (0.74508, 14.3202)
        >>> stability_threshold("tanh") is None
        True
    """
    phi = activation(phi)
    if is_homogeneous(phi):
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
            return edge_point_at(phi, math.sqrt(h), math.exp(root))
    return None


def stable_point(phi: Activation | str, above: float = 1.01) -> EdgePoint:
    """The edge point at ``above`` times the sigma_b at which the edge turns stable.

    Raises:
        ValueError: it never turns stable, or it was stable from the start.

    Example:
        >>> round(stable_point("swish").sigma_b, 4), stable_point("swish").stable
        (0.7525, True)
    """
    phi = activation(phi)
    threshold = stability_threshold(phi)
    if threshold is None:
        raise ValueError(f"{phi.name}: its curve never turns stable")
    return edge_point(phi, above * threshold.sigma_b)


@dataclass(frozen=True)
class LimitingPhases:
    """What the limiting variance does at one sigma_b as sigma_w grows from 0.

    The fixed points of F at sigma_w are the x with w(x) := (x - sigma_b^2)/E[phi^2] = sigma_w^2,
    and x is the smallest of them exactly where w(x) exceeds every value of w left of x. There
    chi_1 = w(x) E[phi'^2], so the phases of the nets with this sigma_b are read off one function.
    Where w falls the limiting variance jumps to where w is larger than before the fall, or to
    infinity, and chi_1 jumps with it: it may step over 1, so that nets are ordered below that
    sigma_w, chaotic above it, and nowhere on an edge.

    Attributes:
        activation: the name of phi.
        sigma_b: the standard deviation of the biases.
        sigma_w_fold: the sigma_w at which the smallest fixed point first merges with the next and
            is lost, where w has its first maximum; infinite if it never is.
        q_fold, chi1_fold: the variance and chi_1 there; NaN if there is no fold.
        chi1_sup: the supremum of chi_1 over the limiting variances of all sigma_w.
        chaotic_phase: whether chi_1 > 1 at the limiting variance of some sigma_w.
        edge_at_limit: whether chi_1 = 1 at the limiting variance of some sigma_w, which is then
            an edge by Definition 2.
    """

    activation: str
    sigma_b: float
    sigma_w_fold: float
    q_fold: float
    chi1_fold: float
    chi1_sup: float
    chaotic_phase: bool
    edge_at_limit: bool


def has_edge_at_limit(phi: Activation | str, sigma_b: float) -> bool:
    """Whether some solution of chi_1 = 1 and F(q) = q at sigma_b is the limiting variance.

    Every solution is tried, not only the one with the smallest q that ``edge_point`` returns.

    Raises:
        ValueError: sigma_b is negative or not finite, or the activation is unknown.

    Example:
        >>> has_edge_at_limit("swish", 0.72), has_edge_at_limit("swish", 0.75)
        (False, True)
    """
    return any(point.stable for point in edge_points(phi, sigma_b))


def limiting_phases(phi: Activation | str, sigma_b: float) -> LimitingPhases:
    """The phases a net with this sigma_b > 0 can be in (section 2 and Definition 2).

    Raises:
        ValueError: sigma_b is not positive and finite, or the activation is unknown.

    Example:
        >>> swish = limiting_phases("swish", 0.72)
        >>> round(swish.sigma_w_fold**2, 5), swish.chaotic_phase, swish.edge_at_limit
        (1.99632, True, False)
    """
    phi = activation(phi)
    sigma_b = check_sigma("sigma_b", sigma_b)
    if sigma_b == 0.0:
        raise ValueError("sigma_b = 0.0; limiting_phases needs sigma_b > 0")
    b2 = sigma_b**2
    # Start a hair above sigma_b^2, where sigma_w = 0.
    start = math.log(b2) + 1e-9
    end = log_grid(phi)[-1]
    t = np.linspace(start, end, round(_PER_DECADE * (end - start) / math.log(10)))

    def w_and_chi1(log_x: FloatArray | float) -> tuple[FloatArray, FloatArray]:
        x = np.exp(log_x)
        second, slope2 = gaussian.moments(phi, x, [gaussian.SECOND, gaussian.SLOPE2])
        # Where phi is constant about 0, both moments underflow: no sigma_w is large enough.
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            w = (x - b2) / second
            return w, w * slope2

    w, chi1 = w_and_chi1(t)
    # Far out w is flat (phi asymptotically linear): rounding is no new record.
    highest = np.maximum.accumulate(w)
    record = w > np.concatenate([[-np.inf], highest[:-1]]) * (1 + _FLAT)
    with np.errstate(invalid="ignore"):
        falling = np.flatnonzero(np.diff(w) < -_FLAT * np.abs(w[:-1]))
    fold, at_fold = (math.inf, math.nan, math.nan), -math.inf
    if falling.size:
        i = int(falling[0])
        peak = minimize_scalar(
            lambda s: -float(w_and_chi1(s)[0]),
            bounds=(t[max(i - 1, 0)], t[min(i + 1, t.size - 1)]),
            method="bounded",
            options={"xatol": 1e-11},
        )
        w_fold, at_fold = -float(peak.fun), float(w_and_chi1(float(peak.x))[1])
        fold = (math.sqrt(w_fold), math.exp(float(peak.x)), at_fold)
        record &= (t <= peak.x) | (w > w_fold)
    chi1_sup = max(at_fold, float(chi1[record].max()))
    return LimitingPhases(
        phi.name,
        sigma_b,
        *fold,
        chi1_sup,
        chaotic_phase=chi1_sup > 1.0 + _CHAOTIC,
        edge_at_limit=has_edge_at_limit(phi, sigma_b),
    )
