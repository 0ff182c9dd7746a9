"""The report: one self-contained HTML page from claims, figures and tables.

    page = render(claims, figures, tables)

Pure: strings in, a string out, and the same string for the same input. Everything the page shows
is in it, and its content security policy forbids it to load anything else.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from edgeofchaos.claims.judge import INCONCLUSIVE, QUALIFIED, REFUTED, REPRODUCED
from edgeofchaos.figures.catalogue import FIGURES, Figure
from edgeofchaos.report import beside
from edgeofchaos.report.images import source
from edgeofchaos.report.numbers import prettier, shown

# In the order in which a reader wants to see them; sorting by verdict follows it.
VERDICTS = {
    REFUTED: "✗",
    QUALIFIED: "◐",
    INCONCLUSIVE: "?",
    REPRODUCED: "✓",
}
KINDS = {"T": "theory", "S": "simulation", "M": "training"}
TABLES = {
    "edge": (
        "Edge points",
        "Solutions of χ₁ = 1 and F(q) = q with the smallest q. They are on the edge in the "
        "paper's sense only where q is stable: the smallest fixed point of F, and attracting "
        "(α < 1).",
    ),
    "threshold": (
        "Where the curves turn stable",
        "The edge point at which α = F'(q) crosses 1. An activation without a row has no such "
        "point.",
    ),
}
COLUMNS = {"sigma_b": "σ_b", "sigma_w": "σ_w", "chi1": "χ₁", "alpha": "α"}

_KEYS = (
    "id", "section", "kind", "verdict", "statement", "measured", "expected", "tolerance", "draws",
    "evidence", "figure", "readings", "note", "deciding", "detail", "steps", "lengths", "reference",
    "reseeded",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")

Rows = Sequence[Mapping[str, object]]


def render(
    claims: Sequence[Mapping],
    figures: Mapping[str, str],
    tables: Mapping[str, Rows],
    catalogue: Mapping[str, Figure] | None = None,
    compared: str = "",
) -> str:
    """The page as HTML.

    Args:
        claims: the objects of ``claims.json``, in the paper's order.
        figures: name -> image, a ``data:image/`` URI or the text of an SVG, in gallery order.
        tables: name (a key of ``TABLES``) -> rows, each a mapping from column to value.
        catalogue: name -> title and caption; ``edgeofchaos.figures.catalogue.FIGURES`` if None.
        compared: a sentence on how far this run agrees with the reference run.

    Raises:
        ValueError: a claim lacks a key or has an unknown verdict, kind or figure, an id occurs
            twice, a figure is not in the catalogue or not an image, or a table is unknown.
    """
    catalogue = FIGURES if catalogue is None else catalogue
    _check_figures(figures, catalogue)
    _check_claims(claims, figures)
    for name in tables:
        if name not in TABLES:
            raise ValueError(f"tables: {name!r} is unknown; allowed are {', '.join(TABLES)}")
    shown_claims = [_claim(claim) for claim in claims]
    used_by = {f: [c["id"] for c in claims if f in c["figure"]] for f in figures}
    script, style = _asset("table.js"), _asset("style.css")
    template = _environment().get_template("page.html.j2")
    return template.render(
        claims=shown_claims,
        compared=compared,
        referred=any(claim["reference"] for claim in claims),
        counts=_counts(claims),
        symbols=VERDICTS,
        read=[c for c in claims if c["readings"]],
        hanging=[{"claim": c, "reading": r} for c in claims for r in c["readings"] if r["hangs"]],
        figures=[
            {"name": f, "about": catalogue[f], "used_by": used_by[f], **source(f, image)}
            for f, image in figures.items()
        ],
        tables=[_table(name, tables[name]) for name in TABLES if name in tables],
        script=Markup(script),
        script_hash=_sha256(script),
        style=Markup(style),
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("edgeofchaos.report", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters["prettier"] = prettier
    return environment


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _check_figures(figures: Mapping[str, str], catalogue: Mapping[str, Figure]) -> None:
    for name in figures:
        if not _NAME.fullmatch(name):
            raise ValueError(f"figures: name {name!r}; letters, digits, - and _ are allowed")
        if name not in catalogue:
            raise ValueError(f"figures: {name!r} has no caption: it is not in the catalogue")


def _check_claims(claims: Sequence[Mapping], figures: Mapping[str, str]) -> None:
    seen = set()
    for position, claim in enumerate(claims):
        where = f"claim {claim.get('id', position)!r}"
        for key in _KEYS:
            if key not in claim:
                raise ValueError(f"{where}: the key {key!r} is missing")
        if not _NAME.fullmatch(claim["id"]):
            raise ValueError(f"{where}: letters, digits, - and _ are allowed in an id")
        if claim["id"] in seen:
            raise ValueError(f"{where}: the id occurs twice")
        seen.add(claim["id"])
        judged = [claim["verdict"], *(e["verdict"] for e in claim["evidence"])]
        judged += [found["verdict"] for found in claim["lengths"]]
        judged += [claim["reference"], *(claim["reseeded"] or {})] if claim["reference"] else []
        for verdict in (*judged, *(r[at] for r in claim["readings"] for at in ("half", "twice"))):
            if verdict not in VERDICTS:
                allowed = ", ".join(VERDICTS)
                raise ValueError(f"{where}: verdict {verdict!r}; allowed are {allowed}")
        for kind in _kinds(claim):
            if kind not in KINDS:
                raise ValueError(f"{where}: kind {kind!r}; allowed are {', '.join(KINDS)}")
        for figure in claim["figure"]:
            if figure not in figures:
                raise ValueError(f"{where}: its figure {figure!r} is not among the figures")


def _kinds(claim: Mapping) -> list[str]:
    return [k for k in claim["kind"].split(",") if k]


def _counts(claims: Sequence[Mapping]) -> list[tuple[str, int]]:
    found = Counter(claim["verdict"] for claim in claims)
    return [(verdict, found[verdict]) for verdict in VERDICTS]


def _claim(claim: Mapping) -> dict:
    behind: Mapping = next((e for e in claim["evidence"] if e["name"] == claim["deciding"]), {})
    return {
        **claim,
        "kind_names": [KINDS[k] for k in _kinds(claim)],
        "hangs": [r["word"] for r in claim["readings"] if r["hangs"]],
        "rank": list(VERDICTS).index(claim["verdict"]),
        "reference_rank": list(VERDICTS).index(claim["reference"]) if claim["reference"] else "",
        "measured": shown(claim["measured"], behind.get("value"), behind.get("error")),
        "expected": shown(claim["expected"]),
        "reseedings": beside.reseedings(claim["reseeded"], claim["reference"] or claim["verdict"]),
        "judged_after": beside.lengths(claim),
        "evidence": [_evidence(e) for e in claim["evidence"]],
    }


def _evidence(entry: Mapping) -> dict:
    # A bound and a yes-or-no have no tolerance; only "equal to" has.
    bound = str(entry["expected"]).startswith(("<", ">", "yes", "no"))
    return {
        **entry,
        "measured": shown(entry["measured"], entry.get("value"), entry.get("error")),
        "expected": shown(entry["expected"]),
        "tolerance": shown("" if bound else entry["tolerance"]),
        "scope": entry.get("role") == "scope",
    }


def _table(name: str, rows: Rows) -> dict:
    title, caption = TABLES[name]
    columns = list(rows[0]) if rows else []
    return {
        "name": name,
        "title": title,
        "caption": caption,
        "columns": [(column, COLUMNS.get(column, column.replace("_", " "))) for column in columns],
        "rows": [[(column, shown(row[column])) for column in columns] for row in rows],
        "activations": list(dict.fromkeys(str(r["activation"]) for r in rows if "activation" in r)),
    }
