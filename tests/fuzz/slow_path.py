"""Expectations, edge points and correlations of a drawn tree, without the library.

Composite Gauss-Legendre on panels that end at the true kinks and are graded about every feature of
the tree, which knows where they are; a sum of two rules tells the error.
"""

import math

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import logsumexp

from fuzz.grammar import Tanh, Times

ORDER = 24
REACH = 12.5  # standard deviations
Q_LOW, Q_HIGH = 1e-16, 1e10
PER_DECADE = 40
_MOST_PANELS = 6_000
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(ORDER)
_HALVES = np.concatenate([(_NODES - 1) / 2, (_NODES + 1) / 2])


def _to_halves():
    """Values at the nodes of a panel to those of its halves, by barycentric interpolation."""
    gaps = _NODES[:, None] - _NODES
    np.fill_diagonal(gaps, 1.0)
    weights = 1 / np.prod(gaps, axis=1)
    terms = weights / (_HALVES[:, None] - _NODES)
    return terms / terms.sum(axis=1, keepdims=True)


_TO_HALVES = _to_halves()
SECOND, SLOPE2, U_PHI_SLOPE, MEAN, CURVATURE2 = range(5)


class SlowPath:
    """Moments of a tree at variances up to ``q_high``.

    Attributes:
        q_high: the largest variance that the panels reach.
    """

    def __init__(self, tree):
        self.tree = tree
        self.jumps = tree.jumps()
        wave = tree.wave()
        reach = REACH * math.sqrt(Q_HIGH)
        if wave > 0:
            reach = min(reach, _MOST_PANELS * 4 / wave / 2)
        self.reach = reach
        self.q_high = (reach / REACH) ** 2
        edges = self._edges(reach, wave)
        self.unresolved = 0
        self.refined = isinstance(tree, Tanh) or any(isinstance(p, Times) for p in tree.parts)
        if self.refined:
            edges = self._refined(edges)
        self.edges = edges
        self.u, self.weight, self.rows = self._table(edges)
        self._fine = None

    def _edges(self, reach, wave):
        octaves = 2.0 ** np.arange(-32, math.ceil(math.log2(reach)) + 1)
        points = [octaves, -octaves, [0.0], *self._graded(2 * reach)]
        if wave > 0:
            points.append(np.linspace(-reach, reach, math.ceil(2 * reach * wave / 4) + 1))
        every = np.unique(np.clip(np.concatenate(points), -reach, reach))
        keep = np.diff(every, prepend=-np.inf) > 4e-16 * np.abs(every)
        return every[keep]

    def _graded(self, far):
        """The kinks, and edges in octaves about each feature up to a distance."""
        points = [[k for k, _ in self.jumps]]
        for centre, width in self.tree.features():
            up = max(math.ceil(math.log2(far / width)), 1)
            steps = np.concatenate([[0.0, 0.5], 2.0 ** np.arange(up)]) * width
            points += [centre + steps, centre - steps]
        return points

    def _jet(self, u):
        with np.errstate(all="ignore"):
            return self.tree.jet(u)

    def _refined(self, edges):
        """Panels halved until a half's values follow from the whole's."""
        left, right = edges[:-1], edges[1:]
        done = []
        for _ in range(30):
            half, middle = (right - left) / 2, (right + left) / 2
            nodes = middle[:, None] + half[:, None] * _NODES
            between = middle[:, None] + half[:, None] * _HALVES
            bad = np.zeros(left.size, bool)
            at, there = self._jet(nodes), self._jet(between)
            noise = 1e-15 * np.abs(self.tree.size(nodes)).max(axis=1)
            for order in (0, 1):
                with np.errstate(all="ignore"):
                    off = np.abs(at[order] @ _TO_HALVES.T - there[order]).max(axis=1)
                    size = np.abs(at[order]).max(axis=1)
                    over = noise if order == 0 else noise / half + 1e-14 * size.max()
                    bad |= off > 1e-11 * size + 30 * over + 1e-200
            done.append(np.stack([left[~bad], right[~bad]]))
            if not bad.any() or left.size > 3 * _MOST_PANELS:
                break
            left, middle, right = left[bad], middle[bad], right[bad]
            left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        else:
            self.unresolved = left.size
        done.append(np.stack([left, right]))
        return np.unique(np.concatenate(done, axis=1))

    def _table(self, edges):
        half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
        u = (middle[:, None] + half[:, None] * _NODES).ravel()
        weight = (half[:, None] * _WEIGHTS).ravel()
        value, slope, curvature = (np.broadcast_to(x, u.shape) for x in self._jet(u))
        with np.errstate(all="ignore"):
            rows = np.stack([value**2, slope**2, u * value * slope, value, curvature**2])
        return u, weight, rows

    def moments(self, q, fine=False):
        """E[phi^2], E[phi'^2], E[u phi phi'], E[phi], E[phi''^2] at one variance.

        Where phi' vanishes for 12 standard deviations they are all times one and the same number,
        which keeps E[phi'^2] from underflow.
        """
        if fine and self._fine is None:
            middles = (self.edges[1:] + self.edges[:-1]) / 2
            self._fine = self._table(np.sort(np.concatenate([self.edges, middles])))
        u, weight, rows = self._fine if fine else (self.u, self.weight, self.rows)
        reach = REACH * math.sqrt(q)
        part = slice(int(u.searchsorted(-reach)), int(u.searchsorted(reach)))
        density = weight[part] * np.exp(-(u[part] ** 2) / (2 * q)) / math.sqrt(2 * math.pi * q)
        with np.errstate(all="ignore"):
            return rows[:, part] @ density

    def far(self, q):
        """E[phi^2]/E[phi'^2] where the density at the nearest slope underflows or nearly does."""
        if not (self.rows[SLOPE2] > 0).any():
            return math.inf
        with np.errstate(divide="ignore"):
            logs = np.log(self.weight) + np.log(self.rows[:2]) - self.u**2 / (2 * q)
        second, slope = logsumexp(logs, axis=1)
        with np.errstate(over="ignore"):  # infinite where it is beyond 1e308
            return float(np.exp(second - slope))

    def ratio(self, q):
        """E[phi^2]/E[phi'^2]."""
        second, slope = self.moments(q)[:2]
        if slope > 1e-25 * self.rows[SLOPE2].max():
            return second / slope
        return self.far(q)

    def h(self, q):
        """q - E[phi^2]/E[phi'^2]."""
        return q - self.ratio(q)

    def scan(self, low, high):
        """(q, h, E[phi^2]/E[phi'^2]) on a grid from low to high."""
        count = max(8, math.ceil(PER_DECADE * math.log10(high / low)))
        q = np.geomspace(low, high, count)
        ratio = np.array([self.ratio(x) for x in q])
        return q, q - ratio, ratio

    def best(self, low, high):
        """The largest h in [low, high], and where."""
        ends = math.log(low), math.log(high)
        found = minimize_scalar(
            lambda t: -self.h(math.exp(t)), method="bounded", bounds=ends, options={"xatol": 1e-9}
        )
        return math.exp(found.x), -found.fun

    def smallest_root(self, sigma_b):
        """The smallest q with h(q) = sigma_b^2, or None, and how near h comes to it before.

        Returns:
            (q or None, the largest h/sigma_b^2 - 1 before it, where).
        """
        target = sigma_b**2
        q, h, _ = self.scan(max(target * 0.999, Q_LOW), self.q_high)
        above = np.flatnonzero(h >= target)
        end = int(above[0]) if above.size else h.size
        turns = [i for i in range(1, min(end, h.size - 1)) if h[i] >= h[i - 1] and h[i] > h[i + 1]]
        near = (-math.inf, math.nan)
        for i in turns:
            drop = 2 * (2 * h[i] - h[i - 1] - h[i + 1])
            if h[i] + drop < target and h[i] < near[0]:
                continue
            at, value = self.best(q[i - 1], q[i + 1])
            near = max(near, (value, at))
            if value >= target:
                return brentq(lambda x: self.h(x) - target, q[i - 1], at, rtol=1e-15), *near
        if not above.size:
            return None, *near
        if end == 0:
            return float(q[0]), *near
        low, high = np.log(q[end - 1 : end + 1]).tolist()
        over = lambda t: self.h(math.exp(t)) - target  # noqa: E731
        if over(low) >= 0 or over(high) <= 0:  # h is the target but for rounding
            return float(q[end]), *near
        return math.exp(brentq(over, low, high, xtol=1e-15, rtol=1e-15)), *near

    def strength(self, q, sigma_w):
        """A of 1 - f'(1 - g) ~ A sqrt(2 g): half sigma_w^2 sum J^2 p(k) E|U1 - U2|, over it."""
        bell = [j**2 * math.exp(-(k**2) / (2 * q)) for k, j in self.jumps]
        return sigma_w**2 * math.fsum(bell) / (2 * math.pi)

    def strength_rounded(self, q):
        """What rounding of the terms of phi' at the kinks leaves of that, relative."""
        parts, off = 0.0, 0.0
        for k, j in self.jumps:
            part = j**2 * math.exp(-(k**2) / (2 * q))
            parts += part
            if j:
                off += part * 2e-16 * float(self.tree.summands(np.array(k))[1]) / abs(j)
        return 2 * off / parts if parts else 0.0

    def product(self, q, c, step=0.6):
        """E[phi(U1) phi(U2)] at variance q and correlation c, on a product of panels; or None."""
        root = math.sqrt(q)
        reach = 12.0 * root
        width = step * root * math.sqrt(1 - c * c)
        inner = self.edges if self.refined else np.concatenate(self._graded(width))
        inner = inner[np.abs(inner) < reach]
        wave = self.tree.wave()
        width = min(width, 3 / wave) if wave > 0 else width
        uniform = np.linspace(-reach, reach, math.ceil(2 * reach / width) + 1)
        edges = np.unique(np.concatenate([inner, uniform]))
        edges = edges[np.diff(edges, prepend=-np.inf) > 1e-12 * root]
        nodes, weights = np.polynomial.legendre.leggauss(12)
        half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
        u = (middle[:, None] + half[:, None] * nodes).ravel()
        if u.size > 5000:
            return None
        p = (half[:, None] * weights).ravel() * self._jet(u)[0]
        scale = 1 / (2 * q * (1 - c * c))
        total = 0.0
        for start in range(0, u.size, 500):
            rows = u[start : start + 500, None]
            exponent = -(rows**2 - 2 * c * rows * u + u**2) * scale
            total += p[start : start + 500] @ np.exp(exponent) @ p
        return total / (2 * math.pi * q * math.sqrt(1 - c * c))
