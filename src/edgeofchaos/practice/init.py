"""Initialise a torch module on the edge of chaos."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import torch
from torch import nn

from edgeofchaos.arguments import check_sigma, shown
from edgeofchaos.practice.layers import (
    InitRow,
    has_own_forward,
    is_layer,
    mask_of,
    row_deviation,
    set_parameter,
    why_not,
)
from edgeofchaos.practice.recommend import Recommendation
from edgeofchaos.theory.edge import EdgePoint
from edgeofchaos.torch_state import thread_state

Module = TypeVar("Module", bound=nn.Module)


def init_(
    module: Module,
    point: EdgePoint | Recommendation,
    generator: torch.Generator | None = None,
    *,
    verbose: bool = False,
) -> Module:
    """Draw every linear and convolutional layer of ``module`` in place, on the edge of chaos.

    Weights are drawn from N(0, sigma_w^2 / fan-in) and biases from N(0, sigma_b^2) (section 2).
    Inputs whose coordinates have mean square (q - sigma_b^2)/sigma_w^2 then start at the variance
    q. Other parameters stay as they are.

    A weight that is made of others (a parametrization, weight norm) is drawn through them; under a
    pruning mask the fan-in of an output is the number of weights it is left with. A parameter that
    several layers share is drawn once. What cannot be drawn is left alone and told in a warning:
    spectral norm, orthogonal weights, attention, recurrent and bilinear layers, and weights shared
    with another kind of module.

    Args:
        module: the model.
        point: the edge point, from ``edge_point``, or the advice of ``recommend``.
        generator: the random stream to draw from; torch's global one if there is none.
        verbose: print what was drawn, with fan-ins and standard deviations, and what was left alone
            and why.

    Returns:
        ``module``.

    Raises:
        ValueError: an argument is not one of those, the point has no finite sigma_w (status
            ``none``), there is no such layer, or a parameter is lazy or on the meta device.

    Warns:
        UserWarning: a layer with weights was left alone, or computes something of its own.

    Example:
        >>> import edgeofchaos as eoc
        >>> model = torch.nn.Sequential(torch.nn.Linear(784, 100), torch.nn.Tanh())
        >>> init_(model, eoc.edge_point("tanh", sigma_b=0.2), verbose=True) is model
        name  kind    shape    fan-in  weights     biases  note
        0     Linear  100x784  784     0.04657664  0.2
        True
    """
    rows = draw(module, point, generator)
    if verbose:
        print(told(rows))
    if notes := [f"{row.name} ({row.kind}): {row.note}" for row in rows if row.note]:
        warnings.warn("; ".join(notes), stacklevel=2)
    return module


@thread_state(gradients=False)
def draw(
    module: nn.Module,
    point: EdgePoint | Recommendation,
    generator: torch.Generator | None = None,
) -> list[InitRow]:
    """As :func:`init_`, silently: a row a layer, with what was drawn or why not.

    Raises:
        ValueError: as :func:`init_`.

    Example:
        >>> import edgeofchaos as eoc
        >>> rows = draw(torch.nn.LSTM(3, 4), eoc.edge_point("tanh", 0.2))
        Traceback (most recent call last):
        ValueError: module: it has no linear or convolutional layer to initialise
    """
    if not isinstance(module, nn.Module):
        raise ValueError(f"module: a {type(module).__name__}; allowed is a torch.nn.Module")
    point = _edge_point(point)
    if generator is not None and not isinstance(generator, torch.Generator):
        raise ValueError(
            f"generator = {shown(generator)}; allowed is a torch.Generator, such as "
            "torch.Generator().manual_seed(0), or None"
        )
    names = {id(m): name or type(m).__name__ for name, m in module.named_modules()}
    alone, inside = _left_alone(module, names)
    layers = [m for m in module.modules() if is_layer(m) and id(m) not in inside]
    if not layers:
        raise ValueError("module: it has no linear or convolutional layer to initialise")
    _require_memory(module)
    others = _of_others(module, {id(m) for m in layers})
    rows, seen = alone, dict[int, str]()
    for layer in layers:
        rows.append(_draw_layer(layer, names[id(layer)], point, generator, seen, others))
    order = list(names.values())
    return sorted(rows, key=lambda row: order.index(row.name))


def told(rows: Sequence[InitRow]) -> str:
    """The rows as a table of plain text."""
    heads = ("name", "kind", "shape", "fan-in", "weights", "biases", "note")
    cells = [heads] + [
        (r.name, r.kind, "x".join(map(str, r.shape)), *map(_number, (r.fan_in, r.weight_deviation)),
         _number(r.bias_deviation), r.note or ("" if r.drawn else "left alone"))
        for r in rows
    ]  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in cells)
    return "\n".join(line.rstrip() for line in lines)


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.7g}"


def _edge_point(point: object) -> EdgePoint:
    found = point.point if isinstance(point, Recommendation) else point
    if not isinstance(found, EdgePoint):
        raise ValueError(
            f"point = {shown(point)}; allowed is what edge_point or recommend returns, such as "
            "edgeofchaos.edge_point('tanh', 0.2)"
        )
    if found.status == "none":
        raise ValueError(f"point: {found.activation} has no edge here: {found.reason}")
    sigma_b = check_sigma("point.sigma_b", found.sigma_b)
    sigma_w = check_sigma("point.sigma_w", found.sigma_w)
    return replace(found, sigma_b=sigma_b, sigma_w=sigma_w)


def _require_memory(module: nn.Module) -> None:
    for name, parameter in module.named_parameters():
        if nn.parameter.is_lazy(parameter):
            raise ValueError(
                f"module: {name} is lazy and has no shape yet; pass the module a batch first"
            )
        if parameter.is_meta:
            raise ValueError(
                f"module: {name} is on the meta device and has no memory; call "
                "module.to_empty(device='cpu') first"
            )


def _left_alone(module: nn.Module, names: dict[int, str]) -> tuple[list[InitRow], set[int]]:
    """Rows of the modules that are no layers of the theory, and the ids of all inside them."""
    rows, inside = [], set[int]()
    for child in module.modules():
        if id(child) not in inside and (why := why_not(child)):
            inside |= {id(m) for m in child.modules()}
            shapes = [tuple(p.shape) for p in child.parameters() if p.dim() > 1]
            rows.append(
                InitRow(names[id(child)], type(child).__name__, shapes[0] if shapes else (), False,
                        note=f"left alone: {why}")
            )  # fmt: skip
    return rows, inside


def _of_others(module: nn.Module, layers: set[int]) -> dict[int, str]:
    """The memory of parameters that modules of other kinds have: its address -> their name."""
    return {
        _memory(parameter): f"{name or type(owner).__name__} ({type(owner).__name__})"
        for name, owner in module.named_modules()
        if id(owner) not in layers
        for parameter in owner.parameters(recurse=False)
        if not _is_made_of(owner)
    }


def _is_made_of(owner: nn.Module) -> bool:
    """Whether it holds what a parametrized parameter of a layer is made of."""
    return isinstance(owner, nn.utils.parametrize.ParametrizationList)


def _memory(parameter: torch.Tensor) -> int:
    return parameter.untyped_storage().data_ptr() if parameter.numel() else id(parameter)


def _draw_layer(
    layer: Any, name: str, point: EdgePoint, generator: torch.Generator | None,
    seen: dict[int, str], others: dict[int, str],
) -> InitRow:  # fmt: skip
    weight, bias = layer.weight, layer.bias
    row = InitRow(name, type(layer).__name__, tuple(weight.shape), False)
    own = [p for p in layer.parameters() if p.dim() > 1]
    for memory in map(_memory, own):
        if memory in others:
            return replace(row, note=f"left alone: its weight is also that of {others[memory]}")
        if memory in seen:
            return replace(
                row, note=f"left alone: its weight is that of {seen[memory]}, drawn once"
            )
    mask = mask_of(layer)
    deviation, of_mean, count = (
        row_deviation(layer, mask, point.sigma_w) if weight.numel() else (0.0, math.nan, 0.0)
    )
    notes = []
    if weight.numel():
        drawn = torch.empty_like(weight).normal_(generator=generator)
        why = set_parameter(layer, "weight", (drawn * deviation).to(drawn.dtype))
        if why:
            return replace(row, note=f"left alone: {why}")
    seen |= dict.fromkeys(map(_memory, own), name)
    if mask is not None and count < layer.weight[0].numel():
        notes.append("its fan-in is the mean number of weights that its mask leaves")
    if has_own_forward(layer):
        notes.append("it computes something of its own: the fan-in counts every weight of its "
                     "shape, masked or not")  # fmt: skip
    bias_deviation = math.nan
    if isinstance(bias, torch.Tensor):
        drawn = torch.empty_like(bias).normal_(generator=generator) * point.sigma_b
        if why := set_parameter(layer, "bias", drawn):
            notes.append(f"its bias is left alone: {why}")
        else:
            bias_deviation = point.sigma_b
    return replace(row, drawn=True, fan_in=count, weight_deviation=of_mean,
                   bias_deviation=bias_deviation, note="; ".join(notes))  # fmt: skip
