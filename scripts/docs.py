"""Write what docs/ and the README show of the results: the claims, the gallery, its figures."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

from edgeofchaos.support.artifacts import read_bytes, write_bytes, write_text
from edgeofchaos.support.program import parser, run

MARKS = ("<!-- claims: written by make docs -->", "<!-- end of claims -->")


def main():
    from edgeofchaos.figures.catalogue import FIGURES

    arguments = parser(__doc__)
    arguments.add_argument("--results", type=Path, default=Path("results"), help="what to show")
    arguments.add_argument("--docs", type=Path, default=Path("docs"), help="where it goes")
    arguments.add_argument("--readme", type=Path, default=Path("README.md"), help="gets the table")
    args = arguments.parse_args()

    claims = json.loads(read_bytes(args.results / "claims" / "claims.json"))
    readme = args.readme.read_text(encoding="utf-8")
    if not all(mark in readme for mark in MARKS):
        raise ValueError(f"--readme {args.readme}: it has no line {MARKS[0]!r} and {MARKS[1]!r}")

    shutil.rmtree(args.docs / "figures", ignore_errors=True)
    for name in FIGURES:
        picture = read_bytes(args.results / "figures" / f"{name}.png")
        write_bytes(picture, args.docs / "figures" / f"{name}.png")
    write_text(gallery(FIGURES), args.docs / "gallery.md")
    write_text(statements(claims), args.docs / "claims.md")
    before, rest = readme.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    write_text(f"{before}{MARKS[0]}\n\n{summary(claims)}\n{MARKS[1]}{after}", args.readme)


def summary(claims: list[dict]) -> str:
    """How many of each verdict, and one row a claim."""
    counts = Counter(c["verdict"] for c in claims)
    order = ("reproduced", "qualified", "refuted", "inconclusive", "pending")
    told = ", ".join(f"{counts[v]} {v}" for v in order if counts[v])
    lines = [f"{len(claims)} claims: {told}.", "", "| claim | verdict | what decided it |",
             "| --- | --- | --- |"]  # fmt: skip
    for c in claims:
        link = f"[`{c['id']}`](docs/claims.md#{c['id']})"
        lines.append(f"| {link} | {_verdict(c)} | {_cell(_decided(c))} |")
    return "\n".join(lines) + "\n"


def statements(claims: list[dict]) -> str:
    """Every claim in full: statement, verdict, each number, note and figures."""
    parts = ["# The claims, one by one", "",
             "Written by `make docs` from `results/claims/claims.json`.", ""]  # fmt: skip
    section = None
    for c in claims:
        if c["section"] != section:
            section = c["section"]
            parts += [f"## {section}", ""]
        parts += [f"### {c['id']}", "", f"**{_verdict(c)}** · {c['statement']}", ""]
        if c["evidence"]:
            parts += ["| measured | value | expected | |", "| --- | --- | --- | --- |"]
            parts += [
                f"| {_cell(e['name'])} | {_cell(e['measured'])} | {_cell(e['expected'])} "
                f"| {e['verdict']} |"
                for e in c["evidence"]
            ]
            parts.append("")
        if c["note"]:
            parts += [c["note"], ""]
        if c["figure"]:
            links = ", ".join(f"[{f}](gallery.md#{f})" for f in c["figure"])
            parts += [f"Figures: {links}", ""]
    return "\n".join(parts)


def gallery(figures: dict) -> str:
    """Every figure with its caption, by category."""
    parts = ["# Gallery", "", "Drawn by `make reproduce`, put here by `make docs`.", ""]
    for category in dict.fromkeys(f.category for f in figures.values()):
        parts += [f"## {category}", ""]
        for name, figure in figures.items():
            if figure.category == category:
                caption = re.sub(r"\s+", " ", figure.caption)
                parts += [f"### {name}", "", f"![{figure.title}](figures/{name}.png)", "",
                          f"**{figure.title}.** {caption}", ""]  # fmt: skip
    return "\n".join(parts)


def _verdict(claim: dict) -> str:
    still = [f"{kind} pending" for kind in claim["pending"]]
    built = claim["verdict"] != "pending"
    return claim["verdict"] + (f" ({', '.join(still)})" if still and built else "")


def _decided(claim: dict) -> str:
    if not claim["deciding"]:
        return "no evidence built yet"
    return f"{claim['deciding']}: {claim['measured']} (expected {claim['expected']})"


def _cell(text: str) -> str:
    return str(text).replace("|", "\\|")


if __name__ == "__main__":
    run(main)
