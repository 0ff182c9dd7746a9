"""The kinks of an activation: where they are, and the limits of phi, phi', phi'' beside a point.

A kink that was not declared lies in a panel that no bisection resolves, or at the edge of one. The
one is found by bisection to rounding; the other by what the polynomials on both sides are at that
edge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edgeofchaos.panels.bisection import MAX_BISECTIONS, TooFine
from edgeofchaos.panels.legendre import FloatArray, at_ends
from edgeofchaos.panels.pieces import (
    DEGREE,
    ORDER,
    TOLERANCE,
    Panels,
    panel_nodes,
    resolution,
    running_size,
    tail,
)
from edgeofchaos.panels.trust import known_size

if TYPE_CHECKING:
    from edgeofchaos.activations import Activation

# What two polynomials may differ by at the edge between them, over what each is resolved to.
AT_EDGE = 1e3
_OF_U = 1e-15  # what u may be rounded by, relative
FLOATS = 1e-14  # of |u|, how far from a kink rounding may put it
_ROUNDING = 2e-14
# A limit may be read off a panel that is off by so many times what one is resolved to: 1e-9.
_WORST = 5e3
_CLOSEST = 1e-11  # of |u|: a panel beside a point that is narrower tells nothing of its limits
_ROUNDED = 1e-14  # of the size of phi up to 8: what jumps by less is rounded
_BISECTED = 1e-12  # of |u|, the width of panels at the end of a bisection
_ROUND = 10  # digits of a number at which a kink is likelier than some floats beside it
_FEW = 2.0  # floats on both sides, by which the kink's place is rounded in phi


def simplest(low: float, high: float) -> float:
    """The number in [low, high] with the fewest digits: a kink is usually at one."""
    middle = 0.5 * (low + high)
    rounded = (float(f"{middle:.{digits}g}") for digits in range(1, 18))
    return next((x for x in rounded if low <= x <= high), middle)


def step(phi: Activation, low: float, high: float) -> tuple[float, float]:
    """The stretch of some floats in [low, high] in which phi' makes most of its step, if it does.

    A kink that is off by 1e-13 counts where another lies 1e-6 beside it.
    """
    ends = low, high
    first, last = phi.derivatives(np.array([low, high]))[1]
    for _ in range(MAX_BISECTIONS):
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        beyond = (phi.derivatives(np.array([middle]))[1][0] - first) * np.sign(last - first)
        low, high = (low, middle) if beyond > 0.5 * abs(last - first) else (middle, high)
    # A ramp makes next to none of it between two floats.
    if not np.abs(np.diff(phi.derivatives(np.array([low, high]))[1])) > 0.5 * abs(last - first):
        return ends
    few = _FEW * np.spacing(max(abs(low), abs(high)))
    return low - few, high + few


def told_apart(panels: Panels) -> FloatArray:
    """What phi, phi' and phi'' have to differ by from a polynomial to be others: (3, panels)."""
    # At an end the noise of 16 coefficients adds up.
    return AT_EDGE * panels.allowed + 100 * panels.tail


def features(phi: Activation) -> FloatArray:
    """Edges about what is narrow and was found (:mod:`.features`)."""
    return phi.cache.get("features", np.empty(0))


def jumps(panels: Panels) -> NDArray[np.bool_]:
    """Whether phi, phi' and phi'' differ from one panel to the next: (3, panels - 1)."""
    first, last = panels.ends
    off = told_apart(panels)
    # What phi is computed from, such as u - 1/2, is rounded as u is.
    size = running_size(panels.outer, np.abs(panels.values).max(axis=2), panels.outer)
    off[:2] += _OF_U * panels.outer * size[1:]
    return np.abs(first[:, 1:] - last[:, :-1]) > np.maximum(off[:, 1:], off[:, :-1])


def narrower(phi: Activation, panels: Panels, where: NDArray[np.bool_]) -> FloatArray:
    """Edges beside those where phi seems to jump, for what is narrower than the nodes there are.

    phi is looked at ever closer to the edge, and held against the polynomial on that side.
    """
    inner = np.flatnonzero(where)
    if not inner.size:
        return np.empty(0)
    out = []
    for panel, sign in ((inner, -1.0), (inner + 1, 1.0)):
        width = (panels.right - panels.left)[panel, None]
        steps = width * 2.0 ** -np.arange(4.0, 44.0)
        points = panels.left[inner + 1, None] + sign * steps
        value, first, _ = phi.derivatives(points)
        limit = panels.ends[0 if sign > 0 else 1][:, panel]
        slope, curvature = limit[1][:, None], limit[2][:, None]
        taylor = limit[0][:, None] + sign * steps * slope + steps**2 * curvature / 2
        size = np.abs(panels.values[:, panel]).max(axis=2)[:, :, None]
        resolved = AT_EDGE * resolution(size, 1.0)
        off = np.abs(value - taylor) > resolved[0] + size[2] * steps**2
        off |= np.abs(first - slope) > resolved[1] + 2 * size[2] * steps
        # A float or two from the edge rounding may have passed the kink.
        off &= steps > FLOATS * np.abs(points)
        # Not at the steps: what lies there would be beside an edge again. From the edge to the
        # whole panel, so that none is wider than its distance from the edge.
        least = np.where(off, steps, np.inf).min(axis=1)[:, None]
        graded = panels.left[inner + 1, None] + sign * 1.3 * steps
        out += [graded[(steps >= least) & off.any(axis=1)[:, None]]]
        out += [panels.left[inner + 1][off.any(axis=1)]]
    return np.unique(np.concatenate(out))


def kinks_at(phi: Activation, panels: Panels, where: NDArray[np.bool_]) -> list[float]:
    """The edges at which phi' or phi'' jumps, other than the known kinks.

    Raises:
        TooFine: phi itself jumps, by no more than its terms may be rounded.
        ValueError: phi itself jumps.
    """
    edges = panels.left[1:]
    for i in np.flatnonzero(where[0])[:1]:
        first, last = panels.ends
        if abs(first[0, i + 1] - last[0, i]) < _ROUNDED * known_size(phi, panels)[0]:
            raise TooFine(f"rounding leaves no digits of phi at u = {edges[i]:.3g}")
        raise ValueError(
            f"activation {phi.name!r} jumps from {last[0, i]:.6g} to {first[0, i + 1]:.6g} at "
            f"{edges[i]:.17g}; phi must be continuous"
        )
    widths = panels.right - panels.left
    beside = np.minimum(widths[1:], widths[:-1])
    found = []
    for i in np.flatnonzero(where.any(axis=0)):
        point = float(edges[i])
        # Bisected as far, the kink may be some floats beside the edge, at a round number.
        if beside[i] <= _BISECTED * abs(point):
            near = simplest(point - float(beside[i]), point + float(beside[i]))
            point = near if near == float(f"{near:.{_ROUND}g}") else point
        if point in phi.kinks:
            continue
        wide = _is_smooth_at(phi, point)
        if wide and _is_smooth_at(phi, point, float(beside[i])):
            continue
        found.append(point)
        if wide:
            # Wide panels pass over it, and limits are not to be read off them.
            about = [point - float(beside[i]), point + float(beside[i])]
            phi.cache["features"] = np.union1d(features(phi), about)
    return found


def one_sided(phi: Activation, point: float) -> FloatArray:
    """The limits of (phi, phi', phi'') at a point from the left and from the right.

    They are values of polynomials on panels beside the point, bisected towards it until they
    resolve phi; where rounding prevents that, on the one that is resolved best. What phi is one
    float beside the point has fewer rounding errors and is taken where the two agree; where they do
    not, rounding has put that float on the other side of a kink.

    Returns:
        (2, 3): the left limits in row 0, the right ones in row 1.

    Raises:
        ValueError: there is no panel beside the point that resolves phi.
    """
    others = np.abs(point - np.concatenate([[0.0], phi.kinks, features(phi)]))
    nearest = others[others > 0].min(initial=np.inf)
    width = min(max(abs(point), 1.0) / 64, nearest)
    limits = []
    for sign in (-1.0, 1.0):
        found, off = _limits(phi, point, sign, width)
        if off >= _WORST:
            # Next to nothing, phi may have no digits there, and needs none.
            found, off = _limits(phi, point, sign, width, _ROUNDED * known_size(phi))
        if off >= _WORST:
            side = "left" if sign < 0 else "right"
            raise ValueError(
                f"activation {phi.name!r}: phi, phi' or phi'' has no limit at {point:.17g} from "
                f"the {side}; allowed is one that has"
            )
        limits.append(found)
    return np.stack(limits)


def bends_at(phi: Activation, point: float) -> bool:
    """Whether phi' or phi'' jumps there, between panels on both sides that resolve phi.

    Where autograd loses digits towards a point no panel beside it does.
    """
    return _bend(phi, point) is True


def _is_smooth_at(phi: Activation, point: float, within: float = np.inf) -> bool:
    """Whether panels on both sides resolve phi and have the same limits, as wide ones may not.

    They are no wider than ``within``.
    """
    return _bend(phi, point, within) is False


def _bend(phi: Activation, point: float, within: float = np.inf) -> bool | None:
    """Whether phi' or phi'' jumps there; None where no panel beside it resolves phi."""
    width = min(max(abs(point), 1.0) / 64, within)
    (left, off), (right, other) = (_limits(phi, point, sign, width) for sign in (-1.0, 1.0))
    if max(off, other) > 1.0:
        return None
    size = np.maximum(np.abs(left), np.abs(right))
    return bool((np.abs(left - right) > AT_EDGE * resolution(size, abs(point))).any())


def _limits(
    phi: Activation, point: float, sign: float, width: float, least: FloatArray | float = 0.0
) -> tuple[FloatArray, float]:
    """The limits of (phi, phi', phi'') from that side, and what the panel they are read from is
    off by, over what it is resolved to, and ``least`` more.
    """
    best, found = _WORST, np.empty(0)
    for _ in range(MAX_BISECTIONS):
        ends = np.array([point, point + sign * width])
        values = np.stack(phi.derivatives(panel_nodes(ends.min(), ends.max())[0]))
        size = np.abs(values).max(axis=1)
        # What is not finite compares as not resolved, 0 as resolved.
        with np.errstate(invalid="ignore", divide="ignore"):
            allowed = resolution(size, abs(point)) + least
            off = float(np.where(size.any(), tail(values) / allowed, 0.0).max())
        if off < best:
            best = off
            found = values @ at_ends(ORDER, DEGREE)[0 if sign > 0 else 1]
            # Rounding may have put the kink a float or two further.
            floats = np.array([_beside(point, sign, count) for count in (4, 1)])
            for beside in np.stack(phi.derivatives(floats)).T:
                close = np.abs(beside - found) <= AT_EDGE * (TOLERANCE * size + _ROUNDING)
                found = np.where(close, beside, found)
        width /= 2
        # Between a few floats all seems resolved, and rounding has put some beyond a kink.
        if best <= 1.0 or (best < _WORST and width < _CLOSEST * abs(point)):
            break
    return found, best


def _beside(point: float, sign: float, floats: int) -> float:
    """So many floats further; at 0 a tiny normal number, as others may be flushed to 0."""
    if point == 0.0:
        return sign * 1e-200
    return float(np.nextafter(point, sign * np.inf)) + sign * (floats - 1) * float(
        np.spacing(abs(point))
    )
