"""How far simulated nets are from the Gaussian process, against their width."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import SILENT, Bounds, Progress, Rows, Start, Tables, Wrapper
from edgeofchaos.experiments.nets_propagation import simulated
from edgeofchaos.simulation.intervals import interval
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
    """At the last layer: relative gaps of q_a and 1 - c to the recursion, and the excess kurtosis.

    Of a gap, the mean over draws and the mean of its square.

    ``units`` is the number of units drawn a layer over all draws, so that each width takes equal
    time. Given the layer before, a unit is exactly N(0, K): its marginal has excess kurtosis
    3 Var(K)/E[K]^2, which is what is estimated, by the jackknife over draws.
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
            gap = values[quantity][:, -1] / expected - 1
            for name, sample in ((f"{quantity} gap", gap), (f"{quantity} squared gap", gap**2)):
                found = interval(sample)
                rows.append({**base, "quantity": name, "value": found.mean, "half": found.half})
        kurtosis = interval(_excess_kurtosis(values["variance"]))
        rows.append({
            **base, "quantity": "kurtosis", "value": kurtosis.mean, "half": kurtosis.half,
        })  # fmt: skip
    return rows


def _excess_kurtosis(variance: np.ndarray) -> np.ndarray:
    """Jackknife pseudo-values of 3 Var(K)/E[K]^2."""
    n = variance.size
    total, squares = variance.sum(), (variance**2).sum()

    def statistic(count: int, first: Any, second: Any) -> Any:
        mean = first / count
        return 3 * (second / count - mean**2) / mean**2

    whole = statistic(n, total, squares)
    without = statistic(n - 1, total - variance, squares - variance**2)
    return n * whole - (n - 1) * without
