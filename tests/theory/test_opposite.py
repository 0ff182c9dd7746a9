"""The layers that opposite inputs are behind, against bounds that hold for every activation."""

import math

import numpy as np
import pytest
from independent import pair_expectation, slope_square, variance_step
from scipy.integrate import quad

from edgeofchaos.theory.correlation import correlation_map
from edgeofchaos.theory.edge import edge_point
from edgeofchaos.theory.identity import identity_distance
from edgeofchaos.theory.opposite import (
    LONGEST,
    SHORTEST,
    SHORTEST_ODD,
    bounds_on_layers,
    layers_to_orthogonal,
)


@pytest.mark.parametrize(
    ("shortest", "speed"),
    [(SHORTEST, lambda c: (1 - c) ** 2), (SHORTEST_ODD, lambda c: (1 - c) ** 2 * (2 + c) / 2),
     (LONGEST, lambda c: 1 - c)],
)  # fmt: skip
def test_the_constants_are_the_times_of_the_bounds(shortest, speed):
    assert shortest == pytest.approx(quad(lambda c: 1 / speed(c), -1, 0)[0], abs=1e-12)


def test_each_power_lies_between_the_bounds():
    c = np.linspace(-1, 0, 1001)
    for k in range(2, 60):
        term = ((k - 1) - k * c + c**k) / (k - 1)
        upper = (1 - c) ** 2 * ((2 + c) / 2 if k % 2 else 1)
        assert (term >= 1 - c - 1e-12).all() and (term <= upper + 1e-12).all()


@pytest.mark.parametrize("name", ["tanh", "erf", "hardtanh", "swish", "elu", "selu"])
@pytest.mark.parametrize("sigma_b", [0.03, 0.3])
def test_layers_lie_between_the_bounds(name, sigma_b):
    point = edge_point(name, sigma_b)
    cmap, s = correlation_map(name, point), identity_distance(name, point)
    layers = layers_to_orthogonal(cmap, 10_000)
    odd = name in ("tanh", "erf", "hardtanh")
    least, most = bounds_on_layers(s, odd=odd)
    assert least <= layers <= most
    assert least >= (SHORTEST_ODD if odd else SHORTEST) / s * (1 - 3 * s) - 1
    assert most <= LONGEST / s + 1


def test_tanh_by_brute_force():
    q, sigma_b = 0.51207850, 0.2
    sigma_w = 1 / math.sqrt(slope_square("tanh", q))
    assert variance_step("tanh", sigma_b, sigma_w, q) == pytest.approx(q, abs=1e-7)
    c, count = -1.0, 0
    while c < 0:
        product = pair_expectation(lambda u, v: np.tanh(u) * np.tanh(v), q, q, c)
        c, count = (sigma_b**2 + sigma_w**2 * product) / q, count + 1
        if count == 1:
            assert c == pytest.approx(-1 + 2 * sigma_b**2 / q, abs=1e-6)
    assert count == layers_to_orthogonal(correlation_map("tanh", edge_point("tanh", 0.2)), 99) == 8


def test_what_is_out_of_range_is_refused():
    with pytest.raises(ValueError, match=r"at_zero = 0\.0; allowed is a number from 1e-07 to 1"):
        bounds_on_layers(0.0, odd=True)
    assert bounds_on_layers(1.0, odd=False) == (1.0, 1.0)
    assert layers_to_orthogonal(correlation_map("tanh", edge_point("tanh", 0.2)), 3) == math.inf
