"""What is kept beside a tensor while a model runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from edgeofchaos.practice.laws import Law
from edgeofchaos.practice.passage import Passage

if TYPE_CHECKING:
    from edgeofchaos.practice.seen import Seen


@dataclass(eq=False)
class Node:
    """A tensor, for the way back: how squared gradients come to it.

    Attributes:
        shape: of the tensor.
        children: nodes made of it, and what passes on the way, for the two laws.
        edge: where autograd is asked for the gradient, if it is.
        end: whether it is the output.
        cut: whether something is made of it that is not followed.
        seen: the layer whose output it is.
    """

    shape: torch.Size
    children: list[tuple[Node, tuple[Passage, Passage]]] = field(default_factory=list)
    edge: Any = None
    end: bool = False
    cut: bool = False
    seen: Seen | None = None


@dataclass(frozen=True)
class Track:
    """What is known of one tensor.

    Attributes:
        laws: followed from the inputs, and from the layer before.
        node: for the way back.
        width: the units of the last layer.
        path: what came since that layer, for people.
        reasons: why it is measured, since that layer.
    """

    laws: tuple[Law, Law]
    node: Node
    width: int
    path: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def joined(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """What the groups have, once each and in order."""
    return tuple(dict.fromkeys(text for group in groups for text in group))


def tensors_in(value: Any) -> Iterable[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors_in(item)


def edge_of(tensor: torch.Tensor) -> Any:
    """Where autograd can be asked for the gradient of a tensor as it is now."""
    return torch.autograd.graph.get_gradient_edge(tensor) if tensor.requires_grad else None


def differentiable(out: torch.Tensor) -> torch.Tensor:
    """The tensor, with a gradient where nothing before it asked for one."""
    if out.requires_grad or not out.is_floating_point():
        return out
    with torch.enable_grad():
        return out.detach().requires_grad_().clone()
