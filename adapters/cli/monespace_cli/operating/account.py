"""`monespace account`: what an operator does with one person's account."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import asdict

from ..access.place import DemoFolder, Place, find_place, load_settings
from ..access.reading import ACCOUNT, PURPOSES, AccessLog, AccessRecord, is_ticket
from ..command import OperatorCommand, OperatorGroup
from ..errors import Exit, Stop
from ..output import print_json, print_lines, say

if TYPE_CHECKING:
    from monespace_flows.driver import Eraser, Erasure

__all__ = ["account"]

_SCHEMA = "monespace/account-erase/1"
_WHY = ", ".join(PURPOSES)


@click.group("account", cls=OperatorGroup)
def account() -> None:
    """Erase someone's account.

    Next: monespace account erase --purpose legal --ticket SD-1423 --config monespace.toml
    """


def _place_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--config`` and ``--dir`` to a command, which receives a ``place``."""

    @wraps(function)
    def with_place(*args: Any, config: Path | None, directory: Path | None, **rest: Any) -> Any:
        return function(*args, place=_place(config, directory), **rest)

    decorated = click.option(
        "--dir", "directory", type=click.Path(path_type=Path), metavar="DIR",
        help="The demo's data, instead. [or the variable MONESPACE_DIR]",
    )(with_place)  # fmt: skip
    return click.option(
        "--config", type=click.Path(path_type=Path), metavar="FILE",
        help="The settings of the service, in TOML. [or the variable MONESPACE_CONFIG]",
    )(decorated)  # fmt: skip


@account.command("erase", cls=OperatorCommand)
@_place_options
@click.option("--purpose", metavar="PURPOSE", help=f"Why: {_WHY}. Required.")
@click.option("--ticket", metavar="TICKET", help="What asked for it, as in SD-1423. Required.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask whether you are sure.")
@click.option("--json", "as_json", is_flag=True, help=f"Write JSON ({_SCHEMA}).")
def erase(
    place: Place, purpose: str | None, ticket: str | None, is_sure: bool, as_json: bool
) -> Exit:
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
    why, what = _checked_purpose(purpose), _checked_ticket(ticket)
    named = _named(place)
    _make_sure(is_sure)
    with _opened(place) as eraser:
        access = _recorded(place, why, what)
        erasure = eraser.erase(**named)
    _tell(erasure, access, as_json)
    if erasure is None:
        say("monespace: there is no such account")
        return Exit.NO_JOURNEY
    days = place.policy.journeys.retention.days
    say(f"Journals stay, under a pseudonym, for {days} days. An account may be created again.")
    return Exit.FINE


def _checked_purpose(purpose: str | None) -> str:
    if purpose in PURPOSES:
        return purpose
    problem = "--purpose is missing" if purpose is None else "there is no such purpose"
    raise Stop(Exit.REFUSED, f"{problem}: say why you erase: {_WHY}")


def _checked_ticket(ticket: str | None) -> str:
    if ticket is None:
        raise Stop(Exit.REFUSED, "--ticket is missing: what asked for it, as in SD-1423")
    if not is_ticket(ticket):
        wanted = "at most 64 letters, digits and . _ / # : -, without a number of 10 digits"
        raise Stop(Exit.REFUSED, f"this ticket is refused: {wanted}")
    return ticket


def _place(config: Path | None, directory: Path | None) -> Place:
    if config is None and directory is None:
        config, directory = _from_environment("CONFIG"), _from_environment("DIR")
    if config is not None and directory is not None:
        raise Stop(Exit.USAGE, "settings and a demo's data exclude each other: name one of them")
    if directory is not None:
        if not DemoFolder(directory).database.exists():
            raise Stop(Exit.USAGE, f"there are no data in {directory}; first: monespace demo")
        return find_place(None, directory)
    settings = load_settings(config)
    log = settings.support.access_log if config is None else settings.support.access_log_of(config)
    if log is None:
        raise Stop(Exit.REFUSED, "nothing says where accesses are recorded: support.access_log")
    return Place(
        url=settings.database,
        keys_file=settings.keys_file,
        access_log=log,
        policy=settings.policy,
        zone=settings.zone,
    )


def _from_environment(name: str) -> Path | None:
    value = os.environ.get(f"MONESPACE_{name}")
    return Path(value) if value else None


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
    from monespace_backends.storage import open_storage
    from monespace_flows.driver import Eraser

    secrets = place.secrets()
    storage = open_storage(place.url, pool_size=1)
    try:
        yield Eraser(
            storage=storage,
            secrets=secrets,
            emails=Emails(),
            clock=SystemClock(),
            policy=place.policy,
        )
    finally:
        storage.close()


def _recorded(place: Place, purpose: str, ticket: str) -> AccessRecord:
    try:
        return AccessLog(place.access_log).append(
            command="erase", reference=ACCOUNT, purpose=purpose, ticket=ticket
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
