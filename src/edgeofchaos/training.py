"""Many nets of one architecture trained together, each as if it were alone.

Parameters of all members are stacked, a layer is one batched product (baddbmm), and one fused
optimiser steps them all. Optimisers work entry by entry and the loss is the sum of the members'
losses, so no member feels another: one that diverges to NaN leaves the rest as they are.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as functional

from edgeofchaos.activations import Activation
from edgeofchaos.networks import stream

OPTIMISERS = {
    "adam": lambda p, lr: torch.optim.Adam(p, lr=lr, fused=True),
    "sgd": lambda p, lr: torch.optim.SGD(p, lr=lr, fused=True),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr=lr, foreach=True),
}
_CLASSES = 10


@dataclass(frozen=True)
class Member:
    """One net: its activation, the (sigma_b, sigma_w) it is drawn at, its input scale, its seed.

    Members with one seed share the standard normal numbers of their initial weights and their
    mini-batches, so that differences between them are paired.
    """

    phi: Activation
    sigma_b: float
    sigma_w: float
    scale: float
    seed: int


class Ensemble:
    """``members`` nets with ``depth`` hidden layers of ``width`` units and 10 outputs.

    Args:
        members: in any order; those with one activation are best kept together.
        inputs: dimension of the inputs.
        optimiser: adam, sgd or rmsprop.

    Raises:
        ValueError: there is no member, or the optimiser, a size or the learning rate is not
            allowed.
    """

    def __init__(
        self, members: Sequence[Member], *, width: int, depth: int, inputs: int = 784,
        optimiser: str = "adam", learning_rate: float = 1e-3, device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
    ):  # fmt: skip
        if not members:
            raise ValueError("members: there are none; allowed is at least one")
        if width < 1 or depth < 1:
            raise ValueError(f"(width, depth) = ({width}, {depth}); allowed are integers >= 1")
        if optimiser not in OPTIMISERS:
            raise ValueError(f"optimiser = {optimiser!r}; allowed are {', '.join(OPTIMISERS)}")
        if not (math.isfinite(learning_rate) and learning_rate > 0):
            raise ValueError(f"learning_rate = {learning_rate!r}; allowed is a number > 0")
        self.members, self.device, self.dtype = list(members), torch.device(device), dtype
        self.groups = _groups(self.members)
        self.scales = torch.tensor(
            [m.scale for m in self.members], dtype=dtype, device=self.device
        )[:, None, None]
        sizes = [inputs, *[width] * depth, _CLASSES]
        self.weights, self.biases = [], []
        for layer, (fan_in, out) in enumerate(itertools.pairwise(sizes)):
            drawn = [_draw(m, layer, fan_in, out) for m in self.members]
            for into, i in ((self.weights, 0), (self.biases, 1)):
                stacked = torch.stack([d[i] for d in drawn]).to(self.device, dtype)
                into.append(stacked.requires_grad_())
        self.parameters = [*self.weights, *self.biases]
        self.optimiser = OPTIMISERS[optimiser](self.parameters, learning_rate)
        self.step_count = 0

    def logits(self, images: torch.Tensor) -> torch.Tensor:
        """Outputs (members, batch, 10) for images (members or 1, batch, d) of pixel/255."""
        sizes = [count for _, count in self.groups]
        x, scale = images, self.scales  # the scale on the product: it is much smaller
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            y = torch.baddbmm(bias, x, weight) if scale is None else bias + scale * (x @ weight)
            parts = [phi(p) for (phi, _), p in zip(self.groups, y.split(sizes), strict=True)]
            x, scale = torch.cat(parts) if len(parts) > 1 else parts[0], None
        return torch.baddbmm(self.biases[-1], x, self.weights[-1])

    def step(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """One step of every member on its own batch; images (M, batch, d), labels (M, batch).

        Returns each member's mean cross-entropy before the step: (M,).
        """
        self.optimiser.zero_grad(set_to_none=True)
        losses = _losses(self.logits(images), labels)
        losses.sum().backward()
        self.optimiser.step()
        self.step_count += 1
        return losses.detach()

    def gradient_norms(self) -> torch.Tensor:
        """Root mean square of the last step's gradient of each weight matrix: (M, depth + 1)."""
        return torch.stack([w.grad.square().mean((1, 2)).sqrt() for w in self.weights], 1)

    @torch.no_grad()
    def accuracy(self, images: torch.Tensor, labels: torch.Tensor, chunk: int = 1000):
        """Share of test images each member gets right (M,), NaN where an output is not finite."""
        right = torch.zeros(len(self.members), device=self.device)
        finite = torch.ones(len(self.members), dtype=torch.bool, device=self.device)
        for i in range(0, len(images), chunk):
            part = images[i : i + chunk].expand(len(self.members), -1, -1)
            out = self.logits(part)
            right += (out.argmax(-1) == labels[i : i + chunk]).sum(-1)
            finite &= torch.isfinite(out).flatten(1).all(-1)
        return torch.where(finite, right / len(images), math.nan).cpu().numpy()

    def state(self) -> dict:
        """What a checkpoint holds: tensors and numbers only."""
        return {
            "parameters": [p.detach().clone() for p in self.parameters],
            "optimiser": self.optimiser.state_dict(),
            "step": self.step_count,
        }

    @torch.no_grad()
    def restore(self, state: dict) -> None:
        """Go on from a :meth:`state`; training then ends as if it had not stopped."""
        for p, saved in zip(self.parameters, state["parameters"], strict=True):
            p.copy_(saved)
        self.optimiser.load_state_dict(state["optimiser"])
        self.step_count = int(state["step"])


def _groups(members: Sequence[Member]) -> list[tuple[Activation, int]]:
    """Runs of neighbours with one activation: (phi, how many)."""
    runs = itertools.groupby(members, key=lambda m: m.phi.name)
    return [(run[0].phi, len(run)) for run in (list(r) for _, r in runs)]


def _draw(member: Member, layer: int, fan_in: int, out: int):
    """Weights N(0, sigma_w^2/fan-in), (fan_in, out), and biases N(0, sigma_b^2), (1, out)."""
    generator = torch.Generator().manual_seed(stream("weights", member.seed, layer, fan_in, out))
    weight = torch.empty(fan_in, out, dtype=torch.float64).normal_(generator=generator)
    bias = torch.empty(1, out, dtype=torch.float64).normal_(generator=generator)
    return weight * (member.sigma_w / math.sqrt(fan_in)), bias * member.sigma_b


def _losses(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    members, batch, classes = logits.shape
    flat = functional.cross_entropy(
        logits.reshape(-1, classes), labels.reshape(-1), reduction="none"
    )
    return flat.reshape(members, batch).mean(1)


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
    seeds = sorted({m.seed for m in ensemble.members})
    of = torch.tensor([seeds.index(m.seed) for m in ensemble.members], device=images.device)
    if ensemble.step_count == 0:
        report(0, None)
    span = range(ensemble.step_count, steps)
    for step in progress(span) if progress else span:
        picked = np.stack([batches(s, step, len(images), batch) for s in seeds])
        index = torch.from_numpy(picked).to(images.device)
        losses = ensemble.step(images[index][of], labels[index][of])
        if (step + 1) % every == 0 or step + 1 == steps:
            report(step + 1, losses)
            if checkpoint is not None:
                checkpoint(ensemble.state())
