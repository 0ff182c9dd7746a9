"""Activations ranked for a depth and a width."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from edgeofchaos.activations import Activation, activation, names
from edgeofchaos.arguments import MOST_LAYERS, number, whole, wrong
from edgeofchaos.practice.advice import NOT_COVERED, Recommendation
from edgeofchaos.practice.given import given
from edgeofchaos.practice.recommend import MOST_WIDTH, Adviser, check_probability
from edgeofchaos.practice.spread import Chain

_STEPS = 20  # in which 1 - c^L is compared: twentieths


@dataclass(frozen=True)
class Ranking:
    """Recommendations for one depth and width, the best first.

    Attributes:
        depth, width: L and N, as they were asked for.
        entries: the recommendations.
        refused: (activation, reason) of those that there is none of.
        not_covered: what the ranking says nothing of.
    """

    depth: int
    width: int | None
    entries: tuple[Recommendation, ...]
    refused: tuple[tuple[str, str], ...]
    not_covered: str = NOT_COVERED

    def __str__(self) -> str:
        rows = [("activation", "sigma_w", "sigma_b", "1 - c^L", "P(in band)", "holds")]
        for one in self.entries:
            chance = [r.value for r in one.reasons if r.name == "P(q^L in band)"]
            rows.append(
                (one.point.activation, f"{one.point.sigma_w:.5g}", f"{one.point.sigma_b:.5g}",
                 f"{one.complement:.3g}", f"{chance[0]:.3g}" if chance else "",
                 "yes" if one.holds else "no")
            )  # fmt: skip
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows
        ]
        lines += [f"{name}: refused: {why}" for name, why in self.refused]
        return "\n".join([*lines, self.not_covered])


def rank_activations(
    depth: int,
    *,
    width: int | None = None,
    activations: Iterable[Activation | str] | None = None,
    inputs: Any = None,
    band: float = 2.0,
    probability: float = 0.9,
) -> Ranking:
    """What :func:`recommend` says of several activations at one depth and width, the best first.

    First come those whose point is stable and has the probability asked for. Among them counts
    1 - c^L, in steps of a twentieth: every phi that is smooth at 0 with a stable edge is kept at
    nine tenths of 1 where the width allows it. Within a step the one with the least scatter of
    log q^L at width N comes first (at first order in 1/N, an estimate), then the larger 1 - c^L.

    A linear phi keeps all correlations, and computes nothing: it is refused, as are those without
    an edge. By default these are all built-in activations, which takes about ten seconds, and some
    seconds an activation more with a width.

    Args:
        depth, width, inputs, band, probability: as for :func:`recommend`.
        activations: their names, or activations.

    Returns:
        A :class:`Ranking`, which prints as a table.

    Raises:
        ValueError: an argument is not allowed, or an activation is unknown.

    Example:
        >>> ranking = rank_activations(50, activations=["relu", "tanh", "softplus"])
        >>> [one.point.activation for one in ranking.entries], ranking.refused[0][0]
        (['tanh', 'relu'], 'softplus')
    """
    depth = whole("depth", depth, 1, MOST_LAYERS)
    if width is not None:
        width = whole("width", width, 1, MOST_WIDTH)
    band = number("band", band, 1.0, 1e6, above=True)
    probability = check_probability(probability)
    start = given(inputs)
    found: list[tuple[tuple[Any, ...], Recommendation]] = []
    refused = []
    for phi in _listed(activations):
        try:
            one = Adviser(phi, depth, width, start, band, probability).advice()
        except ValueError as error:
            refused.append((phi.name, str(error)))
            continue
        if one.point.q == 0.0 and math.isinf(one.reasons[1].value):
            refused.append((phi.name, "its net is linear, or tends to one that is, at every "
                            "point that is found"))  # fmt: skip
            continue
        chain = Chain(phi, one.point, start.starts(one.point))
        spread = chain.log_spread(width or 1, depth)
        step = round(one.complement * _STEPS)
        found.append(((not one.holds, -step, spread, -one.complement), one))
    found.sort(key=lambda pair: pair[0])
    return Ranking(depth, width, tuple(one for _, one in found), tuple(refused))


def _listed(activations: Any) -> list[Activation]:
    if activations is None:
        return [activation(name) for name in names()]
    try:
        if isinstance(activations, str | bytes):
            raise TypeError
        listed = list(activations)
    except TypeError:
        listed = []
    if not listed:
        raise wrong("activations", activations, "a list of names or activations, not empty")
    return [activation(one) for one in listed]
