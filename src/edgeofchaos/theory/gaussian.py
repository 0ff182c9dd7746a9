"""Expectations E[g(sqrt(q) Z)], Z ~ N(0, 1), for g built of phi, phi' and phi''.

phi and its derivatives are evaluated once, at the nodes u = sqrt(q) z of Gauss-Legendre panels
(panels.py), and kept with phi: its *tabulation*. The panels are at most an octave wide, so that
the Gaussian of any variance in the tabulation's range is resolved. An expectation at one q is then
a weighted sum of stored values, without another call of phi. Its relative error is below 1e-12.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from edgeofchaos.activations import Activation
from edgeofchaos.arguments import numbers
from edgeofchaos.panels import TooFine, octaves, panel_nodes, resolved
from edgeofchaos.theory.arrays import FloatArray

Z_MAX = 12.0  # standard deviations; the Gaussian mass beyond is 4e-33
_OCTAVES = 8  # one tabulation serves sqrt(q) in [2^(8 j), 2^(8 j + 8))
_FEATURE = -6  # panels near 0 are as narrow as 2^-6 at every q
_Q_MIN, _Q_MAX = 1e-40, 1e40
_Q_SEARCHED = 1e10  # as far as searches for fixed points and edges go (variance.log_grid)

# The rows of Tabulation.products: E[phi], E[phi^2], E[phi'^2], ... are named by these.
MEAN, SECOND, SLOPE2, CURVATURE_PHI, CURVATURE2, U_PHI_SLOPE, PSI2, PSI_SLOPE2, SLOPE = range(9)


@dataclass(frozen=True)
class Tabulation:
    """phi, phi', phi'' at quadrature nodes u (sorted), with weights, for sqrt(q) in one range.

    All arrays have shape (nodes,).
    """

    u: FloatArray
    weight: FloatArray
    phi: FloatArray
    slope: FloatArray
    curvature: FloatArray
    slope_left: float  # phi'(0-)
    slope_right: float  # phi'(0+)

    @cached_property
    def products(self) -> FloatArray:
        """phi, phi^2, phi'^2, phi'' phi, phi''^2, u phi phi', psi^2, psi'^2 and phi' at the nodes.

        psi(u) is phi(u) less its linear part at 0, phi'(0+) u for u > 0 and phi'(0-) u for u < 0.
        The array has shape (9, nodes); MEAN, SECOND, SLOPE2, ... are its row numbers.
        """
        side = np.where(self.u < 0, self.slope_left, self.slope_right)
        # What overflows is refused where it is used, in _require_finite.
        with np.errstate(over="ignore", invalid="ignore"):
            psi, psi_slope = self.phi - side * self.u, self.slope - side
            p, s, c = self.phi, self.slope, self.curvature
            rows = (p, p * p, s * s, c * p, c * c, self.u * p * s, psi**2, psi_slope**2, s)
        return np.stack(rows)

    def density(self, q: ArrayLike) -> FloatArray:
        """Quadrature weights times the N(0, q) density: shape (len(q), nodes)."""
        column = np.asarray(q, dtype=np.float64)[:, None]
        with np.errstate(under="ignore"):
            return self.weight * np.exp(self.u**2 * (-0.5 / column)) / np.sqrt(2 * np.pi * column)


def level(q: float) -> int:
    """The index j of the tabulation that serves the variance q.

    Raises:
        ValueError: q is not between 1e-40 and 1e40.
    """
    if not (_Q_MIN <= q <= _Q_MAX):
        raise ValueError(f"q = {q!r}; a variance between {_Q_MIN:g} and {_Q_MAX:g} is allowed")
    return math.floor(0.5 * math.log2(q) / _OCTAVES)


def build_tabulation(phi: Activation, j: int, extra: FloatArray | None = None) -> Tabulation:
    """Tabulate phi for sqrt(q) in [2^(8j), 2^(8j+8)), with ``extra`` panel edges if given.

    Raises:
        ValueError: as :func:`edgeofchaos.panels.resolved`.
    """
    # However wide the Gaussian, a feature of phi about 0 as small as 2^_FEATURE meets a node.
    low = min(_OCTAVES * j - 3, _FEATURE)
    high = _OCTAVES * (j + 1) + 4
    edges = octaves(low, high)
    if extra is not None:
        edges = np.unique(np.concatenate([edges, extra[np.abs(extra) < edges[-1]]]))
    panels = resolved(phi, edges)
    nodes, weights = panel_nodes(panels.left, panels.right)
    value, slope, curvature = panels.values.reshape(3, -1)
    left, right = phi.one_sided(0.0)[:, 1]
    return Tabulation(
        nodes.ravel(), weights.ravel(), value, slope, curvature, float(left), float(right)
    )


def tabulation(phi: Activation, j: int) -> Tabulation:
    """The tabulation of phi at level j, built once and kept with phi."""
    key = ("tabulation", j)
    if key not in phi.cache:
        phi.cache[key] = build_tabulation(phi, j)
    return phi.cache[key]


def largest_variance(phi: Activation) -> float:
    """The variance below which phi can be tabulated: infinite, unless phi oscillates for ever."""
    if "largest_variance" not in phi.cache:
        phi.cache["largest_variance"] = math.inf
        for j in range(level(_Q_MAX) + 1):
            try:
                tabulation(phi, j)
            except TooFine:
                if j == 0:
                    raise
                phi.cache["largest_variance"] = 4.0 ** (_OCTAVES * j)
                break
            if 4.0 ** (_OCTAVES * (j + 1)) > _Q_SEARCHED:
                break
    return phi.cache["largest_variance"]


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
        ValueError: q is not positive and finite, or phi is not finite within 12 standard
            deviations (it grows too fast for float64).
    """
    rows = list(rows)
    if isinstance(q, float):
        return _moments_at(phi, q, rows)
    variances = numbers("q", q, _Q_MIN, _Q_MAX, what="variance")
    if variances.ndim == 0:
        return _moments_at(phi, float(variances), rows)
    out = np.empty((len(rows), variances.size))
    flat = variances.ravel()
    levels = np.array([level(float(x)) for x in flat])
    for j in np.unique(levels):
        chosen = levels == j
        tab = tabulation(phi, int(j))
        part = _within(tab, float(flat[chosen].max()))
        density = _clip(tab, part).density(flat[chosen])
        with np.errstate(invalid="ignore", over="ignore"):
            out[:, chosen] = tab.products[rows, part] @ density.T
    _require_finite(phi, out, float(flat.max(initial=1.0)))
    return out.reshape(len(rows), *variances.shape)


def _moments_at(phi: Activation, q: float, rows: list[int]) -> FloatArray:
    tab = tabulation(phi, level(q))
    part = _within(tab, q)
    u = tab.u[part]
    density = tab.weight[part] * np.exp(u * u * (-0.5 / q))
    with np.errstate(invalid="ignore", over="ignore"):
        out = (tab.products[rows, part] @ density) / math.sqrt(2 * math.pi * q)
    _require_finite(phi, out, q)
    return out


def _within(tab: Tabulation, q: float) -> slice:
    """The nodes within 12 standard deviations of N(0, q)."""
    reach = Z_MAX * math.sqrt(q)
    return slice(int(tab.u.searchsorted(-reach)), int(tab.u.searchsorted(reach)))


def _clip(tab: Tabulation, part: slice) -> Tabulation:
    """The tabulation at some of its nodes."""
    return Tabulation(
        tab.u[part],
        tab.weight[part],
        tab.phi[part],
        tab.slope[part],
        tab.curvature[part],
        tab.slope_left,
        tab.slope_right,
    )


def _require_finite(phi: Activation, values: FloatArray, q: float) -> None:
    if not np.isfinite(values).all():
        raise ValueError(
            f"activation {phi.name!r} overflows within 12 standard deviations of N(0, {q:g}); "
            "it must grow no faster than a polynomial"
        )


def normal_density(u: ArrayLike, q: ArrayLike) -> FloatArray:
    """The density of N(0, q) at u, broadcast over both."""
    u, q = np.asarray(u), np.asarray(q)
    return np.exp(-(u**2) / (2 * q)) / np.sqrt(2 * np.pi * q)


def atoms(phi: Activation, q: ArrayLike, weights: FloatArray) -> FloatArray:
    """Sum over the kinks of ``weights`` times the N(0, q) density at the kink; shape of q.

    An *atom* is what a jump of phi' at a kink adds to an expectation with phi'' in it.
    """
    q = np.asarray(q, dtype=np.float64)
    total = np.zeros(q.shape)
    for kink, weight in zip(phi.kinks, weights, strict=True):
        if weight != 0.0:
            total = total + weight * normal_density(kink, q)
    return total


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
    jumps = phi.slope_jumps
    at_kinks = phi(np.array(phi.kinks)) if phi.kinks else np.zeros(0)
    return _moment(phi, q, CURVATURE_PHI) + atoms(phi, q, jumps * at_kinks)


def curvature_second_moment(phi: Activation, q: ArrayLike) -> FloatArray:
    """E[phi''(sqrt(q) Z)^2], in the shape of q; infinite where phi' jumps."""
    if np.any(np.abs(phi.slope_jumps) > 1e-12):
        return np.full(np.shape(q), np.inf)
    return _moment(phi, q, CURVATURE2)


def _moment(phi: Activation, q: ArrayLike, row: int) -> FloatArray:
    return moments(phi, q, [row])[0]
