"""``edge`` and ``curve``: sigma_w and q on the edge of chaos."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from edgeofchaos.command.answers import Answer, Answering, lines, table
from edgeofchaos.command.options import (
    Several,
    all_resolved,
    counted,
    ends,
    spaced,
    with_activations,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from edgeofchaos.activations import Activation
    from edgeofchaos.theory.edge import EdgePoint

_COLUMNS = ("activation", "sigma_b", "sigma_w", "q", "alpha", "status", "reason")
_DRAWN = 60  # points of a curve in the picture


@click.command(cls=Answering)
@with_activations
@click.option("--sigma-b", cls=Several, help="Standard deviation of the biases.  [default: 0.2]")
def edge(activation: Sequence[str], kinks: Sequence[float], sigma_b: Sequence[float]) -> Answer:
    """sigma_w and q on the edge for a given sigma_b.

    Weights are drawn from N(0, sigma_w^2/fan-in), biases from N(0, sigma_b^2). For more than one
    ACTIVATION or sigma_b the answer is a table, with a reason where there is no edge.
    """
    from edgeofchaos.theory.edge import edge_or_none, edge_point

    phis, biases = all_resolved(activation, kinks), list(sigma_b or (0.2,))
    if len(phis) == len(biases) == 1:
        point = edge_point(phis[0], biases[0])
        row = point.as_dict()
        return Answer(row, [row], lines(row), lambda: _edge_picture(phis, [point]))
    points = [edge_or_none(phi, b) for phi in phis for b in biases]
    rows = [p.as_dict() for p in points]
    return Answer(rows, rows, table(rows, _COLUMNS), lambda: _edge_picture(phis, points))


@click.command(cls=Answering)
@with_activations
@ends("b", 0.05, 2.0)
@counted("--points", 20, "How many sigma_b, evenly spaced.")
def curve(
    activation: Sequence[str], kinks: Sequence[float], sigma_b_from: float, sigma_b_to: float,
    points: int,
) -> Answer:  # fmt: skip
    """The edge over a range of sigma_b."""
    from edgeofchaos.theory.edge import edge_curve

    biases = spaced("sigma_b", sigma_b_from, sigma_b_to, points)
    phis = all_resolved(activation, kinks)
    found = [p for phi in phis for p in edge_curve(phi, biases)]
    if all(p.status == "none" for p in found):
        raise ValueError(found[0].reason)
    rows = [p.as_dict() for p in found]

    def draw() -> Figure:
        from edgeofchaos.command.drawings import edge_curves

        finer = biases if points >= _DRAWN else spaced("sigma_b", sigma_b_from, sigma_b_to, _DRAWN)
        return edge_curves([p for phi in phis for p in edge_curve(phi, finer)])

    return Answer(rows, rows, table(rows, _COLUMNS), draw)


def _edge_picture(phis: Sequence[Activation], points: Sequence[EdgePoint]) -> Figure:
    from edgeofchaos.command.drawings import edge_points
    from edgeofchaos.theory.edge import edge_curve

    most = max(p.sigma_b for p in points)
    end = 2 * most if most > 0 else 1.0
    biases = [end * t**2 for t in spaced("t", 0.0, 1.0, _DRAWN)]  # the curve bends most at 0
    return edge_points(points, [p for phi in phis for p in edge_curve(phi, biases)])
