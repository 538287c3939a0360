"""An independent witness: judges each act by what an onlooker sees, and by its own book.

It reads what was typed, sent, shown and opened, the accounts, and the numbers of the policy; never
a row, a guard, facts, or a field of a journey.  Whatever a chart says, an account that was made
for somebody who never read a code is found out here.

Each rule bears the id of its invariant (``docs/reference/invariants.md``), and is asked after every
act.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from attrs import field, frozen

from ..policy import Policy
from . import proofs
from .book import CRASHED, ERASED, Book, Order, Run, Seen, note, right_pair, right_password
from .case import Case, Strong, confirmed

__all__ = ()


# --- time, and what one person may learn of another -----------------------------------------------


def _late_is_too_late(case: Case) -> bool:
    seen = case.seen
    acted = seen.before != seen.after or bool(seen.letters)
    codes = case.is_over and seen.act == "resend_code"
    typed = seen.command is not None and seen.act not in _UNTYPED
    return not (acted and ((typed and case.is_late) or codes))


_UNTYPED = {"send_code", "resend_code", "back", "extend", "close_sessions", "send_reset_link"}


def _only_what_is_shown(case: Case) -> bool:
    seen = case.seen
    shown = {it.command for it in seen.page.screen.buttons} if seen.page is not None else set()
    stray = seen.command is not None and seen.act not in {*shown, "use_link"}
    return not stray or (seen.before == seen.after and not seen.letters)


def _pairs_are_not_told_apart(case: Case) -> bool:
    seen, view = case.seen, case.seen.view
    agreed = bool(getattr(seen.command, "accept_terms", False))
    judged = seen.act == "submit_identity" and agreed and seen.is_judged and view is not None
    if not judged or view is None or view.retry_after is not None or seen.refused:
        return True
    wrong = len(seen.typed("rpps")) == _DIGITS and not right_pair(case.order, seen)
    answer = (view.state, seen.said, view.screen.title)
    return not wrong or case.same_answer((view.flow, "wrong pair"), answer)


_DIGITS = 11


def _addresses_are_not_told_apart(case: Case) -> bool:
    seen, view = case.seen, case.seen.view
    asked = (
        seen.act == "request_link" and seen.is_judged and _ADDRESS.fullmatch(seen.typed("email"))
    )
    if not asked or view is None:
        return True
    answer = (view.state, seen.said, view.screen.title)
    return case.same_answer((view.flow, "asked for a link"), answer)


_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _an_account_is_told_to_its_owner(case: Case) -> bool:
    seen = case.seen
    told = "account.exists" in seen.said
    owner = seen.typed("rpps") if right_pair(case.order, seen) else case.run.who
    return not told or owner in {it.owner for it in seen.before.values()}


def _locked_is_locked(case: Case) -> bool:
    seen = case.seen
    judged = seen.act == "submit_identity" and seen.is_judged
    agreed = bool(getattr(seen.command, "accept_terms", False))
    told = seen.view is not None and seen.view.retry_after is not None
    return not (judged and agreed and case.is_locked) or told


def _proof_leads_on(case: Case) -> bool:
    seen = case.seen
    if seen.view is None or seen.refused or ERASED in seen.said or case.is_late:
        return True
    moved = seen.page is None or seen.view.state != seen.page.state
    agreed = bool(getattr(seen.command, "accept_terms", False))
    known = right_pair(case.order, seen) and agreed and not case.is_locked
    told = "account.exists" in seen.said
    link, had = case.run.link, case.run.had
    sound = case.is_strong(seen.typed("password")) and confirmed(seen)
    reset = link is not None and seen.before.get(link.account.id) == link.account
    signs = any(
        it.is_open and it.address == seen.typed("email").lower()
        and right_password(case.book, seen, it.id)
        for it in seen.before.values()
    )  # fmt: skip
    free = seen.typed("email").lower() not in {it.address for it in seen.before.values()}
    whose = next((it for it in seen.before.values() if it.owner == case.run.who), None)
    waits = seen.view.retry_after is not None or "credentials.refused" in seen.said
    return moved or not (
        (seen.act == "submit_identity" and known and not told)
        or (seen.act == "submit_code" and case.is_right_code)
        or (seen.act == "save_password" and sound and reset)
        or (seen.act == "activate" and sound and free and had == whose and not waits)
        or (seen.act == "sign_in" and signs and not waits)
    )


def _nothing_breaks(case: Case) -> bool:
    return not case.seen.refused.startswith(CRASHED)


Rule = Callable[[Case], bool]

RULES: Mapping[str, Rule] = {
    "I-S1": proofs.account_is_earned,
    "I-S2": proofs.one_account_a_doctor,
    "I-S3": proofs.one_account_an_address,
    "I-S4": proofs.code_is_the_newest,
    "I-S5": proofs.code_works_once,
    "I-S6": proofs.missed_codes_are_dead,
    "I-S7": proofs.sends_are_counted,
    "I-S8": proofs.code_goes_to_the_order,
    "I-S9": proofs.link_is_good,
    "I-S10": proofs.looking_uses_nothing,
    "I-S11": proofs.password_is_earned,
    "I-S12": proofs.address_is_earned,
    "I-S13": proofs.change_ends_the_rest,
    "I-S14": proofs.login_is_typed_twice_or_proved,
    "I-S15": proofs.mismatch_changes_nothing,
    "I-S16": proofs.terms_are_kept,
    "I-S18": proofs.session_is_earned,
    "I-S19": proofs.an_end_leaves_nothing,
    "I-S20": proofs.one_letter_an_account,
    "I-S21": proofs.recovery_keeps_the_owner,
    "I-S22": proofs.own_address_is_no_other,
    "I-S23": proofs.password_is_strong,
    "I-S26": _nothing_breaks,
    "I-L6": _locked_is_locked,
    "I-L7": _proof_leads_on,
    "I-P4": _addresses_are_not_told_apart,
    "I-P5": _an_account_is_told_to_its_owner,
    "I-P6": _pairs_are_not_told_apart,
    "I-T2": _late_is_too_late,
    "I-T5": proofs.earlier_codes_stay_dead,
    "I-C1": _only_what_is_shown,
    "I-C3": proofs.link_works_once,
}
"""Every rule, by its invariant's id."""


@frozen(kw_only=True)
class Witness:
    """Who looks on.

    Args:
        order: whom the Order knows.
        policy: the numbers that were promised.
        is_strong: whether a password is one that may be chosen.
    """

    order: Order = field(repr=False)
    policy: Policy = field(repr=False)
    is_strong: Strong = field(repr=False)
    answers: dict[tuple[str, str], object] = field(factory=dict, init=False, repr=False)

    def judge(self, book: Book, seen: Seen) -> tuple[str, ...]:
        """Name the invariants that an act breaks, given what the book says of before."""
        case = Case(
            order=self.order,
            policy=self.policy,
            is_strong=self.is_strong,
            answers=self.answers,
            book=book,
            seen=seen,
            run=book.runs.get(seen.browser, Run()),
        )
        return tuple(name for name, holds in RULES.items() if not holds(case))

    def note(self, book: Book, seen: Seen) -> Book:
        """Write an act down."""
        return note(book, seen, self.order)
