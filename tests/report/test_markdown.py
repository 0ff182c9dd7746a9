"""What docs/ and the README show: the claims with their evidence, and the gallery."""

import json
import math

import pytest
from places import ROOT

from edgeofchaos.claims.entries import judged
from edgeofchaos.claims.words import readings
from edgeofchaos.figures.catalogue import FIGURES, Figure
from edgeofchaos.report.markdown import (
    BAR_MARKS,
    LENGTH_MARKS,
    MARKS,
    SEED_MARKS,
    WORD_MARKS,
    gallery,
    moved_bars,
    overview,
    statements,
    summary,
    with_numbers,
    with_summary,
    with_words,
)
from edgeofchaos.support.json_text import json_text

CLAIMS = [
    {
        "id": "prop4", "section": "A better class", "verdict": "qualified", "statement": "If A.",
        "deciding": "largest lim sup|f − x|", "measured": "0.0379715 +- 1.7e-12",
        "expected": "< 0.0001", "detail": "selu", "note": "With one hypothesis more.",
        "figure": ["identity_distance"], "steps": None, "lengths": [], "reference": None,
        "reseeded": None,
        "readings": [
            {"word": "tends to | 0", "says": "below 0.0001", "why": "a reason",
             "half": "qualified", "twice": "reproduced", "hangs": True},
            {"word": "flat", "says": "below 0.02", "why": "another",
             "half": "qualified", "twice": "qualified", "hangs": False},
        ],
        "evidence": [{
            "name": "largest lim sup|f − x|", "measured": "0.0379715 +- 1.7e-12",
            "expected": "< 0.0001", "verdict": "refuted", "detail": "selu",
        }],
    },
]  # fmt: skip


def test_the_summary_counts_the_verdicts_of_each_topic_and_links_it():
    entries = judged({})
    text = summary(entries)
    assert text.startswith(f"{len(entries)} claims: {len(entries)} inconclusive.\n")
    topics = dict.fromkeys(e["section"] for e in entries)
    rows = text.splitlines()[4:]
    assert len(rows) == len(topics) > 5
    for row, topic in zip(rows, topics, strict=True):
        count = sum(e["section"] == topic for e in entries)
        assert row.startswith(f"| [{topic}](docs/claims.md#")
        assert row.endswith(f"| {count} | {count} |")
    two = [CLAIMS[0], {**CLAIMS[0], "verdict": "refuted"}, {**CLAIMS[0], "section": "Is q so?"}]
    assert summary(two).splitlines()[2:] == [
        "| topic | claims | qualified | refuted |",
        "| --- | --- | --- | --- |",
        "| [A better class](docs/claims.md#a-better-class) | 2 | 1 | 1 |",
        "| [Is q so?](docs/claims.md#is-q-so) | 1 | 1 |  |",
    ]


def test_the_overview_links_every_claim_and_says_what_decided_it():
    entries = judged({})
    text = overview(entries)
    assert all(f"[`{e['id']}`](#{e['id']})" in text for e in entries)
    assert overview(CLAIMS) in statements(CLAIMS)
    assert "| qualified | largest lim sup\\|f − x\\|: 0.0379715 +- 1.7e-12 [selu] (" in overview(
        CLAIMS
    )


def test_statements_say_what_a_number_belongs_to():
    text = statements(CLAIMS)
    row = "| largest lim sup\\|f − x\\| | 0.0379715 +- 1.7e-12 | < 0.0001 | refuted | selu |"
    assert row in text.splitlines()
    assert "## A better class" in text and "**qualified** · If A." in text
    assert "With one hypothesis more." in text
    assert "Figures: [identity_distance](gallery.md#identity_distance)" in text


def test_statements_say_how_words_are_read_and_which_verdicts_hang_on_it():
    text = statements(CLAIMS)
    assert (
        "Read as a number: “tends to \\| 0” as below 0.0001 (a reason); "
        "at half of that: qualified, at twice: **reproduced**."
    ) in text.splitlines()
    assert "at half of that: qualified, at twice: qualified." in text
    assert "1 of the 1 claims have a word that is [read as a number]" in text
    assert "changes the verdict on 1 of them." in text
    rows = [line for line in text.splitlines() if line.startswith("| [prop4](#prop4)")]
    assert rows == [
        "| [prop4](#prop4) | “tends to \\| 0” | below 0.0001 | qualified | **qualified** "
        "| reproduced |"
    ]
    quiet = [{**CLAIMS[0], "readings": CLAIMS[0]["readings"][1:]}]
    assert "changes the verdict on none of them." in statements(quiet)
    assert "| at half |" not in statements(quiet)
    none = [{**CLAIMS[0], "readings": []}]
    assert "hang on a reading" not in statements(none)


REFERRED = {
    **CLAIMS[0], "id": "train-eoc", "kind": "M", "steps": 1500, "reference": "qualified",
    "reseeded": {"qualified": 19, "inconclusive": 1},
    "lengths": [{"steps": 375, "verdict": "refuted", "reference": False},
                {"steps": 6000, "verdict": "qualified", "reference": True}],
}  # fmt: skip


def test_the_reference_run_stands_beside_where_it_is_there():
    assert "| reference |" not in overview(CLAIMS)
    assert "In the reference run" not in statements(CLAIMS)
    both = summary([REFERRED, *CLAIMS], "2 of 2 nets agree.")
    assert both.startswith("2 claims: 2 qualified. 2 of 2 nets agree.\n")
    text = overview([REFERRED, *CLAIMS])
    assert "| claim | verdict | reference | what decided it |\n| --- | --- | --- | --- |\n" in text
    assert "| qualified | qualified (19/20, 1 inconclusive) | largest" in text
    assert "| qualified | – | largest" in text
    assert (
        "Judged after 1,500 steps; at 375: refuted; at 6,000 in the reference run: qualified. In "
        "the reference run: qualified (19/20, 1 inconclusive)."
    ) in statements([REFERRED]).splitlines()


def test_numbers_get_the_lengths_and_the_bars_that_were_moved():
    bar = {"claim": "a", "criterion": "x|y", "measured": "1", "was": "> 0", "is": "> 1",
           "verdict_was": "reproduced", "verdict_is": "inconclusive"}  # fmt: skip
    before = "\n".join(["A", *LENGTH_MARKS, "B", *SEED_MARKS, "C", *BAR_MARKS, "D"])
    text = with_numbers(before, [REFERRED, *CLAIMS], [bar])
    assert (
        "| [`train-eoc`](../claims.md#train-eoc) | refuted | **qualified** | qualified (reference) "
        "| qualified (19/20, 1 inconclusive) |"
    ) in text.splitlines()
    assert "| [`train-eoc`](../claims.md#train-eoc) |  | 19 |  | 1 |" in text.splitlines()
    assert "prop4" not in text
    assert "| `a` | x\\|y | 1 | > 0 | reproduced | > 1 | inconclusive |" in text.splitlines()
    assert with_numbers(text, [REFERRED, *CLAIMS], [bar]) == text
    assert "The reference run is not there." in with_numbers(text, CLAIMS, [])


BAR = {
    "claim": "a", "criterion": "b", "measured": "1", "was": "2", "verdict_was": "refuted",
    "is": "3", "verdict_is": "reproduced",
}  # fmt: skip


@pytest.mark.parametrize("key", BAR)
def test_a_table_of_bars_that_is_cut_is_told(key):
    assert "| `a` | b | 1 | 2 | refuted | 3 | reproduced |" in moved_bars([BAR])
    with pytest.raises(ValueError, match=rf"^bars\.csv .* without {key}; allowed is"):
        moved_bars([BAR, {**BAR, key: None}])


def test_docs_are_written_with_the_reference_and_after_it_was_taken_away(python, tmp_path):
    results, docs, reference = (tmp_path / name for name in ("results", "docs", "reference"))
    for folder in (results / "claims", results / "figures", docs / "explanation", reference):
        folder.mkdir(parents=True)
    (results / "claims/claims.json").write_text("[]")
    (results / "claims/agreement.csv").write_text("init,verdict\n")
    for name in FIGURES:
        (results / f"figures/{name}.png").write_bytes(b"")
    numbers = (*LENGTH_MARKS, *SEED_MARKS, *BAR_MARKS)
    texts = {"explanation/verdicts": WORD_MARKS, "explanation/numbers": numbers, "README": MARKS}
    for name, marks in texts.items():
        (docs / f"{name}.md").write_text("\n".join(marks) + "\n")
    readme = docs / "README.md"
    (reference / "about.yaml").write_text("date: 2026-11-25\nmachine: X\n")
    call = (ROOT, "scripts/docs.py", "--results", results, "--docs", docs, "--readme", readme,
            "--reference", reference)  # fmt: skip
    for said in (True, False):
        done = python(*call)
        assert done.returncode == 0, done.stderr
        assert ("is in the reference run of 2026-11-25 on X." in readme.read_text()) == said
        (reference / "about.yaml").unlink(missing_ok=True)


def test_the_page_on_verdicts_has_every_word_with_its_number_and_reason():
    guide = (ROOT / "docs/explanation/verdicts.md").read_text(encoding="utf-8")
    assert guide == with_words(guide, readings()), "write it anew with scripts/docs.py"
    for r in readings():
        assert f"| “{r.word}” | {r.told()} |" in guide
    with pytest.raises(ValueError, match="it has no line '<!-- end of words -->'"):
        with_words(WORD_MARKS[0], readings())


def test_the_gallery_shows_each_figure_in_its_category():
    figures = {
        "one": Figure("One", "Edge", ("edge",), "A  caption\n in lines."),
        "two": Figure("Two", "Training", ("edge",), "Another."),
    }
    text = gallery(figures)
    assert text.index("## Edge") < text.index("### one") < text.index("## Training")
    assert "![One](figures/one.png)\n\n**One.** A caption in lines. Tables: `edge`.\n" in text
    assert "```bash\nsnakemake --cores 2 results/figures/one.png\n```" in text


def test_the_readme_gets_its_counts_between_the_marks():
    readme = f"Before.\n{MARKS[0]}\nold\n{MARKS[1]}\nAfter.\n"
    written = with_summary(readme, CLAIMS)
    assert "old" not in written and "1 claims: 1 qualified." in written
    assert written.startswith("Before.\n") and written.endswith("\nAfter.\n")
    assert with_summary(written, CLAIMS) == written
    with pytest.raises(ValueError, match="it has no line '<!-- end of claims -->'"):
        with_summary(MARKS[0], CLAIMS)


def test_json_has_words_for_what_is_no_number():
    value = {"a": [math.nan, math.inf, (-math.inf, 1.5)], "b": "σ"}
    assert json.loads(json_text(value)) == {"a": ["nan", "inf", ["-inf", 1.5]], "b": "σ"}
    assert json.loads(json_text(value, no_number=lambda x: None))["a"] == [None, None, [None, 1.5]]
