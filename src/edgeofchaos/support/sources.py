"""Which source files a script's results depend on, read from its import statements.

Rules take these as inputs, so that a change in the mathematics re-runs what uses it and nothing
else, and no list kept by hand can go out of date. Files are read, never imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

PACKAGE = "edgeofchaos"
# `from ORIGIN import (NAMES)`, `from ORIGIN import NAMES` and `import NAMES`.
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(?:\(((?:#.*|[^)#])*)\)|(.+))"
    r"|import[ \t]+(.+))",
    re.MULTILINE,
)
_COMMENT = re.compile(r"#.*")


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
    text = path.read_text(encoding="utf-8")
    inside = path.relative_to(library).parts[:-1] if path.is_relative_to(library) else ()
    found = []
    for module in named(text, inside):
        if module.split(".")[0] == PACKAGE:
            found += _files(module, library)
    return tuple(found)


def named(text: str, inside: tuple[str, ...] = ()) -> Iterator[str]:
    """Each name in a module's text that may be a module: both a and a.b for `from a import b`.

    ``inside`` has the names of the packages that the module is in. Statements are told by how their
    lines begin, for to parse all of the library took most of a second at each start; a test holds
    it against the parser.
    """
    for origin, brackets, rest, plain in _IMPORT.findall(text):
        names = [part.split()[0] for part in _COMMENT.sub("", brackets or rest or plain).split(",")
                 if part.strip()]  # fmt: skip
        if plain:
            yield from names
            continue
        module = origin.lstrip(".")
        level = len(origin) - len(module)
        base = ".".join([*(inside[: 1 - level or None] if level else ()), *filter(None, [module])])
        yield base
        yield from (f"{base}.{name}" for name in names)


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
