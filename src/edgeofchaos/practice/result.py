"""What a profile returns: a row a layer, as a table, as JSON and as a plot."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Quantity:
    """A number of one layer, measured and predicted; NaN where it is not.

    Attributes:
        measured: with ``low`` and ``high``, an interval from the spread over units.
        predicted: followed from the inputs, or from the output for gradients, with the interval
            ``predicted_low`` to ``predicted_high`` of a net of these widths.
        step: predicted from the next layer on that side as measured, with its interval.
    """

    measured: float
    low: float
    high: float
    predicted: float = math.nan
    predicted_low: float = math.nan
    predicted_high: float = math.nan
    step: float = math.nan
    step_low: float = math.nan
    step_high: float = math.nan

    @property
    def off(self) -> bool:
        """Whether what is measured is outside the interval of the prediction."""
        return _outside(self.measured, self.predicted_low, self.predicted_high)

    @property
    def off_in_a_step(self) -> bool:
        """Whether it is outside the interval of the prediction of one step."""
        return _outside(self.measured, self.step_low, self.step_high)


def _outside(value: float, low: float, high: float) -> bool:
    if math.isnan(low) or math.isnan(high):
        return False
    return (
        not low * (1 - 1e-6) <= value <= high * (1 + 1e-6) if low >= 0 else not low <= value <= high
    )


@dataclass(frozen=True)
class ProfileRow:
    """One call of one layer.

    Attributes:
        name: of the layer in the model.
        kind: its class, or the call of torch that it is.
        call: 1 the first time that it is called, and so on.
        path: what lies between it and the layers before.
        activation: what its output goes into, if that is one; empty otherwise.
        fan_in: how many weights a unit sums over.
        width, positions: units or channels, and at how many positions each.
        sigma_w, sigma_b: the roots of fan_in times the mean square of the weights, and of the mean
            square of the biases.
        q, c, gradient: variance, mean correlation of pairs, mean squared gradient.
        off: the share of units that are above 0 for no input, at no position.
        off_by_chance: what that share is for Gaussian units with this correlation.
        predicted: whether theory says anything of it.
        narrow: whether the layer before has too few units for a limit: it is not said to part.
        note: what is measured and why, and what to know.
    """

    name: str
    kind: str
    call: int
    path: tuple[str, ...]
    activation: str
    fan_in: float
    width: int
    positions: int
    sigma_w: float
    sigma_b: float
    q: Quantity
    c: Quantity
    gradient: Quantity
    off: float
    off_by_chance: float
    predicted: bool
    narrow: bool
    note: str

    @property
    def title(self) -> str:
        """The name, with the number of the call from the second on."""
        return self.name if self.call == 1 else f"{self.name} (call {self.call})"


@dataclass(frozen=True)
class Profile:
    """A model's layers, measured beside mean-field theory.

    Attributes:
        rows: the layers in the order of their calls.
        sentences: what it means.
        inputs: how many there were.
    """

    rows: list[ProfileRow]
    sentences: list[str]
    inputs: int

    @property
    def parts_at(self) -> str | None:
        """The first layer whose q, or else whose c, is not what the layer before says; or None."""
        wide = [r for r in self.rows if not r.narrow]
        off = next((r for r in wide if r.q.off_in_a_step or r.c.off_in_a_step), None)
        return off.title if off else None

    def __str__(self) -> str:
        return "\n".join([self.table(), "", *self.sentences])

    def table(self) -> str:
        """A line a layer; what is measured beside [what theory allows], * where they differ."""
        heads = ("layer", "kind", "after", "fan-in", "sigma_w", "sigma_b", "q", "predicted", "c",
                 "predicted", "gradient^2", "predicted", "note")  # fmt: skip
        cells: list[Sequence[str]] = [heads]
        for r in self.rows:
            cells.append(
                (r.title, r.kind, ", ".join(r.path), _short(r.fan_in), _short(r.sigma_w),
                 _short(r.sigma_b), *_cells(r.q), *_cells(r.c), *_cells(r.gradient), r.note)
            )  # fmt: skip
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ("  ".join(c.ljust(w) for c, w in zip(x, widths, strict=True)) for x in cells)
        return "\n".join(line.rstrip() for line in lines)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain lists, texts and numbers; None for what is not known."""
        rows = [{**asdict(row), "path": list(row.path)} for row in self.rows]
        plain: dict[str, Any] = _plain(
            {"inputs": self.inputs, "parts_at": self.parts_at, "sentences": self.sentences,
             "rows": rows}
        )  # fmt: skip
        return plain

    def to_json(self) -> str:
        """As :meth:`to_dict`, as a text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def plot(self, path: str | PathLike[str]) -> None:
        """Draw q, 1 - c and squared gradients over layers into a file; the ending says its kind.

        Raises:
            ValueError: matplotlib is not installed, or cannot write such a file.
        """
        try:
            figure = self.figure()
        except ImportError as error:
            raise ValueError("plot: matplotlib is not installed, and draws this") from error
        try:
            figure.savefig(path)
        except (OSError, ValueError) as error:
            raise ValueError(f"path = {str(path)!r}: {error}") from error

    def figure(self) -> Figure:
        """What :meth:`plot` draws, as a figure of matplotlib.

        Raises:
            ImportError: matplotlib is not installed.
        """
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 3.2), layout="constrained")
        axes = figure.subplots(1, 3)
        for ax, name in zip(axes, ("q", "1 − c", "squared gradient"), strict=True):
            self._draw(ax, name)
        return figure

    def _draw(self, ax: Any, name: str) -> None:
        of = {"q": "q", "1 − c": "c"}.get(name, "gradient")
        found = [getattr(row, of) for row in self.rows]
        turn = (lambda x: 1 - x) if of == "c" else (lambda x: x)
        x = range(1, len(found) + 1)
        low = [turn(f.predicted_low) for f in found]
        high = [turn(f.predicted_high) for f in found]
        ax.fill_between(x, low, high, alpha=0.25, color="C0", linewidth=0)
        ax.plot(x, [turn(f.predicted) for f in found], color="C0", label="predicted")
        ax.plot(x, [turn(f.measured) for f in found], ".", color="C1", label="measured")
        if any(turn(f.measured) > 0 for f in found):
            ax.set_yscale("log", nonpositive="mask")
        ax.set(xlabel="layer", ylabel=name)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.legend(frameon=False)


def _short(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4g}"


def _cells(found: Quantity) -> tuple[str, str]:
    if math.isnan(found.predicted):
        return _short(found.measured), ""
    star = "*" if found.off else ""
    low, high = _short(found.predicted_low), _short(found.predicted_high)
    return _short(found.measured) + star, f"{_short(found.predicted)} [{low}, {high}]"


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
