"""Figures of the edge, of the maps on it, and of what happens where it is unstable."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from edgeofchaos.figures.catalogue import Tables
from edgeofchaos.figures.style import (
    COLUMN,
    PAGE,
    by_stability,
    colour,
    gradation,
    label,
    legend_below,
    marker,
    panels,
)
from edgeofchaos.support.columns import truth

DRAWN = ("relu", "tanh", "swish", "elu")


def phase_diagram(tables: Tables) -> Figure:
    """chi_1 at the limiting variance over (sigma_b, sigma_w), with the edge."""
    diagram, edge, folds = tables["phase_diagram"], tables["edge"], tables["folds"]
    names = [n for n in DRAWN if n in set(diagram["activation"])]
    figure, axes = panels(1, len(names) + 1, PAGE, 2.2, width_ratios=[*[1] * len(names), 1.25])
    norm = TwoSlopeNorm(1.0, 0.0, 2.0)
    for ax, name in zip(axes[:-1], names, strict=True):
        grid = diagram[diagram["activation"] == name].pivot(
            index="sigma_w", columns="sigma_b", values="chi1"
        )
        ax.set_facecolor("0.8")
        image = ax.pcolormesh(
            grid.columns, grid.index, np.ma.masked_invalid(grid.to_numpy()), norm=norm,
            cmap="PuOr_r", shading="nearest", rasterized=True,
        )  # fmt: skip
        points = edge[(edge["activation"] == name) & (edge["sigma_b"] <= grid.columns.max())]
        if (points["status"] == "singleton").any():
            at = points[points["status"] == "singleton"]
            ax.plot(at["sigma_b"], at["sigma_w"], "ko", clip_on=False, zorder=5, ms=4)
        on = points[points["status"].isin(["ok", "unstable"])].sort_values("sigma_b")
        if len(on):
            by_stability(ax, on, "sigma_b", "sigma_w", name, color="k")
        fold = folds[(folds["activation"] == name) & np.isfinite(folds["sigma_w_fold"])]
        fold = fold[fold["sigma_b"] <= grid.columns.max()]
        if len(fold):
            ax.plot(fold["sigma_b"], fold["sigma_w_fold"], ":", color="0.25", lw=1)
        ax.set(title=label(name), xlabel=r"$\sigma_b$", ylim=(grid.index.min(), grid.index.max()))
        ax.grid(False)
    for ax in axes[1:-1]:
        ax.set_yticklabels([])
    axes[0].set_ylabel(r"$\sigma_w$")
    _window(axes[-1], tables["phase_window"], tables["windows"])
    bar = figure.colorbar(image, ax=axes, label=r"$\chi_1$", extend="max", shrink=0.9)
    bar.set_ticks([0, 0.5, 1, 1.5, 2])
    return figure


def _window(ax: Axes, rows: Any, ends: Any) -> None:
    """The plane near where the fold of F lies below divergence, with sigma_w^2 upwards."""
    name = rows["activation"].iloc[0]
    grid = rows.pivot(index="sigma_w", columns="sigma_b", values="chi1")
    ax.set_facecolor("0.8")
    ax.pcolormesh(
        grid.columns, grid.index**2, np.ma.masked_invalid(grid.to_numpy()),
        norm=TwoSlopeNorm(1.0, 0.9, 1.02), cmap="PuOr_r", shading="nearest", rasterized=True,
    )  # fmt: skip
    between = (
        ends.loc[ends["activation"] == name, ["sigma_b_from", "sigma_b_to"]].to_numpy().ravel()
    )
    for at in between:
        ax.axvline(at, color="k", lw=0.8)
    middle = between.mean() if between.size else float(rows["sigma_b"].median())
    column = rows[rows["sigma_b"] == grid.columns[np.abs(grid.columns - middle).argmin()]]
    for phase, part in column.groupby("phase"):
        height = (part["sigma_w"] ** 2).mean()
        ax.text(middle, height, str(phase), ha="center", va="center", fontsize=5.5)
    ax.set(
        title=rf"{label(name)}, $\chi_1$ 0.9 to 1.02", xlabel=r"$\sigma_b$", ylabel=r"$\sigma_w^2$"
    )
    ax.grid(False)


def counterexamples(tables: Tables) -> Figure:
    """sup|f - x| of an oscillating phi as q -> 0, and chi_1 of a bounded one across its fold."""
    points, folds = tables["oscillating"], tables["bounded_folds"]
    figure, (left, right) = panels(1, 2, PAGE, 2.5)
    left.plot(points["q"], points["identity_distance"], "o-", ms=3)
    left.axhline(1 / 9, color="k", ls=":", lw=1)
    left.set(xscale="log", xlabel="$q$", ylabel=r"$\sup_{[0,1]}|f(x)-x|$", ylim=(0, 0.15))
    right.plot(folds["sigma_b"], folds["chi1_fold"], "o-", ms=3, label="just below the fold")
    right.plot(folds["sigma_b"], folds["chi1_after"], "s-", ms=3, label="just beyond it")
    right.axhline(1, color="k", lw=0.8)
    right.set(xlabel=r"$\sigma_b$", ylabel=r"$\chi_1$ at the limiting variance")
    right.legend()
    return figure


def edge_curves(tables: Tables) -> Figure:
    """sigma_w, q and alpha along every edge curve."""
    edge, threshold = tables["edge"], tables["threshold"]
    edge = edge[edge["status"].isin(["ok", "unstable"]) & (edge["sigma_b"] > 0)]
    figure, axes = panels(1, 3, PAGE, 3.3)
    shown = [n for n in dict.fromkeys(edge["activation"]) if n != "sigmoid"]
    for name in shown:
        curve = edge[edge["activation"] == name].sort_values("sigma_b")
        for ax, column in zip(axes, ("sigma_w", "q", "alpha"), strict=True):
            by_stability(ax, curve, "sigma_b", column, name, marker=marker(name), ms=2.5)
            at = threshold[threshold["activation"] == name]
            ax.plot(at["sigma_b"], at[column], "o", color="k", ms=4, zorder=4)
    axes[0].set(ylabel=r"$\sigma_w$", xscale="log")
    axes[1].set(ylabel="$q$", xscale="log", yscale="log")
    axes[2].set(ylabel=r"$\alpha = F'(q)$", xscale="log", ylim=(0, 1.2))
    axes[2].axhline(1, color="k", lw=0.8)
    for ax in axes:
        ax.set_xlabel(r"$\sigma_b$")
    legend_below(figure, axes[0], 5)
    return figure


def variance_map(tables: Tables) -> Figure:
    """F(x) - x for Swish and Tanh, with all fixed points, and F itself in an inset."""
    maps, fixed = tables["variance_maps"], tables["fixed_points"]
    figure, axes = panels(1, 2, PAGE, 2.6)
    for ax, name in zip(axes, ("swish", "tanh"), strict=True):
        rows = maps[maps["activation"] == name]
        b = rows["sigma_b"].iloc[0]
        ax.plot(rows["x"], rows["F"] - rows["x"], color=colour(name))
        ax.axhline(0, color="k", lw=0.8)
        inset = ax.inset_axes(
            (0.1, 0.56, 0.36, 0.36) if name == "swish" else (0.1, 0.12, 0.4, 0.42)
        )
        inset.plot(rows["x"], rows["x"], color="0.5", lw=0.8)
        inset.plot(rows["x"], rows["F"], color=colour(name), lw=1)
        inset.tick_params(labelsize=6)
        inset.set_title("$F(x)$ and $x$", fontsize=6.5, pad=2)
        points = fixed[(fixed["activation"] == name) & np.isclose(fixed["sigma_b"], b)]
        points = points.assign(attracts=truth(points["attracts"]))
        for _, p in points.iterrows():
            face = colour(name) if p["attracts"] else "white"
            for axis, y in ((ax, 0.0), (inset, p["x"])):
                axis.plot(p["x"], y, "o", ms=5 if axis is ax else 3.5, mfc=face,
                          mec=colour(name), zorder=5)  # fmt: skip
            ax.annotate(
                f"$x={p['x']:.3f}$\n$F'={p['alpha']:.3f}$\n$\\chi_1={p['chi1']:.3f}$",
                (p["x"], 0), textcoords="offset points", fontsize=6.5,
                xytext=(3, -6) if name == "swish" else (8, 4),
                va="top" if name == "swish" else "bottom",
            )  # fmt: skip
        w = rows["sigma_w"].iloc[0]
        ax.set(title=f"{label(name)}, $\\sigma_b={b:g}$, $\\sigma_w={w:.4f}$", xlabel="$x$")
        ax.set_ylabel("$F(x)-x$")
    low, high = axes[0].get_ylim()
    axes[0].set_ylim(min(low, -0.6 * high), high)
    axes[1].set_ylim(top=0.25)
    return figure


def printed_table(tables: Tables) -> Figure:
    """F(x) - x and q^l at the printed point of Swish, at chi_1 = 1 and at the stable point."""
    rows = tables["printed_maps"]
    figure, (left, right) = panels(1, 2, PAGE, 2.8)
    texts = {"printed": "printed", "chi1": r"$\chi_1=1$, $F(q)=q$", "stable": "stable"}
    palette = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    for (name, text), shade in zip(texts.items(), palette, strict=False):
        group = rows[rows["point"] == name]
        first = group.iloc[0]
        at = rf"{text} ($\sigma_b={first['sigma_b']:.3g}$, $\sigma_w={first['sigma_w']:.5g}$)"
        left.plot(group["x"] / group["q"], (group["F"] - group["x"]) / group["q"], color=shade)
        known = group[np.isfinite(group["q_l"]) & (group["q_l"] < 1e6 * group["q"])]
        right.plot(known["layer"], known["q_l"] / known["q"], color=shade, label=at)
    left.axhline(0, color="k", lw=0.8)
    left.set(xlabel="$x/q$", ylabel="$(F(x)-x)/q$", xlim=(0, 1.6), ylim=(-0.015, 0.045))
    right.set(xlabel="layer $l$", ylabel="$q^l/q$", yscale="log", ylim=(0.02, 100))
    legend_below(figure, right, 1)
    return figure


def departure(tables: Tables) -> Figure:
    """Layers until the variance has left an unstable edge point."""
    rows = tables["departure"]
    figure, (ax,) = panels(1, 1, COLUMN, 3.2)
    palette = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    for (b, group), c in zip(rows.groupby("sigma_b"), palette, strict=False):
        d = group["deviation"].abs()
        alpha = group["alpha"].iloc[0]
        order = np.argsort(d.to_numpy())
        ax.plot(d.to_numpy()[order], group["predicted"].to_numpy()[order], color=c, lw=1)
        for sign, shape, side in ((1, "^", "above"), (-1, "v", "below")):
            part = group[np.sign(group["deviation"]) == sign]
            ax.plot(part["deviation"].abs(), part["layers"], shape, color=c, ms=4,
                    label=f"$\\sigma_b={b:g}$, from {side} ($\\alpha={alpha:.4f}$)")  # fmt: skip
    ax.set(xscale="log", xlabel="relative deviation $d$ of $q^1$", ylabel="layers to leave $q$")
    ax.set_ylim(bottom=0)
    legend_below(figure, ax, 1)
    return figure


def swish_moments(tables: Tables) -> Figure:
    """E[phi'' phi] and f'' of Swish over q."""
    rows = tables["swish_moments"]
    figure, axes = panels(1, 2, PAGE, 2.4)
    left, right = axes
    left.plot(rows["q"], rows["curvature_phi"], color=colour("swish"), label="$E[\\phi''\\phi]$")
    left.plot(rows["q"], rows["alpha_minus_1"], color="k", ls="--",
              label="$\\alpha-1=\\sigma_w^2E[\\phi''\\phi]$")  # fmt: skip
    left.axhline(0.01, color="0.5", lw=0.8, ls=":", label="the paper's 0.01")
    left.set(xscale="log", xlabel="$q$", ylim=(0, None))
    right.plot(rows["q"], rows["f2_at_1"], color="k", label="$f''(1)$, the largest")
    right.plot(rows["q"], rows["least_f2"], color=colour("swish"), label="least $f''$ on $[0,1]$")
    right.set(xscale="log", xlabel="$q$", ylim=(0, None))
    for ax in axes:
        ax.legend()
    return figure


def _maps(ax: Axes, maps: Any, name: str) -> None:
    """f(c) - c of one activation, one line a sigma_b, from the table correlation_maps."""
    rows = maps[maps["activation"] == name]
    groups = list(rows.groupby("sigma_b"))
    shades = gradation(len(groups))
    for (b, group), shade in zip(groups, shades, strict=False):
        stable = truth(group["stable"]).iloc[0]
        ax.plot(group["c"], group["f"] - group["c"], color=shade, ls="-" if stable else "--",
                label=f"$\\sigma_b={b:g}$")  # fmt: skip
    ax.set(xlabel="$c$", ylabel="$f(c)-c$", xlim=(0, 1), ylim=(0, None))
    ax.legend()


def swish_identity(tables: Tables) -> Figure:
    """f(c) - c of Swish at several sigma_b."""
    figure, (ax,) = panels(1, 1, COLUMN, 2.6)
    _maps(ax, tables["correlation_maps"], "swish")
    return figure


def identity_distance(tables: Tables) -> Figure:
    """The largest |f(x) - x| along every edge curve."""
    rows, constants = tables["identity_distance"], tables["constants"]
    figure, (ax,) = panels(1, 1, COLUMN, 3.4)
    for name, group in rows[rows["sigma_b"] > 0].groupby("activation", sort=False):
        if name == "sigmoid":
            continue
        by_stability(ax, group.sort_values("sigma_b"), "sigma_b", "identity_distance", name,
                     marker=marker(name), markevery=4, ms=2.5)  # fmt: skip
    selu = constants[constants["activation"] == "selu"]
    for value in selu.loc[selu["constant"] == "identity_distance_at_zero", "value"]:
        ax.axhline(value, color=colour("selu"), ls=":", lw=1)
    ax.set(xscale="log", yscale="log", xlabel=r"$\sigma_b$", ylabel=r"$\sup_{[0,1]}|f(x)-x|$",
           ylim=(1e-5, 1))  # fmt: skip
    legend_below(figure, ax, 3)
    return figure


def elu(tables: Tables) -> Figure:
    """ELU's edge curve, variance map and correlation maps."""
    figure, axes = panels(1, 3, PAGE, 2.4)
    edge = tables["edge"]
    curve = edge[(edge["activation"] == "elu") & (edge["status"] == "ok")].sort_values("sigma_b")
    axes[0].plot(curve["sigma_b"], curve["sigma_w"], "-o", ms=2.5, color=colour("elu"))
    axes[0].set(xlabel=r"$\sigma_b$", ylabel=r"$\sigma_w$")
    twin = axes[0].twinx()
    twin.plot(curve["sigma_b"], curve["q"], "--s", ms=2.5, color="0.4")
    twin.set(ylabel="$q$ (dashed)", yscale="log")
    twin.grid(False)
    maps = tables["variance_maps"]
    rows = maps[maps["activation"] == "elu"]
    axes[1].plot(rows["x"], rows["F"], color=colour("elu"), label="$F(x)$")
    axes[1].plot(rows["x"], rows["x"], color="0.5", lw=0.8, label="$x$")
    axes[1].plot(rows["q"].iloc[0], rows["q"].iloc[0], "o", color=colour("elu"), ms=5)
    axes[1].set(xlabel="$x$", title=f"$\\sigma_b={rows['sigma_b'].iloc[0]:g}$")
    axes[1].legend()
    _maps(axes[2], tables["correlation_maps"], "elu")
    return figure


def hardtanh(tables: Tables) -> Figure:
    """Hard-Tanh and Tanh side by side."""
    figure, axes = panels(1, 4, PAGE, 2.2)
    for name, dash in (("hardtanh", "-"), ("tanh", "--")):
        kwargs: dict[str, Any] = {"ls": dash, "color": colour(name), "label": label(name)}
        edge = tables["edge"]
        curve = edge[(edge["activation"] == name) & (edge["status"] == "ok")].sort_values("sigma_b")
        axes[0].plot(curve["sigma_b"], curve["sigma_w"], **kwargs)
        maps = tables["correlation_maps"]
        rows = maps[(maps["activation"] == name) & np.isclose(maps["sigma_b"], 0.2)]
        axes[2].plot(rows["c"], rows["f"] - rows["c"], **kwargs)
        rates = tables["rates"]
        path = rates[(rates["activation"] == name) & (rates["start"] == 1.0)]
        axes[3].plot(path["layer"], path["gamma"], **kwargs)
    moments = tables["hardtanh"]
    axes[1].plot(moments["q"], moments["second"], color=colour("hardtanh"))
    axes[1].plot(moments["q"], moments["tanh_second"], "--", color=colour("tanh"))
    some = moments.iloc[:: max(1, len(moments) // 10)]
    axes[1].plot(some["q"], some["second_closed"], "o", ms=3, color="k", label="closed form")
    axes[0].set(xlabel=r"$\sigma_b$", ylabel=r"$\sigma_w$", title="edge")
    axes[1].set(xlabel="$q$", title=r"$E[\phi(\sqrt{q}Z)^2]$", xscale="log")
    axes[2].set(xlabel="$c$", title="$f(c)-c$")
    axes[3].set(xlabel="$l$", title="$1-c^l$", xscale="log", yscale="log")
    for ax in axes:
        ax.legend(fontsize=6)
    return figure
