"""A dense look at phi between the nodes, for what is too narrow to have met one.

A bump as narrow as 1e-4 lies between two nodes of a panel that seems to be resolved. So phi itself,
which is cheap, is held against the polynomials at points that are 2^-14 apart for |u| from 1 to 16
and 2^-12 up to 64; relative to |u|, 2^-14 from 2^-6 to 1, 2^-12 to 2^-10 below and 2^-13 beyond.
What rises above 1e-9 of phi's size at one of them at least is found: that is so of a bump as wide
as they are apart, and of a smooth one a fifth as wide, whose flanks reach further. Others are
missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial.legendre import legval
from numpy.typing import NDArray

from edgeofchaos.panels.kinks import told_apart
from edgeofchaos.panels.legendre import FloatArray, at_places, gauss_legendre, to_coefficients
from edgeofchaos.panels.pieces import DEGREE, ORDER, Panels, outer, panel_nodes

if TYPE_CHECKING:
    from edgeofchaos.activations import Activation

# |u| up to which points are this far apart, and whether relative to |u|.
_SPACINGS = (
    (2.0**-6, 2.0**-12, True), (1.0, 2.0**-14, True), (16.0, 2.0**-14, False),
    (64.0, 2.0**-12, False), (np.inf, 2.0**-13, True),
)  # fmt: skip
_SMALLEST = 46  # a panel that ends at 0 is looked at down to 2^-46 of its width
# Points at once, and of a part of a panel. Larger products are spread over threads, at a loss.
_CHUNK, _POINTS = 1 << 13, 1 << 9
_FEATURES = 100  # resolved at once
# Edges are put this many times 2^k the spacing away from where something was seen, so that panels
# are no wider than their distance.
_FIRST = 0.37


def missed(phi: Activation, panels: Panels) -> FloatArray:
    """Edges about what the panels have not resolved; none where nothing is seen.

    Each stretch of u is looked at until nothing is seen there. Other panels there are then held
    against those that were, since wider ones may have been resolved by luck.
    """
    looked: list[Panels] = phi.cache.setdefault("looked", [])
    new = np.ones(panels.left.size, dtype=bool)
    for known in looked:
        new &= (panels.left < known.left[0]) | (panels.right > known.right[-1])
        if (edges := _lost(panels, known)).size:
            return edges
    if not new.any():
        return np.empty(0)
    seen = [_off(phi, batch) for batch in _batches(panels, np.flatnonzero(new))]
    if any(points.size for points, _ in seen):
        points, apart = (np.concatenate([part[i] for part in seen]) for i in range(2))
        return _edges_about(points, apart)
    looked.append(panels)
    return np.empty(0)


def _lost(panels: Panels, known: Panels) -> FloatArray:
    """Edges of the ``known`` panels whose values are not those of the polynomials of ``panels``."""
    nodes = panel_nodes(known.left, known.right)[0]
    inside = (known.left >= panels.left[0]) & (known.right <= panels.right[-1])
    at = panels.right.searchsorted(nodes[inside]).clip(max=panels.right.size - 1)
    centre, half = 0.5 * (panels.left + panels.right), 0.5 * (panels.right - panels.left)
    coefficients = to_coefficients(ORDER)[: DEGREE + 1] @ panels.values[0].T
    there = legval((nodes[inside] - centre[at]) / half[at], coefficients[:, at], tensor=False)
    off = told_apart(panels)[0][at] + told_apart(known)[0, inside, None]
    lost = (np.abs(there - known.values[0, inside]) > off).any(axis=1)
    return np.unique(np.concatenate([known.left[inside][lost], known.right[inside][lost]]))


def _spacing(reach: FloatArray) -> FloatArray:
    """How far apart points are on panels that end at these |u|."""
    row = np.searchsorted([end for end, _, _ in _SPACINGS], reach)
    _, apart, relative = (np.array(column)[row] for column in zip(*_SPACINGS, strict=True))
    return apart * np.where(relative, reach, 1.0)


@dataclass(frozen=True)
class _Batch:
    """Panels, or equal parts of some, that are looked at at the same places in [-1, 1].

    Attributes:
        centre, half: of each, (panels, 1).
        values: the polynomials of phi at Gauss nodes of each, (panels, ORDER).
        off: what phi may be off by, (panels, 1).
        places: (points,), in increasing order.
        matrix: from values to those at the places, (ORDER, points).
    """

    centre: FloatArray
    half: FloatArray
    values: FloatArray
    off: FloatArray
    places: FloatArray
    matrix: FloatArray


def _batches(panels: Panels, which: NDArray[np.intp]) -> Iterator[_Batch]:
    left, right = panels.left[which], panels.right[which]
    apart = _spacing(outer(left, right))
    count = (2.0 ** np.ceil(np.log2(np.maximum((right - left) / apart, 1.0)))).astype(int)
    at_zero = (left == 0.0) | (right == 0.0)
    # The nodes themselves are closer on narrower panels.
    for size in np.unique(count[~at_zero & (count > ORDER)]):
        batch = which[~at_zero & (count == size)]
        points = min(size, _POINTS)
        matrix = _at_even_places(points)
        yield from _parts(panels, batch, size // points, _evenly(points), matrix)
    for side, at_zero in ((1.0, left == 0.0), (-1.0, right == 0.0)):
        yield from _parts(panels, which[at_zero], 1, *_graded(side))


@cache
def _evenly(count: int) -> FloatArray:
    """So many places in [-1, 1], evenly."""
    return (2 * np.arange(count) + 1) / count - 1


@cache
def _at_even_places(count: int) -> FloatArray:
    """From values on a panel to those at so many places: (ORDER, count)."""
    return at_places(_evenly(count), ORDER, DEGREE).T


@cache
def _graded(side: float) -> tuple[FloatArray, FloatArray]:
    """Places in [-1, 1] that come ever closer to -side, and the matrix as of _at_even_places."""
    octave = np.arange(1.0, 2.0, 2.0**-10)
    close = (octave * 2.0 ** -np.arange(1.0, _SMALLEST)[:, None]).ravel()
    places = np.sort(side * (2 * close - 1))
    return places, at_places(places, ORDER, DEGREE).T


@cache
def _at_parts(parts: int) -> FloatArray:
    """From values on a panel to those at the nodes of equal parts of it: (ORDER, parts ORDER)."""
    nodes = _evenly(parts)[:, None] + gauss_legendre(ORDER)[0] / parts
    return at_places(nodes.ravel(), ORDER, DEGREE).T


def _parts(
    panels: Panels, which: NDArray[np.intp], parts: int, places: FloatArray, matrix: FloatArray
) -> Iterator[_Batch]:
    """Panels, each cut into ``parts`` equal parts."""
    centres, at_nodes = _evenly(parts), _at_parts(parts)
    off = told_apart(panels)[0]
    step = max(1, _CHUNK // (parts * places.size))
    for i in range(0, which.size, step):
        few = which[i : i + step]
        centre = 0.5 * (panels.left + panels.right)[few, None]
        half = 0.5 * (panels.right - panels.left)[few, None]
        yield _Batch(
            (centre + half * centres).reshape(-1, 1),
            np.repeat(half / parts, parts, axis=0),
            (panels.values[0, few] @ at_nodes).reshape(-1, ORDER),
            np.repeat(off[few, None], parts, axis=0),
            places,
            matrix,
        )


def _off(phi: Activation, batch: _Batch) -> tuple[FloatArray, FloatArray]:
    """The points at which phi is off its polynomial, and how far apart points are there."""
    found = [np.empty((2, 0))]
    step = max(1, _CHUNK // batch.places.size)
    for i in range(0, batch.centre.size, step):
        part = slice(i, i + step)
        points = batch.centre[part] + batch.half[part] * batch.places
        off = phi(points) - batch.values[part] @ batch.matrix
        bad = ~(np.abs(off) <= batch.off[part])
        if bad.any():
            apart = batch.half[part] * np.gradient(batch.places)
            found.append(np.stack([points[bad], apart[bad]]))
    points, apart = np.concatenate(found, axis=1)
    return points, apart


def _edges_about(points: FloatArray, apart: FloatArray) -> FloatArray:
    order = np.argsort(points)
    points, apart = points[order], apart[order]
    ends = np.flatnonzero(np.diff(points) > 4 * apart[1:])
    first, last = np.append(0, ends + 1), np.append(ends, points.size - 1)
    edges = []
    for i, j in zip(first[:_FEATURES], last[:_FEATURES], strict=True):
        steps = _FIRST * apart[i] * 2.0 ** np.arange(40)
        steps = steps[steps < max(1.0, abs(points[i]))]
        edges += [points[i] - steps, points[j] + steps, np.linspace(points[i], points[j], 9)[1:-1]]
    return np.unique(np.concatenate(edges))
