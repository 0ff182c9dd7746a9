"""The wheel and the sdist have what the library needs, and install."""

import os
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
from places import ROOT

BUILD = """
import sys
from setuptools import build_meta
print(getattr(build_meta, "build_" + sys.argv[1])(sys.argv[2]))
"""


def python(folder, *arguments, **own):
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True,
        env={**os.environ, **own},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def built(kind, source, folder):
    """The path of the wheel or the sdist of the source in a folder."""
    return folder / python(source, "-c", BUILD, kind, str(folder)).splitlines()[-1]


@pytest.fixture(scope="module")
def sdist(copied, tmp_path_factory):
    return built("sdist", copied(tmp_path_factory.mktemp("checkout")), tmp_path_factory.mktemp("s"))


@pytest.fixture(scope="module")
def unpacked(sdist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return folder / sdist.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(unpacked, tmp_path_factory):
    """The wheel that the sdist makes."""
    return built("wheel", unpacked, tmp_path_factory.mktemp("wheel"))


@pytest.mark.slow
def test_the_wheel_of_the_sdist_has_every_file_of_the_library(wheel):
    package = ROOT / "src/edgeofchaos"
    files = [f for f in package.rglob("*") if f.is_file() and "__pycache__" not in f.parts]
    with zipfile.ZipFile(wheel) as archive:
        names = {n for n in archive.namelist() if n.startswith("edgeofchaos/")}
        assert names == {f.relative_to(package.parent).as_posix() for f in files}
        assert any(name.endswith(".j2") for name in names)
        (entry,) = (n for n in archive.namelist() if n.endswith("dist-info/METADATA"))
        meta = message_from_string(archive.read(entry).decode())
    assert meta["Name"] == "edgeofchaos" and (ROOT / "README.md").read_text() in meta.as_string()
    assert {"plot", "workflow", "docs", "dev", "cluster"} == set(meta.get_all("Provides-Extra"))


@pytest.mark.slow
def test_the_wheel_installs_and_answers(wheel, tmp_path):
    target = tmp_path / "site"
    python(tmp_path, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target",
           str(target), str(wheel))  # fmt: skip
    asked = "import edgeofchaos as eoc; print(eoc.__file__, eoc.edge_point('tanh', 0.2).status)"
    said = python(tmp_path, "-c", asked, PYTHONPATH=str(target)).split()
    assert Path(said[0]).is_relative_to(target) and said[1] == "ok"
    (script,) = (target / "bin").iterdir()
    assert script.name == "edgeofchaos"
    answer = python(tmp_path, str(script), "--version", PYTHONPATH=str(target))
    assert answer.split()[-1] == wheel.name.split("-")[1]


@pytest.mark.slow
def test_the_sdist_has_the_licence_and_what_the_readme_shows(unpacked):
    assert {"LICENSE", "README.md", "pyproject.toml"} <= {f.name for f in unpacked.iterdir()}
