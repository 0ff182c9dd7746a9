"""How long a variance stays near an edge point that repels it."""

import itertools
import math

import pytest
from independent import variance_step

import edgeofchaos as eoc
from edgeofchaos.experiments.departure import departures


@pytest.mark.parametrize("deviation", [0.1, -0.1, 0.01, -0.6])
def test_layers_against_brute_force(deviation):
    (row,) = departures("swish", 0.2, [deviation])
    point = eoc.edge_point("swish", 0.2)
    x, layers = point.q * (1 + deviation), 0
    while abs(x / point.q - 1) <= 0.5:
        x, layers = variance_step("swish", 0.2, point.sigma_w, x), layers + 1
    assert row["layers"] == layers
    assert row["predicted"] == pytest.approx(
        math.log(0.5 / abs(deviation)) / math.log(1.0987278), rel=1e-5
    )
    assert row["limit"] == (math.inf if deviation > 0 else pytest.approx(0.19403796, rel=1e-7))


@pytest.mark.parametrize("sign", [-1, 1])
def test_layers_grow_like_the_logarithm_of_the_deviation(sign):
    rows = departures("swish", 0.2, [sign * 10.0**-k for k in (2, 4, 6, 8)])
    layers = [r["layers"] for r in rows]
    a_factor_of_100 = math.log(100) / math.log(rows[0]["alpha"])
    for before, after in itertools.pairwise(layers):
        assert after - before == pytest.approx(a_factor_of_100, abs=1.5)


def test_a_stable_edge_is_never_left():
    for row in departures("tanh", 0.2, [0.3, -0.3]):
        assert row["alpha"] < 1
        assert (row["layers"], row["predicted"]) == (math.inf, math.inf)
        assert row["limit"] == pytest.approx(row["q"], rel=1e-9)


@pytest.mark.parametrize("deviation", [0.0, -1.0, math.nan, math.inf])
def test_a_deviation_that_is_none_is_refused(deviation):
    with pytest.raises(ValueError, match="deviations"):
        departures("swish", 0.2, [deviation])


def test_without_an_edge_there_is_nothing_to_leave():
    with pytest.raises(eoc.NoEdge):
        departures("softplus", 0.2, [0.1])
