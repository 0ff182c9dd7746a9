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
from scipy.optimize import brentq, minimize_scalar

from edgeofchaos.activations import Activation, activation
from edgeofchaos.arguments import MOST_LAYERS, check_sigma, number, numbers, whole
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray, ScalarFunction

# log q where fixed points and edge points are looked for before they are refined.
_LOG_GRID = np.linspace(math.log(1e-16), math.log(1e10), 16 * 26 + 1)
GRID_STEP = float(_LOG_GRID[1] - _LOG_GRID[0])
ROOT_TOLERANCE = 1e-14  # on log x
# A root of F(x) - x is known less well than an edge point's q, since at small sigma_b F is close
# to the diagonal. Two that agree to this, relative, are the same point.
SAME_POINT = 1e-6

_FLAT = 1e-14  # |F(x)/x - 1| that may be rounding alone
# A variance below counts as 0, one above is refused (gaussian.py tabulates no further).
_VANISHED, _LARGEST = 1e-40, 1e40
_SLOPE_ONE = 1e-9  # |slope - 1| up to which a depth scale is infinite


def bracketed_root(function: ScalarFunction, low: float, high: float) -> float:
    """A root of ``function`` in [low, high] by Brent's method, to 1e-14 absolute.

    Where rounding has given both ends the same sign, the end nearer to 0 is the root.
    """
    at_low, at_high = function(low), function(high)
    if at_low * at_high >= 0:
        return low if abs(at_low) <= abs(at_high) else high
    return brentq(function, low, high, xtol=ROOT_TOLERANCE, rtol=1e-15)


def extremum(
    function: ScalarFunction, low: float, high: float, sign: float = 1.0
) -> tuple[float, float]:
    """Where sign * function is largest in [low, high], to 1e-10 absolute, and the function there.

    For a function with one such extremum; ``sign`` is -1 for a minimum. By bounded minimisation
    (Brent), so that the place is found to about the square root of the function's rounding.

    Example:
        >>> at, value = extremum(lambda t: 1.0 - (t - 0.5) ** 2, 0.0, 2.0)
        >>> round(at, 6), value
        (0.5, 1.0)
    """
    best = minimize_scalar(
        lambda t: -sign * function(t), bounds=(low, high), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    return float(best.x), -sign * float(best.fun)


def with_points(
    t: FloatArray, values: FloatArray, points: list[tuple[float, float]]
) -> tuple[FloatArray, FloatArray]:
    """A grid and the values on it with more points (place, value) put in, in the order of t."""
    places, added = np.array(points, dtype=np.float64).reshape(-1, 2).T
    every = np.concatenate([t, places])
    order = np.argsort(every)
    return every[order], np.concatenate([values, added])[order]


def log_grid(phi: Activation) -> FloatArray:
    """log q from 1e-16 to 1e10, 16 a decade, or to where phi can still be tabulated."""
    return _LOG_GRID[np.exp(_LOG_GRID) < gaussian.largest_variance(phi)]


def grid_moments(phi: Activation, row: int) -> FloatArray:
    """The moment ``row`` (MEAN, SECOND, ... of gaussian) at each q of the grid, kept with phi."""
    key = ("grid", row)
    if key not in phi.cache:
        phi.cache[key] = gaussian.moments(phi, np.exp(log_grid(phi)), [row])[0]
    return phi.cache[key]


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
            float(self.phi(0.0)) ** 2,
        )

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
        return self.chi1(x) + self.sigma_w**2 * gaussian.curvature_phi(self.phi, x)

    def fixed_points(self) -> list[FixedPoint]:
        """All fixed points in (1e-16, 1e10), smallest first, and 0 where F(0) = 0.

        Sign changes of F(x)/x - 1 on a grid of 16 points a decade, to which its extrema are added
        where they come close to 0, refined by Brent's method to 1e-14 relative. So a pair of fixed
        points close to each other, as just before the fold of F, is found between two points of
        the grid. Where F(x) = x for every x (a ReLU-like phi on its edge), only 0 is listed.
        """
        grid = log_grid(self.phi)
        x = np.exp(grid)
        gap = self.sigma_b**2 + self.sigma_w**2 * grid_moments(self.phi, gaussian.SECOND) - x
        found = []
        if self(0.0) == 0.0:
            found.append(self._zero(float(gap[0] / x[0])))
        grid, relative = self._with_extrema(grid, gap / x)
        clear = np.flatnonzero(np.abs(relative) > _FLAT)  # elsewhere the sign is rounding
        for i, j in itertools.pairwise(clear):
            if relative[i] * relative[j] < 0:
                t = bracketed_root(self._relative, grid[i], grid[j])
                found.append(self._point(math.exp(t)))
        return found

    def _with_extrema(self, t: FloatArray, relative: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The grid t = log x and F(x)/x - 1 on it, with the extrema that could hide two roots."""
        steps = np.diff(relative)
        turns = np.flatnonzero(steps[:-1] * steps[1:] < 0) + 1
        # Between three points of the grid a smooth function dips below the middle one by an eighth
        # of its second difference; ten times as much is looked at.
        near = np.abs(relative[turns]) < 1.25 * np.abs(steps[turns] - steps[turns - 1])
        # A minimum above 0 or a maximum below it; others lie further from 0 than their neighbours.
        towards = relative[turns] * steps[turns] > 0
        found = []
        for i in turns[near & towards & (np.abs(relative[turns]) > _FLAT)]:
            at, value = extremum(self._relative, t[i - 1], t[i + 1], -np.sign(relative[i]))
            if value * relative[i] < 0:
                found.append((at, value))
        return with_points(t, relative, found)

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
        return FixedPoint(0.0, chi1, chi1, gap_above < 1e-13)

    def limit(self, start: float = 0.0) -> float:
        """lim q^l from q^1 = ``start``: the fixed point that the variance goes to, or infinity.

        Where F does not decrease, the limit is the next of :meth:`fixed_points` in the direction
        in which the variance moves. Where F decreases somewhere, F is iterated, up to 10,000
        layers. So infinity says that no fixed point up to 1e10, where the search ends, holds the
        variance.

        Raises:
            ValueError: ``start`` is no variance from 0 to 1e40.
        """
        start = number("start", start, 0.0, _LARGEST, what="variance")
        points = self.fixed_points()
        slopes = np.diff(grid_moments(self.phi, gaussian.SECOND))
        if np.any(slopes < -1e-12):
            return self._iterate(start)
        at = [p.x for p in points]
        if any(abs(p - start) <= 1e-11 * p for p in at):
            return min(at, key=lambda p: abs(p - start))
        image = float(self(start))
        if abs(image - start) <= _FLAT * start:
            return start  # a ReLU-like phi on its edge keeps every variance
        rising = image > start
        beyond = [p for p in at if (p > start if rising else p < start)]
        if rising:
            return min(beyond, default=math.inf)
        return max(beyond, default=start)

    def _iterate(self, x: float) -> float:
        top = math.exp(log_grid(self.phi)[-1])
        for _ in range(10_000):
            new = float(self(x))
            if abs(new - x) <= 1e-14 * x or new > top:
                break
            x = new
        return new if new <= top else math.inf

    def basin(self) -> float:
        """K_var of Definition 1: variances up to it tend to the limiting variance.

        It is the largest K such that q^l tends to the limiting variance from every q^1 <= K (from
        every one above 0 where 0 repels); 0 if there is none, and infinite if no fixed point up to
        1e10, where the search ends, bounds it.
        """
        points = self.limiting_points()
        if not points:
            return 0.0
        if not points[0].attracts:
            return points[0].x
        return points[1].x if len(points) > 1 else math.inf

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


@dataclass(frozen=True)
class DepthScales:
    """How fast variances and correlations converge, at the limiting variance.

    Attributes:
        q: the limiting variance.
        alpha: F'(q).
        chi1: chi_1 at q.
        variance: epsilon_q = -1/log |alpha|, in layers.
        correlation: epsilon_c = -1/log chi_1, in layers.

    A depth scale is infinite where its slope is 1 (to 1e-9), and NaN where the slope exceeds 1 and
    nothing converges.
    """

    q: float
    alpha: float
    chi1: float
    variance: float
    correlation: float


def depth_scales(phi: Activation | str, sigma_b: float, sigma_w: float) -> DepthScales:
    """The depth scales of phi at (sigma_b, sigma_w) (section 2; Schoenholz et al. 2017).

    Raises:
        ValueError: the variance has no limit up to 1e10, sigma_b or sigma_w is negative or not
            finite, or the activation is unknown.

    Example:
        >>> round(depth_scales("tanh", 0.3, 1.0).correlation, 2)
        2.81
    """
    fmap = variance_map(phi, sigma_b, sigma_w)
    points = fmap.limiting_points()
    if not points or not points[0].attracts:
        raise ValueError(
            f"(sigma_b, sigma_w) = ({fmap.sigma_b:g}, {fmap.sigma_w:g}): the variance has no "
            f"finite limit for {fmap.phi.name} up to 1e10, where the search for one ends"
        )
    p = points[0]
    return DepthScales(p.x, p.alpha, p.chi1, _scale(p.alpha), _scale(p.chi1))


def _scale(slope: float) -> float:
    if abs(slope - 1.0) <= _SLOPE_ONE:
        return math.inf
    if slope > 1:
        return math.nan
    return -1.0 / math.log(abs(slope)) if slope != 0 else 0.0
