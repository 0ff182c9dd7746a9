"""A model's layers, measured beside mean-field theory, and the model left as it was."""

import json
import math
import random
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from drawn_tensors import agrees, randn
from torch import nn
from torch.nn import functional
from torch.nn.utils import prune

import edgeofchaos as eoc

TANH = eoc.edge_point("tanh", 0.2)
RELU = eoc.edge_point("relu", 0.0)


def mlp(depth, width, act=nn.Tanh, out=None):
    blocks = [m for _ in range(depth) for m in (nn.Linear(width, width), act())]
    return nn.Sequential(*blocks, nn.Linear(width, out or width))


def drawn(model, point, seed=0):
    return eoc.init_(model, point, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("factor", "phase"),
    [(0.77, "ordered phase"), (1.0, "edge of chaos"), (1.5, "chaotic phase")],
)
@pytest.mark.slow(after=1)
def test_a_deep_net_is_as_predicted_and_its_phase_is_named(factor, phase):
    point = replace(TANH, sigma_w=factor * TANH.sigma_w)
    found = eoc.profile(drawn(mlp(100, 300, out=50), point), randn(4, 300))
    assert len(found.rows) == 101 and agrees(found), found.sentences
    assert phase in found.sentences[0] and "agree at every layer" in found.sentences[1]
    row = found.rows[50]
    assert row.activation == "tanh" and row.path == ("tanh",) and row.fan_in == 300
    assert row.sigma_w == pytest.approx(point.sigma_w, rel=0.01)
    # The theory by itself, at these sigmas, from the layer before.
    before = found.rows[49].q.predicted
    alone = eoc.variance_map("tanh", row.sigma_b, row.sigma_w)(before)
    assert row.q.predicted == pytest.approx(alone, rel=0.02)
    change = found.rows[20].gradient.predicted / found.rows[80].gradient.predicted
    chi1 = [eoc.variance_map("tanh", r.sigma_b, r.sigma_w).chi1(r.q.predicted)
            for r in found.rows[20:80]]  # fmt: skip
    assert math.log(change) == pytest.approx(np.log(chi1).sum(), abs=1.5)


def test_the_intervals_are_no_wider_than_they_have_to_be():
    found = eoc.profile(drawn(mlp(20, 1000), TANH), randn(4, 1000))
    for row in found.rows[:-1]:
        assert row.q.predicted_high / row.q.predicted_low < 2.0
        assert row.q.step_high / row.q.step_low < 1.8
        assert row.gradient.step_high / row.gradient.step_low < 2.2


def test_pairs_are_predicted_as_the_recursion_of_pairs_has_them():
    model = drawn(mlp(6, 2000), eoc.edge_point("tanh", 0.5))
    x = torch.cat([a := randn(1, 2000), a + 0.1 * randn(1, 2000, seed=2)])
    found = eoc.profile(model, x / x.norm(dim=1, keepdim=True) * 40)
    first = found.rows[0]
    q, gamma = first.q.predicted, 1 - first.c.predicted
    for row in found.rows[1:]:
        path = eoc.pair_trajectory("tanh", row.sigma_b, row.sigma_w, q, q, gamma, 2)
        q, gamma = path.q_a[1], path.gamma[1]
        assert 1 - row.c.predicted == pytest.approx(gamma, rel=1e-3)
    assert agrees(found)


def test_what_is_not_as_the_theory_has_it_is_found_where_it_begins():
    model = drawn(mlp(12, 300), TANH)
    with torch.no_grad():  # every unit of the layer computes the same
        model[10].weight.copy_(model[10].weight[:1].expand(300, 300))
    found = eoc.profile(model, randn(4, 300))
    assert found.parts_at in ("10", "12")
    assert any(f"part at {found.parts_at}" in s for s in found.sentences)


@pytest.mark.parametrize("mode", ["zeros", "circular", "reflect"])
def test_a_convolutional_net_is_predicted_position_by_position(mode):
    blocks = []
    for i in range(6):
        conv = nn.Conv2d(3 if i == 0 else 96, 96, 3, padding=1, padding_mode=mode,
                         stride=2 if i == 3 else 1)  # fmt: skip
        blocks += [conv, nn.ReLU(inplace=True)]
    model = drawn(nn.Sequential(*blocks, nn.Flatten(), nn.Linear(96 * 16, 50)), RELU)
    found = eoc.profile(model, randn(3, 3, 8, 8))
    assert len(found.rows) == 7 and all(row.predicted for row in found.rows)
    assert agrees(found), found.table()
    assert found.rows[2].positions == 64 and found.rows[4].fan_in == 864
    q = [row.q.predicted for row in found.rows]
    # Zeros around an image lose variance, layer by layer; copies of it do not.
    assert q[2] < 0.95 * q[1] if mode == "zeros" else q[2] == pytest.approx(q[1], rel=0.15)


def test_padding_of_a_convolution_counts_as_zeros():
    model = nn.Conv1d(200, 500, 3, padding=1)
    found = eoc.profile(drawn(model, RELU), torch.ones(2, 200, 4))
    # Two of four positions see two thirds of their window.
    expected = found.rows[0].sigma_w ** 2 * (2 + 4 / 3) / 4
    assert found.rows[0].q.predicted == pytest.approx(expected, rel=1e-6) and agrees(found)


@pytest.mark.parametrize("groups", [1, 4])
def test_transposed_and_grouped_convolutions(groups):
    model = nn.Sequential(nn.Conv1d(8, 128, 3), nn.Tanh(),
                          nn.ConvTranspose1d(128, 128, 4, stride=2, groups=groups))  # fmt: skip
    assert agrees(eoc.profile(drawn(model, TANH), randn(4, 8, 20)))


class Residual(nn.Module):
    def __init__(self, width, depth, norm=False):
        super().__init__()
        self.first = nn.Linear(width, width)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.norms = nn.ModuleList(
            nn.LayerNorm(width) if norm else nn.Identity() for _ in range(depth)
        )

    def forward(self, x):
        x = self.first(x)
        for norm, layer in zip(self.norms, self.layers, strict=True):
            x = x + layer(functional.relu(norm(x)))
        return x


@pytest.mark.parametrize("norm", [False, True])
def test_a_residual_net(norm):
    found = eoc.profile(drawn(Residual(400, 8, norm), RELU), randn(4, 400))
    assert agrees(found) and all(row.predicted and not row.note for row in found.rows)
    assert found.rows[3].path[0] == "residual sum"
    assert "Residual sums" in " ".join(found.sentences)
    # Without a norm every block adds as much as there is; with one it adds the same.
    growth = found.rows[8].q.predicted / found.rows[1].q.predicted
    assert growth == pytest.approx(1.0 if norm else 2**7, rel=0.3)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("evaluated", [True, False])
def test_a_transformer_encoder(batch_first, evaluated):
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(64, 4, 256, 0.1, "gelu", batch_first=True, norm_first=True)
    model = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).train(not evaluated)
    if not batch_first:
        inner, model = model, nn.Module()
        model.inner = inner
        model.forward = lambda x: inner(x.transpose(0, 1).transpose(0, 1))
    found = eoc.profile(model, randn(4, 7, 64))
    kinds = [row.kind for row in found.rows]
    assert kinds == ["MultiheadAttention", "Linear", "Linear"] * 2
    assert [row.predicted for row in found.rows] == [False, True, True] * 2
    assert "attention mixes positions" in found.rows[0].note and agrees(found)
    assert ("dropout" in found.rows[2].path) is not evaluated
    assert found.rows[1].path[-2:] == ("residual sum", "LayerNorm")


def test_dead_units_are_told():
    model = drawn(mlp(4, 300, nn.ReLU), RELU)
    assert "Dead" not in " ".join(eoc.profile(model, randn(8, 300)).sentences)
    with torch.no_grad():
        model[2].bias[:200] = -30.0
    found = eoc.profile(model, randn(8, 300))
    assert found.rows[1].off > 0.66 > 0.5 > found.rows[1].off_by_chance
    assert any(
        s.startswith("Dead units: in 1 layer ") and "most in 2" in s for s in found.sentences
    )
    assert found.parts_at == "4" and "biases have a mean" in found.rows[1].note


def normed(make, width=300, act=nn.Tanh):
    blocks = [m for _ in range(5) for m in (nn.Linear(width, width), make(width), act())]
    return drawn(nn.Sequential(*blocks, nn.Linear(width, width)), replace(TANH, sigma_w=3.0))


@pytest.mark.parametrize(
    ("name", "make"),
    [("LayerNorm", nn.LayerNorm), ("RMSNorm", nn.RMSNorm), ("GroupNorm", partial(nn.GroupNorm, 1)),
     ("BatchNorm", lambda n: nn.BatchNorm1d(n).eval())],
)  # fmt: skip
def test_a_normalisation_layer_is_predicted(name, make):
    found = eoc.profile(normed(make), randn(4, 300))
    assert agrees(found), found.table()
    assert all(row.path == (name, "tanh") for row in found.rows[1:])
    assert any(s.startswith(f"{name}, a normalisation layer") for s in found.sentences)
    assert "phase (" not in " ".join(found.sentences)


def test_batch_norm_in_training_mode_is_measured_and_marked():
    found = eoc.profile(normed(nn.BatchNorm1d), randn(8, 300))
    assert "BatchNorm in training mode" in found.rows[1].note and agrees(found)
    assert found.rows[1].predicted and math.isnan(found.rows[0].gradient.predicted)


def test_dropout_acts_in_training_mode_alone():
    blocks = [m for _ in range(5) for m in (nn.Linear(400, 400), nn.Tanh(), nn.Dropout(0.5))]
    model = drawn(nn.Sequential(*blocks, nn.Linear(400, 400)), TANH)
    x = randn(1, 400).expand(3, -1)
    on, off = eoc.profile(model, x), eoc.profile(model.eval(), x)
    assert agrees(on) and agrees(off)
    assert on.rows[-1].c.measured < 0.9 and off.rows[-1].c.measured == 1.0
    assert on.rows[3].q.predicted > 1.3 * off.rows[3].q.predicted
    assert "Dropout" in " ".join(on.sentences) and "Dropout" not in " ".join(off.sentences)


def test_a_shared_layer_has_a_row_a_call():
    layer = nn.Linear(300, 300)
    found = eoc.profile(drawn(nn.Sequential(layer, nn.Tanh(), layer, nn.Tanh(), layer), TANH),
                        randn(4, 300))  # fmt: skip
    assert [(r.name, r.call) for r in found.rows] == [("0", 1), ("0", 2), ("0", 3)]
    assert found.rows[2].title == "0 (call 3)"


class Functional(nn.Module):
    """A net whose activations are calls in its forward pass."""

    def __init__(self, call):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(300, 300) for _ in range(3))
        self.call = call

    def forward(self, x):
        for layer in self.layers:
            x = self.call(layer(x))
        return x


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (functional.relu, "relu"), (torch.tanh, "tanh"), (lambda x: x.tanh(), "tanh"),
        (lambda x: x.relu_(), "relu"), (functional.gelu, "gelu"), (torch.sigmoid, "sigmoid"),
        (lambda x: functional.gelu(x, approximate="tanh"), "gelu_tanh"), (torch.sin, "sin"),
        (functional.silu, "swish"), (lambda x: functional.elu(x, 0.5), "elu(alpha=0.5)"),
        (lambda x: functional.leaky_relu(x, 0.2, True), "leaky_relu(negative_slope=0.2)"),
        (lambda x: x.clamp(-2, 2), "clamp_-2_2"), (functional.hardtanh, "hardtanh"),
        (functional.softplus, "softplus"), (functional.mish, "mish"), (torch.erf, "erf"),
    ],
)  # fmt: skip
def test_a_functional_activation_is_recognised(call, name):
    found = eoc.profile(drawn(Functional(call), TANH), randn(4, 300))
    assert [row.activation for row in found.rows] == [name] * 3
    assert agrees(found) and found.rows[1].path == (name,) and not found.rows[2].note


def test_what_is_not_recognised_is_measured_and_marked():
    found = eoc.profile(drawn(Functional(lambda x: x * torch.sigmoid(x)), TANH), randn(4, 300))
    assert "a product of two tensors that both depend on the inputs" in found.rows[1].note
    assert agrees(found)


@pytest.mark.parametrize(
    ("act", "name"), [(nn.SiLU(), "swish"), (nn.PReLU(), "leaky_relu(negative_slope=0.25)"),
                      (nn.GELU("tanh"), "gelu_tanh"), (nn.Softsign(), "softsign")],
)  # fmt: skip
def test_modules_of_activations_are_recognised(act, name):
    model = drawn(nn.Sequential(nn.Linear(200, 200), act, nn.Linear(200, 200)), TANH)
    found = eoc.profile(model, randn(4, 200))
    assert found.rows[0].activation == name and agrees(found)


def test_weights_are_read_as_they_are_used():
    layer = nn.utils.parametrizations.weight_norm(nn.Linear(400, 400))
    pruned = prune.random_unstructured(nn.Linear(400, 400), "weight", 0.5)
    with pytest.warns(UserWarning, match="its mask leaves"):
        model = drawn(nn.Sequential(layer, nn.Tanh(), pruned), TANH)
    found = eoc.profile(model, randn(4, 400))
    assert [row.sigma_w for row in found.rows] == pytest.approx([TANH.sigma_w] * 2, rel=0.02)
    assert agrees(found)


def state(model):
    return {
        "tensors": {k: v.clone() for k, v in model.state_dict().items()},
        "hooks": [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()],
        "modes": [m.training for m in model.modules()],
        "asked": [p.requires_grad for p in model.parameters()],
        "grads": [None if p.grad is None else p.grad.clone() for p in model.parameters()],
        "streams": (torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()),
        "attributes": [sorted(vars(m)) for m in model.modules()],
    }


def same(one, two):
    if isinstance(one, torch.Tensor):
        return torch.equal(one, two)
    if isinstance(one, np.ndarray):
        return np.array_equal(one, two)
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[k], two[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(same, one, two))
    return one == two


class Keeps(nn.Module):
    """A module that changes itself as it runs, and fails when told to."""

    def __init__(self, fails=False):
        super().__init__()
        self.calls, self.fails = 0, fails
        self.register_buffer("seen", torch.zeros(3))

    def forward(self, x):
        self.calls += 1
        self.last = x
        self.seen = self.seen + 1
        random.random()
        np.random.rand()
        if self.fails:
            raise RuntimeError("this\nfails")
        return x


@pytest.mark.parametrize("fails", [False, True])
def test_the_model_is_left_as_it_was(fails):
    model = nn.Sequential(nn.Linear(30, 30), nn.BatchNorm1d(30), nn.Dropout(0.5), nn.ReLU(True),
                          nn.Linear(30, 30), nn.Dropout().eval(), Keeps(fails))  # fmt: skip
    model[0].weight.requires_grad_(False)
    model(randn(4, 30)).sum().backward() if not fails else None
    model[6].__dict__.pop("last", None)
    x = randn(4, 30)
    kept, before = x.clone(), state(model)
    with torch.inference_mode():
        if fails:
            with pytest.raises(
                ValueError, match="it fails on these inputs: RuntimeError: this fails"
            ):
                eoc.profile(model, x)
        else:
            eoc.profile(model, x)
    assert same(before, state(model)) and torch.equal(x, kept) and not x.requires_grad


def test_frozen_models_and_losses_have_gradients_too():
    model = drawn(mlp(3, 100, out=10), TANH).requires_grad_(False)
    target = randn(4, 10, seed=3)
    found = eoc.profile(model, randn(4, 100), loss=lambda out: (out - target).square().mean())
    assert found.rows[0].gradient.measured > 0 and agrees(found)
    leaf = model(randn(4, 100))
    expected = (2 * (leaf - target) / leaf.numel()).square().mean()
    assert found.rows[3].gradient.measured == pytest.approx(float(expected), rel=1e-4)


def test_gradients_are_those_of_autograd():
    model = drawn(mlp(3, 60), TANH)
    x = randn(4, 60)
    found = eoc.profile(model, x, seed=5)
    readout = torch.randn(4, 60, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    second = model[:3](x).detach().requires_grad_()
    (gradient,) = torch.autograd.grad((readout.float() * model[3:](second)).sum(), second)
    assert found.rows[1].gradient.measured == pytest.approx(
        float(gradient.square().mean()), rel=1e-4
    )
    second = second.detach()
    assert found.rows[1].q.measured == pytest.approx(float(second.square().mean()), rel=1e-4)
    pairs = functional.cosine_similarity(second, second.roll(-1, 0)).mean()
    assert found.rows[1].c.measured == pytest.approx(float(pairs), abs=1e-4)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_the_dtype_of_the_model_is_used(dtype):
    found = eoc.profile(drawn(mlp(5, 200), TANH).to(dtype), randn(4, 200).to(dtype))
    assert len(found.rows) == 6 and agrees(found)


def test_a_profile_as_text_json_and_picture(tmp_path):
    found = eoc.profile(drawn(mlp(3, 100), TANH), randn(4, 100))
    lines = found.table().splitlines()
    assert len(lines) == 5 and lines[0].startswith("layer") and lines[4].startswith("6 ")
    assert str(found).endswith(found.sentences[-1])
    told = json.loads(found.to_json())
    assert told == found.to_dict() and told["rows"][1]["q"]["measured"] == found.rows[1].q.measured
    found.plot(tmp_path / "profile.png")
    assert (tmp_path / "profile.png").stat().st_size > 10_000
    with pytest.raises(ValueError, match=r"path = .*profile\.nothing"):
        found.plot(tmp_path / "profile.nothing")


NET = nn.Linear(3, 2)


@pytest.mark.parametrize(
    ("called", "said"),
    [
        (lambda: eoc.profile("net", randn(4, 3)), "model: a str; allowed is a torch.nn.Module"),
        (lambda: eoc.profile(nn.ReLU(), randn(4, 3)), "model: it runs no linear"),
        (lambda: eoc.profile(NET, randn(1, 3)), "inputs: of shape .1, 3.; allowed are 2 inputs"),
        (lambda: eoc.profile(NET, torch.tensor(1.0)), "inputs: of shape ..; allowed are 2"),
        (lambda: eoc.profile(NET, None), "inputs = None; allowed is a tensor"),
        (lambda: eoc.profile(NET, ()), "inputs: no tensor"),
        (lambda: eoc.profile(NET, torch.full((2, 3), math.nan)), "inputs: a number that is not"),
        (lambda: eoc.profile(NET, randn(2, 4)), "model: it fails on these inputs"),
        (lambda: eoc.profile(nn.LazyLinear(3), randn(2, 4)), "model: weight is lazy"),
        (lambda: eoc.profile(nn.Linear(3, 2, device="meta"), randn(2, 3)), "on the meta device"),
        (lambda: eoc.profile(NET, randn(2, 3), loss=3), "loss = 3; allowed"),
        (lambda: eoc.profile(NET, randn(2, 3), seed=-1), "seed = -1; allowed"),
        (lambda: eoc.profile(NET, randn(2, 3), level=0), "level = 0; allowed"),
    ],
)
def test_errors_are_one_line(called, said):
    with pytest.raises(ValueError, match=said) as error:
        called()
    assert "\n" not in str(error.value)


@pytest.fixture
def transformers():
    return pytest.importorskip("transformers")


def test_gpt2(transformers):
    torch.manual_seed(0)
    config = transformers.GPT2Config(n_embd=96, n_layer=2, n_head=4, vocab_size=99, n_positions=32)
    tokens = torch.randint(0, 99, (3, 12))
    found = eoc.profile(transformers.GPT2Model(config).eval(), {"input_ids": tokens})
    names = [row.name.removeprefix("h.") for row in found.rows]
    layers = ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")
    assert names == [f"{i}.{layer}" for i in range(2) for layer in layers]
    assert all(row.predicted and row.fan_in >= 96 for row in found.rows)
    assert found.parts_at is None, found.table()
    assert "attention mixes positions" in found.rows[1].note and not found.rows[3].note


def test_vit(transformers):
    torch.manual_seed(0)
    config = transformers.ViTConfig(hidden_size=96, num_hidden_layers=2, num_attention_heads=4,
                                    intermediate_size=192, image_size=32, patch_size=8)  # fmt: skip
    found = eoc.profile(transformers.ViTModel(config).eval(), randn(3, 3, 32, 32))
    assert len(found.rows) == 14 and all(row.predicted for row in found.rows)
    assert found.parts_at is None and found.rows[0].positions == 16, found.table()


def test_resnet(transformers):
    torch.manual_seed(0)
    config = transformers.ResNetConfig(embedding_size=64, hidden_sizes=[128, 256], depths=[1, 1])
    found = eoc.profile(transformers.ResNetModel(config).eval(), randn(3, 3, 32, 32))
    assert len(found.rows) == 9 and all(row.predicted for row in found.rows)
    assert found.parts_at is None and "pooling mixes positions" in found.rows[1].note
    assert "Residual sums" in " ".join(found.sentences)
