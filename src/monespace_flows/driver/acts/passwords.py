"""How a new password is judged, and what a guesser knows of who chooses it (S23)."""

from __future__ import annotations

from contextlib import suppress

from ...errors import PortUnavailable
from ...facts import Problem
from ...policy import PasswordPolicy
from ...ports import Account, Ports
from ...rules.passwords import Known, judge_password, known_words, left_to_guess, spellings
from ..case import Site

__all__ = ["judge_new_password", "known_to_guessers", "rpps_of"]


def judge_new_password(
    ports: Ports, password: str, known: Known, policy: PasswordPolicy
) -> tuple[Problem | None, int]:
    """Judge a normalised password, as it is typed and as it is sent.

    Returns:
        What is wrong with it, if anything, and how hard it is to guess, 0 to 4.
    """
    # What is refused for its length is never scored: the estimate's cost grows with it.
    fits = policy.minimum_length <= len(password) <= policy.maximum_length
    score = _score(ports, password, known, policy) if fits else 0
    return judge_password(password, score, known.whole, policy), score


def _score(ports: Ports, password: str, known: Known, policy: PasswordPolicy) -> int:
    """The lower of two: of the whole, and of what a guesser who knows the person has left."""
    score = ports.passwords.score(password, known.whole)
    if score < policy.minimum_score:
        return score
    if any(map(ports.blocklist.contains, spellings(password))):
        return 0
    return min(score, ports.passwords.score(left_to_guess(password, known), ()))


def known_to_guessers(ports: Ports, site: Site, rpps: str | None, *addresses: str | None) -> Known:
    """Gather what a guesser knows: of the person what the Order knows, and their addresses.

    A registry that is away keeps nobody from changing a password that somebody else has learnt:
    what it would say is worth less than that (decision 0015).
    """
    doctor = None
    if rpps is not None:
        with suppress(PortUnavailable):
            doctor = ports.registry.doctor(rpps)
    if doctor is None:
        return known_words(site=site.words, numbers=(rpps,), addresses=addresses)
    return known_words(
        site=site.words,
        names=(doctor.family_name, doctor.given_name, doctor.council),
        numbers=(rpps, doctor.mobile),
        addresses=(*addresses, doctor.email),
    )


def rpps_of(ports: Ports, account: Account | None) -> str | None:
    """The number of an account's holder."""
    return None if account is None else ports.secrets.unseal(account.sealed_rpps)
