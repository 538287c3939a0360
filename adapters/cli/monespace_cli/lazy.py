"""A group whose commands are imported only when they are invoked.

So ``show`` never pays for what ``serve`` needs, and ``--help`` pays for nothing: until a command
runs, a name and a sentence stand for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from .command import OperatorGroup

__all__ = ["Entry", "LazyGroup"]


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


class StandIn(click.Command):
    """A command that is not imported: all that the help's list needs of it."""

    def __init__(self, name: str, entry: Entry) -> None:
        super().__init__(name, short_help=entry.help)
        self.panel = entry.panel


class LazyGroup(OperatorGroup):
    """Looks its commands up in ``entries``."""

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
        return StandIn(cmd_name, entry)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Import the command that is invoked."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and name in self.entries:
            command = self.entries[name].load()
        return name, command, rest
