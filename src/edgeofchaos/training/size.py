"""How much memory and time the training of nets asks for, before it is begun."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

_PIXELS, _CLASSES = 784, 10  # of MNIST
_BASE = 1500  # megabytes of a job that trains: Python, PyTorch and the digits


@dataclass(frozen=True)
class Size:
    """The nets of one width and depth that a job trains, their mini-batches and steps.

    Attributes:
        width, depth: of a net.
        inits: initialisations of each seed.
        seeds: how many.
        batch: images a step.
        steps: of the optimiser.
        memory_gb: what the job may take; nets that need more are trained in groups of seeds, one
            group after another. A group has one seed at the least.
    """

    width: int
    depth: int
    inits: int
    seeds: int
    batch: int
    steps: int
    memory_gb: float

    @property
    def parameters(self) -> int:
        """Weights of all nets."""
        return self.seeds * self._of_seed

    @property
    def _of_seed(self) -> int:
        one = _PIXELS * self.width + (self.depth - 1) * self.width**2 + _CLASSES * self.width
        return self.inits * one

    @property
    def _megabytes_of_seed(self) -> float:
        """Parameters, gradients, Adam's two moments and a checkpoint; activations."""
        activations = self.inits * self.batch * (3 * _PIXELS + 6 * self.width * self.depth)
        return (20 * self._of_seed + 4 * activations) / 1e6

    @property
    def groups(self) -> list[range]:
        """The seeds that are trained at once, as even as may be.

        Example:
            >>> Size(300, 200, inits=5, seeds=30, batch=64, steps=1, memory_gb=16.0).groups
            [range(0, 6), range(6, 12), range(12, 18), range(18, 24), range(24, 30)]
        """
        at_once = max(1, int((1000 * self.memory_gb - _BASE) / self._megabytes_of_seed))
        count = math.ceil(self.seeds / at_once)
        ends = [round(i * self.seeds / count) for i in range(count + 1)]
        return [range(*pair) for pair in pairwise(ends)]

    @property
    def megabytes(self) -> int:
        """What the largest group takes."""
        return _BASE + int(max(map(len, self.groups)) * self._megabytes_of_seed)

    @property
    def minutes(self) -> int:
        """At 10 GF/s, which two cores of any machine reach; a GPU needs a hundredth."""
        work = 6 * self.parameters * self.batch * self.steps
        return 10 + int(1.5 * work / 1e10 / 60)
