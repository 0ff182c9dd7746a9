"""Shared by the tests: the two tiers, paths, and copies of the project to run."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

# As many workers as cores: more threads than that would wait for each other, and spin.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import todays
import warm
from few import FEW_CONFIG, prepare
from filelock import FileLock
from places import ROOT
from processor_time import ProcessorTime


def pytest_addoption(parser):
    parser.addoption(
        "--tier", choices=("fast", "slow", "all"), default="all",
        help="fast: `make test`; slow: what is marked slow, `make test-slow`; default: both",
    )  # fmt: skip


def pytest_report_header():
    return f"cases that are drawn anew every day: TEST_SEED={todays.SEED} repeats them"


def pytest_configure(config):
    config.pluginmanager.register(ProcessorTime())


def pytest_collection_modifyitems(config, items):
    """Leave out the other tier; what takes longest first, so that workers end together."""
    seen, slow = Counter(), set()
    for item in items:
        function = item.nodeid.partition("[")[0]
        mark = item.get_closest_marker("slow")
        # @slow(after=2): the first two parameters of a test are in the fast tier.
        if mark and seen[function] >= mark.kwargs.get("after", 0):
            slow.add(item)
        seen[function] += 1
    tier = config.getoption("tier")
    if tier != "all":
        left_out = [item for item in items if (item in slow) != (tier == "slow")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if (item in slow) == (tier == "slow")]
    items.sort(key=lambda item: ("slurm" not in item.keywords, "/workflow/" not in item.nodeid))


@pytest.fixture(autouse=True)
def same_random_numbers():
    """What a test draws without a seed of its own does not depend on which tests ran before."""
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def copied() -> Callable[[Path], Path]:
    """Copies the files that git tracks to a new folder, so that what it lacks is missed there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    names = [name for name in listed.split("\0") if name and (ROOT / name).exists()]

    def copy(folder: Path) -> Path:
        for name in names:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target, follow_symlinks=False)
        return folder

    return copy


def in_folder(program: str, folder: Path, arguments, timeout: float = 600):
    """A program with the library of the copy in that folder, or of the project."""
    library = folder if (folder / "src").is_dir() else ROOT
    return subprocess.run(
        [program, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(library / "src"), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=timeout,
    )


@pytest.fixture(scope="session")
def python() -> Callable[..., subprocess.CompletedProcess]:
    """Runs Python in a folder, in a fork of one that has its packages loaded (warm.py)."""
    return lambda folder, *arguments, **more: in_folder(warm.python(), folder, arguments, **more)


@pytest.fixture(scope="session")
def cold_python() -> Callable[..., subprocess.CompletedProcess]:
    """The same with a Python that starts: for what is about starting."""
    return lambda folder, *arguments, **more: in_folder(sys.executable, folder, arguments, **more)


@pytest.fixture(scope="session")
def snakemake(python) -> Callable[..., subprocess.CompletedProcess]:
    """Runs Snakemake in a copy of the project."""

    def call(folder: Path, *arguments) -> subprocess.CompletedProcess:
        return python(folder, "-m", "snakemake", *arguments)

    return call


@pytest.fixture(scope="session")
def prepared(copied) -> Callable[[Path], Path]:
    """Makes a copy in which the whole workflow runs in a minute or two."""
    return lambda folder: prepare(copied(folder))


@pytest.fixture(scope="session")
def finished(prepared, snakemake, tmp_path_factory) -> Path:
    """A copy in which the workflow has run; whoever changes a file there puts it back.

    It runs once: of several workers, each has a copy of what the first has made.
    """
    folder, base = tmp_path_factory.mktemp("finished"), tmp_path_factory.getbasetemp()
    shared = base.parent / "finished" if "PYTEST_XDIST_WORKER" in os.environ else base / "shared"
    with FileLock(f"{shared}.lock"):
        if not (shared / "results/manifest.json").is_file():
            shutil.rmtree(shared, ignore_errors=True)
            done = snakemake(prepared(shared), "--cores", "2", *FEW_CONFIG)
            assert done.returncode == 0, done.stderr[-4000:]
    return shutil.copytree(shared, folder, symlinks=True, dirs_exist_ok=True)


@pytest.fixture
def ask(capsys, monkeypatch):
    """Exit code, standard output and standard error of the command."""
    from edgeofchaos.cli import main

    monkeypatch.setattr(sys, "path", list(sys.path))

    def call(*arguments):
        code = main([str(a) for a in arguments])
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes a user's module, of its own name, into a folder that is then the current one."""
    monkeypatch.chdir(tmp_path)
    written = []

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        written.append(name)
        return name

    yield write
    for name in written:
        sys.modules.pop(name, None)
