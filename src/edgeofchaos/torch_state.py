"""The state that torch is put in while something is computed, whatever the caller's state is.

A caller may be in ``no_grad`` or ``inference_mode``, under autocast, or have a default device or
dtype: then the same call of torch means something else. Numbers of this library do not depend on
it, and nothing that was computed in such a state is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

# The default dtype belongs to the process, not to the thread: one evaluation at a time.
_LOCK = threading.RLock()


@contextmanager
def thread_state(gradients: bool = True) -> Iterator[None]:
    """Autograd as asked for, no inference mode, no autocast; new tensors on the CPU.

    Args:
        gradients: whether autograd records.

    Example:
        >>> import torch
        >>> with torch.inference_mode(), thread_state():
        ...     x = torch.ones(1, requires_grad=True)
        ...     (2 * x).requires_grad
        True
    """
    import torch

    # A default device looks at every call of torch: there is none unless one has to be undone.
    moved = torch.get_default_device().type != "cpu"
    with (
        torch.inference_mode(False),
        torch.set_grad_enabled(gradients),
        torch.autocast("cpu", enabled=False),
        torch.device("cpu") if moved else nullcontext(),
    ):
        yield


@contextmanager
def own_state(gradients: bool = True) -> Iterator[None]:
    """As :func:`thread_state`, with torch's own default dtype too: how phi is evaluated."""
    import torch

    with _LOCK, thread_state(gradients):
        given = torch.get_default_dtype()
        torch.set_default_dtype(torch.float32)
        try:
            yield
        finally:
            torch.set_default_dtype(given)
