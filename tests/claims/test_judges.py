"""Every judge says yes to fitting evidence, no to contrary, and neither to vague evidence."""

import math

import pytest

from edgeofchaos.claims import evidence, table
from edgeofchaos.claims.model import BUILT
from edgeofchaos.claims.registry import CLAIMS
from edgeofchaos.claims.verdict import Measurement, judge

JUDGED = [claim for claim in CLAIMS if claim.criteria]
CORE = [(c, k) for c in JUDGED for k in c.criteria if k.role == "core"]
SCOPE = [(c, k) for c in JUDGED for k in c.criteria if k.role == "scope"]


def fitting(criterion):
    """A value that meets the criterion."""
    step = 0.1 * abs(criterion.expected) + 1e-15
    return {
        "equal": criterion.expected,
        "below": criterion.expected - step,
        "above": criterion.expected + step,
        "true": 1.0,
    }[criterion.kind]


def contradicting(criterion):
    """A value that does not."""
    step = 0.1 * abs(criterion.expected) + 10 * criterion.tolerance + 1e-15
    sign = {"equal": 1, "below": 1, "above": -1, "true": 0}[criterion.kind]
    return 0.0 if criterion.kind == "true" else criterion.expected + sign * step


def all_fitting(claim):
    return {k.name: Measurement(fitting(k)) for k in claim.criteria}


@pytest.mark.parametrize("claim", JUDGED, ids=lambda c: c.id)
def test_evidence_that_fits_reproduces(claim):
    assert judge(claim.criteria, all_fitting(claim)) == "reproduced"


@pytest.mark.parametrize(("claim", "criterion"), CORE, ids=lambda x: getattr(x, "id", "") or x.name)
def test_evidence_against_refutes_and_vague_evidence_decides_nothing(claim, criterion):
    found = all_fitting(claim)
    found[criterion.name] = Measurement(contradicting(criterion))
    assert judge(claim.criteria, found) == "refuted"
    found[criterion.name] = Measurement(contradicting(criterion), math.inf)
    assert judge(claim.criteria, found) == "inconclusive"
    found[criterion.name] = Measurement(fitting(criterion), 1e6)
    assert judge(claim.criteria, found) == "inconclusive"
    del found[criterion.name]
    assert judge(claim.criteria, found) == "inconclusive"


@pytest.mark.parametrize(
    ("claim", "criterion"), SCOPE, ids=lambda x: getattr(x, "id", "") or x.name
)
def test_a_contradicted_scope_qualifies(claim, criterion):
    found = all_fitting(claim)
    found[criterion.name] = Measurement(contradicting(criterion))
    assert judge(claim.criteria, found) == "qualified"


def test_each_claim_with_a_built_kind_has_criteria_and_a_reader_and_no_other_has():
    built = {c.id for c in CLAIMS if set(c.kinds) & set(BUILT)}
    assert {c.id for c in JUDGED} == built == set(evidence.readers())


def test_without_tables_every_built_claim_is_inconclusive_and_the_rest_pending():
    for entry in table.judged({}):
        built = set(entry["kind"].split(",")) & set(BUILT)
        assert entry["verdict"] == ("inconclusive" if built else "pending")
