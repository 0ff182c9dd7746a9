"""What stands beside a run's own verdicts, in words."""

import pytest

from edgeofchaos.report.beside import agreement, lengths, reseedings

ABOUT = "date: '2026-11-25'\nmachine: 2 cores of X\n"


def net(verdict, init="relu-edge"):
    """A row of agreement.csv, as text."""
    return {
        "width": "50", "depth": "40", "learning_rate": "0.00029999999999999997", "init": init,
        "mean": "0.9", "reference_mean": "0.85", "verdict": verdict,
    }  # fmt: skip


def test_one_sentence_says_how_many_nets_agree_and_with_what():
    assert agreement([net("agrees")] * 3, ABOUT) == (
        "3 of 3 nets agree with the reference run of 2026-11-25 on 2 cores of X (all nets of an "
        "equivalent run do, but in one run in 100)."
    )


def test_those_that_differ_are_named_and_those_with_few_runs_counted():
    rows = [net("agrees"), net("differs", "tanh-edge"), net("too few runs")]
    found = agreement(rows, ABOUT)
    assert found.startswith("1 of 2 nets agree with ")
    assert found.endswith(
        "; 1 have too few runs to tell. Not so: tanh-edge, 50 wide, 40 deep, rate 0.0003 (0.900 "
        "against 0.850)."
    )


def test_where_nothing_can_be_compared_it_says_so():
    of = "the reference run of 2026-11-25 on 2 cores of X."
    assert agreement([], ABOUT) == f"No net of this run is in {of}"
    assert agreement([net("too few runs")], ABOUT) == (
        f"No net of this run has enough runs to be compared with {of}"
    )


@pytest.mark.parametrize(
    "about",
    ["", "{}", "date: [", "date: 2026-11-25", "- date\n- machine", "text", "date: {}\nmachine: x",
     "date: 2026-11-25\nmachine:\n", b"date: \xff\nmachine: x"],
)  # fmt: skip
def test_a_reference_that_does_not_say_what_it_is_is_told(about):
    with pytest.raises(ValueError, match=r"^about.yaml of the reference run has no .*; allowed is"):
        agreement([net("agrees")], about)


def test_the_share_of_reseedings_names_what_is_not_beside_it():
    assert reseedings(None, "refuted") == ""
    assert reseedings({"refuted": 20}, "refuted") == "20/20"
    counts = {"qualified": 1, "refuted": 17, "inconclusive": 2}
    assert reseedings(counts, "refuted") == "17/20, 1 qualified, 2 inconclusive"
    assert reseedings(counts, "qualified") == "17/20 refuted, 1 qualified, 2 inconclusive"


def test_lengths_are_said_with_where_they_are_from():
    others = [
        {"steps": 375, "verdict": "inconclusive", "reference": False},
        {"steps": 6000, "verdict": "refuted", "reference": True},
    ]
    assert lengths({"steps": 1500, "lengths": others}) == (
        "Judged after 1,500 steps; at 375: inconclusive; at 6,000 in the reference run: refuted."
    )
    assert lengths({"steps": 1500, "lengths": []}) == "Judged after 1,500 steps."
    assert lengths({"steps": None, "lengths": []}) == ""
