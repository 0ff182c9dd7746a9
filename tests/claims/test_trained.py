"""The judges of trained nets on curves that bear the claims out, contradict them, or scatter."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from edgeofchaos.claims.accuracies import difference
from edgeofchaos.claims.entries import findings
from edgeofchaos.claims.judge import decide, judge
from edgeofchaos.claims.model import Measurement, above
from edgeofchaos.claims.registry import BY_ID

WIDE, DEEP = [(50, 5), (50, 40)], [(10, 20), (20, 80)]
# What the paper says, as last accuracies at the shallow and the deep end.
PAPER = {
    "relu-edge": (0.90, 0.60), "tanh-edge": (0.93, 0.12), "swish-edge": (0.92, 0.80),
    "swish-stable": (0.91, 0.70), "swish-ordered": (0.88, 0.10), "swish-chaotic": (0.88, 0.11),
    "tanh-ordered": (0.90, 0.10), "tanh-chaotic": (0.90, 0.10), "elu-edge": (0.93, 0.80),
    "elu-ordered": (0.90, 0.11), "swish-he": (0.92, 0.70),
}  # fmt: skip
TANH_STUCK = {"train-edge-benefit": {"tanh-edge": (0.93, 0.5)}}  # else it gains nothing on the edge


def curves(accuracies, noise=0.003, seeds=5):
    rng = np.random.default_rng(0)
    rows = []
    for init, (shallow, deep) in accuracies.items():
        ends = dict(zip(WIDE, (shallow, deep), strict=True))
        if init in ("relu-edge", "swish-edge", "swish-stable"):
            # ReLU ahead in the smaller net that is deeper than wide, behind in the deeper one
            small = {"relu-edge": 0.8}.get(init, 0.7)
            ends |= dict(zip(DEEP, (small, deep), strict=True))
        for (width, depth), last in ends.items():
            for seed in range(seeds):
                for step, part in ((0, 0.0), (100, 0.8), (200, 1.0)):
                    value = 0.1 + (last - 0.1) * part + noise * rng.standard_normal()
                    rows.append({"width": width, "depth": depth, "init": init, "seed": seed,
                                 "step": step, "accuracy": value})  # fmt: skip
    return pd.DataFrame(rows)


def gradients(tanh, swish, depth=40):
    rows = [
        {"width": 50, "depth": depth, "init": init, "seed": seed, "step": 200, "layer": layer,
         "log10_gradient": -3 - slope * (depth - layer) / (depth - 2) + 0.01 * seed}
        for init, slope in (("tanh-edge", tanh), ("swish-edge", swish), ("relu-edge", 0.0))
        for seed in range(5)
        for layer in (1, 2, depth)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def verdict(claim, accuracies, **kwargs):
    return judge(findings(BY_ID[claim], {"train_curves": curves(accuracies, **kwargs)}))


def evidence(claim, tables):
    """What decides each criterion of a claim, by the criterion's name."""
    return {f.criterion.name: f for f in findings(BY_ID[claim], tables)}


CLAIMS = ("train-eoc", "train-activations", "train-width-depth", "train-edge-benefit")


@pytest.mark.parametrize("claim", CLAIMS)
def test_curves_as_the_paper_has_them_reproduce(claim):
    assert verdict(claim, {**PAPER, **TANH_STUCK.get(claim, {})}) == "reproduced"


CONTRARY = [
    ("train-eoc", {"swish-edge": (0.92, 0.12)}),  # the edge does not train
    ("train-eoc", {"swish-ordered": (0.88, 0.55)}),  # off the edge it does
    ("train-activations", {"tanh-edge": (0.80, 0.12)}),  # slower at depth 5
    ("train-activations", {"swish-edge": (0.92, 0.30)}),  # behind ReLU
    ("train-activations", {"tanh-edge": (0.93, 0.90)}),  # not stuck
    ("train-width-depth", {"swish-edge": (0.92, 0.30)}),
    ("train-width-depth", {"relu-edge": (0.995, 0.82)}),  # behind in the mean
    ("train-edge-benefit", {"elu-edge": (0.60, 0.10)}),  # off the edge it trains better
    ("train-edge-benefit", {"tanh-edge": (0.93, 0.6), "tanh-chaotic": (0.90, 0.90)}),
]


@pytest.mark.parametrize(("claim", "change"), CONTRARY)
def test_contrary_curves_refute(claim, change):
    assert verdict(claim, {**PAPER, **change}) == "refuted"


QUALIFIED = [
    ("train-eoc", {"swish-stable": (0.91, 0.95)}),  # the instability costs 15 points
    ("train-activations", {"tanh-edge": (0.93, 0.50)}),  # behind ReLU, and not stuck
    ("train-edge-benefit", {"tanh-edge": (0.93, 0.12), "tanh-chaotic": (0.90, 0.40)}),
]


@pytest.mark.parametrize(("claim", "change"), QUALIFIED)
def test_curves_that_bear_out_less_than_it_sounds_like_qualify(claim, change):
    assert verdict(claim, {**PAPER, **TANH_STUCK.get(claim, {}), **change}) == "qualified"


def test_one_pair_that_is_far_behind_refutes_whatever_the_mean():
    data = curves(PAPER)
    behind = (data["init"] == "swish-edge") & (data["depth"] == 5) & (data["step"] == 200)
    ahead = (data["init"] == "swish-edge") & (data["depth"] == 40) & (data["step"] == 200)
    data.loc[behind, "accuracy"] -= 0.1
    data.loc[ahead, "accuracy"] += 0.15
    found = evidence("train-width-depth", {"train_curves": data})
    assert found["Swish less ReLU, wider than deep, mean of the pairs"].measurement.value > 0.1
    assert judge(list(found.values())) == "refuted"


def test_each_of_several_has_its_share_of_the_level_and_hides_none():
    tables = {"train_curves": curves(PAPER)}
    shallow, deep = (difference(tables, "swish-edge", "relu-edge", shape) for shape in WIDE)
    every = evidence("train-width-depth", tables)
    found = every["Swish less ReLU, wider than deep, least"].measurement
    wider = student.ppf(1 - 0.05 / 2, 4) / student.ppf(1 - 0.1 / 2, 4)
    assert shallow.value + wider * shallow.error < deep.value - wider * deep.error
    assert (found.value, found.error) == pytest.approx((shallow.value, wider * shallow.error))
    assert found.detail == "swish-edge less relu-edge, 50 wide, 5 deep, 200 steps"
    # One that is clearly behind is not hidden by one of which nothing is known.
    behind, unknown = Measurement(-0.08, 0.02, "behind", 5), Measurement(0.13, 0.3, "unknown", 5)
    found = decide(above("", -0.05, lambda tables: []), [unknown, behind])
    assert (found.verdict, found.measurement) == ("refuted", behind)


def test_a_depth_at_which_only_nets_off_the_edge_train_counts():
    change = {"tanh-edge": (0.93, 0.12), "tanh-chaotic": (0.90, 0.80)}
    assert verdict("train-edge-benefit", {**PAPER, **change}) == "refuted"


@pytest.mark.parametrize("claim", CLAIMS)
def test_curves_that_scatter_decide_nothing(claim):
    level = {init: (0.5, 0.5) for init in PAPER}
    assert verdict(claim, level, noise=0.4) in ("inconclusive", "refuted")
    assert judge(findings(BY_ID[claim], {})) == "inconclusive"


def test_a_diverged_net_counts_as_chance():
    data = curves(PAPER)
    lost = (data["init"] == "swish-edge") & (data["depth"] == 40)
    data.loc[lost, "accuracy"] = np.nan
    assert judge(findings(BY_ID["train-eoc"], {"train_curves": data})) == "refuted"


@pytest.mark.parametrize(
    ("slopes", "verdict"), [((2.0, 0.1), "reproduced"), ((0.0, 3.0), "refuted")]
)
def test_trained_gradients_are_read_with_their_sign(slopes, verdict):
    tables = {"train_curves": curves(PAPER), "train_gradients": gradients(*slopes)}
    found = evidence("gradient-vanishing", tables)
    for name, slope in zip(("Tanh", "Swish"), slopes, strict=True):
        mine = found[f"{name}, trained: log10 of the first gradient over the last, deepest"]
        assert mine.measurement.value == pytest.approx(-slope) and mine.verdict == verdict


def test_one_seed_decides_nothing_and_says_so():
    tables = {"train_curves": curves(PAPER, seeds=1)}
    for found in evidence("train-eoc", tables).values():
        assert found.verdict == "inconclusive"
        assert found.measurement.detail.endswith("the tables of training have fewer than 2 seeds")
