"""``recommend``: where to initialise a net of some depth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from edgeofchaos.command.answers import Answer, Answering, lines
from edgeofchaos.command.options import counted, resolved, with_activation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from edgeofchaos.practice.recommend import Recommendation


# What a field of a recommendation is called in the answer, where the names differ.
_CALLED = {"complement": "one_minus_c_at_depth"}


@click.command(cls=Answering)
@with_activation
@counted("--depth", None, "Number of layers.", required=True)
@counted("--width", None, "Units a layer, which the scatter of a net depends on.")
def recommend(activation: str, kinks: Sequence[float], depth: int, width: int | None) -> Answer:
    """How to initialise a net of some depth.

    Weights from N(0, sigma_w^2/fan-in) and biases from N(0, sigma_b^2) at the stable point of the
    edge where inputs stay furthest apart, 1 - c of two orthogonal ones after all layers being
    one_minus_c_at_depth.
    """
    from edgeofchaos.practice.recommend import recommend as recommended

    phi = resolved(activation, kinks)
    given = {} if width is None else {"width": width}
    advice = recommended(phi, depth, **given)
    values = _values(advice)

    def draw() -> Figure:
        from edgeofchaos.command.drawings import recommendation

        return recommendation(phi, advice.point, depth)

    flat = _flat(values)
    return Answer(values, [flat], lines(flat), draw)


def _values(advice: Recommendation) -> dict[str, Any]:
    """The fields by name: those of the point first, the note last."""
    found = asdict(advice)
    point, note = found.pop("point"), found.pop("note")
    return {**point, **{_CALLED.get(k, k): v for k, v in found.items()}, "note": note}


def _flat(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Values in values as one line each, under both names; lists as a text."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            out |= _flat(value, f"{before}{name}_")
        else:
            is_list = isinstance(value, list | tuple)
            out[before + name] = "; ".join(map(str, value)) if is_list else value
    return out
