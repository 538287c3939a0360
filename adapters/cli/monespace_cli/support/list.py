"""`monespace list`: which journeys there are, newest first unless asked otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from monespace_flows.wording import Text

from ..command import completed_from, support_command
from ..errors import Exit, Stop
from ..output import bold, print_json, print_lines, say, width_of, wrapped
from .rows import Row, Wanted, first_rows, is_by_last
from .source import OpenJournals, source_options

__all__ = ["list_"]


_SCHEMA = "monespace/list/1"
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%dT%H:%M")
_DAYS = {"aujourdhui": 0, "hier": 1}
"""Days by their names, and how many ago they are."""
_MOST = 10_000
_ORDERS = {
    "newest": "plus anciens",
    "oldest": "plus récents",
    "last-newest": "au dernier geste plus ancien",
    "last-oldest": "au dernier geste plus récent",
}
"""Each order, and what the journeys that follow the last one listed are."""

_NONE = "Aucun parcours pour l’instant."
NONE_FITS = Text(
    "Aucun parcours de cette sorte : ôtez un filtre, ou élargissez les dates.",
    "No journey of this kind: take a filter away, or widen the dates.",
)


class _Day(click.ParamType[datetime | timedelta]):
    """A date, or a day by its name: what is asked of a zone and a clock to make an instant."""

    name = "date"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | timedelta:
        """Read a date, or how long ago a day is."""
        typed = re.sub(r"[\s'’]", "", value).lower()
        if typed in _DAYS:
            return timedelta(days=_DAYS[typed])
        read = (_read(value.strip(), form) for form in _DATES)
        found = next((date for date in read if date is not None), None)
        return self.fail("", param, ctx) if found is None else found


def _read(typed: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(typed, form)  # noqa: DTZ007 - the place has the zone
    except ValueError:
        return None


def _flows() -> Mapping[str, str]:
    """The flows that may be asked for, by name, each in words."""
    from monespace_flows.journal.entry import ACCOUNT_JOURNAL
    from monespace_flows.retelling.compiled import listed_flows
    from monespace_flows.support.words import flow_words

    return {name: flow_words(name).fr for name in (*listed_flows(), ACCOUNT_JOURNAL)}


def _states(flow: str | None = None) -> Mapping[str, str]:
    """The states of a flow, or of all, each by the title of its screen."""
    from monespace_flows.retelling.compiled import compiled_flow, listed_flows

    flows = map(compiled_flow, listed_flows() if flow is None else (flow,))
    return {
        name: screen.title
        for one in flows
        if one is not None
        for name, screen in one.screens.items()
    }


def _causes() -> Mapping[str, str]:
    """The causes by id, each in words."""
    from monespace_flows.support.catalogue import CAUSES

    from .french import cause_in_brief

    return {name: cause_in_brief(it) for name, it in CAUSES.items()}


@support_command("list")
@click.option(
    "--flow",
    metavar="DÉMARCHE",
    shell_complete=completed_from(_flows),
    help="creation, recovery, reset, signin ou settings (--flow aide les explique) ; account : les "
    "gestes de l'exploitation sur un compte.",
)
@click.option(
    "--state",
    metavar="ÉTAPE",
    shell_complete=completed_from(_states),
    help="Où le parcours en est, par exemple enter_code (--state aide les nomme).",
)
@click.option(
    "--cause",
    metavar="CAUSE",
    shell_complete=completed_from(_causes),
    help="Pourquoi il en est là : la cause_id de « monespace why --json », "
    "comme identity.birth_date_differs (--cause aide les explique).",
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
    help="La version de la démarche qui a écrit sa dernière ligne : la flow_version de "
    "« monespace show --json ».",
)
@click.option(
    "--since",
    type=_Day(),
    metavar="DATE",
    help="Commencé à partir de cette date : 22/11/2026, hier, aujourd'hui, 2026-11-22 ou "
    "2026-11-22T14:05.",
)
@click.option(
    "--until",
    type=_Day(),
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
@source_options
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/list/1).")
def list_(
    *, sort: str, limit: int, open_journals: OpenJournals, as_json: bool, **filters: Any
) -> None:
    """Lister les parcours, du dernier commencé au premier.

    Aucune donnée d'une personne ne s'y trouve, ni pseudonyme : pour trouver les parcours de
    quelqu'un, prenez monespace find. Les heures sont celles de Paris, ou du réglage zone.

    Les filtres se cumulent, et --limit compte ce qu'ils laissent. La recherche s'arrête dès qu'elle
    en a assez ; ce qui est rare, dans une grande base, demande de lire loin : bornez par --since,
    et suivez à l'écran combien de parcours ont été lus. Ctrl+C arrête sans rien abîmer.

    Exemples :
        monespace list
        monespace list --flow creation --state enter_code --since 22/11/2026
        monespace list --blocked --since hier --until hier
        monespace list --cause message.given_up --since aujourd'hui
        monespace list --cause code.differs --sort oldest
        monespace list --sort last-newest --limit 100 --json

    Ensuite : monespace show RÉFÉRENCE --purpose appel --ticket SD-1423
    """
    with open_journals() as journals:
        zone = journals.place.zone
        wanted = _wanted(zone, journals.now or datetime.now(UTC), **filters)
        # One more than asked for, to know whether there are more.
        found = first_rows(limit + 1, journals, wanted, sort)
    rows = found[:limit]
    if as_json:
        print_json(_SCHEMA, journeys=[row.data() for row in rows], more=len(found) > limit)
    elif rows:
        print_lines(_table(rows, zone, width_of(None), by_last=is_by_last(sort)))
    if not rows:
        say(_NONE if wanted == Wanted() else NONE_FITS.fr)
    elif len(found) > limit:
        say(f"Il y en a d'autres, {_ORDERS[sort]} : {_how_to_see_more(limit)}")


def _how_to_see_more(limit: int) -> str:
    return f"--limit {min(limit * 5, _MOST)}" if limit < _MOST else "bornez par --since, --until"


def _wanted(
    zone: ZoneInfo,
    now: datetime,
    *,
    flow: str | None,
    state: str | None,
    cause: str | None,
    blocked: bool,
    version: int | None,
    since: datetime | timedelta | None,
    until: datetime | timedelta | None,
) -> Wanted:
    """What the options ask for, of which each names what there is."""
    return Wanted(
        flow=_known("--flow", flow, _flows()),
        state=_known("--state", state, _states(flow)),
        cause=_known("--cause", cause, _causes()),
        blocked=blocked,
        version=version,
        since=_from(_dated(since, zone, now), zone),
        until=_to(_dated(until, zone, now), zone),
    )


def _known(option: str, asked: str | None, known: Mapping[str, str]) -> str | None:
    if asked is not None and asked not in known:
        raise _unknown(option, known)
    return asked


def _unknown(option: str, known: Mapping[str, str]) -> Stop:
    """Refuse a name by listing those that there are, each with its words."""
    columns = max(map(len, known)) + 2
    lines = [f"{option} : choisissez parmi"]
    for name, words in known.items():
        lines += wrapped(words, width_of(None), f"  {name:<{columns}}")
    return Stop(Exit.USAGE, "\n".join(lines))


def _dated(asked: datetime | timedelta | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The instant by the clocks of a zone; a day that is so long ago begins at midnight."""
    if not isinstance(asked, timedelta):
        return asked
    day = (now.astimezone(zone) - asked).date()
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the zone is set by who asks


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


def _table(rows: Sequence[Row], zone: ZoneInfo, width: int, *, by_last: bool) -> list[str]:
    """Two lines for each journey: which it is and how it stands; where, and why."""
    from monespace_flows.support.words import flow_words

    when = "dernier geste" if by_last else "début"
    lines = [bold(f"référence  {when:<16}  état       démarche, étape et cause")]
    for row in rows:
        at = f"{(row.last_at if by_last else row.started_at).astimezone(zone):%d/%m/%Y %H:%M}"
        where = " : ".join(filter(None, (row.title, row.cause.fr)))
        lines += [
            _cut(f"{row.reference}  {at}  {row.status.fr:<9}  {flow_words(row.flow).fr}", width),
            _cut(f"           {where}", width),
        ]
    return lines


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 1]}…"
