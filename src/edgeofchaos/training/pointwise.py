"""phi and phi' applied to buffers in place, by PyTorch's own functions where there are such.

Training is a loop over small tensors, in which autograd's records and fresh memory cost as much as
phi itself. For the four activations that the paper trains, PyTorch has functions that write phi(x)
into a buffer and multiply a gradient by phi'(x) in place. Any other phi goes through autograd.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch

from edgeofchaos.activations import Activation, activation
from edgeofchaos.torch_state import thread_state

_aten = torch.ops.aten


class Pointwise(NamedTuple):
    """phi and its derivative, entry by entry, on tensors of one shape.

    Attributes:
        value: ``value(x, out)`` writes phi(x) into ``out``.
        pull: ``pull(x, value, grad)`` multiplies ``grad`` by phi'(x), given value = phi(x).
    """

    value: Callable[[torch.Tensor, torch.Tensor], object]
    pull: Callable[[torch.Tensor, torch.Tensor, torch.Tensor], object]


# elu_backward's arguments: the three 1s are alpha, scale and input scale; True says that y is the
# value of elu and not its argument.
_BUILTINS = {
    "relu": Pointwise(
        lambda x, out: torch.clamp_min(x, 0, out=out),
        lambda x, y, g: _aten.threshold_backward.grad_input(g, y, 0, grad_input=g),
    ),
    "tanh": Pointwise(
        lambda x, out: torch.tanh(x, out=out),
        lambda x, y, g: _aten.tanh_backward.grad_input(g, y, grad_input=g),
    ),
    "elu": Pointwise(
        lambda x, out: _aten.elu.out(x, out=out),
        lambda x, y, g: _aten.elu_backward.grad_input(g, 1, 1, 1, True, y, grad_input=g),
    ),
    "swish": Pointwise(
        lambda x, out: _aten.silu.out(x, out=out),
        lambda x, y, g: _aten.silu_backward.grad_input(g, x, grad_input=g),
    ),
}


def pointwise(phi: Activation) -> Pointwise:
    """The functions of ``phi`` that training calls, equal to phi and to autograd's phi' up to
    rounding.

    A function of the user's own is never taken for the built-in whose name it bears.
    """
    if phi.name in _BUILTINS and phi is activation(phi.name):
        return _BUILTINS[phi.name]
    return Pointwise(lambda x, out: out.copy_(phi(x)), lambda x, y, g: _by_autograd(phi, x, g))


def _by_autograd(phi: Activation, x: torch.Tensor, grad: torch.Tensor) -> None:
    """Multiply ``grad`` by phi'(x), from phi(x) computed once more."""
    with thread_state():
        x = x.detach().requires_grad_()
        value = phi(x)
    if not value.requires_grad:  # phi is constant
        grad.zero_()
        return
    (pulled,) = torch.autograd.grad(value, x, grad, allow_unused=True)
    grad.zero_() if pulled is None else grad.copy_(pulled)
