"""The bars of stochastic claims are those of resources/bars.yaml, set before the runs."""

from pathlib import Path

import pytest
import yaml
from cut_tables import tables_in

from edgeofchaos.claims.entries import measured
from edgeofchaos.claims.model import Measurement
from edgeofchaos.claims.registry import CLAIMS

BARS = yaml.safe_load(Path("resources/bars.yaml").read_text(encoding="utf-8"))["simulated"]
SIMULATED = [claim for claim in CLAIMS if "S" in claim.kinds]


def bars_of(claim, tables):
    """The bars of the criteria that were measured on draws, those of trained nets left out."""
    used = set()
    for criterion in claim.criteria:
        found = measured(criterion, tables)
        first = found if isinstance(found, Measurement) else found[0]
        if first.draws and first.strict is None:
            bar = criterion.tolerance if criterion.kind == "equal" else criterion.expected
            used.add(round(bar, 12))
    return used


@pytest.mark.parametrize("claim", SIMULATED, ids=lambda c: c.id)
def test_every_bar_of_simulated_nets_is_one_of_those_fixed_before(claim):
    tables = tables_in(Path(__file__).parent / "data")
    assert bars_of(claim, tables) == {round(bar["bar"], 12) for bar in BARS[claim.id]}
    assert all(bar["of"] and bar["why"] for bar in BARS[claim.id])


def test_there_is_no_bar_of_another_claim():
    assert set(BARS) == {claim.id for claim in SIMULATED}
