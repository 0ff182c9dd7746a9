"""``recommend``: where to initialise a net of some depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from edgeofchaos.command.answers import Answer, Answering, lines
from edgeofchaos.command.options import counted, resolved, with_activation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from edgeofchaos.practice.recommend import Recommendation


@click.command(cls=Answering)
@with_activation
@counted("--depth", None, "Number of layers.", required=True)
def recommend(activation: str, kinks: Sequence[float], depth: int) -> Answer:
    """How to initialise a net of some depth.

    Weights from N(0, sigma_w^2/fan-in) and biases from N(0, sigma_b^2) at the stable point of the
    edge where inputs stay furthest apart, 1 - c of two orthogonal ones after all layers being
    one_minus_c_at_depth.
    """
    from edgeofchaos.practice.recommend import recommend as recommended

    phi = resolved(activation, kinks)
    advice = recommended(phi, depth)
    values = _values(advice)

    def draw() -> Figure:
        from edgeofchaos.command.drawings import recommendation

        return recommendation(phi, advice.point, depth)

    return Answer(values, [values], lines(values), draw)


def _values(advice: Recommendation) -> dict[str, Any]:
    return {
        **advice.point.as_dict(),
        "depth": advice.depth,
        "one_minus_c_at_depth": advice.complement,
        "input_mean_square": advice.input_mean_square,
        "note": advice.note,
    }
