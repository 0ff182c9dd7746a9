"""What the claims on simulated nets read: Student intervals at ``intervals.LEVEL`` over draws."""

from __future__ import annotations

import math

import pandas as pd

from edgeofchaos.claims.model import Measurement, Tables
from edgeofchaos.claims.reading import binomial_error, row, rows

# The most depth over width at which nets stand for the limit of infinite width: the gap to it
# grows with that ratio. A net that is deeper than this decides nothing.
MOST_DEPTH = 0.05


def geometric_mean(tables: Tables, case: str, quantity: str) -> Measurement:
    """exp of the mean over draws of log of one quantity of an output surface."""
    found = row(tables, "nets_spread", case=case, quantity=quantity)
    mean = math.exp(found["log_mean"])
    # The upper half of the interval, which is the longer one.
    error = mean * math.expm1(found["half"])
    return Measurement(mean, error, "geometric mean over draws", int(found["draws"]))


def log_ratio(tables: Tables, above: str, below: str, quantity: str) -> Measurement:
    """log of the ratio of two geometric means over draws of output surfaces."""
    a, b = (row(tables, "nets_spread", case=case, quantity=quantity) for case in (above, below))
    gap = float(a["log_mean"] - b["log_mean"])
    draws = int(min(a["draws"], b["draws"]))
    return Measurement(gap, float(a["half"] + b["half"]), f"ratio {math.exp(gap):.3g}", draws)


def share_near_q(tables: Tables) -> Measurement:
    """The share of Swish nets at σ_b = 0.2, width 100, with q³⁰ within 50 % of the edge's q."""
    found = row(tables, "nets_paths", sigma_b=0.2, start=0.0, width=100, layer=30)
    share, draws = float(found["within"]), int(found["draws"])
    return Measurement(share, binomial_error(share, draws), "", draws)


def near_printed_q(tables: Tables) -> Measurement:
    """The share of nets at (0.2, 1.718), width 100, from the printed q, with q³⁰ near it."""
    found = row(
        tables, "nets_printed", place="printed", sigma_b=0.2, start="q", width=100, layer=30
    )
    share, draws = float(found["near"]), int(found["draws"])
    detail = f"median q³⁰ = {found['median']:.3g}, infinite width {found['theory']:.3g}"
    return Measurement(share, binomial_error(share, draws), detail, draws)


def beyond_printed_q(tables: Tables) -> list[Measurement]:
    """The share of nets at (0.2, 1.718) with q²⁰⁰ above 10 times the printed q, of every kind."""
    found = rows(tables, "nets_printed", place="printed", sigma_b=0.2, layer=200)
    return [
        Measurement(
            each.beyond, binomial_error(each.beyond, each.draws),
            f"N = {each.width}, q¹ = {each.start}", each.draws,
        )
        for each in found.itertuples()
    ]  # fmt: skip


def simulated_exponent(tables: Tables, activation: str) -> Measurement:
    """The exponent of l in 1 − c over the last decade, on the edge."""
    found = row(tables, "nets_exponents", activation=activation)
    detail = (
        f"{activation}, l = {found['from_layer']} to {found['to_layer']}; "
        f"the recursion's is {found['theory']:.3f}"
    )
    error = _error(found, "to_layer", found["half"])
    return Measurement(float(found["exponent"]), error, detail, int(found["draws"]))


def simulated_over_law(tables: Tables, activation: str) -> Measurement:
    """1 − c at the last layer on the edge, over its predicted power law."""
    found = rows(tables, "nets_rates", activation=activation)
    end = found.loc[found["layer"].idxmax()]
    detail = f"{activation}, l = {end['layer']}, N = {end['width']}"
    error = _error(end, "layer", end["half"] / end["law"])
    return Measurement(float(end["mean"] / end["law"]), error, detail, int(end["draws"]))


def _error(found: pd.Series, depth: str, half: float) -> float:
    return float(half) if found[depth] <= MOST_DEPTH * found["width"] else math.inf


def shifted(measurement: Measurement, by: float) -> Measurement:
    """|value + by|, with the same error, name and draws."""
    m = measurement
    return Measurement(abs(m.value + by), m.error, m.detail, m.draws)
