"""`monespace account`: what an operator does with one person's account."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from attrs import asdict

from ..access.log import AccessLog, AccessRecord
from ..access.place import Place, place_options
from ..access.reading import Grounds, grounds_options
from ..command import OperatorGroup
from ..errors import Exit, Stop
from ..output import print_json, print_lines, say

if TYPE_CHECKING:
    from monespace_flows.driver import Eraser, Erasure

__all__ = ["account"]

_SCHEMA = "monespace/account-erase/1"


@click.group("account", cls=OperatorGroup)
def account() -> None:
    """Erase someone's account.

    Next: monespace account erase --purpose legal --ticket SD-1423 --config monespace.toml
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
    with _opened(place) as eraser:
        access = _recorded(place, purpose, ticket)
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
def _opened(place: Place) -> Iterator[Eraser]:
    from monespace_backends.clock import SystemClock
    from monespace_backends.emails import Emails
    from monespace_backends.keyring import open_keys
    from monespace_backends.storage import open_storage
    from monespace_flows.driver import Eraser

    keys = place.keys()
    storage = open_storage(place.url, pool_size=1)
    try:
        yield Eraser(
            storage=storage,
            secrets=open_keys(storage, keys, SystemClock()),
            emails=Emails(),
            clock=SystemClock(),
            policy=place.policy,
        )
    finally:
        storage.close()


def _recorded(place: Place, purpose: str, ticket: str) -> AccessRecord:
    try:
        return AccessLog(place.access_log).append(
            command="erase", reference=AccessRecord.ACCOUNT, purpose=purpose, ticket=ticket
        )
    except Stop:
        told = f"this cannot be recorded in {place.access_log}, so nothing is erased"
        raise Stop(Exit.REFUSED, f"{told}; see: monespace doctor") from None


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
