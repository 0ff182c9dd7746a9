"""Models as people bring them: whole numbers in, compiled, hooked, keeping things."""

import warnings
from collections import deque

import pytest
import torch
from drawn_tensors import agrees, randn, seeded
from torch import nn
from torch.nn import functional

import edgeofchaos as eoc

TANH = eoc.edge_point("tanh", 0.2)
WIDTH = 120


def mlp(act=nn.Tanh):
    blocks = [m for _ in range(3) for m in (nn.Linear(WIDTH, WIDTH), act())]
    model = nn.Sequential(*blocks, nn.Linear(WIDTH, WIDTH))
    return eoc.init_(model, TANH, torch.Generator().manual_seed(0))


def whole(high, *shape):
    return torch.randint(0, high, shape, generator=seeded(2))


class Whole(nn.Module):
    """A net whose inputs are whole numbers, made to floats in one way or another."""

    def __init__(self, made):
        super().__init__()
        self.inner, self.made = mlp(), made
        self.bag, self.table = nn.EmbeddingBag(9, WIDTH), nn.Embedding(9, WIDTH)

    def forward(self, x):
        return self.inner(self.made(self, x))


@pytest.mark.parametrize(
    ("made", "x"),
    [
        (lambda m, x: x.float() / 255, whole(256, 5, WIDTH).to(torch.uint8)),
        (lambda m, x: x / 255, whole(256, 5, WIDTH)),
        (lambda m, x: x.to(torch.float32).sub(127).div(80), whole(256, 5, WIDTH)),
        (lambda m, x: functional.one_hot(x, WIDTH).float(), torch.arange(5)),
        (lambda m, x: functional.one_hot(x.view(-1), WIDTH).type_as(m.inner[0].weight),
         torch.arange(5)[:, None]),
        (lambda m, x: m.bag(x), whole(9, 5, 4)),
        (lambda m, x: m.table.weight[x], whole(9, 5, 4)),
        (lambda m, x: m.table(x + 1), whole(8, 5, 4)),
        (lambda m, x: torch.where(x > 4, 1.0, -1.0), whole(9, 5, WIDTH)),
    ],
    ids=["uint8", "quotient", "to", "one-hot", "type_as", "bag", "index", "embedding", "where"],
)  # fmt: skip
def test_inputs_may_be_whole_numbers(made, x):
    found = eoc.profile(Whole(made), x)
    assert len(found.rows) == 4 and all(row.predicted for row in found.rows)
    assert agrees(found), found.table()


def compiled_in_place():
    model = mlp()
    model.compile()
    return model


@pytest.mark.parametrize(
    "make",
    [compiled_in_place, lambda: torch.compile(mlp()),
     lambda: nn.Sequential(torch.compile(mlp()), nn.Tanh(), nn.Linear(WIDTH, WIDTH))],
    ids=["in place", "wrapped", "inside"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")  # torch's own, as it loads its compiler
def test_what_is_compiled_is_seen_as_it_was_before(make):
    model = make()
    found = eoc.profile(model, randn(4, WIDTH))
    assert agrees(found) and all(row.predicted and not row.note for row in found.rows)
    assert all(row.path == ("tanh",) for row in found.rows[1:])


@pytest.mark.parametrize(
    "make", [torch.jit.script, lambda m: torch.jit.trace(m, torch.zeros(2, WIDTH))]
)
@pytest.mark.filterwarnings("ignore")
def test_a_part_that_torchscript_compiled_is_refused_by_name(make):
    model = nn.Sequential(nn.Linear(WIDTH, WIDTH), make(mlp()))
    with pytest.raises(ValueError, match=r"^model: 1 is compiled by TorchScript; allowed is"):
        eoc.profile(model, randn(4, WIDTH))


@pytest.mark.parametrize("act", [nn.Tanh, nn.Softsign])
def test_what_a_hook_makes_of_an_activation_is_followed(act):
    model = mlp(act)
    model[1].register_forward_hook(lambda module, args, output: 3 * output)
    model[3].register_forward_pre_hook(lambda module, args: (args[0] / 2,))
    found = eoc.profile(model, randn(4, WIDTH))
    assert agrees(found), found.table()
    assert found.rows[1].q.measured > 3


class Catches(nn.Module):
    """A net that goes on where one of its modules fails."""

    def __init__(self):
        super().__init__()
        self.inner, self.bad = mlp(), nn.Sequential(nn.Linear(3, 3), nn.Tanh())

    def forward(self, x):
        try:
            self.bad(x)
        except RuntimeError:
            x = torch.tanh(functional.linear(x, self.inner[0].weight))
        return self.inner(x)


def test_a_failure_that_the_model_catches_leaves_no_trace():
    found = eoc.profile(Catches(), randn(4, WIDTH))
    assert [row.name for row in found.rows] == ["inner.0", "inner.0", "inner.2", "inner.4",
                                                "inner.6"]  # fmt: skip
    assert [row.kind for row in found.rows] == ["linear"] + ["Linear"] * 4


class Keeps(nn.Module):
    """A module that keeps what it sees, in plain attributes."""

    def __init__(self, fails):
        super().__init__()
        self.layer, self.fails = nn.Linear(WIDTH, WIDTH), fails
        self.seen, self.by_name, self.names, self.last = [1], {"a": 1}, {"a"}, deque([1], 2)
        self.total, self.grown = torch.zeros(3), nn.Parameter(torch.ones(1)) * 2
        self.sparse = torch.eye(2).to_sparse()

    def forward(self, x):
        self.seen.append(x)
        self.by_name.update(a=2, b=3)
        self.names.add("b")
        self.last.extend([2, 3])
        self.total += 1
        if self.fails:
            raise RuntimeError("fails")
        return self.layer(x)


@pytest.mark.parametrize("fails", [False, True])
def test_what_a_module_keeps_is_as_it_was(fails):
    model = Keeps(fails)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if fails:
            with pytest.raises(ValueError, match="RuntimeError: fails"):
                eoc.profile(model, randn(4, WIDTH))
        else:
            eoc.profile(model, randn(4, WIDTH))
    assert (model.seen, model.by_name, model.names) == ([1], {"a": 1}, {"a"})
    assert list(model.last) == [1] and model.last.maxlen == 2
    assert model.total.tolist() == [0.0, 0.0, 0.0]
