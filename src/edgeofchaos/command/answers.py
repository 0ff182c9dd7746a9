"""What every subcommand answers, and how it is printed: a table, JSON, CSV and a picture."""

from __future__ import annotations

import contextlib
import csv
import io
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeofchaos.command.options import Several
from edgeofchaos.support.json_text import json_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    Row = Mapping[str, Any]

FORMATS = (".png", ".pdf", ".svg")


@dataclass(frozen=True)
class Answer:
    """What a subcommand found.

    Attributes:
        value: what ``--json`` prints, of plain lists, texts and numbers.
        rows: what ``--csv`` prints; their keys are the columns.
        text: what people read.
        draw: makes the picture of it.
    """

    value: Any
    rows: Sequence[Row]
    text: str
    draw: Callable[[], Figure]

    def shown(self, form: str) -> str:
        """As ``json``, ``csv`` or ``table``, without a line break at the end."""
        if form == "json":
            # Null stands for what JSON has no number for.
            return json_text(self.value, no_number=lambda x: None, indent=2).rstrip()
        return csv_text(self.rows).rstrip("\n") if form == "csv" else self.text


class Answering(click.Command):
    """A subcommand whose function returns an :class:`Answer`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings = {**self.context_settings, "allow_extra_args": True}
        self.params += [
            click.Option(["--json"], is_flag=True, help="Print JSON."),
            click.Option(["--csv"], is_flag=True, help="Print CSV, floats to the last digit."),
            click.Option(
                ["--plot"], type=_Picture(), metavar="FILE",
                help=f"Draw it as well, into a file ending in {', '.join(FORMATS)}.",
            ),
        ]  # fmt: skip

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        names = {name for p in self.params if isinstance(p, Several) for name in p.opts}
        rest = super().parse_args(ctx, repeated(args, names))
        if rest and not ctx.resilient_parsing:
            ctx.fail(f"unrecognized arguments: {' '.join(rest)}")
        return rest

    def invoke(self, ctx: click.Context) -> str:
        as_json, as_csv, plot = (ctx.params.pop(name) for name in ("json", "csv", "plot"))
        if as_json and as_csv:
            ctx.fail("--csv: not allowed with --json")
        with _prints_aside():
            if plot is not None:
                from edgeofchaos.command import pictures

                pictures.ready()  # before what takes long
            answer: Answer = super().invoke(ctx)
            if plot is not None:
                pictures.save(answer.draw(), plot)
            return answer.shown("json" if as_json else ("csv" if as_csv else "table"))


@contextlib.contextmanager
def _prints_aside() -> Iterator[None]:
    """What a user's own code prints goes to standard error: it is no part of the answer.

    What it prints past Python too, as libraries in C and other processes do.
    """
    kept = None
    try:
        if sys.stdout is not None and sys.stdout.fileno() == 1:
            sys.stdout.flush()
            kept = os.dup(1)
            os.dup2(2, 1)
    except (OSError, ValueError):  # closed, or no file, as in a notebook
        pass
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        if kept is not None:
            with contextlib.suppress(OSError):
                sys.stdout.flush()
            os.dup2(kept, 1)
            os.close(kept)


class _Picture(click.Path):
    """A file that a picture can be written to."""

    name = "picture"

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if Path(value).suffix.lower() not in FORMATS:
            self.fail(f"{value!r}; allowed are files ending in {', '.join(FORMATS)}", param, ctx)
        return super().convert(value, param, ctx)


def repeated(args: Sequence[str], names: set[str]) -> list[str]:
    """``--sigma-b 0.1 0.2`` as ``--sigma-b 0.1 --sigma-b 0.2``, for the options ``names``.

    Example:
        >>> repeated(["--sigma-b", "0.1", "0.2", "tanh"], {"--sigma-b"})
        ['--sigma-b', '0.1', '--sigma-b', '0.2', 'tanh']
    """
    out: list[str] = []
    option, given = "", False
    for i, token in enumerate(args):
        if token == "--":
            return [*out, *args[i:]]
        name, equals, _ = token.partition("=")
        if name in names:
            option, given = name, bool(equals)
        elif option and not given:
            given = True
        elif option and _is_number(token):
            out.append(option)
        else:
            option = ""
        out.append(token)
    return out


def _is_number(token: str) -> bool:
    try:
        float(token)
    except ValueError:
        return False
    return True


def csv_text(rows: Sequence[Row]) -> str:
    """Rows as CSV with a line of names; floats to the last digit, nothing for NaN and None.

    Example:
        >>> csv_text([{"q": 0.1, "stable": True}])
        'q,stable\\n0.1,True\\n'
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if rows:
        writer.writerow(rows[0])
    for row in rows:
        writer.writerow("" if _unknown(v) else v for v in row.values())
    return out.getvalue()


def table(rows: Sequence[Row], columns: Sequence[str] = ()) -> str:
    """Rows as aligned text under the names of the columns, all of them or ``columns``.

    Example:
        >>> print(table([{"activation": "tanh", "q": 0.5}, {"activation": "erf", "q": 1.25}]))
        activation     q
        tanh         0.5
        erf         1.25
    """
    names = list(columns or rows[0])
    names = [n for n in names if any(cell(row[n]) for row in rows)]  # no empty column
    cells = [names, *([cell(row[n]) for n in names] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    right = [all(_is_a_number(row[n]) for row in rows) for n in names]
    lines = (
        "  ".join(
            c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)
        )
        for line in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def lines(values: Row) -> str:
    """One line a value, but for empty ones."""
    width = max(map(len, values))
    shown = {k: f"{v:.10g}" if isinstance(v, float) else v for k, v in values.items()}
    return "\n".join(f"{k:<{width}}  {v}" for k, v in shown.items() if v not in ("", None))


def cell(value: Any) -> str:
    """A value in a table: six digits of a number, yes or no, nothing for NaN and None."""
    if _unknown(value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _unknown(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _is_a_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
