"""1 - c^l on the edge, simulated to great depth: 1/l^2 against 1/l, and the prior at depth."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import torch

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import SILENT, Nets, Progress, Rows, Tables, Wrapper
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.intervals import (
    finite_width,
    log_gaps,
    log_slopes,
    mean_and_error,
)
from edgeofchaos.simulation.sampling import propagate
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.correlation import correlation_map
from edgeofchaos.theory.edge import edge_point
from edgeofchaos.theory.rates import edge_rate
from edgeofchaos.theory.recursion import complement_trajectory, log_spaced_layers

TABLES = ("nets_rates", "nets_exponents")
_ORTHOGONAL = 1.0


def nets_rates(
    *,
    nets: Nets,
    width: int,
    layers: int,
    draws: int,
    seed: int,
    device: str = "auto",
    progress: Progress = SILENT,
) -> Tables:
    """1 - c^l of simulated nets on the edge, to great depth.

    Args:
        nets: built-in activations and the sigma_b of their edge points.
        width: units a layer.
        layers: how many layers.
        draws: how many independent nets of each activation.
        seed: of all random streams.
        device: auto, cpu or cuda.

    Returns:
        ``nets_rates`` and ``nets_exponents``: see :func:`on_the_edge`.
    """
    rates: Rows = []
    exponents: Rows = []
    for name, sigma_b in nets.items():
        rows, fits = on_the_edge(
            activation(name), sigma_b, width=width, layers=layers, draws=draws, seed=seed,
            device=device, progress=partial(progress, what=name),
        )  # fmt: skip
        rates += rows
        exponents += fits
    return {"nets_rates": rates, "nets_exponents": exponents}


def on_the_edge(
    phi: Activation, sigma_b: float, *, width: int, layers: int, draws: int, seed: int,
    device: str, progress: Wrapper | None = None,
) -> tuple[Rows, Rows]:  # fmt: skip
    """Rows by layer (1 - c of orthogonal inputs against the recursion) and of each draw's exponent.

    Columns ``log_gap``, ``error`` and ``finite`` are of log(simulated/recursion), as in
    ``nets_propagation``. The exponent is the slope of log(1 - c) over the last decade of layers;
    what finite width adds to log(1 - c) in a decade bounds what it adds to the slope.
    """
    point = edge_point(phi, sigma_b)
    q = point.start_variance
    gamma = min(_ORTHOGONAL, 0.99 * 2 * (1 - sigma_b**2 / q))
    nets = propagate(
        phi, point.sigma_b, point.sigma_w, pair_inputs((q, q), gamma, point.sigma_b, point.sigma_w),
        [width] * layers, draws=draws, seed=stream(seed, "rates", phi.name, sigma_b), device=device,
        dtype=torch.float32, progress=progress,
    )  # fmt: skip
    record = log_spaced_layers(layers)
    theory = complement_trajectory(correlation_map(phi, point), gamma, record)
    simulated = nets.complement()
    rate = edge_rate(phi, point)
    # A linear phi keeps every correlation.
    exponent, coefficient = (rate.exponent, rate.coefficient) if rate else (0, math.nan)
    base: dict[str, Any] = {
        "activation": phi.name, "sigma_b": point.sigma_b, "sigma_w": point.sigma_w, "q": q,
        "width": width, "draws": draws,
    }  # fmt: skip
    recorded = simulated[:, record - 1]
    logs = log_gaps(recorded, theory)
    finite = finite_width(logs)
    rows = []
    for i, layer in enumerate(record):
        log_gap, error = mean_and_error(logs[:, i])
        rows.append({**base, "layer": layer, "theory": theory[i],
                     "mean": float(recorded[:, i].mean()),
                     "log_gap": log_gap, "error": error, "finite": finite[i],
                     "law": coefficient / float(layer) ** exponent,
                     "low": float(np.quantile(recorded[:, i], 0.05)),
                     "high": float(np.quantile(recorded[:, i], 0.95))})  # fmt: skip
    tail = record[record >= layers / 10]
    fitted, error = mean_and_error(log_slopes(tail, simulated[:, tail - 1]))
    expected = float(log_slopes(tail, theory[None, record >= layers / 10])[0])
    exponents = [{**base, "from_layer": int(tail[0]), "to_layer": layers, "exponent": fitted,
                  "error": error, "finite": finite[-1], "theory": expected,
                  "law": -exponent}]  # fmt: skip
    return rows, exponents
