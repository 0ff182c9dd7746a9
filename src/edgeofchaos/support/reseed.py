"""The workflow once more, with other seeds, in a folder of its own that shares everything else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgeofchaos.support.artifacts import write_text

NOT_SHARED = {"results", "config.yaml"}


def prepare(config: Mapping[str, Any], seed: int, folder: Path, here: Path) -> None:
    """Make ``folder`` one that the workflow runs in, with this seed of simulation and training.

    Args:
        config: the whole config, its scale laid over already.
        here: the work folder. What is in it is linked to, hidden files and results apart: rules
            name scripts and modules from the work folder, a user's own among them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Relative, so that those of a copied or moved project do not lead to the old place.
    above = Path(os.path.relpath(here.resolve(), folder.resolve()))
    shared = {
        path.name: above / path.name
        for path in here.iterdir()
        if path.name not in NOT_SHARED and not path.name.startswith(".")
    }
    for link in folder.iterdir():
        if link.is_symlink() and link.readlink() != shared.get(link.name):
            link.unlink()
    for name, target in shared.items():
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(target)
    data = str(here.absolute() / config["training"]["data"])
    reseeded = {
        **{key: value for key, value in config.items() if key != "scale"},
        "simulation": {**config["simulation"], "seed": seed},
        "training": {**config["training"], "seed": seed, "data": data},
        # Not run there, but checked: no seed of these may be the run's own.
        "stability": {"runs": 1, "seed": 0 if seed > 1 else 1},
    }
    write_text(json.dumps(reseeded, indent=1), folder / "config.yaml")


def run(folder: Path, snakefile: Path, here: Path, targets: Sequence[str]) -> None:
    """Run the workflow there, on one core; what is finished already is not done again.

    Raises:
        ValueError: Snakemake failed. What it said is on standard error.
    """
    # The outer run holds the lock. One that was killed has left its own here.
    command = [
        *(sys.executable, "-m", "snakemake", *targets, "--snakefile", str(snakefile.absolute())),
        *("--cores", "1", "--nolock", "--rerun-incomplete"),
        # On this machine, also where the profile of the outer run submits its jobs.
        *("--profile", "none", "--workflow-profile", "none"),
    ]
    path = os.pathsep.join(filter(None, [str(here.absolute()), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": path}, stdout=sys.stderr
    )
    if done.returncode:
        raise ValueError(f"snakemake in {folder} ended with status {done.returncode}")
