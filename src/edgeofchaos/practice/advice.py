"""What a recommendation is: a point, and its reasons as numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from edgeofchaos.arguments import one_of
from edgeofchaos.theory.edge import EdgePoint

NOT_COVERED = (
    "not covered: training itself, the learning rate, normalisation, residual branches, and the "
    "data beyond the mean squares and correlations of its inputs"
)


@dataclass(frozen=True)
class Reason:
    """One number behind a recommendation.

    Attributes:
        name: what it is of.
        value: the number.
        low, high: its interval, at 95 %; NaN where it has none.
        kind: ``computed``, ``sampled`` from exactly drawn nets, or ``estimate``.
        meaning: the number in words.
    """

    name: str
    value: float
    low: float
    high: float
    kind: str
    meaning: str


@dataclass(frozen=True)
class Recommendation:
    """Where to initialise a net of some depth.

    Attributes:
        point: the edge point.
        depth: the number of layers L asked for.
        complement: 1 - c^L of two inputs that start orthogonal, or of the median pair of the
            inputs that were given.
        input_mean_square: the ||a||^2/d of an input that starts its variance at q; NaN where any
            will do.
        note: what to know about this choice.
        width: the number N of units a layer asked for; None for infinitely many.
        holds: whether the point is stable, the variance in the band with the probability that was
            asked for, and gradients neither vanish nor explode (see ``recommend``).
        reasons: the numbers behind it.
        not_covered: what they say nothing of.
    """

    point: EdgePoint
    depth: int
    complement: float
    input_mean_square: float
    note: str
    width: int | None = None
    holds: bool = True
    reasons: tuple[Reason, ...] = ()
    not_covered: str = NOT_COVERED

    def reason(self, name: str) -> Reason:
        """The reason of this name.

        Raises:
            ValueError: there is none; the message has those that there are.

        Example:
            >>> import edgeofchaos as eoc
            >>> round(eoc.recommend("relu", 10).reason("1 - c^L").value, 4)
            0.1452
        """
        found = {one.name: one for one in self.reasons}
        return found[one_of("name", name, list(found))]

    def __str__(self) -> str:
        at = self.point
        width = "any width" if self.width is None else f"width {self.width}"
        lines = [
            f"{at.activation}, {self.depth} layers, {width}: sigma_w = {at.sigma_w:.7g}, "
            f"sigma_b = {at.sigma_b:.7g}, q = {at.q:.5g}"
        ]
        for one in self.reasons:
            ends = "" if math.isnan(one.low) else f" ({one.low:.4g} to {one.high:.4g})"
            lines.append(f"  {one.name} = {one.value:.4g}{ends}, {one.kind}: {one.meaning}")
        return "\n".join([*lines, f"  note: {self.note}", f"  {self.not_covered}"])
