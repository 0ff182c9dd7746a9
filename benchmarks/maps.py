"""The correlation map at many correlations, of a smooth and of a kinked activation."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np
from numpy.polynomial.polynomial import polyval
from scipy.integrate import IntegrationWarning, dblquad

from benchmarks.edge import gauss_hermite
from benchmarks.measure import Comparison, Contestant, bound
from benchmarks.reference import hardtanh_products, tanh_pairs
from edgeofchaos import activation, correlation_map, edge_point
from edgeofchaos.theory.correlation import CorrelationMap

Answer = tuple[np.ndarray, np.ndarray]  # correlations, and f there

PHI: dict[str, tuple[Callable, Callable]] = {  # of an array, and of a float
    "tanh": (np.tanh, math.tanh),
    "hardtanh": (lambda u: np.clip(u, -1, 1), lambda u: min(1.0, max(-1.0, u))),
}
LABELS = {"tanh": "tanh, smooth", "hardtanh": "Hard-Tanh, two kinks"}


def products(name: str, q: float, correlations: np.ndarray) -> np.ndarray:
    """E[phi(U) phi(V)] by the reference."""
    if name == "hardtanh":
        return hardtanh_products(q, correlations)
    variances = np.full(correlations.shape, q)
    return tanh_pairs(variances, variances, q * correlations)[0]


def comparisons(quick: bool) -> list[Comparison]:
    """One comparison an activation."""
    return [_comparison(name, 50 if quick else 1000, quick) for name in PHI]


def _comparison(name: str, count: int, quick: bool) -> Comparison:
    phi, point = activation(name), edge_point(name, 0.2)
    correlations = np.linspace(-1.0, 1.0, count)
    set_up = correlation_map(phi, point)
    smooth = name == "tanh"
    shape = set_up._ratio.shape  # one polynomial, or one of 24 terms on each of several pieces
    terms = np.ones(len(shape.tails) if smooth else len(shape.coefficients[0]))
    few = correlations[1 :: count // 4 if smooth else count // (1 if quick else 2)]
    some = correlations[:: max(1, count // 50)]
    many = correlations[:: max(1, count // 4)]

    def f(mean: np.ndarray) -> np.ndarray:
        return (point.sigma_b**2 + point.sigma_w**2 * mean) / point.q

    def with_set_up() -> Answer:
        phi.cache.pop("ratios", None)
        found = CorrelationMap(phi, point.q, point.sigma_b, point.sigma_w)
        return correlations, found(correlations)

    def by_dblquad() -> Answer:
        return few, f(np.array([double_integral(PHI[name][1], point.q, c) for c in few]))

    def by_hermite(nodes: int, at: np.ndarray) -> Callable[[], Answer]:
        z, weight = gauss_hermite(nodes)
        return lambda: (at, f(by_product_rule(PHI[name][0], point.q, at, z, weight)))

    def share(at: np.ndarray) -> float:
        return len(at) / count

    finer = 200 if quick else 1000
    peers = [
        Contestant(f"`scipy` dblquad, {len(few)} of them, scaled", by_dblquad, 1e-6,
                   share(few)),
        Contestant(f"Gauss–Hermite, 100 × 100 nodes, {len(some)} of them, scaled",
                   by_hermite(100, some), 1e-7 if smooth else 1e-2, share(some)),
    ]  # fmt: skip
    if not smooth:
        peers.append(Contestant(
            f"Gauss–Hermite, {finer:,} × {finer:,} nodes, {len(many)} of them, scaled",
            by_hermite(finer, many), 1e-2, share(many),
        ))  # fmt: skip
    return Comparison(
        f"map_{name}",
        f"The correlation map: f at {count:,} correlations, {LABELS[name]}",
        "At the edge point of σ_b = 0.2, correlations evenly from −1 to 1. What the set-up of the "
        "map takes is part of the first row. Peers that compute fewer correlations have their time "
        "scaled to all of them.",
        [
            Contestant("`correlation_map`, set-up included", with_set_up, 1e-12, role="ours"),
            Contestant("`correlation_map`, set up before",
                       lambda: (correlations, set_up(correlations)), 1e-12, role="ours"),
            *peers,
            bound(f"a polynomial of {len(terms)} terms at the correlations, once, set up before",
                  lambda: polyval(correlations, terms)),
        ],
        lambda answer: np.abs(answer[1] - f(products(name, point.q, answer[0]))).max(),
        "largest error of f",
    )  # fmt: skip


def double_integral(phi: Callable[[float], float], q: float, c: float) -> float:
    """E[phi(U) phi(V)] by adaptive quadrature in two dimensions, at its default tolerances."""
    root, s = math.sqrt(q), math.sqrt(1 - c * c)

    def integrand(y: float, x: float) -> float:
        density = math.exp(-(x * x + y * y) / 2) / (2 * math.pi)
        return phi(root * x) * phi(root * (c * x + s * y)) * density

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IntegrationWarning)
        return dblquad(integrand, -8, 8, -8, 8)[0]


def by_product_rule(
    phi: Callable[[np.ndarray], np.ndarray],
    q: float,
    correlations: np.ndarray,
    z: np.ndarray,
    weight: np.ndarray,
) -> np.ndarray:
    """E[phi(U) phi(V)] by a rule for Z in each of two dimensions, blind to kinks."""
    root, out = math.sqrt(q), np.empty(correlations.shape)
    left = weight * phi(root * z)
    for i, c in enumerate(correlations):
        right = phi(root * (c * z[:, None] + math.sqrt(max(0.0, 1 - c * c)) * z))
        out[i] = left @ right @ weight
    return out
