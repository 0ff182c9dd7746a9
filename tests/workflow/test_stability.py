"""`snakemake stability`: reseedings that go on after a kill, and what they count."""

import contextlib
import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from few import FEW_CONFIG

from edgeofchaos.claims.registry import CLAIMS

ASKED = ("stability", *FEW_CONFIG)


RULES = Path(__file__).resolve().parents[2] / "workflow/rules"


def test_a_reseeding_asks_for_what_all_of_simulation_asks_for():
    told, *jobs = (RULES / "simulation.smk").read_text(encoding="utf-8").split("use rule step as ")
    memory, fixed, each = map(
        int, re.search(r'"mem_mb": (\d+), "runtime": (\d+) \+ (\d+) \* len', told).groups()
    )
    assert memory == max(int(n) for job in jobs for n in re.findall(r"mem_mb=(\d+)", job))
    minutes = {"each": 0, "once": 0}
    for job in jobs:
        asked = re.search(r"runtime=(\d+)", job)
        # Those that say nothing ask for what step.smk says.
        minutes["each" if "/{activation}" in job else "once"] += int(asked[1]) if asked else 10
    assert minutes == {"each": each, "once": fixed}


@pytest.fixture
def copy(finished, tmp_path):
    """A copy of a finished run, times kept, which reseedings do not touch for others."""
    return shutil.copytree(finished, tmp_path / "copy", symlinks=True)


def listed(snakemake, folder):
    done = snakemake(folder, "-n", *ASKED)
    assert done.returncode == 0, done.stderr
    lines = (done.stdout + done.stderr).splitlines()
    return sorted(
        line.split(": ")[1] for line in lines if line.startswith("Job ") and line != "Job stats:"
    )


def killed(folder, done):
    """Run it until ``done`` is there, and kill it with all that it has started."""
    command = [sys.executable, "-m", "snakemake", *ASKED, "--cores", "2"]
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        while started.poll() is None and not done.exists():
            time.sleep(0.2)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait()
    assert done.exists()


@pytest.mark.slow
def test_reseedings_go_on_after_a_kill_and_count_every_verdict(copy, snakemake):
    assert listed(snakemake, copy) == ["reseed 1001", "reseed 1002", "stability"]
    # The tables go together when both trainings are over.
    together = copy / ".stability/1001/results/training/train_curves.csv"
    first = together.parent / "depth_8x2_adam_0.001/train_curves.csv"
    killed(copy, together)
    assert not (copy / ".stability/1001.csv").exists()
    when = first.stat().st_mtime_ns
    assert snakemake(copy, "--unlock", *ASKED).returncode == 0
    done = snakemake(copy, *ASKED, "--cores", "2")
    assert done.returncode == 0, done.stderr[-4000:]
    assert first.stat().st_mtime_ns == when  # what was finished is not done again
    with (copy / "results/claims/stability.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["claim"] for row in rows] == [claim.id for claim in CLAIMS]
    for row in rows:
        counts = {v: int(row[v]) for v in ("reproduced", "qualified", "refuted", "inconclusive")}
        assert sum(counts.values()) == 2
        assert (counts[row["modal"]], float(row["share"])) == (
            max(counts.values()), max(counts.values()) / 2,
        )  # fmt: skip
    for seed in (1001, 1002):
        log = copy / f".stability/{seed}/results/logs/nets_rates.log"
        assert f"seed: {seed}" in log.read_text(encoding="utf-8")
    # Neither `all` nor its manifest knows of it.
    again = snakemake(copy, "--cores", "1", *FEW_CONFIG)
    assert "Nothing to be done" in again.stderr
    assert "stability" not in (copy / "results/manifest.json").read_text(encoding="utf-8")
