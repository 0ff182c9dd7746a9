"""The workflow in another folder than its own, as a module, from a checkout nobody writes to."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import warm
from few import FEW, FEW_CONFIG, OWN

from edgeofchaos.support.artifacts import digest

TARGET = "results/theory/variance.csv"
SMALL = "theory={variance: {layers: 12}}"


@pytest.fixture(scope="module")
def checkout(copied, tmp_path_factory):
    """A copy of the project in a folder with a space in its name, named as the library is."""
    return copied(tmp_path_factory.mktemp("there") / "edgeofchaos" / "a checkout")


@pytest.fixture(scope="module")
def in_place(copied, snakemake, tmp_path_factory):
    """A copy in which the target is made the usual way."""
    folder = copied(tmp_path_factory.mktemp("place"))
    done = snakemake(folder, "--cores", "1", "--config", SMALL, "--", TARGET)
    assert done.returncode == 0, done.stderr
    return folder


def files(folder):
    return {p.relative_to(folder): p.stat().st_mtime_ns for p in folder.rglob("*")}


def run(folder, *arguments, **changed):
    """Snakemake without the library on the path: only what the Snakefile itself finds counts."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [warm.python(), "-m", "snakemake", *map(str, arguments)], cwd=folder, text=True,
        env={**environment, "MPLBACKEND": "agg", **changed}, capture_output=True, timeout=600,
    )  # fmt: skip


def last(done):
    return [line for line in done.stderr.splitlines() if line][-1]


# In another folder


@pytest.mark.parametrize("way", ["--directory", "absolute", "relative", "link"])
@pytest.mark.slow(after=1)
def test_it_runs_elsewhere_writes_nothing_there_and_results_are_the_same(
    checkout, in_place, tmp_path, way
):
    here, before = tmp_path / "work folder", files(checkout)
    here.mkdir()
    snakefile, start, more = checkout / "Snakefile", here, []
    if way == "--directory":
        snakefile, start, more = "Snakefile", checkout, ["--directory", here]
    elif way == "relative":
        snakefile = os.path.relpath(snakefile, here)
    elif way == "link":
        (here / "Snakefile").symlink_to(snakefile)
        snakefile = "Snakefile"
    arguments = ["-s", snakefile, *more, "--config", SMALL, "--cores", "1", "--", TARGET]
    done = run(start, *arguments)
    assert done.returncode == 0, done.stderr
    assert digest((here / TARGET).read_bytes()) == digest((in_place / TARGET).read_bytes())
    assert files(checkout) == before
    again = run(start, *arguments)
    assert "Nothing to be done" in again.stderr


def test_every_job_is_listed_from_elsewhere_too(checkout, in_place, tmp_path):
    listed = []
    for folder, snakefile in ((in_place, "Snakefile"), (tmp_path, checkout / "Snakefile")):
        done = run(folder, "-s", snakefile, "-n", "--forceall")
        assert done.returncode == 0, done.stderr
        said = (done.stdout + done.stderr).splitlines()
        listed.append(sorted(s.split(": ", 1)[1] for s in said if re.match(r"Job \d+: ", s)))
    assert listed[0] == listed[1] and len(listed[0]) > 100


def test_a_config_of_the_work_folder_is_laid_over_its_own(checkout, tmp_path):
    (tmp_path / "config.yaml").write_text("theory: {variance: {layers: 14}}\n")
    done = run(tmp_path, "-s", checkout / "Snakefile", "-n", "-p", "--", TARGET)
    assert done.returncode == 0 and "--layers 14 " in done.stdout
    (tmp_path / "config.yaml").write_text("samples: 3\n")
    done = run(tmp_path, "-s", checkout / "Snakefile", "-n")
    assert done.returncode == 2
    assert last(done).startswith("error: config: samples = 3 is no key; allowed are scale, ")


@pytest.mark.slow
def test_a_read_only_checkout_is_enough(checkout, in_place, tmp_path):
    """Bound to another place read-only, for root may write to what only its mode forbids."""
    there, here = tmp_path / "read only", tmp_path / "here"
    there.mkdir()
    here.mkdir()
    bind = 'mount --bind "$1" "$2" && mount -o remount,bind,ro "$2" && ! touch "$2/x" 2>&-'
    if subprocess.run(["unshare", "-m", "sh", "-c", bind, "-", checkout, there]).returncode:
        pytest.skip("no folder can be bound read-only here")
    command = f'{bind}; shift 2; exec "$@"'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", command, "-", checkout, there, sys.executable, "-m",
         "snakemake", "-s", there / "Snakefile", "--cores", "1", "--config", SMALL, "--", TARGET],
        cwd=here, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (here / TARGET).read_bytes() == (in_place / TARGET).read_bytes()


@pytest.mark.parametrize("name", ["a{b}", "a<b>", "a:b"])
@pytest.mark.slow(after=1)
def test_a_checkout_that_rules_cannot_name_is_told(checkout, tmp_path, name):
    there, here = tmp_path / name, tmp_path / "here"
    here.mkdir()
    shutil.copytree(checkout, there, symlinks=True)
    done = run(here, "-s", there / "Snakefile", "-n", "--", TARGET)
    assert done.returncode == 2
    assert last(done).startswith("error: the workflow is in ") and "allowed" in last(done)


# A module of another workflow

OUTER = """
configfile: "config.yaml"

rule all:
    input: "lines.txt"

module eoc:
    snakefile: {snakefile!r}
    config: config["eoc"]
    prefix: "theirs"

use rule * from eoc as eoc_*

module plain:
    snakefile: {snakefile!r}

use rule * from plain as plain_*

rule lines:
    input: "theirs/results/theory/variance.csv", "results/theory/variance.csv"
    output: "lines.txt"
    # What the modules' jobs have in their environment is not in that of others.
    shell: "wc -l {{input:q}} > {{output:q}}; ! printenv EDGEOFCHAOS_MODULES"
"""


@pytest.fixture
def outer(checkout, tmp_path):
    """Another workflow that has this one as two of its modules, one with a config of its own."""
    folder = tmp_path / "outer"
    (folder / "workflow").mkdir(parents=True)
    text = OUTER.format(snakefile=str(checkout / "Snakefile"))
    (folder / "workflow" / "Snakefile").write_text(text)
    (folder / "config.yaml").write_text("samples: 3\neoc: {theory: {variance: {layers: 14}}}\n")
    return folder


def test_modules_run_each_with_its_config_in_its_own_place(outer, checkout):
    before = files(checkout)
    done = run(outer, "--cores", "1", "--config", "eoc={theory: {variance: {sigma_b: 0.5}}}")
    assert done.returncode == 0, done.stderr
    lines = (outer / "lines.txt").read_text().split()
    # A row of each of 2 activations, 3 inputs and 14 layers, or 40, the default; and the head.
    assert [lines[0], lines[2]] == [str(6 * 14 + 1), str(6 * 40 + 1)]
    assert "--sigma-b 0.5 " in (outer / "theirs/results/logs/variance.log").read_text()
    assert (outer / "theirs/results/.sha256/theory/variance.csv.sha256").is_file()
    assert files(checkout) == before


def test_all_of_a_module_can_be_asked_for_and_is_in_its_own_place(outer):
    done = run(outer, "--summary", "--", "eoc_all")
    assert done.returncode == 0, done.stderr
    made = [line.split("\t")[0] for line in done.stdout.splitlines()[1:]]
    assert len(made) > 100 and all(name.startswith("theirs/results/") for name in made)


@pytest.mark.parametrize(
    ("config", "told"),
    [("eoc: {theroy: 3}", "theroy = 3 is no key; allowed are scale, "),
     ("eoc: {scale: big}", "scale = 'big'; allowed are default, paper, "),
     ("eoc: {theory: {variance: {layers: few}}}", "theory.variance.layers = 'few'; allowed is a"),
     ("eoc: {activations: [{name: mine, function: 'absent:f'}]}", "activations[0].function"),
     ("eoc: [1]", "[1] is given; allowed is a mapping")],
)  # fmt: skip
@pytest.mark.slow(after=2)
def test_a_bad_config_of_a_module_is_one_line(outer, config, told):
    (outer / "config.yaml").write_text(config + "\n")
    done = run(outer, "-n")
    assert done.returncode == 2
    assert last(done).startswith(f"error: config: {told}")


# Deployed from a hosting service, as snakedeploy writes it

DEPLOYED = """
configfile: "config/config.yaml"

module edgeofchaos:
    snakefile:
        github("someone/edgeofchaos", path="workflow/Snakefile", tag="v0")
    config:
        config

use rule * from edgeofchaos
"""


def git(folder, *arguments):
    author = ("-c", "user.name=someone", "-c", "user.email=someone@localhost")
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def hosted(copied, tmp_path):
    """Snakemake's clone of a repository that has this project, as if it had fetched it."""
    there, cache = copied(tmp_path / "repository"), tmp_path / "cache"
    git(there, "init", "-q")
    git(there, "add", "--all")
    git(there, "commit", "-q", "-m", "all")
    git(there, "tag", "v0")
    clones = cache / "snakemake/snakemake/source-cache/snakemake-git-cache/github.com/someone"
    clones.mkdir(parents=True)
    git(clones, "clone", "-q", "--bare", there, "edgeofchaos")
    return there, {"XDG_CACHE_HOME": str(cache)}


@pytest.mark.slow
def test_a_deployed_workflow_runs_and_means_all_of_it(hosted, in_place, tmp_path):
    there, cache = hosted
    here = tmp_path / "here"
    (here / "workflow").mkdir(parents=True)
    (here / "workflow/Snakefile").write_text(DEPLOYED)
    shutil.copytree(there / "config", here / "config")  # snakedeploy copies it as it is
    done = run(here, "--cores", "1", "--config", SMALL, "--", TARGET, **cache)
    assert done.returncode == 0, done.stderr
    assert (here / TARGET).read_bytes() == (in_place / TARGET).read_bytes()
    (unpacked,) = (here / ".snakemake/workflows").iterdir()
    assert (unpacked / "scripts/variance.py").is_file()
    # A command line without targets means all of it, and what was made is not made anew.
    done = run(here, "-n", "--config", SMALL, **cache)
    assert done.returncode == 0 and re.search(r"^all +1$", done.stdout, re.M), done.stderr
    assert not re.search(r"^variance +1$", done.stdout, re.M)
    assert list((here / ".snakemake/workflows").iterdir()) == [unpacked]


@pytest.mark.slow
def test_the_standard_place_of_the_snakefile_runs_the_same(checkout, in_place, tmp_path):
    arguments = ["-s", checkout / "workflow/Snakefile", "--cores", "1", "--config", SMALL]
    done = run(tmp_path, *arguments, "--", TARGET)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / TARGET).read_bytes() == (in_place / TARGET).read_bytes()
    done = run(tmp_path, *arguments[:2], "-n", "--config", SMALL)
    assert done.returncode == 0 and re.search(r"^all +1$", done.stdout, re.M), done.stderr


# The user's own modules


@pytest.mark.parametrize("where", ["work folder", "workflow", "outer"])
@pytest.mark.slow(after=1)
def test_a_module_of_the_users_own_is_found_in_each_of_its_places(
    checkout, outer, copied, tmp_path, where
):
    there = checkout
    if where == "workflow":
        there = copied(tmp_path / "another")
    place = {"work folder": outer, "workflow": there, "outer": outer / "workflow"}[where]
    (place / "of_my_own.py").write_text(OWN)
    snakefile = outer / "workflow/Snakefile"
    (outer / "config.yaml").write_text(f"eoc:\n  {FEW.strip().replace(chr(10), chr(10) + '  ')}\n")
    if where == "workflow":
        snakefile.write_text(snakefile.read_text().replace(str(checkout), str(there)))
    target = "theirs/results/theory/activations/mine/correlation_maps.csv"
    done = run(outer, "--cores", "1", "--", target)
    assert done.returncode == 0, done.stderr
    assert (outer / target).is_file()
    # It is depended on.
    (place / "of_my_own.py").write_text(OWN.replace("2 *", "3 *"))
    done = run(outer, "-n", "--", target)
    assert "eoc_correlation mine" in done.stdout


@pytest.mark.parametrize(
    ("body", "told"),
    [("torch.where(x > 0, torch.sqrt(x + 1) - 1, x)", "a finite derivative"),
     ("x.detach() * torch.tanh(x)", "backward pass"),
     ("torch.exp(x * x)", "activation 'mine'")],
    ids=["NaN of a branch", "detached", "overflow"],
)  # fmt: skip
@pytest.mark.slow(after=1)
def test_what_theory_refuses_is_told_before_the_first_job(checkout, tmp_path, body, told):
    (tmp_path / "own_kind.py").write_text(f"import torch\n\ndef f(x):\n    return {body}\n")
    (tmp_path / "mine.yaml").write_text(
        "scale: smoke\nactivations: [tanh, {name: mine, function: 'own_kind:f'}]\n"
        "theory: {phase_diagram: {activations: [tanh]}}\n"
    )
    arguments = ["-s", checkout / "Snakefile", "--cores", "1", "--configfile", "mine.yaml"]
    done = run(tmp_path, *arguments, "--", TARGET)
    assert done.returncode == 1
    assert last(done).startswith("error: config: activation 'mine', function = 'own_kind:f': ")
    assert told in last(done)
    assert not (tmp_path / TARGET).exists() and not list(tmp_path.glob(".snakemake/locks/*"))


# Unit tests that Snakemake generates


@pytest.mark.slow
def test_generated_unit_tests_pass(copied, tmp_path):
    folder = copied(tmp_path)
    (folder / "few.yaml").write_text(FEW)
    (folder / "of_my_own.py").write_text(OWN)
    targets = (TARGET, "results/theory/departure.csv", "results/theory/phase_window.csv")
    done = run(folder, "--cores", "2", *FEW_CONFIG, "--", *targets)
    assert done.returncode == 0, done.stderr
    done = run(folder, *FEW_CONFIG, "--generate-unit-tests", "unit", "--", *targets)
    assert done.returncode == 0, done.stderr
    # Nothing of MNIST is among what they need.
    assert not list((folder / "unit").rglob("*ubyte*"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider",
         "unit"],
        cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout or done.stdout.startswith("...")


# MNIST


def test_mnist_is_asked_for_by_jobs_that_read_it_alone(checkout, tmp_path):
    arguments = ["-s", checkout / "Snakefile", "-n", "--config", "training={data: nowhere}", "--"]
    assert run(tmp_path, *arguments, TARGET, "simulation").returncode == 0
    reading = [f"results/theory/{name}.csv" for name in ("input_scaling", "kernel_accuracy")]
    for target in (*reading, "training"):
        done = run(tmp_path, *arguments, target)
        assert done.returncode == 2
        assert last(done) == (
            "error: config: training.data = 'nowhere' has no train-images-idx3-ubyte.gz; allowed "
            "is a folder with the four IDX files of MNIST, gzipped (resources/mnist/README.md)"
        )
    done = run(tmp_path, "-s", checkout / "Snakefile", "-n", "-p", "--", "training")
    assert done.returncode == 0 and f"--data '{checkout}/resources/mnist'" in done.stdout


# What is not there any more


@pytest.mark.parametrize("link", ["results", "results/theory", ".snakemake", ".checkpoints",
                                  "resources/mnist"])  # fmt: skip
@pytest.mark.parametrize("how", [("-n",), ("--cores", "1")], ids=["dry", "run"])
@pytest.mark.slow(after=2)
def test_a_link_to_what_was_purged_is_one_line(checkout, tmp_path, link, how):
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to("/absent/purged")
    target = "results/theory/input_scaling.csv"
    done = run(tmp_path, "-s", checkout / "Snakefile", *how, "--", target)
    assert done.returncode == 2
    assert last(done).startswith(f"error: {link} is a link to /absent/purged, which is not there;")
    assert "Traceback" not in done.stderr
    assert (tmp_path / link).is_symlink() and not list(tmp_path.glob(".snakemake/locks/*"))


def test_results_that_are_no_folder_are_one_line(checkout, tmp_path):
    (tmp_path / "results").write_text("")
    done = run(tmp_path, "-s", checkout / "Snakefile", "-n")
    assert (done.returncode, last(done)) == (2, "error: results is a file; allowed is a folder")


@pytest.mark.parametrize("how", ["profile", "option", "variable"])
@pytest.mark.slow(after=1)
def test_without_slurm_its_profile_is_one_line(checkout, tmp_path, how):
    """Named from where it is typed, which is not where the workflow runs."""
    (tmp_path / "slurm.conf").write_text("ClusterName=none\nSlurmctldHost=localhost\n")
    changed = {"SLURM_CONF": str(tmp_path / "slurm.conf")}
    profile, arguments = "workflow/profiles/slurm", []
    if how == "profile":
        arguments = ["--profile", profile]
    elif how == "option":
        arguments = ["--executor", "slurm", "--jobs", "2"]
    else:
        changed["SNAKEMAKE_PROFILE"] = profile
    done = run(checkout, "--directory", tmp_path / "here", *arguments, **changed)
    assert done.returncode == 2
    assert last(done).startswith("error: the executor is slurm, but ")
    assert "allowed is a machine with Slurm" in last(done)
    assert not list(tmp_path.glob("here/.snakemake/locks/*"))
    # A dry run submits nothing.
    done = run(
        checkout, "--directory", tmp_path / "here", *arguments, "-n", "--", TARGET, **changed
    )
    assert done.returncode == 0, done.stderr
