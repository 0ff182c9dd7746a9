"""The variance of several inputs, layer by layer, at one (sigma_b, sigma_w)."""

from __future__ import annotations

from collections.abc import Sequence

from edgeofchaos.experiments import Tables
from edgeofchaos.theory.variance import variance_map

TABLES = ("variance",)


def variance(
    *,
    sigma_b: float,
    sigma_w: float,
    inputs: Sequence[float],
    layers: int,
    activations: Sequence[str] = ("tanh", "relu"),
) -> Tables:
    """How fast the variances of several inputs come to their limit.

    Args:
        sigma_b: standard deviation of the biases.
        sigma_w: standard deviation of the weights times the root of fan-in.
        inputs: the variance q^1 of each input at layer 1.
        layers: how many layers.
        activations: the activations that are compared.

    Returns:
        ``variance``: a row an activation, input and layer, with q^l and its limit.
    """
    rows = []
    for name in activations:
        fmap = variance_map(name, sigma_b, sigma_w)
        limit = fmap.limit()
        path = fmap.trajectory(inputs, layers)
        rows += [
            {"activation": name, "sigma_b": sigma_b, "sigma_w": sigma_w, "input": i,
             "layer": layer + 1, "q": path[layer, i], "limit": limit}
            for i in range(len(inputs))
            for layer in range(layers)
        ]  # fmt: skip
    return {"variance": rows}
