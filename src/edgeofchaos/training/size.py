"""How much memory and time the training of an ensemble asks for, before it is begun."""

from __future__ import annotations

from dataclasses import dataclass

_PIXELS, _CLASSES = 784, 10  # of MNIST


@dataclass(frozen=True)
class Size:
    """An ensemble of nets of one width and depth, its mini-batch and its number of steps."""

    width: int
    depth: int
    nets: int
    batch: int
    steps: int

    @property
    def parameters(self) -> int:
        """Weights of all nets."""
        one = _PIXELS * self.width + (self.depth - 1) * self.width**2 + _CLASSES * self.width
        return self.nets * one

    @property
    def megabytes(self) -> int:
        """Parameters, gradients, Adam's two moments and a checkpoint; activations; the digits."""
        activations = self.nets * self.batch * (3 * _PIXELS + 6 * self.width * self.depth)
        return int((20 * self.parameters + 4 * activations) / 1e6) + 1500

    @property
    def minutes(self) -> int:
        """At 10 GF/s, which two cores of any machine reach; a GPU needs a hundredth."""
        work = 6 * self.parameters * self.batch * self.steps
        return 10 + int(1.5 * work / 1e10 / 60)
