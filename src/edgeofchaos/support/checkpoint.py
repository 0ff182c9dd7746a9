"""The state of a training on disk, so that a stopped run goes on where it was."""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, cast

import torch

from edgeofchaos.support.artifacts import digest, replacing
from edgeofchaos.support.program import versions

_DIGITS = 64  # of a SHA-256


class Checkpoint:
    """A file with the state of one training; no file where ``path`` is None.

    ``arguments`` are those of the training. A checkpoint of other arguments, other versions of the
    packages or another state of this library is told and left alone.
    """

    def __init__(self, path: Path | None, arguments: Mapping[str, object]):
        self.path = path
        told = sorted((k, str(v)) for k, v in arguments.items())
        self._made_for = digest(repr((told, versions(), _library())).encode()).encode()

    def load(self) -> dict[str, Any] | None:
        """What was saved for this very training; None if there is nothing of use, which is told."""
        if self.path is None or not self.path.is_file():
            return None
        with self.path.open("rb") as stream:
            found, maker = stream.read(_DIGITS), stream.read(_DIGITS)
            # PyTorch would load a file with a flipped bit without an error.
            if found != _digest_after(stream, _DIGITS):
                _tell(f"{self.path} is damaged; from the start")
                return None
            if maker != self._made_for:
                _tell(f"{self.path} is of another training; from the start")
                return None
            after = cast(IO[bytes], _After(stream, 2 * _DIGITS))
            state = torch.load(after, map_location="cpu", weights_only=True)
        _tell(f"{self.path}; from step {state['state']['step']}")
        return state

    def save(self, state: dict[str, Any]) -> None:
        """Write the state; the file holds either the old one or all of the new."""
        if self.path is None:
            return
        with replacing(self.path) as stream:
            stream.write(b"0" * _DIGITS + self._made_for)
            torch.save(state, stream)
            found = _digest_after(stream, _DIGITS)
            stream.seek(0)
            stream.write(found)

    def remove(self) -> None:
        """Once the training is done."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


class _After(io.RawIOBase):
    """What a file holds after its first bytes, as a file: the state may not fit in memory twice."""

    def __init__(self, stream: io.BufferedIOBase, start: int) -> None:
        self._stream, self._start = stream, start
        stream.seek(start)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def tell(self) -> int:
        return self._stream.tell() - self._start

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._stream.seek(offset + (self._start if whence == io.SEEK_SET else 0), whence)
        return self.tell()


def _digest_after(stream: io.BufferedIOBase, start: int) -> bytes:
    """SHA-256, in hexadecimal digits, of what a file holds after its first bytes."""
    stream.flush()
    stream.seek(start)
    return hashlib.file_digest(stream, "sha256").hexdigest().encode()


def _library() -> str:
    """SHA-256 of the library in use: with other code a training begins anew."""
    files = [
        m.__file__ for n, m in sorted(sys.modules.items()) if n.partition(".")[0] == "edgeofchaos"
    ]
    return digest(b"".join(Path(f).read_bytes() for f in files if f))


def _tell(what: str) -> None:
    print(f"checkpoint: {what}", file=sys.stderr)
