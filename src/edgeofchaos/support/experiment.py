"""An experiment as a program: options from its keywords, a file for each of its tables.

The experiment's module is parsed for that, not imported, so that ``--help`` and a bad argument are
answered at once, without PyTorch.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import io
import math
import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import numpy as np

from edgeofchaos.experiments import Progress, Rows, Tables
from edgeofchaos.support.artifacts import write_bytes
from edgeofchaos.support.program import (
    activation_from,
    add_activation_arguments,
    add_outputs,
    parser,
)
from edgeofchaos.support.tables import write_csv


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ArgumentTypeError(f"{text!r}; allowed is a finite number")
    return number


def _count(text: str) -> int:
    return _whole(text, 1)


def _seed(text: str) -> int:
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    if int(text) < least:
        raise ArgumentTypeError(f"{text!r}; allowed is a whole number >= {least}")
    return int(text)


# What argparse calls them where int() or float() refuses the text.
_finite.__name__, _count.__name__, _seed.__name__ = "float", "int", "int"


def _named(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, _finite(value)
    except ValueError:
        raise ArgumentTypeError(f"{text!r}; allowed is NAME=NUMBER") from None


def _pair(text: str) -> tuple[float, float]:
    above, _, below = text.partition(",")
    try:
        pair = _finite(above), _finite(below)
    except ValueError:
        raise ArgumentTypeError(f"{text!r}; allowed are two numbers, LAMBDA,BETA") from None
    if pair == (0.0, 0.0):
        raise ArgumentTypeError(f"{text!r}; allowed are slopes of which one is not 0")
    return pair


class _Grid(argparse.Action):
    """MIN MAX POINTS, of which the last counts."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option: Any = None) -> None:
        if values[2] != int(values[2]) or values[2] < 1:
            parser.error(f"argument {option}: POINTS = {values[2]:g}; allowed is a whole number")
        if not values[0] <= values[1]:
            parser.error(f"argument {option}: MIN = {values[0]:g}; allowed is MIN <= MAX")
        setattr(namespace, self.dest, (values[0], values[1], int(values[2])))


# The type of a keyword -> what argparse is told of its option.
_OPTIONS: dict[str, dict[str, Any]] = {
    "int": {"type": _count},
    "float": {"type": _finite},
    "str": {},
    "Sequence[int]": {"type": _count, "nargs": "+"},
    "Sequence[float]": {"type": _finite, "nargs": "+"},
    "Sequence[str]": {"nargs": "+"},
    "Start": {"type": _finite, "nargs": 3, "metavar": ("QA", "QB", "GAMMA")},
    "Grid": {"type": _finite, "nargs": 3, "metavar": ("MIN", "MAX", "POINTS"), "action": _Grid},
    "Bounds": {"type": _count, "nargs": 2, "metavar": ("LEAST", "MOST")},
    "Window": {"type": _finite, "nargs": 2, "metavar": ("FROM", "TO")},
    "Nets": {"type": _named, "nargs": "+", "metavar": "NAME=SIGMA_B"},
    "Ratios": {"type": _named, "nargs": "+", "metavar": "NAME=RATIO"},
    # Given as --slopes=-1,0: argparse takes an argument that begins with a minus for an option.
    "Pairs": {"type": _pair, "nargs": "+", "action": "extend", "metavar": "LAMBDA,BETA"},
}


# Types of what a script passes itself, or what only code that calls the experiment changes.
_NO_OPTIONS = {
    "Progress", "Sequence[Case]", "Sequence[tuple[float, float, float]]", "tuple[Digits, Digits]",
    "Saved | None", "Callable[[Saved], None] | None",
}  # fmt: skip


@dataclass(frozen=True)
class Declared:
    """What the source of an experiment says: keyword -> (annotation, default), help, tables."""

    keywords: dict[str, tuple[str, str | None]]
    about: dict[str, str]
    tables: tuple[str, ...]


def declared(name: str) -> Declared:
    """The keywords and tables of the experiment in edgeofchaos/experiments/NAME.py."""
    spec = find_spec(f"edgeofchaos.experiments.{name}")
    assert spec is not None and spec.origin is not None, name
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name)
    keywords = {
        argument.arg: (_unparsed(argument.annotation), ast.unparse(default) if default else None)
        for argument, default in zip(
            function.args.kwonlyargs, function.args.kw_defaults, strict=True
        )
    }
    said = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", ast.get_docstring(function) or "", re.M)
    values = {
        n.targets[0].id: n.value
        for n in tree.body
        if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)
    }
    about = {key: " ".join(text.split()) for key, text in said}
    return Declared(keywords, about, ast.literal_eval(values["TABLES"]))


def _unparsed(annotation: ast.expr | None) -> str:
    return ast.unparse(annotation) if annotation else "no type"


class Arguments:
    """The options of one experiment; :meth:`run` calls it and writes its tables."""

    def __init__(self, name: str, description: str | None):
        self.name, self.declared = name, declared(name)
        self.parser = parser(description)
        for keyword, (annotation, default) in self.declared.keywords.items():
            self._add(keyword, annotation, default)
        add_outputs(self.parser, *self.declared.tables)

    def _add(self, keyword: str, annotation: str, default: str | None) -> None:
        if annotation == "Activation":
            add_activation_arguments(self.parser)
        elif annotation not in _NO_OPTIONS:
            if annotation not in _OPTIONS:
                raise TypeError(f"{self.name}: no option can be made of {keyword}: {annotation}")
            options = dict(_OPTIONS[annotation])
            if keyword == "seed":
                options["type"] = _seed
            about = self.declared.about.get(keyword, "").replace("%", "%%")
            self.parser.add_argument(
                "--" + keyword.replace("_", "-"),
                required=default is None,
                default=argparse.SUPPRESS,
                help=about if default is None else f"{about} (default: {default})",
                **options,
            )

    def parse(self) -> argparse.Namespace:
        """The arguments of the command line."""
        return self.parser.parse_args()

    def run(self, experiment: Callable[..., Tables], args: argparse.Namespace, **more: Any) -> None:
        """Call ``experiment`` with the arguments and ``more``; write each table to its file."""
        given = {k: getattr(args, k) for k in self.declared.keywords if hasattr(args, k)} | more
        for keyword, (annotation, _) in self.declared.keywords.items():
            if annotation == "Activation":
                given[keyword] = activation_from(args)
            elif annotation in ("Nets", "Ratios") and keyword in given:
                given[keyword] = dict(given[keyword])
            elif annotation == "Progress":
                given[keyword] = _Bar()
        if "device" in self.declared.keywords:
            given["device"] = _prepared(given.get("device", "auto"), given)
        tables = experiment(**given)
        columns = getattr(importlib.import_module(experiment.__module__), "COLUMNS", {})
        for table in self.declared.tables:
            path = getattr(args, table)
            if path.suffix == ".npz":
                stream = io.BytesIO()
                np.savez(stream, **cast(dict[str, Any], tables[table]))
                write_bytes(stream.getvalue(), path)
            else:
                write_csv(cast(Rows, tables[table]), path, columns.get(table))


class _Bar(Progress):
    """A progress bar on standard error, if that is a terminal."""

    def __call__(self, items: Any, what: str) -> Any:
        from tqdm import tqdm

        return tqdm(items, desc=what, disable=None, leave=False, file=sys.stderr)


def _prepared(device: str, given: dict[str, Any]) -> str:
    """The device, named in the log, after setting torch to one thread.

    Sums then do not depend on how many cores there are.
    """
    import torch

    from edgeofchaos.simulation.devices import pick_device

    torch.set_num_threads(1)
    found = str(pick_device(device))
    seeds = f"seed: {given['seed']}" if "seed" in given else f"seeds: 0 to {given['seeds'] - 1}"
    print(f"device: {found}; {seeds}", file=sys.stderr, flush=True)
    return found
