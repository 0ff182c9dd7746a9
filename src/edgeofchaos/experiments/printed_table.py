"""The paper's table of edge points of Swish as printed, beside the solutions of chi_1 = 1."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import Rows, Tables
from edgeofchaos.experiments.printed import PRINTED, Q_ROUNDING, SIGMA_W_ROUNDING, PrintedPoint
from edgeofchaos.theory.bottleneck import bottleneck, edge_at_depth, edge_depth
from edgeofchaos.theory.edge import edge_point
from edgeofchaos.theory.stability import LimitingPhases, limiting_phases, stable_point
from edgeofchaos.theory.variance import FixedPoint, VarianceMap, variance_map

ROUNDED = ("chi1_rounding", "gap_rounding")
TABLES = ("printed_points", "printed_fixed_points", "printed_paths", "printed_maps")
COLUMNS = {
    "printed_fixed_points": ["point", "sigma_b", "sigma_w", "x", "alpha", "chi1", "attracts"]
}


def printed_table(
    *,
    layers: Sequence[int],
    depth: int,
    window: float = 0.25,
    margin: float = 0.03,
    shown_sigma_b: float = 0.2,
    above_threshold: float = 1.01,
) -> Tables:
    """What becomes of variances at the printed points of Swish, and at those with chi_1 = 1.

    Args:
        layers: the layers at which q^l is tabulated.
        depth: the L of the sigma_w that solves chi_1(q^L) = 1.
        window: the bottleneck is timed from (1 - window) x* to (1 + window) x*.
        margin: how far from the printed sigma_w, relatively, that one is looked for; NaN where it
            is further off.
        shown_sigma_b: the point whose F and q^l by layer are tabulated for the figure.
        above_threshold: sigma_b of the stable point there, over that of the threshold.

    Returns:
        ``printed_points`` (a row a point, with what rounding of the printed digits allows),
        ``printed_fixed_points`` (every fixed point of F), ``printed_paths`` (q^l from several
        starts) and ``printed_maps`` (F at the point shown, at chi_1 = 1 and at the stable point).
    """
    phi = activation("swish")
    points: Rows = []
    fixed: Rows = []
    paths: Rows = []
    for printed in PRINTED:
        solved = edge_point(phi, printed.sigma_b)
        phases = limiting_phases(phi, printed.sigma_b)
        bounds = (1 - margin) * printed.sigma_w, (1 + margin) * printed.sigma_w
        try:
            at_depth = edge_at_depth(phi, printed.sigma_b, depth, printed.sigma_b**2, *bounds)
        except ValueError:  # it is not within the margin, as for a depth of 10
            at_depth = math.nan
        # From the very q of an unstable point rounding alone would decide where the variance goes.
        for name, sigma_w, q, last in (
            ("printed", printed.sigma_w, printed.q, ("q", 1.0)),
            ("chi1", solved.sigma_w, solved.q, ("1.1 q", 1.1)),
        ):
            key = {"point": name, "sigma_b": printed.sigma_b, "sigma_w": sigma_w}
            fmap = variance_map(phi, printed.sigma_b, sigma_w)
            found = fmap.fixed_points()
            fixed += [{**key, **asdict(x)} for x in found]
            row = _point(fmap, found, phases, q, depth, window)
            rounding = _rounding(fmap, q) if name == "printed" else dict.fromkeys(ROUNDED, 0.0)
            provenance = printed.provenance if name == "printed" else "solved"
            points.append({
                **key, "q": q, "provenance": provenance, **row, **rounding,
                "depth": depth, "sigma_w_at_depth": at_depth,
            })  # fmt: skip
            starts = (("sigma_b^2", printed.sigma_b**2), ("q/2", q / 2), (last[0], last[1] * q))
            paths += [
                row for start, value in starts for row in _path(fmap, key, start, value, layers)
            ]
    shown = next(p for p in PRINTED if p.sigma_b == shown_sigma_b)
    return {
        "printed_points": points,
        "printed_fixed_points": fixed,
        "printed_paths": paths,
        "printed_maps": _maps(phi, shown, above_threshold),
    }


def _point(
    fmap: VarianceMap, points: list[FixedPoint], phases: LimitingPhases, q: float, depth: int,
    window: float,
) -> dict[str, Any]:  # fmt: skip
    sigma_b, sigma_w = fmap.sigma_b, fmap.sigma_w
    neck = bottleneck(fmap.phi, sigma_b, sigma_w)
    row: dict[str, Any] = {
        "chi1": float(fmap.chi1(q)), "alpha": float(fmap.derivative(q)),
        "gap": float(fmap(q)) - q, "fixed_points": len(points),
        "smallest_fixed_point": points[0].x if points else math.inf,
        "sigma_w_fold": phases.sigma_w_fold, "q_fold": phases.q_fold,
        "over_fold": sigma_w / phases.sigma_w_fold - 1, "bottleneck_x": math.nan,
        "bottleneck_gap": math.nan, "bottleneck_curvature": math.nan,
        "bottleneck_layers": math.nan, "passage_predicted": math.nan, "passage": math.nan,
        "edge_depth": edge_depth(fmap, sigma_b**2, 2 * depth) or math.inf,
    }  # fmt: skip
    if neck is not None:
        low, high = (1 - window) * neck.x, (1 + window) * neck.x
        row |= {
            "bottleneck_x": neck.x, "bottleneck_gap": neck.gap,
            "bottleneck_curvature": neck.curvature, "bottleneck_layers": neck.layers,
            "passage_predicted": neck.layers_between(low, high),
            "passage": _passage(fmap.trajectory(sigma_b**2, 2 * depth), low, high),
        }  # fmt: skip
    return row


def _rounding(fmap: VarianceMap, q: float) -> dict[str, float]:
    """How far chi_1 and F(q) - q are off at the corners of what rounds to the printed digits."""
    chi1, gap = float(fmap.chi1(q)), float(fmap(q)) - q
    corners = [
        (variance_map(fmap.phi, fmap.sigma_b, fmap.sigma_w + w), q + d)
        for w, d in itertools.product(
            (-SIGMA_W_ROUNDING, SIGMA_W_ROUNDING), (-Q_ROUNDING, Q_ROUNDING)
        )
    ]
    off = (
        max(abs(float(f.chi1(x)) - chi1) for f, x in corners),
        max(abs(float(f(x)) - x - gap) for f, x in corners),
    )
    return dict(zip(ROUNDED, off, strict=True))


def _passage(path: np.ndarray, low: float, high: float) -> float:
    """Layers, interpolated, from ``low`` to ``high`` along a growing path."""
    known = path[np.isfinite(path)]
    if not known[0] < low < high < known[-1]:
        return math.nan
    at = np.interp([low, high], known, np.arange(known.size))
    return float(at[1] - at[0])


def _path(
    fmap: VarianceMap, key: dict[str, Any], start: str, value: float, layers: Sequence[int]
) -> Rows:
    path = fmap.trajectory(value, max(layers))
    return [{**key, "start": start, "layer": n, "q": float(path[n - 1])} for n in layers]


def _maps(phi: Activation, shown: PrintedPoint, above: float) -> Rows:
    """F from x = 0 to three times q, and q^l from sigma_b^2, at three points."""
    solved = edge_point(phi, shown.sigma_b)
    stable = stable_point(phi, above)
    rows: Rows = []
    for name, sigma_b, sigma_w, q in (
        ("printed", shown.sigma_b, shown.sigma_w, shown.q),
        ("chi1", solved.sigma_b, solved.sigma_w, solved.q),
        ("stable", stable.sigma_b, stable.sigma_w, stable.q),
    ):
        fmap = variance_map(phi, sigma_b, sigma_w)
        x = np.linspace(0.0, 3.0 * q, 301)
        path = fmap.trajectory(sigma_b**2, x.size)
        rows += [
            {"point": name, "sigma_b": sigma_b, "sigma_w": sigma_w, "q": q, "x": a, "F": b,
             "layer": i + 1, "q_l": path[i]}
            for i, (a, b) in enumerate(zip(x, fmap(x), strict=True))
        ]  # fmt: skip
    return rows
