"""Many nets of one architecture as one: stacked parameters, a batched product a layer.

A layer of all nets is one baddbmm on stacked weights; the first layer one product a seed, for the
nets of a seed see the same digits. One fused optimiser steps them all. It works entry by entry, no
product mixes nets and the loss is the sum of theirs, so no net feels another: one that diverges to
NaN leaves the rest as they are.

Back-propagation is written out: a forward and two backward products a layer (one in the first),
into memory that is kept from step to step.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from edgeofchaos.activations import Activation
from edgeofchaos.simulation.sampling import stream
from edgeofchaos.training.pointwise import Kernel, kernel

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
        precision: float32, or bfloat16 for the products of a training step; parameters,
            activations, losses and tests keep ``dtype``.

    Attributes:
        seeds: those of the first S members; member m has ``seeds[m % S]``.
        weights: of each layer, (M, fan-in, out); but of the first by seed, (S, d, M/S * N).
        biases: of each layer, (M, 1, out).
        parameters: one vector of all of them, which weights and biases are parts of.

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
        self._kernels, self._counts = _runs(self.members)
        scales = torch.tensor([m.scale for m in self.members], dtype=dtype)
        self._scale = scales[:, None, None].to(self.device)
        sizes = list(itertools.pairwise([inputs, *[width] * depth, 10]))
        count = len(self.members)
        shapes = [(count, fan_in, out) for fan_in, out in sizes]
        shapes[0] = (len(self.seeds), inputs, count // len(self.seeds) * width)
        shapes += [(count, 1, out) for _, out in sizes]
        # One vector: a step of the optimiser is one kernel, however many layers there are.
        self.parameters = torch.empty(sum(map(math.prod, shapes)), dtype=dtype, device=self.device)
        self.parameters.grad = torch.zeros_like(self.parameters)
        self.weights, self.biases = _halves(_parts(self.parameters, shapes))
        self._weight_grads, self._bias_grads = _halves(_parts(self.parameters.grad, shapes))
        for layer, (fan_in, out) in enumerate(sizes):
            drawn = [_draw(m, layer, fan_in, out) for m in self.members]
            weight, bias = (torch.stack(t).to(dtype) for t in zip(*drawn, strict=True))
            self.weights[layer].copy_(weight if layer else self._by_seed(weight))
            self.biases[layer].copy_(bias)
        self.optimiser = OPTIMISERS[optimiser]([self.parameters], learning_rate)
        self._memory: list[list[torch.Tensor]] = []

    def weights_of(self, layer: int) -> torch.Tensor:
        """The weights of a layer by member, (M, fan-in, out)."""
        return self.weights[layer] if layer else self._by_member(self.weights[0])

    def _by_member(self, first: torch.Tensor) -> torch.Tensor:
        """(S, n, M/S * N) as (M, n, N): what the first layer keeps by seed."""
        parts = first.unflatten(2, (len(self.members) // len(self.seeds), -1))
        return parts.permute(2, 0, 1, 3).flatten(0, 1)

    def _by_seed(self, stacked: torch.Tensor) -> torch.Tensor:
        return stacked.unflatten(0, (-1, len(self.seeds))).permute(1, 2, 0, 3).flatten(2)

    @torch.no_grad()
    def logits(self, images: torch.Tensor) -> torch.Tensor:
        """Outputs (M, batch, 10) for images (S or 1, batch, d) of pixel/255."""
        # Nothing has to be kept: all layers share two tensors.
        z, value = (self._empty(images.shape[1]) for _ in range(2))
        layers = len(self.weights) - 1
        return self._forward(images, [z] * layers, [value] * layers, mixed=False)

    def _forward(self, images, z, values, mixed) -> torch.Tensor:
        """Logits; the pre-activations and activations of each hidden layer go into z and values."""
        first = _product(images.expand(len(self.seeds), -1, -1), self.weights[0], mixed)
        # Scaled after the product, which is smaller than the images.
        torch.addcmul(self.biases[0], self._by_member(first), self._scale, out=z[0])
        outs = [*z[1:], None]
        for layer, (weight, bias) in enumerate(zip(self.weights[1:], self.biases[1:], strict=True)):
            for phi, *parts in self._each_phi(z[layer], values[layer]):
                phi.value(*parts)
            out = _product(values[layer], weight, mixed, bias=bias, out=outs[layer])
        return out

    def step(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """One step of every member; images (S, batch, d) and labels (S, batch), one batch a seed.

        Returns each member's mean cross-entropy before the step: (M,).
        """
        losses = self._backward(images, labels.repeat(len(self.members) // len(self.seeds), 1))
        self.optimiser.step()
        self.step_count += 1
        return losses

    @torch.no_grad()
    def _backward(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Losses (M,), and their gradients where the optimiser looks for them."""
        batch, layers, mixed = images.shape[1], len(self.weights) - 1, self._mixed
        if not self._memory or self._memory[0][0].shape[1] != batch:
            self._memory = [[self._empty(batch) for _ in range(n)] for n in (layers, layers, 2)]
        z, values, grads = self._memory
        logs = self._forward(images, z, values, mixed).log_softmax(-1)
        losses = -logs.gather(-1, labels[..., None]).mean((1, 2))
        # Softmax less the label's unit vector, over the batch: the gradient of the logits.
        above = logs.exp_()
        above.scatter_add_(-1, labels[..., None], above.new_full((*labels.shape, 1), -1.0))
        above /= batch
        for layer in range(layers, 0, -1):
            value, weight = values[layer - 1], self.weights[layer]
            _product(value.transpose(1, 2), above, mixed, out=self._weight_grads[layer])
            torch.sum(above, 1, keepdim=True, out=self._bias_grads[layer])
            below = _product(above, weight.transpose(1, 2), mixed, out=grads[layer % 2])
            for phi, *parts in self._each_phi(z[layer - 1], value, below):
                phi.pull(*parts)
            above = below
        torch.sum(above, 1, keepdim=True, out=self._bias_grads[0])
        above *= self._scale
        _product(images.transpose(1, 2), self._by_seed(above), mixed, out=self._weight_grads[0])
        return losses

    def _empty(self, batch: int) -> torch.Tensor:
        shape = len(self.members), batch, self.biases[0].shape[-1]
        return torch.empty(shape, dtype=self.dtype, device=self.device)

    def _each_phi(self, *tensors: torch.Tensor):
        """(kernel, its members' part of each tensor) of each run of one activation."""
        return zip(self._kernels, *(t.split(self._counts) for t in tensors), strict=True)

    def gradient_norms(self) -> torch.Tensor:
        """Root mean square of the last step's gradient of each weight matrix: (M, depth + 1)."""
        first, *rest = self._weight_grads
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
            "parameters": self.parameters.clone(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step_count,
        }

    @torch.no_grad()
    def restore(self, state: dict) -> None:
        """Go on from a :meth:`state`; training then ends as if it had not stopped."""
        self.parameters.copy_(state["parameters"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step_count = int(state["step"])


def _period(seeds: list[int]) -> list[int]:
    """The shortest beginning whose repetition makes the list."""
    for length in range(1, len(seeds) + 1):
        if len(seeds) % length == 0 and seeds == seeds[:length] * (len(seeds) // length):
            return seeds[:length]
    raise AssertionError("a list repeats itself once")


def _runs(members: Sequence[Member]) -> tuple[list[Kernel], list[int]]:
    """Runs of neighbours with one activation: its kernel, and how many they are."""
    runs = [list(run) for _, run in itertools.groupby(members, key=lambda m: id(m.phi))]
    return [kernel(run[0].phi) for run in runs], [len(run) for run in runs]


def _parts(vector: torch.Tensor, shapes: list[tuple[int, ...]]) -> list[torch.Tensor]:
    parts = vector.split([math.prod(shape) for shape in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]


def _halves(parts: list[torch.Tensor]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    return parts[: len(parts) // 2], parts[len(parts) // 2 :]


def _draw(member: Member, layer: int, fan_in: int, out: int):
    """Weights N(0, sigma_w^2/fan-in), (fan_in, out), and biases N(0, sigma_b^2), (1, out)."""
    generator = torch.Generator().manual_seed(stream("weights", member.seed, layer, fan_in, out))
    weight = torch.empty(fan_in, out, dtype=torch.float64).normal_(generator=generator)
    bias = torch.empty(1, out, dtype=torch.float64).normal_(generator=generator)
    return weight * (member.sigma_w / math.sqrt(fan_in)), bias * member.sigma_b


def _product(a, b, mixed: bool, *, bias=None, out=None) -> torch.Tensor:
    """a @ b + bias of each member; ``mixed`` multiplies in bfloat16."""
    if mixed:
        product = torch.bmm(a.bfloat16(), b.bfloat16()).to(a.dtype)
        product = product if bias is None else product + bias
        return product if out is None else out.copy_(product)
    return torch.bmm(a, b, out=out) if bias is None else torch.baddbmm(bias, a, b, out=out)
