"""The slow passage of a variance past the fold of F, where fixed points have just vanished.

At the fold F touches the diagonal. Just beyond it F(x) - x is positive everywhere, with a small
minimum g at x*. Near it q^(l+1) - q^l = g + a (q^l - x*)^2, a = F''(x*)/2, whose continuous form is
solved by a tangent: a variance takes pi/sqrt(a g) layers from far below to far above x*, and

    (arctan(r (high - x*)) - arctan(r (low - x*)))/sqrt(a g),   r = sqrt(a/g),

from low to high. That leaves out the third order of F, so it is an estimate, better the smaller g.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from edgeofchaos.activations import Activation
from edgeofchaos.arguments import MOST_LAYERS, check_sigma, number, whole
from edgeofchaos.theory.roots import bracketed_root
from edgeofchaos.theory.searched import log_grid
from edgeofchaos.theory.variance import VarianceMap, variance_map

_STEP = 1e-4  # of log x, for the difference quotient of F'


@dataclass(frozen=True)
class Bottleneck:
    """The place where F comes closest to the diagonal without touching it.

    Attributes:
        x: that place, x*.
        gap: F(x*) - x*, positive.
        curvature: a = F''(x*)/2.
    """

    x: float
    gap: float
    curvature: float

    @property
    def layers(self) -> float:
        """pi/sqrt(a g): the layers that a variance takes to pass from far below to far above."""
        return math.pi / math.sqrt(self.curvature * self.gap)

    def layers_between(self, low: float, high: float) -> float:
        """The layers that a variance takes from ``low`` to ``high``, by the same law."""
        ratio = math.sqrt(self.curvature / self.gap)
        angles = math.atan(ratio * (high - self.x)) - math.atan(ratio * (low - self.x))
        return angles / math.sqrt(self.curvature * self.gap)


def bottleneck(phi: Activation | str, sigma_b: float, sigma_w: float) -> Bottleneck | None:
    """The bottleneck of F at (sigma_b, sigma_w); None where F meets the diagonal or has none.

    Both are looked for from x = 1e-16 to 1e10. x* solves F'(x) = 1 by Brent's method, at the first
    minimum of F(x) - x on the search grid.

    Raises:
        ValueError: sigma_b or sigma_w is negative or not finite, or the activation is unknown.

    Example:
        >>> point = bottleneck("swish", sigma_b=0.2, sigma_w=1.718)
        >>> round(point.x, 4), round(point.layers)
        (0.3349, 176)
    """
    fmap = variance_map(phi, sigma_b, sigma_w)
    if fmap.fixed_points():
        return None
    t = log_grid(fmap.phi)
    excess = fmap.derivative(np.exp(t)) - 1.0  # the slope of F(x) - x
    rising = np.flatnonzero((excess[:-1] < 0) & (excess[1:] >= 0))
    if not rising.size:
        return None
    i = int(rising[0])
    at = bracketed_root(lambda s: float(fmap.derivative(math.exp(s))) - 1.0, t[i], t[i + 1])
    x = math.exp(at)
    slopes = fmap.derivative(np.exp([at - _STEP, at + _STEP]))
    curvature = float(slopes[1] - slopes[0]) / (2 * x * math.sinh(_STEP)) / 2
    return Bottleneck(x, float(fmap(x)) - x, curvature)


def edge_depth(fmap: VarianceMap, start: float, most: int) -> int | None:
    """The first layer l with chi_1(q^l) >= 1, from q^1 = ``start``; None if none up to ``most``.

    Where q^l grows through a bottleneck, a net of that depth looks as if it were on the edge.

    Raises:
        ValueError: ``start`` is no variance, or ``most`` no whole number from 1 to 10,000,000.
    """
    start = number("start", start, 0.0, 1e40, what="variance")
    path = fmap.trajectory(start, whole("most", most, 1, MOST_LAYERS))
    chi1 = fmap.chi1(np.where(np.isfinite(path), path, 1e30))
    above = np.flatnonzero(chi1 >= 1.0)
    return int(above[0]) + 1 if above.size else None


def edge_at_depth(
    phi: Activation | str, sigma_b: float, depth: int, start: float, low: float, high: float
) -> float:
    """The sigma_w at which chi_1(q^depth) = 1 from q^1 = ``start``, by Brent's method to 1e-12.

    It is the edge point that solving chi_1 = 1 at a finite depth gives; as the depth grows it tends
    to the edge, or where that is unstable to the fold.

    Raises:
        ValueError: chi_1(q^depth) - 1 has the same sign at both ends of [low, high], a number is
            negative or not finite, or ``depth`` is no whole number from 1 to 10,000,000.
    """
    depth = whole("depth", depth, 1, MOST_LAYERS)
    start = number("start", start, 0.0, 1e40, what="variance")
    low, high = check_sigma("low", low), check_sigma("high", high)

    def excess(sigma_w: float) -> float:
        fmap = variance_map(phi, sigma_b, sigma_w)
        q = float(fmap.trajectory(start, depth)[-1])
        return min(float(fmap.chi1(q)) if math.isfinite(q) else math.inf, 10.0) - 1.0

    ends = excess(low), excess(high)
    if ends[0] * ends[1] > 0:
        raise ValueError(
            f"(low, high) = ({low:g}, {high:g}): chi_1 - 1 at depth {depth} is {ends[0]:.3g} and "
            f"{ends[1]:.3g}; allowed are ends between which it changes its sign"
        )
    return float(brentq(excess, low, high, xtol=1e-12))
