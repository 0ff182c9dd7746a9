"""Regression with deep kernels on MNIST: the classifier's own numbers, and what depth does."""

from pathlib import Path

import numpy as np
import pytest

import edgeofchaos as eoc
from edgeofchaos.experiments.kernel_accuracy import kernel_accuracy, one_set, scores
from edgeofchaos.training.mnist import Digits, mnist

DATA = Path(__file__).resolve().parents[2] / "resources/mnist"
RNG = np.random.default_rng(6)


def digits(count, spread=0.1):
    """Ten classes, each about a point of its own."""
    centres = np.random.default_rng(7).uniform(size=(10, 8))
    labels = np.arange(count) % 10
    images = centres[labels] + spread * RNG.uniform(size=(count, 8))
    return Digits(images.astype(np.float32), labels.astype(np.int64))


def rows_of(given, **changed):
    about = {"sigma_b": 0.2, "depths": [1, 3], "noises": [1e-6, 1e-2], "images": 40, "tested": 20,
             "sets": 2, "inits": ["relu-edge", "tanh-edge"]}  # fmt: skip
    return kernel_accuracy(**{**about, **changed}, digits=given)["kernel_accuracy"]


@pytest.fixture(scope="module")
def whole():
    return mnist(DATA)


@pytest.mark.parametrize(("count", "sets", "size"), [(100, 5, 20), (100, 3, 10), (60000, 5, 400)])
def test_sets_have_no_image_in_common_and_reach_over_all(count, sets, size):
    numbered = Digits(np.arange(count)[:, None], np.arange(count))
    found = [one_set(numbered, i, sets, size, "images").labels for i in range(sets)]
    assert [len(f) for f in found] == [size] * sets
    assert len(set(np.concatenate(found))) == sets * size
    step = count // (sets * size)
    assert all(set(np.diff(f)) == {sets * step} for f in found)
    assert max(f[-1] for f in found) >= count - sets * step - sets * size


def test_too_many_images_are_refused():
    with pytest.raises(ValueError, match="tested = 51; allowed are up to 50 for 2 sets of 100"):
        rows_of((digits(100), digits(100)), tested=51)


def test_without_noise_rounding_would_decide():
    with pytest.raises(ValueError, match=r"noises\[1\] = 0.0; allowed is a .*number > 0"):
        rows_of((digits(100), digits(100)), noises=[0.1, 0.0])


@pytest.mark.parametrize("kernel", ["nngp", "ntk"])
@pytest.mark.slow(after=1)
def test_scores_are_those_of_the_classifier(kernel):
    known, asked = digits(60, spread=1.5), digits(40, spread=1.5)
    point = {"depth": 2, "sigma_b": 0.3, "sigma_w": 1.3}
    both = np.concatenate([known.images, asked.images]).astype(np.float64)
    matrix = getattr(eoc.kernel("tanh", both, **point), kernel)
    noise = 0.01 * np.diag(matrix)[:60].mean()
    model = eoc.KernelClassifier("tanh", **point, kernel=kernel, noise=noise)
    model.fit(known.images, known.labels)
    found = scores(matrix, known.labels, asked.labels, 0.01)
    assert found["accuracy"] == model.score(asked.images, asked.labels)
    assert 0.2 < found["accuracy"] < 1
    wanted = np.eye(10)[asked.labels] - 0.1
    rest = ((model.decision_function(asked.images) - wanted) ** 2).sum()
    average = np.bincount(known.labels, minlength=10) / 60 - 0.1
    assert found["r2"] == pytest.approx(1 - rest / ((wanted - average) ** 2).sum(), abs=1e-6)


def test_a_constant_kernel_knows_the_commonest_class_and_no_more():
    known = np.array([3] * 5 + [1] * 4 + [7] * 4)
    asked = np.array([3, 1, 7, 7])
    rounding = 1 + 1e-15 * RNG.normal(size=(17, 17))
    matrix = (rounding + rounding.T) / 2
    for noise in (1e-6, 1e-2):
        found = scores(matrix, known, asked, noise)
        assert found["accuracy"] == 0.25 and abs(found["r2"]) < 0.05
    # Where two are level it is the first, whatever rounding says.
    level = scores(matrix[:16, :16], known[1:], asked, 1e-6)
    assert level["accuracy"] == 0.25


def test_every_point_set_depth_kernel_and_noise_is_there_in_order():
    rows = rows_of((digits(100), digits(60)), depths=[3, 1])
    keys = [(r["activation"], r["set"], r["depth"], r["kernel"], r["noise"]) for r in rows]
    assert keys == [
        (name, i, depth, kernel, noise)
        for name in ("relu", "tanh") for i in (0, 1) for depth in (1, 3)
        for kernel in ("nngp", "ntk") for noise in (1e-6, 1e-2)
    ]  # fmt: skip
    assert all(r["accuracy"] == 1 and r["r2"] > 0.9 for r in rows)


def test_rows_end_where_a_kernel_is_not_known():
    given = digits(100), digits(60)
    rows = rows_of(given, inits=["relu-chaotic", "relu-edge"], depths=[1, 150])
    # The variance passes 1e40.
    found = {(r["place"], r["depth"]) for r in rows}
    assert found == {("chaotic", 1), ("edge", 1), ("edge", 150)}


@pytest.mark.slow
def test_on_mnist_depth_costs_relu_more_than_tanh_and_an_ordered_net_all(whole):
    rows = rows_of(whole, images=100, tested=100, sets=1, depths=[5, 40], noises=[1e-2],
                   inits=["relu-edge", "tanh-edge", "tanh-ordered"])  # fmt: skip
    found = {(r["activation"], r["place"], r["depth"]): r for r in rows if r["kernel"] == "nngp"}
    relu, tanh, ordered = (
        [found[name, place, depth] for depth in (5, 40)]
        for name, place in (("relu", "edge"), ("tanh", "edge"), ("tanh", "ordered"))
    )
    assert all(r["accuracy"] > 0.6 for r in (*relu, *tanh, ordered[0]))
    assert ordered[1]["accuracy"] < 0.3
    fall = [first["r2"] - last["r2"] for first, last in (relu, tanh, ordered)]
    assert fall[1] < 0 < 0.1 < fall[0] < fall[2]
    gamma = [r["gamma"] for r in (relu[1], tanh[1], ordered[1])]
    assert gamma[2] < 1e-6 and gamma[0] < 0.02 and gamma[1] > 0.1
