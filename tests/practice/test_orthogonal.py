"""init_ with orthogonal weights, transposed convolutions with stride, and a scaled first layer."""

import math

import numpy as np
import pytest
import torch
from drawn_tensors import seeded
from torch import nn
from torch.nn.utils import prune

import edgeofchaos as eoc
from edgeofchaos.practice.init import draw

POINT = eoc.edge_point("tanh", 0.2)


def gram(weight):
    """W W^T or W^T W, whichever is the smaller, over sigma_w^2."""
    w = weight.detach().double()
    return (w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w) / POINT.sigma_w**2


@pytest.mark.parametrize(("out", "fan_in"), [(30, 50), (40, 40), (50, 30), (1, 7), (7, 1)])
def test_orthogonal_rows_or_columns_of_the_length_that_keeps_q(out, fan_in):
    layer = nn.Linear(fan_in, out, dtype=torch.float64)
    eoc.init_(layer, POINT, seeded(), weights="orthogonal")
    size = min(out, fan_in)
    expected = torch.eye(size, dtype=torch.float64) * (out / size) * (size / min(size, fan_in))
    assert torch.allclose(gram(layer.weight), expected, atol=1e-12)
    # The mean over rows of their squared lengths is sigma_w^2, whatever the shape.
    lengths = (layer.weight**2).sum(1).mean().item()
    assert lengths == pytest.approx(POINT.sigma_w**2, rel=1e-12)


def test_square_orthogonal_weights_keep_the_variance_without_scatter():
    layer = nn.Linear(64, 64, bias=False, dtype=torch.float64)
    eoc.init_(layer, POINT, seeded(), weights="orthogonal")
    x = torch.randn(5, 64, generator=seeded(1), dtype=torch.float64)
    ratio = (layer(x) ** 2).mean(1) / (x**2).mean(1)
    assert torch.allclose(ratio, torch.full_like(ratio, POINT.sigma_w**2), rtol=1e-12)


def test_haar_is_uniform():
    # Traces of Haar orthogonal n x n matrices have mean 0 and variance 1; those of QR as it
    # comes, with R of any sign, do not.
    layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(2000))
    eoc.init_(layers, POINT, seeded(), weights="orthogonal")
    traces = np.array([layer.weight.trace().item() / POINT.sigma_w for layer in layers])
    assert abs(traces.mean()) < 5 / math.sqrt(2000)
    assert traces.var() == pytest.approx(1.0, abs=5 * math.sqrt(2 / 2000))


@pytest.mark.parametrize(
    "layer",
    [nn.Conv2d(8, 32, 3), nn.Conv2d(8, 12, 3, groups=4), nn.Conv1d(6, 200, 3, stride=2),
     nn.ConvTranspose2d(12, 8, 3, groups=2)],
    ids=str,
)  # fmt: skip
def test_orthogonal_convolutions_group_by_group(layer):
    eoc.init_(layer, POINT, seeded(), weights="orthogonal")
    groups, transposed = layer.groups, isinstance(layer, nn.ConvTranspose2d)
    for part in layer.weight.chunk(groups):
        matrix = part.transpose(0, 1) if transposed else part
        matrix = matrix.reshape(matrix.shape[0], -1)
        found = gram(matrix)
        scale = max(1.0, matrix.shape[0] / matrix.shape[1])
        assert torch.allclose(found, scale * torch.eye(len(found)).double(), atol=1e-5)


@pytest.mark.parametrize("layer", [
    nn.Conv2d(16, 16, 3, padding=1, padding_mode="circular"),
    nn.Conv2d(16, 32, (3, 5), groups=4, padding=(1, 2)),
    nn.ConvTranspose1d(16, 16, 3, padding=1),
    nn.Conv1d(16, 16, 3, dilation=2, padding=2),
], ids=str)  # fmt: skip
def test_delta_orthogonal_weights_are_at_the_middle_and_keep_the_variance_everywhere(layer):
    eoc.init_(layer, POINT, seeded(), weights="delta-orthogonal")
    middle = (slice(None), slice(None), *(size // 2 for size in layer.kernel_size))
    rest = layer.weight.detach().clone()
    rest[middle] = 0.0
    assert not rest.any() and layer.weight[middle].all()
    x = torch.randn(400, 16, *[7] * len(layer.kernel_size), generator=seeded(1))
    with torch.no_grad():
        layer.bias.zero_()
        out = layer(x)
    assert out.shape[2:] == x.shape[2:]
    ratio = (out**2).mean((0, 1)) / POINT.sigma_w**2
    assert ((ratio - 1).abs() < 0.1).all()  # at borders too: no other tap is there to be missed
    if layer.groups == 1:
        exact = (out**2).sum(1) / (x**2).sum(1)
        assert torch.allclose(exact, torch.full_like(exact, POINT.sigma_w**2), rtol=1e-4)


@pytest.mark.parametrize(("layer", "why"), [
    (nn.Conv2d(4, 4, 2), "odd kernel"),
    (nn.Conv2d(4, 4, 3, stride=2), "stride"),
    (nn.ConvTranspose2d(4, 4, 3, stride=2), "stride"),
])  # fmt: skip
def test_what_cannot_be_delta_orthogonal_is_left_alone_and_told(layer, why):
    model = nn.Sequential(nn.Conv2d(4, 4, 3), layer)
    before = layer.weight.clone()
    with pytest.warns(UserWarning, match=rf"^1 \(\w+\): left alone: .*{why}"):
        eoc.init_(model, POINT, seeded(), weights="delta-orthogonal")
    assert torch.equal(layer.weight, before)


def test_a_mask_leaves_no_orthogonal_weight():
    layer = nn.Linear(9, 9)
    prune.random_unstructured(layer, "weight", amount=0.5)
    with pytest.warns(UserWarning, match="left alone: what a pruning mask leaves"):
        eoc.init_(layer, POINT, seeded(), weights="orthogonal")


def test_a_weight_that_torch_keeps_orthogonal_is_left_alone():
    """sigma_w times an orthogonal matrix is not orthogonal."""
    layer = nn.utils.parametrizations.orthogonal(nn.Linear(8, 8))
    with pytest.warns(UserWarning, match="left alone: its parametrization"):
        eoc.init_(layer, POINT, seeded(), weights="orthogonal")


@pytest.mark.parametrize("layer", [
    nn.ConvTranspose1d(300, 300, 3, stride=2),
    nn.ConvTranspose1d(300, 300, 5, stride=3, dilation=2),
    nn.ConvTranspose2d(120, 120, 3, stride=2, groups=2),
    nn.ConvTranspose2d(120, 120, 4, stride=2),
], ids=str)  # fmt: skip
@pytest.mark.parametrize("weights", ["gaussian", "orthogonal"])
def test_every_position_of_a_transposed_convolution_has_the_variance_of_the_theory(layer, weights):
    (row,) = draw(layer, POINT, seeded(), weights=weights)
    assert row.drawn
    uneven = any(size % step for size, step in zip(layer.kernel_size, layer.stride, strict=True))
    assert ("by position its fan-in is" in row.remark) is uneven
    inner = [slice(12, -12)] * len(layer.kernel_size)
    with torch.no_grad():
        layer.bias.zero_()
        x = torch.randn(30, layer.in_channels, *[18] * len(layer.kernel_size), generator=seeded(1))
        by_position = (layer(x) ** 2).mean((0, 1))[tuple(inner)]
    # 30 x 120 units or more each: sd of a mean of squares below 0.04, of a drawn net besides.
    assert by_position.min().item() > 0.75 * POINT.sigma_w**2
    assert by_position.max().item() < 1.3 * POINT.sigma_w**2


# The first layer.


@pytest.mark.parametrize("name", ["tanh", "relu"])
@pytest.mark.parametrize("weights", ["gaussian", "orthogonal"])
def test_the_first_layer_starts_at_q_whatever_the_inputs(name, weights):
    point = eoc.edge_point(name, 0.2 if name == "tanh" else 0.0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 4000), nn.Tanh(), nn.Linear(4000, 30))
    images = 255 * torch.rand(200, 1, 8, 8, generator=seeded(3))
    rows = draw(model, point, seeded(), weights=weights, inputs=images)
    assert "first layer, scaled to the inputs: sigma_1 = " in rows[0].remark
    assert not rows[1].remark.startswith("first")
    with torch.no_grad():
        q = (model[1](model[0](images)) ** 2).mean().item()
    assert q == pytest.approx(point.start_variance, rel=0.1)
    assert rows[1].weight_deviation == pytest.approx(point.sigma_w / math.sqrt(4000))


def test_the_first_convolution_starts_at_q():
    model = nn.Sequential(nn.Conv2d(3, 500, 3), nn.Tanh(), nn.Conv2d(500, 4, 3))
    images = 7 * torch.randn(20, 3, 12, 12, generator=seeded(3))
    eoc.init_(model, POINT, seeded(), inputs=images)
    with torch.no_grad():
        assert (model[0](images) ** 2).mean().item() == pytest.approx(POINT.q, rel=0.15)


@pytest.mark.parametrize(("inputs", "said"), [
    (torch.ones(5, 3), r"^inputs of shape \(5, 3\); allowed are \(n, \.\.\.\) with the 4 features"),
    (torch.zeros(5, 4), r"^inputs: their mean square is 0"),
    (np.ones(4), r"^inputs of shape \(4,\)"),
    ([[1.0, math.nan, 1.0, 1.0]], r"^inputs = nan"),
    ("mnist", r"^inputs = 'mnist'"),
])  # fmt: skip
def test_wrong_inputs_are_told_before_anything_is_drawn(inputs, said):
    layer = nn.Linear(4, 3)
    before = layer.weight.clone()
    with pytest.raises(ValueError, match=said):
        eoc.init_(layer, POINT, inputs=inputs)
    assert torch.equal(layer.weight, before)


def test_a_first_layer_that_is_left_alone_is_not_scaled_and_that_is_told():
    model = nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Linear(4, 4)), nn.Linear(4, 4))
    with pytest.warns(UserWarning, match="and not scaled to the inputs"):
        eoc.init_(model, POINT, seeded(), inputs=torch.ones(2, 4))
