"""What the console's pages show: each reading is on record before its first word is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from attrs import frozen
from starlette.responses import Response

from monespace_backends.reading import open_reader
from monespace_flows.retelling.compiled import listed_flows
from monespace_flows.support.catalogue import CAUSES
from monespace_flows.wording import Text

from ..access.log import AccessRecord
from ..access.reading import PURPOSES, Grounds, purpose_words, read_reference
from ..errors import Stop
from ..support.find import MOST_FOUND, subjects_of, what_else
from ..support.french import cause_in_brief
from ..support.list import NONE_FITS
from ..support.rows import Wanted, first_rows
from ..support.source import Journals, open_journals
from ..support.stats import HEAD, VAGUE, counted
from .counts import told_causes, told_flows
from .journey import tell_journey
from .pages import Asked
from .rows import JourneyRow, row_of
from .visits import Search

__all__ = [
    "ask_grounds",
    "counts",
    "find",
    "found",
    "journey",
    "listing",
    "open_one",
    "search",
    "take_grounds",
]

_SHOWN = 50
_DAYS = {
    "7": Text("7 jours", "7 days"),
    "1": Text("24 heures", "24 hours"),
    "31": Text("31 jours", "31 days"),
    "183": Text("183 jours", "183 days"),
}
_EVERY = Text("toutes", "all")


def ask_grounds(asked: Asked, error: Text | None = None) -> Response:
    """Ask why the agent reads."""
    purposes = {name: purpose_words(name) for name in PURPOSES}
    return asked.page("grounds", 422 if error else 200, purposes=purposes, error=error)


def take_grounds(asked: Asked) -> Response:
    """Remember why, and go where the agent wanted to."""
    given = Grounds(asked.fields.get("purpose"), asked.fields.get("ticket"))
    wrong = given.wrong()
    if wrong:
        fr, en = " ; ".join(it.fr for it in wrong), "; ".join(it.en for it in wrong)
        return ask_grounds(asked, Text(fr.replace("--", ""), en.replace("--", "")))
    asked.visit.give(given)
    return asked.go(asked.visit.wanted)


def search(asked: Asked) -> Response:
    """Ask for a reference, or for whom."""
    return asked.page("search", error=None)


def open_one(asked: Asked) -> Response:
    """Lead to the journey of a reference, in whatever spelling."""
    try:
        reference = read_reference(asked.fields.get("reference", ""))
    except Stop as refused:
        return _refused(asked, refused)
    return asked.go(f"/parcours/{reference}")


def _refused(asked: Asked, refused: Stop) -> Response:
    return asked.page("search", 422, error=Text(refused.message, refused.english))


def find(asked: Asked) -> Response:
    """Find the journeys of whom was typed, which is neither shown nor written.

    They are shown at an address of their own, which tells nothing: going back or loading the page
    again sends nothing that was typed.
    """
    place, typed = asked.place, asked.fields.get("person", "").strip()
    asked.visit.record(place, "find", AccessRecord.MANY)
    with open_reader(place.database.url, **place.database.naming) as reader:
        try:
            subjects = subjects_of(place, reader, typed)
        except Stop as refused:
            return _refused(asked, refused)
        journals = Journals.in_database(place, reader)
        tales = [journals.tale(one) for one in reader.about(subjects, MOST_FOUND + 1)]
        rows = tuple(row_of(journals, tale) for tale in tales[:MOST_FOUND])
    asked.visit.search = Search(rows, what_else(typed), more=len(tales) > MOST_FOUND)
    return asked.go("/personne")


def found(asked: Asked) -> Response:
    """Show what was found of a person, for as long as the grounds last."""
    searched = asked.visit.search
    return asked.go("/") if searched is None else asked.page("found", searched=searched)


def journey(asked: Asked) -> Response:
    """Show one journey."""
    reference = read_reference(asked.request.path_params["reference"])
    access = asked.visit.record(asked.place, "show", reference)
    with open_journals(asked.place) as journals:
        told = tell_journey(journals, access)
    return asked.page("journey", told=told, access=access)


@frozen
class _Filter:
    """What a list is narrowed by: its label, what may be chosen, and what was."""

    name: str
    label: Text
    choices: dict[str, Text]
    chosen: str


def _filters(asked: Asked) -> dict[str, _Filter]:
    """The filters as the address has them; what is unknown is as none."""
    causes = {
        name: Text(cause_in_brief(it), cause_in_brief(it, "en")) for name, it in CAUSES.items()
    }
    flows = {name: it.label for name, it in listed_flows().items()}
    blocked = {"": Text("tous", "all"), "oui": Text("bloqués seulement", "blocked only")}
    offered = {
        "flow": (Text("Démarche", "Journey"), {"": _EVERY, **flows}),
        "cause": (Text("Cause", "Cause"), {"": _EVERY, **causes}),
        "blocked": (Text("État", "State"), blocked),
        "days": (Text("Commencé depuis", "Begun within"), _DAYS),
    }
    query = asked.request.query_params
    return {
        name: _Filter(name, label, choices, query.get(name, ""))
        if query.get(name, "") in choices
        else _Filter(name, label, choices, next(iter(choices)))
        for name, (label, choices) in offered.items()
    }


def listing(asked: Asked) -> Response:
    """List journeys by filters."""
    filters = _filters(asked)
    asked.visit.record(asked.place, "list", AccessRecord.MANY)
    unread: list[str] = []
    with open_journals(asked.place) as journals:
        wanted = Wanted(
            flow=filters["flow"].chosen or None,
            cause=filters["cause"].chosen or None,
            blocked=bool(filters["blocked"].chosen),
            since=(journals.now or datetime.now(UTC)) - timedelta(days=int(filters["days"].chosen)),
        )
        found = first_rows(_SHOWN + 1, journals, wanted, "newest", unread.append)
    return asked.page(
        "list",
        filters=filters.values(),
        rows=[JourneyRow.of(it, asked.place.zone) for it in found[:_SHOWN]],
        more=len(found) > _SHOWN,
        unread=len(unread),
        nothing=NONE_FITS,
    )


def counts(asked: Asked) -> Response:
    """Count where people stop."""
    asked.visit.record(asked.place, "stats", AccessRecord.MANY)
    funnel, unread = counted(lambda: open_journals(asked.place))
    return asked.page(
        "counts",
        flows=list(told_flows(funnel)),
        causes=told_causes(funnel),
        heads=[name for name, _ in HEAD],
        vague=VAGUE,
        unread=len(unread.damaged) + len(unread.unknown),
    )
