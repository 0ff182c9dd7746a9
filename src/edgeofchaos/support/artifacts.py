"""Files that are whole or absent, each with its SHA-256 on record, checked when it is read."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from io import BufferedRandom
from pathlib import Path

# The folder that keeps the SHA-256 of every file written beside or below it. results/ has one.
SUMS = ".sha256"
# Logs and times differ from run to run, the README is no result, and `all` makes no reseedings.
_NO_ARTIFACTS = {"logs", "benchmarks", "README.md", "manifest.json", "claims/stability.csv"}


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def artifacts(results: Path) -> set[str]:
    """The names of all artifacts below ``results``, but for the manifest, from there."""
    below = (p.relative_to(results) for p in results.rglob("*") if p.is_file())
    return {
        name.as_posix()
        for name in below
        if not {name.parts[0], name.as_posix()} & _NO_ARTIFACTS
        and not any(part.startswith(".") for part in name.parts)
    }


def write_bytes(data: bytes, path: str | os.PathLike[str]) -> None:
    """Write bytes so that ``path`` holds either its old content or all of the new."""
    path = Path(path)
    with replacing(path) as stream:
        stream.write(data)
        stream.flush()  # a full disk is told before the sum is written
        top = _top(path)
        if top is not None:
            # The sum is written first: a kill in between leaves the old file with a new sum, which
            # counts as damaged, so that it is made again.
            name = path.absolute().relative_to(top).as_posix()
            with replacing(_record(top, path)) as record:
                record.write(f"{digest(data)}  {name}\n".encode())


def write_text(text: str, path: str | os.PathLike[str]) -> None:
    """Write UTF-8 text so that ``path`` holds either its old content or all of the new."""
    write_bytes(text.encode("utf-8"), path)


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """What ``path`` holds; ValueError if that is not what was written there."""
    data = Path(path).read_bytes()
    if not _as_written(Path(path), data):
        raise ValueError(
            f"{path} is damaged (not what was written, SHA-256 {digest(data)}); if it is a result, "
            "snakemake, started anew, makes it again; if not, git has it"
        )
    return data


def damaged(path: Path) -> bool:
    """Whether there is something in ``path`` that was not written there."""
    return path.is_file() and not _as_written(path, path.read_bytes())


def _as_written(path: Path, data: bytes) -> bool:
    top = _top(path)
    if top is None or not _record(top, path).is_file():
        return True
    return _record(top, path).read_bytes()[:64] == digest(data).encode()


def _top(path: Path) -> Path | None:
    """The innermost folder above ``path`` that keeps sums."""
    return next((p for p in path.absolute().parents if (p / SUMS).is_dir()), None)


def _record(top: Path, path: Path) -> Path:
    """Where the sum of ``path`` is kept, ``top`` being the folder that keeps sums."""
    return top / SUMS / f"{path.absolute().relative_to(top)}.sha256"


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BufferedRandom]:
    """A file beside ``path`` to be written, on the disk and renamed to it at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a full disk does not say of which file
        raise
