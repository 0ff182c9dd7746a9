"""How far simulated nets are from the Gaussian process, against their width."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import SILENT, Bounds, Progress, Rows, Start, Tables, Wrapper
from edgeofchaos.experiments.nets_propagation import simulated
from edgeofchaos.simulation.intervals import log_gaps
from edgeofchaos.simulation.streams import stream

TABLES = ("nets_width",)
DRAWS = (32, 40_000)


def nets_width(
    *,
    activations: Sequence[str],
    sigma_b: float,
    sigma_w: float,
    start: Start,
    widths: Sequence[int],
    layers: int,
    units: int,
    seed: int,
    device: str = "auto",
    draws: Bounds = DRAWS,
    progress: Progress = SILENT,
) -> Tables:
    """Gaps of simulated nets to the infinite-width limit, against width.

    Args:
        activations: built-in activations.
        sigma_b: standard deviation of the biases.
        sigma_w: standard deviation of the weights times the root of fan-in.
        start: the variances of two inputs and their 1 - c, at layer 1.
        widths: units a layer, each tried.
        layers: how many layers.
        units: units drawn a layer over all draws of a width, which sets the number of draws.
        seed: of all random streams.
        device: auto, cpu or cuda.
        draws: the least and the most nets of one width.

    Returns:
        ``nets_width``: see :func:`against_width`.
    """
    rows: Rows = []
    for name in activations:
        rows += against_width(
            activation(name), sigma_b, sigma_w, start, widths=widths, layers=layers, units=units,
            seed=seed, device=device, draws=draws, progress=partial(progress, what=name),
        )  # fmt: skip
    return {"nets_width": rows}


def against_width(
    phi: Activation, sigma_b: float, sigma_w: float, start: Start, *, widths: Sequence[int],
    layers: int, units: int, seed: int, device: str, draws: Bounds = DRAWS,
    progress: Wrapper | None = None,
) -> Rows:  # fmt: skip
    """At the last layer: squared gaps of q_a and 1 - c to the recursion, and the excess kurtosis.

    Of a gap log(simulated/recursion), the mean of its square over draws: its draws are close to
    normal at every width, which those of the ratio itself are not.

    ``units`` is the number of units drawn a layer over all draws, so that each width takes equal
    time. Given the layer before, a unit is exactly N(0, K): its marginal has excess kurtosis
    3 Var(K)/E[K]^2, which to first order in 1/N is 3 Var(log K).
    """
    rows = []
    for width in progress(widths) if progress else widths:
        count = int(np.clip(units // width, *draws))
        theory, values = simulated(
            phi, sigma_b, sigma_w, start, [width] * layers, count,
            stream(seed, "width", phi.name, width), device,
        )  # fmt: skip
        base = {"activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w, "width": width,
                "layers": layers, "draws": count}  # fmt: skip
        for quantity, expected in (("q_a", theory.q_a[-1]), ("1-c", theory.gamma[-1])):
            gap = log_gaps(values[quantity][:, -1], expected)
            rows.append({
                **base, "quantity": f"{quantity} squared gap", "value": float((gap**2).mean()),
            })  # fmt: skip
        kurtosis = 3 * log_gaps(values["variance"], 1.0).var(ddof=1)
        rows.append({**base, "quantity": "kurtosis", "value": float(kurtosis)})
    return rows
