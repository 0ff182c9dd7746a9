"""How far out an activation can be followed, and what ends it there.

A function may overflow far out (``exp(x)`` does from u = 709.8 on, and its derivatives are NaN from
there), or oscillate for ever. A variance q asks for it within 13 standard deviations, sqrt(q) each,
so that small variances may be served where large ones are not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edgeofchaos.panels.legendre import FloatArray
from edgeofchaos.panels.pieces import NAMES

if TYPE_CHECKING:
    from edgeofchaos.activations import Activation


@dataclass(frozen=True)
class Reach:
    """Up to which |u| phi, phi' and phi'' are followed.

    Attributes:
        end: that |u|; infinite where nothing is known to end it.
        why: what ends it, and where, in words.
    """

    end: float
    why: str


ENDLESS = Reach(math.inf, "")


def known_reach(phi: Activation) -> Reach:
    """The reach as far as it is known by now: it is found when a variance asks for more."""
    return phi.cache.get("reach", ENDLESS)


def shorten(phi: Activation, reach: Reach) -> None:
    """Note that phi can be followed up to there only."""
    if reach.end < known_reach(phi).end:
        phi.cache["reach"] = reach


LARGEST = 1e150  # so that products of two are finite


def is_followed(given: FloatArray) -> NDArray[np.bool_]:
    """Whether values are finite, and small enough for products."""
    return np.abs(given) <= LARGEST  # NaN compares as not


def end_of_finite(phi: Activation, nodes: FloatArray, given: FloatArray) -> Reach:
    """Where the first value that is not finite stands, given some that are not, to rounding.

    Args:
        phi: the activation.
        nodes: (panels, order).
        given: phi, phi' and phi'' there, (3, panels, order).
    """
    bad = ~is_followed(given).all(axis=0)
    outer = nodes[bad][np.argmin(np.abs(nodes[bad]))]
    good = nodes[~bad & (np.sign(nodes) == np.sign(outer)) & (np.abs(nodes) < abs(outer))]
    inner = good[np.argmax(np.abs(good))] if good.size else math.copysign(1e-300, outer)
    while abs(outer - inner) > 4e-16 * abs(outer):
        middle = 0.5 * (inner + outer)
        if is_followed(np.stack(phi.derivatives(middle))).all():
            inner = middle
        else:
            outer = middle
    values = np.stack(phi.derivatives(outer))
    which = int(np.argmin(is_followed(values)))
    shown = f"{NAMES[which]} is {values[which]:.3g} at u = {outer:.6g}"
    # A value short of it: next to an overflow there may be no digits left.
    return Reach(abs(inner) * (1 - 1e-9), shown)
