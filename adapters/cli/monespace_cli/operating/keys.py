"""`monespace keys`: which keys there are, and how one takes the place of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ..access.place import config_option, load_settings
from ..command import OperatorGroup
from ..errors import Exit, Stop
from ..output import print_json, print_lines, say

if TYPE_CHECKING:
    from monespace_backends.resealing import KeyRows, Resealed
    from monespace_backends.secrets import Keys
    from monespace_backends.settings.service import Settings
    from monespace_backends.storage import SqlStorage
    from monespace_backends.storage.keys import KeyUser, KnownKey

__all__ = ["keys"]

_SCHEMA = "monespace/keys-{}/1"
_KINDS = ("accounts", "journeys", "messages", "links", "heads", "tries", "journals")


@click.group("keys", cls=OperatorGroup)
def keys() -> None:
    """Change the keys that everything personal is sealed under, while the service runs.

    In this order: add (a new key, which is only read), copy the file to every machine and restart
    what runs there, promote (now it is written under), reseal (what there is goes under it), retire
    (the old key, a day later; at once if it leaked).

    Next: monespace keys list --config monespace.toml
    """


@contextmanager
def _opened(config: Path | None) -> Iterator[tuple[Settings, SqlStorage, datetime]]:
    from monespace_backends.clock import SystemClock
    from monespace_backends.rotation import KeyRefused
    from monespace_backends.storage import open_storage

    settings = load_settings(config)
    storage = open_storage(settings.database.url, **settings.database.naming, pool_size=2)
    try:
        yield settings, storage, SystemClock().now()
    except KeyRefused as error:
        raise Stop(Exit.FOUND, str(error)) from None
    finally:
        storage.close()


def _not_written(path: Path, error: OSError, rest: str) -> NoReturn:
    raise Stop(Exit.USAGE, f"{path} cannot be written ({error.strerror}): {rest}") from None


# --- list ----------------------------------------------------------------------------------------


@keys.command("list")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/keys-list/1).")
def list_(config: Path | None, as_json: bool) -> Exit:
    """List the keys by their ids: how old they are, what they are for, how much is under each.

    A key is "written under" (one is), "read" (older ones, and one that was added and waits to be
    promoted) or "retired". An id is no secret: every digest in the database begins with one. "lost"
    stands for what no key of the file opens. Processes are those that use keys now. Every row is
    looked at: half a minute for 350,000 accounts.

    Ends with 1 when the file lacks a key that is needed.

    Examples:
        monespace keys list --config monespace.toml
        monespace keys list --json

    Next: monespace keys add --config monespace.toml
    """
    from monespace_backends.resealing import count_rows
    from monespace_backends.secrets import read_keys

    with _opened(config) as (settings, storage, now):
        held = read_keys(settings.keys_file)
        with storage.keys(writing=False) as stored:
            known, users = stored.all(), stored.users()
        with _progress("Counting") as advance:
            rows = count_rows(storage, held, advance)
    told = _listed(known, held, rows, now)
    processes = [_process(user, now) for user in users]
    if as_json:
        print_json(_SCHEMA.format("list"), keys=told, processes=processes)
    else:
        print_lines([*_table(told), "", *_processes(processes)])
    return Exit.FOUND if any(key["role"].startswith("missing") for key in told) else Exit.FINE


def _listed(
    known: Sequence[KnownKey], held: Keys, rows: Mapping[str, KeyRows], now: datetime
) -> list[dict[str, Any]]:
    from monespace_backends.keyring import writing_key
    from monespace_backends.resealing import KeyRows

    noted = {key.id: key for key in known}
    first = writing_key(known)
    ids = sorted({*noted, *held.ids, *rows}, key=lambda it: (it != first, it not in noted, it))
    return [
        {
            "id": key_id,
            "role": _role(key_id, noted.get(key_id), first, held),
            "days": (now - noted[key_id].added_at).days if key_id in noted else None,
            "rows": {kind: getattr(rows.get(key_id, KeyRows()), kind) for kind in _KINDS},
        }
        for key_id in ids
    ]


def _role(key_id: str, key: KnownKey | None, first: str | None, held: Keys) -> str:
    if key is not None and key.retired_at is not None:
        return "retired"
    if key_id not in held.ids:
        return "missing from the file"
    if key is None:
        return "not noted yet"
    if key_id == first:
        return "written under"
    return "read, to be promoted" if key.promoted_at is None else "read"


def _process(user: KeyUser, now: datetime) -> dict[str, Any]:
    from monespace_backends.rotation import lives

    return {
        "name": user.name,
        "keys": user.key_ids.split(),
        "writes_under": user.writes_under,
        "seen_at": f"{user.seen_at:%Y-%m-%dT%H:%M:%SZ}",
        "is_live": lives(user, now),
    }


def _table(told: list[dict[str, Any]]) -> list[str]:
    if not told:
        return ["The database knows no key yet: the first start notes those of the file."]
    heads = "".join(f"{kind:>10}" for kind in _KINDS)
    lines = [f"{'key':<10}{'role':<23}{'days':>5}{heads}"]
    for key in told:
        days = "" if key["days"] is None else key["days"]
        counts = "".join(f"{count:>10}" for count in key["rows"].values())
        lines.append(f"{key['id']:<10}{key['role']:<23}{days:>5}{counts}")
    return lines


def _processes(told: list[dict[str, Any]]) -> list[str]:
    if not told:
        return ["No process uses them now."]
    lines = []
    for one in told:
        lives = "runs" if one["is_live"] else f"was last seen at {one['seen_at']}"
        has = f"has {', '.join(one['keys'])}, writes under {one['writes_under'] or 'none of them'}"
        lines.append(f"{one['name']} {lives}; {has}")
    return lines


# --- add, promote, retire ------------------------------------------------------------------------


@keys.command("add")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/keys-add/1).")
def add(config: Path | None, as_json: bool) -> None:
    """Write a new key into the file of keys, under which nothing is written yet.

    The file stays private to its owner (mode 0600). From now on no process starts without the key:
    copy the file to every machine first, then restart each process, one after the other. What runs
    goes on meanwhile.

    Examples:
        monespace keys add --config monespace.toml

    Next: monespace keys promote --config monespace.toml
    """
    from monespace_backends.rotation import add_key

    with _opened(config) as (settings, storage, now):
        path = settings.keys_file
        try:
            added = add_key(storage, path, now)
        except OSError as error:
            _not_written(path, error, "no key was added")
    if as_json:
        print_json(_SCHEMA.format("add"), id=added)
    else:
        print_lines([f"Key {added} was added, for reading."])
    say(f"Copy {path} to every machine, privately, and back it up; restart every process there.")
    say(f"Then: monespace keys promote {added}")


@keys.command("promote")
@click.argument("key_id", metavar="[ID]", required=False)
@config_option
@click.option("--gone", is_flag=True, help="Silent processes that are named do not run any more.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/keys-promote/1).")
def promote(key_id: str | None, config: Path | None, gone: bool, as_json: bool) -> None:
    """Make an added key the one that everything new is written under.

    Without an ID: the one that was added. Every process that runs takes it up within seconds, none
    needs a restart. Refused (code 1) while a process that runs started without the key, since it
    would not find the accounts under it. Processes of an older version are not seen: upgrade
    them all first. Older keys are still read; promote one of them again to go back.

    Examples:
        monespace keys promote --config monespace.toml
        monespace keys promote 3f2a9c01

    Next: monespace keys reseal --config monespace.toml
    """
    from monespace_backends.rotation import promote_key

    with _opened(config) as (settings, storage, now):
        path = settings.keys_file
        try:
            promoted = promote_key(storage, path, key_id, now, gone=gone)
        except OSError as error:
            _not_written(path, error, "the key is promoted; move its line before the others")
    if as_json:
        print_json(_SCHEMA.format("promote"), id=promoted)
    else:
        print_lines([f"Key {promoted} is written under, by every process within seconds."])
    say("Next: monespace keys reseal, a minute from now")


@keys.command("retire")
@click.argument("key_id", metavar="ID")
@config_option
@click.option(
    "--leaked",
    is_flag=True,
    help="Go although journals name people and tries are counted under it.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/keys-retire/1).")
def retire(key_id: str, config: Path | None, leaked: bool, as_json: bool) -> None:
    """Take a key out of use and out of the file, once nothing is under it; else tell what is.

    After a reseal there are left: counted tries, for a day; journeys under way, within the hour;
    and journals, for journeys.retention of the policy. Purges delete them. A key that leaked should
    not wait for journals: with --leaked it goes as soon as no account, message or journey needs it.
    What was counted under it is then counted anew, and find no longer finds what journals say under
    it. It needs no key in the file: one that was added by mistake and thrown away can go too.

    Examples:
        monespace keys retire 9b1e77aa --config monespace.toml
        monespace keys retire 9b1e77aa --leaked

    Next: take the line out of the file on every machine, and restart what runs there.
    """
    from monespace_backends.rotation import retire_key

    with _opened(config) as (settings, storage, now):
        path = settings.keys_file
        try:
            retire_key(storage, path, key_id, now, leaked=leaked)
        except OSError as error:
            _not_written(path, error, f"key {key_id} is retired; take its line out by hand")
    if as_json:
        print_json(_SCHEMA.format("retire"), id=key_id)
    else:
        print_lines([f"Key {key_id} is retired, and no longer in {path.name}."])
    say("Take it out of the file on every other machine, and restart every process.")


# --- reseal --------------------------------------------------------------------------------------


@keys.command("reseal")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/keys-reseal/1).")
def reseal(config: Path | None, as_json: bool) -> Exit:
    """Write what is under older keys anew, under the one that is written under.

    Accounts with their digests, what waits to be sent, and what journeys remember. In small
    batches, beside a service that runs: stop it whenever you like, and it goes on from there when
    it is run again. Accounts keep their ids, people stay signed in.

    Ends with 1 when something is left: changed by somebody at that moment (run it again), or sealed
    under a key that the file lacks. Two accounts of one person, which a change of keys by hand may
    have made, are named by their ids: see docs/how-to/keys.md.

    Examples:
        monespace keys reseal --config monespace.toml

    Next: monespace keys list --config monespace.toml
    """
    from monespace_backends.clock import SystemClock
    from monespace_backends.emails import Emails
    from monespace_backends.keyring import open_keys
    from monespace_backends.resealing import reseal as run
    from monespace_backends.secrets import read_keys

    with _opened(config) as (settings, storage, _):
        secrets = open_keys(storage, read_keys(settings.keys_file), SystemClock())
        with _progress("Resealing") as advance:
            done = run(storage, secrets, Emails(), advance)
    _tell_resealed(done, as_json)
    return Exit.FOUND if done.left else Exit.FINE


def _tell_resealed(done: Resealed, as_json: bool) -> None:
    kinds = ("accounts", "journeys", "messages", "links", "heads", "left")
    counts = {kind: getattr(done, kind) for kind in kinds}
    if as_json:
        print_json(_SCHEMA.format("reseal"), resealed=counts, doubles=done.doubles)
    else:
        print_lines([f"{kind:<10}{count:>8}" for kind, count in counts.items()])
    for one, other in done.doubles:
        say(f"accounts {one} and {other} are of one person, or have one address")
    if done.left:
        say("Something is left: run it once more; see: monespace keys list")


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description} {task.completed} rows"),)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda count: bar.advance(task, count)
