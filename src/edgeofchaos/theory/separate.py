"""Points between which a function of t = log x has no extremum that could hide a root.

The function is a LogSum (log_moments.py): with G, G' and G'' at the ends of a cell and bounds on
G''' and G'''' inside, G' and G'' lie between their values at the ends, give or take h^2/8 times
those bounds, h being the width. A cell needs no further point where

- G' keeps its sign: G is monotone;
- G'' keeps its sign, and G has another sign at the one end than at the other: it has one root;
- G has one sign at both ends, and is further from 0 than h^2/8 times what G'' can be towards it;
- G is 0 to rounding throughout.

Other cells are cut where G' is 0 if G'' keeps its sign, which leaves two on which G is monotone,
and halved if it does not.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.log_moments import LogSum
from edgeofchaos.theory.roots import bracketed_root

FLAT = 1e-14  # of what G is rounded with: what may be rounding
_NEAR = 1e-12  # what is closer to 0 is looked at more closely
_SLOPES = 1e-13  # the same of G' and G''
_MOST = 2000  # cells that are looked at
_NARROW = 1e-13  # of |t|: a cell is not halved below


class NotSeparated(ValueError):
    """The extrema of a function cannot be told apart."""


def separated(
    g: LogSum, values: FloatArray | None = None, curvatures: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """The points t of g with those that were needed besides, and G at each of them.

    ``values`` are G at the points of g and ``curvatures`` bounds on |G''| between them, where they
    are known.

    Raises:
        NotSeparated: more than 2,000 cells would be needed in one of them.
    """
    t = g.t
    if values is None or curvatures is None:
        values = g.at_points(slice(None))[0][0]
        curvatures = g.bounds(slice(0, t.size - 1))[0]
    # First what is cheap: most cells are too far from 0 for G to come there.
    step = np.diff(t)
    away = np.abs(values)
    near = np.minimum(away[1:], away[:-1]) <= step * step / 8 * curvatures + _NEAR
    sign = values > 0
    cells = np.flatnonzero(near | (sign[1:] != sign[:-1]))
    more: list[tuple[float, float]] = []
    if cells.size:
        (left, size), (right, other) = g.at_points(cells), g.at_points(cells + 1)
        bounds, size = g.bounds(cells)[1:], np.maximum(size, other)
        decided = _decided(left, right, step[cells], bounds, size)[0]
        for k in np.flatnonzero(~decided):
            ends = float(t[cells[k]]), float(t[cells[k] + 1])
            more += _cut(g, ends, (left[:, k], right[:, k]), bounds[:, k], float(size[k]))
    if not more:
        return t, values
    places, added = np.array(more).T
    every = np.concatenate([t, places])
    order = np.argsort(every)
    return every[order], np.concatenate([values, added])[order]


def _decided(
    left: FloatArray, right: FloatArray, h: FloatArray, bounds: FloatArray, size: FloatArray
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each cell needs no further point, and whether G'' keeps its sign on it."""
    slack = h * h / 8 * bounds + _SLOPES * size
    low, high = np.minimum(left, right), np.maximum(left, right)
    monotone = (low[1] > slack[0]) | (high[1] < -slack[0])
    curved = (low[2] > slack[1]) | (high[2] < -slack[1])
    crosses = low[0] * high[0] < 0
    towards = np.where(left[0] + right[0] > 0, high[2], -low[2]) + slack[1]
    nearest = np.minimum(np.abs(left[0]), np.abs(right[0]))
    reach = h * h / 8 * np.maximum(towards, 0.0)
    clear = ~crosses & (nearest - reach > FLAT * size)
    most = np.maximum(np.abs(low[2]), np.abs(high[2])) + slack[1]
    flat = np.maximum(np.abs(low[0]), np.abs(high[0])) + h * h / 8 * most <= FLAT * size
    return monotone | (curved & crosses) | clear | flat, curved


def _cut(
    g: LogSum,
    ends: tuple[float, float],
    values: tuple[FloatArray, FloatArray],
    bounds: FloatArray,
    size: float,
) -> list[tuple[float, float]]:
    """The points (t, G) to be put into one cell that is not decided."""
    found: list[tuple[float, float]] = []
    waiting = [(*ends, *values)]
    for _ in range(_MOST):
        if not waiting:
            return found
        a, b, left, right = waiting.pop()
        h = np.array(b - a)
        decided, curved = _decided(left, right, h, bounds, np.array(size))
        if decided or b - a <= _NARROW * max(abs(a), abs(b), 1.0):
            continue
        if curved and left[1] * right[1] < 0:
            middle = bracketed_root(lambda x: float(g.jet(x)[1]), a, b)
            found.append((middle, float(g.jet(middle)[0])))
            continue
        middle = 0.5 * (a + b)
        at = g.jet(middle)
        found.append((middle, float(at[0])))
        waiting += [(a, middle, left, at), (middle, b, at, right)]
    raise NotSeparated(f"more than {_MOST} cells are needed to tell extrema apart")


def sign_changes(g: LogSum) -> list[tuple[float, bool]]:
    """Every t at which G changes its sign, in order, and whether it rises there.

    G is taken to be 0 where it is to rounding; a root is found by Brent's method.

    Raises:
        NotSeparated: as :func:`separated`.
    """
    t, values = separated(g)
    size = np.interp(t, g.t, g.at_points(slice(0, g.t.size))[1])
    clear = np.flatnonzero(np.abs(values) > FLAT * size)
    return [
        (bracketed_root(lambda x: float(g.jet(x)[0]), t[i], t[j]), bool(values[j] > 0))
        for i, j in itertools.pairwise(clear) if values[i] * values[j] < 0
    ]  # fmt: skip
