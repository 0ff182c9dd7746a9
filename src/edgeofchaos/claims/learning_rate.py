"""A claim of ours: at a learning rate that suits them, nets do what the theory says."""

from __future__ import annotations

from edgeofchaos.claims.accuracies import DEEP, SLOW, difference
from edgeofchaos.claims.model import RATES, Claim, Measurement, Tables, above, below, equal
from edgeofchaos.claims.trained import (
    ELU,
    ELU_OFF,
    RELU,
    SWISH,
    SWISH_OFF,
    TANH,
    TANH_OFF,
    at,
    deep,
    edge_ahead,
)
from edgeofchaos.claims.words import AS_GOOD_AS

STABLE = "swish-stable"
WITHIN = AS_GOOD_AS.as_bar(float)


def ahead_of_relu(tables: Tables) -> list[Measurement]:
    """Tanh and ELU on the edge less ReLU."""
    return [difference(tables, i, RELU, DEEP, SLOW, among=2) for i in (TANH, ELU)]


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "learning-rate",
        RATES,
        ("M",),
        "At a third of the paper's learning rate deep nets do what the theory says: the edge is "
        "ahead of both phases for Tanh, ELU and Swish; Tanh and ELU, where correlations tend to 1 "
        "like 1/l, are ahead of ReLU, where they do so like 1/l²; Swish at its stable point, whose "
        "map is nearly ReLU's, is level with it, and at the paper's point it is behind that.",
        [
            edge_ahead("Tanh", TANH, TANH_OFF, SLOW, "core"),
            edge_ahead("ELU", ELU, ELU_OFF, SLOW, "core"),
            edge_ahead("Swish at a stable point", STABLE, SWISH_OFF, SLOW, "core"),
            above(
                f"Tanh and ELU less ReLU, {deep(DEEP)}: least, {at(SLOW)[0]}", 0.0, ahead_of_relu
            ),
            equal(
                f"Swish at its stable point less ReLU, {deep(DEEP)}, {at(SLOW)[0]}: level", 0.0,
                WITHIN, lambda t: difference(t, STABLE, RELU, DEEP, SLOW), "scope",
            ),
            below(
                f"Swish at the printed point less at the stable one, {deep(DEEP)}, {at(SLOW)[0]}",
                0.0, lambda t: difference(t, SWISH, STABLE, DEEP, SLOW), "scope",
            ),
        ],
        figures=("train_rates",),
        note="Swish's phases are those beside the printed point. Level is an equivalence: the "
        "interval for the difference lies within five points of 0 on either side. The paper's "
        "ranking at 40 layers, Swish before ReLU before Tanh, is one of its own rate.",
    ),
)  # fmt: skip
