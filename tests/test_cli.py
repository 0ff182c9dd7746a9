"""The command: its first three verbs, its JSON, its exit codes and its one line of complaint."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

import edgeofchaos as eoc


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
        (("edge", "own.py"), "activation = 'own.py'; allowed is file.py:object"),
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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("edg", "tanh"), "did you mean edge?"),
        (("edge", "tanh", "--sigmab", "3"), "did you mean --sigma-b?"),
        (("edge", "tahn"), "did you mean tanh"),
        (("edge", "tanh", "--sigma-b", "1e400"), "sigma_b = inf"),
        (("edge", "tanh", "--sigma-b", "1e200"), "sigma_b = 1e+200"),
        (("edge", "tanh", "--sigma-b", "1e5"), "where none is looked for"),
        (("edge", "tanh", "--sigma-b"), "--sigma-b"),
        (("edge", "tanh", "--kinks", "a"), "--kinks"),
        (("edge", "torch:abs", "--kinks", "nan"), "kinks[0] = nan"),
        (("recommend", "tanh", "--depth", "1000000000"), "depth = 1000000000"),
        (("conditions", ""), "activation"),
        (("conditions", "tanh", "swish"), "unrecognized"),
    ],
)
@pytest.mark.parametrize("json", [(), ("--json",)])
def test_a_mistake_is_told_with_what_was_meant(ask, arguments, told, json):
    code, out, err = ask(*arguments[:1], *json, *arguments[1:])
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("own_exit", "import sys\nsys.exit(3)\n", "own_exit:f' cannot be loaded (SystemExit(3))"),
        ("own_exits", "import sys\n\ndef f(x):\n    sys.exit('bye')\n", "SystemExit('bye')"),
        ("own_numpy", "def f(x):\n    return x.numpy(force=True)\n", "returned ndarray"),
        ("own_far", "def f(x):\n    assert x.abs().max() < 9, 'far\\nout'\n    return x.tanh()\n",
         "far out"),
        ("own_deep", "def f(x):\n    return f(x)\n", "recursion"),
    ],
)  # fmt: skip
def test_whatever_ones_own_code_does_it_is_one_line(ask, module, name, text, told):
    code, out, err = ask("edge", f"{module(name, text)}:f", "--json")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err


def test_what_ones_own_code_prints_is_no_part_of_the_answer(ask, module):
    text = "print('loaded')\n\ndef f(x):\n    print('called')\n    return x.tanh()\n"
    code, out, err = ask("edge", f"{module('own_prints', text)}:f", "--json")
    assert code == 0 and json.loads(out)["activation"] == "f"
    assert {"loaded", "called"} == set(err.split())


@pytest.mark.parametrize(
    "text", ["raise KeyboardInterrupt\n", "def f(x):\n    raise KeyboardInterrupt\n"]
)
def test_an_interrupt_is_quiet(ask, module, text):
    assert ask("edge", f"{module('own_stopped', text)}:f") == (130, "", "")


def test_a_fault_of_the_program_is_one_line(ask, monkeypatch):
    def fault(phi, sigma_b):
        raise IndexError("list index\nout of range")

    monkeypatch.setattr("edgeofchaos.theory.edge.edge_point", fault)
    assert ask("edge", "tanh") == (2, "", "edgeofchaos: IndexError: list index out of range\n")


COMMAND = (sys.executable, "-m", "edgeofchaos.cli")


def test_an_output_that_nobody_reads_is_no_error():
    for arguments in (("edge", "tanh"), ("--help",)):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as closed:
            done = subprocess.run([*COMMAND, *arguments], stdout=closed, stderr=subprocess.PIPE)
        assert done.stderr == b""
    full = Path("/dev/full")
    if full.exists():
        with full.open("w") as stream:
            done = subprocess.run([*COMMAND, "edge", "tanh"], stdout=stream, stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)


def test_a_mistake_is_no_answer_where_standard_error_is_closed():
    line = " ".join([*COMMAND, "edge", "tahn", "2>&-"])
    done = subprocess.run(["sh", "-c", line], stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (2, b"")


def test_a_terminal_of_few_characters(tmp_path):
    (tmp_path / "own_name.py").write_text("def größe(x):\n    return x.tanh()\n", encoding="utf-8")
    few = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [*COMMAND, "edge", "own_name:größe"], cwd=tmp_path, env=few, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"gr\xf6\xdfe" in done.stdout
