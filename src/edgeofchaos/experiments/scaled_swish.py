"""x sigmoid(beta x) at (beta, sigma_b), against x sigmoid(x) at (1, beta sigma_b).

phi_beta(u) = phi_1(beta u)/beta, so that F_beta(x; sigma_b) = F_1(beta^2 x; beta sigma_b)/beta^2
at the same sigma_w, chi_1 and F' at x are those of phi_1 at beta^2 x, and f is the same function.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from edgeofchaos.activations import activation
from edgeofchaos.experiments import Rows
from edgeofchaos.theory.correlation import correlation_map
from edgeofchaos.theory.edge import edge_point
from edgeofchaos.theory.stability import limiting_phases, stability_threshold
from edgeofchaos.theory.variance import variance_map


def scaled_points(betas: Sequence[float], scaled: Sequence[float]) -> Rows:
    """One row a beta and beta sigma_b: how far what should be equal is apart.

    Keys: beta, scaled_sigma_b = beta sigma_b, and the differences from beta = 1 of sigma_w and of
    sigma_w at the fold (relative), of beta^2 q (relative), alpha, F (the largest relative one for
    10^-3 q <= x <= 10^3 q) and f (the largest one on [-1, 1]).
    """
    rows = []
    one = activation("swish")
    for b in scaled:
        ours = edge_point(one, b)
        fold = limiting_phases(one, b).sigma_w_fold
        x = ours.q * np.geomspace(1e-3, 1e3, 61)
        c = np.linspace(-1.0, 1.0, 41)
        images, f = variance_map(one, b, ours.sigma_w)(x), correlation_map(one, ours)(c)
        for beta in betas:
            phi = activation("swish", beta=beta)
            point = edge_point(phi, b / beta)
            scaled_images = variance_map(phi, b / beta, ours.sigma_w)(x / beta**2) * beta**2
            other_fold = limiting_phases(phi, b / beta).sigma_w_fold
            rows.append({
                "beta": beta, "scaled_sigma_b": b, "sigma_b": b / beta, "sigma_w": point.sigma_w,
                "q": point.q, "sigma_w_gap": abs(point.sigma_w / ours.sigma_w - 1),
                "q_gap": abs(beta**2 * point.q / ours.q - 1),
                "alpha_gap": abs(point.alpha - ours.alpha),
                "fold_gap": abs(other_fold / fold - 1) if math.isfinite(fold) else
                            float(other_fold != fold),
                "F_gap": _largest(scaled_images / images - 1),
                "f_gap": _largest(correlation_map(phi, point)(c) - f),
            })  # fmt: skip
    return rows


def scaled_thresholds(betas: Sequence[float]) -> Rows:
    """One row a beta: where the edge turns stable, as beta sigma_b, sigma_w and beta^2 q."""
    rows = []
    for beta in betas:
        point = stability_threshold(activation("swish", beta=beta))
        assert point is not None, beta
        rows.append({"beta": beta, "sigma_b": point.sigma_b, "scaled_sigma_b": beta * point.sigma_b,
                     "sigma_w": point.sigma_w, "scaled_q": beta**2 * point.q})  # fmt: skip
    return rows


def _largest(values: ArrayLike) -> float:
    return float(np.abs(values).max())
