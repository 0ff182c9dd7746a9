"""A call that is a layer y = W x + b, what theory says of y, and what was measured of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from edgeofchaos.activations import Activation
from edgeofchaos.practice import operations as ops
from edgeofchaos.practice.laws import (
    Law,
    Unknown,
    field,
    gamma_of,
    of_next,
    rows_of,
    through_layer,
)
from edgeofchaos.practice.passage import Field, Passage

if TYPE_CHECKING:
    from edgeofchaos.practice.tracks import Track

FEW = 16  # weights that a unit sums over, below which its sum is far from Gaussian


@dataclass(frozen=True)
class Layer:
    """One call of a linear or a convolutional layer.

    Attributes:
        x: what enters.
        weight, bias: as they are used, after parametrizations and masks.
        parameter: what the call was given as its weight.
        kind: the name of the call.
        fan_in: how many weights a unit sums over; transposed convolutions, on average.
        width: the number of units, or channels.
        axis: which dimension of the output they are.
        sigma_w2, sigma_b2: fan_in times the mean square of the weights, and that of the biases.
        notes: what to know.
        shape: of the output.
        lopsided: whether the biases have a mean other than 0.
        window: of a convolution, the sum over what a unit sees of one channel, times the mean
            squares of the weights.
        channels: of a convolution, how many a unit sees.
    """

    x: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor | None
    parameter: torch.Tensor
    kind: str
    fan_in: float
    width: int
    axis: int
    sigma_w2: float
    sigma_b2: float
    notes: tuple[str, ...]
    shape: torch.Size
    lopsided: bool = False
    window: Callable[[Field], Field] | None = None
    channels: int = 0

    def through(self, law: Law) -> tuple[Law, Passage]:
        """The law of the output, and what gradients pass."""
        if self.window is None:
            if not bool((law.home == law.home[..., :1]).all()):
                raise Unknown("inputs lie along the units that are summed")
            home = law.home[..., :1].expand(self.shape)

            def sees(x: Field) -> Field:
                return self.sigma_w2 * x

        else:
            window = self.window
            if law.q.dim() != self.weight.dim():
                raise Unknown("a convolution of one input without a dimension for inputs")
            home = law.home[(slice(None), *[slice(0, 1)] * (law.q.dim() - 1))].expand(self.shape)

            def sees(x: Field) -> Field:
                return self.channels * window(x)

        return through_layer(law, sees, self.axis, self.sigma_b2, home, id(self.parameter))


def layer_of(name: str, args: Any, kwargs: Any, out: Any) -> Layer | None:
    """The layer that a call is, or None."""
    if not isinstance(out, torch.Tensor):
        return None
    if name in ops.LINEAR:
        found = ops.layer_weights(name, args, kwargs)
        if found is None:
            return None
        x, weight, bias = found
        given = weight if name == "linear" else args[-1]
        if name != "linear" and not (isinstance(given, torch.nn.Parameter) or given.requires_grad):
            return None
        fan_in, window, channels, axis = float(weight.shape[1]), None, 0, -1
    elif name in ops.CONVOLUTIONS:
        x, weight, bias = (*args, None)[:3]
        bias = kwargs.get("bias", bias)
        given = weight
        groups = ops.groups_of(name, args, kwargs)
        window = ops.window(name, weight, args, kwargs)
        channels, axis = x.shape[1] // groups, 1
        fan_in = float(channels * math.prod(weight.shape[2:]))
        if "transpose" in name:
            stride = kwargs.get("stride", args[3] if len(args) > 3 else 1)
            strides = stride if isinstance(stride, tuple | list) else [stride] * (x.dim() - 2)
            fan_in /= math.prod(strides)
    else:
        return None
    notes = []
    w = field(weight)
    if w.numel() > 1 and abs(float(w.mean())) > ops.FAR * float(w.std()) / math.sqrt(w.numel()):
        notes.append("its weights have a mean other than 0, which the theory takes for 0")
    if fan_in < FEW:
        notes.append(f"a unit sums over {fan_in:g} weights only, so that it is far from Gaussian")
    b2, lopsided = 0.0, False
    if bias is not None:
        b = field(bias)
        b2 = float(b.square().mean())
        error = float(b.std()) / math.sqrt(b.numel()) if b.numel() > 1 else math.inf
        if abs(float(b.mean())) > ops.FAR * error:
            lopsided = True
            notes.append("its biases have a mean other than 0, which the theory takes for 0")
    square = float(w.square().mean())
    width = out.shape[axis]
    return Layer(x, weight, bias, given, name, fan_in, width, axis, fan_in * square, b2,
                 tuple(notes), out.shape, lopsided, window, channels)  # fmt: skip


@dataclass(eq=False)
class Predicted:
    """What a law says of a layer: per input the variance, per pair 1 - c, and scatters of logs."""

    q: Any
    gamma: Any
    log_q: float
    log_d: float

    @classmethod
    def of(cls, law: Law, home: Field, count: int) -> Predicted:
        q, d = (rows_of(x, home, count).mean(1) for x in (law.q, law.d))
        return cls(q.numpy(), gamma_of(d, q, q.roll(-1)).numpy(), law.log_q, law.log_d)


@dataclass(eq=False)
class Seen:
    """A layer as it was met.

    Attributes:
        q, gamma: measured, per input and per pair (an input and the next one).
        q_units, d_units: E[y^2] and E[(y - y')^2] unit by unit.
        off: the share of units that are not above 0 for any input, at any position.
        laws: predicted, followed from the inputs, and from the layer before.
        narrow: whether the layer before has too few units for a limit.
        phi: the activation that the output goes into, once it has.
    """

    name: str
    kind: str
    call: int
    layer: Layer | None
    path: tuple[str, ...]
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    width: int
    positions: int
    axis: int
    count: int
    home: Field
    q: Any
    gamma: Any
    q_units: Any
    d_units: Any
    off: float
    digits: float
    laws: tuple[Predicted, Predicted] | None
    fields: tuple[Field, Field]
    narrow: bool = False
    phi: Activation | None = None

    @classmethod
    def of(
        cls, out: torch.Tensor, home: Field, count: int, layer: Layer | None,
        called_as: tuple[str, str, int], track: Track, laws: tuple[Law, Law] | None,
        notes: tuple[str, ...],
    ) -> Seen:  # fmt: skip
        """What is measured of the output ``out``."""
        axis = layer.axis if layer else -1
        x = field(out)
        moved = x - of_next(x, home, count)
        squares, apart = x**2, moved**2
        units = _by_unit(squares, home, count, axis)
        d = _by_unit(apart, home, count, axis)
        q = units.mean((1, 2))
        gamma = gamma_of(d.mean((1, 2)), q, q.roll(-1))
        top = _by_unit(x, home, count, axis).amax((0, 2))
        predicted = None
        if laws is not None:
            predicted = (Predicted.of(laws[0], home, count), Predicted.of(laws[1], home, count))
        fields = (_over_units(squares, axis), _over_units(apart, axis))
        return cls(
            *called_as, layer, track.path, track.reasons, notes,
            units.shape[1], units.shape[2], axis, count, home, q.numpy(), gamma.numpy(),
            units.mean((0, 2)).numpy(), d.mean((0, 2)).numpy(), float((top <= 0).double().mean()),
            torch.finfo(out.dtype).eps, predicted, fields,
        )  # fmt: skip

    def restarted(self, weights: frozenset[Any]) -> Law:
        """The law of the output as measured."""
        q, d = self.fields
        nought = torch.zeros((), dtype=q.dtype).expand(q.shape)
        return Law(q, d, nought, self.home, True, weights)

    def gradients(self, gradient: torch.Tensor) -> Any:
        """The mean squared gradient per unit."""
        units = _by_unit(field(gradient) ** 2, self.home, self.count, self.axis)
        return units.mean((0, 2)).numpy()


def _over_units(x: Field, axis: int) -> Field:
    return x.mean(axis, keepdim=True).expand(x.shape)


def _by_unit(x: Field, home: Field, count: int, axis: int) -> Field:
    """(inputs, units, positions)."""
    if axis == 1:
        return x.reshape(x.shape[0], x.shape[1], -1)
    rows = rows_of(x, home, count)
    return rows.reshape(count, -1, x.shape[-1]).transpose(1, 2)
