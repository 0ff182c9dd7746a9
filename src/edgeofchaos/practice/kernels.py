"""Kernels of infinitely wide fully connected nets: NNGP and NTK.

A net of L hidden layers of widths N_1, ..., N_L in the NTK parametrisation is

    y^1(x) = sigma_b b^1 + sigma_w W^1 x/sqrt(d),
    y^(l+1)(x) = sigma_b b^(l+1) + sigma_w W^(l+1) phi(y^l(x))/sqrt(N_l),

and its output is y^(L+1); all weights W and biases b are independent N(0, 1). As the widths tend to
infinity its outputs tend to a Gaussian process of covariance K^(L+1), the *NNGP* kernel (Lee et al.
2018; Matthews et al. 2018), and the sum of the products of the gradients of the output by all W and
b tends to Theta^(L+1), the *neural tangent kernel* (Jacot et al. 2018):

    K^1(x, x') = sigma_b^2 + sigma_w^2 x.x'/d,            Theta^1 = K^1,
    K^(l+1) = sigma_b^2 + sigma_w^2 E[phi(U1) phi(U2)],
    Theta^(l+1) = K^(l+1) + sigma_w^2 E[phi'(U1) phi'(U2)] Theta^l,

with (U1, U2) Gaussian of covariance K^l. K^1 is that of the paper (section 2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.arguments import check_sigma, number, numbers, shown, whole
from edgeofchaos.practice.kernel_errors import Errors
from edgeofchaos.practice.kernel_inputs import Inputs, first_layer, first_variances
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.gaussian import mean
from edgeofchaos.theory.pair_closed import PairProducts, pair_products
from edgeofchaos.theory.pair_series import Rows

_MOST_LAYERS = 100_000
_MOST_ENTRIES = 4e8  # of a matrix: 3 GiB
_BLOCK = 40_000  # pairs at a time, which stay in a processor's cache
_LARGEST, _SMALLEST = 1e40, 1e-40  # variances that expectations are computed at


@dataclass(frozen=True)
class Kernel:
    """The two kernels between the rows of X and the rows of Y, or of X and X.

    Attributes:
        nngp: K^(L+1), of shape (rows of X, rows of Y).
        ntk: Theta^(L+1), of the same shape.
        nngp_error, ntk_error: estimates of the largest error of an entry of each, over the root of
            the product of its two diagonal entries.
    """

    nngp: FloatArray
    ntk: FloatArray
    nngp_error: float
    ntk_error: float

    @property
    def error(self) -> float:
        """The larger of the two errors."""
        return max(self.nngp_error, self.ntk_error)


def kernel(
    phi: Activation | str,
    X: Any,
    Y: Any = None,
    *,
    depth: int,
    sigma_b: float,
    sigma_w: float,
    tolerance: float = 1e-10,
) -> Kernel:
    """The NNGP and the NTK matrices of an infinitely wide fully connected net.

    Args:
        phi: an Activation, or what :func:`edgeofchaos.activation` takes.
        X: inputs, one a row, of shape (n, d). The rows may have any norms.
        Y: other inputs, of shape (m, d), for the cross kernel; X itself if left out.
        depth: the number L of hidden layers.
        sigma_b, sigma_w: the standard deviations of biases and (times sqrt(fan-in)) weights.
        tolerance: the largest error that is accepted, over the diagonal.

    Returns:
        A :class:`Kernel`. The formulas and the parametrisation are those of this module.

    Raises:
        ValueError: X or Y is no matrix of finite numbers, or their widths differ; an argument is no
            such number; expectations of phi are not known at a variance that comes up, or a
            variance passes 1e40; the error is above ``tolerance``.

    Example:
        >>> found = kernel("relu", [[1.0, 0.0], [0.0, 2.0]], depth=1, sigma_b=0.0, sigma_w=2**0.5)
        >>> found.nngp.round(6)
        array([[1.     , 0.63662],
               [0.63662, 4.     ]])
        >>> found.ntk.round(6)
        array([[2.     , 0.63662],
               [0.63662, 8.     ]])
    """
    tolerance = number("tolerance", tolerance, 0.0, above=True)
    found = unchecked_kernel(phi, X, Y, depth=depth, sigma_b=sigma_b, sigma_w=sigma_w)
    if found.error > tolerance:
        raise too_rough(phi, found, tolerance)
    return found


def too_rough(phi: Activation | str, found: Kernel, tolerance: float) -> ValueError:
    """The error for a kernel that is not known to this tolerance."""
    return ValueError(
        f"activation {activation(phi).name!r}: the entries of the NNGP are known to "
        f"{found.nngp_error:.1e} of the diagonal and those of the NTK to {found.ntk_error:.1e}, "
        f"and tolerance = {tolerance:g}; allowed is a larger tolerance, or inputs with smaller "
        "variances"
    )


def unchecked_kernel(
    phi: Activation | str, X: Any, Y: Any = None, *, depth: int, sigma_b: float, sigma_w: float
) -> Kernel:
    """As :func:`kernel`, whatever the errors are."""
    phi = activation(phi)
    X = input_rows("X", X)
    Y = X if Y is None else input_rows("Y", Y)
    if X.shape[1] != Y.shape[1]:
        raise ValueError(
            f"Y has {Y.shape[1]} columns and X has {X.shape[1]}; allowed are as many in both"
        )
    if X.shape[0] * Y.shape[0] > _MOST_ENTRIES:
        raise ValueError(
            f"X has {X.shape[0]} rows and Y has {Y.shape[0]}; allowed are up to "
            f"{_MOST_ENTRIES:g} pairs"
        )
    depth = whole("depth", depth, 1, _MOST_LAYERS)
    sigma_b, sigma_w = check_sigma("sigma_b", sigma_b), check_sigma("sigma_w", sigma_w)
    recursion = _Recursion(phi, first_layer(X, Y, sigma_b, sigma_w), sigma_b, sigma_w)
    for layer in range(2, depth + 2):
        recursion.step(layer)
    nngp, ntk = recursion.matrices()
    return Kernel(nngp, ntk, recursion.errors.nngp, recursion.errors.ntk)


def kernel_diagonal(
    phi: Activation | str, X: Any, *, depth: int, sigma_b: float, sigma_w: float
) -> tuple[FloatArray, FloatArray]:
    """K^(L+1)(x, x) and Theta^(L+1)(x, x) at each row x of X: two arrays of shape (n,).

    Arguments and errors are those of :func:`kernel`.

    Example:
        >>> kernel_diagonal("relu", [[1.0, 0.0]], depth=1, sigma_b=0.0, sigma_w=2**0.5)[1].round(6)
        array([2.])
    """
    phi = activation(phi)
    X = input_rows("X", X)
    depth = whole("depth", depth, 1, _MOST_LAYERS)
    sigma_b, sigma_w = check_sigma("sigma_b", sigma_b), check_sigma("sigma_w", sigma_w)
    q = first_variances(X, sigma_b, sigma_w)
    theta = q.copy()
    for layer in range(2, depth + 2):
        _, every = _expectations(phi, q, 0.0, layer)
        q = sigma_b**2 + sigma_w**2 * every.value
        theta = q + sigma_w**2 * every.slope * theta
    return q, theta


def _expectations(
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


def input_rows(name: str, value: Any) -> FloatArray:
    """A matrix of finite numbers, with rows and columns."""
    found = numbers(name, value)
    if found.ndim != 2 or 0 in found.shape:
        raise ValueError(
            f"{name} = {shown(value)}, of shape {found.shape}; allowed is a matrix with an input a "
            "row"
        )
    return found


class _Recursion:
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
        maps, every = _expectations(self.phi, self.q, 1.0 - least, layer)
        new_q = self.bias + self.factor * every.value
        if maps is None:
            self.gamma[:] = 0.0
            self.theta[:] = new_q[0]
        else:
            seen = (every.value > 0) & ~zero
            if seen.any():
                self.errors.step(
                    every.part(seen),
                    new_q[seen],
                    self.theta_diagonal[seen],
                    maps.error,
                    least,
                    maps.keeps_angles,
                )
            self._pairs(maps, every, zero)
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

    def _pairs(self, maps: PairProducts, every: Rows, zero: Any) -> None:
        """New 1 - c and Theta, block by block."""
        left, right = (every.part(part) for part in self.rows)
        own = np.sqrt(self.bias + self.factor * every.own)
        first, second = (own[part] for part in self.rows)
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
