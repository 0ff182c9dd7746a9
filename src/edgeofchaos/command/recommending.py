"""``recommend``: where to initialise a net of some depth."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from edgeofchaos.command.answers import Answer, Answering, lines
from edgeofchaos.command.options import counted, resolved, with_activation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from edgeofchaos.practice.recommend import Recommendation


# A reason of a recommendation, its fields by name.
Reason = Mapping[str, Any]
# What a field of a recommendation is called in the answer, where the names differ.
_CALLED = {"complement": "one_minus_c_at_depth"}


@click.command(cls=Answering)
@with_activation
@counted("--depth", None, "Number of layers.", required=True)
@counted("--width", None, "Units a layer, which the scatter of a net depends on.")
@click.option(
    "--band",
    type=float,
    metavar="NUMBER",
    help="The factor within which the variance is to stay, to either side.",
)
@click.option("--probability", type=float, metavar="NUMBER", help="How likely it is to do so.")
def recommend(
    activation: str, kinks: Sequence[float], depth: int, width: int | None, band: float | None,
    probability: float | None,
) -> Answer:  # fmt: skip
    """How to initialise a net of some depth.

    Weights from N(0, sigma_w^2/fan-in) and biases from N(0, sigma_b^2) at the stable point of the
    edge where inputs stay furthest apart, 1 - c of two orthogonal ones after all layers being
    one_minus_c_at_depth.
    """
    from edgeofchaos.practice.recommend import recommend as recommended

    phi = resolved(activation, kinks)
    asked = {"width": width, "band": band, "probability": probability}
    given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    advice = recommended(phi, depth, **given)
    values = _values(advice)

    def draw() -> Figure:
        from edgeofchaos.command.drawings import recommendation

        return recommendation(phi, advice.point, depth)

    return Answer(values, [_flat(values, _number)], lines(_flat(values, _words)), draw)


def _values(advice: Recommendation) -> dict[str, Any]:
    """The fields by name: those of the point first, the note last."""
    found = asdict(advice)
    point, note = found.pop("point"), found.pop("note")
    return {**point, **{_CALLED.get(k, k): v for k, v in found.items()}, "note": note}


def _flat(values: Mapping[str, Any], reason: Callable[[Reason], Any]) -> dict[str, Any]:
    """Values that are no lists; each reason for them under its own name."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, list | tuple):
            out |= {one["name"]: reason(one) for one in value}
        else:
            out[name] = value
    return out


def _number(reason: Reason) -> float:
    return reason["value"]


def _words(reason: Reason) -> str:
    """A number with its interval, and what it means."""
    ends = "" if math.isnan(reason["low"]) else f" ({reason['low']:.4g} to {reason['high']:.4g})"
    return f"{reason['value']:.4g}{ends}, {reason['kind']}: {reason['meaning']}"
