"""Polynomials by their values at the nodes of Gauss and Legendre on [-1, 1].

All are matrices to multiply values with, the last axis of an array of values being the nodes.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@cache
def gauss_legendre(order: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of the Gauss-Legendre rule on [-1, 1]: two arrays of shape (order,)."""
    nodes, weights = legendre.leggauss(order)
    return nodes, weights


@cache
def to_coefficients(order: int) -> FloatArray:
    """From values to the Legendre coefficients 0, ..., order - 1: shape (order, order).

    Example:
        >>> nodes, _ = gauss_legendre(4)
        >>> (nodes**2 @ to_coefficients(4).T).round(12) + 0.0
        array([0.33333333, 0.        , 0.66666667, 0.        ])
    """
    nodes, weights = gauss_legendre(order)
    vandermonde = legendre.legvander(nodes, order - 1)
    return (vandermonde * weights[:, None]).T * (np.arange(order)[:, None] + 0.5)


@cache
def derivative(order: int, degree: int) -> FloatArray:
    """From values to the derivative at the nodes of their part of that degree: (order, order)."""
    nodes, _ = gauss_legendre(order)
    of_one = np.stack([
        legendre.legval(nodes, legendre.legder(row)) if k else np.zeros(order)
        for k, row in enumerate(np.eye(degree + 1))
    ])  # fmt: skip
    return of_one.T @ to_coefficients(order)[: degree + 1]


@cache
def at_ends(order: int, degree: int) -> FloatArray:
    """From values to their part of that degree at -1 and at 1: shape (2, order).

    Example:
        >>> nodes, _ = gauss_legendre(6)
        >>> (np.exp(nodes) @ at_ends(6, 5).T).round(4)
        array([0.3679, 2.7183])
    """
    signs = np.stack([(-1.0) ** np.arange(degree + 1), np.ones(degree + 1)])
    return signs @ to_coefficients(order)[: degree + 1]


def at_places(places: FloatArray, order: int, degree: int) -> FloatArray:
    """From values to their part of that degree at places in [-1, 1]: (places, order)."""
    return legendre.legvander(places, degree) @ to_coefficients(order)[: degree + 1]
