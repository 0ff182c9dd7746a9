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
from edgeofchaos.simulation.intervals import interval, slopes
from edgeofchaos.simulation.sampling import propagate
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.phases import chaotic_limit, map_at_limit
from edgeofchaos.theory.variance import depth_scales, variance_map

TABLES = ("nets_ordered", "nets_chaotic", "nets_decorrelation")
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
        chaotic_sigma_w: points of the chaotic phase; inputs decorrelate at the least of them.
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
        "nets_decorrelation": decorrelation(phi, sigma_b, min(chaotic_sigma_w), epsilons, **size),
    }


def ordered(
    phi: Activation, sigma_b: float, sigma_ws: Sequence[float], *, width: int, layers: int,
    draws: int, seed: int, device: str, fit: Window = FIT, far: float = FAR,
) -> Rows:  # fmt: skip
    """Slopes of log(1 - c) and log|q - q*| by layer in the ordered phase, beside theory's.

    1 - c: fitted draw by draw within ``fit``, beside log chi_1. q: the mean over draws,
    from ``far`` q* down to ten times its own error, against the recursion over the same layers.
    """
    rows: Rows = []
    for sigma_w in sigma_ws:
        scales = depth_scales(phi, sigma_b, sigma_w)
        nets = propagate(
            phi, sigma_b, sigma_w, _pair(far * scales.q, 0.5, sigma_b, sigma_w), [width] * layers,
            draws=draws, seed=stream(seed, "ordered", phi.name, sigma_w), device=device,
        )  # fmt: skip
        gamma = nets.complement()
        mean = gamma.mean(0)
        inside = np.flatnonzero((mean < fit[1]) & (mean > fit[0]))
        if inside.size < 3:  # it has not decayed: what the later half of the layers does
            inside = np.arange(layers // 2, layers)
        c_rate = interval(slopes(inside, np.log(gamma[:, inside])))
        rows.append(_rate(phi, sigma_b, sigma_w, "c", c_rate.mean, c_rate.half,
                          math.log(scales.chi1), float(gamma[:, -1].max()), draws))  # fmt: skip
        away = nets.q[..., 0] - scales.q
        error = away.std(0, ddof=1) / math.sqrt(draws)
        path = variance_map(phi, sigma_b, sigma_w).trajectory(far * scales.q, layers) - scales.q
        count = int(np.argmax(np.abs(path) < 10 * error)) or layers
        layer = np.arange(1, count)
        # Each draw's share of the slope of log of the mean, to first order.
        shares = away[:, 1:count] / away[:, 1:count].mean(0) - 1
        slope = float(slopes(layer, np.log(np.abs(away[:, 1:count].mean(0)))[None])[0])
        q_rate = interval(slope + slopes(layer, shares))
        expected = float(slopes(layer, np.log(np.abs(path[1:count]))[None])[0])
        rows.append(_rate(phi, sigma_b, sigma_w, "q", q_rate.mean, q_rate.half, expected,
                          float(np.abs(away[:, -1]).max()), draws))  # fmt: skip
    return rows


def _rate(
    phi: Activation, sigma_b: float, sigma_w: float, quantity: str, value: float, half: float,
    theory: float, last: float, draws: int,
) -> dict[str, Any]:  # fmt: skip
    return {
        "activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w, "quantity": quantity,
        "rate": value, "half": half, "theory": theory, "last": last, "draws": draws,
    }  # fmt: skip


def chaotic(
    phi: Activation, sigma_b: float, sigma_ws: Sequence[float], *, width: int, layers: int,
    draws: int, seed: int, device: str, starts: Sequence[float] = STARTS,
) -> Rows:  # fmt: skip
    """1 - c at the last layer from several starting correlations, beside the map's fixed point."""
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
            found = interval(nets.complement()[:, -1])
            rows.append({
                "activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w, "start": gamma,
                "limit": found.mean, "half": found.half, "theory": limit, "draws": draws,
            })  # fmt: skip
    return rows


def decorrelation(
    phi: Activation, sigma_b: float, sigma_w: float, epsilons: Sequence[float], *, width: int,
    draws: int, seed: int, device: str,
) -> Rows:  # fmt: skip
    """Layers until 1 - c reaches half its chaotic limit, for inputs at distance epsilon.

    Interpolated between layers on log(1 - c), draw by draw, from 1 - c^1 = epsilon^2/2.
    """
    cmap = map_at_limit(phi, sigma_b, sigma_w)
    q, chi1, limit = cmap.q, cmap.chi1, chaotic_limit(cmap)
    rows = []
    for epsilon in epsilons:
        gamma = epsilon**2 / 2
        layers = 12 + math.ceil(math.log(limit / gamma) / math.log(chi1))
        nets = propagate(
            phi, sigma_b, sigma_w, _pair(q, gamma, sigma_b, sigma_w), [width] * layers,
            draws=draws, seed=stream(seed, "decorrelation", phi.name, sigma_w, epsilon),
            device=device,
        )  # fmt: skip
        times = [_crossing(path, limit / 2) for path in nets.complement()]
        found = interval(times)
        rows.append({
            "activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w, "epsilon": epsilon,
            "layers": found.mean, "half": found.half, "slope_theory": 2 / math.log(chi1),
            "draws": draws,
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
