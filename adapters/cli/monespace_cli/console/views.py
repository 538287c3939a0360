"""What the console's pages show: each reading is on record before its first word is read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from monespace_backends.reading import open_reader
from monespace_flows.retelling.compiled import listed_flows
from monespace_flows.support.catalogue import CAUSES
from monespace_flows.support.words import flow_words

from ..access.log import AccessRecord
from ..access.reading import PURPOSES, Grounds, read_reference
from ..errors import Stop
from ..support.find import ELSEWHERE, MISTYPED, MOST_FOUND, row_of, subjects_of
from ..support.french import cause_in_brief
from ..support.list import NONE_FITS
from ..support.rows import Wanted, first_rows
from ..support.source import Journals, open_journals
from ..support.stats import HEAD, VAGUE, counted
from ..support.story_page import CHANNELS
from .counts import told_causes, told_flows
from .journey import tell_journey
from .pages import Asked

__all__ = [
    "ask_grounds",
    "counts",
    "find",
    "journey",
    "listing",
    "open_one",
    "search",
    "take_grounds",
]

_SHOWN = 50
_DAYS = {"7": "7 jours", "1": "24 heures", "31": "31 jours", "183": "183 jours"}


def ask_grounds(asked: Asked, error: str = "") -> Response:
    """Ask why the agent reads."""
    return asked.page("grounds", 422 if error else 200, purposes=PURPOSES, error=error)


def take_grounds(asked: Asked) -> Response:
    """Remember why, and go where the agent wanted to."""
    given = Grounds(asked.fields.get("purpose"), asked.fields.get("ticket"))
    try:
        asked.visit.give(given)
    except Stop as refused:
        return ask_grounds(asked, refused.message.replace("--", "").splitlines()[-1])
    return asked.go(asked.visit.wanted)


def search(asked: Asked) -> Response:
    """Ask for a reference, or for whom."""
    return asked.page("search", error="")


def open_one(asked: Asked) -> Response:
    """Lead to the journey of a reference, in whatever spelling."""
    try:
        reference = read_reference(asked.fields.get("reference", ""))
    except Stop as refused:
        return asked.page("search", 422, error=refused.message)
    return asked.go(f"/parcours/{reference}")


def find(asked: Asked) -> Response:
    """Find the journeys of whom was typed, which is neither shown nor written."""
    place, typed = asked.place, asked.fields.get("person", "").strip()
    asked.visit.record(place, "find", AccessRecord.MANY)
    with open_reader(place.database.url, **place.database.naming) as reader:
        try:
            subjects = subjects_of(place, reader, typed)
        except Stop as refused:
            return asked.page("search", 422, error=refused.message)
        journals = Journals.in_database(place, reader)
        tales = [journals.tale(one) for one in reader.about(subjects, MOST_FOUND + 1)]
        rows = [_found(row_of(tale, journals)) for tale in tales[:MOST_FOUND]]
    hint = ELSEWHERE if "@" in typed else MISTYPED
    return asked.page(
        "found",
        rows=rows,
        more=len(tales) > MOST_FOUND,
        none_found="" if rows else f"Aucun parcours trouvé. {hint}",
    )


def _found(row: Mapping[str, object]) -> dict[str, object]:
    started = datetime.fromisoformat(str(row["started_at"]))
    words = flow_words(str(row["flow"])).fr
    return {**row, "started": f"{started:%d/%m/%Y %H:%M}", "flow_words": words}


def journey(asked: Asked) -> Response:
    """Show one journey."""
    reference = read_reference(asked.request.path_params["reference"])
    asked.visit.record(asked.place, "show", reference)
    with open_journals(asked.place) as journals:
        told = tell_journey(journals, reference)
    return asked.page("journey", told=told)


def listing(asked: Asked) -> Response:
    """List journeys by filters; an unknown one is as none."""
    query, place = asked.request.query_params, asked.place
    choices = {
        "flow": {"": "toutes", **{name: it.label.fr for name, it in listed_flows().items()}},
        "cause": {"": "toutes", **{name: cause_in_brief(it) for name, it in CAUSES.items()}},
        "blocked": {"": "tous", "oui": "bloqués seulement"},
        "days": _DAYS,
    }
    chosen = {
        name: query.get(name, "") if query.get(name, "") in options else next(iter(options))
        for name, options in choices.items()
    }
    asked.visit.record(place, "list", AccessRecord.MANY)
    unread: list[str] = []
    with open_journals(place) as journals:
        wanted = Wanted(
            flow=chosen["flow"] or None,
            cause=chosen["cause"] or None,
            blocked=bool(chosen["blocked"]),
            since=(journals.now or datetime.now(UTC)) - timedelta(days=int(chosen["days"])),
        )
        found = first_rows(_SHOWN + 1, journals, wanted, "newest", unread.append)
        channels = _troubled(journals)
    labels = {"flow": "Démarche", "cause": "Cause", "blocked": "État", "days": "Commencé depuis"}
    return asked.page(
        "list",
        filters=[(name, labels[name], choices[name], chosen[name]) for name in choices],
        rows=[
            {
                "reference": row.reference,
                "started": f"{row.started_at.astimezone(place.zone):%d/%m/%Y %H:%M}",
                "flow": flow_words(row.flow).fr,
                "title": row.title,
                "status": row.status_words,
                "cause": row.cause_short or "",
            }
            for row in found[:_SHOWN]
        ],
        more=len(found) > _SHOWN,
        unread=unread,
        nothing=NONE_FITS,
        channels=channels,
    )


def counts(asked: Asked) -> Response:
    """Count where people stop."""
    asked.visit.record(asked.place, "stats", AccessRecord.MANY)

    def opened() -> AbstractContextManager[Journals]:
        return open_journals(asked.place)

    funnel, unread = counted(opened)
    with opened() as journals:
        channels = _troubled(journals)
    return asked.page(
        "counts",
        flows=list(told_flows(funnel)),
        causes=told_causes(funnel),
        heads=[name for name, _ in HEAD],
        vague=VAGUE,
        unread=len(unread.damaged) + len(unread.unknown),
        channels=channels,
    )


def _troubled(journals: Journals) -> list[str]:
    return [CHANNELS.get(it, it) for it in journals.troubled()]
