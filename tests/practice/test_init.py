"""init_: the variances it draws, the fan-ins it takes, and the variance a net then starts at.

Seeds are fixed, so a test passes or fails for good. Each bound on a sample statistic is a quantile
at which a correct init_ would fail for one seed in a million.
"""

import math

import pytest
import torch
from scipy import stats
from torch import nn

import edgeofchaos as eoc

POINT = eoc.edge_point("tanh", 0.2)
ERROR_RATE = 1e-6


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def normal_with(values, deviation):
    """Whether the values pass as N(0, deviation^2): mean, variance and shape, each two-sided."""
    x = values.detach().double().ravel().numpy() / deviation
    low, high = stats.chi2(x.size).ppf([ERROR_RATE / 2, 1 - ERROR_RATE / 2])
    mean = abs(x.mean()) * math.sqrt(x.size) < stats.norm.isf(ERROR_RATE / 2)
    return mean and low < (x**2).sum() < high and stats.kstest(x, "norm").pvalue > ERROR_RATE


def test_a_sequential_of_linear_layers():
    model = nn.Sequential(nn.Linear(300, 500), nn.Tanh(), nn.Linear(500, 2000), nn.Linear(2000, 50))
    assert eoc.init_(model, POINT, seeded()) is model
    for layer in (model[0], model[2], model[3]):
        assert normal_with(layer.weight, POINT.sigma_w / math.sqrt(layer.in_features))
    biases = torch.cat([layer.bias for layer in (model[0], model[2], model[3])])
    assert normal_with(biases, POINT.sigma_b)


def test_the_check_sees_a_wrong_fan_in():
    layer = eoc.init_(nn.Linear(300, 310), POINT, seeded())
    assert not normal_with(layer.weight, POINT.sigma_w / math.sqrt(310))


@pytest.mark.parametrize(
    ("layer", "fan_in"),
    [
        (nn.Conv1d(30, 80, 5), 150),
        (nn.Conv2d(16, 64, 3), 144),
        (nn.Conv2d(32, 64, (3, 5), groups=4), 120),
        (nn.Conv2d(500, 500, 3, groups=500, stride=2), 9),
        (nn.Conv3d(6, 40, 3), 162),
        (nn.ConvTranspose2d(48, 12, 3), 432),
        (nn.ConvTranspose2d(48, 12, 4, stride=2), 192),
        (nn.ConvTranspose1d(60, 40, 3, groups=2), 90),
    ],
    ids=str,
)
def test_convolutions_count_the_weights_an_output_sums_over(layer, fan_in):
    eoc.init_(layer, POINT, seeded())
    assert normal_with(layer.weight, POINT.sigma_w / math.sqrt(fan_in))
    # What the fan-in is for: white inputs of unit variance leave with variance sigma_w^2.
    with torch.no_grad():
        layer.bias.zero_()
        shape = (2000 // layer.in_channels + 4, layer.in_channels, *[14] * len(layer.kernel_size))
        inner = (..., *[slice(2, -2)] * len(layer.kernel_size))
        out = layer(torch.randn(shape, generator=seeded(1)))[inner]
    assert out.var().item() == pytest.approx(POINT.sigma_w**2, rel=0.15)


def test_the_first_layer_has_the_variance_q():
    # Given the input, the pre-activations of one layer are independent N(0, q).
    width, inputs = 5000, 200
    a = torch.randn(inputs, generator=seeded(3))
    a *= math.sqrt((POINT.q - POINT.sigma_b**2) / POINT.sigma_w**2 / (a**2).mean())
    layer = eoc.init_(nn.Linear(inputs, width), POINT, seeded())
    assert normal_with(layer(a), math.sqrt(POINT.q))


def test_a_deep_net_keeps_the_variance_q():
    # Fluctuations of q^l are O(sqrt(L/N)); alpha = 0.54 forgets all but the last few layers.
    width, depth = 1500, 12
    layers = [nn.Linear(width, width) for _ in range(depth)]
    eoc.init_(nn.ModuleList(layers), POINT, seeded())
    a = torch.randn(width, generator=seeded(3))
    a *= math.sqrt((POINT.q - POINT.sigma_b**2) / POINT.sigma_w**2 / (a**2).mean())
    with torch.no_grad():
        y = layers[0](a)
        for layer in layers[1:]:
            y = layer(torch.tanh(y))
    assert (y**2).mean().item() == pytest.approx(POINT.q, rel=0.2)


def test_zero_bias_deviation_gives_zero_biases():
    layer = eoc.init_(nn.Linear(400, 400), eoc.edge_point("relu", 0.0), seeded())
    assert not layer.bias.any()
    assert normal_with(layer.weight, math.sqrt(2 / 400))


def test_other_parameters_stay():
    model = nn.Sequential(nn.Embedding(7, 5), nn.Linear(5, 5, bias=False), nn.LayerNorm(5))
    before = [p.clone() for p in model.parameters()]
    eoc.init_(model, POINT, seeded())
    changed = [not torch.equal(p, q) for p, q in zip(before, model.parameters(), strict=True)]
    assert changed == [False, True, False, False]
    assert all(p.requires_grad and p.grad_fn is None for p in model.parameters())


def test_a_generator_reproduces_and_leaves_the_global_state():
    state = torch.random.get_rng_state()
    # The constructors draw from the global state themselves: build on the side.
    with torch.random.fork_rng():
        one, two, other = (nn.Linear(9, 9) for _ in range(3))
    for layer, seed in ((one, 5), (two, 5), (other, 6)):
        eoc.init_(layer, POINT, seeded(seed))
    assert torch.equal(one.weight, two.weight)
    assert torch.equal(one.bias, two.bias)
    assert not torch.equal(one.weight, other.weight)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_dtype_stays():
    layer = eoc.init_(nn.Linear(100, 100, dtype=torch.float64), POINT, seeded())
    assert layer.weight.dtype == torch.float64
    assert normal_with(layer.weight, POINT.sigma_w / 10)


def test_what_cannot_be_initialised_is_refused():
    none = eoc.edge_curve("softplus", [0.2])[0]
    with pytest.raises(ValueError, match="softplus has no edge"):
        eoc.init_(nn.Linear(3, 3), none)
    with pytest.raises(ValueError, match="no linear or convolutional layer"):
        eoc.init_(nn.Sequential(nn.Tanh(), nn.LayerNorm(3)), POINT)


def test_a_lazy_layer_is_refused_before_anything_is_drawn():
    model = nn.Sequential(nn.Linear(3, 3), nn.LazyLinear(4))
    before = model[0].weight.clone()
    with pytest.raises(ValueError, match="lazy"):
        eoc.init_(model, POINT)
    assert torch.equal(model[0].weight, before)
