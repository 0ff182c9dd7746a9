"""Which source files a script's results depend on, read from its import statements.

Rules take these as inputs, so that a change in the mathematics re-runs what uses it and nothing
else, and no list kept by hand can go out of date. Files are parsed, never imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

PACKAGE = "edgeofchaos"


def sources(script: str) -> list[str]:
    """The modules of the library that ``script`` imports, at any remove, sorted.

    Args:
        script: CHECKOUT/scripts/NAME.py. The library is that of its own checkout, and its files are
            named from where the script is named from.

    Example:
        ``sources("scripts/edge.py")`` has ``"src/edgeofchaos/theory/edge.py"``.
    """
    checkout = Path(script).parent.parent
    seen: set[Path] = set()
    waiting = [Path(script)]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += _imports(path, checkout / "src")
    return sorted(path.as_posix() for path in seen - {Path(script)})


def find_module(dotted: str, path: list[str]) -> ModuleSpec | None:
    """The spec of a dotted module on ``path``; unlike importlib's, it imports no parent package."""
    spec, name = None, ""
    for part in dotted.split("."):
        name = f"{name}.{part}" if name else part
        spec = PathFinder.find_spec(name, path)
        if spec is None:
            return None
        path = list(spec.submodule_search_locations or [])
    return spec


@cache
def _imports(path: Path, library: Path) -> tuple[Path, ...]:
    if path.suffix != ".py":
        return ()
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    inside = path.relative_to(library).parts[:-1] if path.is_relative_to(library) else ()
    found = []
    for module in _named(tree, inside):
        if module.split(".")[0] == PACKAGE:
            found += _files(module, library)
    return tuple(found)


def _named(tree: ast.Module, inside: tuple[str, ...]) -> Iterator[str]:
    """Each name that may be a module: both a and a.b for `from a import b`.

    ``inside`` has the names of the packages that the module is in.
    """
    for node in _statements(tree.body):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = inside[: 1 - node.level or None] if node.level else ()
            base = ".".join([*parents, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements at any depth. Expressions hold no import, and most of a tree is expressions."""
    for node in body:
        yield node
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            for inner in getattr(node, field, ()):
                yield from _statements(inner.body if field in ("handlers", "cases") else [inner])


def _files(module: str, library: Path) -> list[Path]:
    """The file of a library module; a package with all that it ships, templates included."""
    parts = module.split(".")
    if len(parts) == 1:
        return []  # __init__.py only says where names live
    path = Path(library, *parts)
    # A module inside a package runs the __init__.py of each package above it as well; the outermost
    # only says where names live.
    above = [Path(library, *parts[:n], "__init__.py") for n in range(2, len(parts))]
    if path.is_dir():
        shipped = [
            p for p in path.iterdir() if p.name == "__init__.py" or p.suffix not in (".py", "")
        ]
        return [*shipped, *above]
    file = path.with_suffix(".py")
    return [file, *above] if file.is_file() else []
