"""requirements.lock has all that the project needs, at any remove, and exact versions."""

import itertools
import re
import tomllib
from importlib.metadata import requires, version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from places import ROOT

LINES = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
PINS = dict(line.split("==") for line in LINES if not line.startswith("#"))
PINS = {canonicalize_name(name): pinned for name, pinned in PINS.items()}


def needed():
    """The names of what pyproject.toml asks for, its extras too, and of what those ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = itertools.chain(*project["optional-dependencies"].values())
    waiting = [*project["dependencies"], *extras]
    found = set()
    while waiting:
        asked = Requirement(waiting.pop())
        name = canonicalize_name(asked.name)
        for extra in {"", *asked.extras}:
            if (name, extra) not in found:
                found.add((name, extra))
                for line in requires(name) or []:
                    marker = Requirement(line).marker
                    if marker is None or marker.evaluate({"extra": extra}):
                        waiting.append(line)
    return {name for name, _ in found}


def test_every_dependency_is_pinned_to_the_version_in_use():
    names = needed()
    assert len(names) > 60 and {"torch", "execnet", "markupsafe"} < names
    # torch tells of which build it is behind a plus.
    used = {name: version(name).partition("+")[0] for name in names}
    assert used == {name: pin for name, pin in PINS.items() if name in names}


def test_every_line_pins_one_version_and_nothing_is_there_twice():
    lines = [line for line in LINES if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.+]*", line) for line in lines)
    assert len(PINS) == len(lines)
