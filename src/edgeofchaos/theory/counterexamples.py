"""Activations that meet the conditions of a proposition and not its conclusion.

**Proposition 4.** phi(x) = x + x|x| sin(1/|x|)/2 is odd, differentiable, and meets (i) to (iv), but
phi'(x) = 1 + |x| sin(1/|x|) - cos(1/|x|)/2 oscillates down to 0. So E[phi'(sqrt(q) Z)^2] tends to
1 + 1/8 and not to phi'(0)^2 = 1, and f(0) to 1/9 and not to 0. No quadrature in x resolves it: with
t = 1/|x| the moments are polynomials in q and integrals

    I_kw(q) = E[|U|^k exp(i w/|U|)],   U ~ N(0, q),   w = 1, 2,

whose integrand is analytic, so that the path may be turned to u = r exp(-i pi/6). There it does not
oscillate any more, and falls off like exp(-w/(2r) - r^2/(4q)).

**Proposition 7.** phi(x) = a tanh(swish(x)/a) is bounded, and near 0 nearly Swish.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgeofchaos.activations import Activation
from edgeofchaos.arguments import number

if TYPE_CHECKING:
    import torch

_TURN = math.pi / 6  # the angle of the path, at which it goes through the saddle point
_DECAYED = 800.0  # exponents below -800 count as nothing
_STEP = 1 / 64  # of log r
_ROUNDING = 4e-15  # of a sum of at most some thousand terms of one size


def oscillating(x: torch.Tensor) -> torch.Tensor:
    """phi(x) = x + x|x| sin(1/|x|)/2, elementwise, 0 at 0."""
    import torch

    size = torch.where(x == 0, torch.ones_like(x), x.abs())
    return x + 0.5 * x * x.abs() * torch.sin(1 / size)


def saturated_swish(ceiling: float = 10.0) -> Activation:
    """a tanh(swish(x)/a) with a = ``ceiling``, which its absolute value never passes.

    Raises:
        ValueError: the ceiling is no finite number > 0.

    Example:
        >>> float(saturated_swish()(1e9))
        10.0
    """
    import torch

    ceiling = number("ceiling", ceiling, 0.0, above=True)
    name = f"{ceiling:g} tanh(swish/{ceiling:g})"
    return Activation(name, lambda x: ceiling * torch.tanh(x * torch.sigmoid(x) / ceiling))


@dataclass(frozen=True)
class OscillatingPoint:
    """The edge point of the oscillating phi at one q, and how far f is from the identity there.

    Attributes:
        q: the variance.
        sigma_b, sigma_w: with F(q) = q and chi_1 = 1.
        alpha: F'(q).
        second_over_q: E[phi^2]/q.
        slope2: E[phi'^2].
        identity_distance: sup|f - x| = f(0) = 1 - E[phi^2]/(q E[phi'^2]), for phi is odd.
        error: a bound on the error of each of the last three.
        stable: whether F(x) > x at 200 variances x below q, from q/10^6, and alpha < 1.
    """

    q: float
    sigma_b: float
    sigma_w: float
    alpha: float
    second_over_q: float
    slope2: float
    identity_distance: float
    error: float
    stable: bool


def oscillating_point(q: float) -> OscillatingPoint:
    """The edge point with variance q of the oscillating phi.

    Raises:
        ValueError: q is not in (0, 0.1], where phi has an edge point and the bounds hold.

    Example:
        >>> point = oscillating_point(1e-5)
        >>> round(point.identity_distance, 7), round(point.slope2, 7), point.stable
        (0.1111117, 1.125005, True)
    """
    q = number("q", q, 0.0, 0.1, above=True, what="variance")
    (second, slope2, u_phi_slope), error = oscillating_moments(q)
    w2 = 1 / slope2
    b2 = q * (1 - w2 * second)
    alpha = w2 * u_phi_slope
    below = [x * oscillating_moments(x)[0][0] for x in q * np.geomspace(1e-6, 0.999, 200)]
    rises = b2 + w2 * np.array(below) > q * np.geomspace(1e-6, 0.999, 200)
    return OscillatingPoint(
        q, math.sqrt(b2), math.sqrt(w2), alpha, second, slope2, 1 - second * w2, 2 * error,
        bool(rises.all() and alpha < 1),
    )  # fmt: skip


def oscillating_moments(q: float) -> tuple[tuple[float, float, float], float]:
    """(E[phi^2]/q, E[phi'^2], E[u phi phi']/q) of the oscillating phi, and a bound on their errors.

    With t = 1/|u|, multiplied out and averaged:

        phi^2    = u^2 + |u|^3 sin t + u^4 (1 - cos 2t)/8
        phi'^2   = 9/8 + u^2/2 - u^2 cos(2t)/2 + cos(2t)/8 + 2|u| sin t - cos t - |u| sin(2t)/2
        u phi phi' = u^2 + u^4/4 - u^2 cos(t)/2 + 3|u|^3 sin(t)/2 - u^4 cos(2t)/4 - |u|^3 sin(2t)/8
    """
    pieces = {kw: oscillatory(*kw, q) for kw in _NEEDED}
    value = {kw: piece for kw, (piece, _) in pieces.items()}
    second = q + value[3, 1].imag + 3 * q * q / 8 - value[4, 2].real / 8
    slope2 = (
        9 / 8 + q / 2 - value[2, 2].real / 2 + value[0, 2].real / 8
        + 2 * value[1, 1].imag - value[0, 1].real - value[1, 2].imag / 2
    )  # fmt: skip
    product = (
        q + 3 * q * q / 4 - value[2, 1].real / 2 + 1.5 * value[3, 1].imag
        - value[4, 2].real / 4 - value[3, 2].imag / 8
    )  # fmt: skip
    # No coefficient exceeds 2 where E[|u|^k] is divided by q^(k/2), and q <= 1.
    error = _ROUNDING + 2 * sum(e / q ** min(1, k / 2) for (k, _), (_, e) in pieces.items())
    return (second / q, slope2, product / q), error


_NEEDED = ((0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (4, 2))


def oscillatory(k: int, w: float, q: float) -> tuple[complex, float]:
    """I_kw(q) = E[|U|^k exp(i w/|U|)] for U ~ N(0, q), and a bound on its error.

    By the trapezoid rule in log r on the turned path, which converges exponentially: the difference
    to twice the step bounds the error by far, and rounding is added. |I_0w| is at most
    2 exp(-0.595 (w^2/q)^(1/3)), since w/(2r) + r^2/(8q) is never less than that exponent and
    the other half of r^2/(4q) integrates to 2.

    Example:
        >>> value, error = oscillatory(0, 1.0, 0.01)
        >>> abs(value) < 2 * math.exp(-0.595 * 100 ** (1 / 3)), error < 1e-14
        (True, True)
    """
    low, high = math.log(w / (2 * _DECAYED)), 0.5 * math.log(4 * q * _DECAYED)
    log_r = np.arange(low, high, _STEP)
    if log_r.size < 2:
        return 0j, 0.0  # everywhere on the path the exponent is below -800
    u = np.exp(log_r - 1j * _TURN)
    terms = u ** (k + 1) * np.exp(1j * w / u - u * u / (2 * q)) * (2 / math.sqrt(2 * math.pi * q))
    fine, coarse = complex(terms.sum()) * _STEP, complex(terms[::2].sum()) * 2 * _STEP
    rounding = _ROUNDING * float(np.abs(terms).sum()) * _STEP
    return fine, abs(fine - coarse) + rounding
