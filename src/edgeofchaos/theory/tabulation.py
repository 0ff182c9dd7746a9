"""phi, phi' and phi'' at quadrature nodes, kept with phi, and the variances these serve.

phi and its derivatives are evaluated once, at the nodes u = sqrt(q) z of Gauss-Legendre panels
(:mod:`edgeofchaos.panels`), and kept with phi: its *tabulation*. The panels are at most an octave
wide, so that the Gaussian of any variance in the tabulation's range is resolved.

An expectation under N(0, q) asks for phi within 12 standard deviations. Where phi ends before that,
where what lies beyond counts, or where rounding has left too few digits of phi, it is refused with
the reason. And of every tabulation Stein's identity E[U phi phi']/q = E[phi'^2] + E[phi'' phi] is
asked for, U ~ N(0, q), which a kink that was lost or a wrong derivative breaks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from edgeofchaos.activations import Activation
from edgeofchaos.panels import (
    ORDER,
    Panels,
    TooFine,
    known_reach,
    noise,
    octaves,
    panel_nodes,
    resolved_with,
)
from edgeofchaos.theory.arrays import FloatArray

Z_MAX = 12.0  # standard deviations; the Gaussian mass beyond is 4e-33
_OCTAVES = 8  # one tabulation serves sqrt(q) in [2^(8 j), 2^(8 j + 8))
# Standard deviations, of the smallest variance, that noise may be held against the size of phi up
# to; `doubt` tells at which variances that is too much.
_WIDER, _WIDEST = 4.0, 1024.0
_FEATURE = -6  # panels near 0 are as narrow as 2^-6 at every q
Q_MIN, Q_MAX = 1e-40, 1e40
_GROWTH = 12.0  # the exponent of u up to which what lies beyond 12 deviations is negligible
_LATE = 1e-8  # of phi's size further out: squared and times the Gaussian at 12 it is negligible
_BEYOND = 1e-13  # part of an expectation that may lie there
_ALL_NOISE = 1e-6  # of phi's size close to 0, from where on panels are not tried
_NOISE = 1e-9  # part of an expectation that may be noise of phi
_STEIN = 1e-8  # part of its terms by which Stein's identity may fail
_NOTHING = 1e-24
_SUBNORMAL = 1e-290  # products below have few digits
_SEEN = 10.0  # times the noise that is seen, which Stein's identity may fail by
_ROUNDED = 1e-15  # relative, what phi, phi' and phi'' may be rounded by

# The rows of Tabulation.products: E[phi], E[phi^2], E[phi'^2], ... are named by these.
ROWS = 9
MEAN, SECOND, SLOPE2, CURVATURE_PHI, CURVATURE2, U_PHI_SLOPE, PSI2, PSI_SLOPE2, SLOPE = range(ROWS)


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
    off: FloatArray  # what phi, phi', phi'' may be off by, (3, nodes)
    end: float  # the |u| at which the panels end
    suspect: bool  # whether phi grows fast or is noisy, so that variances may be out of reach
    late: bool  # whether phi is next to nothing close to 0, so that what counts may lie beyond

    @cached_property
    def products(self) -> FloatArray:
        """phi, phi^2, phi'^2, phi'' phi, phi''^2, u phi phi', psi^2, psi'^2 and phi' at the nodes.

        psi(u) is phi(u) less its linear part at 0, phi'(0+) u for u > 0 and phi'(0-) u for u < 0.
        The array has shape (9, nodes); MEAN, SECOND, SLOPE2, ... are its row numbers.
        """
        side = np.where(self.u < 0, self.slope_left, self.slope_right)
        psi, psi_slope = self.phi - side * self.u, self.slope - side
        p, s, c = self.phi, self.slope, self.curvature
        rows = (p, p * p, s * s, c * p, c * c, self.u * p * s, psi**2, psi_slope**2, s)
        return np.stack(rows)

    @cached_property
    def functions(self) -> FloatArray:
        """phi, phi' and phi'' at the nodes: (3, nodes)."""
        return np.stack([self.phi, self.slope, self.curvature])

    @cached_property
    def rounded(self) -> float:
        """What the largest of them for |u| <= 1 may be rounded by."""
        return _ROUNDED * float(np.abs(self.functions[:, np.abs(self.u) <= 1.0]).max())

    def certain_to(self, q: float) -> bool:
        """Whether expectations are known at every variance of the range up to q, at sight."""
        return not self.suspect and Z_MAX * math.sqrt(q) <= self.end

    def within(self, q: float) -> slice:
        """The nodes within 12 standard deviations of N(0, q)."""
        reach = Z_MAX * math.sqrt(q)
        return slice(int(self.u.searchsorted(-reach)), int(self.u.searchsorted(reach)))


def gaussian_weights(u: FloatArray, weight: FloatArray, q: ArrayLike) -> FloatArray:
    """Quadrature weights times the N(0, q) density at nodes u: shape (len(q), nodes)."""
    column = np.asarray(q, dtype=np.float64)[:, None]
    with np.errstate(under="ignore"):
        return weight * np.exp(u**2 * (-0.5 / column)) / np.sqrt(2 * np.pi * column)


def level(q: float) -> int:
    """The index j of the tabulation that serves the variance q.

    Raises:
        ValueError: q is not between 1e-40 and 1e40.
    """
    if not (Q_MIN <= q <= Q_MAX):
        raise ValueError(f"q = {q!r}; a variance between {Q_MIN:g} and {Q_MAX:g} is allowed")
    return math.floor(0.5 * math.log2(q) / _OCTAVES)


def build_tabulation(phi: Activation, j: int, extra: FloatArray | None = None) -> Tabulation:
    """Tabulate phi for sqrt(q) in [2^(8j), 2^(8j+8)), with ``extra`` panel edges if given.

    Raises:
        ValueError: as :func:`edgeofchaos.panels.resolved`, or Stein's identity fails.
    """
    # However wide the Gaussian, a feature of phi about 0 as small as 2^_FEATURE meets a node.
    low = min(_OCTAVES * j - 3, _FEATURE)
    high = _OCTAVES * (j + 1) + 4
    edges = octaves(low, high)
    if extra is not None:
        edges = np.unique(np.concatenate([edges, extra[np.abs(extra) < edges[-1]]]))
    if found := noise(phi, 2.0 ** (_OCTAVES * j) / 8, _ALL_NOISE, derivatives=1):
        raise TooFine(found)
    floor = 2.0 ** (_OCTAVES * j)
    panels = resolved_with(phi, edges, (floor, _WIDER * floor, _WIDEST * floor))
    nodes, weights = panel_nodes(panels.left, panels.right)
    value, slope, curvature = panels.values.reshape(3, -1)
    left, right = phi.one_sided(0.0)[:, 1]
    end = min(-float(panels.left[0]), float(panels.right[-1]))
    tab = Tabulation(
        nodes.ravel(), weights.ravel(), value, slope, curvature, float(left), float(right),
        np.repeat(panels.tail, ORDER, axis=1), end,
        _grows_fast(panels) or _is_noisy(panels), _is_late(panels, _WIDER * floor),
    )  # fmt: skip
    return _with_stein(phi, tab, j)


def _grows_fast(panels: Panels) -> bool:
    """Whether phi, phi' or phi'' grows faster than a power over the last octave."""
    size, outer = np.abs(panels.values).max(axis=2), panels.outer
    last = size[:, outer > outer.max() / 2].max(axis=1)
    before = size[:, outer <= outer.max() / 2].max(axis=1)
    return bool((last > 2.0**_GROWTH * before).any())


def _is_late(panels: Panels, reach: float) -> bool:
    """Whether phi or phi' within ``reach`` is next to nothing of what it is further out.

    As where it is 0 up to a kink at 11 standard deviations.
    """
    size = np.abs(panels.values[:2]).max(axis=2)
    inner = size[:, panels.outer <= reach].max(axis=1)
    return bool((inner < _LATE * size.max(axis=1)).any())


def _is_noisy(panels: Panels) -> bool:
    """Whether phi, phi' or phi'' carries noise: anywhere, or close to 0 relative to itself."""
    near = panels.outer <= 2.0**_FEATURE
    size = np.abs(panels.values).max(axis=2)
    relative = panels.tail[:2, near] > _NOISE * size[:2, near]
    return bool((panels.tail > 10 * panels.allowed).any() or relative.any())


def tabulation(phi: Activation, j: int) -> Tabulation:
    """The tabulation of phi at level j, built once and kept with phi.

    Raises:
        TooFine: there is none, which is kept as well.
        ValueError: as :func:`build_tabulation`.
    """
    key = ("tabulation", j)
    if key not in phi.cache:
        try:
            phi.cache[key] = build_tabulation(phi, j)
        except TooFine as error:
            phi.cache[key] = str(error)
    found = phi.cache[key]
    if isinstance(found, str):
        raise TooFine(found)
    return found


def doubt(phi: Activation, tab: Tabulation, q: float) -> str:
    """Why expectations under N(0, q) are not known; empty where they are.

    They are known where phi is, within 12 standard deviations, where what lies beyond these is less
    than 1e-13 of E[phi^2], E[phi'^2] and E|phi'' phi|, and where noise of phi, phi' and phi'' of
    the size seen is less than 1e-9 of the first two, or of the second in the third.
    """
    if tab.certain_to(q):
        return ""
    reach = Z_MAX * math.sqrt(q)
    if reach > tab.end:
        return known_reach(phi).why
    part = tab.within(q)
    density = gaussian_weights(tab.u[part], tab.weight[part], [q])[0]
    size = np.abs(tab.products[[SECOND, SLOPE2, CURVATURE_PHI], part])
    total = size @ density
    at_ends = size[:, [0, -1]].max(axis=1) * math.exp(-0.5 * Z_MAX**2)
    if (at_ends > _BEYOND * total).any():
        return f"phi grows so fast that what lies beyond |u| = {reach:.3g} counts"
    square, slope_square, bent, _ = _noise_of_products(tab, part)
    off = tab.off[:2, part] ** 2
    by_noise = np.stack([2 * square + off[0], 2 * slope_square + off[1], bent]) @ density
    against = np.array([total[0], total[1], total[1] + total[2]])
    rest, terms, _ = _stein(phi, tab, q)
    if (by_noise > _NOISE * against).any() or rest > _STEIN * terms:
        return "rounding leaves too few digits of phi there, as where what nearly cancels is left"
    return ""


def _noise_of_products(
    tab: Tabulation, part: slice
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """What phi^2/2, phi'^2/2, phi'' phi and phi phi' may be off by at the nodes, to first order."""
    value, slope, curvature = np.abs(tab.functions[:, part])
    off = tab.off[:, part]
    bent, crossed = curvature * off[0] + value * off[2], value * off[1] + slope * off[0]
    return value * off[0], slope * off[1], bent, crossed


def counts_beyond(tab: Tabulation, q: float) -> bool:
    """Whether E[phi^2] or E[phi'^2] under N(0, q) has a part over 1e-13 beyond 12 deviations.

    Asked of the nodes up to 16 deviations or more.
    """
    if not tab.late:
        return False
    part = tab.within(q)
    density = gaussian_weights(tab.u[part], tab.weight[part], [q])[0]
    total = tab.products[[SECOND, SLOPE2], part] @ density
    z = np.abs(tab.u) / math.sqrt(q)
    further = z >= Z_MAX
    with np.errstate(under="ignore"):
        bell = np.exp(-0.5 * z[further] ** 2)
    beyond = (tab.products[[SECOND, SLOPE2]][:, further] * bell).max(axis=1)
    return bool(((beyond > _BEYOND * total) | (total == 0.0)).any())


def _with_stein(phi: Activation, tab: Tabulation, j: int) -> Tabulation:
    """Ask for Stein's identity at four variances of the range; suspect where rounding breaks it.

    Raises:
        ValueError: it fails by more than rounding.
    """
    for q in 4.0 ** (_OCTAVES * j + np.arange(1.0, _OCTAVES, 2.0)):
        if doubt(phi, tab, float(q)) or counts_beyond(tab, float(q)):
            continue
        rest, size, rounding = _stein(phi, tab, float(q))
        # Where phi is constant within 12 standard deviations, what is left is beyond these.
        nothing = max(_NOTHING * float(np.abs(tab.products[SLOPE2]).max()), _SUBNORMAL)
        if rest <= _STEIN * size or size <= nothing:
            continue
        if rest > rounding:
            raise ValueError(
                f"activation {phi.name!r}: at q = {q:.3g} Stein's identity E[U phi phi']/q = "
                f"E[phi'^2] + E[phi'' phi] fails by {rest / size:.3g} of its terms, so a kink is "
                "lost, a derivative is wrong or it is rounding; allowed is a phi that is smooth "
                "between its kinks"
            )
        tab = replace(tab, suspect=True)
    return tab


def _stein(phi: Activation, tab: Tabulation, q: float) -> tuple[float, float, float]:
    """What is left of Stein's identity at q, the size of its terms, and what rounding may leave."""
    part = tab.within(q)
    density = gaussian_weights(tab.u[part], tab.weight[part], [q])[0]
    rows = tab.products[[U_PHI_SLOPE, SLOPE2, CURVATURE_PHI], part]
    cross, slope2, curvature = (rows @ density) / [q, 1, 1]
    jumps = kink_weights(phi)
    rest = abs(float(cross - slope2 - curvature - atoms(phi, q, jumps)))
    size = (np.abs(rows) @ density) @ [1 / q, 1, 1] + atoms(phi, q, np.abs(jumps))
    # f(x) - f(0) is rounded as f(0) is, and what is left of it for small x may be nothing.
    value, slope, curve = np.abs(tab.functions[:, part]) @ density
    rounding = tab.rounded * ((value + slope) / math.sqrt(q) + 2 * slope + value + curve)
    # What is seen of noise, as 1 + erf(u) has it where it nearly cancels.
    _, slope_square, bent, crossed = _noise_of_products(tab, part)
    seen = np.abs(tab.u[part]) / q * crossed + 2 * slope_square + bent
    return rest, float(size), float(rounding + _SEEN * (seen @ density))


def kink_weights(phi: Activation) -> FloatArray:
    """(phi'(k+) - phi'(k-)) phi(k) at each kink k: what E[phi'' phi] has there as atoms."""
    return phi.slope_jumps * phi(np.array(phi.kinks)) if phi.kinks else np.zeros(0)


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
