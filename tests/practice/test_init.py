"""init_: the variances it draws, the fan-ins it takes, and the variance a net then starts at.

Seeds are fixed, so a test passes or fails for good. Each bound on a sample statistic is a quantile
at which a correct init_ would fail for one seed in a million.
"""

import math

import pytest
import torch
from drawn_tensors import seeded
from scipy import stats
from torch import nn
from torch.nn.utils import prune

import edgeofchaos as eoc

POINT = eoc.edge_point("tanh", 0.2)
ERROR_RATE = 1e-6


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


# Layers whose weights are made of others, and layers that the theory does not have.

RECURRENT = [nn.LSTM(6, 5), nn.GRU(6, 5), nn.RNN(6, 5), nn.LSTMCell(6, 5), nn.Bilinear(6, 5, 4),
             nn.MultiheadAttention(8, 2)]  # fmt: skip
W = nn.utils.parametrizations


def bits(module):
    return [t.clone() for t in module.state_dict().values()]


def same(before, module):
    return all(torch.equal(a, b) for a, b in zip(before, module.state_dict().values(), strict=True))


@pytest.mark.parametrize("wrap", [W.weight_norm, nn.utils.weight_norm])
@pytest.mark.parametrize("make", [lambda: nn.Linear(500, 400), lambda: nn.Conv2d(16, 64, 3)])
@pytest.mark.filterwarnings("ignore:.*weight_norm.*is deprecated:FutureWarning")
def test_a_weight_under_weight_norm_is_drawn_through_it(wrap, make):
    layer = wrap(make())
    eoc.init_(layer, POINT, seeded())
    shape = (2, layer.in_features) if isinstance(layer, nn.Linear) else (1, 16, 9, 9)
    layer(torch.zeros(shape))  # computed anew
    fan_in = layer.weight[0].numel()
    assert normal_with(layer.weight, POINT.sigma_w / math.sqrt(fan_in))
    assert normal_with(layer.bias, POINT.sigma_b)


class Twice(nn.Module):
    def forward(self, x):
        return 2 * x

    def right_inverse(self, x):
        return x / 2


class Softened(nn.Module):
    """A parametrization without an inverse."""

    def forward(self, x):
        return torch.tanh(x)


def test_a_parametrization_with_an_inverse_is_drawn_through():
    layer = nn.Linear(300, 400)
    nn.utils.parametrize.register_parametrization(layer, "weight", Twice())
    eoc.init_(layer, POINT, seeded())
    assert normal_with(layer.weight, POINT.sigma_w / math.sqrt(300))


@pytest.mark.parametrize("wrap", [
    W.spectral_norm, W.orthogonal, nn.utils.spectral_norm,
    lambda m: nn.utils.parametrize.register_parametrization(m, "weight", Softened()),
], ids=["spectral", "orthogonal", "old spectral", "no inverse"])  # fmt: skip
@pytest.mark.filterwarnings("ignore:.*is deprecated:FutureWarning")
def test_what_cannot_be_drawn_is_left_as_it_was_and_told(wrap):
    layer = wrap(nn.Linear(30, 30))
    model = nn.Sequential(nn.Linear(5, 30), layer)
    layer.eval()
    before = bits(layer)
    with pytest.warns(UserWarning, match=r"^1 \(\w*Linear\): left alone: .*(weight|singular)"):
        eoc.init_(model, POINT, seeded())
    assert same(before, layer)
    assert normal_with(model[0].weight, POINT.sigma_w / math.sqrt(5))


def test_a_pruning_mask_counts():
    layer = nn.Linear(400, 300)
    prune.random_unstructured(layer, "weight", amount=0.75)
    with pytest.warns(UserWarning, match="mean number of weights that its mask leaves"):
        eoc.init_(layer, POINT, seeded())
    layer(torch.zeros(1, 400))
    left = layer.weight_mask.sum(1, keepdim=True)
    kept = layer.weight_mask.bool()
    assert not layer.weight[~kept].any()
    assert normal_with((layer.weight * left.sqrt())[kept], POINT.sigma_w)
    # What the fan-in is for.
    out = layer.weight @ torch.randn(400, 50, generator=seeded(1))
    assert out.var().item() == pytest.approx(POINT.sigma_w**2, rel=0.1)


def test_a_unit_that_a_mask_cuts_off_is_zero():
    layer = nn.Linear(4, 3)
    mask = torch.ones(3, 4)
    mask[1] = 0
    prune.custom_from_mask(layer, "weight", mask)
    with pytest.warns(UserWarning, match="mask"):
        eoc.init_(layer, POINT, seeded())
    assert torch.isfinite(layer.weight).all() and not layer.weight[1].any()


class Masked(nn.Linear):
    """As in MADE: the forward pass masks the weight."""

    def __init__(self, fan_in, out):
        super().__init__(fan_in, out)
        self.register_buffer("mask", torch.ones(out, fan_in).tril())

    def forward(self, x):
        return nn.functional.linear(x, self.weight * self.mask, self.bias)


def test_a_layer_that_computes_something_of_its_own_is_told():
    with pytest.warns(UserWarning, match=r"Masked\): it computes something of its own: the fan-in"):
        eoc.init_(Masked(9, 9), POINT, seeded())


@pytest.mark.parametrize("other", RECURRENT, ids=lambda m: type(m).__name__)
def test_layers_that_the_theory_does_not_have_are_told(other):
    model = nn.ModuleDict({"other": other, "linear": nn.Linear(5, 5)})
    before = bits(other)
    with pytest.warns(UserWarning, match=rf"^other \({type(other).__name__}\): left alone: "):
        eoc.init_(model, POINT, seeded())
    assert same(before, other)


def test_an_encoder_layer_has_its_linear_layers_drawn_and_its_attention_left():
    model = nn.TransformerEncoderLayer(64, 4, 128)
    before = bits(model.self_attn)
    with pytest.warns(UserWarning, match=r"^self_attn \(MultiheadAttention\): left alone"):
        eoc.init_(model, POINT, seeded())
    assert same(before, model.self_attn)
    assert normal_with(model.linear1.weight, POINT.sigma_w / 8)


def test_a_shared_weight_is_drawn_once():
    model = nn.Sequential(nn.Linear(50, 50), nn.Tanh(), nn.Linear(50, 50, bias=False))
    model[2].weight = model[0].weight
    alone = nn.Sequential(nn.Linear(50, 50))
    eoc.init_(alone, POINT, seeded())
    with pytest.warns(UserWarning, match=r"^2 \(Linear\): .* is that of 0, drawn once$"):
        eoc.init_(model, POINT, seeded())
    assert torch.equal(model[0].weight, alone[0].weight)


def test_a_weight_shared_with_an_embedding_is_left_alone():
    model = nn.ModuleDict({"embedding": nn.Embedding(900, 40), "lm_head": nn.Linear(40, 900)})
    model["lm_head"].weight = model["embedding"].weight
    model["inner"] = nn.Linear(40, 40)
    before = model["embedding"].weight.clone()
    with pytest.warns(UserWarning, match=r"^lm_head .* also that of embedding \(Embedding\)$"):
        eoc.init_(model, POINT, seeded())
    assert torch.equal(model["embedding"].weight, before)


@pytest.mark.parametrize("layer", [nn.Linear, nn.Conv1d])
def test_what_has_no_memory_is_refused_before_anything_is_drawn(layer):
    shape = (3, 4) if layer is nn.Linear else (3, 4, 1)
    model = nn.Sequential(nn.Linear(3, 3), layer(*shape, device="meta"))
    before = model[0].weight.clone()
    with pytest.raises(ValueError, match=r"^module: 1\.weight is on the meta device"):
        eoc.init_(model, POINT)
    assert torch.equal(model[0].weight, before)


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0)])
@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_a_layer_without_weights_has_nothing_to_draw(shape):
    layer = nn.Linear(*shape)
    assert eoc.init_(layer, POINT, seeded()) is layer
    assert torch.isfinite(layer.bias).all()


def test_a_recommendation_is_taken_as_its_point():
    advice = eoc.recommend("tanh", 10)
    one, two = nn.Linear(9, 9), nn.Linear(9, 9)
    eoc.init_(one, advice, seeded())
    eoc.init_(two, advice.point, seeded())
    assert torch.equal(one.weight, two.weight)


@pytest.mark.parametrize(("arguments", "said"), [
    ((nn.Linear(2, 2), "tanh"), r"^point = 'tanh'; allowed is what edge_point or recommend"),
    ((nn.Linear(2, 2), (1.3, 0.2)), r"^point = \(1\.3, 0\.2\); allowed is"),
    ((nn.Linear(2, 2), None), r"^point = None; allowed is"),
    (([nn.Linear(2, 2)], POINT), r"^module: a list; allowed is a torch\.nn\.Module"),
    ((nn.Linear(2, 2).weight, POINT), r"^module: a Parameter; allowed is"),
    ((nn.Linear(2, 2), POINT, 3), r"^generator = 3; allowed is a torch\.Generator, such as"),
])  # fmt: skip
def test_wrong_arguments_are_told_in_one_line(arguments, said):
    with pytest.raises(ValueError, match=said) as error:
        eoc.init_(*arguments)
    assert "\n" not in str(error.value)


def test_what_was_drawn_is_printed_on_request(capsys):
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8, 5), nn.LSTM(5, 5))
    with pytest.warns(UserWarning, match="LSTM"):
        eoc.init_(model, POINT, seeded(), verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", "kind", "shape", "fan-in", "weights", "biases", "note"]
    assert lines[1].split() == [
        "0",
        "Conv2d",
        "8x3x3x3",
        "27",
        f"{POINT.sigma_w / 27**0.5:.7g}",
        "0.2",
    ]
    assert lines[2].split()[:4] == ["2", "Linear", "5x8", "8"]
    assert lines[3].startswith("3     LSTM    20x5") and "left alone: a recurrent" in lines[3]
