"""Figures of nets trained on MNIST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from edgeofchaos.experiments.inits import PAPER_SETTING
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
from edgeofchaos.simulation.intervals import interval

_LEVEL = 0.1  # of the intervals: 90 %, as in the paper's figures
_CHANCE = 0.1  # the accuracy of a guess among ten digits
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
_OPTIMISER = {"adam": "Adam", "sgd": "SGD", "momentum": "SGD, momentum", "rmsprop": "RMSprop"}


def _band(rows: Any, by: str) -> Iterator[np.ndarray]:
    """Values of the column ``by``, with mean and half width of the accuracy over seeds at each.

    A net that has diverged (NaN) counts as one that guesses.
    """
    rows = rows.assign(accuracy=rows["accuracy"].fillna(_CHANCE))
    found = [(x, interval(g["accuracy"], _LEVEL)) for x, g in rows.groupby(by)]
    return (np.array(v) for v in zip(*((x, f.mean, f.half) for x, f in found), strict=True))


def _at_papers_rate(rows: Any) -> Any:
    """The rows at the paper's optimiser and learning rate or, where there are none, all rows."""
    optimiser, rate = PAPER_SETTING
    mine = (rows["optimiser"] == optimiser) & np.isclose(rows["learning_rate"], rate)
    return rows[mine] if mine.any() else rows


def _last(rows: Any) -> Any:
    return rows[rows["step"] == rows["step"].max()]


def _colour(init: str) -> Any:
    """The colour of an initialisation: its activation's, but for Swish's further places."""
    return _OWN.get(init) or colour(init.split("-")[0])


def _name(init: str) -> str:
    """An initialisation, activation-place in the tables, for a legend."""
    activation, place = init.split("-")
    return label(activation) + _PLACE.get(place, f", {place}")


def train_curves(tables: Tables) -> Figure:
    """Test error against step, one panel a depth."""
    rows = _at_papers_rate(tables["train_curves"])
    rows = rows[rows["init"].isin(_SHOWN)]
    every = rows[rows["init"].isin(["tanh-edge", "elu-edge"])]
    shapes = sorted({(d, w) for d, w in zip(every["depth"], every["width"], strict=True)})
    shapes = shapes or sorted({*zip(rows["depth"], rows["width"], strict=True)})
    shapes = shapes[:4]
    figure, axes = panels(1, len(shapes), PAGE, 2.8, sharey=True)
    best = float(1 - rows.groupby(["init", "width", "depth", "step"])["accuracy"].mean().max())
    floor = min(0.03, 0.7 * max(best, 1e-3))
    for ax, (depth, width) in zip(axes, shapes, strict=True):
        here = rows[(rows["depth"] == depth) & (rows["width"] == width)]
        for init, group in here.groupby("init", sort=False):
            x, mean, half = _band(group, "step")
            place, shade = init.split("-")[1], _colour(init)
            low, high = (np.clip(1 - mean + sign * half, 1e-3, 1) for sign in (-1, 1))
            ax.fill_between(x, low, high, color=shade, alpha=0.15, lw=0)
            ax.plot(x, 1 - mean, ls=_DASH[place], color=shade, lw=1.2, label=_name(init))
        ax.set(title=f"$L={depth}$, $N={width}$", xlabel="step", yscale="log", ylim=(floor, 1))
        ticks = [t for t in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1) if t >= floor]
        ax.set_yticks(ticks, [f"{100 * t:g} %" for t in ticks])
        ax.minorticks_off()
    axes[0].set_ylabel("test error")
    legend_below(figure, axes[0], 6)
    return figure


def train_depth(tables: Tables) -> Figure:
    """Last test accuracy against depth, one panel an activation."""
    rows = _last(_at_papers_rate(tables["train_curves"]))
    rows = rows[rows["place"].isin(_SHADE)]
    wide = rows[~rows["init"].isin(["relu-edge", "swish-printed", "swish-stable"])]
    width = (wide if len(wide) else rows)["width"].mode().iloc[0]
    rows = rows[(rows["width"] == width) & ~rows["init"].str.contains("-b")]
    names = list(dict.fromkeys(rows["activation"]))
    figure, axes = panels(1, len(names), PAGE, 2.6, sharey=True)
    for ax, name in zip(axes, names, strict=True):
        for place, group in rows[rows["activation"] == name].groupby("place", sort=False):
            x, mean, half = _band(group, "depth")
            ax.errorbar(x, mean, half, fmt="o-", ms=3, lw=1, capsize=2, color=_SHADE[place],
                        label=_PLACE.get(place, "").lstrip(", ") or place)  # fmt: skip
        ax.axhline(_CHANCE, color="0.6", ls=":", lw=0.8)
        ax.set(title=label(name), xlabel="depth $L$", ylim=(0, 1))
    axes[0].set_ylabel("test accuracy")
    legend_of_all(figure, axes, 7)
    return figure


def train_rates(tables: Tables) -> Figure:
    """Last test accuracy against learning rate: a row an optimiser, a column a depth."""
    rows = _last(tables["train_curves"])
    rows = rows[~rows["init"].str.contains("-x|-b")]
    # The architectures that have been tried at most rates.
    tried = rows[rows["init"] == "tanh-edge"].groupby(["optimiser", "depth", "width"])
    rates = tried["learning_rate"].nunique()
    cells = [key for key, count in rates.items() if count == rates.max()]
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
                x, mean, half = _band(group, "learning_rate")
                shade, off = _colour(init), place in ("ordered", "chaotic")
                ax.plot(x, mean, ls=_DASH[place], color=shade, lw=0.8 if off else 1.3,
                        label=_name(init))  # fmt: skip
                if not off:
                    ax.fill_between(x, mean - half, mean + half, color=shade, alpha=0.12, lw=0)
            if optimiser == PAPER_SETTING[0]:
                ax.axvline(PAPER_SETTING[1], color="0.6", lw=0.8)
            ax.axhline(_CHANCE, color="0.6", ls=":", lw=0.8)
            ax.set(title=f"{_OPTIMISER[optimiser]}, $L={depth}$", xscale="log", ylim=(0, 1),
                   xlabel="learning rate")  # fmt: skip
        axes[i * len(shapes)].set_ylabel("test accuracy")
    legend_of_all(figure, axes, 5)
    return figure


def train_near_edge(tables: Tables) -> Figure:
    """Last test accuracy of Tanh near its edge, and along it, a line a learning rate."""
    rows = _last(tables["train_curves"])
    rows = rows[rows["activation"] == "tanh"]
    deep = rows[rows["place"] == "near"]
    deep = deep if len(deep) else rows
    depth = deep["depth"].max()
    width = deep[deep["depth"] == depth]["width"].iloc[0]
    rows = rows[(rows["depth"] == depth) & (rows["width"] == width)]
    edge = rows[rows["init"] == "tanh-edge"]["sigma_w"].iloc[0]
    rows = rows.assign(ratio=(rows["sigma_w"] / edge).round(6))
    along = (rows["place"] == "edge") & (rows["optimiser"] == PAPER_SETTING[0])
    across = ~rows["init"].str.contains("-b") & (rows["optimiser"] == PAPER_SETTING[0])
    figure, axes = panels(1, 2, PAGE, 2.7, sharey=True)
    tried = sorted(rows[across]["learning_rate"].unique())
    for ax, chosen, by in ((axes[0], across, "ratio"), (axes[1], along, "sigma_b")):
        several = rows[chosen].groupby("learning_rate")[by].nunique()
        for rate in several[several == several.max()].index:
            x, mean, half = _band(rows[chosen & (rows["learning_rate"] == rate)], by)
            ax.errorbar(x, mean, half, fmt="o-", ms=3, lw=1, capsize=2,
                        color=f"C{tried.index(rate) if rate in tried else len(tried)}",
                        label=f"Adam, {rate:g}")  # fmt: skip
        ax.axhline(_CHANCE, color="0.6", ls=":", lw=0.8)
    axes[0].axvline(1.0, color="0.6", lw=0.8)
    axes[0].set(xlabel=r"$\sigma_w$ over that of the edge", ylabel="test accuracy", ylim=(0, 1),
                title=r"Tanh across its edge, $\sigma_b=0.2$")  # fmt: skip
    axes[1].set(xlabel=r"$\sigma_b$", xscale="log", title="Tanh along its edge")
    legend_of_all(figure, axes, 4)
    return figure


def train_movement(tables: Tables) -> Figure:
    """How far each hidden weight matrix has moved at the end, a panel a learning rate."""
    rows = _last(tables["train_gradients"])
    rows = rows[rows["init"].isin(_SHOWN) & (rows["optimiser"] == PAPER_SETTING[0])]
    most = rows[rows["init"] == "tanh-edge"].groupby(["depth", "width"])["learning_rate"].nunique()
    depth, width = max(key for key, count in most.items() if count == most.max())
    rows = rows[(rows["depth"] == depth) & (rows["width"] == width)]
    rates = sorted(rows["learning_rate"].unique())[-4:]
    figure, axes = panels(1, len(rates), PAGE, 2.7, sharey=True)
    for ax, rate in zip(axes, rates, strict=True):
        here = rows[(rows["learning_rate"] == rate) & rows["layer"].between(2, depth)]
        for init, group in here.groupby("init", sort=False):
            place, shade = init.split("-")[1], _colour(init)
            mean = group.groupby("layer")["moved"].mean()
            ax.plot(mean.index, mean, ls=_DASH[place], color=shade, lw=1.2,
                    label=_name(init))  # fmt: skip
        ax.set(title=f"Adam, {rate:g}, $L={depth}$", xlabel="layer $l$", yscale="log")
    axes[0].set_ylabel(r"$\Vert W_t-W_0\Vert/\Vert W_0\Vert$")
    legend_of_all(figure, axes, 7)
    return figure


def train_width_depth(tables: Tables) -> Figure:
    """Paired differences of the last test accuracy to ReLU, by width and depth."""
    rows = _last(_at_papers_rate(tables["train_curves"]))
    rows = rows.assign(accuracy=rows["accuracy"].fillna(_CHANCE))
    key = ["width", "depth", "seed"]
    relu = rows[rows["init"] == "relu-edge"].set_index(key)["accuracy"]
    names = [i for i in ("swish-printed", "swish-stable") if (rows["init"] == i).any()]
    shapes = sorted({(d, w) for w, d, _ in relu.index})
    figure, (ax,) = panels(1, 1, COLUMN, 0.6 + 0.3 * len(shapes))
    gaps = np.full((len(shapes), len(names)), np.nan)
    for j, name in enumerate(names):
        gap = (rows[rows["init"] == name].set_index(key)["accuracy"] - relu).dropna()
        for i, (depth, width) in enumerate(shapes):
            here = gap[(gap.index.get_level_values("width") == width)
                       & (gap.index.get_level_values("depth") == depth)]  # fmt: skip
            if len(here) > 1:
                found = interval(here.to_numpy(), _LEVEL)
                gaps[i, j] = found.mean
                ax.text(j, i, f"{100 * found.mean:+.1f} ± {100 * found.half:.1f}", ha="center",
                        va="center", fontsize=8)  # fmt: skip
    ax.imshow(gaps, cmap="RdBu", vmin=-0.6, vmax=0.6, aspect="auto")
    ax.set_xticks(range(len(names)), [f"{_name(n)}\nless ReLU (%)" for n in names])
    ax.set_yticks(range(len(shapes)), [f"({w}, {d})" for d, w in shapes])
    ax.set_ylabel("(width, depth)")
    ax.grid(False)
    return figure


def train_gradients(tables: Tables) -> Figure:
    """Gradient of each hidden weight matrix relative to the last, at both ends."""
    rows = _at_papers_rate(tables["train_gradients"])
    most = rows.groupby(["width", "depth"])["init"].nunique()
    full = most[most == most.max()].reset_index().sort_values("depth").iloc[-1]
    rows = rows[(rows["width"] == full["width"]) & (rows["depth"] == full["depth"])]
    rows = rows[rows["init"].isin(_SHOWN) & rows["layer"].between(2, full["depth"])]
    figure, (ax,) = panels(1, 1, COLUMN, 3.0)
    ends = ((rows["step"].min(), "--", 0.8), (rows["step"].max(), "-", 1.3))
    for init, group in rows.groupby("init", sort=False):
        if init in ("swish-he", "swish-chi1"):
            continue
        for step, dash, width in ends:
            mean = group[group["step"] == step].groupby("layer")["log10_gradient"].mean()
            ax.plot(mean.index, mean - mean.iloc[-1], dash, lw=width, color=_colour(init),
                    label=_name(init) if dash == "-" else None)  # fmt: skip
    ax.set(xlabel="layer $l$", ylabel=r"$\log_{10}$ of RMS gradient, relative",
           title=f"$L={int(full['depth'])}$, $N={int(full['width'])}$")  # fmt: skip
    legend_below(figure, ax, 3)
    return figure
