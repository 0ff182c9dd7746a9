"""Compare results with those of a machine of another type: bytes, then numbers, then verdicts."""

import io
import json
from pathlib import Path

from edgeofchaos.support.artifacts import artifacts, read_bytes
from edgeofchaos.support.program import parser

# |a - b| <= RELATIVE max(|a|, |b|) + ABSOLUTE. What rounds otherwise is the order of sums in the
# linear algebra and the last digit of exp, tanh and their like.
RELATIVE, ABSOLUTE = 1e-9, 1e-12
# Where something is largest is known to the root of the rounding, and so is what is taken there;
# fits and second derivatives lose digits as well.
LOOSE = {"at", "q_fold", "chi1_fold", "chi1_sup", "fitted", "witness", "f2"}
LOOSELY, LOOSELY_ABSOLUTE = 1e-5, 1e-7
# In words: anywhere on a plateau.
WORDS = {"where"}
# Of simulated nets: a pivot that rounding decides makes another draw of the same law, and variances
# that run away multiply rounding. What the recursion says of them is as exact as all theory.
DRAWN, OF_INTERVAL = 1e-2, 0.1
PREDICTED = {"theory", "slope_theory"}
# Of one net in the whole, rounding may decide on which side of a threshold it is at a layer.
LAYERS_LATER = {"nets_times.csv": 1}


def main():
    arguments = parser(__doc__)
    arguments.add_argument("theirs", type=Path, help="results/ of the other machine")
    arguments.add_argument("--ours", type=Path, default=Path("results"), help="those of this one")
    args = arguments.parse_args()

    names = artifacts(args.ours)
    if not names:
        raise ValueError(f"{args.ours} has no artifacts; `make reproduce` makes them")
    if alone := sorted(names ^ artifacts(args.theirs)):
        raise ValueError(f"{len(alone)} artifacts are on one side only: {', '.join(alone)}")
    both = {n: (read_bytes(args.ours / n), read_bytes(args.theirs / n)) for n in sorted(names)}
    changed = {name: pair for name, pair in both.items() if pair[0] != pair[1]}
    beyond = []
    for name, pair in changed.items():
        told = "other bytes"
        # Training makes much of rounding; what is drawn or judged is as the tables are.
        if name.partition("/")[0] in ("theory", "simulation"):
            share, what = worst(name, *pair)
            told = f"{what} differs most, by {share:.2g} of what is allowed"
            beyond += [name] if share > 1 else []
        print(f"{name}: {told}")
    for claim, kind, ours, theirs in verdicts(*both.get("claims/claims.json", (b"[]", b"[]"))):
        print(f"{claim}: {ours} here, {theirs} there")
        # Of trained nets one that hangs on a close interval may change.
        beyond += [] if "M" in kind else [f"the verdict on {claim}"]
    print(f"{len(names) - len(changed)} of {len(names)} artifacts have the same bytes")
    if beyond:
        raise ValueError(f"more than rounding makes differ: {', '.join(beyond)}")


def worst(name: str, ours: bytes, theirs: bytes) -> tuple[float, str]:
    """The largest difference, as a share of what is allowed, and the column that it is in."""
    a, b = columns(name, ours), columns(name, theirs)
    if list(a) != list(b) or any(len(a[c]) != len(b[c]) for c in a):
        return float("inf"), "the shape"
    return max((gap(name, column, a, b), column) for column in a)


def columns(name: str, data: bytes) -> dict:
    """Of a table, or the arrays of a file of arrays."""
    import numpy as np
    import pandas as pd

    if name.endswith(".npz"):
        return {key: array.ravel() for key, array in np.load(io.BytesIO(data)).items()}
    return {key: column.to_numpy() for key, column in pd.read_csv(io.BytesIO(data)).items()}


def gap(name: str, column: str, ours: dict, theirs: dict) -> float:
    import numpy as np

    if column in WORDS:
        return 0.0
    a, b = ours[column], theirs[column]
    if a.dtype.kind not in "fi" or b.dtype.kind not in "fi":
        equal = (a == b) | ((a != a) & (b != b))  # missing, both
        return 0.0 if equal.all() else float("inf")
    allowed = tolerance(name, column, np.maximum(np.abs(a), np.abs(b)), ours)
    with np.errstate(invalid="ignore"):
        found = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b) / allowed)
    return float(np.nan_to_num(found, nan=np.inf).max(initial=0.0))


def tolerance(name: str, column: str, size, table: dict):
    """What is allowed for numbers of that size in a column of the table."""
    import numpy as np

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
    if "half" in table:
        allowed = np.maximum(allowed, OF_INTERVAL * np.nan_to_num(table["half"]))
    if column == "within":  # a share of the draws: of one of them
        allowed = np.maximum(allowed, 1.001 / table["draws"])
    return allowed


def verdicts(ours: bytes, theirs: bytes):
    """(claim, kind, ours, theirs) where they differ."""
    here, there = ({c["id"]: c for c in json.loads(text)} for text in (ours, theirs))
    for claim in {**here, **there}:
        kinds = {c[claim]["kind"] for c in (here, there) if claim in c}
        told = [c[claim]["verdict"] if claim in c else "absent" for c in (here, there)]
        if told[0] != told[1]:
            yield claim, "".join(kinds), *told
