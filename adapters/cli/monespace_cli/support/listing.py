"""`monespace list`: which journeys there are, newest first unless asked otherwise."""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from attrs import asdict, frozen

from ..command import support_command
from ..exits import Exit, Stop
from ..output import bold, print_json, print_lines, say, width_of, wrapped
from .opening import Place, open_storage, place_options
from .progress import watched
from .source import check_tale, read_recorded

if TYPE_CHECKING:
    from monespace_flows.ports import Storage, Unit

    _Units = Generator[tuple[Unit, str], None, None]

__all__ = ["list_"]

_SCHEMA = "monespace/list/1"
_DATES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M")
_MOST = 10_000
_PAGE = 100
_ORDERS = {
    "newest": "plus anciens",
    "oldest": "plus récents",
    "last-newest": "au dernier geste plus ancien",
    "last-oldest": "au dernier geste plus récent",
}
"""Each order, and what the journeys that follow the last one listed are."""


@support_command("list")
@click.option("--flow", metavar="DÉMARCHE", help="creation, recovery, reset, signin ou settings.")
@click.option("--state", metavar="ÉTAPE", help="Où le parcours en est, par exemple enter_code.")
@click.option(
    "--cause",
    metavar="CAUSE",
    help="Pourquoi il en est là : la cause_id de why --json, par exemple "
    "identity.birth_date_differs. Une cause inconnue les fait toutes nommer.",
)
@click.option(
    "--blocked",
    is_flag=True,
    help="Seulement les parcours bloqués : attendre ne suffit pas, quelque chose doit changer.",
)
@click.option(
    "--version",
    type=click.IntRange(1, 9_999),
    metavar="NOMBRE",
    help="La version de la démarche qui a écrit sa dernière ligne (flow_version de show --json).",
)
@click.option(
    "--since",
    type=click.DateTime(_DATES),
    metavar="DATE",
    help="Commencé à partir de cette date : 2026-11-22 ou 2026-11-22T14:05.",
)
@click.option(
    "--until",
    type=click.DateTime(_DATES),
    metavar="DATE",
    help="Commencé jusqu'à cette date comprise (le jour ou la minute entière).",
)
@click.option(
    "--sort",
    type=click.Choice(tuple(_ORDERS)),
    default="newest",
    metavar="ORDRE",
    help="newest : le dernier commencé d'abord ; oldest : le premier commencé d'abord ; "
    "last-newest, last-oldest : de même, selon le dernier geste. [par défaut : newest]",
)
@click.option(
    "--limit",
    type=click.IntRange(1, _MOST),
    default=20,
    metavar="NOMBRE",
    help="Combien, au plus. [par défaut : 20]",
)
@place_options
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/list/1).")
def list_(
    *,
    flow: str | None,
    state: str | None,
    cause: str | None,
    blocked: bool,
    version: int | None,
    since: datetime | None,
    until: datetime | None,
    sort: str,
    limit: int,
    place: Place,
    as_json: bool,
) -> None:
    """Lister les parcours, du dernier commencé au premier.

    Aucune donnée d'une personne ne s'y trouve, ni pseudonyme : pour trouver les parcours de
    quelqu'un, prenez monespace find. Les heures sont celles de Paris, ou du réglage zone.

    Les filtres se cumulent, et --limit compte ce qu'ils laissent. --cause et --blocked relisent
    les journaux : sur une grande base, bornez-les par --since. Ctrl+C arrête sans rien abîmer.

    Exemples :
        monespace list
        monespace list --flow creation --state enter_code --since 2026-11-22
        monespace list --blocked --since 2026-11-22 --until 2026-11-22
        monespace list --cause code.differs --sort oldest
        monespace list --sort last-newest --limit 100 --json

    Ensuite : monespace show RÉFÉRENCE --purpose caller --ticket SD-1423
    """
    wanted = _Wanted(
        flow=_known_flow(flow),
        state=_known_state(state, flow),
        cause=_known_cause(cause),
        blocked=blocked,
        version=version,
        since=_from(since, place.zone),
        until=_to(until, place.zone),
    )
    with open_storage(place) as storage, closing(_rows(storage, wanted, sort)) as fitting:
        # One more than asked for, to know whether there are more.
        found = _first(limit + 1, fitting, sort)
    rows = found[:limit]
    if as_json:
        print_json(_SCHEMA, journeys=[row.data() for row in rows], more=len(found) > limit)
    elif rows:
        print_lines(_table(rows, place.zone, width_of(None), by_last=_by_last(sort)))
    if not rows:
        say(_NONE if wanted == _Wanted() else _NONE_FITS)
    elif len(found) > limit:
        how = f"--limit {min(limit * 5, _MOST)}" if limit < _MOST else "bornez par --since, --until"
        say(f"Il y en a d'autres, {_ORDERS[sort]} : {how}")


_NONE = "Aucun parcours pour l’instant."
_NONE_FITS = "Aucun parcours de cette sorte : ôtez un filtre, ou élargissez les dates."


@frozen(kw_only=True)
class _Wanted:
    flow: str | None = None
    state: str | None = None
    cause: str | None = None
    blocked: bool = False
    version: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, row: _Row) -> bool:
        """Whether a journey may be listed, as far as its row tells."""
        return (
            self.flow in {None, row.flow}
            and self.state in {None, row.state}
            and self.version in {None, row.flow_version}
            and not self.is_before(row)
            and not self.is_after(row)
        )

    def is_before(self, row: _Row) -> bool:
        return self.since is not None and row.started_at < self.since

    def is_after(self, row: _Row) -> bool:
        return self.until is not None and row.started_at >= self.until


@frozen(kw_only=True)
class _Row:
    reference: str
    flow: str
    flow_version: int
    state: str
    started_at: datetime
    last_at: datetime
    steps: int
    title: str
    over: bool

    def data(self) -> dict[str, Any]:
        from monespace_flows.codec import to_data

        return asdict(self, value_serializer=lambda _, __, it: to_data(it))


def _by_last(sort: str) -> bool:
    return sort.startswith("last")


def _first(count: int, rows: Iterable[_Row], sort: str) -> list[_Row]:
    """Take the first rows in an order; those by last step are known only once all are read."""
    if not _by_last(sort):
        return list(islice(rows, count))
    take = heapq.nlargest if sort == "last-newest" else heapq.nsmallest
    return take(count, rows, key=lambda row: row.last_at)


def _rows(storage: Storage, wanted: _Wanted, sort: str) -> Generator[_Row, None, None]:
    """Read the journals, which outlive the journeys themselves, in the order they began."""
    newest_first = sort.endswith("newest")
    is_past = wanted.is_before if newest_first else wanted.is_after
    with storage.reading() as unit:
        references = list(unit.journal.references())
    if newest_first:
        references.reverse()
    units = _units(storage, references)
    if wanted != _Wanted() or _by_last(sort):
        units = _shown(units, len(references))
    with closing(units):
        for unit, reference in units:
            row, fits = _judged(unit, reference, wanted)
            if row is not None and is_past(row):
                return
            if row is not None and fits:
                yield row


def _shown(units: _Units, count: int) -> _Units:
    """Show progress, until closed.

    A bar that an interrupt leaves open may keep the program from ending: it waits for its thread.
    """
    yield from watched(units, count, "Recherche")


def _units(storage: Storage, references: Sequence[str]) -> _Units:
    """Each reference with a unit to read it in.

    A long search must not hold one transaction from its begin to its end: the service could not
    reuse the space of its log meanwhile.
    """
    for start in range(0, len(references), _PAGE):
        with storage.reading() as unit:
            for reference in references[start : start + _PAGE]:
                yield unit, reference


def _judged(unit: Unit, reference: str, wanted: _Wanted) -> tuple[_Row | None, bool]:
    """The row of a journey, if its journal can be read, and whether it is wanted."""
    from monespace_backends.storage import RowDamaged
    from monespace_flows.errors import JournalDamaged, JournalVersionUnknown

    lines = unit.journal.lines(reference)
    if not lines:  # purged since the references were read
        return None, False
    try:
        row = _row(reference, lines)
        return row, wanted.fits(row) and _stands_so(unit, reference, wanted)
    except (JournalDamaged, JournalVersionUnknown, RowDamaged, Stop):
        # One bad journal must not hide the others.
        say(f"{reference} : journal abîmé ou d'une autre version (monespace verify)")
        return None, False


def _stands_so(unit: Unit, reference: str, wanted: _Wanted) -> bool:
    """Whether the diagnosis is the wanted one; it alone needs every line, read and checked."""
    if wanted.cause is None and not wanted.blocked:
        return True
    from monespace_flows.support.causes import Status, diagnose

    tale = check_tale(*read_recorded(unit, reference))
    found = diagnose(tale.flow, tale.entries)
    return wanted.cause in {None, found.cause_id} and (
        not wanted.blocked or found.status is Status.BLOCKED
    )


def _row(reference: str, lines: Sequence[str]) -> _Row:
    from monespace_flows.flows import FLOWS
    from monespace_flows.support.corpus import read_line

    first, last = read_line(lines[0]), read_line(lines[-1])
    flow = FLOWS.get(first.flow)
    screen = None if flow is None else flow.screens.get(last.after)
    return _Row(
        reference=reference,
        flow=first.flow,
        flow_version=last.flow_version,
        state=last.after,
        started_at=first.at,
        last_at=last.at,
        steps=last.seq,
        title=last.after if screen is None else screen.title,
        over=flow is not None and last.after in flow.finals,
    )


def _known_flow(flow: str | None) -> str | None:
    from monespace_flows.flows import FLOWS

    if flow is not None and flow not in FLOWS:
        raise Stop(Exit.USAGE, f"--flow : l'une de {', '.join(FLOWS)}")
    return flow


def _known_state(state: str | None, flow: str | None) -> str | None:
    from monespace_flows.flows import FLOWS

    flows = FLOWS.values() if flow is None else (FLOWS[flow],)
    states = sorted({name for one in flows for name in one.screens})
    if state is not None and state not in states:
        raise Stop(Exit.USAGE, f"--state : l'une de {', '.join(states)}")
    return state


def _known_cause(cause: str | None) -> str | None:
    from monespace_flows.support.catalogue import CAUSES

    if cause is not None and cause not in CAUSES:
        known = wrapped(", ".join(CAUSES), width_of(None), "  ")
        raise Stop(Exit.USAGE, "\n".join(["--cause : l'une de", *known]))
    return cause


def _from(since: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if since is None else since.replace(tzinfo=zone)


def _to(until: datetime | None, zone: ZoneInfo) -> datetime | None:
    """The first instant that is too late: the end of the day or minute that was named."""
    if until is None:
        return None
    whole_day = (until.hour, until.minute) == (0, 0)
    return (until + timedelta(days=1) if whole_day else until + timedelta(minutes=1)).replace(
        tzinfo=zone
    )


def _table(rows: Sequence[_Row], zone: ZoneInfo, width: int, *, by_last: bool) -> list[str]:
    from monespace_flows.support.words import FLOWS_IN_WORDS

    when = "dernier geste" if by_last else "début"
    lines = [bold(f"référence  {when:<16}  démarche               étape")]
    for row in rows:
        at = f"{(row.last_at if by_last else row.started_at).astimezone(zone):%d/%m/%Y %H:%M}"
        flow = FLOWS_IN_WORDS[row.flow].fr if row.flow in FLOWS_IN_WORDS else row.flow
        line = f"{row.reference}  {at}  {flow:<21}  {row.title}"
        lines.append(line if len(line) <= width else f"{line[: width - 1]}…")
    return lines
