"""How inputs are scaled before the first layer, so that their q^1 suits the q of a point.

With inputs s a, q^1 = sigma_b^2 + sigma_w^2 s^2 |a|^2/d (section 2). The paper asks for q^1 <= q of
every input; what the numbers of a run hang on is told by two other protocols beside that one.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from edgeofchaos.arguments import check_sigma, number, numbers, one_of, wrong

PROTOCOLS = ("every", "mean", "root")


def input_scale(
    squares: ArrayLike, q: float, sigma_b: float, sigma_w: float, protocol: str = "every"
) -> float:
    """The factor s that inputs are multiplied by.

    With m a number that stands for the inputs' |a|^2/d, s = sqrt((q - sigma_b^2)/(sigma_w^2 m)):

    - ``every``: m is the largest, so that q^1 <= q for every input, with equality for the largest
      (the remark after Definition 1 of the paper);
    - ``mean``: m is the mean, so that the mean of q^1 over the inputs is q;
    - ``root``: s = sqrt(q), whatever the inputs are (the authors' code).

    Args:
        squares: |a|^2/d of each input a in R^d; for ``every`` and ``mean`` not all of them 0.
        q: the variance that belongs to the point.
        sigma_b: standard deviation of the biases.
        sigma_w: standard deviation of a weight times the root of its fan-in.
        protocol: one of ``PROTOCOLS``.

    Returns:
        s > 0.

    Raises:
        ValueError: the protocol is unknown, q <= sigma_b^2, which no q^1 is, sigma_w is not
            positive, or the squares are negative, not finite, none or all 0.

    Example:
        >>> round(input_scale([0.5, 2.0], q=1.0, sigma_b=0.0, sigma_w=1.0), 6)
        0.707107
    """
    protocol = one_of("protocol", protocol, PROTOCOLS)
    sigma_b = check_sigma("sigma_b", sigma_b)
    sigma_w = check_sigma("sigma_w", sigma_w, positive=True)
    above = f"number above sigma_b^2 = {sigma_b**2:g}"
    q = number("q", q, what=above)
    if not q > sigma_b**2:
        raise wrong("q", q, f"a finite {above}")
    values = numbers("squares", squares, finite=False)
    if not (values.size and np.isfinite(values).all() and values.min() >= 0 and values.max() > 0):
        raise ValueError("squares: allowed are finite numbers >= 0, at least one of them > 0")
    if protocol == "root":
        return math.sqrt(q)
    size = float(values.max() if protocol == "every" else values.mean())
    return math.sqrt((q - sigma_b**2) / (sigma_w**2 * size))
