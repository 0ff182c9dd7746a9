"""One look for all figures: column width, colour-blind safe colours, the paper's symbols."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import seaborn as sns

from edgeofchaos.activations import BUILTINS, names

COLUMN, PAGE = 3.5, 7.2  # inches
_DASHES = "dashed"

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


def colour(name: str):
    """One colour an activation, the same in every figure; darker shades from the tenth on."""
    shades = [*sns.color_palette("colorblind", 9), *sns.color_palette("dark", 7)]
    return shades[_index(name) % len(shades)]


def marker(name: str) -> str:
    """One marker an activation, for those whose colours are close."""
    return _MARKERS[_index(name) % len(_MARKERS)]


def _index(name: str) -> int:
    # Those that share most figures get the first, most distinct colours.
    first = ["relu", "swish", "tanh", "elu", "selu", "hardtanh", "gelu", "mish", "arctan"]
    order = first + [n for n in _ORDER if n not in first]
    return order.index(name) if name in order else sum(map(ord, name))


def panels(rows: int, columns: int, width: float, height: float, **kwargs):
    """A figure with a grid of axes, always a flat list."""
    figure, axes = plt.subplots(rows, columns, figsize=(width, height), squeeze=False, **kwargs)
    return figure, list(axes.ravel())


def by_stability(ax, frame, x: str, y: str, name: str, **kwargs) -> None:
    """A curve, solid where the column ``stable`` is true and dashed where it is not."""
    stable = frame["stable"].astype(str).str.lower().eq("true").to_numpy()
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
