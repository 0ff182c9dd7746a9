"""Mean squared gradients at initialisation: on the edge, off it, at the points of Swish."""

from __future__ import annotations

from typing import Any

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import SILENT, Nets, Progress, Ratios, Rows, Tables
from edgeofchaos.experiments.points import Point, point_at, printed_row, times
from edgeofchaos.simulation.gradients import mean_squared_gradients
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.intervals import mean_and_error
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.variance import variance_map

TABLES = ("nets_gradients", "nets_factors")
OFF = {"ordered": 0.8, "chaotic": 1.2}  # sigma_w over its value on the edge
SWISH = ("printed", "chi1", "stable", "he")  # what is looked at in place of the edge and these two


def nets_gradients(
    *,
    nets: Nets,
    width: int,
    layers: int,
    draws: int,
    seed: int,
    device: str = "auto",
    off: Ratios = OFF,
    progress: Progress = SILENT,
) -> Tables:
    """Mean squared gradients of random nets by layer, on the edge and off it.

    Args:
        nets: built-in activations and the sigma_b of their points.
        width: units a layer.
        layers: how many layers.
        draws: how many independent nets of each activation and place.
        seed: of all random streams.
        device: auto, cpu or cuda.
        off: names and sigma_w, over its value on the edge, of the points off it; Swish, where the
            paper prints a point, is looked at there and at chi_1 = 1, the stable point and He's.

    Returns:
        ``nets_gradients`` and ``nets_factors``: see :func:`profiles`.
    """
    profile: Rows = []
    factors: Rows = []
    for name, sigma_b in progress(nets.items(), "gradients"):
        for point in places(activation(name), sigma_b, off):
            rows, fits = profiles(
                activation(name), point, width=width, layers=layers, draws=draws, seed=seed,
                device=device,
            )  # fmt: skip
            profile += rows
            factors += fits
    return {"nets_gradients": profile, "nets_factors": factors}


def places(phi: Activation, sigma_b: float, off: Ratios = OFF) -> list[Point]:
    """The points that gradients of one activation are looked at."""
    if printed_row(phi, sigma_b) is not None:
        return [point_at(phi, place, sigma_b) for place in SWISH]
    try:
        edge = point_at(phi, "edge", sigma_b)
    except ValueError:  # q repels, or there is no such point, which this says too
        edge = point_at(phi, "chi1", sigma_b)
    found = {edge.place: edge, **{name: times(phi, edge, off[name], name) for name in off}}
    # In the order of sigma_w.
    return sorted(found.values(), key=lambda point: point.sigma_w)


def starts(point: Point) -> dict[str, float]:
    """q^1 of the inputs: the q of the point, and at the printed one also half of it."""
    return {"q": point.q, "q/2": point.q / 2} if point.place == "printed" else {"q": point.q}


def profiles(
    phi: Activation, point: Point, *, width: int, layers: int, draws: int, seed: int, device: str
) -> tuple[Rows, Rows]:
    """Rows by layer, and of the factor a layer, at one point and for each start there.

    By layer: the mean over draws of the squared gradient, over that of the last layer, beside the
    product of chi_1(q^k), k from l to L - 1, with q^k of the infinite-width recursion. The factor
    is exp of the mean over draws of log(G^1/G^L)/(L - 1), below 1 where gradients vanish; G is a
    product over the layers, log-normal with the limit for its mean, so that the mean of its log is
    off by half of its variance: ``finite`` is twice that.
    """
    profile: Rows = []
    factors: Rows = []
    fmap = variance_map(phi, point.sigma_b, point.sigma_w)
    for start, q in starts(point).items():
        inputs = pair_inputs((q, q), 0.0, point.sigma_b, point.sigma_w)[:, :1]
        found = mean_squared_gradients(
            phi, point.sigma_b, point.sigma_w, inputs, [width] * layers, draws=draws,
            seed=stream(seed, "gradients", phi.name, point.sigma_b, point.place, start),
            device=device,
        )[..., 0].numpy()  # fmt: skip
        chi = fmap.chi1(fmap.trajectory(q, layers)[:-1])
        theory = np.concatenate([np.cumsum(np.log(chi)[::-1])[::-1], [0.0]])
        base: dict[str, Any] = {
            "activation": phi.name, "sigma_b": point.sigma_b, "sigma_w": point.sigma_w,
            "place": point.place, "start": start, "q": q, "width": width, "draws": draws,
        }  # fmt: skip
        found = np.where(found > 0, found, np.nan)  # of a net that passes nothing on
        relative = np.log(found / found[:, -1:])
        profile += [
            {**base, "layer": l + 1, "log_gradient": relative[:, l].mean(),
             "low": np.quantile(relative[:, l], 0.05), "high": np.quantile(relative[:, l], 0.95),
             "theory": theory[l]}
            for l in range(layers)  # noqa: E741
        ]  # fmt: skip
        factor, error = mean_and_error(relative[:, 0] / (layers - 1))
        factors.append({**base, "layers": layers, "log_factor": factor, "error": error,
                        "finite": relative[:, 0].var(ddof=1) / (layers - 1),
                        "theory": theory[0] / (layers - 1)})  # fmt: skip
    return profile, factors
