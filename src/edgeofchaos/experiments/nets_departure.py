"""How long nets of finite width stay at an unstable edge point, and what is left at a depth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import SILENT, Bounds, Progress, Rows, Tables
from edgeofchaos.experiments.departure import FAR
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.intervals import mean_and_error
from edgeofchaos.simulation.sampling import propagate
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.edge import edge_point

TABLES = ("nets_times", "nets_paths", "nets_growth")
COLUMNS = {
    "nets_growth": [
        "activation", "sigma_b", "width", "layers", "error", "finite", "theory", "draws",
    ]
}  # fmt: skip
DRAWS = (8, 1600)
LEAST_WIDTH = 1000  # below it a net leaves at once


def nets_departure(
    *,
    sigma_b: Sequence[float],
    starts: Sequence[float],
    widths: Sequence[int],
    layers: int,
    units: int,
    seed: int,
    device: str = "auto",
    name: str = "swish",
    draws: Bounds = DRAWS,
    least_width: int = LEAST_WIDTH,
    far: float = FAR,
    progress: Progress = SILENT,
) -> Tables:
    """How long nets of finite width stay at an unstable edge point.

    Args:
        sigma_b: the edge points.
        starts: q^1/q - 1, one of them 0.
        widths: units a layer, each tried.
        layers: how many layers.
        units: units drawn a layer over all draws of a width, which sets the number of draws.
        seed: of all random streams.
        device: auto, cpu or cuda.
        name: the activation.
        draws: the least and the most nets of one width.
        least_width: from which width on the time to leave is tabulated.
        far: a net has left when its variance is off q by more than this part of q.

    Returns:
        ``nets_times`` and ``nets_paths``: see :func:`departures`; ``nets_growth``: see
        :func:`growth`.
    """
    times: Rows = []
    paths: Rows = []
    for each in progress(sigma_b, "departure"):
        rows, layer_rows = departures(
            activation(name), each, starts, widths, layers=layers, units=units, seed=seed,
            device=device, draws=draws, far=far,
        )  # fmt: skip
        times += rows
        paths += layer_rows
    return {
        "nets_times": times,
        "nets_paths": paths,
        "nets_growth": growth(times, layers, least_width),
    }


def departures(
    phi: Activation, sigma_b: float, starts: Sequence[float], widths: Sequence[int], *,
    layers: int, units: int, seed: int, device: str, draws: Bounds = DRAWS, far: float = FAR,
) -> tuple[Rows, Rows]:  # fmt: skip
    """Rows (first layer with |q^l/q - 1| > 1/2 of each draw) and (quantiles of q^l/q by layer).

    Started at q^1 = q (1 + d) for d in ``starts``. ``units`` is the number of units drawn a layer
    over all draws of a width.
    """
    point = edge_point(phi, sigma_b)
    times: Rows = []
    paths: Rows = []
    for width in widths:
        count = int(np.clip(units // width, *draws))
        for start in starts:
            q = point.q * (1 + start)
            inputs = pair_inputs((q, q), 0.0, sigma_b, point.sigma_w)[:, :1]
            nets = propagate(
                phi, sigma_b, point.sigma_w, inputs, [width] * layers, draws=count,
                seed=stream(seed, "departure", phi.name, sigma_b, width, start), device=device,
                dtype=torch.float32, ceiling=1e12 * point.q,
            )  # fmt: skip
            ratio = nets.covariance[:, :layers, 0, 0].numpy() / point.q  # K: without the last 1/N
            base: dict[str, Any] = {
                "activation": phi.name, "sigma_b": sigma_b, "q": point.q, "alpha": point.alpha,
                "width": width, "start": start, "draws": count,
            }  # fmt: skip
            gone = np.abs(ratio - 1) > far
            for draw in range(count):
                left = bool(gone[draw].any())
                times.append({
                    **base, "draw": draw, "left": left,
                    "layers": int(np.argmax(gone[draw])) + 1 if left else layers,
                    "upwards": bool(ratio[draw, np.argmax(gone[draw])] > 1) if left else False,
                })  # fmt: skip
            low, middle, high = np.quantile(ratio, [0.05, 0.5, 0.95], axis=0, method="nearest")
            within = (np.abs(ratio - 1) <= far).mean(0)
            paths += [
                {**base, "layer": l + 1, "low": low[l], "median": middle[l], "high": high[l],
                 "within": within[l]}
                for l in range(layers)  # noqa: E741
            ]  # fmt: skip
    return times, paths


def growth(times: Rows, depth: int, least_width: int = LEAST_WIDTH) -> Rows:
    """Layers that nets started at q take to leave it, by width, beside 1/(2 log alpha).

    The deviation that sampling noise gives is of order 1/sqrt(N), and grows by alpha a layer: a
    factor e in N is worth 1/(2 log alpha) layers (``theory``). A net that has not left after
    ``depth`` layers counts with these, too few by 1/log alpha on average, as times above their mean
    fall off like alpha^-T. ``finite`` is what that takes off the mean, an estimate: that many
    layers times the share of nets still there, or times alpha^(mean - depth) if that is more.
    """
    rows = []
    for sigma_b in sorted({t["sigma_b"] for t in times}):
        mine = [t for t in times if t["sigma_b"] == sigma_b and t["start"] == 0.0]
        log_alpha = math.log(mine[0]["alpha"]) if mine else 0.0
        for width in sorted({t["width"] for t in mine if t["width"] >= least_width}):
            here = [t for t in mine if t["width"] == width]
            if log_alpha <= 0:  # q attracts, and nets stay
                continue
            mean, error = mean_and_error([t["layers"] for t in here])
            still = sum(not t["left"] for t in here) / len(here)
            rows.append({
                "activation": here[0]["activation"], "sigma_b": sigma_b, "width": width,
                "layers": mean, "error": error,
                "finite": max(still, math.exp(-log_alpha * (depth - mean))) / log_alpha,
                "theory": 0.5 / log_alpha, "draws": len(here),
            })  # fmt: skip
    return rows
