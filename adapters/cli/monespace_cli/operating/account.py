"""`monespace account`: what an operator does with one person's account."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import asdict

from ..access.log import AccessLog, AccessRecord
from ..access.place import Place, place_options
from ..access.reading import Grounds, grounds_options
from ..command import OperatorGroup
from ..errors import Exit, Stop
from ..output import print_json, print_lines, say

if TYPE_CHECKING:
    from monespace_flows.driver import Eraser, Erasure, Keeper, Kept

__all__ = ["account"]

_SCHEMA = "monespace/account-erase/1"
_KEPT = "monespace/account-act/1"
_IMPORTED = "monespace/account-import/1"


@click.group("account", cls=OperatorGroup)
def account() -> None:
    """Unlock, disable, enable, erase or import accounts.

    Next: monespace account unlock --purpose caller --ticket SD-1423 --config monespace.toml
    """


@account.command("erase")
@place_options("en")
@grounds_options("en")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask whether you are sure.")
@click.option("--json", "as_json", is_flag=True, help=f"Write JSON ({_SCHEMA}).")
def erase(place: Place, grounds: Grounds, is_sure: bool, as_json: bool) -> Exit:
    """Erase someone's account, for good: they asked for it, or have left the Order.

    The RPPS number or the login e-mail is asked for, without being shown, or read from the
    standard input; it is never taken as an argument, nor repeated, nor written anywhere. Purpose
    and ticket are added to the log of accesses first: where that cannot be done, nothing is erased.

    With the account go its sessions, its links, its journeys, and what still waits to be sent to
    it. What stays: journals, under a pseudonym, for journeys.retention of the policy (183 days).
    The person is signed out everywhere, and may create an account again at once.

    Ends with 0 when the account is gone, 3 when there is none, 4 when purpose, ticket or the log of
    accesses is refused.

    Examples:
        monespace account erase --purpose legal --ticket SD-1423 --config monespace.toml
        monespace account erase --purpose test --ticket T-1 --dir .monespace-demo

    Next: monespace access-log --ticket SD-1423, to see that it is on record.
    """
    purpose, ticket = grounds.checked("en")
    named = _named(place)
    _make_sure(is_sure)
    with opened_for_accounts(place) as outside:
        eraser = _eraser(outside)
        access = recorded_act(place, "erase", purpose, ticket)
        erasure = eraser.erase(**named)
    _tell(erasure, access, as_json)
    if erasure is None:
        say("monespace: there is no such account")
        return Exit.NO_JOURNEY
    days = place.policy.journeys.retention.days
    say(f"Journals stay, under a pseudonym, for {days} days. An account may be created again.")
    return Exit.FINE


def _named(place: Place) -> dict[str, str]:
    """Ask who it is; twice where nobody can see what they type."""
    from monespace_backends.emails import Emails
    from monespace_flows.rules.identity import read_rpps

    if sys.stdin.isatty():
        text: str = click.prompt(
            "RPPS number or login e-mail (not shown)",
            hide_input=True,
            confirmation_prompt="The same once more",
            err=True,
        )
    else:
        text = sys.stdin.readline(1000)
    typed = text.strip()
    if "@" in typed and Emails().read(typed) is not None:
        return {"email": typed}
    if isinstance(read_rpps(typed, place.policy.identity), str):
        return {"rpps": typed}
    raise Stop(Exit.USAGE, "that is neither an RPPS number (11 digits) nor an e-mail address")


def _make_sure(is_sure: bool) -> None:
    if is_sure:
        return
    try:
        is_sure = click.confirm("Erase this account for good?", err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        told = "nothing was erased: nobody answered; --yes erases without asking"
        raise Stop(Exit.USAGE, told) from None
    if not is_sure:
        raise Stop(Exit.INTERRUPTED, "nothing was erased")


@contextmanager
def opened_for_accounts(place: Place) -> Iterator[dict[str, Any]]:
    """Open the database, to write too, with all that who acts on accounts is made of."""
    from monespace_backends.clock import SystemClock
    from monespace_backends.emails import Emails
    from monespace_backends.keyring import open_keys
    from monespace_backends.storage import open_storage

    keys = place.keys()
    storage = open_storage(place.database.url, **place.database.naming, pool_size=1)
    try:
        yield {
            "storage": storage,
            "secrets": open_keys(storage, keys, SystemClock()),
            "emails": Emails(),
            "clock": SystemClock(),
            "policy": place.policy,
        }
    finally:
        storage.close()


def _eraser(outside: dict[str, Any]) -> Eraser:
    from monespace_flows.driver import Eraser

    return Eraser(**outside)


def keeper_of(outside: dict[str, Any]) -> Keeper:
    """Make who unlocks, disables and enables."""
    from monespace_flows.driver import Keeper

    return Keeper(**outside)


def recorded_act(
    place: Place, act: str, purpose: str, ticket: str, actor: str | None = None
) -> AccessRecord:
    """Add an act on an account to the log of accesses.

    Raises:
        Stop: it cannot be written, so nothing may be done.
    """
    try:
        return AccessLog(place.access_log).append(
            command=act,
            reference=AccessRecord.ACCOUNT,
            purpose=purpose,
            ticket=ticket,
            actor=actor,
        )
    except Stop:
        told = f"this cannot be recorded in {place.access_log}, so nothing is {_DONE[act]}"
        raise Stop(Exit.REFUSED, f"{told}; see: monespace doctor") from None


_DONE = {
    "erase": "erased",
    "unlock": "unlocked",
    "disable": "disabled",
    "enable": "enabled",
    "import": "imported",
}


def _tell(erasure: Erasure | None, access: AccessRecord, as_json: bool) -> None:
    with_it = {} if erasure is None else asdict(erasure)
    if as_json:
        names = ("sessions", "links", "journeys", "messages")
        counts = {name: with_it.get(name, 0) for name in names}
        erased = {"accounts": int(erasure is not None), **counts}
        print_json(_SCHEMA, erased=erased, access=access.seq)
    elif erasure is not None:
        counts = {"accounts": 1, **with_it}
        print_lines([f"{name:<10}{count:>8} erased" for name, count in counts.items()])


# --- accounts of an earlier site -----------------------------------------------------------------


@account.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@place_options("en")
@grounds_options("en")
@click.option("--skip", is_flag=True, help="Import it without the lines that are faulty.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help=f"Write JSON ({_IMPORTED}).")
def import_(
    file: Path, *, place: Place, grounds: Grounds, skip: bool, dry_run: bool, as_json: bool
) -> Exit:
    """Take over the accounts of an earlier site: people sign in with the password that they know.

    FILE is CSV in UTF-8 with a header line: rpps, email, hash, and if you like confirmed (yes or
    no: whether the earlier site had the address confirmed). A hash is argon2's, bcrypt's, Drupal
    7's or PBKDF2's (Django's or passlib's); at the first sign-in argon2id takes its place.

    All that is wrong is told with its line, and then nothing is imported; --skip leaves those lines
    out. Whom the registry does not admit cannot be imported. Who has an account already keeps it as
    it is, so an import that was stopped is run again. It works beside a service that runs.

    Purpose and ticket are recorded first, a dry run's too; the journal of each new account gets a
    line, and hosts hear AccountCreated. Remove FILE afterwards: it holds hashes.

    Ends with 0, with 1 when lines were left out, with 2 when nothing was imported, with 4 when
    purpose, ticket or the log of accesses is refused.

    Examples:
        monespace account import old.csv --purpose legal --ticket SD-1 --config monespace.toml
        monespace account import old.csv --dry-run --purpose test --ticket T-1 --dir .monespace-demo

    Next: monespace find, for the journeys of one of them.
    """
    from .importing import import_accounts

    purpose, ticket = grounds.checked("en", "import")
    with opened_for_accounts(place) as outside:
        access = recorded_act(place, "import", purpose, ticket)
        done = import_accounts(place, outside, file, skip=skip, dry_run=dry_run)
    left_out = [asdict(fault) for fault in done.left_out]
    if as_json:
        counts = {"added": done.added, "there": done.there, "left_out": left_out}
        print_json(_IMPORTED, dry_run=dry_run, **counts, access=access.seq)
    else:
        word = "would be imported" if dry_run else "imported"
        print_lines(
            [f"accounts  {done.added:>8} {word}", f"accounts  {done.there:>8} there already"]
        )
    if done.left_out:
        say("\n  ".join(["Left out:", *map(str, done.left_out)]))
        return Exit.FOUND
    return Exit.FINE


# --- acts that leave the account there -----------------------------------------------------------


@account.command("unlock")
@place_options("en")
@grounds_options("en")
@click.option("--json", "as_json", is_flag=True, help=f"Write JSON ({_KEPT}).")
def unlock(place: Place, grounds: Grounds, as_json: bool) -> Exit:
    """Let someone try again at once: forget the wrong tries that made them wait.

    Wrong passwords, birth dates and codes that were counted against them are forgotten; the same
    failures make them wait again. What limits how many messages they are sent stays. It works
    without an account, too: wrong birth dates lock a number that has none yet.

    The RPPS number or the login e-mail is asked for as `monespace account erase` asks for it.
    Purpose and ticket are recorded first; the account's own journal gets a line, which `monespace
    find` lists among the person's journeys.

    Ends with 0 when it is done or nothing was counted, 3 when there is no such account, 4 when
    purpose, ticket or the log of accesses is refused.

    Examples:
        monespace account unlock --purpose caller --ticket SD-1423 --config monespace.toml
        monespace account unlock --purpose test --ticket T-1 --dir .monespace-demo

    Next: monespace show REFERENCE, to see the line.
    """
    return _kept("unlock", place, grounds, as_json)


@account.command("disable")
@place_options("en")
@grounds_options("en")
@click.option("--json", "as_json", is_flag=True, help=f"Write JSON ({_KEPT}).")
def disable(place: Place, grounds: Grounds, as_json: bool) -> Exit:
    """Close someone's account without erasing it: nobody signs in to it any more.

    Its sessions, links and known browsers end at once. Who tries reads the refusal of every wrong
    password; `monespace why` tells support « account.disabled ». `monespace account enable` opens
    it again. Whom the registry no longer admits is disabled without you, at their next sign-in.

    Asked for, recorded and ended as `monespace account unlock` is; an account that was disabled
    already stays so.

    Examples:
        monespace account disable --purpose security --ticket SD-1423 --config monespace.toml
        monespace account disable --purpose test --ticket T-1 --dir .monespace-demo

    Next: monespace account enable, once it is settled.
    """
    return _kept("disable", place, grounds, as_json)


@account.command("enable")
@place_options("en")
@grounds_options("en")
@click.option("--json", "as_json", is_flag=True, help=f"Write JSON ({_KEPT}).")
def enable(place: Place, grounds: Grounds, as_json: bool) -> Exit:
    """Open a disabled account again, with the password that it had.

    What ended stays ended: the person signs in anew. See first that the registry admits them, or
    their next sign-in disables the account again.

    An account that was frozen since somebody said « Ce n'est pas moi » opens without a password:
    find out whose it is, and have them recover it with a code, then choose another.

    Asked for, recorded and ended as `monespace account unlock` is; an account that is enabled
    stays so.

    Examples:
        monespace account enable --purpose caller --ticket SD-1423 --config monespace.toml
        monespace account enable --purpose test --ticket T-1 --dir .monespace-demo

    Next: monespace find, for the person's journeys.
    """
    return _kept("enable", place, grounds, as_json)


def _kept(act: str, place: Place, grounds: Grounds, as_json: bool) -> Exit:
    purpose, ticket = grounds.checked("en", act)
    named = _named(place)
    with opened_for_accounts(place) as outside:
        keeper = keeper_of(outside)
        access = recorded_act(place, act, purpose, ticket)
        acts = {"unlock": keeper.unlock, "disable": keeper.disable, "enable": keeper.enable}
        kept = acts[act](**named)
    if as_json:
        _print_kept(act, kept, access)
    elif kept is not None and kept.reference is not None:
        print_lines([f"{name:<10}{count:>8} {word}" for name, count, word in _counts(act, kept)])
        print_lines([f"{'journal':<10}{kept.reference}"])
    if kept is None:
        say("monespace: there is no such account")
        return Exit.NO_JOURNEY
    if kept.reference is None:
        say(f"Nothing to do: {_ALREADY[act]}.")
    return Exit.FINE


_ALREADY = {
    "unlock": "no wrong try is counted against them",
    "disable": "the account is disabled already",
    "enable": "the account is not disabled",
}


def _counts(act: str, kept: Kept) -> list[tuple[str, int, str]]:
    if act == "unlock":
        return [("tries", kept.tries, "forgotten")]
    ended = [("sessions", kept.sessions, "ended"), ("links", kept.links, "ended")]
    return [("accounts", 1, _DONE[act]), *(ended if act == "disable" else ())]


def _print_kept(act: str, kept: Kept | None, access: AccessRecord) -> None:
    done = kept if kept is not None and kept.reference is not None else None
    print_json(
        _KEPT,
        act=act,
        found=kept is not None,
        done=done is not None,
        tries=done.tries if done else 0,
        sessions=done.sessions if done else 0,
        links=done.links if done else 0,
        reference=done.reference if done else None,
        access=access.seq,
    )
