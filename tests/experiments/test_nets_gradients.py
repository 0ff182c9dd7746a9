"""Where gradients are looked at, and that they are what the recursion of the variance says."""

import math

import numpy as np
import pytest

import edgeofchaos as eoc
from edgeofchaos.experiments.nets_gradients import nets_gradients, places, profiles, starts
from edgeofchaos.theory.variance import variance_map

COMMON = {"seed": 3, "device": "cpu"}


def names(phi, sigma_b, **more):
    return [point.place for point in places(eoc.activation(phi), sigma_b, **more)]


def test_swish_is_looked_at_where_the_paper_prints_it_and_at_our_points():
    assert names("swish", 0.2) == ["printed", "chi1", "stable", "he"]
    # Where the paper prints none, beside chi_1 = 1; it is not called the edge.
    assert names("swish", 0.25) == ["ordered", "chi1", "chaotic"]
    assert names("swish", 0.9) == ["ordered", "edge", "chaotic"]


def test_others_are_looked_at_on_the_edge_and_off_it():
    ordered, edge, chaotic = places(eoc.activation("tanh"), 0.2)
    assert (ordered.place, edge.place, chaotic.place) == ("ordered", "edge", "chaotic")
    assert ordered.sigma_w == pytest.approx(0.8 * edge.sigma_w)
    assert chaotic.sigma_w == pytest.approx(1.2 * edge.sigma_w)
    assert names("relu", 0.0, off={"near": 0.9}) == ["near", "edge"]
    with pytest.raises(ValueError, match=r"softplus at sigma_b = 0\.2"):
        names("softplus", 0.2)


def test_only_at_the_printed_point_nets_start_at_half_of_q_too():
    printed, *others = places(eoc.activation("swish"), 0.2)
    assert starts(printed) == {"q": 0.44, "q/2": 0.22}
    assert all(starts(point) == {"q": point.q} for point in others)


def test_the_theory_is_the_product_of_chi1_along_the_moving_variance():
    phi = eoc.activation("swish")
    printed = places(phi, 0.2)[0]
    rows, factors = profiles(phi, printed, width=2000, layers=8, draws=40, **COMMON)
    for factor in factors:
        assert factor["q"] == starts(printed)[factor["start"]]
        fmap = variance_map(phi, 0.2, 1.718)
        q, product = factor["q"], 1.0
        for _ in range(7):
            product *= float(fmap.chi1(q))
            q = float(fmap(q))
        assert factor["theory"] == pytest.approx(math.log(product) / 7, rel=1e-12)
        assert factor["log_factor"] == pytest.approx(
            factor["theory"], abs=6 * factor["error"] + factor["finite"]
        )
        mine = [row for row in rows if row["start"] == factor["start"]]
        assert [row["layer"] for row in mine] == list(range(1, 9))
        assert mine[-1]["log_gradient"] == mine[-1]["theory"] == 0
    # Below q gradients shrink more.
    assert factors[1]["theory"] < factors[0]["theory"] < 0


def test_rows_of_two_places_are_told_apart():
    tables = nets_gradients(nets={"swish": 0.2, "tanh": 0.2}, width=20, layers=5, draws=8, **COMMON)
    factors = tables["nets_factors"]
    keys = [(r["activation"], r["place"], r["start"]) for r in factors]
    assert len(set(keys)) == len(keys) == 8
    assert len(tables["nets_gradients"]) == 40
    assert np.unique([r["log_factor"] for r in factors]).size == 8
