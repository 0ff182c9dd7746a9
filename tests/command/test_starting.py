"""What the command loads, how it ends, and what it says of mistakes."""

import os
import shutil
import subprocess
import sys
import tomllib

import pytest

import edgeofchaos
from edgeofchaos.command.group import _HOMES

COMMANDS = list(_HOMES)
HEAVY = {"torch", "numpy", "scipy", "pandas", "matplotlib", "seaborn", "sklearn", "snakemake"}
LOADED = """
import sys
from edgeofchaos.cli import main

code = main(sys.argv[1:])
print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
sys.exit(code)
"""


def loaded(*arguments, **environment):
    """Exit code, output and the packages that were imported."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True,
        env={**os.environ, **environment},
    )  # fmt: skip
    return done.returncode, done.stdout, set(done.stderr.split())


@pytest.mark.parametrize(
    "arguments", [("--help",), ("-h",), ("--version",), *((c, "--help") for c in COMMANDS)]
)
def test_help_comes_without_what_is_heavy(arguments):
    code, out, packages = loaded(*arguments)
    assert code == 0 and out and not packages & HEAVY


def test_a_mistake_in_the_line_is_told_without_what_is_heavy():
    assert not loaded("edg", "tanh")[2] & HEAVY
    assert not loaded("edge", "tanh", "--sigma-b", "x")[2] & HEAVY
    assert not loaded("activations")[2] & HEAVY


def test_an_answer_loads_torch_and_nothing_of_pictures():
    code, _, packages = loaded("edge", "tanh")
    assert code == 0 and "torch" in packages and not packages & {"matplotlib", "pandas"}


def completed(words, shell="bash"):
    count = len(words.split(" ")) - 1
    return loaded(
        _EDGEOFCHAOS_COMPLETE=f"{shell}_complete", COMP_WORDS=words, COMP_CWORD=str(count)
    )


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("edgeofchaos ", COMMANDS),
        ("edgeofchaos co", ["conditions", "compare"]),
        ("edgeofchaos edge so", ["softplus", "softsign", "soft_shrink"]),
        ("edgeofchaos compare tanh sw", ["swish"]),
        ("edgeofchaos edge tanh --si", ["--sigma-b"]),
        ("edgeofchaos phase tanh --sigma-w", ["--sigma-w-from", "--sigma-w-to"]),
        ("edgeofchaos recommend tanh --de", ["--depth"]),
    ],
)
def test_completion(words, wanted):
    code, out, packages = completed(words)
    assert code == 0 and not packages & HEAVY
    assert [line.partition(",")[2] for line in out.splitlines()] == wanted


def test_files_are_completed_by_the_shell():
    assert completed("edgeofchaos edge tanh --plot e")[1].startswith("file,")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shells_ask_for_completion(shell):
    code, out, _ = loaded(_EDGEOFCHAOS_COMPLETE=f"{shell}_source")
    assert code == 0 and "edgeofchaos" in out and f"{shell}_complete" in out
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=out, text=True).returncode == 0


def test_the_version_is_one(ask, root):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == edgeofchaos.__version__
    assert ask("--version") == (0, f"edgeofchaos {project['version']}\n", "")
    assert project["scripts"] == {"edgeofchaos": "edgeofchaos.cli:main"}


def test_as_a_module_and_as_a_program(tmp_path, python):
    for arguments in (("-m", "edgeofchaos"), ("-m", "edgeofchaos.cli")):
        done = python(tmp_path, *arguments, "edge", "tanh", "--csv")
        assert (done.returncode, done.stderr) == (0, "") and "1.304145" in done.stdout
        helped = python(tmp_path, *arguments, "--help")
        assert helped.stdout.startswith("Usage: edgeofchaos ")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_says_what_is_answered(ask, command):
    code, out, err = ask(command, "--help")
    assert (code, err) == (0, "") and out.isascii()
    assert f"Usage: edgeofchaos {command}" in out
    assert all(option in out for option in ("--json", "--csv", "--plot FILE"))
    summary = out.splitlines()[2].strip()
    assert summary.endswith(".") and summary in ask("--help")[1]  # not cut short


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--json", "edge", "tanh"), "--json before the command; options come after it"),
        (("--json", "edge", "tanh"), "edgeofchaos edge ... --json"),
        (("--sigma-b", 0.2, "edge", "tanh"), "edgeofchaos edge ... --sigma-b"),
        (("--plot=x.png", "phase", "tanh"), "edgeofchaos phase ... --plot"),
        (("--verson",), "did you mean --version?"),
        (("crve", "tanh"), "did you mean curve?"),
        (("Edge", "tanh"), "did you mean edge?"),
        (("fly",), "allowed are edge, curve"),
        (("",), "there is no command ''"),
        (("--jsn",), "there is no option --jsn"),
        (("--verison",), "did you mean --version?"),
        (("edge", "tanh", "--jsno"), "did you mean --json?"),
        (("edge", "tanh", "--json", "--csv"), "--csv: not allowed with --json"),
        (("edge", "tanh", "--json=yes"), "--json"),
        (("edge", "tanh", "0.3"), "0.3"),
        (("edge", "tanh", "--sigma-b", "0.1", "-0.2"), "sigma_b = -0.2"),
        (("edge", "tanh", "\x1b[31m"), "\\x1b[31m"),
        (("edge", "tanh", "--plot", "edge.gif"), "allowed are files ending in .png, .pdf, .svg"),
        (("edge", "tanh", "--plot", "edge"), "allowed are files ending in"),
        (("edge", "tanh", "--plot", "folder.png"), "folder.png"),
        (("edge", "tanh", "--plot", "folder.png/a/b.png", "--json"), None),
        (("edge", "tanh", "--plot", "file/edge.png"), "file/edge.png cannot be written"),
        (("curve", "tanh", "--points", "1"), "points = 1; allowed is a whole number from 2"),
        (("curve", "tanh", "--points", "2.5"), "--points"),
        (("curve", "tanh", "--points", "9" * 5000), "--points"),
        (("curve", "tanh", "--sigma-b-from", "2"), "sigma_b_to = 2.0; allowed is a number above"),
        (("curve", "tanh", "--sigma-b-from", "-1"), "sigma_b_from = -1"),
        (("curve", "tanh", "--sigma-b-to", "inf"), "sigma_b_to = inf"),
        (("curve", "tanh", "--sigma-b-t", "1"), "did you mean --sigma-b-to?"),
        (("curve", "softplus"), "no edge"),
        (("curve", "relu"), "single point"),
        (("phase", "tanh", "--sigma-w-to", "nan"), "sigma_w_to = nan"),
        (("phase", "tanh", "--sigma-w-to", "0.1"), "sigma_w_to = 0.1"),
        (("phase", "tanh", "--points", "0"), "points = 0"),
        (("phase", "tahn"), "did you mean tanh"),
        (("phase",), "activation is missing"),
        (("phase", "tanh", "relu"), "unrecognized arguments: relu"),
        (("recommend", "tanh", "--depht", "3"), "did you mean --depth?"),
        (("recommend", "tanh"), "option --depth is missing"),
        (("compare",), "activation is missing"),
        (("compare", "tanh", "rleu"), "did you mean relu"),
        (("compare", "tanh", "--depth", "0"), "depth = 0"),
        (("compare", "tanh", "--sigma-b", "-1"), "sigma_b = -1"),
        (("simulate", "tanh", "--width", "0"), "width = 0"),
        (("simulate", "tanh", "--width", "999999999999"), "allowed is up to 1e+10"),
        (("simulate", "tanh", "--depth", "0"), "depth = 0"),
        (("simulate", "tanh", "--nets", "1"), "nets = 1; allowed is a whole number >= 2"),
        (("simulate", "tanh", "--seed", "-1"), "seed = -1"),
        (("simulate", "tanh", "--sigma-w", "0"), "sigma_w = 0"),
        (("simulate", "tanh", "--sigma-b", "nan"), "sigma_b = nan"),
        (("simulate", "tanh", "--correlation", "1"), "correlation = 1"),
        (("simulate", "tanh", "--correlation", "-1.5"), "correlation = -1.5"),
        (("simulate", "relu"), "single point"),
        (("simulate", "relu", "--sigma-w", "9", "--depth", "200"), "layer"),
        (("activations", "tanh"), "unrecognized arguments: tanh"),
        (("edge", "no.py:f"), "no.py:f' cannot be loaded"),
        (("edge", "bad.py:f"), "bad.py:f' cannot be loaded (division by zero)"),
        (("edge", "own.py:"), "own.py:"),
        (("edge", "own.py:g"), "no attribute 'g'"),
        (("edge", "own.py:number"), "activation"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(ask, tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "bad.py").write_text("1 / 0\n")
    (tmp_path / "own.py").write_text("number = 3\n\ndef f(x):\n    return x.tanh()\n")
    code, out, err = ask(*arguments)
    if told is None:  # a folder of any name is one
        assert code == 0 and (tmp_path / arguments[3]).is_file()
        return
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("edgeofchaos") and told in err and err.strip().isprintable()
    assert len(err) < 1200


@pytest.mark.parametrize("command", ["phase", "compare", "simulate", "curve", "conditions"])
def test_an_interrupt_is_quiet_and_leaves_no_picture(ask, module, tmp_path, command):
    name = module(f"own_stop_{command}", "def f(x):\n    raise KeyboardInterrupt\n")
    picture = tmp_path / "never.png"
    assert ask(command, f"{name}:f", "--plot", picture) == (130, "", "")
    assert not picture.exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_an_output_that_nobody_reads_is_no_error(command):
    reader, writer = os.pipe()
    os.close(reader)
    arguments = (command, "--help") if command != "activations" else (command,)
    with os.fdopen(writer, "w") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "edgeofchaos", *arguments], stdout=closed, stderr=subprocess.PIPE
        )
    assert (done.returncode, done.stderr) == (141, b"")


def test_what_is_printed_past_python_is_no_part_of_the_answer(tmp_path, python):
    (tmp_path / "own.py").write_text(
        "import os, sys\n\nos.system('echo shell')\nprint('late', file=sys.__stdout__)\n\n"
        "def f(x):\n    os.write(1, b'written\\n')\n    return x.tanh()\n"
    )
    done = python(tmp_path, "-m", "edgeofchaos", "edge", "own.py:f", "--csv")
    assert done.returncode == 0 and {"shell", "late", "written"} == set(done.stderr.split())
    assert done.stdout.startswith("activation,sigma_b") and done.stdout.count("\n") == 2
