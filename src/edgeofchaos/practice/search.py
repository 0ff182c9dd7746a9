"""The point of the edge for a depth and a width: the search."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from edgeofchaos.activations import Activation
from edgeofchaos.practice.given import Given
from edgeofchaos.practice.screen import screened
from edgeofchaos.practice.spread import Chain, Share
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.edge import EdgePoint, edge_curve, edge_point_at
from edgeofchaos.theory.edge_equation import edge_equation, scan

MOST_SIGMA_B = 5.0
SIGMA_BS = np.geomspace(0.01, MOST_SIGMA_B, 40)  # looked at where no point is found to be stable
NEARLY = 0.9  # of the largest 1 - c^L that is kept
_LEAST_Q = 1e-10
_COARSE = 20
_STEPS = 7  # of bisection


@dataclass(frozen=True)
class Tried:
    """A stable point of the edge, with estimates of what it does."""

    log_q: float
    point: EdgePoint
    complement: float
    share: Share


@dataclass
class Search:
    """Stable points of the edge as they are tried; q is the variable.

    Args:
        phi: the activation.
        depth, width, band: see :func:`.recommend.recommend`.
        inputs: how nets start.
        probability: of the variance's being in the band.
    """

    phi: Activation
    depth: int
    width: int | None
    band: float
    inputs: Given
    probability: float
    _tried: dict[float, Tried | None] = field(default_factory=dict)

    def at(self, log_q: float) -> Tried | None:
        """What is estimated at this q; None where no stable point with a known map is there."""
        if log_q not in self._tried:
            self._tried[log_q] = self._try(log_q)
        return self._tried[log_q]

    def _try(self, log_q: float) -> Tried | None:
        q = math.exp(log_q)
        try:
            h = float(edge_equation(self.phi, q))
            if not 0.0 <= h <= MOST_SIGMA_B**2 * (1 + 1e-9):
                return None
            point = edge_point_at(self.phi, math.sqrt(h), q)
            if not point.stable or not math.isfinite(gaussian.relative_error(self.phi, q)):
                return None
            return self.estimated(point)
        except ValueError:  # no edge, or phi is not known so far out
            return None

    def estimated(self, point: EdgePoint) -> Tried:
        """What is estimated at a point."""
        gamma = float(np.median(self.inputs.gammas(point)))
        kept = screened(self.phi, point, gamma, self.depth)
        share = Share(1.0, math.nan, math.nan, math.nan)
        if self.width is not None or self.inputs.squares.size > 1:
            chain = Chain(self.phi, point, self.inputs.starts(point))
            share = chain.share(self.width, self.depth, self.band)
        return Tried(math.log(point.start_variance), point, kept, share)

    def candidates(self) -> FloatArray:
        """log q of points where F' < 1, over all of the edge."""
        found = scan(self.phi)
        q = np.exp(found.log_q)
        with np.errstate(invalid="ignore", divide="ignore"):
            slope = gaussian.slope_second_moment(self.phi, q)
            bend = gaussian.curvature_phi(self.phi, q) / slope
        inside = (found.h > 0) & (found.h <= MOST_SIGMA_B**2) & (bend < -1e-12) & (q >= _LEAST_Q)
        places = np.flatnonzero(inside)
        if places.size > _COARSE:
            places = places[np.linspace(0, places.size - 1, _COARSE).round().astype(int)]
        grid = found.log_q[places]
        # One beyond each end, between which and it an end of the stable points lies.
        if not grid.size:
            return grid
        step = max(float(np.median(np.diff(grid))) if grid.size > 1 else 0.0, 0.1)
        return np.unique([grid[0] - step, *grid, grid[-1] + step])

    def best(self) -> tuple[Tried | None, bool]:
        """The point to recommend, and whether it has the probability; None where none is stable."""
        grid = [float(t) for t in self.candidates()]
        if not any(self.at(t) for t in grid):
            # A stretch that is short on that grid may be on this one.
            curve = edge_curve(self.phi, SIGMA_BS)
            grid = sorted(math.log(p.q) for p in curve if p.stable and p.q > 0)
        if not any(self.at(t) for t in grid):
            return None, False
        grid = self._with_ends(grid, lambda t: self.at(t) is not None)
        grid = self._with_ends(grid, self._enough)
        kept = [t for t in grid if self._enough(t)]
        if not kept:
            stable = [one for t in grid if (one := self.at(t))]
            return max(stable, key=lambda one: (one.share.value, -self._scatter(one))), False
        most = max(one.complement for t in kept if (one := self.at(t)))

        def good(log_q: float) -> bool:
            one = self.at(log_q)
            return one is not None and self._enough(log_q) and one.complement >= NEARLY * most

        last = max(t for t in grid if good(t))
        beyond = [t for t in grid if t > last]
        if beyond:
            last = max(t for t in self._with_ends([last, beyond[0]], good) if good(t))
        return self.at(last), True

    def _scatter(self, one: Tried) -> float:
        """Of log q^L, to first order: it tells points apart that all miss the band."""
        chain = Chain(self.phi, one.point, self.inputs.starts(one.point))
        spread = chain.log_spread(self.width, self.depth) if self.width is not None else 0.0
        started = np.abs(np.log(chain.starts / chain.q)).max()
        return spread + float(started) * min(abs(one.point.alpha), 1.0) ** (self.depth - 1)

    def _enough(self, log_q: float) -> bool:
        one = self.at(log_q)
        return one is not None and one.share.value >= self.probability

    def _with_ends(self, grid: list[float], holds: Callable[[float], bool]) -> list[float]:
        """The grid, and beside each place where ``holds`` changes a place closer to that."""
        added = []
        for low, high in pairwise(grid):
            at_low = holds(low)
            if at_low == holds(high):
                continue
            a, b = low, high
            for _ in range(_STEPS):
                middle = (a + b) / 2
                a, b = (middle, b) if holds(middle) == at_low else (a, middle)
            added.append(a if at_low else b)
        return sorted({*grid, *added})
