"""An edge point of tanh: ours, the authors' algorithm, and quadrature rules with Brent's root."""

from __future__ import annotations

import math

import numpy as np
import torch
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import roots_hermitenorm

from benchmarks.measure import Comparison, Contestant, bound
from benchmarks.reference import tanh_edge
from edgeofchaos import Activation, activation, edge_point
from edgeofchaos.theory.octaves import moments_at

SIGMA_B = 0.2
_ROOT = {"a": 0.1, "b": 2.0, "xtol": 1e-13}


def comparisons(quick: bool) -> list[Comparison]:
    """One comparison; quick takes fewer samples for the authors' algorithm."""
    samples = 20_000 if quick else 500_000
    hermite, legendre = gauss_hermite(100_000), gauss_legendre(100_000)
    small = gauss_hermite(100)
    right = tanh_edge(SIGMA_B)[1]
    tanh = activation("tanh")
    return [Comparison(
        "edge",
        "An edge point: tanh at σ_b = 0.2",
        "From σ_b to (σ_w, q) with χ₁ = 1 and F(q) = q. The authors' algorithm is written from "
        f"its description: 200 fixed-point steps from q = 0 on {samples:,} normal draws. The rules "
        "have their nodes computed beforehand, as `edge_point` has its tables of φ; a first call "
        "builds them. `google-deepmind/dks` takes expectations by the Legendre rule on [−10, 10], "
        "which sees a kink as little as the Hermite rule does. How many nodes are enough, 100 "
        "here, depends on φ and q: who writes the rule has to know it.",
        [
            Contestant("`edge_point`", lambda: edge_point("tanh", SIGMA_B).q, 1e-12, role="ours"),
            Contestant("`edge_point`, first call for an activation", first_call, 1e-12,
                       role="ours"),
            Contestant("the authors' algorithm", lambda: authors(SIGMA_B, samples), 0.2),
            Contestant("`scipy` quad and brentq", lambda: by_quad(SIGMA_B), 1e-6),
            Contestant("`scipy` quad to 1e-13 and brentq",
                       lambda: by_quad(SIGMA_B, epsabs=1e-13, epsrel=1e-13), 1e-11),
            Contestant("Gauss–Hermite, 100,000 nodes", lambda: by_rule(*hermite), 1e-9),
            Contestant("Gauss–Legendre, 100,000 nodes, as in `dks`", lambda: by_rule(*legendre),
                       1e-9),
            Contestant("Gauss–Hermite, 100 nodes, which are enough here", lambda: by_rule(*small),
                       1e-9),
            bound("the expectations at the root from their tables, once",
                  lambda: moments_at(tanh, right)),
        ],
        lambda q: abs(q / right - 1),
        "relative error of q",
    )]  # fmt: skip


def first_call() -> float:
    """With an activation that nothing is known of."""
    return edge_point(Activation("new", torch.tanh), SIGMA_B).q


def authors(sigma_b: float, samples: int, steps: int = 200) -> float:
    """q by fixed-point steps from 0, expectations by Monte Carlo on one set of draws."""
    z = np.random.default_rng(0).standard_normal(samples)
    q = 0.0
    for _ in range(steps):
        t = np.tanh(math.sqrt(q) * z)
        q = sigma_b**2 + np.mean(t**2) / np.mean((1 - t**2) ** 2)
    return q


def by_quad(sigma_b: float, **tolerances: float) -> float:
    """q by adaptive quadrature of each expectation."""

    def mean(g, q):
        root = math.sqrt(q)
        found = quad(lambda z: g(math.tanh(root * z)) * math.exp(-z * z / 2), -10, 10, **tolerances)
        return found[0] / math.sqrt(2 * math.pi)

    def gap(q):
        return q - sigma_b**2 - mean(lambda t: t * t, q) / mean(lambda t: (1 - t * t) ** 2, q)

    return brentq(gap, **_ROOT)


def by_rule(z: np.ndarray, weight: np.ndarray) -> float:
    """q by a rule for E[g(Z)]."""

    def gap(q):
        square = np.tanh(math.sqrt(q) * z) ** 2
        return q - SIGMA_B**2 - (square @ weight) / ((1 - square) ** 2 @ weight)

    return brentq(gap, **_ROOT)


def gauss_hermite(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the rule for E[g(Z)]."""
    z, weight = roots_hermitenorm(count)
    return z, weight / weight.sum()


def gauss_legendre(count: int, end: float = 10.0) -> tuple[np.ndarray, np.ndarray]:
    """The rule on [-end, end] with the normal density as a factor.

    Its nodes by Tricomi's formula, which is exact to rounding away from the ends at so many nodes
    (computing them as eigenvalues takes minutes), and its weights by the derivative of that.
    """
    k = np.arange(1, count + 1)
    theta = math.pi * (4 * k - 1) / (4 * count + 2)
    x = (1 - (count - 1) / (8 * count**3)) * np.cos(theta)
    weight = math.pi / (count + 0.5) * np.sin(theta)
    z = end * x
    return z, end * weight * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
