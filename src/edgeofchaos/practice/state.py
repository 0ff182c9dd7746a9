"""A model, torch's random streams and gradients as they were, whatever is run between."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

# What a module keeps in dictionaries of its own: restored entry by entry.
_INSIDE = ("_parameters", "_buffers", "_modules", "_forward_hooks", "_forward_pre_hooks",
           "_forward_hooks_with_kwargs", "_forward_pre_hooks_with_kwargs",
           "_forward_hooks_always_called")  # fmt: skip


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Restore afterwards, also after an exception: the model, its modules and random streams.

    That is every attribute of every module (its mode, hooks and what a forward pass keeps), every
    buffer's and parameter's values, gradients and requires_grad, and the streams of torch, NumPy
    and Python.

    Example:
        >>> norm = nn.BatchNorm1d(2)
        >>> with untouched(norm):
        ...     _ = norm(torch.randn(3, 2))
        >>> norm.num_batches_tracked.item(), norm.running_mean.tolist()
        (0, [0.0, 0.0])
    """
    modules = list(model.modules())
    attributes = [dict(vars(m)) for m in modules]
    inside = [{k: dict(vars(m)[k]) for k in _INSIDE if k in vars(m)} for m in modules]
    tensors = [*model.parameters(), *model.buffers()]
    kept = [(t, t._version, t.detach().clone(), t.requires_grad, t.grad) for t in tensors]
    grads = [t.grad.clone() if t.grad is not None else None for t in tensors]
    streams = _streams(tensors)
    try:
        yield
    finally:
        for module, before, entries in zip(modules, attributes, inside, strict=True):
            own = vars(module)
            for key in [k for k in own if k not in before]:
                del own[key]
            own.update(before)
            for key, values in entries.items():
                own[key].clear()
                own[key].update(values)
        with torch.no_grad():
            for kept_of, grad_was in zip(kept, grads, strict=True):
                tensor, version, was, asked, grad = kept_of
                # BatchNorm writes its statistics without counting a version.
                if tensor._version != version or not torch.equal(tensor, was):
                    tensor.copy_(was)
                if tensor.is_leaf and tensor.requires_grad != asked:
                    tensor.requires_grad_(asked)
                tensor.grad = grad
                if grad is not None and grad_was is not None and not torch.equal(grad, grad_was):
                    grad.copy_(grad_was)
        _restore(streams)


def _streams(tensors: list[torch.Tensor]) -> Any:
    devices = sorted({t.device for t in tensors if t.device.type == "cuda"}, key=str)
    on_device = [(d, torch.cuda.get_rng_state(d)) for d in devices]
    return torch.get_rng_state(), on_device, np.random.get_state(), random.getstate()


def _restore(streams: Any) -> None:
    main, on_device, of_numpy, of_python = streams
    torch.set_rng_state(main)
    for device, state in on_device:
        torch.cuda.set_rng_state(state, device)
    np.random.set_state(of_numpy)
    random.setstate(of_python)
