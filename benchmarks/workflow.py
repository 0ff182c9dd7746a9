"""The workflow: what a job costs beside its work, one core against two, nothing to do."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks.measure import Comparison, Contestant, Row

ROOT = Path(__file__).resolve().parents[1]
QUICK = ("results/theory/variance.csv",)
_NO_ARTIFACTS = {"logs", "benchmarks", "manifest.json"}
_IMPORTS = ("numpy", "torch", "edgeofchaos", "pandas", "seaborn", "snakemake")


class Copy:
    """A copy of the files that git tracks, to run the workflow in."""

    def __init__(self, targets: tuple[str, ...]) -> None:
        self._kept = tempfile.TemporaryDirectory()
        self.folder, self.targets = Path(self._kept.name), targets
        self.first: dict[str, str] = {}
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True,
                                capture_output=True, text=True).stdout  # fmt: skip
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).exists():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, self.folder / name, follow_symlinks=False)
        # Or the first run alone would do it.
        subprocess.run([sys.executable, "-m", "compileall", "-q", "src", "scripts"],
                       cwd=self.folder, check=True)  # fmt: skip

    def close(self) -> None:
        """Take the copy away."""
        self._kept.cleanup()

    def clean(self) -> None:
        """Take away all that a run has left."""
        for path in (self.folder / "results", self.folder / ".snakemake"):
            shutil.rmtree(path, ignore_errors=True)

    def run(self, cores: int) -> dict[str, str]:
        """One run of the smoke scale; the SHA-256 of every artifact."""
        call = [sys.executable, "-m", "snakemake", *self.targets, "--cores", str(cores),
                "--config", "scale=smoke"]  # fmt: skip
        done = subprocess.run(call, cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise ValueError(f"the workflow failed: {done.stderr.strip().splitlines()[-1]}")
        return self.artifacts()

    def artifacts(self) -> dict[str, str]:
        """What the last run has left, by its path."""
        results, found = self.folder / "results", {}
        for path in sorted(results.rglob("*")):
            first = path.relative_to(results).parts[0]
            if path.is_file() and not first.startswith(".") and first not in _NO_ARTIFACTS:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found[str(path.relative_to(results))] = digest
        return found

    def differing(self, found: dict[str, str]) -> float:
        """How many artifacts are not those of the first run."""
        self.first = self.first or found
        names = self.first.keys() | found.keys()
        return float(sum(self.first.get(n) != found.get(n) for n in names))

    def jobs(self) -> list[tuple[float, bool]]:
        """Of each job: the seconds that its program says it took, from its first line on, and
        whether it has loaded torch.
        """
        texts = [p.read_text("utf-8") for p in (self.folder / "results" / "logs").rglob("*.log")]
        said = ((text, re.search(r"^seconds: ([\d.]+)$", text, re.M)) for text in texts)
        return [(float(match[1]), ", torch " in text) for text, match in said if match]

    def memory(self) -> float:
        """MiB of the job that took most."""
        tables = (self.folder / "results" / "benchmarks").rglob("*.tsv")
        rows = [line.split("\t") for p in tables for line in p.read_text("utf-8").splitlines()[1:]]
        found = [float(row[2]) for row in rows if row[2] not in ("-", "NA")]
        return max(found, default=float("nan"))


def comparisons(quick: bool) -> list[Comparison]:
    """One comparison, each way run once: a run takes minutes."""
    copy = Copy(QUICK if quick else ("theory",))
    return [Comparison(
        "workflow",
        "The workflow: " + ("a table" if quick else "the theory") + " at the smoke scale",
        "One run each, from nothing; the last one finds all there. The error is the number of "
        "artifacts whose bytes are not those of the first run. Memory is that of the largest job.",
        [
            Contestant("two cores", partial(copy.run, 2), 0.0, prepare=copy.clean,
                       peak=copy.memory, role="ours"),
            Contestant("one core", partial(copy.run, 1), 0.0, prepare=copy.clean,
                       peak=copy.memory),
            Contestant("again, nothing to do", partial(copy.run, 1), 0.0, peak=copy.memory,
                       role="ours"),
        ],
        copy.differing,
        "artifacts that differ",
        once=True,
        facts=partial(_facts, copy, 1 if quick else 3),
        close=copy.close,
    )]  # fmt: skip


def _facts(copy: Copy, times: int, rows: list[Row]) -> dict[str, float]:
    jobs, (_, one_core, again) = copy.jobs(), (row.seconds for row in rows)
    programs, with_torch = sum(seconds for seconds, _ in jobs), sum(torch for _, torch in jobs)
    start = _least("pass", times)
    imports = {m: _least(f"import {m}", times) for m in _IMPORTS}
    return {
        "jobs": float(len(jobs)),
        "seconds in programs on one core": programs,
        "jobs that import torch": float(with_torch),
        "seconds of programs that this import takes": with_torch * (imports["torch"] - start),
        "seconds a job beside its program and beside what a run with nothing to do takes": (
            one_core - again - programs
        )
        / len(jobs),
        "seconds to start Python": start,
        **{f"seconds to import {m}, start included": s for m, s in imports.items()},
    }


def _least(code: str, times: int) -> float:
    """The least seconds of some times that a new Python takes for this."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        found.append(time.perf_counter() - start)
    return min(found)
