"""recommend: one line about what it advises, where no edge point is stable too."""

import pytest
import torch

import edgeofchaos as eoc


@pytest.mark.parametrize("fn", [torch.nn.functional.softshrink, lambda x: torch.relu(x - 1 / 3)])
def test_where_the_slope_of_the_variance_map_is_one_nothing_leaves_exponentially(fn):
    advice = eoc.recommend(eoc.Activation("flat", fn), 20)
    assert advice.point.alpha == pytest.approx(1.0, abs=1e-9)
    assert "neither returns nor leaves exponentially" in advice.note


def test_where_none_is_stable_the_note_says_how_fast_a_variance_leaves():
    note = eoc.recommend("squared_relu", 5).note
    assert "is stable: a variance off q by a fraction d leaves it after about 2 log(1/d)" in note
