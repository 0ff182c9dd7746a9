"""Expectations that have closed forms, for the tests and tables that quadrature is held against."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erf, erfc

from edgeofchaos.theory.arrays import FloatArray


def hardtanh_moments(q: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """E[phi^2], E[phi'^2] and E[phi'' phi] of Hard-Tanh under N(0, q), each in the shape of q.

    With r = 1/sqrt(q) and p the standard normal density, E[phi'^2] = erf(r/sqrt 2),
    E[phi^2] = q (erf(r/sqrt 2) - 2 r p(r)) + 1 - erf(r/sqrt 2), and E[phi'' phi] = -2 p(r)/sqrt(q),
    which comes from the jumps of phi' at -1 and 1 alone.

    Example:
        >>> [round(float(moment), 6) for moment in hardtanh_moments(1.0)]
        [0.516059, 0.682689, -0.483941]
    """
    q = np.asarray(q, dtype=np.float64)
    r = 1 / np.sqrt(q)
    inside = erf(r / math.sqrt(2))
    density = np.exp(-(r**2) / 2) / math.sqrt(2 * math.pi)
    # Not 1 - erf, which has no digits left at small q.
    outside = erfc(r / math.sqrt(2))
    return q * (inside - 2 * r * density) + outside, inside, -2 * density * r


def erf_product(q: float, theta: float) -> float:
    """E[erf(U1) erf(U2)] = (2/pi) arcsin(2 c q/(1 + 2 q)), c = cos(theta): the arcsine kernel.

    U1 and U2 have variance q and correlation c, as in :func:`pairs.product` (Williams 1997).

    Example:
        >>> erf_product(1.0, 0.0) == 2 / math.pi * math.asin(2 / 3)
        True
    """
    return 2 / math.pi * math.asin(2 * math.cos(theta) * q / (1 + 2 * q))


def relu_product(theta: float) -> float:
    """E[relu(U1) relu(U2)] at variance 1: (sin t + (pi - t) cos t)/(2 pi) at the angle t = theta.

    The correlation is cos(theta); at variance q the expectation is q times this. It is the
    arc-cosine kernel of order 1 (Cho and Saul 2009), which is f_ReLU(cos(theta))/2.

    Example:
        >>> relu_product(0.0)
        0.5
    """
    return (math.sin(theta) + (math.pi - theta) * math.cos(theta)) / (2 * math.pi)
