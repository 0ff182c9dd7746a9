"""f on the edge, tabulated: what f(0) and f'(0) are off by."""

import numpy as np
import pytest
import torch

from edgeofchaos.activations import Activation, activation
from edgeofchaos.claims.better_class import OFF_AT_ZERO
from edgeofchaos.claims.reading import DERIVATIVE_ERROR
from edgeofchaos.experiments.correlation import COLUMNS, distances, maps
from edgeofchaos.theory.edge import edge_point

# Features much narrower than the Gaussian, which the quadrature over pairs loses digits of.
NARROW = [
    (Activation("close", lambda x: x + 0.01 * torch.tanh(x)), 0.2),
    (Activation("steep", lambda x: x * torch.sigmoid(20 * x)), 1.0),
    (Activation("fine", lambda x: x / 2 + torch.tanh(100 * x) / 100), 0.5),
    (Activation("fine", lambda x: x / 2 + torch.tanh(100 * x) / 100), 1.0),
    (activation("hardtanh"), 0.2),
    (activation("tanh"), 0.2),
]


@pytest.mark.parametrize(("phi", "sigma_b"), NARROW, ids=lambda x: getattr(x, "name", str(x)))
@pytest.mark.slow(after=2)
def test_the_slope_at_zero_is_off_by_no_more_than_is_judged(phi, sigma_b):
    (row,) = maps(phi, edge_point(phi, sigma_b), np.array([0.0]))
    off = abs(row["f1"] - row["slope_ratio"])
    assert off <= DERIVATIVE_ERROR + OFF_AT_ZERO * row["f0_error"]
    # Ten would do.
    assert off <= DERIVATIVE_ERROR + 0.1 * OFF_AT_ZERO * row["f0_error"]


def test_the_columns_are_those_of_empty_tables():
    point = edge_point("tanh", 0.2)
    (row,) = maps(activation("tanh"), point, np.array([0.5]))
    assert list(row) == COLUMNS["correlation_maps"]
    (row,) = distances(activation("relu"), [0.2])
    assert list(row) == COLUMNS["identity_distance"] and np.isnan(row["slope_ratio"])


@pytest.mark.parametrize("name", ["tanh", "swish", "elu", "selu"])
def test_the_variance_of_the_slope_is_once_to_twice_the_distance(name):
    for row in distances(activation(name), [1e-3, 0.05, 1.0]):
        ratio = (1 - row["slope_ratio"]) / row["identity_distance"]
        assert 1 <= ratio <= 2 + 1e-6
