"""``compare``: activations side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from edgeofchaos.command.answers import Answer, Answering, table
from edgeofchaos.command.conditions import answered
from edgeofchaos.command.options import all_resolved, counted, sigma, with_activations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from edgeofchaos.activations import Activation
    from edgeofchaos.theory.edge import EdgePoint

_ORTHOGONAL = 1.0  # 1 - c of orthogonal inputs


@click.command(cls=Answering)
@with_activations
@counted("--depth", 100, "The layer at which 1 - c is given.")
@sigma("b", 0.2)
def compare(
    activation: Sequence[str], kinks: Sequence[float], depth: int, sigma_b: float
) -> Answer:
    """Activations side by side, each at its edge point.

    Where there is none at this sigma_b, as for ReLU, it is the one at sigma_b = 0. On the edge
    1 - c at layer l is close to rate_constant/l^rate_exponent in the end; one_minus_c_at_depth is
    that of two inputs that start orthogonal, and identity_distance how far one layer moves c at
    most. prop4, prop5 and prop7: whether the propositions' conditions hold.
    """
    from edgeofchaos.arguments import MOST_LAYERS, whole
    from edgeofchaos.theory.edge import edge_or_at_zero

    depth = whole("depth", depth, 1, MOST_LAYERS)
    phis = all_resolved(activation, kinks)
    points = [edge_or_at_zero(phi, sigma_b) for phi in phis]
    rows = [_row(phi, point, depth) for phi, point in zip(phis, points, strict=True)]

    def draw() -> Figure:
        from edgeofchaos.command.drawings import comparison

        return comparison(phis, points, depth)

    columns = [name for name in rows[0] if name not in ("depth", "stable")]
    return Answer(rows, rows, table(rows, columns), draw)


def _row(phi: Activation, point: EdgePoint, depth: int) -> dict[str, Any]:
    from edgeofchaos.theory.conditions import all_of, check_conditions
    from edgeofchaos.theory.correlation import correlation_map
    from edgeofchaos.theory.identity import identity_distance
    from edgeofchaos.theory.propositions import PRINTED
    from edgeofchaos.theory.rates import edge_rate
    from edgeofchaos.theory.recursion import complement_trajectory

    found = check_conditions(phi)
    known = point.status != "none"
    rate = edge_rate(phi, point) if known else None
    kept = math.nan
    if known:
        kept = complement_trajectory(correlation_map(phi, point), _ORTHOGONAL, [depth])[0]
    return {
        "activation": phi.name, "sigma_b": point.sigma_b, "sigma_w": point.sigma_w, "q": point.q,
        "stable": point.stable, "status": point.status, "depth": depth,
        "one_minus_c_at_depth": float(kept),
        "rate_exponent": rate.exponent if rate else None,
        "rate_constant": rate.coefficient if rate else math.nan,
        "identity_distance": identity_distance(phi, point) if known else math.nan,
        **{
            f"prop{number}": answered(all_of(
                c.holds for c in found
                if c.proposition == number and c.condition in PRINTED[number]
            ))
            for number in PRINTED
        },
        "reason": point.reason,
    }  # fmt: skip
