"""Claims on nets trained on MNIST."""

from __future__ import annotations

from edgeofchaos.claims.accuracies import (
    Shape,
    accuracy,
    deepest,
    difference,
    gains,
    mean_difference,
    shapes,
)
from edgeofchaos.claims.model import TRAINING, Claim, Measurement, Tables, above, below
from edgeofchaos.claims.reading import MissingRows

# A difference of accuracies that nobody would choose by; where one net must not be behind another,
# it may be by less than this.
MARGIN = 0.05
# Stuck: a third of what a linear classifier reaches on MNIST.
STUCK = 0.3
# A net trains where its mean last accuracy is above this.
TRAINS = 0.5

SWISH_OFF = ("swish-ordered", "swish-chaotic")
ON_EDGE = ("relu-edge", "tanh-edge", "swish-edge")
PAIR = ("swish-edge", "relu-edge")
TANH_OFF = ("tanh-ordered", "tanh-chaotic")
ELU_OFF = ("elu-ordered",)


def swish_off_the_edge(tables: Tables) -> list[Measurement]:
    """Last accuracy of Swish in the ordered and in the chaotic phase, deepest."""
    shape = deepest(tables, "swish-edge", *SWISH_OFF)
    return [accuracy(tables, init, shape, len(SWISH_OFF)) for init in SWISH_OFF]


def swish_gains(tables: Tables) -> list[Measurement]:
    """Swish on the edge less off it, deepest."""
    return gains(tables, "swish-edge", SWISH_OFF, deepest(tables, "swish-edge", *SWISH_OFF))


def swish_unstable_less_stable(tables: Tables) -> Measurement:
    """Swish at χ₁ = 1, σ_b = 0.2, less at its stable point, deepest of the depth table."""
    shape = deepest(tables, "swish-edge", *SWISH_OFF)
    return difference(tables, "swish-edge", "swish-stable", shape)


def deep_less_relu(tables: Tables, init: str) -> Measurement:
    """One init less ReLU, where all three are deepest."""
    return difference(tables, init, "relu-edge", deepest(tables, *ON_EDGE))


def tanh_less_relu_shallow(tables: Tables) -> Measurement:
    """Tanh less ReLU, where all three are shallowest: mean over the curve."""
    shallow = shapes(tables, *ON_EDGE)[0]
    return difference(tables, "tanh-edge", "relu-edge", shallow, mean_of_curve=True)


def wide(tables: Tables) -> list[Shape]:
    """The architectures of Swish against ReLU that are wider than deep."""
    found = [shape for shape in shapes(tables, *PAIR) if shape[0] > shape[1]]
    if not found:
        raise MissingRows("table train_curves has no net of Swish and ReLU wider than deep")
    return found


def deep(tables: Tables) -> list[Shape]:
    """Those that are deeper than wide, shallow first; there have to be two."""
    found = [shape for shape in shapes(tables, *PAIR) if shape[0] < shape[1]]
    if len(found) < 2:
        raise MissingRows(
            "table train_curves has under two nets of Swish and ReLU deeper than wide"
        )
    return found


def wide_differences(tables: Tables) -> list[Measurement]:
    """Swish less ReLU in each architecture wider than deep."""
    every = wide(tables)
    return [difference(tables, *PAIR, shape, among=len(every)) for shape in every]


def gains_where_it_trains(tables: Tables, edge: str, off: tuple[str, ...]) -> list[Measurement]:
    """On the edge less off it over the curve, in the deepest nets of which some init trains."""
    trains = [
        shape
        for shape in shapes(tables, edge, *off)
        if max(accuracy(tables, init, shape).value for init in (edge, *off)) > TRAINS
    ]
    if not trains:
        names = ", ".join((edge, *off))
        raise MissingRows(f"table train_curves has no depth at which one of {names} trains")
    return gains(tables, edge, off, trains[-1], mean_of_curve=True)


def gains_at_the_end(tables: Tables, edge: str, off: tuple[str, ...]) -> list[Measurement]:
    """On the edge less off it at the last step, deepest."""
    return gains(tables, edge, off, deepest(tables, edge, *off))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "train-eoc",
        TRAINING,
        ("M",),
        "Swish net: away from the edge test accuracy stays near 0.1 as L grows; on the edge it "
        "trains.",
        [
            below(
                "Swish off the edge, deepest: accuracy, larger of the two phases", 0.2,
                swish_off_the_edge,
            ),
            above(
                "Swish on the edge less off it, deepest: smaller difference", 0.1, swish_gains
            ),
            above(
                "Swish at χ₁ = 1, σ_b = 0.2, less at its stable point, deepest", -MARGIN,
                swish_unstable_less_stable, "scope",
            ),
        ],
        figures=("train_curves", "train_depth"),
        note="Accuracies after the config's number of steps, not after convergence. The scope "
        "criterion is what the instability costs: the solution of χ₁ = 1 at σ_b = 0.2 must not be "
        "behind the stable one (σ_b just above 0.745) by as much as 5 points.",
    ),
    Claim(
        "train-activations",
        TRAINING,
        ("M",),
        "ReLU, Tanh and Swish on the edge: at depth 5 Tanh learns faster than ReLU; at L ≥ 40 Tanh "
        "is stuck; Swish beats ReLU.",
        [
            above(
                "Tanh less ReLU, shallowest: mean accuracy over the curve", 0.0,
                tanh_less_relu_shallow,
            ),
            below("Tanh less ReLU, deepest", 0.0, lambda t: deep_less_relu(t, "tanh-edge")),
            above("Swish less ReLU, deepest", 0.0, lambda t: deep_less_relu(t, "swish-edge")),
            below(
                "Tanh, deepest: accuracy", STUCK,
                lambda t: accuracy(t, "tanh-edge", deepest(t, *ON_EDGE)),
                "scope",
            ),
        ],
        figures=("train_curves", "train_depth"),
        note="Accuracies after the config's number of steps, paired over seeds. How they turn with "
        "more steps stands in docs/numbers.md. Stuck is below 0.3, a third of a linear "
        "classifier's.",
    ),
    Claim(
        "train-width-depth",
        TRAINING,
        ("M",),
        "Swish against ReLU over (width, depth) pairs; with depth greater than width ReLU wins "
        "while both are small and Swish wins when deeper.",
        [
            above(
                "Swish less ReLU, wider than deep, mean of the pairs", 0.0,
                lambda t: mean_difference(t, *PAIR, wide(t)),
            ),
            above("Swish less ReLU, wider than deep, least", -MARGIN, wide_differences),
            below(
                "Swish less ReLU, deeper than wide, the smallest", 0.0,
                lambda t: difference(t, *PAIR, deep(t)[0]),
            ),
            above(
                "Swish less ReLU, deeper than wide, the deepest", 0.0,
                lambda t: difference(t, *PAIR, deep(t)[-1]),
            ),
        ],
        figures=("train_width_depth",),
        note="Swish at the solution of χ₁ = 1, σ_b = 0.2, after the config's number of steps, "
        "paired over seeds. In no pair wider than deep may it be behind by as much as 5 points.",
    ),
    Claim(
        "train-edge-benefit",
        TRAINING,
        ("M",),
        "An edge initialisation speeds up learning for the other activations too (ELU, Tanh).",
        [
            above(
                "Tanh on the edge less off it, deepest that trains: smaller gain", 0.0,
                lambda t: gains_where_it_trains(t, "tanh-edge", TANH_OFF),
            ),
            above(
                "ELU on the edge less off it, deepest that trains: smaller gain", 0.0,
                lambda t: gains_where_it_trains(t, "elu-edge", ELU_OFF),
            ),
            above(
                "Tanh on the edge less off it, deepest: smaller gain at the end", 0.0,
                lambda t: gains_at_the_end(t, "tanh-edge", TANH_OFF),
                "scope",
            ),
            above(
                "ELU on the edge less off it, deepest: smaller gain at the end", 0.0,
                lambda t: gains_at_the_end(t, "elu-edge", ELU_OFF),
                "scope",
            ),
        ],
        figures=("train_depth",),
        note="Mean accuracy over the curve, or the last, paired over seeds; ordered at 0.7, "
        "chaotic at 1.6 times the edge's σ_w. A depth trains where any of the nets that are "
        "compared ends above 0.5 on average.",
    ),
)  # fmt: skip
