"""Which layers of a torch module are drawn on an edge of chaos, how, and which are not, and why.

The theory is of layers y = W phi(x) + b with independent Gaussian weights. Linear and convolutional
layers are such. A weight may be made of others: by a parametrization, by weight norm, by a pruning
mask. Then those it is made of are set so that it is what was drawn, where that can be; where it
cannot, the layer is left as it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd
from torch.nn.utils import parametrize
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

# Not of the form W phi(x) + b. Those of attention have linear layers inside.
_OTHER_KINDS: tuple[tuple[type[nn.Module], str], ...] = (
    (nn.MultiheadAttention, "attention mixes positions, which the theory does not have"),
    (nn.RNNBase, "a recurrent layer uses one weight at all times, which the theory does not have"),
    (nn.RNNCellBase, "a recurrent cell uses one weight at all times, which the theory has not"),
    (nn.Bilinear, "a bilinear layer multiplies two inputs"),
)
_SAME = 1e-5  # relative, of float32


@dataclass(frozen=True)
class InitRow:
    """What happened to one layer.

    Attributes:
        name: of the layer in the module.
        kind: its class.
        shape: of its weight.
        drawn: whether its weight was.
        fan_in: how many weights an output sums over; NaN where it was not drawn. Under a pruning
            mask the mean over outputs of the weights that are left.
        weight_deviation, bias_deviation: standard deviations that were drawn from; NaN where there
            is none. Under a pruning mask that of an output with the mean fan-in.
        note: why it was left alone, or what to know; ``init_`` warns of it.
        remark: what was done that needs no warning.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    drawn: bool
    fan_in: float = math.nan
    weight_deviation: float = math.nan
    bias_deviation: float = math.nan
    note: str = ""
    remark: str = ""


def is_layer(module: nn.Module) -> bool:
    """Whether it is a linear or a convolutional layer."""
    return isinstance(module, nn.Linear | _ConvNd)


def why_not(module: nn.Module) -> str:
    """Why a module, with all inside it, is no layer of the theory; empty if nothing says so."""
    return next((why for kind, why in _OTHER_KINDS if isinstance(module, kind)), "")


def fan_in(layer: Any) -> float:
    """How many weights an output sums over; for a transposed convolution with stride, on average.

    There the outputs of some positions meet more taps than others (``taps_at``).

    torch's own fan-in is the fan-out for transposed convolutions, whose weight is (in, out, ...).
    """
    if isinstance(layer, nn.Linear):
        return layer.in_features
    per_channel = math.prod(layer.kernel_size)
    if isinstance(layer, _ConvTransposeNd):
        return layer.in_channels // layer.groups * per_channel / math.prod(layer.stride)
    return layer.in_channels // layer.groups * per_channel


def taps_at(layer: Any) -> tuple[tuple[int, ...], ...]:
    """For each axis of a transposed convolution, how many taps meet at each tap's outputs.

    An output at o takes tap t from inputs at (o + padding - t dilation)/stride, where that is
    whole: taps of one remainder of t dilation by the stride meet, others never do.

    Example:
        >>> taps_at(nn.ConvTranspose1d(4, 4, 3, stride=2))
        ((2, 1, 2),)
    """
    if not isinstance(layer, _ConvTransposeNd):
        return ()
    found = []
    for size, stride, dilation in zip(layer.kernel_size, layer.stride, layer.dilation, strict=True):
        remainders = [t * dilation % stride for t in range(size)]
        found.append(tuple(remainders.count(r) for r in remainders))
    return tuple(found)


def _by_position(layer: Any) -> torch.Tensor | float:
    """What deviations are multiplied by where the fan-in depends on the output's position."""
    taps = taps_at(layer)
    if all(len(set(axis)) == 1 for axis in taps) and fan_in(layer) == _fan_in_of_first(layer, taps):
        return 1.0
    factor = torch.ones((), dtype=torch.float64)
    for axis in taps:
        factor = factor[..., None] * torch.tensor(axis, dtype=torch.float64) ** -0.5
    factor = factor * math.sqrt(fan_in(layer) / (layer.in_channels // layer.groups))
    return factor[None, None]


def _fan_in_of_first(layer: Any, taps: tuple[tuple[int, ...], ...]) -> float:
    if not taps:
        return fan_in(layer)
    return float(layer.in_channels // layer.groups * math.prod(axis[0] for axis in taps))


def has_own_forward(layer: nn.Module) -> bool:
    """Whether its class computes something else than torch's layer of that kind."""
    kinds: tuple[Any, ...] = type(layer).__mro__
    base = next(c for c in kinds if c.__module__.startswith("torch.nn.modules"))
    return kinds[0].forward is not base.forward


def mask_of(layer: nn.Module) -> torch.Tensor | None:
    """The mask that ``torch.nn.utils.prune`` has put on its weight, if there is one."""
    mask = getattr(layer, "weight_mask", None)
    return mask if hasattr(layer, "weight_orig") and isinstance(mask, torch.Tensor) else None


def row_deviation(
    layer: nn.Module, mask: torch.Tensor | None, sigma_w: float
) -> tuple[Any, float, float]:
    """The standard deviation of each weight, that of one with the mean fan-in, and that fan-in.

    Under a mask an output sums over fewer weights, and each output over its own number. In a
    transposed convolution with stride it does so by position: each tap is drawn for the number that
    meet at its outputs, so that all positions (but at borders) have the variance of the theory.
    """
    full = fan_in(layer)
    by_position = _by_position(layer)
    if mask is None:
        deviation = sigma_w / math.sqrt(full)
        return deviation * by_position, deviation, float(full)
    # One row an output: the first dimension, but for transposed convolutions the second.
    outputs = 1 if isinstance(layer, _ConvTransposeNd) else 0
    others = [d for d in range(mask.dim()) if d != outputs]
    share = mask.double().mean(others, keepdim=True)
    left = (share * full).clamp(min=1e-300)
    mean = float((share * full).mean())
    of_mean = sigma_w / math.sqrt(mean) if mean else math.nan
    by_output = (sigma_w / left.sqrt()).where(share > 0, torch.zeros_like(left))
    if isinstance(by_position, torch.Tensor):
        by_position = by_position.to(by_output.device)
    return by_output * by_position, of_mean, mean


def set_parameter(layer: nn.Module, name: str, value: torch.Tensor) -> str:
    """Make the parameter ``name`` of a layer equal to ``value``; why that cannot be, or nothing.

    Where it cannot, the layer is as it was before.
    """
    if parametrize.is_parametrized(layer, name):
        return _through_parametrization(layer, name, value)
    hooks = [hook for hook in layer._forward_pre_hooks.values() if _is_of(hook, name)]
    if any(isinstance(hook, SpectralNorm) for hook in hooks):
        return "spectral norm divides every weight by the largest singular value"
    if norms := [hook for hook in hooks if isinstance(hook, WeightNorm)]:
        direction, size = getattr(layer, f"{name}_v"), getattr(layer, f"{name}_g")
        direction.copy_(value)
        size.copy_(torch.norm_except_dim(direction, 2, norms[0].dim))
        setattr(layer, name, norms[0].compute_weight(layer))
        return ""
    if isinstance(original := getattr(layer, f"{name}_orig", None), nn.Parameter):
        original.copy_(value)
        setattr(layer, name, value * getattr(layer, f"{name}_mask"))
        return ""
    if not isinstance(layer._parameters.get(name), nn.Parameter):
        return f"its {name} is no parameter: something computes it"
    getattr(layer, name).copy_(value)
    return ""


def _is_of(hook: Callable[..., Any], name: str) -> bool:
    return isinstance(hook, WeightNorm | SpectralNorm) and hook.name == name


def _through_parametrization(layer: nn.Module, name: str, value: torch.Tensor) -> str:
    made_of: Any = getattr(layer.parametrizations, name)
    before = {key: tensor.clone() for key, tensor in made_of.state_dict().items()}
    names = ", ".join(type(m).__name__.strip("_") for m in made_of.children())
    try:
        setattr(layer, name, value)
        now = getattr(layer, name)
        if now.shape == value.shape and torch.allclose(now, value, _SAME, _SAME * _size(value)):
            return ""
    except (NotImplementedError, RuntimeError, ValueError):
        pass  # it has no inverse, or none for this weight
    made_of.load_state_dict(before)
    return f"its parametrization ({names}) makes another {name} of what is drawn"


def _size(value: torch.Tensor) -> float:
    return float(value.abs().max()) if value.numel() else 0.0
