"""Claims on nets trained on MNIST.

Core criteria are at the paper's optimiser and learning rate; that the same holds at each net's own
best rate is scope.
"""

from __future__ import annotations

import math
from dataclasses import replace

from edgeofchaos.claims.accuracies import (
    BEST,
    PAPER,
    Rate,
    Shape,
    accuracies,
    accuracy,
    deepest,
    difference,
    gains,
    log_movement_ratio,
    mean_difference,
    movement,
    shapes,
)
from edgeofchaos.claims.model import (
    TRAINING,
    Claim,
    Criterion,
    Measurement,
    Tables,
    above,
    below,
)
from edgeofchaos.claims.reading import MissingRows
from edgeofchaos.claims.words import AS_GOOD_AS, HARDLY, MUCH_MORE, STUCK, TRAINS, WORSE

SWISH = "swish-printed"
SWISH_OFF = ("swish-ordered", "swish-chaotic")
# Off the edge as well, and no phase that the paper shows.
SWISH_OTHERS = (*SWISH_OFF, "swish-he")
ON_EDGE = ("relu-edge", "tanh-edge", SWISH)
PAIR = (SWISH, "relu-edge")
WIDE = ((10, 5), (20, 10), (40, 30), (60, 40))  # the paper's pairs of width and depth
TANH_OFF = ("tanh-ordered", "tanh-chaotic")
ELU_OFF = ("elu-ordered", "elu-chaotic")
SHALLOW = 5  # layers; the paper's shallow nets
MUCH_LESS = MUCH_MORE.as_bar(lambda times: -math.log(times))
SMALL_SIGMA_B = "tanh-edge-b0.01"


def deep_less_relu(tables: Tables, init: str, rate: Rate) -> Measurement:
    """One init less ReLU, where all three are deepest."""
    return difference(tables, init, "relu-edge", deepest(tables, *ON_EDGE, rate=rate), rate)


def tanh_less_relu_shallow(tables: Tables, rate: Rate) -> Measurement:
    """Tanh less ReLU at 5 layers: mean over the curve."""
    found = [s for s in shapes(tables, "tanh-edge", "relu-edge", rate=rate) if s[1] == SHALLOW]
    if not found:
        raise MissingRows(f"table train_curves has no nets of Tanh and ReLU of {SHALLOW} layers")
    return difference(tables, "tanh-edge", "relu-edge", found[-1], rate, mean_of_curve=True)


def swish_less_stable(tables: Tables) -> Measurement:
    """Swish at the printed point less at the stable one, where both phases are deepest too."""
    shape = deepest(tables, SWISH, "swish-stable", *SWISH_OFF, rate=BEST)
    return difference(tables, SWISH, "swish-stable", shape, BEST)


def wide(tables: Tables, rate: Rate) -> list[Shape]:
    """The paper's architectures of Swish against ReLU, which are wider than deep."""
    found = [shape for shape in shapes(tables, *PAIR, rate=rate) if shape in WIDE]
    if not found:
        raise MissingRows("table train_curves has none of the paper's pairs of Swish and ReLU")
    return found


def deep(tables: Tables, rate: Rate) -> list[Shape]:
    """Those that are deeper than wide, shallow first; there have to be two."""
    found = [shape for shape in shapes(tables, *PAIR, rate=rate) if shape[0] < shape[1]]
    if len(found) < 2:
        raise MissingRows(
            "table train_curves has under two nets of Swish and ReLU deeper than wide"
        )
    return found


def wide_differences(tables: Tables, rate: Rate) -> list[Measurement]:
    """Swish less ReLU in each architecture wider than deep."""
    every = wide(tables, rate)
    return [difference(tables, *PAIR, shape, rate, among=len(every)) for shape in every]


def gains_where_it_trains(tables: Tables, edge: str, off: tuple[str, ...]) -> list[Measurement]:
    """On the edge less off it over the curve, in the deepest nets of which some init trains."""
    trains = [
        shape
        for shape in shapes(tables, edge, *off)
        if max(accuracy(tables, init, shape).value for init in (edge, *off)) > TRAINS.number
    ]
    if not trains:
        names = ", ".join((edge, *off))
        raise MissingRows(f"table train_curves has no depth at which one of {names} trains")
    return gains(tables, edge, off, trains[-1], mean_of_curve=True)


def gains_at_the_end(
    tables: Tables, edge: str, off: tuple[str, ...], rate: Rate
) -> list[Measurement]:
    """On the edge less off it at the last step, deepest."""
    return gains(tables, edge, off, deepest(tables, edge, *off, rate=rate), rate)


def less_edge(tables: Tables, inits: tuple[str, ...], rate: Rate) -> list[Measurement]:
    """Each init less Tanh on its edge at σ_b = 0.2, where all are deepest."""
    shape = deepest(tables, "tanh-edge", *inits, rate=rate)
    edge = accuracy(tables, "tanh-edge", shape, rate)
    found = [difference(tables, i, "tanh-edge", shape, rate, among=len(inits)) for i in inits]
    if edge.value > TRAINS.number:
        return found
    # Of nets that do not train, none is better than another.
    why = f"on the edge it does not train: {edge.value:.2f}"
    return [replace(m, error=math.inf, detail=f"{m.detail}; {why}") for m in found]


def at(rate: Rate) -> tuple[str, str]:
    """What a criterion's name says of the rate, and its role."""
    return f"at {rate.value}", "core" if rate is PAPER else "scope"


def off_the_edge(rate: Rate) -> Criterion:
    """Off the edge Swish stays near chance."""
    words, role = at(rate)
    return below(
        f"Swish ordered and chaotic, deepest: larger accuracy {words}", STUCK,
        lambda t: accuracies(t, SWISH_OFF, rate), role,
    )  # fmt: skip


def on_the_edge(rate: Rate) -> Criterion:
    """On the paper's edge Swish trains."""
    words, role = at(rate)
    return above(
        f"Swish at the printed point, deepest: accuracy {words}", TRAINS,
        lambda t: accuracy(t, SWISH, deepest(t, SWISH, *SWISH_OFF, rate=rate), rate), role,
    )  # fmt: skip


def shallow(rate: Rate) -> Criterion:
    """In shallow nets Tanh learns faster than ReLU."""
    words, role = at(rate)
    return above(
        f"Tanh less ReLU, {SHALLOW} layers: mean accuracy over the curve, {words}", 0.0,
        lambda t: tanh_less_relu_shallow(t, rate), role,
    )  # fmt: skip


def tanh_is_stuck(rate: Rate) -> Criterion:
    """In deep nets Tanh stays near chance."""
    words, role = at(rate)
    return below(
        f"Tanh, deepest: accuracy {words}", STUCK,
        lambda t: accuracy(t, "tanh-edge", deepest(t, *ON_EDGE, rate=rate), rate), role,
    )  # fmt: skip


def swish_beats_relu(rate: Rate) -> Criterion:
    """In deep nets Swish is ahead of ReLU."""
    words, role = at(rate)
    return above(
        f"Swish less ReLU, deepest, {words}", 0.0, lambda t: deep_less_relu(t, SWISH, rate), role
    )


def wide_mean(rate: Rate) -> Criterion:
    """Over the pairs wider than deep Swish is ahead of ReLU."""
    words, role = at(rate)
    return above(
        f"Swish less ReLU, wider than deep, mean of the pairs, {words}", 0.0,
        lambda t: mean_difference(t, *PAIR, wide(t, rate), rate), role,
    )  # fmt: skip


def deepest_pair(rate: Rate) -> Criterion:
    """In the deepest pair deeper than wide Swish is ahead of ReLU."""
    words, role = at(rate)
    return above(
        f"Swish less ReLU, deeper than wide, the deepest, {words}", 0.0,
        lambda t: difference(t, *PAIR, deep(t, rate)[-1], rate), role,
    )  # fmt: skip


def smallest_pair(rate: Rate) -> Criterion:
    """In the smallest pair deeper than wide ReLU is ahead of Swish."""
    words, role = at(rate)
    return below(
        f"Swish less ReLU, deeper than wide, the smallest, {words}", 0.0,
        lambda t: difference(t, *PAIR, deep(t, rate)[0], rate), role,
    )  # fmt: skip


def edge_ahead(
    name: str, edge: str, off: tuple[str, ...], rate: Rate, role: str = "scope"
) -> Criterion:
    """In deep nets the edge is ahead of both phases."""
    return above(
        f"{name} on the edge less off it, deepest: smaller gain at the end, {at(rate)[0]}", 0.0,
        lambda t: gains_at_the_end(t, edge, off, rate), role,
    )  # fmt: skip


def ahead_where_it_trains(name: str, edge: str, off: tuple[str, ...]) -> Criterion:
    """In the deepest nets that train, the edge is ahead of both phases over the curve."""
    words, role = at(PAPER)
    return above(
        f"{name} on the edge less off it, deepest that trains: smaller gain, {words}", 0.0,
        lambda t: gains_where_it_trains(t, edge, off), role,
    )  # fmt: skip


def near_edge(inits: tuple[str, ...], rate: Rate, role: str) -> Criterion:
    """Tanh near its edge is not behind Tanh on it."""
    names = ", ".join(init.partition("-x")[2] for init in inits)
    return above(
        f"Tanh at {names} of the edge's σ_w less on it, deepest: least, {at(rate)[0]}", AS_GOOD_AS,
        lambda t: less_edge(t, inits, rate), role,
    )  # fmt: skip


def small_sigma_b(rate: Rate) -> Criterion:
    """Tanh on its edge at a small σ_b is behind Tanh at 0.2."""
    words, role = at(rate)
    return below(
        f"Tanh on its edge at σ_b = 0.01 less at 0.2, deepest, {words}", WORSE,
        lambda t: less_edge(t, (SMALL_SIGMA_B,), rate), role,
    )  # fmt: skip


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "train-eoc",
        TRAINING,
        ("M",),
        "Swish net: away from the edge test accuracy stays near 0.1 as L grows; on the edge it "
        "trains.",
        [
            off_the_edge(PAPER),
            on_the_edge(PAPER),
            off_the_edge(BEST),
            on_the_edge(BEST),
            above(
                "Swish at the printed point less at the stable one, deepest, at its best rate",
                AS_GOOD_AS,
                swish_less_stable,
                "scope",
            ),
        ],
        figures=("train_curves", "train_depth", "train_rates"),
        note="On the edge is the printed point, (0.2, 1.718), as in the paper; off it are 0.7 and "
        "1.3 times its σ_w. Accuracies after the config's number of steps, not after convergence. "
        "The last criterion is what the instability costs: the printed point, through whose "
        "bottleneck variances pass, beside an edge point that is stable.",
    ),
    Claim(
        "remark-any-other",
        TRAINING,
        ("M",),
        "With any initialisation other than on the edge, test accuracy of a deep Swish net stays "
        "near 0.1 (the figure of train-eoc).",
        [
            below(
                f"Swish ordered, chaotic and at He's point, deepest: largest accuracy "
                f"{at(PAPER)[0]}", STUCK,
                lambda t: accuracies(t, SWISH_OTHERS, PAPER),
            ),
            below(
                f"the same {at(BEST)[0]}", STUCK, lambda t: accuracies(t, SWISH_OTHERS, BEST),
                "scope",
            ),
        ],
        figures=("train_depth", "train_rates"),
        note="One ordered and one chaotic point, which is what the paper shows, do not decide what "
        "any other does. He's initialisation, σ_b = 0 and σ_w² = 2, is off Swish's edge; and so is "
        "the printed point itself, at which χ₁ = 0.966.",
    ),
    Claim(
        "train-activations",
        TRAINING,
        ("M",),
        "ReLU, Tanh and Swish on the edge: at depth 5 Tanh learns faster than ReLU; at L ≥ 40 Tanh "
        "is stuck; Swish beats ReLU.",
        [
            shallow(PAPER),
            tanh_is_stuck(PAPER),
            swish_beats_relu(PAPER),
            shallow(BEST),
            tanh_is_stuck(BEST),
            swish_beats_relu(BEST),
        ],
        figures=("train_rates", "train_curves", "train_depth"),
        note="Swish at the printed point. Accuracies after the config's number of steps, paired "
        "over seeds. What the paper shows at 40 layers is what its learning rate does: at a third "
        "of it Tanh and ELU on the edge are ahead of ReLU and of Swish.",
    ),
    Claim(
        "remark-tanh-stuck",
        TRAINING,
        ("M",),
        "Tanh is stuck at L ≥ 40 because many parameters hardly change in training.",
        [
            tanh_is_stuck(PAPER),
            below(
                "Tanh, deepest: ‖W_t − W_0‖/‖W_0‖, median over hidden layers, "
                f"{at(PAPER)[0]}", HARDLY,
                lambda t: movement(t, "tanh-edge", ON_EDGE, PAPER),
            ),
            below(
                f"log of that over Swish's, which trains, {at(PAPER)[0]}", MUCH_LESS,
                lambda t: log_movement_ratio(t, "tanh-edge", SWISH, ON_EDGE, PAPER),
            ),
            tanh_is_stuck(BEST),
        ],
        figures=("train_movement", "train_rates"),
        note="Whether it is stuck hangs on the step: at its best learning rate it is not. Nor do "
        "parameters hardly change: where Tanh is stuck its weights move further than those of "
        "Swish, which trains, and where it trains they move less. Later "
        "work of the first author (arXiv:1902.06853) trains Tanh at (0.2, 1.302), 300 wide and 300 "
        "deep, by SGD, to 95.75 ± 0.27 % on MNIST, against ReLU's 82.11 %.",
    ),
    Claim(
        "train-width-depth",
        TRAINING,
        ("M",),
        "Swish against ReLU over (width, depth) pairs; with depth greater than width ReLU wins "
        "while both are small and Swish wins when deeper.",
        [
            wide_mean(PAPER),
            above(
                f"Swish less ReLU, wider than deep, least, {at(PAPER)[0]}", AS_GOOD_AS,
                lambda t: wide_differences(t, PAPER),
            ),
            smallest_pair(PAPER),
            deepest_pair(PAPER),
            wide_mean(BEST),
            smallest_pair(BEST),
            deepest_pair(BEST),
        ],
        figures=("train_width_depth",),
        note="Swish at the printed point, after the config's number of steps, paired over seeds. "
        "The paper's table (from memory, unconfirmed): (10, 5), (20, 10), (40, 30), (60, 40), "
        "ReLU 94.01, 96.01, 96.51, 91.45 %, Swish 94.46, 96.34, 97.09, 97.14 %.",
    ),
    Claim(
        "train-edge-benefit",
        TRAINING,
        ("M",),
        "An edge initialisation speeds up learning for the other activations too (ELU, Tanh).",
        [
            ahead_where_it_trains("Tanh", "tanh-edge", TANH_OFF),
            ahead_where_it_trains("ELU", "elu-edge", ELU_OFF),
            edge_ahead("Tanh", "tanh-edge", TANH_OFF, PAPER),
            edge_ahead("ELU", "elu-edge", ELU_OFF, PAPER),
            edge_ahead("Tanh", "tanh-edge", TANH_OFF, BEST),
            edge_ahead("ELU", "elu-edge", ELU_OFF, BEST),
        ],
        figures=("train_depth", "train_rates"),
        note="Mean accuracy over the curve, or the last, paired over seeds; ordered at 0.7, "
        "chaotic at 1.6 times the edge's σ_w. A depth trains where any of the nets that are "
        "compared ends above 0.5 on average.",
    ),
    Claim(
        "remark-sigma-b",
        TRAINING,
        ("M",),
        "σ_b cannot be taken too small in practice, although f tends to the identity as σ_b → 0 "
        "along the edge.",
        [
            small_sigma_b(PAPER),
            small_sigma_b(BEST),
        ],
        figures=("train_near_edge",),
        note="Tanh along its edge, whose points are stable; in Swish's printed table a smaller σ_b "
        "is another distance to the fold as well.",
    ),
)  # fmt: skip
