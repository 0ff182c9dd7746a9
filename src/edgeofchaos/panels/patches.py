"""phi' and phi'' about a point where autograd loses their digits and phi has its own.

sin(x)/x is known to rounding at every x, but its derivatives, as autograd writes them, are
differences of numbers as large as 1/x^2 and 1/x^3. About such a point phi is a polynomial P of
degree 23 on a panel [p - h, p + h], and within h/4 of p the derivatives of P, exact to about
1e-14/h and 1e-12/h^2 of phi's size, take the place of autograd's. This is done only where phi is
resolved on the panel, and where autograd agrees with P between h/2 and h and just outside of h/4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from edgeofchaos.panels.legendre import FloatArray, gauss_legendre, to_coefficients

if TYPE_CHECKING:
    from edgeofchaos.activations import Activation

_ORDER = 24
_RESOLVED_FROM = 20  # Legendre coefficients from this one on have to be rounding
_ROUNDING = 2e-14  # of phi's size, what a coefficient may be off by
_AGREES = 1e-9
_INSIDE = 1e-12
_FITS = 2e-11  # of the size of phi' and phi'' about the patch
_BESIDE = np.linspace(0.26, 0.4, 8)  # of h, just outside of it
_CLOSE = 2.0 ** -np.arange(0.5, 46.0, 0.5)  # of h, how close to the point phi is held against P
_WIDTHS = 2.0 ** -np.arange(-2.0, 8.0)  # h is tried at these, from the widest on


@dataclass(frozen=True)
class Patch:
    """P about a point.

    Attributes:
        point: p.
        half: h.
        coefficients: of P in Legendre polynomials of (u - p)/h.
    """

    point: float
    half: float
    coefficients: FloatArray

    def covers(self, u: FloatArray) -> NDArray[np.bool_]:
        """Whether each u is so close to the point that P is taken."""
        return np.abs(u - self.point) < self.half / 4

    def derivative(self, u: FloatArray, order: int) -> FloatArray:
        """P' or P'' at each u."""
        t = (u - self.point) / self.half
        value = legendre.legval(t, legendre.legder(self.coefficients, order))
        return np.asarray(value / self.half**order)


def patch(phi: Activation, low: float, high: float) -> Patch | None:
    """The widest patch that covers a stretch; None where there is none."""
    point = 0.0 if low <= 0.0 <= high else 0.5 * (low + high)
    for half in _WIDTHS * max(1.0, abs(point)):
        with np.errstate(invalid="ignore"):  # what is not finite is no patch
            found = Patch(point, float(half), _coefficients(phi, point, half))
        if found.covers(np.array([low, high])).all() and _agrees(phi, found):
            return found
    return None


def _coefficients(phi: Activation, point: float, half: float) -> FloatArray:
    nodes, _ = gauss_legendre(_ORDER)
    return to_coefficients(_ORDER) @ phi(point + half * nodes)


def _agrees(phi: Activation, found: Patch) -> bool:
    """Whether phi is P, and its derivatives are those of P away from the point."""
    size = np.abs(found.coefficients).max()
    if not np.isfinite(found.coefficients).all():
        return False
    if np.abs(found.coefficients[_RESOLVED_FROM:]).max() > _ROUNDING * size:
        return False
    t = np.concatenate([np.linspace(-0.9, -0.5, 9), np.linspace(0.5, 0.9, 9)])
    u = found.point + found.half * t
    given = phi.derivatives(u)
    # And phi is P down to the point itself, as where it has no kink between the nodes.
    close = np.concatenate([-_CLOSE, _CLOSE])
    inside = legendre.legval(close, found.coefficients)
    if not np.abs(phi(found.point + found.half * close) - inside).max() <= _INSIDE * size:
        return False
    return all(
        np.abs(given[k] - found.derivative(u, k)).max() <= _AGREES * size / found.half**k
        for k in (1, 2)
    ) and _fits(phi, found)


def _fits(phi: Activation, found: Patch) -> bool:
    """Whether phi' and phi'' do not jump where P takes over.

    They do where P has fewer digits than autograd, as beside a small kink of 1 - exp(-u) far out.
    """
    t = np.concatenate([-_BESIDE, _BESIDE])
    given = phi.derivatives(found.point + found.half * t)
    taken = [found.derivative(found.point + found.half * t, k) for k in (1, 2)]
    return all(
        np.abs(theirs - ours).max() <= _FITS * np.abs(ours).max()
        for theirs, ours in zip(given[1:], taken, strict=True)
    )
