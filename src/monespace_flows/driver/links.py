"""One-time links: looking is free, using takes a button (``P3``, ``D6``, ``D7``)."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from ..chart import Flow
from ..commands import UseLink
from ..effects import Budget
from ..errors import JourneyUnreadable, LinkInvalid, UniqueBroken
from ..facts import Channel, Deadline
from ..journal.deliveries import Fate, note_fate
from ..journey import StoredJourney
from ..ports import Account, LinkPurpose, StoredLink, Unit
from ..screens import View
from ..step import begin
from .acts import EffectContext, Findings
from .acts.base import judge_link, pending_change
from .acts.letters import Recipient, post_confirmation
from .acts.link import link_wait
from .addresses import Addresses, Objected
from .case import Press, digest_token, email_digests, lock_digests, press_of, seal_of
from .keeping import Keeper
from .sessions import SessionView, require_bound, require_session, view_session
from .submit import Engine
from .transaction import retried, take_step

__all__ = ()

_RESET = "reset_link"
"""The purpose of the messages whose link continues a journey."""

_CONFIRM = "email.confirm"
"""The letter that asks to confirm an address; it belongs to whichever flow has it."""


class Links:
    """What can be done with the links that letters carry."""

    def __init__(self, engine: Engine, keeper: Keeper) -> None:
        self._engine = engine
        self._keeper = keeper
        self._addresses = Addresses(engine, keeper)

    def purpose(self, token: str) -> LinkPurpose | None:
        """Say what a link is for, if it still works; that it does not is noted."""
        link, account = self._find(token)
        now = self._engine.ports.clock.now()
        if link is None or link.purpose is LinkPurpose.BROWSER:
            return None  # a cookie's: nobody was sent it
        is_good = judge_link(now, link, account, link.purpose)
        if is_good and (link.journey is None or self._is_awaited(link.journey)):
            return link.purpose
        self._note_visit(link, now)
        return None

    def reference(self, token: str) -> str | None:
        """Name the journey that a link continues, or continued."""
        return getattr(self._find(token)[0], "journey", None)

    def _note_visit(self, link: StoredLink, now: datetime) -> None:
        """Note beside its message that a link was opened that is worth nothing any more."""
        storage, digests = self._engine.ports.storage, seal_of(self._engine.ports.secrets)
        with storage.reading() as unit:
            sent = unit.outbox.of_journey(link.journey) if link.journey else ()
        fate = Fate.LINK_EXPIRED if link.used_at is None else Fate.LINK_USED
        for message in sent:
            # The message that carries a link is written by the same step.
            if message.purpose != _RESET or message.created_at != link.created_at:
                continue
            told = note_fate(message, fate, now, digests)
            if told is not message:  # a visitor who comes again writes nothing
                with storage.writing() as unit:
                    unit.outbox.note(told, message.history)

    def _is_awaited(self, reference: str) -> bool:
        """Whether the journey that a link continues is still there, and waits for it."""
        try:
            self._waiting(reference)
        except LinkInvalid:
            return False
        return True

    def open(self, token: str, key: str | None) -> View:
        """Use a reset link up."""
        return retried(lambda: self._open(token, key))

    def confirm(self, token: str, session: str | None, key: str | None) -> SessionView:
        """Use a confirmation link up."""
        view = retried(lambda: self._confirm(token, session, key), UniqueBroken)
        self._engine.after_commit()
        return view

    def object(self, token: str) -> Objected:
        """Use a link up that says « Ce n'est pas moi »."""
        return self._addresses.object(token)

    def pending(self, session: str) -> str | None:
        """The address that the signed-in account is to have once it is confirmed, if any."""
        engine = self._engine
        now = engine.ports.clock.now()
        with engine.ports.storage.reading() as unit:
            _, account = require_bound(unit, digest_token(session), now, engine.policy.sessions)
            awaited = pending_change(unit, account, now)
        return self._about(awaited)

    def _about(self, awaited: StoredLink | None) -> str | None:
        sealed = awaited.sealed if awaited is not None else None
        return None if sealed is None else self._engine.ports.secrets.unseal(sealed)

    def _confirm(self, token: str, session: str | None, key: str | None) -> SessionView:
        engine = self._engine
        now = engine.ports.clock.now()
        with engine.ports.storage.writing() as unit:
            digest = digest_token(session) if session else None
            _, holder = require_bound(unit, digest, now, engine.policy.sessions)
            self._keeper.hold(unit, holder)  # first, as whoever acts on an account does
            found, account = require_session(unit, session, now, engine.policy.sessions)
            link = unit.links.get(digest_token(token))
            if key and self._has_confirmed(link, account, now):
                email = engine.ports.secrets.unseal(account.sealed_email)
                return view_session(engine.ports, account, email, found.created_at)
            if (
                link is None
                or link.account_id != account.id
                or not judge_link(now, link, account, LinkPurpose.CONFIRM)
                or not unit.links.consume(link.digest, now)
            ):
                raise LinkInvalid("the link is not good for this account")
            if link.sealed is None:
                confirmed = evolve(account, email_confirmed_at=now, version=account.version + 1)
                unit.accounts.update(confirmed, account.version)
                self._keeper.note(unit, confirmed, "confirm", now)
            else:
                confirmed = self._addresses.take(unit, account, found, link, now)
                event = self._addresses.changed_event(confirmed)
                self._keeper.note(unit, confirmed, "confirm", now, event)
            email = engine.ports.secrets.unseal(confirmed.sealed_email)
        return view_session(engine.ports, confirmed, email, found.created_at)

    def _has_confirmed(self, link: StoredLink | None, account: Account, now: datetime) -> bool:
        """Whether this link has just confirmed this account: the answer was lost (FT-06)."""
        return (
            link is not None
            and link.purpose is LinkPurpose.CONFIRM
            and link.used_at is not None
            and link.account_id == account.id
            and link.epoch + (link.sealed is not None) == account.credential_epoch
            and account.email_confirmed_at == link.used_at
            and now - link.used_at < self._engine.policy.journeys.entry_life
        )

    def resend_confirmation(self, session: str | None) -> None:
        """Send a new confirmation link; the older ones are dead."""
        engine = self._engine
        now = engine.ports.clock.now()
        with engine.ports.storage.writing() as unit:
            _, account = require_session(unit, session, now, engine.policy.sessions)
            digests = email_digests(engine.ports.secrets, engine.ports.emails, account)
            lock_digests(unit, "link", digests)
            pending = self._about(pending_change(unit, account, now))
            is_open = pending is not None or account.email_confirmed_at is None
            if is_open and not link_wait(engine.app, digests, now, unit):
                unit.budgets.add(Budget.LINK, digests[0], now)
                self._post_confirmation(unit, account, now, pending)
        engine.after_commit()

    def _post_confirmation(
        self, unit: Unit, account: Account, now: datetime, pending: str | None
    ) -> None:
        engine = self._engine
        flow = next(it for it in engine.app.flows.values() if _CONFIRM in it.letters)
        unit.links.void(account.id, LinkPurpose.CONFIRM)
        case = engine.case(flow, _letters_only(flow, account, now), UseLink(""), now)
        context = EffectContext(
            case=case,
            unit=unit,
            found=Findings(),
            after=case.journey,
            account=account,
            next_email=pending,
        )
        address = pending or engine.ports.secrets.unseal(account.sealed_email)
        key = f"confirm-{engine.ports.secrets.token()[:16]}"
        letter = flow.letters[_CONFIRM]
        post_confirmation(context, key, letter, Recipient(Channel.EMAIL, address))

    def _open(self, token: str, key: str | None) -> View:
        engine = self._engine
        link, _ = self._find(token)
        if link is None or link.journey is None:
            raise LinkInvalid("the link is unknown")
        press = press_of(engine.ports, link.journey, UseLink(token), key)
        given = self._given(link.journey, press)
        if given is not None:
            return given
        flow, stored, now = self._waiting(link.journey)
        case = engine.case(flow, stored, UseLink(token), now)
        case.press = press
        context = take_step(case)
        engine.settled(context, stored.journey)
        if context.after.state == stored.journey.state or context.token is None:
            raise LinkInvalid("the link was replaced, or the account has changed")
        return engine.show_case(case, context.token)

    def _given(self, reference: str, press: Press | None) -> View | None:
        """The answer to this press, if it was given already and nothing was pressed since."""
        engine = self._engine
        with engine.ports.storage.reading() as unit:
            stored = unit.journeys.get(reference)
            flow = engine.app.flows.get(stored.journey.flow) if stored else None
            if press is None or stored is None or flow is None:
                return None
            return engine.given(unit, flow, stored, press, "")

    def _waiting(self, reference: str) -> tuple[Flow, StoredJourney, datetime]:
        """Find the journey that waits for a link, and the instant of its next step.

        Raises:
            LinkInvalid: there is none, or it waits no more.
        """
        engine = self._engine
        try:
            with engine.ports.storage.reading() as unit:
                stored = unit.journeys.get(reference)
            if stored is None:
                raise LinkInvalid("the link's journey is gone")
            flow = engine.flow_of(stored.journey)
        except JourneyUnreadable:
            raise LinkInvalid("the link's journey is none of this release") from None
        now = engine.now(stored.journey)
        waits = UseLink.event in flow.offered[stored.journey.state]
        if not waits or engine.due(flow, stored.journey, now) is Deadline.JOURNEY:
            raise LinkInvalid("the link was used or is too old")
        return flow, stored, now

    def _find(self, token: str) -> tuple[StoredLink | None, Account | None]:
        with self._engine.ports.storage.reading() as unit:
            link = unit.links.get(digest_token(token))
            return link, unit.accounts.get(link.account_id) if link else None


def _letters_only(flow: Flow, account: Account, now: datetime) -> StoredJourney:
    """A journey that is not stored, for a letter that no journey's step asks for."""
    journey = begin(flow, "", now, account.rpps_digest)
    return StoredJourney(journey=journey, token_digest="", expires_at=now)
