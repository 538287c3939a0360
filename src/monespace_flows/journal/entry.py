"""The journal: one line a step, of verdicts only, chained by hashes.

A line holds what was decided and on which facts, never what was typed.  That is enough to tell
a journey again (:mod:`~monespace_flows.retelling`) and not enough to know a person.  ``hash``
is the SHA-256 of the line without it; ``previous`` is the hash of the line before, so that an
edit, a gap or a cut in the middle shows.  ``seal`` is a keyed digest of the line without both:
whoever writes to the database without the keys can chain a history of his own, and cannot seal it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from attrs import evolve, frozen

from ..errors import JournalDamaged, JournalFault, JournalVersionUnknown
from ..facts import FACTS_OF, Facts, NoFacts
from .text import read_facts, read_instant, write_facts, write_instant

__all__ = [
    "ACCOUNT_ACTS",
    "ACCOUNT_JOURNAL",
    "START",
    "Digests",
    "Entry",
    "Wish",
    "read_entry",
    "write_entry",
]

FORMAT = 1
"""The version of the line format; it grows when an older reader could not read a line."""

Digests = Callable[[str], tuple[str, ...]]
"""Makes the keyed digests of a text under each key, the one that is written under first."""

START = "start"
"""The kind of the first line of every journal."""


ACCOUNT_JOURNAL = "account"
"""What stands for a flow in the journal of an account, where operators' acts are told."""

ACCOUNT_ACTS = {
    "unlock": ("unlocked", "UnlockAccount"),
    "disable": ("disabled", "DisableAccount"),
    "enable": ("enabled", "EnableAccount"),
    "import": ("imported", "ImportAccount"),
    "confirm": ("confirmed", "ConfirmAddress"),
    "sign_out": ("signed_out", "EndSession"),
    "accept_terms": ("terms_accepted", "AcceptTerms"),
    "object": ("objected", "UndoChange"),
    "freeze": ("frozen", "FreezeAccount"),
    "sign_in_elsewhere": ("signed_in", "OpenSession"),
    "strike_off": ("disabled", "DisableAccount"),
}
"""What is done to an account beside the journeys, by an operator or by its holder: the state that
it leaves the account's journal in, and its effect."""


Raw = dict[str, Any]


@frozen(kw_only=True)
class Wish:
    """An effect of a step: its kind, and the idempotency key under which it was done.

    ``told`` is its kind with its content; empty in lines of before that was kept.
    """

    kind: str
    key: str
    told: str = ""


@frozen(kw_only=True)
class Entry:
    """One line: ``at`` is UTC; ``screen`` and ``notices`` are what the person then saw.

    ``client`` is a keyed pseudonym of the address from where it was pressed, and ``network`` the
    network of that address, where they are known.  ``until`` is when a wait ends of which the
    person was not told, so that it is no fact of the journey.  ``seal`` is empty in lines of before
    there were seals, and where no keys were given to write it.
    """

    seq: int
    at: datetime
    reference: str
    flow: str
    flow_version: int
    fingerprint: str
    before: str
    command: str
    facts: Facts
    effects: tuple[Wish, ...]
    after: str
    notices: tuple[str, ...]
    screen: str
    client: str | None = None
    network: str | None = None
    until: datetime | None = None
    previous: str = ""
    hash: str = ""
    seal: str = ""

    @property
    def told(self) -> tuple[str, ...] | None:
        """The effects with their content; ``None`` where the line was written without."""
        told = tuple(wish.told for wish in self.effects)
        return told if all(told) else None


def write_entry(entry: Entry, digests: Digests | None = None) -> tuple[str, str]:
    """Write a line; returns it with its hash.

    Args:
        entry: what it says; its hash and its seal are made anew.
        digests: makes the seal; without it, the line bears none.
    """
    data: Raw = {
        "format": FORMAT,
        "seq": entry.seq,
        "at": write_instant(entry.at),
        "reference": entry.reference,
        "flow": entry.flow,
        "flow_version": entry.flow_version,
        "fingerprint": entry.fingerprint,
        "before": entry.before,
        "command": entry.command,
        "facts": write_facts(entry.facts),
        "effects": [{"kind": wish.kind, "key": wish.key} for wish in entry.effects],
        **({"told": list(entry.told)} if entry.told else {}),
        "after": entry.after,
        "notices": list(entry.notices),
        "screen": entry.screen,
        **({} if entry.client is None else {"client": entry.client, "network": entry.network}),
        **({} if entry.until is None else {"until": write_instant(entry.until)}),
        "previous": entry.previous,
    }
    if digests is not None:
        data["seal"] = digests(_digest(data))[0]
    digest = _digest(data)
    return _dump({**data, "hash": digest}), digest


def read_entry(line: str) -> Entry:
    """Read a line of the present format or of an older one, and check its own hash.

    Raises:
        JournalDamaged: the line is not one, or was edited.
        JournalVersionUnknown: it was written by a newer version of the library.
    """
    try:
        data: dict[str, Any] = json.loads(line)
        version = data["format"]
        written = data["hash"] if version == FORMAT else data.get("hash")
    except (ValueError, KeyError, TypeError):
        # The cause would show the line, which may not be a journal's at all.
        raise JournalDamaged(JournalFault.NOT_A_LINE) from None
    if version.__class__ is not int or data.get("reference", "").__class__ is not str:
        raise JournalVersionUnknown(JournalFault.FORMAT_NOT_A_NUMBER)
    # First the version: what a newer one hashes, and how, is not known here.
    present = upcast(data)
    if _digest({name: value for name, value in data.items() if name != "hash"}) != written:
        raise JournalDamaged(JournalFault.EDITED, line=data.get("seq"))
    return evolve(_structure(present), hash=written)


def read_hash(line: str) -> str:
    """Read the hash that a line bears, unchecked; that of the whole text, if it bears none."""
    try:
        found = json.loads(line)["hash"]
    except (ValueError, KeyError, TypeError):
        found = None
    return found if isinstance(found, str) else hashlib.sha256(line.encode()).hexdigest()


class SealFault(Enum):
    """What is wrong with a seal."""

    NONE = "there is none"
    FORGED = "it was not made by a key that it names and that is known"
    OTHER_KEY = "it names a key that is not among those given"


def key_of(line: str) -> str:
    """Name the key under which a line says that it is sealed."""
    return str(json.loads(line).get("seal", "")).partition(":")[0]


def judge_line(line: str, digests: Digests) -> SealFault | None:
    """Say what is wrong with the seal of a line, if anything is; its hash is not looked at."""
    try:
        data: Raw = json.loads(line)
        body = {name: value for name, value in data.items() if name not in {"hash", "seal"}}
        seal = data.get("seal")
    except (ValueError, TypeError, AttributeError):
        return SealFault.FORGED
    return judge_seal(seal, _digest(body), digests)


def judge_seal(seal: object, value: str, digests: Digests) -> SealFault | None:
    """Say what is wrong with the seal of a text, if anything is."""
    if not isinstance(seal, str) or not seal:
        return SealFault.NONE
    made = digests(value)
    if any(hmac.compare_digest(seal.encode(), one.encode()) for one in made):
        return None
    known = {one.partition(":")[0] for one in made}
    return SealFault.FORGED if seal.partition(":")[0] in known else SealFault.OTHER_KEY


def check_chain(entries: Sequence[Entry]) -> None:
    """Check that lines follow each other from the first one.

    Raises:
        JournalDamaged: a line is missing, out of place, or follows another line's hash.
    """
    previous = ""
    for place, entry in enumerate(entries):
        if entry.seq != place:
            raise JournalDamaged(JournalFault.MISSING, line=place)
        if entry.previous != previous:
            raise JournalDamaged(JournalFault.UNCHAINED, line=place, before=place - 1)
        if place and entry.before != entries[place - 1].after:
            raise JournalDamaged(JournalFault.DISJOINT, line=place, before=place - 1)
        previous = entry.hash


def read_journal(lines: Iterable[str]) -> tuple[Entry, ...]:
    """Read and check a whole journal."""
    entries = tuple(read_entry(line) for line in lines)
    check_chain(entries)
    return entries


def _structure(data: dict[str, Any]) -> Entry:
    name = str(data.get("command"))
    kind = NoFacts if name == START else FACTS_OF.get(name)
    if kind is None:
        raise JournalVersionUnknown(JournalFault.COMMAND, command=name)
    try:
        return Entry(
            seq=data["seq"],
            at=read_instant(data["at"]),
            reference=data["reference"],
            flow=data["flow"],
            flow_version=data["flow_version"],
            fingerprint=data["fingerprint"],
            before=data["before"],
            command=name,
            facts=read_facts(data["facts"], kind),
            effects=_wishes(data["effects"], data.get("told")),
            after=data["after"],
            notices=tuple(data["notices"]),
            screen=data["screen"],
            client=data.get("client"),
            network=data.get("network"),
            until=read_instant(data["until"]) if "until" in data else None,
            previous=data["previous"],
            hash=data["hash"],
            seal=data.get("seal", ""),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise JournalVersionUnknown(JournalFault.FACTS, line=data.get("seq")) from error


def _wishes(effects: Sequence[Raw], told: Sequence[str] | None) -> tuple[Wish, ...]:
    # Beside the effects and not in them: former versions refuse an effect with a third member.
    contents = [""] * len(effects) if told is None else told
    return tuple(Wish(**it, told=one) for it, one in zip(effects, contents, strict=True))


def _dump(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _digest(data: dict[str, Any]) -> str:
    return hashlib.sha256(_dump(data).encode()).hexdigest()


# --- older lines made readable: one function from each format to the next ------------------------

# A line is stored for ever as it was written and checked by its own hash; only what is read from it
# is brought up to date.

UPCASTERS: dict[int, Callable[[Raw], Raw]] = {}
"""By format: what makes a line of that format one of the next.  Format 1 is the first."""


def upcast(
    raw: Raw, upcasters: Mapping[int, Callable[[Raw], Raw]] | None = None, newest: int = FORMAT
) -> Raw:
    """Bring a decoded line up to the present format.

    Raises:
        JournalVersionUnknown: the format is newer than this library, or older than it remembers.
    """
    known = UPCASTERS if upcasters is None else upcasters
    while raw["format"] != newest:
        step = known.get(raw["format"])
        if step is None:
            raise JournalVersionUnknown(JournalFault.FORMAT, found=raw["format"], known=newest)
        raw = step(raw)
    return raw
