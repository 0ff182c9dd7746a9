"""The correlation map at the limiting variance, and its fixed point in the chaotic phase."""

from __future__ import annotations

from edgeofchaos.activations import Activation
from edgeofchaos.theory.correlation import CorrelationMap
from edgeofchaos.theory.recursion import complement_trajectory
from edgeofchaos.theory.variance import depth_scales


def map_at_limit(phi: Activation, sigma_b: float, sigma_w: float) -> CorrelationMap:
    """The correlation map at the limiting variance.

    Raises:
        ValueError: the variance has no finite limit there.
    """
    q = depth_scales(phi, sigma_b, sigma_w).q
    return CorrelationMap(phi, q, sigma_b, sigma_w)


def chaotic_limit(cmap: CorrelationMap) -> float:
    """lim 1 - c^l: after 2,000 layers from 1 - c = 1/2."""
    return float(complement_trajectory(cmap, 0.5, [2000])[0])
