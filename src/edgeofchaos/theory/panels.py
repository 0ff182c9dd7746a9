"""Gauss-Legendre quadrature on panels, fine enough to resolve an activation phi.

Panels end at 0 and at the kinks of phi, and are bisected until phi, phi' and phi'' are polynomials
of degree 15 on each, to 2e-13 of their size. With 24 nodes a panel the error of an expectation is
then below 1e-12 relative; tests hold it to that against references of 30 digits.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from edgeofchaos.activations import Activation
from edgeofchaos.theory.arrays import FloatArray

ORDER = 24  # Gauss-Legendre nodes a panel
_RESOLVED_FROM = 16  # Legendre coefficients from this one on have to be negligible
_TOLERANCE = 2e-13
_ROUNDING = 2e-14
_MAX_BISECTIONS = 40
_MAX_PANELS = 20_000


class TooFine(ValueError):
    """phi varies too fast, too far out, to be tabulated for variances this large."""


@cache
def gauss_legendre(order: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of the Gauss-Legendre rule on [-1, 1]: two arrays of shape (order,)."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    return nodes, weights


@cache
def _legendre_tail(order: int) -> FloatArray:
    """The matrix from values at the Gauss nodes to the Legendre coefficients past the 16th."""
    nodes, weights = gauss_legendre(order)
    degrees = np.arange(order)
    vandermonde = np.polynomial.legendre.legvander(nodes, order - 1)
    return ((vandermonde * weights[:, None]).T * (degrees[:, None] + 0.5))[_RESOLVED_FROM:]


def panel_nodes(
    edges_left: FloatArray, edges_right: FloatArray, order: int = ORDER
) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss-Legendre panels: two arrays (..., order) for edges (...)."""
    nodes, weights = gauss_legendre(order)
    half = 0.5 * (edges_right - edges_left)
    centre = 0.5 * (edges_right + edges_left)
    return centre[..., None] + half[..., None] * nodes, half[..., None] * weights


def resolved_edges(phi: Activation, edges: FloatArray) -> FloatArray:
    """Edges of panels on which phi, phi' and phi'' are polynomials of degree 15 to 2e-13.

    Args:
        phi: the activation.
        edges: sorted edges to start from; 0 and the kinks inside their range are added.

    Returns:
        The edges after bisection, sorted: shape (panels + 1,).

    Raises:
        TooFine: more than 20,000 panels would be needed.
        ValueError: panels are still not resolved after 40 bisections (an undeclared kink).
    """
    inside = [k for k in phi.kinks if edges[0] < k < edges[-1]]
    edges = np.unique(np.concatenate([edges, inside, [0.0]]))
    left, right = edges[:-1], edges[1:]
    kept: list[FloatArray] = []
    for _ in range(_MAX_BISECTIONS):
        nodes, _weights = panel_nodes(left, right)
        values = np.stack(phi.derivatives(nodes))  # (3, panels, order)
        finite = np.asarray(np.isfinite(values).all(axis=(0, 2)))
        values = np.where(finite[None, :, None], values, 0.0)
        tail = np.abs(values @ _legendre_tail(ORDER).T).max(axis=2)
        reach = np.maximum(np.abs(left), np.abs(right))
        size = _running_size(reach, np.abs(values).max(axis=2))
        # autograd's phi'' carries the rounding of phi and phi', also where it vanishes itself.
        allowed = _TOLERANCE * size + _ROUNDING * size.max(axis=0)
        fine = (tail <= allowed).all(axis=0) | ~finite
        kept.append(np.stack([left[fine], right[fine]]))
        if fine.all():
            return np.unique(np.concatenate(kept, axis=1))
        if left.size > _MAX_PANELS:
            raise TooFine(
                f"activation {phi.name!r} varies too fast to be followed up to "
                f"|u| = {np.abs(edges).max():.3g}; a smaller variance is allowed"
            )
        middle = 0.5 * (left[~fine] + right[~fine])
        left = np.concatenate([left[~fine], middle])
        right = np.concatenate([middle, right[~fine]])
    where = 0.5 * (left + right)[0]
    raise ValueError(
        f"activation {phi.name!r} is not smooth near {where:.6g}; "
        f"declare it in kinks=({where:.6g},)"
    )


def _running_size(reach: FloatArray, size: FloatArray) -> FloatArray:
    """max |g(u)| over |u| <= reach for each panel: what the error there is held against.

    ``reach`` has shape (panels,), ``size`` and the result (functions, panels).
    """
    order = np.argsort(reach, kind="stable")
    running = np.maximum.accumulate(size[:, order], axis=1)
    # The panels of one reach on either side of 0 share their value.
    last = np.searchsorted(reach[order], reach, side="right") - 1
    return running[:, last]
