"""What every script needs: activation arguments, atomic writing, a log header, one-line errors."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

# A script lies beside this file and is run as a program; the user's own modules in the work folder.
sys.path.insert(1, os.getcwd())


def parser(description: str | None) -> argparse.ArgumentParser:
    """A parser whose help shows the defaults and keeps the description as written."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )


def add_activation_arguments(arguments: argparse.ArgumentParser) -> None:
    """--activation NAME and --spec JSON, as one entry of the config's ``activations``."""
    arguments.add_argument("--activation", required=True, help="its name in the tables")
    arguments.add_argument("--spec", default="{}", help="its entry in the config, as JSON")


def activation_from(arguments: argparse.Namespace):
    """The Activation that the arguments describe; ValueError if they do not."""
    from edgeofchaos.activations import from_spec

    try:
        spec = json.loads(arguments.spec)
    except json.JSONDecodeError as error:
        raise ValueError(f"--spec {arguments.spec!r} is not JSON ({error})") from error
    if not isinstance(spec, dict):
        raise ValueError(f"--spec {arguments.spec!r}; a JSON object is allowed")
    return from_spec(arguments.activation, spec)


def add_outputs(arguments: argparse.ArgumentParser, *names: str) -> None:
    """One required --NAME PATH for each file that the script writes."""
    for name in names:
        option = "--" + name.replace("_", "-")
        arguments.add_argument(option, required=True, type=Path, help=f"where {name} is written")


def write_csv(rows, path: str | os.PathLike, columns: Iterable[str] | None = None) -> None:
    """A long-form table with full-precision floats, written to a temporary name and renamed."""
    import pandas as pd

    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows), columns=columns)
    write_text(frame.to_csv(index=False, float_format="%.17g", lineterminator="\n"), path)


def write_text(text: str, path: str | os.PathLike) -> None:
    """Write UTF-8 text so that ``path`` holds either its old content or all of the new."""
    write_bytes(text.encode("utf-8"), path)


def write_bytes(data: bytes, path: str | os.PathLike) -> None:
    """Write bytes so that ``path`` holds either its old content or all of the new."""
    path = Path(path)
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


def log_header() -> None:
    """The command and the versions that matter, on standard error (the job's log)."""
    import numpy
    import scipy

    print(f"command: {shlex.join(sys.argv)}", file=sys.stderr)
    versions = f"python {platform.python_version()}, numpy {numpy.__version__}"
    torch = sys.modules.get("torch")
    versions += f", scipy {scipy.__version__}" + (f", torch {torch.__version__}" if torch else "")
    print(f"versions: {versions}", file=sys.stderr, flush=True)


def log_device(device: str, seed: int) -> None:
    """The device and the seed, in the log."""
    print(f"device: {device}; seed: {seed}", file=sys.stderr, flush=True)


def run(main: Callable[[], None]) -> None:
    """Call ``main``; a ValueError becomes one line on standard error and exit status 2."""
    start = time.perf_counter()
    log_header()
    try:
        main()
    except (ValueError, OSError) as error:
        sys.exit(_fail(error))
    print(f"seconds: {time.perf_counter() - start:.2f}", file=sys.stderr)


def _fail(error: Exception) -> int:
    print(f"error: {Path(sys.argv[0]).name}: {error}", file=sys.stderr)
    return 2
