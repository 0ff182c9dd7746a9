"""The ``edgeofchaos`` command: ``edge``, ``conditions`` and ``recommend``."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from edgeofchaos.arguments import one_line
from edgeofchaos.support.json_text import json_text

if TYPE_CHECKING:
    from edgeofchaos.activations import Activation


_INTERRUPTED, _PIPE_CLOSED = 130, 141  # as the shell counts SIGINT and SIGPIPE


def main(argv: list[str] | None = None) -> int:
    """Run the command with ``argv``, or with the process's own arguments.

    Returns:
        The exit code: 0; 2 after one line on standard error; 130 if it was interrupted, and 141 if
        whoever read its output has gone.
    """
    _show_any_text(sys.stdout)
    try:
        arguments = _parser().parse_args(argv)
        # What a user's own function prints is no part of the answer.
        with contextlib.redirect_stdout(sys.stderr):
            text = arguments.run(arguments)
        print(text, flush=True)
    except SystemExit:  # after --help, or a mistake that argparse has told
        _drop(sys.stdout)
        raise
    except BrokenPipeError:
        _drop(sys.stdout)
        return _PIPE_CLOSED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        _drop(sys.stdout)
        # Of a ValueError the user can do something; any other is told with its type.
        kind = "" if isinstance(error, ValueError | OSError) else f"{type(error).__name__}: "
        # What a user's own function raised may run over several lines.
        print(f"edgeofchaos: {kind}{one_line(error)}", file=sys.stderr)
        return 2
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


class _Parser(argparse.ArgumentParser):
    """argparse, with its complaint on one line and a guess at what was meant."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {one_line(message)}{self._meant(message)}\n")

    def _meant(self, message: str) -> str:
        """The option or the command that is most like the wrong one."""
        command = re.search(r"invalid choice: '([^']*)'", message)
        wrong = command or re.search(r"unrecognized arguments: (--[\w-]+)", message)
        below = [a.choices for a in self._actions if isinstance(a.choices, dict)]
        parsers = [parser for choices in below for parser in choices.values()]
        options = {option for parser in parsers for option in parser._option_string_actions}
        known = [name for choices in below for name in choices] if command else sorted(options)
        close = difflib.get_close_matches(wrong[1], known, 1) if wrong else []
        return f"; did you mean {close[0]}?" if close else ""


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="edgeofchaos", description="Edge of chaos of any activation function.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    edge = _command(commands, "edge", _edge, "sigma_w and q on the edge for a given sigma_b")
    edge.add_argument("--sigma-b", type=float, default=0.2, help="standard deviation of the biases")
    _command(commands, "conditions", _conditions, "the conditions of Propositions 4, 5 and 7")
    advice = _command(commands, "recommend", _recommend, "how to initialise a net of some depth")
    advice.add_argument("--depth", type=int, required=True, help="number of layers")
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], str], help_text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help_text, description=help_text)
    parser.add_argument("activation", help="a built-in name, or package.module:function")
    parser.add_argument(
        "--kinks", type=float, nargs="*", default=[], help="where your own function has kinks"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)
    return parser


def _activation(arguments: argparse.Namespace) -> Activation:
    from edgeofchaos.activations import activation

    sys.path.insert(0, "")  # a user's own module lies in the current folder
    return activation(arguments.activation, kinks=arguments.kinks)


def _edge(arguments: argparse.Namespace) -> str:
    from edgeofchaos.theory.edge import edge_point

    point = edge_point(_activation(arguments), arguments.sigma_b)
    if arguments.json:
        return _json(point.as_dict())
    return _lines(point.as_dict())


def _answer(holds: bool | None) -> str:
    return "open" if holds is None else ("yes" if holds else "NO")


def _conditions(arguments: argparse.Namespace) -> str:
    from edgeofchaos.theory.conditions import check_conditions

    found = check_conditions(_activation(arguments))
    if arguments.json:
        return _json([asdict(c) for c in found])
    width = max(len(c.condition) for c in found)
    return "\n".join(
        f"Prop. {c.proposition}  {c.condition:<{width}}  {_answer(c.holds):<4}  "
        f"{c.witness:<12.6g} {c.where}; {c.detail}"
        for c in found
    )


def _recommend(arguments: argparse.Namespace) -> str:
    from edgeofchaos.practice.recommend import recommend

    advice = recommend(_activation(arguments), arguments.depth)
    values = {
        **advice.point.as_dict(),
        "depth": advice.depth,
        "one_minus_c_at_depth": advice.complement,
        "input_mean_square": advice.input_mean_square,
        "note": advice.note,
    }
    return _json(values) if arguments.json else _lines(values)


def _lines(values: dict[str, Any]) -> str:
    """One line a value, but for empty ones."""
    width = max(map(len, values))
    shown = {k: f"{v:.10g}" if isinstance(v, float) else v for k, v in values.items()}
    return "\n".join(f"{k:<{width}}  {v}" for k, v in shown.items() if v != "")


def _json(value: Any) -> str:
    # Null stands for what JSON has no number for.
    return json_text(value, no_number=lambda x: None, indent=2).rstrip()


if __name__ == "__main__":
    sys.exit(main())
