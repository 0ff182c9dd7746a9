"""``phase``: which phase a net is in, over a grid of (sigma_b, sigma_w)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from edgeofchaos.command.answers import Answer, Answering, table
from edgeofchaos.command.options import counted, ends, resolved, spaced, with_activation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from edgeofchaos.activations import Activation

_DRAWN = 51  # points of the grid in the picture, along each axis


@click.command(cls=Answering)
@with_activation
@ends("b", 0.0, 2.0)
@ends("w", 0.5, 3.0)
@counted("--points", 6, f"How many of each sigma; the picture has {_DRAWN} or more.")
def phase(
    activation: str, kinks: Sequence[float], sigma_b_from: float, sigma_b_to: float,
    sigma_w_from: float, sigma_w_to: float, points: int,
) -> Answer:  # fmt: skip
    """The phase at each point of a grid.

    In the ordered phase (chi1 < 1) all inputs come to look alike, in the chaotic one close inputs
    come apart; where the variance diverges there is neither. depth_scale_q and depth_scale_c are
    the layers in which variances and correlations come closer to their limit by a factor e.
    """
    biases = spaced("sigma_b", sigma_b_from, sigma_b_to, points)
    weights = spaced("sigma_w", sigma_w_from, sigma_w_to, points)
    phi = resolved(activation, kinks)
    rows = [_row(phi, b, w) for b in biases for w in weights]

    def draw() -> Figure:
        from edgeofchaos.command.drawings import phase_diagram
        from edgeofchaos.theory.edge import edge_curve

        if points >= _DRAWN:
            return phase_diagram(rows, edge_curve(phi, biases))
        finer = spaced("sigma_b", sigma_b_from, sigma_b_to, _DRAWN)
        across = spaced("sigma_w", sigma_w_from, sigma_w_to, _DRAWN)
        return phase_diagram(
            [_row(phi, b, w) for b in finer for w in across], edge_curve(phi, finer)
        )

    columns = ("sigma_b", "sigma_w", "phase", "q", "chi1", "alpha", "depth_scale_q",
               "depth_scale_c")  # fmt: skip
    return Answer(rows, rows, table(rows, columns), draw)


def _row(phi: Activation, sigma_b: float, sigma_w: float) -> dict[str, Any]:
    from edgeofchaos.theory.depth_scales import depth_scales_or_none, phase_name

    found = depth_scales_or_none(phi, sigma_b, sigma_w)
    nan = math.nan
    q, chi1, alpha, variance, correlation = (
        (found.q, found.chi1, found.alpha, found.variance, found.correlation)
        if found
        else (math.inf, nan, nan, nan, nan)
    )
    return {
        "activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w,
        "phase": phase_name(chi1) if found else "divergent", "q": q, "chi1": chi1, "alpha": alpha,
        "depth_scale_q": variance, "depth_scale_c": correlation,
    }  # fmt: skip
