"""Where the named places of :mod:`.inits` are, and the variance that nets are started at there."""

from __future__ import annotations

import math
from dataclasses import dataclass

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments.inits import OFF, OFF_PRINTED, Init
from edgeofchaos.experiments.printed import PRINTED, PrintedPoint
from edgeofchaos.theory.edge import EdgePoint, edge_or_at_zero
from edgeofchaos.theory.stability import stable_point
from edgeofchaos.theory.variance import variance_map

NEAR = "near"  # the place in tables of an initialisation whose name has a RATIO
ABOVE = 1.01  # sigma_b of the stable point, over that at which the curve turns stable


@dataclass(frozen=True)
class Point:
    """A point in the plane of (sigma_b, sigma_w).

    Attributes:
        q: the variance that belongs to it: the paper's where it prints one, else the solution of
            F(q) = q (on the edge and in the phases the limiting one, at chi_1 = 1 one that
            repels); 1 where every variance is kept or tends to 0; and that of the point beside it
            where variances diverge.
    """

    place: str
    sigma_b: float
    sigma_w: float
    q: float


def point_at(phi: Activation | str, place: str, sigma_b: float, *, above: float = ABOVE) -> Point:
    """The point of one activation at one of the places that :mod:`.inits` describes.

    Args:
        phi: the activation.
        place: one of ``inits.PLACES``.
        sigma_b: of the point, where the place does not say it.
        above: sigma_b of the place ``stable``, over that at which the curve turns stable.

    Raises:
        ValueError: there is no such point; or the place is ``edge`` and q repels, which makes it
            ``chi1``.

    Example:
        >>> point_at("swish", "printed", 0.2)
        Point(place='printed', sigma_b=0.2, sigma_w=1.718, q=0.44)
    """
    phi = activation(phi)
    if place == "he":
        return Point(place, 0.0, math.sqrt(2.0), 1.0)
    if place == "printed":
        row = printed_row(phi, sigma_b)
        if row is not None:
            return Point(place, row.sigma_b, row.sigma_w, row.q)
        known = ", ".join(f"{row.sigma_b:g}" for row in PRINTED)
        raise ValueError(
            f"{phi.name} at sigma_b = {sigma_b:g}; the paper prints points of swish at {known}"
        )
    if place in OFF:
        base, ratios = _between(phi, sigma_b)
        return times(phi, base, ratios[place], place)
    solution = stable_point(phi, above) if place == "stable" else edge_or_at_zero(phi, sigma_b)
    if solution.status == "none":
        raise ValueError(f"{phi.name} at sigma_b = {sigma_b:g}: {solution.reason}")
    if place == "edge" and not _is_edge(solution):
        raise ValueError(
            f"{phi.name} at sigma_b = {sigma_b:g} is not on the edge, for q repels; allowed are "
            "the places chi1, stable and he"
        )
    return Point(place, solution.sigma_b, solution.sigma_w, solution.start_variance)


def printed_row(phi: Activation, sigma_b: float) -> PrintedPoint | None:
    """The row of the paper's table at sigma_b, which is about Swish; None where it has none."""
    if phi is not activation("swish"):
        return None
    return next((row for row in PRINTED if math.isclose(row.sigma_b, sigma_b)), None)


def of_init(init: Init, sigma_b: float, *, above: float = ABOVE) -> Point:
    """The point of an initialisation, ``sigma_b`` standing in where its name has none.

    Raises:
        ValueError: there is no such point.
    """
    own = sigma_b if init.sigma_b is None else init.sigma_b
    point = point_at(init.activation, init.place, own, above=above)
    if init.ratio == 1.0:
        return point
    return times(activation(init.activation), point, init.ratio, NEAR)


def times(phi: Activation, base: Point, ratio: float, place: str) -> Point:
    """The point at ``ratio`` times the sigma_w of another, with its own limiting variance.

    Where variances diverge, or go to 0, it has the q of the other.
    """
    sigma_w = ratio * base.sigma_w
    limit = variance_map(phi, base.sigma_b, sigma_w).limit()
    q = limit if math.isfinite(limit) and limit > 0 else base.q
    return Point(place, base.sigma_b, sigma_w, q)


def _between(phi: Activation, sigma_b: float) -> tuple[Point, dict[str, float]]:
    """What the ordered and the chaotic place lie beside: the printed point, or chi_1 = 1."""
    if printed_row(phi, sigma_b) is not None:
        return point_at(phi, "printed", sigma_b), OFF_PRINTED
    return point_at(phi, "chi1", sigma_b), OFF


def _is_edge(point: EdgePoint) -> bool:
    return point.stable or point.status == "singleton"
