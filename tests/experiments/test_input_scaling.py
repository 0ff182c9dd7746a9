"""MNIST's variances by protocol: the numbers that paper.md gives, and those of single images."""

from pathlib import Path

import numpy as np
import pytest

from edgeofchaos.experiments.input_scaling import input_scaling, paths
from edgeofchaos.experiments.points import point_at
from edgeofchaos.simulation.scaling import PROTOCOLS, input_scale
from edgeofchaos.theory.variance import variance_map
from edgeofchaos.training.mnist import Digits, mean_squares, mnist

DATA = Path(__file__).resolve().parents[2] / "resources/mnist"


@pytest.fixture(scope="module")
def squares():
    train, test = (mean_squares(digits.images) for digits in mnist(DATA))
    return {"train": train, "test": test}


def at_layer_40(place, protocol, scaled_by, images):
    point = point_at("swish", place, 0.2)
    scale = input_scale(scaled_by, point.q, point.sigma_b, point.sigma_w, protocol)
    (row,) = paths("swish", point, protocol, scale, images, [40])
    return row


@pytest.mark.slow
def test_at_chi1_with_the_mean_at_q_half_run_away_and_half_fall(squares):
    # The printed 45 % and 46 % are of images scaled by their own mean, be they the test or the
    # training images. Test images scaled by the training images' mean, as in training, have 47 %
    # and 44 %: their own is 1.7 % larger.
    for images in squares.values():
        row = at_layer_40("chi1", "mean", images, images)
        assert (round(100 * row["above"]), round(100 * row["below"])) == (45, 46)
    row = at_layer_40("chi1", "mean", squares["train"], squares["test"])
    assert (row["above"], row["below"]) == pytest.approx((0.4664, 0.4377), abs=1e-3)


def test_at_the_printed_point_times_the_root_of_q_they_stay_in_the_bottleneck(squares):
    row = at_layer_40("printed", "root", squares["train"], squares["test"])
    assert 0 < row["above"] <= 0.001
    assert (round(row["low"], 2), round(row["high"], 2)) == (0.30, 0.34)


def test_every_training_image_starts_at_most_at_q(squares):
    row = at_layer_40("printed", "every", squares["train"], squares["train"])
    assert row["over_q"] == 0
    row = at_layer_40("printed", "mean", squares["train"], squares["train"])
    assert 0.3 < row["over_q"] < 0.6


@pytest.mark.parametrize(("place", "protocol"), [("chi1", "mean"), ("printed", "mean")])
def test_interpolation_is_as_good_as_following_each_image(squares, place, protocol):
    images = squares["test"][:400]
    row = at_layer_40(place, protocol, squares["train"], images)
    point = point_at("swish", place, 0.2)
    first = point.sigma_b**2 + (point.sigma_w * row["scale"]) ** 2 * images
    exact = variance_map("swish", point.sigma_b, point.sigma_w).trajectory(first, 40)[-1]
    low, median, high = np.quantile(exact, [0.05, 0.5, 0.95])
    assert (row["low"], row["median"], row["high"]) == pytest.approx((low, median, high), rel=0.01)
    assert row["above"] == pytest.approx((exact > 1).mean(), abs=1e-3)
    assert row["below"] == pytest.approx((exact < 0.25).mean(), abs=1e-3)


def test_every_point_protocol_and_layer_is_there():
    images = np.linspace(0.1, 0.9, 20)[:, None] * np.ones((20, 4))
    digits = Digits(images.astype(np.float32), np.zeros(20, np.int64))
    rows = input_scaling(
        sigma_b=0.2, layers=[1, 5], digits=(digits, digits),
        inits=["swish-printed", "tanh-edge", "relu-edge"],
    )["input_scaling"]  # fmt: skip
    assert len(rows) == 3 * len(PROTOCOLS) * 2
    relu = [r for r in rows if r["activation"] == "relu" and r["inputs"] == "every"]
    # On its edge every variance is kept.
    assert relu[0]["median"] == pytest.approx(relu[1]["median"], rel=1e-9)
    assert relu[0]["q"] == 1.0
