"""The manifest of the results: the SHA-256 of every artifact, by its name.

Names are told from the folder that results/, with the manifest in it, lies in: a manifest is
the same wherever that is.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from edgeofchaos.support.artifacts import artifacts, digest, read_bytes, write_text

RESULTS = "results"


def write(names: Iterable[Path], manifest: Path) -> None:
    """Record the artifacts in ``manifest``."""
    above = manifest.parent.parent
    sums = {_name(path, above): digest(read_bytes(path)) for path in sorted(names)}
    write_text(json.dumps(sums, indent=1) + "\n", manifest)


def verify(manifest: Path) -> str:
    """Compare the artifacts with what ``manifest`` records; say that all are as they were.

    Raises:
        ValueError: some are missing or changed, or it is no manifest.
    """
    recorded = _recorded(manifest)
    above = manifest.parent.parent
    missing = [name for name in recorded if not Path(above, name).is_file()]
    present = {n: d for n, d in recorded.items() if n not in missing}
    changed = [n for n, d in present.items() if digest(Path(above, n).read_bytes()) != d]
    # Files that the manifest does not know, left over from another config for example, are named.
    there = {f"{RESULTS}/{name}" for name in artifacts(above / RESULTS)}
    for name in sorted(there - set(recorded)):
        print(f"not in {manifest}: {name}", file=sys.stderr)
    if missing or changed:
        names = [f"{n} (missing)" for n in missing] + [f"{n} (changed)" for n in changed]
        raise ValueError(f"{len(names)} of {len(recorded)} artifacts differ: {', '.join(names)}")
    return f"all {len(recorded)} artifacts are as recorded in {manifest}"


def _name(path: Path, above: Path) -> str:
    return Path(os.path.relpath(path, above)).as_posix()


def _recorded(manifest: Path) -> dict[str, str]:
    if not manifest.is_file():
        raise ValueError(f"{manifest} is missing; `make reproduce` writes it, last of all")
    try:
        recorded = json.loads(read_bytes(manifest))
    except ValueError as error:
        told = str(error).removeprefix(f"{manifest} ")
        raise ValueError(f"{manifest}: not a manifest ({told})") from error
    if not isinstance(recorded, dict):
        raise ValueError(f"{manifest}: not a manifest (no JSON object)")
    return recorded
