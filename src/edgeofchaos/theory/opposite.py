"""How long a pair of opposite inputs, c = -1, stays below c = 0 on the edge of chaos.

f(c) = sum b_k c^k with b_k >= 0, f(1) = 1 and, on the edge, f'(1) = 1. So b_0 = f(0) is the sum
over k >= 2 of (k - 1) b_k, and

    f(c) - c = sum over k >= 2 of b_k ((k - 1) - k c + c^k).

With c = -x, 0 <= x <= 1, the bracket over k - 1 is 1 + x + x (1 - x^(k-1))/(k - 1) for odd k and
1 + x + (x + x^k)/(k - 1) for even k. Both are at least 1 + x; they are at most (1 + x)^2, which
k = 2 attains, and for odd k, since (1 - x^n)/n decreases in n, at most (1 + x)^2 (2 - x)/2, which
k = 3 attains. So on [-1, 0], with s = f(0),

    s (1 - c) <= f(c) - c <= s (1 - c)^2,  and for odd phi  f(c) - c <= s (1 - c)^2 (2 + c)/2.

A pair needs the integral of dc/(f(c) - c) from -1 to 0 in layers, in the limit of small s: from
1/2 to log 2 = 0.693 over s, for odd phi from 1/3 + (4/9) log 2 = 0.641 to log 2 over s. For odd phi
s = sigma_b^2/q (E[phi] = 0), f(-1) = -1 + 2 s and f'(-1) = f'(1) = 1. Ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from edgeofchaos.arguments import MOST_LAYERS, number, whole
from edgeofchaos.theory.correlation import CorrelationMap

# The times over f(0) that the two bounds give where f(0) is small.
SHORTEST, SHORTEST_ODD, LONGEST = 0.5, 1 / 3 + 4 / 9 * math.log(2), math.log(2)
_ROUNDING = 1e-12  # of f: ReLU's f(-1) is 0


def layers_to_orthogonal(cmap: CorrelationMap, most: int) -> float:
    """How often f is applied to c = -1 until c >= 0 (to 1e-12); infinite if not in ``most`` times.

    Raises:
        ValueError: ``most`` is no whole number from 1 to 10,000,000.

    Example:
        >>> from edgeofchaos import correlation_map, edge_point
        >>> layers_to_orthogonal(correlation_map("tanh", edge_point("tanh", 0.2)), 100)
        8.0
    """
    return _applied(lambda c: float(cmap(c)), whole("most", most, 1, MOST_LAYERS))


def bounds_on_layers(at_zero: float, *, odd: bool) -> tuple[float, float]:
    """The least and the most layers that any phi on its edge takes from c = -1 to c >= 0.

    The iterates of f lie between those of the two bounds of this module, which do not decrease in
    c (where the upper one does, for large f(0), the least is one layer).

    Args:
        at_zero: f(0), from 1e-7 to 1.
        odd: whether phi is odd.

    Raises:
        ValueError: f(0) is not from 1e-7 to 1.

    Example:
        >>> bounds_on_layers(0.01, odd=True)
        (64.0, 69.0)
    """
    at_zero = number("at_zero", at_zero, 1e-7, 1.0)
    most = math.ceil(math.log(2) / -math.log1p(-at_zero)) if at_zero < 1 else 1
    if at_zero > (2 / 3 if odd else 1 / 4):
        return 1.0, float(most)

    def upper(c: float) -> float:
        return c + at_zero * (1 - c) ** 2 * ((2 + c) / 2 if odd else 1.0)

    return _applied(upper, most), float(most)


def _applied(step: Callable[[float], float], most: int) -> float:
    c = -1.0
    for count in range(1, most + 1):
        c = float(np.clip(step(c), -1.0, 1.0))  # rounding alone could pass -1
        if c >= -_ROUNDING:
            return float(count)
    return math.inf
