"""What verdicts would be by the bars that stood before some were moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from edgeofchaos.claims.entries import measured
from edgeofchaos.claims.judge import decide, judge, show
from edgeofchaos.claims.model import Claim, Criterion, Tables
from edgeofchaos.claims.registry import BY_ID

COLUMNS = ("claim", "criterion", "measured", "was", "is", "verdict_was", "verdict_is")


def moved_bars(bars: Iterable[Mapping], tables: Tables) -> list[dict]:
    """One row a bar, with the columns ``COLUMNS``; verdicts are those on the claim.

    Args:
        bars: ``claim``, ``criterion`` (how its name begins) and ``was``, the bar before.

    Raises:
        ValueError: no criterion or several of that claim begin so.
    """
    return [_judged(BY_ID[bar["claim"]], bar, tables) for bar in bars]


def _judged(claim: Claim, bar: Mapping, tables: Tables) -> dict:
    begins = [c for c in claim.criteria if c.name.startswith(bar["criterion"])]
    if len(begins) != 1:
        raise ValueError(
            f"{claim.id}: {len(begins)} criteria begin with {bar['criterion']!r}; allowed is one"
        )
    (now,) = begins
    numbers = [(criterion, measured(criterion, tables)) for criterion in claim.criteria]
    before = [(_at(c, bar["was"]) if c is now else c, m) for c, m in numbers]
    found = decide(now, next(m for c, m in numbers if c is now))
    return {
        "claim": claim.id,
        "criterion": now.name,
        "measured": show(now, found.measurement),
        "was": _told(_at(now, bar["was"])),
        "is": _told(now),
        "verdict_was": judge([decide(*pair) for pair in before]),
        "verdict_is": judge([decide(*pair) for pair in numbers]),
    }


def _at(criterion: Criterion, bar: float) -> Criterion:
    if criterion.kind == "equal":
        return replace(criterion, tolerance=bar)
    return replace(criterion, expected=bar)


def _told(criterion: Criterion) -> str:
    within = f" within {criterion.tolerance:g}" if criterion.kind == "equal" else ""
    return criterion.expectation() + within
