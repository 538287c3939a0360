"""Help pages, laid out by rich: without boxes, so that they read the same without colour or eyes.

rich takes longer to import than click, so only who asks for help waits for it: commands are plain
click, and a page is written by a rich twin of the command.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich_click import RichCommand

__all__ = ["help_page"]


def help_page(command: click.Command, ctx: click.Context, texts: Mapping[str, Any]) -> str:
    """Write the help of a command.

    Args:
        command: the command, or a group of commands.
        ctx: its context.
        texts: the headings and remarks that are not in English.
    """
    from rich_click import RichContext, RichHelpConfiguration

    told = dict(texts)
    twin = _twin(command, ctx, told.pop("usage", None))
    style = RichHelpConfiguration(
        theme="cargo-slim",
        max_width=88,
        padding_helptext_first_line=(0, 0, 1, 0),
        text_paragraph_linebreaks="\n\n",
        **told,
    )
    page = RichContext(
        twin,
        info_name=ctx.info_name,
        parent=ctx.parent,
        help_option_names=ctx.help_option_names,
        rich_help_config=style,
    )
    return twin.get_help(page)


def _twin(command: click.Command, ctx: click.Context, usage: str | None) -> RichCommand:
    from rich_click import RichCommand, RichGroup

    class Page(RichCommand):
        def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
            pieces = self.collect_usage_pieces(ctx)
            formatter.write_usage(ctx.command_path, " ".join(pieces), usage)

    told: dict[str, Any] = {
        "name": command.name,
        "params": list(command.params),
        "help": command.help,
        "epilog": command.epilog,
        "add_help_option": command.add_help_option,
    }
    if not isinstance(command, click.Group):
        return Page(**told)

    class InOrder(RichGroup):
        def list_commands(self, ctx: click.Context) -> list[str]:
            del ctx
            return list(self.commands)

    listed = ((name, command.get_command(ctx, name)) for name in command.list_commands(ctx))
    return InOrder(
        **told,
        commands={
            name: RichCommand(
                name=name,
                short_help=held.get_short_help_str(limit=200),
                panel=getattr(held, "panel", None),
            )
            for name, held in listed
            if held is not None
        },
    )
