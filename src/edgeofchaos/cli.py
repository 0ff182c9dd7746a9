"""The ``edgeofchaos`` command: how it starts and how it ends. Its subcommands are in ``command/``.

Nothing here imports torch or NumPy: the help and the completion of a line come without them.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TextIO

import click

from edgeofchaos.command import PROGRAM
from edgeofchaos.command.complaints import complaint
from edgeofchaos.command.group import edgeofchaos

_COMPLETE = "_EDGEOFCHAOS_COMPLETE"
_INTERRUPTED, _PIPE_CLOSED = 130, 141  # as the shell counts SIGINT and SIGPIPE


def main(argv: list[str] | None = None) -> int:
    """Run the command with ``argv``, or with the process's own arguments.

    Returns:
        The exit code: 0; 2 after one line on standard error; 130 if it was interrupted, and 141 if
        whoever read its output has gone.

    Example:
        ``main(["edge", "tanh", "--sigma-b", "0.2", "--json"])``
    """
    _show_any_text(sys.stdout)
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except BrokenPipeError:
        _drop(sys.stdout)
        return _PIPE_CLOSED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        _drop(sys.stdout)
        if sys.stderr is not None:  # closed: print would take standard output for it
            print(complaint(error), file=sys.stderr)
        return 2


def _run(argv: list[str]) -> int:
    if instruction := os.environ.get(_COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(edgeofchaos, {}, PROGRAM, _COMPLETE, instruction)
    try:
        with edgeofchaos.make_context(PROGRAM, list(argv)) as context:
            print(edgeofchaos.invoke(context), flush=True)
    except click.exceptions.Exit as leaving:  # after --help or --version
        if sys.stdout is not None:
            sys.stdout.flush()
        return leaving.exit_code
    return 0


def _show_any_text(stream: TextIO | None) -> None:
    """Write what the terminal's encoding lacks as an escape sequence."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def _drop(stream: TextIO | None) -> None:
    """Let what is left in a stream that cannot be written to go nowhere, not up at the exit."""
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
