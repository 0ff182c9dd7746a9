"""Whether the derivatives that autograd gives are those of phi, and phi more than noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgeofchaos.panels.bisection import TooFine
from edgeofchaos.panels.legendre import FloatArray, derivative
from edgeofchaos.panels.pieces import DEGREE, NAMES, ORDER, Panels, panel_nodes, tail
from edgeofchaos.panels.reach import ENDLESS, Reach

if TYPE_CHECKING:
    from edgeofchaos.activations import Activation

# Of the derivative of a polynomial of degree 15 the rounding of its values is this many times as
# large, and what they are resolved to as well.
_SLOPE_NOISE = 1e5
_FLOATS = 1e-12  # of |u|, half the width of panels between a few floats
_DERIVATIVE = 1e-6  # relative; a wrong derivative is off by far more
_NOTHING = 1e-11  # of the size of phi', phi'': a wrong derivative that small is one of rounding
_FAR = 64.0  # |u| from which on a wrong derivative ends the reach
_CONSTANT = 1e-14
_PLACES = np.geomspace(0.05, 8.0, 24)  # at which noise is looked for, on both sides
_ROUNDED = 1e-13  # of the size of phi, what terms that cancel may leave
_NOISE = 1e-9  # of the size of phi, phi' or phi''; that of float32 is 1e-7


def trusted(phi: Activation, panels: Panels) -> Reach:
    """Hold phi' and phi'' against the derivatives of the polynomials of phi and phi'.

    Returns:
        The |u| up to which they agree, as of log(1 + exp(u)), the square of whose exp overflows.

    Raises:
        TooFine: one of them is another, where it is next to nothing: it may have underflowed.
        ValueError: one of them is another for |u| <= 64.
    """
    found = ENDLESS
    for order in (1, 2):
        expected, excess = _compared(panels, order)
        bad = (excess > 0.0).any(axis=1)
        if not bad.any():
            continue
        panel = int(np.argmin(np.where(bad, panels.outer, np.inf)))
        node = int(np.argmax(excess[panel]))
        what = _differs(panels, order, panel, node, expected)
        apart = abs(panels.values[order] - expected)[panel, node]
        end = float(min(abs(panels.left[panel]), abs(panels.right[panel])))
        if end >= _FAR:
            found = min(found, Reach(end, what), key=lambda reach: reach.end)
        elif apart < _least(phi, panels, order, panel):
            raise TooFine(f"{what}, as where rounding leaves no digits")
        else:
            raise ValueError(
                f"activation {phi.name!r}: {what}; allowed is a function whose backward pass is "
                "right, twice"
            )
    return found


def _least(phi: Activation, panels: Panels, order: int, panel: int) -> float:
    """What phi' or phi'' may be off by on a panel where phi is next to nothing of its size."""
    size = known_size(phi, panels)
    half = 0.5 * (panels.right - panels.left)[panel]
    return float(max(_NOTHING * size[order], np.finfo(float).eps * size[order - 1] / half))


def _compared(panels: Panels, order: int) -> tuple[FloatArray, FloatArray]:
    """The derivative of the polynomials of phi or phi', and by how much more than is allowed the
    one that autograd gives differs: both (panels, ORDER).
    """
    half = 0.5 * (panels.right - panels.left)[:, None]
    below, given = panels.values[order - 1], panels.values[order]
    with np.errstate(over="ignore"):
        expected = below @ derivative(ORDER, DEGREE).T / half
        below_off = np.finfo(float).eps * np.abs(below).max(axis=1)
        below_off = below_off + panels.allowed[order - 1] + panels.tail[order - 1]
        allowed = _DERIVATIVE * np.abs(given).max(axis=1)
        allowed = allowed + _SLOPE_NOISE * below_off / half[:, 0]
        excess = np.abs(given - expected) - allowed[:, None]
    # Between a few floats a node may be the kink itself, where autograd may say what it likes.
    return expected, np.where(half > _FLOATS * panels.outer[:, None], excess, -np.inf)


def overflown(phi: Activation, low: float, high: float, far: float = _FAR) -> Reach | None:
    """Where a derivative is not one from ``low`` to ``high``, beyond ``far``, though phi or phi' is
    smooth there: as where the square of an exp overflows.
    """
    if low * high <= 0 or min(abs(low), abs(high)) < far:
        return None
    left, right = np.array([low]), np.array([high])
    values = np.stack(phi.derivatives(panel_nodes(left, right)[0]))
    panels = Panels(left, right, values, 0.0)
    smooth = panels.tail <= _NOISE * np.abs(values).max(axis=2)
    for order in (1, 2):
        expected, excess = _compared(panels, order)
        if smooth[order - 1, 0] and (excess > 0.0).any():
            node = int(np.argmax(excess[0]))
            what = _differs(panels, order, 0, node, expected)
            return Reach(min(abs(low), abs(high)), what)
    return None


def _differs(panels: Panels, order: int, panel: int, node: int, expected: FloatArray) -> str:
    """In words, how a derivative differs at a node."""
    at = panel_nodes(panels.left, panels.right)[0][panel, node]
    return (
        f"autograd has {NAMES[order]}({at:.6g}) = {panels.values[order, panel, node]:.6g}, where "
        f"the values of {NAMES[order - 1]} give {expected[panel, node]:.6g}"
    )


def known_size(phi: Activation, panels: Panels | None = None) -> FloatArray:
    """The largest |phi|, |phi'| and |phi''| at some places, and on panels, up to |u| = 8: (3,)."""
    at = np.stack(phi.derivatives(np.concatenate([-_PLACES, _PLACES])))
    if panels is not None:
        near = panels.values[:, panels.outer <= _PLACES[-1]].reshape(3, -1)
        at = np.concatenate([at, near], axis=1)
    return np.abs(np.where(np.isfinite(at), at, 0.0)).max(axis=1)


def is_constant(values: FloatArray) -> bool:
    """Whether values of phi are one number, to a few times what it is rounded by."""
    return bool(np.ptp(values) <= _CONSTANT * np.abs(values).max())


def noise(
    phi: Activation, scale: float = 1.0, least: float = _NOISE, derivatives: int = 2,
    rounded: float = _ROUNDED,
) -> str:  # fmt: skip
    """What is known of phi to less than ``least``, as of one computed in float32; empty if nothing.

    What is less than the part ``rounded`` of phi is none. phi and so many ``derivatives`` are
    looked at. At most places up to 8 times ``scale`` what is noise is as rough on stretches of
    1e-4 |u| as on those of 1e-2 |u|, or constant on the former.
    """
    places = scale * np.concatenate([-_PLACES, _PLACES])
    wide, narrow = (
        np.stack(phi.derivatives(panel_nodes(places, places + width * np.abs(places))[0]))[
            : derivatives + 1
        ]
        for width in (1e-2, 1e-6)
    )
    size = np.abs(wide).max(axis=(1, 2))[:, None]
    # What is less than the rounding of phi is nothing, as beside a bump on a constant.
    least_size = rounded * size[0] / scale ** np.arange(derivatives + 1)[:, None]
    # What is not finite compares as not rough.
    with np.errstate(invalid="ignore", over="ignore"):
        rough = tail(wide) > np.maximum(least * size, least_size)
        as_rough = tail(narrow) > 0.03 * tail(wide)
        steps = np.ptp(narrow, axis=2) == 0
    for i in np.flatnonzero((rough & (as_rough | steps)).mean(axis=1) > 0.5):
        at = int(np.argmax(rough[i]))
        return (
            f"{NAMES[i]} varies from one point to the next by {tail(wide)[i, at] / size[i, 0]:.1g} "
            f"of its size, as at u = {places[at]:.3g}"
        )
    return ""
