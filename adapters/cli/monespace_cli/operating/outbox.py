"""`monespace outbox`: what waits to leave, what could not, and what an operator does about it.

No personal value is shown: a message is named by its id, which holds its journey's reference, and
what it says stays sealed.
"""

from __future__ import annotations

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
from ..output import make_sure, print_json, print_lines, say

if TYPE_CHECKING:
    from monespace_backends.storage import SqlStorage
    from monespace_flows.ports import OutboxMessage, Unit

__all__ = ["outbox"]

_CHANNELS = ("sms", "email", "event")
_STATES = {
    "waiting": "son tour n'est pas encore venu",
    "failing": "essayé en vain, et réessayé",
    "refused": "refusé définitivement ; retry le remet, une fois la panne réparée",
    "given-up": "ne vaut plus rien ; son texte est effacé",
}
_EXPLAINED = " ; ".join(f"{name} : {words}" for name, words in _STATES.items())


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
        return purpose if self.listener is None else f"{purpose} pour {self.listener}"

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
    """Voir ce qui attend de partir ou n'a pas pu, et pour qui ; le remettre, ou l'ôter.

    Exemple : monespace outbox list --config monespace.toml
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
        "--channel", type=click.Choice(_CHANNELS), help="Seulement ce qui part par là."
    )
    state = click.option("--state", type=click.Choice(tuple(_STATES)), help=f"{_EXPLAINED}.")
    older = click.option(
        "--older",
        "minutes",
        type=click.IntRange(0),
        default=0,
        metavar="MINUTES",
        help="Seulement ce qui a été écrit il y a au moins tant de minutes.",
    )
    return channel(state(older(with_choice)))


def _named(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what messages are named by that something is done to, as a ``choice`` too."""

    @wraps(function)
    def with_ids(
        *args: Any, ids: tuple[str, ...], is_all: bool, choice: _Choice, **rest: Any
    ) -> Any:
        if bool(ids) is is_all:
            raise Stop(
                Exit.USAGE,
                "dites lesquels : --id ID, plusieurs au besoin, ou --all (l'un des deux)",
            )
        return function(*args, choice=evolve(choice, ids=ids), **rest)

    named = click.option(
        "--id", "ids", multiple=True, metavar="ID", help="Ce message, comme le nomme list."
    )
    everything = click.option(
        "--all",
        "is_all",
        is_flag=True,
        help="Tous ceux que laissent --channel, --state et --older.",
    )
    return named(everything(_narrowed(with_ids)))


@outbox.command("list")
@place_options(operates=True)
@_narrowed
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, metavar="NOMBRE")
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/outbox/1).")
def list_(place: Place, choice: _Choice, limit: int, as_json: bool) -> None:
    """Lister les messages qui ne sont pas partis, du plus ancien au plus récent.

    Codes, liens et avertissements attendent ici, du geste qui les a écrits jusqu'à leur remise.
    Celui qui a échoué dit après combien d'essais, et quelle sortie est en cause : "email" et "sms"
    sont les envois, "handler" le code de l'hôte, "webhook" qui est prévenu par HTTP, "secrets" une
    clé qui manque, "relay" tout le reste. Rien de personnel n'est montré, donc rien n'est inscrit.

    Exemples :
        monespace outbox list --config monespace.toml
        monespace outbox list --channel sms --older 5 --config monespace.toml
        monespace outbox list --state refused --json --dir .monespace-demo

    Ensuite : monespace outbox retry --state refused --all, ou monespace why RÉFÉRENCE.
    """
    with opened(place) as (storage, now), storage.reading() as unit:
        found = choice.of(unit, now)
    if as_json:
        shown = [it.as_json() for it in found[:limit]]
        print_json("monespace/outbox/1", counts=_counts(found), messages=shown, total=len(found))
    else:
        print_lines(_listed(found, limit))


@outbox.command("retry")
@place_options(operates=True)
@grounds_options
@_named
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/outbox-change/1).")
def retry(place: Place, grounds: Grounds, choice: _Choice, as_json: bool) -> Exit:
    """Remettre en attente les messages que la sortie a refusés, pour un nouvel essai aussitôt.

    Seulement ce qui a encore un sens : un code ou un lien qui ne vaut plus rien n'a plus de texte
    et ne peut pas partir, ni un code remplacé. Ce qui attend part de soi-même. Motif et ticket sont
    d'abord inscrits au registre des accès : faute de quoi rien n'est remis.

    Code 0 quand il y en a eu, 3 quand il n'y en avait pas, 4 quand le motif, le ticket ou le
    registre des accès est refusé.

    Exemples :
        monespace outbox retry --all --purpose incident --ticket SD-7 --config m.toml
        monespace outbox retry --id 7K3Q-F9M2.4.0 --purpose appel --ticket SD-8 --dir d

    Ensuite : monespace outbox list --config monespace.toml
    """
    purpose, ticket = grounds.checked("remettez des messages")
    with opened(place) as (storage, now):
        access = recorded(place, "outbox-retry", purpose, ticket)
        with storage.writing() as unit:
            found = choice.of(unit, now)
            done = unit.outbox.put_back([it.message.id for it in found], now)
    return _tell("remis en attente", done, len(found), access, as_json)


@outbox.command("drop")
@place_options(operates=True)
@grounds_options
@_named
@click.option("--yes", "is_sure", is_flag=True, help="Ne pas demander si vous êtes sûr.")
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/outbox-change/1).")
def drop(place: Place, grounds: Grounds, choice: _Choice, is_sure: bool, as_json: bool) -> Exit:
    """Ôter des messages : ils ne partent jamais, et leur texte est effacé aussitôt.

    La raison est dans votre motif et votre ticket, d'abord inscrits au registre des accès : faute
    de quoi rien n'est ôté. Le message dit dès lors "dropped". Celui qui est remis à cet instant
    même peut partir quand même. Un événement ôté n'est plus dit à qui l'attendait : ce que l'hôte
    tient peut alors différer de ce qui est arrivé ici.

    Code 0 quand il y en a eu, 3 quand il n'y en avait pas, 4 quand le motif, le ticket ou le
    registre des accès est refusé.

    Exemples :
        monespace outbox drop --id 7K3Q-F9M2.4.0 --purpose incident --ticket SD-7
        monespace outbox drop --all --channel sms --yes --purpose incident --ticket SD-7

    Ensuite : monespace access-log --ticket SD-7, pour voir que c'est inscrit.
    """
    purpose, ticket = grounds.checked("ôtez des messages")
    make_sure("Ôter ces messages pour de bon ?", "rien n'a été ôté", is_sure=is_sure)
    with opened(place) as (storage, now):
        access = recorded(place, "outbox-drop", purpose, ticket)
        with storage.writing() as unit:
            found = choice.of(unit, now)
            done = sum(drop_message(unit, it.message, now, "dropped") for it in found)
    return _tell("ôtés", done, len(found), access, as_json)


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
        told = f"{place.access_log} ne peut pas recevoir cet accès, donc rien n'est fait"
        raise Stop(Exit.REFUSED, f"{told} ; voyez : monespace doctor") from None


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
        return ["Rien n'attend, et rien n'a échoué."]
    lines = [f"{'canal':<8}{'état':<10}{'nombre':>7}  plus ancien"]
    lines += [
        f"{it['channel']:<8}{it['state']:<10}{it['count']:>7}"
        f"  {_span(timedelta(seconds=it['oldest_seconds']))}"
        for it in _counts(found)
    ]
    width = max(len(it.message.id) for it in found[:limit])
    lines += [
        "",
        f"{'id':<{width}}  {'canal':<8}{'état':<10}{'âge':>7}{'essais':>7}  en cause",
    ]
    lines += [
        f"{it.message.id:<{width}}  {it.message.channel:<8}{it.state:<10}{_span(it.age):>7}"
        f"{it.message.attempts:>7}  {it.message.error or '-'} ({it.about})"
        for it in found[:limit]
    ]
    if len(found) > limit:
        lines.append(f"{len(found) - limit} de plus : --limit {len(found)}")
    return lines


def _span(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} j"


def _tell(verb: str, done: int, chosen: int, access: AccessRecord, as_json: bool) -> Exit:
    if as_json:
        print_json("monespace/outbox-change/1", changed=done, left=chosen - done, access=access.seq)
    elif done:
        print_lines([f"messages {verb} : {done}"])
    if chosen - done and not as_json:
        say(f"restent tels quels : {chosen - done} ; monespace outbox list dit pourquoi")
    if done:
        return Exit.FINE
    say(f"monespace: aucun message ne peut être {verb.removesuffix('s')}")
    return Exit.NO_JOURNEY
