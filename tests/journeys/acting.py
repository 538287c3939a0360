"""What the tests of the journeys do and see, as a person would: press, read, receive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve, frozen

from monespace_backends.storage import SqlStorage
from monespace_backends.storage.engine import WRITES
from monespace_backends.storage.tables import metadata, to_journey, to_record
from monespace_flows import (
    Activate,
    Back,
    ChooseEmail,
    CloseSessions,
    ContinueRecovery,
    Create,
    Extend,
    RequestLink,
    RequestResetLink,
    ResendCode,
    Restart,
    Save,
    SavePassword,
    SendCode,
    SignIn,
    SubmitCode,
    SubmitIdentity,
    View,
)
from monespace_flows.commands import Command, Tick, UseLink
from monespace_flows.effects import Budget
from monespace_flows.errors import JourneyOver
from monespace_flows.journal.entry import Entry, read_journal
from monespace_flows.journey import StoredJourney
from monespace_flows.ports import Account, OutboxMessage, Session, StoredLink
from monespace_flows.screens import FieldView, NoticeView, Place, ScreenView
from monespace_flows.testing import DeliveredMessage, MemoryStorage, Sandbox
from monespace_flows.testing.tables import Table

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
"""When every sandbox begins."""

PASSWORD = "cheval correct pile agrafe"
OTHER_PASSWORD = "treize bougies sous la pluie"
WRONG_PASSWORD = "ce n'est pas le bon mot"
LOGIN = "jean@cabinet.example"
OTHER_LOGIN = "cabinet.jean@ailleurs.example"


@frozen(kw_only=True)
class Person:
    """Someone whom the demo's registry knows, or not."""

    rpps: str
    birth_date: str
    mobile: str = ""
    email: str = ""


JOHN = Person(
    rpps="99000000002",
    birth_date="17/06/1975",
    mobile="+33612345678",
    email="john.medecin@cn.medecin.example",
)
AMELIE = Person(rpps="99000000010", birth_date="28/02/1982", mobile="+33698765432")
CLAIRE = Person(rpps="99000000028", birth_date="03/11/1990", email="claire.martin@medecin.example")
PAUL = Person(
    rpps="99000000036",
    birth_date="21/04/1996",
    mobile="+33711223344",
    email="paul.interne@chu.example",
)
LEA = Person(
    rpps="99000000044",
    birth_date="12/09/1994",
    mobile="+33755667788",
    email="lea.junior@chu.example",
)
STRUCK_OFF = Person(rpps="99000000051", birth_date="01/01/1960")
UNREACHABLE = Person(rpps="99000000069", birth_date="31/12/1988")
SUSPENDED = Person(rpps="99000000085", birth_date="29/02/1984")
NOBODY = Person(rpps="99999999990", birth_date="17/06/1975")

ROLES = {"medecin": JOHN, "interne": PAUL, "docteur_junior": LEA}


# --- what a person reads -------------------------------------------------------------------------


def labels(view: View) -> list[str]:
    return [field.label for field in view.screen.fields]


def field(view: View, name: str) -> FieldView:
    return next(field for field in view.screen.fields if field.name == name)


def buttons(view: View) -> list[str]:
    return [button.label for button in view.screen.buttons]


def links(view: View) -> dict[str, Place | str]:
    return {link.label: link.to for link in view.screen.links}


def said(view: View) -> list[str]:
    return [notice.text for notice in view.notices]


def notices(view: View) -> list[str]:
    return [notice.id for notice in view.notices]


def but_for(view: View, address: str) -> tuple[str | None, ScreenView, tuple[NoticeView, ...]]:
    """What a person sees, but for the address that they typed themselves."""
    intro = (view.screen.intro or "").replace(address, "…")
    return intro, evolve(view.screen, intro=None), view.notices


def only_notice(view: View) -> NoticeView:
    (notice,) = view.notices
    return notice


def errors(view: View) -> dict[str, str]:
    return {field.name: field.error for field in view.screen.fields if field.error}


def options(view: View) -> dict[str, str]:
    """The contacts to choose from: the masked label by the kind of channel."""
    return {option.kind: option.label for option in field(view, "channel").options}


# --- what a person receives ----------------------------------------------------------------------


def newest(sandbox: Sandbox, purpose: str) -> DeliveredMessage:
    return [message for message in sandbox.messages if message.purpose == purpose][-1]


def code_received(sandbox: Sandbox) -> str:
    return newest(sandbox, "code").code or ""


def wrong_code(sandbox: Sandbox, number: int = 1) -> str:
    """A code of the right shape, which is not the one received."""
    right = code_received(sandbox)
    return str((int(right) + number) % 10 ** len(right)).zfill(len(right))


def link_received(sandbox: Sandbox) -> str:
    return newest(sandbox, "reset_link").link_token


def confirmation_received(sandbox: Sandbox) -> str:
    return newest(sandbox, "confirmation").link_token


# --- what a person types -------------------------------------------------------------------------


def identity(person: Person = JOHN, *, accept_terms: bool = True) -> SubmitIdentity:
    return SubmitIdentity(birth_date=person.birth_date, rpps=person.rpps, accept_terms=accept_terms)


def wrong_birth_date(person: Person = JOHN) -> SubmitIdentity:
    return evolve(identity(person), birth_date="18/06/1975")


def activation(
    email: str = LOGIN,
    password: str = PASSWORD,
    *,
    again: str | None = None,
    password_again: str | None = None,
) -> Activate:
    return Activate(
        email=email,
        email_confirmation=email if again is None else again,
        password=password,
        password_confirmation=password if password_again is None else password_again,
    )


def creation(password: str = PASSWORD, *, again: str | None = None) -> Create:
    return Create(password=password, password_confirmation=password if again is None else again)


def new_password(password: str = OTHER_PASSWORD, *, again: str | None = None) -> SavePassword:
    return SavePassword(
        password=password, password_confirmation=password if again is None else again
    )


def save(
    current_password: str = PASSWORD,
    *,
    email: str = JOHN.email,
    password: str = "",
    again: str | None = None,
) -> Save:
    return Save(
        current_password=current_password,
        email=email,
        password=password,
        password_confirmation=password if again is None else again,
    )


# --- how far a person has come -------------------------------------------------------------------


def identified(sandbox: Sandbox, person: Person = JOHN, flow: str = "creation") -> View:
    """Someone the Order knows and can reach: they choose where their code goes."""
    view = sandbox.flows.submit(sandbox.flows.start(flow).token, identity(person))
    if view.state == "account_found":
        view = sandbox.flows.submit(view.token, ContinueRecovery())
    return view


def awaiting_code(
    sandbox: Sandbox, person: Person = JOHN, channel: str = "sms", flow: str = "creation"
) -> View:
    view = identified(sandbox, person, flow)
    return sandbox.flows.submit(view.token, SendCode(channel))


def code_accepted(
    sandbox: Sandbox, person: Person = JOHN, channel: str = "sms", flow: str = "creation"
) -> View:
    view = awaiting_code(sandbox, person, channel, flow)
    return sandbox.flows.submit(view.token, SubmitCode(code_received(sandbox)))


def created(sandbox: Sandbox, person: Person = JOHN, password: str = PASSWORD) -> View:
    """Someone whose account has the Order's own address, which is thereby confirmed."""
    view = code_accepted(sandbox, person, "email")
    return sandbox.flows.submit(view.token, creation(password))


def created_by_sms(sandbox: Sandbox, person: Person = JOHN, email: str = LOGIN) -> View:
    """Someone whose account has an address that nobody has confirmed."""
    view = code_accepted(sandbox, person, "sms")
    return sandbox.flows.submit(view.token, activation(email))


def recovered(sandbox: Sandbox, person: Person = JOHN, email: str = OTHER_LOGIN) -> View:
    view = code_accepted(sandbox, person, "sms", "recovery")
    return sandbox.flows.submit(view.token, activation(email, OTHER_PASSWORD))


def sign_in(sandbox: Sandbox, email: str = JOHN.email, password: str = PASSWORD) -> View:
    token = sandbox.flows.start("signin").token
    return sandbox.flows.submit(token, SignIn(email=email, password=password))


def session_of(sandbox: Sandbox, email: str = JOHN.email, password: str = PASSWORD) -> str:
    """The token of a new session of an account."""
    session = sign_in(sandbox, email, password).session
    assert session is not None
    return session


def member(sandbox: Sandbox, person: Person = JOHN) -> str:
    """Someone who has an account and is signed in: the session's token."""
    created(sandbox, person)
    return session_of(sandbox, person.email)


def link_requested(sandbox: Sandbox, email: str = JOHN.email) -> View:
    token = sandbox.flows.start("reset").token
    return sandbox.flows.submit(token, RequestLink(email))


def link_used(sandbox: Sandbox, email: str = JOHN.email) -> View:
    link_requested(sandbox, email)
    return sandbox.flows.open_link(link_received(sandbox))


def password_reset(sandbox: Sandbox, email: str = JOHN.email) -> View:
    return sandbox.flows.submit(link_used(sandbox, email).token, new_password())


def changed(sandbox: Sandbox, view: View, email: str = OTHER_LOGIN) -> str:
    """The login becomes another: asked for in the settings, then confirmed; the session."""
    session = sandbox.flows.submit(view.token, save(email=email)).session
    assert session is not None
    sandbox.flows.confirm_email(confirmation_received(sandbox), session)
    return session


def settings(sandbox: Sandbox, person: Person = JOHN) -> View:
    return sandbox.flows.start("settings", member(sandbox, person))


# --- every place where a person can stand --------------------------------------------------------


def _account_found(sandbox: Sandbox) -> View:
    created(sandbox)
    return sandbox.flows.submit(sandbox.flows.start("recovery").token, identity())


def _link_used(sandbox: Sandbox) -> View:
    created(sandbox)
    return link_used(sandbox)


def _password_changed(sandbox: Sandbox) -> View:
    created(sandbox)
    return password_reset(sandbox)


def _link_sent(sandbox: Sandbox) -> View:
    created(sandbox)
    return link_requested(sandbox)


def _signed_in(sandbox: Sandbox) -> View:
    created(sandbox)
    return sign_in(sandbox)


def _expired(flow: str) -> Callable[[Sandbox], View]:
    def leave(sandbox: Sandbox) -> View:
        token = sandbox.flows.start(flow).token
        sandbox.clock.advance(minutes=30)
        return over(sandbox, token)

    return leave


def _settings_expired(sandbox: Sandbox) -> View:
    session = member(sandbox)
    token = sandbox.flows.start("settings", session).token
    sandbox.clock.advance(minutes=20)
    sandbox.flows.session(session)
    sandbox.clock.advance(minutes=10)
    return over(sandbox, token)


def begun(sandbox: Sandbox, flow: str = "creation", session: str | None = None) -> View:
    """A journey that its first press has written: « Prolonger » moves nobody."""
    return sandbox.flows.submit(sandbox.flows.start(flow, session).token, Extend())


PLACES: dict[tuple[str, str], Callable[[Sandbox], View]] = {
    ("creation", "enter_identity"): lambda it: begun(it, "creation"),
    ("creation", "choose_channel"): identified,
    ("creation", "enter_code"): awaiting_code,
    ("creation", "choose_credentials"): code_accepted,
    ("creation", "choose_password"): lambda it: code_accepted(it, channel="email"),
    ("creation", "created"): created,
    ("creation", "expired"): _expired("creation"),
    ("recovery", "enter_identity"): lambda it: begun(it, "recovery"),
    ("recovery", "account_found"): _account_found,
    ("recovery", "choose_channel"): lambda it: identified(it, flow="recovery"),
    ("recovery", "enter_code"): lambda it: awaiting_code(it, flow="recovery"),
    ("recovery", "choose_credentials"): lambda it: code_accepted(it, flow="recovery"),
    ("recovery", "recovered"): recovered,
    ("recovery", "expired"): _expired("recovery"),
    ("reset", "enter_email"): lambda it: begun(it, "reset"),
    ("reset", "link_sent"): _link_sent,
    ("reset", "choose_new_password"): _link_used,
    ("reset", "password_changed"): _password_changed,
    ("reset", "expired"): _expired("reset"),
    ("signin", "enter_credentials"): lambda it: begun(it, "signin"),
    ("signin", "signed_in"): _signed_in,
    ("signin", "expired"): _expired("signin"),
    ("settings", "edit_settings"): lambda it: begun(it, "settings", member(it)),
    ("settings", "expired"): _settings_expired,
}
"""How a person comes to every state of every journey."""


def _login_taken(sandbox: Sandbox) -> View:
    """Someone whose address at the Order is the proven login of a colleague."""
    created(sandbox, PAUL)
    sandbox.registry.change(JOHN.rpps, email=PAUL.email)
    view = code_accepted(sandbox, channel="email")
    return sandbox.flows.submit(view.token, creation())


def _own_address_typed(sandbox: Sandbox) -> View:
    """Someone who recovers the account and types the very address that it has."""
    created_by_sms(sandbox)
    view = code_accepted(sandbox, flow="recovery")
    return sandbox.flows.submit(view.token, activation(LOGIN))


OFFERING = {
    ("creation", "choose_password", "choose_email"): _login_taken,
    ("recovery", "choose_credentials", "send_reset_link"): _own_address_typed,
}
"""How a person comes to the buttons that not everyone is shown."""


def place(flow: str, state: str, event: str) -> Callable[[Sandbox], View]:
    """How a person comes to a state in which a command is offered."""
    return OFFERING.get((flow, state, event), PLACES[flow, state])


def pressing(sandbox: Sandbox, event: str) -> Command:
    """A command of one kind, filled in as well as its sender can know."""
    codes = [message.code or "" for message in sandbox.messages if message.purpose == "code"]
    tokens = [message.link_token for message in sandbox.messages if message.link]
    commands = (
        identity(),
        Extend(),
        SendCode("sms"),
        SubmitCode(codes[-1] if codes else "123456"),
        ResendCode(),
        Back(),
        ContinueRecovery(),
        ChooseEmail(),
        Restart(),
        activation("encore@cabinet.example"),
        creation(),
        RequestLink(JOHN.email),
        RequestResetLink(),
        UseLink(tokens[-1] if tokens else ""),
        new_password(),
        SignIn(email=JOHN.email, password=PASSWORD),
        save(password=OTHER_PASSWORD),
        CloseSessions(),
        Tick(),
    )
    return next(command for command in commands if command.event == event)


# --- what is stored ------------------------------------------------------------------------------


def kept(sandbox: Sandbox) -> dict[str, dict[Any, Any]]:
    """Everything committed, table by table."""
    if isinstance(sandbox.storage, SqlStorage):
        return _kept_by_sql(sandbox.storage)
    assert isinstance(sandbox.storage, MemoryStorage)
    tables = vars(sandbox.storage._tables)
    return {name: dict(it._rows) for name, it in tables.items() if isinstance(it, Table)}


_KINDS: Mapping[str, type[Any]] = {
    "accounts": Account, "sessions": Session, "links": StoredLink, "outbox": OutboxMessage,
}  # fmt: skip


_EVERY = {table: table.select() for table in metadata.sorted_tables}


def _kept_by_sql(storage: SqlStorage) -> dict[str, dict[Any, Any]]:
    found: dict[str, dict[Any, Any]] = {}
    with storage._looking() as transaction:
        for table, every in _EVERY.items():
            for row in transaction.all(every):
                key = tuple(row[it.name] for it in table.primary_key)
                record: Any = Row(row)
                if table.name == "journeys":
                    record = to_journey(row)
                elif table.name in _KINDS:
                    record = to_record(row, _KINDS[table.name])
                rows = found.setdefault(table.name, {})
                rows[key[0] if len(key) == 1 else key] = record
            found.setdefault(table.name, {})
    return found


@frozen
class Row:
    """A row that no record stands for, by the names of its columns."""

    columns: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        value = self.columns[name]
        return Budget(value) if name == "budget" else value


def counted(sandbox: Sandbox, budget: Budget) -> int:
    """How many events are counted against anyone."""
    return sum(row.budget is budget for row in kept(sandbox)["budgets"].values())


def accounts(sandbox: Sandbox) -> list[Account]:
    return list(kept(sandbox)["accounts"].values())


def disable(sandbox: Sandbox) -> None:
    """Close every account, as support would."""
    with sandbox.storage.writing() as unit:
        for account in accounts(sandbox):
            closed = evolve(account, disabled_at=START, version=account.version + 1)
            unit.accounts.update(closed, account.version)


def forget_journeys(sandbox: Sandbox) -> None:
    """Lose every journey, and nothing else."""
    if isinstance(sandbox.storage, SqlStorage):
        with sandbox.storage._engine.execution_options(**{WRITES: True}).begin() as connection:
            connection.execute(metadata.tables["journeys"].delete())
        return
    assert isinstance(sandbox.storage, MemoryStorage)
    sandbox.storage._tables.journeys.apply(dict.fromkeys(kept(sandbox)["journeys"]))


def put_in_state(sandbox: Sandbox, view: View, state: str) -> None:
    """Store a journey in a state that no step led to, as another release might have."""
    stored = journey_of(sandbox, view)
    moved = evolve(stored, journey=evolve(stored.journey, state=state))
    with sandbox.storage.writing() as unit:
        unit.journeys.swap(moved, stored.journey.seq)


def journey_of(sandbox: Sandbox, view: View) -> StoredJourney:
    with sandbox.storage.reading() as unit:
        stored = unit.journeys.get(view.reference)
    assert stored is not None
    return stored


def journal_of(sandbox: Sandbox, view: View) -> tuple[Entry, ...]:
    with sandbox.storage.reading() as unit:
        return read_journal(unit.journal.lines(view.reference))


def journal_lines(sandbox: Sandbox, view: View) -> list[str]:
    with sandbox.storage.reading() as unit:
        return list(unit.journal.lines(view.reference))


def over(sandbox: Sandbox, token: str, command: Command | None = None) -> View:
    """What someone sees who presses a button of a journey that is over."""
    with pytest.raises(JourneyOver) as refusal:
        sandbox.flows.submit(token, command or Extend())
    return refusal.value.view
