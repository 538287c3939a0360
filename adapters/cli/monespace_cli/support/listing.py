"""`monespace list`: which journeys there are, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import rich_click as click
from attrs import asdict, frozen

from ..command import support_command
from ..exits import Exit, Stop
from ..output import bold, print_json, print_lines, say, width_of
from .opening import Place, open_storage, place_options

if TYPE_CHECKING:
    from monespace_flows.ports import Unit

__all__ = ["list_"]

_SCHEMA = "monespace/list/1"
_DATES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M")


@support_command("list")
@click.option("--flow", metavar="DÉMARCHE", help="creation, recovery, reset, signin ou settings.")
@click.option("--state", metavar="ÉTAPE", help="Où le parcours en est, par exemple enter_code.")
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
    "--limit",
    type=click.IntRange(1, 10_000),
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
    since: datetime | None,
    until: datetime | None,
    limit: int,
    place: Place,
    as_json: bool,
) -> None:
    """Lister les parcours, du plus récent au plus ancien.

    Aucune donnée d'une personne ne s'y trouve, ni pseudonyme : pour trouver les parcours de
    quelqu'un, prenez monespace find. Les heures sont celles de Paris, ou du réglage zone.

    Exemples :
        monespace list
        monespace list --flow creation --state enter_code --since 2026-11-22
        monespace list --limit 100 --json

    Ensuite : monespace show RÉFÉRENCE --purpose caller --ticket SD-1423
    """
    wanted = _Wanted(
        flow=_known_flow(flow),
        state=_known_state(state, flow),
        since=_from(since, place.zone),
        until=_to(until, place.zone),
    )
    with open_storage(place) as storage, storage.reading() as unit:
        # One more than asked for, to know whether there are more.
        found = list(islice(_rows(unit, wanted), limit + 1))
    rows = found[:limit]
    if as_json:
        print_json(_SCHEMA, journeys=[row.data() for row in rows], more=len(found) > limit)
    elif rows:
        print_lines(_table(rows, place.zone, width_of(None)))
    if not rows:
        say(f"Aucun parcours{' pour l’instant' if wanted == _Wanted() else ' de cette sorte'}.")
    elif len(found) > limit:
        say(f"Il y en a d'autres, plus anciens : --limit {limit * 5}")


@frozen(kw_only=True)
class _Wanted:
    flow: str | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, row: _Row) -> bool:
        return (
            self.flow in {None, row.flow}
            and self.state in {None, row.state}
            and (self.until is None or row.started_at < self.until)
        )


@frozen(kw_only=True)
class _Row:
    reference: str
    flow: str
    state: str
    started_at: datetime
    last_at: datetime
    steps: int
    title: str
    over: bool

    def data(self) -> dict[str, Any]:
        from monespace_flows.codec import to_data

        return asdict(self, value_serializer=lambda _, __, it: to_data(it))


def _rows(unit: Unit, wanted: _Wanted) -> Iterator[_Row]:
    """Read the journals, which outlive the journeys themselves, newest first."""
    from monespace_flows.errors import JournalDamaged, JournalVersionUnknown

    for reference in reversed(unit.journal.references()):
        try:
            row = _row(reference, unit.journal.lines(reference))
        except (JournalDamaged, JournalVersionUnknown):
            # One bad journal must not hide the others.
            say(f"{reference} : journal abîmé ou d'une autre version (monespace verify)")
            continue
        if wanted.since is not None and row.started_at < wanted.since:
            return
        if wanted.fits(row):
            yield row


def _row(reference: str, lines: Sequence[str]) -> _Row:
    from monespace_flows.flows import FLOWS
    from monespace_flows.support.corpus import read_line

    first, last = read_line(lines[0]), read_line(lines[-1])
    flow = FLOWS.get(first.flow)
    screen = None if flow is None else flow.screens.get(last.after)
    return _Row(
        reference=reference,
        flow=first.flow,
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


def _table(rows: Sequence[_Row], zone: ZoneInfo, width: int) -> list[str]:
    from monespace_flows.support.words import FLOWS_IN_WORDS

    lines = [bold("référence  début             démarche               étape")]
    for row in rows:
        begun = f"{row.started_at.astimezone(zone):%d/%m/%Y %H:%M}"
        flow = FLOWS_IN_WORDS[row.flow].fr if row.flow in FLOWS_IN_WORDS else row.flow
        line = f"{row.reference}  {begun}  {flow:<21}  {row.title}"
        lines.append(line if len(line) <= width else f"{line[: width - 1]}…")
    return lines
