"""Claims on what the choice of activation does to gradients and to the prior over functions."""

from __future__ import annotations

import math
from functools import partial

import pandas as pd
from numpy.typing import ArrayLike

from edgeofchaos.claims.accuracies import BEST, DEEP, PAPER, Rate, log_gradient_ratio
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
from edgeofchaos.claims.nets import (
    OF_TWO_KINDS,
    Simulated,
    exponential,
    halves,
    simulated_prior_ratios,
)
from edgeofchaos.claims.reading import (
    MissingRows,
    accumulated,
    each,
    rows,
    some,
)
from edgeofchaos.claims.swish import POINT_ERROR
from edgeofchaos.claims.trained import at, deep
from edgeofchaos.claims.words import ALMOST_FLAT, MORE, NEARLY_ONE, VANISHES
from edgeofchaos.simulation.intervals import half_width
from edgeofchaos.support.columns import truth

BETTER = ("tanh", "arctan", "elu")  # in the better class, by the evidence on prop4
BETTER_SIMULATED = ("tanh", "elu")
KINKED = ("selu", "hardtanh")
# The bars for what vanishes: a logarithm of gradients below this, a factor a layer below that.
SMALLER = VANISHES.as_bar(lambda factor: -math.log10(factor))
BELOW_ONE = NEARLY_ONE.as_bar(lambda off: 1 - off)
NAMED = ("relu", "leaky_relu")  # the ReLU-like ones that go by a name of their own
# Places of Swish where a variance does not stay, and gradients of nets are not those of the limit.
LEAVING = ("printed", "chi1")
WIDTH, LAYERS = 1000, 50  # of nets there


def tanh_factors(tables: Tables) -> list[Measurement]:
    """χ₁ of Tanh at each of its edge points: the factor of the mean squared gradient a layer."""
    found = rows(tables, "edge", activation="tanh", status="ok")
    return each(found, found["chi1"], POINT_ERROR, ("sigma_b",))


def simulated_factor_gaps(tables: Tables, level: float) -> list[Measurement]:
    """|log factor − log χ₁| of simulated nets, but for places that variances leave."""
    found = rows(tables, "nets_factors")
    found = found[~found["place"].isin(LEAVING)]
    found = some(found, "table nets_factors has only places that variances leave")
    gap = (found["log_factor"] - found["theory"]).abs()
    return each(found, gap, halves(found, level), ("activation", "place"))


def simulated_factor(tables: Tables, level: float, activation: str, place: str) -> Measurement:
    """The factor of the mean squared gradient a layer, where variances stay."""
    found = rows(tables, "nets_factors", activation=activation, place=place, start="q")
    return _factor(found, halves(found, level))


def leaving_factor(tables: Tables, level: float, start: str) -> Measurement:
    """The same of Swish at the printed point, in nets of one size, since it hangs on that."""
    found = rows(
        tables, "nets_factors", activation="swish", place="printed", start=start, sigma_b=0.2,
        width=WIDTH, layers=LAYERS,
    )  # fmt: skip
    found = some(found[found["draws"] >= OF_TWO_KINDS], "table nets_factors has too few draws")
    return _factor(found, half_width(found["error"], found["draws"], level))


def _factor(found: pd.DataFrame, half: ArrayLike) -> Measurement:
    value, error = exponential(found["log_factor"], half)
    detail = (
        f"q¹ = {found['q'].iloc[0]:.3g}, N = {found['width'].iloc[0]}; infinite width "
        f"{math.exp(found['theory'].iloc[0]):.4f}"
    )
    return Measurement(
        float(value.iloc[0]), float(error.iloc[0]), detail, int(found["draws"].iloc[0])
    )


def relu_priors(tables: Tables, depth: int) -> list[Measurement]:
    """1 − c of ReLU and Leaky ReLU on the edge at one depth, from orthogonal inputs."""
    found = rows(tables, "prior_kernel", activation=NAMED, depth=depth)
    if missing := set(NAMED) - set(found["activation"]):
        raise MissingRows(f"table prior_kernel has no {min(missing)} at depth {depth}")
    return each(found, found["gamma"], found["gamma"] * accumulated(depth))


def relu_like_priors(tables: Tables, named: bool) -> pd.DataFrame:
    """1 − c of the ReLU-like activations with a name of their own, or of the others."""
    found = rows(tables, "prior_kernel")
    found = found[truth(found["relu_like"]) & (found["activation"].isin(NAMED) == named)]
    return some(found, f"table prior_kernel has no ReLU-like φ {'with' if named else 'without'} "
                "a name")  # fmt: skip


def ratios(ours: pd.DataFrame, theirs: pd.DataFrame) -> list[Measurement]:
    """1 − c of each row over that of each ReLU-like one at the same depth."""
    both = some(ours.merge(theirs, on="depth", suffixes=("", "_relu")), "no depth in common, "
                "table prior_kernel")  # fmt: skip
    ratio = both["gamma"] / both["gamma_relu"]
    errors = 2 * ratio * accumulated(both["depth"])  # those of both
    return each(both, ratio, errors, ("activation", "depth", "activation_relu"))


def better_priors(tables: Tables, activations: tuple[str, ...], query: str) -> pd.DataFrame:
    """1 − c of activations at σ_b = 0.2."""
    return rows(tables, "prior_kernel", query, activation=activations, sigma_b=0.2)


def prior_ratios(tables: Tables, named: bool = True) -> list[Measurement]:
    """1 − c of Tanh, Arctan and ELU over the ReLU-like ones', from 10 layers on."""
    ours = better_priors(tables, BETTER, "depth >= 10")
    return ratios(ours, relu_like_priors(tables, named))


def prior_ratios_at_the_end(tables: Tables) -> list[Measurement]:
    """The same of activations with kinks, at the largest depth."""
    depth = rows(tables, "prior_kernel")["depth"].max()
    ours = better_priors(tables, KINKED, f"depth == {depth}")
    return ratios(ours, relu_like_priors(tables, True))


def swish_prior_ratios(tables: Tables, place: str, start: str) -> list[Measurement]:
    """The same of Swish at one place, from 10 layers on."""
    ours = rows(tables, "prior_kernel", "depth >= 10", activation="swish", place=place, start=start)
    return ratios(ours, relu_like_priors(tables, True))


def first_over_last(name: str, init: str, rate: Rate, vanishes: bool) -> Criterion:
    """In trained nets of one init gradients vanish towards the first layer, or do not."""
    words, role = at(rate)
    return (below if vanishes else above)(
        f"{name}, trained: log10 of the first gradient over the last, {deep(DEEP)}, {words}",
        SMALLER, lambda t: log_gradient_ratio(t, init, rate), role,
    )  # fmt: skip


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "gradient-vanishing",
        CLASS,
        ("T", "S", "M"),
        "Tanh-like functions suffer vanishing gradients in back-propagation, and Swish, with slope "
        "near 1 for large inputs, does not.",
        [
            *(
                first_over_last(name, init, rate, vanishes)
                for rate in (PAPER, BEST)
                for name, init, vanishes in (
                    ("Tanh", "tanh-edge", True), ("Swish", "swish-printed", False),
                )
            ),
            equal(
                "largest gap of a simulated log factor to log χ₁, where variances stay", 0.0, 0.05,
                Simulated(simulated_factor_gaps),
            ),
            below(
                "Tanh: factor of the mean squared gradient a layer on the edge", BELOW_ONE,
                tanh_factors, "scope",
            ),
            below(
                "Tanh: simulated factor of the mean squared gradient a layer on the edge",
                BELOW_ONE, Simulated(partial(simulated_factor, activation="tanh", place="edge")),
                "scope",
            ),
            above(
                "Swish at (0.2, 1.718): that factor, from the printed q = 0.44, 50 layers",
                BELOW_ONE, Simulated(partial(leaving_factor, start="q")), "scope",
            ),
            above(
                "Swish at (0.2, 1.718): that factor, from half of it, 50 layers", BELOW_ONE,
                Simulated(partial(leaving_factor, start="q/2")), "scope",
            ),
        ],
        figures=("edge_curves", "nets_gradients", "train_gradients"),
        note="Two readings. Of deep nets in training it holds at the paper's learning rate, after "
        "1,500 steps, and not at a third of it, where Tanh trains. At "
        "initialisation it does not: on the edge the mean squared gradient is "
        "multiplied by χ₁ = 1 a layer for every φ, Tanh included. It is Swish that is not on the "
        "edge. At the printed point its variances move, and χ₁ with them: from q¹ = 0.44 it is "
        "0.967 at first and 1.5 once the variance has grown, so that over 50 layers gradients grow "
        "by 1.13 a layer; from half of it, where more inputs start, they shrink by 0.90. At He's "
        "σ_w they shrink by 0.52. Only at the stable point is the factor 1.",
    ),
    Claim(
        "bayesian-prior",
        CLASS,
        ("T", "S"),
        "With ReLU-like φ the prior over functions concentrates near constants even on the edge; "
        "with the better class it is richer: compare 1 − c^L of the prior kernel at equal depth.",
        [
            below(
                "ReLU and Leaky ReLU: 1 − c^L of orthogonal inputs at L = 100, larger", ALMOST_FLAT,
                lambda t: relu_priors(t, 100),
            ),
            above(
                "least ratio of Tanh's, Arctan's, ELU's 1 − c^L to those two's, L ≥ 10", MORE,
                prior_ratios,
            ),
            above(
                "simulated 1 − c^L of Tanh and ELU over ReLU's at L = 100, least", MORE,
                Simulated(partial(simulated_prior_ratios, activations=BETTER_SIMULATED)),
            ),
            above(
                "the same for SELU and Hard-Tanh at the largest depth", MORE,
                prior_ratios_at_the_end, "scope",
            ),
            above(
                "the same for Swish at (0.2, 1.718) from the printed q = 0.44, L ≥ 10", MORE,
                lambda t: swish_prior_ratios(t, "printed", "q"), "scope",
            ),
            above(
                "the same from half of it", MORE,
                lambda t: swish_prior_ratios(t, "printed", "q/2"), "scope",
                witnesses=("swish, L = 100",),
            ),
            above(
                "Tanh's, Arctan's, ELU's over those of other ReLU-like φ, L ≥ 10, least", MORE,
                lambda t: prior_ratios(t, named=False), "scope", ("tanh, L = 10, relu_like(2,1)",),
            ),
        ],
        figures=("prior_kernel", "nets_rates", "kernel_accuracy"),
        note="ReLU-like is every φ with slopes λ and β, and 1 − c^L ~ ((λ²+β²)²/(λ−β)⁴) 9π²/(2L²): "
        "for ReLU and for Leaky ReLU, whose constant is 4 % larger, it is small at once. Near "
        "λ = β the constant grows without bound, so that at any one depth some ReLU-like φ is as "
        "far from constant as one likes: with slopes 1 and ½ it is 25 times ReLU's, and Tanh is "
        "ahead only from 59 layers on, as 1/L is of 1/L² in the end. Swish at the printed "
        "point has no fixed q; followed with its moving variance it is ahead of ReLU from "
        "q¹ = 0.44, and from half of that, where χ₁ is 0.87 to 0.95 for 100 layers, far behind. At "
        "the stable point it is ahead (table prior_kernel).",
    ),
)  # fmt: skip
