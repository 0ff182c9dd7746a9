"""Before a run: results/ can be written to, and what it holds is what was written there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from edgeofchaos.support.artifacts import SUMS, damaged

DAMAGED = ".damaged"
LOCKS = Path(".snakemake/locks")


class StartError(Exception):
    """The run cannot start; the message is one line."""


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
