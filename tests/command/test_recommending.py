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


def test_several_are_ranked(ask):
    asked = ("recommend", "relu", "softplus", "tanh", "--depth", 20)
    ranking = eoc.rank_activations(20, activations=["relu", "softplus", "tanh"])
    code, out, err = ask(*asked, "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert [(r["rank"], r["activation"]) for r in told] == [
        (1, "tanh"), (2, "relu"), (None, "softplus"),
    ]  # fmt: skip
    first = json.loads(ask("recommend", "tanh", "--depth", 20, "--json")[1])
    assert told[0] == {"rank": 1, **first}
    assert told[2]["note"] == f"refused: {ranking.refused[0][1]}"
    rows = list(csv.DictReader(io.StringIO(ask(*asked, "--csv")[1])))
    assert [r["activation"] for r in rows] == ["tanh", "relu", "softplus"]
    assert float(rows[1]["1 - c^L"]) == ranking.entries[1].complement
    assert (rows[2]["sigma_w"], rows[2]["holds"]) == ("", "False")
    code, out, err = ask(*asked)
    lines = out.splitlines()
    assert (code, err) == (0, "") and lines[1].split()[:2] == ["1", "tanh"]
    assert lines[3].startswith("softplus: refused: ") and lines[4] == ranking.not_covered


@pytest.mark.slow
def test_a_ranking_is_for_the_width_that_is_asked_for(ask):
    asked = ("recommend", "relu", "hardtanh", "--depth", 5, "--width", 400, "--band", 3)
    rows = json.loads(ask(*asked, "--probability", 0.8, "--json")[1])
    same = eoc.rank_activations(
        5, width=400, activations=["relu", "hardtanh"], band=3, probability=0.8
    )
    for row, one in zip(rows, same.entries, strict=True):
        assert (row["activation"], row["width"]) == (one.point.activation, 400)
        assert row["reasons"][1]["value"] == one.reasons[1].value
    assert "P(q^L in band)" in ask(*asked)[1]


def test_what_is_ranked_has_names_of_its_own(ask, tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"own_{name}.py").write_text("def f(x):\n    return x.tanh()\n")
    files = [f"{tmp_path}/own_{name}.py:f" for name in ("one", "two")]
    code, out, err = ask("recommend", *files, "--depth", 5)
    assert (code, out, err.count("\n")) == (2, "", 1) and "different names" in err


def test_all_may_be_refused(ask, tmp_path):
    asked = ("recommend", "softplus", "identity", "--depth", 5)
    code, out, err = ask(*asked)
    assert (code, err) == (0, "")
    assert [line.partition(": ")[0] for line in out.splitlines()] == ["softplus", "identity"]
    for arguments in (asked, ("compare", "softplus"), ("edge", "softplus", "softplus")):
        code, out, err = ask(*arguments, "--plot", tmp_path / "none.png")
        assert (code, err) == (0, "") and "softplus" in out
