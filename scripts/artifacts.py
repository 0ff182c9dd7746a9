"""Artifacts: written whole or not at all, with their SHA-256, and read only as they were written.

The digest of results/theory/edge.csv lies in results/.sha256/theory/edge.csv. It is written first:
a run killed in between leaves a digest without an artifact, which is simply made. Files elsewhere
have none.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

RESULTS = Path("results")
RECORDS = RESULTS / ".sha256"
DAMAGED = "not what was written (its SHA-256 differs); `make mend` removes it, a run makes it again"


def write_csv(rows, path: str | os.PathLike, columns: Iterable[str] | None = None) -> None:
    """A long-form table with full-precision floats."""
    import pandas as pd

    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows), columns=columns)
    write_text(frame.to_csv(index=False, float_format="%.17g", lineterminator="\n"), path)


def write_text(text: str, path: str | os.PathLike) -> None:
    """UTF-8 text."""
    write_bytes(text.encode("utf-8"), path)


def write_bytes(data: bytes, path: str | os.PathLike) -> None:
    """Write so that ``path`` holds either its old content or all of the new."""
    if record := _record(Path(path)):
        _replace(digest(data).encode() + b"\n", record)
    _replace(data, Path(path))


def read_bytes(path: str | os.PathLike) -> bytes:
    """The content of a file; ValueError if it is an artifact and not what was written."""
    data = Path(path).read_bytes()
    record = _record(Path(path))
    if record and record.is_file() and record.read_text().strip() != digest(data):
        raise ValueError(f"{path}: {DAMAGED}")
    return data


def read_text(path: str | os.PathLike) -> str:
    """UTF-8 text; ValueError as :func:`read_bytes`."""
    return read_bytes(path).decode("utf-8")


def read_csv(path: str | os.PathLike):
    """A table as a data frame, floats exact; ValueError as :func:`read_bytes`."""
    import pandas as pd

    return pd.read_csv(io.BytesIO(read_bytes(path)))


DAMAGED = (
    "not what was written (its SHA-256 differs); `make mend` removes it, the next run makes it"
)


def damaged() -> list[Path]:
    """The artifacts in the work folder that are not what was written, sorted."""
    found = []
    for record in sorted(RECORDS.rglob("*")) if RECORDS.is_dir() else ():
        artifact = RESULTS / record.relative_to(RECORDS)
        if record.is_file() and not record.name.endswith(".tmp") and artifact.is_file():
            try:
                read_bytes(artifact)
            except ValueError:
                found.append(artifact)
    return found


def leftovers() -> list[Path]:
    """What killed jobs had begun to write."""
    return sorted(RESULTS.rglob(".*.tmp"))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _record(path: Path) -> Path | None:
    """Where the digest of an artifact is; None for files outside results/."""
    try:
        inside = path.absolute().relative_to(RESULTS.absolute())
    except ValueError:
        return None
    return RECORDS / inside


def _replace(data: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
