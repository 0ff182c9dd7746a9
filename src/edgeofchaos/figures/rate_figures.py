"""Figures of rates, phases and constants."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.figure import Figure

from edgeofchaos.claims.accuracies import CHANCE, LEVEL
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
from edgeofchaos.simulation.intervals import quantile_bounds
from edgeofchaos.support.columns import truth


def _slopes(group: Any) -> str:
    """The two slopes of a ReLU-like activation, for a legend."""
    return f"$\\lambda={group['lambda'].iloc[0]:g}$, $\\beta={group['beta'].iloc[0]:g}$"


def relu_like_map(tables: Tables) -> Figure:
    """The correlation map of ReLU-like activations beside the identity."""
    rows = tables["relu_like_map"]
    figure, (ax,) = panels(1, 1, COLUMN, 3.0)
    ax.plot([-1, 1], [-1, 1], color="0.5", lw=0.8, label="identity")
    for (_, group), c in zip(
        rows.groupby(["lambda", "beta"], sort=False), sns.color_palette("colorblind"), strict=False
    ):
        group = group.sort_values("c")
        ax.plot(group["c"], group["formula"], color=c, label=_slopes(group))
        ax.plot(group["c"].iloc[::3], group["quadrature"].iloc[::3], "o", ms=2.5, color=c)
    ax.set(xlabel="$c$", ylabel="$f(c)$", xlim=(-1, 1), xticks=np.linspace(-1, 1, 5))
    ax.legend()
    return figure


def relu_like_rates(tables: Tables) -> Figure:
    """1 - c^l of ReLU-like activations, and its law."""
    rows = tables["relu_like_rates"]
    figure, (ax,) = panels(1, 1, COLUMN, 2.8)
    for (_, group), c in zip(
        rows.groupby(["lambda", "beta"], sort=False), sns.color_palette("colorblind"), strict=False
    ):
        ax.plot(group["layer"], group["gamma"], color=c, label=_slopes(group))
        tail = group[group["layer"] >= 5]
        ax.plot(tail["layer"], tail["predicted"], ls="--", lw=0.8, color="k", zorder=4)
    ax.set(xscale="log", yscale="log", xlabel="layer $l$", ylabel="$1-c^l$", ylim=(None, 3))
    ax.legend()
    return figure


def rates(tables: Tables) -> Figure:
    """l (1 - c^l) of every activation on its edge."""
    rows = tables["rates"]
    rows = rows[(rows["start"] == 1.0) & (rows["exponent"] > 0)]
    figure, (ax,) = panels(1, 1, COLUMN, 3.6)
    for name, group in rows.groupby("activation", sort=False):
        kinked = group["exponent"].iloc[0] == 2
        ax.plot(group["layer"], group["gamma"] * group["layer"], color=colour(name),
                ls="--" if kinked else "-", marker=marker(name), markevery=12, ms=3,
                label=label(name))  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="layer $l$", ylabel="$l\\,(1-c^l)$")
    legend_below(figure, ax, 3)
    return figure


def depth_scales(tables: Tables) -> Figure:
    """Decay in the ordered phase, and depth scales against chi_1."""
    fits, paths = tables["depth_scales"], tables["trajectories"]
    figure, (left, right) = panels(1, 2, PAGE, 2.7)
    groups = list(paths[paths["quantity"] == "c"].groupby("sigma_w"))
    shades = gradation(len(groups))
    for (w, group), shade in zip(groups, shades, strict=False):
        left.plot(group["layer"], group["deviation"], color=shade, label=f"$\\sigma_w={w:g}$")
        late = group[group["deviation"] < 1e-3]
        if len(late):
            first = late.iloc[0]
            law = first["deviation"] * np.exp(-(late["layer"] - first["layer"]) / first["scale"])
            left.plot(late["layer"], law, "k--", lw=0.8)
    left.set(yscale="log", xlabel="layer $l$", ylabel="$1-c^l$", xlim=(0, 215), ylim=(1e-14, 1))
    left.legend(loc="upper right")
    for quantity, shape, text in (("c", "o", r"\varepsilon_c"), ("q", "s", r"\varepsilon_q")):
        part = fits[fits["quantity"] == quantity]
        right.plot(part["chi1"], part["predicted"], shape, mfc="none", mec="k", ms=7,
                   label=f"${text}$ predicted")  # fmt: skip
        right.plot(part["chi1"], part["fitted"], shape, ms=3, label=f"${text}$ fitted")
    chi = np.linspace(0.3, 0.985, 200)
    right.plot(chi, -1 / np.log(chi), color="0.6", lw=0.8, zorder=0, label=r"$-1/\log\chi_1$")
    right.axvline(1, color="k", lw=0.8)
    right.set(yscale="log", xlabel=r"$\chi_1$", ylabel="depth scale (layers)")
    right.legend()
    return figure


def chaos(tables: Tables) -> Figure:
    """The limit of c in the chaotic phase, and how fast inputs decorrelate."""
    limits, layers = tables["chaotic"], tables["decorrelation"]
    figure, (left, right) = panels(1, 2, PAGE, 2.6)
    palette = sns.color_palette("colorblind")
    for (w, group), c in zip(limits.groupby("sigma_w"), palette, strict=False):
        text = f"$\\sigma_w={w:g}$, $\\chi_1={group['chi1'].iloc[0]:.3f}$"
        left.plot(group["start"], group["limit"], "o-", color=c, ms=4, label=text)
    left.set(xscale="log", xlabel="$1-c^1$", ylabel=r"$1-c^l$, $l=2000$", ylim=(0, 1.05))
    for (_w, group), c in zip(layers.groupby("sigma_w"), palette, strict=False):
        x = group["epsilon"].to_numpy()
        right.plot(x, group["layers"], "o", color=c, ms=4)
        slope = 2 / math.log(group["chi1"].iloc[0])
        offset = (group["layers"] - slope * np.log(1 / group["epsilon"])).mean()
        right.plot(x, slope * np.log(1 / x) + offset, color=c, lw=1)
    right.set(xscale="log", xlabel=r"distance $\varepsilon$", ylabel="layers to decorrelate")
    left.legend(loc="center left")
    return figure


def lemma1(tables: Tables) -> Figure:
    """How far f_l is from f by layer: on a grid, at most, and along the full recursion."""
    rows = tables["lemma1"]
    figure, (left, right) = panels(1, 2, PAGE, 2.8, sharey=True)
    main = rows["activation"] == rows["activation"].iloc[0]
    groups = list(rows[main].groupby("sigma_w"))
    for (w, group), shade in zip(groups, gradation(len(groups), 0.9), strict=False):
        _distances(left, group, f"$\\sigma_w={w:g}$", shade)
    for name, group in rows[~main].groupby("activation", sort=False):
        _distances(right, group, label(name), colour(name))
    left.set(yscale="log", ylim=(1e-14, 3), xlabel="layer $l$", ylabel=r"$|f_l-f|$")
    left.set(title=label(rows["activation"].iloc[0]))
    right.set(xlabel="layer $l$", title="others")
    for ax in (left, right):
        ax.legend()
    return figure


def _distances(ax: Any, group: Any, text: str, shade: Any) -> None:
    """Three distances of one activation and sigma_w."""
    shown = group[np.isfinite(group["sup"])]
    ax.plot(group["layer"], np.maximum(group["gap"], 1e-17), color=shade, lw=1, label=text)
    ax.plot(shown["layer"], np.maximum(shown["bound"], 1e-17), "_", color=shade, ms=7)
    ax.plot(shown["layer"], np.maximum(shown["sup"], 1e-17), "o", color=shade, ms=3)


def near_edge(tables: Tables) -> Figure:
    """1 - c by layer close to the edge, and depth scales against the distance from it."""
    paths, rows = tables["near_edge_paths"], tables["near_edge"].sort_values("ratio")
    figure, (left, right) = panels(1, 2, PAGE, 2.8)
    ratios = sorted(paths["ratio"].unique())
    for ratio, shade in zip(ratios, sns.color_palette("coolwarm", len(ratios)), strict=True):
        group = paths[paths["ratio"] == ratio]
        on = ratio == 1.0
        left.plot(group["layer"], group["gamma"], color="k" if on else shade, zorder=3 if on else 2,
                  label="edge" if on else f"{ratio:.2f}")  # fmt: skip
    left.axvline(40, color="0.5", ls=":", lw=0.8)
    left.set(xscale="log", yscale="log", ylim=(1e-3, 1.3), xlabel="layer $l$", ylabel="$1-c^l$")
    left.legend(ncols=2, title=r"$\sigma_w$ over the edge's", title_fontsize=7)
    for side, shade in ((rows[rows["ratio"] < 1], "C0"), (rows[rows["ratio"] > 1], "C3")):
        right.plot(side["ratio"], side["scale"], "o-", ms=4, color=shade)
    above = rows[rows["ratio"] > 1]
    right.plot(above["ratio"], above["to_limit"], "o", ms=5, mfc="none", color="C3")
    right.axhline(40, color="0.5", ls=":", lw=0.8)
    right.set(ylim=(0, 80), xlabel=r"$\sigma_w$ over the edge's", ylabel="depth scale, layers")
    return figure


def negative_pairs(tables: Tables) -> Figure:
    """1 - c from opposite and from orthogonal inputs, and the layers that the former are behind."""
    paths, rows = tables["negative_paths"], tables["negative_pairs"]
    figure, (left, right) = panels(1, 2, PAGE, 3.0)
    sigma_bs = sorted(paths["sigma_b"].unique())
    for b, shade in zip(sigma_bs, gradation(len(sigma_bs)), strict=False):
        for start, dash in ((2.0, "-"), (1.0, "--")):
            group = paths[(paths["sigma_b"] == b) & (paths["start"] == start)]
            left.plot(group["layer"], group["gamma"], dash, color=shade,
                      label=f"$\\sigma_b={b:g}$" if start == 2 else None)  # fmt: skip
        law = group[group["predicted"] < 1]
        left.plot(law["layer"], law["predicted"], ":", color="k", lw=0.8, zorder=4)
    left.set(xscale="log", yscale="log", xlabel="layer $l$", ylabel="$1-c^l$",
             title=label(paths["activation"].iloc[0]))  # fmt: skip
    left.legend()
    for name, group in rows.groupby("activation", sort=False):
        product = group["layers"] * group["at_zero"]
        right.errorbar(group["at_zero"], product, yerr=[group["at_zero"], 0 * product], ms=4,
                       lw=0.8, fmt=marker(name), color=colour(name), label=label(name))  # fmt: skip
    for height in (1 / 2, 1 / 3 + 4 / 9 * math.log(2), math.log(2)):
        right.axhline(height, color="0.4", lw=0.8)
    right.set(xscale="log", ylim=(0.2, 0.9), xlabel="$f(0)$")
    right.set(ylabel=r"layers to $c\geq 0$, times $f(0)$")
    right.legend(ncols=2)
    return figure


def variance(tables: Tables) -> Figure:
    """Variance of three inputs by layer, for Tanh and ReLU."""
    rows = tables["variance"]
    figure, (ax,) = panels(1, 1, COLUMN, 2.5)
    for name, dash in (("tanh", "-"), ("relu", "--")):
        for i, group in rows[rows["activation"] == name].groupby("input"):
            ax.plot(group["layer"], group["q"], dash, color=colour(name), marker=marker(name),
                    ms=2.5, label=label(name) if i == 0 else None)  # fmt: skip
    b, w = rows["sigma_b"].iloc[0], rows["sigma_w"].iloc[0]
    ax.set(xlabel="layer $l$", ylabel="$q^l$", xlim=(0.5, 15),
           title=f"$(\\sigma_b,\\sigma_w)=({b:g},{w:g})$")  # fmt: skip
    ax.legend()
    return figure


def constants(tables: Tables) -> Figure:
    """M_phi and C_phi of every activation."""
    rows = tables["constants"]
    figure, (ax,) = panels(1, 1, COLUMN, 3.4)
    part = rows[rows["constant"].isin(["M_phi", "C_phi"])].pivot(
        index="activation", columns="constant", values="value"
    )
    part = part.sort_values("M_phi")
    y = np.arange(len(part))
    ax.plot(part["M_phi"], y, "o", label=r"$M_\phi$", ms=5)
    ax.plot(part["C_phi"], y, "D", label=r"$C_\phi$", ms=3)
    if "relu" in part.index:
        ax.plot(2, list(part.index).index("relu"), "x", color="k", label="printed $M$ of ReLU")
    ax.set_yticks(y, [label(n) for n in part.index])
    ax.set(xlabel="constant", xlim=(0, None))
    ax.legend(loc="lower right")
    return figure


def slope_decay(tables: Tables) -> Figure:
    """The exponent beta of every activation, with its error."""
    rows = tables["constants"]
    part = rows[rows["constant"] == "beta"].sort_values("value")
    figure, (ax,) = panels(1, 1, COLUMN, 3.2)
    y = np.arange(len(part))
    ax.errorbar(part["value"], y, xerr=part["error"], fmt="o", ms=4)
    ax.axvspan(0.005, 0.995, color="0.9", zorder=0)
    ax.annotate(r"$0<\beta<1$", (0.75, 0.5), fontsize=8)
    ax.set_yticks(y, [label(n) for n in part["activation"]])
    ax.set(xlabel=r"$\beta$ in $E[\phi'(xZ)^2]\sim|x|^{-2\beta}$", xlim=(-0.05, 1.05))
    return figure


def prior_kernel(tables: Tables) -> Figure:
    """1 - c^L against the depth L: several activations beside the ReLU-like, and Swish."""
    rows = tables["prior_kernel"]
    rows = rows[
        np.isclose(rows["sigma_b"], 0.2) | (rows["sigma_b"] == 0) | (rows["activation"] == "swish")
    ]
    relu, swish = truth(rows["relu_like"]), rows["activation"] == "swish"
    figure, (left, right) = panels(1, 2, PAGE, 3.0, sharey=True)
    greys = gradation(int(rows[relu]["activation"].nunique()))
    for ax in (left, right):
        for (name, group), grey in zip(
            rows[relu].groupby("activation", sort=False), greys, strict=False
        ):
            ax.plot(group["depth"], group["gamma"], "--", color=grey, lw=1.0,
                    label=label(name).replace("relu_like", "") if ax is left else None)  # fmt: skip
    for name, group in rows[~relu & ~swish].groupby("activation", sort=False):
        left.plot(group["depth"], group["gamma"], marker=marker(name), ms=3.5, color=colour(name),
                  label=label(name))  # fmt: skip
    for i, place in enumerate(("printed", "chi1", "stable", "he")):
        for start, style in (("q", "-"), ("q/2", ":")):
            group = rows[swish & (rows["place"] == place) & (rows["start"] == start)]
            if len(group):
                more = "" if start == "q" else ", $q^1=q/2$"
                right.plot(group["depth"], group["gamma"], style, marker="osD^"[i], ms=3.5,
                           color=f"C{i}", label=PLACE_LABELS[place] + more)  # fmt: skip
    for ax in (left, right):
        ax.set(xscale="log", yscale="log", xlabel="depth $L$", ylim=(2e-5, 2))
        ax.legend(fontsize=6)
    left.set_ylabel("$1-c^L$")
    right.set_title("Swish")
    return figure


def input_scaling(tables: Tables) -> Figure:
    """Variances of MNIST's images over q by layer, by protocol, at each point."""
    rows = tables["input_scaling"]
    points = list(dict.fromkeys(zip(rows["activation"], rows["place"], strict=True)))
    count = (len(points) + 1) // 2
    figure, axes = panels(2, count, PAGE, 3.8, sharex=True, sharey=True)
    protocols = {"every": r"every $q^1\leq q$", "mean": "mean $q^1=q$", "root": r"times $\sqrt{q}$"}
    for ax, (name, place) in zip(axes, points, strict=False):
        mine = rows[(rows["activation"] == name) & (rows["place"] == place)]
        for i, (protocol, text) in enumerate(protocols.items()):
            group = mine[mine["inputs"] == protocol]
            low, median, high = (
                (group[column] / group["q"]).clip(1e-3, 1e3) for column in ("low", "median", "high")
            )
            ax.fill_between(group["layer"], low, high, color=f"C{i}", alpha=0.2, lw=0)
            ax.plot(group["layer"], median, "o-", ms=2.5, color=f"C{i}", label=text)
        ax.axhline(1.0, color="0.5", lw=0.7)
        ax.set(yscale="log", ylim=(0.05, 50), title=f"{label(name)}, {PLACE_LABELS[place]}")
    for ax in axes[len(points) :]:
        ax.axis("off")
    for ax in axes[-count:]:
        ax.set_xlabel("layer $l$")
    for ax in axes[::count]:
        ax.set_ylabel("$q^l/q$")
    legend_below(figure, axes[0], 3)
    return figure


def kernel_accuracy(tables: Tables) -> Figure:
    """Test accuracy against depth: a row a kernel, a column a noise, a line a point."""
    rows = tables["kernel_accuracy"]
    kernels, noises = list(dict.fromkeys(rows["kernel"])), sorted(set(rows["noise"]))
    shape = len(kernels), len(noises)
    figure, axes = panels(*shape, PAGE, 0.7 + 2.0 * shape[0], sharex=True, sharey=True)
    for ax, (kernel, noise) in zip(axes, product(kernels, noises), strict=True):
        here = rows[(rows["kernel"] == kernel) & (rows["noise"] == noise)]
        for (name, place), group in here.groupby(["activation", "place"], sort=False):
            by_depth = group.groupby("depth")["accuracy"]
            middle = by_depth.median()
            ends = [
                np.clip(quantile_bounds(values, LEVEL / 2), values.min(), values.max())
                for _, values in by_depth
            ]
            low, high = np.transpose(ends)
            dash = ":" if place == "ordered" else "-"
            ax.errorbar(middle.index, middle, (middle - low, high - middle), marker=marker(name),
                        ls=dash, ms=3, lw=1, capsize=2, color=colour(name),
                        label=f"{label(name)}, {PLACE_LABELS[place]}")  # fmt: skip
        ax.axhline(CHANCE, color="0.6", ls=":", lw=0.8)
        ax.set(xscale="log", ylim=(0, 1), title=f"{kernel.upper()}, noise {100 * noise:g} %")
    depths = sorted(set(rows["depth"]))
    for ax in axes[-shape[1] :]:
        ax.set_xlabel("depth $L$")
        if len(depths) < 10:
            ax.set_xticks(depths, [f"{depth:g}" for depth in depths])
            ax.minorticks_off()
    for ax in axes[:: shape[1]]:
        ax.set_ylabel("test accuracy")
    legend_below(figure, axes[0], 4)
    return figure
