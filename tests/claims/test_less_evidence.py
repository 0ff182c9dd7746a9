"""Less evidence can only make a verdict inconclusive: sub-tables and configs hold it to that.

They are drawn anew every day (``todays``) in ``less_evidence`` and ``odd_configs``. A case fails
with every verdict that is a third one, and with the least change of the full evidence that does
the same.
"""

import json

import pytest
import yaml
from cut_tables import tables_in
from evidence import Judges
from less_evidence import CASES, DATA, drawn
from odd_configs import (
    CONFIGS,
    DEFAULT,
    ROOT,
    configured,
    evidence,
    kept_of,
    overlaid,
)
from pages import blocks, pages, write_modules

from edgeofchaos.support.config import check

SHOWN = 5  # of a case, how many violations are told with their smallest change


@pytest.fixture(scope="module")
def judges():
    return Judges(tables_in(DATA))


SCALES = sorted(path.stem for path in (ROOT / "workflow" / "scales").glob("*.yaml"))
# Sections of a scale's theory that run in seconds, for some activations.
RUN = {
    "smoke": (
        ("edge", "correlation", "phase_diagram", "depth_scales", "relu_like", "phase_window",
         "counterexamples", "supplement"),
        ("relu", "tanh", "swish", "hardtanh", "selu"),
    ),
    "paper": (("edge", "correlation", "depth_scales"), ("tanh", "swish")),
}  # fmt: skip


def told(judges, tables, done):
    """What a case violates, in words; empty where nothing."""
    strays = judges.strays(tables)
    if not strays:
        return ""
    lines = [f"{done}:"]
    for i, stray in enumerate(strays):
        lines.append(f"  {stray}")
        if i < SHOWN and (small := judges.smallest(tables, stray)):
            lines.append(f"    smallest change: {small}")
    return "\n".join(lines)


def test_the_full_evidence_is_judged_without_an_exception(judges):
    raised = [key for key, found in judges.findings.items() if isinstance(found, str)]
    assert not raised
    assert judges.strays(judges.full) == []


@pytest.mark.parametrize("case", range(CASES))
@pytest.mark.slow
def test_on_fewer_rows_a_verdict_is_that_of_all_or_inconclusive(case, judges):
    words = told(judges, *drawn(case, judges.full))
    assert not words, words


@pytest.mark.parametrize("case", range(CONFIGS))
@pytest.mark.slow
def test_on_another_config_a_verdict_is_that_of_the_default_or_inconclusive(case, judges):
    words = told(judges, *configured(case, judges.full))
    assert not words, words


def of_scale(name):
    """What a scale lays over the default."""
    return yaml.safe_load((ROOT / f"workflow/scales/{name}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SCALES)
@pytest.mark.slow
def test_the_rows_that_a_scale_keeps_give_the_default_verdict_or_none(name, judges):
    words = told(judges, kept_of(of_scale(name), judges.full), f"scale {name}, its rows")
    assert not words, words


@pytest.mark.parametrize("name", [n for n in SCALES if n in RUN])
@pytest.mark.slow
def test_what_a_scale_runs_gives_the_default_verdict_or_none(name, judges):
    sections, names = RUN[name]
    scale = overlaid(json.loads(json.dumps(DEFAULT)), of_scale(name))["theory"]
    theory = {section: scale[section] for section in sections}
    change = {"activations": [*names], "theory": theory}
    theory.setdefault("phase_diagram", {})["activations"] = [*names]
    words = told(judges, evidence(change, judges.full), f"scale {name}, run: {sections}")
    assert not words, words


@pytest.mark.parametrize("name", SCALES)
def test_every_scale_passes_the_check(name):
    check(overlaid(json.loads(json.dumps(DEFAULT)), of_scale(name)))


BLOCKS = [block for page in pages() for block in blocks(page.read_text(encoding="utf-8"))]
EXAMPLES = [block.text for block in BLOCKS if block.language == "yaml"]


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
@pytest.mark.slow
def test_an_example_of_the_docs_gives_the_default_verdict_or_none(
    text, judges, tmp_path, monkeypatch
):
    write_modules(BLOCKS, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    words = told(judges, evidence(yaml.safe_load(text), judges.full), text)
    assert not words, words


def test_the_docs_have_examples():
    assert len(EXAMPLES) >= 2
