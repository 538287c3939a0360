"""`monespace db`, `purge` and `journal`: the tables, what is past its life, what must not go."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..access.place import config_option, load_settings
from ..command import OperatorGroup, operator_command
from ..errors import Exit, Stop
from ..output import print_json, print_lines, say

if TYPE_CHECKING:
    from monespace_backends.settings.service import Settings
    from monespace_backends.storage import SqlStorage

__all__ = ["db", "journal", "purge"]


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
        revision = upgrade_tables(settings.database.url, **settings.database.naming)
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

    Before that, the day's head of the journals is written, as by: monespace journal head. Without
    usable keys it is not, and the purge says so and goes on.

    It may run beside servers: it works in short batches with pauses between them, and tells on the
    error output how far it is. Stopped in the middle, it has lost nothing: run it again.

    Examples:
        monespace purge --config monespace.toml
        17 3 * * *  monespace purge --config /etc/monespace/monespace.toml    (in a crontab)
    """
    from monespace_flows.errors import MonespaceError

    with _opened(config) as (settings, storage, now):
        try:
            list(_heads(settings, storage, now))
        except (MonespaceError, OSError) as error:
            told = error if isinstance(error, MonespaceError) else error.strerror
            say(f"no head of the journals was written: {told}")
        counts = storage.purge(
            now, now - settings.policy.journeys.retention, report=_Progress().tell
        )
    if as_json:
        print_json("monespace/purge/1", deleted=counts)
    else:
        print_lines([f"{table:<10}{count:>8} deleted" for table, count in counts.items()])


@contextmanager
def _opened(config: Path | None) -> Iterator[tuple[Settings, SqlStorage, datetime]]:
    from monespace_backends.clock import SystemClock
    from monespace_backends.storage import open_storage

    settings = load_settings(config)
    database = settings.database
    storage = open_storage(
        database.url, **database.naming, session_life=settings.policy.sessions.absolute
    )
    try:
        yield settings, storage, SystemClock().now()
    finally:
        storage.close()


# --- journal -------------------------------------------------------------------------------------


@click.group("journal", cls=OperatorGroup)
def journal() -> None:
    """Note what the journals hold, so that what is taken away later shows.

    Each line of a journal is sealed under the keys; a head is sealed too, follows the one before,
    and says how many lines of each day there are, and which. monespace verify compares. Whoever
    writes to the database can delete the newest heads with their lines: keep a copy of the heads
    where he cannot write.

    Next: monespace journal head --append /mnt/archive/heads.jsonl
    """


@journal.command("head")
@config_option
@click.option(
    "--append",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Add the heads to a file instead of writing them to the output.",
)
def head(config: Path | None, append: Path | None) -> None:
    """Write the next head, over all lines since the last one: run it every day, or every hour.

    monespace purge does it too. A head covers 5,000 lines at most, so the first time there may be
    many; each is one line of JSON, without anything of a person.

    Examples:
        monespace journal head --append /mnt/archive/heads.jsonl
        monespace journal head | logger -t monespace-journal        (to syslog)

    Next: monespace verify --config monespace.toml --heads /mnt/archive/heads.jsonl
    """
    with _opened(config) as (settings, storage, now):
        _write_out(_heads(settings, storage, now), append)


@journal.command("heads")
@config_option
@click.option("--since", type=click.IntRange(0), default=0, metavar="NUMBER", help="From it on.")
def heads(config: Path | None, since: int) -> None:
    """Write the heads that there are to the output, as they are stored.

    Examples:
        monespace journal heads > /mnt/archive/heads.jsonl
        monespace journal heads --since 120 >> /mnt/archive/heads.jsonl
    """
    with _opened(config) as (_, storage, _now), storage.heads() as stored:
        _write_out(iter(stored.since(since)), None)


def _heads(settings: Settings, storage: SqlStorage, now: datetime) -> Iterator[str]:
    from monespace_backends.clock import SystemClock
    from monespace_backends.keyring import open_keys
    from monespace_backends.secrets import read_keys
    from monespace_backends.storage import write_heads

    secrets = open_keys(storage, read_keys(settings.keys_file), SystemClock())
    yield from write_heads(storage, secrets, now, now - settings.policy.journeys.retention)


def _write_out(written: Iterator[str], append: Path | None) -> None:
    if append is None:
        for one in written:
            click.echo(one)
        return
    try:
        # Opened first: a head that is written and not copied is copied by hand.
        with append.open("a", encoding="utf-8", newline="\n") as file:
            for one in written:
                file.write(f"{one}\n")
                file.flush()
                os.fsync(file.fileno())
        say(f"added to {append}")
    except OSError as error:
        told = "then copy what was written by: monespace journal heads"
        raise Stop(Exit.USAGE, f"{append} cannot be written ({error.strerror}): {told}") from None
