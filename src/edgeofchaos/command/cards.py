"""What ``--plot`` draws of functions: the conditions that one meets, and all built-ins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from edgeofchaos.activations import Activation, activation
from edgeofchaos.builtins import BUILTINS
from edgeofchaos.figures.style import PAGE, colour, label, panels
from edgeofchaos.theory.conditions import Condition

_RANGE = 4.0  # of x, to either side of 0
_COLUMNS = 6
# Colours that are told apart without seeing red and green.
_ANSWERS = {True: ("yes", "C0", "o"), False: ("no", "C3", "X"), None: ("open", "0.6", "D")}
_SYMBOLS = {
    "phi": "φ", "sigma_b": r"$\sigma_b$", "beta": "β", ">=": "≥", "<=": "≤", "->": "→",
    "^2": "²", "^(-2 β)": r"$^{-2\beta}$",
}  # fmt: skip


def conditions_met(phi: Activation, found: Sequence[Condition]) -> Figure:
    """phi and phi' on the left; on the right a mark for each condition."""
    figure, (left, right) = panels(1, 2, PAGE, 0.4 + 0.19 * len(found), width_ratios=[1, 1.1])
    _function(left, phi)
    left.set(title=label(phi.name), xlabel="$x$")
    left.legend()
    shown = set()
    for i, condition in enumerate(found):
        told, shade, marker = _ANSWERS[condition.holds]
        right.plot(0, i, marker, color=shade, label=None if told in shown else told, ls="none")
        shown.add(told)
        text = f"Prop. {condition.proposition}   {_symbols(condition.condition)}"
        right.annotate(text, (0, i), (10, 0), textcoords="offset points", va="center", fontsize=7.5,
                       annotation_clip=False)  # fmt: skip
    right.set(ylim=(len(found) - 0.5, -0.5), xlim=(-0.05, 1))
    right.axis("off")
    right.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=3, fontsize=8)
    return figure


def _symbols(text: str) -> str:
    """The words of a condition as the paper writes them."""
    for word, symbol in _SYMBOLS.items():
        text = text.replace(word, symbol)
    return text


def all_activations() -> Figure:
    """phi and phi' of every built-in, with its parameters as they are by default."""
    rows = -(-len(BUILTINS) // _COLUMNS)
    figure, axes = panels(rows, _COLUMNS, PAGE, 1.3 * rows, sharex=True)
    for ax, name in zip(axes, BUILTINS, strict=False):
        _function(ax, activation(name))
        ax.set_title(label(name), fontsize=8)
        ax.set_xticks([-_RANGE, 0, _RANGE])
        ax.tick_params(labelsize=7)
    for ax in axes[len(BUILTINS) :]:
        ax.axis("off")
    for ax in axes[: len(BUILTINS)][-_COLUMNS:]:
        ax.tick_params(labelbottom=True)
    lines = axes[0].get_lines()
    shown = [Line2D([], [], color="0.3", ls=line.get_linestyle()) for line in lines]
    texts = [str(line.get_label()) for line in lines]
    figure.legend(shown, texts, loc="outside lower center", ncols=2)
    return figure


def _function(ax: Axes, phi: Activation) -> None:
    """phi and phi', whose jumps are gaps."""
    x = np.linspace(-_RANGE, _RANGE, 801)
    value, slope, _ = phi.derivatives(x)
    for kink, jump in zip(phi.kinks, phi.slope_jumps, strict=True):
        if jump:
            slope = np.where(np.abs(x - kink) < 0.006, np.nan, slope)
    shade = colour(phi.name)
    ax.plot(x, value, color=shade, label=r"$\varphi$")
    ax.plot(x, slope, color=shade, ls="dashed", lw=1, label=r"$\varphi'$")
