"""`monespace db`: the tables of the database."""

from __future__ import annotations

from pathlib import Path

import click

from .command import OperatorCommand, OperatorGroup
from .configured import config_option, load_settings

__all__ = ["db"]


@click.group("db", cls=OperatorGroup)
def db() -> None:
    """Bring the database to this version.

    Next: monespace db upgrade --config monespace.toml
    """


@db.command("upgrade", cls=OperatorCommand)
@config_option
def upgrade(config: Path | None) -> None:
    """Create the tables, or bring them to this version; safe to repeat.

    A SQLite file needs it never: it is brought up to date when it is opened. Before a server of a
    newer version starts on PostgreSQL, run it once.

    Examples:
        monespace db upgrade --config monespace.toml

    Next: monespace serve --config monespace.toml
    """
    from monespace_backends.storage import upgrade as upgrade_tables

    settings = load_settings(config)
    click.echo(f"The database is at revision {upgrade_tables(settings.database)}.")
