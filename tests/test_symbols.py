"""The page of symbols names what is there: modules, functions, attributes and columns."""

import csv
import importlib
import inspect
import re

from places import ROOT

TABLES = ROOT / "tests/claims/data"  # cut from a default run's (tests/cut_tables.py)
CODE, COLUMN = 2, 3  # places in a row


def rows():
    text = (ROOT / "docs/reference/symbols.md").read_text(encoding="utf-8")
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line[:1] == "|"]
    return [row for row in cells if any(cell.strip(" -") for cell in row)]


def names(place):
    quoted = [name for row in rows() for name in re.findall(r"`([^`]+\.[^`]+)`", row[place])]
    return sorted(set(quoted))


def look_up(name):
    """What a dotted name below the package stands for; the annotation of a dataclass's field."""
    path = name.split(".")
    for length in range(len(path), 0, -1):
        try:
            found = importlib.import_module(".".join(["edgeofchaos", *path[:length]]))
        except ModuleNotFoundError:
            continue
        for attribute in path[length:]:
            fields = getattr(found, "__dataclass_fields__", {})
            found = fields[attribute] if attribute in fields else getattr(found, attribute)
        return found
    raise AttributeError(name)


def test_every_row_has_its_six_cells():
    assert len(rows()) > 40
    assert {len(row) for row in rows()} == {6}


def is_there(name):
    """Whether a name, perhaps with one of its arguments in brackets, is in the code."""
    dotted, _, argument = name.rstrip(")").partition("(")
    try:
        found = look_up(dotted)
    except AttributeError:
        return False
    return not argument or argument in inspect.signature(found).parameters


def test_every_name_in_the_code_is_there():
    assert len(names(CODE)) > 60
    assert [name for name in names(CODE) if not is_there(name)] == []


def test_a_name_that_is_not_there_is_noticed():
    assert not is_there("theory.edge.EdgePoint.nothing")
    assert not is_there("theory.edge.edge_point(nothing)")


def test_every_column_is_in_its_table():
    lacking = []
    for name in names(COLUMN):
        table, column = name.split(".")
        with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            lacking += [] if column in next(csv.reader(file)) else [name]
    assert len(names(COLUMN)) > 40 and lacking == []
