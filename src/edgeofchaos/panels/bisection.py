"""Bisection of panels until phi, phi' and phi'' are polynomials of degree 15 on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edgeofchaos.panels.legendre import FloatArray
from edgeofchaos.panels.pieces import (
    Panels,
    held_against,
    outer,
    panel_nodes,
    resolution,
    running_size,
    tail,
)
from edgeofchaos.panels.reach import Reach, end_of_finite, is_followed, known_reach, shorten

if TYPE_CHECKING:
    from edgeofchaos.activations import Activation

MAX_BISECTIONS = 46  # to a few floats
# What a bisection leaves as it was carries rounding of its own (1 - tanh^2, times what is large,
# does) if it is off by so many times as much as allowed at most: 1e-10 of its size. Else it would
# be a 2^16th or so.
_NOISE, _NO_BETTER = 500.0, 0.25
# After so many, what is as narrow, relative to |u|, and as close to a known kink is that kink: its
# place is rounded itself, as that of relu6(u/400) is.
_FUZZY_AFTER, _FUZZY = 30, 1e-12
# Panels in all, those that are halved at once, and those after so many bisections that resolve less
# than a tenth.
_MAX_TOTAL, _MAX_UNRESOLVED = 25_000, 12_000
_MAX_IN_VAIN, _IN_VAIN, _ALL = 4_000, 5, 0.9
_MAX_PANELS = 6_000  # that are spent on the way out
_MAX_STRETCHES = 200  # more are noise, not kinks


class TooFine(ValueError):
    """phi varies too fast to be followed, even close to 0; the message is the reason alone."""


class Rough(Exception):
    """More panels would be needed than there may be.

    Attributes:
        low, high: between which those lie that are not resolved.
    """

    def __init__(self, low: float, high: float) -> None:
        super().__init__(f"from {low:g} to {high:g}")
        self.low, self.high = low, high


class _NotFollowed(Exception):
    """A value is not finite, or too large."""

    def __init__(self, reach: Reach) -> None:
        super().__init__(reach.why)
        self.reach = reach


def bisected(
    phi: Activation, edges: FloatArray, floor: float
) -> tuple[Panels, list[tuple[float, float]]]:
    """Panels after bisection between ``edges``, as far out as phi can be followed.

    Errors at |u| < ``floor`` are held against the size of phi up to there.

    Returns:
        The panels, and the stretches that so many bisections do not resolve, which are about as
        wide as rounding: kinks.

    Raises:
        Rough: phi is not resolved in a stretch.
    """
    while True:
        end = known_reach(phi).end
        within = edges[np.abs(edges) < end]
        if within.size < edges.size:
            within = np.unique(np.concatenate([within, [-end, end]]))
        try:
            return _bisected(phi, within, floor)
        except _NotFollowed as found:
            shorten(phi, found.reach)


def _bisected(
    phi: Activation, edges: FloatArray, floor: float
) -> tuple[Panels, list[tuple[float, float]]]:
    left, right = edges[:-1], edges[1:]
    kept: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    reaches, sizes = np.empty(0), np.empty((3, 0))  # of all panels so far
    before = np.full(left.size, np.inf)  # what the panels were off by as halves of one
    in_vain = 0  # bisections in a row that resolved next to nothing
    for count in range(MAX_BISECTIONS):
        nodes, _weights = panel_nodes(left, right)
        given = np.stack(phi.derivatives(nodes))  # (3, panels, order)
        if not is_followed(given).all():
            raise _NotFollowed(end_of_finite(phi, nodes, given))
        reach = outer(left, right)
        reaches = np.concatenate([reaches, reach])
        size = np.abs(given).max(axis=2)
        sizes = np.concatenate([sizes, size], axis=1)
        against = held_against(reach, floor)
        allowed = resolution(running_size(reaches, sizes, against), reach, size)
        off = np.asarray((tail(given) / np.maximum(allowed, 1e-300)).max(axis=0))
        # Noise is as large on both halves of a panel; a jump is on one of them.
        as_rough = np.roll(off, off.size // 2) > _NO_BETTER * off if count else off < np.inf
        fine = (off <= 1.0) | ((off <= _NOISE) & (off > _NO_BETTER * before) & as_rough)
        if count >= _FUZZY_AFTER:
            fine |= _at_a_kink(phi, left, right)
        kept.append((left[fine], right[fine], given[:, fine]))
        if fine.all():
            return _sorted(kept, floor), []
        in_vain = in_vain + 1 if np.count_nonzero(~fine) > _ALL * fine.size else 0
        left, right = left[~fine], right[~fine]
        done = sum(part[0].size for part in kept)
        most = _MAX_IN_VAIN if in_vain >= _IN_VAIN else _MAX_UNRESOLVED
        if left.size > most or left.size + done > _MAX_TOTAL:
            raise Rough(float(left.min()), float(right.max()))
        middle = 0.5 * (left + right)
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        before = np.tile(off[~fine], 2)
    stretches = _stretches(left, right)
    if len(stretches) > _MAX_STRETCHES:
        raise Rough(stretches[0][0], stretches[-1][1])
    return _sorted(kept, floor), stretches


def _at_a_kink(phi: Activation, left: FloatArray, right: FloatArray) -> NDArray[np.bool_]:
    kinks = np.array([k for k in phi.kinks if k != 0.0])
    off = np.abs(0.5 * (left + right)[:, None] - kinks) / np.abs(kinks)
    near = off.min(axis=1, initial=np.inf) <= 3 * _FUZZY
    return near & (right - left <= _FUZZY * np.abs(left))


def end_by_octaves(phi: Activation, largest: float, floor: float) -> None:
    """Shorten the reach to the octaves that a number of panels is enough for, from 0 outwards.

    Raises:
        TooFine: it is not enough for |u| <= 1, where it may do for a larger ``floor``.
    """
    inner, outer_, count = 0.0, 2.0**-6, 0
    while inner < min(largest, known_reach(phi).end):
        edges = np.unique([-outer_, -inner, inner, outer_])
        try:
            panels, _ = bisected(phi, edges, max(outer_, floor))
        except Rough:
            count = _MAX_PANELS + 1
        else:
            count += int((panels.outer > inner).sum())
        if count > _MAX_PANELS:
            break
        inner, outer_ = outer_, 2 * outer_
    else:
        return
    if inner < 1.0:
        raise TooFine(f"phi, phi' or phi'' oscillates too fast, or is noise, for |u| <= {outer_:g}")
    shorten(
        phi,
        Reach(
            inner, f"phi, phi' or phi'' oscillates too fast, or is noise, from |u| = {inner:g} on"
        ),
    )


def _stretches(left: FloatArray, right: FloatArray) -> list[tuple[float, float]]:
    """The last panels put together where they touch: about a kink rounding leaves several."""
    order = np.argsort(left)
    left, right = left[order], right[order]
    apart = left[1:] > right[:-1] + 1e-12 * (1 + np.abs(left[1:]))
    first = np.concatenate([[0], np.flatnonzero(apart) + 1])
    last = np.append(first[1:] - 1, left.size - 1)
    return [(float(left[i]), float(right[j])) for i, j in zip(first, last, strict=True)]


def _sorted(parts: list[tuple[FloatArray, FloatArray, FloatArray]], floor: float) -> Panels:
    left, right = (np.concatenate([part[i] for part in parts]) for i in range(2))
    values = np.concatenate([part[2] for part in parts], axis=1)
    order = np.argsort(left)
    return Panels(left[order], right[order], values[:, order], floor)
