"""The first layer of a kernel: variances and 1 - c of pairs of inputs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgeofchaos.theory.arrays import FloatArray

_CLOSE = 1e-4  # 1 - c, of its largest, below which it is computed from differences
_CHUNK = 4_000_000  # numbers that are subtracted at a time


@dataclass(frozen=True)
class Inputs:
    """K^1 of the rows of two matrices.

    Attributes:
        q: the variances of the rows of X, and then of those of Y where Y is another matrix.
        gamma: 1 - c, (rows of X, rows of Y).
        rows: where in q the rows of X and of Y are.
        same: the places in gamma of pairs of equal inputs: rows and columns.
        opposite: the same of inputs x and -x, where sigma_b = 0.
        symmetric: whether Y is X.
    """

    q: FloatArray
    gamma: FloatArray
    rows: tuple[slice, slice]
    same: tuple[NDArray[np.int_], NDArray[np.int_]]
    opposite: tuple[NDArray[np.int_], NDArray[np.int_]]
    symmetric: bool


def first_layer(X: FloatArray, Y: FloatArray, sigma_b: float, sigma_w: float) -> Inputs:
    """K^1 = sigma_b^2 + sigma_w^2 x.y/d of the rows x of X and y of Y.

    1 - c is half the squared distance of the vectors (sigma_b, sigma_w x/sqrt(d)) at length 1,
    which is computed from their differences where they are close.

    Raises:
        ValueError: a variance is no float.
    """
    symmetric = Y is X
    n = X.shape[0]
    every = X if symmetric else np.concatenate([X, Y])
    unit, length, q = _scaled(every, sigma_b, sigma_w)
    unit = unit / np.where(length > 0, length, 1.0)[:, None]
    centred = unit - unit.mean(axis=0)
    left, right = (centred, centred) if symmetric else (centred[:n], centred[n:])
    gamma = 0.5 * ((left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)) - left @ right.T
    rows, columns = np.nonzero(gamma <= _CLOSE * max(float(gamma.max()), 1e-300))
    step = max(1, _CHUNK // unit.shape[1])
    for i in range(0, rows.size, step):
        r, c = rows[i : i + step], columns[i : i + step]
        gamma[r, c] = 0.5 * ((left[r] - right[c]) ** 2).sum(axis=1)
    same = _equal_places(every[:n], every if symmetric else every[n:])
    gamma[same] = 0.0
    opposite = (np.empty(0, int), np.empty(0, int))
    if sigma_b == 0.0:
        opposite = _equal_places(every[:n], -(every if symmetric else every[n:]))
        gamma[opposite] = 2.0
        gamma[same] = np.where(q[same[0]] > 0, 0.0, 1.0)
    part = slice(0, n)
    return Inputs(
        q, np.clip(gamma, 0.0, 2.0), (part, part if symmetric else slice(n, None)), same, opposite,
        symmetric,
    )  # fmt: skip


def first_variances(X: FloatArray, sigma_b: float, sigma_w: float) -> FloatArray:
    """K^1(x, x) of the rows x of X: (rows,).

    Raises:
        ValueError: a variance is no float.
    """
    return _scaled(X, sigma_b, sigma_w)[2]


def _scaled(
    X: FloatArray, sigma_b: float, sigma_w: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(sigma_b, sigma_w x/sqrt(d)) with a largest coordinate of 1, its length, and K^1(x, x)."""
    scale = sigma_w / math.sqrt(X.shape[1])
    with np.errstate(over="ignore"):
        vectors = np.concatenate([np.full((X.shape[0], 1), sigma_b), scale * X], axis=1)
        largest = np.abs(vectors).max(axis=1)
        unit = vectors / np.where(largest > 0, largest, 1.0)[:, None]
        length = np.sqrt((unit**2).sum(axis=1))
        q = (largest * length) ** 2
    if not np.isfinite(q).all():
        raise ValueError(
            f"X: a variance sigma_b^2 + sigma_w^2 |x|^2/d comes to {q.max():g}; allowed are finite "
            "ones"
        )
    return unit, length, q


def _equal_places(left: FloatArray, right: FloatArray) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """The places of the rows of both that are equal."""
    _, number = np.unique(np.concatenate([left, right]) + 0.0, axis=0, return_inverse=True)
    first, second = np.split(number.ravel(), [left.shape[0]])
    order = np.argsort(second, kind="stable")
    low = np.searchsorted(second[order], first, side="left")
    count = np.searchsorted(second[order], first, side="right") - low
    rows = np.repeat(np.arange(first.size), count)
    within = np.arange(rows.size) - np.repeat(np.cumsum(count) - count, count)
    return rows, order[np.repeat(low, count) + within]
