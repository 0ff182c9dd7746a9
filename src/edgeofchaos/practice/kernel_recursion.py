"""The recursion of the kernels of infinitely wide nets, layer by layer: see :mod:`.kernels`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from edgeofchaos.activations import Activation
from edgeofchaos.practice.kernel_errors import Errors
from edgeofchaos.practice.kernel_inputs import Inputs
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.gaussian import mean
from edgeofchaos.theory.pair_closed import PairProducts, pair_products
from edgeofchaos.theory.pair_series import Rows

_BLOCK = 40_000  # pairs at a time, which stay in a processor's cache
_LARGEST, _SMALLEST = 1e40, 1e-40  # variances that expectations are computed at


def expectations(
    phi: Activation, q: FloatArray, largest_c: float, layer: int
) -> tuple[PairProducts | None, Rows]:
    """What gives the expectations of pairs, and those of the rows; at q = 0 they are those of a
    phi that is phi(0) everywhere. There is nothing for pairs where all variances are 0.
    """
    if not q.max() <= _LARGEST:
        raise ValueError(
            f"depth: the variance comes to {q.max():g} at layer {layer - 1}; variances are "
            f"followed up to {_LARGEST:g}"
        )
    zero = q == 0.0
    at_zero = float(phi(0.0)) ** 2
    if zero.all():
        none = np.empty((0, q.size))
        return None, Rows(q, np.full(q.shape, at_zero), q, np.full(q.shape, at_zero), none, none)
    live = np.where(zero, q[~zero].min(), q)
    if live.min() < _SMALLEST:
        raise ValueError(
            f"X: a variance comes to {live.min():g} at layer {layer - 1}; allowed are 0 and "
            f"variances from {_SMALLEST:g} on"
        )
    maps = pair_products(phi, live, largest_c)
    every = maps.rows(live)
    if zero.any():
        value, slope, own = (
            np.where(zero, x, y)
            for x, y in ((at_zero, every.value), (0.0, every.slope), (at_zero, every.own))
        )
        every = replace(every, value=value, slope=slope, own=own)
    return maps, every


class Recursion:
    """q of the rows of both sides, 1 - c and Theta of the pairs, from layer to layer."""

    def __init__(self, phi: Activation, inputs: Inputs, sigma_b: float, sigma_w: float) -> None:
        self.phi, self.bias, self.factor = phi, sigma_b**2, sigma_w**2
        self.q, self.gamma, self.rows = inputs.q, inputs.gamma, inputs.rows
        self.same, self.symmetric = inputs.same, inputs.symmetric
        # An odd phi keeps opposite inputs opposite where there are no biases.
        keeps = phi.odd and sigma_b == 0.0
        self.opposite = inputs.opposite if keeps else (np.empty(0, int), np.empty(0, int))
        self.theta_diagonal = inputs.q.copy()
        root = np.sqrt(self.q)
        left, right = (root[part] for part in self.rows)
        self.theta = left[:, None] * right * (1.0 - self.gamma)
        self.errors = Errors(phi, sigma_w)

    def matrices(self) -> tuple[FloatArray, FloatArray]:
        """K and Theta of the last layer."""
        root = np.sqrt(self.q)
        left, right = (root[part] for part in self.rows)
        nngp = left[:, None] * right * (1.0 - self.gamma)
        for matrix, diagonal in ((nngp, self.q), (self.theta, self.theta_diagonal)):
            matrix[self.same] = diagonal[self.rows[0]][self.same[0]]
        return nngp, self.theta

    def step(self, layer: int) -> None:
        """One layer."""
        zero = self.q == 0.0
        least = self._least()
        maps, every = expectations(self.phi, self.q, 1.0 - least, layer)
        new_q = self.bias + self.factor * every.value
        if maps is None:
            self.gamma[:] = 0.0
            self.theta[:] = new_q[0]
        else:
            steepest = self._pairs(maps, every, zero)
            seen = (every.value > 0) & ~zero
            if seen.any():
                self.errors.step(
                    every.part(seen),
                    new_q[seen],
                    self.theta_diagonal[seen],
                    maps.error,
                    least,
                    maps.keeps_angles,
                    steepest,
                )
        self.theta_diagonal = new_q + self.factor * every.slope * self.theta_diagonal
        self.q = new_q

    def _least(self) -> float:
        """The least of 1 - c and 1 + c of pairs that are not known to be at c = 1 or -1."""
        self.gamma[self.same] = self.gamma[self.opposite] = 1.0
        least = min(float(self.gamma.min()), 2.0 - float(self.gamma.max()))
        self.gamma[self.opposite] = 2.0
        self.gamma[self.same] = 0.0
        return least

    def _blocks(self) -> list[tuple[slice, slice]]:
        """Rows and columns of blocks that cover the matrix, or its upper half if symmetric."""
        height, width = self.gamma.shape
        out, start = [], 0
        while start < height:
            first = start if self.symmetric else 0
            stop = min(height, start + max(1, _BLOCK // (width - first)))
            out.append((slice(start, stop), slice(first, width)))
            start = stop
        return out

    def _pairs(self, maps: PairProducts, every: Rows, zero: Any) -> float:
        """New 1 - c and Theta, block by block.

        Returns:
            The largest |dc'/dc| of a pair that is not known to be at c = 1 or -1.
        """
        steepest = 0.0
        left, right = (every.part(part) for part in self.rows)
        own = np.sqrt(self.bias + self.factor * every.own)
        first, second = (own[part] for part in self.rows)
        of_q = [np.sqrt(every.q[part]) for part in self.rows]
        dead = [zero[part] for part in self.rows]
        offset = float(self.phi(0.0))
        means = mean(self.phi, every.q) if zero.any() and offset else np.zeros(zero.size)
        means[zero] = offset
        of_first, of_second = (means[part] for part in self.rows)
        before = np.sqrt(self.factor * every.own)
        left_before, right_before = (before[part] for part in self.rows)
        for rows, columns in self._blocks():
            gamma = self.gamma[rows, columns]
            fall, slope = maps.products(left.part(rows), right.part(columns), gamma)
            fall *= self.factor
            at_one = left_before[rows, None] * right_before[columns]
            if zero.any():
                off = dead[0][rows, None] | dead[1][columns]
                value = offset * (of_first[rows, None] + of_second[columns] - offset)
                fall[off] = (at_one - self.factor * value)[off]
                slope[off] = 0.0
            root = first[rows, None] * second[columns]
            with np.errstate(invalid="ignore", divide="ignore"):
                steep = np.abs(slope) * (of_q[0][rows, None] * of_q[1][columns]) / root
            inside = (gamma > 0.0) & (gamma < 2.0) & (root > 0)
            steepest = max(steepest, self.factor * float(steep.max(initial=0.0, where=inside)))
            theta = self.theta[rows, columns]
            theta *= slope
            theta *= self.factor
            theta += self.bias + at_one - fall
            if self.bias:
                # sqrt((b + x^2)(b + y^2)) - (b + x y), without cancellation.
                apart = (left_before[rows, None] - right_before[columns]) ** 2
                fall += self.bias * apart / (root + self.bias + at_one)
            with np.errstate(invalid="ignore", divide="ignore"):
                new = np.where(root > 0, fall / root, 1.0)
            gamma[:] = np.clip(new, 0.0, 2.0)
            if self.symmetric:
                for matrix in (self.gamma, self.theta):
                    # Rounding differs between (i, j) and (j, i): the upper half counts.
                    square = matrix[rows, rows]
                    lower = np.tril_indices_from(square, -1)
                    square[lower] = square.T[lower]
                    matrix[columns, rows] = matrix[rows, columns].T
        self.gamma[self.same] = 0.0
        self.gamma[self.opposite] = 2.0
        return steepest
