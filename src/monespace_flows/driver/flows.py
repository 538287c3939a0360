"""The public face: start a journey, submit a command, look at a journey, sign out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from attrs import evolve

from ..chart import Flow
from ..commands import Command
from ..errors import SignInFault, SignInRefused, UniqueBroken
from ..flows import STANDARD
from ..policy import Policy
from ..ports import LinkPurpose, Ports
from ..screens import View
from ..texts import Catalogue, Texts
from ..wording import Lang
from .addresses import Objected
from .case import Application, Pressed, Site, digest_token
from .completeness import take_flows
from .entrance import Entrance
from .keeping import Keeper
from .links import Links
from .sessions import (
    SessionLine,
    SessionView,
    find_session,
    list_sessions,
    require_bound,
    require_session,
    touch_session,
    view_session,
)
from .spoken import Spoken, Strength
from .submit import Engine
from .transaction import retried

__all__ = ["Flows", "SessionView", "Strength"]


class Flows(Spoken):
    """All journeys of one application; ``watch`` tells what everybody does together.

    What a person reads is in the application's ``language``, or in the one that a call names: its
    answer, and the letters that its step sends.

    Args:
        ports: everything outside.
        policy: every number and switch.
        site: the public address that messages name.
        texts: the host's own texts by the ids of those that they replace, or a table of them a
            language: ``{"fr": {…}, "en": {…}}``.
        wake: called after each commit that may have queued messages; a relay's ``wake``.
        flows: the journeys; a host adds its own: ``(*STANDARD, MINE)``.
        language: ``"fr"`` or ``"en"``.

    Raises:
        ChartRefused: something is missing in a flow, or two have one name; the message says what.
        TextsInvalid: texts could never be shown; it names every id at fault.
    """

    def __init__(
        self,
        ports: Ports,
        policy: Policy | None = None,
        site: Site | None = None,
        *,
        texts: Texts | None = None,
        wake: Callable[[], None] | None = None,
        flows: Iterable[Flow] = STANDARD,
        language: Lang = "fr",
    ) -> None:
        policy = policy or Policy()
        self.flows = take_flows(flows)
        self.site = site or Site()
        catalogue = Catalogue(self.flows.values(), texts or {}, policy, language)
        self.wake = wake or _do_nothing
        app = Application(
            ports=ports,
            policy=policy,
            site=self.site,
            flows=self.flows,
            language=catalogue.language(language),
        )
        engine = Engine(app, self._awake)
        keeper = Keeper.of(ports, policy)
        super().__init__(engine, keeper, ports, policy, catalogue)
        self.watch = engine.watch
        self._links = Links(engine, keeper)
        self._entrance = Entrance(ports, policy, keeper)

    # --- journeys --------------------------------------------------------------------------------

    def preview(self, flow: str, *, language: str | None = None) -> View:
        """Show a flow's first screen without starting anything.

        Raises:
            JourneyUnknown: no flow has this name.
        """
        return self._in(language).preview(self._engine.find_flow(flow))

    def start(
        self,
        flow: str,
        session: str | None = None,
        *,
        key: str | None = None,
        client: str | None = None,
        language: str | None = None,
    ) -> View:
        """Start a journey; the view carries the secret token that opens it.

        Nothing is written before the first press: until then the token says what the journey is.

        Args:
            flow: the flow's name.
            session: the token of a signed-in session, for the flows that need one.
            key: what its client made for this start alone, unguessable: with it again, the journey
                is found that it began.
            client: taken for callers of before, and not needed any more: the journal has the
                address of each press, the first one included.
            language: in which to answer.

        Raises:
            JourneyUnknown: no flow has this name.
            SessionRequired: the flow needs a live session.
            PortUnavailable: the store did not answer.
        """
        del client
        return self._in(language).start(self._engine.find_flow(flow), session, key)

    def view(self, token: str, *, language: str | None = None) -> View:
        """Look at a journey; nothing is written, whatever the clock says.

        Refusals are not told again: they were in the answer to the press.

        Raises:
            JourneyUnknown: no journey answers to this token.
            JourneyUnreadable: it stands where this release knows no screen.
        """
        return self._in(language).view(token)

    def submit(
        self,
        token: str,
        command: Command,
        *,
        shown_at: datetime | None = None,
        browser: str | None = None,
        key: str | None = None,
        client: str | None = None,
        reference: str | None = None,
        language: str | None = None,
    ) -> View:
        """Submit what a person pressed.

        Args:
            token: the journey's secret token.
            command: what was pressed, with what was typed.
            shown_at: when the form was shown (UTC), if the adapter can vouch for it; else the
                time of the journey's last step counts.
            browser: what the last :attr:`View.browser <monespace_flows.View>` handed over in this
                browser, empty if nothing did; ``None`` where it can be kept nowhere.  A browser
                that is known so is spared the waits that others' wrong passwords bring.
            key: what its client made for this press alone.  The same press again is answered as
                before, secrets included, as long as nothing else was pressed in the journey.
            client: the address that it comes from, if the adapter can vouch for it.  The journal
                keeps a keyed pseudonym of it, and its network (/24, /48).
            reference: the journey's public reference, if the caller has it besides: another one
                is refused.
            language: in which to answer, and to write what this step sends.

        Raises:
            JourneyUnknown: no journey answers to this token, and to this reference.
            JourneyUnreadable: it stands where this release knows no screen.
            CommandNotOffered: the present screen does not offer this command.
            JourneyOver: the journey has ended or expired.
            SessionRequired: the journey's session is over.
            PortUnavailable: something outside did not answer; nothing moved.
        """
        pressed = Pressed(token, command, shown_at, browser, key, client, reference)
        engine = self._in(language)
        return retried(lambda: engine.submit(pressed), UniqueBroken)

    def given(
        self, token: str, command: Command, key: str, *, language: str | None = None
    ) -> View | None:
        """Give the answer to a press again, if it was the journey's last; nothing is written.

        Args:
            token: the journey's secret token.
            command: what was pressed, with what was typed.
            key: what its client made for that press, see :meth:`submit`.
            language: in which to answer.
        """
        return self._in(language).given_again(token, command, key)

    # --- links -----------------------------------------------------------------------------------

    def link_purpose(self, token: str) -> LinkPurpose | None:
        """Say what a link is for, if it still works; nothing is used up (``D6``)."""
        return self._links.purpose(token)

    def link_reference(self, token: str) -> str | None:
        """Name the journey that a link continues, or continued, if it is one that was sent."""
        return self._links.reference(token)

    def open_link(self, token: str, *, key: str | None = None, language: str | None = None) -> View:
        """Use a reset link up (``P3``): its journey goes on in this browser, under a new token.

        Args:
            token: the link's.
            key: what its client made for this press alone, see :meth:`submit`.
            language: in which to answer.

        Raises:
            LinkInvalid: the link is worth nothing (any more).
        """
        return self._links_in(language).open(token, key)

    def confirm_email(
        self, token: str, session: str | None, *, key: str | None = None
    ) -> SessionView:
        """Confirm the signed-in account's address by the link it received (``D7``).

        The link of another address makes that one the login; the account's other sessions end.

        Args:
            token: the link's.
            session: the signed-in session's.
            key: what its client made for this press alone: the one who has just confirmed by the
                link may ask again, where the answer was lost.

        Raises:
            SessionRequired: nobody is signed in; the link stays good.
            LinkInvalid: the link is worth nothing, or is another account's.
        """
        return self._links.confirm(token, session, key)

    def resend_confirmation(self, session: str | None, *, language: str | None = None) -> None:
        """Send the confirmation link again to the signed-in account's address (``D7``).

        Raises:
            SessionRequired: nobody is signed in.
        """
        self._links_in(language).resend_confirmation(session)

    def object_link(self, token: str) -> Objected:
        """Say « Ce n'est pas moi » by a link of a letter (decision 0017).

        Returns:
            ``"undone"``: the change of address is, and every session has ended; ``"frozen"``: the
            account opens no more until an operator has found out whose it is.

        Raises:
            LinkInvalid: the link is worth nothing (any more), or is for something else.
        """
        return self._links.object(token)

    def pending_email(self, session: str) -> str | None:
        """The address that waits to be confirmed before it is the signed-in account's login.

        Raises:
            SessionRequired: nobody is signed in.
        """
        return self._links.pending(session)

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

    def sessions(self, token: str) -> tuple[SessionLine, ...]:
        """List where the signed-in person is signed in, this session first.

        Raises:
            SessionRequired: nobody is signed in.
        """
        now = self.ports.clock.now()
        with self.ports.storage.reading() as unit:
            digest = digest_token(token)
            session, account = require_bound(unit, digest, now, self.policy.sessions)
            return list_sessions(unit, session, account, now, self.policy.sessions)

    def open_session(
        self, *, account_id: str | None = None, rpps: str | None = None, how: str = "psc"
    ) -> str:
        """Sign somebody in whom another service vouches for, such as ProSanté Connect.

        Name the person by one of the two.  The account is judged as at a sign-in with the right
        password; the account's journal has a line of it, and handlers of
        :class:`~monespace_flows.events.SignedIn` are called.

        Args:
            account_id: the account's id.
            rpps: the person's RPPS number, as the other service gives it.
            how: what the service is called in :class:`~monespace_flows.events.SignedIn`: of
                ``a-z``, ``0-9``, ``-`` and ``_``.

        Returns:
            The session's token, for a cookie of the person's own browser and nobody else.

        Raises:
            SignInRefused: the account opens to nobody; ``reason`` says why.
            ValueError: not exactly one is given, or it can be nobody's; the message repeats
                nothing.
            PortUnavailable: something outside did not answer; nothing is done.
        """
        opened = self._entrance.open(account_id=account_id, rpps=rpps, how=how)
        self._engine.after_commit()
        if isinstance(opened, SignInFault):
            raise SignInRefused(opened)
        return opened

    def sign_out(self, token: str) -> None:
        """End a session, if it is there."""
        retried(lambda: self._sign_out(digest_token(token)), UniqueBroken)

    def _sign_out(self, digest: str) -> None:
        now = self.ports.clock.now()
        with self.ports.storage.writing() as unit:
            session = unit.sessions.get(digest)
            account = unit.accounts.get(session.account_id) if session else None
            if account is not None:
                self._keeper.note(unit, account, "sign_out", now)
            unit.sessions.end(digest)

    def accept_terms(self, session: str | None) -> None:
        """Record that the signed-in person accepts the present version of the terms.

        Raises:
            SessionRequired: nobody is signed in.
            PortBusy: others changed the account again and again at the same moment.
        """
        retried(lambda: self._accept_terms(session), UniqueBroken)

    def _accept_terms(self, session: str | None) -> None:
        now = self.ports.clock.now()
        with self.ports.storage.writing() as unit:
            digest = digest_token(session) if session else None
            _, holder = require_bound(unit, digest, now, self.policy.sessions)
            self._keeper.hold(unit, holder)  # first, as whoever acts on an account does
            _, account = require_session(unit, session, now, self.policy.sessions)
            accepted = evolve(
                account,
                terms_version=self.policy.identity.terms_version,
                terms_accepted_at=now,
                version=account.version + 1,
            )
            unit.accounts.update(accepted, account.version)
            self._keeper.note(unit, accepted, "accept_terms", now)

    def _awake(self) -> None:
        self.wake()


def _do_nothing() -> None:
    """The default ``wake``: a relay that polls needs none."""
