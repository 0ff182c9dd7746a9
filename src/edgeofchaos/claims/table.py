"""The table of claims: every claim judged on the tables, in the paper's order."""

from __future__ import annotations

from edgeofchaos.claims import evidence_edge, evidence_maps, evidence_nets  # noqa: F401  (register the readers)
from edgeofchaos.claims.evidence import Tables, evidence
from edgeofchaos.claims.model import BUILT, Claim
from edgeofchaos.claims.registry import CLAIMS
from edgeofchaos.claims.verdict import PENDING, Finding, findings, judge

COLUMNS = (
    "id", "section", "kind", "verdict", "statement", "measured", "expected", "tolerance", "draws",
    "evidence", "figure", "pending",
)  # fmt: skip


def judged(tables: Tables) -> list[dict]:
    """One entry a claim, with nested evidence, as in ``claims.json``."""
    return [_entry(claim, tables) for claim in CLAIMS]


def _entry(claim: Claim, tables: Tables) -> dict:
    built = [k for k in claim.kinds if k in BUILT]
    found = findings(claim.criteria, evidence(claim.id, tables)) if built else []
    verdict = (
        judge(claim.criteria, {f.criterion.name: f.measurement for f in found})
        if found
        else PENDING
    )
    deciding = _deciding(found)
    return {
        "id": claim.id,
        "section": claim.section,
        "kind": ",".join(claim.kinds),
        "verdict": verdict,
        "statement": claim.statement,
        "measured": deciding.as_dict()["measured"] if deciding else "",
        "expected": deciding.criterion.expectation() if deciding else "",
        "tolerance": deciding.criterion.tolerance if deciding else "",
        "draws": max((f.measurement.draws for f in found), default=0),
        "evidence": [f.as_dict() for f in found],
        "figure": list(claim.figures),
        "pending": list(claim.pending),
        "note": claim.note,
        "deciding": deciding.criterion.name if deciding else "",
    }


def _deciding(found: list[Finding]) -> Finding | None:
    """The finding to show: the first that is not as the claim has it, else the first."""
    for wanted in ("refuted", "inconclusive"):
        for role in ("core", "scope"):
            for f in found:
                if f.verdict == wanted and f.criterion.role == role:
                    return f
    return found[0] if found else None


def flat(entry: dict) -> dict:
    """An entry as a row of ``claims.csv``: the evidence in words, lists joined by ``;``."""
    row = {key: entry[key] for key in COLUMNS}
    row["measured"] = f"{entry['deciding']}: {entry['measured']}" if entry["deciding"] else ""
    row["evidence"] = (
        "; ".join(
            f"{e['name']}: {e['measured']} (expected {e['expected']}; {e['verdict']})"
            for e in entry["evidence"]
        )
        or "no evidence built yet"
    )
    row["figure"] = ";".join(entry["figure"])
    row["pending"] = ";".join(entry["pending"])
    return row
