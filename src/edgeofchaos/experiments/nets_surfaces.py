"""Output surfaces of random nets over a grid of inputs in the plane, and how much they vary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from edgeofchaos.activations import activation
from edgeofchaos.experiments import SILENT, Progress, Rows, Tables
from edgeofchaos.experiments.cases import AS_THEY_ARE, CASES, REACH, Case
from edgeofchaos.experiments.points import Point, point_at
from edgeofchaos.simulation.intervals import mean_and_error
from edgeofchaos.simulation.sampling import propagate
from edgeofchaos.simulation.scaling import PROTOCOLS, input_scale
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.variance import variance_map

TABLES = ("nets_surfaces", "nets_spread", "surfaces")
# What all draws of a case have in common.
ALIKE = ("activation", "place", "sigma_b", "sigma_w", "inputs", "depth", "width")


def nets_surfaces(
    *,
    side: int,
    draws: int,
    seed: int,
    inputs: str = "every",
    device: str = "auto",
    progress: Progress = SILENT,
    cases: Sequence[Case] = CASES,
) -> Tables:
    """Output surfaces of random nets over a square of inputs, and how much they vary.

    Args:
        side: points a side of the square.
        draws: how many independent nets of each case, but for those of which there are more.
        seed: of all random streams.
        inputs: how they are scaled: every (q^1 <= q for each of the square), mean (q on average)
            or root (times sqrt(q)).
        device: auto, cpu or cuda.

    Returns:
        ``nets_surfaces`` (a row a draw), ``nets_spread`` (their means, with standard errors) and
        ``surfaces`` (of each case, one output of one net: an array (side, side)).

    Raises:
        ValueError: ``inputs`` is no protocol, or a case is at no point.
    """
    if inputs not in PROTOCOLS:
        raise ValueError(f"inputs = {inputs!r}; allowed are {', '.join(PROTOCOLS)}")
    rows: Rows = []
    pictures = {}
    for case in progress(cases, "surfaces"):
        found, pictures[case.name] = surfaces(
            case, side=side, draws=case.times * draws, seed=seed, device=device,
            inputs=case.inputs or inputs,
        )  # fmt: skip
        rows += found
    return {"nets_surfaces": rows, "nets_spread": summary(rows), "surfaces": pictures}


def grid(side: int) -> torch.Tensor:
    """The inputs: (2, side^2), the first coordinate varying fastest."""
    line = torch.linspace(-REACH, REACH, side, dtype=torch.float64)
    return torch.stack([line.repeat(side), line.repeat_interleave(side)])


def point_of(case: Case) -> Point:
    """The point of a case; where sigma_w is given, with its limiting variance as q."""
    if case.place is not None:
        return point_at(case.activation, case.place, case.sigma_b)
    if case.sigma_w is None:
        raise ValueError(f"case {case.name}: it has neither a place nor a sigma_w")
    limit = variance_map(case.activation, case.sigma_b, case.sigma_w).limit()
    return Point("given", case.sigma_b, case.sigma_w, limit)


def surfaces(
    case: Case, *, side: int, draws: int, seed: int, device: str, inputs: str = "every"
) -> tuple[Rows, np.ndarray]:
    """One row a draw, and the surface of one output of the first draw: (side, side).

    With y over the grid, means over the grid and over the units of the last layer:

    - ``spread``: Var(y)/E[y^2], 0 for a constant function;
    - ``roughness``: E[(difference of neighbours)^2]/(2 Var(y)), which goes to 1 for white noise;
    - ``decorrelation``: 1 - c^L averaged over pairs of grid points of at least median norm.

    Inputs are scaled by the protocol ``inputs`` with the q of the point, which is 1 where the point
    has none (ReLU's edge, where no surface depends on it, and He's sigma_w).
    """
    phi = activation(case.activation)
    point = point_of(case)
    square = grid(side)
    protocol = AS_THEY_ARE if case.place is None else inputs
    scale = 1.0
    if protocol != AS_THEY_ARE:
        squares = (square**2).mean(0).numpy()
        scale = input_scale(squares, point.q, point.sigma_b, point.sigma_w, protocol)
    norms = square.norm(dim=0)
    far = norms >= norms.median()
    rows: Rows = []
    first = np.empty(0)
    for draw in range(draws):
        nets = propagate(
            phi, point.sigma_b, point.sigma_w, scale * square, [case.width] * case.depth,
            units=case.width,
            seed=stream(seed, "surfaces", case.name, draw), sampler="dense", record=False,
            device=device,
        )  # fmt: skip
        flat = nets.outputs[0]  # (units, inputs)
        y = flat.numpy().reshape(-1, side, side)
        first = first if draw else y[0]
        variance = y.var(axis=(1, 2)).mean()
        steps = [(np.diff(y, axis=axis) ** 2).mean() for axis in (1, 2)]
        unit = flat[:, far] / flat[:, far].norm(dim=0)
        count = unit.shape[1]
        pairs = (unit.sum(1).square().sum() - count) / (count * (count - 1))
        rows.append({
            "case": case.name, "activation": case.activation, "place": point.place,
            "sigma_b": point.sigma_b, "sigma_w": point.sigma_w, "q": point.q, "inputs": protocol,
            "depth": case.depth, "width": case.width, "draw": draw,
            "spread": float(variance / (y**2).mean()),
            "roughness": float(np.mean(steps) / (2 * variance)),
            "decorrelation": float(1 - pairs),
        })  # fmt: skip
    return rows, first


def summary(rows: Rows) -> Rows:
    """Mean and its standard error of log spread, roughness and decorrelation, for each case."""
    out = []
    for case in dict.fromkeys(r["case"] for r in rows):
        mine = [r for r in rows if r["case"] == case]
        for quantity in ("spread", "roughness", "decorrelation"):
            values = np.log([r[quantity] for r in mine])
            log_mean, error = mean_and_error(values)
            out.append({
                "case": case, **{key: mine[0][key] for key in ALIKE}, "quantity": quantity,
                "log_mean": log_mean, "error": error, "draws": len(values),
            })  # fmt: skip
    return out
