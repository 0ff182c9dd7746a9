"""Read each claim's measurements off the theory tables.

``evidence(id, tables)`` gives the measurements by name, as the criteria in the registry call them.
A claim whose tables or activations are missing from the config gets what there is; the judge calls
the rest inconclusive.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from edgeofchaos.claims.verdict import MISSING, Measurement

Tables = Mapping[str, pd.DataFrame]
Evidence = dict[str, Measurement]

ERROR_1D = 1e-12  # of one-dimensional moments, relative; tests hold them to it
ERROR_2D = 1e-12  # of the pair quadrature

_READERS: dict[str, list[Callable[[Tables], Evidence]]] = {}


def reader(claim_id: str):
    """Register a function that reads one claim's evidence; a claim may have several."""

    def keep(function):
        _READERS.setdefault(claim_id, []).append(function)
        return function

    return keep


def readers() -> tuple[str, ...]:
    """The ids of the claims that have a reader."""
    return tuple(_READERS)


def evidence(claim_id: str, tables: Tables) -> Evidence:
    """The measurements of one claim; none from a reader that misses a table it needs."""
    found: Evidence = {}
    for read in _READERS.get(claim_id, ()):
        with contextlib.suppress(MissingRows):
            found |= read(tables)
    return found


class MissingRows(Exception):
    """A table has no row for what a claim needs: the config leaves it out."""


def table(tables: Tables, name: str, **where) -> pd.DataFrame:
    """The rows of a table with the given values; MissingRows if there are none."""
    if name not in tables:
        raise MissingRows(name)
    frame = tables[name]
    for column, value in where.items():
        if isinstance(value, float):
            frame = frame[np.isclose(frame[column], value, rtol=1e-9, atol=1e-12)]
        else:
            frame = frame[frame[column] == value]
    if frame.empty:
        raise MissingRows(f"{name} {where}")
    return frame


def yes(condition: bool, detail: str = "") -> Measurement:
    """A yes-or-no measurement."""
    return Measurement(float(bool(condition)), 0.0, detail)


def worst(values, expected: float = 0.0, error: float = 0.0, detail: str = "") -> Measurement:
    """The value furthest from ``expected``; missing if there is none."""
    values = np.asarray(values, dtype=float)
    if values.size == 0:
        return MISSING
    return Measurement(float(values[np.argmax(np.abs(values - expected))]), error, detail)


def last(frame: pd.DataFrame, column: str = "layer") -> pd.DataFrame:
    """The rows of the greatest layer."""
    return frame[frame[column] == frame[column].max()]


def local_exponent(frame: pd.DataFrame) -> float:
    """d log gamma/d log layer over the last decade of layers."""
    top = frame[(frame["layer"] >= frame["layer"].max() / 10) & (frame["gamma"] > 0)]
    return float(np.polyfit(np.log(top["layer"]), np.log(top["gamma"]), 1)[0])


def holds(tables: Tables, activation: str, condition: str, proposition: int = 4) -> Measurement:
    """Whether one condition of conditions.csv holds."""
    rows = table(
        tables, "conditions", activation=activation, proposition=proposition, condition=condition
    )
    row = rows.iloc[0]
    return yes(row["holds"], f"{row['detail']} ({row['where']})")


NOT_PRINTED = ("differentiable at 0", "(ii) without stability")


def meets(tables: Tables, activation: str, proposition: int) -> Measurement:
    """Whether all conditions printed with a proposition hold."""
    rows = table(tables, "conditions", activation=activation, proposition=proposition)
    rows = rows[~rows["condition"].isin(NOT_PRINTED)]
    failing = list(rows[~rows["holds"].astype(bool)]["condition"])
    return yes(not failing, "fails " + ", ".join(failing) if failing else "all hold")


def constant(tables: Tables, activation: str, name: str) -> Measurement:
    """One row of constants.csv."""
    row = table(tables, "constants", activation=activation, constant=name).iloc[0]
    return Measurement(float(row["value"]), float(row["error"]))


def largest(measurements: list[Measurement]) -> Measurement:
    """The largest in absolute value, with the largest error."""
    if not measurements:
        return MISSING
    value = max(abs(m.value) for m in measurements)
    return Measurement(
        value, max(m.error for m in measurements), f"{len(measurements)} activations"
    )


def kinked(tables: Tables, activation: str) -> bool:
    """Whether 1 - c goes like 1/l^2, by the predicted law."""
    return int(table(tables, "rates", activation=activation)["exponent"].iloc[0]) == 2


def relative(frame: pd.DataFrame, a: str, b: str) -> np.ndarray:
    """|a/b - 1| row by row."""
    return np.abs(frame[a].to_numpy() / frame[b].to_numpy() - 1.0)


def is_true(column: pd.Series) -> pd.Series:
    """A CSV column of True and False as booleans."""
    return column.astype(str).str.lower() == "true"


def finite_or_inf(value: float) -> float:
    """``value``, with NaN read as infinity."""
    return math.inf if math.isnan(value) else value
