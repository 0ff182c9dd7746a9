"""The variance map F(x) = sigma_b^2 + sigma_w^2 E[phi(sqrt(x) Z)^2], its fixed points and slopes.

F takes the variance of one layer's pre-activations to that of the next. chi_1(x) = sigma_w^2
E[phi'(sqrt(x) Z)^2] and F'(x) = chi_1(x) + sigma_w^2 E[phi'' phi], in which the jumps of phi' at
kinks are counted (Hayou, Doucet and Rousseau 2018, section 2).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike

from edgeofchaos.activations import Activation, activation
from edgeofchaos.arguments import MOST_LAYERS, check_sigma, number, numbers, whole
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.grid import grid_moments, square_jets, variance_may_fall
from edgeofchaos.theory.log_moments import Jets, LogSum, Term, square_over_x
from edgeofchaos.theory.roots import bracketed_root
from edgeofchaos.theory.searched import GRID_STEP, log_grid, searched
from edgeofchaos.theory.separate import FLAT, separated

# A root of F(x) - x is known less well than an edge point's q, since at small sigma_b F is close
# to the diagonal. Two that agree to this, relative, are the same point.
SAME_POINT = 1e-6

# A variance below counts as 0, one above is refused (tabulation.py goes no further).
_VANISHED, _LARGEST = 1e-40, 1e40
_LOWEST = 2 * _VANISHED  # from where fixed points are looked for at most
_ERROR = 1e-12  # relative, of F
_LAYERS = 10_000  # through which a limit is followed at most


@dataclass(frozen=True)
class FixedPoint:
    """A solution x of F(x) = x.

    Attributes:
        x: the variance.
        alpha: F'(x).
        chi1: sigma_w^2 E[phi'(sqrt(x) Z)^2].
        attracts: whether variances that start near x tend to it.
    """

    x: float
    alpha: float
    chi1: float
    attracts: bool


class VarianceMap:
    """F for one activation and one (sigma_b, sigma_w); a callable on arrays of variances.

    Raises:
        ValueError: sigma_b or sigma_w is negative or not finite, or the activation is unknown.

    Example:
        >>> fmap = VarianceMap("relu", sigma_b=0.5, sigma_w=1.0)
        >>> fmap([1.0, 2.0]).round(12)
        array([0.75, 1.25])
        >>> round(fmap.limit(), 12)
        0.5
    """

    def __init__(self, phi: Activation | str, sigma_b: float, sigma_w: float) -> None:
        self.phi = activation(phi)
        self.sigma_b = check_sigma("sigma_b", sigma_b)
        self.sigma_w = check_sigma("sigma_w", sigma_w)

    @overload
    def __call__(self, x: float) -> float: ...
    @overload
    def __call__(self, x: ArrayLike) -> FloatArray: ...
    def __call__(self, x: Any) -> Any:
        """F(x) for variances x >= 0, in the shape of x.

        Raises:
            ValueError: a variance is negative or above 1e40.
        """
        return self.sigma_b**2 + self.sigma_w**2 * _at(
            x,
            lambda v: gaussian.second_moment(self.phi, v),
            self._value_at_zero**2,
        )

    @property
    def _value_at_zero(self) -> float:
        """phi(0), kept: one call of phi costs more than an expectation."""
        if "value_at_zero" not in self.phi.cache:
            self.phi.cache["value_at_zero"] = float(self.phi(0.0))
        return self.phi.cache["value_at_zero"]

    @overload
    def chi1(self, x: float) -> float: ...
    @overload
    def chi1(self, x: ArrayLike) -> FloatArray: ...
    def chi1(self, x: Any) -> Any:
        """chi_1 at variances x >= 0, in the shape of x; at 0 the limit x -> 0.

        That limit is sigma_w^2 (phi'(0+)^2 + phi'(0-)^2)/2.

        Raises:
            ValueError: a variance is negative or above 1e40.
        """
        slopes = self.phi.one_sided(0.0)[:, 1]
        return self.sigma_w**2 * _at(
            x, lambda v: gaussian.slope_second_moment(self.phi, v), float(np.mean(slopes**2))
        )

    @overload
    def derivative(self, x: float) -> float: ...
    @overload
    def derivative(self, x: ArrayLike) -> FloatArray: ...
    def derivative(self, x: Any) -> Any:
        """F'(x) = chi_1(x) + sigma_w^2 E[phi'' phi] for variances x > 0, in the shape of x.

        Raises:
            ValueError: a variance is below 1e-40 or above 1e40.
        """
        x = _variances(x, _VANISHED)
        return self.sigma_w**2 * gaussian.second_moment_slope(self.phi, x)

    def fixed_points(self) -> list[FixedPoint]:
        """All fixed points in (1e-16, 1e10), smallest first, and 0 where F(0) = 0.

        None is lost: F(x)/x - 1 is known on a grid of 16 points a decade, to which extrema are
        added until bounds on its derivatives exclude any other between two points that could hide
        roots (separate.py). Between neighbours of opposite sign there is then one root, which is
        refined by Brent's method to 1e-14 relative. That holds of F as it is computed, whose
        relative error is below 1e-12: so for a sigma_w^2 that is as close to the one asked for.

        Where F touches the diagonal without crossing it, to rounding (1e-14 relative), as at a
        fold, the place is listed once, with alpha = 1 exactly; it takes variances in from one side
        alone, and ``attracts`` is False. Where F(x) = x for every x (a ReLU-like phi on its edge),
        only 0 is listed. With sigma_b > 0 the smallest may lie below 1e-16, and is listed too.

        Raises:
            ValueError: fixed points lie too close together to be told apart, or chi_1 is 1 at
                variance 0 and sigma_b so small, but not 0, that rounding hides the smallest.
        """
        t, relative = self.separated()
        clear = np.flatnonzero(np.abs(relative) > FLAT)  # elsewhere the sign is rounding
        first = float(relative[clear[0]]) if clear.size else 0.0
        found = []
        if self(0.0) == 0.0:
            found.append(self._zero(first))
        elif first < 0:  # below 1e-40, where phi is linear
            chi1 = float(self.chi1(0.0))
            if chi1 < 1.0:
                found.append(FixedPoint(self.sigma_b**2 / (1.0 - chi1), chi1, chi1, True))
            else:  # F is above the diagonal there, so that the sign of F's own error is left out
                clear = clear[np.maximum.accumulate(np.abs(relative[clear]) > _ERROR)]
                if clear.size and relative[clear[0]] < 0:
                    raise ValueError(
                        f"sigma_b = {self.sigma_b:g} with chi_1 = {chi1:.15g} at variance 0: where "
                        "F meets the diagonal is lost in rounding; allowed is sigma_b = 0, a "
                        "larger one, or another sigma_w"
                    )
        for i, j in itertools.pairwise(clear):
            if relative[i] * relative[j] < 0:
                root = bracketed_root(self._relative, t[i], t[j])
                found.append(self._point(math.exp(root)))
            elif j > i + 1:
                touch = i + 1 + int(np.argmin(np.abs(relative[i + 1 : j])))
                x = math.exp(t[touch])
                found.append(FixedPoint(x, 1.0, float(self.chi1(x)), False))
        return found

    def above_until(self, q: float) -> int:
        """The number of the grid's points up to which F is above the diagonal, for it is far above.

        sqrt(x) (F(x) - sigma_b^2) does not fall, so that between two points x < y of the grid F/x
        is at least sigma_b^2/y + sigma_w^2 E[phi^2] (x/y)^(3/2)/x, with E[phi^2] at x.
        """
        t = log_grid(self.phi)
        n = int(t.searchsorted(math.log(q)))
        over_x = np.exp(-t[: n + 1])
        moment = grid_moments(self.phi, gaussian.SECOND)[:n] * over_x[:n]
        step = math.exp(-1.5 * GRID_STEP)
        least = self.sigma_b**2 * over_x[1:] + (1 - 1e-12) * self.sigma_w**2 * moment * step
        above = least > 1.0
        return n if above.all() else int(np.argmin(above))

    def separated(self, begin: int = 0, up_to: float = math.inf) -> tuple[FloatArray, FloatArray]:
        """t = log x and F(x)/x - 1 there, without an extremum between that could hide a root.

        The grid begins at the point ``begin`` and ends where it does or, past ``up_to``, earlier.

        Raises:
            ValueError: extrema lie too close together to be told apart.
        """
        jets = square_jets(self.phi, begin, up_to)
        over_x, w2 = self.sigma_b**2 * jets.inverse[: jets.known], self.sigma_w**2
        values = over_x + w2 * jets.at[0, : jets.known] - 1.0
        curvatures = over_x[:-1] + w2 * jets.bounds[2, : jets.known - 1]
        t, relative = separated(self._gap(jets), values, curvatures)
        if not begin and relative[0] < -FLAT and self(0.0) > 0.0:
            # F starts above the diagonal, so that it has met it before the grid begins.
            low = math.log(max(self.sigma_b**2, _LOWEST))
            below = np.linspace(low, t[0], max(2, math.ceil((t[0] - low) / GRID_STEP) + 1))
            jets = Jets(square_over_x(self.phi), below).up_to(below.size)
            more, values = separated(self._gap(jets))
            t, relative = np.concatenate([more[:-1], t]), np.concatenate([values[:-1], relative])
        return t, relative

    def _gap(self, jets: Jets) -> LogSum:
        """F(x)/x - 1 = sigma_b^2/x + sigma_w^2 E[phi^2]/x - 1 as a function of log x."""
        terms = [Term(self.sigma_b**2, power=1), Term(self.sigma_w**2, jets=jets), Term(-1.0)]
        return LogSum(jets, terms)

    def _relative(self, t: float) -> float:
        """F(x)/x - 1 at x = e^t."""
        return float(self(math.exp(t))) / math.exp(t) - 1.0

    def limiting_points(self) -> list[FixedPoint]:
        """The fixed points from the limiting variance on, if it exists: then the first attracts.

        F starts at or above the diagonal, so that is the smallest one, unless it is a 0 that
        repels: then every variance above 0 goes to the next.
        """
        points = self.fixed_points()
        skip = len(points) > 1 and points[0].x == 0.0 and not points[0].attracts
        return points[1:] if skip else points

    def _point(self, x: float) -> FixedPoint:
        alpha = float(self.derivative(x))
        return FixedPoint(x, alpha, float(self.chi1(x)), alpha < 1.0)

    def _zero(self, gap_above: float) -> FixedPoint:
        chi1 = float(self.chi1(0.0))
        # F(x) = x counts as attracting: every variance has a limit (Proposition 2).
        return FixedPoint(0.0, chi1, chi1, gap_above <= 0.0)

    def limit(self, start: float = 0.0) -> float:
        """lim q^l from q^1 = ``start``: a fixed point, or infinity beyond the largest variance.

        sqrt(x) (F(x) - sigma_b^2) is sigma_w^2 times the integral of phi(u)^2 exp(-u^2/(2x)) over
        sqrt(2 pi), so that sqrt(x) F(x) does not fall, F' >= -1/2 at a fixed point and F has no
        cycle of two variances: every sequence of variances that stays bounded converges to a fixed
        point. With p the next of :meth:`fixed_points` in the direction in which the variance moves,
        it is p where F does not fall between, or where p (p/x)^(1/2), past which F cannot take x,
        is still before the fixed point after p. Until one of these holds F is iterated; where it
        does not within 10,000 layers the limit is NaN: not decided. So is it where no fixed point
        holds the variance and phi is not known up to variances of 1e10; where it is, the limit is
        infinity, which says no more than that.

        Raises:
            ValueError: ``start`` is no variance from 0 to 1e40.
        """
        start = number("start", start, 0.0, _LARGEST, what="variance")
        points = self.fixed_points()
        at = [p.x for p in points]
        x = float(start)
        for _ in range(_LAYERS):
            if any(abs(p - x) <= 1e-11 * p for p in at):
                return min(at, key=lambda p: abs(p - x))
            image = float(self(x))
            if abs(image - x) <= FLAT * x:
                return x  # a ReLU-like phi on its edge keeps every variance
            beyond = [p for p in points if (p.x > x) == (image > x)]
            if not beyond:
                return self._beyond(image > x, x)
            target = min(beyond, key=lambda p: abs(p.x - x))
            if self._rises(x, target.x) or self._stays_about(target, x, at):
                return target.x
            x = image
        return math.nan

    def _beyond(self, rising: bool, x: float) -> float:
        """What is said of the limit from x where no fixed point lies in its direction."""
        known = searched(self.phi)
        end = known.beyond if rising else known.below
        return math.nan if end else (math.inf if rising else x)

    def _rises(self, x: float, y: float) -> bool:
        """Whether F is known not to fall between x and y."""
        t, falls = variance_may_fall(self.phi)
        low, high = (math.log(max(v, _LOWEST)) for v in sorted((x, y)))
        first, last = int(t.searchsorted(low, "right")) - 1, int(t.searchsorted(high))
        return high <= t[-1] and not falls[max(first, 0) : last].any()

    def _stays_about(self, target: FixedPoint, x: float, at: list[float]) -> bool:
        """Whether ``target``, the next fixed point, is the only one that x can come to."""
        if target.x == 0.0 or x == 0.0:
            return target.x == 0.0  # F(y) < y down to 0
        farthest = target.x * math.sqrt(target.x / x)
        low, high = min(x, farthest), max(x, farthest)
        return target.attracts and not any(low <= p <= high for p in at if p != target.x)

    def basin(self) -> float:
        """K_var of Definition 1: variances up to it tend to the limiting variance.

        It is the largest K such that q^l tends to the limiting variance from every q^1 <= K (from
        every one above 0 where 0 repels); 0 if there is none, and infinite if no fixed point up to
        1e10, where the search ends, bounds it. NaN where F may take a variance below the limiting
        one past the next fixed point, which takes an F that falls steeply.
        """
        points = self.limiting_points()
        if not points:
            return 0.0
        if not points[0].attracts:
            return points[0].x
        if len(points) == 1:
            return math.inf
        q, following = points[0].x, points[1].x
        if not self._rises(0.0, q):
            # Between two points of the grid F is at most e^(step/2) times what it is at the second.
            x = np.exp(log_grid(self.phi))
            most = self(x[: int(x.searchsorted(q)) + 1]).max() * math.exp(GRID_STEP / 2)
            if not most < following:
                return math.nan
        return following

    def trajectory(self, start: ArrayLike, layers: int) -> FloatArray:
        """The variances q^1 ... q^layers from q^1 = ``start``: shape (layers,) + shape of start.

        A variance beyond 1e30 is reported as infinite and stays so.

        Raises:
            ValueError: ``start`` is no array of variances from 0 to 1e40, or ``layers`` no whole
                number from 1 to 10,000,000.
        """
        layers = whole("layers", layers, 1, MOST_LAYERS)
        q = np.array(numbers("start", start, 0.0, _LARGEST, what="variance"))
        out = np.empty((layers, *q.shape))
        for layer in range(layers):
            out[layer] = q
            live = np.isfinite(q)
            new = np.where(live, self(np.where(live, q, 1.0)), np.inf)
            q = np.where(new > 1e30, np.inf, new)
        return out


def _at(x: Any, moment: Callable[[Any], FloatArray], at_zero: float) -> Any:
    """``moment`` of the positive entries of x, ``at_zero`` where x is 0; the shape of x."""
    x = _variances(x)
    if isinstance(x, float) and x >= _VANISHED:
        return float(moment(x))
    x = np.asarray(x)
    positive = x >= _VANISHED
    out = np.where(positive, 0.0, at_zero)
    if positive.any():
        out[positive] = moment(x[positive])
    return out if out.ndim else float(out)


def _variances(x: Any, least: float = 0.0) -> Any:
    """x as a float or an array, if it is of variances from ``least`` on."""
    if isinstance(x, float) and least <= x <= _LARGEST:
        return x
    found = numbers("x", x, least, _LARGEST, what="variance")
    return found if found.ndim else float(found)


def variance_map(phi: Activation | str, sigma_b: float, sigma_w: float) -> VarianceMap:
    """The variance map F of phi at (sigma_b, sigma_w): a callable on arrays.

    Raises:
        ValueError: sigma_b or sigma_w is negative or not finite, or the activation is unknown.

    Example:
        >>> variance_map("tanh", 0.2, 1.0)(0.0)
        0.04000000000000001
    """
    return VarianceMap(phi, sigma_b, sigma_w)
