"""Squared gradients on the way back, entry by entry: borders of images, parts, copies."""

import copy
from functools import partial

import numpy as np
import pytest
import torch
from drawn_tensors import agrees, seeded
from torch import nn
from torch.nn import functional

import edgeofchaos as eoc

TANH = eoc.edge_point("tanh", 0.2)
RELU = eoc.edge_point("relu", 0.0)
C = 192


def randn(*shape, seed=999):
    return torch.randn(*shape, generator=seeded(seed))


def by_squares(after, y, v):
    """The mean squared gradient at y by theory: that of v^2 through a net of squared weights."""
    squared = copy.deepcopy(after).double()
    for layer in squared.modules():
        if getattr(layer, "weight", None) is not None:
            square = layer.weight.detach().square().mean()
            layer.weight = nn.Parameter(square.expand(layer.weight.shape))
            layer.bias = None
    y = y.detach().double().requires_grad_()
    (gradient,) = torch.autograd.grad((squared(y) * v.double() ** 2).sum(), y)
    return float(gradient.mean())


def assert_exact(first, after, x):
    found = eoc.profile(nn.Sequential(first, after), x, seed=3)
    y = first(x)
    shape = after(y).shape
    v = torch.randn(shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64).float()
    expected = by_squares(after, y, v)
    assert found.rows[0].gradient.predicted == pytest.approx(expected, rel=1e-6)
    if len(found.rows) == 2:  # else it starts again between
        assert found.rows[0].gradient.step == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "after",
    [
        nn.Conv2d(40, 30, 3, padding=1), nn.Conv2d(40, 30, 3, padding=1, stride=2),
        nn.Conv2d(40, 30, 3, stride=3), nn.Conv2d(40, 30, (3, 5), padding=(2, 1)),
        nn.Conv2d(40, 30, 3, padding=2, dilation=2), nn.Conv2d(40, 20, 3, padding=1, groups=4),
        nn.Conv2d(40, 30, 5, padding="same"), nn.Conv2d(40, 30, 3, padding=1, bias=False),
        nn.Conv2d(40, 30, 3, padding=1, padding_mode="circular"),
        nn.Conv2d(40, 30, 3, padding=2, padding_mode="reflect"),
        nn.Conv2d(40, 30, 3, padding=1, padding_mode="replicate", stride=2),
        nn.ConvTranspose2d(40, 30, 4, stride=2, padding=1),
        nn.ConvTranspose2d(40, 20, 3, padding=2, groups=2),
        nn.ConvTranspose2d(40, 30, 3, stride=2, padding=1, output_padding=1),
        nn.Sequential(nn.ZeroPad2d((0, 3, 1, 0)), nn.Conv2d(40, 30, 3)),
        nn.Sequential(nn.Conv2d(40, 30, 3, padding=1), nn.Flatten(), nn.Linear(30 * 42, 9)),
    ],
    ids=str,
)  # fmt: skip
def test_a_convolution_goes_back_by_the_adjoint_of_how_it_goes_forth(after):
    assert_exact(nn.Conv2d(3, 40, 1), after, randn(3, 3, 6, 7))


@pytest.mark.parametrize(
    ("after", "shape"),
    [(nn.Conv1d(40, 30, 5, padding=2, stride=2), (3, 3, 9)),
     (nn.ConvTranspose1d(40, 30, 3, stride=2, padding=2), (3, 3, 9)),
     (nn.Conv3d(40, 30, 3, padding=1), (3, 3, 4, 3, 5))],
    ids=str,
)  # fmt: skip
def test_in_one_dimension_and_in_three(after, shape):
    first = (nn.Conv1d if len(shape) == 3 else nn.Conv3d)(3, 40, 1)
    assert_exact(first, after, randn(*shape))


class Moves(nn.Module):
    def __init__(self, move, width):
        super().__init__()
        self.move, self.last = move, nn.Linear(width, 20)

    def forward(self, x):
        return self.last(self.move(x))


@pytest.mark.parametrize(
    ("move", "width"),
    [
        (lambda x: x[:, :2], 30), (lambda x: x[:, 0], 30), (lambda x: x[:, [0, 0, 2]], 30),
        (lambda x: x.transpose(1, 2).reshape(len(x), -1), 150), (lambda x: x.flatten(1), 150),
        (lambda x: torch.cat([x, x.flip(1)[:, :2]], 1), 30), (lambda x: torch.cat([x, x], 2), 60),
        (lambda x: torch.cat([x, torch.zeros(len(x), 1, 30, dtype=x.dtype)], 1), 30),
        (lambda x: x[:, :1].expand(-1, 7, -1), 30), (lambda x: x.repeat(1, 3, 1), 30),
        (lambda x: torch.stack(x.unbind(1)[:3], 1), 30), (lambda x: x.split(20, 2)[0], 20),
        (lambda x: x.transpose(1, 2).clone().transpose_(1, 2), 30),
        (lambda x: x[:, 1:] * torch.tensor([1.0, 2.0, 0.0, 3.0])[:, None], 30),
        (lambda x: x.roll(1, 1).view_as(x), 30),
    ],
)  # fmt: skip
def test_what_moves_entries_about_moves_their_gradients_back(move, width):
    first, after, x = nn.Linear(30, 30), Moves(move, width), randn(3, 5, 30)
    v = torch.randn(after(x).shape, generator=torch.Generator().manual_seed(0),
                    dtype=torch.float64)  # fmt: skip
    found = eoc.profile(nn.Sequential(first, after), x)
    assert not any(row.note for row in found.rows)
    # A factor of an entry is one of its gradient, too, and its square of that of squares.
    y = first(x).detach().double().requires_grad_()
    moved = move(y)
    square = float(after.last.weight.detach().double().square().mean())
    g = (v**2).sum(-1, keepdim=True).expand(moved.shape) * square
    columns = torch.autograd.functional.jacobian(move, y.detach()).reshape(g.numel(), y.numel())
    expected = float((g.reshape(-1) @ columns**2).mean())
    assert found.rows[0].gradient.predicted == pytest.approx(expected, rel=1e-5)


def convs(kind, depth, channels=C, act=nn.ReLU, **options):
    first = kind(3, channels, 3, padding=1)
    layers = [first, *(kind(channels, channels, 3, **options) for _ in range(depth - 1))]
    return nn.Sequential(*[m for layer in layers for m in (layer, act())])


def strided():
    strides = (1, 1, 2, 1, 1, 2, 1, 1)
    layers = [nn.Conv2d(3 if i == 0 else C, C, 3, s, 1) for i, s in enumerate(strides)]
    return nn.Sequential(*[m for layer in layers for m in (layer, nn.ReLU())])


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, C, 3, padding=1)
        self.layers = nn.ModuleList(nn.Conv2d(C, C, 3, padding=1) for _ in range(6))

    def forward(self, x):
        x = self.first(x)
        for layer in self.layers:
            x = x + layer(functional.relu(x))
        return x


def ratios(make, shape, nets=4, point=RELU, **options):
    """Measured over predicted squared gradients at each layer, the mean over nets."""
    found = []
    for seed in range(nets):
        model = eoc.init_(make(), point, torch.Generator().manual_seed(seed), **options)
        found.append(eoc.profile(model, randn(*shape, seed=900 + seed), seed=seed))
        assert agrees(found[-1]), found[-1].table()
    both = [[(r.gradient.measured / r.gradient.predicted) for r in f.rows[:-1]] for f in found]
    return np.mean(both, axis=0)


@pytest.mark.slow
def test_gradients_gather_away_from_a_padding_of_zeros():
    # Multiplied by the mean over positions they would be half as large at the first layer.
    nets = ratios(partial(convs, nn.Conv2d, 10, padding=1), (4, 3, 6, 6), nets=6)
    assert np.abs(nets - 1).max() < 0.15, nets


@pytest.mark.parametrize(
    ("make", "shape", "point"),
    [
        (partial(convs, nn.Conv2d, 6, act=nn.Tanh, padding=1), (4, 3, 5, 5), TANH),
        (partial(convs, nn.Conv2d, 6, padding=1, padding_mode="circular"), (4, 3, 5, 5), RELU),
        (strided, (4, 3, 13, 13), RELU), (Residual, (4, 3, 6, 6), RELU),
        (partial(convs, nn.Conv1d, 8, padding=1), (4, 3, 5), RELU),
        (partial(convs, nn.Conv3d, 5, 96, padding=1), (3, 3, 3, 3, 3), RELU),
        (partial(convs, nn.Conv2d, 6, padding=2, dilation=2), (4, 3, 6, 6), RELU),
        (partial(convs, nn.Conv2d, 6, padding=1, groups=2), (4, 3, 5, 5), RELU),
        (partial(convs, nn.ConvTranspose2d, 5, padding=1), (4, 3, 5, 5), RELU),
    ],
    ids=["tanh", "circular", "strided", "residual", "1d", "3d", "dilated", "grouped", "transposed"],
)  # fmt: skip
@pytest.mark.slow
def test_gradients_of_convolutional_nets_are_predicted(make, shape, point):
    nets = ratios(make, shape, point=point)
    assert np.abs(nets - 1).max() < 0.15, nets


def test_taps_that_are_zero_see_no_padding():
    # All but the middle of a window are: as if all saw it, q would be 4.9 times too small.
    make = partial(convs, nn.Conv2d, 8, 96, padding=1)
    nets = ratios(make, (4, 3, 5, 5), weights="delta-orthogonal")
    assert np.abs(nets - 1).max() < 0.15, nets


class Normed(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(300, 300) for _ in range(4))
        self.norm = nn.LayerNorm(300)

    def forward(self, x):
        for layer in self.layers:
            x = functional.relu(self.norm(layer(x)))
        return x


def test_a_norm_of_positions_that_differ_a_hundredfold():
    x = randn(4, 8, 300) * torch.logspace(-1, 1, 8)[:, None]
    found = eoc.profile(eoc.init_(Normed(), RELU, torch.Generator().manual_seed(0)), x)
    assert agrees(found), found.table()
    assert not any(np.isnan(row.gradient.predicted) for row in found.rows[:-1])
