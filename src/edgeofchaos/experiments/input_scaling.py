"""Where the variances of MNIST's images go from layer to layer, by how the images are scaled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from edgeofchaos.activations import activation
from edgeofchaos.experiments import Rows, Tables
from edgeofchaos.experiments.inits import parse
from edgeofchaos.experiments.points import Point, of_init
from edgeofchaos.simulation.scaling import PROTOCOLS, input_scale
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.variance import variance_map
from edgeofchaos.training.mnist import Digits, mean_squares

TABLES = ("input_scaling",)
INITS = (
    "swish-printed", "swish-chi1", "swish-stable", "swish-he", "tanh-edge", "elu-edge", "relu-edge",
)  # fmt: skip
KNOTS = 501
ABOVE, BELOW = 1.0, 0.25  # what is far from q of Swish's points at sigma_b = 0.2


def input_scaling(
    *,
    sigma_b: float,
    layers: Sequence[int],
    digits: tuple[Digits, Digits],
    inits: Sequence[str] = INITS,
    above: float = ABOVE,
    below: float = BELOW,
) -> Tables:
    """Variances of MNIST's images by layer in nets of infinite width, by protocol.

    The factor that images are multiplied by is that of the training images, as in training, and
    what becomes of them is told of the test images. (Their mean |a|^2/d is 1.7 % larger, which
    moves shares by 2 % near an unstable point.)

    Args:
        sigma_b: of the points, where their names do not say it.
        layers: those at which variances are tabulated.
        digits: the training and the test images.
        inits: the points, ACTIVATION-PLACE.
        above: the share of images with a larger variance is told.
        below: the share of images with a smaller variance is told.

    Returns:
        ``input_scaling``, a row a point, protocol and layer: see :func:`paths`.
    """
    train, test = (mean_squares(each.images) for each in digits)
    rows: Rows = []
    for name in inits:
        init = parse(name)
        point = of_init(init, sigma_b)
        for protocol in PROTOCOLS:
            scale = input_scale(train, point.q, point.sigma_b, point.sigma_w, protocol)
            rows += paths(
                init.activation, point, protocol, scale, test, layers, above=above, below=below
            )
    return {"input_scaling": rows}


def paths(
    name: str, point: Point, protocol: str, scale: float, squares: FloatArray,
    layers: Sequence[int], *, above: float = ABOVE, below: float = BELOW,
) -> Rows:  # fmt: skip
    """A row a layer, of q^l = F^(l - 1)(sigma_b^2 + sigma_w^2 s^2 |a|^2/d) over the images.

    Columns: ``low``, ``median`` and ``high`` (5, 50 and 95 % of images); the shares ``above`` and
    ``below`` the two variances; and ``over_q``, the share that starts above the point's q.

    The recursion is followed from ``KNOTS`` values of q^1, spaced geometrically, and log q^l of an
    image is interpolated between them: shares are off by less than 0.001.
    """
    fmap = variance_map(activation(name), point.sigma_b, point.sigma_w)
    first = point.sigma_b**2 + point.sigma_w**2 * scale**2 * squares
    knots = np.geomspace(first.min(), first.max(), KNOTS)
    with np.errstate(divide="ignore"):
        path = np.log(fmap.trajectory(knots, max(layers)))
    base: dict[str, Any] = {
        "activation": name, "place": point.place, "sigma_b": point.sigma_b,
        "sigma_w": point.sigma_w, "q": point.q, "inputs": protocol, "scale": scale,
        "images": len(squares), "over_q": float((first > point.q * (1 + 1e-12)).mean()),
    }  # fmt: skip
    rows: Rows = []
    for layer in layers:
        q = np.exp(np.interp(np.log(first), np.log(knots), path[layer - 1]))
        low, median, high = np.quantile(q, [0.05, 0.5, 0.95])
        rows.append({
            **base, "layer": layer, "low": low, "median": median, "high": high,
            "above": float((q > above).mean()), "below": float((q < below).mean()),
        })  # fmt: skip
    return rows
