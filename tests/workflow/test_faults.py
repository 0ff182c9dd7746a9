"""Runs that are killed, full and read-only disks, damage, two at once: results stay the same."""

import contextlib
import io
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import warm
from few import FEW_CONFIG, artifacts
from places import ROOT

from edgeofchaos.figures.catalogue import FIGURES
from edgeofchaos.support.artifacts import digest

SEED = 20181007
SOME = tuple(
    f"results/theory/{name}.csv" for name in ("variance", "departure", "activations/tanh/edge")
)


def environment(folder, **changed):
    library = folder if (folder / "src").is_dir() else ROOT
    return {**os.environ, "PYTHONPATH": str(library / "src"), "MPLBACKEND": "agg", **changed}


def begun(folder, *arguments, program=sys.executable, **changed):
    """Python in its own process group."""
    return subprocess.Popen(
        [program, *map(str, arguments)], cwd=folder, env=environment(folder, **changed),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def run(folder, *arguments, **changed):
    """(exit status, all that it said) of Snakemake."""
    process = begun(folder, "-m", "snakemake", *arguments, program=warm.python(), **changed)
    said, _ = process.communicate(timeout=600)
    return process.returncode, said


def until(condition, seconds=300, process=None):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.02)


def sums(folder):
    names = [*artifacts(folder), "results/manifest.json"]
    return {n: digest((folder / n).read_bytes()) for n in names if (folder / n).is_file()}


def processes_in(folder):
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == folder:
                found.append(process.name)
    return found


def flip(path):
    """One bit, in the middle, and the time as it was."""
    data, when = bytearray(path.read_bytes()), path.stat().st_mtime_ns
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    os.utime(path, ns=(when, when))


def halve(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.fixture(scope="module")
def expected(finished):
    """The sums of a clean run on two cores."""
    found = sums(finished)
    assert len(found) > 100
    return found


# Killed


@pytest.mark.parametrize(
    ("kills", "targets"), [(3, SOME), pytest.param(20, (), marks=pytest.mark.slow)]
)
def test_kills_leave_no_half_and_the_same_results(
    kills, targets, prepared, expected, tmp_path, record_property
):
    folder, rng = prepared(tmp_path / "killed"), random.Random(SEED)
    if targets:
        made = (
            r"results/theory/(variance|departure|activations/tanh/(?!phase|corr|id|rates).*)\.csv"
        )
        expected = {n: s for n, s in expected.items() if re.fullmatch(made, n)}
        assert len(expected) == 2 + 7
    call = ("--cores", "2", "--rerun-incomplete", *FEW_CONFIG, "--", *targets)
    # Kills fall where so many artifacts are there, and up to half a second later.
    marks = sorted(rng.uniform(0, 0.9 * len(expected)) for _ in range(kills))
    locks, told, seen = folder / ".snakemake/locks", False, []
    for mark in marks:
        process = begun(folder, "-m", "snakemake", *call, PYTHONHASHSEED="1", TZ="Asia/Kathmandu")
        until(lambda mark=mark: len(artifacts(folder)) >= mark, process=process)
        time.sleep(rng.uniform(0, 0.5))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        until(lambda: not processes_in(folder), seconds=10)  # no job lives on
        left = sums(folder)
        half = {n for n in left if ".tmp" in n}
        assert {n: s for n, s in left.items() if n not in half}.items() <= expected.items()
        seen.append(len(left) - len(half))
        if locks.is_dir():
            if not told:
                status, said = run(folder, *call)
                assert status == 1 and "--unlock" in said
                assert run(folder, "--unlock", *FEW_CONFIG)[0] == 0
                assert not locks.exists()
                told = True
            shutil.rmtree(locks, ignore_errors=True)  # as --unlock does
    assert told
    status, said = run(folder, *call, PYTHONHASHSEED="2")
    assert status == 0, said[-4000:]
    assert sums(folder) == expected
    assert not list((folder / "results").rglob("*.tmp"))
    record_property("artifacts at each kill", seen)
    print("artifacts at each kill:", seen)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The arguments of a training of some seconds, and what it writes when left alone."""

    arguments = [
        ROOT / "scripts/train.py", "--seed", 1, "--data", ROOT / "resources/mnist",
        "--device", "cpu",
        "--width", 16, "--depth", 3, "--inits", "relu-edge", "tanh-edge", "--sigma-b", 0.2,
        "--seeds", 2, "--images", 500, "--steps", 60, "--batch", 16, "--every", 10,
        "--checkpoint", "c.pt", "--train-curves", "out/curves.csv",
        "--train-gradients", "out/gradients.csv",
    ]  # fmt: skip
    folder = tmp_path_factory.mktemp("trained")
    process = begun(folder, *arguments)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert sorted(p.name for p in folder.iterdir()) == ["out"]
    return arguments, read(folder / "out")


def read(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()}


@pytest.mark.slow
def test_a_killed_training_goes_on_and_ends_the_same(trained, tmp_path):
    arguments, expected = trained
    process = begun(tmp_path, *arguments)
    until((tmp_path / "c.pt").is_file, process=process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL and not (tmp_path / "out").exists()
    checkpoint = (tmp_path / "c.pt").read_bytes()
    ways = {"as it is": "; from step ", "one bit": " is damaged; from the start",
            "half": " is damaged; from the start",
            "other": " is of another training; from the start"}  # fmt: skip
    for way, told in ways.items():
        (tmp_path / "c.pt").write_bytes(checkpoint)
        if way == "one bit":
            flip(tmp_path / "c.pt")
            # PyTorch alone would have gone on from it.
            assert torch.load(io.BytesIO((tmp_path / "c.pt").read_bytes()[128:]))
        elif way == "half":
            halve(tmp_path / "c.pt")
        elif way == "other":
            data = b"0" * 64 + checkpoint[128:]
            (tmp_path / "c.pt").write_bytes(digest(data).encode() + data)
        process = begun(tmp_path, *arguments)
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
        assert f"checkpoint: c.pt{told}" in said
        assert read(tmp_path / "out") == expected
        assert not (tmp_path / "c.pt").exists()


# Damaged, and on one core


@pytest.mark.slow
def test_all_that_is_damaged_is_made_again_on_one_core(finished, expected, tmp_path):
    folder = tmp_path / "a folder"
    shutil.copytree(finished, folder, symlinks=True)
    names = sorted(expected)
    for i, name in enumerate(names):
        (flip, halve, Path.unlink)[i % 3](folder / name)
    left = sums(folder)
    assert not left.items() & expected.items()
    status, said = run(
        folder, "--cores", "1", *FEW_CONFIG, PYTHONHASHSEED="3", TZ="America/St_Johns", LC_ALL="C"
    )
    assert status == 0, said[-4000:]
    told = [line.split()[0] for line in said.splitlines() if "is damaged (" in line]
    assert sorted(told) == sorted(left)
    assert sums(folder) == expected
    assert read_below(folder / "results/.damaged") == set(left)


def read_below(folder):
    return {f"results/{p.relative_to(folder)}" for p in folder.rglob("*") if p.is_file()}


def test_snakemake_alone_would_not_notice(finished, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder, symlinks=True)
    flip(folder / "results/theory/edge.csv")
    status, said = run(folder, "-n", *FEW_CONFIG)
    assert status == 0 and "results/theory/edge.csv is damaged" in said
    shutil.rmtree(folder / "results/.sha256")
    status, said = run(folder, "-n", *FEW_CONFIG)
    assert status == 0 and "is damaged" not in said and "Nothing to be done" in said


def test_damage_during_a_run_stops_the_job_that_reads_it(finished, tmp_path, python):
    folder = tmp_path / "copy"
    shutil.copytree(finished / "results", folder / "results")
    jobs = {
        "theory/edge.csv": ("claims.py", "--tables", "results/theory/edge.csv", "--csv", "c",
                            "--json", "j"),
        "theory/phase_diagram.csv": ("figures.py", "--figure", "phase_diagram", "--tables",
                              "results/theory/phase_diagram.csv", "--pdf", "p", "--png", "q"),
        "simulation/surfaces.npz": ("figures.py", "--figure", "surfaces", "--tables",
                                    "results/simulation/surfaces.npz", "--pdf", "p", "--png", "q"),
        "theory/activations/mine/rates.csv": ("merge.py", "--folders",
                                              "results/theory/activations/mine", "--outputs",
                                              "rates.csv"),
        "claims/claims.json": ("report.py", "--claims", "results/claims/claims.json", "--figures",
                               "results/figures", "--tables", "results/theory", "--output", "o"),
        "figures/rates.png": ("report.py", "--claims", "results/claims/claims.json", "--figures",
                              "results/figures", "--tables", "results/theory", "--output", "o"),
        "training/train_curves.csv": ("manifest.py", "--artifacts",
                                      "results/training/train_curves.csv", "--output", "o"),
    }  # fmt: skip
    for name, (script, *arguments) in jobs.items():
        path = folder / "results" / name
        held = path.read_bytes()
        flip(path)
        done = python(folder, ROOT / "scripts" / script, *arguments)
        assert done.returncode == 2
        line = done.stderr.splitlines()[-1]
        assert line.startswith(f"error: {script}: results/{name} is damaged (not what was written")
        assert [p.name for p in folder.iterdir()] == ["results"]
        path.write_bytes(held)


# Full, read-only


@pytest.fixture
def small(prepared, tmp_path):
    """A copy whose results/ is a small disk of its own, and how to mount that otherwise."""
    folder = prepared(tmp_path / "small")

    def mount(*options):
        return subprocess.run(["mount", *options, folder / "results"], capture_output=True)

    if mount("-t", "tmpfs", "-o", "size=40k", "none").returncode:
        pytest.skip("no tmpfs can be mounted here")
    yield folder, lambda options: mount("-o", f"remount,{options}").check_returncode()
    subprocess.run(["umount", folder / "results"], check=True)


@pytest.mark.slow
def test_a_full_disk_leaves_no_half_and_is_told_in_one_line(small, expected):
    folder, remount = small
    # 42 kB, and the first of three tables; the others would fit.
    target = "results/theory/activations/tanh/correlation_maps.csv"
    status, said = run(folder, target, "--cores", "1", *FEW_CONFIG)
    assert status == 1
    log = (folder / "results/logs/correlation/tanh.log").read_text().splitlines()
    told = f"error: correlation.py: [Errno 28] No space left on device: '{target}'"
    assert log[-1] == told and "results/logs/correlation/tanh.log" in said
    assert not any("Traceback" in line for line in log)
    assert artifacts(folder) == set()
    remount("size=16m")
    status, said = run(folder, target, "--cores", "1", *FEW_CONFIG)
    assert status == 0, said[-4000:]
    found = sums(folder)
    assert len(found) == 3 and found.items() <= expected.items()


def test_a_read_only_results_folder_is_told_in_one_line(small):
    folder, remount = small
    remount("ro")
    status, said = run(folder, "--cores", "1", *FEW_CONFIG)
    assert status == 2
    assert said.splitlines()[-1] == "error: results cannot be written to"
    assert "Traceback" not in said


# Failed


def test_a_failed_job_shows_its_log_and_the_command_that_runs_it_alone(prepared, tmp_path):
    folder, target = prepared(tmp_path / "failing"), "results/theory/variance.csv"
    script = folder / "scripts/variance.py"
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace("arguments.parse()", "arguments.parse()\n    int('a b')"))
    status, said = run(folder, target, "--cores", "1", *FEW_CONFIG)
    assert status == 1
    assert "Logfile results/logs/variance.log:" in said and "Traceback" not in said
    assert "error: variance.py: invalid literal for int() with base 10: 'a b'" in said
    assert "To run a failed step alone" in said
    command = re.search(r"^command: python (scripts/variance\.py .*)$", said, re.MULTILINE)[1]
    script.write_text(text)
    process = begun(folder, *shlex.split(command))
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert (folder / target).is_file()


# Two at once


@pytest.mark.slow
def test_a_second_run_in_the_folder_is_refused_and_harms_nothing(prepared, expected, tmp_path):
    folder = prepared(tmp_path / "both")
    call = ("results/theory/trajectories.csv", "--cores", "1", *FEW_CONFIG)
    first = begun(folder, "-m", "snakemake", *call)
    locks = folder / ".snakemake/locks"
    until(lambda: locks.is_dir() and any(locks.iterdir()), process=first)
    status, said = run(folder, *call)
    assert first.poll() is None  # they did overlap
    assert status == 1 and "cannot be locked" in said
    said, _ = first.communicate(timeout=300)
    assert first.returncode == 0, said
    found = sums(folder)
    assert len(found) == 5 and found.items() <= expected.items()


# Figures

DRAW = """
import json, os, runpy, sys
from edgeofchaos.support.artifacts import digest
from pathlib import Path
results, names = Path(sys.argv[1]), sys.argv[2:]
os._exit = lambda status: None  # which ends the process after one script
from edgeofchaos.figures.catalogue import FIGURES
files = {p.stem: p for k in ("theory", "simulation", "training") for p in (results / k).glob("*.*")}
for name in names:
    sys.argv = ["figures.py", "--figure", name, "--tables"]
    sys.argv += [str(files[t]) for t in FIGURES[name].tables]
    sys.argv += ["--pdf", f"{name}.pdf", "--png", f"{name}.png"]
    runpy.run_path(SCRIPT, run_name="__main__")
print(json.dumps({p.name: digest(p.read_bytes()) for p in sorted(Path().glob("*.p*"))}))
"""


@pytest.mark.slow
def test_figures_are_the_same_whatever_the_seed_the_time_zone_and_the_order(finished, tmp_path):
    told = []
    for seed, zone, names in (("1", "UTC", list(FIGURES)), ("2", "Asia/Tokyo", [*FIGURES][::-1])):
        (tmp_path / seed).mkdir()
        process = begun(
            tmp_path / seed, "-c",
            DRAW.replace("SCRIPT", repr(str(ROOT / "scripts/figures.py"))),
            finished / "results", *names,
            PYTHONHASHSEED=seed, TZ=zone, PYTHONPATH=str(ROOT / 'src'),
        )  # fmt: skip
        said, _ = process.communicate(timeout=600)
        assert process.returncode == 0, said
        told.append(json.loads(said.splitlines()[-1]))
    assert len(told[0]) == 2 * len(FIGURES)
    assert told[0] == told[1]
