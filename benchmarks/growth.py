"""How time grows with a size: the exponent fitted to it, beside what the operations say."""

from __future__ import annotations

import math
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import nets, training
from edgeofchaos import correlation_map, edge_curve, edge_point, kernel
from edgeofchaos.experiments.phase_diagram import domains
from edgeofchaos.support.tables import read_csv, write_csv


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
        ("edge of tanh, with the points", 1.0, [10, 100, 1000],
         lambda count: edge_curve("tanh", np.linspace(0.1, 3.0, count))),
        ("phase diagram of tanh, with the points of its grid", 1.0, [64, 256, 1024], _diagram),
        ("ensemble of ten, 10 deep, five steps, with the width", 2.0, [25, 50, 100, 200],
         _Steps(lambda width: training.together(width, 10))),
        ("ensemble, 50 wide and 10 deep, a step, with the nets", 1.0, [4, 16, 64],
         _Steps(training.tanh_nets)),
        ("table of ten columns, written and read, with the rows", 1.0, [1000, 10_000, 100_000],
         _table),
    ]  # fmt: skip


class _Steps:
    """Steps of an ensemble that is set up at the first call of a size."""

    def __init__(self, set_up: Callable[[int], Callable[[], object]]) -> None:
        self._set_up = set_up
        self._runs: dict[int, Callable[[], object]] = {}

    def __call__(self, size: int) -> object:
        if size not in self._runs:
            self._runs[size] = self._set_up(size)
        return self._runs[size]()


def _diagram(points: int) -> object:
    side = math.isqrt(points)
    return domains("tanh", np.linspace(0.1, 2.0, side), np.linspace(0.5, 3.0, side))


def _table(rows: int) -> object:
    numbers = np.random.default_rng(0).standard_normal((rows, 10))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write_csv(pd.DataFrame(numbers, columns=[f"c{i}" for i in range(10)]), path)
        return read_csv(path)


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
