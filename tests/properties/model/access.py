"""Signing in, reset links and settings (S1-S4, P1-P4, T1, T2, D7)."""

from collections.abc import Iterator
from datetime import datetime

from .credentials import judge, read, wrong_address
from .times import DAY, HOUR, MINUTE, SECOND, locked, too_many
from .world import Account, Link, Notices, Run, World


def sign_in(world: World, run: Run, at: datetime, *, email: str, password: str) -> Notices:
    """S4; the session is noted by who reads its token."""
    if not email.strip() or not password:
        return ()
    login = read(email) or email.strip()
    account = world.account_at(login)
    if _is_locked(world, login, at):
        return ("credentials.refused",)
    if account is None or account.password != password or account.disabled:
        who = login if account is None else account.rpps
        world.warn(who, world.times("password", login), at, 10)
        world.count("password", login, at)
        return ("credentials.refused",)
    if not world.is_admitted(account.rpps):
        world.disable(account)
        return ("credentials.refused",)
    world.forgive(login, "password")
    run.state, run.who = "signed_in", account.rpps
    return ()


def request_link(world: World, run: Run, at: datetime, *, email: str) -> Notices:
    """P2: the same answer for every address that is one."""
    login = read(email)
    if login is None:
        return ()
    account = world.account_at(login)
    throttled = must_wait(world, login, at)
    if not throttled:
        world.count("link", login, at)
    may_open = account is not None and account.confirmed and not account.disabled
    if account is not None and may_open and not throttled:
        void(world, account.rpps, "reset")
        run.who, run.epoch = account.rpps, account.epoch
        world.mail["reset_link", login] += 1
    run.state = "link_sent"
    return ("link.sent",)


def send_reset_link(world: World, run: Run, at: datetime) -> Notices:
    """Beside R7: to the account's own address, confirmed or not, by a reset of its own."""
    account = world.accounts.get(run.who or "")
    if account is None or account.epoch != run.epoch or account.disabled:
        run.state, run.more = "expired", None
        return ("journey.expired",)
    if must_wait(world, account.login, at):
        return ("identity.throttled",)
    world.count("link", account.login, at)
    void(world, account.rpps, "reset")
    world.mail["reset_link", account.login] += 1
    begun = Run("reset", "", "link_sent", at, at, at, begun=True)
    begun.who, begun.epoch = account.rpps, account.epoch
    world.runs.append(begun)
    run.more = None
    return ("link.sent",)


def void(world: World, rpps: str, purpose: str) -> None:
    """Only the newest link of a kind works."""
    for token, link in list(world.links.items()):
        if link.purpose == purpose and link.rpps == rpps:
            del world.links[token]


def must_wait(world: World, login: str, at: datetime) -> bool:
    """Whether an address received links enough for now."""
    times = world.times("link", login)
    return too_many(times, at, 3, HOUR) or too_many(times, at, 5, DAY)


def resend_confirmation(world: World, account: Account) -> None:
    """D7: a new link, and the older ones are dead."""
    awaited = world.awaited(account.rpps, world.now)
    to = awaited.about if awaited is not None else None
    if (account.confirmed and not to) or must_wait(world, account.login, world.now):
        return
    world.count("link", account.login, world.now)
    void(world, account.rpps, "confirm")
    world.mail["confirmation", to or account.login] += 1


def take_address(world: World, session: str, link: Link) -> bool:
    """The address that a link is about becomes the login; only this session goes on."""
    account = world.accounts[link.rpps]
    if link.about is not None and world.account_at(link.about) is not None:
        return False
    if link.about is not None:
        kept = world.sessions[session]
        world.renew(account, link.about, None)
        world.sessions[session] = kept
    account.confirmed = True
    return True


def object_to(world: World, link: Link) -> str:
    """« Ce n'est pas moi »: the address comes back, or the account opens no more."""
    account = world.accounts[link.rpps]
    holder = world.account_at(link.about) if link.about else None
    if link.purpose == "freeze" or holder not in (None, account):
        world.disable(account)
        account.frozen = True
        return "frozen"
    if holder is None:
        account.confirmed = True
    world.renew(account, link.about, None)
    world.links = {
        it: k
        for it, k in world.links.items()
        if (k.rpps, k.purpose) != (account.rpps, "object") or k.epoch <= link.epoch
    }
    return "undone"


def use_link(world: World, token: str) -> Run | None:
    """P3, S9: the journey that goes on, if the link is good."""
    link = world.links.get(token)
    if link is None or link.run is None or link.run.gone:
        return None
    run, at = link.run, world.at(link.run)
    if at >= link.expires or at >= run.end:
        return None
    del world.links[token]
    run.state, run.entered, run.shown = "choose_new_password", at, at
    run.login = world.accounts[link.rpps].login
    return run


def save_password(
    world: World, run: Run, _: datetime, *, password: str, confirmation: str
) -> Notices:
    assert run.who is not None
    account = world.accounts[run.who]
    if account.epoch != run.epoch:
        run.state = "expired"
        return ("link.invalid",)
    if not world.is_admitted(account.rpps):
        world.disable(account)
        run.state = "expired"
        return ("link.invalid",)
    for refused in judge(password, confirmation):
        return ("link.used", *refused)
    world.renew(account, None, password)
    account.confirmed = True
    world.mail["notice", account.login] += 1
    run.state = "password_changed"
    return ()


def save(
    world: World,
    run: Run,
    at: datetime,
    *,
    current: str,
    email: str,
    password: str,
    confirmation: str,
) -> Notices:
    assert run.who is not None
    who, login = run.who, read(email)
    account = world.accounts[who]
    renewed = bool(password or confirmation)

    def refusals() -> Iterator[Notices]:
        yield from _not_the_holder(world, account, current, at)
        if not world.is_admitted(who):
            world.disable(account)
            run.state = "expired"
            yield ("journey.expired",)
        if renewed:
            yield from judge(password, confirmation)
        awaited = world.awaited(who, at)
        if login is None or login not in (account.login, awaited.about if awaited else None):
            yield from wrong_address(world, who, login, at)
            if too_many(world.times("change", who), at, 3, DAY):
                yield ("email.changed_often",)

    refused = next(refusals(), None)
    said: Notices = ()
    if refused is None and login is not None:
        said = _save(world, run, login, password if renewed else None)
    return said if refused is None else refused


def _not_the_holder(
    world: World, account: Account, current: str, at: datetime
) -> Iterator[Notices]:
    if not current:
        yield ()
    elif _is_locked(world, account.login, at):
        yield ("password.wrong",)
    elif current != account.password:
        world.count("password", account.login, at)
        yield ("password.wrong",)


def _save(world: World, run: Run, login: str, password: str | None) -> Notices:
    assert run.who is not None
    account = world.accounts[run.who]
    awaited = next(
        ((it, k) for it, k in world.links.items() if k is world.awaited(run.who, world.at(run))),
        None,
    )
    is_known = login == account.login or (awaited is not None and login == awaited[1].about)
    if is_known and password is None:
        return ("settings.unchanged",)
    world.renew(account, None, password)
    world.mail["notice", account.login] += 1
    if is_known:
        world.links.update([awaited] if awaited else [])
        return ("settings.saved",)
    world.count("change", run.who, world.at(run))
    world.mail["confirmation", login] += 1
    return ("settings.saved", "email.confirmation_sent")


def _is_locked(world: World, login: str, at: datetime) -> bool:
    times = world.times("password", login)
    return locked(times, at, 3, SECOND, 15 * MINUTE) or too_many(times, at, 25, DAY)
