"""Random nets: the conditional sampler beside nets whose weights are drawn."""

from __future__ import annotations

import math

import torch

from benchmarks.measure import Comparison, Contestant, bound
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.sampling import propagate

SIGMA_W = math.sqrt(2)
DEVIATIONS = 5  # of q^L about its expectation, that a right answer has


def inputs() -> torch.Tensor:
    """Two orthogonal inputs with q^1 = 1."""
    return pair_inputs((1.0, 1.0), 1.0, 0.0, SIGMA_W)


def ours(width: int, layers: int, dtype: torch.dtype = torch.float64, count: int = 2) -> float:
    """q^L of the first input in a ReLU net on its edge, by the conditional sampler."""
    x = inputs() if count == 2 else math.sqrt(count / 2) * torch.eye(count, dtype=torch.float64)
    nets = propagate("relu", 0.0, SIGMA_W, x, [width] * layers, dtype=dtype, device="cpu",
                     sampler="conditional")  # fmt: skip
    return float(nets.q[0, -1, 0])


def dense(width: int, layers: int, dtype: torch.dtype) -> float:
    """The same with every weight drawn, in plain torch."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        h = inputs().to(dtype)
        for _ in range(layers):
            weight = torch.empty(width, len(h), dtype=dtype).normal_(generator=generator)
            y = weight @ h * (SIGMA_W / math.sqrt(len(h)))
            h = torch.relu(y)
        return float(y[:, 0].double().square().mean())


def numbers(width: int, layers: int, dtype: torch.dtype) -> None:
    """The random numbers alone that no exact sampler of two inputs does without."""
    generator = torch.Generator().manual_seed(0)
    y = torch.empty(width, 2, dtype=dtype)
    for _ in range(layers):
        y.normal_(generator=generator)


def comparisons(quick: bool) -> list[Comparison]:
    """Nets that can be drawn densely, and one that cannot."""
    width, layers = (256, 8) if quick else (4096, 50)
    single, double = torch.float32, torch.float64
    found = [_comparison(
        "nets", width, layers,
        [
            Contestant("conditional sampler, float64", lambda: ours(width, layers), 1.0,
                       role="ours"),
            # Next to ours, as the speed of a machine drifts while dense nets are drawn.
            bound("the random numbers alone, float64", lambda: numbers(width, layers, double)),
            Contestant("dense torch nets, float64", lambda: dense(width, layers, double), 1.0),
            Contestant("dense torch nets, float32", lambda: dense(width, layers, single), 1.0),
        ],
    )]  # fmt: skip
    if not quick:
        wide, deep = 1_000_000, 200
        found.append(_comparison(
            "nets_wide", wide, deep,
            [
                Contestant("conditional sampler, float32", lambda: ours(wide, deep, single), 1.0,
                           role="ours"),
                bound("the random numbers alone, float32", lambda: numbers(wide, deep, single)),
            ],
        ))  # fmt: skip
    return found


def _comparison(key: str, width: int, layers: int, contestants: list[Contestant]) -> Comparison:
    # q^(l+1)/q^l has variance 5/N in a ReLU net.
    scatter = math.sqrt(5 * layers / width)
    return Comparison(
        key,
        f"Random nets: {width:,} wide, {layers} deep, two inputs, ReLU",
        "All of them draw the same law. The error is that of one draw: |q^L/q¹ − 1| over "
        f"{DEVIATIONS} of its standard deviations √(5 L/N) = {scatter:.2g}, which is below 1 where "
        "all is well.",
        contestants,
        lambda q: abs(q - 1) / (DEVIATIONS * scatter),
        "deviation of q^L, over 5 standard deviations",
    )
