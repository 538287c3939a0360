"""`monespace list`: which journeys there are, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import rich_click as click

from ..command import support_command
from ..exits import Exit, Stop
from ..output import bold, print_json, print_lines, say, width_of
from .opening import Place, open_storage, place_options

if TYPE_CHECKING:
    from monespace_flows.journey import Journey
    from monespace_flows.ports import JourneyQuery

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
    query = _query(flow, state, _from(since, place.zone), _to(until, place.zone), limit)
    with open_storage(place) as storage, storage.reading() as unit:
        found = [stored.journey for stored in unit.journeys.search(query)]
    journeys = found[:limit]
    if as_json:
        print_json(_SCHEMA, journeys=[_data(it) for it in journeys], more=len(found) > limit)
    elif journeys:
        print_lines(_table(journeys, place.zone, width_of(None)))
    if not journeys:
        filtered = flow or state or since or until
        say(f"Aucun parcours{' ne répond à ces critères' if filtered else ' pour l’instant'}.")
    elif len(found) > limit:
        say(f"Il y en a d'autres, plus anciens : --limit {limit * 5}")


def _query(
    flow: str | None, state: str | None, since: datetime | None, until: datetime | None, limit: int
) -> JourneyQuery:
    from monespace_flows.flows import FLOWS
    from monespace_flows.ports import JourneyQuery

    if flow is not None and flow not in FLOWS:
        raise Stop(Exit.USAGE, f"--flow : l'une de {', '.join(FLOWS)}")
    flows = FLOWS.values() if flow is None else (FLOWS[flow],)
    states = sorted({name for one in flows for name in one.screens})
    if state is not None and state not in states:
        raise Stop(Exit.USAGE, f"--state : l'une de {', '.join(states)}")
    # One more than asked for, to know whether there are more.
    return JourneyQuery(flow=flow, state=state, since=since, until=until, limit=limit + 1)


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


def _table(journeys: Sequence[Journey], zone: ZoneInfo, width: int) -> list[str]:
    from monespace_flows.support.words import FLOWS_IN_WORDS

    lines = [bold("référence  début             démarche               étape")]
    for journey in journeys:
        begun = f"{journey.started_at.astimezone(zone):%d/%m/%Y %H:%M}"
        flow = FLOWS_IN_WORDS[journey.flow].fr
        line = f"{journey.reference}  {begun}  {flow:<21}  {_title(journey)}"
        lines.append(line if len(line) <= width else f"{line[: width - 1]}…")
    return lines


def _title(journey: Journey) -> str:
    from monespace_flows.flows import FLOWS

    screen = FLOWS[journey.flow].screens.get(journey.state)
    return journey.state if screen is None else screen.title


def _data(journey: Journey) -> dict[str, Any]:
    from monespace_flows.codec import to_data
    from monespace_flows.flows import FLOWS

    over = journey.state in FLOWS[journey.flow].finals
    return {
        "reference": journey.reference,
        "flow": journey.flow,
        "state": journey.state,
        "title": _title(journey),
        "over": over,
        "steps": journey.seq,
        "started_at": to_data(journey.started_at),
        "last_at": to_data(journey.shown_at),
    }
