"""Gaussian expectations at many variances and correlations at once, as a profile asks for them.

They are held against sampling errors of per cents, so that what is the same to 0.2 % is computed
once: fast where the theory's own expectations, to 1e-12 and one pair at a time, would be slow.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.interpolate import CubicSpline

from edgeofchaos.activations import Activation
from edgeofchaos.theory import gaussian, pairs
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.edge_equation import is_homogeneous

_LEAST = 1e-30  # a smaller variance counts as this one
_MOST_EACH = 128  # so many variances are asked for one by one; of more, a spline through as many
_MOST_PAIRS = 64  # so many pairs are asked for as they are; more are rounded first
_ROUNDED = 2e-3  # steps of the logarithms that pairs are rounded to
_WIDEST = 4.0  # sqrt(q) up to which a smooth phi is summed over a lattice of steps of 0.2
_LATTICE = np.arange(-8.0, 8.01, 0.2)
_LINE = np.arange(-8.0, 8.001, 0.02)


def moment(phi: Activation, q: FloatArray, row: int) -> FloatArray:
    """E of the product ``row`` (gaussian.MEAN, SECOND, SLOPE2, ...) at variances q of any shape.

    Raises:
        ValueError: phi is not known at such variances.

    Example:
        >>> from edgeofchaos import activation
        >>> moment(activation("relu"), np.array([[1.0, 4.0]]), gaussian.SECOND).round(9)
        array([[0.5, 2. ]])
    """
    values, back = np.unique(np.maximum(q, _LEAST), return_inverse=True)
    return _on(values, lambda v: gaussian.moments(phi, v, [row])[0])[back].reshape(q.shape)


def _on(values: FloatArray, function: Callable[[FloatArray], FloatArray]) -> FloatArray:
    if values.size <= _MOST_EACH:
        return function(values)
    grid = np.geomspace(values[0], values[-1], _MOST_EACH)
    return CubicSpline(np.log(grid), function(grid))(np.log(values))


def squared_difference(
    phi: Activation, x: FloatArray, y: FloatArray, gamma: FloatArray
) -> FloatArray:
    """E[(phi(U1) - phi(U2))^2] for variances x and y and correlations 1 - gamma, of one shape.

    Raises:
        ValueError: phi is not known at such variances.

    Example:
        >>> from edgeofchaos import activation
        >>> one = np.ones(1)
        >>> squared_difference(activation("identity"), one, one, one).round(9)
        array([2.])
    """
    rows = np.stack([np.maximum(x, _LEAST), np.maximum(y, _LEAST), np.clip(gamma, 1e-30, 2.0)])
    rows = rows.reshape(3, -1)
    distinct, back = np.unique(rows, axis=1, return_inverse=True)
    if distinct.shape[1] > _MOST_PAIRS:
        rounded = np.exp(np.round(np.log(rows) / _ROUNDED) * _ROUNDED)
        distinct, back = np.unique(rounded, axis=1, return_inverse=True)
        distinct[2] = np.minimum(distinct[2], 2.0)
    return _differences(phi, *distinct)[back.ravel()].reshape(np.shape(x))


def _differences(phi: Activation, x: FloatArray, y: FloatArray, gamma: FloatArray) -> FloatArray:
    theta = 2.0 * np.arcsin(np.sqrt(gamma / 2.0))
    if is_homogeneous(phi):
        below, above = phi(-1.0) * -1.0, phi(1.0)
        # 1/2 - J of the arc-cosine kernel, with phi = below u + (above - below) relu(u).
        lost = 0.5 - (np.sin(theta) + (math.pi - theta) * np.cos(theta)) / (2 * math.pi)
        at_one = below * above * gamma + (above - below) ** 2 * np.maximum(lost, 0.0)
        apart = (np.sqrt(x) - np.sqrt(y)) ** 2 * (above**2 + below**2) / 2
        return apart + 2.0 * np.sqrt(x * y) * at_one
    if phi.kinks or math.sqrt(max(x.max(), y.max())) > _WIDEST:
        each = zip(x, y, theta, strict=True)
        return np.array([pairs.squared_difference(phi, *map(float, row)) for row in each])
    a, b = np.meshgrid(_LATTICE, _LATTICE, indexing="ij")
    near = a**2 + b**2 < 64.0
    a, b = a[near], b[near]
    weight = np.exp(-(a**2 + b**2) / 2)
    weight /= weight.sum()
    out = np.empty(x.size)
    for i in range(x.size):
        along, across = math.cos(theta[i] / 2) * a, math.sin(theta[i] / 2) * b
        u, v = math.sqrt(x[i]) * (along + across), math.sqrt(y[i]) * (along - across)
        out[i] = weight @ (phi(u) - phi(v)) ** 2
    return out


def scatter(phi: Activation, q: float) -> tuple[float, float]:
    """Var(phi^2)/E[phi^2]^2 and 3 E[phi'^4]/E[phi'^2]^2 - 1: N times the variance of two logs.

    The logs are those of the mean over N units of phi^2, and of that of the squared gradient.

    Example:
        >>> from edgeofchaos import activation
        >>> [round(v, 1) for v in scatter(activation("identity"), 1.0)]
        [2.0, 2.0]
    """
    key = ("profile scatter", round(math.log(max(q, _LEAST)), 1))
    if key not in phi.cache:
        value, slope, _ = phi.derivatives(math.exp(key[1] / 2) * (_LINE + 1e-9))
        weight = np.exp(-(_LINE**2) / 2)
        weight /= weight.sum()
        fourth, second = weight @ value**4, weight @ value**2
        slope4, slope2 = weight @ slope**4, weight @ slope**2
        phi.cache[key] = (
            float(fourth / second**2 - 1.0) if second > 0 else 0.0,
            float(3.0 * slope4 / slope2**2 - 1.0) if slope2 > 0 else 2.0,
        )
    return phi.cache[key]
