"""Panels fine enough to resolve an activation phi, and its kinks, which are found on the way.

On each panel phi, phi' and phi'' are polynomials of degree 15, to 2e-13 of their size, by the
Legendre coefficients of their values at 24 Gauss nodes. Panels end at 0 and at the kinks of phi and
are bisected until that is so. With 24 nodes a panel the error of an expectation is then below 1e-12
relative; tests hold it to that against references of 30 digits.

Each module has one idea:

- :mod:`.pieces`: panels, and what they are off by;
- :mod:`.bisection`: panels are halved until they resolve phi;
- :mod:`.reach`: how far out phi can be followed;
- :mod:`.kinks`: points where phi' or phi'' jumps, and the limits beside one;
- :mod:`.features`: what is too narrow to meet a node;
- :mod:`.patches`: phi' and phi'' where autograd loses their digits;
- :mod:`.trust`: whether the derivatives of autograd are those of phi, and phi more than noise.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from edgeofchaos.panels.bisection import Rough, TooFine, bisected, end_by_octaves
from edgeofchaos.panels.features import missed
from edgeofchaos.panels.kinks import (
    bends_at,
    features,
    jumps,
    kinks_at,
    narrower,
    one_sided,
    simplest,
    step,
)
from edgeofchaos.panels.legendre import FloatArray
from edgeofchaos.panels.patches import Patch, patch
from edgeofchaos.panels.pieces import (
    DEGREE,
    NAMES,
    ORDER,
    RESOLVED_FROM,
    Panels,
    octaves,
    panel_nodes,
)
from edgeofchaos.panels.reach import ENDLESS, Reach, known_reach, shorten
from edgeofchaos.panels.trust import is_constant, noise, overflown, trusted

if TYPE_CHECKING:
    from edgeofchaos.activations import Activation

__all__ = [
    "DEGREE", "FOUND", "NAMES", "ORDER", "RESOLVED_FROM", "Panels", "Patch", "Reach", "TooFine",
    "is_constant", "known_reach", "noise", "octaves", "one_sided", "panel_nodes", "resolved",
    "resolved_with",
]  # fmt: skip

# What is kept in phi.cache of what was found, whatever kinks there are.
FOUND = ("reach", "looked", "features")
_MAX_SEARCHES = 20  # each puts in what it finds
# Of the end of the reach: what ends as close to it, and begins no further from it, belongs to it.
_NEXT, _CLOSE_TO = 0.01, 0.95


def resolved(phi: Activation, edges: FloatArray, floor: float) -> Panels:
    """Panels on which phi, phi' and phi'' are polynomials of degree 15 to 2e-13.

    They end where phi cannot be followed further, if that is inside ``edges`` (``known_reach``).
    Kinks that are met and were not known are added to ``phi.kinks``: jumps of phi' or phi'' from
    1,000 times that of their size on. What is narrow and was found stays with phi as well, and so
    do the patches that are put where autograd loses the digits of phi' and phi''.

    Args:
        phi: the activation.
        edges: sorted edges to start from; 0 and the kinks inside their range are added.
        floor: errors at smaller |u| are held against the size of phi up to there.

    Raises:
        TooFine: phi oscillates too fast close to 0.
        ValueError: phi jumps, is not smooth beside a point that kinks were found at, or a
            derivative of autograd is not one.
    """
    found: list[float] = []
    for _ in range(_MAX_SEARCHES):
        own = np.concatenate([np.array(phi.kinks, dtype=np.float64), features(phi)])
        own = own[(own > edges[0]) & (own < edges[-1])]
        every = np.unique(np.concatenate([edges, own, [0.0]]))
        try:
            panels, stretches = bisected(phi, every, floor)
        except Rough as rough:
            if not _patched(phi, rough.low, rough.high):
                _shorten(phi, float(every[-1]), floor, rough)
            continue
        if stretches:
            if _ends_before(phi, min(stretches)[0], max(stretches)[1]):
                continue
            if bends_at(phi, simplest(*stretches[0])) or not _patched(phi, *stretches[0]):
                found = [_kink_in(phi, low, high) for low, high in stretches]
                phi.add_kinks(found)
            continue
        jumping = jumps(panels)
        beside = narrower(phi, panels, np.asarray(jumping.any(axis=0)))
        if beside.size:
            edges = np.union1d(edges, beside)
            continue
        found = kinks_at(phi, panels, jumping)
        if found:
            if not _ends_before(phi, min(found), max(found)):
                phi.add_kinks(found)
            continue
        narrow = missed(phi, panels)
        if not narrow.size:
            reach = trusted(phi, panels)
            if reach == ENDLESS:
                return panels
            shorten(phi, reach)
            continue
        phi.cache["features"] = np.union1d(features(phi), narrow)
    where = f" beside {found[0]:.17g}" if found else ""
    raise ValueError(
        f"activation {phi.name!r} is not smooth{where}; allowed is one that is smooth between its "
        "kinks"
    )


def resolved_with(phi: Activation, edges: FloatArray, floors: Iterable[float]) -> Panels:
    """:func:`resolved` with the first of these floors that will do.

    With a larger one noise counts less that is small close to 0, where phi may be constant.

    Raises:
        TooFine: none of them does.
        ValueError: as :func:`resolved`.
    """
    reason = TooFine("")
    for floor in floors:
        try:
            return resolved(phi, edges, floor)
        except TooFine as error:
            reason = error
    raise reason


def _patched(phi: Activation, low: float, high: float) -> bool:
    """Whether a patch is put on this stretch.

    Raises:
        TooFine: there is one already, so that phi itself is noise there.
    """
    ends = np.array([low, high])
    if any(known.covers(ends).any() for known in phi.patches):
        raise TooFine(f"rounding leaves no digits of phi at u = {low:.3g}")
    found = patch(phi, low, high)
    if found is not None:
        phi.patches = (*phi.patches, found)
    return found is not None


def _shorten(phi: Activation, largest: float, floor: float, rough: Rough) -> None:
    """Let phi be followed less far.

    Raises:
        TooFine: it can be followed as far, octave by octave, or not even for |u| <= 1.
    """
    before = known_reach(phi).end
    if _ends_before(phi, rough.low, rough.high):
        return
    if wrong := overflown(phi, rough.low, rough.high):
        shorten(phi, wrong)
        return
    end_by_octaves(phi, largest, floor)
    end = known_reach(phi).end
    if not end < before:
        raise TooFine(f"phi, phi' or phi'' oscillates too fast, or is noise, {rough}") from rough
    if wrong := overflown(phi, rough.low, rough.high, end):
        phi.cache["reach"] = wrong


def _ends_before(phi: Activation, low: float, high: float) -> bool:
    """Let phi be followed to this stretch only, if it is next to the end of the reach.

    What ends the reach announces itself, as an overflow does by the underflow of 1/exp^2.
    """
    known = known_reach(phi)
    inner, outer = sorted(map(abs, (low, high)))
    if low * high <= 0 or outer < (1 - _NEXT) * known.end or inner < _CLOSE_TO * known.end:
        return False
    shorten(phi, Reach(inner, known.why))
    return known_reach(phi).end < known.end


def _kink_in(phi: Activation, low: float, high: float) -> float:
    """The point in a stretch that no bisection resolves.

    Raises:
        ValueError: a kink is known there, so that phi is not smooth beside it.
    """
    point = simplest(low, high)
    ends = step(phi, low, high)
    if not ends[0] <= point <= ends[1]:
        point = simplest(*ends)
    if any(abs(point - k) <= 1e-12 * (1 + abs(k)) for k in phi.kinks):
        raise ValueError(
            f"activation {phi.name!r} is not smooth beside {point:.17g}; allowed is one with "
            "limits of phi' and phi'' on either side of each kink"
        )
    return point
