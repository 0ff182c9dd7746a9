"""A folder in which the workflow runs again with another seed, and shares everything else."""

import json

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


def test_a_workflow_that_fails_is_told(here):
    prepare(CONFIG, 7, here / ".stability", here)
    (here / "Snakefile").write_text("rule all:\n    input: 'absent'\n")
    with pytest.raises(ValueError, match=r"snakemake in .* ended with status 1"):
        run(here / ".stability", here / "Snakefile", here, ["all"])
