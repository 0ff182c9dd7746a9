"""What the claims on trained nets read: quantiles over runs, of nets and of paired differences.

A run either trains or is stuck, so that accuracies of one net often have two heaps, of which no
mean over a dozen runs has a normal law. The median over runs has an interval that holds whatever
the law of a run is: the number of runs below it is binomial, with a chance of one half each
(order statistics; the sign test). Differences are paired: runs of one number share their random
numbers and mini-batches.

Nets are judged where ``resources/bars.yaml`` says, at one number of steps, in stated architectures
and at stated learning rates, whatever else a config trains. It was written before the run that
decides; ``tests/claims/test_trained.py`` holds this module to it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from edgeofchaos.claims.model import Measurement, Tables
from edgeofchaos.claims.reading import MissingRows, rows
from edgeofchaos.experiments.inits import STEPS
from edgeofchaos.simulation.intervals import quantile_bounds

Shape = tuple[int, int]  # width and depth

DEEP, MIDDLE, SHALLOW = (50, 40), (50, 20), (50, 5)
WIDE = ((10, 5), (20, 10), (40, 30), (60, 40))  # the paper's pairs of width and depth
NARROW = ((10, 20), (20, 40))
PAPER_RATE, SLOW_RATE = 1e-3, 3e-4
# Chosen in runs that do not judge. Architectures that are not named have an init's own rate.
BEST_RATE: dict[str, float] = {"swish-printed": PAPER_RATE, "swish-chi1": PAPER_RATE}
BEST_RATE_IN: dict[tuple[str, Shape], float] = {
    **{("relu-edge", shape): PAPER_RATE for shape in ((10, 5), (20, 10), (40, 30), (10, 20))},
    **{(init, SHALLOW): PAPER_RATE for init in ("relu-edge", "tanh-edge")},
}
# The fewest runs that a net is judged on: those of the default scale, but 30 at most. With fewer, a
# verdict could be that of the runs that were left in.
FEWEST_RUNS = 6
FEWEST_RUNS_OF: dict[tuple[str, Shape, float], int] = {
    **{(i, DEEP, PAPER_RATE): 12
       for i in ("relu-edge", "swish-printed", "swish-he", "swish-chaotic")},
    **{(i, DEEP, PAPER_RATE): 30 for i in ("tanh-edge", "tanh-chaotic")},
    **{(i, DEEP, SLOW_RATE): 12 for i in ("tanh-edge", "elu-edge", "swish-printed")},
    **{(i, DEEP, SLOW_RATE): 18 for i in ("relu-edge", "swish-stable")},
    ("swish-ordered", DEEP, SLOW_RATE): 30,
    **{(i, MIDDLE, PAPER_RATE): 18 for i in ("tanh-edge", "tanh-edge-b0.01")},
    **{(i, SHALLOW, r): 12 for i in ("relu-edge", "tanh-edge") for r in (PAPER_RATE, SLOW_RATE)},
    **{(i, shape, PAPER_RATE): 30 if shape == NARROW[0] else 12
       for i in ("relu-edge", "swish-printed") for shape in (*WIDE, *NARROW)},
    **{("relu-edge", shape, SLOW_RATE): 12 for shape in (WIDE[3], NARROW[1])},
}  # fmt: skip
# Anything else makes other nets, of which the claims do not speak.
SETTING: dict[str, str | int | float] = {
    "optimiser": "adam", "inputs": "every", "images": 60000, "batch": 64, "precision": "float32",
    "at_sigma_b": 0.2,
}  # fmt: skip

LEVEL = 0.1  # the paper shows 90 % intervals
REFUTING_LEVEL = 0.01  # that the whole report refutes any claim on trained nets wrongly
CORE_INTERVALS = 40  # the most that core criteria read; a test counts them, 36 now
CHANCE = 0.1  # the accuracy of a guess: ten digits
UNDERFLOW = -45.0  # log10 of a ratio of gradients, the first of which is 0 in float32


class Rate(Enum):
    """At which learning rate a net is judged."""

    PAPER = "the paper's rate"
    SLOW = "a third of the paper's rate"
    BEST = "its better rate"

    def of(self, init: str, shape: Shape) -> float:
        """The learning rate of one net."""
        if self is Rate.BEST:
            return BEST_RATE_IN.get((init, shape), BEST_RATE.get(init, SLOW_RATE))
        return PAPER_RATE if self is Rate.PAPER else SLOW_RATE


PAPER, SLOW, BEST = Rate.PAPER, Rate.SLOW, Rate.BEST


def runs(
    tables: Tables, init: str, shape: Shape, rate: Rate = PAPER, column: str = "accuracy"
) -> pd.Series:
    """One column of train_curves at the step that is judged, by run.

    A net that has diverged is one that guesses.

    Raises:
        MissingRows: the table does not have that net, or not at that step, or too few runs of it.
    """
    width, depth = shape
    found = rows(
        tables, "train_curves", init=init, width=width, depth=depth, step=STEPS,
        learning_rate=rate.of(init, shape), **SETTING,
    )  # fmt: skip
    least = FEWEST_RUNS_OF.get((init, shape, rate.of(init, shape)), FEWEST_RUNS)
    if len(found) < least:
        raise MissingRows(
            f"{_net(init, shape, rate)}: {len(found)} runs; it is judged on {least} at least"
        )
    values = found.set_index("seed")[column]
    return values.fillna(CHANCE) if column.endswith("accuracy") else values.dropna()


def quantile(
    values: ArrayLike, detail: str, among: int = 1, probability: float = 0.5,
    ends: tuple[float, float] = (-math.inf, math.inf),
) -> Measurement:  # fmt: skip
    """A quantile of runs, commonly the median, one of ``among`` that a criterion looks at.

    ``ends`` are the least and the largest value that a run can have.
    """
    values = np.asarray(values, dtype=float)
    if len(values) == 0:
        raise MissingRows(f"{detail}: table train_curves has no run of both")

    def bounds(level: float) -> tuple[float, float]:
        low, high = quantile_bounds(values, level, probability)
        return max(low, ends[0]), min(high, ends[1])

    low, high = bounds(LEVEL / 2 / among)
    middle = float(np.quantile(values, probability))
    error = max(high - middle, middle - low)
    strict = bounds(REFUTING_LEVEL / CORE_INTERVALS)
    return Measurement(middle, error, detail, len(values), (low, high), strict)


def of_net(
    tables: Tables, init: str, shape: Shape, rate: Rate = PAPER, column: str = "accuracy",
    among: int = 1, probability: float = 0.5,
) -> Measurement:  # fmt: skip
    """The median over runs of one column for one net, or another quantile."""
    values = runs(tables, init, shape, rate, column)
    ends = (0.0, 1.0) if column.endswith("accuracy") else (-math.inf, math.inf)
    return quantile(values, _net(init, shape, rate), among, probability, ends)


def accuracies(
    tables: Tables, inits: Sequence[str], shape: Shape, rate: Rate, probability: float = 0.5
) -> list[Measurement]:
    """The median accuracy of each init, or another quantile."""
    return [
        of_net(tables, init, shape, rate, among=len(inits), probability=probability)
        for init in inits
    ]


def gaps(
    tables: Tables, a: str, b: str, shape: Shape, rate: Rate = PAPER, column: str = "accuracy"
) -> pd.Series:
    """One column of a less that of b, by run."""
    ours, theirs = (runs(tables, init, shape, rate, column) for init in (a, b))
    return (ours - theirs).dropna()


def difference(
    tables: Tables, a: str, b: str, shape: Shape, rate: Rate = PAPER, column: str = "accuracy",
    among: int = 1,
) -> Measurement:  # fmt: skip
    """The median over runs of a less b."""
    detail = f"{_net(a, shape, rate)} less {b} ({rate.of(b, shape):g})"
    return quantile(gaps(tables, a, b, shape, rate, column), detail, among)


def differences(
    tables: Tables, a: str, others: Sequence[str], shape: Shape, rate: Rate = PAPER,
    column: str = "accuracy",
) -> list[Measurement]:  # fmt: skip
    """a less each of the others."""
    return [difference(tables, a, b, shape, rate, column, len(others)) for b in others]


def mean_difference(
    tables: Tables, a: str, b: str, shapes: Sequence[Shape], rate: Rate = PAPER
) -> Measurement:
    """The median over runs of the mean over architectures of a less b."""
    every = pd.concat([gaps(tables, a, b, shape, rate) for shape in shapes], axis=1)
    return quantile(every.dropna().mean(axis=1), f"{len(shapes)} pairs of width and depth")


def log_gradient_ratio(tables: Tables, init: str, rate: Rate = PAPER) -> Measurement:
    """log10 of the root mean square gradient of W_2 over that of the last hidden weights."""
    found = runs(tables, init, DEEP, rate, "log10_gradient_ratio").clip(lower=UNDERFLOW)
    return quantile(found.replace(np.inf, math.nan).dropna(), _net(init, DEEP, rate))


def log_movement_ratio(tables: Tables, a: str, b: str, rate: Rate = PAPER) -> Measurement:
    """log of how far the weights of one net move over how far those of another do."""
    ours, theirs = (runs(tables, init, DEEP, rate, "moved") for init in (a, b))
    return quantile(np.log(ours / theirs).dropna(), f"{_net(a, DEEP, rate)} over {b}")


def undecided(measurement: Measurement, why: str) -> Measurement:
    """The same number, which decides nothing."""
    detail = f"{measurement.detail}; {why}"
    return replace(measurement, error=math.inf, detail=detail, bounds=None, strict=None)


def _net(init: str, shape: Shape, rate: Rate) -> str:
    return f"{init}, {shape[0]} wide, {shape[1]} deep, rate {rate.of(init, shape):g}"
