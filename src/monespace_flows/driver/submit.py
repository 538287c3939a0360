"""The order of things: late first, then the world, then one transaction, then delivery.

Late is the same as on time: before any command the clock takes its own step if a deadline has
passed.  A step that lost a race is taken again with fresh facts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import attrs
from attrs import evolve

from ..chart import Flow
from ..commands import Command, SubmitCode, Tick
from ..errors import (
    CommandNotOffered,
    JourneyOver,
    JourneyUnknown,
    JourneyUnreadable,
    PortUnavailable,
    UniqueBroken,
)
from ..facts import Deadline
from ..journey import Journey, StoredJourney
from ..notices import CODE_UNDELIVERED
from ..ports import Unit
from ..rules.waits import entry_end
from ..screens import Outcome, View
from ..step import begin
from . import views
from .case import Application, Case, Dossier, close_dossier, digest_token, open_dossier
from .relay import Dispatcher
from .sessions import is_bound, require_bound, require_session
from .transaction import ATTEMPTS, draw_reference, record_start, take_step, tick

__all__ = ()

_logger = logging.getLogger("monespace_flows")

C = TypeVar("C", bound=Command)


class Engine:
    """What takes a person through a journey; :class:`~.flows.Flows` is its public face."""

    def __init__(self, app: Application, wake: Callable[[], None]) -> None:
        self.app = app
        self.ports = app.ports
        self.policy = app.policy
        self.wake = wake
        self.dispatcher = Dispatcher(app.ports, app.policy.deliveries)

    def find_flow(self, name: str) -> Flow:
        """Find a flow by its name.

        Raises:
            JourneyUnknown: there is none.
        """
        flow = self.app.flows.get(name)
        if flow is None:
            raise JourneyUnknown("no flow has this name")
        return flow

    def flow_of(self, journey: Journey) -> Flow:
        """Find a stored journey's flow.

        Raises:
            JourneyUnreadable: this release has no such flow, or its table no such state.
        """
        flow = self.app.flows.get(journey.flow)
        if flow is None or journey.state not in flow.screens:
            raise JourneyUnreadable(f"{journey.flow}.{journey.state} is no state of this release")
        return flow

    def preview(self, flow: Flow) -> View:
        """Show a flow's first screen."""
        journey = begin(flow, "", self.ports.clock.now())
        return self._render(flow, journey, None, "")

    def start(self, flow: Flow, session: str | None) -> View:
        """Start a journey under a reference that nobody has."""
        for _ in range(ATTEMPTS):
            try:
                return self._start(flow, session)
            except UniqueBroken:
                continue
        raise PortUnavailable("secrets")

    def view(self, token: str) -> View:
        """Look at a journey, as late as it is."""
        with self.ports.storage.reading() as unit:
            stored = self._find(unit, token)
            flow = self.flow_of(stored.journey)
            now = self.now(stored.journey)
            # How a member's journey ended may be told when its own last step ended the session.
            over = (
                flow.needs_session
                and stored.journey.state not in flow.finals
                and not is_bound(unit, stored.session_digest, now, self.policy.sessions)
            )
            lost = self._code_is_lost(unit, stored.journey)
            address = self._address(unit, flow, stored)
        if over or self.due(flow, stored.journey, now) is Deadline.JOURNEY:
            return self._render(flow, views.expire(stored.journey), None, token)
        return self.show(flow, stored, token, address, (CODE_UNDELIVERED.id,) if lost else ())

    def _address(self, unit: Unit, flow: Flow, stored: StoredJourney) -> str | None:
        """The address that a screen shows: sealed with the journey, or else the account's."""
        if stored.journey.state not in flow.finals:
            return open_dossier(self.ports, stored).email
        account = unit.accounts.get(stored.account_id) if stored.account_id else None
        return self.ports.secrets.unseal(account.sealed_email) if account else None

    def _code_is_lost(self, unit: Unit, journey: Journey) -> bool:
        """Whether the code that the person waits for could not leave, for good or so far."""
        if journey.code is None:
            return False
        codes = [m for m in unit.outbox.of_journey(journey.reference) if m.purpose == "code"]
        newest = max(codes, key=lambda message: message.created_at, default=None)
        return newest is not None and newest.status != "sent" and newest.error is not None

    def _start(self, flow: Flow, session: str | None) -> View:
        now = self.ports.clock.now()
        token = self.ports.secrets.token()
        journey = begin(flow, draw_reference(self.ports.secrets), now)
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

    def submit(self, token: str, command: Command, shown_at: datetime | None) -> View:
        """Take a step, or raise that another was first.

        Raises:
            LostSwap: the journey moved meanwhile: everything must be read and asked again.
            UniqueBroken: somebody else has just made what this step would.
        """
        with self.ports.storage.reading() as unit:
            stored = self._find(unit, token)
            flow = self.flow_of(stored.journey)
            now = self.now(stored.journey)
            if flow.needs_session:
                require_bound(unit, stored.session_digest, now, self.policy.sessions)
            address = self._address(unit, flow, stored)
        if stored.journey.state in flow.finals:
            raise JourneyOver(self.show(flow, stored, token, address))
        said: tuple[str, ...] = ()
        due = self.due(flow, stored.journey, now, shown_at)
        if due is not None:
            late = self._tick(flow, stored, now, due)
            stored = late.stored
            view = evolve(self.show_case(late, token), outcome=Outcome.REFUSED)
            if due is Deadline.JOURNEY:
                raise JourneyOver(view)
            # A dead code is judged all the same: « effacée » alone would make them type it again.
            if _is_typed(command) and not self._is_dead(command, stored.journey, now):
                return view
            said = stored.journey.notices
        if not _is_offered(flow, stored.journey, command):
            raise CommandNotOffered(self.show(flow, stored, token, address))
        case = self.case(flow, stored, command, now)
        context = take_step(case, self.dispatcher.kinds)
        self.after_commit()
        view = self.show_case(case, context.token or token, said)
        outcome = views.judge_outcome(flow, stored.journey, context.after)
        return evolve(view, outcome=outcome, session=context.session_token)

    def _tick(
        self, flow: Flow, stored: StoredJourney, now: datetime, deadline: Deadline
    ) -> Case[Tick]:
        case = self.case(flow, stored, Tick(), now)
        tick(case, deadline)
        return case

    def _is_dead(self, command: Command, journey: Journey, now: datetime) -> bool:
        """Whether what was typed is a code that no longer works, whatever its digits."""
        code = journey.code
        return isinstance(command, SubmitCode) and (
            code is None or now - code.sent_at >= self.policy.codes.life
        )

    def due(
        self, flow: Flow, journey: Journey, now: datetime, shown_at: datetime | None = None
    ) -> Deadline | None:
        """Say which deadline has passed, if any."""
        if journey.state in flow.finals:
            return None
        if now >= views.end_of(flow, journey, self.policy):
            return Deadline.JOURNEY
        shown = max(journey.shown_at, min(shown_at, now)) if shown_at else journey.shown_at
        typed = flow.screens[journey.state].is_typed
        return Deadline.ENTRY if typed and now >= entry_end(shown, self.policy.journeys) else None

    def case(self, flow: Flow, stored: StoredJourney, command: C, now: datetime) -> Case[C]:
        """Open the case of one command."""
        return Case(
            app=self.app,
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

    def now(self, journey: Journey) -> datetime:
        """The present instant, never before the journey's last step: clocks may jump back."""
        return max(self.ports.clock.now(), journey.shown_at)

    def show(
        self,
        flow: Flow,
        stored: StoredJourney,
        token: str,
        address: str | None,
        found: tuple[str, ...] = (),
    ) -> View:
        """Show a stored journey to who comes back to it; ``found`` are notices of the present."""
        seen = views.revisit(flow, stored.journey, self.now(stored.journey))
        return self._render(flow, evolve(seen, notices=found or seen.notices), address, token)

    def show_case(self, case: Case[Any], token: str, said: tuple[str, ...] = ()) -> View:
        """Show where a case's step led, asking nothing more: its answer cannot fail.

        ``said`` are notices of the clock's step just before it.
        """
        journey = evolve(case.stored.journey, notices=(*said, *case.stored.journey.notices))
        return self._render(case.flow, journey, case.dossier.email, token)

    def _render(self, flow: Flow, journey: Journey, email: str | None, token: str) -> View:
        view = views.render(
            flow, journey, self.policy, value=email, texts=self.app.texts, zone=self.app.site.zone
        )
        return evolve(view, token=token)

    def after_commit(self) -> None:
        """Hand over what was queued; what cannot be handed over now waits in the store."""
        try:
            self.dispatcher.run()
            self.wake()
        except PortUnavailable as error:
            # The step is committed: its answer must not be lost with its messages' delay.
            _logger.warning("the %s port is down: what is queued leaves later", error.port)


def _is_offered(flow: Flow, journey: Journey, command: Command) -> bool:
    buttons = flow.screens[journey.state].buttons
    return any(b.command == command.event and views.is_shown(b, journey) for b in buttons)


def _is_typed(command: Command) -> bool:
    """Whether a command carries something typed, which a late one loses (``C2``)."""
    return bool(attrs.fields(type(command)))
