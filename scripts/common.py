"""What every script needs: activation arguments, tables, a log header, one-line errors."""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import shlex
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from artifacts import read_bytes, write_bytes

# A script lies beside this file and is run as a program; the user's own modules in the work folder.
sys.path.insert(1, os.getcwd())


class Parser(argparse.ArgumentParser):
    """Tells a bad argument in one line; begins the job's log with the command where all is well."""

    def parse_args(self, args=None, namespace=None):
        parsed = super().parse_args(args, namespace)
        # As it can be typed, to run this step alone.
        print(f"command: python {shlex.join(sys.argv)}", file=sys.stderr, flush=True)
        return parsed

    def error(self, message: str):
        sys.exit(_fail(message))


def parser(description: str | None) -> Parser:
    """A parser whose help shows the defaults and keeps the description as written."""
    return Parser(
        description=description,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
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


def read_csv(path: str | os.PathLike):
    """A table as it was written, floats to the last bit; ValueError if it is damaged."""
    import pandas as pd

    data = read_bytes(path)
    try:
        return pd.read_csv(io.BytesIO(data))
    except ValueError as error:
        raise ValueError(f"{path}: not a table ({error})") from error


def write_text(text: str, path: str | os.PathLike) -> None:
    """Write UTF-8 text so that ``path`` holds either its old content or all of the new."""
    write_bytes(text.encode("utf-8"), path)


def log_device(device: str, seed: int) -> None:
    """The device and the seed, in the log."""
    print(f"device: {device}; seed: {seed}", file=sys.stderr, flush=True)


def versions() -> str:
    """Python's version and those of the packages in use that matter to the numbers."""
    used = [n for n in ("numpy", "scipy", "pandas", "matplotlib", "torch") if n in sys.modules]
    numbers = [f"{name} {sys.modules[name].__version__}" for name in used]
    return ", ".join([f"python {platform.python_version()}", *numbers])


def run(main: Callable[[], None]) -> None:
    """Call ``main``; a ValueError becomes one line on standard error and exit status 2."""
    start = time.perf_counter()
    try:
        main()
    except (ValueError, OSError) as error:
        _tell(start)
        sys.exit(_fail(error))
    except Exception:
        _tell(start)
        raise
    _tell(start)


def _tell(start: float) -> None:
    """At the end, when it is known what the script has loaded."""
    print(f"versions: {versions()}", file=sys.stderr)
    print(f"seconds: {time.perf_counter() - start:.2f}", file=sys.stderr)


def _fail(error: Exception | str) -> int:
    print(f"error: {Path(sys.argv[0]).name}: {' '.join(str(error).split())}", file=sys.stderr)
    return 2
