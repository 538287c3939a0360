"""People of the demo, who press buttons on a sandbox and then ring the desk."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from monespace_flows.commands import (
    Activate,
    Back,
    Command,
    ContinueRecovery,
    Create,
    Extend,
    RequestLink,
    ResendCode,
    Save,
    SavePassword,
    SendCode,
    SignIn,
    SubmitCode,
    SubmitIdentity,
)
from monespace_flows.errors import JourneyOver, LinkInvalid
from monespace_flows.flows import FLOWS
from monespace_flows.journal.deliveries import read_deliveries
from monespace_flows.journal.entry import Entry
from monespace_flows.journal.export import StoredJournal
from monespace_flows.screens import View
from monespace_flows.support.diagnosis import Diagnosis, diagnose
from monespace_flows.testing import Sandbox

GOOD_PASSWORD = "neuf tasses de thé vert"
JOHN = ("17/06/1975", "99000000002")
AMELIE = ("28/02/1982", "99000000010")
CLAIRE = ("03/11/1990", "99000000028")
EVE = ("31/12/1988", "99000000069")
RENE = ("01/01/1960", "99000000051")


EMAIL = "cabinet@exemple.example"


class Person:
    """Someone in a journey: ``who``, ``email`` and ``password`` are what they type unless told."""

    def __init__(
        self,
        sandbox: Sandbox,
        flow: str,
        session: str | None = None,
        *,
        who: tuple[str, str] = JOHN,
        email: str = EMAIL,
        password: str = GOOD_PASSWORD,
    ) -> None:
        self.sandbox = sandbox
        self.flow = flow
        self.who = who
        self.email = email
        self.password = password
        self.view: View = sandbox.flows.start(flow, session)
        self.session: str | None = None
        self.about: str | None = None  # the journal that is read instead of this journey's

    @property
    def reference(self) -> str:
        return self.about or self.view.reference

    def press(self, command: Command, key: str | None = None) -> Person:
        try:
            view = self.sandbox.flows.submit(self.view.token, command, key=key)
        except JourneyOver as over:
            view = over.view
        self.view = view
        self.session = view.session or self.session
        return self

    def waits(self, *, minutes: float = 0, seconds: float = 0, hours: float = 0) -> Person:
        self.sandbox.clock.advance(minutes=minutes, seconds=seconds, hours=hours)
        return self

    def identifies(self, who: tuple[str, str] | None = None, *, terms: bool = True) -> Person:
        born, rpps = who or self.who
        return self.press(SubmitIdentity(birth_date=born, rpps=rpps, accept_terms=terms))

    def goes_on(self) -> Person:
        return self.press(ContinueRecovery())

    def goes_back(self) -> Person:
        return self.press(Back())

    def extends(self) -> Person:
        return self.press(Extend())

    def asks_code(self, channel: str = "sms") -> Person:
        return self.press(SendCode(channel))

    def asks_again(self) -> Person:
        return self.press(ResendCode())

    @property
    def code(self) -> str:
        return next(m.code for m in reversed(list(self.sandbox.messages)) if m.code) or ""

    def types_code(self, code: str | None = None) -> Person:
        return self.press(SubmitCode(self.code if code is None else code))

    def types_wrong_code(self, times: int = 1) -> Person:
        for _ in range(times):
            self.types_code(f"{(int(self.code) + 1) % 1_000_000:06}")
        return self

    def activates(
        self,
        email: str | None = None,
        again: str | None = None,
        password: str | None = None,
        password_again: str | None = None,
        key: str | None = None,
    ) -> Person:
        email, password = email or self.email, password or self.password
        return self.press(
            Activate(
                email=email,
                email_confirmation=email if again is None else again,
                password=password,
                password_confirmation=password if password_again is None else password_again,
            ),
            key,
        )

    def creates(self, password: str | None = None) -> Person:
        password = password or self.password
        return self.press(Create(password=password, password_confirmation=password))

    def asks_link(self, email: str | None = None) -> Person:
        return self.press(RequestLink(email or self.email))

    @property
    def link(self) -> str:
        sent = [m for m in self.sandbox.messages if m.purpose == "reset_link"]
        return sent[-1].link_token

    def opens(self, link: str | None = None) -> Person:
        with contextlib.suppress(LinkInvalid):
            self.view = self.sandbox.flows.open_link(self.link if link is None else link)
        return self

    def saves_password(self, password: str | None = None, again: str | None = None) -> Person:
        password = password or self.password
        other = password if again is None else again
        return self.press(SavePassword(password=password, password_confirmation=other))

    def signs_in(self, email: str | None = None, password: str | None = None) -> Person:
        return self.press(SignIn(email=email or self.email, password=password or self.password))

    def saves(
        self, email: str | None = None, password: str = "", current: str | None = None
    ) -> Person:
        return self.press(
            Save(
                current_password=current or self.password,
                email=email or self.email,
                password=password,
                password_confirmation=password,
            )
        )

    def recorded(self) -> StoredJournal:
        with self.sandbox.storage.reading() as unit:
            sent = unit.outbox.of_journey(self.reference)
            return StoredJournal(
                self.reference,
                tuple(unit.journal.lines(self.reference)),
                tuple(line for it in sent if it.history for line in it.history.split("\n")),
            )

    def told(self) -> Sequence[str]:
        """The lines of the journal, then those of its messages."""
        recorded = self.recorded()
        return (*recorded.lines, *recorded.deliveries)

    def entries(self) -> Sequence[Entry]:
        return self.recorded().entries()

    def diagnosis(self) -> Diagnosis:
        """What the desk says when the person rings now."""
        now = self.sandbox.clock.now()
        deliveries = read_deliveries(self.recorded().deliveries)
        return diagnose(FLOWS[self.flow], self.entries(), now=now, deliveries=deliveries)


def an_account(
    sandbox: Sandbox,
    email: str = EMAIL,
    *,
    who: tuple[str, str] = JOHN,
    password: str = GOOD_PASSWORD,
) -> Person:
    """A doctor, John unless told, has an account whose address is confirmed."""

    def person(flow: str) -> Person:
        return Person(sandbox, flow, who=who, email=email, password=password)

    created = person("creation").identifies().asks_code().types_code().activates()
    confirmation = next(m for m in reversed(list(sandbox.messages)) if m.purpose == "confirmation")
    signed = person("signin").signs_in()
    sandbox.flows.confirm_email(confirmation.link_token, signed.session)
    return created
