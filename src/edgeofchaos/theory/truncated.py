"""Expectations of pairs of truncated powers of correlated Gaussians, in closed form.

For Z1, Z2 ~ N(0, 1) of correlation rho = 1 - gamma and h, k >= 0 let

    I_mn = E[(Z1 - h)_+^m (Z2 - k)_+^n]/(m! n!).

I_00 is the bivariate normal distribution, by Owen's T function (Owen 1956). Stein's identity gives
the others: with p the normal density,

    (m + 1) I_{m+1,n} = -h I_mn + I_{m-1,n} + rho I_{m,n-1},

where I_{-1,n} stands for p(h) E[(Z2 - k)_+^n | Z1 = h]/n! and I_{m,-1} for the same of Z1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr, owens_t

from edgeofchaos.theory.arrays import FloatArray

BEYOND = 9.5  # deviations: the Gaussian mass beyond is 1e-21
_SINE = 1e-150  # sqrt(1 - rho^2) is not taken to be less, so that 0/0 does not come


def upper_orthant(h: FloatArray, k: FloatArray, gamma: FloatArray) -> FloatArray:
    """P(Z1 > h, Z2 > k) for h, k >= 0 and correlation 1 - gamma, all three broadcast.

    h, and so k, is either 0 everywhere or nowhere. It has an absolute error of some 1e-16.

    Example:
        >>> zero = np.zeros(1)
        >>> round(float(upper_orthant(zero, zero, np.ones(1))[0]), 12)
        0.25
    """
    sine = np.maximum(np.sqrt(gamma * (2.0 - gamma)), _SINE)
    at_zero = bool(np.all(h == 0.0)), bool(np.all(k == 0.0))
    if at_zero == (True, True):
        return 0.5 - np.arcsin(np.sqrt(0.5 * gamma)) / math.pi
    if at_zero[0]:
        return 0.5 * ndtr(-k) - owens_t(k, (gamma - 1.0) / sine)
    if at_zero[1]:
        return 0.5 * ndtr(-h) - owens_t(h, (gamma - 1.0) / sine)
    first = owens_t(h, ((k - h) / h + gamma) / sine)
    second = owens_t(k, ((h - k) / k + gamma) / sine)
    return np.where(np.maximum(h, k) > BEYOND, 0.0, 0.5 * (ndtr(-h) + ndtr(-k)) - first - second)


def truncated_products(
    h: FloatArray,
    k: FloatArray,
    gamma: FloatArray,
    left: Sequence[Sequence[FloatArray | float]],
    right: Sequence[Sequence[FloatArray | float]],
) -> list[FloatArray]:
    """The sums over m and n of left[i][m] right[i][n] I_mn, one for each i.

    Args:
        h, k: where the powers start, >= 0, of shapes (a, 1) and (1, b).
        gamma: 1 - rho, of shape (a, b).
        left, right: for each sum, as many weights as the powers 0, 1, ... that are wanted, which
            broadcast with h or with k. All have the same numbers of weights.

    Returns:
        Arrays of shape (a, b). Their absolute errors are some 1e-16 (1 + h)^m (1 + k)^n.

    Example:
        >>> zero, one = np.zeros((1, 1)), np.ones((1, 1))
        >>> relu = truncated_products(zero, zero, one, [[0.0, 1.0]], [[0.0, 1.0]])[0]
        >>> bool(abs(relu[0, 0] - 1 / (2 * math.pi)) < 1e-15)
        True
    """
    rho = 1.0 - gamma
    sine2 = gamma * (2.0 - gamma)
    powers, others = len(left[0]), len(right[0])
    at_h, at_k = _density(h), _density(k)
    of_second = _conditional(k - h + gamma * h, sine2, others)
    of_first = _conditional(h - k + gamma * k, sine2, powers)
    row = [upper_orthant(h, k, gamma)]
    for n in range(others - 1):
        before = row[n - 1] if n else at_k * of_first[0]
        row.append((-k * row[n] + before + rho * at_h * of_second[n]) / (n + 1))
    above = [at_h * of_second[n] for n in range(others)]
    sums = [np.zeros(gamma.shape) for _ in left]
    for m in range(powers):
        for i, weights in enumerate(left):
            if np.any(weights[m]):
                part = [w * x for w, x in zip(right[i], row, strict=True) if np.any(w)]
                sums[i] += weights[m] * sum(part)
        if m + 1 == powers:
            break
        beside = [at_k * of_first[m], *row[:-1]]
        after = [(-h * row[n] + above[n] + rho * beside[n]) / (m + 1) for n in range(others)]
        above, row = row, after
    return sums


def _density(x: FloatArray) -> FloatArray:
    return np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


def _conditional(start: FloatArray, variance: FloatArray, count: int) -> list[FloatArray]:
    """E[(W - start)_+^n]/n! for W ~ N(0, variance), n = 0, ..., count - 1."""
    sine = np.maximum(np.sqrt(variance), _SINE)
    at = start / sine
    with np.errstate(over="ignore", under="ignore"):
        out = [ndtr(-at), sine * _density(at) - start * ndtr(-at)]
    for n in range(1, count - 1):
        out.append((-start * out[n] + variance * out[n - 1]) / (n + 1))
    return out[:count]
