"""Panels beside each other with phi, phi' and phi'' on each, and what a panel is off by.

On a panel the three functions are held at 24 Gauss nodes, which stand for polynomials of degree 15.
What is left of the values past that degree, the *tail*, tells how far these are off.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from edgeofchaos.panels.legendre import FloatArray, at_ends, gauss_legendre, to_coefficients

ORDER = 24  # Gauss-Legendre nodes a panel
RESOLVED_FROM = 16  # Legendre coefficients from this one on have to be negligible
DEGREE = RESOLVED_FROM - 1
TOLERANCE = 2e-13
_ROUNDING = 2e-14
_OF_U = 0.05  # of that
NAMES = ("phi", "phi'", "phi''")


@dataclass(frozen=True)
class Panels:
    """Panels beside each other, sorted, and phi, phi', phi'' at the nodes of each.

    Attributes:
        left, right: their edges, (panels,).
        values: (3, panels, ORDER).
        floor: errors at smaller |u| are held against phi's size up to there.
    """

    left: FloatArray
    right: FloatArray
    values: FloatArray
    floor: float

    @property
    def edges(self) -> FloatArray:
        """All edges, sorted: (panels + 1,)."""
        return np.append(self.left, self.right[-1])

    @cached_property
    def tail(self) -> FloatArray:
        """What the polynomials are off by: (3, panels)."""
        return tail(self.values)

    @cached_property
    def allowed(self) -> FloatArray:
        """What they may be off by: (3, panels)."""
        size = np.abs(self.values).max(axis=2)
        against = held_against(self.outer, self.floor)
        return resolution(running_size(self.outer, size, against), self.outer, size)

    @property
    def outer(self) -> FloatArray:
        """The largest |u| on each panel."""
        return outer(self.left, self.right)

    @cached_property
    def ends(self) -> tuple[FloatArray, FloatArray]:
        """The polynomials at the left and at the right end of each panel: two (3, panels)."""
        at = self.values @ at_ends(ORDER, DEGREE).T
        return at[..., 0], at[..., 1]


def outer(left: FloatArray, right: FloatArray) -> FloatArray:
    """The largest |u| between these edges."""
    return np.maximum(np.abs(left), np.abs(right))


def panel_nodes(
    edges_left: FloatArray, edges_right: FloatArray, order: int = ORDER
) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss-Legendre panels: two arrays (..., order) for edges (...)."""
    nodes, weights = gauss_legendre(order)
    half = 0.5 * (edges_right - edges_left)
    centre = 0.5 * (edges_right + edges_left)
    return centre[..., None] + half[..., None] * nodes, half[..., None] * weights


def octaves(low: int, high: int) -> FloatArray:
    """0 and the powers of 2 from 2^low to 2^high, on both sides: edges to start from."""
    powers = 2.0 ** np.arange(low, high + 1)
    return np.concatenate([-powers[::-1], [0.0], powers])


def tail(values: FloatArray) -> FloatArray:
    """The largest Legendre coefficient past the 16th of values (..., ORDER): (...)."""
    return np.abs(values @ to_coefficients(ORDER)[RESOLVED_FROM:].T).max(axis=-1)


def held_against(reach: FloatArray, floor: float) -> FloatArray:
    """The |u| up to which phi's size is what errors on panels that reach so far are held against.

    A little beyond the panel every Gaussian is nearly as large as there.
    """
    return np.maximum(1.05 * reach, floor)


def resolution(
    size: FloatArray, reach: FloatArray | float, own: FloatArray | None = None
) -> FloatArray:
    """What functions of these sizes, phi, phi' and phi'' along the first axis, are resolved to.

    They are of panels that reach to |u| = ``reach``, and ``own`` are the sizes on these panels.
    """
    # autograd's phi'' carries the rounding of phi/u^2 and phi'/u, also where it vanishes itself,
    # and each function that of u.
    far = np.maximum(reach, 1.0)
    carried = np.stack([
        np.max([size[j] / far ** (k - j) for j in range(k + 1)], axis=0) for k in range(3)
    ])  # fmt: skip
    carried[:2] += _OF_U * far * (size if own is None else own)[1:]
    return TOLERANCE * size + _ROUNDING * carried


def running_size(reach: FloatArray, size: FloatArray, at: FloatArray) -> FloatArray:
    """max |g(u)| over |u| <= ``at``, from the sizes of panels that reach so far.

    ``reach`` has shape (panels,), ``size`` (functions, panels), the result (functions, len(at)).
    """
    order = np.argsort(reach, kind="stable")
    running = np.maximum.accumulate(size[:, order], axis=1)
    # The panels of one reach on either side of 0 share their value.
    last = np.searchsorted(reach[order], at, side="right") - 1
    return running[:, np.maximum(last, 0)]
