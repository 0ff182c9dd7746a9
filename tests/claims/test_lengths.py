"""What verdicts on trained nets would be after fewer steps and after more."""

import pandas as pd
import pytest
from as_said import AT_SLOW, TANH_TRAINS, curves

from edgeofchaos.claims.entries import entry, findings
from edgeofchaos.claims.judge import judge
from edgeofchaos.claims.lengths import OTHERS, at_step, evaluated
from edgeofchaos.claims.registry import BY_ID, CLAIMS
from edgeofchaos.experiments.inits import STEPS

M_CLAIMS = [claim for claim in CLAIMS if "M" in claim.kinds]


@pytest.fixture
def tables():
    """Tanh trains at the slow rate in time, but not in a quarter of it."""
    late, early = curves(changes=TANH_TRAINS), curves(changes={(*AT_SLOW, "tanh-edge"): 0.12})
    return {"train_curves": pd.concat([early.assign(step=STEPS // 4), late])}


def test_a_claim_says_where_it_is_judged_and_what_a_quarter_of_the_steps_would_say(tables):
    found = entry(BY_ID["learning-rate"], tables)
    assert found["steps"] == STEPS == 1500 and found["verdict"] == "reproduced"
    assert found["lengths"] == [{"steps": 375, "verdict": "refuted", "reference": False}]
    assert entry(BY_ID["learning-rate"], {})["lengths"] == []
    theory = entry(BY_ID["prop2"], tables)
    assert theory["steps"] is None and theory["lengths"] == []


def test_only_lengths_that_are_there_are_looked_at(tables):
    assert OTHERS == (375, 6000) and evaluated(tables) == [375] and evaluated({}) == []


@pytest.mark.parametrize("claim", M_CLAIMS, ids=lambda c: c.id)
@pytest.mark.slow(after=2)
def test_at_another_step_the_nets_are_judged_as_they_are_there(claim, tables):
    early = {"train_curves": curves(changes={(*AT_SLOW, "tanh-edge"): 0.12})}
    moved = at_step(tables, 375)
    assert judge(findings(claim, moved)) == judge(findings(claim, early))
    assert set(tables["train_curves"]["step"]) == {375, STEPS}
