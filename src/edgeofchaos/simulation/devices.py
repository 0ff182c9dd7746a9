"""Where tensors live: the CPU or a CUDA device."""

from __future__ import annotations

import torch

from edgeofchaos.arguments import one_of


def pick_device(device: str = "auto") -> torch.device:
    """The torch device called ``device``; ``auto`` is CUDA where there is one, else the CPU.

    Raises:
        ValueError: it is not ``auto``, ``cpu`` or ``cuda``, or it is ``cuda`` and there is none.
    """
    device = one_of("device", device, ("auto", "cpu", "cuda"))
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device = 'cuda', but torch finds no CUDA device; allowed: auto, cpu")
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)
