"""What must have been proved before an account, a code, a link, a password or a session is given.

Each function is one rule: whether an act keeps it.
"""

from __future__ import annotations

from ..rules.waits import HOUR
from .book import link_of, right_password
from .case import Case, confirmed

__all__ = ()

# --- who may have an account ---------------------------------------------------------------------


def account_is_earned(case: Case) -> bool:
    """An account comes after the number and birth date, and a code read where the Order knows."""
    run = case.run
    return all(
        run.who == it.owner
        and run.had is None
        and run.proved is not None
        and case.reaches(run.proved.to, it.owner)
        for it in case.seen.fresh
    )


def one_account_a_doctor(case: Case) -> bool:
    """Nobody has two accounts."""
    owners = [it.owner for it in case.seen.after.values()]
    return len(owners) == len(set(owners))


def one_account_an_address(case: Case) -> bool:
    """No address opens two accounts."""
    addresses = [it.address for it in case.seen.after.values() if it.address]
    return len(addresses) == len(set(addresses))


def login_is_typed_twice_or_proved(case: Case) -> bool:
    """A login is the address that the code reached, or was typed twice."""
    seen, proved = case.seen, case.run.proved
    typed, again = seen.typed("email").lower(), seen.typed("email_confirmation").lower()
    order = proved.to.lower() if proved is not None and proved.channel == "email" else None
    moved = (now for was, now in seen.changed if was.address != now.address and now.address)
    asked = seen.act in ("activate", "create")
    return all(
        (it.address == typed == again) or (not typed and it.address == order)
        for it in (*seen.fresh, *(moved if asked else ()))
    )


def terms_are_kept(case: Case) -> bool:
    """The Order is asked after the terms are accepted, and an account says which and when."""
    seen, version = case.seen, case.policy.identity.terms_version
    agreed = getattr(seen.command, "accept_terms", True)
    kept = all(it.terms_version == version and it.terms_at <= seen.at for it in seen.fresh)
    return kept and not (seen.asked and not agreed)


def one_letter_an_account(case: Case) -> bool:
    """Whoever has a new account is told once."""
    letters = [it for it in case.seen.letters if it.purpose in ("confirmation", "notice")]
    return all(
        [letter.to.lower() for letter in letters].count(it.address) == 1 for it in case.seen.fresh
    )


def recovery_keeps_the_owner(case: Case) -> bool:
    """An account stays its owner's, and who had its address is told."""
    seen = case.seen
    told = {letter.to.lower() for letter in seen.letters}
    return all(
        was.owner == now.owner
        and (seen.act != "activate" or not now.address or was.address in told or not was.address)
        for was, now in seen.changed
    )


def own_address_is_no_other(case: Case) -> bool:
    """Who recovers under the address that they have changes nothing."""
    had, seen = case.run.had, case.seen
    own = had is not None and had.address == seen.typed("email").lower() != ""
    return not (seen.act == "activate" and own and seen.before != seen.after)


# --- codes ---------------------------------------------------------------------------------------


def code_is_the_newest(case: Case) -> bool:
    """Only the newest code, unused and in time, is taken."""
    return not case.seen.took_code or case.is_right_code or case.is_missed_out


def code_works_once(case: Case) -> bool:
    """A code is taken once."""
    used = {sent.letter.value for sent in case.run.codes if sent.used}
    return not (case.seen.took_code and case.seen.typed("code") in used)


def missed_codes_are_dead(case: Case) -> bool:
    """A code that was missed too often is dead, even typed right."""
    return not (case.seen.took_code and case.is_missed_out)


def sends_are_counted(case: Case) -> bool:
    """No more codes leave than were promised, and none too soon."""
    codes, seen = case.policy.codes, case.seen
    sent = [it for it in seen.letters if it.purpose == "code"]
    before = [
        at for to, at in case.book.sends if at > seen.at - HOUR and to in {it.to for it in sent}
    ]
    mine = [it.letter for it in case.run.codes]
    same = [it.at for it in mine if sent and it.channel == sent[0].channel]
    wait = codes.resend_waits[min(len(mine), len(codes.resend_waits)) - 1]
    return not sent or (
        len(sent) == 1
        and len(before) < codes.destination_sends_per_hour
        and len(mine) <= len(codes.resend_waits)
        and (not same or seen.at >= same[-1] + wait)
    )


def code_goes_to_the_order(case: Case) -> bool:
    """A code goes where the Order knows its reader."""
    codes = [it for it in case.seen.letters if it.purpose == "code"]
    return all(case.reaches(it.to, case.who) for it in codes)


def earlier_codes_stay_dead(case: Case) -> bool:
    """A newer code does not give an earlier one more life."""
    earlier = {sent.letter.value for sent in case.run.codes[:-1]}
    return not (case.seen.took_code and case.seen.typed("code") in earlier)


# --- links, passwords and sessions ---------------------------------------------------------------


def link_is_good(case: Case) -> bool:
    """A link opens while it is the newest, unused, in time, and its account unchanged."""
    seen, link = case.seen, link_of(case.book, case.seen.token)
    opened = seen.act == "use_link" and seen.is_judged
    return not opened or (
        link is not None
        and not link.used
        and link == [it for it in case.book.links if it.account.id == link.account.id][-1]
        and seen.at < link.letter.at + case.policy.links.life
        and seen.before.get(link.account.id) == link.account
    )


def link_works_once(case: Case) -> bool:
    """A link opens once."""
    seen, link = case.seen, link_of(case.book, case.seen.token)
    return not (seen.act == "use_link" and seen.is_judged and link is not None and link.used)


def looking_uses_nothing(case: Case) -> bool:
    """Looking, and waiting, change nothing."""
    seen = case.seen
    looks = seen.act in ("look", "visit", "wait")
    return not looks or (seen.before == seen.after and seen.rest[0] == seen.rest[1])


def _present_password(case: Case, account: str) -> bool:
    session = dict(case.book.sessions).get(case.seen.session or "")
    return session == account and right_password(case.book, case.seen, account)


def password_is_earned(case: Case) -> bool:
    """A password changes for who typed the present one, opened a link, or recovered."""
    run, seen = case.run, case.seen
    return all(
        was.password == now.password
        or (seen.act == "save" and _present_password(case, now.id))
        or (run.link is not None and run.link.account == was)
        or (run.had == was and run.who == was.owner and run.proved is not None)
        for was, now in seen.changed
    )


def address_is_earned(case: Case) -> bool:
    """An address changes for who recovered, proved it, or used the link that was sent to it."""
    run, seen = case.run, case.seen
    proved = run.proved.to.lower() if run.proved is not None else ""
    return all(
        was.address == now.address
        or (run.had == was and run.who == was.owner and bool(proved))
        or (not now.address and was.address == proved)
        or seen.act in ("confirm_email", "object_link")
        for was, now in seen.changed
    )


def change_ends_the_rest(case: Case) -> bool:
    """Another password ends every session but the one handed over with it."""
    seen = case.seen
    changed = {now.id for was, now in seen.changed if was.password != now.password}
    handed = seen.view.session if seen.view is not None else None
    open_still = (token for token, account in case.book.sessions if account in changed)
    return all(token in seen.dead or token == handed for token in open_still)


def mismatch_changes_nothing(case: Case) -> bool:
    """What is typed twice and differs changes nothing."""
    seen = case.seen
    return confirmed(seen) or (seen.before == seen.after and not seen.letters)


def session_is_earned(case: Case) -> bool:
    """A session is handed to who typed the password, or chose one by a link."""
    seen, run = case.seen, case.run
    handed = seen.view.session if seen.view is not None and not seen.refused else None
    typed = seen.typed("email").lower()
    return (
        handed is None
        or (seen.act == "sign_in" and any(
            it.is_open and it.address == typed and right_password(case.book, seen, it.id)
            for it in seen.after.values()
        ))
        or (run.link is not None and run.link.account.id in {it.id for it in seen.new_passwords})
        or (seen.act == "save" and any(_present_password(case, it) for it in seen.after))
    )  # fmt: skip


def an_end_leaves_nothing(case: Case) -> bool:
    """A journey that ends without its work leaves every account as it was."""
    view = case.seen.view
    over = view is not None and view.status == "expired"
    kept = {key: (it.owner, it.address, it.password) for key, it in case.seen.before.items()}
    left = {key: (it.owner, it.address, it.password) for key, it in case.seen.after.items()}
    return not over or kept == left


def password_is_strong(case: Case) -> bool:
    """Whatever the entry, only a password that may be chosen is kept."""
    chosen = case.seen.typed("password")
    return not case.seen.new_passwords or case.is_strong(chosen)
