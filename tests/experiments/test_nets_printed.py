"""Nets at the printed point: wide ones follow F, the shares are what they are called."""

import math

import pytest

from edgeofchaos.experiments.nets_printed import OVERFLOW, nets_printed, paths, starts
from edgeofchaos.experiments.points import Point, point_at
from edgeofchaos.theory.variance import variance_map

COMMON = {"seed": 3, "device": "cpu"}
KEY = {"activation": "swish", "place": "printed", "start": "q"}


@pytest.fixture(scope="module")
def printed():
    return point_at("swish", "printed", 0.2)


def test_nets_start_where_the_table_of_paths_does(printed):
    assert starts(printed) == {"sigma_b^2": 0.2**2, "q/2": 0.22, "q": 0.44}
    chi1 = point_at("swish", "chi1", 0.2)
    assert starts(chi1) == {"q": chi1.q}


@pytest.mark.parametrize("start", [0.2**2, 0.22, 0.44])
def test_wide_nets_follow_the_recursion(printed, start):
    rows = paths(KEY, printed, start, 40_000, 8, layers=12, **COMMON)
    path = variance_map("swish", 0.2, 1.718).trajectory(start, 12)
    assert [row["layer"] for row in rows] == list(range(1, 13))
    for row, theory in zip(rows, path, strict=True):
        assert row["theory"] == theory
        assert row["median"] == pytest.approx(theory, rel=0.05)
        assert row["low"] <= row["median"] <= row["high"]
    assert rows[0]["low"] == rows[0]["high"] == pytest.approx(start, rel=1e-6)


def test_shares_count_nets(printed):
    rows = paths(KEY, printed, 0.44, 50, 40, layers=60, **COMMON)
    assert rows[0]["near"] == 1 and rows[0]["beyond"] == 0
    for row in rows:
        for share in ("near", "beyond", "overflowed"):
            assert round(row[share] * 40, 9).is_integer()
        assert row["overflowed"] <= row["beyond"] <= 1 - row["near"]
    assert rows[-1]["beyond"] > 0 and rows[-1]["near"] < 1


def test_a_variance_that_overflows_is_counted_and_stops_nothing():
    # 10 times the sigma_w: a variance grows fifty-fold a layer.
    far = Point("printed", 0.2, 17.18, 0.44)
    rows = paths(KEY, far, 0.44, 50, 8, layers=25, **COMMON)
    assert rows[-1]["overflowed"] == rows[-1]["beyond"] == 1
    assert math.isinf(rows[-1]["median"]) and rows[5]["high"] < OVERFLOW


def test_every_place_start_and_width_is_there_with_draws_by_the_units():
    rows = nets_printed(
        sigma_b=0.2, widths=[20, 40], layers=10, units=400, draws=(8, 15), **COMMON
    )["nets_printed"]
    runs = {(r["place"], r["start"], r["width"], r["draws"]) for r in rows}
    assert runs == {
        (place, start, width, draws)
        for place, start in (
            ("printed", "sigma_b^2"), ("printed", "q/2"), ("printed", "q"), ("chi1", "q"),
        )
        for width, draws in ((20, 15), (40, 10))
    }  # fmt: skip
    assert len(rows) == 80


def test_no_such_point_is_told():
    with pytest.raises(ValueError, match="prints points of swish at"):
        nets_printed(sigma_b=0.25, widths=[20, 40], layers=10, units=400, **COMMON)
