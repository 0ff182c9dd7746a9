"""Figures of simulated nets. What bars and bands show stands in the captions."""

from __future__ import annotations

import numpy as np
import seaborn as sns
from matplotlib.figure import Figure

from edgeofchaos.experiments.cases import CASES, REACH
from edgeofchaos.figures.catalogue import Tables
from edgeofchaos.figures.style import (
    COLUMN,
    PAGE,
    PLACE_LABELS,
    colour,
    gradation,
    label,
    legend_below,
    marker,
    panels,
)
from edgeofchaos.simulation.intervals import half_width, log_square_half

_LEVEL = 0.1  # of the intervals: 90 %, as in the figures of trained nets
_TITLES = {
    "relu-ordered": "ReLU (1, 1)",
    "tanh-ordered": "Tanh (1, 1)",
    "relu-edge": r"ReLU (0, $\sqrt{2}$)",
    "tanh-edge": r"Tanh edge, $\sigma_b=0.2$",
    "tanh-chaotic": "Tanh (0.2, 3)",
    "relu-edge-deep": r"ReLU (0, $\sqrt{2}$)",
    "swish-printed-deep": "Swish, printed",
    "swish-chi1-deep": r"Swish, $\chi_1=1$",
    "swish-stable-deep": "Swish, stable",
    "swish-he-deep": "Swish, He",
}
# Places of an activation, the same colours in every figure that shows several.
_SHADES = dict(
    zip(
        ("ordered", "edge", "chaotic", "printed", "chi1", "stable", "he"),
        sns.color_palette("colorblind", 7),
        strict=True,
    )
)


def surfaces(tables: Tables) -> Figure:
    """One output of one net over the plane, in units of its root mean square."""
    pictures, spread = tables["surfaces"], tables["nets_spread"]
    figure, axes = panels(2, 5, PAGE, 3.4)
    shown = [case for case in CASES if case.name in _TITLES]  # not what is scaled in another way
    for ax, case in zip(axes, shown, strict=True):
        surface = pictures[case.name]
        image = ax.imshow(
            surface / np.sqrt((surface**2).mean()), origin="lower", cmap="RdBu_r", vmin=-2.5,
            vmax=2.5, extent=(-REACH, REACH, -REACH, REACH), interpolation="bilinear",
        )  # fmt: skip
        row = spread[(spread["case"] == case.name) & (spread["quantity"] == "spread")].iloc[0]
        ax.set_title(f"{_TITLES[case.name]}, $L={case.depth}$", fontsize=7)
        ax.set_xlabel(rf"Var$/E[y^2]={np.exp(row['log_mean']):.2g}$", fontsize=7)
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
    bar = figure.colorbar(image, ax=axes, shrink=0.6, aspect=30)
    bar.set_label(r"$y/\sqrt{E[y^2]}$")
    return figure


def nets_propagation(tables: Tables) -> Figure:
    """q and 1 - c by layer: dots are simulated nets, lines the recursion."""
    rows = tables["nets_propagation"]
    shown = [
        n for n in ("tanh", "relu", "elu", "swish", "hardtanh") if n in set(rows["activation"])
    ]
    figure, (left, right) = panels(1, 2, PAGE, 2.7)
    for name in shown or list(dict.fromkeys(rows["activation"]))[:5]:
        mine = rows[rows["activation"] == name]
        for ax, quantity, dash in (
            (left, "q_a", "-"), (left, "q_b", "--"), (right, "1-c", "-"),
        ):  # fmt: skip
            part = mine[mine["quantity"] == quantity]
            ax.plot(part["layer"], part["theory"], dash, color=colour(name), lw=1,
                    label=label(name) if quantity != "q_b" else None)  # fmt: skip
            half = half_width(part["sd"] / np.sqrt(part["draws"]), part["draws"], _LEVEL)
            ax.errorbar(part["layer"], part["mean"], half, fmt=marker(name), ms=3, lw=0.8,
                        color=colour(name))  # fmt: skip
    left.set(xlabel="layer $l$", ylabel="$q^l$", yscale="log")
    right.set(xlabel="layer $l$", ylabel="$1-c^l$", yscale="log")
    right.legend()
    return figure


def nets_width(tables: Tables) -> Figure:
    """Excess kurtosis and squared gaps against width, with 1/N."""
    rows = tables["nets_width"]
    figure, axes = panels(1, 3, PAGE, 2.5, sharex=True)
    wanted = (
        ("kurtosis", "excess kurtosis"),
        ("q_a squared gap", r"$E[\log^2(q/q_\infty)]$"),
        ("1-c squared gap", r"$E[\log^2((1-c)/(1-c_\infty))]$"),
    )
    for ax, (quantity, text) in zip(axes, wanted, strict=True):
        part = rows[rows["quantity"] == quantity]
        for name, group in part.groupby("activation", sort=False):
            half = group["value"] * np.expm1(log_square_half(group["draws"], _LEVEL))
            ax.errorbar(group["width"], group["value"], half, fmt=marker(name) + "-",
                        ms=4, lw=1, color=colour(name), label=label(name))  # fmt: skip
        first = part.loc[part["width"].idxmin()]
        x = np.array(sorted(set(part["width"])), dtype=float)
        ax.plot(x, 0.4 * first["value"] * x[0] / x, "k--", lw=0.8, label="$1/N$")
        ax.set(xscale="log", yscale="log", xlabel="width $N$", ylabel=text)
    axes[0].legend()
    return figure


def nets_rates(tables: Tables) -> Figure:
    """1 - c^l on the edge: a band over draws, the recursion, the law."""
    rows = tables["nets_rates"]
    figure, (ax,) = panels(1, 1, COLUMN, 3.0)
    for name, group in rows.groupby("activation", sort=False):
        ax.fill_between(group["layer"], group["low"], group["high"], color=colour(name), alpha=0.25)
        ax.plot(group["layer"], group["theory"], color=colour(name), lw=1)
        ax.plot(group["layer"], group["mean"], marker(name), ms=2.5, color=colour(name),
                label=label(name))  # fmt: skip
        tail = group[group["layer"] >= 8]
        ax.plot(tail["layer"], tail["law"], "k--", lw=0.7)
    ax.set(xscale="log", yscale="log", xlabel="layer $l$", ylabel="$1-c^l$", ylim=(None, 3))
    ax.legend()
    return figure


def nets_phases(tables: Tables) -> Figure:
    """Decay rates, the chaotic limit and decorrelation of simulated nets."""
    rows = tables["nets_chaotic"]
    figure, (left, middle, right) = panels(1, 3, PAGE, 2.5)
    ordered = tables["nets_ordered"]
    for quantity, shape in (("c", "o"), ("q", "s")):
        part = ordered[ordered["quantity"] == quantity]
        half = half_width(part["error"], part["draws"], _LEVEL)
        left.errorbar(-part["recursion"], -part["rate"], half, fmt=shape, ms=4, capsize=2,
                      label=rf"$1/\varepsilon_{quantity}$")  # fmt: skip
    top = -float(ordered["recursion"].min())
    left.plot([0, 1.1 * top], [0, 1.1 * top], color="0.6", lw=0.8)
    left.set(xlabel="theory", ylabel="simulated")
    left.legend()
    palette = sns.color_palette("colorblind")
    for (w, group), c in zip(rows.groupby("sigma_w"), palette, strict=False):
        half = group["limit"] * np.expm1(half_width(group["error"], group["draws"], _LEVEL))
        middle.errorbar(group["start"], group["limit"], half, fmt="o", ms=4, color=c,
                        capsize=2, label=rf"$\sigma_w={w:g}$")  # fmt: skip
        middle.axhline(group["theory"].iloc[0], color=c, lw=1)
    middle.set(xscale="log", xlabel="$1-c^1$", ylabel="$1-c^L$", ylim=(0, 1.1))
    middle.legend(loc="lower right")
    times = tables["nets_decorrelation"]
    x = times["epsilon"].to_numpy()
    half = half_width(times["error"], times["draws"], _LEVEL)
    right.errorbar(x, times["layers"], half, fmt="o", ms=4, capsize=2)
    if len(times):  # no sigma_w may be chaotic
        slope = times["slope_theory"].iloc[0]
        line = slope * np.log(1 / x)
        right.plot(x, line + (times["layers"] - line).mean(), lw=1, color="0.4",
                   label=r"slope $2/\log\chi_1$")  # fmt: skip
    right.set(xscale="log", xlabel=r"distance $\varepsilon$", ylabel="layers to decorrelate")
    right.legend()
    return figure


def nets_gradients(tables: Tables) -> Figure:
    """Mean squared gradient by layer, relative to the last layer."""
    rows = tables["nets_gradients"]
    names = list(dict.fromkeys(rows["activation"]))
    figure, axes = panels(1, len(names), PAGE, 2.7, sharey=True)
    base = np.log(10)
    for ax, name in zip(axes, names, strict=True):
        mine = rows[rows["activation"] == name]
        for (place, start), group in mine.groupby(["place", "start"], sort=False):
            colour_of = _SHADES.get(place, "k")
            style = "-" if start == "q" else "-."
            text = PLACE_LABELS.get(place, place)
            if start == "q":
                ax.fill_between(group["layer"], group["low"] / base, group["high"] / base,
                                color=colour_of, alpha=0.2, lw=0)  # fmt: skip
            ax.plot(group["layer"], group["log_gradient"] / base, style, color=colour_of, lw=1.2,
                    label=text if start == "q" else f"{text}, $q^1=q/2$")  # fmt: skip
            ax.plot(group["layer"], group["theory"] / base, "k--", lw=0.8)
        ax.set(title=label(name), xlabel="layer $l$")
        ax.legend(fontsize=6)
    axes[0].set_ylabel(r"$\log_{10}$ of squared gradient")
    return figure


def nets_printed(tables: Tables) -> Figure:
    """Swish at the printed point: variances by layer against the recursion's, by width."""
    rows = tables["nets_printed"]
    rows = rows[rows["place"] == "printed"]
    widths = sorted(set(rows["width"]))
    figure, axes = panels(1, len(widths), PAGE, 2.8, sharey=True)
    names = {"sigma_b^2": r"$\sigma_b^2$", "q/2": "$q/2$", "q": "$q$"}
    shades = gradation(len(names))
    for ax, width in zip(axes, widths, strict=True):
        for (start, text), shade in zip(names.items(), shades, strict=True):
            group = rows[(rows["width"] == width) & (rows["start"] == start)]
            low, median, high, theory = (
                group[column].clip(1e-2, 1e6) for column in ("low", "median", "high", "theory")
            )
            ax.fill_between(group["layer"], low, high, color=shade, alpha=0.2, lw=0)
            ax.plot(group["layer"], median, color=shade, lw=1.2, label=f"$q^1=$ {text}")
            ax.plot(group["layer"], theory, "--", color=shade, lw=0.9)
        ax.axhline(rows["q"].iloc[0], color="0.5", lw=0.7)
        ax.set(yscale="log", ylim=(0.03, 1e4), xlabel="layer $l$", title=f"$N={width}$")
    axes[0].set_ylabel("$q^l$")
    legend_below(figure, axes[0], len(names))
    return figure


def nets_departure(tables: Tables) -> Figure:
    """Swish at an unstable edge point: variances by layer, time to leave against width."""
    paths, times = tables["nets_paths"], tables["nets_times"]
    figure, (left, middle, right) = panels(1, 3, PAGE, 2.7)
    b = 0.2 if 0.2 in set(paths["sigma_b"]) else paths["sigma_b"].iloc[0]
    mine = paths[(paths["sigma_b"] == b) & (paths["start"] == 0.0)]
    widths = sorted(set(mine["width"]))
    shades = dict(zip(widths, gradation(len(widths)), strict=False))
    for width, group in mine.groupby("width"):
        text = f"$N=10^{{{np.log10(width):.0f}}}$"
        for column, style in (("low", ":"), ("median", "-"), ("high", ":")):
            left.plot(group["layer"], group[column].clip(1e-2, 1e3), style, color=shades[width],
                      lw=1.4 if style == "-" else 1.0)  # fmt: skip
        middle.plot(group["layer"], group["within"], color=shades[width], label=text)
    left.set(yscale="log", ylim=(0.1, 100), xlim=(1, 80), xlabel="layer $l$", ylabel="$q^l/q$")
    middle.set(xlim=(1, 80), xlabel="layer $l$", ylabel=r"share with $|q^l/q-1|<1/2$")
    for ax in (left, middle):
        ax.axvline(30, color="0.6", lw=0.8, ls=":")
    middle.legend()
    for (sigma_b, start), group in times.groupby(["sigma_b", "start"]):
        if start == 0.0:
            enough = group.groupby("width")["left"].mean() > 0.6  # or the median is not known
            middle_time = group.groupby("width")["layers"].median()[enough]
            (line,) = right.plot(
                middle_time.index, middle_time, "o-", ms=4, label=rf"$\sigma_b={sigma_b:g}$"
            )
            slope = 0.5 / np.log(group["alpha"].iloc[0])
            x = np.array([middle_time.index[0], middle_time.index[-1]], dtype=float)
            anchor = middle_time.iloc[-1]
            right.plot(x, anchor + slope * np.log(x / x[-1]), "--", lw=0.9, color=line.get_color())
    right.set(xscale="log", xlabel="width $N$", ylabel="layers to leave $q$", ylim=(0, None))
    right.legend()
    return figure
