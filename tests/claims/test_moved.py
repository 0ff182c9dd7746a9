"""Verdicts by the bars that stood before some were moved."""

from pathlib import Path

import pytest
import yaml
from as_said import curves

from edgeofchaos.claims.moved import COLUMNS, moved_bars

BARS = yaml.safe_load(Path("resources/moved_bars.yaml").read_text(encoding="utf-8"))


def test_each_bar_that_was_moved_is_one_of_a_criterion():
    rows = moved_bars(BARS, {})
    assert [row["claim"] for row in rows] == [bar["claim"] for bar in BARS]
    assert all(tuple(row) == COLUMNS and row["was"] != row["is"] for row in rows)
    assert {row["verdict_was"] for row in rows} == {"inconclusive"}


def test_a_verdict_is_found_by_both_bars():
    bar = {"claim": "train-activations", "criterion": "Tanh, 40 layers: accuracy at the paper's"}
    stuck = {((50, 40), 0.001, "tanh-edge"): 0.25, ((50, 40), 0.0003, "tanh-edge"): 0.12}
    (row,) = moved_bars([{**bar, "was": 0.3}], {"train_curves": curves(changes=stuck)})
    assert (row["was"], row["is"]) == ("< 0.3", "< 0.2")
    assert (row["verdict_was"], row["verdict_is"]) == ("reproduced", "refuted")
    assert row["measured"].startswith("0.2")


@pytest.mark.parametrize("begins", ["nothing so", "Tanh"])
def test_a_criterion_that_is_not_there_or_not_one_is_told(begins):
    with pytest.raises(ValueError, match=r"train-activations: \d criteria begin with"):
        moved_bars([{"claim": "train-activations", "criterion": begins, "was": 0.0}], {})
