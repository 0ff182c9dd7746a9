"""Panels fine enough to resolve an activation phi, and its kinks, which are found on the way.

On each panel phi, phi' and phi'' are polynomials of degree 15, to 2e-13 of their size, by the
Legendre coefficients of their values at 24 Gauss nodes. Panels end at 0 and at the kinks of phi and
are bisected until that is so. With 24 nodes a panel the error of an expectation is then below 1e-12
relative; tests hold it to that against references of 30 digits.

A kink that was not declared lies in a panel that no bisection resolves, or at the edge of one. The
one is found by bisection to rounding; the other by what the polynomials on both sides are at that
edge. And phi' and phi'' are held against the derivatives of the polynomials of phi and phi', so
that a derivative that autograd has wrong is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edgeofchaos.legendre import FloatArray, at_ends, derivative, gauss_legendre, to_coefficients

if TYPE_CHECKING:
    from edgeofchaos.activations import Activation

ORDER = 24  # Gauss-Legendre nodes a panel
_RESOLVED_FROM = 16  # Legendre coefficients from this one on have to be negligible
_DEGREE = _RESOLVED_FROM - 1
_TOLERANCE = 2e-13
_ROUNDING = 2e-14
_MAX_BISECTIONS = 46  # to a few floats
# What so many bisections do not resolve carries rounding of its own (1 - tanh^2, times what is
# large, does) if it is off by so many times as much at most: 1e-10 of its size.
_NOISE_AFTER, _NOISE = 10, 500.0
_MAX_PANELS = 20_000
_MAX_SEARCHES = 20  # each puts the kinks that it finds in
# What two polynomials may differ by at the edge between them, over what each is resolved to.
_AT_EDGE = 1e3
# Of the derivative of a polynomial of degree 15 the rounding of its values is this many times as
# large, and what they are resolved to as well.
_SLOPE_NOISE = 1e5
_DERIVATIVE = 1e-6  # relative; a wrong derivative is off by far more
_NAMES = ("phi", "phi'", "phi''")


def octaves(low: int, high: int) -> FloatArray:
    """0 and the powers of 2 from 2^low to 2^high, on both sides: edges to start from."""
    powers = 2.0 ** np.arange(low, high + 1)
    return np.concatenate([-powers[::-1], [0.0], powers])


class TooFine(ValueError):
    """phi varies too fast, too far out, to be tabulated for variances this large."""


@dataclass(frozen=True)
class Panels:
    """Panels beside each other, sorted, and phi, phi', phi'' at the nodes of each.

    Attributes:
        left, right: their edges, (panels,).
        values: (3, panels, ORDER).
    """

    left: FloatArray
    right: FloatArray
    values: FloatArray

    @property
    def edges(self) -> FloatArray:
        """All edges, sorted: (panels + 1,)."""
        return np.append(self.left, self.right[-1])


def panel_nodes(
    edges_left: FloatArray, edges_right: FloatArray, order: int = ORDER
) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss-Legendre panels: two arrays (..., order) for edges (...)."""
    nodes, weights = gauss_legendre(order)
    half = 0.5 * (edges_right - edges_left)
    centre = 0.5 * (edges_right + edges_left)
    return centre[..., None] + half[..., None] * nodes, half[..., None] * weights


def resolved(phi: Activation, edges: FloatArray) -> Panels:
    """Panels on which phi, phi' and phi'' are polynomials of degree 15 to 2e-13.

    Kinks that are met and were not known are added to ``phi.kinks``: jumps of phi' or phi'' from
    1,000 times that of their size on.

    Args:
        phi: the activation.
        edges: sorted edges to start from; 0 and the kinks inside their range are added.

    Raises:
        TooFine: more than 20,000 panels would be needed.
        ValueError: phi jumps, is not smooth beside a point that kinks were found at, or a
            derivative of autograd is not one.
    """
    for _ in range(_MAX_SEARCHES):
        panels, found = _bisected(phi, edges)
        if not found:
            jumps = _jumps(panels)
            narrow = _narrower(phi, panels, np.asarray(jumps.any(axis=0)))
            if narrow.size:
                edges = np.union1d(edges, narrow)
                continue
            found = _kinks(phi, panels, jumps)
        if not found:
            _require_derivatives(phi, panels)
            return panels
        phi.add_kinks(found)
    where = f" beside {found[0]:.17g}" if found else ""
    raise ValueError(
        f"activation {phi.name!r} is not smooth{where}; allowed is one that is smooth between its "
        "kinks"
    )


def _bisected(phi: Activation, edges: FloatArray) -> tuple[Panels, list[float]]:
    """Panels after bisection; or what was reached, and a point in each that none resolves."""
    known = [k for k in phi.kinks if edges[0] < k < edges[-1]]
    edges = np.unique(np.concatenate([edges, known, [0.0]]))
    left, right = edges[:-1], edges[1:]
    kept: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    for count in range(_MAX_BISECTIONS):
        nodes, _weights = panel_nodes(left, right)
        given = np.stack(phi.derivatives(nodes))  # (3, panels, order)
        fine = _is_fine(left, right, given, _NOISE if count >= _NOISE_AFTER else 1.0)
        kept.append((left[fine], right[fine], given[:, fine]))
        if fine.all():
            return _sorted(kept), []
        if left.size > _MAX_PANELS:
            raise TooFine(
                f"activation {phi.name!r} varies too fast to be followed up to "
                f"|u| = {np.abs(edges).max():.3g}; a smaller variance is allowed"
            )
        middle = 0.5 * (left[~fine] + right[~fine])
        left = np.concatenate([left[~fine], middle])
        right = np.concatenate([middle, right[~fine]])
    merged = _points_in(left, right)
    for point in merged:
        if any(abs(point - k) <= 1e-12 * (1 + abs(k)) for k in known):
            raise ValueError(
                f"activation {phi.name!r} is not smooth beside {point:.17g}; allowed is one with "
                "limits of phi' and phi'' on either side of each kink"
            )
    return _sorted(kept), merged


def _points_in(left: FloatArray, right: FloatArray) -> list[float]:
    """A point in each stretch of the last panels: about a kink rounding leaves several."""
    order = np.argsort(left)
    left, right = left[order], right[order]
    apart = left[1:] > right[:-1] + 1e-12 * (1 + np.abs(left[1:]))
    first = np.concatenate([[0], np.flatnonzero(apart) + 1])
    last = np.append(first[1:] - 1, left.size - 1)
    return [_simplest(left[i], right[j]) for i, j in zip(first, last, strict=True)]


def _is_fine(
    left: FloatArray, right: FloatArray, given: FloatArray, times: float
) -> NDArray[np.bool_]:
    values, finite = _finite(given)
    return (_tail(values) <= times * _allowed(left, right, values)).all(axis=0) | ~finite


def _finite(given: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The values, 0 on panels where any is not finite, and where all are: (panels,)."""
    finite = np.asarray(np.isfinite(given).all(axis=(0, 2)))
    return np.where(finite[None, :, None], given, 0.0), finite


def _tail(values: FloatArray) -> FloatArray:
    """The largest Legendre coefficient past the 16th: (3, panels)."""
    return np.abs(values @ to_coefficients(ORDER)[_RESOLVED_FROM:].T).max(axis=2)


def _allowed(left: FloatArray, right: FloatArray, values: FloatArray) -> FloatArray:
    """What phi, phi' and phi'' may be off by on each panel: (3, panels)."""
    reach = np.maximum(np.abs(left), np.abs(right))
    size = _running_size(reach, np.abs(values).max(axis=2))
    return _resolution(size)


def _resolution(size: FloatArray) -> FloatArray:
    """What functions of these sizes, phi, phi' and phi'' along the first axis, are resolved to."""
    # autograd's phi'' carries the rounding of phi and phi', also where it vanishes itself.
    return _TOLERANCE * size + _ROUNDING * size.max(axis=0)


def _sorted(parts: list[tuple[FloatArray, FloatArray, FloatArray]]) -> Panels:
    left, right = (np.concatenate([part[i] for part in parts]) for i in range(2))
    values = np.concatenate([part[2] for part in parts], axis=1)
    order = np.argsort(left)
    return Panels(left[order], right[order], values[:, order])


def _simplest(low: float, high: float) -> float:
    """The number in [low, high] with the fewest digits: a kink is usually at one."""
    middle = 0.5 * (low + high)
    rounded = (float(f"{middle:.{digits}g}") for digits in range(1, 18))
    return next((x for x in rounded if low <= x <= high), middle)


def _jumps(panels: Panels) -> NDArray[np.bool_]:
    """Whether phi, phi' and phi'' differ from one panel to the next: (3, panels - 1)."""
    values, finite = _finite(panels.values)
    first, last = _ends(values)
    # At an end the noise of 16 coefficients adds up.
    allowed = _AT_EDGE * _allowed(panels.left, panels.right, values) + 100 * _tail(values)
    jump = np.abs(first[:, 1:] - last[:, :-1])
    return (jump > np.maximum(allowed[:, 1:], allowed[:, :-1])) & finite[1:] & finite[:-1]


def _ends(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The polynomials of (3, panels, ORDER) values at the left and right ends: two (3, panels)."""
    at = values @ at_ends(ORDER, _DEGREE).T
    return at[..., 0], at[..., 1]


def _narrower(phi: Activation, panels: Panels, where: NDArray[np.bool_]) -> FloatArray:
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
        (value, _, _), known = phi.derivatives(points), panels.values[:, panel]
        limit = _ends(known)[0 if sign > 0 else 1]
        slope, curvature = limit[1][:, None], limit[2][:, None]
        taylor = limit[0][:, None] + sign * steps * slope + steps**2 * curvature / 2
        size = np.abs(known).max(axis=2)[:, :, None]
        off = _AT_EDGE * _resolution(size)[0] + size[2] * steps**2
        wrong = np.where(np.abs(value - taylor) > off, steps, 0.0).max(axis=1)
        # Not at twice the step: what lies there would be beside an edge again.
        out.append((panels.left[inner + 1] + sign * 2.6 * wrong)[wrong > 0])
    return np.unique(np.concatenate(out))


def _kinks(phi: Activation, panels: Panels, jumps: NDArray[np.bool_]) -> list[float]:
    """The edges at which phi' or phi'' jumps, other than the known kinks.

    Raises:
        ValueError: phi itself jumps.
    """
    edges = panels.left[1:]
    for i in np.flatnonzero(jumps[0])[:1]:
        first, last = _ends(panels.values)
        raise ValueError(
            f"activation {phi.name!r} jumps from {last[0, i]:.6g} to {first[0, i + 1]:.6g} at "
            f"{edges[i]:.17g}; phi must be continuous"
        )
    return [float(e) for e in edges[jumps.any(axis=0)] if e not in phi.kinks]


def _require_derivatives(phi: Activation, panels: Panels) -> None:
    """Hold phi' and phi'' against the derivatives of the polynomials of phi and phi'.

    Raises:
        ValueError: one of them is another.
    """
    half = 0.5 * (panels.right - panels.left)[:, None]
    values, _ = _finite(panels.values)
    off = _allowed(panels.left, panels.right, values) + _tail(values)
    for order in (1, 2):
        below, given = values[order - 1], values[order]
        with np.errstate(over="ignore"):
            expected = below @ derivative(ORDER, _DEGREE).T / half
            noise = np.finfo(float).eps * np.abs(below).max(axis=1) + off[order - 1]
            allowed = _DERIVATIVE * np.abs(given).max(axis=1) + _SLOPE_NOISE * noise / half[:, 0]
            bad = np.abs(given - expected) > allowed[:, None]
        if bad.any():
            excess = np.where(bad, np.abs(given - expected) - allowed[:, None], -np.inf)
            panel, node = np.unravel_index(np.argmax(excess), bad.shape)
            at = panel_nodes(panels.left, panels.right)[0][panel, node]
            raise ValueError(
                f"activation {phi.name!r}: autograd has {_NAMES[order]}({at:.6g}) = "
                f"{given[panel, node]:.6g}, where the values of {_NAMES[order - 1]} give "
                f"{expected[panel, node]:.6g}; allowed is a function whose backward pass is right, "
                "twice"
            )


def one_sided(phi: Activation, points: FloatArray) -> FloatArray:
    """The limits of (phi, phi', phi'') at each point from the left and from the right.

    They are values of polynomials on panels beside the point, bisected towards it until they
    resolve phi. What phi is one float beside the point has fewer rounding errors and is taken where
    the two agree; where they do not, rounding has put that float on the other side of a kink.

    Returns:
        (points, 2, 3): the left limits in row 0 of the middle axis, the right ones in row 1.

    Raises:
        ValueError: there is no panel beside a point that resolves phi.
    """
    points = np.asarray(points, dtype=np.float64)
    found = np.full((points.size, 2, 3), np.nan)
    others = np.array([0.0, *phi.kinks])
    gaps = np.abs(points[:, None] - others)
    gaps[gaps == 0] = np.inf
    nearest = gaps.min(axis=1, initial=np.inf)
    width = np.minimum(np.maximum(np.abs(points), 1.0) / 64, nearest)
    for row, sign in enumerate((-1.0, 1.0)):
        left_over, wide = np.arange(points.size), width.copy()
        for _ in range(_MAX_BISECTIONS):
            if not left_over.size:
                break
            ends = points[left_over] + sign * wide
            near, far = points[left_over], ends
            left, right = (far, near) if sign < 0 else (near, far)
            values = np.stack(phi.derivatives(panel_nodes(left, right)[0]))
            size = np.abs(values).max(axis=2)
            with np.errstate(invalid="ignore"):
                fine = (_tail(values) <= _resolution(size)).all(axis=0)
            limits = values @ at_ends(ORDER, _DEGREE)[0 if sign > 0 else 1]
            beside = np.stack(phi.derivatives(_beside(near, sign)))
            close = np.abs(beside - limits) <= _AT_EDGE * (_TOLERANCE * size + _ROUNDING)
            found[left_over[fine], row] = np.where(close, beside, limits)[:, fine].T
            left_over, wide = left_over[~fine], wide[~fine] / 2
        if left_over.size:
            side = "left" if sign < 0 else "right"
            raise ValueError(
                f"activation {phi.name!r}: phi, phi' or phi'' has no limit at "
                f"{points[left_over[0]]:.17g} from the {side}; allowed is one that has"
            )
    return found


def _beside(points: FloatArray, sign: float) -> FloatArray:
    """The next float on that side; at 0 a tiny normal number, as others may be flushed to 0."""
    return np.where(points == 0.0, sign * 1e-200, np.nextafter(points, sign * np.inf))


def _running_size(reach: FloatArray, size: FloatArray) -> FloatArray:
    """max |g(u)| over |u| <= reach for each panel: what the error there is held against.

    ``reach`` has shape (panels,), ``size`` and the result (functions, panels).
    """
    order = np.argsort(reach, kind="stable")
    running = np.maximum.accumulate(size[:, order], axis=1)
    # The panels of one reach on either side of 0 share their value.
    last = np.searchsorted(reach[order], reach, side="right") - 1
    return running[:, last]
