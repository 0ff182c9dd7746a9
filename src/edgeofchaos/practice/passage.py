"""Squared gradients as fields, entry by entry, on the way back through a step.

Where variances go forth by q_out = S q_in, expected squared gradients go back by the adjoint of S:
the sum over outputs of E[W^2] times the squared gradient there. Where a step multiplies an entry by
something, its square multiplies the squared gradient. Dimensions along which a field does not vary
stay expanded, so that channels and units cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

Field = torch.Tensor  # float64, on the CPU
Adjoint = Callable[[Field], Field]


@dataclass(frozen=True)
class Passage:
    """What a step does to squared gradients on the way back, and to errors on the way forth.

    Attributes:
        adjoint: takes the field of expected squared gradients after the step to that before.
        variance: of the log of what their sum is multiplied by, at this width.
        bend: the slope of that log, d log/d log q.
        slope: d log of q after the step by d log q before.
        noise: the variance that the step adds to log q.
    """

    adjoint: Adjoint
    variance: float = 0.0
    bend: float = 0.0
    slope: float = 1.0
    noise: float = 0.0


def thin(*fields: Field) -> tuple[list[Field], torch.Size]:
    """Fields without the dimensions along which none changes, and the shape they have together."""
    shape = torch.broadcast_shapes(*(f.shape for f in fields))
    wide = [f.expand(shape) for f in fields]
    cut = tuple(
        slice(0, 1) if all(f.stride(i) == 0 for f in wide) else slice(None)
        for i in range(len(shape))
    )
    return [f[cut] for f in wide], shape


def wide(values: Any, shape: torch.Size) -> Field:
    """The field of this shape that an array stands for."""
    return torch.from_numpy(np.ascontiguousarray(values)).expand(shape)


def product(one: Field, two: Field) -> Field:
    (a, b), shape = thin(one, two)
    return (a * b).expand(shape)


def together(one: Field, two: Field) -> Field:
    """The sum of two fields."""
    (a, b), shape = thin(one, two)
    return (a + b).expand(shape)


def summed(x: Field, axis: int) -> Field:
    """The sum along one dimension, which is kept."""
    if x.stride(axis) == 0:
        return x.narrow(axis, 0, 1) * float(x.shape[axis])
    return x.sum(axis, keepdim=True)


def total(x: Field) -> float:
    """The sum over all entries."""
    (cut,), shape = thin(x)
    return float(cut.sum()) * (shape.numel() / cut.numel()) if cut.numel() else 0.0


def by(square: Field | float, shape: torch.Size) -> Adjoint:
    """The adjoint of what multiplies entries by something, of which this is the square.

    ``shape`` is that of what enters, which may be spread out over more entries.
    """
    s = torch.as_tensor(square, dtype=torch.float64)
    return lambda g: product(g, s).sum_to_size(shape)


def transposed(linear: Callable[[Field], Any], shape: torch.Size) -> list[Adjoint]:
    """The adjoints of a linear function of a field of this shape, one for each of its results."""
    with torch.enable_grad():
        origin = torch.zeros((), dtype=torch.float64).expand(shape).requires_grad_()
        made = linear(origin)
    results = made if isinstance(made, list | tuple) else [made]
    return [partial(_pulled, result, origin) for result in results]


def _pulled(result: Field, origin: Field, g: Field) -> Field:
    if not result.requires_grad:  # it takes the shape alone from it
        return torch.zeros_like(origin, requires_grad=False)
    return torch.autograd.grad(result, origin, g, retain_graph=True, materialize_grads=True)[0]
