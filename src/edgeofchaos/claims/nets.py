"""What the claims on simulated nets read, and the level of their intervals.

One probability is stated for the whole report: that any of its simulated intervals misses. Each
criterion that reads such intervals has an equal part of it, whatever the tables hold, and divides
its part among the intervals that it reads there, so that tables that hold less of one thing do not
narrow what is read of another.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from edgeofchaos.claims.model import Measured, Measurement, Tables
from edgeofchaos.claims.reading import MissingRows, binomial_error, each, row, rows
from edgeofchaos.simulation.intervals import half_width, log_square_half

# The probability that any simulated interval of the report misses what it is of. Tests measure how
# often intervals miss down to levels of 1e-3; further out they rely on the laws they are made for.
FALSE_REPORT = 1e-3
# Swish's nets near its fold are of two kinds, of which the rarer is a third or more of all: fewer
# draws than these may by chance be of one kind, and then scatter too little (0.7^50 = 2e-8).
OF_TWO_KINDS = 50


@dataclass(frozen=True)
class Simulated:
    """The reader of a criterion on simulated nets: ``read`` takes the tables and its level."""

    read: Callable[[Tables, float], Measured]

    def __call__(self, tables: Tables) -> Measured:
        return self.read(tables, level())


@cache
def level() -> float:
    """The part of ``FALSE_REPORT`` that each criterion on simulated nets has."""
    from edgeofchaos.claims.registry import CLAIMS  # whose modules import this one

    readers = [criterion.read for claim in CLAIMS for criterion in claim.criteria]
    return FALSE_REPORT / sum(isinstance(read, Simulated) for read in readers)


def halves(frame: pd.DataFrame, level: float, of: str = "") -> NDArray[np.float64]:
    """Half of each row's interval, the level divided among them, and what is of finite width.

    ``of`` is what the names of the columns begin with.
    """
    half = half_width(frame[f"{of}error"], frame["draws"], level / len(frame))
    return half + frame[f"{of}finite"].to_numpy(float)


def exponential(log: ArrayLike, half: ArrayLike) -> tuple[Any, Any]:
    """exp of an interval: the middle, and the upper part, which is the longer one."""
    middle = np.exp(log)
    return middle, middle * np.expm1(half)


def geometric_mean(tables: Tables, level: float, case: str, quantity: str) -> Measurement:
    """exp of the mean over draws of log of one quantity of an output surface."""
    found = row(tables, "nets_spread", case=case, quantity=quantity)
    half = half_width(found["error"], found["draws"], level)
    mean, error = exponential(found["log_mean"], half)
    return Measurement(float(mean), float(error), "geometric mean over draws", int(found["draws"]))


def log_ratio(
    tables: Tables, level: float, above: pd.Series, case: str, quantity: str
) -> Measurement:
    """log of the ratio of two geometric means over draws of output surfaces.

    Args:
        above: the row of ``nets_spread`` that is compared.
        case, quantity: the row it is compared with.
    """
    pair = pd.DataFrame([above, row(tables, "nets_spread", case=case, quantity=quantity)])
    half = half_width(pair["error"].astype(float), pair["draws"].astype(int), level / 2).sum()
    gap = float(pair["log_mean"].iloc[0] - pair["log_mean"].iloc[1])
    draws = int(pair["draws"].min())
    return Measurement(gap, float(half), f"ratio {math.exp(gap):.3g}", draws)


def share_near_q(tables: Tables, level: float) -> Measurement:
    """The share of Swish nets at σ_b = 0.2, width 100, with q³⁰ within 50 % of the edge's q."""
    found = row(tables, "nets_paths", sigma_b=0.2, start=0.0, width=100, layer=30)
    share, draws = float(found["within"]), int(found["draws"])
    return Measurement(share, binomial_error(share, draws, level), "", draws)


def near_printed_q(tables: Tables, level: float) -> Measurement:
    """The share of nets at (0.2, 1.718), width 100, from the printed q, with q³⁰ near it."""
    found = row(
        tables, "nets_printed", place="printed", sigma_b=0.2, start="q", width=100, layer=30
    )
    share, draws = float(found["near"]), int(found["draws"])
    detail = f"median q³⁰ = {found['median']:.3g}, infinite width {found['theory']:.3g}"
    return Measurement(share, binomial_error(share, draws, level), detail, draws)


def beyond_printed_q(tables: Tables, level: float) -> list[Measurement]:
    """The share of nets at (0.2, 1.718) with q²⁰⁰ above 10 times the printed q, of every kind."""
    found = rows(tables, "nets_printed", place="printed", sigma_b=0.2, layer=200)
    return [
        Measurement(
            each.beyond, binomial_error(each.beyond, each.draws, level / len(found)),
            f"N = {each.width}, q¹ = {each.start}", each.draws,
        )
        for each in found.itertuples()
    ]  # fmt: skip


def simulated_exponent(tables: Tables, level: float, activation: str) -> Measurement:
    """The exponent of l in 1 − c over the last decade, on the edge.

    The error has by how much the recursion's own is still off that of its law.
    """
    found = rows(tables, "nets_exponents", activation=activation)
    errors = halves(found, level) + (found["theory"] - found["law"]).abs()
    end = found.iloc[0]
    detail = (
        f"{activation}, l = {end['from_layer']} to {end['to_layer']}; "
        f"the recursion's is {end['theory']:.3f}"
    )
    return Measurement(float(end["exponent"]), float(errors.iloc[0]), detail, int(end["draws"]))


def simulated_over_law(tables: Tables, level: float, activation: str) -> Measurement:
    """1 − c at the last layer on the edge, over its predicted power law.

    The error has by how much the recursion itself is still off the law.
    """
    found = rows(tables, "nets_rates", activation=activation)
    end = found[found["layer"] == found["layer"].max()]
    share = end["theory"] / end["law"]
    value, error = exponential(end["log_gap"], halves(end, level))
    (measured,) = each(
        end, share * value, share * error + (share - 1).abs(), ("activation", "layer", "width")
    )
    return measured


def simulated_prior_ratios(
    tables: Tables, level: float, activations: tuple[str, ...]
) -> list[Measurement]:
    """Simulated 1 − c at layer 100 over ReLU's, of activations on their edge at σ_b = 0.2."""
    ours = rows(tables, "nets_rates", sigma_b=0.2, layer=100, activation=activations)
    relu = rows(tables, "nets_rates", activation="relu", layer=100)
    both = pd.concat([ours, relu.head(1)])
    half = halves(both, level)
    log = np.log(both["theory"].to_numpy()) + both["log_gap"].to_numpy()
    value, error = exponential(log[:-1] - log[-1], half[:-1] + half[-1])
    return each(ours, value, error, ("activation", "layer"))


def shifted(measurement: Measurement, by: float) -> Measurement:
    """|value + by|, with the same error, name and draws."""
    m = measurement
    return Measurement(abs(m.value + by), m.error, m.detail, m.draws)


def slope_in_width(
    frame: pd.DataFrame, y: ArrayLike, half: ArrayLike, finite: ArrayLike
) -> tuple[float, float]:
    """Slope of independent numbers against log N, and its error, from widths that are known.

    Each width is weighted by what is known of it: ``half`` of its interval, whose squares add, and
    what is of ``finite`` width, which adds up.

    Raises:
        MissingRows: nothing is known of any two widths.
    """
    columns = np.array([np.log(frame["width"].to_numpy(float)), y, half, finite], dtype=float)
    x, values, chance, off = columns[:, np.isfinite(columns).all(0)]
    if np.unique(x).size < 2:
        raise MissingRows("nothing is known of any two widths")
    weight = 1 / (chance**2 + off**2)
    x = x - (weight @ x) / weight.sum()
    share = weight * x / (weight @ x**2)
    error = math.sqrt(share**2 @ chance**2) + np.abs(share) @ off
    return float(share @ values), float(error)


def power_of_width(group: pd.DataFrame, level: float, name: str) -> Measurement:
    """The power of N that a mean of squares goes like, which is of the next order in itself.

    At finite width a mean v of squared logs is off its law by a part of the order of v itself: a
    quarter of v where that was measured. Twice that is taken, an estimate.
    """
    value = group["value"].to_numpy()
    half = log_square_half(group["draws"], level)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(value)
    slope, error = slope_in_width(group, log, half, value / 2)
    return Measurement(slope, error, name, int(group["draws"].min()))
