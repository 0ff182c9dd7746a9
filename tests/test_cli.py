"""The command: its three verbs, its JSON, its exit codes and its one line of complaint."""

import json
import math
import sys

import pytest

import edgeofchaos as eoc
from edgeofchaos.cli import main


@pytest.fixture(autouse=True)
def _own_path(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))


@pytest.fixture
def ask(capsys):
    """Exit code, standard output and standard error of the command."""

    def call(*arguments):
        try:
            code = main([str(a) for a in arguments])
        except SystemExit as leaving:
            code = leaving.code
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes a user's module, of its own name, into a folder that is then the current one."""
    monkeypatch.chdir(tmp_path)
    written = []

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        written.append(name)
        return name

    yield write
    for name in written:
        sys.modules.pop(name, None)


def test_edge_prints_the_point(ask):
    code, out, err = ask("edge", "tanh", "--sigma-b", 0.2, "--json")
    assert (code, err) == (0, "")
    table = json.loads(out)
    assert table == eoc.edge_point("tanh", 0.2).as_dict()
    assert table["sigma_w"] == pytest.approx(1.30414584, abs=6e-9)
    code, out, _ = ask("edge", "tanh")
    lines = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert code == 0
    assert float(lines["q"]) == pytest.approx(0.51207850, abs=6e-9)
    assert lines["status"] == "ok"


def test_conditions_prints_every_condition(ask, monkeypatch):
    code, out, err = ask("conditions", "relu", "--json")
    assert (code, err) == (0, "")
    rows = json.loads(out)
    expected = eoc.check_conditions("relu")
    assert [(r["condition"], r["holds"]) for r in rows] == [
        (c.condition, c.holds) for c in expected
    ]
    # No NaN and no infinity in JSON: null for them.
    assert [r["witness"] is None for r in rows] == [not math.isfinite(c.witness) for c in expected]
    assert None in [r["witness"] for r in rows]
    monkeypatch.setattr("edgeofchaos.theory.conditions.check_conditions", lambda phi: expected)
    code, out, _ = ask("conditions", "relu")
    assert code == 0
    assert [" yes " in line for line in out.splitlines()] == [c.holds for c in expected]


def test_recommend_prints_point_and_scale(ask):
    code, out, err = ask("recommend", "relu", "--depth", 10, "--json")
    assert (code, err) == (0, "")
    table = json.loads(out)
    assert table["sigma_w"] == pytest.approx(math.sqrt(2), rel=1e-14)
    assert (table["depth"], table["input_mean_square"]) == (10, None)
    code, out, _ = ask("recommend", "relu", "--depth", 10)
    assert code == 0
    assert "one_minus_c_at_depth" in out


def test_a_function_of_ones_own(ask, module):
    name = module("own_good", "import torch\n\ndef bent(x):\n    return torch.relu(x) + 0.1 * x\n")
    code, out, _ = ask("edge", f"{name}:bent", "--kinks", 0, "--sigma-b", 0, "--json")
    assert code == 0
    assert json.loads(out)["sigma_w"] == pytest.approx(math.sqrt(2 / (1.1**2 + 0.1**2)), rel=1e-12)


def test_help(ask):
    code, out, err = ask("--help")
    assert (code, err) == (0, "")
    assert all(verb in out for verb in ("edge", "conditions", "recommend"))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "COMMAND"),
        (("fly",), "fly"),
        (("edge",), "activation"),
        (("edge", "tahn"), "tahn"),
        (("edge", "tanh", "--sigma-b", "x"), "--sigma-b"),
        (("edge", "tanh", "--sigma-b", "-1"), "sigma_b = -1"),
        (("edge", "tanh", "--sigma-b", "nan"), "sigma_b = nan"),
        (("edge", "tanh", "--kinks", "1"), "kinks"),
        (("edge", "tanh", "--depth", "1"), "--depth"),
        (("edge", "softplus"), "no edge"),
        (("edge", "relu"), "single point"),
        (("conditions", "nowhere:f"), "nowhere"),
        (("conditions", ".relative:f"), "relative"),
        (("conditions", "math:pi"), "callable"),
        (("conditions", "math:"), "math:"),
        (("recommend", "tanh"), "--depth"),
        (("recommend", "tanh", "--depth", "0"), "depth = 0"),
        (("recommend", "tanh", "--depth", "1.5"), "--depth"),
        (("recommend", "softplus", "--depth", "5"), "no edge"),
    ],
)
def test_a_mistake_is_one_line_on_standard_error(ask, arguments, word):
    code, out, err = ask(*arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith("edgeofchaos")
    assert word in err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("own_syntax", "def f(:\n"),
        ("own_crash", "1 / 0\n"),
        ("own_lines", "def f(x):\n    raise RuntimeError('first\\nsecond')\n"),
        ("own_step", "import torch\n\ndef f(x):\n    return x + torch.sign(x - 0.3)\n"),
        ("own_fast", "import torch\n\ndef f(x):\n    return torch.exp(x * x)\n"),
    ],
)
def test_a_broken_function_of_ones_own_is_one_line_too(ask, module, name, text):
    code, out, err = ask("edge", f"{module(name, text)}:f")
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_as_a_process(tmp_path, python):
    done = python(tmp_path, "-m", "edgeofchaos.cli", "edge", "softplus")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
