"""The workflow through a real Slurm of one node; skipped where none can be started."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import slurm
from few import FEW, FEW_CONFIG, OWN
from places import ROOT

WHY_NOT = slurm.lacking()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.slurm,
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or ""),
]

PROFILE = ("--profile", "workflow/profiles/slurm")
# There is nobody else whom looking every two seconds would disturb.
OFTEN = ("--slurm-init-seconds-before-status-checks", "2")
# Where there is no accounting.
SQUEUE = ("--slurm-status-command", "squeue", *OFTEN)
NO_ACCOUNTING = slurm.lacking(slurm.NEEDED_TO_ACCOUNT)
TARGETS = ("results/theory/edge.csv", "results/training/train_curves.csv")


# Jobs have to run where Slurm has started them, and not in forks of another process.
@pytest.fixture(scope="session")
def python(cold_python):
    return cold_python


@pytest.fixture(scope="session")
def snakemake(cold_python):
    return lambda folder, *arguments: cold_python(folder, "-m", "snakemake", *arguments)


@pytest.fixture(scope="module")
def cluster(request):
    with slurm.slurm(accounting=getattr(request, "param", False)) as folder:
        yield folder


@pytest.fixture(scope="module")
def copy(copied, tmp_path_factory):
    """Makes copies of the project, with the tiny config of the workflow's tests."""

    def make(name):
        folder = copied(tmp_path_factory.mktemp(name))
        (folder / "few.yaml").write_text(FEW)
        (folder / "of_my_own.py").write_text(OWN)
        return folder

    return make


@pytest.fixture(scope="module")
def local(copy):
    """A copy with the targets, made without Slurm and without any network."""
    folder = copy("local")
    command = [sys.executable, "-m", "snakemake", *TARGETS, "--cores", "2"]
    done = subprocess.run(
        ["unshare", "--net", *command, *FEW_CONFIG],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


def submitted():
    """{id: what it asked for} of each job that Slurm still has; old ones it forgets."""
    said = slurm.said("scontrol", "show", "jobs", "--oneliner")
    return {int(m[1]): m[0] for m in re.finditer(r"^JobId=(\d+) .*", said, re.MULTILINE)}


def same(one, other):
    return all((one / target).read_bytes() == (other / target).read_bytes() for target in TARGETS)


def test_a_whole_run_is_byte_identical_to_a_local_one(
    cluster, prepared, finished, python, tmp_path
):
    folder = prepared(tmp_path / "slurm")
    done = python(folder, "-m", "snakemake", *PROFILE, *SQUEUE, *FEW_CONFIG, timeout=1500)
    assert done.returncode == 0, done.stderr[-4000:]
    found, expected = (
        json.loads((each / "results/manifest.json").read_text()) for each in (folder, finished)
    )
    assert len(found) > 100
    assert {name for name in found | expected if found.get(name) != expected.get(name)} == set()
    assert submitted()


def test_a_job_asks_for_what_the_rules_say(cluster, copy, snakemake):
    folder = copy("gpu")
    target = "results/simulation/nets_width.csv"
    for device, gpus in (("cpu", []), ("cuda", ["gpu:1"])):
        config = f"simulation={{device: {device}}}"
        # There is no GPU: with cuda the job is submitted, and fails.
        done = snakemake(folder, *PROFILE, *SQUEUE, target, *FEW_CONFIG, "--config", config)
        assert done.returncode == (device == "cuda"), done.stderr[-4000:]
        job = max(submitted().items())[1]
        assert "rule_nets_width" in job
        asked = re.search(r"NumCPUs=1 .*TimeLimit=00:30:00|TimeLimit=00:30:00 .*NumCPUs=1 ", job)
        assert asked and re.search(r"mem=2000M", job), job
        assert re.findall(r"TresPerJob=gres:(\S+)", job) == gpus, job


def test_the_guides_command_for_other_schedulers_works_with_sbatch(cluster, copy, local):
    guide = (ROOT / "docs/howto/cluster.md").read_text(encoding="utf-8")
    command = re.search(r"^(snakemake --executor cluster-generic.*?)\n```$", guide, re.S | re.M)[1]
    folder = copy("generic")
    before = set(submitted())
    done = subprocess.run(
        f"{command} --seconds-between-status-checks 1 --configfile few.yaml -- {' '.join(TARGETS)}",
        shell=True,
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(folder / "src"),
            # `make test` activates nothing: the guide's `snakemake` is the one beside this Python.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert same(folder, local)
    assert len(set(submitted()) - before) == 6


def test_what_still_runs_ends_with_it():
    with slurm.slurm() as folder:
        subprocess.run(["sbatch", "--output=/dev/null", "--wrap=sleep 1000"], check=True)
        slurm.wait(folder, lambda: "sleep" in [each.name() for each in slurm.running(folder)])
    assert slurm.running(folder) == []
    assert not folder.exists()


def test_an_interrupt_cancels_what_was_submitted(cluster, copy):
    folder = copy("interrupted")
    process = subprocess.Popen(
        [sys.executable, "-m", "snakemake", *PROFILE, *SQUEUE, *FEW_CONFIG],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A shell's background jobs ignore interrupts, and so would what they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        # Its own: a job of the test before may still be ending, and this run be only beginning.
        running = f"RUNNING {folder}"
        slurm.wait(cluster, lambda: running in slurm.said("squeue", "--format=%T %Z").splitlines())
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        # Snakemake first ends the submissions under way, then its wait for the next look.
        assert process.wait(300) == 1
        slurm.wait(cluster, lambda: not slurm.said("squeue", "--noheader"))
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(bool(NO_ACCOUNTING), reason=NO_ACCOUNTING or "")
@pytest.mark.parametrize("cluster", [True], indirect=True)
def test_with_accounting_the_profile_does_as_it_stands(cluster, copy, local, snakemake):
    folder = copy("accounted")
    done = snakemake(folder, *TARGETS, *PROFILE, *OFTEN, *FEW_CONFIG)
    assert done.returncode == 0, done.stderr[-4000:]
    assert same(folder, local)
    states = slurm.said("sacct", "--noheader", "--allocations", "--format=State").split()
    assert set(states) == {"COMPLETED"}
