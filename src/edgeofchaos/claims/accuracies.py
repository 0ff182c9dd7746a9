"""What the claims on trained nets read: paired differences of accuracies over common seeds.

Intervals are Student's, at 90 %. Where each of several is judged, each has its share of the 10 %
(Bonferroni), so that together they miss no more often than one would.

A net is compared at the paper's optimiser and learning rate, or at its own best ones. The best are
chosen by the last accuracy of its first seed, and judged on the others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum

import numpy as np
import pandas as pd

from edgeofchaos.claims.model import Measurement, Tables
from edgeofchaos.claims.reading import MissingRows, rows
from edgeofchaos.experiments.inits import PAPER_SETTING
from edgeofchaos.simulation.intervals import interval

PAPER_LEVEL = 0.1  # the paper shows 90 % intervals
CHANCE = 0.1  # the accuracy of a guess: ten digits
CHOOSING = 1  # the seeds below this one choose a net's best learning rate
UNDERFLOW = -45.0  # log10 of a ratio of gradients, the first of which is 0 in float32
LEAST_STEPS = 1000  # after fewer, nets at the paper's depths have not shown what becomes of them

Shape = tuple[int, int]  # width and depth
Setting = tuple[str, float]  # optimiser and learning rate


class Rate(Enum):
    """At which optimiser and learning rate a net is judged."""

    PAPER = "the paper's rate"
    BEST = "its best rate"


PAPER, BEST = Rate.PAPER, Rate.BEST


def shapes(tables: Tables, *inits: str, rate: Rate = PAPER) -> list[Shape]:
    """The (width, depth) in which all of the inits were trained, shallow first.

    At the paper's rate or, for the best, at two rates or more.
    """
    curves = _long_enough(rows(tables, "train_curves", init=inits))
    found = []
    for init in inits:
        settings = _settings(curves[curves["init"] == init])
        found.append({
            shape
            for shape, tried in settings.items()
            if (PAPER_SETTING in tried if rate is PAPER else len(tried) > 1)
        })  # fmt: skip
    common = sorted(set.intersection(*found), key=lambda shape: (shape[1], shape[0]))
    if not common:
        wanted = "the paper's learning rate" if rate is PAPER else "two learning rates"
        raise MissingRows(
            f"table train_curves has no architecture with {wanted} of all of {', '.join(inits)}"
        )
    return common


def _settings(curves: pd.DataFrame) -> dict[Shape, set[Setting]]:
    columns = ["width", "depth", "optimiser", "learning_rate"]
    found: dict[Shape, set[Setting]] = {}
    for width, depth, optimiser, rate in curves[columns].drop_duplicates().itertuples(index=False):
        found.setdefault((int(width), int(depth)), set()).add((str(optimiser), float(rate)))
    return found


def _long_enough(curves: pd.DataFrame) -> pd.DataFrame:
    if curves["step"].max() < LEAST_STEPS:
        raise MissingRows(f"table train_curves ends before step {LEAST_STEPS}")
    return curves


def deepest(tables: Tables, *inits: str, rate: Rate = PAPER, least: int = 40) -> Shape:
    """The deepest (width, depth) in which all of the inits were trained, ``least`` layers or more.

    The paper speaks of 40 layers and more.
    """
    shape = shapes(tables, *inits, rate=rate)[-1]
    if shape[1] < least:
        raise MissingRows(
            f"table train_curves has no nets of {', '.join(inits)} of {least} layers or more"
        )
    return shape


def setting(tables: Tables, init: str, shape: Shape, rate: Rate, beside: str = "") -> Setting:
    """The paper's optimiser and learning rate, or those that the first seed does best at.

    Of two nets that are compared each has the choice of what both were trained at: ``beside`` is
    the other one.
    """
    if rate is PAPER:
        return PAPER_SETTING
    curves = _curves(tables, init, shape)
    if beside:
        tried = _settings(_curves(tables, beside, shape))[shape]
        pairs = zip(curves["optimiser"], curves["learning_rate"], strict=True)
        curves = curves[[(str(name), float(rate)) in tried for name, rate in pairs]]
    chosen = curves[(curves["seed"] < CHOOSING) & (curves["step"] == curves["step"].max())]
    if chosen[["optimiser", "learning_rate"]].drop_duplicates().shape[0] < 2:
        raise MissingRows(f"table train_curves has one learning rate of {init}, {_words(shape)}")
    by_setting = chosen.groupby(["optimiser", "learning_rate"])["accuracy"].mean()
    optimiser, learning_rate = by_setting.idxmax()
    return str(optimiser), float(learning_rate)


def _curves(tables: Tables, init: str, shape: Shape) -> pd.DataFrame:
    """The curves of one init; a net that has diverged is one that guesses."""
    found = rows(tables, "train_curves", init=init, width=shape[0], depth=shape[1])
    return _long_enough(found.assign(accuracy=found["accuracy"].fillna(CHANCE)))


def _judged(frame: pd.DataFrame, at: Setting, rate: Rate) -> pd.DataFrame:
    """The rows at a setting, but for those of the seeds that chose it."""
    mine = (frame["optimiser"] == at[0]) & np.isclose(frame["learning_rate"], at[1], rtol=1e-9)
    return frame[mine & ((frame["seed"] >= CHOOSING) | (rate is PAPER))]


def scores(
    tables: Tables, init: str, shape: Shape, rate: Rate = PAPER, mean_of_curve: bool = False,
    beside: str = "",
) -> pd.Series:  # fmt: skip
    """Test accuracy by seed: the last, or the mean over the curve after the start."""
    curves = _curves(tables, init, shape)
    curves = _judged(curves, setting(tables, init, shape, rate, beside), rate)
    step = curves["step"]
    chosen = curves[step > 0] if mean_of_curve else curves[step == step.max()]
    return chosen["accuracy"].groupby(chosen["seed"]).mean()


def accuracy(
    tables: Tables, init: str, shape: Shape, rate: Rate = PAPER, among: int = 1
) -> Measurement:
    """Mean last accuracy; one of ``among`` that are judged together."""
    return mean(scores(tables, init, shape, rate), _what(tables, init, shape, rate), among)


def accuracies(tables: Tables, inits: Sequence[str], rate: Rate = PAPER) -> list[Measurement]:
    """Mean last accuracy of each init, where all of them are deepest."""
    shape = deepest(tables, *inits, rate=rate)
    return [accuracy(tables, init, shape, rate, len(inits)) for init in inits]


def difference(
    tables: Tables, a: str, b: str, shape: Shape, rate: Rate = PAPER, mean_of_curve: bool = False,
    among: int = 1,
) -> Measurement:  # fmt: skip
    """Paired difference of accuracies, a less b; one of ``among`` that are judged together."""
    ours, theirs = _at(tables, a, shape, rate, b), _at(tables, b, shape, rate, a)
    what = f"{ours} less {theirs}, {_words(shape)}, {_steps(tables)}"
    return mean(_gaps(tables, a, b, shape, rate, mean_of_curve), what, among)


def mean_difference(
    tables: Tables, a: str, b: str, every: Sequence[Shape], rate: Rate = PAPER
) -> Measurement:
    """The mean over architectures of the paired differences of last accuracies."""
    gaps = pd.concat([_gaps(tables, a, b, shape, rate) for shape in every], axis=1)
    return mean(gaps.dropna().mean(axis=1), f"{len(every)} pairs, {_steps(tables)}")


def gains(
    tables: Tables, edge: str, off: Sequence[str], shape: Shape, rate: Rate = PAPER,
    mean_of_curve: bool = False,
) -> list[Measurement]:  # fmt: skip
    """Accuracy on the edge less that of each init off it."""
    return [difference(tables, edge, i, shape, rate, mean_of_curve, len(off)) for i in off]


def log_gradient_ratio(
    tables: Tables, init: str, among: Sequence[str], rate: Rate = PAPER
) -> Measurement:
    """log10 of the first weight gradient over the last hidden one, at the end of training.

    In the deepest architecture of the inits ``among``, over seeds. The first is that of layer 2:
    from there to the last hidden layer the matrices are of one shape.
    """
    shape = deepest(tables, *among, rate=rate)
    by_layer = _by_layer(tables, init, shape, rate, "log10_gradient")
    ratio = (by_layer[2] - by_layer[shape[1]]).clip(lower=UNDERFLOW)
    return mean(ratio.replace(np.inf, math.nan).dropna(), _what(tables, init, shape, rate))


def movement(tables: Tables, init: str, among: Sequence[str], rate: Rate = PAPER) -> Measurement:
    """|W_t − W_0|/|W_0| at the end of training, the median over hidden layers, mean over seeds."""
    shape = deepest(tables, *among, rate=rate)
    return mean(_moved(tables, init, shape, rate), _what(tables, init, shape, rate))


def log_movement_ratio(
    tables: Tables, a: str, b: str, among: Sequence[str], rate: Rate = PAPER
) -> Measurement:
    """log of how far the weights of one init move over how far those of another do, by seed."""
    shape = deepest(tables, *among, rate=rate)
    ours, theirs = (_moved(tables, init, shape, rate) for init in (a, b))
    what = f"{a} over {b}, {_words(shape)}"
    return mean(np.log(ours / theirs).dropna(), what)


def _moved(tables: Tables, init: str, shape: Shape, rate: Rate) -> pd.Series:
    by_layer = _by_layer(tables, init, shape, rate, "moved").loc[:, 2 : shape[1]]
    return by_layer.median(axis=1).dropna()


def _by_layer(tables: Tables, init: str, shape: Shape, rate: Rate, column: str) -> pd.DataFrame:
    """One column of train_gradients at the last step: a row a seed, a column a layer."""
    found = rows(tables, "train_gradients", init=init, width=shape[0], depth=shape[1])
    found = _judged(found, setting(tables, init, shape, rate), rate)
    end = found[found["step"] == found["step"].max()]
    return end.pivot_table(index="seed", columns="layer", values=column)


def mean(values: pd.Series, detail: str, among: int = 1) -> Measurement:
    """The mean over seeds with its interval at 0.1/``among``; MissingRows for under 2 seeds."""
    if len(values) < 2:
        raise MissingRows(f"{detail}: the tables of training have fewer than 2 seeds")
    found = interval(values.to_numpy(), PAPER_LEVEL / among)
    return Measurement(found.mean, found.half, detail, found.draws)


def _gaps(
    tables: Tables, a: str, b: str, shape: Shape, rate: Rate, mean_of_curve: bool = False
) -> pd.Series:
    ours = scores(tables, a, shape, rate, mean_of_curve, b)
    theirs = scores(tables, b, shape, rate, mean_of_curve, a)
    return (ours - theirs).dropna()


def _what(tables: Tables, init: str, shape: Shape, rate: Rate) -> str:
    return f"{_at(tables, init, shape, rate)}, {_words(shape)}"


def _at(tables: Tables, init: str, shape: Shape, rate: Rate, beside: str = "") -> str:
    optimiser, learning_rate = setting(tables, init, shape, rate, beside)
    return f"{init} ({optimiser} {learning_rate:g})"


def _steps(tables: Tables) -> str:
    return f"{rows(tables, 'train_curves')['step'].max()} steps"


def _words(shape: Shape) -> str:
    return f"{shape[0]} wide, {shape[1]} deep"
