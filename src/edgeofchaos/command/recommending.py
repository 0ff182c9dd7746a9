"""``recommend``: where to initialise a net of some depth."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from edgeofchaos.command.answers import Answer, Answering, lines, table
from edgeofchaos.command.options import all_resolved, counted, with_activations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from edgeofchaos.activations import Activation
    from edgeofchaos.practice.recommend import Recommendation


# A reason of a recommendation, its fields by name.
Reason = Mapping[str, Any]
# What a field of a recommendation is called in the answer, where the names differ.
_CALLED = {"complement": "one_minus_c_at_depth"}
# Of a ranking, those that are in the table.
_COLUMNS = ("rank", "activation", "sigma_b", "sigma_w", "q", "one_minus_c_at_depth",
            "P(q^L in band)", "spread of log gradient", "holds")  # fmt: skip


@click.command(cls=Answering)
@with_activations
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
    activation: Sequence[str], kinks: Sequence[float], depth: int, width: int | None,
    band: float | None, probability: float | None,
) -> Answer:  # fmt: skip
    """How to initialise a net of some depth.

    Weights from N(0, sigma_w^2/fan-in) and biases from N(0, sigma_b^2) at the stable point of the
    edge where inputs stay furthest apart, 1 - c of two orthogonal ones after all layers being
    one_minus_c_at_depth. More than one ACTIVATION are ranked, the best first.
    """
    from edgeofchaos.practice.recommend import recommend as recommended

    phis = all_resolved(activation, kinks)
    asked = {"width": width, "band": band, "probability": probability}
    given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    if len(phis) > 1:
        return _ranked(phis, depth, given)
    (phi,) = phis
    advice = recommended(phi, depth, **given)
    values = _values(advice)

    def draw() -> Figure:
        from edgeofchaos.command.drawings import recommendation

        return recommendation(phi, advice.point, depth)

    return Answer(values, [_flat(values, _number)], lines(_flat(values, _words)), draw)


def _ranked(phis: Sequence[Activation], depth: int, given: Mapping[str, Any]) -> Answer:
    """Several activations, the best first, and after them those that are refused."""
    from edgeofchaos.practice.ranking import rank_activations

    by_name = {phi.name: phi for phi in phis}
    if len(by_name) < len(phis):
        raise ValueError(
            f"activation: of {', '.join(phi.name for phi in phis)} two are called alike; allowed "
            "are different names"
        )
    found = rank_activations(depth, activations=phis, **given)
    values: list[dict[str, Any]] = [
        {"rank": i, **_values(one)} for i, one in enumerate(found.entries, 1)
    ]
    refused = [
        {"rank": None, "activation": name, "holds": False, "note": f"refused: {why}"}
        for name, why in found.refused
    ]
    flat = [_flat(row, _number) for row in values] + refused
    names = dict.fromkeys(name for row in flat for name in row if name != "note")
    rows = [{name: row.get(name) for name in (*names, "note")} for row in flat]
    told = [f"{name}: refused: {why}" for name, why in found.refused]
    if values:
        columns = [name for name in _COLUMNS if name in names]
        told = [table(rows[: len(values)], columns), *told, found.not_covered]

    def draw() -> Figure:
        from edgeofchaos.command.drawings import comparison

        points = [one.point for one in found.entries]
        return comparison([by_name[p.activation] for p in points], points, depth)

    return Answer(values + refused, rows, "\n".join(told), draw)


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
