"""A folder in which the workflow runs again with another seed, and shares everything else."""

import json
import shutil

import pytest

from edgeofchaos.support.reseed import prepare, run


@pytest.fixture
def here(tmp_path):
    folder = tmp_path / "here"
    for name in ("scripts", "results", ".snakemake", "digits"):
        (folder / name).mkdir(parents=True)
    for name in ("config.yaml", "mine.py"):
        (folder / name).write_text("")
    return folder


CONFIG = {
    "scale": "smoke", "activations": ["tanh"], "simulation": {"seed": 1, "device": "cpu"},
    "training": {"seed": 1, "data": "digits"},
}  # fmt: skip


def test_it_has_links_to_what_is_shared_and_a_config_of_its_own(here):
    folder = here / ".stability" / "7"
    for _ in range(2):  # the second time it is there already
        prepare(CONFIG, 7, folder, here)
    links = {path.name for path in folder.iterdir() if path.is_symlink()}
    assert links == {"scripts", "digits", "mine.py"}
    config = json.loads((folder / "config.yaml").read_text())
    assert "scale" not in config and config["activations"] == ["tanh"]
    assert config["simulation"] == {"seed": 7, "device": "cpu"}
    assert config["training"] == {"seed": 7, "data": str(here / "digits")}
    assert CONFIG["training"]["seed"] == 1


@pytest.mark.parametrize("seed", [1, 2, 1001, 10**9])
def test_its_config_has_no_reseeding_of_its_own_seed(here, seed):
    prepare(CONFIG, seed, here / "again", here)
    again = json.loads((here / "again" / "config.yaml").read_text())["stability"]
    assert again["runs"] == 1 and again["seed"] + 1 != seed


def test_a_copied_project_reseeds_with_its_own_files(here):
    prepare(CONFIG, 7, here / ".stability" / "7", here)
    copy = shutil.copytree(here, here.with_name("a copy"), symlinks=True)
    (copy / "mine.py").write_text("mine = 2")
    (copy / "digits").rmdir()
    shutil.rmtree(here)
    folder = copy / ".stability" / "7"
    (folder / "scripts").unlink()
    (folder / "scripts").symlink_to(here / "scripts")  # as one that was made at an old place
    prepare(CONFIG, 7, folder, copy)
    assert (folder / "mine.py").read_text() == "mine = 2"
    links = {path.name: path.resolve() for path in folder.iterdir() if path.is_symlink()}
    assert links == {name: copy / name for name in ("scripts", "mine.py")}


def test_a_folder_elsewhere_that_is_linked_to_has_links_that_lead_back(here, tmp_path):
    (tmp_path / "far" / "disk").mkdir(parents=True)
    (here / ".stability").symlink_to(tmp_path / "far" / "disk")
    prepare(CONFIG, 7, here / ".stability" / "7", here)
    assert (here / ".stability" / "7" / "mine.py").resolve() == here / "mine.py"


def test_a_workflow_that_fails_is_told(here):
    prepare(CONFIG, 7, here / ".stability", here)
    (here / "Snakefile").write_text("rule all:\n    input: 'absent'\n")
    with pytest.raises(ValueError, match=r"snakemake in .* ended with status 1"):
        run(here / ".stability", here / "Snakefile", here, ["all"])


def test_no_profile_of_the_outer_run_is_taken_over(here, monkeypatch):
    monkeypatch.setenv("SNAKEMAKE_PROFILE", "absent")
    prepare(CONFIG, 7, here / ".stability", here)
    (here / "Snakefile").write_text("rule all:\n    output: 'made'\n    shell: 'touch {output}'\n")
    run(here / ".stability", here / "Snakefile", here, ["all"])
    assert (here / ".stability" / "made").exists()
