"""What the quick reading of import statements finds is what Python's parser finds."""

import ast

import pytest

from edgeofchaos.support.sources import named, sources


def parsed(text, inside=()):
    """The same by the parser."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = inside[: len(inside) + 1 - node.level] if node.level else ()
            base = ".".join([*parents, *([node.module] if node.module else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def test_every_file_of_ours_is_read_as_the_parser_reads_it(root):
    files = [*(root / "src").rglob("*.py"), *(root / "scripts").glob("*.py")]
    assert len(files) > 150
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert parsed(text) <= set(named(text)), path
        # A docstring may show an import of the library; nothing depends on it.
        assert set(named(text)) - parsed(text) <= {"edgeofchaos"}, path


@pytest.mark.parametrize(
    "text",
    ["import a.b, c as d  # e, f", "from a import b as c, d", "import a as b",
     "from a import (\n    b,  # from x import (y)\n    c as d,\n)\nimport e",
     "def f():\n\timport a\n    # from b import c\n\tfrom  d.e  import  f",
     "# import a\nimportant = 3\nfromage = 4\nx = 'import y'"],
)  # fmt: skip
def test_statements_of_every_form(text):
    text = text.expandtabs(4)
    assert set(named(text)) == parsed(text)


@pytest.mark.parametrize(
    "text", ["from . import a", "from .a import b", "from .. import a", "from ..a.b import c"]
)
def test_relative_names_are_those_of_the_packages_above(text):
    assert set(named(text, ("x", "y"))) == parsed(text, ("x", "y"))


def test_a_script_depends_on_what_it_imports_at_any_remove(root):
    found = sources(str(root / "scripts/edge.py"))
    for name in ("experiments/edge.py", "theory/edge.py", "panels/kinks.py", "support/program.py"):
        assert (root / "src/edgeofchaos" / name).as_posix() in found
    assert not any("/training/ensemble.py" in name for name in found)
