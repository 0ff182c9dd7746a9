"""Applies each fault of the catalogue in a copy of the project, and tells which tier notices it.

    python tests/faults/run.py [--only WORDS] [--tier near|fast|slow] [--jobs 2]

A fault is an edit of one file: `old`, which is there once, becomes `new`. The tests of the module
are run first, then those that mention it, then all others of the fast tier, then the slow tier; the
first test that fails ends it. What is told is kept in `noticed.csv` beside this file, so that a run
that was interrupted goes on; a fault, or the file that it is in, that has changed since is tried
again. `--tier near` stops after the tests that are about the module, `--tier fast` after the fast
tier: the slow one takes half an hour for a fault that nothing notices.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("OMP_NUM_THREADS", "1")

import warm
import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TESTS = HERE.parent
NOTICED = HERE / "noticed.csv"
COLUMNS = ("file", "fault", "tier", "tried", "seconds", "test", "of")
STAGES = ("near", "fast", "slow")
MARKS = "<!-- faults: written by make test-faults -->", "<!-- end of faults -->"
NOBODY = "nobody"
NEAR = 4  # test files that are tried before all others
# Looked at by tests of another place, that need no run of the workflow.
BESIDE = {
    "scripts": ("support/test_scripts.py", "support/test_programs.py"),
    "workflow": ("support/test_config.py", "support/test_malformed.py", "test_pages.py"),
    "config.yaml": ("support/test_config.py", "test_pages.py"),
    "Snakefile": ("workflow/test_elsewhere.py",),
}


@dataclass(frozen=True)
class Fault:
    """An edit of one file that makes the project wrong."""

    name: str
    file: str
    old: str
    new: str

    def apply(self, folder: Path) -> None:
        """Write it into a copy of the project.

        Raises:
            ValueError: the text to change is not there, or more than once.
        """
        path = folder / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file}: {text.count(self.old)} places for {self.name!r}, not 1")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")

    @property
    def of(self) -> str:
        """What it was tried on: itself and the file, as a sum."""
        text = (ROOT / self.file).read_text(encoding="utf-8")
        return hashlib.sha256("\0".join((self.old, self.new, text)).encode()).hexdigest()[:12]


def catalogue() -> list[Fault]:
    """Every fault of the YAML files beside this one."""
    return [
        Fault(**entry)
        for file in sorted(HERE.glob("*.yaml"))
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


def near(file: str) -> list[str]:
    """The test files that are about a file: of the same name first, then those that mention it."""
    path = Path(file)
    module = file.removeprefix("src/").removesuffix(".py").replace("/", ".")
    package, _, stem = module.rpartition(".")
    mentions = [re.compile(rf"\b{re.escape(module)}\b")]
    if package:
        mentions.append(re.compile(rf"from {re.escape(package)} import [^\n]*\b{stem}\b"))
    tests = sorted(TESTS.rglob("test_*.py"))
    mirrored = [t for t in tests if t.stem in (f"test_{stem}", f"test_{path.stem}")]
    named = [t for t in tests if any(m.search(t.read_text(encoding="utf-8")) for m in mentions)]
    beside = [TESTS / name for name in BESIDE.get(path.parts[0], BESIDE.get(file, ()))]
    folder = [t for t in tests if t.parent.name == path.parent.name and t.parent != TESTS]
    ordered = [*dict.fromkeys([*mirrored, *named, *beside, *folder])][:NEAR]
    return [t.relative_to(ROOT).as_posix() for t in ordered]


class Copies:
    """Copies of what git tracks, one a job."""

    def __init__(self, base: Path) -> None:
        self.base, self.free, self.lock = base, [], Lock()
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        self.names = [n for n in listed.split("\0") if n and (ROOT / n).exists()]

    def take(self) -> Path:
        """A copy that nobody uses."""
        with self.lock:
            if self.free:
                return self.free.pop()
            folder = Path(tempfile.mkdtemp(dir=self.base)) / "project"
        for name in self.names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name, follow_symlinks=False)
        # Copies of the copy are made of what git tracks.
        for call in (["init", "-q"], ["add", "--all"]):
            subprocess.run(["git", *call], cwd=folder, check=True)
        return folder

    def give(self, folder: Path, fault: Fault) -> None:
        """Back, without the fault."""
        shutil.copyfile(ROOT / fault.file, folder / fault.file, follow_symlinks=False)
        with self.lock:
            self.free.append(folder)


def first_failure(folder: Path, arguments: list[str]) -> str:
    """The first test that fails or cannot be collected; empty where all pass.

    Raises:
        RuntimeError: pytest ended otherwise, which says nothing of the fault.
    """
    call = ["-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", "-rfE", *arguments]
    done = subprocess.run(
        [sys.executable, *call], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    if done.returncode in (0, 5):
        return ""
    told = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    if told is None:
        said = (done.stdout + done.stderr)[-2000:]
        raise RuntimeError(f"pytest ended with status {done.returncode}: {said}")
    return told[1]


def tried(fault: Fault, copies: Copies, stages: tuple[str, ...]) -> dict[str, str]:
    """Which tier notices a fault, and by which test."""
    start, folder, files = time.monotonic(), copies.take(), near(fault.file)
    every = ["-n", "2", "--dist", "loadfile"]
    runs = {"near": [("fast", files)], "fast": [("fast", every)],
            "slow": [("slow", files), ("slow", every)]}  # fmt: skip
    found, tier = "", NOBODY
    try:
        fault.apply(folder)
        for tier, arguments in (run for stage in stages for run in runs[stage]):
            found = first_failure(folder, ["--tier", tier, *arguments])
            if found:
                break
    finally:
        copies.give(folder, fault)
    return {
        "file": fault.file, "fault": fault.name, "tier": tier if found else NOBODY,
        "tried": stages[-1], "seconds": f"{time.monotonic() - start:.0f}", "test": found,
        "of": fault.of,
    }  # fmt: skip


def known() -> dict[tuple[str, str], dict[str, str]]:
    """What earlier runs have found, by the fault and what it was tried on."""
    if not NOTICED.is_file():
        return {}
    with NOTICED.open(encoding="utf-8", newline="") as stream:
        return {(row["fault"], row["of"]): row for row in csv.DictReader(stream)}


def write(rows: list[dict[str, str]]) -> None:
    """The table, in the order of the files."""
    with NOTICED.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(sorted(rows, key=lambda row: (row["file"], row["fault"])))


def part(file: str) -> str:
    """The part of the project that a file belongs to."""
    path = Path(file)
    if path.parts[0] != "src":
        return path.parts[0] if len(path.parts) > 1 else "the top folder"
    return path.parts[2] if len(path.parts) > 3 else "edgeofchaos"


def summary(faults: list[Fault], rows: dict[str, dict[str, str]]) -> str:
    """A table in Markdown: by part of the project, how many faults each tier notices."""
    counts: dict[str, Counter[str]] = {}
    for fault in faults:
        told = rows.get(fault.name, {"tier": "not tried"})["tier"]
        counts.setdefault(part(fault.file), Counter())[told] += 1
    columns = ("fast", "slow", NOBODY, "not tried")
    lines = ["| part | faults | fast tier | slow tier | nobody so far | not tried |",
             "| --- " * 6 + "|"]  # fmt: skip
    total = sum(counts.values(), Counter())
    for name, count in [*sorted(counts.items()), ("all", total)]:
        cells = [str(sum(count.values())), *(str(count[c]) for c in columns)]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def put(table: str, path: Path) -> None:
    """Write the table between its marks on a page."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not (begin and end):
        raise ValueError(f"{path} lacks the marks {' and '.join(MARKS)}")
    path.write_text(f"{before}{begin}\n\n{table}\n\n{end}{after}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="part of the file or of the name of a fault")
    parser.add_argument("--tier", choices=STAGES, default="slow", help="up to which")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    faults, done = catalogue(), known()
    rows = {f.name: done[f.name, f.of] for f in faults if (f.name, f.of) in done}
    warm.python()  # for all of them
    most, waiting = STAGES.index(args.tier), {}
    for fault in faults:
        row = rows.get(fault.name)
        # What earlier runs have tried is not tried again.
        stages = STAGES[STAGES.index(row["tried"]) + 1 if row else 0 : most + 1]
        asked = args.only in f"{fault.file} {fault.name}"
        if asked and stages and (row is None or row["tier"] == NOBODY):
            waiting[fault] = stages
    # In an order that has all parts of the project in any part of it.
    order = random.Random(0).sample(list(waiting), len(waiting))
    with tempfile.TemporaryDirectory(prefix="faults") as base:
        copies, lock = Copies(Path(base)), Lock()

        def one(fault: Fault) -> None:
            row = tried(fault, copies, waiting[fault])
            with lock:
                rows[fault.name] = row
                write(list(rows.values()))
                print(f"{row['tier']:6} {row['seconds']:>5} s  {fault.file}: {fault.name}"
                      f"  [{row['test']}]", flush=True)  # fmt: skip

        with ThreadPoolExecutor(args.jobs) as pool:
            list(pool.map(one, order))
    put(summary(faults, rows), ROOT / "CONTRIBUTING.md")
    counts = Counter(row["tier"] for row in rows.values())
    print(f"{len(rows)} faults, noticed by: " + ", ".join(f"{t} {n}" for t, n in counts.items()))
    return 1 if counts[NOBODY] else 0


if __name__ == "__main__":
    sys.exit(main())
