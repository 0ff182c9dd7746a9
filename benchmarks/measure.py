"""Contestants timed in turns, in one process: seconds, memory and error of each, and their ratios.

A machine whose speed drifts slows contestants that take turns alike, so a ratio is taken round by
round: the seconds of a peer over ours in the same round.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from benchmarks.memory import Peak

_BLOCK = 0.01  # seconds that a timed block of calls takes at least
_SHORT = 1.0  # seconds of a call that can be made once more
_MOST_ROUNDS = 30
_SPREAD = (0.1, 0.9)  # the quantiles that a spread is between


@dataclass(frozen=True)
class Contestant:
    """One way to compute something.

    Attributes:
        name: what the table calls it.
        run: computes it, and returns the answer.
        bar: the error that its answer may have; more, and the benchmark fails.
        share: the part of the work that one ``run`` does; its seconds are divided by it.
        prepare: called before each ``run``, and not timed.
        peak: MiB of the last ``run``, where that happens in another process.
        role: ``ours``, ``peer``, or ``bound``: a part of the work that no way could do without,
            whose answer is not looked at.
    """

    name: str
    run: Callable[[], Any]
    bar: float
    share: float = 1.0
    prepare: Callable[[], object] | None = None
    peak: Callable[[], float] | None = None
    role: str = "peer"


def bound(name: str, run: Callable[[], Any]) -> Contestant:
    """A part of the work that no way could do without."""
    return Contestant(name, run, 0.0, role="bound")


@dataclass(frozen=True)
class Comparison:
    """Contestants, the first of them ours, and how far an answer is from the right one.

    Attributes:
        key: a short name.
        title: what is computed.
        about: what a reader has to know of it.
        contestants: the first is what the others are compared with.
        error: of an answer.
        error_name: what that is.
        once: the first call is the only one and is timed: what takes minutes.
        facts: what else came out, called at the end with the rows.
        close: called when all is done.
    """

    key: str
    title: str
    about: str
    contestants: list[Contestant]
    error: Callable[[Any], float]
    error_name: str
    once: bool = False
    facts: Callable[[list[Row]], dict[str, float]] | None = None
    close: Callable[[], object] | None = None

    def alone(self, why: str) -> Comparison:
        """Ours without its peers, and the reason."""
        return replace(self, contestants=self.contestants[:1], about=f"{self.about} {why}")


@dataclass(frozen=True)
class Row:
    """What came out for one contestant; a ratio is its seconds over those of the first."""

    comparison: str
    contestant: str
    role: str
    seconds: float
    seconds_low: float
    seconds_high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    rounds: int
    share: float
    mib: float
    error: float
    bar: float

    @property
    def right(self) -> bool:
        """Whether its error is within its bar."""
        return self.error <= self.bar  # not, where it is NaN


@dataclass(frozen=True)
class Measured:
    """A comparison's rows; seconds of each contestant by round; what else came out."""

    comparison: Comparison
    rows: list[Row]
    rounds: list[dict[str, float]]
    facts: dict[str, float] = field(default_factory=dict)


def measure(comparison: Comparison, budget: float, least: int = 3) -> Measured:
    """Time the contestants of a comparison in turns.

    The first call of each is not timed for the table: it warms up, and its answer is held to the
    right one. The rise of memory is that of a call that is warm, if it is short. The order of a
    round is turned about in the next.

    Args:
        comparison: what is compared.
        budget: seconds that the rounds may take, unless the least number of them takes more.
        least: how many rounds there are at least.
    """
    contestants = comparison.contestants
    calls, mib, errors, expected, rounds = {}, {}, {}, 0.0, [{}]
    for one in contestants:
        with Peak() as peak:
            seconds, answer = _timed(one, 1)
        rounds[0][one.name] = seconds / one.share
        mib[one.name] = one.peak() if one.peak else peak.mib
        errors[one.name] = 0.0 if one.role == "bound" else float(comparison.error(answer))
        if comparison.once:
            continue
        if seconds < _SHORT:  # once more, now warm: its memory is not that of what it loads
            with Peak() as peak:
                seconds, _ = _timed(one, 1)
            mib[one.name] = one.peak() if one.peak else peak.mib
        calls[one.name] = 1
        # Until a block is long enough: a first call, whose caches are cold, says little of it.
        while seconds * calls[one.name] < _BLOCK and one.prepare is None:
            calls[one.name] = max(2 * calls[one.name], math.ceil(_BLOCK / seconds))
            seconds, _ = _timed(one, calls[one.name])
        expected += seconds * calls[one.name]
    if not comparison.once:
        count = min(_MOST_ROUNDS, max(least, int(budget / expected)))
        rounds = []
        for i in range(count):
            order = contestants if i % 2 == 0 else contestants[::-1]
            rounds.append({c.name: _timed(c, calls[c.name])[0] / c.share for c in order})
    first = contestants[0].name
    rows = []
    for one in contestants:
        seconds = [r[one.name] for r in rounds]
        ratios = [r[one.name] / r[first] for r in rounds]
        rows.append(Row(
            comparison.key, one.name, one.role, *_middle(seconds), *_middle(ratios), len(rounds),
            one.share, mib[one.name], errors[one.name], one.bar,
        ))  # fmt: skip
    return Measured(comparison, rows, rounds, comparison.facts(rows) if comparison.facts else {})


def _timed(one: Contestant, calls: int) -> tuple[float, Any]:
    """Seconds of a call, and the answer."""
    if one.prepare is not None:
        one.prepare()
    start = time.perf_counter()
    for _ in range(calls):
        answer = one.run()
    return (time.perf_counter() - start) / calls, answer


def _middle(values: list[float]) -> tuple[float, float, float]:
    """The median, and the quantiles that the spread is between."""
    low, high = np.quantile(values, _SPREAD)
    return float(np.median(values)), float(low), float(high)


def check(found: list[Measured]) -> None:
    """That every contestant gives the right answer.

    Raises:
        ValueError: errors are above their bars; the message names the rows.
    """
    wrong = [row for measured in found for row in measured.rows if not row.right]
    if wrong:
        told = (f"{r.comparison}, {r.contestant}: {r.error:.1e} > {r.bar:.1e}" for r in wrong)
        raise ValueError("errors above their bars: " + "; ".join(told))
