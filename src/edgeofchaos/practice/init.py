"""Initialise a torch module on the edge of chaos."""

from __future__ import annotations

import math

import torch

from edgeofchaos.theory.edge import EdgePoint


@torch.no_grad()
def init_(module: torch.nn.Module, point: EdgePoint, generator: torch.Generator | None = None):
    """Draw every linear and convolutional layer of ``module`` in place; returns ``module``.

    Weights W_ij ~ N(0, sigma_w^2 / fan-in), biases B_i ~ N(0, sigma_b^2) (section 2). Inputs with
    mean square (q - sigma_b^2)/sigma_w^2 a coordinate then start at the variance q.

    Raises:
        ValueError: the point has no finite sigma_w (status ``none``), there is no such layer, or a
            layer is lazy and has no shape yet.
    """
    if not math.isfinite(point.sigma_w):
        raise ValueError(f"point: {point.activation} has no edge here: {point.reason}")
    kinds = (torch.nn.Linear, torch.nn.modules.conv._ConvNd)
    layers = [m for m in module.modules() if isinstance(m, kinds)]
    if not layers:
        raise ValueError("module: it has no linear or convolutional layer to initialise")
    if any(torch.nn.parameter.is_lazy(m.weight) for m in layers):
        raise ValueError("module: a lazy layer has no shape yet; pass it a batch first")
    for layer in layers:
        layer.weight.normal_(0.0, point.sigma_w / math.sqrt(_fan_in(layer)), generator=generator)
        if layer.bias is not None:
            layer.bias.normal_(0.0, point.sigma_b, generator=generator)
    return module


def _fan_in(layer: torch.nn.Module) -> float:
    """How many weights an output sums over; for a transposed convolution with stride, on average.

    torch's own fan-in is the fan-out for transposed convolutions, whose weight is (in, out, ...).
    """
    if not getattr(layer, "transposed", False):
        return layer.weight[0].numel()
    per_channel = math.prod(layer.kernel_size) / math.prod(layer.stride)
    return layer.in_channels // layer.groups * per_channel
