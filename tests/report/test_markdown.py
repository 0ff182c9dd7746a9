"""What docs/ and the README show: the claims with their evidence, and the gallery."""

import json
import math

import pytest

from edgeofchaos.claims.entries import judged
from edgeofchaos.figures.catalogue import Figure
from edgeofchaos.report.markdown import MARKS, gallery, statements, summary, with_summary
from edgeofchaos.support.json_text import json_text

CLAIMS = [
    {
        "id": "prop4", "section": "A better class", "verdict": "qualified", "statement": "If A.",
        "deciding": "largest lim sup|f − x|", "measured": "0.0379715 +- 1.7e-12",
        "expected": "< 0.0001", "detail": "selu", "note": "With one hypothesis more.",
        "figure": ["identity_distance"],
        "evidence": [{
            "name": "largest lim sup|f − x|", "measured": "0.0379715 +- 1.7e-12",
            "expected": "< 0.0001", "verdict": "refuted", "detail": "selu",
        }],
    },
]  # fmt: skip


def test_the_summary_counts_the_verdicts_and_links_every_claim():
    entries = judged({})
    text = summary(entries)
    assert text.startswith(f"{len(entries)} claims: {len(entries)} inconclusive.\n")
    assert all(f"[`{e['id']}`](docs/claims.md#{e['id']})" in text for e in entries)
    assert "| qualified | largest lim sup\\|f − x\\|: 0.0379715 +- 1.7e-12 [selu] (" in summary(
        CLAIMS
    )


def test_statements_say_what_a_number_belongs_to():
    text = statements(CLAIMS)
    row = "| largest lim sup\\|f − x\\| | 0.0379715 +- 1.7e-12 | < 0.0001 | refuted | selu |"
    assert row in text.splitlines()
    assert "## A better class" in text and "**qualified** · If A." in text
    assert "With one hypothesis more." in text
    assert "Figures: [identity_distance](gallery.md#identity_distance)" in text


def test_the_gallery_shows_each_figure_in_its_category():
    figures = {
        "one": Figure("One", "Edge", ("edge",), "A  caption\n in lines."),
        "two": Figure("Two", "Training", ("edge",), "Another."),
    }
    text = gallery(figures)
    assert text.index("## Edge") < text.index("### one") < text.index("## Training")
    assert "![One](figures/one.png)\n\n**One.** A caption in lines.\n" in text


def test_the_readme_gets_its_table_between_the_marks():
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
