"""The parameters of many nets of one architecture, drawn net by net and kept as one vector.

Weights and biases of all layers and nets are parts of one vector, so that one call of an optimiser
steps all of them. A layer's weights are stacked by net; the first layer's are kept by seed, since
the nets of a seed see the same digits and one product then serves them all.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from edgeofchaos.activations import Activation
from edgeofchaos.simulation.streams import stream

CLASSES = 10  # outputs of a net: one a digit


@dataclass(frozen=True)
class Member:
    """One net: its activation, the (sigma_b, sigma_w) it is drawn at, its input scale, its seed.

    Members of one seed start from the same standard normal numbers and see the same mini-batches,
    so that differences between them are paired. A seed is a number or a name, such as 1/0: what
    random streams are named from.
    """

    phi: Activation
    sigma_b: float
    sigma_w: float
    scale: float
    seed: int | str


class Parameters:
    """Weights and biases of M nets of one architecture, and room for their gradients.

    Args:
        members: the nets; they must not be empty.
        width: units of a hidden layer, N.
        depth: number of hidden layers.
        inputs: dimension of the inputs, d.
        device: where they are kept.
        dtype: of what is kept; all is drawn in float64.

    Attributes:
        vector: all of them; ``vector.grad`` has all gradients.
        seeds: those of the first S members; member m has ``seeds[m % S]``.
        weights: of each layer, (M, fan-in, out); but of the first by seed, (S, d, M/S * N).
        biases: of each layer, (M, 1, out).
        weight_gradients, bias_gradients: of the same shapes.
    """

    def __init__(
        self,
        members: Sequence[Member],
        width: int,
        depth: int,
        inputs: int,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self.seeds = _period([m.seed for m in members])
        self._members, self._count, self._dtype = list(members), len(members), dtype
        self._sizes = list(itertools.pairwise([inputs, *[width] * depth, CLASSES]))
        sizes = self._sizes
        by_member = [(self._count, fan_in, out) for fan_in, out in sizes[1:]]
        first = (len(self.seeds), inputs, self._count // len(self.seeds) * width)
        shapes = [first, *by_member, *((self._count, 1, out) for _, out in sizes)]
        self.vector = torch.empty(sum(map(math.prod, shapes)), dtype=dtype, device=device)
        gradient = self.vector.grad = torch.zeros_like(self.vector)
        parts = _parts(self.vector, shapes)
        self.weights, self.biases = parts[: depth + 1], parts[depth + 1 :]
        parts = _parts(gradient, shapes)
        self.weight_gradients, self.bias_gradients = parts[: depth + 1], parts[depth + 1 :]
        for layer in range(len(sizes)):
            weight, bias = self.drawn(layer)
            self.weights[layer].copy_(weight if layer else self.by_seed(weight))
            self.biases[layer].copy_(bias)

    def drawn(self, layer: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The weights and biases that a layer starts from: (M, fan-in, out) and (M, 1, out)."""
        drawn = [_draw(m, layer, *self._sizes[layer]) for m in self._members]
        weights, biases = zip(*drawn, strict=True)
        return torch.stack(weights).to(self._dtype), torch.stack(biases).to(self._dtype)

    def weights_of(self, layer: int) -> torch.Tensor:
        """The weights of a layer by member, (M, fan-in, out)."""
        return self.weights[layer] if layer else self.by_member(self.weights[0])

    def gradients_of(self, layer: int) -> torch.Tensor:
        """The gradients of a layer's weights by member, (M, fan-in, out)."""
        gradients = self.weight_gradients
        return gradients[layer] if layer else self.by_member(gradients[0])

    def by_member(self, stacked: torch.Tensor) -> torch.Tensor:
        """(M, n, N) from (S, n, M/S * N): the parts of a seed's nets as nets of their own."""
        parts = stacked.unflatten(2, (self._count // len(self.seeds), -1))
        return parts.permute(2, 0, 1, 3).flatten(0, 1)

    def by_seed(self, stacked: torch.Tensor) -> torch.Tensor:
        """The inverse of :meth:`by_member`."""
        return stacked.unflatten(0, (-1, len(self.seeds))).permute(1, 2, 0, 3).flatten(2)


def _period(seeds: list[int | str]) -> list[int | str]:
    """The shortest list that gives ``seeds`` when repeated."""
    lengths = (n for n in range(1, len(seeds) + 1) if len(seeds) % n == 0)
    return next(seeds[:n] for n in lengths if seeds == seeds[:n] * (len(seeds) // n))


def _parts(vector: torch.Tensor, shapes: Sequence[tuple[int, ...]]) -> list[torch.Tensor]:
    parts = vector.split([math.prod(shape) for shape in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]


def _draw(member: Member, layer: int, fan_in: int, out: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights N(0, sigma_w^2/fan-in), (fan_in, out), and biases N(0, sigma_b^2), (1, out)."""
    generator = torch.Generator().manual_seed(stream("weights", member.seed, layer, fan_in, out))
    weight = torch.empty(fan_in, out, dtype=torch.float64).normal_(generator=generator)
    bias = torch.empty(1, out, dtype=torch.float64).normal_(generator=generator)
    return weight * (member.sigma_w / math.sqrt(fan_in)), bias * member.sigma_b
