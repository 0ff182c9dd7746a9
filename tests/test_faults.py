"""Kills, full and read-only disks, damage, two runs at once: nothing half-written is ever used."""

import contextlib
import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import artifacts

FEW = ("--configfile", "few.yaml")
KILLS = 20
# Three jobs of theory and three of simulation, and what they leave.
TARGETS = ("results/theory/edge.csv", "results/simulation/nets_width.csv")


@pytest.fixture
def folder(prepared, tmp_path):
    return prepared(tmp_path / "copy")


@pytest.fixture
def start():
    """Starts Snakemake in a process group of its own."""
    started = []

    def call(folder, *arguments, **environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "snakemake", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder / "src"), **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield call
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def manifest(folder):
    return json.loads((folder / "results/manifest.json").read_text())


def there(folder):
    """The artifacts that exist: all but logs, benchmarks, digests and what git has."""
    spared = ("logs", "benchmarks", ".sha256", "README.md", "manifest.json")
    found = (p.relative_to(folder) for p in (folder / "results").rglob("*") if p.is_file())
    return {p.as_posix() for p in found if p.parts[1] not in spared}


def whole(folder, finished):
    """Whether each artifact that exists is as in a run without a fault."""
    same = [(folder / p).read_bytes() == (finished / p).read_bytes() for p in there(folder)]
    return all(same)


def test_twenty_kills_leave_the_same_artifacts(folder, finished, start, snakemake, capsys):
    chance = random.Random(20181)
    seen = []
    for kill in range(KILLS):
        # A hash seed, a number of cores and a time zone of its own, each time.
        run = start(
            folder, "--cores", str(1 + kill % 2), *FEW, PYTHONHASHSEED=str(kill), TZ=f"UTC{kill}"
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(chance.uniform(1.0, 8.0))
        if run.poll() is not None:
            break
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        seen.append(len(there(folder)))
        assert whole(folder, finished)
        assert snakemake(folder, "--unlock", *FEW).returncode == 0
    done = snakemake(folder, "--cores", "2", *FEW)
    assert done.returncode == 0, done.stderr[-4000:]
    assert manifest(folder) == manifest(finished)
    assert not list((folder / "results").rglob("*.tmp"))
    assert len(seen) == KILLS, "the run was over before the last kill"
    # Some fell into the beginning, some into the middle.
    assert len(set(seen)) > KILLS / 3, seen


@contextlib.contextmanager
def mounted(folder, *options):
    """results/ on a disk of its own."""
    results = folder / "results"
    done = subprocess.run(["mount", *options, str(results)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    try:
        yield results
    finally:
        subprocess.run(["umount", str(results)], check=True)


def test_a_full_disk_leaves_nothing_half_written(folder, finished, snakemake):
    with mounted(folder, "-t", "tmpfs", "-o", "size=16k", "tmpfs") as results:
        held = []
        for size in ("16k", "64k", "140k"):
            subprocess.run(["mount", "-o", f"remount,size={size}", str(results)], check=True)
            done = snakemake(folder, "--cores", "2", *TARGETS, *FEW)
            assert done.returncode == 1
            assert "error: the disk of results/ is full: no space left" in done.stderr
            assert whole(folder, finished)
            assert not list(results.rglob("*.tmp"))
            held.append(len(there(folder)))
        assert held[0] < held[-1]
        subprocess.run(["mount", "-o", "remount,size=64m", str(results)], check=True)
        done = snakemake(folder, "--cores", "2", *TARGETS, *FEW)
        assert done.returncode == 0, done.stderr[-4000:]
        assert whole(folder, finished) and all((folder / t).is_file() for t in TARGETS)


def test_a_read_only_results_folder_is_told_in_one_line(folder, snakemake):
    with mounted(folder, "--bind", str(folder / "results")) as results:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(results)], check=True)
        done = snakemake(folder, "--cores", "2", *TARGETS, *FEW)
    assert done.returncode == 1
    told = "error: results/ cannot be written; allowed is a folder on a writable disk"
    assert done.stderr.splitlines()[-1] == told
    assert "Traceback" not in done.stderr and not there(folder)


def test_two_runs_at_once_do_not_touch_each_other(folder, finished, start, snakemake):
    first = start(folder, "--cores", "2", *TARGETS, *FEW)
    locks = folder / ".snakemake/locks"
    while not (locks.is_dir() and any(locks.iterdir())):
        assert first.poll() is None
        time.sleep(0.02)
    second = snakemake(folder, "--cores", "2", *TARGETS, *FEW)
    assert first.poll() is None, "the first was over before the second began"
    assert second.returncode == 1
    assert "Directory cannot be locked" in second.stdout + second.stderr
    assert first.wait(300) == 0
    assert whole(folder, finished) and all((folder / t).is_file() for t in TARGETS)


# Damage

# One of each kind of artifact.
KINDS = (
    "results/theory/activations/tanh/edge.csv",
    "results/theory/rates.csv",
    "results/theory/variance.csv",
    "results/simulation/nets_paths.csv",
    "results/simulation/surfaces.npz",
    "results/training/phases_8x2/train_curves.csv",
    "results/training/train_gradients.csv",
    "results/claims/claims.csv",
    "results/claims/claims.json",
    "results/figures/chaos.png",
    "results/figures/chaos.pdf",
    "results/report/index.html",
    "results/manifest.json",
)


def truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def rot(path):
    """A bit flips, and the time of the last change stays."""
    times = path.stat()
    flip(path)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.fixture(scope="module")
def damageable(finished, tmp_path_factory):
    """A copy in which the workflow has run, to be damaged."""
    folder = tmp_path_factory.mktemp("damaged") / "copy"
    shutil.copytree(finished, folder, symlinks=True)
    return folder


@pytest.fixture
def inside(damageable, monkeypatch):
    monkeypatch.chdir(damageable)
    return damageable


@pytest.mark.parametrize("how", [truncate, flip, rot])
@pytest.mark.parametrize("kind", KINDS)
def test_damage_of_each_kind_is_noticed(inside, kind, how):
    path = Path(kind)
    if path.suffix in (".png", ".pdf"):
        artifacts.write_bytes(path.read_bytes(), path)  # these are not the script's (few.py)
    before, times = path.read_bytes(), path.stat()
    try:
        how(path)
        assert artifacts.damaged() == [path]
        with pytest.raises(ValueError, match="not what was written"):
            artifacts.read_bytes(path)
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert artifacts.damaged() == []


def test_a_run_says_what_is_damaged_and_goes_on_when_it_is_mended(inside, python, snakemake):
    for i, kind in enumerate(KINDS):
        if Path(kind).suffix not in (".png", ".pdf"):
            (truncate, flip, rot, Path.unlink)[i % 4](Path(kind))
    broken = [str(path) for path in artifacts.damaged()]
    assert len(broken) > 6
    for dry in ((), ("-n",)):
        done = snakemake(inside, "--cores", "2", *FEW, *dry)
        assert done.returncode == 2
        (line,) = (text for text in done.stderr.splitlines() if text.startswith("error: "))
        assert all(name in line for name in broken) and "make mend" in line
    done = python(inside, "scripts/mend.py")
    assert [line.split(" ")[0] for line in done.stdout.splitlines()] == broken
    done = snakemake(inside, "--cores", "2", *FEW)
    assert done.returncode == 0, done.stderr[-4000:]
    done = python(inside, "scripts/manifest.py", "--verify", "results/manifest.json")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_deleted_is_made_again(damageable, snakemake, kind):
    path, aside = damageable / kind, damageable / "aside"
    path.rename(aside)
    try:
        done = snakemake(damageable, "-n", *FEW)
        assert "Missing output files" in done.stdout + done.stderr
        assert kind in done.stdout + done.stderr
    finally:
        aside.rename(path)


def test_a_script_uses_no_damaged_table(inside, python):
    path = Path("results/theory/activations/tanh/edge.csv")
    before = path.read_bytes()
    flip(path)
    try:
        done = python(
            inside, "scripts/merge.py", "--folders", path.parent, "--outputs", "new/edge.csv"
        )
        assert done.returncode == 2
        assert f"error: merge.py: {path}: not what was written" in done.stderr
        assert not Path("new").exists()
    finally:
        path.write_bytes(before)


def test_two_writers_of_one_file_never_leave_a_mixture(tmp_path):
    path, contents = tmp_path / "x", [bytes([i]) * 200_000 for i in range(4)]
    artifacts.write_bytes(contents[0], path)
    over = threading.Event()

    def write(data):
        while not over.is_set():
            artifacts.write_bytes(data, path)

    writers = [threading.Thread(target=write, args=(c,)) for c in contents]
    for writer in writers:
        writer.start()
    try:
        seen = {path.read_bytes() for _ in range(300)}
    finally:
        over.set()
        for writer in writers:
            writer.join()
    assert seen <= set(contents)
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_files_elsewhere_have_no_digest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    artifacts.write_text("a", tmp_path / "other/x.csv")
    artifacts.write_text("b", "results/theory/x.csv")
    assert [p.name for p in (tmp_path / "other").iterdir()] == ["x.csv"]
    (record,) = (p for p in (tmp_path / "results/.sha256").rglob("*") if p.is_file())
    assert record.relative_to(tmp_path / "results/.sha256") == Path("theory/x.csv")


# A training that is killed

TRAINING = shlex.split(
    "scripts/train.py --width 16 --depth 3 --seeds 2 --images 400 --steps 60 --batch 16 "
    "--every 5 --inits relu-edge swish-edge --sigma-b 0.2 --device cpu --data resources/mnist "
    "--checkpoint c.pt --train-curves curves.csv --train-gradients gradients.csv"
)
OUTPUTS = ("curves.csv", "gradients.csv")


@pytest.fixture(scope="module")
def trained(copied, python, tmp_path_factory):
    """A copy of the project, and what the training leaves when nothing happens to it."""
    folder = copied(tmp_path_factory.mktemp("trained"))
    done = python(folder, *TRAINING)
    assert done.returncode == 0, done.stderr
    return folder, [(folder / name).read_bytes() for name in OUTPUTS]


@pytest.mark.parametrize(("how", "told"), [(None, "goes on after step"), (flip, "damaged")])
def test_a_killed_training_ends_bit_identical(trained, python, how, told):
    folder, expected = trained
    for name in OUTPUTS:
        (folder / name).unlink(missing_ok=True)
    run = subprocess.Popen(
        [sys.executable, *TRAINING],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        stderr=subprocess.DEVNULL,
    )
    while not (folder / "c.pt").is_file():
        assert run.poll() is None
        time.sleep(0.002)
    run.kill()
    run.wait()
    assert not (folder / "curves.csv").exists(), "the training was over before the kill"
    if how:
        how(folder / "c.pt")
    done = python(folder, *TRAINING)
    assert done.returncode == 0, done.stderr
    assert told in done.stderr
    assert [(folder / name).read_bytes() for name in OUTPUTS] == expected
    assert not (folder / "c.pt").exists()


def test_a_checkpoint_of_other_code_is_left_alone(trained, python):
    folder, expected = trained
    source = folder / "src/edgeofchaos/training.py"
    text = source.read_text(encoding="utf-8")
    stop = text.replace("checkpoint(ensemble.state())", "checkpoint(ensemble.state()); 1 / 0")
    source.write_text(stop, encoding="utf-8")
    assert python(folder, *TRAINING).returncode == 1
    source.write_text(text, encoding="utf-8")
    done = python(folder, *TRAINING)
    assert "of another training" in done.stderr
    assert [(folder / name).read_bytes() for name in OUTPUTS] == expected
