"""From measured numbers to a verdict: pure functions, no tables, no files.

A claim is a list of criteria. Each criterion compares one measurement, which carries an error
bound, with what the claim expects. A *core* criterion is the claim itself: if one is contradicted
the claim is refuted. A *scope* criterion is something a reader would take the claim to imply: if
one is contradicted the claim holds with a restriction, and is qualified.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

REPRODUCED, REFUTED, QUALIFIED = "reproduced", "refuted", "qualified"
INCONCLUSIVE, PENDING = "inconclusive", "pending"
VERDICTS = (REPRODUCED, REFUTED, QUALIFIED, INCONCLUSIVE, PENDING)


@dataclass(frozen=True)
class Measurement:
    """A number and a bound on its error; NaN where the tables do not have it.

    ``draws`` is the number of independent nets behind it, 0 where nothing is random.
    """

    value: float
    error: float = 0.0
    detail: str = ""
    draws: int = 0


@dataclass(frozen=True)
class Criterion:
    """What one measurement has to be.

    ``kind`` is ``equal`` (within ``tolerance`` of ``expected``), ``below`` or ``above``
    (``expected``), or ``true`` (1 rather than 0).
    """

    name: str
    kind: str
    expected: float = 1.0
    tolerance: float = 0.0
    role: str = "core"

    def judge(self, m: Measurement) -> str:
        """Reproduced or refuted where the error allows no other reading; else inconclusive."""
        if not math.isfinite(m.error) or math.isnan(m.value):
            return INCONCLUSIVE
        if self.kind == "equal":
            gap = abs(m.value - self.expected)
            inside, outside = gap + m.error <= self.tolerance, gap - m.error > self.tolerance
        elif self.kind == "below":
            inside, outside = m.value + m.error < self.expected, m.value - m.error >= self.expected
        elif self.kind == "above":
            inside, outside = m.value - m.error > self.expected, m.value + m.error <= self.expected
        elif self.kind == "true":
            inside, outside = m.value - m.error > 0.5, m.value + m.error < 0.5
        else:
            raise ValueError(f"kind = {self.kind!r}; allowed are equal, below, above, true")
        return REPRODUCED if inside else (REFUTED if outside else INCONCLUSIVE)

    def expectation(self) -> str:
        """What is expected, in words."""
        if self.kind == "true":
            return "yes"
        sign = {"equal": "", "below": "< ", "above": "> "}[self.kind]
        return f"{sign}{self.expected:.6g}"


@dataclass(frozen=True)
class Finding:
    """One criterion with what was measured and what follows."""

    criterion: Criterion
    measurement: Measurement
    verdict: str

    def as_dict(self) -> dict:
        """For ``claims.json``."""
        c, m = self.criterion, self.measurement
        return {
            "name": c.name, "measured": show(c, m), "value": m.value, "error": m.error,
            "expected": c.expectation(), "tolerance": c.tolerance, "role": c.role,
            "verdict": self.verdict, "detail": m.detail, "draws": m.draws,
        }  # fmt: skip


MISSING = Measurement(math.nan, math.nan, "not in the tables of this config")


def findings(criteria: list[Criterion], evidence: Mapping[str, Measurement]) -> list[Finding]:
    """Each criterion judged on the measurement of its name; a missing one is inconclusive."""
    out = []
    for criterion in criteria:
        measurement = evidence.get(criterion.name, MISSING)
        out.append(Finding(criterion, measurement, criterion.judge(measurement)))
    return out


def judge(criteria: list[Criterion], evidence: Mapping[str, Measurement]) -> str:
    """The verdict on a claim."""
    found = findings(criteria, evidence)
    core = [f.verdict for f in found if f.criterion.role == "core"]
    scope = [f.verdict for f in found if f.criterion.role == "scope"]
    if not core:
        raise ValueError("criteria: at least one has to have the role 'core'")
    if REFUTED in core:
        return REFUTED
    if INCONCLUSIVE in core:
        return INCONCLUSIVE
    if REFUTED in scope:
        return QUALIFIED
    return INCONCLUSIVE if INCONCLUSIVE in scope else REPRODUCED


def show(criterion: Criterion, m: Measurement) -> str:
    """A measurement in words."""
    if math.isnan(m.value):
        return "not measured"
    if criterion.kind == "true":
        return "yes" if m.value > 0.5 else "no"
    return f"{m.value:.6g}" + (f" +- {m.error:.2g}" if m.error > 0 else "")
