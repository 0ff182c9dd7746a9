"""Figures of nets trained on MNIST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from edgeofchaos.figures.catalogue import Tables
from edgeofchaos.figures.style import COLUMN, PAGE, colour, label, legend_below, panels
from edgeofchaos.simulation.intervals import interval

_LEVEL = 0.1  # of the intervals: 90 %, as in the paper's figures
_CHANCE = 0.1  # the accuracy of a guess among ten digits
_SHOWN = ("relu-edge", "tanh-edge", "elu-edge", "swish-edge", "swish-stable", "swish-he")
_DASH = {"edge": "-", "stable": "--", "he": ":", "ordered": "-.", "chaotic": "-."}
_PLACE = {"edge": "", "stable": ", stable point", "he": ", He"}


def _band(rows: Any, by: str) -> Iterator[np.ndarray]:
    """Values of the column ``by``, with mean and half width of the accuracy over seeds at each.

    A net that has diverged (NaN) counts as one that guesses.
    """
    rows = rows.assign(accuracy=rows["accuracy"].fillna(_CHANCE))
    found = [(x, interval(g["accuracy"], _LEVEL)) for x, g in rows.groupby(by)]
    return (np.array(v) for v in zip(*((x, f.mean, f.half) for x, f in found), strict=True))


def _name(init: str) -> str:
    """An initialisation, activation-place in the tables, for a legend."""
    activation, place = init.split("-")
    return label(activation) + _PLACE.get(place, f", {place}")


def train_curves(tables: Tables) -> Figure:
    """Test error against step, one panel a depth."""
    rows = tables["train_curves"]
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
            activation, place = init.split("-")
            low, high = (np.clip(1 - mean + sign * half, 1e-3, 1) for sign in (-1, 1))
            ax.fill_between(x, low, high, color=colour(activation), alpha=0.15, lw=0)
            ax.plot(x, 1 - mean, _DASH[place], color=colour(activation), lw=1.2, label=_name(init))
        ax.set(title=f"$L={depth}$, $N={width}$", xlabel="step", yscale="log", ylim=(floor, 1))
        ticks = [t for t in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1) if t >= floor]
        ax.set_yticks(ticks, [f"{100 * t:g} %" for t in ticks])
        ax.minorticks_off()
    axes[0].set_ylabel("test error")
    legend_below(figure, axes[0], 6)
    return figure


def train_depth(tables: Tables) -> Figure:
    """Last test accuracy against depth, one panel an activation."""
    rows = tables["train_curves"]
    rows = rows[rows["step"] == rows["step"].max()]
    wide = rows[~rows["init"].isin(["relu-edge", "swish-edge", "swish-stable"])]
    width = (wide if len(wide) else rows)["width"].mode().iloc[0]
    rows = rows[rows["width"] == width]
    names = list(dict.fromkeys(rows["activation"]))
    figure, axes = panels(1, len(names), PAGE, 2.6, sharey=True)
    shades = {"edge": "k", "ordered": "C0", "chaotic": "C3", "stable": "C2", "he": "C1"}
    for ax, name in zip(axes, names, strict=True):
        for place, group in rows[rows["activation"] == name].groupby("place", sort=False):
            x, mean, half = _band(group, "depth")
            ax.errorbar(x, mean, half, fmt="o-", ms=3, lw=1, capsize=2, color=shades[place],
                        label={"he": "He", "stable": "stable point"}.get(place, place))  # fmt: skip
        ax.axhline(_CHANCE, color="0.6", ls=":", lw=0.8)
        ax.set(title=label(name), xlabel="depth $L$", ylim=(0, 1))
    axes[0].set_ylabel("test accuracy")
    most = max(axes, key=lambda ax: len(ax.get_legend_handles_labels()[0]))
    legend_below(figure, most, 5)
    return figure


def train_width_depth(tables: Tables) -> Figure:
    """Paired differences of the last test accuracy to ReLU, by width and depth."""
    rows = tables["train_curves"]
    rows = rows[rows["step"] == rows["step"].max()].assign(
        accuracy=rows["accuracy"].fillna(_CHANCE)
    )
    key = ["width", "depth", "seed"]
    relu = rows[rows["init"] == "relu-edge"].set_index(key)["accuracy"]
    names = [i for i in ("swish-edge", "swish-stable") if (rows["init"] == i).any()]
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
    rows = tables["train_gradients"]
    most = rows.groupby(["width", "depth"])["init"].nunique()
    full = most[most == most.max()].reset_index().sort_values("depth").iloc[-1]
    rows = rows[(rows["width"] == full["width"]) & (rows["depth"] == full["depth"])]
    rows = rows[rows["init"].isin(_SHOWN) & rows["layer"].between(2, full["depth"])]
    figure, (ax,) = panels(1, 1, COLUMN, 3.0)
    ends = ((rows["step"].min(), "--", 0.8), (rows["step"].max(), "-", 1.3))
    for init, group in rows.groupby("init", sort=False):
        if init == "swish-he":
            continue
        for step, dash, width in ends:
            mean = group[group["step"] == step].groupby("layer")["log10_gradient"].mean()
            shade = colour(init.split("-")[0]) if init != "swish-stable" else "0.4"
            ax.plot(mean.index, mean - mean.iloc[-1], dash, lw=width, color=shade,
                    label=_name(init) if dash == "-" else None)  # fmt: skip
    ax.set(xlabel="layer $l$", ylabel=r"$\log_{10}$ of RMS gradient, relative",
           title=f"$L={int(full['depth'])}$, $N={int(full['width'])}$")  # fmt: skip
    legend_below(figure, ax, 3)
    return figure
