"""E[phi(U1) phi(U2)] and E[phi'(U1) phi'(U2)] for many pairs at once, of any variances.

With a_k(q) the coefficients of phi(sqrt(q) z) on the normalised Hermite polynomials,

    E[phi(U1) phi(U2)] = sum_k a_k(q1) a_k(q2) c^k,

by Mehler's formula, and its derivative by c is sqrt(q1 q2) E[phi'(U1) phi'(U2)]. Where phi has
kinks the sum converges too slowly as c -> 1. Then phi = T + r, T a sum of truncated powers at the
kinks up to order M (one_sided_powers.py): the part of T by itself has closed forms
(truncated.py), and what is left is sum_k (a_k r_k + r_k t_k) c^k, which converges the faster the
larger M is. M and the number of terms K are the cheapest that leave out less than 3e-12.

The coefficients are smooth functions of log q: for many q they are interpolated by Chebyshev
polynomials.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from edgeofchaos.activations import Activation
from edgeofchaos.panels import panel_nodes
from edgeofchaos.theory import gaussian, pairs
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.one_sided_powers import HIGHEST, OneSidedPowers, one_sided_powers
from edgeofchaos.theory.truncated import BEYOND, truncated_products

_TARGET = 3e-12  # of the diagonal: what a layer may leave out
_ORDERS = (0, 1, 2, 3, 4, 6, HIGHEST)
_SIZES = (64, 256, 1024, 4096)  # numbers of coefficients tried
_REACH = 13.0  # deviations
_DIRECT = 24  # variances up to which nothing is interpolated
_FEWEST, _MOST = 16, 512  # Chebyshev nodes in log q
_CHEBYSHEV_TAIL = 1e-14
_AFTER = 2.5  # what may come after the last half, over that, where terms decay like k^(-3/2)
_NOTHING = 1e-300
_CLOSE = 0.99  # correlations from where on the sums are as long as at c = 1
_NARROW = 1.2  # ratios of variances below which two are sampled
_SAMPLED = 5  # variances that the numbers of terms are chosen at


@dataclass(frozen=True)
class Rows:
    """The inputs of one side: arrays whose last axis is the inputs.

    Attributes:
        q: variances, (n,).
        value, slope: E[phi^2] and E[phi'^2], (n,).
        own: E[phi^2] as the sums have it that are used for pairs, (n,). What they leave out of a
            pair that is close they leave out of its two inputs as well.
        a, r: coefficients of phi and of the rest r, (K, n).
    """

    q: FloatArray
    value: FloatArray
    slope: FloatArray
    own: FloatArray
    a: FloatArray
    r: FloatArray

    def part(self, chosen: slice | NDArray[np.bool_]) -> Rows:
        """Some of the inputs."""
        return Rows(
            self.q[chosen], self.value[chosen], self.slope[chosen], self.own[chosen],
            self.a[:, chosen], self.r[:, chosen],
        )  # fmt: skip


class PairSeries:
    """The expectations of one phi at variances of one range, for one range of correlations.

    Attributes:
        error: what E[phi(U1) phi(U2)] and E[phi'(U1) phi'(U2)] may be off by, over the roots of the
            products of their values at U1 and at U2; an estimate, from the terms that are left out
            and from what the sums miss of the expectations in one dimension at c = 0.
        keeps_angles: whether a small 1 - c goes through with a small relative error of its own.
    """

    keeps_angles = False

    def __init__(self, phi: Activation, q: FloatArray, largest_c: float) -> None:
        self.phi = phi
        low, high = float(q.min()), float(q.max())
        for end in (low, high):
            gaussian.second_moment(phi, end)  # says so where it is not known
            if gaussian.relative_error(phi, end) == math.inf:
                raise ValueError(
                    f"activation {phi.name!r}: at the variance q = {end:.6g} phi or phi' is next "
                    "to nothing within 12 standard deviations of what it is beyond, which counts; "
                    "allowed are larger variances"
                )
        count = _SAMPLED if high > _NARROW * low else 2
        sampled = np.unique(np.clip(np.geomspace(low, high, count), low, high))
        self.close = largest_c > _CLOSE
        largest_c = 1.0 if self.close else largest_c
        order, self.size, left_out = _chosen(phi, sampled, largest_c)
        self.powers = _seen(one_sided_powers(phi, order), high)
        missed = self._missed(sampled)
        self.error = max(left_out[0], missed[0]), max(left_out[1], missed[1])

    def _missed(self, q: FloatArray) -> tuple[float, float]:
        """What is missed at c = 0, where the expectations are E[phi]^2 and E[phi']^2."""
        rows = self.rows(q)
        fall, slope = self.products(rows, rows, np.ones((q.size, q.size)))
        value = np.sqrt(np.outer(rows.own, rows.own)) - fall
        mean, mean_slope = gaussian.moments(self.phi, q, [gaussian.MEAN, gaussian.SLOPE])
        size, slopes = np.sqrt(rows.value), np.sqrt(np.maximum(rows.slope, _NOTHING))
        off = (value - np.outer(mean, mean)) / np.outer(size, size)
        off_slope = (slope - np.outer(mean_slope, mean_slope)) / np.outer(slopes, slopes)
        return float(np.abs(off).max()), float(np.abs(off_slope).max())

    def rows(self, q: FloatArray) -> Rows:
        """The coefficients at each q of the range, interpolated where there are many."""
        distinct, back = np.unique(q, return_inverse=True)
        table = self._interpolated(distinct) if distinct.size > _DIRECT else None
        if table is None:
            table = self._table(distinct)
        table = table[:, back]
        value, slope = np.exp(table[0]), np.exp(table[1])
        a, r = np.sqrt(value) * table[2 : 2 + self.size], np.sqrt(value) * table[2 + self.size :]
        if not self.close:
            return Rows(q, value, slope, value, a, r)
        own = (a * a).sum(axis=0)
        if r.size:
            own = ((2 * a - r) * r).sum(axis=0)
            for i, j in np.ndindex(self.powers.kinks.size, self.powers.kinks.size):
                own += self._closed(i, j, np.sqrt(q), np.sqrt(q), np.zeros(q.size))[0]
        return Rows(q, value, slope, own, a, r)

    def _table(self, q: FloatArray) -> FloatArray:
        """log E[phi^2], log E[phi'^2], a and r over the root of E[phi^2]: (2 + 2 K, variances)."""
        value, slope = gaussian.moments(self.phi, q, [gaussian.SECOND, gaussian.SLOPE2])
        a, r = _coefficients(self.phi, [self.powers], q, self.size)
        with np.errstate(divide="ignore"):
            logs = np.log(np.stack([value, slope]))
        return np.concatenate([logs, a / np.sqrt(value), r / np.sqrt(value)])

    def _interpolated(self, q: FloatArray) -> FloatArray | None:
        """The table by polynomials in log q; None where they are no cheaper."""
        low, high = math.log(q[0]), math.log(q[-1])
        count = _FEWEST
        while count <= min(_MOST, q.size // 2):
            nodes = chebyshev.chebpts1(count)
            at = np.exp(0.5 * (low + high) + 0.5 * (high - low) * nodes)
            table = self._table(np.clip(at, q[0], q[-1]))
            fit = (2 / count) * table @ chebyshev.chebvander(nodes, count - 1)
            fit[:, 0] /= 2
            if np.abs(fit[:, -3:]).max() <= _CHEBYSHEV_TAIL * max(1.0, np.abs(table[:2]).max()):
                places = np.clip((2 * np.log(q) - low - high) / (high - low), -1.0, 1.0)
                return fit @ chebyshev.chebvander(places, count - 1).T
            count *= 2
        return None

    def products(self, left: Rows, right: Rows, gamma: FloatArray) -> tuple[FloatArray, FloatArray]:
        """What E[phi(U1) phi(U2)] is below its value at c = 1, and E[phi'(U1) phi'(U2)].

        The first is sqrt(own1 own2) - E[phi(U1) phi(U2)], with ``own`` of the rows. Both have the
        shape of gamma.

        Args:
            left, right: the rows of U1, a of them, and of U2, b of them.
            gamma: 1 - c, of shape (a, b).
        """
        value, by_c = _summed(left, right, gamma)
        by_c /= np.sqrt(left.q)[:, None] * np.sqrt(right.q)
        roots = np.sqrt(left.q)[:, None], np.sqrt(right.q)[None, :]
        for i, j in np.ndindex(self.powers.kinks.size, self.powers.kinks.size):
            of_value, of_slope = self._closed(i, j, *roots, gamma)
            value += of_value
            by_c += of_slope
        root = np.sqrt(left.own)[:, None] * np.sqrt(right.own)
        return root - value, by_c

    def _closed(
        self, i: int, j: int, first: FloatArray, second: FloatArray, gamma: FloatArray
    ) -> list[FloatArray]:
        """The part of the truncated powers at kink i of U1 and at kink j of U2.

        ``first`` and ``second`` are the deviations of U1 and U2; they broadcast with gamma.
        """
        powers = self.powers
        same = powers.sides[i] * powers.sides[j]
        weights = []
        for k, root, side in ((i, first, powers.sides[i]), (j, second, powers.sides[j])):
            own = [w * root ** (m + 1) for m, w in enumerate(powers.weights[k])]
            slopes = [side * w * root**m for m, w in enumerate(powers.weights[k])]
            weights.append(([np.zeros_like(root), *own], [*slopes, np.zeros_like(root)]))
        return truncated_products(
            abs(powers.kinks[i]) / first,
            abs(powers.kinks[j]) / second,
            gamma if same > 0 else 2.0 - gamma,
            weights[0],
            weights[1],
        )


def _summed(left: Rows, right: Rows, gamma: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The series and its derivative by c, by Horner's rule."""
    plain = not left.r.size
    first = np.stack([left.a, left.r], axis=2) if not plain else left.a[:, :, None]
    second = np.stack([right.r, right.a - right.r], axis=1) if not plain else right.a[:, None, :]
    c = torch.from_numpy(1.0 - gamma)
    ones, twos = torch.from_numpy(first), torch.from_numpy(np.ascontiguousarray(second))
    value, by_c, term = torch.zeros_like(c), torch.zeros_like(c), torch.empty_like(c)
    for k in range(ones.shape[0] - 1, -1, -1):
        torch.addcmul(value, by_c, c, out=by_c)
        torch.matmul(ones[k], twos[k], out=term)
        torch.addcmul(term, value, c, out=value)
    return value.numpy(), by_c.numpy()


def _seen(powers: OneSidedPowers, q: float) -> OneSidedPowers:
    """Without the kinks that are beyond what counts at every variance up to q, and with no powers
    past the last that has a weight.
    """
    near = (np.abs(powers.kinks) <= BEYOND * math.sqrt(q)) & powers.weights.any(axis=1)
    weights = powers.weights[near]
    used = int(np.flatnonzero(weights.any(axis=0)).max(initial=-1)) + 1
    return OneSidedPowers(powers.kinks[near], weights[:, :used])


def _coefficients(
    phi: Activation, powers: list[OneSidedPowers], q: FloatArray, size: int
) -> list[FloatArray]:
    """The coefficients of phi and of the rest beside each of ``powers``: (size, variances) each.

    Where there are no powers, the rest is left empty, of shape (0, variances).
    """
    width = min(0.5, 16.0 / math.sqrt(size))  # as ratio.hermite_squares
    uniform = np.linspace(-_REACH, _REACH, 2 * math.ceil(_REACH / width) + 1)
    places, weights, counts = [], [], []
    for x in q:
        breaks = pairs.smooth_breaks(phi, _REACH * math.sqrt(x)) / math.sqrt(x)
        edges = np.unique(np.concatenate([uniform, breaks]))
        z, weight = panel_nodes(edges[:-1], edges[1:])
        places.append(z.ravel())
        weights.append(weight.ravel())
        counts.append(z.size)
    z, starts = np.concatenate(places), np.concatenate([[0], np.cumsum(counts)[:-1]])
    u = z * np.repeat(np.sqrt(q), counts)
    own = phi(u)
    used = [p for p in powers if p.kinks.size]
    bell = np.exp(-0.25 * z * z)
    functions = np.stack([own, *(own - p(u) for p in used)])
    functions *= np.concatenate(weights) * bell / math.sqrt(2 * math.pi)
    out = np.empty((size, functions.shape[0], q.size))
    before, now = np.zeros_like(z), bell
    for k in range(size):
        out[k] = np.add.reduceat(functions * now, starts, axis=1)
        before, now = now, (z * now - math.sqrt(k) * before) / math.sqrt(k + 1)
    found = iter(range(1, len(used) + 1))
    rests = [out[:, next(found)] if p.kinks.size else np.empty((0, q.size)) for p in powers]
    return [out[:, 0], *rests]


def _chosen(
    phi: Activation, q: FloatArray, largest_c: float
) -> tuple[int, int, tuple[float, float]]:
    """The order M, the number of terms and the errors, at the lowest cost that will do.

    Where none will, what comes closest.
    """
    value, slope = gaussian.moments(phi, q, [gaussian.SECOND, gaussian.SLOPE2])
    orders = _ORDERS if phi.kinks else (0,)
    every = [_seen(one_sided_powers(phi, m), float(q.max())) for m in orders]
    best: tuple[float, int, int, tuple[float, float]] | None = None
    for size in _SIZES:
        a, *rests = _coefficients(phi, every, q, size)
        good = []
        for order, powers, r in zip(orders, every, rests, strict=True):
            terms, errors = _terms(phi, powers, q, a, r, value, slope, largest_c)
            worst = max(errors)
            if best is None or worst < best[0]:
                best = (worst, order, terms, errors)
            if worst <= _TARGET:
                pairs_of = powers.kinks.size**2
                cost = terms * (4 if r.size else 3) + pairs_of * (80 + 4 * (order + 1) ** 2)
                good.append((cost, order, terms, errors))
        if good:
            return min(good)[1:]
    assert best is not None
    return best[1:]


def _terms(
    phi: Activation, powers: OneSidedPowers, q: FloatArray, a: FloatArray, r: FloatArray,
    value: FloatArray, slope: FloatArray, largest_c: float,
) -> tuple[int, tuple[float, float]]:  # fmt: skip
    """How many terms are needed, and what is then left out of the value and of the slope."""
    size = a.shape[0]
    k = np.arange(size, dtype=np.float64)
    root = np.sqrt(value)
    tiny = np.finfo(float).tiny
    slopes = np.sqrt(np.maximum(q * slope, tiny))
    errors = []
    for norm, weight in ((root, largest_c**k), (slopes, k * largest_c ** np.maximum(k - 1, 0))):
        whole, rest = np.abs(a / norm).max(axis=1), np.abs(r / norm).max(axis=1, initial=0.0)
        other = np.abs((a - r) / norm).max(axis=1) if r.size else whole
        term = weight * (whole * rest + rest * other if r.size else whole**2)
        after = _AFTER * term[size // 2 :].sum()
        errors.append(np.cumsum(term[::-1])[::-1] - term + after)
    enough = np.flatnonzero(np.maximum(*errors) <= 0.3 * _TARGET)
    last = int(enough[0]) if enough.size else size - 1
    rounded = _rounding(powers, q, value, slope)
    return last + 1, (float(errors[0][last]) + rounded[0], float(errors[1][last]) + rounded[1])


def _rounding(
    powers: OneSidedPowers, q: FloatArray, value: FloatArray, slope: FloatArray
) -> tuple[float, float]:
    """What rounding leaves of what cancels between the truncated powers and the rest."""
    largest = [1.0, 1.0]
    for kink, weights in zip(powers.kinks, powers.weights, strict=True):
        for m, w in enumerate(weights, start=1):
            # The size of a power: E[(U - k)_+^(2m)] and what it is computed from.
            size = w * w * (q**m + kink ** (2 * m)) * _moment(m)
            largest[0] = max(largest[0], float((size / value).max()))
            by = w * w * (q ** (m - 1) + kink ** (2 * m - 2)) * _moment(m - 1)
            largest[1] = max(largest[1], float((by / np.maximum(slope, _NOTHING)).max()))
    return 4e-16 * largest[0], 4e-16 * largest[1]


def _moment(m: int) -> float:
    """E[Z_+^(2m)]/m!^2."""
    return math.prod(range(1, 2 * m, 2)) / 2 / math.factorial(m) ** 2
