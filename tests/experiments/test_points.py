"""The named places: where they are, and that no two of Swish's can be mixed up."""

import math

import pytest

from edgeofchaos.experiments.inits import parse
from edgeofchaos.experiments.points import NEAR, of_init, point_at
from edgeofchaos.theory.variance import variance_map


@pytest.mark.parametrize(
    ("name", "sigma_b", "sigma_w", "q"),
    [
        ("relu-edge", 0.0, math.sqrt(2), 1.0),
        ("tanh-edge", 0.2, 1.30414584, 0.51207850),
        ("swish-printed", 0.2, 1.718, 0.44),
        ("swish-chi1", 0.2, 1.67953160, 0.68945250),
        ("swish-he", 0.0, math.sqrt(2), 1.0),
        ("tanh-edge-b0.05", 0.05, 1.12253900, 0.15369194),
        ("swish-chaotic", 0.2, 1.3 * 1.718, 0.44),  # variances diverge: the printed q
    ],
)
def test_where_the_places_are(name, sigma_b, sigma_w, q):
    point = of_init(parse(name), 0.2)
    assert (point.sigma_b, point.sigma_w, point.q) == pytest.approx((sigma_b, sigma_w, q), abs=1e-8)


def test_the_stable_place_is_just_above_the_threshold():
    point = of_init(parse("swish-stable"), 0.2)
    assert point.sigma_b == pytest.approx(1.01 * math.sqrt(0.55514317), rel=1e-6)
    assert point.q > 14


@pytest.mark.parametrize("name", ["tanh-ordered", "tanh-chaotic", "elu-ordered", "swish-ordered"])
def test_a_point_off_the_edge_has_its_own_limiting_variance(name):
    init = parse(name)
    point = of_init(init, 0.2)
    fmap = variance_map(init.activation, point.sigma_b, point.sigma_w)
    assert fmap.trajectory(0.3, 2000)[-1] == pytest.approx(point.q, rel=1e-9)


def test_a_ratio_is_of_the_point_named_and_is_told_apart_from_it():
    near, edge = of_init(parse("tanh-edge-x0.95"), 0.2), of_init(parse("tanh-edge"), 0.2)
    assert near.sigma_w == pytest.approx(0.95 * edge.sigma_w)
    assert near.q < edge.q and (near.place, edge.place) == (NEAR, "edge")


@pytest.mark.parametrize(
    ("phi", "place", "sigma_b", "words"),
    [
        ("swish", "edge", 0.2, "q repels; allowed are the places chi1"),
        ("gelu", "edge", 0.05, "q repels"),
        ("swish", "printed", 0.25, "prints points of swish at 0.1, 0.2, 0.3, 0.4, 0.5"),
        ("tanh", "printed", 0.2, "prints points of swish"),
        ("softplus", "edge", 0.2, "softplus at sigma_b = 0.2"),
        ("tanh", "stable", 0.2, "does not turn stable"),
    ],
)
def test_no_such_point(phi, place, sigma_b, words):
    with pytest.raises(ValueError, match=words):
        point_at(phi, place, sigma_b)


@pytest.mark.parametrize(
    "name",
    ["tanh", "tanh-verge", "tanhh-edge", "tanh-edge-x", "tanh-edge-x0", "tanh-edge-x1.2.3",
     "tanh-printed", "swish-stable-b0.5", "relu-he-b0.1", "tanh-edge-b0.1-x0.5", "tanh-edge "],
)  # fmt: skip
def test_a_name_that_means_nothing(name):
    with pytest.raises(ValueError, match=r"allowed|prints|of its own"):
        parse(name)
