"""Expectations E[g(sqrt(q) Z)], Z ~ N(0, 1), for g built of phi, phi' and phi''.

phi and its derivatives are tabulated once, in u = sqrt(q) z, on composite Gauss-Legendre panels:
split at 0 and at the kinks, an octave wide so that the Gaussian of any q in the table's range is
resolved, and bisected until the Legendre coefficients of phi, phi' and phi'' have decayed. An
expectation at one q is then a weighted sum of stored values, without another call of phi.

With 24 nodes a panel, and the coefficients past the 16th below 2e-13 of the function's size, the
error of a moment is below 1e-12 relative; tests hold it to that against 30-digit references.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from edgeofchaos.activations import Activation

ORDER = 24  # Gauss-Legendre nodes a panel
Z_MAX = 12.0  # the Gaussian mass beyond is 4e-33
_RESOLVED_FROM = 16  # coefficients from here on have to be negligible
_TOLERANCE = 2e-13
_OCTAVES = 8  # a table serves sqrt(q) in [2^(8 j), 2^(8 j + 8))
_ROUNDING = 2e-14
_FEATURE = -6
_MAX_BISECTIONS = 40
_MAX_PANELS = 20_000
_Q_MIN, _Q_MAX = 1e-40, 1e40
_Q_SEARCHED = 1e10  # as far as searches go (meanfield.log_grid)


@cache
def gauss_legendre(order: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on [-1, 1]."""
    return np.polynomial.legendre.leggauss(order)


@cache
def _legendre_tail(order: int) -> np.ndarray:
    """Matrix from values at the Gauss nodes to the Legendre coefficients past the 16th."""
    nodes, weights = gauss_legendre(order)
    degrees = np.arange(order)
    vandermonde = np.polynomial.legendre.legvander(nodes, order - 1)
    return ((vandermonde * weights[:, None]).T * (degrees[:, None] + 0.5))[_RESOLVED_FROM:]


def panel_nodes(edges_left: np.ndarray, edges_right: np.ndarray, order: int = ORDER):
    """Nodes and weights of Gauss-Legendre panels: two arrays (..., order) for edges (...)."""
    nodes, weights = gauss_legendre(order)
    half = 0.5 * (edges_right - edges_left)
    centre = 0.5 * (edges_right + edges_left)
    return centre[..., None] + half[..., None] * nodes, half[..., None] * weights


class TooFine(ValueError):
    """phi varies too fast, too far out, to be tabulated for variances this large."""


def resolved_edges(phi: Activation, edges: np.ndarray) -> np.ndarray:
    """Edges of panels on which phi, phi', phi'' are polynomials of degree 15 to 2e-13.

    Starts from ``edges`` (sorted; 0 and the kinks inside the range are added) and bisects.

    Raises:
        TooFine: more than 20,000 panels would be needed.
        ValueError: panels are still not resolved after 40 bisections (an undeclared kink).
    """
    inside = [k for k in phi.kinks if edges[0] < k < edges[-1]]
    edges = np.unique(np.concatenate([edges, inside, [0.0]]))
    left, right = edges[:-1], edges[1:]
    kept: list[np.ndarray] = []
    for _ in range(_MAX_BISECTIONS):
        nodes, _weights = panel_nodes(left, right)
        values = np.stack(phi.derivatives(nodes))  # (3, panels, order)
        finite = np.isfinite(values).all(axis=(0, 2))
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


def _running_size(reach: np.ndarray, size: np.ndarray) -> np.ndarray:
    """max |g(u)| over |u| <= reach, for each panel: what its error is held against."""
    order = np.argsort(reach, kind="stable")
    running = np.maximum.accumulate(size[:, order], axis=1)
    # Panels of equal reach share their value (both signs of u).
    last = np.searchsorted(reach[order], reach, side="right") - 1
    return running[:, last]


@dataclass(frozen=True)
class Table:
    """phi, phi', phi'' at quadrature nodes u (sorted) with weights, for sqrt(q) in one range."""

    u: np.ndarray
    weight: np.ndarray
    phi: np.ndarray
    slope: np.ndarray
    curvature: np.ndarray
    slope_left: float  # phi'(0-)
    slope_right: float  # phi'(0+)

    @cached_property
    def products(self) -> np.ndarray:
        """Rows: phi, phi^2, phi'^2, phi'' phi, phi''^2, u phi phi', psi^2, psi'^2, phi'.

        psi(u) = phi(u) - phi'(0 +- ) u: phi with its linear part at 0 taken off on either side.
        """
        side = np.where(self.u < 0, self.slope_left, self.slope_right)
        # What overflows is refused where it is used, in _require_finite.
        with np.errstate(over="ignore", invalid="ignore"):
            psi, psi_slope = self.phi - side * self.u, self.slope - side
            p, s, c = self.phi, self.slope, self.curvature
            rows = (p, p * p, s * s, c * p, c * c, self.u * p * s, psi**2, psi_slope**2, s)
        return np.stack(rows)

    def density(self, q: np.ndarray) -> np.ndarray:
        """Quadrature weights times the N(0, q) density: (len(q), nodes)."""
        q = np.asarray(q, dtype=np.float64)[:, None]
        with np.errstate(under="ignore"):
            return self.weight * np.exp(self.u**2 * (-0.5 / q)) / np.sqrt(2 * np.pi * q)


MEAN, SECOND, SLOPE2, CURVATURE_PHI, CURVATURE2, U_PHI_SLOPE, PSI2, PSI_SLOPE2, SLOPE = range(9)


def level(q: float) -> int:
    """The index j of the table that serves q."""
    if not (_Q_MIN <= q <= _Q_MAX):
        raise ValueError(f"q = {q!r}; a variance between {_Q_MIN:g} and {_Q_MAX:g} is allowed")
    return math.floor(0.5 * math.log2(q) / _OCTAVES)


def build_table(phi: Activation, j: int, extra: np.ndarray | None = None) -> Table:
    """Tabulate phi for sqrt(q) in [2^(8j), 2^(8j+8)), with ``extra`` edges if given."""
    # However wide the Gaussian, features of phi as small as _FEATURE have to meet a node.
    low = min(_OCTAVES * j - 3, _FEATURE)
    high = _OCTAVES * (j + 1) + 4
    octaves = 2.0 ** np.arange(low, high + 1)
    edges = np.concatenate([-octaves[::-1], [0.0], octaves])
    if extra is not None:
        edges = np.unique(np.concatenate([edges, extra[np.abs(extra) < octaves[-1]]]))
    edges = resolved_edges(phi, edges)
    nodes, weights = panel_nodes(edges[:-1], edges[1:])
    values = phi.derivatives(nodes.ravel())
    left, right = phi.one_sided(0.0)[:, 1]
    return Table(nodes.ravel(), weights.ravel(), *values, float(left), float(right))


def table(phi: Activation, j: int) -> Table:
    """The table of phi at level j, built once and kept with phi."""
    key = ("table", j)
    if key not in phi.cache:
        phi.cache[key] = build_table(phi, j)
    return phi.cache[key]


def largest_variance(phi: Activation) -> float:
    """The variance below which phi can be tabulated: infinite unless phi oscillates for ever."""
    if "largest_variance" not in phi.cache:
        phi.cache["largest_variance"] = math.inf
        for j in range(level(_Q_MAX) + 1):
            try:
                table(phi, j)
            except TooFine:
                if j == 0:
                    raise
                phi.cache["largest_variance"] = 4.0 ** (_OCTAVES * j)
                break
            if 4.0 ** (_OCTAVES * (j + 1)) > _Q_SEARCHED:
                break
    return phi.cache["largest_variance"]


def moments(phi: Activation, q, rows) -> np.ndarray:
    """E of the chosen product rows under N(0, q): shape (len(rows),) + shape of q.

    ``rows`` are the module's constants (MEAN, SECOND, SLOPE2, ...). Atoms of phi'' at kinks are
    not in them: see :func:`curvature_phi`.

    Raises:
        ValueError: q is not positive and finite, or phi is not finite within 12 standard
            deviations (it grows too fast for float64).
    """
    rows = list(rows)
    if isinstance(q, float):
        return _moments_at(phi, q, rows)
    q = np.asarray(q, dtype=np.float64)
    if q.ndim == 0:
        return _moments_at(phi, float(q), rows)
    out = np.empty((len(rows), q.size))
    flat = q.ravel()
    levels = np.array([level(float(x)) for x in flat])
    for j in np.unique(levels):
        chosen = levels == j
        tab = table(phi, int(j))
        part = _within(tab, float(flat[chosen].max()))
        density = _clip(tab, part).density(flat[chosen])
        with np.errstate(invalid="ignore", over="ignore"):
            out[:, chosen] = tab.products[rows, part] @ density.T
    _require_finite(phi, out, float(flat.max(initial=1.0)))
    return out.reshape(len(rows), *q.shape)


def _moments_at(phi: Activation, q: float, rows: list[int]) -> np.ndarray:
    tab = table(phi, level(q))
    part = _within(tab, q)
    u = tab.u[part]
    density = tab.weight[part] * np.exp(u * u * (-0.5 / q))
    with np.errstate(invalid="ignore", over="ignore"):
        out = (tab.products[rows, part] @ density) / math.sqrt(2 * math.pi * q)
    _require_finite(phi, out, q)
    return out


def _within(tab: Table, q: float) -> slice:
    reach = Z_MAX * math.sqrt(q)
    return slice(int(tab.u.searchsorted(-reach)), int(tab.u.searchsorted(reach)))


def _clip(tab: Table, part: slice) -> Table:
    fields = (tab.u, tab.weight, tab.phi, tab.slope, tab.curvature)
    return Table(*(f[part] for f in fields), tab.slope_left, tab.slope_right)


def _require_finite(phi: Activation, values: np.ndarray, q: float) -> None:
    if not np.isfinite(values).all():
        raise ValueError(
            f"activation {phi.name!r} overflows within 12 standard deviations of N(0, {q:g}); "
            "it must grow no faster than a polynomial"
        )


def normal_density(u, q):
    """Density of N(0, q) at u."""
    return np.exp(-(np.asarray(u) ** 2) / (2 * q)) / np.sqrt(2 * np.pi * np.asarray(q))


def atoms(phi: Activation, q, weights: np.ndarray) -> np.ndarray:
    """Sum over kinks of ``weights`` times the N(0, q) density at the kink; shape of q."""
    q = np.asarray(q, dtype=np.float64)
    total = np.zeros(q.shape)
    for kink, weight in zip(phi.kinks, weights, strict=True):
        if weight != 0.0:
            total = total + weight * normal_density(kink, q)
    return total


def mean(phi: Activation, q):
    """E[phi(sqrt(q) Z)]."""
    return moments(phi, q, [MEAN])[0]


def second_moment(phi: Activation, q):
    """E[phi(sqrt(q) Z)^2]."""
    return moments(phi, q, [SECOND])[0]


def slope_second_moment(phi: Activation, q):
    """E[phi'(sqrt(q) Z)^2]."""
    return moments(phi, q, [SLOPE2])[0]


def curvature_phi(phi: Activation, q):
    """E[phi''(sqrt(q) Z) phi(sqrt(q) Z)], atoms of phi'' at kinks included."""
    jumps = phi.slope_jumps
    at_kinks = phi(np.array(phi.kinks)) if phi.kinks else np.zeros(0)
    return moments(phi, q, [CURVATURE_PHI])[0] + atoms(phi, q, jumps * at_kinks)


def curvature_second_moment(phi: Activation, q):
    """E[phi''(sqrt(q) Z)^2]; infinite where phi' jumps."""
    if np.any(np.abs(phi.slope_jumps) > 1e-12):
        return np.full(np.shape(q), np.inf)
    return moments(phi, q, [CURVATURE2])[0]
