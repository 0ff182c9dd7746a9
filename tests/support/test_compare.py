"""Results of another machine type, played by this one without its newer instructions."""

import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest
from few import FEW_CONFIG
from places import ROOT
from vectors import DISPATCHED

# PyTorch, MKL, oneDNN, OpenBLAS, NumPy and the C library, as on a processor of 2009.
OLD = {
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_CBWR": "COMPATIBLE",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": " ".join(DISPATCHED),
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F,-AVX2_Usable,-FMA_Usable",
}


@pytest.fixture(scope="module")
def old(prepared, tmp_path_factory):
    """Results that a processor of 2009 would give."""
    folder = prepared(tmp_path_factory.mktemp("old"))
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", *FEW_CONFIG],
        cwd=folder, capture_output=True, text=True, timeout=900,
        env={**os.environ, **OLD, "PYTHONPATH": str(folder / "src"), "MPLBACKEND": "agg"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return folder / "results"


@pytest.fixture
def compare(python, tmp_path):
    return lambda ours, theirs: python(
        tmp_path, ROOT / "scripts/compare.py", theirs, "--ours", ours
    )


@pytest.mark.slow
@pytest.mark.skipif(
    platform.machine() != "x86_64" or not DISPATCHED,
    reason="an x86-64 processor with AVX2 is needed to do without it",
)
def test_numbers_agree_across_machine_types_and_not_in_all_bytes(finished, old, compare):
    done = compare(finished / "results", old)
    assert done.returncode == 0, done.stderr
    same, of = map(int, re.search(r"^(\d+) of (\d+) artifacts", done.stdout, re.MULTILINE).groups())
    assert 0 < same < of == len(list((old / ".sha256").rglob("*.sha256"))) - 1
    assert "theory/rates.csv: " in done.stdout


def rewritten(results, folder, name, change):
    """A copy in which one artifact was changed, and its sum is gone."""
    shutil.copytree(results, folder)
    path = folder / name
    text = path.read_text(encoding="utf-8")
    path.write_text(change(text), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    (folder / ".sha256" / f"{name}.sha256").unlink()
    return folder


def times(column, factor):
    """The first number of a column that is not 0, multiplied."""

    def change(text):
        frame = pd.read_csv(io.StringIO(text))
        at = frame[column].abs().gt(0).idxmax()
        frame.loc[at, column] *= factor
        return frame.to_csv(index=False, float_format="%.17g", lineterminator="\n")

    return change


def plus(column, number):
    """The first number of a column and another one."""

    def change(text):
        frame = pd.read_csv(io.StringIO(text))
        frame.loc[0, column] += number
        return frame.to_csv(index=False, float_format="%.17g", lineterminator="\n")

    return change


# What is changed; and whether that is too much.
CHANGES = {
    "a number": ("theory/edge.csv", times("sigma_w", 1 + 1e-8), True),
    "its rounding": ("theory/edge.csv", times("sigma_w", 1 + 1e-10), False),
    "a fit": ("theory/depth_scales.csv", times("fitted", 1 + 1e-4), True),
    "a fit's rounding": ("theory/depth_scales.csv", times("fitted", 1 + 1e-6), False),
    "a mean": ("simulation/nets_rates.csv", times("mean", 1.5), True),
    "a hundredth of a mean": ("simulation/nets_rates.csv", times("mean", 1.009), False),
    "what is predicted": ("simulation/nets_rates.csv", times("theory", 1 + 1e-6), True),
    "a layer": ("simulation/nets_rates.csv", times("layer", 2), True),
    "a net that leaves a layer later": ("simulation/nets_times.csv", plus("layers", 1), False),
    "two layers later": ("simulation/nets_times.csv", plus("layers", 2), True),
    "a draw more": ("simulation/nets_paths.csv", plus("draws", 1), True),
    "a word": ("theory/edge.csv", lambda t: t.replace(",ok,", ",none,", 1), True),
    "a row": ("simulation/nets_rates.csv", lambda t: t[: t.rindex("\n", 0, -1) + 1], True),
    "NaN": ("theory/edge.csv", lambda t: re.sub(r"1\.3041458\d*", "", t, count=1), True),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_is_no_rounding_is_told(case, finished, compare, tmp_path):
    name, change, too_much = CHANGES[case]
    other = rewritten(finished / "results", tmp_path / "t", name, change)
    done = compare(finished / "results", other)
    assert done.returncode == (2 if too_much else 0), done.stdout + done.stderr
    assert re.search(rf"^{name}: .* differs most", done.stdout, re.MULTILINE)
    told = f"error: compare.py: more than rounding makes differ: {name}"
    assert (done.stderr.splitlines()[-1] == told) == too_much


@pytest.mark.parametrize(("kind", "status"), [("T", 2), ("M", 0)])
def test_another_verdict_is_told(kind, status, finished, compare, tmp_path):
    claims = json.loads((finished / "results/claims/claims.json").read_text(encoding="utf-8"))
    one = next(c for c in claims if c["kind"] == kind)

    other = "refuted" if one["verdict"] != "refuted" else "reproduced"

    def change(text):
        changed = [c | {"verdict": other} if c["id"] == one["id"] else c for c in claims]
        return json.dumps(changed)

    folder = rewritten(finished / "results", tmp_path / "t", "claims/claims.json", change)
    done = compare(finished / "results", folder)
    assert done.returncode == status, done.stderr
    assert f"{one['id']}: {one['verdict']} here, {other} there" in done.stdout
    assert (f"the verdict on {one['id']}" in done.stderr) == (status == 2)


def test_results_of_another_config_are_told(finished, compare, tmp_path):
    shutil.copytree(finished / "results", tmp_path / "t")
    (tmp_path / "t/theory/edge.csv").unlink()
    done = compare(finished / "results", tmp_path / "t")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("on one side only: theory/edge.csv")


def test_a_folder_without_artifacts_is_told(finished, compare, tmp_path):
    (tmp_path / "empty").mkdir()
    done = compare(tmp_path / "empty", finished / "results")
    assert done.returncode == 2
    assert "empty has no artifacts; `make reproduce` makes them" in done.stderr.splitlines()[-1]
