"""Roots between the points of a grid, in few evaluations and whatever the function is like."""

import math
from itertools import pairwise

import numpy as np
import pytest

from edgeofchaos.theory.roots import secant_root

GRID = np.linspace(0.0, 1.0, 8)
FUNCTIONS = {
    "a cubic": lambda t: t**3 + t - 0.4,
    "an exponential that falls": lambda t: math.exp(-2 * t) - 0.5,
    "steep at the end": lambda t: math.log((t + 1e-3) / 0.012),
    "of order 1e-30": lambda t: 1e-30 * (math.sin(t) - 0.3),
    "with a kink beside its root": lambda t: abs(t - 0.35) + 2 * t - 0.72,
    "not monotone beside its root": lambda t: math.cos(9 * t) - 0.2,
    "a jump in value": lambda t: t - 0.3 + (0.4 if t > 0.5 else 0.0),
    "flat on one side": lambda t: max(t - 0.6, -1e-9),
    "a cube root": lambda t: math.copysign(abs(t - 0.31) ** (1 / 3), t - 0.31),
}


def found(function, first=None, last=None):
    """Each root between two points of the grid, and the number of evaluations that it took."""
    values = [function(t) for t in GRID]
    for i, (a, b) in enumerate(pairwise(values)):
        if (a > 0) != (b > 0):
            part = slice(max(0, i - 1) if first is None else i, i + 3 if last is None else i + 2)
            asked = []

            def counted(t, asked=asked):
                asked.append(t)
                return function(t)

            t = GRID[part].tolist()
            yield secant_root(counted, t, values[part], i - part.start), asked, (t[0], t[-1])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_root_is_found_whatever_the_function_is_like(name):
    function = FUNCTIONS[name]
    roots = [*found(function), *found(function, first=0), *found(function, last=0)]
    assert roots
    for root, asked, (low, high) in roots:
        assert low <= root <= high
        assert all(low <= t <= high for t in asked)
        assert function(root - 2e-14) * function(root + 2e-14) <= 0


@pytest.mark.parametrize("name", ["a cubic", "an exponential that falls", "of order 1e-30"])
def test_a_smooth_function_is_asked_few_times(name):
    ((_, asked, _),) = found(FUNCTIONS[name])
    assert len(asked) <= 4


def test_a_root_at_a_point_of_the_grid_is_that_point():
    assert secant_root(lambda t: t, [-1.0, 0.0, 1.0, 2.0], [-1.0, 0.0, 1.0, 2.0], 0) == 0.0
    assert secant_root(lambda t: t, [-1.0, 0.0, 1.0, 2.0], [-1.0, 0.0, 1.0, 2.0], 1) == 0.0
