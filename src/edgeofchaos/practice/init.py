"""Initialise a torch module on the edge of chaos."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import torch
from torch import nn

from edgeofchaos.arguments import check_sigma, one_of, shown
from edgeofchaos.practice.advice import Recommendation
from edgeofchaos.practice.layers import (
    InitRow,
    has_own_forward,
    is_layer,
    mask_of,
    set_parameter,
    why_not,
)
from edgeofchaos.practice.orthogonal import WEIGHTS, Law, first_sigma
from edgeofchaos.theory.edge import EdgePoint
from edgeofchaos.torch_state import thread_state

Module = TypeVar("Module", bound=nn.Module)


def init_(
    module: Module,
    point: EdgePoint | Recommendation,
    generator: torch.Generator | None = None,
    *,
    weights: str = "gaussian",
    inputs: Any = None,
    verbose: bool = False,
) -> Module:
    """Draw every linear and convolutional layer of ``module`` in place, on the edge of chaos.

    Weights are drawn from N(0, sigma_w^2 / fan-in) and biases from N(0, sigma_b^2) (section 2).
    Inputs whose coordinates have mean square (q - sigma_b^2)/sigma_w^2 then start at the variance
    q. Other parameters stay as they are. In a transposed convolution with stride outputs of some
    positions meet more taps than others; each tap is drawn for the number that meet at its outputs,
    so that all positions have the variance of the theory (but at borders, as in any convolution
    that is padded with zeros).

    - ``orthogonal``: each weight as a matrix (outputs, fan-in), group by group, is sigma_w times a
      Haar orthogonal one: rows of length sigma_w where there are no more outputs than fan-in, and
      else orthogonal columns, scaled so that the mean over rows of their squared lengths is
      sigma_w^2. Entries have the mean square of the Gaussian ones.
    - ``delta-orthogonal`` (Xiao et al. 2018): as ``orthogonal`` at the middle tap of a convolution,
      whose other taps are 0, and plain ``orthogonal`` in linear layers. A convolution with stride
      or with an even kernel, which has no middle, is left alone.

    A weight that is made of others (a parametrization, weight norm) is drawn through them; under a
    pruning mask the fan-in of an output is the number of weights it is left with. A parameter that
    several layers share is drawn once. What cannot be drawn is left alone and told in a warning:
    spectral norm, orthogonal weights, attention, recurrent and bilinear layers, and weights shared
    with another kind of module.

    Args:
        module: the model.
        point: the edge point, from ``edge_point``, or the advice of ``recommend``.
        generator: the random stream to draw from; torch's global one if there is none.
        weights: ``gaussian``, ``orthogonal`` or ``delta-orthogonal``.
        inputs: (n, ...), one input a row, as the first layer takes them. If given, the first
            layer's weights have sigma_1^2 = (q - sigma_b^2)/s instead of sigma_w^2, with s the mean
            square of all coordinates, so that its mean variance is q (1 where q is 0, as for ReLU).
            The first layer is the first linear or convolutional one in the order in which the
            module registers them.
        verbose: print what was drawn, with fan-ins and standard deviations, and what was left alone
            and why.

    Returns:
        ``module``.

    Raises:
        ValueError: an argument is not one of those, the point has no finite sigma_w (status
            ``none``), there is no such layer, or a parameter is lazy or on the meta device, or the
            inputs have not as many features or channels as the first layer takes.

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
    rows = draw(module, point, generator, weights=weights, inputs=inputs)
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
    *,
    weights: str = "gaussian",
    inputs: Any = None,
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
    weights = one_of("weights", weights, WEIGHTS)
    names = {id(m): name or type(m).__name__ for name, m in module.named_modules()}
    alone, inside = _left_alone(module, names)
    layers = [m for m in module.modules() if is_layer(m) and id(m) not in inside]
    if not layers:
        raise ValueError("module: it has no linear or convolutional layer to initialise")
    _require_memory(module)
    others = _of_others(module, {id(m) for m in layers})
    first = None if inputs is None else first_sigma(layers[0], point, inputs)
    rows, seen = alone, dict[int, str]()
    for layer in layers:
        sigma_w = first if first is not None and layer is layers[0] else point.sigma_w
        law = Law(sigma_w, point.sigma_b, weights, generator)
        row = _draw_layer(layer, names[id(layer)], law, seen, others)
        if first is not None and layer is layers[0]:
            said = f"first layer, scaled to the inputs: sigma_1 = {first:.7g}"
            row = (
                replace(row, remark="; ".join(filter(None, (row.remark, said))))
                if row.drawn
                else replace(row, note=f"{row.note}, and not scaled to the inputs")
            )
        rows.append(row)
    order = list(names.values())
    return sorted(rows, key=lambda row: order.index(row.name))


def told(rows: Sequence[InitRow]) -> str:
    """The rows as a table of plain text."""
    heads = ("name", "kind", "shape", "fan-in", "weights", "biases", "note")
    cells = [heads] + [
        (r.name, r.kind, "x".join(map(str, r.shape)), *map(_number, (r.fan_in, r.weight_deviation)),
         _number(r.bias_deviation), _said(r))
        for r in rows
    ]  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in cells)
    return "\n".join(line.rstrip() for line in lines)


def _said(row: InitRow) -> str:
    return "; ".join(filter(None, (row.note, row.remark))) or ("" if row.drawn else "left alone")


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
    layer: Any, name: str, law: Law, seen: dict[int, str], others: dict[int, str]
) -> InitRow:
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
    notes, of_mean, count = [], math.nan, 0.0
    if weight.numel():
        if why := law.why_not(layer, mask):
            return replace(row, note=f"left alone: {why}")
        drawn, of_mean, count = law.weight(layer, mask)
        if why := set_parameter(layer, "weight", drawn):
            return replace(row, note=f"left alone: {why}")
    seen |= dict.fromkeys(map(_memory, own), name)
    if mask is not None and count < layer.weight[0].numel():
        notes.append("its fan-in is the mean number of weights that its mask leaves")
    if has_own_forward(layer):
        notes.append("it computes something of its own: the fan-in counts every weight of its "
                     "shape, masked or not")  # fmt: skip
    bias_deviation = math.nan
    if isinstance(bias, torch.Tensor):
        drawn = torch.empty_like(bias).normal_(generator=law.generator) * law.sigma_b
        if why := set_parameter(layer, "bias", drawn):
            notes.append(f"its bias is left alone: {why}")
        else:
            bias_deviation = law.sigma_b
    return replace(row, drawn=True, fan_in=count, weight_deviation=of_mean,
                   bias_deviation=bias_deviation, note="; ".join(notes),
                   remark=law.remark(layer) if weight.numel() else "")  # fmt: skip
