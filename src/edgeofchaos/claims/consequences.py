"""Claims on what the choice of activation does to gradients and to the prior over functions."""

from __future__ import annotations

import math

import numpy as np

from edgeofchaos.claims.accuracies import BEST, PAPER, Rate, log_gradient_ratio
from edgeofchaos.claims.model import (
    CLASS,
    Claim,
    Criterion,
    Measurement,
    Tables,
    above,
    below,
    equal,
)
from edgeofchaos.claims.reading import (
    accumulated,
    each,
    row,
    rows,
    some,
)
from edgeofchaos.claims.swish import POINT_ERROR, swish_chi1
from edgeofchaos.claims.trained import at
from edgeofchaos.claims.words import ALMOST_FLAT, MORE, NEARLY_ONE, VANISHES
from edgeofchaos.support.columns import truth

TRAINED = ("tanh-edge", "swish-printed", "relu-edge")
BETTER = ("tanh", "arctan", "elu")  # in the better class, by the evidence on prop4
BETTER_SIMULATED = ("tanh", "elu")
KINKED = ("selu", "hardtanh")
# The bars for what vanishes: a logarithm of gradients below this, a factor a layer below that.
SMALLER = VANISHES.as_bar(lambda factor: -math.log10(factor))
BELOW_ONE = NEARLY_ONE.as_bar(lambda off: 1 - off)


def tanh_factors(tables: Tables) -> list[Measurement]:
    """χ₁ of Tanh at each of its edge points: the factor of the mean squared gradient a layer."""
    found = rows(tables, "edge", activation="tanh", status="ok")
    return each(found, found["chi1"], POINT_ERROR, ("sigma_b",))


def simulated_factor_gaps(tables: Tables) -> list[Measurement]:
    """|log factor − log χ₁| of simulated nets, but for those at an unstable edge point."""
    found = rows(tables, "nets_factors")
    found = found[truth(found["stable"]) | (found["place"] != "edge")]
    found = some(found, "table nets_factors has only unstable edges")
    gap = (found["log_factor"] - found["theory"]).abs()
    return each(found, gap, found["half"], ("activation", "place"))


def simulated_tanh_factor(tables: Tables) -> Measurement:
    """The factor of the mean squared gradient a layer of Tanh nets on the edge."""
    found = row(tables, "nets_factors", activation="tanh", place="edge")
    factor = math.exp(found["log_factor"])
    error = factor * math.expm1(found["half"])  # the upper half of the interval, the longer one
    return Measurement(factor, error, f"N = {found['width']}", int(found["draws"]))


def relu_prior(tables: Tables, depth: int) -> Measurement:
    """1 − c of ReLU on the edge at one depth, from orthogonal inputs."""
    gamma = float(row(tables, "prior_kernel", activation="relu", depth=depth)["gamma"])
    return Measurement(gamma, gamma * float(accumulated(depth)), f"L = {depth}")


def prior_ratios(tables: Tables, activations: tuple[str, ...], query: str) -> list[Measurement]:
    """1 − c of each activation over ReLU's at the same depth, at σ_b = 0.2."""
    relu = rows(tables, "prior_kernel", activation="relu").set_index("depth")["gamma"]
    found = rows(tables, "prior_kernel", query, activation=activations, sigma_b=0.2)
    ratio = found["gamma"] / relu.reindex(found["depth"]).to_numpy()
    errors = 2 * ratio * accumulated(found["depth"])  # those of both
    return each(found, ratio, errors, ("activation", "depth"))


def prior_ratios_at_the_end(tables: Tables) -> list[Measurement]:
    """The same of activations with kinks, at the largest depth."""
    depth = rows(tables, "prior_kernel")["depth"].max()
    return prior_ratios(tables, KINKED, f"depth == {depth}")


def simulated_prior_ratios(tables: Tables) -> list[Measurement]:
    """Simulated 1 − c over ReLU's, at the layer nearest to 100."""
    nets = rows(tables, "nets_rates")
    layer = int(nets.loc[(nets["layer"] - 100).abs().idxmin(), "layer"])
    relu = row(tables, "nets_rates", activation="relu", layer=layer)
    found = []
    for name in BETTER_SIMULATED:
        ours = row(tables, "nets_rates", activation=name, layer=layer)
        ratio = ours["mean"] / relu["mean"]
        high = np.inf
        if relu["half"] < relu["mean"]:
            high = (ours["mean"] + ours["half"]) / (relu["mean"] - relu["half"])
        detail = f"{name}, L = {layer}"  # the upper half of the interval is the longer one
        found.append(Measurement(float(ratio), float(high - ratio), detail, int(ours["draws"])))
    return found


def tanh_vanishes(rate: Rate) -> Criterion:
    words, role = at(rate)
    return below(
        f"Tanh, trained: log10 of the first gradient over the last, deepest, {words}", SMALLER,
        lambda t: log_gradient_ratio(t, "tanh-edge", TRAINED, rate), role,
    )  # fmt: skip


def swish_does_not(rate: Rate) -> Criterion:
    words, role = at(rate)
    return equal(
        f"Swish, trained: log10 of the first gradient over the last, deepest, {words}", 0.0,
        VANISHES, lambda t: log_gradient_ratio(t, "swish-printed", TRAINED, rate), role,
    )  # fmt: skip


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "gradient-vanishing",
        CLASS,
        ("T", "S", "M"),
        "Tanh-like functions suffer vanishing gradients in back-propagation, and Swish, with slope "
        "near 1 for large inputs, does not.",
        [
            tanh_vanishes(PAPER),
            swish_does_not(PAPER),
            tanh_vanishes(BEST),
            swish_does_not(BEST),
            equal(
                "largest gap of a simulated log factor to log χ₁, unstable edges left out", 0.0,
                0.05, simulated_factor_gaps,
            ),
            below(
                "Tanh: factor of the mean squared gradient a layer on the edge", BELOW_ONE,
                tanh_factors, "scope",
            ),
            equal(
                "Swish: that factor at the limiting variance of σ_b = 0.2", 1.0, NEARLY_ONE,
                swish_chi1, "scope",
            ),
            below(
                "Tanh: simulated factor of the mean squared gradient a layer on the edge",
                BELOW_ONE, simulated_tanh_factor, "scope",
            ),
        ],
        figures=("edge_curves", "nets_gradients", "train_gradients"),
        note="Two readings. Of deep nets in training it holds: the first rows, after the config's "
        "number of steps. At initialisation it does not: on the edge the mean squared gradient is "
        "multiplied by χ₁ = 1 a layer for every φ, Tanh included, and it is Swish at σ_b = 0.2 "
        "that has χ₁ = 0.820, at the variance that nets started below q go to.",
    ),
    Claim(
        "bayesian-prior",
        CLASS,
        ("T", "S"),
        "With ReLU-like φ the prior over functions concentrates near constants even on the edge; "
        "with the better class it is richer: compare 1 − c^L of the prior kernel at equal depth.",
        [
            below(
                "ReLU: 1 − c^L of orthogonal inputs at L = 100", ALMOST_FLAT,
                lambda t: relu_prior(t, 100),
            ),
            above(
                "least ratio of Tanh's, Arctan's, ELU's 1 − c^L to ReLU's, L ≥ 10", MORE,
                lambda t: prior_ratios(t, BETTER, "depth >= 10"),
            ),
            above(
                "the same for SELU and Hard-Tanh at the largest depth", MORE,
                prior_ratios_at_the_end, "scope",
            ),
            above(
                "simulated 1 − c^L of Tanh and ELU over ReLU's at L = 100, least", MORE,
                simulated_prior_ratios,
            ),
        ],
        figures=("prior_kernel", "nets_rates"),
    ),
)  # fmt: skip
