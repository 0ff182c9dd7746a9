"""A user's own objects, at ``package.module:object`` or ``file.py:object``."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

from edgeofchaos.arguments import OWN_ERRORS, one_line, shown, wrong

_ALLOWED = "package.module:object or file.py:object"


def from_file(what: str, path: str) -> Any:
    """The object at ``file.py:object``; None if the path is not of that form.

    Raises:
        ValueError: it cannot be loaded.
    """
    file, _, name = path.rpartition(":")
    if path.endswith(".py"):
        raise wrong(what, path, "file.py:object, with the name of the function in the file")
    return _loaded(what, path, name) if file.endswith(".py") else None


def own(what: str, path: str) -> Any:
    """The object at ``package.module:object`` or ``file.py:object``.

    Raises:
        ValueError: the path has another form, or what is there cannot be loaded.
    """
    if ":" not in path:
        raise wrong(what, path, _ALLOWED)
    return _loaded(what, path, path.rpartition(":")[2])


def _loaded(what: str, path: str, name: str) -> Any:
    place = path.rpartition(":")[0]
    try:
        module = _run(Path(place)) if place.endswith(".py") else import_module(place)
        return attrgetter(name)(module)
    except OWN_ERRORS as error:
        raise ValueError(
            f"{what}: {shown(path)} cannot be loaded ({one_line(error)}); allowed is {_ALLOWED}"
        ) from error


def _run(file: Path) -> ModuleType:
    """A file as a module, which finds its neighbours as if Python had been started with it."""
    name = file.stem if file.stem not in sys.modules else f"own {file.absolute()}"
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no module")
    module = module_from_spec(spec)
    sys.path.insert(0, str(file.absolute().parent))
    sys.modules[name] = module  # as dataclasses and pickles ask for
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
