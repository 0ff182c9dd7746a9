"""Sub-tables of the full evidence, drawn to mislead: few layers, few activations, one grid point.

    python tests/less_evidence.py [CLAIM ...]

draws more of them, and prints every criterion that judges some of them otherwise, each with the
smallest change found.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from cut_tables import tables_in
from evidence import KEYS, Judges, Tables, with_table
from numpy.random import Generator
from todays import SEED

DATA = Path(__file__).parent / "claims" / "data"
CASES = 40
BY_HAND = 260
TRAINED = ("width", "depth", "init", "seed", "learning_rate", "step", "layer")
COUNTEREXAMPLES = ("selu", "hardtanh", "swish", "leaky_relu", "softplus", "elu", "gelu", "mish")
# Of what depends on the number of draws: errors, and shares of the draws.
HALVES = (
    "half", "log_ratio_half", "growth_half", "error", "log_ratio_error", "growth_error",
)  # fmt: skip
SHARES = ("near", "beyond", "overflowed", "within")


def trained(name: str) -> bool:
    """Whether a table is of trained nets."""
    return name.startswith("train")


def keep(tables: Tables, name: str, mask) -> Tables:
    """The tables with some rows of one; the same object where all rows stay."""
    table = tables[name]
    mask = np.asarray(mask, bool)
    return tables if mask.all() else with_table(tables, name, table[mask])


def few(rng: Generator, count: int) -> int:
    """How many of so many are left: one, two or three, all but one or two, or half."""
    return int(np.clip(rng.choice([1, 1, 2, 3, count - 1, count - 2, count // 2]), 1, count))


def part(rng: Generator, values) -> list:
    """Some of the values: any, the first, the last, or those in the middle."""
    ordered = sorted(set(values), key=lambda v: (str(type(v)), v))
    count, way = few(rng, len(ordered)), rng.integers(4)
    if way == 0:
        return ordered[:count]
    if way == 1:
        return ordered[-count:]
    return [ordered[i] for i in rng.choice(len(ordered), count, replace=False)]


def some_tables(rng: Generator, tables: Tables, column: str) -> list[str]:
    """Tables that have the column and rows: one of them, or all."""
    names = [n for n, t in tables.items() if column in t and len(t)]
    return names if rng.random() < 0.4 else names and [str(rng.choice(names))]


# Operations: each takes a generator and tables, and returns fewer of them and what was done.
Operation = Callable[[Generator, Tables], tuple[Tables, str]]


def drop_tables(rng: Generator, tables: Tables) -> tuple[Tables, str]:
    """One table, a few, or most of them are not there."""
    count = int(rng.choice([1, 1, 2, 5, 20, max(len(tables) - 5, 1)]))
    gone = {str(n) for n in rng.choice(list(tables), min(count, len(tables)), replace=False)}
    return {n: t for n, t in tables.items() if n not in gone}, f"no {', '.join(sorted(gone))}"


def some_rows(rng: Generator, tables: Tables) -> tuple[Tables, str]:
    """Each table, or one, keeps a random share of its rows."""
    share = float(rng.choice([0.02, 0.1, 0.3, 0.6, 0.9]))
    names = list(tables) if rng.random() < 0.3 else [str(rng.choice(list(tables)))]
    for name in names:
        tables = keep(tables, name, rng.random(len(tables[name])) < share)
    return tables, f"a share of {share} of the rows of {_which(names)}"


def ends(rng: Generator, tables: Tables) -> tuple[Tables, str]:
    """Tables keep their first rows, their last, or a single one."""
    names = list(tables) if rng.random() < 0.5 else [str(rng.choice(list(tables)))]
    way, count = int(rng.integers(3)), int(rng.choice([1, 1, 2, 3, 5]))
    for name in names:
        size = len(tables[name])
        at = np.arange(size)
        one = int(rng.integers(max(size, 1)))
        mask = (at < count, at >= size - count, at == one)[way]
        tables = keep(tables, name, mask)
    return tables, f"{('first', 'last', 'one')[way]} {count} rows of {_which(names)}"


def fewer_layers(rng: Generator, tables: Tables) -> tuple[Tables, str]:
    """No layers above one; of all tables by the same share of them, or of one."""
    names = some_tables(rng, tables, "layer")
    share = float(rng.choice([0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8]))
    for name in names:
        layers = tables[name]["layer"]
        values = np.sort(layers.unique())
        at = values[min(int(share * len(values)), len(values) - 1)]
        tables = keep(tables, name, layers <= at)
    return tables, f"the first {share} of the layers of {_which(names)}"


def scarce_layers(rng: Generator, tables: Tables) -> tuple[Tables, str]:
    """Some of the layers, here and there."""
    names = some_tables(rng, tables, "layer")
    for name in names:
        tables = keep(tables, name, tables[name]["layer"].isin(part(rng, tables[name]["layer"])))
    return tables, f"some layers of {_which(names)}"


def activations(rng: Generator, tables: Tables) -> tuple[Tables, str]:
    """The same few activations in all tables, or all but some counterexamples."""
    every = sorted({a for t in tables.values() if "activation" in t for a in t["activation"]})
    if rng.random() < 0.5:
        gone = set(rng.choice(COUNTEREXAMPLES, int(rng.integers(1, 5)), replace=False).tolist())
        kept = [a for a in every if a not in gone]
    else:
        kept = part(rng, every)
    for name in [n for n, t in tables.items() if "activation" in t]:
        tables = keep(tables, name, tables[name]["activation"].isin(kept))
    return tables, f"activations {', '.join(kept)}"


def values(rng: Generator, tables: Tables) -> tuple[Tables, str]:
    """Fewer values of one column, in one table or in all that have it."""
    columns = [k for k in KEYS if any(k in t for n, t in tables.items() if not trained(n))]
    column = str(rng.choice(columns))
    others = {n: t for n, t in tables.items() if not trained(n)}
    names = some_tables(rng, others, column)
    for name in names:
        tables = keep(tables, name, tables[name][column].isin(part(rng, tables[name][column])))
    return tables, f"fewer {column} of {_which(names)}"


def one_point(rng: Generator, tables: Tables) -> tuple[Tables, str]:
    """Grids of each table, or of one, with a single value of each of some columns."""
    names = [n for n in tables if not trained(n)]
    if not names:
        return tables, "nothing"
    names = names if rng.random() < 0.4 else [str(rng.choice(names))]
    count = int(rng.integers(1, 4))
    for name in names:
        keys = [k for k in KEYS if k in tables[name]]
        for key in rng.permutation(keys)[:count]:
            if len(tables[name]):
                value = rng.choice(tables[name][key].unique())
                tables = keep(tables, name, tables[name][key] == value)
    return tables, f"one value of {count} columns of {_which(names)}"


def fewer_draws(rng: Generator, tables: Tables) -> tuple[Tables, str]:
    """Wider intervals about the same means, and shares of fewer draws: simulated nets."""
    draws = int(rng.choice([8, 10, 16, 30]))
    names = [n for n, t in tables.items() if "draws" in t and len(t) and not trained(n)]
    for name in names:
        table = tables[name]
        fewer = table["draws"].clip(upper=draws)
        wider = np.sqrt(table["draws"] / fewer)
        changes = {h: table[h] * wider for h in HALVES if h in table}
        changes |= {s: (table[s] * fewer).round() / fewer for s in SHARES if s in table}
        tables = with_table(tables, name, table.assign(draws=fewer, **changes))
    return tables, f"{draws} draws"


def training(rng: Generator, tables: Tables) -> tuple[Tables, str]:
    """Fewer seeds, initialisations, shapes, learning rates or steps of trained nets."""
    names = [n for n in tables if trained(n)]
    columns = [str(c) for c in rng.permutation(TRAINED)[: int(rng.integers(1, 3))]]
    for column in columns:
        known = [v for n in names if column in tables[n] for v in tables[n][column]]
        if known:
            kept = part(rng, known)
            for name in names:
                if column in tables[name]:
                    tables = keep(tables, name, tables[name][column].isin(kept))
    return tables, f"fewer {' and '.join(columns)} of trained nets"


def _which(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} tables"


# How often each is drawn.
OPERATIONS: dict[Operation, float] = {
    drop_tables: 1, some_rows: 2, ends: 2, fewer_layers: 4, scarce_layers: 2, activations: 4,
    values: 5, one_point: 4, fewer_draws: 1, training: 3,
}  # fmt: skip


def drawn(case: int, full: Tables) -> tuple[Tables, str]:
    """The tables of a case, and what was done to them: one to three operations."""
    rng = np.random.default_rng([SEED, case])
    weights = np.array(list(OPERATIONS.values()), float)
    tables, done = full, []
    for i in rng.choice(len(weights), int(rng.choice([1, 1, 2, 3])), p=weights / weights.sum()):
        tables, what = list(OPERATIONS)[i](rng, tables)
        done.append(what)
    return tables, "; ".join(done)


def violators(judges: Judges, cases) -> dict[tuple, list[tuple[str, str]]]:
    """(claim, criterion, verdict, found) -> what was done and the smallest change, of each case."""
    found: dict[tuple, list[tuple[str, str]]] = {}
    for tables, done in cases:
        for stray in judges.strays(tables):
            known = found.setdefault(stray.key, [])
            small = judges.smallest(tables, stray) if len(known) < 3 else ""
            known.append((f"{done} {stray.measured}", small))
    return found


def report(found: dict[tuple, list[tuple[str, str]]]) -> str:
    """The same as lines of text, by claim; the claims' own verdicts first."""
    lines = []
    for (claim, name, full, other), known in sorted(found.items()):
        small = min((s for _, s in known if s), key=len, default="")
        lines.append(f"- {claim}: {name}: {full} -> {other} ({len(known)} cases)")
        lines += [f"    - smallest: {small}"] if small else []
        lines += [f"    - {known[0][0]}"]
    return "\n".join(lines)


def main() -> None:
    from edgeofchaos.claims.registry import CLAIMS

    full: dict[str, pd.DataFrame] = tables_in(DATA)
    judges = Judges(full, [c for c in CLAIMS if not sys.argv[1:] or c.id in sys.argv[1:]])
    print(report(violators(judges, (drawn(case, full) for case in range(BY_HAND)))))


if __name__ == "__main__":
    main()
