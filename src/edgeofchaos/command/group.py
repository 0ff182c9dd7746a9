"""The command and its subcommands, each loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

from edgeofchaos import __version__
from edgeofchaos.command import PROGRAM

# In the order of the help: from a question about a function to one about a model.
_HOMES = {
    "edge": "edges",
    "curve": "edges",
    "phase": "phases",
    "conditions": "conditions",
    "recommend": "recommending",
    "compare": "comparing",
    "simulate": "simulating",
    "profile": "profiling",
    "activations": "listing",
}


class _Lazy(click.Group):
    """A group whose subcommands are imported one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_HOMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _HOMES:
            return None
        found: click.Command = getattr(
            import_module(f"edgeofchaos.command.{_HOMES[cmd_name]}"), cmd_name
        )
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _HOMES and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.NoSuchCommand(
                args[0], f"there is no command {args[0]!r}; allowed are {', '.join(_HOMES)}",
                possibilities=_HOMES, ctx=ctx,
            )  # fmt: skip
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            ctx.fail(f"COMMAND is missing; allowed are {', '.join(_HOMES)}")
        given = next((arg for arg in args if arg in _HOMES), None)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if given is None:
                raise
            name = error.option_name
            raise click.UsageError(
                f"{name} before the command; options come after it, as in "
                f"{PROGRAM} {given} ... {name}", ctx=ctx,
            ) from error  # fmt: skip


@click.group(
    cls=_Lazy, name=PROGRAM, no_args_is_help=False, subcommand_metavar="COMMAND [ARGUMENTS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)  # fmt: skip
@click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
def edgeofchaos() -> None:
    """The edge of chaos of any activation function, and what it means for your net.

    An ACTIVATION is a built-in name (see `edgeofchaos activations`), with parameters if wanted, as
    in 'swish(beta=2)', or a function of your own: package.module:function, or file.py:function.

    Every command prints a table; --json and --csv print numbers to the last digit, and --plot draws
    a picture into a file.
    """
