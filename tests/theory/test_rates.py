"""From which 1 - c on the power laws hold: kinks and bends close together."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from independent import PHI, expect

import edgeofchaos as eoc
from edgeofchaos.activations import Activation
from edgeofchaos.theory.pairs import squared_difference
from edgeofchaos.theory.rates import edge_rate, third_second_moment
from edgeofchaos.theory.ratio import complement_ratio


@cache
def bend(width):
    """tanh x and a kink at 1/2 that is rounded to this width."""
    zero = torch.zeros(1, dtype=torch.float64)
    return Activation(
        "bend", lambda x: torch.tanh(x) + 0.5 * width * torch.logaddexp((x - 0.5) / width, zero)
    )


def two_kinks(apart):
    relu = torch.relu
    return Activation(
        "two kinks",
        lambda x: torch.tanh(x) + 0.5 * relu(x - 0.5) + 0.5 * relu(x - 0.5 - apart),
        (0.5, 0.5 + apart),
    )


def added_by_a_layer(phi, point, gamma):
    """(1 - c)^(-1/p) after a layer less before, over what the law says, at 1 - c = gamma."""
    rate = edge_rate(phi, point)
    theta = 2 * math.asin(math.sqrt(gamma / 2))
    moved = squared_difference(eoc.activation(phi), point.q, point.q, theta)
    ratio = point.sigma_w**2 * moved / (2 * point.q * gamma)
    power = 1 / rate.exponent
    return (gamma**-power) * (ratio**-power - 1) * rate.coefficient**power


@pytest.mark.parametrize("width", [0.3, 0.1])
def test_a_narrow_bend_has_its_law_only_within_reach(width):
    phi = bend(width)
    point = eoc.edge_point(phi, 0.2)
    rate = edge_rate(phi, point)
    # It looks like a kink until gamma is of the order of width^2/q.
    assert 0.02 < rate.reach * point.q / width**2 < 5 or width > 0.2
    assert rate.not_before == pytest.approx(rate.coefficient / rate.reach)
    for share in (1.0, 0.1, 0.01):
        assert 0.5 <= added_by_a_layer(phi, point, share * rate.reach) <= 2.0
    assert added_by_a_layer(phi, point, 1e-3 * rate.reach) == pytest.approx(1.0, abs=0.01)
    shape = complement_ratio(phi, point.q, point.sigma_w)
    curved = shape.derivative(np.array([rate.reach, 0.0]), 2)
    assert 0.5 * curved[1] <= curved[0] <= curved[1] * (1 + 1e-6)


def test_far_above_its_reach_a_bend_is_off_its_law_by_orders():
    phi = bend(0.03)
    point = eoc.edge_point(phi, 0.2)
    assert added_by_a_layer(phi, point, 100 * edge_rate(phi, point).reach) < 0.35


@pytest.mark.parametrize("name", ["tanh", "swish", "gelu", "elu", "arctan", "erf"])
@pytest.mark.parametrize("sigma_b", [0.05, 0.2, 1.0])
def test_f_keeps_half_its_second_derivative_within_reach(name, sigma_b):
    point = eoc.edge_point(name, sigma_b)
    rate = edge_rate(name, point)
    shape = complement_ratio(eoc.activation(name), point.q, point.sigma_w)
    curved = shape.derivative(rate.reach * np.array([1.0, 0.3, 0.01]), 2)
    limit = 2 / rate.coefficient
    assert (curved >= 0.5 * limit).all()
    assert (curved <= limit * (1 + 1e-6)).all()
    assert 0.5 <= added_by_a_layer(name, point, rate.reach) <= 2.0


@pytest.mark.parametrize("sigma_b", [0.2, 0.5])
def test_a_kink_has_its_law_within_reach(sigma_b):
    point = eoc.edge_point("hardtanh", sigma_b)
    reach = edge_rate("hardtanh", point).reach
    for share in (1.0, 0.1, 1e-3):
        assert 0.3 <= added_by_a_layer("hardtanh", point, share * reach) <= 2.0


def test_two_kinks_close_together_are_one_until_they_part():
    # At d = 0.03 two equal jumps act as one twice as high: A, and with it what is added, doubles.
    phi = two_kinks(0.03)
    point = eoc.edge_point(phi, 0.2)
    rate = edge_rate(phi, point)
    assert rate.exponent == 2
    assert rate.reach <= 0.03**2 / (48 * point.q) * (1 + 1e-12)
    assert added_by_a_layer(phi, point, 100 * rate.reach) > 1.2
    assert added_by_a_layer(phi, point, 0.01 * rate.reach) == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("q", [0.1, 1.0, 5.0])
def test_third_derivative_of_tanh_against_quadpack(q):
    third = lambda u: (4 * math.tanh(u) ** 2 - 2 / math.cosh(u) ** 2) / math.cosh(u) ** 2  # noqa: E731
    assert PHI["tanh"][2](0.0) == 0.0
    expected = expect(lambda u: third(u) ** 2, q)
    assert third_second_moment(eoc.activation("tanh"), q) == pytest.approx(expected, rel=1e-9)
