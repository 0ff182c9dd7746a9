"""Many nets of one architecture as one: stacked parameters, a batched product a layer.

A layer of all nets is one baddbmm on stacked weights; the first layer one product a seed, for the
nets of a seed see the same digits. One fused optimiser steps them all. It works entry by entry, no
product mixes nets and the loss is the sum of theirs, so no net feels another: one that diverges to
NaN leaves the rest as they are.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as functional

from edgeofchaos.activations import Activation
from edgeofchaos.networks import stream

OPTIMISERS = {
    "adam": lambda p, lr: torch.optim.Adam(p, lr=lr, fused=True),
    "sgd": lambda p, lr: torch.optim.SGD(p, lr=lr, fused=True),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr=lr, foreach=True),
}

PRECISIONS = ("float32", "bfloat16")


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
        members: in any order, M of them; cheapest where one initialisation's seeds follow each
            other, the same seeds for each, and those with one activation are together.
        inputs: dimension of the inputs, d.
        optimiser: adam, sgd or rmsprop.
        precision: float32, or bfloat16 for the products of a training step; parameters, losses
            and tests keep ``dtype``.

    Attributes:
        seeds: those of the first S members; member m has ``seeds[m % S]``.
        weights: of each layer, (M, fan-in, out); but of the first by seed, (S, d, M/S * N).
        biases: of each layer, (M, 1, out).

    Raises:
        ValueError: there is no member, or the optimiser, a size, the precision or the learning
            rate is not allowed.
    """

    def __init__(
        self, members: Sequence[Member], *, width: int, depth: int, inputs: int = 784,
        optimiser: str = "adam", learning_rate: float = 1e-3, device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32, precision: str = "float32",
    ):  # fmt: skip
        if not members:
            raise ValueError("members: there are none; allowed is at least one")
        if width < 1 or depth < 1:
            raise ValueError(f"(width, depth) = ({width}, {depth}); allowed are integers >= 1")
        if optimiser not in OPTIMISERS:
            raise ValueError(f"optimiser = {optimiser!r}; allowed are {', '.join(OPTIMISERS)}")
        if precision not in PRECISIONS:
            raise ValueError(f"precision = {precision!r}; allowed are {', '.join(PRECISIONS)}")
        if not (math.isfinite(learning_rate) and learning_rate > 0):
            raise ValueError(f"learning_rate = {learning_rate!r}; allowed is a number > 0")
        self.members, self.device, self.dtype = list(members), torch.device(device), dtype
        self.seeds = _period([m.seed for m in self.members])
        self.step_count, self._mixed = 0, precision == "bfloat16"
        self._phis, self._counts = _runs(self.members)
        scales = torch.tensor([m.scale for m in self.members], dtype=dtype)
        self._scale = scales[:, None, None].to(self.device)
        self.weights, self.biases = [], []
        for layer, (fan_in, out) in enumerate(itertools.pairwise([inputs, *[width] * depth, 10])):
            drawn = [_draw(m, layer, fan_in, out) for m in self.members]
            weight, bias = (torch.stack(t).to(self.device, dtype) for t in zip(*drawn, strict=True))
            self.weights.append(weight if layer else self._by_seed(weight))
            self.biases.append(bias)
        self.parameters = [p.requires_grad_() for p in (*self.weights, *self.biases)]
        self.optimiser = OPTIMISERS[optimiser](self.parameters, learning_rate)

    def weights_of(self, layer: int) -> torch.Tensor:
        """The weights of a layer by member, (M, fan-in, out)."""
        return self.weights[layer] if layer else self._by_member(self.weights[0])

    def _by_member(self, first: torch.Tensor) -> torch.Tensor:
        """(S, n, M/S * N) as (M, n, N): what the first layer keeps by seed."""
        parts = first.unflatten(2, (len(self.members) // len(self.seeds), -1))
        return parts.permute(2, 0, 1, 3).flatten(0, 1)

    def _by_seed(self, stacked: torch.Tensor) -> torch.Tensor:
        return stacked.unflatten(0, (-1, len(self.seeds))).permute(1, 2, 0, 3).flatten(2)

    def logits(self, images: torch.Tensor) -> torch.Tensor:
        """Outputs (M, batch, 10) for images (S or 1, batch, d) of pixel/255."""
        product = self._by_member((images @ self.weights[0]).expand(len(self.seeds), -1, -1))
        z = torch.addcmul(self.biases[0], product, self._scale)  # on the product: it is smaller
        for weight, bias in zip(self.weights[1:], self.biases[1:], strict=True):
            parts = z.split(self._counts)
            values = [phi(part) for phi, part in zip(self._phis, parts, strict=True)]
            z = torch.baddbmm(bias, torch.cat(values) if len(values) > 1 else values[0], weight)
        return z

    def step(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """One step of every member; images (S, batch, d) and labels (S, batch), one batch a seed.

        Returns each member's mean cross-entropy before the step: (M,).
        """
        self.optimiser.zero_grad(set_to_none=True)
        labels = labels.repeat(len(self.members) // len(self.seeds), 1)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._mixed):
            losses = _losses(self.logits(images).to(self.dtype), labels)
        losses.sum().backward()
        self.optimiser.step()
        self.step_count += 1
        return losses.detach()

    def gradient_norms(self) -> torch.Tensor:
        """Root mean square of the last step's gradient of each weight matrix: (M, depth + 1)."""
        first, *rest = (w.grad for w in self.weights)
        norms = [g.square().mean((1, 2)).sqrt() for g in (self._by_member(first), *rest)]
        return torch.stack(norms, 1)

    @torch.no_grad()
    def accuracy(self, images: torch.Tensor, labels: torch.Tensor, chunk: int = 1000):
        """Share of test images each member gets right (M,), NaN where an output is not finite."""
        right = torch.zeros(len(self.members), device=self.device)
        finite = torch.ones(len(self.members), dtype=torch.bool, device=self.device)
        for i in range(0, len(images), chunk):
            out = self.logits(images[None, i : i + chunk])
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


def _period(seeds: list[int]) -> list[int]:
    """The shortest beginning whose repetition makes the list."""
    for length in range(1, len(seeds) + 1):
        if len(seeds) % length == 0 and seeds == seeds[:length] * (len(seeds) // length):
            return seeds[:length]
    raise AssertionError("a list repeats itself once")


def _runs(members: Sequence[Member]) -> tuple[list[Activation], list[int]]:
    """Runs of neighbours with one activation: which, and how many."""
    runs = [list(run) for _, run in itertools.groupby(members, key=lambda m: m.phi.name)]
    return [run[0].phi for run in runs], [len(run) for run in runs]


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
