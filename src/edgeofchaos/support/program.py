"""What every script needs: activation arguments, tables, a log header, one-line errors."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from edgeofchaos.activations import Activation


# The environment variable in which the workflow says where else modules of the user's own may lie.
MODULES = "EDGEOFCHAOS_MODULES"


class Parser(argparse.ArgumentParser):
    """Tells a bad argument in one line; begins the job's log with the command where all is well."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        parsed = super().parse_args(args, namespace)
        # The command as it can be typed, to run this step alone.
        print(f"command: python {shlex.join(sys.argv)}", file=sys.stderr, flush=True)
        return parsed

    def error(self, message: str) -> NoReturn:
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


def activation_from(arguments: argparse.Namespace) -> Activation:
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
        arguments.add_argument(
            option, required=True, type=Path, default=argparse.SUPPRESS,
            help=f"where {name} is written",
        )  # fmt: skip


@contextlib.contextmanager
def as_expected(what: str) -> Iterator[None]:
    """Where a file is read: that it holds something else is told in one line, with its name.

    For files that can be read, and lack a column or a key, or hold numbers where rows should be.
    """
    try:
        yield
    except (LookupError, TypeError, AttributeError, EOFError) as error:
        lacks = isinstance(error, KeyError)
        told = f"it has no {error}" if lacks else f"{type(error).__name__}: {error}"
        raise ValueError(f"{what}: not what is expected there ({told})") from error


def versions() -> str:
    """Python's version and those of the packages in use that matter to the numbers."""
    used = [n for n in ("numpy", "scipy", "pandas", "matplotlib", "torch") if n in sys.modules]
    numbers = [f"{name} {sys.modules[name].__version__}" for name in used]
    return ", ".join([f"python {platform.python_version()}", *numbers])


def run(main: Callable[[], None]) -> NoReturn:
    """Call ``main`` and end the process; a ValueError is one line on standard error, status 2."""
    start = time.perf_counter()
    # The user's own modules lie in the work folder, or where the workflow says; the names of the
    # scripts must not hide them.
    ours = Path(sys.argv[0]).resolve().parent
    own = [os.getcwd(), *filter(None, os.environ.get(MODULES, "").split(os.pathsep))]
    sys.path[:] = [*own, *(p for p in sys.path if Path(p).resolve() != ours)]
    try:
        main()
    except (ValueError, OSError) as error:
        _tell(start)
        sys.exit(_fail(error))
    except Exception:
        _tell(start)
        raise
    _tell(start)
    # All files are closed: to take the loaded packages apart takes Python half a second a job.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _tell(start: float) -> None:
    """At the end, when it is known what the script has loaded."""
    print(f"versions: {versions()}", file=sys.stderr)
    print(f"seconds: {time.perf_counter() - start:.2f}", file=sys.stderr)


def _fail(error: Exception | str) -> int:
    print(f"error: {Path(sys.argv[0]).name}: {' '.join(str(error).split())}", file=sys.stderr)
    return 2
