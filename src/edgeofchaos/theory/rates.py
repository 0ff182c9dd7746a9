"""The power law of 1 - c on the edge, and from which 1 - c on it holds.

By Price's theorem f'' (c) = sigma_w^2 q E[phi''(U1) phi''(U2)], in which a jump of phi' is a Dirac
mass in phi''. The law takes f'' to be what it tends to as c -> 1. It holds where f'' is close to
that; further off, kinks closer together than the two pre-activations act as one, and so does a bend
that is narrower than their distance as a kink.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.panels import DEGREE, ORDER, panel_nodes
from edgeofchaos.panels.legendre import derivative
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.edge import EdgePoint
from edgeofchaos.theory.points import on_edge
from edgeofchaos.theory.tabulation import Z_MAX, gaussian_weights, level, tabulation

_NEGLIGIBLE = 1e-14  # strength of kinks below which there are none
_HALF = 0.5  # of f''(1): what f'' keeps within reach, for a continuous phi'
_NEAR = 0.4  # gamma k^2/q within which a kink at k counts as it does in the limit


@dataclass(frozen=True)
class Rate:
    """The law 1 - c^l ~ coefficient / l^exponent for l -> infinity.

    Attributes:
        exponent, coefficient: those of the law.
        reach: the 1 - c from which on, towards smaller ones, it holds: there each layer adds to
            (1 - c)^(-1/exponent) what the law says, to a factor of 2 (of 3 with kinks), and with
            an error that vanishes as 1 - c -> 0. Above, the law says nothing.
    """

    exponent: int
    coefficient: float
    reach: float = 2.0

    @property
    def not_before(self) -> float:
        """The layer at which the law itself comes to ``reach``: it says nothing of earlier ones.

        It sets in later where 1 - c falls more slowly than the law before that.
        """
        return (self.coefficient / self.reach) ** (1.0 / self.exponent)


def edge_rate(phi: Activation | str, point: EdgePoint) -> Rate | None:
    """The rate at which 1 - c^l goes to 0 at an edge point; None for a linear phi (no decay).

    Where phi' has jumps J_j at kinks k_j, f(1 - gamma) = 1 - gamma + (2 sqrt(2)/3) A gamma^(3/2)
    to leading orders, with A = sigma_w^2/(2 pi) sum_j J_j^2 exp(-k_j^2/(2 q)), which gives
    1 - c^l ~ 9/(2 A^2 l^2). For a ReLU-like phi that is the law of Proposition 3, whose closed
    form is in ``relu_like.decay_coefficient``. Where phi' has no jump 1 - c^l ~ beta_q/l with
    beta_q = 2 E[phi'^2]/(q E[phi''^2]) (Hayou, Doucet and Rousseau 2019).

    ``reach`` says below which gamma = 1 - c that is so. With kinks f'' is A/sqrt(2 gamma) there,
    between 0.3 and 2 times: it is the least of

    - d^2/(48 q) for two kinks d apart, which act as one kink with the sum of their jumps above:
      the two pre-activations differ by sqrt(2 q gamma) or so, and the density of their lying at
      both falls like exp(-d^2/(4 q gamma)), below e^-12 times that of their lying at one;
    - A^2/(200 S^2) with S = sigma_w^2 q E[phi''^2] of the smooth part: there kinks outweigh it
      tenfold, and what both together add is at most 2 sqrt(1/10) of them (Cauchy-Schwarz);
    - 0.4 q/k^2, where exp(-k^2/(q (1 + c))) is exp(-k^2/(2 q)) to a tenth.

    Without kinks f'' is between S/2 and S: 1 - f''(1 - gamma)/S is E[(phi''(U1) - phi''(U2))^2]/
    (2 E[phi''^2]), at most q E[phi'''^2] gamma/E[phi''^2], for a Hermite series loses at most
    gamma k of its k-th coefficient. With jumps K_j of phi'' at n points k_j it is at most twice
    that and n sqrt(gamma/2) sum_j K_j^2 exp(-k_j^2/(2 q))/E[phi''^2], for the chance that a point
    lies between U1 and U2 is at most sqrt(gamma/2) exp(-k_j^2/(2 q)). And gamma is at most 1/S.

    Raises:
        ValueError: the activation is unknown, or the point is none of its edge.

    Example:
        >>> from edgeofchaos import edge_point
        >>> rate = edge_rate("relu", edge_point("relu", 0.0))
        >>> rate.exponent, round(rate.coefficient / math.pi**2, 12)
        (2, 4.5)
    """
    phi = activation(phi)
    q, _, sigma_w = on_edge(phi, point)
    jumps = phi.slope_jumps
    at_zero = np.array([1.0 if k == 0.0 else 0.0 for k in phi.kinks])
    bell = np.exp(-(np.array(phi.kinks) ** 2) / (2 * q)) if q > 0 else at_zero
    strength = sigma_w**2 / (2 * math.pi) * float(np.sum(jumps**2 * bell))
    if strength > _NEGLIGIBLE:
        return Rate(2, 9.0 / (2.0 * strength**2), _reach_of_kinks(phi, point, strength))
    if q == 0.0:
        return None
    second = _smooth_part(phi, point)
    return Rate(1, 2.0 / second, _reach_of_bends(phi, point, bell)) if second > 0 else None


def _smooth_part(phi: Activation, point: EdgePoint) -> float:
    """f''(1) but for what the jumps of phi' add: sigma_w^2 q E[phi''(sqrt(q) Z)^2]."""
    q = point.q
    return point.sigma_w**2 * q * float(gaussian.moments(phi, q, [gaussian.CURVATURE2])[0])


def _reach_of_kinks(phi: Activation, point: EdgePoint, strength: float) -> float:
    """The 1 - c above which the law of kinks does not hold; see :func:`edge_rate`."""
    if point.q == 0.0:
        return 2.0
    kinks = np.sort(np.array(phi.kinks)[phi.slope_jumps != 0.0])
    apart = float(np.diff(kinks).min()) if kinks.size > 1 else math.inf
    smooth = _smooth_part(phi, point)
    outweigh = strength**2 / (2 * (10 * smooth) ** 2) if smooth > 0 else math.inf
    farthest = float(np.abs(kinks).max())
    near = _NEAR * point.q / farthest**2 if farthest > 0 else math.inf
    return min(2.0, apart**2 / (48 * point.q), outweigh, near)


def _reach_of_bends(phi: Activation, point: EdgePoint, bell: FloatArray) -> float:
    """The 1 - c above which the law of a continuous phi' does not; see :func:`edge_rate`."""
    q = point.q
    second = _smooth_part(phi, point)
    size = second / (point.sigma_w**2 * q)
    linear = q * third_second_moment(phi, q) / size
    jumps = np.array([phi.one_sided(k)[1, 2] - phi.one_sided(k)[0, 2] for k in phi.kinks])
    root = len(jumps) * float(jumps**2 @ bell) * math.sqrt(0.5) / size if len(jumps) else 0.0
    if root > 0:
        linear *= 2
    # linear gamma + root sqrt(gamma) = 1/2, without cancellation.
    gamma = (2 * _HALF / (root + math.sqrt(root**2 + 4 * linear * _HALF))) ** 2
    return min(2.0, gamma, 1 / second)


def third_second_moment(phi: Activation, q: float) -> float:
    """E[phi'''(sqrt(q) Z)^2] but for jumps of phi'', from the polynomials that phi'' is on panels.

    Example:
        >>> third_second_moment(activation("identity"), 1.0)
        0.0
    """
    tab = tabulation(phi, level(q))
    nodes = panel_nodes(np.array(-1.0), np.array(1.0))[0]
    u, curvature = (a.reshape(-1, ORDER) for a in (tab.u, tab.curvature))
    half = (u[:, -1] - u[:, 0]) / (nodes[-1] - nodes[0])
    third = (curvature @ derivative(ORDER, DEGREE).T / half[:, None]).ravel()
    inside = np.abs(tab.u) <= Z_MAX * math.sqrt(q)
    density = gaussian_weights(tab.u, tab.weight, [q])[0]
    return float(density[inside] @ third[inside] ** 2)
