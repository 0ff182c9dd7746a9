"""Results of another machine type, played by this one without its newer instructions."""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
HAS = np._core._multiarray_umath.__cpu_features__
DISPATCHED = [f for f in np._core._multiarray_umath.__cpu_dispatch__ if HAS.get(f)]
pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or not DISPATCHED,
    reason="an x86-64 processor with AVX2 is needed to do without it",
)

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
        [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "few.yaml"],
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


def test_numbers_agree_across_machine_types_and_not_in_all_bytes(finished, old, compare):
    done = compare(finished / "results", old)
    assert done.returncode == 0, done.stderr
    same, of = (int(word) for word in done.stdout.split() if word.isdigit())
    assert 0 < same < of == len(list((old / ".sha256").rglob("*.sha256"))) - 1
    assert "theory/rates.csv: " in done.stdout


def rewritten(results, folder, name, change):
    """A copy in which one artifact was changed, and its sum with it."""
    shutil.copytree(results, folder)
    path = folder / name
    text = path.read_text(encoding="utf-8")
    path.write_text(change(text), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    (folder / ".sha256" / f"{name}.sha256").unlink()
    return folder


CHANGES = {
    "a number": ("theory/edge.csv", lambda t: t.replace("1.3041458", "1.3041459"),
                 "1 of them differ by more than rounding: theory/edge.csv"),
    "a word": ("theory/edge.csv", lambda t: t.replace(",ok,", ",none,", 1),
               "more than rounding: theory/edge.csv"),
    "a row": ("simulation/nets_rates.csv", lambda t: t[: t.rindex("\n", 0, -1) + 1],
              "more than rounding: simulation/nets_rates.csv"),
    "NaN": ("theory/edge.csv", lambda t: t.replace("1.3041458", "nan#", 1),
            "more than rounding: theory/edge.csv"),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_what_is_no_rounding_is_told(case, finished, compare, tmp_path):
    name, change, told = CHANGES[case]
    done = compare(
        finished / "results", rewritten(finished / "results", tmp_path / "t", name, change)
    )
    assert done.returncode == 2
    assert told in done.stderr.splitlines()[-1]


def test_another_verdict_is_told_and_is_no_failure(finished, compare, tmp_path):
    def change(text):
        claims = json.loads(text)
        claims[0]["verdict"] = "pending"
        return json.dumps(claims)

    folder = rewritten(finished / "results", tmp_path / "t", "claims/claims.json", change)
    done = compare(finished / "results", folder)
    assert done.returncode == 0, done.stderr
    assert " here, pending there" in done.stdout


def test_results_of_another_config_are_told(finished, compare, tmp_path):
    shutil.copytree(finished / "results", tmp_path / "t")
    (tmp_path / "t/theory/edge.csv").unlink()
    done = compare(finished / "results", tmp_path / "t")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("on one side only: theory/edge.csv")
    done = compare(tmp_path, tmp_path / "t")
    assert done.returncode == 2
