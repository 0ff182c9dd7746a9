"""docs/explanation/proofs.md names tests that are there."""

import ast
import re

from places import ROOT

PAGE = (ROOT / "docs/explanation/proofs.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def functions(path: str) -> set[str]:
    """The names of the functions in a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_named_test_is_there():
    assert [(path, name) for path, name in NAMED if name not in functions(path)] == []


def test_each_numbered_statement_names_a_test_or_follows_from_others():
    numbers = re.findall(r"^\*\*(\d+)\. ", PAGE, flags=re.MULTILINE)
    assert numbers == [str(i + 1) for i in range(len(numbers))] and len(NAMED) > 35
    statements = re.split(r"^\*\*\d+\. ", PAGE, flags=re.MULTILINE)[1:]
    without = [i for i, text in enumerate(statements, 1) if "`tests/" not in text]
    # One function, and a growth argument: both are used, and so tested, by what follows them.
    assert without == [8, 13]


def test_no_test_is_named_in_another_way():
    assert len(re.findall(r"::", PAGE)) == len(re.findall(r"`tests/[\w/]+\.py::\w+`", PAGE))
