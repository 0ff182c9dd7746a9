"""The scripts as programs: help, bad arguments, what they leave behind, and atomic writing."""

import csv
import json
import math
import os
import stat
import sys
from pathlib import Path

import pytest
from places import ROOT

from edgeofchaos.support import artifacts, program, tables
from edgeofchaos.support.experiment import _NO_OPTIONS as INTERNAL
from edgeofchaos.support.experiment import Arguments, Declared, declared

PROGRAMS = sorted((ROOT / "scripts").glob("*.py"))
HEAVY = {"torch", "matplotlib.pyplot", "seaborn"}
TABLES = ("edge", "fixed-points", "threshold", "windows", "folds", "conditions", "constants")


def names(folder):
    return sorted(p.name for p in folder.iterdir())


# As programs

# Forks for each script, runs it there as __main__ with --help, and tells its status, what it has
# loaded of HEAVY, and what it has said.
HELPS = f"""
import json, os, runpy, sys
from pathlib import Path
told = {{}}
sys.path.insert(0, {str(ROOT / "scripts")!r})
for script in sys.argv[1:]:
    pid = os.fork()
    if not pid:
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.argv, status = [script, "--help"], 0
        try:
            runpy.run_path(script, run_name="__main__")
        except SystemExit as left:
            status = left.code
        sys.stdout.flush()
        heavy = sorted(set({sorted(HEAVY)!r}) & set(sys.modules))
        Path("told").write_text(json.dumps([status, heavy]))
        os._exit(0)
    os.waitpid(pid, 0)
    files = (Path("told"), Path("out"), Path("err"))
    status, out, err = (file.read_text() for file in files)
    told[script] = [*json.loads(status), out, err]
print(json.dumps(told))
"""


def test_help_explains_every_script_and_loads_nothing_heavy(cold_python, tmp_path):
    done = cold_python(tmp_path, "-c", HELPS, *PROGRAMS)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told) == len(PROGRAMS) > 30
    for name, (status, heavy, out, err) in told.items():
        script = Path(name)
        assert (script.name, status, heavy, err) == (script.name, 0, [], "")
        assert out.startswith(f"usage: {script.name}")
        first = script.read_text(encoding="utf-8").splitlines()[0].strip('"')
        assert first in " ".join(out.split()), script.name


def test_an_unknown_argument_is_told_in_one_line_by_every_script(python, tmp_path):
    for script in PROGRAMS:
        done = python(tmp_path, script, "--no-such-option", "3")
        assert (script.name, done.returncode, done.stdout) == (script.name, 2, "")
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"error: {script.name}: ")
        assert names(tmp_path) == []


BAD = [
    ("merge", ["--folders", "absent", "--outputs", "x.csv"], "absent/x.csv"),
    ("manifest", [], "--artifacts and --output are needed"),
    ("manifest", ["--verify", "absent.json"], "absent.json"),
    ("manifest", ["--artifacts", "absent", "--output", "x.json"], "absent"),
    ("figures", ["--figure", "nope", "--tables", "x", "--pdf", "p", "--png", "q"], "'nope'"),
    ("claims", ["--tables", "absent.csv", "--csv", "c", "--json", "j"], "absent.csv"),
    ("relu_like", ["--slopes", "1;0", "--layers", "10", "--relu-like", "a",
     "--relu-like-map", "b", "--relu-like-rates", "c"], "'1;0'"),
    ("relu_like", ["--slopes", "1,0", "--layers", "10.0", "--relu-like", "a",
     "--relu-like-map", "b", "--relu-like-rates", "c"], "'10.0'"),
    ("variance", ["--sigma-b", "one"], "'one'"),
    ("variance", ["--sigma-b", "nan"], "argument --sigma-b: 'nan'; allowed is a finite number"),
    ("variance", ["--layers", "0"], "argument --layers: '0'; allowed is a whole number >= 1"),
    ("nets_width", ["--widths", "10", "0"], "--widths: '0'; allowed is a whole number >= 1"),
    ("nets_width", ["--seed", "-1"], "--seed: '-1'; allowed is a whole number >= 0"),
    ("relu_like", ["--slopes", "0,0"], "'0,0'; allowed are slopes of which one is not 0"),
    ("phase_diagram", ["--sigma-b", "1", "0", "3"], "MIN = 1; allowed is MIN <= MAX"),
    ("phase_diagram", ["--activation", "tanh", "--sigma-b", "0", "1", "2.5", "--sigma-w", "1", "2",
     "2", "--phase-diagram", "p"], "POINTS = 2.5; allowed is a whole number"),
    ("nets_rates", ["--nets", "swish", "--width", "9", "--layers", "9", "--draws", "9", "--seed",
     "1", "--nets-rates", "a", "--nets-exponents", "b"], "'swish'; allowed is NAME=NUMBER"),
    ("report", ["--claims", "absent.json", "--figures", ".", "--tables", ".", "--output", "o"],
     "phase_diagram.png"),
    ("phase_diagram", ["--activation", "tanh", "--spec", "{", "--sigma-b", "0", "1", "2",
     "--sigma-w", "1", "2", "2", "--phase-diagram", "p"], "'{' is not JSON"),
    ("phase_diagram", ["--activation", "tanh", "--spec", "[]", "--sigma-b", "0", "1", "2",
     "--sigma-w", "1", "2", "2", "--phase-diagram", "p"], "a JSON object is allowed"),
    ("phase_diagram", ["--activation", "nope", "--sigma-b", "0", "1", "2",
     "--sigma-w", "1", "2", "2", "--phase-diagram", "p"], "nope"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "arguments", "told"), BAD, ids=[f"{name} {told}" for name, _, told in BAD]
)
def test_a_bad_argument_ends_in_one_line_and_leaves_nothing(
    name, arguments, told, python, tmp_path
):
    done = python(tmp_path, ROOT / "scripts" / f"{name}.py", *arguments)
    assert done.returncode == 2
    # Before it the log has the command, where all arguments could be read, and pandas's warnings.
    *before, line = done.stderr.splitlines()
    assert line.startswith(f"error: {name}.py: ") and told in line
    assert not [s for s in before if s.startswith(("error", "usage", "Traceback"))]
    assert names(tmp_path) == []


TABLE = b"x,y\n1,2\n"
# What is in the file "given" (None: it is a folder), and what is told of it.
CONTENTS = [
    ("check_report", ["given", "given"], None, "given"),
    ("check_report", ["given", "given"], b"", "given: not a table"),
    ("check_report", ["given", "given"], bytes(range(256)), "given"),
    ("check_report", ["given", "given"], TABLE, "given: not what is expected there"),
    ("stability", ["--verdicts", "given", "--stability", "s"], TABLE, "it has no 'claim'"),
    ("figures", ["--figure", "relu_like_map", "--tables", "relu_like_map.csv", "--pdf", "p",
     "--png", "q"], TABLE, "--tables relu_like_map.csv: not what is expected"),
    ("figures", ["--figure", "surfaces", "--tables", "given.npz", "--pdf", "p", "--png", "q"], b"",
     "given.npz: no file of arrays"),
    ("figures", ["--figure", "surfaces", "--tables", "given.npz", "--pdf", "p", "--png", "q"],
     TABLE, "given.npz: no file of arrays"),
    ("claims", ["--tables", "train_curves.csv", "--csv", "c", "--json", "j"], TABLE,
     "--tables: not what is expected there (it has no 'step')"),
    ("compare", ["there", "--ours", "here"], b"[1]", "here or there: not what is expected"),
    ("mnist_from_package", ["given.whl", "--output", "o"], TABLE, "given.whl: File is not a zip"),
    ("mnist_from_package", ["given.tar.gz", "--output", "o"], TABLE, "given.tar.gz: "),
    ("mnist_from_package", ["given.whl", "--output", "o"], None, "given.whl"),
    ("reseed", ["--config", "[]", "--seed", "1", "--snakefile", "S", "--folder", "f", "--tables",
     "given", "--verdicts", "v"], TABLE, "--config: not what is expected"),
    ("manifest", ["--verify", "given"], b"[1]", "given: not a manifest"),
]  # fmt: skip
READ = {"given", "train_curves", "relu_like_map"}
PLACES = {"compare": ("here/claims/claims.json", "there/claims/claims.json")}


@pytest.mark.parametrize(
    ("name", "arguments", "content", "told"),
    CONTENTS,
    ids=[f"{name} {told}" for name, _, _, told in CONTENTS],
)
def test_a_file_that_holds_something_else_is_told_in_one_line(
    name, arguments, content, told, python, tmp_path
):
    given = [a for a in arguments if a.split(".")[0] in READ]
    for i, place in enumerate(PLACES.get(name, given)):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(content + b" " * i)
    done = python(tmp_path, ROOT / "scripts" / f"{name}.py", *arguments)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    (line,) = [s for s in done.stderr.splitlines() if s.startswith("error")]
    assert told in line


# The last four are names of scripts, or were.
@pytest.mark.parametrize("module", ["of_my_own", "edge", "train", "simulation", "common"])
def test_a_script_runs_by_hand_with_a_function_from_the_work_folder(module, python, tmp_path):
    (tmp_path / f"{module}.py").write_text("def half(x):\n    return x.tanh() / 2\n")
    outputs = [a for t in TABLES for a in (f"--{t}", f"out/{t}.csv")]
    spec = json.dumps({"function": f"{module}:half"})
    done = python(
        tmp_path, ROOT / "scripts/edge.py", "--activation", "mine", "--spec", spec,
        "--sigma-b", "0.1", "0.3", *outputs,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    log = done.stderr.splitlines()
    assert log[0].startswith("command: python ") and f"{module}:half" in log[0]
    assert "torch " in log[-2] and log[-2].startswith("versions: python ")
    assert log[-1].startswith("seconds: ")
    assert names(tmp_path / "out") == sorted(f"{t}.csv" for t in TABLES)
    with (tmp_path / "out/edge.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(r["activation"], float(r["sigma_b"])) for r in rows] == [("mine", 0.1), ("mine", 0.3)]
    # tanh(x)/2 with 2 sigma_w is tanh with sigma_w: the edge of Tanh at the same sigma_b.
    assert all(abs(float(r["chi1"]) - 1) < 1e-9 for r in rows)


def test_negative_slopes_can_be_given(python, tmp_path):
    outputs = ["--relu-like", "a.csv", "--relu-like-map", "b.csv", "--relu-like-rates", "c.csv"]
    slopes = ["--slopes=-1.0,0.25", "--slopes=2.0,-1.0"]
    done = python(tmp_path, ROOT / "scripts/relu_like.py", *slopes, "--layers", "10", *outputs)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "a.csv").open(newline="") as stream:
        pairs = [(float(r["lambda"]), float(r["beta"])) for r in csv.DictReader(stream)]
    assert pairs == [(-1.0, 0.25), (2.0, -1.0)]


def test_merging_keeps_the_order_and_refuses_other_columns(python, tmp_path):
    for name, text in (("b", "x,y\n1,0.1\n"), ("a", "x,y\n2,0.3\n"), ("none", "x,y\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "t.csv").write_text(text)
    merge = (ROOT / "scripts/merge.py", "--outputs", "out/t.csv", "--folders")
    assert python(tmp_path, *merge, "b", "none", "a").returncode == 0
    merged = (tmp_path / "out/t.csv").read_text()
    assert merged == "x,y\n1,0.10000000000000001\n2,0.29999999999999999\n"
    (tmp_path / "none/t.csv").write_text("x,z\n")
    done = python(tmp_path, *merge, "b", "none", "a")
    assert done.returncode == 2
    assert "none/t.csv: columns ['x', 'z']; expected ['x', 'y']" in done.stderr
    assert (tmp_path / "out/t.csv").read_text() == merged


EXPERIMENTS = sorted(
    p.stem for p in (ROOT / "src/edgeofchaos/experiments").glob("*.py")
    if (ROOT / "scripts" / p.name).is_file()
)  # fmt: skip


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_keyword_of_an_experiment_is_an_option_or_said_to_be_none(name):
    said = declared(name)
    options = {a.dest for a in Arguments(name, "").parser._actions}
    of_a_type = {k for k, (annotation, _) in said.keywords.items() if annotation in INTERNAL}
    assert options >= set(said.keywords) - of_a_type - {"phi"}
    assert set(said.tables) <= options
    # Each option is explained in the docstring.
    assert set(said.about) >= set(said.keywords) - of_a_type


def test_a_keyword_that_no_option_can_be_made_of_is_an_error(monkeypatch):
    wrong = Declared({"fast": ("bool", "False")}, {}, ())
    monkeypatch.setattr("edgeofchaos.support.experiment.declared", lambda name: wrong)
    with pytest.raises(TypeError, match="no option can be made of fast: bool"):
        Arguments("any", "")


# Writing


def full(descriptor):
    raise OSError(28, "No space left on device")


def stopped(*paths):
    raise KeyboardInterrupt


class Faulty:
    """A row whose value cannot be written."""

    def __str__(self):
        raise ValueError("no text for this")


def fails(what, path, monkeypatch):
    """Writes to ``path`` in a way that fails; returns the error that is expected."""
    if what == "disk full":
        monkeypatch.setattr(os, "fsync", full)
        return OSError, lambda: artifacts.write_text("new", path)
    if what == "stopped":
        monkeypatch.setattr(os, "replace", stopped)
        return KeyboardInterrupt, lambda: tables.write_csv([{"x": 1}], path)
    if what == "no text":
        return ValueError, lambda: tables.write_csv([{"x": Faulty()}], path)
    if what == "not UTF-8":
        return UnicodeEncodeError, lambda: artifacts.write_text("\ud800", path)
    return TypeError, lambda: artifacts.write_bytes("text, not bytes", path)


WAYS = ["disk full", "stopped", "no text", "not UTF-8", "no bytes"]


@pytest.mark.parametrize("what", WAYS)
@pytest.mark.parametrize("old", [None, "old"], ids=["nothing there", "an artifact there"])
def test_a_failed_write_leaves_all_as_it_was(what, old, tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    if old is not None:
        path.write_text(old)
    error, write = fails(what, path, monkeypatch)
    with pytest.raises(error):
        write()
    assert names(tmp_path) == ([] if old is None else ["table.csv"])
    assert old is None or path.read_text() == old


def test_a_write_makes_folders_and_a_file_that_others_can_read(tmp_path):
    path = tmp_path / "a" / "b" / "x.txt"
    artifacts.write_text("σ\n", path)
    assert path.read_bytes() == "σ\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    artifacts.write_text("new", path)
    assert (path.read_text(), names(path.parent)) == ("new", ["x.txt"])


def test_the_old_content_is_there_until_the_new_is_complete(tmp_path, monkeypatch):
    path = tmp_path / "x.txt"
    path.write_text("old")
    seen = []

    def watched(descriptor):
        seen.append((path.read_text(), len(names(tmp_path))))

    monkeypatch.setattr(os, "fsync", watched)
    artifacts.write_text("new", path)
    assert (seen, path.read_text()) == ([("old", 2)], "new")


def test_floats_come_back_bit_for_bit(tmp_path):
    values = [
        0.1,
        1 / 3,
        5e-324,
        1.7976931348623157e308,
        -0.0,
        math.pi * 1e-30,
        math.inf,
        -math.inf,
    ]
    tables.write_csv([{"x": v} for v in values], tmp_path / "x.csv")
    lines = (tmp_path / "x.csv").read_bytes().decode().split("\n")
    assert [float(s).hex() for s in lines[1:-1]] == [v.hex() for v in values]


def test_a_table_without_rows_has_its_header(tmp_path):
    tables.write_csv([], tmp_path / "x.csv", ["a", "b"])
    assert (tmp_path / "x.csv").read_text() == "a,b\n"


@pytest.mark.parametrize("error", [ValueError("bad\nvalue"), OSError("no such file")])
def test_run_tells_an_expected_error_in_one_line(error, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["folder/some.py"])

    def main():
        raise error

    with pytest.raises(SystemExit) as left:
        program.run(main)
    assert left.value.code == 2
    *before, last = capsys.readouterr().err.splitlines()
    assert last == f"error: some.py: {' '.join(str(error).split())}"
    assert_told(before)


def assert_told(lines):
    versions, seconds = lines
    assert versions.startswith("versions: python ") and seconds.startswith("seconds: ")


def test_run_lets_an_unexpected_error_through(capsys):
    def main():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        program.run(main)
    assert_told(capsys.readouterr().err.splitlines())
