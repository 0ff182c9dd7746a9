"""q and c of simulated nets of one activation against the kernel recursion."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from edgeofchaos.activations import Activation
from edgeofchaos.experiments import SILENT, Progress, Rows, Start, Tables, Wrapper
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.intervals import finite_width, log_gaps, mean_and_error
from edgeofchaos.simulation.sampling import propagate
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.recursion import PairTrajectory, pair_trajectory

TABLES = ("nets_propagation",)


def nets_propagation(
    *,
    phi: Activation,
    sigma_b: float,
    sigma_w: float,
    start: Start,
    width: int,
    layers: int,
    draws: int,
    seed: int,
    device: str = "auto",
    progress: Progress = SILENT,
) -> Tables:
    """Simulated q and c beside the kernel recursion's, layer by layer.

    Args:
        phi: the activation.
        sigma_b: standard deviation of the biases.
        sigma_w: standard deviation of the weights times the root of fan-in.
        start: the variances of two inputs and their 1 - c, at layer 1.
        width: units a layer.
        layers: how many layers.
        draws: how many independent nets.
        seed: of all random streams.
        device: auto, cpu or cuda.

    Returns:
        ``nets_propagation``, a row a layer and quantity (q_a, q_b, 1-c): the recursion's value,
        the mean and standard deviation over draws, and of log(simulated/recursion) the mean
        ``log_gap``, its standard ``error`` and what is of ``finite`` width.
    """
    rows = against_recursion(
        phi, sigma_b, sigma_w, start, width=width, layers=layers, draws=draws, seed=seed,
        device=device, progress=partial(progress, what=phi.name),
    )  # fmt: skip
    return {"nets_propagation": rows}


def against_recursion(
    phi: Activation, sigma_b: float, sigma_w: float, start: Start, *, width: int, layers: int,
    draws: int, seed: int, device: str, progress: Wrapper | None = None,
) -> Rows:  # fmt: skip
    """Mean over draws of q_a, q_b and 1 - c at each layer, beside the recursion's.

    ``start`` is (q_a, q_b, 1 - c) at layer 1.
    """
    theory, values = simulated(
        phi, sigma_b, sigma_w, start, [width] * layers, draws,
        stream(seed, "propagation", phi.name), device, progress,
    )  # fmt: skip
    rows = []
    for quantity, expected in (("q_a", theory.q_a), ("q_b", theory.q_b), ("1-c", theory.gamma)):
        logs = log_gaps(values[quantity], expected)
        finite = finite_width(logs)
        for l in range(layers):  # noqa: E741
            log_gap, error = mean_and_error(logs[:, l])
            drawn = values[quantity][:, l]
            rows.append({
                "activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w, "width": width,
                "draws": draws, "layer": l + 1, "quantity": quantity, "theory": expected[l],
                "mean": float(drawn.mean()), "sd": float(drawn.std(ddof=1)),
                "log_gap": log_gap, "error": error, "finite": finite[l],
            })  # fmt: skip
    return rows


def simulated(
    phi: Activation, sigma_b: float, sigma_w: float, start: Start, widths: Sequence[int],
    draws: int, seed: int, device: str, progress: Wrapper | None = None,
) -> tuple[PairTrajectory, dict[str, np.ndarray]]:  # fmt: skip
    """The recursion of a pair, and what nets do to it: q_a, q_b and 1-c, arrays (draws, layers).

    ``variance`` is, of each draw, that of a unit of the last layer given the layer before.
    """
    q_a, q_b, gamma = start
    theory = pair_trajectory(phi, sigma_b, sigma_w, q_a, q_b, gamma, len(widths))
    inputs = pair_inputs((q_a, q_b), gamma, sigma_b, sigma_w)
    nets = propagate(
        phi, sigma_b, sigma_w, inputs, widths, draws=draws, seed=seed, device=device,
        progress=progress,
    )  # fmt: skip
    q = nets.q
    last = nets.covariance[:, -2, 0, 0].numpy()
    return theory, {
        "q_a": q[..., 0], "q_b": q[..., 1], "1-c": nets.complement(), "variance": last,
    }  # fmt: skip
