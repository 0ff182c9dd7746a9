"""Whether a point that is given is one of this activation: F(q) = q, and chi_1 = 1 on the edge."""

from __future__ import annotations

from typing import Any

from edgeofchaos.activations import Activation
from edgeofchaos.arguments import check_sigma, number, shown
from edgeofchaos.theory.variance import SAME_POINT, VarianceMap

_FROM = "allowed is what edge_point returns for this activation"


def fixed(phi: Activation, point: Any) -> tuple[float, float, float]:
    """(q, sigma_b, sigma_w) of an edge point, or of anything that has these and F(q) = q.

    Raises:
        ValueError: it lacks one of them, as a point of status ``none`` does, or F(q) is not q, to
            1e-6 relative.

    Example:
        >>> from edgeofchaos import activation, edge_point
        >>> fixed(activation("relu"), edge_point("relu", 0.0))
        (0.0, 0.0, 1.414213562373095)
    """
    try:
        given = point.q, point.sigma_b, point.sigma_w
    except AttributeError:
        raise ValueError(f"point = {shown(point)}; {_FROM}") from None
    try:
        q = number("q", given[0], 0.0, 1e40, what="variance")
        fmap = VarianceMap(phi, check_sigma("sigma_b", given[1]), check_sigma("sigma_w", given[2]))
    except ValueError as error:
        if getattr(point, "status", "") == "none":
            raise ValueError(f"point: it has no finite variance q ({point.reason})") from error
        raise ValueError(f"point: {error}") from error
    if q == 0.0 and abs(fmap.chi1(0.0) - 1.0) > SAME_POINT:
        raise ValueError(
            f"point: chi_1 = {fmap.chi1(0.0):.6g} at q = 0, and 1 on the edge; {_FROM}"
        )
    image = fmap(q)
    if abs(image - q) > SAME_POINT * q:
        raise ValueError(
            f"point: F(q) = {image:.6g} at q = {q:.6g}, which is none of {phi.name}; {_FROM}, or "
            "anything with sigma_b, sigma_w and q = F(q)"
        )
    return q, fmap.sigma_b, fmap.sigma_w


def on_edge(phi: Activation, point: Any) -> tuple[float, float, float]:
    """As :func:`fixed`, where chi_1 = 1 as well.

    Raises:
        ValueError: as :func:`fixed`, or chi_1 is not 1, to 1e-6.

    Example:
        >>> from edgeofchaos import activation, edge_point
        >>> q, sigma_b, sigma_w = on_edge(activation("tanh"), edge_point("tanh", 0.2))
        >>> round(q, 5), sigma_b
        (0.51208, 0.2)
    """
    q, sigma_b, sigma_w = fixed(phi, point)
    chi1 = VarianceMap(phi, sigma_b, sigma_w).chi1(q)
    if abs(chi1 - 1.0) > SAME_POINT:
        raise ValueError(f"point: chi_1 = {chi1:.6g} there, and 1 on the edge; {_FROM}")
    return q, sigma_b, sigma_w
