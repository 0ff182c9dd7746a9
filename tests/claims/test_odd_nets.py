"""Simulated nets that tell less than the default scale's: the default's verdict, or none.

Each config is one that the schema allows, and awkward: few or narrow nets, few layers, points near
an edge, close to a fold or on the wrong side of it, inputs scaled in another way.
"""

from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cut_tables import tables_in

from edgeofchaos.activations import activation
from edgeofchaos.claims.entries import measured
from edgeofchaos.claims.judge import INCONCLUSIVE, REFUTED, decide
from edgeofchaos.claims.nets import FALSE_REPORT, Simulated, level, slope_in_width
from edgeofchaos.claims.registry import CLAIMS
from edgeofchaos.simulation.intervals import log_square_half

CRITERIA = [(c.id, k) for c in CLAIMS for k in c.criteria if isinstance(k.read, Simulated)]
PAIR = {"sigma_b": 1.0, "sigma_w": 1.0, "start": (2.0, 4.0, 0.5)}
UNSTABLE = {"sigma_b": 0.2, "sigma_w": 1.67953, "start": (0.689, 0.689, 0.5)}
WIDTH = {**PAIR, "activations": ["tanh", "relu"], "layers": 10, "units": 20_000}
RATES = {"nets": {"relu": 0.0, "tanh": 0.2, "elu": 0.2}, "width": 200, "layers": 100, "draws": 8}
PHASES = {
    "sigma_b": 0.3, "ordered_sigma_w": [0.9, 1.2], "chaotic_sigma_w": [2.0, 3.0],
    "epsilons": [0.1, 1e-3], "width": 300, "layers": 30, "draws": 8,
}  # fmt: skip
WINDOW = {
    "sigma_b": 0.72, "sigma_w_squared": [1.990, 1.997], "starts": [0.5, 1.4], "width": 300,
    "layers": 30, "draws": 8,
}  # fmt: skip
GRADIENTS = {"nets": {"tanh": 0.2, "relu": 0.0}, "width": 30, "layers": 10, "draws": 8}
DEPARTURE = {"sigma_b": [0.2], "starts": [0.0], "layers": 40, "units": 100_000}
ODD = [
    ("propagation", {**PAIR, "phi": "relu", "width": 30, "layers": 40, "draws": 8}),
    ("propagation", {**PAIR, "phi": "relu", "width": 1, "layers": 5, "draws": 8}),
    ("propagation", {**UNSTABLE, "phi": "swish", "width": 3000, "layers": 60, "draws": 16}),
    ("propagation", {**UNSTABLE, "phi": "swish", "width": 100, "layers": 60, "draws": 400}),
    ("propagation", {"sigma_b": 0.05, "sigma_w": 3.0, "start": (8.0, 8.0, 1e-6), "phi": "tanh",
                     "width": 500, "layers": 30, "draws": 100}),
    ("propagation", {"sigma_b": 0.1, "sigma_w": 0.2, "start": (1.0, 2.0, 1.0), "phi": "tanh",
                     "width": 2000, "layers": 40, "draws": 30}),
    ("width", {**WIDTH, "widths": [2, 3]}),
    ("width", {**WIDTH, "widths": [8, 16, 32], "units": 200_000}),
    ("width", {**WIDTH, "widths": [16, 64], "layers": 40, "units": 200_000}),
    ("width", {**WIDTH, "widths": [64, 65]}),
    ("width", {**WIDTH, **UNSTABLE, "activations": ["swish"], "widths": [16, 256], "layers": 40}),
    ("width", {**WIDTH, "sigma_b": 0.1, "sigma_w": 0.2, "widths": [16, 256], "layers": 60}),
    ("rates", RATES),
    ("rates", {**RATES, "width": 20_000}),
    ("rates", {**RATES, "nets": {"tanh": 1e-3, "elu": 5.0, "swish": 0.8}, "width": 20_000}),
    ("rates", {**RATES, "width": 100, "draws": 500}),
    ("phases", PHASES),
    ("phases", {**PHASES, "layers": 5, "width": 5000}),
    ("phases", {**PHASES, "layers": 5, "width": 20, "draws": 500}),
    ("phases", {**PHASES, "ordered_sigma_w": [0.05, 1.38, 2.0], "chaotic_sigma_w": [0.9, 1.45],
                "epsilons": [0.2, 0.19, 0.1], "width": 5000}),
    ("phases", {**PHASES, "sigma_b": 1.0, "ordered_sigma_w": [1.0], "chaotic_sigma_w": [1.0]}),
    ("gradients", GRADIENTS),
    ("gradients", {**GRADIENTS, "nets": {"tanh": 0.2, "swish": 0.2}, "width": 40, "draws": 400}),
    ("gradients", {**GRADIENTS, "nets": {"swish": 0.2}, "width": 1000, "layers": 10, "draws": 60}),
    ("gradients", {**GRADIENTS, "width": 2, "layers": 5, "draws": 100}),
    ("departure", {**DEPARTURE, "widths": [1000, 1100]}),
    ("departure", {**DEPARTURE, "widths": [100, 1000, 4000], "layers": 10}),
    ("departure", {**DEPARTURE, "widths": [100, 2000, 8000], "layers": 25, "units": 800_000}),
    ("printed", {"sigma_b": 0.2, "widths": [1, 10], "layers": 200, "units": 4000}),
    ("printed", {"sigma_b": 0.2, "widths": [100, 30], "layers": 60, "units": 1000}),
    ("printed", {"sigma_b": 0.4, "widths": [100, 30], "layers": 200, "units": 4000}),
    ("window", WINDOW),
    ("window", {**WINDOW, "sigma_w_squared": [1.9962, 1.9964], "starts": [0.2, 5.0]}),
    ("window", {**WINDOW, "sigma_w_squared": [1.9962, 1.9964], "layers": 100, "draws": 100}),
    ("window", {**WINDOW, "width": 20, "layers": 100, "draws": 200}),
    ("window", {**WINDOW, "sigma_b": 0.2, "sigma_w_squared": [1.5], "starts": [1.4]}),
    ("surfaces", {"side": 8, "draws": 8}),
    ("surfaces", {"side": 8, "draws": 20, "inputs": "mean"}),
    ("surfaces", {"side": 8, "draws": 20, "inputs": "root"}),
]  # fmt: skip


@cache
def default():
    return tables_in(Path(__file__).parent / "data")


def verdicts(tables):
    """(claim, criterion) -> verdict, of the criteria on simulated nets."""
    return {(i, k.name): decide(k, measured(k, tables)).verdict for i, k in CRITERIA}


@cache
def full():
    return verdicts(default())


def run(name, config):
    module = import_module(f"edgeofchaos.experiments.nets_{name}")
    if "phi" in config:
        config = {**config, "phi": activation(config["phi"])}
    found = getattr(module, f"nets_{name}")(**config, seed=5, device="cpu")
    columns = getattr(module, "COLUMNS", {})
    return {
        key: pd.DataFrame(rows, columns=None if rows else columns[key])
        for key, rows in found.items()
        if key != "surfaces"
    }


def others(tables):
    """The criteria whose verdict is another one than the default's."""
    return {
        key: verdict
        for key, verdict in verdicts(tables).items()
        if verdict not in (INCONCLUSIVE, full()[key])
    }


@pytest.mark.parametrize(("name", "config"), ODD)
@pytest.mark.slow(after=3)
def test_odd_nets_give_the_verdict_of_the_default_or_none(name, config):
    assert others(run(name, config)) == {}


def test_the_default_decides():
    undecided = [key for key, verdict in full().items() if verdict == INCONCLUSIVE]
    assert {claim for claim, _ in undecided} == {"swish-variability"}


NETS = ("nets_propagation", "nets_width", "nets_rates", "nets_exponents", "nets_ordered",
        "nets_chaotic", "nets_decorrelation", "nets_factors", "nets_growth", "nets_paths",
        "nets_printed", "nets_window", "nets_spread")  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.slow(after=10)
def test_rows_left_out_change_no_verdict_to_another(seed):
    rng = np.random.default_rng(seed)
    tables = {}
    for name in NETS:
        frame = default()[name]
        values = np.array([str(v) for v in frame[rng.choice(frame.columns)]])
        kept = [v for v in sorted(set(values)) if rng.random() < 0.6]
        tables[name] = frame[np.isin(values, kept)]
    assert others(tables) == {}


def test_the_levels_of_all_criteria_add_up_to_that_of_the_report():
    assert len(CRITERIA) * level() == pytest.approx(FALSE_REPORT)
    # Each divides its own among the intervals that it reads, whatever else there is.
    frame = default()["nets_propagation"].assign(finite=0.0)
    for claim, criterion in CRITERIA:
        if claim == "kernel-recursion":
            (whole, part) = (
                min(m.error for m in measured(criterion, {"nets_propagation": each}))
                for each in (frame, frame[frame["activation"] == "tanh"])
            )
            assert whole > 0 and part > 0
            assert measured(criterion, {**default(), "nets_propagation": frame}) == measured(
                criterion, {"nets_propagation": frame}
            )


@pytest.mark.parametrize("level", [1e-2, 1e-3])
def test_coverage_of_powers_of_the_width(level):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"width": [64, 256, 1024, 4096], "draws": [2000, 500, 120, 32]})
    half = log_square_half(frame["draws"], level)
    trials = 6000
    means = rng.chisquare(frame["draws"], (trials, 4)) / frame["draws"].to_numpy()
    logs = np.log(means / frame["width"].to_numpy())
    found = [slope_in_width(frame, each, half, np.zeros(4)) for each in logs]
    missed = np.array([abs(slope + 1) > error for slope, error in found])
    assert missed.mean() < level + 4 * np.sqrt(level / trials)


@pytest.mark.parametrize("draws", [12, 40])
@pytest.mark.parametrize("level", [1e-2, 1e-3])
@pytest.mark.slow(after=1)
def test_coverage_of_layers_to_leave(draws, level):
    """Whole numbers of layers until a normal deviation of order 1/sqrt(N) has grown to 1."""
    from edgeofchaos.simulation.intervals import half_width

    rng, log_alpha, trials = np.random.default_rng(4), 0.094, 4000
    frame = pd.DataFrame(
        {"width": [1000, 10_000, 100_000], "draws": [30 * draws, 6 * draws, draws]}
    )
    means, errors = np.empty((trials, 3)), np.empty((trials, 3))
    for i, row in frame.iterrows():
        start = np.abs(rng.normal(0, row["width"] ** -0.5, (trials, row["draws"])))
        layers = np.ceil(np.maximum(-np.log(start), 0) / log_alpha)
        means[:, i] = layers.mean(1)
        errors[:, i] = layers.std(1, ddof=1) / np.sqrt(row["draws"])
    missed = 0
    for mean, error in zip(means, errors, strict=True):
        half = half_width(error, frame["draws"], level)
        slope, bound = slope_in_width(frame, mean, half, np.zeros(3))
        missed += abs(slope * 2 * log_alpha - 1) > bound * 2 * log_alpha
    # Times are skewed, and their standard errors go with them: up to four times the level.
    assert missed / trials < 4 * level + 4 * np.sqrt(level / trials)


@pytest.mark.parametrize(("table", "column", "factor", "claim"), [
    ("nets_growth", "layers", 3.0, "edge-stability"),
    ("nets_width", "draws", 0.0, "gp-limit"),
])  # fmt: skip
def test_contrary_nets_refute(table, column, factor, claim):
    frame = default()[table].copy()
    if factor:
        frame[column] = frame[column] * factor
    else:  # a gap that does not fall with the width
        frame["value"] = frame["value"].iloc[-1]
    found = verdicts({**default(), table: frame})
    assert REFUTED in {verdict for (i, _), verdict in found.items() if i == claim}
