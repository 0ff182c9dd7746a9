"""Ordered and chaotic phases simulated: depth scales, the chaotic limit, decorrelation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import Rows, Tables, Window
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.intervals import finite_width, log_gaps, mean_and_error, slopes
from edgeofchaos.simulation.sampling import propagate
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.depth_scales import depth_scales
from edgeofchaos.theory.phases import chaotic_limit, map_at_limit
from edgeofchaos.theory.recursion import complement_trajectory, pair_trajectory

TABLES = ("nets_ordered", "nets_chaotic", "nets_decorrelation")
COLUMNS = {
    "nets_decorrelation": [
        "activation", "sigma_b", "sigma_w", "epsilon", "layers", "error", "finite", "recursion",
        "slope_theory", "draws",
    ]
}  # fmt: skip
STARTS = (1e-3, 0.1, 0.5, 0.9)
FIT = (1e-11, 1e-2)
FAR = 4.0


def nets_phases(
    *,
    sigma_b: float,
    ordered_sigma_w: Sequence[float],
    chaotic_sigma_w: Sequence[float],
    epsilons: Sequence[float],
    width: int,
    layers: int,
    draws: int,
    seed: int,
    device: str = "auto",
    name: str = "tanh",
    starts: Sequence[float] = STARTS,
    fit: Window = FIT,
    far: float = FAR,
) -> Tables:
    """Depth scales, the chaotic limit and decorrelation of simulated nets.

    Args:
        sigma_b: standard deviation of the biases.
        ordered_sigma_w: points of the ordered phase (sigma_w below the edge's).
        chaotic_sigma_w: points of the chaotic phase; inputs decorrelate at the least that is in it.
        epsilons: distances of two inputs that decorrelate.
        width: units a layer.
        layers: how many layers.
        draws: how many independent nets of each point.
        seed: of all random streams.
        device: auto, cpu or cuda.
        name: the activation.
        starts: 1 - c^1 in the chaotic phase, over the largest possible.
        fit: the decay of 1 - c is fitted while it is within these two.
        far: q^1 over its limit where the decay of q is measured.

    Returns:
        ``nets_ordered``, ``nets_chaotic`` and ``nets_decorrelation``: see :func:`ordered`,
        :func:`chaotic` and :func:`decorrelation`.
    """
    phi = activation(name)
    size: dict[str, Any] = {"width": width, "draws": draws, "seed": seed, "device": device}
    return {
        "nets_ordered": ordered(
            phi, sigma_b, ordered_sigma_w, layers=layers, fit=fit, far=far, **size
        ),
        "nets_chaotic": chaotic(
            phi, sigma_b, chaotic_sigma_w, layers=layers, starts=starts, **size
        ),
        "nets_decorrelation": decorrelation(phi, sigma_b, chaotic_sigma_w, epsilons, **size),
    }


def ordered(
    phi: Activation, sigma_b: float, sigma_ws: Sequence[float], *, width: int, layers: int,
    draws: int, seed: int, device: str, fit: Window = FIT, far: float = FAR,
) -> Rows:  # fmt: skip
    """Slopes of log(1 - c) and log|q - q*| by layer in the ordered phase, beside theory's.

    1 - c: fitted draw by draw over the layers at which the recursion is within ``fit``. q: the
    mean over draws, from ``far`` q* down to ten times its noise. ``theory`` is log chi_1 or log
    alpha, ``recursion`` the slope of the infinitely wide net over the same layers, and ``finite``
    what finite width makes of the simulated one: its part of log(1 - c) spread over the layers, or
    that of q, which is q* times its relative variance, over |q - q*|. An estimate.
    """
    rows: Rows = []
    for sigma_w in sigma_ws:
        scales = depth_scales(phi, sigma_b, sigma_w)
        start, gamma = far * scales.q, 0.5
        nets = propagate(
            phi, sigma_b, sigma_w, _pair(start, gamma, sigma_b, sigma_w), [width] * layers,
            draws=draws, seed=stream(seed, "ordered", phi.name, sigma_w), device=device,
        )  # fmt: skip
        base: dict[str, Any] = {
            "activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w, "chi1": scales.chi1,
            "draws": draws,
        }  # fmt: skip
        path = pair_trajectory(phi, sigma_b, sigma_w, start, start, gamma, layers)
        rows.append({**base, "quantity": "c", "theory": math.log(scales.chi1),
                     **_correlation_rate(nets.complement(), path.gamma, fit)})  # fmt: skip
        away = nets.q[..., 0] - scales.q
        rows.append({**base, "quantity": "q", "theory": math.log(scales.alpha),
                     **_variance_rate(away, path.q_a - scales.q, scales.q)})  # fmt: skip
    return rows


def _correlation_rate(gamma: np.ndarray, path: np.ndarray, fit: Window) -> dict[str, float]:
    inside = np.flatnonzero((path < fit[1]) & (path > fit[0]))
    if inside.size < 3:  # it has not decayed: what the later half of the layers does
        inside = np.arange(len(path) // 2, len(path))
    logs = log_gaps(gamma, path)
    off, error = mean_and_error(slopes(inside, logs[:, inside]))
    recursion = float(slopes(inside, np.log(path[inside])[None])[0])
    finite = float(finite_width(logs)[inside[-1]] / (inside[-1] - inside[0]))
    return {"rate": recursion + off, "error": error, "finite": finite, "recursion": recursion}


def _variance_rate(away: np.ndarray, path: np.ndarray, q: float) -> dict[str, float]:
    variance = away.var(0, ddof=1)
    noise = np.sqrt(variance / len(away)) + variance / q
    count = int(np.argmax(np.abs(path) < 10 * noise)) or len(path)
    if count < 4:  # a line through fewer than three points says nothing
        return dict.fromkeys(("rate", "error", "finite", "recursion"), math.nan)
    layer = np.arange(1, count)
    away, path = away[:, 1:count], path[1:count]
    # Each draw's share of the slope of log of the mean, to first order.
    shares, error = mean_and_error(slopes(layer, away / away.mean(0) - 1))
    rate, recursion = slopes(layer, np.log(np.abs([away.mean(0), path])))
    weight = np.abs(layer - layer.mean())
    finite = weight @ (variance[1:count] / q / np.abs(path)) / (weight @ weight)
    return {"rate": rate + shares, "error": error, "finite": finite, "recursion": recursion}


def chaotic(
    phi: Activation, sigma_b: float, sigma_ws: Sequence[float], *, width: int, layers: int,
    draws: int, seed: int, device: str, starts: Sequence[float] = STARTS,
) -> Rows:  # fmt: skip
    """1 - c at the last layer from several starting correlations, beside the map's fixed point.

    ``recursion`` is 1 - c of the map at that layer, ``log_gap`` the mean over draws of the log of
    simulated 1 - c over it, with its standard ``error`` and what is of ``finite`` width.
    """
    rows = []
    for sigma_w in sigma_ws:
        cmap = map_at_limit(phi, sigma_b, sigma_w)
        q, limit = cmap.q, chaotic_limit(cmap)
        for start in starts:
            gamma = start * 2 * (1 - sigma_b**2 / q)
            nets = propagate(
                phi, sigma_b, sigma_w, _pair(q, gamma, sigma_b, sigma_w), [width] * layers,
                draws=draws, seed=stream(seed, "chaotic", phi.name, sigma_w, start), device=device,
            )  # fmt: skip
            path = complement_trajectory(cmap, gamma, range(1, layers + 1))
            logs = log_gaps(nets.complement(), path)
            log_gap, error = mean_and_error(logs[:, -1])
            rows.append({
                "activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w, "chi1": cmap.chi1,
                "start": gamma, "limit": float(nets.complement()[:, -1].mean()),
                "log_gap": log_gap, "error": error, "finite": finite_width(logs)[-1],
                "recursion": path[-1], "theory": limit, "draws": draws,
            })  # fmt: skip
    return rows


def decorrelation(
    phi: Activation, sigma_b: float, sigma_ws: Sequence[float], epsilons: Sequence[float], *,
    width: int, draws: int, seed: int, device: str,
) -> Rows:  # fmt: skip
    """Layers until 1 - c reaches half its chaotic limit, for inputs at distance epsilon.

    At the least sigma_w with chi_1 > 1; no rows if there is none. Interpolated between layers on
    log(1 - c), draw by draw, from 1 - c^1 = epsilon^2/2. ``recursion`` is that of the map, and
    ``finite`` what finite width may change, its part of log(1 - c) over log chi_1: an estimate.
    """
    maps = {sigma_w: map_at_limit(phi, sigma_b, sigma_w) for sigma_w in sorted(sigma_ws)}
    chaotic = [sigma_w for sigma_w, cmap in maps.items() if cmap.chi1 > 1]
    if not chaotic:
        return []
    sigma_w, cmap = chaotic[0], maps[chaotic[0]]
    q, growth, limit = cmap.q, math.log(cmap.chi1), chaotic_limit(cmap)
    rows = []
    for epsilon in epsilons:
        gamma = epsilon**2 / 2
        layers = 12 + max(0, math.ceil(math.log(limit / gamma) / growth))
        nets = propagate(
            phi, sigma_b, sigma_w, _pair(q, gamma, sigma_b, sigma_w), [width] * layers,
            draws=draws, seed=stream(seed, "decorrelation", phi.name, sigma_w, epsilon),
            device=device,
        )  # fmt: skip
        path = complement_trajectory(cmap, gamma, range(1, layers + 1))
        simulated = nets.complement()
        times, error = mean_and_error([_crossing(each, limit / 2) for each in simulated])
        rows.append({
            "activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w, "epsilon": epsilon,
            "layers": times, "error": error,
            "finite": finite_width(log_gaps(simulated, path))[-1] / growth,
            "recursion": _crossing(path, limit / 2), "slope_theory": 2 / growth, "draws": draws,
        })  # fmt: skip
    return rows


def _crossing(path: np.ndarray, level: float) -> float:
    above = int(np.argmax(path >= level))
    if above == 0:
        return math.nan
    low, high = np.log(path[above - 1 : above + 1])
    return above + (math.log(level) - low) / (high - low)  # layers count from 1


def _pair(q: float, gamma: float, sigma_b: float, sigma_w: float) -> torch.Tensor:
    return pair_inputs((q, q), gamma, sigma_b, sigma_w)
