"""The scripts that make the reference run's tables, and judge beside them."""

import json
import shutil

import pandas as pd
import pytest
import yaml
from as_said import curves
from places import ROOT

from edgeofchaos.report.beside import agreement
from edgeofchaos.support.tables import read_csv, read_rows, write_csv

LOG = """command: python scripts/train.py --seed {seed} --steps {steps} --inits {init} \
--optimiser {optimiser} --width {width} --depth {depth} --learning-rate {rate}
device: cpu; seed: 1
versions: python 3.11.9, numpy 2.0, torch 2.13.0
seconds: 12.5
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A folder of results with trained nets at three lengths, and logs of training."""
    results = tmp_path_factory.mktemp("run") / "results"
    each = [curves(seeds=30).assign(step=step, loss=1.0, place="x") for step in (375, 1500, 6000)]
    write_csv(pd.concat(each), results / "training" / "train_curves.csv")
    logs = results / "logs" / "train"
    logs.mkdir(parents=True)
    keys = ["width", "depth", "optimiser", "learning_rate"]
    for i, (net, group) in enumerate(each[0].groupby(keys)):
        about = dict(zip(["width", "depth", "optimiser", "rate"], net, strict=True))
        told = LOG.format(**about, init=group["init"].iloc[0], steps=6000, seed=1)
        (logs / f"{i}.log").write_text(told)
    # Of other runs in the same folder: one that was shorter, of a net that is trained no more.
    (logs / "short.log").write_text(told.replace("--steps 6000", "--steps 1500"))
    (logs / "other.log").write_text(told.replace("--width ", "--width 7"))
    (logs / "cut.log").write_text("")
    return results


@pytest.fixture(scope="module")
def reference(run, python):
    """What scripts/reference.py makes of it."""
    output, stability = run.parent / "reference", run.parent / "counted.csv"
    stability.write_text("claim,reproduced,qualified,refuted,inconclusive,modal,share\n")
    done = python(ROOT, "scripts/reference.py", "--results", run, "--output", output,
                  "--stability", stability)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return output


def test_the_reference_has_what_judges_read_and_says_what_made_it(reference):
    made = {"train_curves.csv", "lengths.csv", "verdicts.csv", "bars.csv", "about.yaml",
            "stability.csv"}  # fmt: skip
    assert {path.name for path in reference.iterdir()} == {*made, ".sha256"}
    assert {path.stem for path in (reference / ".sha256").iterdir()} == made
    about = yaml.safe_load((reference / "about.yaml").read_text())
    jobs = len(curves(seeds=1).groupby(["width", "depth", "learning_rate"]))
    assert (about["seed"], about["runs"], about["steps"]) == ("1", 30, 6000)
    assert about["seconds"] == round(12.5 * jobs)
    assert (about["device"], about["versions"]) == (
        "cpu",
        "python 3.11.9, numpy 2.0, torch 2.13.0",
    )
    assert about["machine"] and about["date"] and about["command"].startswith("snakemake ")
    table = read_csv(reference / "train_curves.csv")
    assert about["nets"] * 30 * 3 == len(table) and "loss" not in table
    lengths = read_csv(reference / "lengths.csv")
    assert len(lengths) == about["nets"] * 3 and set(lengths["runs"]) == {30}


@pytest.mark.slow
def test_a_run_that_was_stopped_in_between_does_not_say_how_long_it_took(run, python, tmp_path):
    results = tmp_path / "results"
    shutil.copytree(run, results)
    log = results / "logs" / "train" / "0.log"
    log.write_text(log.read_text() + "checkpoint: .checkpoints/0.pt; from step 375\n")
    done = python(ROOT, "scripts/reference.py", "--results", results, "--output", tmp_path / "r")
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load((tmp_path / "r" / "about.yaml").read_text())["seconds"] is None


@pytest.mark.slow
def test_bars_are_judged_on_the_trained_nets_of_another_run(run, python, tmp_path):
    others = tmp_path / "others"
    write_csv(
        curves(seeds=30).assign(loss=1.0, accuracy=0.5), others / "training" / "train_curves.csv"
    )
    written = {}
    for name, more in (("alone", ()), ("beside", ("--others", others))):
        done = python(ROOT, "scripts/reference.py", "--results", run, "--output", tmp_path / name,
                      *more)  # fmt: skip
        assert done.returncode == 0, done.stderr
        written[name] = {p.name: p.read_bytes() for p in (tmp_path / name).glob("*.csv")}
    differ = {n for n in written["alone"] if written["alone"][n] != written["beside"][n]}
    assert differ == {"bars.csv"}


def test_a_run_is_judged_alone_and_shown_beside_it(reference, python, tmp_path):
    ours = tmp_path / "train_curves.csv"
    write_csv(curves(seeds=12, seed=3), ours)
    known = [reference / f"{name}.csv" for name in ("train_curves", "verdicts", "stability")]
    outputs = ("--csv", tmp_path / "c.csv", "--json", tmp_path / "c.json")
    judge = ("scripts/claims.py", "--tables", ours, *outputs)
    assert python(ROOT, *judge).returncode == 0
    alone = json.loads((tmp_path / "c.json").read_text())
    done = python(ROOT, *judge, "--reference", *known, "--agreement", tmp_path / "agreement.csv")
    assert done.returncode == 0, done.stderr
    beside = json.loads((tmp_path / "c.json").read_text())
    assert [e["verdict"] for e in alone] == [e["verdict"] for e in beside]
    assert {e["reference"] for e in alone} == {None}
    (found,) = (e for e in beside if e["id"] == "train-activations")
    assert found["reference"] == "reproduced"
    assert [(x["steps"], x["reference"]) for x in found["lengths"]] == [(375, True), (6000, True)]
    rows = read_rows(tmp_path / "agreement.csv")
    told = agreement(rows, (reference / "about.yaml").read_bytes())
    assert told.startswith(f"{len(rows)} of {len(rows)} nets agree with ")


@pytest.fixture
def judge(reference, python, tmp_path):
    """Judges beside a copy of the reference after ``damage`` of it; the last line it says."""
    write_csv(curves(seeds=12, seed=3), tmp_path / "train_curves.csv")
    copy = shutil.copytree(reference, tmp_path / "reference")

    def call(damage, name):
        damage(copy / name)
        known = [copy / f"{name}.csv" for name in ("train_curves", "verdicts", "stability")]
        done = python(
            ROOT, "scripts/claims.py", "--tables", tmp_path / "train_curves.csv", "--reference",
            *known, "--agreement", tmp_path / "a.csv", "--csv", tmp_path / "c.csv", "--json",
            tmp_path / "c.json",
        )  # fmt: skip
        assert done.returncode == 2 and "Traceback" not in done.stderr
        assert not (tmp_path / "c.json").exists()
        return next(line for line in done.stderr.splitlines() if line.startswith("error: "))

    return call


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("name", ["train_curves", "verdicts", "stability"])
def test_a_file_of_the_reference_that_is_cut_is_told_in_one_line(judge, name):
    assert f"{name}.csv is damaged (not what was written" in judge(cut, f"{name}.csv")


@pytest.mark.parametrize("part", ["--stability", ""])
@pytest.mark.slow(after=1)
def test_the_tables_are_made_anew_together(run, reference, python, tmp_path, part):
    copy = shutil.copytree(reference, tmp_path / "reference")
    more = [part, reference / "stability.csv"] if part else []
    call = ("scripts/reference.py", "--results", run, "--output", copy)
    wrong = tmp_path / "bars.yaml"
    wrong.write_text("- {claim: train-eoc, criterion: none begins so, was: 1}")
    for path in (copy / "verdicts.csv", copy / "lengths.csv"):
        path.write_text("old")
    assert python(ROOT, *call, *more, "--bars", wrong).returncode == 2
    assert (copy / "lengths.csv").read_text() == "old"
    assert python(ROOT, *call, *more).returncode == 0
    for name in ("verdicts.csv", "lengths.csv"):
        assert (copy / name).read_bytes() == (reference / name).read_bytes()
    assert (copy / "stability.csv").exists() == bool(part)


@pytest.mark.parametrize("gone", ["training/train_curves.csv", "logs/train/0.log"])
def test_a_run_that_is_not_whole_is_told(run, python, tmp_path, gone):
    folder = tmp_path / "results"
    for path in sorted(run.rglob("*.*")):
        if path.relative_to(run).as_posix() != gone:
            (folder / path.relative_to(run)).parent.mkdir(parents=True, exist_ok=True)
            (folder / path.relative_to(run)).symlink_to(path)
    done = python(ROOT, "scripts/reference.py", "--results", folder, "--output", tmp_path / "out")
    assert done.returncode == 2
    assert "allowed is" in done.stderr.splitlines()[-1]
