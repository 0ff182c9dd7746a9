"""A model, torch's random streams and gradients as they were, whatever is run between."""

from __future__ import annotations

import random
from collections import OrderedDict, deque
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

    That is every attribute of every module (its mode, hooks and what a forward pass keeps), what
    its lists and dictionaries hold, the values of its tensors, parameters and buffers, gradients
    and requires_grad, and the streams of torch, NumPy and Python.

    Example:
        >>> norm = nn.BatchNorm1d(2)
        >>> with untouched(norm):
        ...     _ = norm(torch.randn(3, 2))
        >>> norm.num_batches_tracked.item(), norm.running_mean.tolist()
        (0, [0.0, 0.0])
    """
    modules = list(model.modules())
    attributes = [dict(vars(m)) for m in modules]
    held = [v for own in attributes for key, v in own.items() if key not in _INSIDE]
    lists = [(v, v.copy()) for v in held if type(v) in (list, dict, set, deque, OrderedDict)]
    inside = [{k: dict(vars(m)[k]) for k in _INSIDE if k in vars(m)} for m in modules]
    own_tensors = [v for v in held if isinstance(v, torch.Tensor) and _can_be_kept(v)]
    tensors = list(
        {id(t): t for t in (*model.parameters(), *model.buffers(), *own_tensors)}.values()
    )
    kept = [(t, t._version, t.detach().clone(), t.requires_grad, _grad(t)) for t in tensors]
    grads = [grad.clone() if grad is not None else None for *_, grad in kept]
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
        for value, was in lists:
            value.clear()
            (value.extend if isinstance(value, list | deque) else value.update)(was)
        with torch.no_grad():
            for kept_of, grad_was in zip(kept, grads, strict=True):
                tensor, version, was, asked, grad = kept_of
                # BatchNorm writes its statistics without counting a version.
                if tensor._version != version or not torch.equal(tensor, was):
                    tensor.copy_(was)
                if tensor.is_leaf and tensor.requires_grad != asked:
                    tensor.requires_grad_(asked)
                if tensor.is_leaf:
                    tensor.grad = grad
                if grad is not None and grad_was is not None and not torch.equal(grad, grad_was):
                    grad.copy_(grad_was)
        _restore(streams)


def _can_be_kept(tensor: torch.Tensor) -> bool:
    """Whether what a module keeps beside its parameters and buffers can be copied and compared."""
    plain = tensor.layout == torch.strided and not tensor.is_quantized
    return plain and not (tensor.is_meta or tensor.is_inference())


def _grad(tensor: torch.Tensor) -> torch.Tensor | None:
    return tensor.grad if tensor.is_leaf else None  # of others torch warns


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
