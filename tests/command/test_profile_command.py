"""``edgeofchaos profile``: where a model and its inputs come from."""

import json

import numpy as np
import pytest
import torch

import edgeofchaos as eoc

OWN = """
import torch
from torch import nn

print("loaded")

def net():
    print("made")
    return nn.Sequential(nn.Linear(6, 40), nn.Tanh(), nn.Linear(40, 40))

ready = net().double()

class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 6)
    def forward(self, a, b):
        return self.layer(a + b)

class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        raise RuntimeError("first\\nsecond")

def with_norm():
    return nn.Sequential(nn.Linear(6, 40), nn.BatchNorm1d(40), nn.Tanh(), nn.Linear(40, 40))

def three():
    return 3

number = 3
"""


@pytest.fixture(autouse=True)
def _own(module):
    module("own_nets", OWN)


@pytest.fixture
def rows(ask):
    def call(*arguments):
        code, out, err = ask("profile", *arguments, "--json")
        assert code == 0, err
        return json.loads(out)["rows"]

    return call


def test_it_is_what_the_library_says(ask, rows):
    code, out, err = ask("profile", "own_nets:net", "--inputs", "5x6", "--seed", 3)
    assert code == 0 and {"loaded", "made"} <= set(err.split()) and "made" not in out
    told = rows("own_nets:net", "--inputs", "5x6", "--seed", 3)
    import own_nets

    torch.manual_seed(3)
    model = own_nets.net()
    inputs = torch.randn(5, 6, generator=torch.Generator().manual_seed(3))
    found = eoc.profile(model, inputs, seed=3)
    assert out == f"{found}\n"
    assert told == found.to_dict()["rows"]


def test_inputs_are_read_from_files(rows, tmp_path):
    x = np.random.default_rng(0).normal(size=(5, 6))
    np.save("x.npy", x)
    np.save("swapped.npy", x.astype(">f8"))
    np.savez("x.npz", anything=x)
    np.savez("two.npz", a=x, b=2 * x)
    torch.save(torch.from_numpy(x), "x.pt")
    torch.save((torch.from_numpy(x), torch.from_numpy(2 * x)), "two.pt")
    found = [rows("own_nets:ready", "--inputs", f) for f in ("x.npy", "x.npz", "x.pt")]
    assert found[0] == found[1] == found[2] == rows("own_nets:ready", "--inputs", "swapped.npy")
    # In the dtype of the model.
    assert rows("own_nets.py:net", "--inputs", "x.npy")[0]["fan_in"] == 6
    two = [rows("own_nets:Two", "--inputs", f) for f in ("two.npz", "two.pt")]
    np.save("y.npy", 2 * x)
    assert two[0] == two[1] == rows("own_nets:Two", "--inputs", "x.npy", "--inputs", "y.npy")


def test_evaluation_mode(rows):
    training = rows("own_nets:with_norm", "--inputs", "9x6")
    evaluated = rows("own_nets:with_norm", "--inputs", "9x6", "--eval")
    assert training[1]["q"]["measured"] != evaluated[1]["q"]["measured"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("own_nets:net",), "option --inputs is missing"),
        (("own_nets", "--inputs", "4x6"), "MODEL = 'own_nets'"),
        (("own_nets:", "--inputs", "4x6"), "cannot be loaded"),
        (("own_nets:nte", "--inputs", "4x6"), "no attribute 'nte'"),
        (("nowhere.py:net", "--inputs", "4x6"), "nowhere.py"),
        (("nowhere:net", "--inputs", "4x6"), "nowhere"),
        (("own_nets:Broken", "--inputs", "4x6"), "first second"),
        (("own_nets:Two", "--inputs", "4x6"), "fails on these inputs"),
        (("own_nets:three", "--inputs", "4x6"), "gives a int"),
        (("own_nets:number", "--inputs", "4x6"), "is a int"),
        (("own_nets:net", "--inputs", "4x7"), "fails on these inputs"),
        (("own_nets:net", "--inputs", "1x6"), "2 inputs or more"),
        (("own_nets:net", "--inputs", "4 x 6"), "--inputs = '4 x 6'; allowed is a file"),
        (("own_nets:net", "--inputs", "x.csv"), "--inputs = 'x.csv'; allowed is a file"),
        (("own_nets:net", "--inputs", "absent.npy"), "--inputs: absent.npy cannot be read"),
        (("own_nets:net", "--inputs", "folder.pt"), "folder.pt cannot be read (Is a dir"),
        (("own_nets:net", "--inputs", "999999999x9999999"), "--inputs = '999999999x9999999'"),
        (("own_nets:net", "--inputs", "objects.npy"), "objects.npy cannot be read"),
        (("own_nets:net", "--inputs", "damaged.npz"), "damaged.npz cannot be read"),
        (("own_nets:net", "--inputs", "damaged.pt"), "damaged.pt cannot be read"),
        (("own_nets:net", "--inputs", "code.pt"), "code.pt cannot be read"),
        (("own_nets:Two", "--inputs", "4x6", "--inputs", "two.npz"), "is no single array"),
        (("own_nets:net", "--inputs", "4x6", "--seed", "-1"), "seed = -1"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(ask, arguments, told, tmp_path):
    np.save("objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.savez("two.npz", a=np.ones((4, 6)), b=np.ones((4, 6)))
    torch.save(pytest.fail, "code.pt")
    (tmp_path / "folder.pt").mkdir()
    for name in ("damaged.npz", "damaged.pt"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 no archive")
    code, out, err = ask("profile", *arguments)
    said = [line for line in err.splitlines() if line not in ("loaded", "made")]
    assert (code, out, len(said)) == (2, "", 1)
    assert said[0].startswith("edgeofchaos") and told in said[0]
