"""What docs/ and the README show of the results, as Markdown: strings in, a string out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from edgeofchaos.figures.catalogue import Figure

MARKS = ("<!-- claims: written by make docs -->", "<!-- end of claims -->")
VERDICTS = ("reproduced", "qualified", "refuted", "inconclusive")  # in the order of the counts


def summary(claims: Sequence[Mapping]) -> str:
    """How many claims have each verdict, and a table with a row a claim.

    Args:
        claims: the objects of ``claims.json``, in the paper's order.
    """
    counts = Counter(claim["verdict"] for claim in claims)
    told = ", ".join(f"{counts[v]} {v}" for v in VERDICTS if counts[v])
    lines = [f"{len(claims)} claims: {told}.", "", "| claim | verdict | what decided it |",
             "| --- | --- | --- |"]  # fmt: skip
    for c in claims:
        link = f"[`{c['id']}`](docs/claims.md#{c['id']})"
        of = f" [{c['detail']}]" if c["detail"] else ""
        decided = f"{c['deciding']}: {c['measured']}{of} (expected {c['expected']})"
        lines.append(f"| {link} | {c['verdict']} | {_cell(decided)} |")
    return "\n".join(lines) + "\n"


def statements(claims: Sequence[Mapping]) -> str:
    """Every claim in full: statement, verdict, each number, note and figures.

    A number that is the worst of several is followed by what it belongs to.
    """
    parts = ["# The claims, one by one", "",
             "Written by `make docs` from `results/claims/claims.json`.", ""]  # fmt: skip
    section = None
    for c in claims:
        if c["section"] != section:
            section = c["section"]
            parts += [f"## {section}", ""]
        parts += [f"### {c['id']}", "", f"**{c['verdict']}** · {c['statement']}", ""]
        parts += ["| measured | value | expected | | detail |", "| --- | --- | --- | --- | --- |"]
        for e in c["evidence"]:
            cells = (e["name"], e["measured"], e["expected"], e["verdict"], e["detail"])
            parts.append(f"| {' | '.join(map(_cell, cells))} |")
        parts.append("")
        if c["note"]:
            parts += [c["note"], ""]
        if c["figure"]:
            links = ", ".join(f"[{f}](gallery.md#{f})" for f in c["figure"])
            parts += [f"Figures: {links}", ""]
    return "\n".join(parts)


def gallery(figures: Mapping[str, Figure]) -> str:
    """Every figure with its caption, by category.

    Args:
        figures: name -> figure; its image is expected at ``figures/NAME.png``.
    """
    parts = ["# Gallery", "", "Drawn by `make reproduce`, put here by `make docs`.", ""]
    for category in dict.fromkeys(f.category for f in figures.values()):
        parts += [f"## {category}", ""]
        for name, figure in figures.items():
            if figure.category == category:
                caption = re.sub(r"\s+", " ", figure.caption)
                parts += [f"### {name}", "", f"![{figure.title}](figures/{name}.png)", "",
                          f"**{figure.title}.** {caption}", ""]  # fmt: skip
    return "\n".join(parts)


def with_summary(readme: str, claims: Sequence[Mapping]) -> str:
    """The README's text with its table of claims made anew, between the two lines ``MARKS``.

    Raises:
        ValueError: the text lacks one of the marks.
    """
    for mark in MARKS:
        if mark not in readme:
            raise ValueError(f"it has no line {mark!r}")
    before, rest = readme.split(MARKS[0], 1)
    after = rest.split(MARKS[1], 1)[1]
    return f"{before}{MARKS[0]}\n\n{summary(claims)}\n{MARKS[1]}{after}"


def _cell(text: str) -> str:
    return str(text).replace("|", "\\|")
