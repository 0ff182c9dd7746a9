"""Activations drawn from a grammar: sums of scaled and shifted leaves, products, tanh of those.

Each tree makes a torch function from its source and, apart from it, values, derivatives, kinks and
features by hand (leaves.py), which slow_path.py works with.
"""

import math
from dataclasses import dataclass

import mpmath
import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import strategies as st

from fuzz import leaves
from fuzz.leaves import Leaf


class Tree:
    """A function phi of u."""

    def torch(self):
        """phi as a torch function."""
        return eval(f"lambda x: {self.source()}", {"torch": torch, "F": F})

    def source(self) -> str:
        """The torch source of phi, in ``x``."""
        raise NotImplementedError

    def jet(self, u):
        """(phi, phi', phi'') at an array u without kinks."""
        raise NotImplementedError

    def exact(self, u):
        """phi in mpmath's precision."""
        raise NotImplementedError

    def jumps(self) -> list[tuple[float, float]]:
        """(kink, jump of phi') for each kink of phi, jumps of 0 included."""
        raise NotImplementedError

    def features(self) -> list[tuple[float, float]]:
        """(centre, width) of what varies."""
        raise NotImplementedError

    def wave(self) -> float:
        """The largest wave number."""
        raise NotImplementedError

    def steep(self) -> float:
        """The largest inner scale."""
        raise NotImplementedError

    def size(self, u):
        """The sum of the sizes of the terms: what phi is rounded with."""
        raise NotImplementedError

    def summands(self, u):
        """The sums of the sizes of what phi, phi' and phi'' are summed from."""
        raise NotImplementedError

    def terms(self):
        """Every :class:`Term` in it."""
        raise NotImplementedError


@dataclass(frozen=True)
class Term(Tree):
    """c g(a (u - m))."""

    leaf: Leaf
    a: float
    m: float
    c: float

    def source(self):
        x = "x" if self.m == 0 else f"(x - {self.m!r})"
        x = x if self.a == 1 else f"({self.a!r}*{x})"
        inner = self.leaf.source.format(x=x)
        return inner if self.c == 1 else f"{self.c!r}*({inner})"

    def jet(self, u):
        value, slope, curvature = self.leaf.jet(self.a * (u - self.m))
        return self.c * value, self.c * self.a * slope, self.c * self.a**2 * curvature

    def exact(self, u):
        return self.c * self.leaf.exact(mpmath.mpf(self.a) * (u - mpmath.mpf(self.m)))

    def jumps(self):
        flat = self.leaf.jumps.items()
        return [(self.m + k / self.a, self.c * abs(self.a) * jump) for k, jump in flat]

    def features(self):
        return [(self.m, w / abs(self.a)) for w in self.leaf.widths]

    def wave(self):
        return abs(self.a) if self.leaf.wave else 0.0

    def steep(self):
        return abs(self.a)

    def size(self, u):
        value, slope, _ = self.jet(u)
        value = np.abs(value)
        if self.leaf.rounded:
            value = np.maximum(value, abs(self.c) * self.leaf.rounded(self.a * (u - self.m)))
        return value + np.abs(u * slope) + np.abs(self.m * slope)

    def summands(self, u):
        _, slope, curvature = self.jet(u)
        slope = np.abs(slope)
        if self.leaf.rounded:
            slope = np.maximum(slope, abs(self.c * self.a))
        return self.size(u), slope, np.abs(curvature)

    def terms(self):
        return [self]


@dataclass(frozen=True)
class Sum(Tree):
    """A sum of trees and a number."""

    parts: tuple[Tree, ...]
    shift: float

    def source(self):
        text = " + ".join(p.source() for p in self.parts)
        return text if self.shift == 0 else f"{text} + {self.shift!r}"

    def jet(self, u):
        value, slope, curvature = (
            sum(x) for x in zip(*(p.jet(u) for p in self.parts), strict=True)
        )
        return value + self.shift, slope, curvature

    def exact(self, u):
        return mpmath.fsum([p.exact(u) for p in self.parts]) + self.shift

    def jumps(self):
        every = {}
        for k, jump in (x for p in self.parts for x in p.jumps()):
            every[k] = every.get(k, 0.0) + jump
        return sorted(every.items())

    def features(self):
        return [f for p in self.parts for f in p.features()]

    def wave(self):
        return max(p.wave() for p in self.parts)

    def steep(self):
        return max(p.steep() for p in self.parts)

    def size(self, u):
        return sum(p.size(u) for p in self.parts) + abs(self.shift)

    def summands(self, u):
        value, *others = (sum(x) for x in zip(*(p.summands(u) for p in self.parts), strict=True))
        return value + abs(self.shift), *others

    def terms(self):
        return [t for p in self.parts for t in p.terms()]


@dataclass(frozen=True)
class Times(Tree):
    """A tree times a smooth bounded term."""

    first: Tree
    factor: Term

    def source(self):
        return f"({self.first.source()})*{self.factor.source()}"

    def jet(self, u):
        (f, f1, f2), (g, g1, g2) = self.first.jet(u), self.factor.jet(u)
        return f * g, f1 * g + f * g1, f2 * g + 2 * f1 * g1 + f * g2

    def exact(self, u):
        return self.first.exact(u) * self.factor.exact(u)

    def jumps(self):
        at = [(k, jump, self.factor.jet(np.array(k))[0]) for k, jump in self.first.jumps()]
        return [(k, jump * float(g)) for k, jump, g in at]

    def features(self):
        return self.first.features() + self.factor.features()

    def wave(self):
        return self.first.wave() + self.factor.wave()

    def steep(self):
        return max(self.first.steep(), self.factor.steep())

    def size(self, u):
        f, g = np.abs(self.first.jet(u)[0]), np.abs(self.factor.jet(u)[0])
        return self.first.size(u) * g + f * self.factor.size(u)

    def summands(self, u):
        (f, f1, f2), (g, g1, g2) = self.first.summands(u), self.factor.summands(u)
        return self.size(u), f1 * g + f * g1, f2 * g + 2 * f1 * g1 + f * g2

    def terms(self):
        return [*self.first.terms(), self.factor]


@dataclass(frozen=True)
class Tanh(Tree):
    """tanh of a tree."""

    inner: Tree

    def source(self):
        return f"torch.tanh({self.inner.source()})"

    def jet(self, u):
        f, f1, f2 = self.inner.jet(u)
        t = np.tanh(f)
        d = 1 / np.cosh(np.clip(f, -350, 350)) ** 2
        return t, d * f1, d * f2 - 2 * t * d * f1**2

    def exact(self, u):
        return mpmath.tanh(self.inner.exact(u))

    def jumps(self):
        # A kink's own leaf is continuous there, so that its value does not depend on the side.
        at = [(k, jump, self.inner.jet(np.array([k]))[0][0]) for k, jump in self.inner.jumps()]
        return [(k, jump / math.cosh(min(abs(f), 350.0)) ** 2) for k, jump, f in at]

    def features(self):
        return self.inner.features()

    def wave(self):
        return self.inner.wave()

    def steep(self):
        return math.inf  # as steep as the inner tree grows

    def size(self, u):
        f = self.inner.jet(u)[0]
        d = 1 / np.cosh(np.clip(f, -350, 350)) ** 2
        return np.abs(np.tanh(f)) + d * self.inner.size(u)

    def summands(self, u):
        # As torch has it: with 1 - tanh^2, of which rounding leaves nothing where tanh is 1.
        _, f1, f2 = self.inner.summands(u)
        return self.size(u), 2 * f1, 2 * f2 + 4 * f1**2

    def terms(self):
        return self.inner.terms()


def _short(x: float) -> float:
    return float(f"{x:.3g}")


def _mostly(*weighted):
    """One of (weight, strategy) pairs; one_of would take equal branches as one."""
    picks = [i for i, (weight, _) in enumerate(weighted) for _ in range(weight)]
    return st.sampled_from(picks).flatmap(lambda i: weighted[i][1])


def _between(low, high, apply=float):
    """Numbers of three digits: integers behind them keep to what a person would write."""
    return st.integers(0, 1000).map(lambda k: _short(apply(low + (high - low) * k / 1000)))


def _log_uniform(low, high):
    return _between(low, high, lambda t: 10.0**t)


def _signed(numbers):
    return st.tuples(numbers, st.sampled_from([1, -1])).map(lambda x: x[0] * x[1])


def _of(table):
    return st.sampled_from(sorted(table)).map(table.get)


SCALES = _signed(_mostly((2, st.just(1.0)), (4, _log_uniform(-0.5, 0.5)), (2, _log_uniform(-3, 3))))
PLACES = _mostly((1, st.just(0.0)), (1, _between(-5, 5)))
NUMBERS = _between(-2, 2)
POLYNOMIALS = _mostly(
    (1, st.builds(leaves.poly, NUMBERS, NUMBERS, st.just(0.0), st.just(0.0))),
    (1, st.builds(leaves.poly, NUMBERS, NUMBERS, NUMBERS, st.just(0.0))),
    (1, st.builds(leaves.poly, NUMBERS, NUMBERS, NUMBERS, NUMBERS)),
)
LEAVES = _mostly(
    (10, _of(leaves.SMOOTH)),
    (8, _of(leaves.KINKED)),
    (1, _between(-0.5, 0.9).map(leaves.leaky)),
    (1, _log_uniform(-6, 1).map(leaves.hinges)),
    (1, _between(0.2, 2).map(leaves.elu)),
    (2, POLYNOMIALS),
    (1, _of(leaves.WRITTEN_OUT)),
)
FACTORS = _of({k: v for k, v in leaves.SMOOTH.items() if v.smooth_bounded})
TERMS = st.builds(Term, LEAVES, SCALES, PLACES, SCALES)
# A narrow bump: what it adds to phi is small, what it adds to phi' is not.
NARROW = st.builds(
    lambda width, at, size: Term(leaves.SMOOTH["bump"], _short(1 / width), at, size),
    _log_uniform(-4, -1), PLACES, _signed(_log_uniform(-3, 0)),
)  # fmt: skip
PRODUCTS = st.builds(Times, TERMS, st.builds(Term, FACTORS, SCALES, PLACES, st.just(1.0)))
PARTS = _mostly((8, TERMS), (1, PRODUCTS), (1, NARROW))
SUMS = st.builds(
    lambda parts, shift: Sum(tuple(parts), shift),
    st.integers(1, 4).flatmap(lambda n: st.lists(PARTS, min_size=n, max_size=n)),
    _mostly((2, st.just(0.0)), (1, NUMBERS)),
)
TREES = _mostly((7, SUMS), (1, SUMS.map(Tanh)))
SIGMA_BS = _mostly(
    (1, st.sampled_from([0.0, 0.1, 0.2, 0.5, 1.0])), (1, _log_uniform(-3, 1)),
    (2, _log_uniform(-1, 0.3)),
)  # fmt: skip
# A correlation map costs more than all the rest.
ASKED = st.sampled_from([*5 * ["edge"], "correlation", *2 * ["conditions"]])
