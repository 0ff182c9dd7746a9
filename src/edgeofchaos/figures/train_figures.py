"""Figures of nets trained on MNIST: medians over runs, where claims are judged.

Intervals are those that the claims are judged by, 90 % by order statistics; of fewer than 5 runs,
of which there are none, the range is shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from edgeofchaos.claims.accuracies import CHANCE, LEVEL
from edgeofchaos.claims.agreement import RUN
from edgeofchaos.claims.lengths import OTHERS, curves_by_step
from edgeofchaos.experiments.inits import PAPER_SETTING, STEPS
from edgeofchaos.figures.catalogue import Tables
from edgeofchaos.figures.style import (
    COLUMN,
    PAGE,
    colour,
    label,
    legend_below,
    legend_of_all,
    panels,
)
from edgeofchaos.simulation.intervals import quantile_bounds

_SHOWN = (
    "relu-edge", "tanh-edge", "elu-edge", "swish-printed", "swish-chi1", "swish-stable", "swish-he",
)  # fmt: skip
# Swish's places beside the printed point, which has Swish's colour.
_OWN = {"swish-chi1": "C4", "swish-stable": "C5", "swish-he": "0.55"}
_DASH = {
    "edge": "-", "printed": "-", "chi1": (0, (3, 1, 1, 1)), "stable": "--", "he": ":",
    "ordered": "-.", "chaotic": (0, (1, 3)),
}  # fmt: skip
_PLACE = {
    "edge": "", "printed": ", printed", "chi1": r", $\chi_1=1$", "stable": ", stable", "he": ", He",
}  # fmt: skip


_SHADE = {
    "edge": "k", "printed": "k", "chi1": "C4", "ordered": "C0", "chaotic": "C3", "stable": "C2",
    "he": "C1",
}  # fmt: skip
_LENGTHS = sorted((STEPS, *OTHERS))
_OPTIMISER = {"adam": "Adam", "sgd": "SGD", "momentum": "SGD, momentum", "rmsprop": "RMSprop"}
_NET = list(RUN)


def _bounds(values: Any) -> tuple[float, float, float]:
    """The median, and the ends of its interval or, where there is none, the range."""
    low, high = np.clip(quantile_bounds(values, LEVEL / 2), np.min(values), np.max(values))
    return float(np.median(values)), float(low), float(high)


def _band(rows: Any, by: str) -> tuple[np.ndarray, ...]:
    """Values of the column ``by``, and at each the accuracy's median over runs and its two ends.

    A net that has diverged (NaN) counts as one that guesses.
    """
    rows = rows.assign(accuracy=rows["accuracy"].fillna(CHANCE))
    found = [(x, *_bounds(g["accuracy"])) for x, g in rows.groupby(by)]
    return tuple(np.array(v) for v in zip(*found, strict=True))


def _points(ax: Any, rows: Any, by: str, **style: Any) -> None:
    """Medians against the column ``by``, with their intervals as bars."""
    x, middle, low, high = _band(rows, by)
    ax.errorbar(x, middle, (middle - low, high - middle), fmt="o-", ms=3, lw=1, capsize=2, **style)


def _at_papers_rate(rows: Any) -> Any:
    """The rows at the paper's optimiser and learning rate or, where there are none, all rows."""
    optimiser, rate = PAPER_SETTING
    mine = (rows["optimiser"] == optimiser) & np.isclose(rows["learning_rate"], rate)
    return _or_all(rows, mine)


def _or_all(rows: Any, chosen: Any) -> Any:
    """The rows that are chosen or, where none is, all rows."""
    return rows[chosen] if chosen.any() else rows


def _by_one_optimiser(rows: Any) -> tuple[Any, str]:
    """The rows of the paper's optimiser or, where there are none, of another, and its name."""
    names = sorted(set(rows["optimiser"]), key=lambda name: (name != PAPER_SETTING[0], name))
    return rows[rows["optimiser"] == names[0]], _OPTIMISER[names[0]]


def _judged(rows: Any) -> Any:
    """The rows at the step that claims are judged at, or at its last of a net that lacks it."""
    steps = rows.groupby(_NET)["step"]
    there = steps.transform(lambda s: (s == STEPS).any())
    return rows[rows["step"] == steps.transform("max").where(~there, STEPS)]


def _tried_most(rows: Any) -> Any:
    """How many learning rates Tanh on its edge, or else any net, was tried at, by architecture."""
    tanh = rows[rows["init"] == "tanh-edge"]
    by = (tanh if len(tanh) else rows).groupby(["optimiser", "depth", "width"])
    rates = by["learning_rate"].nunique()
    return rates[rates == rates.max()]


def _colour(init: str) -> Any:
    """The colour of an initialisation: its activation's, but for Swish's further places."""
    return _OWN.get(init) or colour(init.split("-")[0])


def _name(init: str) -> str:
    """An initialisation, activation-place in the tables, for a legend."""
    activation, place, *beside = init.split("-")
    return ", ".join([label(activation) + _PLACE.get(place, f", {place}"), *beside])


def train_curves(tables: Tables) -> Figure:
    """Test error against step, one panel a depth."""
    rows = _at_papers_rate(tables["train_curves"])
    rows = _or_all(rows, rows["init"].isin(_SHOWN))
    every = rows[rows["init"].isin(["tanh-edge", "elu-edge"])]
    shapes = sorted({(d, w) for d, w in zip(every["depth"], every["width"], strict=True)})
    shapes = shapes or sorted({*zip(rows["depth"], rows["width"], strict=True)})
    shapes = shapes[:4]
    figure, axes = panels(1, len(shapes), PAGE, 2.8, sharey=True)
    best = float(1 - rows.groupby(["init", "width", "depth", "step"])["accuracy"].median().max())
    floor = min(0.03, 0.7 * max(best, 1e-3))
    for ax, (depth, width) in zip(axes, shapes, strict=True):
        here = rows[(rows["depth"] == depth) & (rows["width"] == width)]
        for init, group in here.groupby("init", sort=False):
            x, middle, low, high = _band(group, "step")
            place, shade = init.split("-")[1], _colour(init)
            ends = (np.clip(1 - end, 1e-3, 1) for end in (high, low))
            ax.fill_between(x, *ends, color=shade, alpha=0.15, lw=0)
            ax.plot(x, 1 - middle, ls=_DASH[place], color=shade, lw=1.2, label=_name(init))
        ax.set(title=f"$L={depth}$, $N={width}$", xlabel="step", yscale="log", ylim=(floor, 1))
        ticks = [t for t in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1) if t >= floor]
        ax.set_yticks(ticks, [f"{100 * t:g} %" for t in ticks])
        ax.minorticks_off()
    axes[0].set_ylabel("test error")
    legend_of_all(figure, axes, 7)
    return figure


def train_depth(tables: Tables) -> Figure:
    """Test accuracy against depth, one panel an activation."""
    rows = _judged(_at_papers_rate(tables["train_curves"]))
    rows = rows[rows["place"].isin(_SHADE)]
    wide = rows[~rows["init"].isin(["relu-edge", "swish-printed", "swish-stable"])]
    width = (wide if len(wide) else rows)["width"].mode().iloc[0]
    rows = rows[(rows["width"] == width) & ~rows["init"].str.contains("-b")]
    names = list(dict.fromkeys(rows["activation"]))
    figure, axes = panels(1, len(names), PAGE, 2.6, sharey=True)
    for ax, name in zip(axes, names, strict=True):
        for place, group in rows[rows["activation"] == name].groupby("place", sort=False):
            _points(ax, group, "depth", color=_SHADE[place],
                    label=_PLACE.get(place, "").lstrip(", ") or place)  # fmt: skip
        ax.axhline(CHANCE, color="0.6", ls=":", lw=0.8)
        ax.set(title=label(name), xlabel="depth $L$", ylim=(0, 1))
    axes[0].set_ylabel("test accuracy")
    legend_of_all(figure, axes, 7)
    return figure


def train_rates(tables: Tables) -> Figure:
    """Test accuracy against learning rate: a row an optimiser, a column a depth."""
    rows = _judged(tables["train_curves"])
    rows = rows[~rows["init"].str.contains("-x|-b")]
    cells = list(_tried_most(rows).index)
    optimisers = list(dict.fromkeys(key[0] for key in cells))
    shapes = sorted({key[1:] for key in cells})[-3:]
    figure, axes = panels(
        len(optimisers), len(shapes), PAGE, 0.5 + 2.3 * len(optimisers), sharey=True
    )
    for i, optimiser in enumerate(optimisers):
        for j, (depth, width) in enumerate(shapes):
            ax = axes[i * len(shapes) + j]
            here = rows[(rows["optimiser"] == optimiser) & (rows["depth"] == depth)
                        & (rows["width"] == width)]  # fmt: skip
            for init, group in here.groupby("init", sort=False):
                place = init.split("-")[1]
                x, middle, low, high = _band(group, "learning_rate")
                shade, off = _colour(init), place in ("ordered", "chaotic")
                # With a mark, for some nets are at one rate only.
                ax.plot(x, middle, ls=_DASH[place], marker="o", ms=2.5, color=shade,
                        lw=0.8 if off else 1.3, label=_name(init))  # fmt: skip
                if not off:
                    ax.fill_between(x, low, high, color=shade, alpha=0.12, lw=0)
            if optimiser == PAPER_SETTING[0]:
                ax.axvline(PAPER_SETTING[1], color="0.6", lw=0.8)
            ax.axhline(CHANCE, color="0.6", ls=":", lw=0.8)
            ax.set(title=f"{_OPTIMISER[optimiser]}, $L={depth}$", xscale="log", ylim=(0, 1),
                   xlabel="learning rate")  # fmt: skip
            rates = sorted(here["learning_rate"].unique())
            if len(rates) < 4:  # too few for a logarithmic axis to have ticks of its own
                ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
                ax.minorticks_off()
        axes[i * len(shapes)].set_ylabel("test accuracy")
    legend_of_all(figure, axes, 5)
    return figure


def train_near_edge(tables: Tables) -> Figure:
    """Test accuracy of Tanh near its edge, and along it, a line a depth and learning rate."""
    rows = _judged(tables["train_curves"])
    rows = rows[(rows["activation"] == "tanh") & (rows["optimiser"] == PAPER_SETTING[0])]
    edge = rows.loc[rows["init"] == "tanh-edge", "sigma_w"]
    rows = rows.assign(ratio=(rows["sigma_w"] / (edge.iloc[0] if len(edge) else 1.0)).round(6))
    other = rows["init"].str.contains("-b")
    figure, axes = panels(1, 2, PAGE, 2.7, sharey=True)
    settings = [*rows.groupby(["depth", "width", "learning_rate"]).groups]
    for ax, chosen, by, special in (
        (axes[0], rows[~other], "ratio", rows["place"] == "near"),
        (axes[1], rows[rows["place"] == "edge"], "sigma_b", other),
    ):
        # Where nets were trained for this.
        keys = rows[special].groupby(["depth", "width", "learning_rate"]).groups
        for depth, width, rate in keys:
            here = chosen[(chosen["depth"] == depth) & (chosen["width"] == width)
                          & (chosen["learning_rate"] == rate)]  # fmt: skip
            _points(ax, here, by, color=f"C{settings.index((depth, width, rate))}",
                    label=f"$L={depth}$, Adam, {rate:g}")  # fmt: skip
        ax.axhline(CHANCE, color="0.6", ls=":", lw=0.8)
    axes[0].axvline(1.0, color="0.6", lw=0.8)
    axes[0].set(xlabel=r"$\sigma_w$ over that of the edge", ylabel="test accuracy", ylim=(0, 1),
                title=r"Tanh across its edge, $\sigma_b=0.2$")  # fmt: skip
    axes[1].set(xlabel=r"$\sigma_b$", xscale="log", title="Tanh along its edge")
    legend_of_all(figure, axes, 4)
    return figure


def train_movement(tables: Tables) -> Figure:
    """How far each hidden weight matrix has moved, a panel a learning rate."""
    rows, optimiser = _by_one_optimiser(_judged(tables["train_gradients"]))
    rows = _or_all(rows, rows["init"].isin(_SHOWN))
    _, depth, width = max(_tried_most(rows).index)
    rows = rows[(rows["depth"] == depth) & (rows["width"] == width)]
    rates = sorted(rows["learning_rate"].unique())[-4:]
    figure, axes = panels(1, len(rates), PAGE, 2.7, sharey=True)
    for ax, rate in zip(axes, rates, strict=True):
        here = rows[(rows["learning_rate"] == rate) & rows["layer"].between(2, depth)]
        for init, group in here.groupby("init", sort=False):
            place, shade = init.split("-")[1], _colour(init)
            middle = group.groupby("layer")["moved"].median()
            ax.plot(middle.index, middle, ls=_DASH[place], color=shade, lw=1.2,
                    label=_name(init))  # fmt: skip
        ax.set(title=f"{optimiser}, {rate:g}, $L={depth}$", xlabel="layer $l$", yscale="log")
    axes[0].set_ylabel(r"$\Vert W_t-W_0\Vert/\Vert W_0\Vert$")
    legend_of_all(figure, axes, 7)
    return figure


def train_width_depth(tables: Tables) -> Figure:
    """Paired differences of Swish's test accuracy to ReLU's, by width and depth."""
    rows = _judged(tables["train_curves"])
    rows = rows[rows["optimiser"] == PAPER_SETTING[0]]
    rows = rows.assign(accuracy=rows["accuracy"].fillna(CHANCE))
    key = ["depth", "width", "seed"]
    swish = rows[(rows["init"] == "swish-printed")
                 & np.isclose(rows["learning_rate"], PAPER_SETTING[1])]  # fmt: skip
    swish = swish.set_index(key)["accuracy"]
    columns = {
        rate: (swish - relu.set_index(key)["accuracy"]).dropna()
        for rate, relu in rows[rows["init"] == "relu-edge"].groupby("learning_rate")
    }
    rates = sorted((r for r in columns if len(columns[r])), reverse=True)
    shapes = sorted({index[:2] for rate in rates for index in columns[rate].index})
    figure, (ax,) = panels(1, 1, COLUMN, 0.9 + 0.32 * max(len(shapes), 1))
    gaps = np.full((max(len(shapes), 1), max(len(rates), 1)), np.nan)
    for j, rate in enumerate(rates):
        for shape, gap in columns[rate].groupby(level=["depth", "width"]):
            i = shapes.index(shape)
            gaps[i, j], *ends = _bounds(gap)
            low, high = (f"{100 * end:+.1f}" for end in ends)
            ax.text(j, i, f"{100 * gaps[i, j]:+.1f}  ({low} to {high})", ha="center", va="center",
                    fontsize=7)  # fmt: skip
    ax.imshow(gaps, cmap="RdBu", vmin=-0.6, vmax=0.6, aspect="auto")
    ax.set_xticks(range(len(rates)), [f"less ReLU at {rate:g} (%)" for rate in rates])
    ax.set_yticks(range(len(shapes)), [f"({w}, {d})" for d, w in shapes])
    ax.set_ylabel("(width, depth)")
    ax.set_title("Swish, printed, at the paper's rate")
    ax.grid(False)
    return figure


def train_gradients(tables: Tables) -> Figure:
    """Gradient of each hidden weight matrix relative to the last, at both ends."""
    rows = _at_papers_rate(tables["train_gradients"])
    first = rows[rows["step"] == rows.groupby(_NET)["step"].transform("min")]
    rows = pd.concat([first.assign(end=0), _judged(rows).assign(end=1)])
    most = rows.groupby(["width", "depth"])["init"].nunique()
    full = most[most == most.max()].reset_index().sort_values("depth").iloc[-1]
    rows = rows[(rows["width"] == full["width"]) & (rows["depth"] == full["depth"])]
    rows = _or_all(rows, rows["init"].isin(_SHOWN))
    rows = rows[rows["layer"].between(2, full["depth"])]
    figure, (ax,) = panels(1, 1, COLUMN, 3.0)
    for init, group in rows.groupby("init", sort=False):
        if init in ("swish-he", "swish-chi1"):
            continue
        for end, dash, width in ((0, "--", 0.8), (1, "-", 1.3)):
            middle = group[group["end"] == end].groupby("layer")["log10_gradient"].median()
            ax.plot(middle.index, middle - middle.iloc[-1], dash, lw=width, color=_colour(init),
                    label=_name(init) if dash == "-" else None)  # fmt: skip
    ax.set(xlabel="layer $l$", ylabel=r"$\log_{10}$ of RMS gradient, relative",
           title=f"$L={int(full['depth'])}$, $N={int(full['width'])}$")  # fmt: skip
    legend_below(figure, ax, 3)
    return figure


def train_length(tables: Tables) -> Figure:
    """Test accuracy against step of the nets whose order turns, with the lengths looked at."""
    found = tables.get("lengths")
    if found is None:
        # With no ends of an interval, and so no shade, where runs are too few.
        found = curves_by_step(tables["train_curves"])
    elif lacking := {*_NET, "step", "median", "low", "high"} - set(found):
        raise ValueError(
            f"lengths.csv of the reference run has no column {min(lacking)}; allowed is what "
            "scripts/reference.py wrote"
        )
    found, optimiser = _by_one_optimiser(found[found["step"] > 0])
    found = _or_all(found, found["init"].isin(_SHOWN))
    tanh = found[found["init"] == "tanh-edge"]
    cells = sorted({*zip(found["depth"], found["width"], found["learning_rate"], strict=True)})
    deep = tanh if len(tanh) else found
    deepest = max(zip(deep["depth"], deep["width"], strict=True))
    shown = [cell for cell in cells if cell[:2] == deepest][::-1][:2]
    shown += [c for c in cells if c[0] > c[1] and np.isclose(c[2], PAPER_SETTING[1])][:2]
    figure, axes = panels(1, len(shown), PAGE, 2.8, sharey=True)
    for ax, (depth, width, rate) in zip(axes, shown, strict=True):
        here = found[(found["depth"] == depth) & (found["width"] == width)
                     & (found["learning_rate"] == rate)]  # fmt: skip
        for init, group in here.groupby("init", sort=False):
            place, shade = init.split("-")[1], _colour(init)
            ax.fill_between(group["step"], group["low"], group["high"], color=shade, alpha=0.12,
                            lw=0)  # fmt: skip
            ax.plot(group["step"], group["median"], ls=_DASH[place], marker="o", ms=2, lw=1.2,
                    color=shade, label=_name(init))  # fmt: skip
        for steps in _LENGTHS:
            ax.axvline(steps, color="0.6", lw=1.2 if steps == STEPS else 0.8, zorder=0)
        ax.set(title=f"({width}, {depth}), {optimiser}, {rate:g}", xlabel="step", xscale="log",
               ylim=(0, 1), xlim=(0.8 * _LENGTHS[0], 1.25 * _LENGTHS[-1]))  # fmt: skip
        ax.set_xticks(_LENGTHS, [f"{steps:,}" for steps in _LENGTHS])
        ax.minorticks_off()
    axes[0].set_ylabel("test accuracy")
    legend_of_all(figure, axes, 7)
    return figure
