"""A sandbox, and what people do in it: the gestures that scenarios are written with."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from monespace_flows import (
    Activate,
    Back,
    Create,
    RequestLink,
    Save,
    SavePassword,
    SendCode,
    SignIn,
    SubmitCode,
    SubmitIdentity,
    View,
)
from monespace_flows.commands import COMMANDS, Command
from monespace_flows.errors import JourneyOver
from monespace_flows.facts import Channel
from monespace_flows.testing import Sandbox

from .people import PASSWORD, Person

__all__ = ["Scenario", "Stage"]


class Stage:
    """One sandbox; every command of every scenario goes through :meth:`submit`."""

    def __init__(self, box: Sandbox | None = None) -> None:
        self.box = box or Sandbox()
        self.flows = self.box.flows

    def start(self, flow: str, session: str | None = None) -> View:
        return self.flows.start(flow, session)

    def submit(self, view: View, command: Command) -> View:
        return self.flows.submit(view.token, command)

    def open_link(self, token: str) -> View:
        return self.flows.open_link(token)

    def pass_time(self, **span: float) -> None:
        self.box.clock.advance(**span)

    # --- who one is, and a code ------------------------------------------------------------------

    def identify(
        self,
        view: View,
        person: Person,
        *,
        rpps: str | None = None,
        birth_date: str | None = None,
        accept_terms: bool = True,
    ) -> View:
        return self.submit(
            view,
            SubmitIdentity(
                birth_date=person.birth_date if birth_date is None else birth_date,
                rpps=person.rpps if rpps is None else rpps,
                accept_terms=accept_terms,
            ),
        )

    def identified(self, flow: str, person: Person) -> View:
        """Come to where the channel is chosen, by way of an account found if need be."""
        view = self.identify(self.start(flow), person)
        return self.press(view, "continue_recovery") if view.state == "account_found" else view

    def code_sent(self, flow: str, person: Person, channel: Channel = Channel.SMS) -> View:
        return self.submit(self.identified(flow, person), SendCode(channel.value))

    def code(self, person: Person, channel: Channel = Channel.SMS) -> str:
        """Read the newest code that a person received."""
        codes = (message.code for message in self.box.messages.to(person.destination(channel)))
        return [code for code in codes if code][-1]

    def wrong_code(self, person: Person, channel: Channel = Channel.SMS) -> str:
        right = self.code(person, channel)
        return str((int(right) + 1) % 10 ** len(right)).zfill(len(right))

    def verified(self, flow: str, person: Person, channel: Channel = Channel.SMS) -> View:
        view = self.code_sent(flow, person, channel)
        return self.submit(view, SubmitCode(self.code(person, channel)))

    # --- credentials -----------------------------------------------------------------------------

    def activate(
        self,
        view: View,
        email: str,
        password: str = PASSWORD,
        *,
        email_confirmation: str | None = None,
        password_confirmation: str | None = None,
    ) -> View:
        return self.submit(
            view,
            Activate(
                email=email,
                email_confirmation=email if email_confirmation is None else email_confirmation,
                password=password,
                password_confirmation=(
                    password if password_confirmation is None else password_confirmation
                ),
            ),
        )

    def create(self, view: View, password: str = PASSWORD, confirmation: str | None = None) -> View:
        again = password if confirmation is None else confirmation
        return self.submit(view, Create(password=password, password_confirmation=again))

    def account(self, person: Person, email: str, password: str = PASSWORD) -> View:
        """Create an account by SMS under an address of one's own."""
        return self.activate(self.verified("creation", person), email, password)

    def proven_account(self, person: Person, password: str = PASSWORD) -> View:
        """Create an account by e-mail, under the Order's address."""
        return self.create(self.verified("creation", person, Channel.EMAIL), password)

    # --- sessions and links ----------------------------------------------------------------------

    def sign_in(self, email: str, password: str = PASSWORD) -> View:
        return self.submit(self.start("signin"), SignIn(email=email, password=password))

    def session(self, email: str, password: str = PASSWORD) -> str:
        session = self.sign_in(email, password).session
        assert session is not None
        return session

    def save(
        self,
        view: View,
        email: str,
        current: str = PASSWORD,
        password: str = "",
        confirmation: str | None = None,
    ) -> View:
        return self.submit(
            view,
            Save(
                current_password=current,
                email=email,
                password=password,
                password_confirmation=password if confirmation is None else confirmation,
            ),
        )

    def link_for(self, email: str) -> str:
        """Ask for a reset link and read it."""
        self.submit(self.start("reset"), RequestLink(email))
        return self.box.messages.to(email)[-1].link_token

    def submit_new_password(
        self, view: View, password: str, confirmation: str | None = None
    ) -> View:
        again = password if confirmation is None else confirmation
        return self.submit(view, SavePassword(password=password, password_confirmation=again))

    # --- what is pressed without typing, and time ------------------------------------------------

    def press(self, view: View, event: str) -> View:
        return self.submit(view, COMMANDS[event]())

    def back(self, view: View) -> View:
        return self.submit(view, Back())

    def outlive(self, view: View) -> View:
        """Press something once the journey is over, and see its last screen."""
        late = view.expires_at - self.box.clock.now() + timedelta(seconds=1)
        self.pass_time(seconds=late.total_seconds())
        with pytest.raises(JourneyOver) as over:
            self.press(view, "extend")
        return over.value.view


Scenario = Callable[[Stage], None]
"""A story told on a stage."""
