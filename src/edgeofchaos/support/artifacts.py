"""Files that are whole or absent, each with its SHA-256 on record, checked when it is read."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

# A folder with this one in it has the sums of what is written below it. results/ has one.
SUMS = ".sha256"
# What jobs print and how long they took differs from run to run. The README is no result.
_NO_ARTIFACTS = {"logs", "benchmarks", "README.md", "manifest.json"}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def artifacts(results: Path) -> set[str]:
    """The names of all artifacts below ``results``, but for the manifest, from there."""
    below = (p.relative_to(results) for p in results.rglob("*") if p.is_file())
    return {
        name.as_posix()
        for name in below
        if name.parts[0] not in _NO_ARTIFACTS
        and not any(part.startswith(".") for part in name.parts)
    }


def write_bytes(data: bytes, path: str | os.PathLike) -> None:
    """Write bytes so that ``path`` holds either its old content or all of the new."""
    path = Path(path)
    with _replacing(path, data):
        record = _record(path)
        if record is not None:
            # First the sum: a kill between the two leaves an old file that is told as damaged.
            name = path.absolute().relative_to(_top(path)).as_posix()
            with _replacing(record, f"{digest(data)}  {name}\n".encode()):
                pass


def write_text(text: str, path: str | os.PathLike) -> None:
    """Write UTF-8 text so that ``path`` holds either its old content or all of the new."""
    write_bytes(text.encode("utf-8"), path)


def read_bytes(path: str | os.PathLike) -> bytes:
    """What ``path`` holds; ValueError if that is not what was written there."""
    data = Path(path).read_bytes()
    if not _as_written(Path(path), data):
        raise ValueError(
            f"{path} is damaged (not what was written, SHA-256 {digest(data)}); snakemake, started "
            "anew, makes it again"
        )
    return data


def damaged(path: Path) -> bool:
    """Whether there is something in ``path`` that was not written there."""
    return path.is_file() and not _as_written(path, path.read_bytes())


def _as_written(path: Path, data: bytes) -> bool:
    record = _record(path)
    if record is None or not record.is_file():
        return True
    return record.read_bytes()[:64] == digest(data).encode()


def _top(path: Path) -> Path | None:
    """The innermost folder above ``path`` that keeps sums."""
    return next((p for p in path.absolute().parents if (p / SUMS).is_dir()), None)


def _record(path: Path) -> Path | None:
    top = _top(path)
    return top and top / SUMS / f"{path.absolute().relative_to(top)}.sha256"


@contextlib.contextmanager
def _replacing(path: Path, data: bytes) -> Iterator[None]:
    """Data beside ``path`` and on the disk; renamed to it at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        yield
        os.replace(temporary, path)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a full disk does not say of which file
        raise
