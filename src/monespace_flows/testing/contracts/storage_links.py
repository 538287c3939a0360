"""Rules of a storage: one-time links, counted events, and who listens to what."""

from __future__ import annotations

from ...effects import Budget
from ...errors import UniqueBroken
from ...ports import LinkPurpose, Storage
from .examples import DAY, MICROSECOND, MINUTE, NOW, link, listener
from .rules import holds, refuses, rule, same
from .storage_units import fill

__all__ = ()


@rule(
    "PORT-STORAGE-51",
    danger="A link from a stolen mailbox works a second time.",
    hint="UPDATE … WHERE used_at IS NULL, and answer whether a row was changed.",
)
def links_are_used_once(storage: Storage) -> None:
    """A link is used once, within one unit and after it; an unknown one cannot be used."""
    fill(storage)
    with storage.writing() as unit:
        same(True, unit.links.consume("l1", NOW + MICROSECOND), "the first use")
        same(False, unit.links.consume("l1", NOW + MINUTE), "the second use")
        same(False, unit.links.consume("unknown", NOW), "the use of an unknown link")
    with storage.writing() as unit:
        same(False, unit.links.consume("l1", NOW + MINUTE), "the use in the next unit")

    with storage.reading() as unit:
        same(link(used_at=NOW + MICROSECOND), unit.links.get("l1"))
        same(None, unit.links.get("unknown"))


@rule(
    "PORT-STORAGE-52",
    danger="A browser is known as somebody else's, or a change cannot be objected to.",
    hint="Filter by account, purpose and used_at; order by created_at and digest, downward.",
)
def links_are_listed(storage: Storage) -> None:
    """The unused links of one account for a purpose are listed, the newest first."""
    older, newer = link("b", created_at=NOW, sealed="s"), link("c", created_at=NOW + MINUTE)
    alike = link("a", created_at=NOW)
    confirm = link("confirm", purpose=LinkPurpose.CONFIRM, journey=None)
    with storage.writing() as unit:
        for each in (older, newer, alike, confirm, link("used", used_at=NOW)):
            unit.links.add(each)
        unit.links.add(link("others", account_id="a2"))

    with storage.reading() as unit:
        same([newer, older, alike], list(unit.links.of_account("a1", LinkPurpose.RESET)))
        same([confirm], list(unit.links.of_account("a1", LinkPurpose.CONFIRM)))
        same([], list(unit.links.of_account("a1", LinkPurpose.FREEZE)))


@rule(
    "PORT-STORAGE-53",
    danger="A link that was taken back still works.",
    hint="Delete it, used or not; one that is not there is no error.",
)
def links_are_dropped(storage: Storage) -> None:
    """A link is dropped, used or not; one that is not there is no error."""
    with storage.writing() as unit:
        unit.links.add(link("l1"))
        unit.links.add(link("l2", used_at=NOW))
        unit.links.add(link("kept"))
    with storage.writing() as unit:
        for digest in ("l1", "l2", "unknown"):
            unit.links.drop(digest)

    with storage.reading() as unit:
        left = [unit.links.get(digest) for digest in ("l1", "l2", "kept")]
    same([None, None, link("kept")], left, "the links")


@rule(
    "PORT-STORAGE-54",
    danger="A link that was sent before the password was changed changes it back.",
    hint="Delete the unused links of that account and purpose, and nothing else.",
)
def links_are_void(storage: Storage) -> None:
    """The unused links of one account for a purpose are void together, and no others."""
    used = link("used", used_at=NOW)
    confirm = link("confirm", purpose=LinkPurpose.CONFIRM, journey=None)
    others = link("others", account_id="a2")
    with storage.writing() as unit:
        for each in (used, confirm, others, link("l1"), link("l2")):
            unit.links.add(each)
    with storage.writing() as unit:
        unit.links.void("a1", LinkPurpose.RESET)

    with storage.reading() as unit:
        left = [unit.links.get(it) for it in ("used", "confirm", "others", "l1", "l2")]
    same([used, confirm, others, None, None], left, "the links")


@rule(
    "PORT-STORAGE-55",
    danger="Something of an erased person stays.",
    hint="Delete all links of the account, used ones too, and say how many.",
)
def links_are_forgotten(storage: Storage) -> None:
    """The links of one account are forgotten together, whatever they are for, used or not."""
    others = link("others", account_id="a2")
    with storage.writing() as unit:
        unit.links.add(link("used", used_at=NOW))
        unit.links.add(link("confirm", purpose=LinkPurpose.CONFIRM, journey=None))
        unit.links.add(link("l1"))
        unit.links.add(others)
    with storage.writing() as unit:
        same(3, unit.links.forget("a1"))
        same(0, unit.links.forget("a1"))
        same(False, unit.links.consume("l1", NOW))

    with storage.reading() as unit:
        left = [unit.links.get(digest) for digest in ("used", "confirm", "l1", "others")]
    same([None, None, None, others], left, "the links")


@rule(
    "PORT-STORAGE-56",
    danger="One link is two people's.",
    hint="Make the digest unique; raise UniqueBroken.",
)
def links_are_unique(storage: Storage) -> None:
    """A link's digest is its own."""
    fill(storage)
    with refuses(UniqueBroken, "adding it"), storage.writing() as unit:
        unit.links.add(link("l1", account_id="a2"))


@rule(
    "PORT-STORAGE-61",
    danger="A person is locked out too long, or may guess more often than the guide allows.",
    hint="WHERE at > since, ordered by at; two events of one instant are two.",
)
def times_are_read(storage: Storage) -> None:
    """The times after an instant are read, the oldest first, each as often as it was counted."""
    with storage.writing() as unit:
        for at in (NOW + MICROSECOND, NOW - MINUTE, NOW, NOW + MICROSECOND):
            unit.budgets.add(Budget.CODE, "s", at)

    with storage.reading() as unit:
        times = list(unit.budgets.times(Budget.CODE, ["s"], NOW - MINUTE))
    same([NOW, NOW + MICROSECOND, NOW + MICROSECOND], times, "the times")


@rule(
    "PORT-STORAGE-62",
    danger="A change of keys gives everybody their tries back, or one person pays for another.",
    hint="Match the kind, and any of the digests, each once however often it is given.",
)
def times_are_of_one_person(storage: Storage) -> None:
    """Times are of one kind, and of any digest of one person."""
    with storage.writing() as unit:
        unit.budgets.add(Budget.CODE, "of a new key", NOW)
        unit.budgets.add(Budget.CODE, "of an old key", NOW - MINUTE)
        unit.budgets.add(Budget.CODE, "of somebody else", NOW)
        unit.budgets.add(Budget.SEND, "of a new key", NOW)

    with storage.reading() as unit:
        subjects = ["of a new key", "of an old key", "of an old key"]
        same([NOW - MINUTE, NOW], list(unit.budgets.times(Budget.CODE, subjects, NOW - DAY)))
        same([], list(unit.budgets.times(Budget.CODE, [], NOW - DAY)))


@rule(
    "PORT-STORAGE-63",
    danger="The brake that keeps a month's SMS from leaving in an hour does not hold.",
    hint="After since and not after until; nth is 1 for the newest, None when there are fewer.",
)
def times_are_counted(storage: Storage) -> None:
    """The nth newest time of a span is read, and how many there are."""
    with storage.writing() as unit:
        for at in (NOW - DAY, NOW - 2 * MINUTE, NOW - MINUTE, NOW, NOW + MINUTE):
            unit.budgets.add(Budget.TOTAL, "sms", at)
        unit.budgets.add(Budget.TOTAL, "email", NOW)
        unit.budgets.add(Budget.ALARM, "sms", NOW)

    with storage.reading() as unit:
        span = NOW - DAY, NOW
        found = [unit.budgets.nth(Budget.TOTAL, "sms", *span, it) for it in (1, 2, 3, 4)]
        same([NOW, NOW - MINUTE, NOW - 2 * MINUTE, None], found, "the nth newest")
        same(3, unit.budgets.count(Budget.TOTAL, "sms", *span))
        same(0, unit.budgets.count(Budget.TOTAL, "nothing", *span))


@rule(
    "PORT-STORAGE-64",
    danger="A clock that was put back locks people out for as long as it had run ahead.",
    hint="UPDATE … SET at = now WHERE at > now, for that kind and person alone.",
)
def times_are_redated(storage: Storage) -> None:
    """What a person has counted in the future counts as of now."""
    with storage.writing() as unit:
        for at in (NOW - MINUTE, NOW + DAY, NOW + 3 * DAY):
            unit.budgets.add(Budget.CODE, "s", at)
        unit.budgets.add(Budget.CODE, "somebody else", NOW + DAY)
        unit.budgets.redate(Budget.CODE, ["s"], NOW)

    with storage.reading() as unit:
        mine = list(unit.budgets.times(Budget.CODE, ["s"], NOW - DAY))
        others = list(unit.budgets.times(Budget.CODE, ["somebody else"], NOW - DAY))
    same([NOW - MINUTE, NOW, NOW], mine, "the times")
    same([NOW + DAY], others, "the times of somebody else")


@rule(
    "PORT-STORAGE-65",
    danger="A success gives a thief their tries back, or leaves a doctor without any.",
    hint="Delete the events of that kind and of those digests; none of them, none goes.",
)
def times_are_cleared(storage: Storage) -> None:
    """The events of one kind are cleared for one person, and no others."""
    with storage.writing() as unit:
        for subject in ("a", "b", "c"):
            unit.budgets.add(Budget.CODE, subject, NOW)
            unit.budgets.add(Budget.SEND, subject, NOW)
    with storage.writing() as unit:
        unit.budgets.clear(Budget.CODE, ["a", "b"])
        unit.budgets.clear(Budget.SEND, [])

    with storage.reading() as unit:
        same([NOW], list(unit.budgets.times(Budget.CODE, ["a", "b", "c"], NOW - DAY)))
        same(3 * [NOW], list(unit.budgets.times(Budget.SEND, ["a", "b", "c"], NOW - DAY)))


@rule(
    "PORT-STORAGE-66",
    danger="A listener is told of nothing, or of what happened before it came.",
    hint="Keep the first since of each name and kind; order by name and kind.",
)
def listeners_are_remembered(storage: Storage) -> None:
    """Each listener is remembered once a kind, from when it was first known."""
    with storage.writing() as unit:
        unit.listeners.add(listener("web", kind="SignedIn"))
        unit.listeners.add(listener("crm", kind="SignedIn"))
        unit.listeners.add(listener("crm"))
        unit.listeners.add(listener("crm", since=NOW + DAY))

    with storage.reading() as unit:
        everyone = list(unit.listeners.everyone())
        crm, web = listener("crm", kind="SignedIn"), listener("web", kind="SignedIn")
        same([listener("crm"), crm, web], everyone, "the listeners")
        same([crm, web], list(unit.listeners.of("SignedIn")))
        same([], list(unit.listeners.of("AccountCreated")))


@rule(
    "PORT-STORAGE-67",
    danger="Events are kept for ever for a listener that will not come back.",
    hint="Delete by name, and by kind where one is given; answer those that went.",
)
def listeners_are_forgotten(storage: Storage) -> None:
    """A listener is forgotten for one kind or for all."""
    with storage.writing() as unit:
        for kind in ("AccountCreated", "AccountErased", "SignedIn"):
            unit.listeners.add(listener("crm", kind=kind))
        unit.listeners.add(listener("web"))
    with storage.writing() as unit:
        gone = list(unit.listeners.forget("crm", "SignedIn"))
        same([listener("crm", kind="SignedIn")], gone, "those forgotten")
        same([], list(unit.listeners.forget("crm", "SignedIn")))
        holds(len(unit.listeners.forget("crm")) == 2, "not all kinds are forgotten")

    with storage.reading() as unit:
        same([listener("web")], list(unit.listeners.everyone()))
