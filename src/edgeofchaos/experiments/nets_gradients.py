"""Mean squared gradients at initialisation, on the edge and off it."""

from __future__ import annotations

from typing import Any

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import SILENT, Nets, Progress, Ratios, Rows, Tables
from edgeofchaos.simulation.gradients import mean_squared_gradients
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.intervals import interval
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.edge import edge_point
from edgeofchaos.theory.variance import variance_map

TABLES = ("nets_gradients", "nets_factors")
PLACES = {"ordered": 0.8, "edge": 1.0, "chaotic": 1.2}  # sigma_w over its value on the edge


def nets_gradients(
    *,
    nets: Nets,
    width: int,
    layers: int,
    draws: int,
    seed: int,
    device: str = "auto",
    places: Ratios = PLACES,
    progress: Progress = SILENT,
) -> Tables:
    """Mean squared gradients of random nets by layer, on the edge and off it.

    Args:
        nets: built-in activations and the sigma_b of their edge points.
        width: units a layer.
        layers: how many layers.
        draws: how many independent nets of each activation and place.
        seed: of all random streams.
        device: auto, cpu or cuda.
        places: names and sigma_w, over its value on the edge, of the points that are looked at.

    Returns:
        ``nets_gradients`` and ``nets_factors``: see :func:`profiles`.
    """
    profile: Rows = []
    factors: Rows = []
    for name, sigma_b in progress(nets.items(), "gradients"):
        rows, fits = profiles(
            activation(name), sigma_b, width=width, layers=layers, draws=draws, seed=seed,
            device=device, places=places,
        )  # fmt: skip
        profile += rows
        factors += fits
    return {"nets_gradients": profile, "nets_factors": factors}


def profiles(
    phi: Activation, sigma_b: float, *, width: int, layers: int, draws: int, seed: int,
    device: str, places: Ratios = PLACES,
) -> tuple[Rows, Rows]:  # fmt: skip
    """Rows by layer, and of the factor a layer, at each place (sigma_w over that of the edge).

    By layer: the mean over draws of the squared gradient, over that of the last layer, beside the
    product of chi_1(q^k), k from l to L - 1. The factor is exp of the mean over draws of
    log(G^1/G^L)/(L - 1). Inputs start at the edge's q.
    """
    point = edge_point(phi, sigma_b)
    q = point.start_variance
    profile: Rows = []
    factors: Rows = []
    for place, ratio in places.items():
        sigma_w = ratio * point.sigma_w
        inputs = pair_inputs((q, q), 0.0, point.sigma_b, sigma_w)[:, :1]
        found = mean_squared_gradients(
            phi, point.sigma_b, sigma_w, inputs, [width] * layers, draws=draws,
            seed=stream(seed, "gradients", phi.name, sigma_b, place), device=device,
        )[..., 0].numpy()  # fmt: skip
        fmap = variance_map(phi, point.sigma_b, sigma_w)
        chi = fmap.chi1(fmap.trajectory(q, layers)[:-1])
        theory = np.concatenate([np.cumsum(np.log(chi)[::-1])[::-1], [0.0]])
        base: dict[str, Any] = {
            "activation": phi.name, "sigma_b": point.sigma_b, "sigma_w": sigma_w, "place": place,
            "stable": point.stable, "width": width, "draws": draws,
        }  # fmt: skip
        relative = np.log(found / found[:, -1:])
        profile += [
            {**base, "layer": l + 1, "log_gradient": relative[:, l].mean(),
             "low": np.quantile(relative[:, l], 0.05), "high": np.quantile(relative[:, l], 0.95),
             "theory": theory[l]}
            for l in range(layers)  # noqa: E741
        ]  # fmt: skip
        rate = interval(relative[:, 0] / (layers - 1))
        factors.append({**base, "log_factor": rate.mean, "half": rate.half,
                        "theory": theory[0] / (layers - 1)})  # fmt: skip
    return profile, factors
