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
    found = depth_scales_or_none(phi, sigma_b, sigma_w)
    if found is None:
        fmap = variance_map(phi, sigma_b, sigma_w)
        raise ValueError(
            f"(sigma_b, sigma_w) = ({fmap.sigma_b:g}, {fmap.sigma_w:g}): the variance has no "
            f"finite limit for {fmap.phi.name} up to 1e10, where the search for one ends"
        )
    return found


def depth_scales_or_none(
    phi: Activation | str, sigma_b: float, sigma_w: float
) -> DepthScales | None:
    """As :func:`depth_scales`, but None where the variance has no limit up to 1e10.

    Raises:
        ValueError: sigma_b or sigma_w is negative or not finite, or the activation is unknown.

    Example:
        >>> depth_scales_or_none("relu", 0.3, 2.0) is None
        True
    """
    points = variance_map(phi, sigma_b, sigma_w).limiting_points()
    if not points or not points[0].attracts:
        return None
    p = points[0]
    return DepthScales(p.x, p.alpha, p.chi1, _scale(p.alpha), _scale(p.chi1))


def phase_name(chi1: float) -> str:
    """``ordered``, ``edge`` or ``chaotic``, by chi_1 at the limiting variance: 1 to 1e-9 is edge.

    Example:
        >>> [phase_name(chi1) for chi1 in (0.5, 1.0, 1.5)]
        ['ordered', 'edge', 'chaotic']
    """
    if abs(chi1 - 1.0) < _SLOPE_ONE:
        return "edge"
    return "ordered" if chi1 < 1.0 else "chaotic"


def _scale(slope: float) -> float:
    if abs(slope - 1.0) <= _SLOPE_ONE:
        return math.inf
    if slope > 1:
        return math.nan
    return -1.0 / math.log(abs(slope)) if slope != 0 else 0.0
