"""How time grows with a size: the exponent fitted to it, beside what the operations say."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks import nets, training
from edgeofchaos import correlation_map, edge_point, kernel


@dataclass(frozen=True)
class Growth:
    """Seconds by size, and the exponent of the power law through them in log-log.

    Attributes:
        what: what grows with what.
        expected: the exponent that the operations have, where they are what takes the time.
        sizes, seconds: what was measured, medians.
        exponent: fitted to all of them.
        last: that of the last two sizes, where fixed costs count least.
    """

    what: str
    expected: float
    sizes: list[int]
    seconds: list[float]
    exponent: float
    last: float


def growths(quick: bool, rounds: int = 3) -> list[Growth]:
    """Each of the sizes below, or their two smallest where quick."""
    return [
        _measured(what, expected, sizes[:2] if quick else sizes, call, rounds)
        for what, expected, sizes, call in _cases()
    ]


def _cases() -> list[tuple[str, float, list[int], Callable[[int], object]]]:
    point = edge_point("tanh", 0.2)
    f = correlation_map("tanh", point)
    rows = np.random.default_rng(0).standard_normal((2000, 20))
    return [
        ("sampler, 20 layers, with the width", 1.0, [1000, 10_000, 100_000, 1_000_000],
         lambda n: nets.ours(n, 20)),
        ("sampler, 10,000 wide, with the depth", 1.0, [10, 100, 1000],
         lambda depth: nets.ours(10_000, depth)),
        ("sampler, 10,000 wide and 5 deep, with the inputs", 2.0, [16, 64, 256],
         lambda count: nets.ours(10_000, 5, count=count)),
        ("map, set up before, with the correlations", 1.0, [1000, 10_000, 100_000],
         lambda count: f(np.linspace(-1, 1, count))),
        ("kernel, 3 layers of tanh, with the inputs", 2.0, [125, 250, 500, 1000, 2000],
         lambda n: kernel("tanh", rows[:n], depth=3, sigma_b=point.sigma_b,
                          sigma_w=point.sigma_w)),
        ("ensemble of ten, 10 deep, a step, with the width", 2.0, [25, 50, 100, 200],
         _Step()),
    ]  # fmt: skip


class _Step:
    """Steps of an ensemble that is set up at the first call of a width."""

    def __init__(self) -> None:
        self._runs: dict[int, Callable[[], object]] = {}

    def __call__(self, width: int) -> object:
        if width not in self._runs:
            self._runs[width] = training.together(width, 10)
        return self._runs[width]()


def _measured(
    what: str, expected: float, sizes: list[int], call: Callable[[int], object], rounds: int
) -> Growth:
    found: dict[int, list[float]] = {size: [] for size in sizes}
    for i in range(rounds + 1):
        for size in sizes:
            start = time.perf_counter()
            call(size)
            if i:  # the first round warms up
                found[size].append(time.perf_counter() - start)
    seconds = [statistics.median(found[size]) for size in sizes]
    logs = np.log(sizes), np.log(seconds)
    last = float(np.diff(logs[1])[-1] / np.diff(logs[0])[-1])
    return Growth(what, expected, sizes, seconds, float(np.polyfit(*logs, 1)[0]), last)
