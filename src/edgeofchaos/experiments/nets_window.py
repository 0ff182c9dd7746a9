"""Simulated nets on either side of a fold that lies below divergence.

Just below the fold a net is ordered, with a small variance; just above it is chaotic, with a large
one. Neither is on an edge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from edgeofchaos.activations import activation
from edgeofchaos.experiments import SILENT, Progress, Rows, Tables
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.intervals import finite_width, log_gaps, mean_and_error
from edgeofchaos.simulation.sampling import Propagation, propagate
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.depth_scales import depth_scales
from edgeofchaos.theory.variance import VarianceMap

TABLES = ("nets_window",)
GAMMA = 1e-6  # 1 - c at layer 1: small, so that 1 - c grows or falls by chi_1 a layer


def nets_window(
    *,
    sigma_b: float,
    sigma_w_squared: Sequence[float],
    starts: Sequence[float],
    width: int,
    layers: int,
    draws: int,
    seed: int,
    device: str = "auto",
    name: str = "swish",
    progress: Progress = SILENT,
) -> Tables:
    """Variances and growth of 1 - c in nets, beside the recursion and the limiting variance.

    Args:
        sigma_b: standard deviation of the biases.
        sigma_w_squared: squares of sigma_w, each with a limiting variance.
        starts: q^1 over the limiting variance.
        width: units a layer.
        layers: how many layers; the growth of 1 - c is taken over the later half of them.
        draws: how many independent nets of each point and start.
        seed: of all random streams.
        device: auto, cpu or cuda.
        name: the activation.

    Returns:
        ``nets_window``, a row a point and start: the limiting variance ``q`` and its ``chi1``; of
        log q^L over the recursion's the mean ``log_ratio`` with its standard error
        ``log_ratio_error``; of log(1 - c) a layer the mean ``growth`` with ``growth_error``,
        beside ``growth_theory``, the mean of log chi_1 over the same layers of the recursion; and
        ``log_ratio_finite`` and ``growth_finite``, estimates of what finite width makes of both.
    """
    phi = activation(name)
    rows: Rows = []
    for w2 in progress(sigma_w_squared, "window"):
        sigma_w = math.sqrt(w2)
        scales = depth_scales(phi, sigma_b, sigma_w)
        for ratio in starts:
            start = ratio * scales.q
            inputs = pair_inputs((start, start), GAMMA, sigma_b, sigma_w)
            nets = propagate(
                phi, sigma_b, sigma_w, inputs, [width] * layers, draws=draws,
                seed=stream(seed, "window", phi.name, sigma_b, w2, ratio), device=device,
            )  # fmt: skip
            rows.append({
                "activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w, "start_q": start,
                "q": scales.q, "chi1": scales.chi1, "width": width, "layers": layers,
                **_beside(VarianceMap(phi, sigma_b, sigma_w), start, scales.q, nets),
                "draws": draws,
            })  # fmt: skip
    return {"nets_window": rows}


def _beside(fmap: VarianceMap, start: float, q_limit: float, nets: Propagation) -> dict[str, Any]:
    """What the nets did, beside the recursion."""
    q, gamma = nets.q, nets.complement()
    layers = gamma.shape[1]
    path, half = fmap.trajectory(start, layers), layers // 2
    logs = log_gaps(q[..., 0], path)
    away, away_error = mean_and_error(logs[:, -1])
    growth, error = mean_and_error(np.log(gamma[:, -1] / gamma[:, half]) / (layers - 1 - half))
    finite = float(finite_width(logs)[-1])
    # What chi_1 is where a variance is off its limit by a standard deviation of the draws.
    moved = math.inf
    if math.isfinite(finite):
        off = q_limit * np.exp(math.sqrt(finite) * np.array([-1.0, 0.0, 1.0]))
        moved = float(np.abs(np.diff(np.log(fmap.chi1(off)))).max())
    return {
        "log_ratio": away, "log_ratio_error": away_error, "log_ratio_finite": finite,
        "growth": growth, "growth_error": error,
        "growth_finite": moved,
        "growth_theory": float(np.log(fmap.chi1(path[half:-1])).mean()),
    }  # fmt: skip
