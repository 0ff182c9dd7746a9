"""Words read as numbers: one reading each, with its reason, and what half and twice would give."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeofchaos.claims import words
from edgeofchaos.claims.entries import entry, findings, judged, measured
from edgeofchaos.claims.judge import decide, judge, sensitivities, verdict_at
from edgeofchaos.claims.model import Claim, Measurement, Reading, above, below, equal
from edgeofchaos.claims.registry import BY_ID, CLAIMS

READINGS = words.readings()
CRITERIA = [(claim, k) for claim in CLAIMS for k in claim.criteria if k.reading]
ORDER = ("refuted", "inconclusive", "reproduced")  # of verdicts where every criterion is core


def test_each_word_has_one_number_and_a_reason():
    assert len(READINGS) > 10
    assert len({r.word for r in READINGS}) == len(READINGS)
    kinds = [kind for r in READINGS for kind in r.word.split(", ")]
    assert len(set(kinds)) == len(kinds), "no word is in two readings"
    for r in READINGS:
        assert len(r.why.split()) > 4 and "{:g}" in r.says and f"{r.number:g}" in r.told()


def test_every_claim_reads_a_word_as_words_has_it():
    numbers = {r.word: (r.number, r.why) for r in READINGS}
    for claim, criterion in CRITERIA:
        found = criterion.reading
        assert numbers[found.word] == (found.number, found.why), (claim.id, criterion.name)
        assert criterion.read_as(1.0) == criterion
        for factor in (0.5, 2.0):
            assert criterion.read_as(factor) != criterion
        if criterion.kind == "equal":
            bars = [criterion.read_as(factor).tolerance for factor in (0.5, 1.0, 2.0)]
            assert bars == sorted(bars)


def test_the_reasons_add_up():
    """What they say, where it can be computed."""
    kink = 1 - 0.025
    assert (1 - kink) ** 2 / (math.pi * (1 + kink**2)) == pytest.approx(
        words.TO_IDENTITY.number, rel=0.05
    )
    assert math.sqrt(24 / 10_000) == pytest.approx(words.NORMAL.number, rel=0.03)
    assert 1 / math.sqrt(1e6) == pytest.approx(words.TENDS_TO.number)
    assert 1 / math.sqrt(100) == pytest.approx(words.PREDICTS.number)
    assert math.log10(1 + words.GOES_LIKE.number) == pytest.approx(1 / 50, rel=0.07)
    assert -1 / math.log1p(-words.NEARLY_ONE.number) == pytest.approx(100, rel=0.01)
    assert math.sqrt(words.ALMOST_FLAT.number) == pytest.approx(0.14, rel=0.02)


WORD = Reading("large", 1.0, "a reason of some words")
OTHER = Reading("small", 1.0, "a reason of some words")
KINDS = {
    "below": lambda read, word: below("b", word, read),
    "above": lambda read, word: above("a", word, read),
    "equal": lambda read, word: equal("e", 0.0, word, read),
}
measurements = st.builds(Measurement, st.floats(-5, 5), st.floats(0, 2))
several = st.lists(measurements, min_size=1, max_size=4)
factors = st.floats(0.01, 100)


def no_tables(tables):
    raise AssertionError("not read")


@given(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), several), min_size=1, max_size=4))
def test_once_the_number_is_the_verdict_itself(criteria):
    numbers = [(KINDS[kind](no_tables, WORD), found) for kind, found in criteria]
    assert verdict_at(numbers, WORD.word, 1.0) == judge_of(numbers)
    assert verdict_at(numbers, OTHER.word, 3.0) == judge_of(numbers), "no criterion has that word"


@given(st.sampled_from(sorted(KINDS)), several, factors, factors)
def test_a_larger_number_loosens_an_upper_bar_and_tightens_a_lower_one(kind, found, one, two):
    numbers = [(KINDS[kind](no_tables, WORD), found)]
    small, large = (
        ORDER.index(verdict_at(numbers, WORD.word, factor)) for factor in sorted((one, two))
    )
    assert small >= large if kind == "above" else small <= large


def judge_of(numbers):
    return judge([decide(*pair) for pair in numbers])


def test_criteria_of_one_word_change_together_and_nothing_is_read_twice():
    read = []

    def at(value):
        def reader(tables):
            read.append(value)
            return [Measurement(0.0), Measurement(value, 0.1)]

        return reader

    claim = Claim("x", "", ("T",), "", [
        below("first", WORD, at(0.7)), below("second", WORD, at(1.6)),
        below("third", OTHER, at(0.2)), below("no word", 1.0, at(0.0)),
    ])  # fmt: skip
    found = entry(claim, {})
    assert read == [0.7, 1.6, 0.2, 0.0]
    assert found["verdict"] == "refuted"
    large, small = found["readings"]
    assert large["word"] == "large" and large["criteria"] == ["first", "second"]
    assert (large["half"], large["twice"], large["hangs"]) == ("refuted", "reproduced", True)
    assert (small["half"], small["twice"], small["hangs"]) == ("refuted", "refuted", False)
    assert found["evidence"][0]["reading"] == {
        "word": "large", "number": 1.0, "why": "a reason of some words",
    }  # fmt: skip
    assert found["evidence"][3]["reading"] is None


def test_a_scope_criterion_that_hangs_on_a_word_can_qualify():
    numbers = [
        (below("core", 1.0, no_tables), Measurement(0.0)),
        (below("scope", WORD, no_tables, "scope"), Measurement(0.7)),
    ]
    (found,) = sensitivities(numbers)
    assert (found.half, found.twice) == ("qualified", "reproduced")


@pytest.mark.slow
def test_what_every_claim_says_of_its_readings_is_what_changing_them_gives(tables):
    entries = {e["id"]: e for e in judged(tables)}
    for claim in CLAIMS:
        found = entries[claim.id]["readings"]
        assert [r["word"] for r in found] == list(
            dict.fromkeys(k.reading.word for k in claim.criteria if k.reading)
        )
        for r in found:
            for name, factor in (("half", 0.5), ("twice", 2.0)):
                changed = [
                    k.read_as(factor) if k.reading and k.reading.word == r["word"] else k
                    for k in claim.criteria
                ]
                assert r[name] == judge(
                    findings(Claim(**{**vars(claim), "criteria": changed}), tables)
                )


def scaled(name, column, factor, **where):
    """A change of a table: one column multiplied in the rows that have the given values."""

    def change(tables):
        rows = tables[name].copy()
        chosen = np.ones(len(rows), bool)
        for key, value in where.items():
            chosen &= (rows[key] == value).to_numpy()
        rows[column] = rows[column].where(~chosen, rows[column] * factor)
        return {**tables, name: rows}

    return change


def constant(value, **where):
    """One constant of an activation set to a value that is known exactly."""

    def change(tables):
        rows = tables["constants"].copy()
        chosen = np.logical_and.reduce([rows[k] == v for k, v in where.items()])
        rows.loc[chosen, ["value", "error"]] = value, 0.0
        return {**tables, "constants": rows}

    return change


def at(name, column, value):
    return lambda tables: {**tables, name: tables[name].assign(**{column: value})}


def rising(name, column):
    """A path that rises from 1.1e-3 on."""

    def change(tables):
        values = 1.1e-3 * (1 + tables[name]["layer"] / tables[name]["layer"].max())
        return at(name, column, values)(tables)

    return change


def swapped(tables):
    names = {"relu": "tanh", "tanh": "relu"}
    rows = tables["variance"]
    return {**tables, "variance": rows.assign(activation=rows["activation"].map(names))}


LIMIT = "identity_distance_limit"
# A little beyond the bar is refuted, whether the bar was tighter or looser before it was a reading.
BEYOND = [
    ("prop3-rate", scaled("relu_like_rates", "gamma", 1.06)),
    ("smooth-rate", scaled("rates", "gamma", 0.9)),
    ("prop4-still-degenerate", rising("rates", "gamma")),
    ("relu-degenerate", rising("relu_like_rates", "gamma")),
    ("ordered-phase", rising("trajectories", "deviation")),
    ("lemma1", at("lemma1", "gap", 1.1e-3)),
    ("chaotic-phase", lambda t: at("chaotic", "step", 0.0)(at("chaotic", "limit", 0.0)(t))),
    ("prop1-variance-speed", swapped),
    ("prop5", constant(1.1e-4, constant=LIMIT, activation="tanh")),
    ("others-elu", constant(1.1e-4, constant=LIMIT, activation="elu")),
    ("swish-identity", constant(1.1e-4, constant=LIMIT, activation="swish")),
    ("hardtanh-supplement", scaled("correlation_maps", "f", 1.5, activation="hardtanh")),
    ("kernel-recursion", at("nets_propagation", "log_gap", 0.3)),
    ("prop1-constant-outputs", scaled("nets_spread", "log_mean", 0.3)),
]


@pytest.mark.parametrize(("claim", "change"), BEYOND)
def test_what_is_a_little_beyond_a_bar_is_refuted(claim, change, tables):
    assert judge(findings(BY_ID[claim], change(tables))) == "refuted"


@pytest.mark.parametrize(("factor", "verdict"), [
    (1.0, "reproduced"), (5.0, "refuted"), (0.01, "refuted"), (-1.0, "refuted"),
])  # fmt: skip
def test_about_a_number_is_its_order_of_magnitude(factor, verdict, tables):
    changed = scaled("swish_moments", "curvature_phi", factor)(tables)
    (found,) = (
        f for f in findings(BY_ID["prop6-swish"], changed) if "over 0.01" in f.criterion.name
    )
    assert found.verdict == verdict


def test_readers_without_tables_leave_every_reading_inconclusive():
    for claim in CLAIMS:
        numbers = [(k, measured(k, {})) for k in claim.criteria]
        assert {s.half for s in sensitivities(numbers)} <= {"inconclusive"}
        assert {s.twice for s in sensitivities(numbers)} <= {"inconclusive"}
