"""The facade: start a journey, submit a command, look at a journey; and the order of things.

Late is the same as on time: before any command the clock takes its own step if a deadline has
passed.  Then the world is asked, one transaction takes the step, and what it queued is
delivered.  A step that lost a race is taken again with fresh facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar, cast

import attrs
from attrs import evolve

from ..chart import Flow
from ..commands import Command, UseLink
from ..errors import (
    CommandNotOffered,
    JourneyOver,
    JourneyUnknown,
    LinkInvalid,
    LostSwap,
    PortBusy,
    PortUnavailable,
    UniqueBroken,
)
from ..events import Event
from ..facts import Channel, Deadline
from ..flows import FLOWS
from ..journey import Journey, StoredJourney
from ..policy import Policy
from ..ports import Account, Doctor, LinkPurpose, Ports, StoredLink, Unit
from ..rules.deadlines import entry_end
from ..rules.passwords import judge_password, label_strength, normalise
from ..screens import Outcome, View
from ..step import begin
from . import views
from .case import Case, Dossier, close_dossier, digest_token, open_dossier
from .dispatch import Dispatcher
from .executors import post_confirmation
from .gatherers import GATHERERS
from .gatherers.link import judge_link
from .letters import Recipient
from .sessions import (
    SessionView,
    find_session,
    require_bound,
    require_session,
    touch_session,
)
from .site import Site
from .stepping import record_start, take_step, tick

__all__ = ["Flows", "SessionView"]

_ATTEMPTS = 8
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

SomeEvent = TypeVar("SomeEvent", bound=Event)


class Flows:
    """All journeys of one application.

    Args:
        ports: everything outside.
        policy: every number and switch.
        site: the public address that messages name.
        texts: the host's own texts by the id of the notice or problem that they replace.
        wake: called after each commit that may have queued messages; a relay's ``wake``.
    """

    def __init__(
        self,
        ports: Ports,
        policy: Policy | None = None,
        site: Site | None = None,
        *,
        texts: Mapping[str, str] | None = None,
        wake: Callable[[], None] | None = None,
    ) -> None:
        self.ports = ports
        self.policy = policy or Policy()
        self.site = site or Site()
        self.texts = dict(texts or {})
        self.wake = wake or _do_nothing
        self._dispatcher = Dispatcher(ports)

    # --- journeys --------------------------------------------------------------------------------

    def preview(self, flow: str) -> View:
        """Show a flow's first screen without starting anything.

        Raises:
            JourneyUnknown: no flow has this name.
        """
        definition = _flow(flow)
        journey = begin(definition, "", self.ports.clock.now())
        return views.render(definition, journey, self.policy, texts=self.texts)

    def start(self, flow: str, session: str | None = None) -> View:
        """Start a journey; the view carries the secret token that opens it.

        Args:
            flow: the flow's name.
            session: the token of a signed-in session, for the flows that need one.

        Raises:
            JourneyUnknown: no flow has this name.
            SessionRequired: the flow needs a live session.
            PortUnavailable: the store did not answer.
        """
        definition = _flow(flow)
        for _ in range(_ATTEMPTS):
            try:
                return self._start(definition, session)
            except UniqueBroken:
                continue
        raise PortUnavailable("secrets")

    def view(self, token: str) -> View:
        """Look at a journey; nothing is written, whatever the clock says.

        Raises:
            JourneyUnknown: no journey answers to this token.
        """
        with self.ports.storage.reading() as unit:
            stored = self._find(unit, token)
        flow = _flow(stored.journey.flow)
        now = self._now(stored.journey)
        if self._due(flow, stored.journey, now, None) is Deadline.JOURNEY:
            return self._render(flow, views.expire(stored.journey), None, token)
        return self._show(flow, stored, token)

    def submit(
        self,
        token: str,
        command: Command,
        *,
        shown_at: datetime | None = None,
    ) -> View:
        """Submit what a person pressed.

        Args:
            token: the journey's secret token.
            command: what was pressed, with what was typed.
            shown_at: when the form was shown (UTC), if the adapter can vouch for it; else the
                time of the journey's last step counts.

        Raises:
            JourneyUnknown: no journey answers to this token.
            CommandNotOffered: the present screen does not offer this command.
            JourneyOver: the journey has ended or expired.
            SessionRequired: the journey's session is over.
            PortUnavailable: something outside did not answer; nothing moved.
        """
        for _ in range(_ATTEMPTS):
            try:
                return self._submit(token, command, shown_at)
            except (LostSwap, UniqueBroken):
                continue
        raise PortBusy("storage")

    # --- links -----------------------------------------------------------------------------------

    def link_purpose(self, token: str) -> LinkPurpose | None:
        """Say what a link is for, if it still works; nothing is written (``D6``)."""
        link, account = self._find_link(token)
        now = self.ports.clock.now()
        good = link is not None and judge_link(now, link, account, link.purpose)
        return link.purpose if good and link is not None else None

    def open_link(self, token: str) -> View:
        """Use a reset link up (``P3``): its journey goes on in this browser, under a new token.

        Raises:
            LinkInvalid: the link is worth nothing (any more).
        """
        for _ in range(_ATTEMPTS):
            try:
                return self._open_link(token)
            except LostSwap:
                continue
        raise PortBusy("storage")

    def confirm_email(self, token: str, session: str | None) -> SessionView:
        """Confirm the signed-in account's address by the link it received (``D7``).

        Raises:
            SessionRequired: nobody is signed in; the link stays good.
            LinkInvalid: the link is worth nothing, or is another account's.
        """
        now = self.ports.clock.now()
        with self.ports.storage.writing() as unit:
            found, account = require_session(unit, session, now, self.policy.sessions)
            link = unit.links.get(digest_token(token))
            if (
                link is None
                or link.account_id != account.id
                or not judge_link(now, link, account, LinkPurpose.CONFIRM)
                or not unit.links.consume(link.digest, now)
            ):
                raise LinkInvalid("the link is not good for this account")
            confirmed = evolve(account, email_confirmed_at=now, version=account.version + 1)
            unit.accounts.update(confirmed, account.version)
        return self._session_view(confirmed, found.created_at)

    def resend_confirmation(self, session: str | None) -> None:
        """Send the confirmation link again to the signed-in account's address (``D7``).

        Raises:
            SessionRequired: nobody is signed in.
        """
        now = self.ports.clock.now()
        flow = FLOWS["settings"]
        with self.ports.storage.writing() as unit:
            _, account = require_session(unit, session, now, self.policy.sessions)
            if account.email_confirmed_at is None:
                unit.links.void(account.id, LinkPurpose.CONFIRM)
                case = self._case(flow, _letters_only(flow, account, now), UseLink(""), now)
                case.account = account
                address = self.ports.secrets.unseal(account.sealed_email)
                key = f"confirm-{self.ports.secrets.token()[:16]}"
                letter = flow.letters["email.confirm"]
                post_confirmation(case, unit, key, letter, Recipient(Channel.EMAIL, address))
        self._after_commit()

    # --- sessions --------------------------------------------------------------------------------

    def session(self, token: str) -> SessionView | None:
        """Say who is signed in, and keep the session from idling out."""
        now = self.ports.clock.now()
        with self.ports.storage.reading() as unit:
            found = find_session(unit, token, now, self.policy.sessions)
        if found is None:
            return None
        session, account = found
        touch_session(self.ports, session, now)
        return self._session_view(account, session.created_at)

    def sign_out(self, token: str) -> None:
        """End a session, if it is there."""
        with self.ports.storage.writing() as unit:
            unit.sessions.end(digest_token(token))

    # --- the rest --------------------------------------------------------------------------------

    def strength(self, password: str) -> str:
        """Name a password's strength as the screens do: « Faible », « Moyen » or « Fort »."""
        policy = self.policy.passwords
        text = normalise(password)[: policy.maximum_length + 1]
        score = self.ports.passwords.score(text, ()) if text else 0
        return label_strength(judge_password(text, score, (), policy), score, policy).value

    def on(self, kind: type[SomeEvent], handler: Callable[[SomeEvent], None]) -> None:
        """Call ``handler`` for each event of a kind, after the commit, at least once.

        A handler that raises is called again later, by the next commit or by :meth:`dispatch`;
        it never undoes a journey.
        """
        self._dispatcher.on(kind, cast("Callable[[Event], None]", handler))

    def dispatch(self) -> int:
        """Call handlers for the events that still wait; returns how many were handled."""
        return self._dispatcher.run()

    def ready(self) -> dict[str, bool]:
        """Say which ports answer: the store, the keys and the registry."""
        return {
            "storage": _answers(self._read_nothing),
            "keys": _answers(lambda: self.ports.secrets.seal("")),
            "registry": _answers(lambda: self.ports.registry.doctor("00000000000")),
        }

    # --- how it is done --------------------------------------------------------------------------

    def _start(self, flow: Flow, session: str | None) -> View:
        now = self.ports.clock.now()
        token = self.ports.secrets.token()
        journey = begin(flow, self._draw_reference(), now)
        dossier = Dossier()
        stored = StoredJourney(
            journey=journey,
            token_digest=digest_token(token),
            expires_at=views.end_of(flow, journey, self.policy),
        )
        with self.ports.storage.writing() as unit:
            if flow.needs_session:
                found, account = require_session(unit, session, now, self.policy.sessions)
                dossier = Dossier(email=self.ports.secrets.unseal(account.sealed_email))
                stored = evolve(
                    stored,
                    journey=evolve(journey, subject=account.rpps_digest),
                    dossier=close_dossier(self.ports, dossier),
                    account_id=account.id,
                    session_digest=found.digest,
                )
            record_start(unit, flow, stored)
        return self._render(flow, stored.journey, dossier.email, token)

    def _submit(self, token: str, command: Command, shown_at: datetime | None) -> View:
        with self.ports.storage.reading() as unit:
            stored = self._find(unit, token)
            flow = _flow(stored.journey.flow)
            now = self._now(stored.journey)
            if flow.needs_session:
                require_bound(unit, stored.session_digest, now, self.policy.sessions)
        if stored.journey.state in flow.finals:
            raise JourneyOver(self._show(flow, stored, token))
        said: tuple[str, ...] = ()
        due = self._due(flow, stored.journey, now, shown_at)
        if due is not None:
            stored = self._tick(flow, stored, now, due)
            view = evolve(self._show(flow, stored, token), outcome=Outcome.REFUSED)
            if due is Deadline.JOURNEY:
                raise JourneyOver(view)
            if _is_typed(command):
                return view
            said = stored.journey.notices
        if not _is_offered(flow, stored.journey, command):
            raise CommandNotOffered(self._show(flow, stored, token))
        return self._take(self._case(flow, stored, command, now), token, said)

    def _take(self, case: Case, token: str, said: tuple[str, ...]) -> View:
        before, command = case.journey, case.command
        GATHERERS[command.facts].outside(case)
        with self.ports.storage.writing() as unit:
            after = take_step(case, unit, self._dispatcher.kinds)
        self._after_commit()
        view = self._show(case.flow, case.stored, case.token or token, said)
        outcome = views.judge_outcome(before, after)
        return evolve(view, outcome=outcome, session=case.session_token)

    def _open_link(self, token: str) -> View:
        link, _ = self._find_link(token)
        if link is None or link.journey is None:
            raise LinkInvalid("the link is unknown")
        with self.ports.storage.reading() as unit:
            stored = unit.journeys.get(link.journey)
        if stored is None:
            raise LinkInvalid("the link's journey is gone")
        flow = _flow(stored.journey.flow)
        command = UseLink(token)
        now = self._now(stored.journey)
        waits = command.event in flow.offered[stored.journey.state]
        if not waits or self._due(flow, stored.journey, now, None) is Deadline.JOURNEY:
            raise LinkInvalid("the link was used or is too old")
        case = self._case(flow, stored, command, now)
        with self.ports.storage.writing() as unit:
            after = take_step(case, unit, self._dispatcher.kinds)
        if after.state == stored.journey.state or case.token is None:
            raise LinkInvalid("the link was replaced, or the account has changed")
        return self._show(flow, case.stored, case.token)

    def _tick(
        self, flow: Flow, stored: StoredJourney, now: datetime, deadline: Deadline
    ) -> StoredJourney:
        case = self._case(flow, stored, UseLink(""), now)
        with self.ports.storage.writing() as unit:
            tick(case, unit, deadline)
        return case.stored

    def _due(
        self, flow: Flow, journey: Journey, now: datetime, shown_at: datetime | None
    ) -> Deadline | None:
        if journey.state in flow.finals:
            return None
        if now >= views.end_of(flow, journey, self.policy):
            return Deadline.JOURNEY
        shown = max(journey.shown_at, min(shown_at, now)) if shown_at else journey.shown_at
        typed = flow.screens[journey.state].is_typed
        return Deadline.ENTRY if typed and now >= entry_end(shown, self.policy.journeys) else None

    def _case(self, flow: Flow, stored: StoredJourney, command: Command, now: datetime) -> Case:
        return Case(
            ports=self.ports,
            policy=self.policy,
            site=self.site,
            flow=flow,
            stored=stored,
            command=command,
            at=now,
            dossier=open_dossier(self.ports, stored),
        )

    def _find(self, unit: Unit, token: str) -> StoredJourney:
        stored = unit.journeys.by_token(digest_token(token))
        if stored is None:
            raise JourneyUnknown("no journey answers to this token")
        return stored

    def _find_link(self, token: str) -> tuple[StoredLink | None, Account | None]:
        with self.ports.storage.reading() as unit:
            link = unit.links.get(digest_token(token))
            return link, unit.accounts.get(link.account_id) if link else None

    def _now(self, journey: Journey) -> datetime:
        """The present instant, never before the journey's last step: clocks may jump back."""
        return max(self.ports.clock.now(), journey.shown_at)

    def _show(
        self, flow: Flow, stored: StoredJourney, token: str, said: tuple[str, ...] = ()
    ) -> View:
        journey = evolve(stored.journey, notices=(*said, *stored.journey.notices))
        return self._render(flow, journey, open_dossier(self.ports, stored).email, token)

    def _render(self, flow: Flow, journey: Journey, email: str | None, token: str) -> View:
        view = views.render(flow, journey, self.policy, value=email, texts=self.texts)
        return evolve(view, token=token)

    def _draw_reference(self) -> str:
        drawn = self.ports.secrets.digits(16)
        letters = [_ALPHABET[int(drawn[i : i + 2]) % len(_ALPHABET)] for i in range(0, 16, 2)]
        return f"{''.join(letters[:4])}-{''.join(letters[4:])}"

    def _session_view(self, account: Account, since: datetime) -> SessionView:
        doctor = self._doctor(account)
        return SessionView(
            email=self.ports.secrets.unseal(account.sealed_email),
            role=account.role,
            since=since,
            email_confirmed=account.email_confirmed_at is not None,
            family_name=doctor.family_name if doctor else None,
            given_name=doctor.given_name if doctor else None,
        )

    def _doctor(self, account: Account) -> Doctor | None:
        """The registry's word on a signed-in person: a greeting, so its absence is no error."""
        try:
            return self.ports.registry.doctor(self.ports.secrets.unseal(account.sealed_rpps))
        except PortUnavailable:
            return None

    def _read_nothing(self) -> None:
        with self.ports.storage.reading() as unit:
            unit.journeys.get("")

    def _after_commit(self) -> None:
        self._dispatcher.run()
        self.wake()


def _flow(name: str) -> Flow:
    flow = FLOWS.get(name)
    if flow is None:
        raise JourneyUnknown("no flow has this name")
    return flow


def _is_offered(flow: Flow, journey: Journey, command: Command) -> bool:
    buttons = flow.screens[journey.state].buttons
    return any(b.command == command.event and views.is_shown(b, journey) for b in buttons)


def _letters_only(flow: Flow, account: Account, now: datetime) -> StoredJourney:
    """A journey that is not stored, for a letter that no journey's step asks for."""
    journey = begin(flow, "", now, account.rpps_digest)
    return StoredJourney(journey=journey, token_digest="", expires_at=now)


def _is_typed(command: Command) -> bool:
    """Whether a command carries something typed, which a late one loses (``C2``)."""
    return bool(attrs.fields(type(command)))


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except PortUnavailable:
        return False
    return True


def _do_nothing() -> None:
    """The default ``wake``: a relay that polls needs none."""
