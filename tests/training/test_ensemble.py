"""Members of an ensemble train as if alone; a stopped training ends as if it had not stopped."""

import math
from functools import partial

import numpy as np
import pytest
import torch

from edgeofchaos import Activation, activation
from edgeofchaos.training import ensemble as ensembles
from edgeofchaos.training.ensemble import Ensemble
from edgeofchaos.training.loop import batches, train
from edgeofchaos.training.parameters import Member

SIZE, BATCH = 300, 16


@pytest.fixture(scope="module")
def digits():
    rng = np.random.default_rng(0)
    images = rng.random((SIZE, 20)).astype(np.float32)
    labels = (images[:, :10].argmax(1)).astype(np.int64)
    return torch.from_numpy(images), torch.from_numpy(labels)


def members(**changed):
    made = [
        Member(activation(name), b, w, scale, seed)
        for name, b, w, scale in (("relu", 0.0, 1.4, 1.0), ("tanh", 0.2, 1.3, 2.0),
                                  ("swish", 0.3, 1.6, 0.5))
        for seed in range(2)
    ]  # fmt: skip
    for i, member in changed.get("replace", {}).items():
        made[i] = member
    return made


def ensemble(of, **kwargs):
    return Ensemble(of, width=12, depth=3, inputs=20, **kwargs)


def run(net, digits, steps, **kwargs):
    history = []
    train(net, *digits, steps=steps, batch=BATCH, every=5,
          report=lambda step, losses: history.append((step, losses)), **kwargs)  # fmt: skip
    return history


def plain(net, i):
    """Member i of an ensemble as torch.nn.Linear layers with the same parameters."""
    member, layers = net.members[i], []
    for layer, bias in enumerate(net.parameters.biases):
        weight = net.parameters.weights_of(layer)
        linear = torch.nn.Linear(weight.shape[1], weight.shape[2])
        with torch.no_grad():
            linear.weight.copy_(weight[i].T)
            linear.bias.copy_(bias[i, 0])
        layers.append(linear)

    def forward(x):
        x = member.scale * x
        for linear in layers[:-1]:
            x = member.phi(linear(x))
        return layers[-1](x)

    return forward, [p for linear in layers for p in linear.parameters()]


@pytest.mark.parametrize(("name", "make"), [
    ("adam", torch.optim.Adam), ("sgd", torch.optim.SGD), ("rmsprop", torch.optim.RMSprop),
    ("momentum", partial(torch.optim.SGD, momentum=0.9)),
])  # fmt: skip
def test_each_member_is_the_same_net_trained_alone(digits, name, make):
    net = ensemble(members(), optimiser=name, dtype=torch.float32)
    alone = [plain(net, i) for i in range(len(net.members))]
    run(net, digits, 20)
    images, labels = digits
    for i, (forward, parameters) in enumerate(alone):
        optimiser = make(parameters, lr=1e-3)
        for step in range(20):
            picked = torch.from_numpy(batches(net.members[i].seed, step, SIZE, BATCH))
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(forward(images[picked]), labels[picked]).backward()
            optimiser.step()
        out = forward(images)
        torch.testing.assert_close(net.logits(images[None])[i], out, rtol=2e-4, atol=2e-5)
        assert net.accuracy(images, labels)[i] == pytest.approx(
            float((out.argmax(1) == labels).float().mean()), abs=1.5 / SIZE
        )


def test_movement_is_how_far_weights_are_from_where_they_started(digits):
    net = ensemble(members())
    start = [net.parameters.weights_of(layer).clone() for layer in range(4)]
    assert torch.equal(net.movement(), torch.zeros(6, 4))
    run(net, digits, 7)
    found = net.movement()
    for layer, before in enumerate(start):
        after = net.parameters.weights_of(layer)
        for i in range(6):
            expected = torch.linalg.matrix_norm(after[i] - before[i])
            expected /= torch.linalg.matrix_norm(before[i])
            torch.testing.assert_close(found[i, layer], expected)
    assert (found > 0).all()


def by_autograd(net, images, labels):
    """The gradients of the sum of the members' losses, as one vector."""
    own = net.parameters
    weights = [own.weights_of(i).clone().requires_grad_() for i in range(len(own.weights))]
    biases = [bias.clone().requires_grad_() for bias in own.biases]
    total = 0.0
    for i, member in enumerate(net.members):
        seed = i % len(net.seeds)
        x = member.scale * images[seed]
        for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            x = (member.phi(x) if layer else x) @ weight[i] + bias[i]
        total = total + torch.nn.functional.cross_entropy(x, labels[seed])
    total.backward()
    first = own.by_seed(weights[0].grad)
    return torch.cat([t.flatten() for t in (first, *(w.grad for w in weights[1:]))]
                     + [b.grad.flatten() for b in biases])  # fmt: skip


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_gradients_are_those_of_autograd_whatever_the_batch(digits, depth):
    # All have functions of PyTorch's own but gelu and the last, which bears the name of a built-in.
    phis = [*map(activation, ("relu", "elu", "gelu", "swish", "tanh")),
            Activation("tanh", lambda x: x + torch.sin(x))]  # fmt: skip
    of = [Member(phi, 0.3, 1.4, 0.7, seed) for phi in phis for seed in range(2)]
    net = Ensemble(of, width=7, depth=depth, inputs=20, dtype=torch.float64)
    images, labels = digits[0].double(), digits[1]
    for batch in (5, 8, 8, 1):
        shown, told = images[: 2 * batch].unflatten(0, (2, -1)), labels[: 2 * batch].view(2, -1)
        expected = by_autograd(net, shown, told)
        net.accuracy(images, labels)  # uses no memory of a step's
        net.step(shown, told)
        torch.testing.assert_close(net.parameters.vector.grad, expected, rtol=1e-10, atol=1e-12)


def test_a_member_that_diverges_touches_no_other(digits):
    wild = Member(activation("relu"), 0.0, 1e20, 1.0, 0)
    healthy, with_wild = ensemble(members()), ensemble(members(replace={0: wild}))
    run(healthy, digits, 12)
    run(with_wild, digits, 12)
    for layer in range(4):
        assert torch.equal(
            healthy.parameters.weights_of(layer)[1:], with_wild.parameters.weights_of(layer)[1:]
        )
        assert torch.equal(
            healthy.parameters.biases[layer][1:], with_wild.parameters.biases[layer][1:]
        )
    found = with_wild.accuracy(*digits)
    assert math.isnan(found[0]) and np.isfinite(found[1:]).all()


def test_a_resumed_training_ends_bit_identical(digits, tmp_path):
    whole = ensemble(members())
    history = run(whole, digits, 20)
    saved = []
    first = ensemble(members())
    run(first, digits, 10, checkpoint=saved.append)
    torch.save(saved[-1], tmp_path / "c.pt")
    second = ensemble(members())
    second.restore(torch.load(tmp_path / "c.pt", weights_only=True))
    rest = run(second, digits, 20)
    assert torch.equal(whole.parameters.vector, second.parameters.vector)
    assert [s for s, _ in history] == [0, 5, 10, 15, 20] and [s for s, _ in rest] == [15, 20]
    assert all(torch.equal(a[1], b[1]) for a, b in zip(history[3:], rest, strict=True))


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5], [0, 2, 4, 1, 3, 5], [0, 1, 2]])
def test_the_order_of_members_changes_nothing(digits, order):
    net, reordered = ensemble(members()), ensemble([members()[i] for i in order])
    run(net, digits, 5)
    run(reordered, digits, 5)
    assert len(reordered.seeds) == (2 if len(order) == 6 and order[1] == 1 else len(order))
    for layer in range(4):
        found = reordered.parameters.weights_of(layer)
        torch.testing.assert_close(
            found, net.parameters.weights_of(layer)[order], rtol=1e-5, atol=1e-6
        )


def test_members_of_one_seed_share_their_numbers():
    net = ensemble(members())
    relu, tanh = net.parameters.weights[1][0] / 1.4, net.parameters.weights[1][2] / 1.3
    torch.testing.assert_close(relu, tanh)
    assert not torch.allclose(net.parameters.weights[1][0], net.parameters.weights[1][1])


@torch.no_grad()
def test_weights_and_biases_have_their_variances():
    wide = Ensemble([Member(activation("tanh"), 0.5, 1.7, 1.0, 3)], width=400, depth=2, inputs=100)
    drawn = [
        (wide.parameters.weights_of(0), 1.7**2 / 100),
        (wide.parameters.weights_of(1), 1.7**2 / 400),
    ]
    for tensor, variance in [*drawn, (wide.parameters.biases[1], 0.25)]:
        # chi-squared: five standard deviations of the estimate
        allowed = 5 * math.sqrt(2 / tensor.numel())
        assert float(tensor.square().mean()) / variance == pytest.approx(1, abs=allowed)


def test_batches_are_an_epoch_without_repetition_and_depend_on_the_seed_alone():
    epoch = np.concatenate([batches(1, step, SIZE, BATCH) for step in range(SIZE // BATCH)])
    assert len(set(epoch)) == len(epoch) == SIZE // BATCH * BATCH
    assert np.array_equal(batches(1, 40, SIZE, BATCH), batches(1, 40, SIZE, BATCH))
    assert not np.array_equal(batches(1, 0, SIZE, BATCH), batches(2, 0, SIZE, BATCH))
    assert not np.array_equal(batches(1, 0, SIZE, BATCH), batches(1, SIZE // BATCH, SIZE, BATCH))


@pytest.mark.parametrize(("change", "words"), [
    ({"members": []}, "members: there are none"), ({"width": 0}, r"\(width, depth\) = \(0, 2\)"),
    ({"optimiser": "lion"}, "optimiser = 'lion'"), ({"learning_rate": math.nan}, "learning_rate"),
    ({"precision": "float8"}, "precision = 'float8'"),
])  # fmt: skip
def test_what_is_refused(change, words):
    arguments = {"members": members(), "width": 4, "depth": 2, "inputs": 20, **change}
    with pytest.raises(ValueError, match=words):
        Ensemble(arguments.pop("members"), **arguments)


def test_mixed_precision_rounds_the_products_alone(digits):
    full, mixed = ensemble(members()), ensemble(members(), precision="bfloat16")
    (_, first), *_ = run(full, digits, 5)[1:]
    (_, rounded), *_ = run(mixed, digits, 5)[1:]
    assert not torch.equal(first, rounded)
    torch.testing.assert_close(first, rounded, rtol=0.05, atol=0)  # bfloat16 has 8 bits
    assert mixed.parameters.vector.dtype == torch.float32
    assert rounded.dtype == torch.float32


@pytest.mark.parametrize("units", [False, True])
def test_a_product_in_bfloat16_is_that_of_the_rounded_numbers(units, monkeypatch):
    monkeypatch.setattr(ensembles, "_has_bfloat16_units", lambda: units)
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(3, 17, 40, generator=generator)
    b = torch.randn(3, 40, 23, generator=generator)
    found = ensembles._bfloat16_product(a, b)
    exact = a.bfloat16().double() @ b.bfloat16().double()
    # Sums in float32 are off by 1e-5 here, and then rounded to 8 bits.
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.double(), exact, rtol=2.0**-8, atol=1e-5)
    assert (found == exact.bfloat16()).double().mean() > 0.99


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_trains_like_the_cpu(digits):
    cpu, gpu = ensemble(members()), ensemble(members(), device="cuda")
    run(cpu, digits, 10)
    run(gpu, tuple(t.cuda() for t in digits), 10)
    torch.testing.assert_close(
        cpu.parameters.vector, gpu.parameters.vector.cpu(), rtol=1e-3, atol=1e-4
    )
