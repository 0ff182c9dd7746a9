"""How phi grows far out: whether it, or phi(x)/x, stays bounded."""

from __future__ import annotations

import math

import numpy as np

from edgeofchaos.activations import Activation
from edgeofchaos.panels import known_reach
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.searched import log_grid

_POINTS = np.concatenate([np.geomspace(1e-6, 1e4, 2001), np.linspace(0.01, 20, 2000)])
_END = "1e4"
# Beyond the points: does phi, or phi(x)/x, still grow from 1e4 to 1e8 and on to 1e12?
_FAR = np.array([1e4, 1e8, 1e12])
_STEPS = np.array([1e-2, 1e-1, 1.0])  # the same where phi overflows, in parts of where it does
_DIVIDED = 9
_UNTIL = np.geomspace(1.0, 1e12, 1201)
_ROUNDING = 1e-12


def points(phi: Activation) -> FloatArray:
    """The x > 0 at which phi is looked at on either side, as far out as it can be followed."""
    log_grid(phi)  # finds out how far that is
    return _POINTS[known_reach(phi).end >= _POINTS]


def seen(x: FloatArray) -> str:
    """The range of :func:`points` in words."""
    return f"1e-6 <= |x| <= {_END if x.max() == _POINTS.max() else format(x.max(), '.4g')}"


def far_points(phi: Activation) -> FloatArray:
    """Three x > 0 in a geometric series, from which to tell how phi grows: (3,).

    They are 1e4, 1e8 and 1e12. Where phi overflows before, they go up to the last x at which it
    does not: an infinite value says nothing of log(1 + exp(x)), which is x to all digits there.
    """
    sizes = _sizes(phi, _FAR)
    if np.isnan(sizes).any() or not np.isinf(sizes).any():
        return _FAR
    overflows = ~np.isfinite(_sizes(phi, _UNTIL))
    last = float(_UNTIL[max(int(np.argmax(overflows)) - 1, 0)])
    log_grid(phi)  # finds the reach
    return min(last, known_reach(phi).end) * _STEPS


def _sizes(phi: Activation, x: FloatArray) -> FloatArray:
    """The larger of |phi(x)| and |phi(-x)|, in the shape of x; NaN if one of them is."""
    return np.maximum(np.abs(phi(x)), np.abs(phi(-x)))


def bounded_by(near: float, far: FloatArray, x: FloatArray) -> bool | None:
    """Whether a function stays bounded, from its maximum up to x[0] and its sizes ``far`` at x.

    It does where it is no larger far out, or where what it grows by falls off from one step to the
    next like 1/sqrt(x) at least, as that of log(1 + exp(x)) over x does; it does not where that
    grows, or stays, as the logarithm's does. Open between, and where phi is NaN.

    Example:
        >>> x = np.array([1e4, 1e8, 1e12])
        >>> bounded_by(1.0, 1 - 1 / x, x), bounded_by(9.2, np.log(x), x)
        (True, False)
    """
    if np.isnan(far).any():
        return None
    first, second = np.diff(far)
    falls_off = math.sqrt(float(x[0] / x[1]))
    if far.max() <= near * (1 + _ROUNDING) or abs(second) <= falls_off * abs(first):
        return True
    return False if far.max() > 1.05 * near and not second < 0.9 * abs(first) else None


def _grows(phi: Activation, x: FloatArray, power: int = 0) -> bool:
    """Whether phi(u)/|u|^power goes on growing, or falling, on one side from x[1] to x[2].

    It does where each of the steps that this is divided into adds as much as the one before, 0.9 of
    it at least: what oscillates is not that regular. It may still be smaller than it is near 0.
    """
    far = np.geomspace(x[1], x[2], _DIVIDED)
    for side in (-far, far):
        values = phi(side) / far**power
        added = np.diff(values)
        size = _ROUNDING * float(np.abs(values).max())
        same = (added > size).all() or (added < -size).all()
        if same and (np.abs(added[1:]) >= 0.9 * np.abs(added[:-1])).all():
            return True
    return False


def bounded(phi: Activation) -> tuple[bool | None, float, str]:
    """Whether phi is bounded, sup |phi| as far as it is looked at, and how far that is in words.

    Raises:
        ValueError: expectations of phi are known at no variance.

    Example:
        >>> from edgeofchaos import activation
        >>> bounded(activation("tanh"))
        (True, 1.0, '|x| <= 1e12')
    """
    x = far_points(phi)
    near, far = points(phi), _sizes(phi, x)
    largest = float(_sizes(phi, near).max())
    if np.isnan(far).any():  # phi cannot be followed so far
        return None, largest, up_to(x)
    answer = bounded_by(float(_sizes(phi, near[near <= x[0]]).max()), far, x)
    if _grows(phi, x):
        answer = False
    overflows = answer is False and x[-1] < _FAR[-1]
    return answer, math.inf if overflows else float(max(far.max(), largest)), up_to(x)


def linear_bound(phi: Activation, at_zero: float) -> tuple[bool | None, float, str]:
    """Whether |phi(x) - phi(0)|/|x| is bounded, its supremum, and how far it is looked at.

    Close to 0 phi(0) is taken off, and not further out, where it does not count.

    Raises:
        ValueError: expectations of phi are known at no variance.
    """
    x = far_points(phi)
    near = points(phi)
    close = np.maximum(np.abs(phi(near) - at_zero), np.abs(phi(-near) - at_zero))
    ratio = np.where(near > 1e-3, _sizes(phi, near), close) / near
    answer = bounded_by(float(ratio[near <= x[0]].max()), _sizes(phi, x) / x, x)
    if answer is not None and _grows(phi, x, power=1):
        answer = False
    return answer, float(ratio.max()), up_to(x)


def up_to(x: FloatArray) -> str:
    """The range that :func:`far_points` end at, in words."""
    return f"|x| <= {'1e12' if x[-1] == _FAR[-1] else format(x[-1], '.4g')}"
