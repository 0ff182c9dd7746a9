"""The recursions of gamma = 1 - c and of (q_a, q_b, c) from layer to layer.

At the limiting variance gamma' = gamma R(gamma), with R of ratio.py. To follow it for a million
layers, R is first put into polynomials, one an octave, exact to rounding. Their variable is
sqrt(gamma) = sqrt(1 - c) for c >= 0 and sqrt(2 - gamma) = sqrt(1 + c) for c < 0: with a kink, R is
smooth in the first but for c -> -1, and in the second but for c -> 1. With moving variances,

    1 - c' = (sigma_w^2 E[(phi(U1) - phi(U2))^2] - (sqrt(F(q_a)) - sqrt(F(q_b)))^2)
             / (2 sqrt(F(q_a) F(q_b))).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from edgeofchaos.activations import Activation, activation
from edgeofchaos.arguments import MOST_LAYERS, check_sigma, each, number, whole, wrong
from edgeofchaos.theory import pairs
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.correlation import CorrelationMap
from edgeofchaos.theory.variance import variance_map

_LOCAL_ORDER = 20
_NEGLIGIBLE = 1e-17
_LARGEST = 1e40  # variance that expectations are computed at
_SMALLEST = 1e-8  # of sqrt(1 + c): R is flat to 1e-16 below


def log_spaced_layers(layers: int, per_decade: int = 20) -> NDArray[np.int_]:
    """Distinct layer numbers from 1 to ``layers``, about ``per_decade`` a decade, ends included.

    Raises:
        ValueError: ``layers`` is no whole number from 1 to 10,000,000, or ``per_decade`` none from
            1 to 10,000.

    Example:
        >>> log_spaced_layers(100, per_decade=2)
        array([  1,   3,  10,  32, 100])
    """
    layers = whole("layers", layers, 1, MOST_LAYERS)
    per_decade = whole("per_decade", per_decade, 1, 10_000)
    count = max(2, round(per_decade * math.log10(max(layers, 2))) + 1)
    return np.unique(np.round(np.geomspace(1, layers, count)).astype(int))


class _LocalPolynomials:
    """R as polynomials on octaves of t = sqrt(gamma) or, for c < 0, of t = sqrt(2 - gamma)."""

    def __init__(self, cmap: CorrelationMap) -> None:
        self.cmap = cmap
        self.pieces: dict[tuple[bool, int], tuple[tuple[float, ...], float, float]] = {}

    def piece(self, past: bool, exponent: int) -> tuple[tuple[float, ...], float, float]:
        """(coefficients, a, b): R at t in [2^(e-1), 2^e] is the polynomial at a t + b.

        ``past`` says whether c < 0; the coefficients start at the highest power.
        """
        key = (past, exponent)
        if key not in self.pieces:
            low, high = 2.0 ** (exponent - 1), 2.0**exponent
            nodes = chebyshev.chebpts1(_LOCAL_ORDER)
            square = (0.5 * (low + high) + 0.5 * (high - low) * nodes) ** 2
            values = self.cmap.ratio(2.0 - square if past else square)
            fit = chebyshev.chebfit(nodes, values, _LOCAL_ORDER - 1)
            used = int(np.flatnonzero(np.abs(fit) > _NEGLIGIBLE).max(initial=0)) + 1
            scale = 2.0 / (high - low)
            powers = chebyshev.cheb2poly(fit[:used])[::-1]
            self.pieces[key] = (tuple(powers.tolist()), scale, -1.0 - low * scale)
        return self.pieces[key]


def complement_trajectory(cmap: CorrelationMap, gamma: float, record: Iterable[int]) -> FloatArray:
    """gamma^l = 1 - c^l at the layers ``record``, from gamma^1 = ``gamma`` at layer 1.

    Args:
        cmap: the correlation map, at the limiting variance.
        gamma: in [0, 2].
        record: increasing layer numbers, the first at least 1.

    Returns:
        An array of shape (len(record),).

    Raises:
        ValueError: ``cmap`` is no correlation map, gamma is outside [0, 2], or ``record`` is not of
            whole numbers that increase, from 1 to 10,000,000.

    Example:
        >>> from edgeofchaos import correlation_map, edge_point
        >>> relu = correlation_map("relu", edge_point("relu", 0.0))
        >>> complement_trajectory(relu, 1.0, [1, 2, 10]).round(6)
        array([1.      , 0.68169 , 0.145191])
    """
    if not isinstance(cmap, CorrelationMap):
        raise wrong("cmap", cmap, "what correlation_map returns")
    gamma = number("gamma", gamma, 0.0, 2.0)
    record = each("record", record, lambda name, n: whole(name, n, 1, MOST_LAYERS))
    if record != sorted(set(record)):
        raise wrong("record", record, "layers that increase")
    local = _LocalPolynomials(cmap)
    out, layer = [], 1
    for target in record:
        gamma = _advance(local, gamma, target - layer)
        layer = target
        out.append(gamma)
    return np.array(out)


def _advance(local: _LocalPolynomials, gamma: float, steps: int) -> float:
    """gamma after so many layers."""
    current: tuple[bool, int] | None = None
    coefficients: tuple[float, ...] = ()
    a, b = 0.0, 0.0
    for _ in range(steps):
        if gamma < 1e-300:
            return 0.0
        past = gamma > 1.0
        t = max(math.sqrt(2.0 - gamma), _SMALLEST) if past else math.sqrt(gamma)
        exponent = min(math.frexp(t)[1], 0)  # t = 1 ends the octave below it
        if (past, exponent) != current:
            current = (past, exponent)
            coefficients, a, b = local.piece(past, exponent)
        x, ratio = a * t + b, 0.0
        for coefficient in coefficients:
            ratio = ratio * x + coefficient
        gamma = min(gamma * ratio, 2.0)  # rounding alone could pass c = -1
    return gamma


@dataclass(frozen=True)
class PairTrajectory:
    """A pair of inputs from layer to layer: arrays of shape (layers,), layer 1 first.

    Attributes:
        q_a, q_b: the variances of the two inputs.
        gamma: 1 - c, with c their correlation.
    """

    q_a: FloatArray
    q_b: FloatArray
    gamma: FloatArray


def pair_step(
    phi: Activation,
    sigma_w: float,
    q_a: float,
    q_b: float,
    gamma: float,
    new_a: float,
    new_b: float,
) -> float:
    """1 - c' of one layer for a pair with variances q_a, q_b and 1 - c = gamma.

    new_a = F(q_a) and new_b = F(q_b). The absolute error is of the order of the rounding times
    the squared relative difference of the two variances; a smaller 1 - c' has no digits.

    Raises:
        ValueError: a new variance is 0, which leaves no correlation.
    """
    if not min(new_a, new_b) > 0:
        raise ValueError(
            f"the pair's variances come to ({new_a:g}, {new_b:g}); a correlation needs both > 0"
        )
    theta = 2.0 * math.asin(math.sqrt(min(gamma, 2.0) / 2.0))
    moved = sigma_w**2 * pairs.squared_difference(phi, q_a, q_b, theta)
    apart = (math.sqrt(new_a) - math.sqrt(new_b)) ** 2
    return max(0.0, (moved - apart) / (2.0 * math.sqrt(new_a * new_b)))


def pair_trajectory(
    phi: Activation | str,
    sigma_b: float,
    sigma_w: float,
    q_a: float,
    q_b: float,
    gamma: float,
    layers: int,
) -> PairTrajectory:
    """The full recursion in (q_a, q_b, c) over ``layers`` layers, layer 1 first (section 2).

    Args:
        phi: an Activation, or the name of a built-in one.
        sigma_b, sigma_w: the standard deviations of biases and (times sqrt(fan-in)) weights.
        q_a, q_b: the variances of the two inputs at layer 1.
        gamma: 1 - c at layer 1, in [0, 2].
        layers: how many layers.

    Raises:
        ValueError: a variance is not positive, vanishes on the way or passes 1e40, sigma is
            negative or not finite, gamma is outside [0, 2], or ``layers`` is no whole number from 1
            to 10,000,000.

    Example:
        >>> path = pair_trajectory("relu", 1.0, 1.0, q_a=2.0, q_b=4.0, gamma=0.5, layers=3)
        >>> path.q_a.round(12), path.q_b.round(12)
        (array([2., 2., 2.]), array([4. , 3. , 2.5]))
    """
    phi = activation(phi)
    fmap = variance_map(phi, check_sigma("sigma_b", sigma_b), check_sigma("sigma_w", sigma_w))
    q_a = number("q_a", q_a, 1e-40, _LARGEST, what="variance")
    q_b = number("q_b", q_b, 1e-40, _LARGEST, what="variance")
    gamma = number("gamma", gamma, 0.0, 2.0)
    rows = [(q_a, q_b, gamma)]
    for layer in range(2, whole("layers", layers, 1, MOST_LAYERS) + 1):
        a, b, g = rows[-1]
        new_a, new_b = float(fmap(a)), float(fmap(b))
        if not max(new_a, new_b) <= _LARGEST:
            raise ValueError(
                f"layers = {layers}: the pair's variances come to ({new_a:g}, {new_b:g}) at layer "
                f"{layer}; they are followed up to {_LARGEST:g}"
            )
        rows.append((new_a, new_b, pair_step(phi, fmap.sigma_w, a, b, g, new_a, new_b)))
    return PairTrajectory(*np.array(rows).T)
