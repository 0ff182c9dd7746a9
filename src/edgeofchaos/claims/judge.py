"""From criteria and measurements to verdicts: pure functions, no tables, no files.

A *core* criterion is the claim itself: if one is contradicted the claim is refuted. A *scope*
criterion is something a reader would take the claim to imply: if one is contradicted the claim
holds with a restriction, and is qualified.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edgeofchaos.claims.model import Criterion, Measured, Measurement, Reading

REPRODUCED, REFUTED, QUALIFIED = "reproduced", "refuted", "qualified"
INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Finding:
    """One criterion, the measurement that decides it, and what follows."""

    criterion: Criterion
    measurement: Measurement
    verdict: str


def verdict_on(criterion: Criterion, m: Measurement) -> str:
    """Reproduced or refuted where the error allows no other reading; else inconclusive."""
    if not math.isfinite(m.error) or math.isnan(m.value):
        return INCONCLUSIVE
    (low, high), bar = m.interval(), criterion.expected
    # What refutes a core criterion may take more than what reproduces it.
    least, most = m.interval(against=criterion.role == "core")
    if criterion.kind == "equal":
        inside = max(bar - low, high - bar) <= criterion.tolerance
        outside = max(bar - most, least - bar) > criterion.tolerance
    elif criterion.kind == "below":
        inside, outside = high < bar, least >= bar
    elif criterion.kind == "above":
        inside, outside = low > bar, most <= bar
    else:
        inside, outside = low > 0.5, most < 0.5
    return REPRODUCED if inside else (REFUTED if outside else INCONCLUSIVE)


def decide(criterion: Criterion, measured: Measured) -> Finding:
    """The verdict on a criterion, with the one measurement that decides it.

    Of several measurements each has to meet the criterion: it is refuted if any refutes it, else
    inconclusive if any is or if a witness was not measured, else reproduced. The one that decides
    is, among those with that verdict, the one whose interval goes furthest against the criterion:
    with its unfavourable end or, where all of the interval refutes, with its favourable end.

    Raises:
        ValueError: there is no measurement.
    """
    several = [measured] if isinstance(measured, Measurement) else list(measured)
    if not several:
        raise ValueError(f"criterion {criterion.name!r}: no measurement to judge")
    verdicts = [verdict_on(criterion, m) for m in several]
    overall = next(v for v in (REFUTED, INCONCLUSIVE, REPRODUCED) if v in verdicts)
    unseen = [w for w in criterion.witnesses if not any(m.detail.startswith(w) for m in several)]
    if unseen and overall == REPRODUCED:
        missing = Measurement(math.nan, math.nan, f"not measured on {', '.join(unseen)}")
        return Finding(criterion, missing, INCONCLUSIVE)
    candidates = [m for m, v in zip(several, verdicts, strict=True) if v == overall]
    return Finding(
        criterion, max(candidates, key=lambda m: _against(criterion, m, overall)), overall
    )


def _against(criterion: Criterion, m: Measurement, verdict: str) -> float:
    """How far one end of the interval goes against the criterion; infinite if not measured."""
    low, high = m.interval()
    if criterion.kind == "equal":
        # A gap's interval, from its nearer to its farther end.
        ends = (low - criterion.expected, criterion.expected - high)
        near, far = max(ends), -min(ends)
    else:
        near, far = (low, high) if criterion.kind == "below" else (-high, -low)
    end = near if verdict == REFUTED else far
    return math.inf if math.isnan(end) else end


def judge(findings: Sequence[Finding]) -> str:
    """The verdict on a claim from the findings on all of its criteria."""
    core = [f.verdict for f in findings if f.criterion.role == "core"]
    scope = [f.verdict for f in findings if f.criterion.role == "scope"]
    if REFUTED in core:
        return REFUTED
    if INCONCLUSIVE in core:
        return INCONCLUSIVE
    if REFUTED in scope:
        return QUALIFIED
    return INCONCLUSIVE if INCONCLUSIVE in scope else REPRODUCED


@dataclass(frozen=True)
class Sensitivity:
    """A word that a claim reads as a number, and the verdicts at half and at twice that number.

    ``criteria`` are the names of those whose bars are made of it.
    """

    reading: Reading
    criteria: tuple[str, ...]
    half: str
    twice: str


def verdict_at(measured: Sequence[tuple[Criterion, Measured]], word: str, factor: float) -> str:
    """The verdict on a claim with the number that one word is read as multiplied by ``factor``.

    Args:
        measured: each criterion of the claim with what was measured; nothing is measured again.
        word: the word of a reading; all criteria with it change together.
    """
    return judge([
        decide(c.read_as(factor) if c.reading and c.reading.word == word else c, m)
        for c, m in measured
    ])  # fmt: skip


def sensitivities(measured: Sequence[tuple[Criterion, Measured]]) -> list[Sensitivity]:
    """What the verdict on a claim owes to each word that it reads as a number."""
    readings = {c.reading.word: c.reading for c, _ in measured if c.reading}
    return [
        Sensitivity(
            reading,
            tuple(c.name for c, _ in measured if c.reading and c.reading.word == word),
            verdict_at(measured, word, 0.5),
            verdict_at(measured, word, 2.0),
        )
        for word, reading in readings.items()
    ]


def deciding(findings: Sequence[Finding]) -> Finding:
    """The finding to show: the first that makes the verdict what it is, else the first of all."""
    for role in ("core", "scope"):
        for wanted in (REFUTED, INCONCLUSIVE):
            for f in findings:
                if f.verdict == wanted and f.criterion.role == role:
                    return f
    return findings[0]


def show(criterion: Criterion, m: Measurement) -> str:
    """A measurement in words."""
    if math.isnan(m.value):
        return "not measured"
    if criterion.kind == "true":
        return "yes" if m.value > 0.5 else "no"
    if m.bounds is not None:
        return f"{m.value:.3g} ({m.bounds[0]:.3g} to {m.bounds[1]:.3g})"
    return f"{m.value:.6g}" + (f" +- {m.error:.2g}" if m.error > 0 else "")
