"""What the command says of a mistake: one line, with a guess at what was meant."""

from __future__ import annotations

import click

from edgeofchaos.command import PROGRAM

_SHOWN = 1000


def complaint(error: Exception) -> str:
    """The line on standard error for whatever was raised.

    Example:
        >>> complaint(ValueError("sigma_b = -1"))
        'edgeofchaos: sigma_b = -1'
    """
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        where = context.command_path if context else PROGRAM
        return f"{where}: {_printable(_said(error))}"
    from edgeofchaos.arguments import one_line

    # Of a ValueError the user can do something; any other is told with its type.
    kind = "" if isinstance(error, ValueError | OSError) else f"{type(error).__name__}: "
    return f"{PROGRAM}: {kind}{_printable(one_line(error))}"


def _said(error: click.ClickException) -> str:
    """The message of click as the rest of the project writes its own."""
    if isinstance(error, click.MissingParameter) and error.param is not None:
        kind = "" if isinstance(error.param, click.Argument) else "option "
        name = error.param.name if not kind else "/".join(error.param.opts)
        return f"{kind}{name} is missing"
    text = error.message
    if isinstance(error, click.NoSuchOption):
        text = f"there is no option {error.option_name}"
    if isinstance(error, click.BadParameter) and error.param is not None:
        option = isinstance(error.param, click.Option)
        text = f"{error.param.opts[-1] if option else error.param.name}: {text}"
    text = text.rstrip(".")
    close = getattr(error, "possibilities", None) or []
    return f"{text}; did you mean {close[0]}?" if close else text


def _printable(text: str) -> str:
    """On one line of a bearable length, control characters as escape sequences."""
    line = " ".join(text.split())
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
