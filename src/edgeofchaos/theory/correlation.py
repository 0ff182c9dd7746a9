"""The correlation map f(c), its complement 1 - f(1 - gamma) and its derivatives.

f takes the correlation of two inputs' pre-activations in one layer to that in the next, at the
limiting variance (Hayou, Doucet and Rousseau 2018, section 2). All goes through the ratio
R(gamma) = (1 - f(1 - gamma))/gamma of ratio.py, so that 1 - f keeps its relative accuracy however
near c is to 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from edgeofchaos.activations import Activation, activation
from edgeofchaos.arguments import check_sigma, number, numbers, whole
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.edge import EdgePoint
from edgeofchaos.theory.points import fixed
from edgeofchaos.theory.ratio import complement_ratio
from edgeofchaos.theory.variance import SAME_POINT


class CorrelationMap:
    """f for one activation at variance q and (sigma_b, sigma_w): a callable on arrays of c.

    The methods take array-likes of any shape and return arrays of that shape. q has to satisfy
    F(q) = q for f(1) = 1 to hold, which all methods rely on.

    Raises:
        ValueError: q is no variance from 1e-40 to 1e40 nor 0, sigma_b or sigma_w is negative or not
            finite, or q is 0 and chi_1 is not 1, so that no variance is kept; and by each method,
            where a correlation is outside [-1, 1] or gamma = 1 - c is outside [0, 2].

    Example:
        >>> from edgeofchaos import edge_point
        >>> f = correlation_map("relu", edge_point("relu", 0.0))
        >>> f([0.0, 1.0]).round(6)
        array([0.31831, 1.     ])
        >>> round(float(f.complement(1e-12) / 1e-12), 12)  # 1 - f(1 - gamma) keeps its digits
        0.999999699895
    """

    def __init__(self, phi: Activation | str, q: float, sigma_b: float, sigma_w: float) -> None:
        self.phi = activation(phi)
        self.q = number("q", q, 0.0, 1e40, what="variance")
        self.sigma_b = check_sigma("sigma_b", sigma_b)
        self.sigma_w = check_sigma("sigma_w", sigma_w)
        self._ratio = complement_ratio(self.phi, self.q, self.sigma_w)
        if self.q == 0.0 and abs(self.chi1 - 1.0) > SAME_POINT:
            raise ValueError(f"q = 0 with chi_1 = {self.chi1:.6g}; allowed is chi_1 = 1 at q = 0")

    def __call__(self, c: ArrayLike) -> FloatArray:
        """f(c) for correlations c in [-1, 1]."""
        c = numbers("c", c, -1.0, 1.0)
        return 1.0 - (1.0 - c) * self._ratio(1.0 - c)

    def complement(self, gamma: ArrayLike) -> FloatArray:
        """1 - f(1 - gamma) for gamma in [0, 2], to relative accuracy."""
        gamma = numbers("gamma", gamma, 0.0, 2.0)
        return gamma * self._ratio(gamma)

    def ratio(self, gamma: ArrayLike) -> FloatArray:
        """R(gamma) = (1 - f(1 - gamma))/gamma for gamma in [0, 2]; at 0 its limit chi_1."""
        return self._ratio(numbers("gamma", gamma, 0.0, 2.0))

    def derivative(self, c: ArrayLike, order: int = 1) -> FloatArray:
        """f'(c) or f''(c) (``order`` 1 or 2) for c in [-1, 1].

        With kinks, f'' is infinite at c = 1 and NaN at c = -1. Both lose digits as c -> -1.
        """
        order = whole("order", order, 1, 2)
        return self._ratio.derivative(1.0 - numbers("c", c, -1.0, 1.0), order)

    @property
    def chi1(self) -> float:
        """f'(1) = chi_1 at q."""
        return float(self._ratio(np.zeros(())))


def correlation_map(phi: Activation | str, point: EdgePoint) -> CorrelationMap:
    """The correlation map of phi at an edge point, or at anything with sigma_b, sigma_w and q.

    Raises:
        ValueError: the point has no q, as one of status ``none`` has not, or F(q) = q does not hold
            there for this phi.

    Example:
        >>> from edgeofchaos import edge_point
        >>> round(correlation_map("tanh", edge_point("tanh", 0.2)).chi1, 12)
        1.0
    """
    phi = activation(phi)
    q, sigma_b, sigma_w = fixed(phi, point)
    return CorrelationMap(phi, q, sigma_b, sigma_w)
