"""One look for all figures: column width, colour-blind safe colours, the paper's symbols."""

from __future__ import annotations

from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from edgeofchaos.activations import names
from edgeofchaos.builtins import BUILTINS
from edgeofchaos.support.columns import truth

COLUMN, PAGE = 3.5, 7.2  # inches
_DASHES = "dashed"
# The places of experiments/inits.py as people write them.
PLACE_LABELS = {
    "edge": "edge", "printed": "printed", "chi1": r"$\chi_1=1$", "stable": "stable", "he": "He",
    "ordered": "ordered", "chaotic": "chaotic",
}  # fmt: skip

_ORDER = names()
_MARKERS = "osD^v<>Phd*X"


def setup() -> None:
    """Set the theme. Fonts are embedded, and nothing depends on the date or on hash order."""
    sns.set_theme(context="paper", style="ticks", palette="colorblind", font_scale=0.95)
    plt.rcParams.update({
        "figure.dpi": 100, "savefig.dpi": 220, "pdf.fonttype": 42, "svg.hashsalt": "edgeofchaos",
        "axes.grid": True, "grid.alpha": 0.25, "grid.linewidth": 0.5, "lines.linewidth": 1.3,
        "legend.frameon": False, "legend.fontsize": 7, "axes.titlesize": 9, "axes.labelsize": 9,
        "xtick.labelsize": 8, "ytick.labelsize": 8, "figure.constrained_layout.use": True,
        "axes.spines.top": False, "axes.spines.right": False,
    })  # fmt: skip


def label(name: str) -> str:
    """An activation's name as people write it."""
    return BUILTINS[name].label if name in BUILTINS else name


def colour(name: str) -> tuple[float, float, float]:
    """One colour an activation, the same in every figure; darker shades from the tenth on."""
    shades = [*sns.color_palette("colorblind", 9), *sns.color_palette("dark", 7)]
    return shades[_index(name) % len(shades)]


def marker(name: str) -> str:
    """One marker an activation, for those whose colours are close."""
    return _MARKERS[_index(name) % len(_MARKERS)]


def _index(name: str) -> int:
    # Activations that often share a figure get the first colours, which are the most distinct.
    first = ["relu", "swish", "tanh", "elu", "selu", "hardtanh", "gelu", "mish", "arctan"]
    order = first + [n for n in _ORDER if n not in first]
    return order.index(name) if name in order else sum(map(ord, name))


def gradation(count: int, end: float = 0.85) -> np.ndarray:
    """Colours for ``count`` steps of one quantity, (max(count, 2), 4), from dark to light."""
    return plt.get_cmap("viridis")(np.linspace(0, end, max(count, 2)))


def panels(
    rows: int, columns: int, width: float, height: float, **kwargs: Any
) -> tuple[Figure, list[Axes]]:
    """A figure of this size in inches, and its grid of axes row by row as one list."""
    figure, axes = plt.subplots(rows, columns, figsize=(width, height), squeeze=False, **kwargs)
    return figure, list(axes.ravel())


def legend_below(figure: Figure, ax: Axes, columns: int) -> None:
    """One legend for the whole figure, below it, of what ``ax`` shows."""
    handles, texts = ax.get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside lower center", ncols=columns)


def legend_of_all(figure: Figure, axes: list[Axes], columns: int) -> None:
    """One legend for the whole figure, below it, of what any of the axes shows."""
    shown = [pair for ax in axes for pair in zip(*ax.get_legend_handles_labels(), strict=True)]
    by_text = {text: handle for handle, text in reversed(shown)}
    texts = list(reversed(by_text))
    handles = [by_text[text] for text in texts]
    figure.legend(handles, texts, loc="outside lower center", ncols=columns)


def by_stability(ax: Axes, frame: Any, x: str, y: str, name: str, **kwargs: Any) -> None:
    """Column y against x, solid where the column ``stable`` is true and dashed where it is not."""
    stable = truth(frame["stable"]).to_numpy()
    xs, ys = frame[x].to_numpy(), frame[y].to_numpy()
    style = {"color": colour(name), **kwargs}
    start, shown = 0, False
    for i in range(1, len(xs) + 1):
        if i == len(xs) or stable[i] != stable[start]:
            end = min(i + 1, len(xs))  # join the pieces
            line = "solid" if stable[start] else _DASHES
            text = None if shown else label(name)
            ax.plot(xs[start:end], ys[start:end], linestyle=line, label=text, **style)
            start, shown = i, True
