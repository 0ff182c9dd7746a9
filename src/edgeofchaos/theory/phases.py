"""The correlation map off the edge, and where it takes correlations in the chaotic phase."""

from __future__ import annotations

from edgeofchaos.activations import Activation
from edgeofchaos.theory.correlation import CorrelationMap
from edgeofchaos.theory.recursion import complement_trajectory
from edgeofchaos.theory.variance import depth_scales


def map_at_limit(phi: Activation, sigma_b: float, sigma_w: float) -> CorrelationMap:
    """The correlation map of phi at (sigma_b, sigma_w), at the limiting variance there.

    Raises:
        ValueError: the variance has no finite limit there.

    Example:
        >>> from edgeofchaos import activation
        >>> map_at_limit(activation("tanh"), 0.3, 2.0).chi1 > 1
        True
    """
    q = depth_scales(phi, sigma_b, sigma_w).q
    return CorrelationMap(phi, q, sigma_b, sigma_w)


def chaotic_limit(cmap: CorrelationMap, layers: int = 2000) -> float:
    """The limit of 1 - c^l: its value after so many layers from 1 - c = 1/2.

    In the chaotic phase it is positive, and the same from every correlation c in [0, 1), since f
    is convex there.

    Example:
        >>> from edgeofchaos import activation
        >>> round(chaotic_limit(map_at_limit(activation("tanh"), 0.3, 2.0)), 4)
        0.7361
    """
    return float(complement_trajectory(cmap, 0.5, [layers])[0])
