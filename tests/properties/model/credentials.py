"""New credentials, and what becomes of the account (C8-C10, R6, R7, P3, P4, T1, T2)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from .times import DAY, too_many
from .world import Account, Notices, Run, World

Worth = Literal["good", "weak", "empty"]

PASSWORDS: dict[str, Worth] = {
    "cheval-agrafe-42-lune": "good",
    "bateau-trombone-57-gel": "good",
    "motdepasse2026": "weak",
    "court": "weak",
    "": "empty",
}
"""What is typed as a new password, and what it is worth."""


def read(email: str) -> str | None:
    """The key of an address, if it is one."""
    text = email.strip()
    return text.lower() if text.count("@") == 1 and text[-8:].lower() == ".example" else None


def activate(
    world: World,
    run: Run,
    at: datetime,
    *,
    email: str,
    again: str,
    password: str,
    confirmation: str,
) -> Notices:
    assert run.who is not None
    login = read(email)

    if _is_overtaken(world, run):
        run.state = "expired"
        return ("journey.expired",)

    def refusals() -> Iterator[Notices]:
        yield from _absent(world, run)
        if login is not None and read(again) != login:
            yield ("confirmation.mismatch",)
        yield from judge(password, confirmation)
        if login is not None and login == _own(world, run):
            run.more = "send_reset_link"
            yield ("email.taken",)
        elif login is not None and proven:
            yield from _proven_address(world, login)
        else:
            yield from wrong_address(world, run.who or "", login, at)

    proven = run.login is not None and login == run.login.lower()
    refused = next(refusals(), None)
    if refused is None and login is not None:
        finish(world, run, login, password, proven=proven)
        return () if proven else ("email.to_confirm",)
    return refused or ()


def create(world: World, run: Run, _: datetime, *, password: str, confirmation: str) -> Notices:
    assert run.login is not None
    login = run.login.lower()

    def refusals() -> Iterator[Notices]:
        yield from _absent(world, run)
        yield from judge(password, confirmation)
        for taken in _proven_address(world, login):
            run.more = "choose_email"
            yield taken

    refused = next(refusals(), None)
    if refused is None:
        finish(world, run, login, password, proven=True)
    return refused or ()


def choose_email(_: World, run: Run, __: datetime) -> Notices:
    """« Choisir une autre adresse e-mail »."""
    run.state, run.more = "choose_credentials", None
    return ()


def _own(world: World, run: Run) -> str | None:
    account = world.accounts.get(run.who or "")
    return account.login if account and run.flow == "recovery" else None


def _proven_address(world: World, login: str) -> Iterator[Notices]:
    """An address that one has just proved is only refused to who proves it second."""
    holder = world.account_at(login)
    if holder is not None and holder.confirmed:
        yield ("email.taken",)


def _absent(world: World, run: Run) -> Iterator[Notices]:
    assert run.who is not None
    if not world.is_admitted(run.who):
        yield ("identity.unknown",)
    if run.flow == "creation" and run.who in world.accounts:
        yield ("account.exists",)


def _is_overtaken(world: World, run: Run) -> bool:
    """S13: the credentials were changed since the doctor was found; the registry comes first."""
    account = world.accounts.get(run.who or "")
    return (
        run.flow == "recovery"
        and world.is_admitted(run.who or "")
        and account is not None
        and (account.epoch != run.epoch or account.frozen)
    )


def judge(password: str, confirmation: str) -> Iterator[Notices]:
    """Say why a new password is refused; a mismatch is only looked for in a good one."""
    worth = PASSWORDS[password]
    if worth != "good":
        yield ("password.weak",) if worth == "weak" else ()
    elif confirmation != password:
        yield ("confirmation.mismatch",)


def wrong_address(world: World, who: str, login: str | None, at: datetime) -> Iterator[Notices]:
    """Say why an address cannot be the login; one that is taken counts as a try."""
    if login is None:
        yield ()
    elif too_many(world.times("email", who), at, 5, DAY):
        yield ("identity.throttled",)
    elif world.account_at(login):
        world.count("email", who, at)
        yield ("email.taken",)


def finish(world: World, run: Run, login: str, password: str, *, proven: bool) -> None:
    """Create the account, or give it back."""
    assert run.who is not None
    account = world.accounts.get(run.who)
    previous = account.login if account else None
    holder = world.account_at(login)
    if holder is not None:
        release(world, holder)
    if account is None:
        world.accounts[run.who] = Account(run.who, login, password, confirmed=proven)
        world.forgive(login, "password")
    else:
        world.renew(account, login, password)
        account.confirmed = proven
        world.links = {
            it: k
            for it, k in world.links.items()
            if (k.rpps, k.purpose) != (account.rpps, "object")
        }
    world.forgive(run.who, "identity", "code", "email")
    world.mail["confirmation", login] += 1
    if previous:
        world.mail["notice", previous] += 1
    if run.flow == "recovery":
        tell(world, run.who)
    run.more = None
    run.state = "recovered" if run.flow == "recovery" else "created"
    run.code_at = None


def release(world: World, holder: Account) -> None:
    """Proof beats claim: the account that only claimed the address has none from now on."""
    holder.login, holder.epoch = "", holder.epoch + 1
    world.sessions = {it: s for it, s in world.sessions.items() if s.rpps != holder.rpps}
    world.links = {it: k for it, k in world.links.items() if k.rpps != holder.rpps or k.objects}
    tell(world, holder.rpps)


def tell(world: World, rpps: str) -> None:
    """A notice to every contact that the Order holds of someone."""
    held = world.held.get(rpps)
    for channel in ("sms", "email"):
        to = held.reach(channel) if held and held.admitted else None
        if to:
            world.mail["notice", to] += 1
