"""The order of things: late first, then the world, then one transaction, then delivery.

Late is the same as on time: before any command the clock takes its own step if a deadline has
passed.  A step that lost a race is taken again with fresh facts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from copy import copy
from datetime import datetime
from typing import Any, TypeVar

from attrs import evolve

from ..chart import Flow
from ..commands import Command, Tick
from ..errors import (
    CommandNotOffered,
    JourneyOver,
    JourneyUnknown,
    JourneyUnreadable,
    PortUnavailable,
)
from ..facts import Channel, Deadline
from ..journey import Journey, StoredJourney
from ..language import Language
from ..ports import Unit
from ..rules.passwords import Known
from ..screens import Outcome, View
from ..step import begin
from . import views
from .acts import (
    EffectContext,
    Inside,
    closed_channels,
    is_inside,
    known_to_guessers,
    rpps_of,
)
from .case import (
    Application,
    Case,
    Press,
    Pressed,
    client_of,
    digest_token,
    open_answer,
    open_dossier,
    press_of,
)
from .deadlines import due, fate_of_code, is_lost
from .dispatcher import Dispatcher
from .sessions import is_bound, require_bound
from .starting import Starter, bare
from .transaction import gatherer_of, take_step, take_step_inside, tick
from .watch import watch_of

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
        self.calls_handlers = True
        self.watch = watch_of(app)
        self._starter = Starter(app)

    def speaking(self, language: Language) -> Engine:
        """The same engine, answering and writing in a language."""
        if language is self.app.language:
            return self
        other = copy(self)
        other.app = evolve(self.app, language=language)
        return other

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

    def start(self, flow: Flow, session: str | None, key: str | None) -> View:
        """Start a journey: until its first press its token is all that there is of it."""
        now = self.ports.clock.now()
        if key is None and not flow.needs_session:
            token, journey = self._starter.start(flow, None, None, now)
            return self._render(flow, journey, None, token)
        with self.ports.storage.reading() as unit:
            token, _ = self._starter.start(flow, session, key, now)
            stored = self._find(unit, token)
            if flow.needs_session and not stored.is_kept:  # one that is may have ended its session
                digest = digest_token(session) if session else None
                require_bound(unit, digest, now, self.policy.sessions)
            address = self._address(unit, flow, stored)
        return self.show(flow, stored, token, address)

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
            found = tuple(it.id for it in fate_of_code(unit, flow, stored.journey, now))
            address = self._address(unit, flow, stored)
            closed = self._closed(unit, flow, stored.journey, now)
        if over or self.due(flow, stored.journey, now) is Deadline.JOURNEY:
            return self._render(flow, views.expire(stored.journey), None, token)
        view = self.show(flow, stored, token, address, found)
        return views.close_channels(view, closed, self.app.language)

    def known_in(self, token: str | None) -> Known:
        """Gather what a guesser knows of who is choosing a password in a journey.

        Of anyone else's journey, and before it asks for one, only what the site is called: what
        the Order knows must not be found out by trying it as a password.
        """
        with self.ports.storage.reading() as unit:
            stored = self._starter.find(unit, token) if token else None
            if stored is None or not self._asks_for_password(unit, stored):
                return known_to_guessers(self.ports, self.app.site, None)
            account = unit.accounts.get(stored.account_id or "")
        dossier = open_dossier(self.ports, stored)
        rpps = dossier.rpps or rpps_of(self.ports, account)
        return known_to_guessers(self.ports, self.app.site, rpps, dossier.email)

    def _asks_for_password(self, unit: Unit, stored: StoredJourney) -> bool:
        """Whether who holds the journey is being asked for a new password, in time."""
        journey = stored.journey
        flow, now = self.app.flows.get(journey.flow), self.now(journey)
        screen = flow.screens.get(journey.state) if flow else None
        if flow is None or screen is None or not any(it.new_secret for it in screen.fields):
            return False
        if self.due(flow, journey, now) is Deadline.JOURNEY:
            return False
        bound = is_bound(unit, stored.session_digest, now, self.policy.sessions)
        return bound or not flow.needs_session

    def _address(self, unit: Unit, flow: Flow, stored: StoredJourney) -> str | None:
        """The address that a screen shows: sealed with the journey, or else the account's."""
        if stored.journey.state not in flow.finals:
            return open_dossier(self.ports, stored).email
        account = unit.accounts.get(stored.account_id) if stored.account_id else None
        return self.ports.secrets.unseal(account.sealed_email) if account else None

    def submit(self, pressed: Pressed) -> View:
        """Take a step, or raise that another was first.

        Raises:
            LostSwap: the journey moved meanwhile: everything must be read and asked again.
            UniqueBroken: somebody else has just made what this step would.
        """
        press = press_of(self.ports, bare(pressed.token), pressed.command, pressed.key)
        alone, storage = is_inside(pressed.command), self.ports.storage
        with storage.writing() if alone else storage.reading() as unit:
            stored = self._find(unit, pressed.token, lock=alone)
            flow, now = self._require_own(pressed, stored), self.now(stored.journey)
            if (given := self.given(unit, flow, stored, press, pressed.token)) is not None:
                return given
            self._require_open(unit, flow, stored, pressed.token, now)
            passed = self.due(flow, stored.journey, now, pressed.shown_at)
            case = passed or self._pressed(pressed, press, flow, stored, now)
            context = None if isinstance(case, Deadline) else self._at_once(case, unit, alone=alone)
        if isinstance(case, Deadline):
            return self._submit_late(pressed, press, self._tick(flow, stored, now, case), case)
        context = context or take_step(case)
        return self._answer(pressed, case, context, stored.journey)

    def _submit_late(
        self, pressed: Pressed, press: Press | None, late: Case[Tick], passed: Deadline
    ) -> View:
        """Go on after the clock's own step, if anything of the press is left."""
        if (view := self._cut_short(late, passed, pressed)) is not None:
            return view
        said = late.journey.notices
        again = press and evolve(press, said=said)
        case = self._pressed(pressed, again, late.flow, late.stored, late.at)
        with self.ports.storage.reading() as unit:
            case.looked = gatherer_of(case).look(case, unit)
        context = take_step(case)
        return self._answer(pressed, case, context, late.journey, said)

    def _require_own(self, pressed: Pressed, stored: StoredJourney) -> Flow:
        """Find the flow of the journey that is meant, which its reference may name besides."""
        if pressed.reference not in (None, stored.journey.reference):
            raise JourneyUnknown("no journey has this reference and this token")
        return self.flow_of(stored.journey)

    def _require_open(
        self, unit: Unit, flow: Flow, stored: StoredJourney, token: str, now: datetime
    ) -> None:
        if flow.needs_session:
            require_bound(unit, stored.session_digest, now, self.policy.sessions)
        if stored.journey.state in flow.finals:
            raise JourneyOver(self.show(flow, stored, token, self._address(unit, flow, stored)))

    def _pressed(
        self,
        pressed: Pressed,
        press: Press | None,
        flow: Flow,
        stored: StoredJourney,
        now: datetime,
    ) -> Case[Any]:
        if not _is_offered(flow, stored.journey, pressed.command):
            address = open_dossier(self.ports, stored).email
            raise CommandNotOffered(self.show(flow, stored, pressed.token, address))
        case = self.case(flow, stored, pressed.command, now)
        case.browser, case.press = pressed.browser, press
        case.client = client_of(self.ports.secrets, pressed.client)
        return case

    def _at_once(self, case: Case[Any], unit: Unit, *, alone: bool) -> EffectContext[Any] | None:
        """Take the step in the unit that holds the journey, or look up what it will depend on."""
        gatherer = gatherer_of(case)
        if alone and isinstance(gatherer, Inside):
            return take_step_inside(case, unit)
        case.looked = gatherer.look(case, unit)
        return None

    def _answer(
        self,
        pressed: Pressed,
        case: Case[Any],
        context: EffectContext[Any],
        before: Journey,
        said: tuple[str, ...] = (),
    ) -> View:
        outcome = self.settled(context, before)
        return evolve(
            self.show_case(case, context.token or pressed.token, said),
            outcome=outcome,
            session=context.session_token,
            browser=context.browser_token,
        )

    def _cut_short(self, late: Case[Tick], due: Deadline, pressed: Pressed) -> View | None:
        """Show what a deadline left, unless the press can go on after it."""
        is_over = due is Deadline.JOURNEY
        if not is_over and not is_lost(pressed.command, late.journey, self.policy, late.at):
            return None
        view = evolve(self.show_case(late, pressed.token), outcome=Outcome.REFUSED)
        if is_over:
            raise JourneyOver(view)
        return view

    def given_again(self, token: str, command: Command, key: str) -> View | None:
        """Give an answer again, where the journey is still there and can be read."""
        press = press_of(self.ports, bare(token), command, key)
        try:
            with self.ports.storage.reading() as unit:
                stored = self._find(unit, token)
                return self.given(unit, self.flow_of(stored.journey), stored, press, token)
        except (JourneyUnknown, JourneyUnreadable):
            return None

    def given(
        self, unit: Unit, flow: Flow, stored: StoredJourney, press: Press | None, token: str
    ) -> View | None:
        """Give the answer of a press again, if it was the journey's last step (FT-06).

        Whoever knows the journey's token, the key and what was typed is who pressed.
        """
        answer = open_answer(self.ports, stored) if press is not None else None
        if press is None or answer is None or not press.is_of(answer):
            return None
        journey = evolve(stored.journey, notices=(*answer.said, *stored.journey.notices))
        address = self._address(unit, flow, stored)
        view = self._render(flow, journey, address, answer.token or bare(token))
        closed = self._closed(unit, flow, journey, self.now(journey))
        view = views.close_channels(view, closed, self.app.language)
        return evolve(
            view,
            outcome=Outcome(answer.outcome),
            session=answer.session,
            browser=answer.browser,
        )

    def _tick(
        self, flow: Flow, stored: StoredJourney, now: datetime, deadline: Deadline
    ) -> Case[Tick]:
        case = self.case(flow, stored, Tick(), now)
        tick(case, deadline)
        self.watch.note(flow, case.journey, case.command, Outcome.REFUSED)
        return case

    def due(
        self, flow: Flow, journey: Journey, now: datetime, shown_at: datetime | None = None
    ) -> Deadline | None:
        """Say which deadline has passed, if any."""
        return due(flow, journey, self.policy, now, shown_at)

    def case(self, flow: Flow, stored: StoredJourney, command: C, now: datetime) -> Case[C]:
        """Open the case of one command."""
        case = Case(app=self.app, flow=flow, stored=stored, command=command, at=now)
        case.reopen(stored)
        return case

    def _find(self, unit: Unit, token: str, *, lock: bool = False) -> StoredJourney:
        stored = self._starter.find(unit, token, lock=lock)
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
        token = bare(token) if stored.is_kept else token
        return self._render(flow, evolve(seen, notices=found or seen.notices), address, token)

    def show_case(self, case: Case[Any], token: str, said: tuple[str, ...] = ()) -> View:
        """Show where a case's step led, asking nothing more: its answer cannot fail.

        ``said`` are notices of the clock's step just before it.
        """
        journey = evolve(case.stored.journey, notices=(*said, *case.stored.journey.notices))
        view = self._render(case.flow, journey, case.dossier.email, bare(token))
        return views.close_channels(view, case.closed, self.app.language)

    def _closed(
        self, unit: Unit, flow: Flow, journey: Journey, now: datetime
    ) -> frozenset[Channel]:
        asks = views.offers_channels(flow, journey)
        return closed_channels(unit, self.app.site.zone, now) if asks else frozenset()

    def _render(self, flow: Flow, journey: Journey, email: str | None, token: str) -> View:
        view = views.render(
            flow,
            journey,
            self.policy,
            value=email,
            language=self.app.language,
            zone=self.app.site.zone,
        )
        return evolve(view, token=token)

    def settled(self, context: EffectContext[Any], before: Journey) -> Outcome:
        """Hand over what a step queued, tell who looks on, and say how it ended."""
        self.after_commit(has_queued=context.has_queued)
        flow, after = context.case.flow, context.after
        outcome = views.judge_outcome(flow, before, after)
        self.watch.note(flow, after, context.case.command, outcome)
        self.watch.tell(context.events)
        return outcome

    def after_commit(self, *, has_queued: bool = True) -> None:
        """Hand over what was queued; what cannot be handed over now waits in the store."""
        try:
            if self.calls_handlers:
                self.dispatcher.run()
            if has_queued:
                self.wake()
        except PortUnavailable as error:
            # The step is committed: its answer must not be lost with its messages' delay.
            _logger.warning("the %s port is down: what is queued leaves later", error.port)


def _is_offered(flow: Flow, journey: Journey, command: Command) -> bool:
    buttons = flow.screens[journey.state].buttons
    return any(b.command == command.event and views.is_shown(b, journey) for b in buttons)
