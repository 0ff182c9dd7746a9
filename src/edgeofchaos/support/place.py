"""Where the workflow stands and where it runs, which need not be the same folder."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from edgeofchaos.support.program import MODULES
from edgeofchaos.support.sources import find_module

# What Snakemake would take for a wildcard or a pathvar, and what parts of a path are split at.
_NOT_IN_A_NAME = f"{{}}<>{os.pathsep}"


class PlaceError(Exception):
    """The workflow cannot be run from where it is; the message is one line."""


@dataclass(frozen=True)
class Place:
    """The checkout, seen from the work folder.

    Attributes:
        checkout: the folder of this project's Snakefile, links resolved.
        beside: that of the Snakefile which Snakemake was started with: another one where this
            project is a module of it.

    Example:
        ``Place(Path("/opt/edgeofchaos"), Path("/home/me")).file("scripts/edge.py")``
    """

    checkout: Path
    beside: Path

    def __post_init__(self) -> None:
        """Refuse a checkout that rules cannot name, or whose library is not the one in use.

        Raises:
            PlaceError: in one line.
        """
        name = self.file("")
        if bad := sorted({*_NOT_IN_A_NAME} & {*name}):
            raise PlaceError(
                f"the workflow is in {name!r}, which has {bad[0]!r}; allowed elsewhere than in the "
                f"work folder are names without any of {_NOT_IN_A_NAME}"
            )
        ours, used = self.checkout / "src/edgeofchaos", Path(__file__).resolve().parents[1]
        if used != ours.resolve():
            raise PlaceError(
                f"edgeofchaos is imported from {used} already; allowed is the library of the "
                f"workflow itself, {ours}"
            )

    @property
    def elsewhere(self) -> bool:
        """Whether it runs in another folder than its own."""
        return Path.cwd() != self.checkout

    def file(self, name: str) -> str:
        """How rules name a file of the checkout: relative where one folder is in the other.

        Those move together, and what was made before the move is not made anew.
        """
        return self._named(self.checkout / name, self.checkout)

    def data(self, folder: str) -> str:
        """A folder that the config names: from the work folder, or else from the checkout."""
        if os.path.lexists(folder) or not Path(self.checkout, folder).is_dir():
            return folder
        return self.file(folder)

    @property
    def modules(self) -> list[str]:
        """Where modules of the user's own are looked for after the work folder."""
        return [str(folder) for folder in dict.fromkeys((self.beside, self.checkout))]

    def own(self, function: str) -> list[str]:
        """The file that MODULE:FUNCTION comes from, if it is in one of those folders."""
        here = Path.cwd()
        found = find_module(function.partition(":")[0], [str(here), *self.modules])
        if found is None or not found.has_location or found.origin is None:
            return []
        return [self._named(Path(found.origin), self.checkout)]

    def environment(self) -> dict[str, str]:
        """What jobs need in their environment to run the library and the modules from there."""
        path = [str(self.checkout / "src"), os.environ.get("PYTHONPATH", "")]
        told = {
            "PYTHONPATH": os.pathsep.join(p for p in path if p),
            MODULES: os.pathsep.join(self.modules),
        }
        # Nothing is written into a checkout that other runs may share.
        return told | ({"PYTHONDONTWRITEBYTECODE": "1"} if self.elsewhere else {})

    def python(self, conda: bool) -> str:
        """The interpreter that runs Snakemake, whatever PATH says, as the shell is told of it.

        With ``conda`` it is that of the environment.
        """
        told = [f"{key}={value}" for key, value in self.environment().items()]
        return shlex.join(["env", *told, "python" if conda else sys.executable])

    def _named(self, path: Path, top: Path) -> str:
        here = Path.cwd()
        inside = path.is_relative_to(here) or (
            here.is_relative_to(top) and path.is_relative_to(top)
        )
        return os.path.relpath(path) if inside else str(path)
