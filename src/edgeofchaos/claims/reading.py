"""Find rows in the tables and make measurements of them; what several topics read stands here.

The errors below are what is known of the tables' numbers: bounds that tests hold the library to,
unless the line says that it is an estimate.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from edgeofchaos.claims.model import Measurement, Tables
from edgeofchaos.simulation.intervals import clopper_pearson
from edgeofchaos.theory.propositions import PRINTED

# Relative, of E[φ²], E[φ'²] and E[φ''φ]: tests/theory/test_gaussian.py compares closed forms.
MOMENT_ERROR = 1e-12
# Absolute, of E[φ(U₁)φ(U₂)]: ten times the bar of the test against ReLU-like closed forms.
PAIR_ERROR = 1e-12
# Absolute, of f(c): the bar of the test against pairs, for every built-in activation.
MAP_ERROR = 1e-10
# Relative, of 1 − f(1 − γ): the bar of the tests against 20 to 40 digits, down to γ = 10⁻¹².
COMPLEMENT_ERROR = 1e-8
# Absolute, of f' and f'': the bar of the test of f'(1) against χ₁; elsewhere an estimate.
DERIVATIVE_ERROR = 1e-10

SYMBOLS = {
    "sigma_b": "σ_b = ", "sigma_w": "σ_w = ", "layer": "l = ", "depth": "L = ", "width": "N = ",
    "lambda": "λ = ", "beta": "β = ", "c": "c = ", "q": "q = ", "start": "from 1 − c = ",
    "start_q": "from q¹ = ",
}  # fmt: skip


class MissingRows(LookupError):
    """A table is not there, or has no row for what a criterion needs; the message names it."""


def rows(tables: Tables, name: str, query: str = "", /, **where: Any) -> pd.DataFrame:
    """The rows of a table that have the given values.

    Args:
        name: the table's name, without ``.csv``.
        query: a condition on the columns, as in ``DataFrame.query``.
        where: column -> its value (floats to 1e-9 of it), a list of allowed values, or a tuple of
            values each of which has to be there.

    Raises:
        MissingRows: there is no such table, column or row, or a value of a tuple is not there.

    Example:
        rows(tables, "rates", "exponent > 0", start=1.0)
    """
    if name not in tables:
        raise MissingRows(f"no table {name}")
    frame = tables[name]
    if lacking := [column for column in where if column not in frame]:
        raise MissingRows(f"table {name} has no column {lacking[0]}")
    for column, value in where.items():
        if isinstance(value, float):
            frame = frame[np.isclose(frame[column], value, rtol=1e-9, atol=1e-12)]
        elif isinstance(value, list | tuple):
            frame = frame[frame[column].isin(value)]
            absent = {*value} - {*frame[column]} if isinstance(value, tuple) else set()
            if absent and len(frame):
                raise MissingRows(f"table {name} has no rows with {column} = {min(absent)}")
        else:
            frame = frame[frame[column] == value]
    if query and len(frame):
        frame = frame.query(query)
    if frame.empty:
        wanted = [f"{column} = {value}" for column, value in where.items()] + [query] * bool(query)
        raise MissingRows(f"table {name} has no rows with {' and '.join(wanted) or 'anything'}")
    return frame


def row(tables: Tables, name: str, /, **where: Any) -> pd.Series:
    """The first row of a table that has the given values; MissingRows if there is none."""
    return rows(tables, name, **where).iloc[0]


def some(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """The frame as it is; MissingRows, saying ``what`` there is none of, if it is empty."""
    if frame.empty:
        raise MissingRows(what)
    return frame


def last(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the greatest layer."""
    return frame[frame["layer"] == frame["layer"].max()]


def each(
    frame: pd.DataFrame, values: ArrayLike, errors: ArrayLike = 0.0,
    by: Sequence[str] = ("activation",),
) -> list[Measurement]:  # fmt: skip
    """One measurement a row, named by the columns ``by``, with the row's draws where it has them.

    Args:
        values, errors: arrays as long as the frame, or numbers.
    """
    values, errors = (np.broadcast_to(np.asarray(x, float), len(frame)) for x in (values, errors))
    names = [[named(column, value) for value in frame[column]] for column in by]
    draws = frame["draws"] if "draws" in frame else [0] * len(frame)
    return [
        Measurement(float(value), float(error), ", ".join(name), int(count))
        for value, error, count, *name in zip(values, errors, draws, *names, strict=True)
    ]


def named(column: str, value: Any) -> str:
    """A value of a column in words."""
    return SYMBOLS.get(column, "") + (f"{value:g}" if isinstance(value, float) else str(value))


def answer(is_so: bool, detail: str = "") -> Measurement:
    """A yes-or-no measurement."""
    return Measurement(float(bool(is_so)), 0.0, detail)


def none_of(exceptions: Collection[str], otherwise: str = "") -> Measurement:
    """Yes if there is no exception; else no, and the detail names them."""
    return answer(not exceptions, "not " + ", ".join(exceptions) if exceptions else otherwise)


def increasing(values: ArrayLike, error: float, detail: str = "") -> Measurement:
    """Whether numbers increase from one to the next, each known to ``error``.

    Open where two neighbours are not told apart.

    Raises:
        MissingRows: there are fewer than two.
    """
    steps = np.diff(np.asarray(values, float))
    if not steps.size:
        raise MissingRows("fewer than two values to compare")
    if (steps <= -2 * error).any():
        return answer(False, detail)
    return answer(True, detail) if (steps > 2 * error).all() else opened(detail)


def opened(detail: str) -> Measurement:
    """A measurement that decides nothing."""
    return Measurement(math.nan, math.nan, detail)


def is_so(m: Measurement) -> bool:
    """Whether a yes-or-no measurement is a yes: neither a no nor open."""
    return m.value > 0.5


def constant(tables: Tables, activation: str, name: str) -> Measurement:
    """One row of constants.csv, with the error that stands there."""
    found = row(tables, "constants", activation=activation, constant=name)
    return Measurement(float(found["value"]), float(found["error"]), activation)


def identity_distance_limits(tables: Tables, activations: Collection[str]) -> list[Measurement]:
    """|lim sup|f − x|| as σ_b → 0 along the edge, one for each activation.

    Raises:
        MissingRows: there are no activations, or one of them has no such limit in the table.
    """
    if not activations:
        raise MissingRows("table conditions names no activation that is asked for")
    limits = [constant(tables, name, "identity_distance_limit") for name in activations]
    return [Measurement(abs(m.value), m.error, m.detail) for m in limits]


def holds(tables: Tables, activation: str, condition: str, proposition: int = 4) -> Measurement:
    """Whether one condition of conditions.csv holds; open where that table leaves it open."""
    first = row(
        tables, "conditions", activation=activation, proposition=proposition, condition=condition
    )
    return Measurement(answered(first["holds"]), 0.0, f"{first['detail']} ({first['where']})")


def answered(cell: Any) -> float:
    """A cell of True, False or nothing as 1, 0 or NaN."""
    return {"True": 1.0, "False": 0.0}.get(str(cell), math.nan)


def meets(tables: Tables, activation: str, proposition: int) -> Measurement:
    """Whether all conditions printed with a proposition hold; the detail names the activation.

    Raises:
        MissingRows: the table lacks one of them.
    """
    found = rows(tables, "conditions", activation=activation, proposition=proposition)
    printed = found[found["condition"].isin(PRINTED[proposition])]
    if missing := PRINTED[proposition] - {*printed["condition"]}:
        raise MissingRows(f"table conditions has no {min(missing)} of {activation}")
    answers = printed["holds"].map(answered)
    failing, left = printed[answers == 0]["condition"], printed[answers.isna()]["condition"]
    if len(failing):
        return answer(False, f"{activation} fails {', '.join(failing)}")
    if len(left):
        return opened(f"{activation}: open is {', '.join(left)}")
    return answer(True, f"{activation}: all hold")


def meeting(tables: Tables, proposition: int) -> list[str]:
    """The activations that are known to meet all conditions printed with a proposition."""
    names = rows(tables, "conditions", proposition=proposition)["activation"].unique()
    return [name for name in names if is_so(_met(tables, name, proposition))]


def _met(tables: Tables, activation: str, proposition: int) -> Measurement:
    """As :func:`meets`; open where the table lacks a condition."""
    try:
        return meets(tables, activation, proposition)
    except MissingRows as missing:
        return opened(str(missing))


def slope(x: ArrayLike, y: ArrayLike, errors: ArrayLike) -> tuple[float, float]:
    """Least-squares slope of y against x, and a bound on its error from those of y."""
    centred = np.asarray(x, float) - np.mean(np.asarray(x, float))
    weight = centred / (centred @ centred)
    error = np.abs(weight) @ np.broadcast_to(np.asarray(errors, float), centred.shape)
    return float(weight @ np.asarray(y, float)), float(error)


def accumulated(layer: ArrayLike, each_layer: float = COMPLEMENT_ERROR) -> NDArray[np.float64]:
    """A bound on the relative error of 1 − c after so many layers.

    f is convex, so γ ↦ 1 − f(1 − γ) is concave and 0 at 0: a relative error does not grow from
    layer to layer, and the map adds at most ``each_layer`` a layer.
    """
    return np.asarray(layer, float) * each_layer


def limits(
    frame: pd.DataFrame, last: str, half: str, by: Sequence[str] = ("activation",)
) -> list[Measurement]:
    """The limit of what decays to it like 1/l or faster, from l and from l/2, one a row.

    It is 2x(l) − x(l/2), which leaves out a part of the order of 1/l, give or take |x(l) − x(l/2)|:
    an estimate that holds x(l) and, where all is settled, is as narrow as the last change.
    """
    step = frame[last] - frame[half]
    return each(frame, frame[last] + step, step.abs(), by)


def binomial_error(share: float, draws: int, level: float) -> float:
    """Half width about ``share`` of draws that holds Clopper and Pearson's interval.

    That interval misses with a chance of at most ``level``, whatever the true share is.
    """
    low, high = clopper_pearson(round(share * draws), draws, level)
    return max(share - low, high - share)
