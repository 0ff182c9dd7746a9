"""Every block of code on the site and in the README does what the page says."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import matplotlib
import pytest
import yaml
from pages import DOCS, ROOT, blocks, commands, name, pages, run, write_modules

from edgeofchaos.figures.catalogue import FIGURES

TEXTS = {name(page): blocks(page.read_text(encoding="utf-8")) for page in pages()}
PYTHON = [page for page, found in TEXTS.items() if any(b.language == "python" for b in found)]
SHELL = [(page, line) for page, found in TEXTS.items() for line in commands(found)]
LANGUAGES = {"python", "bash", "zsh", "fish", "yaml", "snakemake", "text"}
# A directive of the site's own, which is no code.
DIRECTIVES = {"{toctree}", "{include} ../CHANGELOG.md", "{include} ../CONTRIBUTING.md"}
CLI = "import sys; from edgeofchaos.cli import main; sys.exit(main())"
# Commands that are not run here, each with the reason.
NOT_RUN = {
    "python3 -m venv": "installs torch from an index",
    "venv/bin/pip install": "installs torch from an index",
    "snakemake --profile workflow/profiles/slurm": "tests/workflow/test_slurm.py runs the profile",
    "snakemake --executor cluster-generic": "tests/workflow/test_slurm.py runs it to the letter",
    "pip install snakedeploy": "installs from an index",
    "snakedeploy deploy-workflow": "tests/workflow/test_elsewhere.py runs what it sets up",
    "cd my_run": "goes into what the line above set up",
    "snakemake -s": "tests/workflow/test_elsewhere.py runs it, in folders of its own",
    "snakemake --cores 2 figures": "needs a finished run; tests/workflow/test_workflow.py has one",
    'eval "$(_EDGEOFCHAOS_COMPLETE': "tests/command/test_page.py runs it in a shell of its own",
    "snakemake --unlock": "tests/workflow/test_faults.py kills a run and unlocks it",
}


@pytest.mark.parametrize("page", PYTHON)
def test_the_python_of_a_page_runs_and_prints_what_the_page_shows(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(matplotlib, "rcParams", matplotlib.rcParams.copy())
    for printed, shown in run(TEXTS[page]):
        assert printed == shown
    text = "\n".join(block.text for block in TEXTS[page] if block.language == "python")
    drawn = re.findall(r"(?:savefig|plot)\(\"([\w.]+)\"", text)
    # What is drawn from a table of a finished run is drawn only where there is one.
    assert all(Path(file).stat().st_size for file in drawn if "edge_of_tanh" not in file)


def test_a_page_that_prints_something_else_is_noticed():
    page = "```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n"
    assert run(blocks(page)) == [("2\n", "3\n")]


def test_a_block_in_a_list_and_continued_commands_are_read():
    page = "- So:\n\n  ```bash\n  a --b \\\n      --c  # why\n\n  d\n  ```\n"
    assert commands(blocks(page)) == ["a --b --c", "d"]


@pytest.mark.parametrize("page", TEXTS)
def test_a_block_says_its_language(page):
    assert {block.language for block in TEXTS[page]} <= LANGUAGES | DIRECTIVES


@pytest.mark.parametrize("page", [p for p in TEXTS if "proofs" not in p and "theory" not in p])
def test_only_formulas_are_indented_blocks(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    outside = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert not re.findall(r"^\n {4,}\S", outside, re.MULTILINE)


def test_every_reason_is_of_a_command_that_is_there():
    lines = [line for _, line in SHELL]
    assert all(any(line.startswith(start) for line in lines) for start in NOT_RUN)
    assert len(SHELL) > 60


@pytest.mark.parametrize(
    ("page", "line"), [c for c in SHELL if re.match(r"edgeofchaos |python scripts/", c[1])]
)
def test_a_command_is_answered(page, line, python, tmp_path):
    write_modules(TEXTS[page], tmp_path)
    program, *arguments = shlex.split(line)
    if program == "python":  # of a step: that it has these options
        script, *given = arguments
        done = python(tmp_path, ROOT / script, "--help")
        options = {word.partition("=")[0] for word in given if word.startswith("--")}
        assert all(option in done.stdout for option in options)
    else:
        done = python(tmp_path, "-c", CLI, *arguments)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", sorted({line for _, line in SHELL if line.startswith("make ")}))
def test_make_has_the_target(line):
    for call in line.split("&&"):
        done = subprocess.run(
            [*shlex.split(call), "--dry-run"], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


def dry(line):
    """Whether a command of Snakemake is tried, without running a job."""
    return line.startswith("snakemake ") and not line.startswith(tuple(NOT_RUN))


GALLERY = [f"snakemake --cores 2 results/figures/{figure}.png" for figure in FIGURES]


@pytest.fixture(scope="module")
def copy(copied, tmp_path_factory):
    folder = copied(tmp_path_factory.mktemp("copy"))
    (folder / "mine.yaml").write_text("theory: {variance: {layers: 20}}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "line", sorted({line for _, line in SHELL if dry(line)} - {*GALLERY}), ids=str
)
@pytest.mark.slow(after=2)
def test_snakemake_would_run_it(line, copy, snakemake):
    done = snakemake(copy, *shlex.split(line)[1:], "--dry-run", "--quiet", "all")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_gallery_has_the_command_of_each_figure_and_snakemake_would_run_it(copy, snakemake):
    assert sorted(commands(TEXTS["docs/gallery.md"])) == sorted(GALLERY)
    targets = [line.split()[-1] for line in GALLERY]
    done = snakemake(copy, *targets, "--dry-run", "--quiet", "all")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_module_of_another_workflow_has_its_targets(copy, snakemake, tmp_path):
    (text,) = (b.text for found in TEXTS.values() for b in found if b.language == "snakemake")
    text = text.replace("/opt/edgeofchaos", str(copy))
    (tmp_path / "Snakefile").write_text(text, encoding="utf-8")
    config = json.dumps(yaml.safe_load((copy / "config.yaml").read_text(encoding="utf-8")))
    (tmp_path / "config.json").write_text(f'{{"eoc": {config}}}', encoding="utf-8")
    done = snakemake(tmp_path, "mine", "--configfile", "config.json", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "eoc_edge" in done.stdout + done.stderr


def test_every_command_is_run_or_has_a_reason():
    known = re.compile(r"edgeofchaos |python scripts/|make |snakemake ")
    left = [line for _, line in SHELL if not known.match(line)]
    assert all(line.startswith(tuple(NOT_RUN)) for line in left), left


def test_the_pictures_of_the_tutorial_are_what_it_draws():
    drawn = re.findall(r"savefig\(\"(\w+\.png)\"", (DOCS / "tutorial/index.md").read_text("utf-8"))
    assert len(drawn) == 2 and all((DOCS / "images" / file).is_file() for file in drawn)
