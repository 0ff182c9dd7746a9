"""What becomes of the variance of Swish nets of finite width at the point that the paper prints.

F has no fixed point there, but a bottleneck. Infinitely wide nets pass it slowly; nets of finite
width are pushed about in it by the noise of their draw, and leave earlier or later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from edgeofchaos.experiments import SILENT, Bounds, Progress, Rows, Tables
from edgeofchaos.experiments.departure import FAR
from edgeofchaos.experiments.nets_departure import DRAWS
from edgeofchaos.experiments.points import Point, point_at
from edgeofchaos.simulation.sampling import propagate
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.variance import variance_map

TABLES = ("nets_printed",)
# A variance beyond this counts as infinite: sums of its units' squares come near the largest number
# of single precision, 3.4e38.
OVERFLOW = 1e30
BEYOND = 10.0  # times q
PLACES = ("printed", "chi1")


def nets_printed(
    *,
    sigma_b: float,
    widths: Sequence[int],
    layers: int,
    units: int,
    seed: int,
    device: str = "auto",
    name: str = "swish",
    draws: Bounds = DRAWS,
    far: float = FAR,
    beyond: float = BEYOND,
    progress: Progress = SILENT,
) -> Tables:
    """What becomes of the variance of nets at the printed point, and at chi_1 = 1 beside it.

    At the printed point nets start at q^1 = sigma_b^2 (the input 0), q/2 and q, q being the printed
    one; at chi_1 = 1 at q.

    Args:
        sigma_b: of both points.
        widths: units a layer, each tried.
        layers: how many layers.
        units: units drawn a layer over all draws of a width, which sets the number of draws.
        seed: of all random streams.
        device: auto, cpu or cuda.
        name: the activation.
        draws: the least and the most nets of one width.
        far: a variance is near q when it is off it by at most this part of q.
        beyond: a variance is beyond q when it is more than so many times q.

    Returns:
        ``nets_printed``, a row a place, width, start and layer: see :func:`paths`.
    """
    points = [point_at(name, place, sigma_b) for place in PLACES]
    runs = [
        (point, start, q, width)
        for point in points
        for start, q in starts(point).items()
        for width in widths
    ]
    rows: Rows = []
    for point, start, q, width in progress(runs, "printed"):
        key = {"activation": name, "place": point.place, "start": start}
        count = int(np.clip(units // width, *draws))
        rows += paths(
            key, point, q, width, count, layers=layers, seed=seed, device=device, far=far,
            beyond=beyond,
        )  # fmt: skip
    return {"nets_printed": rows}


def starts(point: Point) -> dict[str, float]:
    """q^1 of the nets at a point, named as in ``printed_paths``."""
    if point.place != "printed":
        return {"q": point.q}
    return {"sigma_b^2": point.sigma_b**2, "q/2": point.q / 2, "q": point.q}


def paths(
    key: dict[str, Any], point: Point, start: float, width: int, draws: int, *, layers: int,
    seed: int, device: str, far: float = FAR, beyond: float = BEYOND,
) -> Rows:  # fmt: skip
    """A row a layer, of nets of one width that start at q^1 = ``start``.

    The variance of a draw is K^l, what layer l - 1 makes of it: without the last 1/N of noise.
    Columns: ``low``, ``median`` and ``high`` (5, 50 and 95 % of draws); the shares of draws
    ``near`` q (|q^l/q - 1| <= far), ``beyond`` it (q^l > ``beyond`` q) and ``overflowed`` (past
    OVERFLOW); and ``theory``, F^(l - 1)(q^1).
    """
    size = (start - point.sigma_b**2) / point.sigma_w**2  # |a|^2/d; 0 is a start too
    inputs = torch.tensor([[max(size, 0.0) ** 0.5]], dtype=torch.float64)
    nets = propagate(
        key["activation"], point.sigma_b, point.sigma_w, inputs, [width] * layers, draws=draws,
        seed=stream(seed, "printed", *key.values(), point.sigma_b, width), device=device,
        dtype=torch.float32, ceiling=OVERFLOW,
    )  # fmt: skip
    q = nets.covariance[:, :layers, 0, 0].numpy()
    low, median, high = np.quantile(q, [0.05, 0.5, 0.95], axis=0, method="nearest")
    near = (np.abs(q / point.q - 1) <= far).mean(0)
    past = (q > beyond * point.q).mean(0)
    over = np.isinf(q).mean(0)
    fmap = variance_map(key["activation"], point.sigma_b, point.sigma_w)
    theory = fmap.trajectory(start, layers)
    base = {
        **key, "sigma_b": point.sigma_b, "sigma_w": point.sigma_w, "q": point.q, "width": width,
        "draws": draws,
    }  # fmt: skip
    return [
        {**base, "layer": i + 1, "low": low[i], "median": median[i], "high": high[i],
         "near": near[i], "beyond": past[i], "overflowed": over[i], "theory": theory[i]}
        for i in range(layers)
    ]  # fmt: skip
