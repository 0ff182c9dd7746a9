"""The edge of chaos of one activation: points, fixed points of F, phases, conditions, constants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, fields

from edgeofchaos.activations import Activation
from edgeofchaos.experiments import Rows, Tables
from edgeofchaos.theory.conditions import check_conditions, slope_decay
from edgeofchaos.theory.constants import contraction_constant, correlation_constant
from edgeofchaos.theory.edge import EdgePoint, edge_curve
from edgeofchaos.theory.identity import identity_distance_at_zero, identity_distance_limit
from edgeofchaos.theory.stability import (
    LimitingPhases,
    chaotic_window,
    limiting_phases,
    stability_threshold,
)
from edgeofchaos.theory.variance import variance_map

TABLES = ("edge", "fixed_points", "threshold", "windows", "folds", "conditions", "constants")
COLUMNS = {
    "fixed_points": ["activation", "sigma_b", "sigma_w", "x", "alpha", "chi1", "attracts"],
    "threshold": [f.name for f in fields(EdgePoint)],
    "windows": ["activation", "sigma_b_from", "sigma_b_to"],
    "folds": [f.name for f in fields(LimitingPhases)],
}


def edge(*, phi: Activation, sigma_b: Sequence[float]) -> Tables:
    """Where phi's edge of chaos is, and whether q is the limiting variance there.

    Args:
        phi: the activation.
        sigma_b: standard deviations of the biases at which the edge is looked for.

    Returns:
        ``edge`` (a row a sigma_b), ``fixed_points`` (every fixed point of F at each edge point),
        ``threshold`` (where the curve turns stable; a row or none), ``windows`` (the sigma_b below
        that where nets can be chaotic; a row or none), ``folds`` (the phases that nets of each
        sigma_b > 0 can be in), ``conditions`` (those of Propositions 4, 5 and 7) and
        ``constants`` (M_phi, C_phi and limits, each with its error).
    """
    curve = edge_curve(phi, sigma_b)
    threshold = stability_threshold(phi)
    return {
        "edge": [p.as_dict() for p in curve],
        "fixed_points": [row for p in curve for row in fixed_points(phi, p)],
        "threshold": [] if threshold is None else [threshold.as_dict()],
        "windows": window(phi),
        "folds": [asdict(limiting_phases(phi, s)) for s in sigma_b if s > 0],
        "conditions": [{"activation": phi.name, **asdict(x)} for x in check_conditions(phi)],
        "constants": constants(phi),
    }


def window(phi: Activation) -> Rows:
    """The sigma_b, from and to, with a chaotic phase and no edge; no row where there are none."""
    found = chaotic_window(phi)
    if found is None:
        return []
    return [{"activation": phi.name, "sigma_b_from": found[0], "sigma_b_to": found[1]}]


def fixed_points(phi: Activation, point: EdgePoint) -> Rows:
    """Every fixed point x of F at an edge point with q > 0, its slope alpha and chi_1 there."""
    if point.status not in ("ok", "unstable"):
        return []
    fmap = variance_map(phi, point.sigma_b, point.sigma_w)
    at = {"activation": point.activation, "sigma_b": point.sigma_b, "sigma_w": point.sigma_w}
    return [{**at, **asdict(x)} for x in fmap.fixed_points()]


def constants(phi: Activation) -> Rows:
    """The constants of Propositions 1 and 7 and the limits of Proposition 4: value, error, where.

    The errors of M_phi and C_phi are bounds, but where they are approached as x grows: then they
    and that of beta are estimates, how far the last step of an extrapolation to infinity may be
    off. That of |x| E[phi'(xZ)^2] is one of the moment at the largest x, not of how far that is
    from infinity.
    """
    m, c = contraction_constant(phi), correlation_constant(phi)
    beta, beta_error, scaled = slope_decay(phi)
    limit = identity_distance_limit(phi)
    rows = [
        ("M_phi", m.value, m.error, m.at),
        ("C_phi", c.value, c.error, c.at),
        ("beta", beta, beta_error, math.inf),
        ("scaled_slope", scaled, scaled * 1e-6, math.inf),
        # A quotient of two sums of one-sided slopes: four roundings.
        ("identity_distance_at_zero", identity_distance_at_zero(phi), 1e-14, 0.0),
    ]
    if limit is not None:
        rows.append(("identity_distance_limit", limit.value, limit.error, 0.0))
    names = ("constant", "value", "error", "at")
    return [{"activation": phi.name, **dict(zip(names, row, strict=True))} for row in rows]
