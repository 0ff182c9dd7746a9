"""Mini-batches, and the loop that trains an ensemble on them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch

from edgeofchaos.simulation.sampling import stream
from edgeofchaos.training.ensemble import Ensemble


def batches(seed: int, step: int, size: int, batch: int) -> np.ndarray:
    """Indices of the mini-batch of one seed at one step: consecutive parts of one permutation an
    epoch. They depend on nothing else, so a resumed training sees the same ones."""
    per_epoch = max(1, size // batch)
    epoch, part = divmod(step, per_epoch)
    return _order(seed, epoch, size)[part * batch : (part + 1) * batch]


@lru_cache(maxsize=64)
def _order(seed: int, epoch: int, size: int) -> np.ndarray:
    return np.random.default_rng(stream("batches", seed, epoch)).permutation(size)


def train(
    ensemble: Ensemble, images: torch.Tensor, labels: torch.Tensor, *, steps: int, batch: int,
    report: Callable[[int, torch.Tensor | None], None], every: int,
    checkpoint: Callable[[dict], None] | None = None, progress=None,
) -> None:  # fmt: skip
    """Train to ``steps`` in all, from wherever the ensemble is.

    ``report(step, losses)`` is called before the first step, after every ``every`` steps and at
    the end; ``checkpoint(state)`` right after it.
    """
    if ensemble.step_count == 0:
        report(0, None)
    span = range(ensemble.step_count, steps)
    seeds = len(ensemble.seeds)
    shown = images.new_empty(seeds * min(batch, len(images)), images.shape[1])
    for step in progress(span) if progress else span:
        picked = np.stack([batches(s, step, len(images), batch) for s in ensemble.seeds])
        index = torch.from_numpy(picked).to(images.device)
        torch.index_select(images, 0, index.flatten(), out=shown)
        losses = ensemble.step(shown.unflatten(0, (seeds, -1)), labels[index])
        if (step + 1) % every == 0 or step + 1 == steps:
            report(step + 1, losses)
            if checkpoint is not None:
                checkpoint(ensemble.state())
