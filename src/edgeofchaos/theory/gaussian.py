"""Expectations E[g(sqrt(q) Z)], Z ~ N(0, 1), for g built of phi, phi' and phi''.

phi, phi' and phi'' are kept at the nodes of quadrature (tabulation.py), so that an expectation is a
weighted sum of stored values, without another call of phi. Its relative error is below 1e-12, or
below 1e-9 where rounding has left no more digits of phi (:func:`relative_error`). Where phi all but
stands still within 12 standard deviations, what lies beyond is left out: some 1e-31 of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from edgeofchaos.activations import Activation
from edgeofchaos.arguments import numbers
from edgeofchaos.panels import TooFine
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.tabulation import (
    CURVATURE2,
    CURVATURE_PHI,
    MEAN,
    PSI2,
    PSI_SLOPE2,
    Q_MAX,
    Q_MIN,
    ROWS,
    SECOND,
    SLOPE,
    SLOPE2,
    U_PHI_SLOPE,
    Z_MAX,
    Tabulation,
    atoms,
    counts_beyond,
    doubt,
    gaussian_weights,
    kink_weights,
    level,
    normal_density,
    tabulation,
)

_CANCELS = 0.1  # of E[phi'^2], below which the derivative of E[phi^2] is what cancels

__all__ = [
    "CURVATURE2", "CURVATURE_PHI", "MEAN", "PSI2", "PSI_SLOPE2", "ROWS", "SECOND", "SLOPE",
    "SLOPE2", "U_PHI_SLOPE", "curvature_phi", "curvature_second_moment", "mean", "moments",
    "second_moment", "second_moment_slope", "slope_second_moment",
]  # fmt: skip


def moments(phi: Activation, q: ArrayLike, rows: Sequence[int]) -> FloatArray:
    """Expectations under N(0, q) of the chosen products of phi, phi' and phi''.

    Args:
        phi: the activation.
        q: variances, of any shape.
        rows: this module's constants MEAN, SECOND, SLOPE2, ... phi'' is taken off the kinks; what
            the jumps of phi' at kinks add is in :func:`curvature_phi`.

    Returns:
        An array of shape (len(rows),) + shape of q.

    Raises:
        ValueError: q is not positive and finite, or phi is not known well enough within 12
            standard deviations, or counts beyond: the message says which, and where.
    """
    rows = list(rows)
    if isinstance(q, float):
        return _moments_at(phi, q, rows)
    variances = numbers("q", q, Q_MIN, Q_MAX, what="variance")
    if variances.ndim == 0:
        return _moments_at(phi, float(variances), rows)
    out = np.empty((len(rows), variances.size))
    flat = variances.ravel()
    levels = np.array([level(float(x)) for x in flat])
    for j in np.unique(levels):
        chosen = levels == j
        tab = _tabulated(phi, int(j), flat[chosen])
        part = tab.within(float(flat[chosen].max()))
        density = gaussian_weights(tab.u[part], tab.weight[part], flat[chosen])
        out[:, chosen] = tab.products[rows, part] @ density.T
    return out.reshape(len(rows), *variances.shape)


def _moments_at(phi: Activation, q: float, rows: list[int]) -> FloatArray:
    tab = _tabulated(phi, level(q), np.array([q]))
    part = tab.within(q)
    u = tab.u[part]
    density = tab.weight[part] * np.exp(u * u * (-0.5 / q))
    return (tab.products[rows, part] @ density) / math.sqrt(2 * math.pi * q)


def _tabulated(phi: Activation, j: int, q: FloatArray) -> Tabulation:
    """The tabulation at level j, which serves the variances q.

    Raises:
        ValueError: expectations at one of them are not known.
    """
    try:
        tab = tabulation(phi, j)
        doubted = [] if tab.certain_to(float(q.max())) else q.tolist()
        unknown = ((x, doubt(phi, tab, x)) for x in doubted)
        bad, why = next(((x, reason) for x, reason in unknown if reason), (math.nan, ""))
    except TooFine as error:
        bad, why = float(q[0]), str(error)
    if why:
        raise ValueError(
            f"activation {phi.name!r}: expectations at the variance q = {bad:.6g} need |u| up to "
            f"{Z_MAX * math.sqrt(bad):.6g}, and {why}; allowed are variances without that"
        )
    return tab


def relative_error(phi: Activation, q: float) -> float:
    """What E[phi^2] and E[phi'^2] at q may be off by, relative: 1e-12, or 1e-9 where phi is noisy.

    More where that comes of the rounding of kinks, as of two that are 1e-6 apart and 3 away from 0.
    Infinite where they are not known, or where what lies beyond 12 standard deviations counts.
    """
    try:
        tab = _tabulated(phi, level(q), np.array([q]))
    except ValueError:
        return math.inf
    if counts_beyond(tab, q):
        return math.inf
    return max(1e-9 if tab.suspect else 1e-12, _of_kinks(phi, q))


def _of_kinks(phi: Activation, q: float) -> float:
    """What E[phi'^2] at q may be off by, relative, for kinks have 15 digits."""
    squares = np.array([phi.one_sided(k)[:, 1] ** 2 for k in phi.kinks]).reshape(-1, 2)
    off = 5e-15 * np.abs(phi.kinks) * np.abs(squares[:, 1] - squares[:, 0])
    density = normal_density(np.array(phi.kinks), q) if q > 0 else np.zeros(len(off))
    slope2 = float(slope_second_moment(phi, q)) if off.any() else 1.0
    return float(off @ density) / slope2 if slope2 > 0 else 0.0


def mean(phi: Activation, q: ArrayLike) -> FloatArray:
    """E[phi(sqrt(q) Z)], in the shape of q."""
    return _moment(phi, q, MEAN)


def second_moment(phi: Activation, q: ArrayLike) -> FloatArray:
    """E[phi(sqrt(q) Z)^2], in the shape of q.

    Example:
        >>> from edgeofchaos import activation
        >>> second_moment(activation("relu"), [1.0, 4.0]).round(12)
        array([0.5, 2. ])
    """
    return _moment(phi, q, SECOND)


def slope_second_moment(phi: Activation, q: ArrayLike) -> FloatArray:
    """E[phi'(sqrt(q) Z)^2], in the shape of q."""
    return _moment(phi, q, SLOPE2)


def curvature_phi(phi: Activation, q: ArrayLike) -> FloatArray:
    """E[phi''(sqrt(q) Z) phi(sqrt(q) Z)], in the shape of q.

    A kink k adds (phi'(k+) - phi'(k-)) phi(k) times the density of N(0, q) at k.
    """
    return _moment(phi, q, CURVATURE_PHI) + atoms(phi, q, kink_weights(phi))


def second_moment_slope(phi: Activation, q: ArrayLike) -> FloatArray:
    """The derivative of E[phi(sqrt(q) Z)^2] by q, in the shape of q.

    It is E[phi'^2] + E[phi'' phi], and E[U phi phi']/q by Stein's identity: the second where the
    two terms of the first nearly cancel and the second does not.
    """
    second, slope2, cross = moments(phi, q, [SECOND, SLOPE2, U_PHI_SLOPE])
    cross = cross / np.asarray(q)
    small = (np.abs(cross) < _CANCELS * slope2) & (second < q * slope2)
    return np.where(small, cross, slope2 + curvature_phi(phi, q))[()]


def curvature_second_moment(phi: Activation, q: ArrayLike) -> FloatArray:
    """E[phi''(sqrt(q) Z)^2], in the shape of q; infinite where phi' jumps."""
    if np.any(np.abs(phi.slope_jumps) > 1e-12):
        return np.full(np.shape(q), np.inf)
    return _moment(phi, q, CURVATURE2)


def _moment(phi: Activation, q: ArrayLike, row: int) -> FloatArray:
    return moments(phi, q, [row])[0]
