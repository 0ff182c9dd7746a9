"""ReLU-like activations: phi(x) = lambda x for x > 0 and beta x for x <= 0.

Closed forms of Propositions 2 and 3, which hold on the edge, the single point sigma_b = 0,
sigma_w^2 = 2/(lambda^2 + beta^2). In arguments lambda is ``above`` and beta is ``below``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from edgeofchaos.activations import Activation
from edgeofchaos.arguments import number, numbers
from edgeofchaos.theory.arrays import FloatArray


def relu_like(above: float, below: float) -> Activation:
    """The activation lambda x for x > 0 and beta x for x <= 0, with its kink at 0.

    Raises:
        ValueError: a slope is no finite number.

    Example:
        >>> relu_like(1.0, 0.25)([-2.0, 2.0])
        array([-0.5,  2. ])
    """
    import torch

    above, below = number("above", above), number("below", below)
    return Activation(
        f"relu_like({above:g},{below:g})",
        lambda x: torch.where(x > 0, above * x, below * x),
        (0.0,),
    )


def relu_correlation_map(c: ArrayLike) -> FloatArray:
    """f_ReLU(c) = (c arcsin c)/pi + sqrt(1 - c^2)/pi + c/2 on the edge (Proposition 3).

    For c in [-1, 1], in the shape of c. It is the arc-cosine kernel of order 1, normalised.

    Raises:
        ValueError: a c is outside [-1, 1].

    Example:
        >>> relu_correlation_map([-1.0, 1.0])
        array([0., 1.])
    """
    c = numbers("c", c, -1.0, 1.0)
    return (c * np.arcsin(c) + np.sqrt(1 - c * c)) / math.pi + c / 2


def relu_like_correlation_map(above: float, below: float, c: ArrayLike) -> FloatArray:
    """f on the edge, (2 lambda beta c + (lambda - beta)^2 f_ReLU(c))/(lambda^2 + beta^2).

    For c in [-1, 1], in the shape of c.

    Raises:
        ValueError: a c is outside [-1, 1], a slope is no finite number, or both are 0.

    Example:
        >>> bool(relu_like_correlation_map(1.0, 0.0, 0.5) == relu_correlation_map(0.5))
        True
    """
    above, below = _slopes(above, below)
    mixed, kinked = 2 * above * below, (above - below) ** 2
    c = numbers("c", c, -1.0, 1.0)
    return (mixed * c + kinked * relu_correlation_map(c)) / (above**2 + below**2)


def decay_coefficient(above: float, below: float) -> float:
    """The A of 1 - c^l ~ A/l^2 on the edge: (9 pi^2/2) (lambda^2+beta^2)^2/(lambda-beta)^4.

    For ReLU this is 9 pi^2/2 (Proposition 3). ``rates.edge_rate`` gives it too, from a law
    for all kinks.

    Raises:
        ValueError: lambda = beta, a linear phi, whose correlations do not move, or a slope is no
            finite number.

    Example:
        >>> decay_coefficient(1.0, 0.0) == 9 * math.pi**2 / 2
        True
    """
    above, below = _slopes(above, below)
    if above == below:
        raise ValueError("below is above; allowed are two different slopes")
    return (above**2 + below**2) ** 2 / (above - below) ** 4 * 4.5 * math.pi**2


def _slopes(above: float, below: float) -> tuple[float, float]:
    """The two slopes over a power of 2, which changes no digit, so that the larger is about 1."""
    above, below = number("above", above), number("below", below)
    if above == below == 0.0:
        raise ValueError("above = 0 and below = 0; allowed are slopes of which one is not 0")
    exponent = math.frexp(max(abs(above), abs(below)))[1]
    return math.ldexp(above, -exponent), math.ldexp(below, -exponent)


def relu_deficit(theta: ArrayLike) -> FloatArray:
    """(f_ReLU(c) - c)/(1 - c) at c = cos(theta), in the shape of theta, to relative accuracy.

    With f_ReLU of :func:`relu_correlation_map` it is (sin t - t cos t)/(pi (1 - cos t)) for
    t = theta in [0, pi]. Below t = 0.3, where that cancels, its Taylor series is summed until the
    next term is below 1e-17.

    Raises:
        ValueError: a theta is outside [0, pi].

    Example:
        >>> bool(abs(relu_deficit(math.pi / 2) - relu_correlation_map(0.0)) < 1e-16)
        True
    """
    t = numbers("theta", theta, 0.0, math.pi)
    small = t < 0.3
    t2 = np.where(small, t, 0.0) ** 2
    # (sin t - t cos t)/t^3 and (1 - cos t)/t^2
    above = sum((-1) ** k * t2**k * 2 * (k + 1) / math.factorial(2 * k + 3) for k in range(8))
    below = sum((-1) ** k * t2**k / math.factorial(2 * k + 2) for k in range(8))
    series = np.where(small, t, 0.0) * above / below
    large = np.where(small, 1.0, t)
    closed = (np.sin(large) - large * np.cos(large)) / (2 * np.sin(large / 2) ** 2)
    return np.where(small, series, closed) / math.pi
