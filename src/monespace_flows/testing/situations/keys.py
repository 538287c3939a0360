"""When two moments are one situation: whatever is done from here on, they behave alike.

Told apart is all that any later answer, letter or account can depend on, and all that the witness
may hold against it: what is stored, what each page offers, the book.  Left out, or replaced, is
only what behaviour cannot see:

- instants become ages, for every rule compares an instant with the present, and nothing else
  (the day's count of SMS begins at midnight, but no walk comes near its limit);
- tokens, digests, ids and references become the place where they are held: the library compares
  them for being the same, and never looks inside;
- what can do nothing any more goes: sessions and links that died, counts older than a day,
  journeys that are over;
- journals, messages that left, notices, and the counts of everybody together: no step reads them,
  or not before hundreds of steps.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from attrs import fields, frozen

from ...effects import Budget
from ...journey import Journey, StoredJourney
from ...policy import Policy
from ...ports import Account, LinkPurpose, Session, StoredLink
from ...rules.waits import DAY, HOUR
from ...verify.book import Accounts, Book, Letter, Run, SentLink
from .stage import Moment, Stage

__all__ = ()

_DOUBLINGS = 8  # a wait doubles with each further failure, of which there are few

Part = Any
"""Plain, comparable data."""


@frozen
class Keys:
    """Makes the key of a moment.

    Args:
        stage: opens what is sealed.
        finals: the states that end a journey, by flow.
    """

    stage: Stage
    finals: dict[str, frozenset[str]]

    @cached_property
    def spans(self) -> tuple[float, ...]:
        """Every duration that an instant's age may be compared with, in order, in seconds."""
        found = {timedelta(0), HOUR, DAY}
        for part in fields(Policy):
            held = getattr(self.stage.policy, part.name)
            for one in fields(type(held)):
                value = getattr(held, one.name)
                values = value if isinstance(value, tuple) else (value,)
                found |= {it for it in values if isinstance(it, timedelta)}
        for first in (self.stage.policy.identity.lock, self.stage.policy.passwords.delay):
            found |= {first * 2**doublings for doublings in range(_DOUBLINGS)}
        return tuple(sorted(it.total_seconds() for it in found))

    def of(self, moment: Moment) -> Part:
        """Give what is the same of all moments of one situation."""
        view = _View(self.stage, moment, self.spans)
        return (
            moment.waits,
            view.accounts(),
            view.sessions(),
            view.links(),
            view.budgets(),
            view.journeys(self.finals),
            view.hands(),
            view.book(),
        )


@frozen
class _View:
    stage: Stage
    moment: Moment
    spans: tuple[float, ...]

    def age(self, at: datetime | None) -> Part:
        """How long ago; once time stands still for good, only which durations have passed."""
        if at is None:
            return None
        age = (self.moment.at - at).total_seconds()
        return age if self.moment.waits else bisect_right(self.spans, age)

    def rows(self, table: str) -> Iterable[Any]:
        return self.moment.marks[table].rows.values()

    @property
    def policy(self) -> Policy:
        return self.stage.policy

    @property
    def holders(self) -> dict[str, Account]:
        return dict(self.moment.marks["accounts"].rows)

    @property
    def seen(self) -> Accounts:
        return self.stage.accounts(self.moment.marks)

    def accounts(self) -> Part:
        passwords = self.moment.book.passwords
        return tuple(
            sorted(
                (
                    self.stage.open_sealed(it.sealed_rpps),
                    self.stage.open_sealed(it.sealed_email),
                    passwords.get(it.id),
                    it.email_confirmed_at is not None,
                    it.disabled_at is not None,
                    it.frozen_at is not None,
                )
                for it in self.holders.values()
            )
        )

    def owner(self, account_id: str | None) -> str:
        account = self.holders.get(account_id or "")
        return self.stage.open_sealed(account.sealed_rpps) if account is not None else ""

    def is_present(self, account_id: str, epoch: int | None) -> bool:
        """Whether credentials are those of now: older ones never come back."""
        account = self.holders.get(account_id)
        return account is not None and account.credential_epoch == epoch

    def sessions(self) -> Part:
        held = {token: name for name, token in self._held().items()}
        rows: Iterable[Session] = self.rows("sessions")
        return tuple(
            sorted(
                (
                    self.owner(it.account_id),
                    held.get(it.digest, ""),
                    self.age(it.created_at),
                    self.age(it.seen_at),
                )
                for it in rows
                if self.is_present(it.account_id, it.epoch)
            )
        )

    def _held(self) -> dict[str, str]:
        from ...driver.case import digest_token  # noqa: PLC0415 - the store's name of a token

        return {
            name: digest_token(hand.session)
            for name, hand in self.moment.hands.items()
            if hand.session is not None
        }

    def links(self) -> Part:
        rows: Iterable[StoredLink] = self.rows("links")
        return tuple(
            sorted(
                (
                    it.purpose.value,
                    self.owner(it.account_id),
                    self.age(it.created_at),
                    it.used_at is not None,
                    self.stage.open_sealed(it.sealed) if it.sealed is not None else "",
                )
                for it in rows
                if it.purpose is not LinkPurpose.BROWSER
                and self.moment.at < it.expires_at
                and (it.purpose.objects or self.is_present(it.account_id, it.epoch))
            )
        )

    def budgets(self) -> Part:
        return tuple(
            sorted(
                (it.budget.value, it.subject, self.age(it.at))
                for it in self.rows("budgets")
                if it.budget not in (Budget.TOTAL, Budget.ALARM) and it.at > self.moment.at - DAY
            )
        )

    def journeys(self, finals: dict[str, frozenset[str]]) -> Part:
        rows: Iterable[StoredJourney] = self.rows("journeys")
        held = {
            hand.page.reference: name
            for name, hand in self.moment.hands.items()
            if hand.page is not None
        }
        return tuple(
            sorted(
                (held.get(it.journey.reference, ""), *self._journey(it))
                for it in rows
                if it.journey.flow in finals and it.journey.state not in finals[it.journey.flow]
            )
        )

    def _journey(self, stored: StoredJourney) -> Part:
        it: Journey = stored.journey
        bound = stored.account_id or ""
        return (
            it.flow,
            it.state,
            repr((self.age(it.started_at), self.age(it.entered_at), self.age(it.shown_at))),
            self._prolonged(it),
            repr((it.subject, [one.masked for one in it.contacts])),
            repr((it.contact.masked if it.contact is not None else None, it.terms_version)),
            repr((self.age(it.code.sent_at), it.code.tries) if it.code is not None else None),
            repr((len(it.sent), sorted({by.value: self.age(at) for by, at in it.sent}.items()))),
            (it.offer_recovery, it.offer_reset_link, it.login_is_taken),
            self._dossier(stored),
            self.owner(bound),
            repr(stored.session_digest in self._held().values()),
            stored.code_digest is not None,
        )

    def _prolonged(self, journey: Journey) -> float:
        """By how much « Prolonger » moved the journey's end: all that it changes."""
        policy, at = self.policy.journeys, journey.extended_at
        if at is None:
            return 0
        more = at + policy.entry_life - journey.started_at - policy.life
        if not self.moment.waits:
            return self.moment.at >= journey.started_at + policy.life + max(more, timedelta(0))
        return max(0, more.total_seconds())

    def _dossier(self, stored: StoredJourney) -> Part:
        """What is sealed with a journey, its epoch as whether it is that of now."""
        from ...driver.case import open_dossier  # noqa: PLC0415 - what a case has sealed

        found = open_dossier(self.stage.box.ports, stored)
        holders = [it for it in self.holders.values() if self.owner(it.id) == found.rpps]
        bound = self.holders.get(stored.account_id or "")
        account = bound or (holders[0] if holders else None)
        present = account.credential_epoch if account is not None else 0
        return (found.rpps or "", found.email or "", repr(found.epoch and found.epoch == present),
                repr(found.epoch == 0))  # fmt: skip

    def hands(self) -> Part:
        return tuple(
            (
                name,
                hand.flows,
                None
                if hand.page is None
                else (
                    hand.page.flow,
                    hand.page.state,
                    hand.page.status,
                    tuple(button.command for button in hand.page.screen.buttons),
                    self.age(hand.page.expires_at),
                    self.age(hand.page.erase_after),
                    self.age(hand.page.resend_at),
                ),
            )
            for name, hand in sorted(self.moment.hands.items())
        )

    # --- the book --------------------------------------------------------------------------------

    def book(self) -> Part:
        book, day_ago = self.moment.book, self.moment.at - DAY
        return (
            tuple((name, self._run(book, run)) for name, run in sorted(book.runs.items())),
            tuple(self._link(it) for it in book.links),
            *(
                tuple(sorted((who, self.age(at)) for who, at in counted if at > day_ago))
                for counted in (book.wrong_pairs, book.misses, book.sends)
            ),
            tuple(sorted(self.owner(account) for _, account in book.sessions)),
        )

    def _run(self, book: Book, run: Run) -> Part:
        return (
            run.who,
            run.had is not None and self.seen.get(run.had.id) == run.had,
            run.had is not None,
            (
                len(run.codes) > 1,
                *((self._letter(it.letter), it.misses, it.used) for it in run.codes[-1:]),
            ),
            self._letter(run.proved),
            None if run.link is None else (book.links and self._link(run.link)),
        )

    def _letter(self, letter: Letter | None) -> Part:
        return None if letter is None else (letter.to, self.age(letter.at))

    def _link(self, link: SentLink) -> Part:
        present = self.seen.get(link.account.id) == link.account
        return (self._letter(link.letter), present, link.used)
