"""What a config or a folder is called is never run by a shell."""

import shutil
from pathlib import Path

import pytest
from few import FEW_CONFIG
from places import ROOT

HOSTILE = "$(touch pwned1) `touch pwned2`; touch pwned3 && 'a' \"b\" | > pwned4 #* -x"


@pytest.fixture
def folder(prepared, tmp_path):
    """A project in a folder of that name, which has its digits in one of that name."""
    made = prepared(tmp_path / HOSTILE)
    shutil.copytree(ROOT / "resources/mnist", made / HOSTILE)
    text = (made / "few.yaml").read_text(encoding="utf-8")
    quoted = HOSTILE.replace("'", "''")
    (made / "few.yaml").write_text(text.replace("training:\n", f"training:\n  data: '{quoted}'\n"))
    return made


@pytest.mark.slow
def test_no_name_is_run_and_results_are_the_same(folder, finished, snakemake, tmp_path):
    target = "results/training/depth_8x2_adam_0.001/train_curves.csv"
    done = snakemake(folder, target, "--cores", "1", *FEW_CONFIG)
    assert done.returncode == 0, done.stderr[-4000:]
    assert (folder / target).read_bytes() == (finished / target).read_bytes()
    assert HOSTILE in (folder / "results/logs/train/depth_8x2_adam_0.001.log").read_text().replace(
        "'\"'\"'", "'"
    )
    assert [p for p in tmp_path.rglob("pwned*")] == []
    assert not list(Path.cwd().glob("pwned*")) and not list(Path.home().glob("pwned*"))


@pytest.mark.slow(after=1)
@pytest.mark.parametrize(
    "what", ["activations=[{HOSTILE}]", "scale={HOSTILE}", "training={optimiser: {HOSTILE}}"]
)
def test_a_hostile_value_is_refused(what, folder, snakemake, tmp_path):
    value = "'" + HOSTILE.replace("'", "''") + "'"
    done = snakemake(
        folder, "--cores", "1", *FEW_CONFIG,
        "--config", what.replace("{HOSTILE}", value),
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("error: config: ")
    assert list(tmp_path.rglob("pwned*")) == []
    assert [p.name for p in (folder / "results").iterdir()] == ["README.md"]
