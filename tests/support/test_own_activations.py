"""A function that is no activation is told in one line, before any job."""

import math
import sys

import pytest
import torch
import warm

from edgeofchaos.activations import from_spec
from edgeofchaos.support.config import ConfigError, check_own


@pytest.fixture(autouse=True)
def forked(monkeypatch):
    """An activation is tried in a process of its own."""
    monkeypatch.setattr(sys, "executable", warm.python())


GOOD = "import torch\ndef phi(x):\n    return torch.tanh(x)\n"
# The module; what is told.
NO_NETS = {"training": {"sigma_b": 0.2, "studies": {}}}
BAD = {
    "wrong shape": ("def phi(x):\n    return x[:-1]", "returned shape (6,) for shape (7,)"),
    "a sum": ("def phi(x):\n    return x.sum()", "returned shape () for shape (7,)"),
    "an outer product": ("def phi(x):\n    return x[:, None] * x", "returned shape (7, 7)"),
    "NaN": ("def phi(x):\n    return x * float('nan')", "is not finite at -3"),
    "NaN below 0": ("def phi(x):\n    return x ** 0.5", "is not finite at -3"),
    "not finite at 0": ("import torch\ndef phi(x):\n    return x.abs().log()",
                        "is not finite at 0"),
    "no tensor": ("def phi(x):\n    return x.tolist()", "returned list for shape (7,)"),
    "nothing": ("def phi(x):\n    pass", "returned NoneType"),
    "a number": ("def phi(x):\n    return 1.0", "returned float"),
    "float32": ("def phi(x):\n    return x.float()", "returned torch.float32"),
    "integers": ("def phi(x):\n    return x.long()", "returned torch.int64"),
    "a NumPy array": ("def phi(x):\n    return x.numpy()", "returned ndarray"),
    "through NumPy": ("import numpy, torch\ndef phi(x):\n"
                      "    return torch.from_numpy(numpy.tanh(x.numpy()))", "requires grad"),
    "an exception": ("def phi(x):\n    raise KeyError('Öl\\nx')", "failed on a float64 tensor"),
    "two arguments": ("def phi(x, y):\n    return x", "failed on a float64 tensor"),
    "not callable": ("phi = 3", "is a int; it must be callable"),
    "not there": ("psi = 3", "has no attribute 'phi'"),
    "no Python": ("def phi(x:\n", "cannot be loaded"),
    "a missing import": ("import nowhere_at_all\n", "No module named 'nowhere_at_all'"),
    "a softmax": ("import torch\ndef phi(x):\n    return torch.softmax(x, 0)", "elementwise"),
    "sorted": ("import torch\ndef phi(x):\n    return x.flip(0)", "elementwise"),
    "random": ("import torch\ndef phi(x):\n    return x + torch.rand_like(x)",
               "the same at each call"),
    "in place": ("def phi(x):\n    return x.mul_(2)", "changes its argument"),
    "a jump": ("import torch\ndef phi(x):\n    return torch.sign(x)", "jumps from -1 to 1 at 0"),
    "a root": ("import torch\ndef phi(x):\n    return torch.sqrt(x.abs() + 1e-300)", "not smooth"),
    "it leaves": ("import sys\nsys.exit(3)", "cannot be loaded (SystemExit(3))"),
    "it ends the process": ("import os\nos._exit(7)", "ends Python, status 7"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
@pytest.mark.slow(after=14)
def test_what_is_no_activation_is_told_in_one_line(case, tmp_path, monkeypatch):
    text, words = BAD[case]
    (tmp_path / "given.py").write_text(text + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        check_own(NO_NETS, {"tanh": {}, "mine": {"function": "given:phi"}})
    line = str(caught.value)
    assert line.startswith("config: activation 'mine', function = 'given:phi': ")
    assert words in line and line.isprintable()


def test_one_that_never_returns_is_given_up(tmp_path, monkeypatch):
    (tmp_path / "given.py").write_text("def phi(x):\n    while True:\n        pass\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("edgeofchaos.support.config._PATIENCE", 8)
    with pytest.raises(ConfigError, match="no answer in 8 s"):
        check_own(NO_NETS, {"mine": {"function": "given:phi"}})


def test_what_is_one_passes(tmp_path, monkeypatch):
    (tmp_path / "given.py").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    check_own(NO_NETS, {"mine": {"function": "given:phi", "kinks": [0.5]}})


@pytest.mark.parametrize("module", ["math:tanh", "os:system", "builtins:print", "torch:softmax"])
def test_functions_that_are_none(module):
    with pytest.raises(ValueError, match=r"mine|loaded"):
        from_spec("mine", {"function": module})


def test_functions_of_torch_pass():
    phi = from_spec("mine", {"function": "torch:tanh"})
    assert float(phi(torch.tensor(0.5))) == pytest.approx(math.tanh(0.5), rel=1e-6)


@pytest.mark.parametrize(
    ("init", "words"),
    [
        ("swish-edge", "'swish-edge'; swish at sigma_b = 0.2 is not on the edge, for q repels"),
        ("tanh-stable", "'tanh-stable'; tanh: its curve does not turn stable up to q = 1e10"),
        ("swish-printed-b0.25", "the paper prints points of swish at 0.1, 0.2, 0.3, 0.4, 0.5"),
    ],
)
def test_an_initialisation_without_a_point_is_told_before_any_job(init, words):
    study = {"shapes": [[5, 5]], "inits": ["tanh-edge", init]}
    with pytest.raises(ConfigError) as caught:
        check_own({"training": {"sigma_b": 0.2, "studies": {"mine": study}}}, {})
    line = str(caught.value)
    assert line.startswith("config: training.studies has ") and words in line
    check_own({"training": {"sigma_b": 0.2, "studies": {"mine": {**study, "shapes": []}}}}, {})
