"""Rows are found or missed by name, and errors are bounds."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from edgeofchaos.claims.model import Measurement
from edgeofchaos.claims.reading import (
    MissingRows,
    answered,
    binomial_error,
    each,
    increasing,
    is_so,
    limits,
    meeting,
    meets,
    none_of,
    row,
    rows,
    slope,
)
from edgeofchaos.theory.propositions import PRINTED

TABLES = {
    "edge": pd.DataFrame({
        "activation": ["tanh", "tanh", "elu"], "sigma_b": [0.1, 0.1 + 1e-12, 0.5],
        "q": [1.0, 2.0, 3.0], "draws": [4, 5, 6], "layer": [1, 10, 1_000_000],
    })
}  # fmt: skip


def test_rows_are_chosen_by_value_by_list_and_by_query():
    assert list(rows(TABLES, "edge", activation="tanh", sigma_b=0.1)["q"]) == [1.0, 2.0]
    assert list(rows(TABLES, "edge", "q > 1", activation=["elu", "tanh"])["q"]) == [2.0, 3.0]
    assert row(TABLES, "edge", activation="elu")["q"] == 3.0


def test_what_is_missing_is_named():
    with pytest.raises(MissingRows, match="no table rates"):
        rows(TABLES, "rates")
    wanted = "table edge has no rows with activation = tanh and q > 5"
    with pytest.raises(MissingRows, match=wanted):
        rows(TABLES, "edge", "q > 5", activation="tanh")


def test_of_a_tuple_each_value_has_to_be_there():
    assert len(rows(TABLES, "edge", activation=("tanh", "elu"))) == 3
    with pytest.raises(MissingRows, match="table edge has no rows with activation = selu"):
        rows(TABLES, "edge", activation=("tanh", "selu"))


def test_a_limit_holds_what_decays_and_what_has_settled():
    frame = pd.DataFrame({
        "activation": "a", "last": [1e-3, 0.3, 1e-9], "half": [2e-3, 0.3, 1e-5],
    })  # fmt: skip
    slow, settled, fast = limits(frame, "last", "half")
    assert (slow.value, slow.error) == pytest.approx((0, 1e-3), abs=1e-12)
    assert (settled.value, settled.error) == (0.3, 0.0)
    assert fast.value + fast.error == pytest.approx(1e-9) and fast.value - fast.error < 0


def test_each_row_keeps_its_error_name_and_draws():
    frame = TABLES["edge"]
    found = each(frame, frame["q"], [0.1, 0.2, 0.3], ("activation", "sigma_b", "layer"))
    assert found[2] == Measurement(3.0, 0.3, "elu, σ_b = 0.5, l = 1000000", 6)
    assert [m.error for m in each(frame.drop(columns="draws"), 1.0)] == [0.0] * 3


def test_exceptions_are_named():
    assert none_of([], "all").value == 1.0
    assert none_of(["selu"]) == Measurement(0.0, 0.0, "not selu")


def test_the_error_of_a_slope_is_the_worst_that_rounding_can_do():
    x, errors = np.array([0.0, 1.0, 3.0, 4.0]), np.array([0.5, 0.1, 0.2, 0.5])
    value, error = slope(x, 2 * x, errors)
    assert value == pytest.approx(2)
    signs = np.array(np.meshgrid(*[[-1, 1]] * 4)).reshape(4, -1).T
    fits = [np.polyfit(x, 2 * x + s * errors, 1)[0] for s in signs]
    assert error == pytest.approx(max(fits) - 2)


@pytest.mark.parametrize("draws", [40, 400])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
def test_a_binomial_interval_misses_no_more_often_than_its_level(draws, share):
    level = 0.01
    counts = np.arange(draws + 1)
    missed = [abs(k / draws - share) > binomial_error(k / draws, draws, level) for k in counts]
    assert binom.pmf(counts[missed], draws, share).sum() < level
    assert (
        binomial_error(share, draws, level) < 3 * math.sqrt(share * (1 - share) / draws) + 4 / draws
    )


def test_numbers_increase_where_their_errors_say_so():
    assert increasing([1.0, 2.0, 3.0], 0.1).value == 1
    assert increasing([1.0, 2.0, 1.5], 0.1).value == 0
    assert math.isnan(increasing([1.0, 2.0, 2.1], 0.1).value)
    with pytest.raises(MissingRows, match="fewer than two"):
        increasing([1.0], 0.0)


def test_a_condition_is_met_failed_or_open():
    names = sorted(PRINTED[7])
    for answers, expected in (
        (("True", "True"), 1.0), (("True", "False"), 0.0), ((np.nan, "False"), 0.0),
        (("True", np.nan), math.nan),
    ):  # fmt: skip
        frame = pd.DataFrame({
            "activation": "phi", "proposition": 7, "condition": names, "holds": answers,
        })  # fmt: skip
        found = meets({"conditions": frame}, "phi", 7)
        assert found.value == pytest.approx(expected, nan_ok=True)
        assert found.detail.startswith("phi")
        assert meeting({"conditions": frame}, 7) == (["phi"] if expected == 1 else [])
    assert [answered(x) for x in (True, "False")] == [1.0, 0.0] and math.isnan(answered(None))
    assert not is_so(found)


def test_a_condition_that_is_not_in_the_table_is_not_met():
    frame = pd.DataFrame({
        "activation": ["phi"], "proposition": [7], "condition": ["bounded"], "holds": [True],
    })  # fmt: skip
    with pytest.raises(MissingRows, match="table conditions has no E"):
        meets({"conditions": frame}, "phi", 7)
    assert meeting({"conditions": frame}, 7) == []
