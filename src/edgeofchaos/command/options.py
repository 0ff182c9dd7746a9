"""The arguments and options that several subcommands have, and how their values are read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from edgeofchaos.activations import Activation

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class Several(click.Option):
    """An option that takes one number or more, as in ``--sigma-b 0.1 0.2``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"type": float, "multiple": True, **kwargs})

    def make_metavar(self, ctx: click.Context) -> str:
        return "NUMBER..."


class _Activation(click.ParamType):
    """The name of an activation; which ones there are is completed."""

    name = "activation"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from edgeofchaos.builtins import BUILTINS

        return [CompletionItem(n) for n in BUILTINS if n.startswith(incomplete.lower())]


def with_activation(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the argument ``activation`` and the option ``--kinks``."""
    argument = click.argument("activation", type=_Activation())
    return _kinks(argument(function))


def with_activations(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds one argument ``activation`` or more, as a tuple, and the option ``--kinks``."""
    argument = click.argument("activation", type=_Activation(), nargs=-1, required=True)
    return _kinks(argument(function))


def _kinks(function: Callable[..., Any]) -> Callable[..., Any]:
    told = "Where your own function has kinks; they are looked for otherwise."
    return click.option("--kinks", cls=Several, help=told)(function)


def sigma(letter: str, default: float | None = None, told: str = "") -> Decorator:
    """Adds ``--sigma-b`` or ``--sigma-w`` with one number."""
    what = {"b": "Standard deviation of the biases", "w": "That of the weights times root fan-in"}
    return click.option(
        f"--sigma-{letter}", type=float, default=default, show_default=default is not None,
        metavar="NUMBER", help=f"{what[letter]}{told}.",
    )  # fmt: skip


def ends(letter: str, low: float, high: float) -> Decorator:
    """Adds ``--sigma-b-from`` and ``--sigma-b-to``, or those of ``w``."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for end, value, word in (("to", high, "largest"), ("from", low, "least")):
            function = click.option(
                f"--sigma-{letter}-{end}", type=float, default=value, show_default=True,
                metavar="NUMBER", help=f"The {word} sigma_{letter}.",
            )(function)  # fmt: skip
        return function

    return add


def counted(option: str, default: int | None, told: str, **kwargs: Any) -> Decorator:
    """Adds an option with a whole number."""
    if default is not None:
        kwargs |= {"default": default, "show_default": True}
    return click.option(option, type=int, metavar="N", help=told, **kwargs)


def resolved(name: str, kinks: Sequence[float] = ()) -> Activation:
    """The activation of this name; a file is run for its function.

    Raises:
        ValueError: there is none, or it is unfit.
    """
    from edgeofchaos.activations import activation
    from edgeofchaos.command.loading import from_file

    here()
    return activation(from_file("activation", name) or name, kinks=kinks)


def all_resolved(names: Sequence[str], kinks: Sequence[float]) -> list[Activation]:
    """As :func:`resolved`, each; with kinks for those that are no built-ins, if there are more."""
    from edgeofchaos.builtins import canonical

    own = [len(names) == 1 or canonical(name.partition("(")[0]) is None for name in names]
    return [resolved(n, kinks if o else ()) for n, o in zip(names, own, strict=True)]


def here() -> None:
    """Let modules of the current folder be imported."""
    if "" not in sys.path:
        sys.path.insert(0, "")


def spaced(what: str, low: float, high: float, points: int) -> list[float]:
    """``points`` numbers from ``low`` to ``high``, evenly spaced.

    Raises:
        ValueError: one end is no standard deviation, they are in the wrong order, or ``points`` is
            not from 2 to 10,000.
    """
    import numpy as np

    from edgeofchaos.arguments import check_sigma, whole, wrong

    start, end = check_sigma(f"{what}_from", low), check_sigma(f"{what}_to", high)
    if not start < end:
        raise wrong(f"{what}_to", high, f"a number above {what}_from = {start:g}")
    count = whole("points", points, 2, 10_000)
    return [float(x) for x in np.linspace(start, end, count)]
