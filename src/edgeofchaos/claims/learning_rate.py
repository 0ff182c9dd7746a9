"""A claim of ours: at learning rates that suit them, nets do what the theory says."""

from __future__ import annotations

from edgeofchaos.claims.accuracies import BEST, deepest, difference
from edgeofchaos.claims.model import RATES, Claim, Measurement, Tables, above, below
from edgeofchaos.claims.trained import (
    ELU_OFF,
    SWISH_OFF,
    TANH_OFF,
    at,
    edge_ahead,
    swish_less_stable,
)

# On an edge whose q is the limiting variance, with a continuous slope.
STABLE = ("tanh-edge", "elu-edge", "swish-stable")


def ahead_of_relu(tables: Tables) -> list[Measurement]:
    """Each activation that has a stable edge less ReLU, at its best rate, deepest."""
    shape = deepest(tables, *STABLE, "relu-edge", rate=BEST)
    return [difference(tables, i, "relu-edge", shape, BEST, among=len(STABLE)) for i in STABLE]


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "learning-rate",
        RATES,
        ("M",),
        "At its own best learning rate every deep net does what the theory says: the edge is ahead "
        "of both phases, and Tanh, ELU and Swish on stable edges, where correlations tend to 1 "
        "like 1/l, are ahead of ReLU, where they do so like 1/l².",
        [
            edge_ahead("Tanh", "tanh-edge", TANH_OFF, BEST, "core"),
            edge_ahead("ELU", "elu-edge", ELU_OFF, BEST, "core"),
            edge_ahead("Swish at a stable point", "swish-stable", SWISH_OFF, BEST, "core"),
            above(
                f"Tanh, ELU and Swish at its stable point less ReLU, deepest: least, {at(BEST)[0]}",
                0.0, ahead_of_relu,
            ),
            below(
                f"Swish at the printed point less at the stable one, deepest, {at(BEST)[0]}", 0.0,
                swish_less_stable, "scope",
            ),
        ],
        figures=("train_rates",),
        note="Swish's phases are those beside the printed point. The best rate of each net is "
        "chosen on its first seed, among those that the config trains it and the other one at, and "
        "judged on the others. The paper's ranking at 40 layers, Swish before ReLU before Tanh, is "
        "one of its own rate.",
    ),
)  # fmt: skip
