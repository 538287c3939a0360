"""What a random visit must agree with: accounts, sessions and links, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from attrs import define, field

from monespace_flows.driver.case import digest_token
from monespace_flows.testing import Sandbox

__all__ = ["Account", "Model"]

RESET_LIFE = timedelta(hours=24)
CONFIRM_LIFE = timedelta(days=7)


@define
class Account:
    """What is known of one doctor's account; ``epoch`` counts the changes of its credentials."""

    email: str
    password: str
    confirmed: bool = False
    epoch: int = 0


@define
class Link:
    """One link that left by e-mail; ``about`` is another address that it makes the login."""

    purpose: str
    rpps: str
    until: datetime
    is_dead: bool = False
    about: str | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it still works."""
        return not self.is_dead and now < self.until


@define
class Model:
    """The world as it should be."""

    accounts: dict[str, Account] = field(factory=dict)
    signed_in: dict[int, str] = field(factory=dict)
    links: dict[str, Link] = field(factory=dict)
    mistrusted: set[str] = field(factory=set)
    """Accounts for which a wrong password was typed: they may be locked for a while."""
    asked: dict[str, str] = field(factory=dict)
    """Whose login an address is to be, at the last wish."""

    def holder(self, email: str) -> str | None:
        """Whose login an address is."""
        return next((rpps for rpps, it in self.accounts.items() if it.email == email), None)

    def create(self, rpps: str, email: str, password: str, *, confirmed: bool = False) -> None:
        """One account for a doctor and for an address, never two."""
        assert rpps not in self.accounts
        assert self.holder(email) is None
        self.accounts[rpps] = Account(email, password, confirmed)

    def change(self, rpps: str, *, email: str | None = None, password: str | None = None) -> None:
        """Change credentials; every session and link of the account dies."""
        account = self.accounts[rpps]
        if email is not None and email != account.email:
            assert self.holder(email) is None
            account.email, account.confirmed = email, False
        account.password = password or account.password
        account.epoch += 1
        self.signed_in = {where: who for where, who in self.signed_in.items() if who != rpps}
        self.void(rpps, "reset_link")
        self.void(rpps, "confirmation")

    def ask(self, rpps: str, email: str, *, password: str | None = None) -> None:
        """Ask for another address, which is nobody's and not awaited already."""
        self.change(rpps, password=password)
        self.asked[email] = rpps

    def awaited(self, rpps: str, now: datetime) -> Link | None:
        """The link that would make another address the login."""
        return next(
            (it for it in self.links.values() if it.rpps == rpps and it.about and it.is_good(now)),
            None,
        )

    def take(self, link: Link, browser: int) -> bool:
        """Make the address of a link the login, unless it has become another's."""
        if link.about is not None and self.holder(link.about) is not None:
            return False
        if link.about is not None:
            self.change(link.rpps, email=link.about)
            self.signed_in[browser] = link.rpps
        self.accounts[link.rpps].confirmed = True
        self.void(link.rpps, "confirmation")
        return True

    def send(self, purpose: str, token: str, to: str, now: datetime) -> None:
        """Take note of a link that left, to a login, or an awaited one; it is the only one."""
        rpps = self.holder(to) or (self.asked.get(to) if purpose == "confirmation" else None)
        assert rpps is not None
        assert purpose == "confirmation" or self.accounts[rpps].confirmed
        self.void(rpps, purpose)
        life = RESET_LIFE if purpose == "reset_link" else CONFIRM_LIFE
        about = None if self.accounts[rpps].email == to else to
        self.links[token] = Link(purpose, rpps, now + life, about=about)

    def void(self, rpps: str, purpose: str) -> None:
        """Make older links worth nothing."""
        for link in self.links.values():
            link.is_dead = link.is_dead or (link.rpps, link.purpose) == (rpps, purpose)

    def is_good(self, token: str, now: datetime) -> bool:
        """Whether a link still works."""
        return self.links[token].is_good(now)

    def differences(self, sandbox: Sandbox) -> Iterator[str]:
        """Where the store says something else."""
        with sandbox.storage.reading() as unit:
            for rpps in sandbox.registry._entries:
                kept = unit.accounts.by_rpps(sandbox.secrets.digests("subject", rpps))
                mine = self.accounts.get(rpps)
                if (kept is None) is not (mine is None):
                    yield f"{rpps} has an account in one of the two only"
                if kept is None or mine is None:
                    continue
                if sandbox.secrets.unseal(kept.sealed_email) != mine.email:
                    yield f"another address than {mine.email}"
                if not sandbox.passwords.verify(kept.password_hash, mine.password):
                    yield f"another password than that of {mine.email}"
                if (kept.email_confirmed_at is not None) is not mine.confirmed:
                    yield f"{mine.email}: confirmed should be {mine.confirmed}"
        for token, link in self.links.items():
            works = sandbox.flows.link_purpose(token) is not None
            if works is not self.is_good(token, sandbox.clock.now()):
                yield f"a {link.purpose} link {digest_token(token)[:6]} works: {works}"
