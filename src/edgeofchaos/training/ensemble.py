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
from collections.abc import Callable, Iterator, Sequence

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
        self._memory: list[list[torch.Tensor]] = []

    @property
    def seeds(self) -> list[int | str]:
        """Those of the first S members; member m has ``seeds[m % S]``."""
        return self.parameters.seeds

    @thread_state(gradients=False)
    def logits(self, images: torch.Tensor) -> torch.Tensor:
        """Outputs (M, batch, 10) for images (S or 1, batch, d) of pixel/255."""
        # No gradient follows, so all layers share two tensors.
        z, value = (self._empty(images.shape[1]) for _ in range(2))
        return self._forward(images, [z] * self.depth, [value] * self.depth, mixed=False)

    def _forward(
        self,
        images: torch.Tensor,
        z: list[torch.Tensor],
        values: list[torch.Tensor],
        mixed: bool,
    ) -> torch.Tensor:
        """Logits; the pre-activations and activations of each hidden layer go into z and values."""
        weights, biases = self.parameters.weights, self.parameters.biases
        first = _product(images.expand(len(self.seeds), -1, -1), weights[0], mixed)
        # Scaled after the product, which has fewer entries than the images.
        torch.addcmul(biases[0], self.parameters.by_member(first), self._scale, out=z[0])
        outs = [*z[1:], None]
        for layer, (weight, bias) in enumerate(zip(weights[1:], biases[1:], strict=True)):
            for phi, (x, out) in self._each_phi(z[layer], values[layer]):
                phi.value(x, out)
            logits = _product(values[layer], weight, mixed, bias=bias, out=outs[layer])
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
        batch, depth, mixed, parameters = images.shape[1], self.depth, self._mixed, self.parameters
        if not self._memory or self._memory[0][0].shape[1] != batch:
            self._memory = [[self._empty(batch) for _ in range(n)] for n in (depth, depth, 2)]
        z, values, grads = self._memory
        logs = self._forward(images, z, values, mixed).log_softmax(-1)
        losses = -logs.gather(-1, labels[..., None]).mean((1, 2))
        # Softmax less the label's unit vector, over the batch: the gradient of the logits.
        above = logs.exp_()
        above.scatter_add_(-1, labels[..., None], above.new_full((*labels.shape, 1), -1.0))
        above /= batch
        for layer in range(depth, 0, -1):
            value, weight = values[layer - 1], parameters.weights[layer]
            gradient = parameters.weight_gradients[layer]
            _product(value.transpose(1, 2), above, mixed, out=gradient)
            torch.sum(above, 1, keepdim=True, out=parameters.bias_gradients[layer])
            below = _product(above, weight.transpose(1, 2), mixed, out=grads[layer % 2])
            for phi, (x, y, grad) in self._each_phi(z[layer - 1], value, below):
                phi.pull(x, y, grad)
            above = below
        torch.sum(above, 1, keepdim=True, out=parameters.bias_gradients[0])
        above *= self._scale
        above = parameters.by_seed(above)
        _product(images.transpose(1, 2), above, mixed, out=parameters.weight_gradients[0])
        return losses

    def _empty(self, batch: int) -> torch.Tensor:
        shape = len(self.members), batch, self._width
        return torch.empty(shape, dtype=self.dtype, device=self.device)

    def _each_phi(
        self, *tensors: torch.Tensor
    ) -> Iterator[tuple[Pointwise, tuple[torch.Tensor, ...]]]:
        """The functions, and the part of each tensor, of each run of members with one phi."""
        parts = zip(*(t.split(self._counts) for t in tensors), strict=True)
        return zip(self._pointwise, parts, strict=True)

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
    def accuracy(self, images: torch.Tensor, labels: torch.Tensor, chunk: int = 1000) -> np.ndarray:
        """The share of images each member gets right, (M,); NaN where an output is not finite.

        Args:
            images: (n, d) of pixel/255, the same for all members.
            labels: (n,), integers.
            chunk: how many images are sent through at once.
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
        product = torch.bmm(a.bfloat16(), b.bfloat16()).to(a.dtype)
        product = product if bias is None else product + bias
        return product if out is None else out.copy_(product)
    return torch.bmm(a, b, out=out) if bias is None else torch.baddbmm(bias, a, b, out=out)
