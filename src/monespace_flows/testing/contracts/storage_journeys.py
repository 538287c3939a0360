"""Rules of a storage: journeys, and the journals that outlive them."""

from __future__ import annotations

from attrs import evolve

from ...errors import LostSwap, UniqueBroken
from ...ports import JourneyQuery, Storage
from .examples import DAY, MICROSECOND, NOW, stored
from .rules import refuses, rule, same
from .storage_units import Fresh, fill

__all__ = ()


@rule(
    "PORT-STORAGE-11",
    danger="Somebody's page shows the journey of somebody else.",
    hint="Look journeys up by their whole reference, and by the whole digest of their token.",
)
def are_read(storage: Storage) -> None:
    """Journeys are read by reference and by token, locked or not, and are None when unknown."""
    with storage.writing() as unit:
        unit.journeys.add(stored("AAAA-AAAA"))
        unit.journeys.add(stored("BBBB-BBBB"))

        same(stored("AAAA-AAAA"), unit.journeys.get("AAAA-AAAA"))
        same(stored("BBBB-BBBB"), unit.journeys.get("BBBB-BBBB", lock=True))
        same(stored("BBBB-BBBB"), unit.journeys.by_token("token of BBBB-BBBB"))
        same(stored("AAAA-AAAA"), unit.journeys.by_token("token of AAAA-AAAA", lock=True))
        same(None, unit.journeys.get("7K3Q-F9M2"))
        same(None, unit.journeys.get("7K3Q-F9M2", lock=True))
        same(None, unit.journeys.by_token("token of 7K3Q-F9M2"))


@rule(
    "PORT-STORAGE-12",
    danger="What is not known yet comes back as known: an empty contact gets the code.",
    hint="Keep None apart from the empty text, and no contacts from contacts.",
)
def keep_the_unknown(storage: Storage) -> None:
    """Journeys keep what is not known yet unknown."""
    bare = evolve(
        stored(subject=None, role=None, contact=None, contacts=(), code=None, sent=()),
        dossier=None,
        code_digest=None,
        account_id=None,
        session_digest=None,
        answer=None,
    )
    with storage.writing() as unit:
        unit.journeys.add(bare)

    with storage.reading() as unit:
        same(bare, unit.journeys.get("7K3Q-F9M2"))


@rule(
    "PORT-STORAGE-13",
    danger="One token opens two journeys.",
    hint="Make the reference and the digest of the token unique, at each insert and update.",
)
def are_unique(fresh: Fresh) -> None:
    """Journeys share neither reference nor token, whether added or swapped: UniqueBroken."""
    for other in (
        evolve(stored(), token_digest="another token"),
        evolve(stored("AAAA-AAAA"), token_digest="token of 7K3Q-F9M2"),
    ):
        storage = fresh()
        fill(storage)
        with refuses(UniqueBroken, "adding it"), storage.writing() as unit:
            unit.journeys.add(other)
    storage = fresh()
    fill(storage)
    with storage.writing() as unit:
        unit.journeys.add(stored("BBBB-BBBB"))
    with refuses(UniqueBroken, "swapping in the token of another"), storage.writing() as unit:
        unit.journeys.swap(evolve(stored(seq=1), token_digest="token of BBBB-BBBB"), 0)


@rule(
    "PORT-STORAGE-14",
    danger="Fifty codes tried at once count as one try.",
    hint="UPDATE … WHERE seq = the expected one, and raise LostSwap when no row was changed.",
)
def are_swapped(storage: Storage) -> None:
    """A journey is swapped at the number of steps expected, and else LostSwap changes nothing."""
    fill(storage)
    for expected in (-1, 1, 2):
        with refuses(LostSwap, f"a swap expecting {expected}"), storage.writing() as unit:
            unit.journeys.swap(stored(seq=1, state="created"), expected)
        with storage.reading() as unit:
            same(stored(), unit.journeys.get("7K3Q-F9M2"))
    with refuses(LostSwap, "a swap of a journey that is gone"), storage.writing() as unit:
        unit.journeys.swap(stored("GONE-0000", seq=1), 0)
    with storage.writing() as unit:
        unit.journeys.swap(stored(seq=1, state="created"), 0)

    with storage.reading() as unit:
        same(stored(seq=1, state="created"), unit.journeys.get("7K3Q-F9M2"))


@rule(
    "PORT-STORAGE-15",
    danger="A token that was handed on still opens the journey.",
    hint="A swap replaces the digest of the token too, in whatever index it is looked up by.",
)
def change_their_token(storage: Storage) -> None:
    """A journey opens to its new token only, once it has one, within the unit and after it."""
    fill(storage)
    handed = evolve(stored(seq=1), token_digest="new token")
    with storage.writing() as unit:
        unit.journeys.swap(handed, 0)

        same(None, unit.journeys.by_token("token of 7K3Q-F9M2"))

    with storage.reading() as unit:
        same(None, unit.journeys.by_token("token of 7K3Q-F9M2"))
        same(handed, unit.journeys.by_token("new token"))


def _keep_five(storage: Storage) -> None:
    with storage.writing() as unit:
        unit.journeys.add(evolve(stored("OWN2-0000", subject=None), account_id="a1"))
        unit.journeys.add(evolve(stored("OWN1-0000", subject="k1.sujet"), account_id=None))
        unit.journeys.add(evolve(stored("OLD0-0000", subject="k0.sujet"), account_id=None))
        unit.journeys.add(evolve(stored("NEW0-0000", subject=None), account_id=None))
        unit.journeys.add(evolve(stored("ELSE-0000", subject="k1.autre"), account_id="a2"))
        unit.journal.append("OWN1-0000", 0, NOW, "ce qui s'est passé")


@rule(
    "PORT-STORAGE-16",
    danger="An erased person's journeys stay, or somebody else's go.",
    hint="Match the account, or any of the pseudonyms, exactly; answer the references in order.",
)
def of_a_person_are_forgotten(fresh: Fresh) -> None:
    """Journeys of one person are forgotten, by account and by pseudonym, and only those."""
    for account_id, subjects, gone in (
        ("a1", ("k1.sujet", "k0.sujet"), ["OLD0", "OWN1", "OWN2"]),
        ("a1", (), ["OWN2"]),
        ("a3", ("k0.sujet",), ["OLD0"]),
        ("a3", ("K1.SUJET", ""), []),
    ):
        storage = fresh()
        _keep_five(storage)
        with storage.writing() as unit:
            forgotten = list(unit.journeys.forget(account_id, subjects))
            again = list(unit.journeys.forget(account_id, subjects))

        same([f"{name}-0000" for name in gone], forgotten, "the forgotten ones")
        same([], again, "those forgotten again")
        with storage.reading() as unit:
            left = {it.journey.reference for it in unit.journeys.search(JourneyQuery())}
        kept = {"OWN2-0000", "OWN1-0000", "OLD0-0000", "NEW0-0000", "ELSE-0000"}
        same(kept - set(forgotten), left, "those that are left")


@rule(
    "PORT-STORAGE-17",
    danger="An erased journey opens again, or what happened can no longer be told.",
    hint="Delete the journey, its token with it; leave the lines of its journal.",
)
def leave_their_journal(storage: Storage) -> None:
    """A forgotten journey opens to nobody, and its journal stays."""
    _keep_five(storage)
    with storage.writing() as unit:
        unit.journeys.forget("a1", ("k1.sujet",))

        same(None, unit.journeys.get("OWN1-0000", lock=True))
        same(None, unit.journeys.by_token("token of OWN1-0000"))
        with refuses(LostSwap, "a swap of a forgotten journey"):
            unit.journeys.swap(stored("OWN1-0000", seq=1), 0)

    with storage.reading() as unit:
        same(["ce qui s'est passé"], list(unit.journal.lines("OWN1-0000")))


@rule(
    "PORT-STORAGE-18",
    danger="Support does not find the journey of who is on the telephone.",
    hint="From since on and before until; order by start and reference, both downward; then limit.",
)
def are_found(storage: Storage) -> None:
    """Journeys are searched by flow, state, pseudonyms and start, the newest first."""
    with storage.writing() as unit:
        unit.journeys.add(stored("OLD0-0000", started_at=NOW - DAY, subject="k1.ancien"))
        unit.journeys.add(stored("NEW0-0000", started_at=NOW + MICROSECOND, flow="autre"))
        unit.journeys.add(stored("NOW0-0000", state="fin", subject=None))
        unit.journeys.add(stored("NOW1-0000"))

    for query, found in (
        (JourneyQuery(), ["NEW0", "NOW1", "NOW0", "OLD0"]),
        (JourneyQuery(limit=2), ["NEW0", "NOW1"]),
        (JourneyQuery(limit=0), []),
        (JourneyQuery(flow="autre"), ["NEW0"]),
        (JourneyQuery(flow="aucun"), []),
        (JourneyQuery(state="fin"), ["NOW0"]),
        (JourneyQuery(flow="entrée", state="écran"), ["NOW1", "OLD0"]),
        (JourneyQuery(subjects=("k2.ancien", "k1.ancien")), ["OLD0"]),
        (JourneyQuery(subjects=("k1.sujet",)), ["NEW0", "NOW1"]),
        (JourneyQuery(since=NOW), ["NEW0", "NOW1", "NOW0"]),
        (JourneyQuery(since=NOW + MICROSECOND), ["NEW0"]),
        (JourneyQuery(until=NOW + MICROSECOND), ["NOW1", "NOW0", "OLD0"]),
        (JourneyQuery(since=NOW, until=NOW), []),
    ):
        with storage.reading() as unit:
            references = [it.journey.reference[:4] for it in unit.journeys.search(query)]
        same(found, references, f"what {query} finds")


@rule(
    "PORT-STORAGE-19",
    danger="A journal reads as damaged, or in another order than things happened.",
    hint="Keep lines byte for byte; order by their number, whatever order they came in.",
)
def lines_are_kept(storage: Storage) -> None:
    """The lines of a journal come back as they were, in their order."""
    lines = ['{"à":"é"}', "  espaces  ", "deux\nlignes\r\n", "🩺 \u2028", '"\\u0000"', ""]
    with storage.writing() as unit:
        for seq in (3, 1, 0, 5, 2, 4):
            unit.journal.append("7K3Q-F9M2", seq, NOW, lines[seq])
        unit.journal.append("AAAA-AAAA", 0, NOW, "d'une autre")

    with storage.reading() as unit:
        same(lines, list(unit.journal.lines("7K3Q-F9M2")), "the journal")
        same(["d'une autre"], list(unit.journal.lines("AAAA-AAAA")))
        same([], list(unit.journal.lines("BBBB-BBBB")))


@rule(
    "PORT-STORAGE-20",
    danger="What happened is written over.",
    hint="Make reference and number unique together; raise UniqueBroken.",
)
def numbers_are_given_once(storage: Storage) -> None:
    """A number of a journal is given once."""
    fill(storage)
    with refuses(UniqueBroken, "another line 0"), storage.writing() as unit:
        unit.journal.append("7K3Q-F9M2", 0, NOW, "une autre première ligne")

    with storage.reading() as unit:
        same(["la première ligne"], list(unit.journal.lines("7K3Q-F9M2")))


@rule(
    "PORT-STORAGE-21",
    danger="An export or a check of all journals passes some over.",
    hint="Name every journal once, ordered by the time of its line 0, then by reference.",
)
def journals_are_named(storage: Storage) -> None:
    """Every journal is named, by the time of its first line."""
    with storage.writing() as unit:
        unit.journal.append("7K3Q-F9M2", 0, NOW, "la première")
        unit.journal.append("BBBB-BBBB", 0, NOW - DAY, "la première")
        unit.journal.append("BBBB-BBBB", 1, NOW, "la deuxième")
        unit.journal.append("AAAA-AAAA", 0, NOW, "la première")

    with storage.reading() as unit:
        named = list(unit.journal.references())
    same(["BBBB-BBBB", "7K3Q-F9M2", "AAAA-AAAA"], named, "the journals")
