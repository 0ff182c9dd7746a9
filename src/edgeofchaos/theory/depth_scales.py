"""The depth scales: how fast variances and correlations converge at the limiting variance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from edgeofchaos.activations import Activation
from edgeofchaos.theory.variance import variance_map

_SLOPE_ONE = 1e-9  # |slope - 1| up to which a depth scale is infinite


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
