"""What the claims on trained nets read: paired differences of accuracies over common seeds.

Intervals are Student's, at 90 %. Where each of several is judged, each has its share of the 10 %
(Bonferroni), so that together they miss no more often than one would.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from edgeofchaos.claims.model import Measurement, Tables
from edgeofchaos.claims.reading import MissingRows, rows
from edgeofchaos.simulation.intervals import interval

PAPER_LEVEL = 0.1  # the paper shows 90 % intervals
CHANCE = 0.1  # the accuracy of a guess: ten digits

Shape = tuple[int, int]  # width and depth


def shapes(tables: Tables, *inits: str) -> list[Shape]:
    """The (width, depth) in which all of the inits were trained, shallow first."""
    curves = rows(tables, "train_curves", init=inits)
    found = [
        set(zip(mine["width"], mine["depth"], strict=True))
        for mine in (curves[curves["init"] == init] for init in inits)
    ]
    common = sorted(set.intersection(*found), key=lambda shape: (shape[1], shape[0]))
    if not common:
        raise MissingRows(f"table train_curves has no architecture with all of {', '.join(inits)}")
    return [(int(width), int(depth)) for width, depth in common]


def deepest(tables: Tables, *inits: str) -> Shape:
    """The deepest (width, depth) in which all of the inits were trained."""
    return shapes(tables, *inits)[-1]


def scores(tables: Tables, init: str, shape: Shape, mean_of_curve: bool = False) -> pd.Series:
    """Test accuracy by seed: the last, or the mean over the curve after the start.

    A diverged net counts as chance.
    """
    curves = rows(tables, "train_curves", init=init, width=shape[0], depth=shape[1])
    step = curves["step"]
    chosen = curves[step > 0] if mean_of_curve else curves[step == step.max()]
    return chosen["accuracy"].fillna(CHANCE).groupby(chosen["seed"]).mean()


def accuracy(tables: Tables, init: str, shape: Shape, among: int = 1) -> Measurement:
    """Mean last accuracy; one of ``among`` that are judged together."""
    return mean(scores(tables, init, shape), f"{init}, {_words(shape)}", among)


def difference(
    tables: Tables, a: str, b: str, shape: Shape, mean_of_curve: bool = False, among: int = 1
) -> Measurement:
    """Paired difference of accuracies, a less b; one of ``among`` that are judged together."""
    what = f"{a} less {b}, {_words(shape)}, {_steps(tables)}"
    return mean(_gaps(tables, a, b, shape, mean_of_curve), what, among)


def mean_difference(tables: Tables, a: str, b: str, every: Sequence[Shape]) -> Measurement:
    """The mean over architectures of the paired differences of last accuracies."""
    gaps = pd.concat([_gaps(tables, a, b, shape) for shape in every], axis=1)
    return mean(gaps.dropna().mean(axis=1), f"{len(every)} pairs, {_steps(tables)}")


def gains(
    tables: Tables, edge: str, off: Sequence[str], shape: Shape, mean_of_curve: bool = False
) -> list[Measurement]:
    """Accuracy on the edge less that of each init off it."""
    return [difference(tables, edge, i, shape, mean_of_curve, len(off)) for i in off]


def log_gradient_ratio(tables: Tables, init: str, among: Sequence[str]) -> Measurement:
    """log10 of the first weight gradient over the last hidden one, at the end of training.

    In the deepest architecture of the inits ``among``, over seeds. The first is that of layer 2:
    from there to the last hidden layer the matrices are of one shape.
    """
    shape = deepest(tables, *among)
    found = rows(tables, "train_gradients", init=init, width=shape[0], depth=shape[1])
    end = found[found["step"] == found["step"].max()]
    by_layer = end.pivot(index="seed", columns="layer", values="log10_gradient")
    ratio = by_layer[2] - by_layer[shape[1]]
    return mean(ratio.replace([-np.inf, np.inf], math.nan).dropna(), f"{init}, {_words(shape)}")


def mean(values: pd.Series, detail: str, among: int = 1) -> Measurement:
    """The mean over seeds with its interval at 0.1/``among``; MissingRows for under 2 seeds."""
    if len(values) < 2:
        raise MissingRows(f"{detail}: the tables of training have fewer than 2 seeds")
    found = interval(values.to_numpy(), PAPER_LEVEL / among)
    return Measurement(found.mean, found.half, detail, found.draws)


def _gaps(tables: Tables, a: str, b: str, shape: Shape, mean_of_curve: bool = False) -> pd.Series:
    ours, theirs = (scores(tables, init, shape, mean_of_curve) for init in (a, b))
    return (ours - theirs).dropna()


def _steps(tables: Tables) -> str:
    return f"{rows(tables, 'train_curves')['step'].max()} steps"


def _words(shape: Shape) -> str:
    return f"{shape[0]} wide, {shape[1]} deep"
