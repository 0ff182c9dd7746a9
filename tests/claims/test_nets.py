"""The judges of simulated claims on simulations: right ones fit, wrong ones are refuted.

A wrong simulation draws its nets with another sigma_w than its theory assumes, or passes one
activation's nets off as another's.
"""

from functools import cache

import pandas as pd
import pytest

import edgeofchaos as eoc
from edgeofchaos.claims.entries import findings
from edgeofchaos.claims.judge import INCONCLUSIVE, REFUTED, REPRODUCED
from edgeofchaos.claims.registry import BY_ID
from edgeofchaos.experiments import nets_departure as departure
from edgeofchaos.experiments import nets_gradients as gradients
from edgeofchaos.experiments import nets_phases as phases
from edgeofchaos.experiments import nets_propagation as propagation
from edgeofchaos.experiments import nets_rates as rates
from edgeofchaos.experiments import nets_surfaces as surfaces
from edgeofchaos.experiments import nets_width as width
from edgeofchaos.experiments.cases import CASES

COMMON = {"seed": 3, "device": "cpu"}
START = (2.0, 4.0, 0.5)
SURFACES = ("relu-ordered", "tanh-ordered", "relu-edge", "relu-edge-deep", "swish-printed-deep")


def simulate(kind, factor, monkeypatch):
    """Tables of one experiment, its nets drawn with ``factor`` times the sigma_w of the theory."""
    if factor == 1.0:
        return right(kind)
    for module in (propagation, phases, rates, surfaces, gradients):
        name = "mean_squared_gradients" if module is gradients else "propagate"
        original = getattr(module, name)

        def wrong(phi, sigma_b, sigma_w, *args, original=original, **kwargs):
            return original(phi, sigma_b, factor * sigma_w, *args, **kwargs)

        monkeypatch.setattr(module, name, wrong)
    return tables(kind)


@cache
def right(kind):
    return tables(kind)


def tables(kind):
    tanh = eoc.activation("tanh")
    if kind == "propagation":
        rows = []
        for name in ("tanh", "elu"):
            rows += propagation.against_recursion(
                eoc.activation(name), 1.0, 1.0, START, width=4000, layers=6, draws=40, **COMMON
            )
        return {"nets_propagation": pd.DataFrame(rows)}
    if kind == "width":
        return {"nets_width": pd.DataFrame(width.against_width(
            tanh, 1.0, 1.0, START, widths=[64, 256, 1024], layers=5, units=500_000, **COMMON
        ))}  # fmt: skip
    if kind == "phases":
        size = {"width": 3000, "draws": 40, **COMMON}
        return {
            "nets_ordered": pd.DataFrame(phases.ordered(tanh, 0.3, [0.9, 1.2], layers=60, **size)),
            "nets_chaotic": pd.DataFrame(phases.chaotic(tanh, 0.3, [2.0], layers=60, **size)),
            "nets_decorrelation": pd.DataFrame(
                phases.decorrelation(tanh, 0.3, [2.0], [1e-1, 1e-3], **size)
            ),
        }
    if kind == "rates":
        path, fits = [], []
        for name, b in (("relu", 0.0), ("tanh", 0.2), ("elu", 0.2)):
            rows, fit = rates.on_the_edge(
                eoc.activation(name), b, width=16_000, layers=200, draws=20, **COMMON
            )
            path += rows
            fits += fit
        return {"nets_rates": pd.DataFrame(path), "nets_exponents": pd.DataFrame(fits)}
    if kind == "gradients":
        fits = []
        for point in gradients.places(tanh, 0.2):
            fits += gradients.profiles(tanh, point, width=1000, layers=25, draws=400, **COMMON)[1]
        return {"nets_factors": pd.DataFrame(fits)}
    if kind == "surfaces":
        rows = []
        for case in (c for c in CASES if c.name in SURFACES):
            rows += surfaces.surfaces(case, side=12, draws=60, **COMMON)[0]
        return {"nets_spread": pd.DataFrame(surfaces.summary(rows))}
    raise AssertionError(kind)


@cache
def simulate_departure(name):
    times, paths = departure.departures(
        eoc.activation(name), 0.2, [0.0], [100, 1000, 4000], layers=100, units=2_000_000, **COMMON
    )
    return {
        "nets_paths": pd.DataFrame(paths),
        "nets_growth": pd.DataFrame(departure.growth(times, 100)),
    }


def simulated(claim_id, data):
    """The verdict of each simulated criterion of a claim."""
    found = findings(BY_ID[claim_id], data)
    return {f.criterion.name: f.verdict for f in found if f.measurement.draws}


RIGHT = [
    ("propagation", "kernel-recursion"), ("width", "gp-limit"), ("phases", "depth-scales"),
    ("phases", "ordered-phase"), ("phases", "chaotic-phase"), ("phases", "chaotic-discontinuity"),
    ("rates", "prop3-rate"), ("rates", "relu-degenerate"), ("rates", "smooth-rate"),
    ("rates", "bayesian-prior"), ("surfaces", "prop1-constant-outputs"),
    ("surfaces", "eoc-variability"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "claim"), RIGHT)
@pytest.mark.slow(after=3)
def test_a_right_simulation_is_not_held_against_the_claim(kind, claim, monkeypatch):
    found = simulated(claim, simulate(kind, 1.0, monkeypatch))
    assert found and REFUTED not in found.values(), found
    assert REPRODUCED in found.values()


@pytest.mark.parametrize(("kind", "claim", "factor"), [
    ("propagation", "kernel-recursion", 1.3), ("propagation", "kernel-recursion", 0.7),
    ("width", "gp-limit", 1.3), ("phases", "depth-scales", 0.8), ("phases", "ordered-phase", 1.6),
    ("phases", "chaotic-phase", 0.5), ("phases", "chaotic-phase", 1.5),
    ("phases", "chaotic-discontinuity", 1.25), ("surfaces", "prop1-constant-outputs", 4.0),
    ("rates", "smooth-rate", 0.8),
])  # fmt: skip
@pytest.mark.slow(after=2)
def test_a_wrong_sigma_w_or_phase_refutes(kind, claim, factor, monkeypatch):
    found = simulated(claim, simulate(kind, factor, monkeypatch))
    assert REFUTED in found.values(), found


def renamed(data, names):
    """The same tables with activations passed off as others."""
    out = {}
    for key, frame in data.items():
        frame = frame[frame["activation"].isin(names)].copy()
        out[key] = frame.assign(activation=frame["activation"].map(names))
    return out


def test_a_wrong_rate_refutes(monkeypatch):
    data = simulate("rates", 1.0, monkeypatch)
    smooth_as_relu = renamed(data, {"tanh": "relu", "elu": "elu"})
    assert REFUTED in simulated("prop3-rate", smooth_as_relu).values()
    exponents = data["nets_exponents"]
    stuck = {**data, "nets_exponents": exponents.assign(exponent=exponents["exponent"] * 0.0)}
    assert REFUTED in simulated("relu-degenerate", stuck).values()
    (relu,) = exponents[exponents["activation"] == "relu"]["exponent"]
    wrong = {**data, "nets_exponents": exponents.assign(exponent=relu)}
    assert REFUTED in simulated("smooth-rate", wrong).values()
    swapped = renamed(data, {"tanh": "relu", "relu": "tanh", "elu": "elu"})
    swapped = {key: frame.assign(sigma_b=0.2) for key, frame in swapped.items()}
    assert REFUTED in simulated("bayesian-prior", swapped).values()


def test_nets_too_deep_for_their_width_decide_nothing():
    relu = eoc.activation("relu")
    path, fits = rates.on_the_edge(relu, 0.0, width=300, layers=200, draws=200, **COMMON)
    narrow = {"nets_rates": pd.DataFrame(path), "nets_exponents": pd.DataFrame(fits)}
    for claim in ("prop3-rate", "relu-degenerate"):
        assert set(simulated(claim, narrow).values()) == {INCONCLUSIVE}


def test_a_surface_that_varies_no_more_refutes(monkeypatch):
    data = dict(simulate("surfaces", 1.0, monkeypatch))
    spread = data["nets_spread"]
    flat = spread[spread["case"] == "tanh-ordered"]  # flatter than ReLU's
    for case, claim in (
        ("relu-edge", "eoc-variability"),
        ("swish-printed-deep", "swish-variability"),
    ):
        others = spread[spread["case"] != case]
        data["nets_spread"] = pd.concat([others, flat.assign(case=case, inputs="every")])
        assert REFUTED in simulated(claim, data).values(), claim


@pytest.mark.slow
def test_gradients_that_vanish_bear_the_claim_out_and_wrong_ones_contradict_theory(monkeypatch):
    name = "Tanh: simulated factor of the mean squared gradient a layer on the edge"
    gap = "largest gap of a simulated log factor to log χ₁, where variances stay"
    found = simulated("gradient-vanishing", simulate("gradients", 1.0, monkeypatch))
    assert found[name] == REFUTED and found[gap] == REPRODUCED
    found = simulated("gradient-vanishing", simulate("gradients", 0.8, monkeypatch))
    assert found[name] == REPRODUCED and found[gap] == REFUTED


@pytest.mark.slow
def test_nets_that_stay_refute_the_instability():
    found = simulated("edge-stability", simulate_departure("swish"))
    assert set(found.values()) <= {REPRODUCED, INCONCLUSIVE} and REPRODUCED in found.values()
    name = "share of Swish nets of width 100 still within 50 % of q at layer 30"
    data = simulate_departure("swish")
    stays = {**data, "nets_paths": simulate_departure("elu")["nets_paths"]}
    assert simulated("edge-stability", stays)[name] == REFUTED
