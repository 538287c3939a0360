"""What the program's commands have in common: how late they come, what they refuse, their help.

What frames them is French everywhere: headings, remarks, complaints.  ``support_command`` is for
who answers the telephone; what an ``operator_command`` says of a service, its operators read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from rich_click import RichCommand

__all__ = [
    "Entry",
    "LazyGroup",
    "OperatorGroup",
    "completed_from",
    "operator_command",
    "support_command",
]

_Function = Callable[..., Any]

_HELP = ["-h", "--help"]

_TEXTS: Mapping[str, str] = {
    "usage": "Utilisation :",
    "arguments_panel_title": "Arguments ",
    "options_panel_title": "Options ",
    "commands_panel_title": "Commandes ",
    "default_string": "[par défaut : {}]",
    "required_long_string": "[obligatoire]",
    "envvar_string": "[ou la variable {}]",
    "append_range_help_string": "[valeurs : {}]",
}
"""What rich-click says around a command, in French."""


class _OperatorCommand(click.Command):
    """A command that does not repeat, in its complaint, an argument that it did not expect."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("context_settings", {"help_option_names": _HELP})
        super().__init__(*args, **settings)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Make the option that shows the help."""
        return _in_french(super().get_help_option(ctx))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line."""
        ctx.allow_extra_args = True  # click's own complaint would quote it
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise click.UsageError("", ctx)
        return rest

    def get_help(self, ctx: click.Context) -> str:
        """Write the help page."""
        return _help_page(self, ctx)


class OperatorGroup(click.Group):
    """A command that holds others."""

    command_class = _OperatorCommand

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("context_settings", {"help_option_names": _HELP})
        settings.setdefault("subcommand_metavar", "COMMANDE [ARGUMENTS]...")
        super().__init__(*args, **settings)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Make the option that shows the help."""
        return _in_french(super().get_help_option(ctx))

    def get_help(self, ctx: click.Context) -> str:
        """Write the help page."""
        return _help_page(self, ctx)


def _in_french(option: click.Option | None) -> click.Option | None:
    if option is not None:
        option.help = "Afficher cette aide."
    return option


_Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def completed_from(names: Callable[[], Iterable[str]]) -> _Complete:
    """Make what completes an option, in a shell that was told to, from the names that there are."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        del ctx, param
        return [name for name in names() if name.startswith(incomplete)]

    return complete


def operator_command(name: str, **settings: Any) -> Callable[[_Function], _OperatorCommand]:
    """Make a command for those who run the service."""
    return click.command(name, cls=_OperatorCommand, **settings)


support_command = operator_command
"""Makes a command for support staff, who read nothing but French."""


class Entry(NamedTuple):
    """A command before it is imported: where it is (``module:attribute``), and its one line."""

    target: str
    panel: str
    help: str
    is_french: bool = False

    def load(self) -> click.Command:
        """Import the command."""
        name, _, attribute = self.target.partition(":")
        command = getattr(import_module(name), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.target} is not a command")
        return command


class _StandIn(click.Command):
    """A command that is not imported: all that the help's list needs of it."""

    def __init__(self, name: str, entry: Entry) -> None:
        super().__init__(name, short_help=entry.help)
        self.panel = entry.panel


class LazyGroup(OperatorGroup):
    """Looks its commands up in ``entries``, and imports the one that is invoked.

    So ``show`` never pays for what ``serve`` needs, and ``--help`` pays for nothing.
    """

    def __init__(self, *args: Any, entries: Mapping[str, Entry], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.entries = dict(entries)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands, in the order of the table."""
        del ctx
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Stand in for a command: enough for the help."""
        del ctx
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        return _StandIn(cmd_name, entry)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Import the command that is invoked."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and name in self.entries:
            command = self.entries[name].load()
        return name, command, rest


def _help_page(command: click.Command, ctx: click.Context) -> str:
    """Write the help of a command, without boxes: it reads the same without colour or eyes.

    Commands are plain click, and a page is written by a rich twin of the command: rich takes longer
    to import, so only who asks for help waits for it.

    Args:
        command: the command, or a group of commands.
        ctx: its context.
    """
    from rich_click import RichContext, RichHelpConfiguration

    told: dict[str, Any] = dict(_TEXTS)
    twin = _twin(command, ctx, told.pop("usage"))
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


def _twin(command: click.Command, ctx: click.Context, usage: str) -> RichCommand:
    from rich_click import RichCommand, RichGroup

    class Framed:
        """What a twin says as the command itself does, in French."""

        def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
            pieces = command.collect_usage_pieces(ctx)
            formatter.write_usage(ctx.command_path, " ".join(pieces), usage)

        def get_help_option(self, ctx: click.Context) -> click.Option | None:
            return command.get_help_option(ctx)

    class Page(Framed, RichCommand):
        pass

    told: dict[str, Any] = {
        "name": command.name,
        "params": list(command.params),
        "help": command.help,
        "epilog": command.epilog,
        "add_help_option": command.add_help_option,
    }
    if not isinstance(command, click.Group):
        return Page(**told)

    class InOrder(Framed, RichGroup):  # type: ignore[misc]  # rich-click's own bases differ so
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
                panel=_headed(getattr(held, "panel", None)),
            )
            for name, held in listed
            if held is not None
        },
    )


def _headed(panel: str | None) -> str | None:
    """A heading with the space that French has before the colon."""
    return panel and f"{panel} "
