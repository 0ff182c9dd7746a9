"""Every claim judged on the tables, in the paper's order: ``claims.json`` and ``claims.csv``."""

from __future__ import annotations

import math

from edgeofchaos.claims.judge import (
    Finding,
    Sensitivity,
    decide,
    deciding,
    judge,
    sensitivities,
    show,
)
from edgeofchaos.claims.lengths import at_step, evaluated, on_trained_nets
from edgeofchaos.claims.model import Claim, Criterion, Measured, Measurement, Tables
from edgeofchaos.claims.reading import MissingRows
from edgeofchaos.claims.registry import CLAIMS
from edgeofchaos.experiments.inits import STEPS

COLUMNS = (
    "id", "section", "kind", "verdict", "statement", "measured", "expected", "tolerance", "draws",
    "evidence", "figure", "readings",
)  # fmt: skip


def judged(tables: Tables) -> list[dict]:
    """One entry a claim, with nested evidence, as in ``claims.json``.

    Args:
        tables: name -> DataFrame, of the tables that there are. A criterion that needs another
            one, or rows that are not there, is inconclusive and says so in its ``detail``.
    """
    return [entry(claim, tables) for claim in CLAIMS]


def findings(claim: Claim, tables: Tables) -> list[Finding]:
    """Each criterion of a claim, measured on the tables and judged."""
    return [decide(criterion, measured(criterion, tables)) for criterion in claim.criteria]


def measured(criterion: Criterion, tables: Tables) -> Measured:
    """What a criterion's reader returns, or a NaN whose detail says which table lacks what."""
    try:
        return criterion.read(tables)
    except MissingRows as missing:
        return Measurement(math.nan, math.nan, str(missing))


def entry(claim: Claim, tables: Tables) -> dict:
    """One claim as an object of ``claims.json``.

    ``steps`` is where trained nets are judged, and ``lengths`` has the verdicts at others. What the
    reference run says is None until :func:`.reference.beside` adds it.
    """
    numbers = [(criterion, measured(criterion, tables)) for criterion in claim.criteria]
    found = [decide(*pair) for pair in numbers]
    shown = deciding(found)
    verdict = judge(found)
    return {
        "id": claim.id,
        "section": claim.section,
        "kind": ",".join(claim.kinds),
        "verdict": verdict,
        "statement": claim.statement,
        "measured": show(shown.criterion, shown.measurement),
        "expected": shown.criterion.expectation(),
        "tolerance": shown.criterion.tolerance,
        "draws": max(f.measurement.draws for f in found),
        "evidence": [_evidence(f) for f in found],
        "figure": list(claim.figures),
        "readings": [_reading(s, verdict) for s in sensitivities(numbers)],
        "note": claim.note,
        "deciding": shown.criterion.name,
        "detail": shown.measurement.detail,
        "steps": STEPS if on_trained_nets(claim) else None,
        "lengths": _lengths(claim, tables),
        "reference": None,
        "reseeded": None,
    }


def _lengths(claim: Claim, tables: Tables) -> list[dict]:
    """What the verdict on trained nets would be after other numbers of steps, where there are."""
    if not on_trained_nets(claim):
        return []
    return [
        {"steps": step, "verdict": judge(findings(claim, at_step(tables, step))),
         "reference": False}
        for step in evaluated(tables)
    ]  # fmt: skip


def _evidence(finding: Finding) -> dict:
    c, m = finding.criterion, finding.measurement
    return {
        "name": c.name, "measured": show(c, m), "value": m.value, "error": m.error,
        "expected": c.expectation(), "tolerance": c.tolerance, "role": c.role,
        "verdict": finding.verdict, "detail": m.detail, "draws": m.draws,
        "reading": c.reading and {
            "word": c.reading.word, "number": c.reading.number, "why": c.reading.why,
        },
    }  # fmt: skip


def _reading(found: Sensitivity, verdict: str) -> dict:
    """A word read as a number; ``hangs`` is whether half or twice of it changes the verdict."""
    r = found.reading
    return {
        "word": r.word, "number": r.number, "says": r.told(), "why": r.why,
        "criteria": list(found.criteria), "half": found.half, "twice": found.twice,
        "hangs": {found.half, found.twice} != {verdict},
    }  # fmt: skip


def _of(measured: dict) -> str:
    """The number, and in brackets what it was measured on."""
    return measured["measured"] + (f" [{measured['detail']}]" if measured["detail"] else "")


def row(claim: dict) -> dict:
    """An entry as a row of ``claims.csv``: the evidence and readings in words, joined by ``;``."""
    evidence = "; ".join(
        f"{e['name']}: {_of(e)} (expected {e['expected']}; {e['verdict']})"
        for e in claim["evidence"]
    )
    changed = {
        "measured": f"{claim['deciding']}: {_of(claim)}",
        "evidence": evidence,
        "figure": ";".join(claim["figure"]),
        "readings": "; ".join(
            f"{r['word']}: {r['says']} (at half {r['half']}, at twice {r['twice']})"
            for r in claim["readings"]
        ),
    }
    return {column: changed.get(column, claim[column]) for column in COLUMNS}
