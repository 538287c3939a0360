"""What must hold of every real journey, whatever the charts say today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..facts import (
    AccountVerdict,
    CodeFacts,
    CodeVerdict,
    LinkFacts,
    LinkVerdict,
    SettingsFacts,
    SignInFacts,
    SignInVerdict,
)
from ..journal.entry import Entry
from ..retelling.compiled import listed_flows

__all__ = ["broken_invariants"]

INVARIANTS = {
    "time": "no step comes before the one it follows",
    "one_journey": "all lines are of one journey and one flow",
    "keys": "no effect is done twice under one key",
    "account_after_code": "an account is created or recovered only after a right code",
    "account_unchanged": "a journey that a change elsewhere overtook changes no account",
    "session_after_proof": "a session opens only by a right password or a good link",
    "nothing_after_end": "nothing follows the end of a journey",
}
"""Every invariant by its name."""

_CREDENTIALS = {"CreateAccount", "RecoverAccount", "ChangeCredentials"}


def broken_invariants(entries: Sequence[Entry]) -> Iterator[tuple[str, int]]:
    """The invariants that a journal breaks, with the line that breaks each."""
    keys: set[str] = set()
    code = proof = False
    for place, entry in enumerate(entries):
        before = entries[place - 1] if place else entry
        code = code or _is_right_code(entry)
        proof = proof or _is_proof(entry)
        kinds = {wish.kind for wish in entry.effects}
        found = {
            "time": entry.at < before.at,
            "one_journey": (entry.reference, entry.flow) != (before.reference, before.flow),
            "keys": any(wish.key in keys for wish in entry.effects),
            "account_after_code": bool(kinds & {"CreateAccount", "RecoverAccount"}) and not code,
            "account_unchanged": bool(kinds & _CREDENTIALS) and _is_overtaken(entry),
            "session_after_proof": "OpenSession" in kinds and not proof,
            "nothing_after_end": place > 0 and before.after in _ends(entry.flow),
        }
        keys.update(wish.key for wish in entry.effects)
        for name, is_broken in found.items():
            if is_broken:
                yield name, entry.seq


def _ends(flow: str) -> frozenset[str]:
    """The states that end a flow's journeys, where this version knows it."""
    known = listed_flows().get(flow)
    return known.finals if known else frozenset()


def _is_right_code(entry: Entry) -> bool:
    return isinstance(entry.facts, CodeFacts) and entry.facts.code is CodeVerdict.MATCHES


def _is_overtaken(entry: Entry) -> bool:
    overtaken = (AccountVerdict.CHANGED, AccountVerdict.FROZEN)
    return getattr(entry.facts, "account", None) in overtaken


def _is_proof(entry: Entry) -> bool:
    facts = entry.facts
    if isinstance(facts, SignInFacts):
        return facts.sign_in is SignInVerdict.RIGHT
    if isinstance(facts, SettingsFacts):
        return facts.current is SignInVerdict.RIGHT
    return isinstance(facts, LinkFacts) and facts.link is LinkVerdict.VALID
