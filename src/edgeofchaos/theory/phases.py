"""The correlation map off the edge, and where it takes correlations in the chaotic phase."""

from __future__ import annotations

import math

from edgeofchaos.activations import Activation
from edgeofchaos.theory.correlation import CorrelationMap
from edgeofchaos.theory.depth_scales import depth_scales
from edgeofchaos.theory.recursion import complement_trajectory
from edgeofchaos.theory.roots import bracketed_root


def map_at_limit(phi: Activation, sigma_b: float, sigma_w: float) -> CorrelationMap:
    """The correlation map of phi at (sigma_b, sigma_w), at the limiting variance there.

    Raises:
        ValueError: the variance has no limit up to 1e10 there.

    Example:
        >>> from edgeofchaos import activation
        >>> map_at_limit(activation("tanh"), 0.3, 2.0).chi1 > 1
        True
    """
    q = depth_scales(phi, sigma_b, sigma_w).q
    return CorrelationMap(phi, q, sigma_b, sigma_w)


_SMALLEST = 1e-14  # fixed points of 1 - c below this count as 0


def fixed_point(cmap: CorrelationMap) -> float:
    """The fixed point of 1 - c in (0, 1] where chi_1 > 1, to about 1e-8/(1 - f'); else 0.

    It is where R(gamma) = (1 - f(1 - gamma))/gamma is 1, and R does not rise with gamma, for f is
    convex.
    """
    if not float(cmap.ratio(_SMALLEST)) > 1.0:
        return 0.0
    return math.exp(
        bracketed_root(lambda x: float(cmap.ratio(math.exp(x))) - 1.0, math.log(_SMALLEST), 0.0)
    )


def chaotic_limit(cmap: CorrelationMap, layers: int = 2000) -> float:
    """The limit of 1 - c^l in the chaotic phase, 0 in the ordered one.

    Where f' < 1 at it, iteration from its :func:`fixed_point` settles the last digits, so that it
    is the limit of the recursion as computed. It is the same from every correlation c in [0, 1),
    since f is convex there.

    Example:
        >>> from edgeofchaos import activation
        >>> round(chaotic_limit(map_at_limit(activation("tanh"), 0.3, 2.0)), 4)
        0.7361
    """
    start = fixed_point(cmap)
    return float(complement_trajectory(cmap, start, [layers])[0]) if start else 0.0
