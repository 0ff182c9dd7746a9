"""1 - c^L at many points of the edge at little cost: an estimate, to search with.

With U1, U2 = sqrt(q) (sqrt(1 - gamma/2) X +- sqrt(gamma/2) Y), X and Y independent N(0, 1),

    1 - f(1 - gamma) = sigma_w^2 E[(phi(U1) - phi(U2))^2]/(2 q),

by the trapezoidal rule in X and Gauss-Hermite in Y. At kinks, for small gamma, the law of
:func:`.rates.edge_rate` stands in for it.
"""

from __future__ import annotations

import math

import numpy as np

from edgeofchaos.activations import Activation
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.edge import EdgePoint
from edgeofchaos.theory.rates import edge_rate

_X = np.linspace(-7.5, 7.5, 301)
_P = np.exp(-(_X**2) / 2) / np.exp(-(_X**2) / 2).sum()
_Y, _W = np.polynomial.hermite_e.hermegauss(16)
_Y, _W = _Y[8:], _W[8:] / _W[8:].sum()  # even in Y
_GAMMAS = np.concatenate([np.geomspace(1e-12, 1e-2, 11)[:-1], np.geomspace(1e-2, 2.0, 18)])
_SMALL = 1e-2  # gamma below which kinks are narrower than the nodes are apart
_STEP = 0.01  # change of log gamma for which several layers are taken at once


def screened(phi: Activation, point: EdgePoint, gamma: float, depth: int) -> float:
    """About 1 - c^L, from 1 - c^1 = gamma.

    Example:
        >>> from edgeofchaos import activation, edge_point
        >>> round(screened(activation("tanh"), edge_point("tanh", 0.2), 1.0, 100), 2)
        0.07
    """
    log_gamma = np.log(_GAMMAS)
    log_rates = np.log(np.maximum(_rates(phi, point), 1e-300))  # like a power of gamma
    now, left = math.log(max(gamma, 1e-300)), depth - 1
    while left > 0:
        rate = math.exp(np.interp(now, log_gamma, log_rates))
        count = min(max(int(_STEP / max(rate, 1e-20)), 1), left)
        if count > 1:  # the midpoint rule
            rate = math.exp(np.interp(now - count * rate / 2, log_gamma, log_rates))
        now, left = min(now - count * rate, math.log(2.0)), left - count
        if now < log_gamma[0]:
            return math.exp(now)
    return math.exp(now)


def _rates(phi: Activation, point: EdgePoint) -> FloatArray:
    """-log R at the gammas: by how much log gamma falls a layer."""
    q = point.start_variance
    u = np.sqrt(q * (1 - _GAMMAS / 2))[:, None, None] * _X[:, None]
    v = np.sqrt(q * _GAMMAS / 2)[:, None, None] * _Y
    moved = np.einsum("gxy,x,y->g", (phi(u + v) - phi(u - v)) ** 2, _P, _W)
    lost = 1.0 - point.sigma_w**2 * moved / (2 * q * _GAMMAS)
    rate = edge_rate(phi, point)
    if rate is not None and rate.exponent == 2:
        near = min(rate.reach, _SMALL)
        strength = 3.0 / math.sqrt(2.0 * rate.coefficient)
        law = 2 * math.sqrt(2.0) / 3 * strength * np.sqrt(_GAMMAS)
        lost = np.where(near >= _GAMMAS, law, lost)
    return -np.log1p(-np.minimum(lost, 1.0 - 1e-12))
