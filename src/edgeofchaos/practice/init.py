"""Initialise a torch module on the edge of chaos."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import torch

from edgeofchaos.theory.edge import EdgePoint

Module = TypeVar("Module", bound=torch.nn.Module)


def init_(module: Module, point: EdgePoint, generator: torch.Generator | None = None) -> Module:
    """Draw every linear and convolutional layer of ``module`` in place, on the edge of chaos.

    Weights are drawn from N(0, sigma_w^2 / fan-in) and biases from N(0, sigma_b^2) (section 2).
    Inputs whose coordinates have mean square (q - sigma_b^2)/sigma_w^2 then start at the variance
    q. Other parameters stay as they are.

    Args:
        module: the model.
        point: the edge point, from ``edge_point`` or ``recommend``.
        generator: the random stream to draw from; torch's global one if there is none.

    Returns:
        ``module``.

    Raises:
        ValueError: the point has no finite sigma_w (status ``none``), there is no such layer, or a
            layer is lazy and has no shape yet.

    Example:
        >>> import edgeofchaos as eoc
        >>> model = torch.nn.Sequential(torch.nn.Linear(784, 100), torch.nn.Tanh())
        >>> init_(model, eoc.edge_point("tanh", sigma_b=0.2)) is model
        True
    """
    if not math.isfinite(point.sigma_w):
        raise ValueError(f"point: {point.activation} has no edge here: {point.reason}")
    kinds = (torch.nn.Linear, torch.nn.modules.conv._ConvNd)
    layers: list[Any] = [m for m in module.modules() if isinstance(m, kinds)]
    if not layers:
        raise ValueError("module: it has no linear or convolutional layer to initialise")
    if any(torch.nn.parameter.is_lazy(m.weight) for m in layers):
        raise ValueError("module: a lazy layer has no shape yet; pass it a batch first")
    with torch.no_grad():
        for layer in layers:
            deviation = point.sigma_w / math.sqrt(_fan_in(layer))
            layer.weight.normal_(0.0, deviation, generator=generator)
            if layer.bias is not None:
                layer.bias.normal_(0.0, point.sigma_b, generator=generator)
    return module


def _fan_in(layer: Any) -> float:
    """How many weights an output sums over; for a transposed convolution with stride, on average.

    torch's own fan-in is the fan-out for transposed convolutions, whose weight is (in, out, ...).
    """
    if not getattr(layer, "transposed", False):
        return layer.weight[0].numel()
    per_channel = math.prod(layer.kernel_size) / math.prod(layer.stride)
    return layer.in_channels // layer.groups * per_channel
