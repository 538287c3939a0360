"""What the program's commands have in common: how their help looks, and what they refuse.

``operator_command`` speaks English, ``support_command`` French.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import click

__all__ = [
    "OperatorCommand",
    "OperatorGroup",
    "SupportCommand",
    "operator_command",
    "support_command",
]

Function = Callable[..., Any]

_HELP = ["-h", "--help"]


class OperatorCommand(click.Command):
    """A command that does not repeat, in its complaint, an argument that it did not expect."""

    help_texts: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("context_settings", {"help_option_names": _HELP})
        super().__init__(*args, **settings)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line."""
        ctx.allow_extra_args = True  # click's own complaint would quote it
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise click.UsageError("", ctx)
        return rest

    def get_help(self, ctx: click.Context) -> str:
        """Write the help page."""
        from .help_page import help_page

        return help_page(self, ctx, self.help_texts)


class OperatorGroup(click.Group):
    """A command that holds others."""

    command_class = OperatorCommand

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("context_settings", {"help_option_names": _HELP})
        super().__init__(*args, **settings)

    def get_help(self, ctx: click.Context) -> str:
        """Write the help page."""
        from .help_page import help_page

        return help_page(self, ctx, {})


class SupportCommand(OperatorCommand):
    """A command for support staff: its help and complaints are in French."""

    help_texts: ClassVar[Mapping[str, str]] = {
        "usage": "Utilisation :",
        "arguments_panel_title": "Arguments ",
        "options_panel_title": "Options ",
        "default_string": "[par défaut : {}]",
        "required_long_string": "[obligatoire]",
        "envvar_string": "[ou la variable {}]",
        "append_range_help_string": "[valeurs : {}]",
    }


def operator_command(name: str, **settings: Any) -> Callable[[Function], OperatorCommand]:
    """Make a command for those who run the service."""
    return click.command(name, cls=OperatorCommand, **settings)


def support_command(name: str, **settings: Any) -> Callable[[Function], SupportCommand]:
    """Make a command for support staff."""

    def decorate(function: Function) -> SupportCommand:
        told = click.help_option(*_HELP, help="Afficher cette aide.")(function)
        return click.command(name, cls=SupportCommand, **settings)(told)

    return decorate
