"""Regression with the kernels of infinitely wide nets."""

import subprocess
import sys

import numpy as np
import pytest

import edgeofchaos as eoc

RNG = np.random.default_rng(2)
X = RNG.normal(size=(30, 3))
Y = np.sin(X[:, 0]) + 0.5 * X[:, 1]
NEW = RNG.normal(size=(20, 3))
POINT = {"depth": 2, "sigma_b": 0.3, "sigma_w": 1.3}


@pytest.mark.parametrize("which", ["nngp", "ntk"])
@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.slow(after=2)
def test_means_and_deviations_are_those_of_the_formula(which, noise):
    model = eoc.KernelRegression("tanh", **POINT, kernel=which, noise=noise).fit(X, Y)
    whole = getattr(eoc.kernel("tanh", np.concatenate([X, NEW]), **POINT), which)
    inverse = np.linalg.inv(whole[:30, :30] + noise * np.eye(30))
    mean, std = model.predict(NEW, return_std=True)
    assert model.jitter_ == 0.0 and model.kernel_error_ < 1e-10
    assert np.allclose(mean, whole[30:, :30] @ inverse @ Y, atol=1e-8)
    covariance = whole[30:, 30:] - whole[30:, :30] @ inverse @ whole[:30, 30:]
    assert np.allclose(std**2, np.diag(covariance), atol=1e-8)


def test_without_noise_it_goes_through_its_targets():
    model = eoc.KernelRegression("relu", **POINT).fit(X, Y)
    mean, std = model.predict(X, return_std=True)
    assert np.allclose(mean, Y, atol=1e-8) and std.max() < 1e-5
    assert model.score(X, Y) > 1 - 1e-12
    assert 0.8 < model.score(NEW, np.sin(NEW[:, 0]) + 0.5 * NEW[:, 1]) < 1


def test_several_targets_are_each_fitted_by_themselves():
    both = np.stack([Y, Y**2], axis=1)
    found = eoc.KernelRegression("relu", **POINT).fit(X, both).predict(NEW)
    for k in range(2):
        alone = eoc.KernelRegression("relu", **POINT).fit(X, both[:, k]).predict(NEW)
        assert np.allclose(found[:, k], alone, atol=1e-10)


def test_a_jitter_is_told_and_too_little_is_refused():
    twice = np.concatenate([X, X])
    model = eoc.KernelRegression("relu", **POINT).fit(twice, np.concatenate([Y, Y]))
    assert 0 < model.jitter_ < 1e-10
    assert np.allclose(model.predict(X), Y, atol=1e-5)


def test_classes_are_those_of_the_largest_mean():
    labels = np.array(["low", "middle", "high"])[np.digitize(Y, [-0.5, 0.5])]
    model = eoc.KernelClassifier("tanh", **POINT).fit(X, labels)
    assert (model.predict(X) == labels).all() and model.score(X, labels) == 1.0
    means = model.decision_function(NEW)
    assert means.shape == (20, 3) and list(model.classes_) == ["high", "low", "middle"]
    assert np.allclose(means.sum(axis=1), 0.0, atol=1e-8)
    assert (model.classes_[means.argmax(axis=1)] == model.predict(NEW)).all()


@pytest.mark.slow
def test_the_kernel_that_is_not_used_may_be_rough():
    rough = {**POINT, "tolerance": 1e-7}
    model = eoc.KernelRegression("celu(alpha=0.5)", **rough).fit(3 * X, Y)
    assert model.kernel_error_ <= 1e-7
    with pytest.raises(ValueError, match=r"those of the NTK to .*tolerance = 1e-07"):
        eoc.KernelRegression("celu(alpha=0.5)", **rough, kernel="ntk").fit(3 * X, Y)


@pytest.mark.slow
def test_it_is_an_estimator_of_scikit_learn():
    base = pytest.importorskip("sklearn.base")
    selection = pytest.importorskip("sklearn.model_selection")
    model = eoc.KernelRegression("tanh", **POINT)
    assert base.clone(model).get_params() == model.get_params()
    assert base.is_regressor(model) and base.is_classifier(eoc.KernelClassifier())
    search = selection.GridSearchCV(model, {"depth": [1, 2], "noise": [0.0, 0.1]}, cv=3).fit(X, Y)
    assert search.best_score_ > 0.5
    scores = selection.cross_val_score(eoc.KernelClassifier("relu"), X, Y > 0, cv=3)
    assert scores.mean() > 0.6


WITHOUT = """
import sys

sys.modules["sklearn"] = sys.modules["sklearn.base"] = None
import edgeofchaos as eoc

model = eoc.KernelRegression("relu", depth=1)
assert model.get_params()["depth"] == 1
assert model.set_params(depth=2) is model and model.depth == 2
assert abs(model.fit([[1.0], [2.0]], [1.0, 2.0]).predict([[1.5]])[0] - 1.5) < 0.1
try:
    model.set_params(depht=3)
except ValueError as error:
    assert str(error).startswith("parameter 'depht' is unknown; allowed are phi, depth,"), error
else:
    raise AssertionError
assert eoc.KernelClassifier("relu").fit([[1.0], [-2.0]], [0, 1]).score([[3.0]], [0]) == 1.0
"""


def test_it_works_without_scikit_learn():
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: eoc.KernelRegression().predict(X), "KernelRegression: predict before fit"),
        (lambda: eoc.KernelRegression().fit(X, Y[:3]), "y has 3 targets and X has 30 rows"),
        (lambda: eoc.KernelRegression(kernel="rbf").fit(X, Y), "kernel = 'rbf'; allowed are nngp"),
        (lambda: eoc.KernelRegression(noise=-1.0).fit(X, Y), "noise = -1.0"),
        (lambda: eoc.KernelClassifier().fit(X, np.zeros(30)), "y = .*two classes or more"),
        (
            lambda: eoc.KernelRegression().fit(X, Y).predict(X[:, :2]),
            "X has 2 features, but KernelRegression is expecting 3",
        ),
    ],
)
def test_a_bad_argument_is_one_line(call, said):
    with pytest.raises(ValueError, match=said) as caught:
        call()
    assert len(str(caught.value).splitlines()) == 1


def test_equal_inputs_with_unequal_targets_have_their_mean():
    for targets in ([3.0, 4.0], [3.0, -3.0], [1e6, 0.0]):
        for x in ([1.0, 2.0], [0.3, 0.7], [5.0, 1.0]):
            model = eoc.KernelRegression("relu").fit([x, x], targets)
            size = max(map(abs, targets))
            assert model.predict([x])[0] == pytest.approx(np.mean(targets), abs=1e-5 * size)
            assert model.jitter_ > 0
    # With equal targets nothing has to be added beyond what the factor takes.
    assert eoc.KernelRegression("relu").fit([x, x], [2.0, 2.0]).predict([x])[0] == pytest.approx(
        2.0
    )


def test_predictions_go_by_the_last_fit_that_did_not_fail():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(6, 3)), rng.normal(size=6)
    model = eoc.KernelRegression("tanh", sigma_b=0.1).fit(X, y)
    means, deviations = model.predict(X + 0.1, return_std=True)
    model.set_params(kernel="ntk", depth=7, sigma_w=3.0, phi="relu")
    for call in (lambda: model.fit(X, y[:2]), lambda: model.set_params(noise=-1).fit(X, y)):
        with pytest.raises(ValueError):
            call()
    again = model.predict(X + 0.1, return_std=True)
    assert np.array_equal(again[0], means) and np.array_equal(again[1], deviations)
    classifier = eoc.KernelClassifier().fit(X, [0, 1, 2] * 2)
    with pytest.raises(ValueError, match="as many of both"):
        classifier.fit(X, ["a", "b"])
    assert classifier.classes_.tolist() == [0, 1, 2] and classifier.predict(X).tolist()


@pytest.mark.parametrize(
    ("y", "told"),
    [([None, 1, "a"], "can be sorted"), ([0.5, 1.0, 2.0], "continuous"),
     ([np.nan, 1.0, 2.0], "continuous"), ([1, 1, 1], "not 1 class")],
)  # fmt: skip
def test_what_are_no_classes_is_told(y, told):
    with pytest.raises(ValueError, match=told):
        eoc.KernelClassifier().fit(np.eye(3), y)


def test_a_score_asks_for_a_target_each():
    regression = eoc.KernelRegression().fit(np.eye(3), [1.0, 2.0, 3.0])
    classifier = eoc.KernelClassifier().fit(np.eye(3), [0, 1, 2])
    for model in (regression, classifier):
        for y in ([1, 2], [[1], [2], [3]]):
            with pytest.raises(ValueError, match="y of shape"):
                model.score(np.eye(3), y)


# Checks that ask for another message of a mistake, which is refused all the same, or for y of one
# column to be warned of.
OTHER_WORDS = [
    "check_complex_data", "check_dtype_object", "check_estimators_empty_data_messages",
    "check_estimators_nan_inf", "check_supervised_y_2d", "check_fit2d_predict1d",
    "check_requires_y_none",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "model", [eoc.KernelRegression(noise=1e-3), eoc.KernelClassifier(noise=1e-3)]
)
def test_scikit_learn_finds_an_estimator_of_its_own_kind(model):
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    results = checks.check_estimator(model, on_fail=None)
    failed = {r["check_name"] for r in results if r["status"] == "failed"}
    assert len(results) > 40 and failed <= set(OTHER_WORDS), failed


def test_two_classes_are_scored_by_their_decision_function():
    selection = pytest.importorskip("sklearn.model_selection")
    rng = np.random.default_rng(1)
    X = rng.normal(size=(60, 2))
    y = (X[:, 0] + 0.1 * rng.normal(size=60) > 0).astype(int)
    scores = selection.cross_val_score(
        eoc.KernelClassifier(noise=0.1), X, y, scoring="roc_auc", cv=3
    )
    assert scores.min() > 0.8
