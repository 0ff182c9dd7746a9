"""``activations``: the built-in ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from edgeofchaos.command.answers import Answer, Answering, table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@click.command(cls=Answering)
def activations() -> Answer:
    """The built-in activations and their names.

    Names are taken in any case, and with or without '_' and '-'. Parameters are set in brackets, as
    in 'swish(beta=2)'. Kinks are where the slope or the curvature jumps.
    """
    from edgeofchaos.builtins import BUILTINS

    found: list[dict[str, Any]] = [
        {
            "name": name, "formula": b.formula, "aliases": list(b.aliases),
            "parameters": dict(b.parameters), "kinks": list(b.kinks_of(b.parameters)),
        }
        for name, b in BUILTINS.items()
    ]  # fmt: skip
    flat = [{key: _text(value) for key, value in row.items()} for row in found]
    columns = ("name", "formula", "kinks", "aliases", "parameters")
    return Answer(found, flat, table(flat, columns), _draw)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k}={v:g}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(f"{v:g}" if isinstance(v, float) else v for v in value)
    return str(value)


def _draw() -> Figure:
    from edgeofchaos.command.cards import all_activations

    return all_activations()
