"""Whether a run agrees with the reference: the test holds its level, and tells what differs."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from as_said import curves
from scipy.stats import binom, mannwhitneyu, rankdata, ttest_ind

from edgeofchaos.claims.agreement import AGREES, COLUMNS, DIFFERS, TOO_FEW, agreement
from edgeofchaos.claims.agreement import rank_sum_chance as chance


def heaps(rng, size, share=0.5):
    """Runs that train or are stuck."""
    trains = rng.random(size) < share
    return np.where(trains, 0.92, 0.11) + 0.005 * rng.standard_normal(size)


LAWS = {
    "normal": lambda rng, size: rng.standard_normal(size),
    "two heaps": heaps,
    "one heap and a few": lambda rng, size: heaps(rng, size, 0.9),
    "ties": lambda rng, size: rng.choice([0.1135, 0.1028, 0.098], size),
}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("count", [4, 6, 12])
@pytest.mark.slow(after=3)
def test_like_runs_are_called_different_as_often_as_it_says(law, count):
    rng = np.random.default_rng(3)
    times = 400
    found = np.array([
        chance(LAWS[law](rng, count), LAWS[law](rng, 30)) for _ in range(times)
    ])  # fmt: skip
    for level in (0.2, 0.05, 0.01):
        assert (found <= level).sum() <= binom.isf(1e-6, times, level)


def test_the_interval_for_the_difference_of_means_does_not_hold_its_level():
    """The reason for ranks: four runs in one of two heaps seem not to scatter."""
    rng = np.random.default_rng(4)
    level, times = 0.01 / 60, 400
    found = [ttest_ind(heaps(rng, 4), heaps(rng, 30), equal_var=False).pvalue for _ in range(times)]
    assert (np.array(found) <= level).mean() > 0.05


def test_the_chance_is_that_of_all_choices():
    a, b = [0.3, 0.1, 0.7], [0.1, 0.2, 0.2, 0.9, 0.8]
    ranks = rankdata([*a, *b])
    centre = 3 * ranks.mean()
    sums = [sum(ranks[list(chosen)]) for chosen in combinations(range(8), 3)]
    share = np.mean([abs(s - centre) >= abs(sum(ranks[:3]) - centre) - 1e-9 for s in sums])
    assert chance(a, b) == pytest.approx(share, rel=1e-12)
    x, y = np.arange(9.0), np.arange(9.0) ** 2 + 0.5
    assert chance(x, y) == pytest.approx(mannwhitneyu(x, y, method="exact").pvalue, rel=1e-9)
    assert chance(np.zeros(6), np.zeros(30)) == 1.0
    assert chance(np.zeros(6), np.ones(30)) == pytest.approx(1 / math.comb(36, 6))


@pytest.fixture
def reference():
    return curves(seeds=30, seed=1)


def test_a_run_of_the_same_law_agrees_net_by_net(reference):
    found = pd.DataFrame(agreement(curves(seeds=6, seed=2), reference), columns=COLUMNS)
    assert len(found) == len(reference.groupby(["init", "width", "depth", "learning_rate"]))
    assert set(found["verdict"]) == {AGREES}
    assert set(found["level"]) == {0.01 / len(found)}
    assert (found["runs"].unique(), found["reference_runs"].unique()) == ([6], [30])


def test_a_run_is_itself_and_a_part_of_itself(reference):
    for part in (reference, reference[reference["seed"] < 12]):
        assert {row["verdict"] for row in agreement(part, reference)} == {AGREES}


def test_a_net_that_is_another_is_named(reference):
    ours = curves(seeds=6, seed=2)
    other = ours["init"].eq("elu-edge") & ours["learning_rate"].eq(0.001)
    ours.loc[other, "accuracy"] -= 0.05
    (row,) = (r for r in agreement(ours, reference) if r["verdict"] == DIFFERS)
    assert (row["init"], row["width"], row["depth"]) == ("elu-edge", 50, 40)
    assert row["difference"] == pytest.approx(-0.05, abs=0.01)


def test_a_learning_rate_of_many_digits_is_found_in_a_table_that_keeps_six(reference):
    ours = curves(seeds=6, seed=2)
    exact, kept = (
        frame.assign(learning_rate=frame["learning_rate"].replace(0.001, rate))
        for frame, rate in ((ours, 0.00123456789), (reference, 0.00123457))
    )
    assert len(agreement(exact, kept)) == len(agreement(ours, reference))


def test_what_does_not_scatter_is_equal_or_is_not(reference):
    still, ours = (frame.assign(accuracy=0.1135) for frame in (reference, curves(seeds=6)))
    assert {row["verdict"] for row in agreement(ours, still)} == {AGREES}
    ours["accuracy"] += 1e-4
    assert {row["verdict"] for row in agreement(ours, still)} == {DIFFERS}


def test_too_few_runs_tell_nothing_and_diverged_nets_guess(reference):
    few = curves(seeds=2).assign(accuracy=0.0)
    assert {row["verdict"] for row in agreement(few, reference)} == {TOO_FEW}
    lost = agreement(curves(seeds=6).assign(accuracy=np.nan), reference)
    assert {round(row["mean"], 9) for row in lost} == {0.1}


@pytest.mark.parametrize(
    "change", [{"images": 1000}, {"step": 6000}, {"width": 49}, {"optimiser": "sgd"}]
)
def test_other_nets_are_not_compared(reference, change):
    assert agreement(curves(seeds=6).assign(**change), reference) == []
    assert agreement(curves(seeds=6).drop(columns="images"), reference) == []
