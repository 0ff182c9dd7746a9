"""The state of a training on disk, so that a stopped run goes on where it was."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from edgeofchaos.support.artifacts import digest, write_bytes
from edgeofchaos.support.program import versions


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
        data = self.path.read_bytes()
        found, maker, saved = data[:64], data[64:128], data[128:]
        # PyTorch would load a file with a flipped bit without an error.
        if found != digest(data[64:]).encode():
            _tell(f"{self.path} is damaged; from the start")
            return None
        if maker != self._made_for:
            _tell(f"{self.path} is of another training; from the start")
            return None
        state = torch.load(io.BytesIO(saved), map_location="cpu", weights_only=True)
        _tell(f"{self.path}; from step {state['state']['step']}")
        return state

    def save(self, state: dict[str, Any]) -> None:
        """Write the state; the file holds either the old one or all of the new."""
        if self.path is not None:
            stream = io.BytesIO()
            torch.save(state, stream)
            data = self._made_for + stream.getvalue()
            write_bytes(digest(data).encode() + data, self.path)

    def remove(self) -> None:
        """Once the training is done."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _library() -> str:
    """SHA-256 of the library in use: with other code a training begins anew."""
    files = [
        m.__file__ for n, m in sorted(sys.modules.items()) if n.partition(".")[0] == "edgeofchaos"
    ]
    return digest(b"".join(Path(f).read_bytes() for f in files if f))


def _tell(what: str) -> None:
    print(f"checkpoint: {what}", file=sys.stderr)
