"""Nets of 100 layers as init_ draws them, in each phase: the theory's q, c and gradients.

Intervals are Student's over nets, at one in a million, on logs, and beside them what finite width
may take the mean of a log from its limit: the variance of the log over nets, an estimate (twice
what a log-normal law of mean 1 has; see intervals.finite_width).
"""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from drawn_tensors import seeded
from torch import nn

import edgeofchaos as eoc
from edgeofchaos.simulation.intervals import half_width

LEVEL = 1e-6
LAYERS = 100
EDGE = eoc.edge_point("tanh", 0.3)
PHASES = {"ordered": 0.7 * EDGE.sigma_w, "edge": EDGE.sigma_w, "chaotic": 1.5 * EDGE.sigma_w}


def point_at(sigma_w):
    fmap = eoc.variance_map("tanh", EDGE.sigma_b, sigma_w)
    q = fmap.limit()
    return replace(EDGE, sigma_w=sigma_w, q=q, chi1=float(fmap.chi1(q)))


def linear_net(width):
    return nn.ModuleList(nn.Linear(width, width) for _ in range(LAYERS))


def conv_net(width):
    conv = {"padding": 1, "padding_mode": "circular"}
    return nn.ModuleList(nn.Conv1d(width, width, 3, **conv) for _ in range(LAYERS))


def orthogonal_inputs(net, width, seed):
    """Two inputs that are orthogonal at every position, each of mean square 9 a coordinate."""
    places = (6,) if isinstance(net[0], nn.Conv1d) else ()
    normal = torch.randn(*places, width, 2, generator=seeded(seed))
    q, _ = torch.linalg.qr(normal)
    return (3 * math.sqrt(width) * q).movedim(-1, 0).movedim(-1, 1)  # (2, width, places)


def measured(make, width, point, seed, weights):
    """log q^l, log(1 - c^l) and the log of the mean squared gradient, (layers,) each."""
    net = make(width)
    x = orthogonal_inputs(net, width, seed)
    eoc.init_(net, point, seeded(1000 + seed), weights=weights, inputs=x)
    layers = []
    for layer in net:
        x = layer(torch.tanh(x) if layers else x)
        x.retain_grad()
        layers.append(x)
    (x * torch.randn(x.shape, generator=seeded(5000 + seed))).sum().backward()
    q = np.array([(y.double() ** 2).mean().item() for y in layers])
    apart = np.array([((y[0] - y[1]).double() ** 2).mean().item() for y in layers])
    gradient = np.array([(y.grad.double() ** 2).mean().item() for y in layers])
    return np.log(q), np.log(apart), np.log(gradient)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(("make", "width", "nets", "weights"), [
    (linear_net, 300, 20, "gaussian"),
    (linear_net, 150, 16, "orthogonal"),  # most of the time is QR's
    (conv_net, 96, 20, "gaussian"),
    (conv_net, 96, 20, "delta-orthogonal"),
])  # fmt: skip
@pytest.mark.slow(after=2)
def test_a_net_of_100_layers_does_what_the_theory_says(phase, make, width, nets, weights):
    point = point_at(PHASES[phase])
    draws = [measured(make, width, point, seed, weights) for seed in range(nets)]
    q, apart, gradient = (np.stack(part) for part in zip(*draws, strict=True))

    at = [0, 4, 19, 49, 99]
    assert_near(q[:, at], math.log(point.q))

    start = (point.q - point.sigma_b**2) / point.q  # orthogonal inputs share their biases
    path = eoc.pair_trajectory(
        "tanh", point.sigma_b, point.sigma_w, point.q, point.q, start, LAYERS
    )
    expected = np.log(2 * point.q * path.gamma)  # E|y(a) - y(b)|^2
    # In the ordered phase float32 has no digits of it further on.
    seen = [layer for layer in at if path.gamma[layer] > 1e-6]
    assert len(seen) >= 2 and (phase == "ordered" or len(seen) == 5)
    assert_near(apart[:, seen], expected[seen])

    # Ten layers at a time, so that the scatter is small: the growth of the gradient is chi_1^10.
    growth = gradient[:, 0:90:10] - gradient[:, 10:100:10]
    log_chi = math.log(point.chi1)
    assert (log_chi < -0.3, abs(log_chi) < 1e-9, log_chi > 0.2)[list(PHASES).index(phase)]
    assert_near(growth.mean(1)[:, None], 10 * log_chi, growth.var())


def assert_near(logs, expected, scatter=0.0):
    """Whether the means over nets are the expected ones, (layers,)."""
    nets = len(logs)
    error = logs.std(0, ddof=1) / math.sqrt(nets)
    allowed = half_width(error, nets, LEVEL) + np.maximum(logs.var(0, ddof=1), scatter) + 1e-6
    gaps = np.abs(logs.mean(0) - expected)
    assert (gaps <= allowed).all(), (gaps, allowed)
    # Else the comparison says nothing: the phases are further apart than that at layer 100.
    assert (allowed < 2.0).all(), allowed
