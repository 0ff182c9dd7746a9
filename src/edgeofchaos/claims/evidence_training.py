"""Evidence from trained nets: paired differences over common seeds, with 90 % Student intervals.

Where the least or largest of several is judged, each has its share of the 10 % (Bonferroni), and
the interval is from the least (largest) of the lower ends to that of the upper ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from edgeofchaos.claims.evidence import Evidence, Measurement, MissingRows, Tables, reader, table
from edgeofchaos.simulation.intervals import interval

LEVEL = 0.1  # the paper shows 90 % intervals
TRAINS = 0.5  # a mean last accuracy above it, of any of the nets that are compared


def scores(tables: Tables, init: str, width: int, depth: int, mean_of_curve: bool) -> pd.Series:
    """Test accuracy of each seed: the last, or the mean over the curve after the start.

    A diverged net counts as 0.1, which is chance.
    """
    rows = table(tables, "train_curves", init=init, width=width, depth=depth)
    rows = rows[rows["step"] > 0] if mean_of_curve else rows[rows["step"] == rows["step"].max()]
    return rows.assign(accuracy=rows["accuracy"].fillna(0.1)).groupby("seed")["accuracy"].mean()


def difference(
    tables: Tables, a: str, b: str, shape: tuple[int, int], mean_of_curve: bool = False,
    among: int = 1,
) -> Measurement:  # fmt: skip
    """Paired difference of accuracies, a less b; one of ``among`` that are judged together."""
    what = f"{shape[0]} wide, {shape[1]} deep, {_steps(tables)} steps"
    return _measured(_gaps(tables, a, b, shape, mean_of_curve), what, among)


def _gaps(tables: Tables, a: str, b: str, shape: tuple[int, int], mean_of_curve: bool) -> pd.Series:
    ours, theirs = (scores(tables, init, *shape, mean_of_curve) for init in (a, b))
    return (ours - theirs).dropna()


def mean_difference(tables: Tables, a: str, b: str, every: list[tuple[int, int]]) -> Measurement:
    """The mean over architectures of the paired differences of last accuracies."""
    gaps = pd.concat([_gaps(tables, a, b, shape, False) for shape in every], axis=1)
    return _measured(gaps.dropna().mean(axis=1), f"{len(every)} pairs, {_steps(tables)} steps")


def accuracy(tables: Tables, init: str, shape: tuple[int, int], among: int = 1) -> Measurement:
    """Mean last accuracy."""
    what = f"{shape[0]} wide, {shape[1]} deep"
    return _measured(scores(tables, init, *shape, False), what, among)


def _measured(values: pd.Series, detail: str, among: int = 1) -> Measurement:
    if len(values) < 2:
        raise MissingRows("train_curves")
    found = interval(values.to_numpy(), LEVEL / among)
    return Measurement(found.mean, found.half, detail, found.draws)


def _steps(tables: Tables) -> int:
    return int(table(tables, "train_curves")["step"].max())


def shapes(tables: Tables, *inits: str) -> list[tuple[int, int]]:
    """The (width, depth) in which all of the inits were trained, shallow first."""
    rows = table(tables, "train_curves")
    found = [set(zip(g["width"], g["depth"], strict=True)) for i in inits
             for g in [rows[rows["init"] == i]]]  # fmt: skip
    common = sorted(set.intersection(*found), key=lambda s: (s[1], s[0]))
    if not common:
        raise MissingRows("train_curves")
    return [(int(w), int(d)) for w, d in common]


def _deepest(tables: Tables, *inits: str) -> tuple[int, int]:
    return shapes(tables, *inits)[-1]


def _extreme(found: Iterable[Measurement], pick: Callable) -> Measurement:
    """The least (``pick`` is min) or the largest (max) of what several intervals are about."""
    found = list(found)
    low = pick(m.value - m.error for m in found)
    high = pick(m.value + m.error for m in found)
    one = pick(found, key=lambda m: m.value)
    detail = f"{one.detail}, of {len(found)}" if len(found) > 1 else one.detail
    return Measurement((low + high) / 2, (high - low) / 2, detail, one.draws)


def _least_gain(
    tables: Tables, edge: str, off: tuple[str, ...], shape: tuple[int, int], mean_of_curve: bool
) -> Measurement:
    """Accuracy on the edge less that off it, the smaller where there are several."""
    gains = (difference(tables, edge, i, shape, mean_of_curve, len(off)) for i in off)
    return _extreme(gains, min)


@reader("train-eoc")
def _(tables: Tables) -> Evidence:
    off = ("swish-ordered", "swish-chaotic")
    deep = _deepest(tables, "swish-edge", *off)
    return {
        "Swish off the edge, deepest: accuracy, larger of the two phases": _extreme(
            (accuracy(tables, i, deep, len(off)) for i in off), max
        ),
        "Swish on the edge less off it, deepest: smaller difference": _least_gain(
            tables, "swish-edge", off, deep, False
        ),
        "Swish at the paper's edge point less at its stable one, deepest": difference(
            tables, "swish-edge", "swish-stable", deep
        ),
    }


@reader("train-activations")
def _(tables: Tables) -> Evidence:
    names = ("relu-edge", "tanh-edge", "swish-edge")
    every = shapes(tables, *names)
    shallow, deep = every[0], every[-1]
    return {
        "Tanh less ReLU, shallowest: mean accuracy over the curve": difference(
            tables, "tanh-edge", "relu-edge", shallow, True
        ),
        "Tanh less ReLU, deepest": difference(tables, "tanh-edge", "relu-edge", deep),
        "Swish less ReLU, deepest": difference(tables, "swish-edge", "relu-edge", deep),
        "Tanh, deepest: accuracy": accuracy(tables, "tanh-edge", deep),
    }


@reader("train-width-depth")
def _(tables: Tables) -> Evidence:
    every = shapes(tables, "swish-edge", "relu-edge")
    wide = [s for s in every if s[0] > s[1]]
    deep = [s for s in every if s[0] < s[1]]
    if not wide or len(deep) < 2:
        raise MissingRows("train_curves")

    def gap(shape, among=1):
        return difference(tables, "swish-edge", "relu-edge", shape, among=among)

    return {
        "Swish less ReLU, wider than deep, mean of the pairs": mean_difference(
            tables, "swish-edge", "relu-edge", wide
        ),
        "Swish less ReLU, wider than deep, least": _extreme((gap(s, len(wide)) for s in wide), min),
        "Swish less ReLU, deeper than wide, the smallest": gap(deep[0]),
        "Swish less ReLU, deeper than wide, the deepest": gap(deep[-1]),
    }


@reader("train-edge-benefit")
def _(tables: Tables) -> Evidence:
    out = {}
    for name, off in (("Tanh", ("tanh-ordered", "tanh-chaotic")), ("ELU", ("elu-ordered",))):
        edge = f"{name.lower()}-edge"
        every = shapes(tables, edge, *off)
        trains = [
            s for s in every if max(accuracy(tables, i, s).value for i in (edge, *off)) > TRAINS
        ]
        what = f"{name} on the edge less off it, deepest"
        if trains:
            gain = _least_gain(tables, edge, off, trains[-1], True)
            out[f"{what} that trains: smaller gain"] = gain
        out[f"{what}: smaller gain at the end"] = _least_gain(tables, edge, off, every[-1], False)
    return out


@reader("gradient-vanishing")
def _(tables: Tables) -> Evidence:
    """log10 of the first weight gradient over the last hidden one, at the end of training."""
    deep = _deepest(tables, "tanh-edge", "swish-edge", "relu-edge")
    rows = table(tables, "train_gradients", width=deep[0], depth=deep[1])
    rows = rows[rows["step"] == rows["step"].max()]
    out = {}
    for name in ("Tanh", "Swish"):
        mine = rows[rows["init"] == f"{name.lower()}-edge"]
        by_layer = mine.pivot(index="seed", columns="layer", values="log10_gradient")
        # layer 2 to the last hidden one: matrices of one shape
        ratio = (by_layer[2] - by_layer[deep[1]]).replace([-np.inf, np.inf], math.nan).dropna()
        out[f"{name}, trained: log10 of the first gradient over the last, deepest"] = _measured(
            ratio, f"{deep[0]} wide, {deep[1]} deep"
        )
    return out
