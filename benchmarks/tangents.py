"""`neural-tangents` in an environment of its own, made once, and a process that uses it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
# The last versions that go together: later ones of jax lack what neural-tangents imports.
PACKAGES = ("jax==0.4.30", "jaxlib==0.4.30", "tf2jax==0.3.6", "numpy<2.1", "neural-tangents==0.6.5")
_INSTALL_SECONDS = 900


class Missing(Exception):
    """`neural-tangents` cannot be had here; the message says why."""


def interpreter(folder: Path) -> Path:
    """The Python of the environment in ``folder``, which is made if it is not there.

    Raises:
        Missing: it cannot be made.
    """
    python, done = folder / "bin" / "python", folder / "installed"
    wanted = "\n".join(PACKAGES)
    if done.is_file() and done.read_text(encoding="utf-8") == wanted:
        return python
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        for call in ([sys.executable, "-m", "venv", "--clear", folder], [*pip, *PACKAGES]):
            subprocess.run(call, check=True, capture_output=True, text=True,
                           timeout=_INSTALL_SECONDS)  # fmt: skip
    except subprocess.CalledProcessError as error:
        said = [line for line in error.stderr.splitlines() if line.startswith("ERROR")]
        raise Missing(said[-1] if said else f"{error}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{error}") from error
    done.write_text(wanted, encoding="utf-8")
    return python


class Worker:
    """The process: :meth:`run` computes the kernels there, and :meth:`answer` fetches them.

    Raises:
        Missing: it does not start.
    """

    def __init__(self, python: Path, inputs: np.ndarray, **task: object) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._log = (Path(self._folder.name) / "log").open("w+", encoding="utf-8")
        path = Path(self._folder.name) / "inputs.npy"
        np.save(path, inputs)
        self._process = subprocess.Popen(
            [python, HERE / "tangents_worker.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._log, text=True,
        )  # fmt: skip
        self._said(json.dumps({"inputs": str(path), **task}))
        self.mib = float("nan")

    def run(self) -> Worker:
        """Compute both kernels; what comes back has the answer."""
        self.mib = float(self._said("run"))
        return self

    def answer(self) -> tuple[np.ndarray, np.ndarray]:
        """The NNGP and the NTK of the last run."""
        path = Path(self._folder.name) / "found.npz"
        self._said(f"answer {path}")
        with np.load(path) as found:
            return found["nngp"].astype(float), found["ntk"].astype(float)

    def close(self) -> None:
        """End the process, and take away what it left."""
        if self._process.stdin.closed:
            return
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()
        self._log.close()
        self._folder.cleanup()

    def _said(self, line: str) -> str:
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self._process.wait()
            self._log.seek(0)
            last = (self._log.read().strip() or "it said nothing").splitlines()[-1]
            self.close()
            raise Missing(f"its process ended: {last}")
        return answer.strip()
