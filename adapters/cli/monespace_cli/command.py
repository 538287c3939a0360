"""What the program's commands have in common: how their help looks, and what they refuse.

``operator_command`` speaks English, ``support_command`` French.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import rich_click as click

__all__ = ["OperatorCommand", "SupportCommand", "help_style", "operator_command", "support_command"]

Function = Callable[..., Any]


def help_style(**texts: Any) -> dict[str, Any]:
    """Settings of a command whose help has no boxes: it reads the same without colour or eyes."""
    style = click.RichHelpConfiguration(
        theme="cargo-slim",
        max_width=88,
        padding_helptext_first_line=(0, 0, 1, 0),
        text_paragraph_linebreaks="\n\n",
        **texts,
    )
    return {"help_option_names": ["-h", "--help"], "rich_help_config": style}


class OperatorCommand(click.RichCommand):
    """A command that does not repeat, in its complaint, an argument that it did not expect."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line."""
        ctx.allow_extra_args = True  # click's own complaint would quote it
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise click.UsageError("", ctx)
        return rest


class SupportCommand(OperatorCommand):
    """A command for support staff: its help and complaints are in French."""


def operator_command(name: str, **settings: Any) -> Callable[[Function], OperatorCommand]:
    """Make a command for those who run the service."""
    return click.command(name, cls=OperatorCommand, context_settings=help_style(), **settings)


def support_command(name: str, **settings: Any) -> Callable[[Function], SupportCommand]:
    """Make a command for support staff."""
    style = help_style(
        arguments_panel_title="Arguments", options_panel_title="Options",
        default_string="[par défaut : {}]", required_long_string="[obligatoire]",
        envvar_string="[ou la variable {}]",
        range_string="[{}]",
    )  # fmt: skip

    def decorate(function: Function) -> SupportCommand:
        told = click.help_option("-h", "--help", help="Afficher cette aide.")(function)
        return click.command(name, cls=SupportCommand, context_settings=style, **settings)(told)

    return decorate
