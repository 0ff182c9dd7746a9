"""The reference run's tables, and what of them stands beside a run's own verdicts."""

import pandas as pd
import pytest
from as_said import TANH_TRAINS, curves

from edgeofchaos.claims.entries import judged
from edgeofchaos.claims.reference import (
    COUNTED,
    CURVES,
    beside,
    check,
    counted,
    cut_curves,
    verdict_rows,
)


def whole(*steps):
    """Curves with columns and steps that no judge reads."""
    each = [curves(changes=TANH_TRAINS).assign(step=step, loss=1.0, place="x") for step in steps]
    return pd.concat(each)


@pytest.mark.slow
def test_what_is_kept_of_the_curves_gives_the_same_verdicts():
    full = whole(375, 750, 1500, 6000)
    cut = cut_curves(full)
    assert list(cut) == list(CURVES) and set(cut["step"]) == {375, 1500, 6000}
    assert verdict_rows(judged({"train_curves": full})) == verdict_rows(
        judged({"train_curves": cut})
    )


@pytest.mark.slow
def test_beside_a_run_stand_the_reference_and_the_lengths_that_the_run_lacks():
    rows = verdict_rows(judged({"train_curves": whole(375, 1500, 6000)}))
    assert {tuple(row) for row in rows} == {("claim", "verdict", "at_375", "at_6000")}
    own = judged({"train_curves": whole(375, 1500)})
    found = {e["id"]: e for e in beside(own, pd.DataFrame(rows))}
    rate = found["learning-rate"]
    assert (rate["reference"], rate["reseeded"]) == ("reproduced", None)
    assert rate["lengths"] == [
        {"steps": 375, "verdict": "reproduced", "reference": False},
        {"steps": 6000, "verdict": "reproduced", "reference": True},
    ]
    assert found["prop2"]["reference"] == "inconclusive" and found["prop2"]["lengths"] == []
    assert [e["verdict"] for e in own] == [e["verdict"] for e in found.values()]


GOOD = {
    "train_curves": pd.DataFrame([dict.fromkeys(CURVES, 1) | {"step": 1500}]),
    "verdicts": pd.DataFrame([
        {"claim": "a", "verdict": "reproduced", "at_375": "refuted", "at_6000": None}
    ]),
    "stability": pd.DataFrame([dict.fromkeys(COUNTED, 1)]),
}  # fmt: skip
WRONG = [(name, column, None) for name, table in GOOD.items() for column in table]
WRONG += [("train_curves", "step", 375), ("verdicts", "verdict", ""), ("verdicts", "verdict", "in")]
WRONG += [("verdicts", "at_375", "refu")]


@pytest.mark.parametrize(("name", "column", "value"), WRONG)
def test_a_table_that_cannot_be_shown_is_told(name, column, value):
    good = GOOD[name]
    check(name, good)
    bad = good.drop(columns=column) if value is None else good.assign(**{column: value})
    with pytest.raises(ValueError, match=rf"^{name}\.csv of the reference run has .*; allowed is"):
        check(name, bad)


def test_a_claim_that_the_reference_does_not_know_has_none():
    (first, *_) = judged({})
    known = pd.DataFrame([{"claim": "other", "verdict": "refuted", "at_375": "", "at_6000": ""}])
    (found,) = beside([first], known)
    assert found == first and found["reference"] is None


def test_verdicts_of_reseedings_are_counted():
    runs = [{"a": "reproduced", "b": "refuted"}, {"a": "inconclusive", "b": "refuted"},
            {"a": "reproduced", "b": "refuted"}]  # fmt: skip
    rows = counted(runs)
    assert [tuple(row) for row in rows] == [COUNTED, COUNTED]
    assert rows[0] == {
        "claim": "a", "reproduced": 2, "qualified": 0, "refuted": 0, "inconclusive": 1,
        "modal": "reproduced", "share": 2 / 3,
    }  # fmt: skip
    assert (rows[1]["modal"], rows[1]["share"]) == ("refuted", 1.0)
    (entry,) = beside(
        [{**judged({})[0], "id": "a"}], pd.DataFrame(columns=["claim"]), pd.DataFrame(rows)
    )
    assert entry["reseeded"] == {"reproduced": 2, "inconclusive": 1}
