"""Where the edge of chaos is stable, and which phases the nets of one sigma_b can be in.

The paper's edge asks for chi_1 = 1 at the limiting variance, the smallest fixed point of F. A
solution of chi_1 = 1 and F(q) = q need not be that: it may repel (alpha = F'(q) > 1), and then a
smaller fixed point attracts.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from edgeofchaos.activations import Activation, activation
from edgeofchaos.arguments import number
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.edge import EdgePoint, edge_point, edge_point_at, edge_points
from edgeofchaos.theory.edge_equation import edge_equation, is_homogeneous
from edgeofchaos.theory.grid import grid_moments, square_jets
from edgeofchaos.theory.log_moments import LogSum, Term
from edgeofchaos.theory.roots import bracketed_root
from edgeofchaos.theory.searched import log_grid, searched
from edgeofchaos.theory.separate import sign_changes

_FLAT = 1e-11  # relative changes of w (see LimitingPhases) that may be rounding alone
_CHAOTIC = 1e-9  # chi_1 - 1 from which a variance counts as chaotic
_BELOW = (0.5, 0.99)  # sigma_b over the threshold's, between which a window is looked for
_PER_DECADE = 64  # points of the grid of x, before the fold is refined
_COARSE = 16  # the same where the fold alone is asked for


def stability_threshold(phi: Activation | str) -> EdgePoint | None:
    """The edge point at which alpha = F'(q) crosses 1, or None if it does not up to q = 1e10.

    On the edge alpha - 1 = E[phi'' phi]/E[phi'^2], so q is the smallest zero of E[phi'' phi] with
    h(q) > 0, looked for from 1e-16 to 1e10 and found by Brent's method between the points of a
    grid of 16 a decade (two zeros in one step of it would be lost). For Swish this is the critical
    point of Roberts, Yaida and Hanin, The Principles of Deep Learning Theory, chapter 5.

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
        ValueError: ``above`` is not a positive number, the edge is not found to turn stable up to
            q = 1e10 (it may be stable from the start), or there is none at that sigma_b.

    Example:
        >>> round(stable_point("swish").sigma_b, 4), stable_point("swish").stable
        (0.7525, True)
    """
    phi = activation(phi)
    above = number("above", above, 0.0, above=True)
    threshold = stability_threshold(phi)
    if threshold is None:
        raise ValueError(f"{phi.name}: its curve does not turn stable up to q = 1e10")
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

    Variances are looked at up to 1e10, or to where phi is not known any more: then what would be
    infinite is NaN, and the other answers are of the variances up to there.

    Attributes:
        activation: the name of phi.
        sigma_b: the standard deviation of the biases.
        sigma_w_fold: the sigma_w at which the smallest fixed point first merges with the next and
            is lost, where w has its first maximum; infinite if it is not, up to x = 1e10.
        q_fold, chi1_fold: the variance and chi_1 there; NaN if there is no fold.
        q_after, chi1_after: the limiting variance just beyond the fold, infinite if there is none
            up to 1e10, and chi_1 at it; NaN if there is no fold.
        chi1_sup: the supremum of chi_1 over the limiting variances of all sigma_w, up to 1e10: an
            estimate, the largest on a grid of 64 a decade, at the fold and beyond it.
        chaotic_phase: whether chi_1 > 1 at the limiting variance of some sigma_w.
        edge_at_limit: whether chi_1 = 1 at the limiting variance of some sigma_w, which is then
            an edge by Definition 2.

    The last two are answers for limiting variances up to 1e10, where the search ends.
    """

    activation: str
    sigma_b: float
    sigma_w_fold: float
    q_fold: float
    chi1_fold: float
    q_after: float
    chi1_after: float
    chi1_sup: float
    chaotic_phase: bool
    edge_at_limit: bool


def has_edge_at_limit(phi: Activation | str, sigma_b: float) -> bool:
    """Whether some solution of chi_1 = 1 and F(q) = q at sigma_b is the limiting variance.

    Every solution with q from 1e-16 to 1e10 is tried, not only the one with the smallest q that
    ``edge_point`` returns.

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
        ValueError: sigma_b is not from 1e-20 to half the root of the largest variance that is
            looked at (1e10), or the activation is unknown.

    Example:
        >>> swish = limiting_phases("swish", 0.72)
        >>> round(swish.sigma_w_fold**2, 5), swish.chaotic_phase, swish.edge_at_limit
        (1.99632, True, False)
    """
    phi = activation(phi)
    # The variances looked at begin at sigma_b^2.
    largest = math.exp(log_grid(phi)[-1] / 2)
    sigma_b = number("sigma_b", sigma_b, 1e-20, 0.5 * largest)
    scan = _Scan(phi, sigma_b)
    q_after, chi1_after = scan.after_the_fold()
    chi1_sup = max(scan.chi1_fold, chi1_after, float(scan.chi1[scan.record].max()), key=_known)
    # chi_1 crosses 1 at the edge points: what may lie between two points of the grid is there.
    edges = [math.log(point.q) for point in edge_points(phi, sigma_b)]
    for t in (0.5 * (a + b) for a, b in itertools.pairwise(edges)):
        if scan.is_limit(t):
            chi1_sup = max(chi1_sup, float(scan.w_and_chi1(t)[1]), key=_known)
    fold = math.sqrt(scan.w_fold)
    if searched(phi).beyond:  # where the search ends early it has not found that there is nothing
        fold, q_after = (math.nan if math.isinf(x) else x for x in (fold, q_after))
    return LimitingPhases(
        phi.name,
        sigma_b,
        fold,
        math.exp(scan.t_fold),
        scan.chi1_fold,
        q_after,
        chi1_after,
        chi1_sup,
        chaotic_phase=chi1_sup > 1.0 + _CHAOTIC,
        edge_at_limit=has_edge_at_limit(phi, sigma_b),
    )


def _known(number: float) -> float:
    """The number, or minus infinity for NaN."""
    return -math.inf if math.isnan(number) else number


class _Scan:
    """w of :class:`LimitingPhases` and chi_1 over a grid of t = log x, and the extrema of w.

    x^-2 E[phi^2]^2 dw/dt = sigma_b^2 (R + R')/x - R' with R = E[phi^2]/x, whose sign changes are
    isolated (separate.py), so that no extremum of w is lost: ``maxima`` and ``minima`` are their t.
    Without a fold w_fold is infinite, and t_fold and chi1_fold are NaN.
    """

    def __init__(self, phi: Activation, sigma_b: float, per_decade: int = _PER_DECADE) -> None:
        self.phi, self.b2 = phi, sigma_b**2
        # Start a hair above sigma_b^2, where sigma_w = 0.
        start, end = math.log(self.b2) + 1e-9, log_grid(phi)[-1]
        self.t = np.linspace(start, end, round(per_decade * (end - start) / math.log(10)))
        self.w, self.chi1 = self.w_and_chi1(self.t)
        # Far out w is flat (phi asymptotically linear): rounding is no new record.
        highest = np.maximum.accumulate(self.w)
        self.record = self.w > np.concatenate([[-np.inf], highest[:-1]]) * (1 + _FLAT)
        self.t_fold, self.w_fold, self.chi1_fold = math.nan, math.inf, math.nan
        turns = [turn for turn in sign_changes(self._slope()) if turn[0] > start]
        self.maxima = [t for t, rises in turns if not rises]
        self.minima = [t for t, rises in turns if rises]
        if self.maxima:
            self.t_fold = self.maxima[0]
            w, chi1 = self.w_and_chi1(self.t_fold)
            self.w_fold, self.chi1_fold = float(w), float(chi1)
            self.record &= (self.t <= self.t_fold) | (self.w > self.w_fold)

    def _slope(self) -> LogSum:
        """What has the sign of dw/dt."""
        jets = square_jets(self.phi)
        terms = [
            Term(self.b2, 1, jets), Term(self.b2, 1, jets, order=1), Term(-1.0, 0, jets, order=1)
        ]  # fmt: skip
        return LogSum(jets, terms, max(int(jets.t.searchsorted(math.log(self.b2))) - 1, 0))

    def rising(self) -> list[tuple[float, float]]:
        """The (from, to) beyond the fold between which w rises."""
        ends = [*self.maxima[1:], float(self.t[-1])]
        return list(zip(self.minima, ends, strict=False))

    def w_and_chi1(self, log_x: FloatArray | float) -> tuple[FloatArray, FloatArray]:
        """w(x) = (x - sigma_b^2)/E[phi^2], and chi_1 = w(x) E[phi'^2]."""
        x = np.exp(log_x)
        second, slope2 = gaussian.moments(self.phi, x, [gaussian.SECOND, gaussian.SLOPE2])
        # Where phi is constant about 0, both moments underflow: no sigma_w is large enough.
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            w = (x - self.b2) / second
            return w, w * slope2

    def _w(self, log_x: float) -> float:
        return float(self.w_and_chi1(log_x)[0])

    def after_the_fold(self) -> tuple[float, float]:
        """The smallest x beyond the fold with w(x) = w at the fold, and chi_1 there."""
        if math.isnan(self.t_fold):
            return math.nan, math.nan
        for low, high in self.rising():
            if self._w(high) > self.w_fold:
                t = bracketed_root(lambda s: self._w(s) / self.w_fold - 1.0, low, high)
                return math.exp(t), float(self.w_and_chi1(t)[1])
        return math.inf, math.nan

    def over_the_fold(self) -> float:
        """The largest w beyond the fold over w at the fold, less 1; -1 where there is none.

        It is positive where some variances converge at a sigma_w beyond the fold.
        """
        return max((self._w(high) / self.w_fold - 1.0 for _, high in self.rising()), default=-1.0)

    def is_limit(self, t: float) -> bool:
        """Whether x is the smallest fixed point at sigma_w^2 = w(x): w is below it on the left."""
        before = [self._w(m) for m in self.maxima if m < t]
        last = max((turn for turn in (*self.maxima, *self.minima) if turn < t), default=-math.inf)
        return last not in self.maxima and self._w(t) > max(before, default=-math.inf)


def chaotic_window(phi: Activation | str) -> tuple[float, float] | None:
    """The sigma_b below the stability threshold where nets can be chaotic, though never on an edge.

    There the fold of F lies at a smaller sigma_w than divergence: the limiting variance jumps at
    the fold to a larger one, and chi_1 over 1. The window ends at the stability threshold. It
    begins where the largest w beyond the fold is the one at the fold, found by Brent's method.

    Returns:
        (from, to), or None if none is found, or no threshold up to q = 1e10.

    Raises:
        ValueError: the activation is unknown.

    Example:
        >>> low, high = chaotic_window("swish")
        >>> round(low, 5), round(high, 5)
        (0.71129, 0.74508)
        >>> chaotic_window("mish") is None
        True
    """
    phi = activation(phi)
    threshold = stability_threshold(phi)
    if threshold is None:
        return None

    def excess(sigma_b: float) -> float:
        return _Scan(phi, sigma_b, _COARSE).over_the_fold()

    # Close to the threshold the fold is too shallow to be seen on the grid.
    low, high = _BELOW[0] * threshold.sigma_b, _BELOW[1] * threshold.sigma_b
    if excess(high) <= 0 or excess(low) > 0:
        return None
    return float(brentq(excess, low, high, xtol=1e-9)), threshold.sigma_b
