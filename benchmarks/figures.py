"""The figures of the benchmark's page: ratios, errors against time, and growth."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Callable

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.growth import Growth
from benchmarks.measure import Measured, Row
from edgeofchaos.figures import style

_WIDTH, _COLUMNS = 9.0, 3
_EXACT = 1e-9  # bars of what is computed, not drawn
_LEAST = 1e-17  # errors are drawn as this where they are 0


def draw(found: list[Measured], growths: list[Growth]) -> dict[str, bytes]:
    """Every figure that there is something for, by its name, as PNG."""
    style.setup()
    peers = [m for m in found if len(m.rows) > 1]
    exact = [m for m in peers if 0 < m.rows[0].bar <= _EXACT]
    figures: dict[str, Callable[[], Figure]] = {}
    if peers:
        figures["benchmarks_ratios"] = lambda: _ratios(peers)
    if exact:
        figures["benchmarks_errors"] = lambda: _errors(exact)
    if growths:
        figures["benchmarks_growth"] = lambda: _growths(growths)
    return {name: _png(figure()) for name, figure in figures.items()}


def _ratios(found: list[Measured]) -> Figure:
    """The time of every row over ours, with its spread, a colour a comparison."""
    count = sum(len(m.rows) for m in found) + len(found)
    figure, (ax,) = style.panels(1, 1, _WIDTH, 0.21 * count + 0.6)
    places, labels, place = [], [], 0
    for i, measured in enumerate(found):
        ax.text(-0.01, place, measured.comparison.title, transform=ax.get_yaxis_transform(),
                fontsize=7, fontweight="bold", va="center", ha="right")  # fmt: skip
        for row in measured.rows:
            place += 1
            places.append(place)
            labels.append(_plain(row))
            low, high = row.ratio - row.ratio_low, row.ratio_high - row.ratio
            ax.errorbar(row.ratio, place, xerr=[[max(low, 0)], [max(high, 0)]],
                        color=f"C{i}", **_mark(row))  # fmt: skip
        place += 1
    ax.axvline(1.0, color="0.4", linewidth=0.8)
    ax.set(xscale="log", xlabel="time over ours: right of the line ours is faster")
    ax.set_yticks(places, labels, fontsize=6)
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()
    return figure


def _errors(found: list[Measured]) -> Figure:
    """Error against time, a panel a comparison."""
    figure, axes = _grid(len(found), 3.4)
    for ax, measured in zip(axes, found, strict=False):
        for i, row in enumerate(r for r in measured.rows if r.role != "bound"):
            low, high = row.seconds - row.seconds_low, row.seconds_high - row.seconds
            ax.errorbar(row.seconds, max(row.error, _LEAST),
                        xerr=[[max(low, 0)], [max(high, 0)]], color=f"C{i}", label=_plain(row),
                        **_mark(row))  # fmt: skip
        ax.set(xscale="log", yscale="log", ylim=(_LEAST, 1.0), xlabel="seconds",
               ylabel=measured.comparison.error_name)  # fmt: skip
        ax.set_title(textwrap.fill(measured.comparison.title, 42), fontsize=7)
        ax.legend(fontsize=5.5, loc="upper center", bbox_to_anchor=(0.5, -0.25))
    return figure


def _growths(growths: list[Growth]) -> Figure:
    """Time against size, and the line of the exponent that the operations have."""
    figure, axes = _grid(len(growths), 2.4)
    for ax, growth in zip(axes, growths, strict=False):
        ax.plot(growth.sizes, growth.seconds, "o-", label=f"exponent {growth.exponent:.2f}")
        # Through the largest size, where what does not grow counts least.
        law = [growth.seconds[-1] * (n / growth.sizes[-1]) ** growth.expected for n in growth.sizes]
        ax.plot(growth.sizes, law, "--", color="0.5", label=f"operations: {growth.expected:g}")
        ax.set(xscale="log", yscale="log", xlabel="size", ylabel="seconds")
        ax.set_xticks(growth.sizes, [f"{n:,}" for n in growth.sizes], fontsize=6)
        ax.minorticks_off()
        ax.set_title(textwrap.fill(growth.what, 42), fontsize=7)
        ax.legend(fontsize=6)
    return figure


def _grid(count: int, height: float) -> tuple[Figure, list[Axes]]:
    rows = math.ceil(count / _COLUMNS)
    figure, axes = style.panels(rows, _COLUMNS, _WIDTH, height * rows)
    for ax in axes[count:]:
        ax.set_axis_off()
    return figure, axes


def _mark(row: Row) -> dict[str, object]:
    """Ours is a filled disc, a peer an open square, a bound a cross."""
    marker = {"ours": "o", "peer": "s", "bound": "x"}[row.role]
    return {"marker": marker, "linestyle": "none", "markersize": 4,
            "markerfacecolor": "white" if row.role == "peer" else None}  # fmt: skip


def _plain(row: Row) -> str:
    return row.contestant.replace("`", "")


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    try:
        figure.savefig(buffer, format="png", dpi=160, metadata={"Software": None})
    finally:
        plt.close(figure)
    return buffer.getvalue()
