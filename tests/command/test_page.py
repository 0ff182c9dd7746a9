"""The page on the command names all of them, and sets up completion."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from places import ROOT

from edgeofchaos.command.group import _HOMES

PAGE = (ROOT / "docs/reference/command.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_line_of_a_shell_sets_completion_up(shell, tmp_path):
    (line,) = [text for kind, text in BLOCKS if kind == shell and "COMPLETE" in text]
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
