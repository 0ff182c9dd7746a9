"""The manifest of the results: the SHA-256 of every artifact, by its name."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from edgeofchaos.support.artifacts import artifacts, digest, read_bytes, write_text

RESULTS = Path("results")


def write(names: Iterable[Path], manifest: Path) -> None:
    """Record the artifacts in ``manifest``."""
    sums = {p.as_posix(): digest(read_bytes(p)) for p in sorted(names)}
    write_text(json.dumps(sums, indent=1) + "\n", manifest)


def verify(manifest: Path) -> str:
    """Compare the artifacts with what ``manifest`` records; say that all are as they were.

    Raises:
        ValueError: some are missing or changed, or it is no manifest.
    """
    recorded = _recorded(manifest)
    missing = [name for name in recorded if not Path(name).is_file()]
    present = {n: d for n, d in recorded.items() if n not in missing}
    changed = [n for n, d in present.items() if digest(Path(n).read_bytes()) != d]
    # Files that the manifest does not know, left over from another config for example, are named.
    for name in sorted({f"{RESULTS / n}" for n in artifacts(RESULTS)} - set(recorded)):
        print(f"not in {manifest}: {name}", file=sys.stderr)
    if missing or changed:
        names = [f"{n} (missing)" for n in missing] + [f"{n} (changed)" for n in changed]
        raise ValueError(f"{len(names)} of {len(recorded)} artifacts differ: {', '.join(names)}")
    return f"all {len(recorded)} artifacts are as recorded in {manifest}"


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
