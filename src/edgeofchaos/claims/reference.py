"""The reference run: its small tables, and what of them stands beside a run's own verdicts.

Nothing is judged on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from edgeofchaos.claims.agreement import NET
from edgeofchaos.claims.judge import INCONCLUSIVE, QUALIFIED, REFUTED, REPRODUCED
from edgeofchaos.claims.lengths import OTHERS
from edgeofchaos.experiments.inits import STEPS

CURVES = (*NET, "seed", "step", "accuracy", "mean_accuracy", "log10_gradient_ratio", "moved")
VERDICTS = (REPRODUCED, QUALIFIED, REFUTED, INCONCLUSIVE)
COUNTED = ("claim", *VERDICTS, "modal", "share")
JUDGED = ("verdict", *(f"at_{step}" for step in OTHERS))
# What is shown beside a run needs these columns of these tables.
_NEEDED = {"train_curves": CURVES, "verdicts": ("claim", *JUDGED), "stability": COUNTED}


def check(name: str, table: pd.DataFrame) -> None:
    """Refuse a table of the reference run that cannot be shown, or would say what is not so.

    Raises:
        ValueError: it lacks a column, a verdict, or all nets where claims are judged.
    """
    wrong = next((f"no column {column}" for column in _NEEDED[name] if column not in table), "")
    if name == "train_curves" and not wrong and not (table["step"] == STEPS).any():
        wrong = f"no row at step {STEPS}"
    if name == "verdicts" and not wrong:
        # Only where no trained net is judged is there none after other numbers of steps.
        allowed = {column: {*VERDICTS, *([""] * (column != "verdict"))} for column in JUDGED}
        found = ((c, w) for c in JUDGED for w in table[c].fillna("") if w not in allowed[c])
        wrong = next((f"the {column} {word!r}" for column, word in found), "")
    if wrong:
        raise ValueError(
            f"{name}.csv of the reference run has {wrong}; allowed is what scripts/reference.py "
            "wrote"
        )


def cut_curves(curves: pd.DataFrame) -> pd.DataFrame:
    """The rows and columns of train_curves that judges read, at each of the lengths.

    Raises:
        ValueError: a column is not there.
    """
    if lacking := [column for column in CURVES if column not in curves]:
        raise ValueError(f"train_curves has no column {lacking[0]}")
    return curves[curves["step"].isin([STEPS, *OTHERS])][list(CURVES)]


def verdict_rows(entries: Iterable[Mapping]) -> list[dict]:
    """Of each claim the verdict, and those after other numbers of steps, empty where there is none.

    Args:
        entries: objects of ``claims.json``.
    """
    rows = []
    for entry in entries:
        found = {length["steps"]: length["verdict"] for length in entry["lengths"]}
        others = {f"at_{step}": found.get(step, "") for step in OTHERS}
        rows.append({"claim": entry["id"], "verdict": entry["verdict"], **others})
    return rows


def counted(runs: Sequence[Mapping[str, str]]) -> list[dict]:
    """How often each verdict came in several runs, a row a claim with the columns ``COUNTED``.

    Args:
        runs: of each run, claim -> verdict.
    """
    rows = []
    for claim in dict.fromkeys(name for run in runs for name in run):
        counts = Counter(run[claim] for run in runs if claim in run)
        modal = max(VERDICTS, key=counts.__getitem__)
        shares = {"modal": modal, "share": counts[modal] / counts.total()}
        rows.append({"claim": claim, **{v: counts[v] for v in VERDICTS}, **shares})
    return rows


def beside(
    entries: Sequence[Mapping], verdicts: pd.DataFrame, stability: pd.DataFrame | None = None
) -> list[dict]:
    """The entries with what the reference run says of each claim.

    Args:
        entries: objects of ``claims.json``.
        verdicts: those of the reference run, as ``verdict_rows`` has them.
        stability: how often each verdict came in reseedings, as ``counted`` has it.

    Returns:
        With ``reference``, the verdict there; ``reseeded``, the verdicts that came with how often
        each did; and in ``lengths`` what the run's own tables do not have.
    """
    known = _by_claim(verdicts)
    counts = {} if stability is None else _by_claim(stability)
    return [
        _beside(entry, known.get(entry["id"], {}), counts.get(entry["id"])) for entry in entries
    ]


def _by_claim(table: pd.DataFrame) -> dict[str, dict]:
    return {row["claim"]: row for row in table.fillna("").to_dict("records")}


def _beside(entry: Mapping, there: Mapping, counts: Mapping | None) -> dict:
    own = {length["steps"] for length in entry["lengths"]}
    theirs = [
        {"steps": step, "verdict": there[f"at_{step}"], "reference": True}
        for step in OTHERS
        if entry["steps"] and step not in own and there.get(f"at_{step}")
    ]
    lengths = sorted([*entry["lengths"], *theirs], key=lambda length: length["steps"])
    reseeded = counts and {v: int(counts[v]) for v in VERDICTS if counts[v]}
    reference = there.get("verdict") or None
    return {**entry, "lengths": lengths, "reference": reference, "reseeded": reseeded}
