"""Artifacts: whole or absent, and damage is noticed when they are read and before a run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

import edgeofchaos.support.artifacts as artifacts
from edgeofchaos.support.start import StartError, start


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A folder that keeps sums, in a work folder."""
    monkeypatch.chdir(tmp_path)
    Path("results/.sha256").mkdir(parents=True)
    return Path("results")


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1])


def empty(path):
    path.write_bytes(b"")


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def keeping_its_time(damage):
    def do(path):
        when = path.stat().st_mtime_ns
        damage(path)
        os.utime(path, ns=(when, when))

    return do


DAMAGES = [truncate, empty, flip, keeping_its_time(flip)]
NAMES = ["truncate", "empty", "flip", "flip, time kept"]


def test_a_sum_is_kept_as_sha256sum_has_it(results):
    artifacts.write_bytes(b"x,y\n", results / "theory/a.csv")
    line = (results / ".sha256/theory/a.csv.sha256").read_bytes()
    assert line == f"{artifacts.digest(b'x,y' + bytes([10]))}  theory/a.csv\n".encode()
    done = subprocess.run(
        ["sha256sum", "-c", ".sha256/theory/a.csv.sha256"], cwd=results, capture_output=True
    )
    assert done.returncode == 0


def test_elsewhere_no_sum_is_kept(results, tmp_path):
    artifacts.write_bytes(b"x", tmp_path / "out/a.csv")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["a.csv"]
    assert artifacts.read_bytes(tmp_path / "out/a.csv") == b"x"


def test_the_work_folder_does_not_matter(results, tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    artifacts.write_bytes(b"x", "../results/a.csv")
    monkeypatch.chdir(tmp_path / "results")
    flip(Path("a.csv"))
    with pytest.raises(ValueError, match=r"^a\.csv is damaged"):
        artifacts.read_bytes("a.csv")


@pytest.mark.parametrize("damage", DAMAGES, ids=NAMES)
def test_damage_is_noticed_by_its_sum_and_by_nothing_else(damage, results):
    path = results / "a.csv"
    artifacts.write_bytes(b"x,y\n1,2\n", path)
    assert artifacts.read_bytes(path) == b"x,y\n1,2\n" and not artifacts.damaged(path)
    damage(path)
    assert artifacts.damaged(path)
    with pytest.raises(ValueError, match=r"results/a\.csv is damaged .*makes it again"):
        artifacts.read_bytes(path)
    (results / ".sha256/a.csv.sha256").unlink()
    assert not artifacts.damaged(path)


def test_a_damaged_sum_costs_its_artifact_and_deceives_nobody(results):
    for damage in DAMAGES:
        artifacts.write_bytes(b"x", results / "a.csv")
        record = results / ".sha256/a.csv.sha256"
        if damage is truncate:
            record.write_bytes(record.read_bytes()[:40])
        elif damage is empty:
            empty(record)
        else:
            record.write_bytes(bytes([record.read_bytes()[0] ^ 4]) + record.read_bytes()[1:])
        assert artifacts.damaged(results / "a.csv")


@pytest.mark.parametrize("moment", [0, 1, 2])
def test_a_write_stopped_at_any_moment_leaves_old_or_damaged(moment, results, monkeypatch):
    path = results / "a.csv"
    artifacts.write_bytes(b"old", path)
    calls, replace = [], os.replace

    def stopping(*names):
        if len(calls) == moment:
            raise KeyboardInterrupt
        calls.append(names)
        replace(*names)

    monkeypatch.setattr(os, "replace", stopping)
    if moment < 2:
        with pytest.raises(KeyboardInterrupt):
            artifacts.write_bytes(b"new", path)
        assert path.read_bytes() == b"old"
        # Between the two renames the sum is of what is not there yet.
        assert artifacts.damaged(path) == (moment == 1)
    else:
        artifacts.write_bytes(b"new", path)
        assert artifacts.read_bytes(path) == b"new"
    assert not list(results.rglob("*.tmp"))


MANY = """
import sys
from edgeofchaos.support.artifacts import write_bytes
for i in range(150):
    write_bytes(sys.argv[1].encode() * 200_000, "results/a.csv")
"""


def test_two_that_write_one_artifact_at_once_leave_no_mix(results):
    wholes = {b"a" * 200_000, b"b" * 200_000}
    writers = [subprocess.Popen([sys.executable, "-c", MANY, letter]) for letter in "ab"]
    seen = set()
    while any(w.poll() is None for w in writers):
        if (results / "a.csv").is_file():
            seen.add((results / "a.csv").read_bytes())
    assert [w.returncode for w in writers] == [0, 0]
    assert seen <= wholes and (results / "a.csv").read_bytes() in wholes
    assert len(seen) == 2  # they did overlap
    assert not list(results.rglob("*.tmp"))


# Before a run


def made(results):
    """Artifacts of each kind."""
    names = ["theory/a.csv", "simulation/s.npz", "figures/f.png", "report/i.html", "manifest.json"]
    for name in names:
        artifacts.write_bytes(f"all of {name}".encode(), results / name)
    return [f"results/{name}" for name in names]


@pytest.mark.parametrize("damage", DAMAGES, ids=NAMES)
def test_what_is_damaged_is_put_out_of_the_way_and_told(damage, results):
    names = made(results)
    assert list(start(results, names, False)) == []
    for name in names:
        damage(Path(name))
        held = Path(name).read_bytes()
        assert list(start(results, names, False)) == [
            f"{name} is damaged (not what was written): made again; what was there is now "
            f"results/.damaged/{name.removeprefix('results/')}"
        ]
        assert not Path(name).exists()
        assert (results / ".damaged" / name.removeprefix("results/")).read_bytes() == held
    assert list(start(results, names, False)) == []


def test_a_dry_run_tells_and_moves_nothing(results):
    names = made(results)
    flip(Path(names[0]))
    before = sorted(results.rglob("*"))
    told = f"{names[0]} is damaged (not what was written): a run makes it again"
    assert list(start(results, names, True)) == [told]
    assert sorted(results.rglob("*")) == before


def test_leftovers_of_killed_writes_go(results):
    names = made(results)
    (results / "theory/.a.csv.x1.tmp").write_bytes(b"half")
    (results / ".sha256/theory/.a.csv.sha256.x2.tmp").write_bytes(b"half")
    assert list(start(results, names, False)) == []
    assert not list(results.rglob("*.tmp"))


def test_nothing_is_touched_that_another_run_has_locked(results):
    names = made(results)
    flip(Path(names[0]))
    (results / "theory/.a.csv.x1.tmp").write_bytes(b"on its way")
    Path(".snakemake/locks").mkdir(parents=True)
    Path(".snakemake/locks/0.output.lock").write_text("results/theory/a.csv\n")
    before = sorted(results.rglob("*"))
    assert list(start(results, names, False)) == []
    assert sorted(results.rglob("*")) == before


def test_sums_are_kept_from_the_first_run_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert list(start(Path("results"), ["results/a.csv"], True)) == []
    assert not Path("results").exists()
    assert list(start(Path("results"), ["results/a.csv"], False)) == []
    assert Path("results/.sha256").is_dir()


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_named(results):
    made(results)
    (results / "theory").chmod(0o555)
    try:
        with pytest.raises(StartError, match=r"^results/theory cannot be written to$"):
            list(start(results, [], False))
        assert list(start(results, [], True)) == []
    finally:
        (results / "theory").chmod(0o755)


# The manifest


@pytest.fixture
def verify(results, python):
    def call():
        return python(
            results.absolute().parent, ROOT / "scripts/manifest.py",
            "--verify", "results/manifest.json",
        )  # fmt: skip

    return call


def manifest(names):
    sums = {n: artifacts.digest(Path(n).read_bytes()) for n in names}
    artifacts.write_bytes(json.dumps(sums).encode(), "results/manifest.json")


def test_verify_names_what_no_manifest_vouches_for(results, verify):
    names = [n for n in made(results) if "manifest" not in n]
    manifest(names)
    (results / "logs").mkdir()
    (results / "logs/a.log").write_text("a log is no artifact")
    (results / "theory/old.csv").write_text("x\n")
    done = verify()
    assert (done.returncode, done.stdout) == (
        0, f"all {len(names)} artifacts are as recorded in results/manifest.json\n",
    )  # fmt: skip
    told = [s for s in done.stderr.splitlines() if s.startswith("not in")]
    assert told == ["not in results/manifest.json: results/theory/old.csv"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "results/manifest.json is missing; `make reproduce` writes it, last of all"),
        ("{", "results/manifest.json: not a manifest ("),
        ("[]", "results/manifest.json: not a manifest (no JSON object)"),
        (b"\xff", "results/manifest.json: not a manifest ("),
    ],
)
def test_a_manifest_that_is_none_is_told_in_one_line(results, verify, text, told):
    if text is not None:
        data = text if isinstance(text, bytes) else text.encode()
        artifacts.write_bytes(data, results / "manifest.json")
    done = verify()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(f"error: manifest.py: {told}")
    assert "Traceback" not in done.stderr


def test_a_damaged_manifest_is_not_believed(results, verify):
    manifest(["results/a.csv"] if artifacts.write_bytes(b"x", results / "a.csv") else [])
    assert verify().returncode == 0
    flip(results / "manifest.json")
    done = verify()
    assert done.returncode == 2
    assert "results/manifest.json: not a manifest (is damaged" in done.stderr


def test_no_manifest_is_written_of_a_damaged_artifact(results, python):
    artifacts.write_bytes(b"x", results / "a.csv")
    write = (ROOT / "scripts/manifest.py", "--artifacts", "results/a.csv",
             "--output", "results/manifest.json")  # fmt: skip
    assert python(results.absolute().parent, *write).returncode == 0
    (results / "manifest.json").unlink()
    flip(results / "a.csv")
    done = python(results.absolute().parent, *write)
    assert done.returncode == 2
    assert "error: manifest.py: results/a.csv is damaged" in done.stderr.splitlines()[-1]
    assert not (results / "manifest.json").exists()
