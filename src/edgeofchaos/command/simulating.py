"""``simulate``: random nets beside the theory, layer by layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from edgeofchaos.command.answers import Answer, Answering, table
from edgeofchaos.command.options import counted, resolved, sigma, with_activation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from matplotlib.figure import Figure

_LEVEL = 0.05
_MOST_UNITS = 10_000_000_000  # which take minutes


@click.command(cls=Answering)
@with_activation
@counted("--width", 500, "Units a layer.")
@counted("--depth", 20, "Number of layers.")
@sigma("b", 0.2)
@sigma("w", told=", on the edge if not given")
@counted("--nets", 20, "How many nets are drawn, 2 or more.")
@counted("--seed", 0, "Of the random numbers.")
@click.option(
    "--correlation", type=float, default=0.0, show_default=True, metavar="NUMBER",
    help="The cosine of the two inputs, below 1.",
)  # fmt: skip
def simulate(
    activation: str, kinks: Sequence[float], width: int, depth: int, sigma_b: float,
    sigma_w: float | None, nets: int, seed: int, correlation: float,
) -> Answer:  # fmt: skip
    """Random nets beside the theory of infinitely wide ones.

    Two inputs of mean square 1 are sent through the nets. q is the variance of a layer, c the
    correlation of the two, each the mean over the nets with its 95 % interval. Nets are drawn by
    their exact law, so that width costs little.
    """
    from edgeofchaos.arguments import check_sigma, number, whole, wrong
    from edgeofchaos.simulation.inputs import pair_inputs
    from edgeofchaos.simulation.sampling import propagate
    from edgeofchaos.theory.edge import edge_point
    from edgeofchaos.theory.recursion import pair_trajectory

    depth, width = whole("depth", depth, 1, 100_000), whole("width", width)
    nets, seed = whole("nets", nets, 2), whole("seed", seed, 0, 2**63 - 1)
    if nets * width * depth > _MOST_UNITS:
        raise ValueError(
            f"nets * width * depth = {nets * width * depth:.3g}; allowed is up to {_MOST_UNITS:.0e}"
        )
    cosine = number("correlation", correlation, -1.0, 1.0)
    if cosine == 1.0:
        raise wrong("correlation", correlation, "a number below 1: equal inputs stay equal")
    phi, sigma_b = resolved(activation, kinks), check_sigma("sigma_b", sigma_b)
    given = edge_point(phi, sigma_b).sigma_w if sigma_w is None else sigma_w
    sigma_w = check_sigma("sigma_w", given, positive=True)
    start = sigma_b**2 + sigma_w**2
    gamma = sigma_w**2 / start * (1.0 - cosine)
    theory = pair_trajectory(phi, sigma_b, sigma_w, start, start, gamma, depth)
    inputs = pair_inputs((start, start), gamma, sigma_b, sigma_w)
    drawn = propagate(phi, sigma_b, sigma_w, inputs, [width] * depth, draws=nets, seed=seed)
    qs, gammas = _summary(drawn.q[..., 0]), _summary(drawn.complement())
    rows = [
        {
            "activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w, "width": width,
            "nets": nets, "layer": i + 1,
            **_columns("q", float(theory.q_a[i]), *(float(x[i]) for x in qs)),
            **_columns("one_minus_c", float(theory.gamma[i]), *(float(x[i]) for x in gammas)),
            "c_theory": 1.0 - float(theory.gamma[i]), "c": 1.0 - float(gammas[0][i]),
            "c_low": 1.0 - float(gammas[2][i]), "c_high": 1.0 - float(gammas[1][i]),
        }
        for i in range(depth)
    ]  # fmt: skip

    def draw() -> Figure:
        from edgeofchaos.command.drawings import simulation

        return simulation(rows)

    columns = ("layer", "q_theory", "q", "q_low", "q_high", "c_theory", "c", "c_low", "c_high")
    head = f"{phi.name}, sigma_b = {sigma_b:g}, sigma_w = {sigma_w:.6g}: {nets} nets, {width} wide"
    return Answer(rows, rows, f"{head}\n{table(rows, columns)}", draw)


def _summary(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The means over draws, (layers,), and the lower and upper ends of their intervals."""
    from edgeofchaos.simulation.intervals import half_width

    count = len(values)
    mean = values.mean(0)
    half = half_width(values.std(0, ddof=1) / math.sqrt(count), count, _LEVEL)
    return mean, mean - half, mean + half


def _columns(name: str, theory: float, mean: float, low: float, high: float) -> dict[str, Any]:
    return {f"{name}_theory": theory, name: mean, f"{name}_low": low, f"{name}_high": high}
