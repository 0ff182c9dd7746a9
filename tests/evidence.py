"""Verdicts on less than the full evidence, and the least change by which one of them is another.

Less evidence may make a verdict inconclusive, and nothing else. What is held to that is each
criterion; the verdict on a claim follows from those on its criteria, and is looked at as well.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from edgeofchaos.claims.entries import findings, measured
from edgeofchaos.claims.judge import INCONCLUSIVE, Finding, decide, judge
from edgeofchaos.claims.model import Claim, Criterion
from edgeofchaos.claims.registry import BY_ID, CLAIMS

Tables = dict[str, pd.DataFrame]
RAISES = "raises"
MOST_TRIES = 80  # readings of one criterion that a smaller change is looked for with
SHOWN = 6  # values or rows of a change worth showing
# The columns that say what a row is about; the others are measured.
KEYS = (
    "activation", "init", "case", "point", "place", "start", "proposition", "condition",
    "constant", "quantity", "form", "inputs", "input", "sigma_b", "sigma_w", "q", "q_a", "q_b", "c",
    "lambda", "beta", "ratio", "share", "deviation", "epsilon", "scaled_sigma_b", "start_q",
    "width", "depth", "layer", "layers", "learning_rate", "optimiser", "seed", "step", "phase",
)  # fmt: skip


def verdict_of(claim: str, start: str, tables: Tables) -> str:
    """The verdict on the criterion of a claim whose name starts like this."""
    (found,) = (f for f in findings(BY_ID[claim], tables) if f.criterion.name.startswith(start))
    return found.verdict


class Recorded(dict):
    """Tables that remember which of them were asked for."""

    def __init__(self, tables: Tables):
        super().__init__(tables)
        self.read: set[str] = set()

    def __contains__(self, name):
        self.read.add(name)
        return super().__contains__(name)

    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name, default=None):
        self.read.add(name)
        return super().get(name, default)


@dataclass(frozen=True)
class Stray:
    """A verdict that is neither the one of the full evidence nor inconclusive.

    ``criterion`` is None where it is the claim's own; ``found`` may be an exception in words.
    """

    claim: str
    criterion: Criterion | None
    full: str
    found: str
    measured: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Claim, criterion, the verdict of the full evidence and the one found."""
        name = self.criterion.name if self.criterion else "(the claim)"
        return self.claim, name, self.full, self.found

    def __str__(self) -> str:
        claim, name, full, found = self.key
        return f"{claim}: {name}: {found}, not {full} or inconclusive {self.measured}"


def finding(criterion: Criterion, tables: Tables) -> Finding | str:
    """The finding on a criterion; what was raised, in words, where its reader fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return decide(criterion, measured(criterion, tables))
        except Exception as error:
            return f"{RAISES} {type(error).__name__}"


def _verdict(found: Finding | str) -> str:
    return found if isinstance(found, str) else found.verdict


def _judged(found: list[Finding | str]) -> str:
    """The verdict on a claim; where a reader raised something there is none."""
    known = [f for f in found if not isinstance(f, str)]
    return judge(known) if len(known) == len(found) else RAISES


def _told(found: Finding | str) -> str:
    if isinstance(found, str):
        return ""
    m = found.measurement
    return f"({m.value:.6g} +- {m.error:.2g} [{m.detail[:90]}], {found.criterion.expectation()})"


class Judges:
    """Every criterion's finding on the full evidence, and which tables it is read from.

    A criterion is read again only where one of these tables is another object: what a reader asks
    for depends on nothing but the tables that it has read.
    """

    def __init__(self, full: Tables, claims: Iterable[Claim] = CLAIMS):
        self.full, self.claims = full, tuple(claims)
        self.findings: dict[tuple[str, int], Finding | str] = {}
        self.reads: dict[tuple[str, int], set[str]] = {}
        for claim in self.claims:
            for i, criterion in enumerate(claim.criteria):
                recorded = Recorded(full)
                self.findings[claim.id, i] = finding(criterion, recorded)
                self.reads[claim.id, i] = recorded.read
        self.verdicts = {
            c.id: _judged([self.findings[c.id, i] for i, _ in enumerate(c.criteria)])
            for c in self.claims
        }

    def changed(self, tables: Tables) -> set[str]:
        """The names of the tables that are not those of the full evidence."""
        return {n for n in {*self.full, *tables} if tables.get(n) is not self.full.get(n)}

    def strays(self, tables: Tables) -> list[Stray]:
        """Every criterion and claim whose verdict on ``tables`` is a third one."""
        changed, strays = self.changed(tables), []
        for claim in self.claims:
            found = []
            for i, criterion in enumerate(claim.criteria):
                known = self.findings[claim.id, i]
                if self.reads[claim.id, i] & changed:
                    now = finding(criterion, tables)
                    if _verdict(now) not in (_verdict(known), INCONCLUSIVE):
                        strays.append(
                            Stray(claim.id, criterion, _verdict(known), _verdict(now), _told(now))
                        )
                    found.append(now)
                else:
                    found.append(known)
            verdict = _judged(found)
            if verdict not in (self.verdicts[claim.id], INCONCLUSIVE, RAISES):
                strays.append(Stray(claim.id, None, self.verdicts[claim.id], verdict))
        return strays

    def still(self, stray: Stray) -> Callable[[Tables], bool]:
        """Whether a criterion has, on other tables, the verdict that it should not have."""
        assert stray.criterion is not None
        return lambda tables: _verdict(finding(stray.criterion, tables)) == stray.found

    def smallest(self, tables: Tables, stray: Stray) -> str:
        """The least change of the full evidence that was found to do the same, in words."""
        if stray.criterion is None:
            return ""
        same = self.still(stray)
        for name in sorted(self.changed(tables)):
            restored = with_table(tables, name, self.full.get(name))
            if same(restored):
                tables = restored
        for name in sorted(self.changed(tables)):
            if name in tables and name in self.full:
                tables = self._more_rows(tables, name, same)
        return "; ".join(
            difference(name, self.full.get(name), tables.get(name))
            for name in sorted(self.changed(tables))
        )

    def _more_rows(self, tables: Tables, name: str, same: Callable[[Tables], bool]) -> Tables:
        """As many of a table's rows put back as leaves the verdict what it is: bisection."""
        full, kept = self.full[name], tables[name]
        if not is_part(kept, full):
            return tables
        out = [i for i in full.index if i not in set(kept.index)]
        size, tries = max(len(out) // 2, 1), 0
        while out and tries < MOST_TRIES:
            for start in range(0, len(out), size):
                less = out[:start] + out[start + size :]
                tries += 1
                changed = {**tables, name: full.drop(index=less)}
                if less and same(changed):
                    out, tables = less, changed
                    break
            else:
                if size == 1:
                    break
                size = max(size // 2, 1)
        return tables


def with_table(tables: Tables, name: str, table: pd.DataFrame | None) -> Tables:
    """The tables with another one of that name, or without it."""
    rest = {key: value for key, value in tables.items() if key != name}
    return rest if table is None else {**rest, name: table}


def is_part(part: pd.DataFrame, full: pd.DataFrame) -> bool:
    """Whether a table's rows are some of the other's, as they are."""
    return (
        list(part.columns) == list(full.columns)
        and part.index.isin(full.index).all()
        and part.index.is_unique
        and part.equals(full.loc[part.index])
    )


def difference(name: str, full: pd.DataFrame | None, now: pd.DataFrame | None) -> str:
    """What a table lacks, in words."""
    if now is None or full is None:
        return f"no {name}" if now is None else f"{name} added"
    if not is_part(now, full):
        return f"{name} is another"
    out, keys = full.drop(index=now.index), [c for c in full.columns if c in KEYS]
    told = f"{name}: {len(now)} of {len(full)} rows"
    for column in keys:
        values = set(full[column]) - set(now[column])
        if values and full[column].isin(values).sum() == len(out):
            return f"{told}, without {column} = {_few(sorted(values))}"
    if len(out) <= SHOWN:
        return f"{told}, without {'; '.join(_row(r, keys) for _, r in out.iterrows())}"
    if 0 < len(now) <= SHOWN:
        return f"{told}, with {'; '.join(_row(r, keys) for _, r in now.iterrows())}"
    for column in keys:
        if now[column].nunique() < full[column].nunique() and now[column].nunique():
            told += f", {column} = {_few(sorted(now[column].unique()))}"
    return told


def _row(row: pd.Series, keys: list[str]) -> str:
    return "(" + ", ".join(_few([row[k]]) for k in keys) + ")"


def _few(values) -> str:
    shown = [f"{v:g}" if isinstance(v, float) else str(v) for v in list(values)[:SHOWN]]
    return ", ".join(shown) + (", …" if len(values) > SHOWN else "")
