"""`monespace db` and `monespace purge`: the tables, and what is past its life."""

from __future__ import annotations

from pathlib import Path

import click

from ..access.place import config_option, load_settings
from ..command import OperatorGroup, operator_command
from ..errors import Exit, Stop
from ..output import print_json, print_lines, say

__all__ = ["db", "purge"]


@click.group("db", cls=OperatorGroup)
def db() -> None:
    """Bring the database to this version.

    Next: monespace db upgrade --config monespace.toml
    """


@db.command("upgrade")
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
    try:
        revision = upgrade_tables(settings.database)
    except OSError as error:
        told = "its folder must be there, be this account's to write in, and have room"
        raise Stop(Exit.USAGE, f"database: cannot be made ({error.strerror}): {told}") from None
    except ValueError as error:
        raise Stop(Exit.USAGE, f"database: {error}") from None
    click.echo(f"The database is at revision {revision}.")


_EVERY = 10_000  # rows between two lines: a million of them is a hundred lines


class _Progress:
    """Tells how far a purge is, on the error output."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}

    def tell(self, table: str, gone: int) -> None:
        """Write a line when many more rows are gone."""
        if gone - self._told.get(table, 0) >= _EVERY:
            self._told[table] = gone
            say(f"{table}: {gone} deleted so far")


@operator_command("purge")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/purge/1).")
def purge(config: Path | None, as_json: bool) -> None:
    """Delete what is past its life: run it every day.

    Journeys go when they expire, journals and messages after journeys.retention of the policy
    (183 days), counted failures after a day, sessions and links when they are over. Accounts stay.

    It may run beside servers: it works in short batches with pauses between them, and tells on the
    error output how far it is. Stopped in the middle, it has lost nothing: run it again.

    Examples:
        monespace purge --config monespace.toml
        17 3 * * *  monespace purge --config /etc/monespace/monespace.toml    (in a crontab)
    """
    from monespace_backends.clock import SystemClock
    from monespace_backends.storage import open_storage

    settings = load_settings(config)
    now = SystemClock().now()
    storage = open_storage(settings.database, session_life=settings.policy.sessions.absolute)
    try:
        counts = storage.purge(
            now, now - settings.policy.journeys.retention, report=_Progress().tell
        )
    finally:
        storage.close()
    if as_json:
        print_json("monespace/purge/1", deleted=counts)
    else:
        print_lines([f"{table:<10}{count:>8} deleted" for table, count in counts.items()])
