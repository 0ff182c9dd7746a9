"""phi and its pull-back on buffers: PyTorch's own kernels where it has them, autograd otherwise.

Training is a loop over small tensors, in which autograd's records and fresh memory cost as much as
phi itself. The four activations that the paper trains have kernels in PyTorch for the value and for
the pull-back; any other phi goes through autograd, once more from its argument.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch

from edgeofchaos.activations import Activation, activation

_aten = torch.ops.aten


class Kernel(NamedTuple):
    """Elementwise, on tensors of one shape.

    Attributes:
        value: ``value(x, out)`` writes phi(x) into ``out``.
        pull: ``pull(x, value, grad)`` multiplies ``grad`` by phi'(x), given value = phi(x).
    """

    value: Callable[[torch.Tensor, torch.Tensor], object]
    pull: Callable[[torch.Tensor, torch.Tensor, torch.Tensor], object]


# elu: alpha, scale and input scale of 1, and its value instead of its argument.
_KERNELS = {
    "relu": Kernel(
        lambda x, out: torch.clamp_min(x, 0, out=out),
        lambda x, y, g: _aten.threshold_backward.grad_input(g, y, 0, grad_input=g),
    ),
    "tanh": Kernel(
        lambda x, out: torch.tanh(x, out=out),
        lambda x, y, g: _aten.tanh_backward.grad_input(g, y, grad_input=g),
    ),
    "elu": Kernel(
        lambda x, out: _aten.elu.out(x, out=out),
        lambda x, y, g: _aten.elu_backward.grad_input(g, 1, 1, 1, True, y, grad_input=g),
    ),
    "swish": Kernel(
        lambda x, out: _aten.silu.out(x, out=out),
        lambda x, y, g: _aten.silu_backward.grad_input(g, x, grad_input=g),
    ),
}


def kernel(phi: Activation) -> Kernel:
    """The kernel of ``phi``: equal to its function and autograd's derivative up to rounding."""
    if phi.name in _KERNELS and phi is activation(phi.name):
        return _KERNELS[phi.name]
    return Kernel(lambda x, out: out.copy_(phi(x)), lambda x, y, g: _by_autograd(phi, x, g))


def _by_autograd(phi: Activation, x: torch.Tensor, grad: torch.Tensor) -> None:
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        value = phi(x)
    if not value.requires_grad:  # phi is constant
        grad.zero_()
        return
    (pulled,) = torch.autograd.grad(value, x, grad, allow_unused=True)
    grad.zero_() if pulled is None else grad.copy_(pulled)
