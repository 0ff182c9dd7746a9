"""Pairs of inputs that start a net at variances and a correlation of one's choice."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from edgeofchaos.arguments import check_sigma, each, number
from edgeofchaos.torch_state import thread_state


@thread_state(gradients=False)
def pair_inputs(q: Sequence[float], gamma: float, sigma_b: float, sigma_w: float) -> torch.Tensor:
    """Two inputs in R^2 that give the first pre-activations variances q and correlation 1 - gamma.

    The first layer has E[y(a) y(b)] = sigma_b^2 + sigma_w^2 a.b/2 (section 2, d = 2).

    Args:
        q: the two variances; each must exceed sigma_b^2.
        gamma: 1 - c; 0 gives two equal inputs where the variances are equal, and the largest
            possible gamma two opposite ones.
        sigma_b: standard deviation of the biases.
        sigma_w: standard deviation of a weight times the root of its fan-in.

    Returns:
        A float64 tensor of shape (2, 2), one input a column.

    Raises:
        ValueError: no inputs do that at this (sigma_b, sigma_w), or an argument is no such number.

    Example:
        ``pair_inputs((1.0, 1.0), 0.5, 0.0, 1.4)`` starts at q = 1 and c = 0.5.
    """
    sigma_b = check_sigma("sigma_b", sigma_b)
    sigma_w = check_sigma("sigma_w", sigma_w, positive=True)
    q, gamma = each("q", q, number), number("gamma", gamma, 0.0, 2.0)
    if len(q) != 2:
        raise ValueError(f"q = {tuple(q)}; allowed are two variances")
    norms = [(v - sigma_b**2) / sigma_w**2 for v in q]  # |a|^2/d
    if min(norms) <= 0:
        raise ValueError(f"q = {tuple(q)}; allowed is more than sigma_b^2 = {sigma_b**2:g}")
    mean = math.sqrt(q[0] * q[1])
    length = math.sqrt(norms[0] * norms[1])
    # |a| |b|/d times 1 - cos of the angle between the inputs.
    apart = length - (mean - sigma_b**2) / sigma_w**2 + gamma * mean / sigma_w**2
    if q[0] == q[1]:
        apart = gamma * q[0] / sigma_w**2  # the same number, without cancellation
    half = apart / (2 * length)  # sin^2 of half the angle
    if not -1e-12 <= half <= 1 + 1e-12:
        raise ValueError(f"gamma = {gamma!r}; no inputs have it at q = {tuple(q)}")
    angle = 2 * math.asin(math.sqrt(min(max(half, 0.0), 1.0)))
    r, s = (math.sqrt(2 * n) for n in norms)
    return torch.tensor([[r, s * math.cos(angle)], [0.0, s * math.sin(angle)]], dtype=torch.float64)
