"""Output surfaces of random nets over a grid of inputs in the plane, and how much they vary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from edgeofchaos.activations import activation
from edgeofchaos.experiments import SILENT, Progress, Rows, Tables
from edgeofchaos.experiments.cases import CASES, REACH, Case
from edgeofchaos.simulation.intervals import interval
from edgeofchaos.simulation.sampling import propagate
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.edge import edge_point

TABLES = ("nets_surfaces", "nets_spread", "surfaces")


def nets_surfaces(
    *,
    side: int,
    draws: int,
    seed: int,
    device: str = "auto",
    progress: Progress = SILENT,
    cases: Sequence[Case] = CASES,
) -> Tables:
    """Output surfaces of random nets over a square of inputs, and how much they vary.

    Args:
        side: points a side of the square.
        draws: how many independent nets of each case.
        seed: of all random streams.
        device: auto, cpu or cuda.

    Returns:
        ``nets_surfaces`` (a row a draw), ``nets_spread`` (their means, with intervals) and
        ``surfaces`` (of each case, one output of one net: an array (side, side)).
    """
    rows: Rows = []
    pictures = {}
    for case in progress(cases, "surfaces"):
        found, pictures[case.name] = surfaces(
            case, side=side, draws=draws, seed=seed, device=device
        )
        rows += found
    return {"nets_surfaces": rows, "nets_spread": summary(rows), "surfaces": pictures}


def grid(side: int) -> torch.Tensor:
    """The inputs: (2, side^2), the first coordinate varying fastest."""
    line = torch.linspace(-REACH, REACH, side, dtype=torch.float64)
    return torch.stack([line.repeat(side), line.repeat_interleave(side)])


def surfaces(
    case: Case, *, side: int, draws: int, seed: int, device: str
) -> tuple[Rows, np.ndarray]:
    """One row a draw, and the surface of one output of the first draw: (side, side).

    With y over the grid, means over the grid and over the units of the last layer:

    - ``spread``: Var(y)/E[y^2], 0 for a constant function;
    - ``roughness``: E[(difference of neighbours)^2]/(2 Var(y)), which goes to 1 for white noise;
    - ``decorrelation``: 1 - c^L averaged over pairs of grid points of at least median norm.
    """
    phi = activation(case.activation)
    sigma_w = case.sigma_w
    if sigma_w is None:
        sigma_w = edge_point(phi, case.sigma_b).sigma_w
    inputs = grid(side)
    norms = inputs.norm(dim=0)
    far = norms >= norms.median()
    rows: Rows = []
    first = np.empty(0)
    for draw in range(draws):
        nets = propagate(
            phi, case.sigma_b, sigma_w, inputs, [case.width] * case.depth, units=case.width,
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
            "case": case.name, "activation": case.activation, "sigma_b": case.sigma_b,
            "sigma_w": sigma_w, "depth": case.depth, "width": case.width, "draw": draw,
            "spread": float(variance / (y**2).mean()),
            "roughness": float(np.mean(steps) / (2 * variance)),
            "decorrelation": float(1 - pairs),
        })  # fmt: skip
    return rows, first


def summary(rows: Rows) -> Rows:
    """Mean and interval over draws of log spread, roughness and decorrelation, for each case."""
    out = []
    for case in dict.fromkeys(r["case"] for r in rows):
        mine = [r for r in rows if r["case"] == case]
        for quantity in ("spread", "roughness", "decorrelation"):
            values = np.log([r[quantity] for r in mine])
            found = interval(values)
            out.append({
                "case": case, "activation": mine[0]["activation"], "depth": mine[0]["depth"],
                "width": mine[0]["width"], "quantity": quantity, "log_mean": found.mean,
                "half": found.half, "draws": found.draws,
            })  # fmt: skip
    return out
