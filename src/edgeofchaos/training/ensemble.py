"""Many nets of one architecture trained as one: a batched product a layer, one optimiser for all.

Members do not influence one another: every operation works entry by entry or net by net, the
loss is the sum of the members' losses, and the optimiser works entry by entry. A member that
diverges to NaN leaves the others as they would be without it.

Back-propagation is written out: a forward and two backward products a layer (one in the first),
into memory that is kept from step to step.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import torch

from edgeofchaos.torch_state import thread_state
from edgeofchaos.training.parameters import Member, Parameters
from edgeofchaos.training.pointwise import Pointwise, pointwise

OPTIMISERS: dict[str, Callable[[list[torch.Tensor], float], torch.optim.Optimizer]] = {
    "adam": lambda p, lr: torch.optim.Adam(p, lr=lr, fused=True),
    "sgd": lambda p, lr: torch.optim.SGD(p, lr=lr, fused=True),
    "momentum": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9, fused=True),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr=lr, foreach=True),
}

PRECISIONS = ("float32", "bfloat16")


class _Layer(NamedTuple):
    """What a hidden layer is computed in, and views of it: making these takes time at each step.

    Attributes:
        z, value: pre-activations and activations, (M, batch, N).
        transposed: the activations, (M, N, batch).
        parts: phi, and its members' part of z and of value, for each run of members with one phi.
    """

    z: torch.Tensor
    value: torch.Tensor
    transposed: torch.Tensor
    parts: list[tuple[Pointwise, torch.Tensor, torch.Tensor]]


class Ensemble:
    """``members`` nets with ``depth`` hidden layers of ``width`` units and 10 outputs.

    Args:
        members: M of them, in any order. Steps are fastest where members of one activation stand
            together and the list of seeds is one list repeated (the seeds of one initialisation,
            then those of the next).
        width: units of a hidden layer, N.
        depth: number of hidden layers.
        inputs: dimension of the inputs, d.
        optimiser: adam, sgd, momentum (sgd with a momentum of 0.9) or rmsprop, all else as PyTorch
            has it.
        learning_rate: of the optimiser.
        device: where the nets are trained.
        dtype: of parameters, activations and losses.
        precision: float32, or bfloat16 for the products of a training step alone.

    Attributes:
        members: the list given.
        parameters: their :class:`.parameters.Parameters`.
        depth: number of hidden layers.
        step_count: how many steps were made.

    Raises:
        ValueError: there is no member, or the optimiser, a size, the precision or the learning
            rate is not allowed.

    Example:
        ::

            nets = Ensemble([Member(activation("relu"), 0.0, 1.41, 1.0, seed) for seed in range(5)],
                            width=100, depth=10)
            nets.step(images, labels)  # (5, batch, 784) and (5, batch): each seed its own batch
    """

    @thread_state(gradients=False)
    def __init__(
        self, members: Sequence[Member], *, width: int, depth: int, inputs: int = 784,
        optimiser: str = "adam", learning_rate: float = 1e-3, device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32, precision: str = "float32",
    ) -> None:  # fmt: skip
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
        self.parameters = Parameters(self.members, width, depth, inputs, self.device, dtype)
        self.step_count, self._mixed = 0, precision == "bfloat16"
        self.depth, self._width = depth, width
        self._pointwise, self._counts = _runs(self.members)
        scales = torch.tensor([m.scale for m in self.members], dtype=dtype)
        self._scale = scales[:, None, None].to(self.device)
        self.optimiser = OPTIMISERS[optimiser]([self.parameters.vector], learning_rate)
        self._transposed = [w.transpose(1, 2) for w in self.parameters.weights]
        self._hidden: list[_Layer] = []
        self._gradients: list[tuple[torch.Tensor, Sequence[torch.Tensor]]] = []

    @property
    def seeds(self) -> list[int | str]:
        """Those of the first S members; member m has ``seeds[m % S]``."""
        return self.parameters.seeds

    @thread_state(gradients=False)
    def logits(self, images: torch.Tensor) -> torch.Tensor:
        """Outputs (M, batch, 10) for images (S or 1, batch, d) of pixel/255."""
        # No gradient follows, so all layers share two tensors.
        layer = self._layer(*self._empty(images.shape[1], 2).unbind())
        return self._forward(images, [layer] * self.depth, mixed=False)

    def _forward(self, images: torch.Tensor, hidden: list[_Layer], mixed: bool) -> torch.Tensor:
        """Logits; the pre-activations and activations of each hidden layer are left in it."""
        weights, biases = self.parameters.weights, self.parameters.biases
        first = _product(images.expand(len(self.seeds), -1, -1), weights[0], mixed)
        # Scaled after the product, which has fewer entries than the images.
        torch.addcmul(biases[0], self.parameters.by_member(first), self._scale, out=hidden[0].z)
        outs = [*(layer.z for layer in hidden[1:]), None]
        for layer, weight, bias, out in zip(hidden, weights[1:], biases[1:], outs, strict=True):
            for phi, x, value in layer.parts:
                phi.value(x, value)
            logits = _product(layer.value, weight, mixed, bias=bias, out=out)
        return logits

    @thread_state(gradients=False)
    def step(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """One step of the optimiser for every member.

        Args:
            images: (S, batch, d) of pixel/255, one batch a seed.
            labels: (S, batch), integers.

        Returns:
            Each member's mean cross-entropy over its batch before the step: (M,).
        """
        losses = self._backward(images, labels.repeat(len(self.members) // len(self.seeds), 1))
        self.optimiser.step()
        self.step_count += 1
        return losses

    def _backward(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The members' losses, (M,); their gradients are left in ``parameters.vector.grad``."""
        batch, mixed, parameters = images.shape[1], self._mixed, self.parameters
        if not self._hidden or self._hidden[0].z.shape[1] != batch:
            z, values, made = (self._empty(batch, n).unbind() for n in (self.depth, self.depth, 2))
            self._hidden = [self._layer(*pair) for pair in zip(z, values, strict=True)]
            self._gradients = [(g, g.split(self._counts)) for g in made]
        logs = self._forward(images, self._hidden, mixed).log_softmax(-1)
        losses = -logs.gather(-1, labels[..., None]).mean((1, 2))
        # Softmax less the label's unit vector, over the batch: the gradient of the logits.
        above = logs.exp_()
        above.scatter_add_(-1, labels[..., None], above.new_full((*labels.shape, 1), -1.0))
        above /= batch
        for i in range(self.depth, 0, -1):
            layer, (below, parts) = self._hidden[i - 1], self._gradients[i % 2]
            _product(layer.transposed, above, mixed, out=parameters.weight_gradients[i])
            torch.sum(above, 1, keepdim=True, out=parameters.bias_gradients[i])
            _product(above, self._transposed[i], mixed, out=below)
            for (phi, x, value), gradient in zip(layer.parts, parts, strict=True):
                phi.pull(x, value, gradient)
            above = below
        torch.sum(above, 1, keepdim=True, out=parameters.bias_gradients[0])
        above *= self._scale
        above = parameters.by_seed(above)
        _product(images.transpose(1, 2), above, mixed, out=parameters.weight_gradients[0])
        return losses

    def _empty(self, batch: int, count: int) -> torch.Tensor:
        shape = count, len(self.members), batch, self._width
        return torch.empty(shape, dtype=self.dtype, device=self.device)

    def _layer(self, z: torch.Tensor, value: torch.Tensor) -> _Layer:
        parts = zip(self._pointwise, z.split(self._counts), value.split(self._counts), strict=True)
        return _Layer(z, value, value.transpose(1, 2), list(parts))

    def gradient_norms(self) -> torch.Tensor:
        """Root mean square of the last step's gradient of each weight matrix: (M, depth + 1)."""
        gradients = (self.parameters.gradients_of(layer) for layer in range(self.depth + 1))
        return torch.stack([g.square().mean((1, 2)).sqrt() for g in gradients], 1)

    @thread_state(gradients=False)
    def movement(self) -> torch.Tensor:
        """|W_t - W_0|/|W_0| of each weight matrix, Frobenius norms: (M, depth + 1).

        The weights at the start are drawn once more, so that none are kept; NaN where they are 0.
        """
        found = []
        for layer in range(self.depth + 1):
            start = self.parameters.drawn(layer)[0].to(self.device)
            moved = self.parameters.weights_of(layer) - start
            found.append(moved.flatten(1).norm(dim=1) / start.flatten(1).norm(dim=1))
        return torch.stack(found, 1)

    @thread_state(gradients=False)
    def accuracy(self, images: torch.Tensor, labels: torch.Tensor, chunk: int = 250) -> np.ndarray:
        """The share of images each member gets right, (M,); NaN where an output is not finite.

        Args:
            images: (n, d) of pixel/255, the same for all members.
            labels: (n,), integers.
            chunk: how many images are sent through at once: of few a layer stays in the cache.
        """
        right = torch.zeros(len(self.members), device=self.device)
        finite = torch.ones(len(self.members), dtype=torch.bool, device=self.device)
        for i in range(0, len(images), chunk):
            out = self.logits(images[None, i : i + chunk])
            right += (out.argmax(-1) == labels[i : i + chunk]).sum(-1)
            finite &= torch.isfinite(out).flatten(1).all(-1)
        return torch.where(finite, right / len(images), math.nan).cpu().numpy()

    def state(self) -> dict:
        """What a checkpoint holds: tensors and numbers only, so that it loads without code."""
        return {
            "parameters": self.parameters.vector.clone(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step_count,
        }

    @thread_state(gradients=False)
    def restore(self, state: dict) -> None:
        """Go on from a :meth:`state`; training then ends as if it had not stopped."""
        self.parameters.vector.copy_(state["parameters"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step_count = int(state["step"])


def _runs(members: Sequence[Member]) -> tuple[list[Pointwise], list[int]]:
    """For each run of neighbours with one activation, its functions and the number of members."""
    runs = [list(run) for _, run in itertools.groupby(members, key=lambda m: id(m.phi))]
    return [pointwise(run[0].phi) for run in runs], [len(run) for run in runs]


def _product(
    a: torch.Tensor,
    b: torch.Tensor,
    mixed: bool,
    *,
    bias: torch.Tensor | None = None,
    out: torch.Tensor | None = None,
) -> torch.Tensor:
    """a @ b + bias of each member; ``mixed`` multiplies in bfloat16."""
    if mixed:
        product = _bfloat16_product(a, b).to(a.dtype)
        product = product if bias is None else product + bias
        return product if out is None else out.copy_(product)
    return torch.bmm(a, b, out=out) if bias is None else torch.baddbmm(bias, a, b, out=out)


def _bfloat16_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """a @ b of each member in bfloat16, summed in float32.

    A product of two bfloat16 numbers is exact in float32. So a processor without units for bfloat16
    multiplies the rounded numbers in float32, which gives the same up to the order of the sums, ten
    times as fast as PyTorch's own product of bfloat16 there.
    """
    a, b = a.bfloat16(), b.bfloat16()
    if a.device.type != "cpu" or _has_bfloat16_units():
        return torch.bmm(a, b)
    return torch.bmm(a.float(), b.float()).bfloat16()


@cache
def _has_bfloat16_units() -> bool:
    """Whether the processor multiplies bfloat16 numbers itself, as far as PyTorch can tell."""
    asked = getattr(torch.cpu, "get_capabilities", None)  # which PyTorch 2.4 does not have
    told = asked() if asked else {}
    return bool(told.get("amx_bf16") or told.get("avx512_bf16"))
