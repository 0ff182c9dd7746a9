"""``edgeofchaos recommend``: what is asked of the library, and how its reasons are told."""

import csv
import io
import json
import math

import pytest

import edgeofchaos as eoc
from edgeofchaos.practice import recommend as home


@pytest.fixture
def asked(monkeypatch):
    """A library that gives reasons, and keeps what it was asked."""
    calls = []

    def recommend(phi, depth, **given):
        calls.append((phi.name, depth, given))
        reasons = (
            eoc.Reason("1 - c^L", 0.25, math.nan, math.nan, "computed", "inputs stay apart"),
            eoc.Reason("P(q^L in band)", 0.9, 0.85, 0.95, "sampled", "the variance stays"),
        )
        point = eoc.edge_point("tanh", 0.2)
        return eoc.Recommendation(
            point, depth, 0.25, math.nan, "a note", given.get("width"), reasons=reasons
        )

    monkeypatch.setattr(home, "recommend", recommend)
    return calls


def test_what_is_not_given_is_left_to_the_library(ask, asked):
    assert ask("recommend", "tanh", "--depth", 7)[0] == 0
    assert ask("recommend", "relu", "--depth", 7, "--width", 50, "--band", 3,
               "--probability", 0.8)[0] == 0  # fmt: skip
    given = {"width": 50, "band": 3.0, "probability": 0.8}
    assert asked == [("tanh", 7, {}), ("relu", 7, given)]


def test_reasons_are_told_by_name(ask, asked):
    code, out, _ = ask("recommend", "tanh", "--depth", 7, "--width", 50)
    said = {line[:21].strip(): line[22:] for line in out.splitlines()}
    assert code == 0 and said["1 - c^L"] == "0.25, computed: inputs stay apart"
    assert said["P(q^L in band)"] == "0.9 (0.85 to 0.95), sampled: the variance stays"
    assert list(said)[-1] == "note" and said["width"] == "50"
    told = json.loads(ask("recommend", "tanh", "--depth", 7, "--json")[1])
    assert told["one_minus_c_at_depth"] == 0.25 and told["width"] is None
    assert [r["name"] for r in told["reasons"]] == ["1 - c^L", "P(q^L in band)"]
    (row,) = csv.DictReader(io.StringIO(ask("recommend", "tanh", "--depth", 7, "--csv")[1]))
    assert (row["1 - c^L"], row["P(q^L in band)"], row["input_mean_square"]) == ("0.25", "0.9", "")


def test_the_keys_that_programs_read(ask):
    told = json.loads(ask("recommend", "relu", "--depth", 10, "--json")[1])
    advice = eoc.recommend("relu", 10)
    keys = [*advice.point.as_dict(), "depth", "one_minus_c_at_depth", "input_mean_square", "note"]
    assert [k for k in told if k in keys] == keys
    assert told["one_minus_c_at_depth"] == advice.complement
