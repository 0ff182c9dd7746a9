"""What ``--plot`` draws of edges, phases and layers, in the look of :mod:`..figures.style`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.ndimage import distance_transform_edt

from edgeofchaos.activations import Activation
from edgeofchaos.figures.style import PAGE, by_stability, colour, gradation, label, panels
from edgeofchaos.theory.correlation import correlation_map
from edgeofchaos.theory.edge import EdgePoint, edge_curve
from edgeofchaos.theory.recursion import complement_trajectory, log_spaced_layers

_ORTHOGONAL = 1.0  # 1 - c of orthogonal inputs
_UNSTABLE = "dashed: unstable"
_OTHERS = (0.05, 0.2, 0.5, 1.0, 2.0)  # sigma_b of edge points beside the recommended one


def edge_points(points: Sequence[EdgePoint], curves: Sequence[EdgePoint]) -> Figure:
    """sigma_w over sigma_b on the edge, and the points on it that were asked for."""
    figure, (ax,) = panels(1, 1, 4.5, 3.0)
    _curves(ax, curves, "sigma_w")
    known = [p for p in points if p.status != "none"]
    for p in known:
        ax.plot(p.sigma_b, p.sigma_w, "o", color=colour(p.activation), clip_on=False, zorder=5)
    if len(known) == 1:
        p = known[0]
        told = rf"$(\sigma_b, \sigma_w) = ({p.sigma_b:.4g}, {p.sigma_w:.4g})$"
        ax.annotate(told, (p.sigma_b, p.sigma_w), (7, -11), textcoords="offset points", fontsize=8)
    ax.set(xlabel=r"$\sigma_b$", ylabel=r"$\sigma_w$", title="Edge of chaos")
    _legend(ax, curves)
    return figure


def edge_curves(points: Sequence[EdgePoint]) -> Figure:
    """sigma_w and q on the edge over sigma_b."""
    figure, axes = panels(1, 2, PAGE, 3.0)
    for ax, column, name in zip(axes, ("sigma_w", "q"), (r"$\sigma_w$", "$q$"), strict=True):
        _curves(ax, points, column)
        ax.set(xlabel=r"$\sigma_b$", ylabel=name)
    if all(p.q > 0 for p in points if p.status != "none"):
        axes[1].set_yscale("log")
    _legend(axes[0], points)
    return figure


def _curves(ax: Axes, points: Sequence[EdgePoint], column: str) -> None:
    for name, group in groupby(points, lambda p: p.activation):
        found = [p.as_dict() for p in group if p.status != "none"]
        if len(found) == 1:
            at = found[0]
            ax.plot(at["sigma_b"], at[column], "o", color=colour(name), label=label(name),
                    clip_on=False)  # fmt: skip
        elif found:
            by_stability(ax, pd.DataFrame(found), "sigma_b", column, name)


def _legend(ax: Axes, points: Sequence[EdgePoint]) -> None:
    if not ax.get_legend_handles_labels()[0]:
        ax.text(0.5, 0.5, "no edge of chaos here", ha="center", transform=ax.transAxes)
        return
    unstable = any(p.status == "unstable" for p in points)
    ax.legend(title=_UNSTABLE if unstable else None, title_fontsize=7)


def phase_diagram(rows: Sequence[Mapping[str, Any]], edge: Sequence[EdgePoint]) -> Figure:
    """chi_1 over the grid, the edge, and the names of the phases in the middle of each."""
    frame = pd.DataFrame(rows)
    grid = frame.pivot(index="sigma_w", columns="sigma_b", values="chi1")
    name = rows[0]["activation"]
    figure, (ax,) = panels(1, 1, 4.5, 3.4)
    ax.set_facecolor("0.8")
    image = ax.pcolormesh(
        grid.columns, grid.index, np.ma.masked_invalid(grid.to_numpy()), cmap="PuOr_r",
        norm=TwoSlopeNorm(1.0, 0.0, 2.0), shading="nearest", rasterized=True,
    )  # fmt: skip
    on = [p.as_dict() for p in edge if p.status != "none"]
    if len(on) == 1:
        only = on[0]["sigma_b"], on[0]["sigma_w"]
        ax.plot(*only, "ko", clip_on=False, zorder=5, label="edge of chaos")
        ax.legend()
    elif on:
        by_stability(ax, pd.DataFrame(on), "sigma_b", "sigma_w", name, color="k")
        told = {"-": "edge of chaos", "--": "edge, unstable"}
        shown = {told[str(line.get_linestyle())]: line for line in ax.get_lines()}
        figure.legend(shown.values(), shown, loc="outside lower center", ncols=2)
    for phase in ("ordered", "chaotic", "divergent"):
        if (at := _middle(frame, phase)) is not None:
            box = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 2}
            ax.text(*at, phase, ha="center", va="center", fontsize=9, bbox=box)
    ax.set(
        title=label(name), xlabel=r"$\sigma_b$", ylabel=r"$\sigma_w$",
        xlim=(grid.columns.min(), grid.columns.max()), ylim=(grid.index.min(), grid.index.max()),
    )  # fmt: skip
    ax.grid(False)
    bar = figure.colorbar(image, ax=ax, label=r"$\chi_1$", extend="max")
    bar.set_ticks([0, 0.5, 1, 1.5, 2])
    return figure


def _middle(frame: pd.DataFrame, phase: str) -> tuple[float, float] | None:
    """The point of the grid that is farthest from every other phase and from the rim, if it is."""
    b, w = (np.unique(frame[c]) for c in ("sigma_b", "sigma_w"))
    inside = (frame["phase"] == phase).to_numpy().reshape(len(b), len(w))
    framed = np.pad(inside, 1)
    far = distance_transform_edt(framed)[1:-1, 1:-1]
    i, j = np.unravel_index(int(np.argmax(far)), far.shape)
    return (float(b[i]), float(w[j])) if far[i, j] > max(len(b), len(w)) / 20 else None


def recommendation(phi: Activation, point: EdgePoint, depth: int) -> Figure:
    """1 - c over the layers at the recommended point, beside other stable points of the edge."""
    figure, (ax,) = panels(1, 1, 4.5, 3.2)
    layers = log_spaced_layers(max(depth, 2))
    others = [p for p in edge_curve(phi, _OTHERS) if p.stable]
    for p, shade in zip(others, gradation(len(others)), strict=False):
        gamma = complement_trajectory(correlation_map(phi, p), _ORTHOGONAL, layers)
        ax.plot(layers, gamma, color=shade, lw=1, label=rf"$\sigma_b={p.sigma_b:g}$")
    gamma = complement_trajectory(correlation_map(phi, point), _ORTHOGONAL, layers)
    told = rf"$\sigma_b={point.sigma_b:.4g}$, $\sigma_w={point.sigma_w:.4g}$"
    ax.plot(layers, gamma, color="k", lw=2.5, label=f"recommended: {told}")
    ax.set(xscale="log", yscale="log", xlabel="layer $l$", ylabel="$1-c^l$ of orthogonal inputs",
           title=f"{label(phi.name)}, {depth} layers, on the edge")  # fmt: skip
    ax.legend()
    return figure


def comparison(phis: Sequence[Activation], points: Sequence[EdgePoint], depth: int) -> Figure:
    """1 - c over the layers at each activation's edge point."""
    figure, (ax,) = panels(1, 1, 4.5, 3.2)
    layers = log_spaced_layers(max(depth, 2))
    for phi, p in zip(phis, points, strict=True):
        if p.status != "none":
            gamma = complement_trajectory(correlation_map(phi, p), _ORTHOGONAL, layers)
            told = rf"{label(phi.name)}, $\sigma_b={p.sigma_b:g}$"
            ax.plot(layers, gamma, color=colour(phi.name), label=told,
                    ls="solid" if p.stable else "dashed")  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="layer $l$", ylabel="$1-c^l$ of orthogonal inputs",
           title="How fast inputs come to look alike on the edge")  # fmt: skip
    _legend(ax, points)
    return figure


def simulation(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """q and 1 - c of simulated nets, with their intervals, beside the theory."""
    frame, first = pd.DataFrame(rows), rows[0]
    shade = colour(first["activation"])
    figure, axes = panels(1, 2, PAGE, 3.0)
    names = ("$q^l$", "$1-c^l$")
    for ax, column, name in zip(axes, ("q", "one_minus_c"), names, strict=True):
        low = frame[f"{column}_low"].clip(lower=np.finfo(float).tiny)
        ax.fill_between(frame["layer"], low, frame[f"{column}_high"], color=shade, alpha=0.3, lw=0)
        ax.plot(frame["layer"], frame[column], ".", color=shade, label="nets, with 95 % interval")
        ax.plot(frame["layer"], frame[f"{column}_theory"], color="k", lw=1, label="infinite width")
        values = frame[[column, f"{column}_theory"]].to_numpy()
        if values.min() > 0 and values.max() > 5 * values.min():
            ax.set_yscale("log")
            ax.set_ylim(values.min() / 2, values.max() * 2)
        else:
            ax.set_ylim(bottom=0)
        ax.set(xlabel="layer $l$", ylabel=name)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0].legend()
    figure.suptitle(
        rf"{label(first['activation'])}, $\sigma_b={first['sigma_b']:.4g}$, "
        rf"$\sigma_w={first['sigma_w']:.4g}$: {first['nets']} nets, {first['width']} wide",
        fontsize=9,
    )
    return figure
