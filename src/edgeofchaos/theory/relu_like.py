"""phi(x) = lambda x (x > 0), beta x (x <= 0): Propositions 2 and 3, closed form and quadrature.

On the edge f = (2 lambda beta c + (lambda - beta)^2 f_ReLU(c))/(lambda^2 + beta^2), f_ReLU the
arc-cosine kernel of Proposition 3; 1 - c^l ~ 9 pi^2/(2 l^2) (lambda^2+beta^2)^2/(lambda-beta)^4.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from edgeofchaos.activations import Activation


def relu_like(above: float, below: float) -> Activation:
    """lambda x for x > 0 and beta x for x <= 0, with its kink at 0."""
    return Activation(
        f"relu_like({above:g},{below:g})",
        lambda x: torch.where(x > 0, above * x, below * x),
        (0.0,),
    )


def relu_kernel(c):
    """f_ReLU(c) = (c arcsin c)/pi + sqrt(1 - c^2)/pi + c/2 (Proposition 3)."""
    c = np.asarray(c, dtype=np.float64)
    return (c * np.arcsin(c) + np.sqrt(1 - c * c)) / math.pi + c / 2


def kernel_formula(above: float, below: float, c):
    """f on the edge for slopes (lambda, beta)."""
    mixed, kinked = 2 * above * below, (above - below) ** 2
    return (mixed * np.asarray(c) + kinked * relu_kernel(c)) / (above**2 + below**2)


def decay_coefficient(above: float, below: float) -> float:
    """The A of 1 - c^l ~ A/l^2 on the edge: 9 pi^2/2 (lambda^2+beta^2)^2/(lambda-beta)^4."""
    return (above**2 + below**2) ** 2 / (above - below) ** 4 * 4.5 * math.pi**2
