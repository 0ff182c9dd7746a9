"""Every judge says yes to fitting evidence, no to contrary, and neither to vague evidence."""

import math

import pytest

from edgeofchaos.claims.judge import INCONCLUSIVE, REFUTED, REPRODUCED, decide, judge, verdict_on
from edgeofchaos.claims.model import Claim, Criterion, Measurement, above, below, equal, yes
from edgeofchaos.claims.registry import CLAIMS

CORE = [(c, k) for c in CLAIMS for k in c.criteria if k.role == "core"]
SCOPE = [(c, k) for c in CLAIMS for k in c.criteria if k.role == "scope"]
MISSING = Measurement(math.nan, math.nan, "no table")


def name_of(x):
    return getattr(x, "id", "") or x.name


def no_tables(tables):
    """The reader of criteria that are judged on measurements made up here."""
    raise AssertionError("not read")


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


def met(criterion):
    """Measurements that meet the criterion, on its witnesses where it has any."""
    return [Measurement(fitting(criterion), detail=w) for w in criterion.witnesses or ("",)]


def verdict(claim, changed=None, measured=None):
    """The verdict on a claim whose criteria are all met, but for one that got ``measured``."""
    return judge([decide(k, measured if k is changed else met(k)) for k in claim.criteria])


@pytest.mark.parametrize("claim", CLAIMS, ids=name_of)
def test_evidence_that_fits_reproduces(claim):
    assert verdict(claim) == "reproduced"


@pytest.mark.parametrize(("claim", "criterion"), CORE, ids=name_of)
def test_evidence_against_refutes_and_vague_or_missing_evidence_decides_nothing(claim, criterion):
    against = contradicting(criterion)
    assert verdict(claim, criterion, Measurement(against)) == "refuted"
    assert verdict(claim, criterion, Measurement(against, math.inf)) == "inconclusive"
    assert verdict(claim, criterion, Measurement(fitting(criterion), 1e6)) == "inconclusive"
    assert verdict(claim, criterion, MISSING) == "inconclusive"


@pytest.mark.parametrize(("claim", "criterion"), SCOPE, ids=name_of)
def test_a_contradicted_scope_qualifies_and_a_missing_one_decides_nothing(claim, criterion):
    assert verdict(claim, criterion, Measurement(contradicting(criterion))) == "qualified"
    assert verdict(claim, criterion, MISSING) == "inconclusive"


KINDS = [
    equal("equal", 1.0, 0.5, no_tables), below("below", 1.0, no_tables),
    above("above", 1.0, no_tables), yes("true", no_tables),
]  # fmt: skip


@pytest.mark.parametrize("criterion", KINDS, ids=name_of)
def test_any_that_refutes_decides_whatever_the_others_say(criterion):
    fits = Measurement(fitting(criterion), 0.0, "fits")
    vague = Measurement(fitting(criterion), 1e6, "vague")
    against = Measurement(contradicting(criterion), 0.0, "against")
    for several, decider in (
        ([fits, vague, against], against), ([against, fits], against),
        ([fits, vague], vague), ([vague, MISSING], None), ([fits, MISSING], MISSING),
        ([fits], fits),
    ):  # fmt: skip
        found = decide(criterion, several)
        assert found.verdict == verdict_on(criterion, found.measurement)
        assert decider is None or found.measurement is decider


# (criterion, measurements, which decides): among those of one verdict the one that goes furthest.
DECIDING = [
    # none refutes: by the unfavourable end, not by the value
    (KINDS[1], [(0.5, 0.0), (0.4, 0.3), (0.6, 0.01)], 1),
    (KINDS[2], [(1.5, 0.0), (1.6, 0.3), (1.4, 0.01)], 1),
    (KINDS[0], [(1.1, 0.0), (0.95, 0.2), (0.85, 0.0)], 1),
    # some refute: by the end that is nearest to the bound
    (KINDS[1], [(2.0, 0.9), (1.5, 0.1), (9.0, 10.0)], 1),
    (KINDS[2], [(0.0, 0.9), (0.5, 0.1), (-9.0, 20.0)], 1),
    (KINDS[0], [(3.0, 1.4), (2.0, 0.1), (0.3, 0.0)], 1),
    # some are vague and none refutes
    (KINDS[1], [(0.9, 0.2), (0.5, 5.0), (0.1, 0.0)], 1),
    (KINDS[3], [(1.0, 0.0), (0.0, 0.0), (1.0, 0.0)], 1),
]


@pytest.mark.parametrize(("criterion", "several", "which"), DECIDING)
def test_the_one_that_decides_is_reported_with_its_own_error_name_and_draws(
    criterion, several, which
):
    named = [Measurement(v, e, f"number {i}", i) for i, (v, e) in enumerate(several)]
    for order in (named, named[::-1]):
        found = decide(criterion, order)
        assert found.measurement == named[which]
        assert found.verdict == verdict_on(criterion, named[which])


def test_no_measurement_unknown_kinds_and_claims_without_a_core_are_refused():
    with pytest.raises(ValueError, match="'below': no measurement"):
        decide(KINDS[1], [])
    with pytest.raises(ValueError, match="kind = 'near'; allowed are equal, below, above, true"):
        Criterion("", "near", 1.0, 0.0, "core", no_tables)
    with pytest.raises(ValueError, match="role = 'aside'; allowed are core, scope"):
        below("", 1.0, no_tables, "aside")
    with pytest.raises(ValueError, match="claim empty: at least one criterion"):
        Claim("empty", "", ("T",), "", [below("", 1.0, no_tables, "scope")])


def test_without_its_witness_a_criterion_is_never_reproduced():
    criterion = below("largest", 1.0, lambda t: [], witnesses=("selu",))
    fine, bad = Measurement(0.5, 0.1, "tanh"), Measurement(2.0, 0.1, "elu")
    assert decide(criterion, [fine]).verdict == INCONCLUSIVE
    assert "selu" in decide(criterion, [fine]).measurement.detail
    assert decide(criterion, [fine, bad]).verdict == REFUTED
    assert decide(criterion, [fine, Measurement(0.5, 0.1, "selu, q = 1")]).verdict == REPRODUCED
    assert decide(criterion, [fine, Measurement(2.0, 0.1, "selu")]).verdict == REFUTED


def test_a_core_criterion_is_refuted_at_the_strict_error_only():
    m = Measurement(1.5, 0.4, strict=(0.9, 2.1))
    assert verdict_on(below("x", 1.0, lambda t: m), m) == INCONCLUSIVE
    assert verdict_on(below("x", 1.0, lambda t: m, "scope"), m) == REFUTED
    assert verdict_on(below("x", 0.8, lambda t: m), m) == REFUTED
    assert verdict_on(above("x", 1.0, lambda t: m), m) == REPRODUCED
