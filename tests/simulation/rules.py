"""What must hold after every commit, whoever does what at the same moment and whatever breaks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from monespace_flows.errors import JournalDamaged
from monespace_flows.flows import FLOWS
from monespace_flows.journal.entry import ACCOUNT_JOURNAL, read_entry, read_journal
from monespace_flows.journey import StoredJourney
from monespace_flows.retelling.table import replay

from .witness import Commit, Rule, Sent, Witness

__all__ = ["RULES", "told_again"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CREDENTIALS = ("choose_credentials", "choose_password")


def one_account_each(witness: Witness, commit: Commit) -> Iterator[str]:
    """S2, S3: no two accounts of one number, or of one address."""
    if not commit.of("accounts"):
        return
    unseal = witness.secrets.unseal
    for read in (
        [witness.rpps_of[it] for it in witness.accounts],
        [unseal(it.sealed_email).lower() for it in witness.accounts.values()],
    ):
        if len(set(read)) < len(read):
            yield f"several accounts of one of {sorted(read)}"


def a_code_was_typed(witness: Witness, commit: Commit) -> Iterator[str]:
    """S1: nobody comes past the code without having typed the newest that the journey sent."""
    for it in commit.of("journeys"):
        if it.after is None or it.before is None:
            continue
        before, after = it.before.journey.state, it.after.journey.state
        if before != "enter_code" or after not in CREDENTIALS:
            continue
        sent, typed = witness.codes[it.key], witness.typed[it.key]
        if not sent or sent[-1].message.code not in typed:
            yield f"{it.key} comes to {after}: its newest code is not among {len(typed)} typed"
        else:
            witness.proved[it.key] = sent[-1]


def an_account_is_of_who_proved(witness: Witness, commit: Commit) -> Iterator[str]:
    """S1, S11: a new account, by a code sent to whom the Order knows by that number."""
    for it in commit.of("accounts"):
        if it.before is not None or it.after is None:
            continue
        proofs = [witness.proved.get(journey.key) for journey in commit.of("journeys")]
        to = witness.held[witness.rpps_of[it.key]]
        if not any(proof is not None and proof.message.to in to for proof in proofs):
            yield f"an account without proof: {proofs}"


def codes_go_to_whom_is_named(witness: Witness, commit: Commit) -> Iterator[str]:
    """S8: a code goes where the Order reaches the person whose number was typed."""
    for it in commit.of("outbox"):
        if it.before is not None or it.after is None or it.after.purpose != "code":
            continue
        sent = witness.codes[it.after.journey][-1]
        known = {to for rpps in witness.named[it.after.journey] for to in witness.held[rpps]}
        if sent.message.to not in known:
            yield f"{it.after.journey}: a code to somebody else"


def sends_are_bounded(witness: Witness, commit: Commit) -> Iterator[str]:
    """B1, B2: so many codes an hour and a day to one number or address, whoever asks.

    By the time that has gone by.  Where the clock was put back meanwhile nothing is claimed: a
    journey that is ahead of it does not see what others were sent since.
    """
    queued = (it.after for it in commit.of("outbox") if it.before is None)
    if not any(it.purpose == "code" for it in queued):
        return
    policy = witness.flows.policy.codes
    newest = witness.sent[-1].message.to
    codes = [it for it in witness.sent if it.message.purpose == "code" and it.message.to == newest]
    for most, span in (
        (policy.destination_sends_per_hour, HOUR),
        (policy.destination_sends_per_day, DAY),
    ):
        since = codes[-most - 1 :][0].since
        steady = witness.put_back is None or witness.put_back < since
        if steady and _are_within(codes[-most - 1 :], most, span):
            yield f"more than {most} codes in {span}"


def _are_within(sent: list[Sent], most: int, span: timedelta) -> bool:
    """Whether they surely are, whenever within its call each was counted."""
    return len(sent) > most and max(it.until for it in sent) - min(it.since for it in sent) < span


def journeys_go_on_step_by_step(_: Witness, commit: Commit) -> Iterator[str]:
    """S19: no step is lost, none is taken twice, and an end is an end."""
    for it in commit.of("journeys"):
        before, after = it.before, it.after
        if after is None or after.journey.flow == ACCOUNT_JOURNAL:
            continue
        lines = [line.key[1] for line in commit.of("journal") if line.key[0] == it.key]
        first = before.journey.seq + 1 if before is not None else 0
        if lines != list(range(first, after.journey.seq + 1)):
            yield f"{it.key}: lines {lines}, from {first} to {after.journey.seq}"
        if before is not None and before.journey.state in FLOWS[before.journey.flow].finals:
            yield f"{it.key} goes on after {before.journey.state}"


def a_press_is_taken_once(witness: Witness, commit: Commit) -> Iterator[str]:
    """FT-06: the same press again, its answer lost, is not taken again."""
    for it in commit.of("journal"):
        reference = it.key[0]
        if it.after is None:
            witness.pressed.pop(reference, None)
            continue
        if read_entry(it.after.text).command in ("tick", "start"):
            continue
        key = commit.op.key
        if key is not None and witness.pressed.get(reference) == key:
            yield f"{reference}: {commit.op.what} taken twice"
        witness.pressed[reference] = key


def nothing_is_kept_of_an_erased_account(witness: Witness, commit: Commit) -> Iterator[str]:
    """PR-07: nothing of an account outlives it, or comes after it."""
    is_erasure = any(it.after is None for it in commit.of("accounts"))
    for table, kept in witness.rows.items():
        for row in kept.values() if is_erasure else [it.after for it in commit.of(table)]:
            if row is not None and row.account_id in witness.gone:
                yield f"{table}: a row of an account that is gone"


def sessions_end_with_credentials(witness: Witness, commit: Commit) -> Iterator[str]:
    """S13: a session is of the credentials that the account has, and of none that is closed."""
    touched = {it.key for it in commit.of("accounts")}
    touched |= {it.after.account_id for it in commit.of("sessions") if it.after is not None}
    for session in witness.rows["sessions"].values():
        account = (
            witness.accounts.get(session.account_id) if session.account_id in touched else None
        )
        if account is not None and session.epoch < account.credential_epoch:
            yield "a session of earlier credentials"
        if account is not None and account.disabled_at is not None:
            yield "a session of a closed account"


def a_password_is_of_who_typed_it(witness: Witness, commit: Commit) -> Iterator[str]:
    """S12: no password changes but to what is typed in that press, or to none; none is undone."""
    for it in commit.of("accounts"):
        before, after = it.before, it.after
        if after is None:
            continue
        if before is not None and after.version != before.version + 1:
            yield f"version {after.version} after {before.version}"
        if before is not None and after.password_hash == before.password_hash:
            continue
        witness.renewed.add(commit.op.key)
        known = {*witness.private} - {commit.op.password}
        if any(witness.passwords.verify(after.password_hash, it) for it in known):
            yield f"{commit.op.what} leaves a password that was not typed there"


def nothing_is_readable(witness: Witness, commit: Commit) -> Iterator[str]:
    """PR-01: no line of a journal holds what somebody typed, or how they are reached."""
    for it in commit.of("journal"):
        if it.after is not None and any(word in it.after.text for word in witness.private):
            yield f"{it.key}: a line that can be read"


def what_has_ended_is_told_again(witness: Witness, commit: Commit) -> Iterator[str]:
    """S24, S25: a journey that has come to its end is its replay."""
    for it in commit.of("journeys"):
        flow = FLOWS.get(it.after.journey.flow) if it.after is not None else None
        if flow is not None and it.after.journey.state in flow.finals:
            yield from told_again(witness, it.after)


def told_again(witness: Witness, stored: StoredJourney) -> Iterator[str]:
    """Tell a journey from the lines that were seen, and compare."""
    reference = stored.journey.reference
    try:
        entries = read_journal(witness.lines[reference])
    except JournalDamaged as error:
        yield f"{reference}: {error}"
        return
    told = replay(FLOWS[stored.journey.flow], entries)
    if told.divergence is not None or told.end != stored.journey:
        yield f"{reference} is not what its journal tells"
    if entries[-1].hash != stored.journal_hash:
        yield f"{reference}: its journal ends otherwise"


RULES: dict[str, Rule] = {
    "one account for a number and for an address": one_account_each,
    "nobody passes without the code": a_code_was_typed,
    "an account is of who proved to be its doctor": an_account_is_of_who_proved,
    "a code goes to whom the number is": codes_go_to_whom_is_named,
    "codes are bounded by hour and day": sends_are_bounded,
    "journeys go on step by step": journeys_go_on_step_by_step,
    "a press is taken once": a_press_is_taken_once,
    "nothing is kept of an erased account": nothing_is_kept_of_an_erased_account,
    "sessions end with credentials": sessions_end_with_credentials,
    "a password is of who typed it": a_password_is_of_who_typed_it,
    "no line can be read": nothing_is_readable,
    "what has ended is told again": what_has_ended_is_told_again,
}
