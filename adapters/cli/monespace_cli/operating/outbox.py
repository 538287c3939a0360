"""`monespace outbox`: what waits to leave, what could not, and what an operator does about it.

No personal value is shown: a message is named by its id, which holds its journey's reference, and
what it says stays sealed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve, frozen

from monespace_flows.driver.queueing import drop_message

from ..access.log import AccessLog, AccessRecord
from ..access.place import Place, place_options
from ..access.reading import Grounds, grounds_options
from ..command import OperatorGroup
from ..errors import Exit, Stop
from ..output import print_json, print_lines, say

if TYPE_CHECKING:
    from monespace_backends.storage import SqlStorage
    from monespace_flows.ports import OutboxMessage, Unit

__all__ = ["outbox"]

_CHANNELS = ("sms", "email", "event")
_STATES = {
    "waiting": "its turn has not come yet",
    "failing": "tried in vain, and tried again",
    "refused": "refused for good; retry puts it back, once what is wrong is mended",
    "given-up": "worth nothing any more; its text is gone",
}
_EXPLAINED = "; ".join(f"{name}: {words}" for name, words in _STATES.items())


@frozen
class _Shown:
    """A message that has not left, as operators see it."""

    message: OutboxMessage
    now: datetime

    @property
    def state(self) -> str:
        if self.message.status == "waiting":
            return "waiting" if self.message.error is None else "failing"
        return "given-up" if self.message.sealed is None or self._is_late else "refused"

    @property
    def age(self) -> timedelta:
        return max(self.now - self.message.created_at, timedelta(0))

    @property
    def listener(self) -> str | None:
        """Whom an event is for, by name."""
        return self.message.listener and self.message.listener.partition(":")[2]

    @property
    def about(self) -> str:
        """What it is, and whom an event is for."""
        purpose = self.message.purpose
        return purpose if self.listener is None else f"{purpose} for {self.listener}"

    @property
    def _is_late(self) -> bool:
        end = self.message.expires_at
        return end is not None and end <= self.now

    def as_json(self) -> dict[str, Any]:
        it = self.message
        ends = None if it.expires_at is None else it.expires_at.isoformat()
        return {
            "id": it.id,
            "journey": it.journey,
            "channel": it.channel,
            "purpose": it.purpose,
            "listener": self.listener,
            "state": self.state,
            "age_seconds": int(self.age.total_seconds()),
            "attempts": it.attempts,
            "error": it.error,
            "created_at": it.created_at.isoformat(),
            "due_at": it.due_at.isoformat(),
            "expires_at": ends,
        }


@click.group("outbox", cls=OperatorGroup)
def outbox() -> None:
    """See what waits to leave or could not, and for whom; put it back, or drop it.

    Next: monespace outbox list --config monespace.toml
    """


@frozen
class _Choice:
    """Which messages: those of some ids, or all that are left by the rest."""

    channel: str | None
    state: str | None
    minutes: int
    ids: Sequence[str] = ()

    def of(self, unit: Unit, now: datetime) -> list[_Shown]:
        # A message to nobody (``P2``) is no matter of anybody's: it only looks like one to a clock.
        unsent = (_Shown(it, now) for it in unit.outbox.unsent() if it.channel != "none")
        return [
            it
            for it in unsent
            if self.channel in (None, it.message.channel)
            and self.state in (None, it.state)
            and it.age >= timedelta(minutes=self.minutes)
            and (not self.ids or it.message.id in self.ids)
        ]


def _narrowed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what a list is narrowed by; the command receives a ``choice``."""

    @wraps(function)
    def with_choice(
        *args: Any, channel: str | None, state: str | None, minutes: int, **rest: Any
    ) -> Any:
        return function(*args, choice=_Choice(channel, state, minutes), **rest)

    channel = click.option(
        "--channel", type=click.Choice(_CHANNELS), help="Only what leaves by this."
    )
    state = click.option("--state", type=click.Choice(tuple(_STATES)), help=f"{_EXPLAINED}.")
    older = click.option(
        "--older",
        "minutes",
        type=click.IntRange(0),
        default=0,
        metavar="MINUTES",
        help="Only what was written at least so long ago.",
    )
    return channel(state(older(with_choice)))


def _named(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what messages are named by that something is done to, as a ``choice`` too."""

    @wraps(function)
    def with_ids(
        *args: Any, ids: tuple[str, ...], is_all: bool, choice: _Choice, **rest: Any
    ) -> Any:
        if bool(ids) is is_all:
            raise Stop(Exit.USAGE, "say which: --id ID, several if you like, or --all; not both")
        return function(*args, choice=evolve(choice, ids=ids), **rest)

    named = click.option(
        "--id", "ids", multiple=True, metavar="ID", help="This message, as list names it."
    )
    everything = click.option(
        "--all", "is_all", is_flag=True, help="All that --channel, --state and --older leave."
    )
    return named(everything(_narrowed(with_ids)))


@outbox.command("list")
@place_options("en")
@_narrowed
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, metavar="COUNT")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/outbox/1).")
def list_(place: Place, choice: _Choice, limit: int, as_json: bool) -> None:
    """List the messages that have not left, oldest first: by channel, state and age.

    Codes, links and notices wait here from the step that wrote them until a relay has handed them
    over. One that failed says after how many tries, and which port was to blame: "email" and "sms"
    are the ways out, "handler" the host's own code, "webhook" who is told over HTTP, "secrets" a
    key that is missing, "relay" anything else. Nothing personal is shown, so nothing is recorded.

    Examples:
        monespace outbox list --config monespace.toml
        monespace outbox list --channel sms --older 5 --config monespace.toml
        monespace outbox list --state refused --json --dir .monespace-demo

    Next: monespace outbox retry --state refused --all, or monespace why REFERENCE.
    """
    with opened(place) as (storage, now), storage.reading() as unit:
        found = choice.of(unit, now)
    if as_json:
        shown = [it.as_json() for it in found[:limit]]
        print_json("monespace/outbox/1", counts=_counts(found), messages=shown, total=len(found))
    else:
        print_lines(_listed(found, limit))


@outbox.command("retry")
@place_options("en")
@grounds_options("en")
@_named
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/outbox-change/1).")
def retry(place: Place, grounds: Grounds, choice: _Choice, as_json: bool) -> Exit:
    """Put messages back that the way out refused, so that the relay tries them again at once.

    Only what still makes sense: a code or a link that is worth nothing any more has lost its text
    and cannot leave, nor can a code that was replaced. What waits leaves by itself. Purpose and
    ticket are added to the log of accesses first: where that cannot be done, nothing is put back.

    Ends with 0 when some were put back, 3 when there were none, 4 when purpose, ticket or the log
    of accesses is refused.

    Examples:
        monespace outbox retry --all --purpose incident --ticket SD-7 --config monespace.toml
        monespace outbox retry --id 7K3Q-F9M2.4.0 --purpose caller --ticket SD-8 --dir DIR

    Next: monespace outbox list --config monespace.toml
    """
    purpose, ticket = grounds.checked("en", "retry")
    with opened(place) as (storage, now):
        access = recorded(place, "outbox-retry", purpose, ticket)
        with storage.writing() as unit:
            found = choice.of(unit, now)
            done = unit.outbox.put_back([it.message.id for it in found], now)
    return _tell("put back", done, len(found), access, as_json)


@outbox.command("drop")
@place_options("en")
@grounds_options("en")
@_named
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask whether you are sure.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/outbox-change/1).")
def drop(place: Place, grounds: Grounds, choice: _Choice, is_sure: bool, as_json: bool) -> Exit:
    """Drop messages: they never leave, and their text is gone at once.

    The reason is your purpose and ticket, which are added to the log of accesses first: where that
    cannot be done, nothing is dropped. The message itself says "dropped" from then on. One that a
    relay is handing over at this very moment may leave all the same. An event that is dropped is
    told to its listener no more: what the host keeps may then differ from what happened here.

    Ends with 0 when some were dropped, 3 when there were none, 4 when purpose, ticket or the log
    of accesses is refused.

    Examples:
        monespace outbox drop --id 7K3Q-F9M2.4.0 --purpose incident --ticket SD-7 --dir DIR
        monespace outbox drop --all --channel sms --older 60 --yes --purpose incident --ticket SD-7

    Next: monespace access-log --ticket SD-7, to see that it is on record.
    """
    purpose, ticket = grounds.checked("en", "drop")
    make_sure("Drop these messages for good?", "nothing was dropped", is_sure=is_sure)
    with opened(place) as (storage, now):
        access = recorded(place, "outbox-drop", purpose, ticket)
        with storage.writing() as unit:
            found = choice.of(unit, now)
            done = sum(drop_message(unit, it.message, now, "dropped") for it in found)
    return _tell("dropped", done, len(found), access, as_json)


# --- where ---------------------------------------------------------------------------------------


@contextmanager
def opened(place: Place) -> Iterator[tuple[SqlStorage, datetime]]:
    """Open the service's storage, to write too; it, and the time by the service's clock."""
    from monespace_backends.storage import open_storage

    storage = open_storage(place.database.url, **place.database.naming, pool_size=1)
    try:
        yield storage, place.now()
    finally:
        storage.close()


def make_sure(question: str, untouched: str, *, is_sure: bool) -> None:
    """Ask before something cannot be undone.

    Raises:
        Stop: nobody said yes; ``untouched`` says what was not done.
    """
    if is_sure:
        return
    try:
        is_sure = click.confirm(question, err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        told = f"{untouched}: nobody answered; --yes does it without asking"
        raise Stop(Exit.USAGE, told) from None
    if not is_sure:
        raise Stop(Exit.INTERRUPTED, untouched)


def recorded(place: Place, command: str, purpose: str, ticket: str) -> AccessRecord:
    """Add purpose and ticket to the log of accesses.

    Raises:
        Stop: it cannot be written, so nothing may be done.
    """
    try:
        return AccessLog(place.access_log).append(
            command=command, reference=AccessRecord.MESSAGES, purpose=purpose, ticket=ticket
        )
    except Stop:
        told = f"this cannot be recorded in {place.access_log}, so nothing is done"
        raise Stop(Exit.REFUSED, f"{told}; see: monespace doctor") from None


# --- how it is told ------------------------------------------------------------------------------


def _counts(found: Sequence[_Shown]) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str], list[_Shown]] = {}
    for each in found:
        groups.setdefault((each.message.channel, each.state), []).append(each)
    return [
        {
            "channel": channel,
            "state": state,
            "count": len(those),
            "oldest_seconds": int(max(it.age for it in those).total_seconds()),
        }
        for (channel, state), those in sorted(groups.items())
    ]


def _listed(found: Sequence[_Shown], limit: int) -> list[str]:
    if not found:
        return ["Nothing waits, and nothing failed."]
    lines = [f"{'channel':<8}{'state':<10}{'count':>7}  oldest"]
    lines += [
        f"{it['channel']:<8}{it['state']:<10}{it['count']:>7}"
        f"  {_span(timedelta(seconds=it['oldest_seconds']))}"
        for it in _counts(found)
    ]
    width = max(len(it.message.id) for it in found[:limit])
    lines += [
        "",
        f"{'id':<{width}}  {'channel':<8}{'state':<10}{'age':>7}{'tries':>7}  what failed",
    ]
    lines += [
        f"{it.message.id:<{width}}  {it.message.channel:<8}{it.state:<10}{_span(it.age):>7}"
        f"{it.message.attempts:>7}  {it.message.error or '-'} ({it.about})"
        for it in found[:limit]
    ]
    if len(found) > limit:
        lines.append(f"{len(found) - limit} more: --limit {len(found)}")
    return lines


def _span(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def _tell(verb: str, done: int, chosen: int, access: AccessRecord, as_json: bool) -> Exit:
    if as_json:
        print_json("monespace/outbox-change/1", changed=done, left=chosen - done, access=access.seq)
    elif done:
        print_lines([f"{done} {verb}"])
    if chosen - done and not as_json:
        say(f"{chosen - done} stay as they are: monespace outbox list says why.")
    if done:
        return Exit.FINE
    say(f"monespace: there was none to be {verb}")
    return Exit.NO_JOURNEY
