"""Mini-batches, and the loop that trains an ensemble on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np
import torch

from edgeofchaos.simulation.streams import stream
from edgeofchaos.training.ensemble import Ensemble


def batches(seed: int | str, step: int, size: int, batch: int) -> np.ndarray:
    """Which images one seed sees at one step.

    An epoch is a random permutation of the images, cut into consecutive mini-batches; what is left
    at its end is not used. The result depends on the arguments alone, so a resumed training sees
    what an unbroken one does.

    Args:
        seed: of the member.
        step: counted from 0.
        size: how many images there are.
        batch: how many a step takes; all of them, if there are fewer.

    Returns:
        Indices from 0 to size - 1, none twice, (batch,).
    """
    per_epoch = max(1, size // batch)
    epoch, part = divmod(step, per_epoch)
    return _order(seed, epoch, size)[part * batch : (part + 1) * batch]


@lru_cache(maxsize=64)
def _order(seed: int | str, epoch: int, size: int) -> np.ndarray:
    return np.random.default_rng(stream("batches", seed, epoch)).permutation(size)


def train(
    ensemble: Ensemble, images: torch.Tensor, labels: torch.Tensor, *, steps: int, batch: int,
    report: Callable[[int, torch.Tensor | None], None], every: int,
    checkpoint: Callable[[dict], None] | None = None,
    progress: Callable[[range], Iterable[int]] | None = None,
) -> None:  # fmt: skip
    """Train an ensemble until it has made ``steps`` steps, those it has already made included.

    Args:
        ensemble: the nets; they are changed.
        images: (n, d) of pixel/255, on the ensemble's device.
        labels: (n,), integers, on the ensemble's device.
        steps: in all, from the first start on.
        batch: images a step, of each seed its own (see :func:`batches`).
        report: ``report(step, losses)`` is called before the first step (losses None), then after
            every ``every`` steps and after the last one (losses (M,), those before that step).
        every: how many steps apart reports are.
        checkpoint: ``checkpoint(state)`` is called after each report but the first, with what
            :meth:`.Ensemble.restore` takes.
        progress: wraps the range of steps (``tqdm``, say).
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
