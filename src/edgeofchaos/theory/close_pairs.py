"""E[(phi(U1) - phi(U2))^2] for correlations near 1 and near -1, of any phi.

U1 and U2 have variance q and correlation c = cos(theta). With s = cos(theta/2), d = sin(theta/2),
U = sqrt(q) s X and D = sqrt(q) d Y, X and Y independent N(0, 1), they are U + D and U - D. So

    E[(phi(U1) - phi(U2))^2] = E[G(D)],   G(D) = E[(phi(U + D) - phi(U - D))^2 | D].

G is an expectation in one dimension: the line of U is cut where phi(u + D) or phi(u - D) has an
edge of the panels that resolve phi. It depends on theta through the variance q s^2 of U only, which
is nearly q: with t = u^2/(2q) and k = tan(theta/2)^2 its density is that of N(0, q) times
exp(-k t)/s, a series of a few terms about the middle of the range of k. What is computed once, for
D at the nodes of panels that resolve G, so serves all small angles. Near c = -1 the same holds of
phi(V1) and phi(-V2), where V1 and V2 are close.

What is kept is H(D) = G(D)/D^2 near c = 1, whose limit is 4 E[phi'^2]: 1 - f has small relative
errors then. The difference is divided by that of the arguments as they are rounded.
"""

from __future__ import annotations

import math
from functools import cache, cached_property
from itertools import pairwise

import numpy as np
from numpy.polynomial import legendre

from edgeofchaos.activations import Activation
from edgeofchaos.panels import panel_nodes
from edgeofchaos.panels.legendre import to_coefficients
from edgeofchaos.theory import gaussian, pairs
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.tabulation import normal_density

_REACH = 13.0  # deviations of U; those of Y are fewer, since no more counts of them
_REACH_Y = 9.0
_CUT = 2.0  # deviations between edges, so that the density itself is resolved
_NODES = 20  # of a panel of U
_ORDER, _RESOLVED_FROM = 24, 16  # of a panel of D, and its coefficients that have to be negligible
_TAIL = 3e-14  # of the size of H
_NOISE, _NO_BETTER = 1e-11, 0.25  # what half a panel resolves no better is noise, if so small
_TERMS = 12  # of that series, for k below 0.02 and t up to 72
_MOST_HALVINGS = 48
_BELOW = 6  # halvings of the first panel, so that the density of D is resolved there
_CHUNK = 1_000_000  # nodes evaluated at once
_NARROW = 1 / 64  # deviations: panels of phi that are narrower make up a feature
_CLOSE = 1e-3  # of a panel: where Gauss's rule of degree 5 leaves out less than 1e-15
_GRADED = 2.0 ** np.arange(0.0, 60.0)


@cache
def _of_y() -> tuple[FloatArray, FloatArray]:
    """Nodes and weights on [0, _REACH_Y], for what is even in Y: two arrays (nodes,)."""
    edges = np.linspace(0.0, _REACH_Y, 5)
    nodes, weights = panel_nodes(edges[:-1], edges[1:], _ORDER)
    return nodes.ravel(), weights.ravel()


class ClosePairs:
    """E[(phi(U1) - phi(U2))^2]/(2 q gamma) for angles up to ``largest``.

    Args:
        phi: the activation.
        q: the variance.
        largest: the largest angle theta, below 0.3.
        opposite: whether the angle is not that between U1 and U2, but between U1 and -U2.
    """

    def __init__(self, phi: Activation, q: float, largest: float, opposite: bool) -> None:
        self.phi, self.q, self.opposite = phi, q, opposite
        self.root = math.sqrt(q)
        self.breaks = pairs.smooth_breaks(phi, _REACH * self.root)
        self.end = _REACH_Y * self.root * math.sin(largest / 2)
        self.middle = 0.5 * math.tan(largest / 2) ** 2
        self._resolve()

    def __call__(self, theta: FloatArray) -> FloatArray:
        """At each angle, from 0 to the largest: (angles,)."""
        spread = self.root * np.sin(0.5 * theta)
        within = _REACH_Y * spread < self.panels[1]  # where D is on the first panel
        out = np.empty_like(theta)
        # There nodes of Y will do, with H as its polynomial.
        y, weight = _of_y()
        at = 2 * spread[within, None] * y / self.panels[1] - 1
        close = legendre.legval(at, self.first.T)
        out[within] = self._expected(theta[within], y, weight, close)
        nodes, weights = self.nodes
        wide = spread[~within, None]
        out[~within] = self._expected(
            theta[~within], nodes / wide, weights / wide, self.tables[:, None]
        )
        return out if self.opposite else np.where(theta > 0, out, self.at_zero)

    def _expected(
        self, theta: FloatArray, y: FloatArray, weight: FloatArray, tables: FloatArray
    ) -> FloatArray:
        """What the tables at values of Y, (_TERMS, angles, nodes), come to."""
        half = 0.5 * theta[:, None]
        off = self.middle - np.tan(half) ** 2
        series = sum(off**m / math.factorial(m) * tables[m] for m in range(_TERMS))
        weight = weight * np.exp(-0.5 * y * y) * math.sqrt(2 / math.pi)
        cosine = np.cos(half[:, 0])
        if self.opposite:
            return np.asarray((weight * series).sum(axis=1) / cosine**3 / (4 * self.q))
        return np.asarray((weight * y * y * series).sum(axis=1) / cosine / 4)

    @cached_property
    def at_zero(self) -> float:
        """The limit of the value as c -> 1: E[phi'^2]."""
        return float(gaussian.slope_second_moment(self.phi, self.q))

    def _resolve(self) -> None:
        """Panels of D, halved until H is a polynomial of degree 15 on each."""
        edges = self._edges()
        left, right = edges[:-1], edges[1:]
        kept = []
        before = np.full(left.size, np.inf)
        for count in range(_MOST_HALVINGS):
            nodes = panel_nodes(left, right, _ORDER)[0]
            given = self._tables(nodes.ravel()).reshape(_TERMS, *nodes.shape)
            size = given[0].max(axis=1)
            off = np.abs(given[0] @ to_coefficients(_ORDER)[_RESOLVED_FROM:].T).max(axis=1)
            fine = off <= _TAIL * size + self._rounding(given[0], right)
            fine |= (off <= _NOISE * size) & (off > _NO_BETTER * before)
            if count == _MOST_HALVINGS - 1:
                fine[:] = True
            kept.append((left[fine], right[fine], given[:, fine]))
            if fine.all():
                break
            before = np.tile(off[~fine], 2)
            middle = 0.5 * (left + right)[~fine]
            left, right = (
                np.concatenate([left[~fine], middle]), np.concatenate([middle, right[~fine]])
            )  # fmt: skip
        left, right = (np.concatenate([part[i] for part in kept]) for i in range(2))
        order = np.argsort(left)
        self.panels = np.append(left[order], right.max())
        self.given = np.concatenate([part[2] for part in kept], axis=1)[:, order]
        self._refine()

    def _refine(self) -> None:
        """Nodes and weights that resolve the density of D too, from the polynomials of the panels.

        Where it counts it varies over D itself, or over what is left of the first panel.
        """
        legendres = to_coefficients(_ORDER)[:_RESOLVED_FROM]
        self.first = self.given[:, 0] @ legendres.T
        nodes, weights, tables = [], [], []
        for i, (left, right) in enumerate(pairwise(self.panels)):
            halved = right * 2.0 ** -np.arange(_BELOW if left == 0 else math.log2(right / left))
            inner = np.unique(np.concatenate([[left, right], halved]))
            at, weight = (x.ravel() for x in panel_nodes(inner[:-1], inner[1:], _ORDER))
            fit = legendres @ self.given[:, i].T
            tables.append(legendre.legval((2 * at - left - right) / (right - left), fit))
            nodes.append(at)
            weights.append(weight)
        self.nodes = np.concatenate(nodes), np.concatenate(weights)
        self.tables = np.concatenate(tables, axis=1)

    def _rounding(self, size: FloatArray, at: FloatArray) -> FloatArray:
        """What rounding of phi leaves of H on panels that end at these D."""
        eps, size = np.finfo(float).eps, size.max(axis=1)
        if self.opposite:
            return 2 * eps * np.sqrt(size) + eps * size
        rms = math.sqrt(float(gaussian.second_moment(self.phi, self.q)))
        return 2 * eps * rms / at * np.sqrt(size) + eps * size

    def _edges(self) -> FloatArray:
        """Edges of D to start from: where a kink of phi(u + D) meets one of phi(u - D), and about
        where narrow features of both meet.
        """
        kinks, others = np.array(self.phi.kinks), self._mirrored(np.array(self.phi.kinks))
        meet = [0.5 * np.subtract.outer(kinks, others).ravel()]
        centres, widths = self._features()
        for centre, width in zip(centres, widths, strict=True):
            for other, its in zip(self._mirrored(centres), self._mirrored(widths), strict=True):
                steps = min(width, abs(its)) * _GRADED
                steps = steps[steps < self.root]
                at = 0.5 * (centre - other)
                meet.append(np.concatenate([[at], at - steps, at + steps]))
        edges = np.abs(np.concatenate(meet))
        edges = np.unique(np.concatenate([[0.0, self.end], edges[edges < self.end]]))
        # From the first meeting on there are powers of 1/D.
        octaves = edges[1] * _GRADED
        return np.unique(np.concatenate([edges, octaves[octaves < self.end]]))

    def _mirrored(self, at: FloatArray) -> FloatArray:
        return -at[::-1] if self.opposite else at

    def _features(self) -> tuple[FloatArray, FloatArray]:
        """The middle and the width of the narrowest panel of phi in each run of narrow ones."""
        width = np.diff(self.breaks)
        centre = 0.5 * (self.breaks[1:] + self.breaks[:-1])
        narrow = np.concatenate([[False], width < _NARROW * self.root, [False]])
        starts, ends = (np.flatnonzero(narrow[1:] & ~narrow[:-1]),
                        np.flatnonzero(~narrow[1:] & narrow[:-1]))  # fmt: skip
        if starts.size < 2 and not self.opposite:
            return np.empty(0), np.empty(0)  # one meets itself at D = 0
        best = [i + int(np.argmin(width[i:j])) for i, j in zip(starts, ends, strict=True)]
        return centre[best], width[best]

    def _line(self, shift: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Nodes of U for each D and weights times the density of N(0, q): (D, nodes)."""
        reach = _REACH * self.root
        cuts = np.arange(-_REACH, _REACH + 0.1, _CUT) * self.root
        fixed = np.broadcast_to(np.append(cuts, reach), (shift.size, cuts.size + 1))
        column = shift[:, None]
        moved = np.concatenate([self.breaks - column, self._mirrored(self.breaks) + column], axis=1)
        edges = np.sort(np.concatenate([fixed, np.clip(moved, -reach, reach)], axis=1), axis=1)
        nodes, weights = panel_nodes(edges[:, :-1], edges[:, 1:], _NODES)
        nodes, weights = (x.reshape(shift.size, -1) for x in (nodes, weights))
        return nodes, weights * normal_density(nodes, self.q)

    def _tables(self, shift: FloatArray) -> FloatArray:
        """H or G, weighted with t^m for m = 0, 1, ..., at each D: (_TERMS, D).

        G is even in D near c = 1; near -1 it is made so, as Y is as likely as -Y.
        """
        if self.opposite:
            return 0.5 * (self._one_sided(shift) + self._one_sided(-shift))
        return self._one_sided(shift)

    def _one_sided(self, shift: FloatArray) -> FloatArray:
        out = np.empty((_TERMS, shift.size))
        step = max(1, _CHUNK // (_NODES * (2 * self.breaks.size + 14)))
        for i in range(0, shift.size, step):
            part = slice(i, i + step)
            nodes, weights = self._line(shift[part])
            if self.opposite:
                change = self.phi(nodes + shift[part, None]) - self.phi(shift[part, None] - nodes)
            else:
                change = 2 * self._mean_slope(nodes, shift[part, None])
            t = 0.5 * (nodes / self.root) ** 2
            term = weights * change**2 * np.exp(-self.middle * t)
            for m in range(_TERMS):
                out[m, part] = term.sum(axis=1)
                term *= t
        return out

    def _mean_slope(self, at: FloatArray, shift: FloatArray) -> FloatArray:
        """The mean of phi' from u - D to u + D, for ``shift`` D of shape (D, 1).

        It is the difference of phi over that of the arguments as they are rounded; where D is small
        beside the panel that both are on, and phi would lose its digits, Gauss's rule for phi'.
        """
        first, second = at + shift, at - shift
        apart = first - second
        panel, other = (np.searchsorted(self.breaks, x) for x in (first, second))
        widths = np.concatenate([[math.inf], np.diff(self.breaks), [math.inf]])
        close = (panel == other) & (shift < _CLOSE * widths[panel])
        out = np.empty_like(at)
        out[~close] = self.phi(first[~close]) - self.phi(second[~close])
        out[~close] /= apart[~close]
        if close.any():
            middle, shifts = at[close], np.broadcast_to(shift, at.shape)[close]
            points, weights = legendre.leggauss(3)
            slope = self.phi.derivatives(middle + points[:, None] * shifts)[1]
            out[close] = 0.5 * weights @ slope
        return out
