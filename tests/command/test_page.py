"""Every code block of docs/command.md runs, and says what there is."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgeofchaos.command.group import _HOMES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/command.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE, re.DOTALL)
LINES = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
FILES = [text for kind, text in BLOCKS if kind == "python"]


def test_every_block_is_of_a_kind_that_is_run():
    assert {kind for kind, _ in BLOCKS} == {"sh", "python", "bash", "zsh", "fish"}
    assert all(line.startswith("edgeofchaos ") for line in LINES)


@pytest.mark.parametrize("line", LINES)
def test_a_line_runs(ask, tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    for text in FILES:
        name = re.match(r"# (\w+\.py)\n", text)[1]
        (tmp_path / name).write_text(text, encoding="utf-8")
    arguments = shlex.split(line)[1:]
    code, out, err = ask(*arguments)
    assert (code, err) == (0, "") and out
    if "--plot" in arguments:
        assert (tmp_path / arguments[-1]).stat().st_size > 5000


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_line_of_a_shell_sets_completion_up(shell, tmp_path):
    (line,) = [text for kind, text in BLOCKS if kind == shell]
    program = tmp_path / "edgeofchaos"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m edgeofchaos "$@"\n')
    program.chmod(0o755)
    own = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    if shell != "bash" and not shutil.which(shell):
        # What the shell would read, at least.
        line = re.search(r"_EDGEOFCHAOS_COMPLETE=\w+ edgeofchaos", line)[0]
        shell = "sh"
    shown = {"bash": "complete -p edgeofchaos", "zsh": "true", "fish": "complete", "sh": "true"}
    done = subprocess.run(
        [shell, "-c", f"{line.strip()}\n{shown[shell]}"], env=own, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "edgeofchaos" in done.stdout or shell == "zsh"


def test_the_page_names_every_command():
    assert set(_HOMES) == set(re.findall(r"^\| `(\w+)", PAGE, re.MULTILINE))
