"""Shared by the tests: paths, and copies of the project to run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# Two workers have two cores: more threads than that would wait for each other, and spin.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from few import FEW_CONFIG, prepare
from filelock import FileLock

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items):
    """What takes longest first, so that two workers end together."""
    items.sort(key=lambda item: "slurm" not in item.keywords)


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


@pytest.fixture(scope="session")
def python() -> Callable[..., subprocess.CompletedProcess]:
    """Runs Python in a folder, with the library of the copy there (or of the project)."""

    def call(folder: Path, *arguments, timeout=600) -> subprocess.CompletedProcess:
        library = folder if (folder / "src").is_dir() else ROOT
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(library / "src"), "MPLBACKEND": "agg"},
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    return call


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
