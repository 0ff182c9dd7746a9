"""Roots between the points of a grid, in few evaluations and whatever the function is like."""

import math
from itertools import pairwise

import numpy as np
import pytest

from edgeofchaos.theory.roots import InverseFunction, bracketed_root, secant_root

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

            guess = InverseFunction(GRID[part].tolist(), values[part])(0.0)
            ends = (float(GRID[i]), float(GRID[i + 1]))
            yield secant_root(counted, ends, (a, b), guess), asked, ends


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
    guess = InverseFunction([-1.0, 0.0, 1.0, 2.0], [-1.0, 0.0, 1.0, 2.0])(0.0)
    assert secant_root(lambda t: t, (-1.0, 0.0), (-1.0, 0.0), guess) == 0.0
    assert secant_root(lambda t: t, (0.0, 1.0), (0.0, 1.0), guess) == 0.0


def test_the_inverse_is_a_polynomial_through_all_points_and_has_its_slope():
    t = [0.1, 0.4, 0.7, 1.2]
    inverse = InverseFunction(t, [math.exp(x) for x in t])
    assert [inverse(math.exp(x))[0] for x in t] == pytest.approx(t, abs=1e-15)
    (low, _), (place, slope), (high, _) = (inverse(1.8 + d) for d in (-1e-4, 0.0, 1e-4))
    assert place == pytest.approx(math.log(1.8), abs=2e-3)
    assert slope == pytest.approx((high - low) / 2e-4, rel=1e-7)


@pytest.mark.parametrize("values", [[0.0, 1.0, 1.0], [0.0, 2.0, 1.0], [math.nan, 0.0, 1.0]])
def test_there_is_no_inverse_where_the_values_do_not_rise_or_fall_throughout(values):
    place, _ = InverseFunction([0.0, 1.0, 2.0], values)(0.5)
    assert math.isnan(place)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_at_the_ends_may_be_rounded_otherwise_than_the_function(name):
    """As on another processor: those of the grid come from sums in another order."""
    function, rng = FUNCTIONS[name], np.random.default_rng(20261201)
    for low, high in pairwise(GRID.tolist()):
        at = (function(low), function(high))
        if (at[0] > 0) == (at[1] > 0):
            continue
        root = secant_root(function, (low, high), at, (math.nan, math.nan))
        for end, other in ((root, high), (root, low)):  # the root is an end of the bracket
            for value in (0.0, 5e-324, *rng.normal(0, 1e-15, 20)):
                values = {end: value, other: function(other)}
                if values[end] * values[other] > 0 or end == other:
                    continue
                ends = min(end, other), max(end, other)
                guess = InverseFunction(ends, [values[t] for t in ends])(0.0)
                for start in (guess, (math.nan, math.nan)):
                    again = secant_root(function, ends, tuple(values[t] for t in ends), start)
                    assert abs(again - root) <= 3e-14


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1e-160, 1.0])
def test_signs_of_small_values_are_told_apart_where_their_product_is_zero(size):
    assert bracketed_root(lambda t: size * (t - 0.3), 0.0, 1.0) == pytest.approx(0.3, abs=1e-14)
