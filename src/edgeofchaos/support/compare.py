"""Compare results with those of a machine of another type: bytes, then numbers, then verdicts."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from edgeofchaos.support.artifacts import artifacts, read_bytes

# Numbers agree where |a - b| <= RELATIVE max(|a|, |b|) + ABSOLUTE. Machines differ in the order in
# which linear algebra adds, and in the last digit of exp, tanh and their like.
RELATIVE, ABSOLUTE = 1e-9, 1e-12
# The place of a maximum is known to about the square root of the rounding, since a function is flat
# there, and so is whatever is evaluated at that place. Fits and second derivatives lose digits too.
LOOSE = {
    "at", "q_fold", "chi1_fold", "q_after", "chi1_after", "chi1_sup", "sigma_b_from", "fitted",
    "witness", "f2", "chord", "scale_measured", "to_limit_measured", "recursion", "r2",
}  # fmt: skip
LOOSELY, LOOSELY_ABSOLUTE = 1e-5, 1e-7
# Text that says where something was found: on a plateau that may be anywhere. It is not compared.
WORDS = {"where"}
# So may the place of a largest slope, of ReLU's F say, whose slope is the same everywhere.
ANYWHERE = {("theory/contraction.csv", "at"), ("theory/contraction.csv", "between")}
# Simulated numbers may differ more: where rounding decides a pivot, another net of the same law is
# drawn, and variances that grow without bound magnify rounding. Columns with the recursion's
# prediction are held to the tolerance of theory.
DRAWN, OF_ERROR = 1e-2, 0.5
PREDICTED = {"theory", "slope_theory", "growth_theory"}
# The layer at which one net crosses a threshold may be one later, where it comes close to it.
LAYERS_LATER = {"nets_times.csv": 1}


def compare(ours: Path, theirs: Path) -> Iterator[str]:
    """A line for each artifact whose bytes differ, and for each claim whose verdict does.

    Raises:
        ValueError: more differs than rounding makes, or the folders do not hold the same artifacts.
    """
    names = artifacts(ours)
    if not names:
        raise ValueError(f"{ours} has no artifacts; `make reproduce` makes them")
    if alone := sorted(names ^ artifacts(theirs)):
        raise ValueError(f"{len(alone)} artifacts are on one side only: {', '.join(alone)}")
    both = {n: (read_bytes(ours / n), read_bytes(theirs / n)) for n in sorted(names)}
    changed = {name: pair for name, pair in both.items() if pair[0] != pair[1]}
    beyond = []
    for name, pair in changed.items():
        told = "other bytes"
        # Training magnifies rounding, and figures and claims follow from the tables: not compared.
        if name.partition("/")[0] in ("theory", "simulation"):
            share, what = worst(name, *pair)
            told = f"{what} differs most, by {share:.2g} of what is allowed"
            beyond += [name] if share > 1 else []
        yield f"{name}: {told}"
    for claim, kind, here, there in verdicts(*both.get("claims/claims.json", (b"[]", b"[]"))):
        yield f"{claim}: {here} here, {there} there"
        # A verdict on trained nets that hangs on a close interval may differ between machines.
        beyond += [] if "M" in kind else [f"the verdict on {claim}"]
    yield f"{len(names) - len(changed)} of {len(names)} artifacts have the same bytes"
    if beyond:
        raise ValueError(f"more than rounding makes differ: {', '.join(beyond)}")


def worst(name: str, ours: bytes, theirs: bytes) -> tuple[float, str]:
    """The largest difference, as a share of what is allowed, and the column that it is in."""
    a, b = columns(name, ours), columns(name, theirs)
    if list(a) != list(b) or any(len(a[c]) != len(b[c]) for c in a):
        return float("inf"), "the shape"
    return max((gap(name, column, a, b), column) for column in a)


def columns(name: str, data: bytes) -> dict[str, np.ndarray]:
    """Of a table, or the arrays of a file of arrays."""
    import pandas as pd

    if name.endswith(".npz"):
        return {key: array.ravel() for key, array in np.load(io.BytesIO(data)).items()}
    return {key: column.to_numpy() for key, column in pd.read_csv(io.BytesIO(data)).items()}


def gap(name: str, column: str, ours: dict[str, Any], theirs: dict[str, Any]) -> float:
    """The largest difference in a column, as a share of what is allowed."""
    if column in WORDS or (name, column) in ANYWHERE:
        return 0.0
    a, b = ours[column], theirs[column]
    if a.dtype.kind not in "fi" or b.dtype.kind not in "fi":
        equal = (a == b) | ((a != a) & (b != b))  # missing, both
        return 0.0 if equal.all() else float("inf")
    allowed = tolerance(name, column, np.maximum(np.abs(a), np.abs(b)), ours)
    with np.errstate(invalid="ignore"):
        found = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b) / allowed)
    return float(np.nan_to_num(found, nan=np.inf).max(initial=0.0))


def tolerance(name: str, column: str, size: np.ndarray, table: dict[str, Any]) -> np.ndarray:
    """What is allowed for numbers of that size in a column of the table."""
    if column in LOOSE:
        return LOOSELY * size + LOOSELY_ABSOLUTE
    exact = RELATIVE * size + ABSOLUTE
    if not name.startswith("simulation/") or column in PREDICTED:
        return exact
    if column == "layers":
        exact = exact + LAYERS_LATER.get(Path(name).name, 0)
    if size.dtype.kind == "i":
        return exact
    allowed = np.maximum(exact, DRAWN * size)
    if "error" in table:
        allowed = np.maximum(allowed, OF_ERROR * np.nan_to_num(table["error"]))
    if column == "within":  # a share of the draws: of one of them
        allowed = np.maximum(allowed, 1.001 / table["draws"])
    return allowed


def verdicts(ours: bytes, theirs: bytes) -> Iterator[tuple[str, str, str, str]]:
    """(claim, kind, ours, theirs) where they differ."""
    here, there = ({c["id"]: c for c in json.loads(text)} for text in (ours, theirs))
    for claim in {**here, **there}:
        kinds = {c[claim]["kind"] for c in (here, there) if claim in c}
        told = [c[claim]["verdict"] if claim in c else "absent" for c in (here, there)]
        if told[0] != told[1]:
            yield claim, "".join(kinds), *told
