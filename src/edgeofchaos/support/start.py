"""Before a run: results/ can be written to, and what it holds is what was written there."""

from __future__ import annotations

import inspect
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from edgeofchaos.support.artifacts import SUMS, damaged
from edgeofchaos.support.config import check_digits
from edgeofchaos.support.config_values import ConfigError

DAMAGED = ".damaged"
LOCKS = Path(".snakemake/locks")
_PATIENCE = 60  # seconds for Slurm to answer


class StartError(Exception):
    """The run cannot start; the message is one line."""


def check_folders(names: Iterable[str]) -> None:
    """Whether each of ``names`` can be used as a folder, or be made.

    Raises:
        StartError: one is a link to what is not there any more, or no folder.
    """
    for name in names:
        path = Path(name)
        for above in reversed([path, *path.parents]):
            if above.is_symlink() and not above.exists():
                raise StartError(
                    f"{above} is a link to {os.readlink(above)}, which is not there; allowed is a "
                    "folder (make that one, or remove the link)"
                )
            if above.exists() and not above.is_dir():
                raise StartError(f"{above} is a file; allowed is a folder")


def start(results: Path, artifacts: Iterable[str], dry: bool) -> Iterator[str]:
    """Make ``results`` fit to be used; a line for each artifact that is not.

    Snakemake goes by times: a damaged file newer than its sources would pass for a good one. So it
    is put into results/.damaged, and Snakemake makes it again. A dry run only tells.

    Raises:
        StartError: a folder cannot be written to.
    """
    if LOCKS.is_dir() and any(LOCKS.iterdir()):
        return  # another run's files; Snakemake will say so
    if not dry:
        _writable(results)
        (results / SUMS).mkdir(parents=True, exist_ok=True)
        # Temporary files that writes left behind when they were killed.
        for path in results.rglob(".*.tmp"):
            path.unlink(missing_ok=True)
    for name in artifacts:
        path = Path(name)
        if damaged(path):
            aside = results / DAMAGED / path.relative_to(results)
            if not dry:
                aside.parent.mkdir(parents=True, exist_ok=True)
                path.replace(aside)
            then = "a run makes it again" if dry else f"made again; what was there is now {aside}"
            yield f"{name} is damaged (not what was written): {then}"


def _writable(results: Path) -> None:
    there = results if results.exists() else Path(".")
    for folder in [there, *(Path(f, d) for f, ds, _ in os.walk(results) for d in ds)]:
        if not os.access(folder, os.W_OK | os.X_OK):
            raise StartError(f"{folder} cannot be written to")


def only_target(name: str, argv: list[str]) -> bool:
    """Whether this is all that the command line asks Snakemake to make.

    The targets are not known while the Snakefile is read, so the line is read once more.
    """
    if name not in argv:
        return False
    from snakemake.cli import get_argument_parser

    return set(get_argument_parser().parse_known_args(argv[1:])[0].targets) == {name}


def told_lacking(tables: list[str], drawn: int, figures: int) -> str:
    """What is said where not every figure can be drawn from the tables that are there.

    Raises:
        StartError: none can.
    """
    told = f"these tables are not there: {', '.join(tables)}; `snakemake` makes them"
    if not drawn:
        raise StartError(f"no figure can be drawn: {told}")
    return f"{drawn} of {figures} figures can be drawn: {told}"


def stop(error: Exception) -> NoReturn:
    """End Snakemake with one line. WorkflowError would add the Snakefile's name and lines to it."""
    print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
    sys.exit(2)


def stop_without_digits(data: str) -> None:
    """End Snakemake with one line if the folder ``data`` has not got the files of MNIST."""
    try:
        check_folders([data])
        check_digits(data)
    except (ConfigError, StartError) as error:
        stop(error)


def check_slurm() -> None:
    """Whether Slurm answers, if jobs go there: the plugin for it waits for ever where none does.

    Raises:
        StartError: there is no Slurm, or it is down.
    """
    if _executor() == "slurm" and (why := _no_slurm()):
        raise StartError(f"the executor is slurm, but {why}; allowed is a machine with Slurm")


def _executor() -> str | None:
    """The executor of the command line or a profile; a Snakefile that is read is not told it.

    They cannot be read again: Snakemake has gone to the work folder since, and profiles are named
    from another one. So what Snakemake made of them is looked up among its callers.
    """
    frame = inspect.currentframe()
    while frame is not None:
        found = getattr(frame.f_locals.get("args"), "executor", None)
        if isinstance(found, str):
            return found
        frame = frame.f_back
    return None


def _no_slurm() -> str:
    """Why nothing can be submitted here; empty if it can."""
    for name in ("sbatch", "scontrol"):
        if not shutil.which(name):
            return f"there is no {name} here"
    try:
        done = subprocess.run(
            ["scontrol", "ping"], capture_output=True, text=True, timeout=_PATIENCE
        )
    except subprocess.TimeoutExpired:
        return f"scontrol ping does not answer in {_PATIENCE} s"
    lines = [*filter(None, (done.stdout + done.stderr).splitlines())]
    # Of several controllers one is enough.
    if any(line.rstrip().endswith(" is UP") for line in lines):
        return ""
    told = next((line for line in lines if " is DOWN" in line), lines[-1] if lines else "nothing")
    return f"scontrol ping says: {told}"
