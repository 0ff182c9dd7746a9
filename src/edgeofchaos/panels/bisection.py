"""Bisection of panels until phi, phi' and phi'' are polynomials of degree 15 on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
# What so many bisections do not resolve carries rounding of its own (1 - tanh^2, times what is
# large, does) if it is off by so many times as much at most: 1e-10 of its size.
_NOISE_AFTER, _NOISE = 10, 500.0
_MAX_UNRESOLVED = 40_000  # panels that are halved at once
_MAX_PANELS = 10_000  # that are spent on the way out
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
    for count in range(MAX_BISECTIONS):
        nodes, _weights = panel_nodes(left, right)
        given = np.stack(phi.derivatives(nodes))  # (3, panels, order)
        if not is_followed(given).all():
            raise _NotFollowed(end_of_finite(phi, nodes, given))
        reach = outer(left, right)
        reaches = np.concatenate([reaches, reach])
        sizes = np.concatenate([sizes, np.abs(given).max(axis=2)], axis=1)
        against = held_against(reach, floor)
        allowed = resolution(running_size(reaches, sizes, against), reach)
        fine = (tail(given) <= (_NOISE if count >= _NOISE_AFTER else 1.0) * allowed).all(axis=0)
        kept.append((left[fine], right[fine], given[:, fine]))
        if fine.all():
            return _sorted(kept, floor), []
        left, right = left[~fine], right[~fine]
        if left.size > _MAX_UNRESOLVED:
            raise Rough(float(left.min()), float(right.max()))
        middle = 0.5 * (left + right)
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
    stretches = _stretches(left, right)
    if len(stretches) > _MAX_STRETCHES:
        raise Rough(stretches[0][0], stretches[-1][1])
    return _sorted(kept, floor), stretches


def end_by_octaves(phi: Activation, largest: float) -> None:
    """Shorten the reach to the octaves that a number of panels is enough for, from 0 outwards.

    Raises:
        TooFine: it is not enough for |u| <= 2^-6.
    """
    inner, outer_, count = 0.0, 2.0**-6, 0
    while inner < min(largest, known_reach(phi).end):
        edges = np.unique([-outer_, -inner, inner, outer_])
        try:
            panels, _ = bisected(phi, edges, outer_)
        except Rough:
            count = _MAX_PANELS + 1
        else:
            count += int((panels.outer > inner).sum())
        if count > _MAX_PANELS:
            break
        inner, outer_ = outer_, 2 * outer_
    else:
        return
    if inner == 0.0:
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
