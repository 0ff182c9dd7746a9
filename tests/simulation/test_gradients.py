"""Gradients at initialisation: autograd on drawn weights and the conditional law agree."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import ks_2samp

import edgeofchaos as eoc
from edgeofchaos.simulation.gradients import mean_squared_gradients
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.streams import stream

RARE = 1e-3


@pytest.mark.parametrize(("name", "sigma_b"), [("tanh", 0.2), ("relu", 0.0), ("swish", 0.4)])
@pytest.mark.parametrize(("width", "count"), [(4, 1), (4, 2), (6, 3), (24, 2)])
def test_the_two_ways_have_one_law(name, sigma_b, width, count):
    x = torch.tensor(np.random.default_rng(3).standard_normal((3, count)))
    found = [
        mean_squared_gradients(
            name, sigma_b, 1.4, x, [width, width + 2, width, width + 1], draws=4000,
            sampler=sampler, seed=stream(2, name, width, count, sampler),
        ).numpy()
        for sampler in ("dense", "conditional")
    ]  # fmt: skip
    keys = [(l, b) for l in range(3) for b in range(count)]  # noqa: E741
    # also how layers and inputs hang together
    pairs = [lambda g: g[:, 0, 0] * g[:, 2, -1], lambda g: g[:, 0, 0] * g[:, 0, -1]]
    trials = len(keys) + len(pairs)
    for l, b in keys:  # noqa: E741
        p = ks_2samp(found[0][:, l, b], found[1][:, l, b]).pvalue
        assert p > RARE / trials, (l, b, p)
    for pair in pairs:
        assert ks_2samp(pair(found[0]), pair(found[1])).pvalue > RARE / trials


@pytest.mark.parametrize("name", ["tanh", "elu", "swish"])
@pytest.mark.parametrize("ratio", [0.8, 1.0, 1.2])
def test_a_wide_net_multiplies_by_chi_1(name, ratio):
    point = eoc.edge_point(name, 0.3)
    w = ratio * point.sigma_w
    fmap = eoc.variance_map(name, 0.3, w)
    x = pair_inputs((point.q, point.q), 0.0, 0.3, w)[:, :1]
    layers, width, draws = 8, 20_000, 6
    found = mean_squared_gradients(name, 0.3, w, x, [width] * layers, draws=draws, seed=4)[..., 0]
    chi = fmap.chi1(fmap.trajectory(point.q, layers)[:-1])
    gap = (found[:, 0] / found[:, -1]).log() - math.log(np.prod(chi))
    # each layer adds a relative variance of a few over N; an unstable q multiplies it
    assert gap.abs().max() < 0.25 * math.sqrt(layers * 100 / width) * 5


def test_relu_without_biases_has_no_free_direction_along_its_input():
    # With sigma_b = 0, W phi(y) is known: the part of W^T d along phi(y) is (y . d) phi/|phi|^2.
    found = mean_squared_gradients("relu", 0.0, math.sqrt(2), torch.ones(2, 1), [1, 1], draws=2000)
    dense = mean_squared_gradients(
        "relu", 0.0, math.sqrt(2), torch.ones(2, 1), [1, 1], draws=2000, sampler="dense", seed=1
    )
    assert ks_2samp(found[:, 0, 0], dense[:, 0, 0]).pvalue > RARE


def test_what_is_refused():
    with pytest.raises(ValueError, match="sampler = 'x'"):
        mean_squared_gradients("tanh", 0.1, 1.0, torch.ones(2, 1), [3, 3], sampler="x")
    with pytest.raises(ValueError, match="draws = 0"):
        mean_squared_gradients("tanh", 0.1, 1.0, torch.ones(2, 1), [3, 3], draws=0)
