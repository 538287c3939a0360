"""The public face: start a journey, submit a command, look at a journey, sign out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar, cast

from attrs import evolve, frozen

from ..chart import Flow
from ..commands import Command
from ..errors import PortUnavailable, UniqueBroken
from ..events import Event
from ..flows import STANDARD
from ..notices import PROBLEMS, words_of
from ..policy import Policy
from ..ports import LinkPurpose, Ports
from ..rules.passwords import judge_password, label_strength, normalise
from ..screens import View
from .case import Application, Site, digest_token
from .completeness import take_flows
from .erasure import Eraser, Erasure
from .links import Links
from .sessions import SessionView, find_session, require_session, touch_session, view_session
from .submit import Engine
from .transaction import retried
from .views import check_texts

__all__ = ["Flows", "SessionView", "Strength"]


@frozen
class Strength:
    """A strength as the screens name it, and why it is « Faible » when it is."""

    label: str
    reason: str | None


SomeEvent = TypeVar("SomeEvent", bound=Event)


class Flows:
    """All journeys of one application.

    Args:
        ports: everything outside.
        policy: every number and switch.
        site: the public address that messages name.
        texts: the host's own texts by the id of the notice or problem that they replace.
        wake: called after each commit that may have queued messages; a relay's ``wake``.
        flows: the journeys; a host adds its own: ``(*STANDARD, MINE)``.

    Raises:
        ChartRefused: something is missing in a flow, or two have one name; the message says what.
        ValueError: a text could never be shown; the message names its id.
    """

    def __init__(
        self,
        ports: Ports,
        policy: Policy | None = None,
        site: Site | None = None,
        *,
        texts: Mapping[str, str] | None = None,
        wake: Callable[[], None] | None = None,
        flows: Iterable[Flow] = STANDARD,
    ) -> None:
        self.ports = ports
        self.flows = take_flows(flows)
        self.policy = policy or Policy()
        self.site = site or Site()
        self.texts = dict(texts or {})
        check_texts(self.texts, self.policy, self.flows.values())
        self.wake = wake or _do_nothing
        app = Application(
            ports=ports, policy=self.policy, site=self.site, texts=self.texts, flows=self.flows
        )
        self._engine = Engine(app, self._awake)
        self._links = Links(self._engine)
        self._eraser = Eraser(
            storage=ports.storage,
            secrets=ports.secrets,
            emails=ports.emails,
            clock=ports.clock,
            policy=self.policy,
        )

    # --- journeys --------------------------------------------------------------------------------

    def preview(self, flow: str) -> View:
        """Show a flow's first screen without starting anything.

        Raises:
            JourneyUnknown: no flow has this name.
        """
        return self._engine.preview(self._engine.find_flow(flow))

    def start(self, flow: str, session: str | None = None, *, key: str | None = None) -> View:
        """Start a journey; the view carries the secret token that opens it.

        Args:
            flow: the flow's name.
            session: the token of a signed-in session, for the flows that need one.
            key: what its client made for this start alone, unguessable: with it again, the journey
                is found that it began.

        Raises:
            JourneyUnknown: no flow has this name.
            SessionRequired: the flow needs a live session.
            PortUnavailable: the store did not answer.
        """
        return self._engine.start(self._engine.find_flow(flow), session, key)

    def view(self, token: str) -> View:
        """Look at a journey; nothing is written, whatever the clock says.

        Refusals are not told again: they were in the answer to the press.

        Raises:
            JourneyUnknown: no journey answers to this token.
            JourneyUnreadable: it stands where this release knows no screen.
        """
        return self._engine.view(token)

    def submit(
        self,
        token: str,
        command: Command,
        *,
        shown_at: datetime | None = None,
        key: str | None = None,
    ) -> View:
        """Submit what a person pressed.

        Args:
            token: the journey's secret token.
            command: what was pressed, with what was typed.
            shown_at: when the form was shown (UTC), if the adapter can vouch for it; else the
                time of the journey's last step counts.
            key: what its client made for this press alone.  The same press again is answered as
                before, secrets included, as long as nothing else was pressed in the journey.

        Raises:
            JourneyUnknown: no journey answers to this token.
            JourneyUnreadable: it stands where this release knows no screen.
            CommandNotOffered: the present screen does not offer this command.
            JourneyOver: the journey has ended or expired.
            SessionRequired: the journey's session is over.
            PortUnavailable: something outside did not answer; nothing moved.
        """
        return retried(lambda: self._engine.submit(token, command, shown_at, key), UniqueBroken)

    def given(self, token: str, command: Command, key: str) -> View | None:
        """Give the answer to a press again, if it was the journey's last; nothing is written.

        Args:
            token: the journey's secret token.
            command: what was pressed, with what was typed.
            key: what its client made for that press, see :meth:`submit`.
        """
        return self._engine.given_again(token, command, key)

    # --- links -----------------------------------------------------------------------------------

    def link_purpose(self, token: str) -> LinkPurpose | None:
        """Say what a link is for, if it still works; nothing is written (``D6``)."""
        return self._links.purpose(token)

    def open_link(self, token: str, *, key: str | None = None) -> View:
        """Use a reset link up (``P3``): its journey goes on in this browser, under a new token.

        Args:
            token: the link's.
            key: what its client made for this press alone, see :meth:`submit`.

        Raises:
            LinkInvalid: the link is worth nothing (any more).
        """
        return self._links.open(token, key)

    def confirm_email(self, token: str, session: str | None) -> SessionView:
        """Confirm the signed-in account's address by the link it received (``D7``).

        Raises:
            SessionRequired: nobody is signed in; the link stays good.
            LinkInvalid: the link is worth nothing, or is another account's.
        """
        return self._links.confirm(token, session)

    def resend_confirmation(self, session: str | None) -> None:
        """Send the confirmation link again to the signed-in account's address (``D7``).

        Raises:
            SessionRequired: nobody is signed in.
        """
        self._links.resend_confirmation(session)

    # --- sessions --------------------------------------------------------------------------------

    def session(self, token: str) -> SessionView | None:
        """Say who is signed in, and keep the session from idling out."""
        now = self.ports.clock.now()
        with self.ports.storage.reading() as unit:
            found = find_session(unit, token, now, self.policy.sessions)
        if found is None:
            return None
        session, account = found
        email = self.ports.secrets.unseal(account.sealed_email)
        touch_session(self.ports, session, now)
        return view_session(self.ports, account, email, session.created_at)

    def sign_out(self, token: str) -> None:
        """End a session, if it is there."""
        with self.ports.storage.writing() as unit:
            unit.sessions.end(digest_token(token))

    def accept_terms(self, session: str | None) -> None:
        """Record that the signed-in person accepts the present version of the terms.

        Raises:
            SessionRequired: nobody is signed in.
            PortBusy: others changed the account again and again at the same moment.
        """
        retried(lambda: self._accept_terms(session))

    def _accept_terms(self, session: str | None) -> None:
        now = self.ports.clock.now()
        with self.ports.storage.writing() as unit:
            _, account = require_session(unit, session, now, self.policy.sessions)
            accepted = evolve(
                account,
                terms_version=self.policy.identity.terms_version,
                terms_accepted_at=now,
                version=account.version + 1,
            )
            unit.accounts.update(accepted, account.version)

    # --- accounts --------------------------------------------------------------------------------

    def erase_account(self, *, rpps: str | None = None, email: str | None = None) -> Erasure | None:
        """Erase someone's account with all that could be read or used of it (PR-07).

        Name the person by one of the two.  Journals stay, under a pseudonym, for as long as the
        policy keeps them; the person may create an account again at once.  Handlers of
        :class:`~monespace_flows.events.AccountErased` are called, in whichever process has them.

        Args:
            rpps: the person's RPPS number.
            email: the e-mail that the account is signed in to with.

        Returns:
            What went, in numbers; ``None`` when there was no such account.

        Raises:
            ValueError: not exactly one is given, or it can be nobody's; the message repeats
                nothing.
            PortUnavailable: something outside did not answer; nothing is erased.
        """
        erased = self._eraser.erase(rpps=rpps, email=email)
        self._engine.after_commit()
        return erased

    # --- the rest --------------------------------------------------------------------------------

    def strength(self, password: str) -> str:
        """Name a password's strength as the screens do: « Faible », « Moyen » or « Fort »."""
        return self.judge_strength(password).label

    def judge_strength(self, password: str) -> Strength:
        """Name a password's strength, and say what to change while it is « Faible ».

        Nothing is known of the person here: what is personal is judged when the form is sent.
        """
        policy = self.policy.passwords
        text = normalise(password)[: policy.maximum_length + 1]
        score = self.ports.passwords.score(text, self.site.words) if text else 0
        problem = judge_password(text, score, self.site.words, policy)
        reason = None
        if problem is not None:
            words = words_of(self.policy)
            reason = self.texts.get(problem.value, PROBLEMS[problem]).format_map(words)
        return Strength(label_strength(problem, score, policy).value, reason)

    def on(self, kind: type[SomeEvent], handler: Callable[[SomeEvent], None]) -> None:
        """Call ``handler`` for each event of a kind, after the commit, at least once.

        A handler that raises is called again later, by the next commit or by :meth:`dispatch`;
        it never undoes a journey.
        """
        self._engine.dispatcher.on(kind, cast("Callable[[Event], None]", handler))

    def dispatch(self) -> int:
        """Call handlers for the events that still wait; returns how many were handled."""
        return self._engine.dispatcher.run()

    def ready(self) -> dict[str, bool]:
        """Say which ports answer: the store, the keys and the registry."""
        return {
            "storage": _answers(self._read_nothing),
            "keys": _answers(lambda: self.ports.secrets.seal("")),
            "registry": _answers(lambda: self.ports.registry.doctor("00000000000")),
        }

    def _read_nothing(self) -> None:
        with self.ports.storage.reading() as unit:
            unit.journeys.get("")

    def _awake(self) -> None:
        self.wake()


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except PortUnavailable:
        return False
    return True


def _do_nothing() -> None:
    """The default ``wake``: a relay that polls needs none."""
