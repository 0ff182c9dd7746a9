"""Domains of convergence D_var and D_corr and the phases, over a (sigma_b, sigma_w) grid."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.arguments import check_sigma
from edgeofchaos.experiments import Grid, Rows, Tables
from edgeofchaos.theory.constants import contraction_constant, correlation_constant
from edgeofchaos.theory.depth_scales import phase_name
from edgeofchaos.theory.identity import differentiable_at_zero
from edgeofchaos.theory.variance import variance_map

TABLES = ("phase_diagram",)
_ON_THE_BOUND = 1e-9


def phase_diagram(*, phi: Activation, sigma_b: Grid, sigma_w: Grid) -> Tables:
    """The phase, and the domains of convergence, at each point of a grid.

    Args:
        phi: the activation.
        sigma_b: the grid of standard deviations of the biases.
        sigma_w: the grid of standard deviations of the weights times the root of fan-in.

    Returns:
        ``phase_diagram``, a row a grid point: see :func:`domains`.
    """
    rows = domains(phi, np.linspace(*sigma_b), np.linspace(*sigma_w))
    return {"phase_diagram": [{"activation": phi.name, **row} for row in rows]}


def domains(phi: Activation | str, sigma_bs: Iterable[float], sigma_ws: Iterable[float]) -> Rows:
    """One row a grid point: the limiting variance and what it implies (Definition 1).

    Keys: sigma_b, sigma_w, q (the smallest fixed point of F, infinite where there is none), chi1
    and alpha there, K_var (the basin of q: infinite, or the next fixed point), in_D_var,
    in_D_corr, phase (``ordered``, ``edge``, ``chaotic``, ``divergent``), prop1_variance and
    prop1_correlation (whether Proposition 1's sufficient conditions hold).

    in_D_corr is exact where q > 0: f is convex on [0, 1] with f(1) = 1, so correlations tend to 1
    from every c^1 >= 0 if and only if f'(1) = chi_1 <= 1 (and f is not the identity). At q = 0,
    which takes sigma_b = 0, phi acts by its slopes at 0 alone: correlations tend to 1 where those
    differ, and stay where they are equal, for then phi is linear in the end (table
    ``without_biases``).
    """
    phi = activation(phi)
    # The most that the constants can be: a point below the bound is below it for certain.
    m, c = contraction_constant(phi).most, correlation_constant(phi).most
    rows = []
    every_w = [check_sigma("sigma_ws", w) for w in sigma_ws]
    for b in (check_sigma("sigma_bs", b) for b in sigma_bs):
        for w in every_w:
            row = {"sigma_b": b, "sigma_w": w, **_point(phi, b, w)}
            # A point on the bound itself, to rounding, is not below it.
            row["prop1_variance"] = w**2 * m < 1 - _ON_THE_BOUND
            row["prop1_correlation"] = w**2 * max(m, c) < 1 - _ON_THE_BOUND
            rows.append(row)
    return rows


def _point(phi: Activation, b: float, w: float) -> dict[str, Any]:
    points = variance_map(phi, b, w).limiting_points()
    first = points[0] if points else None
    if first is None or not first.attracts:
        return {
            "q": math.inf, "chi1": math.nan, "alpha": math.nan, "K_var": 0.0,
            "in_D_var": False, "in_D_corr": False, "phase": "divergent",
        }  # fmt: skip
    chi1 = first.chi1
    return {
        "q": first.x, "chi1": chi1, "alpha": first.alpha,
        "K_var": points[1].x if len(points) > 1 else math.inf,
        "in_D_var": True,
        "in_D_corr": bool(chi1 <= 1 + 1e-9 and (first.x > 0 or not differentiable_at_zero(phi))),
        "phase": phase_name(chi1),
    }  # fmt: skip
