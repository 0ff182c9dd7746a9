"""What docs/ and the README show of the results, as Markdown: strings in, a string out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from edgeofchaos.claims.model import Reading
from edgeofchaos.claims.reference import VERDICTS
from edgeofchaos.figures.catalogue import Figure
from edgeofchaos.report import beside

MARKS = ("<!-- claims: written by make tables -->", "<!-- end of claims -->")
WORD_MARKS = ("<!-- words: written by make tables -->", "<!-- end of words -->")
LENGTH_MARKS = ("<!-- lengths: written by make tables -->", "<!-- end of lengths -->")
SEED_MARKS = ("<!-- seeds: written by make tables -->", "<!-- end of seeds -->")
BAR_MARKS = ("<!-- bars: written by make tables -->", "<!-- end of bars -->")


def summary(claims: Sequence[Mapping], compared: str = "") -> str:
    """How many claims have each verdict, altogether and by topic, as the README shows it.

    Args:
        claims: the objects of ``claims.json``, in the paper's order.
        compared: a sentence on how far the run agrees with the reference run.
    """
    counts = Counter(claim["verdict"] for claim in claims)
    shown = [verdict for verdict in VERDICTS if counts[verdict]]
    told = ", ".join(f"{counts[v]} {v}" for v in shown)
    lines = [f"{len(claims)} claims: {told}." + f" {compared}" * bool(compared), "",
             f"| topic | claims | {' | '.join(shown)} |",
             "| --- " * (len(shown) + 2) + "|"]  # fmt: skip
    for topic in dict.fromkeys(c["section"] for c in claims):
        of = Counter(c["verdict"] for c in claims if c["section"] == topic)
        cells = [f"[{topic}](docs/claims.md#{_anchor(topic)})", str(of.total())]
        cells += [str(of[verdict] or "") for verdict in shown]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def overview(claims: Sequence[Mapping]) -> str:
    """A table with a row a claim: its verdict, the reference run's, and what decided it."""
    referred = any(c["reference"] for c in claims)
    heads = ["claim", "verdict", *["reference"] * referred, "what decided it"]
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for c in claims:
        of = f" [{c['detail']}]" if c["detail"] else ""
        decided = f"{c['deciding']}: {c['measured']}{of} (expected {c['expected']})"
        cells = [f"[`{c['id']}`](#{c['id']})", c["verdict"], *[_reference(c)] * referred,
                 _cell(decided)]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def statements(claims: Sequence[Mapping]) -> str:
    """Every claim in full: statement, verdict, each number, readings, note and figures.

    A number that is the worst of several is followed by what it belongs to.
    """
    parts = ["# The claims, one by one", "",
             "What the paper claims, what was measured, and the verdict "
             "([how it is reached](explanation/verdicts.md)). Beside it stand the verdict of the "
             "[reference run](howto/seeds.md#the-reference-run), 30 runs of every trained net with "
             "another seed, and in how many of 20 runs "
             "[with other seeds](explanation/numbers.md#verdicts-with-other-seeds) it came. "
             "Written by `make tables` from `results/claims/claims.json`.", "",
             overview(claims)]  # fmt: skip
    parts += _hanging(claims)
    section = None
    for c in claims:
        if c["section"] != section:
            section = c["section"]
            parts += [f"## {section}", ""]
        parts += [f"### {c['id']}", "", f"**{c['verdict']}** · {c['statement']}", ""]
        if told := _judged(c):
            parts += [told, ""]
        parts += ["| measured | value | expected | | detail |", "| --- | --- | --- | --- | --- |"]
        for e in c["evidence"]:
            cells = (e["name"], e["measured"], e["expected"], e["verdict"], e["detail"])
            parts.append(f"| {' | '.join(map(_cell, cells))} |")
        parts.append("")
        for r in c["readings"]:
            half, twice = (
                r[which] if r[which] == c["verdict"] else f"**{r[which]}**"
                for which in ("half", "twice")
            )
            parts += [
                f"Read as a number: {_quoted(r)} as {r['says']} ({r['why']}); "
                f"at half of that: {half}, at twice: {twice}.", "",
            ]  # fmt: skip
        if c["note"]:
            parts += [c["note"], ""]
        if c["figure"]:
            links = ", ".join(f"[{f}](gallery.md#{f})" for f in c["figure"])
            parts += [f"Figures: {links}", ""]
    return "\n".join(parts)


def _hanging(claims: Sequence[Mapping]) -> list[str]:
    """Which verdicts hang on what a word is read as, as a table; nothing where no word is read."""
    read = [(c, r) for c in claims for r in c["readings"]]
    if not read:
        return []
    found = [(c, r) for c, r in read if r["hangs"]]
    parts = ["## Verdicts that hang on a reading", "",
             f"{len({c['id'] for c, _ in read})} of the {len(claims)} claims have a word that is "
             "[read as a number](explanation/verdicts.md#how-words-are-read). Half or twice of it "
             f"changes the verdict on {len({c['id'] for c, _ in found}) or 'none'} of them.",
             ""]  # fmt: skip
    if found:
        parts += ["| claim | word | read as | at half | verdict | at twice |",
                  "| --- | --- | --- | --- | --- | --- |"]  # fmt: skip
        parts += [
            f"| [{c['id']}](#{c['id']}) | {_quoted(r)} | {_cell(r['says'])} | {r['half']} "
            f"| **{c['verdict']}** | {r['twice']} |"
            for c, r in found
        ]
        parts.append("")
    return parts


def words(readings: Sequence[Reading]) -> str:
    """The words that are read as numbers, with the reason for each, as a table."""
    lines = ["| word | read as | why |", "| --- | --- | --- |"]
    for r in readings:
        cells = (f"“{r.word}”", r.told(), r.why)
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines) + "\n"


def lengths(claims: Sequence[Mapping]) -> str:
    """The claims on trained nets after each number of steps, as a table.

    Args:
        claims: the objects of ``claims.json``.
    """
    trained = [c for c in claims if c["steps"]]
    steps = sorted({c["steps"] for c in trained}
                   | {found["steps"] for c in trained for found in c["lengths"]})  # fmt: skip
    heads = ["claim", *(f"{n:,} steps" for n in steps), "reference"]
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for c in trained:
        told = {c["steps"]: f"**{c['verdict']}**"}
        told |= {f["steps"]: f["verdict"] + " (reference)" * f["reference"] for f in c["lengths"]}
        cells = [f"[`{c['id']}`](../claims.md#{c['id']})", *(told.get(n, "–") for n in steps)]
        lines.append(f"| {' | '.join([*cells, _reference(c)])} |")
    return "\n".join(lines) + "\n"


def reseeded(claims: Sequence[Mapping]) -> str:
    """How often each verdict came with other seeds: a table of the claims with a random part.

    Args:
        claims: the objects of ``claims.json``.
    """
    told = [c for c in claims if c["reseeded"] and set(c["kind"].split(",")) & {"S", "M"}]
    if not told:
        return "The reference run has no reseedings.\n"
    heads = ["claim", *VERDICTS]
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for c in told:
        counts = (str(c["reseeded"].get(verdict, "")) for verdict in VERDICTS)
        lines.append(f"| [`{c['id']}`](../claims.md#{c['id']}) | {' | '.join(counts)} |")
    return "\n".join(lines) + "\n"


def moved_bars(rows: Sequence[Mapping]) -> str:
    """What the reference run says by the bars there are and by those before, as a table.

    Args:
        rows: of ``resources/reference/bars.csv``.
    """
    if not rows:
        return "The reference run is not there.\n"
    lines = ["| claim | criterion | measured | old bar | verdict by it | bar | verdict |",
             "| --- | --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    order = ("criterion", "measured", "was", "verdict_was", "is", "verdict_is")
    for row in rows:
        if lacking := [key for key in ("claim", *order) if row.get(key) is None]:
            raise ValueError(
                f"bars.csv of the reference run has a row without {lacking[0]}; allowed is what "
                "scripts/reference.py wrote"
            )
        cells = [f"`{row['claim']}`", *(_cell(row[key]) for key in order)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def gallery(figures: Mapping[str, Figure]) -> str:
    """Every figure with its caption, by category.

    Args:
        figures: name -> figure; its image is expected at ``figures/NAME.png``.
    """
    parts = ["# Gallery", "",
             "Every figure that `make reproduce` draws. Under each stands the command that makes "
             "it alone, with the tables that it needs, as `NAME.png` and `NAME.pdf` in "
             "`results/figures`. To draw one in your own style see "
             "[figures](howto/figures.md).", ""]  # fmt: skip
    for category in dict.fromkeys(f.category for f in figures.values()):
        parts += [f"## {category}", ""]
        for name, figure in figures.items():
            if figure.category == category:
                caption = re.sub(r"\s+", " ", figure.caption)
                tables = ", ".join(f"`{table}`" for table in figure.tables)
                parts += [f"### {name}", "", f"![{figure.title}](figures/{name}.png)", "",
                          f"**{figure.title}.** {caption} Tables: {tables}.", "", "```bash",
                          f"snakemake --cores 2 results/figures/{name}.png", "```", ""]  # fmt: skip
    return "\n".join(parts)


def with_summary(readme: str, claims: Sequence[Mapping], compared: str = "") -> str:
    """The README's text with its count of claims made anew, between the two lines ``MARKS``.

    ``compared`` is as for ``summary``.

    Raises:
        ValueError: the text lacks one of the marks.
    """
    return _between(readme, MARKS, summary(claims, compared))


def with_words(verdicts: str, readings: Sequence[Reading]) -> str:
    """The text of verdicts.md with its table of words made anew, between ``WORD_MARKS``.

    Raises:
        ValueError: the text lacks one of the marks.
    """
    return _between(verdicts, WORD_MARKS, words(readings))


def with_numbers(numbers: str, claims: Sequence[Mapping], bars: Sequence[Mapping]) -> str:
    """The text of numbers.md with its tables of lengths, seeds and moved bars made anew.

    Raises:
        ValueError: the text lacks one of ``LENGTH_MARKS``, ``SEED_MARKS`` and ``BAR_MARKS``.
    """
    parts = (
        (LENGTH_MARKS, lengths(claims)),
        (SEED_MARKS, reseeded(claims)),
        (BAR_MARKS, moved_bars(bars)),
    )
    for marks, part in parts:
        numbers = _between(numbers, marks, part)
    return numbers


def _between(text: str, marks: tuple[str, str], part: str) -> str:
    for mark in marks:
        if mark not in text:
            raise ValueError(f"it has no line {mark!r}")
    before, rest = text.split(marks[0], 1)
    after = rest.split(marks[1], 1)[1]
    return f"{before}{marks[0]}\n\n{part}\n{marks[1]}{after}"


def _reference(claim: Mapping) -> str:
    """The reference run's verdict, and in how many reseedings its own came."""
    share = beside.reseedings(claim["reseeded"], claim["reference"] or "")
    return (claim["reference"] or "–") + f" ({share})" * bool(share)


def _judged(claim: Mapping) -> str:
    """Where trained nets are judged, and what the reference run says of the claim."""
    told = [beside.lengths(claim)]
    if claim["reference"]:
        told.append(f"In the reference run: {_reference(claim)}.")
    return " ".join(filter(None, told))


def _quoted(reading: Mapping) -> str:
    return f"“{_cell(reading['word'])}”"


def _anchor(heading: str) -> str:
    """What a link to a heading ends in, as GitHub and the site have it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _cell(text: str) -> str:
    return str(text).replace("|", "\\|")
