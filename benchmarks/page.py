"""What a benchmark found, as the page of the site and as tables."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Collection
from dataclasses import asdict

from benchmarks.growth import Growth
from benchmarks.measure import Measured, Row

_HEAD = """# Benchmarks

Written by `make benchmark`, which measures all of it again in one run. Contestants take turns, each
on {threads}, and a ratio is taken round by round, so that a machine whose speed drifts slows both
sides of it alike. Seconds and ratios are medians, and the range in brackets holds the middle 80 %
of the rounds. A ratio is the time of that row over ours: above 1 the other way is slower, and where
ours is, the row says so. A bound is a part of the work that no way could do without, measured on
the spot: how many times it is what ours takes is how far ours is from the limit. Memory is how far
the process's own rose in a call; where one takes more than a second it is the first call, with what
that loads. An error is against a value that neither we nor a peer computed.

{machine}
"""
_FIGURES = {
    "benchmarks_ratios": "Time of every row over ours: ours filled, peers open, bounds crossed",
    "benchmarks_errors": "Error against time, ours filled",
    "benchmarks_growth": "Time against size",
}
_BUSY = 0.2  # cores, of a machine that does little else
_ROUNDING = 1e-14  # errors below are alike


def text(
    machine: dict, found: list[Measured], growths: list[Growth], figures: Collection[str] = ()
) -> str:
    """The page, in Markdown, with the figures of these names."""
    threads = machine["threads a contestant"]
    parts = [_HEAD.format(
        threads=f"{threads} thread{'s' if threads > 1 else ''}", machine=_machine(machine)
    )]  # fmt: skip
    shown = [name for name in _FIGURES if name in figures]
    parts += [f"![{_FIGURES[name]}](../images/{name}.png)\n" for name in shown]
    parts += [_section(measured) for measured in found]
    if growths:
        parts.append(_growth(growths))
    return "\n".join(parts)


def rounds_csv(found: list[Measured]) -> str:
    """Every timed call: comparison, round, contestant, seconds."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["comparison", "round", "contestant", "seconds"])
    for measured in found:
        for i, seconds in enumerate(measured.rounds):
            table.writerows([measured.comparison.key, i, *item] for item in seconds.items())
    return out.getvalue()


def as_json(machine: dict, found: list[Measured], growths: list[Growth]) -> str:
    """The machine, the rows, the facts and the growths; what is not known is null."""
    comparisons = {
        m.comparison.key: {
            "title": m.comparison.title, "error": m.comparison.error_name, "facts": m.facts,
            "rows": [{k: _known(v) for k, v in asdict(row).items()} for row in m.rows],
        }
        for m in found
    }  # fmt: skip
    whole = {
        "machine": machine, "comparisons": comparisons, "growth": [asdict(g) for g in growths],
    }  # fmt: skip
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _machine(machine: dict) -> str:
    said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in machine.items())
    idle = machine["busy_cores"] < _BUSY
    busy = "" if idle else (
        " **The machine was not idle: these numbers are not to be quoted. Run `make benchmark` on "
        "one that is.**"
    )  # fmt: skip
    return f"Measured on: {said}.{busy}"


def _section(measured: Measured) -> str:
    comparison = measured.comparison
    lines = [
        f"## {comparison.title}", "", comparison.about, "",
        f"| | time | memory | {comparison.error_name.replace('|', chr(92) + '|')} "
        "| its time over ours | |",
        "| --- | --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    lines += [_row(row, measured.rows[0]) for row in measured.rows]
    facts = [f"{name}: {value:.3g}" for name, value in measured.facts.items()]
    lines += ["", "; ".join(facts) + ".", ""] if facts else [""]
    return "\n".join(lines)


def _row(row: Row, ours: Row) -> str:
    spread = f"{_number(row.ratio)} ({_number(row.ratio_low)} to {_number(row.ratio_high)})"
    cells = [
        row.contestant, _seconds(row.seconds), _mib(row.mib),
        "" if row.role == "bound" else f"{row.error:.1e}",
        "1" if row is ours else spread, _verdict(row, ours),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _verdict(row: Row, ours: Row) -> str:
    """What a row means for us."""
    if not row.right:
        return "**wrong: its error is above its bar**"
    if row.role == "bound":
        return f"a bound: {_number(1 / row.ratio)} times it is what ours takes"
    if row.role == "ours":
        return ""
    digits = row.error > 100 * max(ours.error, _ROUNDING) and row.bar < 0.5
    worse = ", and less exact" if digits else ""
    if row.ratio_low > 1:
        return f"slower{worse}"
    if row.ratio_high < 1:
        return f"**we lose on time**{', by a less exact answer' if digits else ''}"
    return f"as fast{worse}"


def _growth(growths: list[Growth]) -> str:
    lines = [
        "## Growth", "",
        "Median time against size: the exponent of the power law through all sizes, and that of "
        "the last two, where what does not grow counts least.", "",
        "| time of | sizes | seconds | exponent | of the last two | of the operations |",
        "| --- | --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    for g in growths:
        sizes = ", ".join(f"{size:,}" for size in g.sizes)
        seconds = ", ".join(f"{s:.2g}" for s in g.seconds)
        lines.append(
            f"| {g.what} | {sizes} | {seconds} | {g.exponent:.2f} | {g.last:.2f} | {g.expected:g} |"
        )
    return "\n".join([*lines, ""])


def _known(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _seconds(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{_number(seconds / size)} {unit}"
    return f"{seconds:.1e} s"


def _mib(mib: float) -> str:
    return "?" if math.isnan(mib) else f"{mib:,.0f} MiB" if mib >= 1 else "< 1 MiB"


def _number(value: float) -> str:
    """Three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
