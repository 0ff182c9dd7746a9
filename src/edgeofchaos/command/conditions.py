"""``conditions``: what the propositions ask of an activation, and whether it has it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from edgeofchaos.command.answers import Answer, Answering
from edgeofchaos.command.options import resolved, with_activation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure


@click.command(cls=Answering)
@with_activation
def conditions(activation: str, kinks: Sequence[float]) -> Answer:
    """The conditions of Propositions 4, 5 and 7.

    A line a condition: whether it holds (yes, NO or open), the number that decides, and where.
    """
    from edgeofchaos.theory.conditions import check_conditions

    phi = resolved(activation, kinks)
    found = check_conditions(phi)
    rows = [asdict(c) for c in found]
    width = max(len(c.condition) for c in found)
    text = "\n".join(
        f"Prop. {c.proposition}  {c.condition:<{width}}  {answered(c.holds):<4}  "
        f"{c.witness:<12.6g} {c.where}; {c.detail}"
        for c in found
    )

    def draw() -> Figure:
        from edgeofchaos.command.cards import conditions_met

        return conditions_met(phi, found)

    return Answer(rows, rows, text, draw)


def answered(holds: bool | None) -> str:
    """yes, NO or open.

    Example:
        >>> [answered(holds) for holds in (True, False, None)]
        ['yes', 'NO', 'open']
    """
    return "open" if holds is None else ("yes" if holds else "NO")
