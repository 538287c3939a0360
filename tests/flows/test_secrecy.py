"""No record shows what was typed or what must stay secret when it is printed."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from types import ModuleType
from typing import Any, get_args, get_type_hints

import attrs
import pytest

from monespace_flows import commands, facts, journey, notices, ports, screens
from monespace_flows.commands import Command
from monespace_flows.driver import case, sessions
from monespace_flows.driver.acts import base, code, credentials, identity, letters, link
from monespace_flows.driver.acts.base import EffectContext
from monespace_flows.driver.acts.credentials import FoundCredentials
from monespace_flows.driver.case import Application, Site
from monespace_flows.flows import FLOWS
from monespace_flows.language import Language
from monespace_flows.policy import Policy
from monespace_flows.ports import outbox as outbox_port
from monespace_flows.ports import storage as storage_port
from monespace_flows.step import begin
from monespace_flows.testing import Sandbox

from .charts import NOW

MARK = "MARK"
ACTS = (base, code, credentials, identity, letters, link)
PORTS = (ports, storage_port, outbox_port)
MODULES = (commands, facts, journey, notices, *PORTS, screens, case, sessions, *ACTS)

ABOUT_NOBODY = (case.Application, case.Site)
"""What is configured, before anybody comes; a case that holds it is printed below."""

MAY_BE_SHOWN = {
    # what is said to everyone: words of our own
    *(f"{kind}.{name}" for kind in ("Notice", "NoticeView") for name in ("id", "fields")),
    "Notice.text",
    "Client.network",  # a network of hundreds, which support reads (decision 0018)
    *(f"{kind}.{name}" for kind in ("Field", "FieldView") for name in ("name", "label")),
    *(f"{kind}.{name}" for kind in ("Field", "FieldView") for name in ("hint", "autocomplete")),
    *(f"{kind}.{name}" for kind in ("Screen", "ScreenView") for name in ("id", "title", "again")),
    *(f"{kind}.{name}" for kind in ("Screen", "ScreenView") for name in ("section", "step")),
    *(f"Screen.{name}" for name in ("intro", "standing")),
    *(f"Button.{name}" for name in ("command", "label", "requires")),
    *(f"Letter.{name}" for name in ("id", "paragraphs", "without_link")),
    *(f"Letter.{name}" for name in ("subject", "link")),
    "Link.label",
    "Link.to",
    "FieldView.error",
    "Message.purpose",
    "Message.link_label",
    "OutboxMessage.purpose",
    "OutboxMessage.error",
    "OutboxMessage.listener",  # what a host calls its own code
    "Listener.kind",
    "Listener.name",
    "Journey.notices",
    # what is random or keyed, and opens nothing
    "Contact.id",
    "Option.value",
    "Facts.subject",
    "Journey.subject",
    "Journey.reference",
    "JourneyQuery.subjects",
    "StoredJourney.account_id",
    "StoredJourney.journal_hash",
    "Account.id",
    "Session.account_id",
    "EffectContext.key",
    "Press.said",
    "Answer.said",
    "Answer.outcome",
    "StoredLink.account_id",
    "StoredLink.journey",
    "Message.id",
    "OutboxMessage.id",
    "OutboxMessage.journey",
    "View.reference",
    # where a journey stands
    "Journey.flow",
    "Journey.state",
    "Backlog.channel",
    "Backlog.status",
    "JourneyQuery.flow",
    "JourneyQuery.state",
    "View.flow",
    "View.state",
    # what a person sees of themselves: masked, or a version, or a public body
    "Contact.masked",
    "Option.label",
    "Option.kind",
    "Option.unavailable",
    "IdentityFacts.terms_version",
    "Journey.terms_version",
    "Account.terms_version",
    "SessionView.account_id",
    "SessionView.terms_version",
    "Doctor.council",
}
"""The text that a record may print; everything else that holds text is kept out of its repr."""


def records() -> Iterator[type[Any]]:
    for module in MODULES:
        yield from _records(module)


def _records(module: ModuleType) -> Iterator[type[Any]]:
    for _, held in inspect.getmembers(module, inspect.isclass):
        ours = held.__module__ == module.__name__ and attrs.has(held)
        if ours and held not in ABOUT_NOBODY:
            yield held


def texts(kind: type[Any]) -> dict[str, object]:
    """The fields of a record that can hold text, each with text that names it."""
    hints = get_type_hints(kind)
    found: dict[str, object] = {}
    for field in attrs.fields(kind):
        if field.init and str in (hints[field.name], *get_args(hints[field.name])):
            many = str(hints[field.name]).startswith("tuple")
            mark = f"{MARK}.{field.name}."
            found[field.name] = (mark,) if many else mark
    return found


def make(kind: type[Any], words: dict[str, object]) -> Any:
    """A record with those words, and whatever else it needs."""
    values: dict[str, object] = {}
    hints = get_type_hints(kind)
    for field in attrs.fields(kind):
        if field.name in words:
            values[field.name] = words[field.name]
        elif field.init and field.default is attrs.NOTHING:
            values[field.name] = _value(hints[field.name])
    return kind(**values)


def _value(kind: Any) -> Any:
    if kind is datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)
    if inspect.isclass(kind) and issubclass(kind, Enum):
        return next(iter(kind))
    known: dict[Any, Any] = {int: 0, bool: False, Policy: Policy(), Site: Site()}
    if kind in known:
        return known[kind]
    if kind is journey.Journey:
        return begin(FLOWS["creation"], "2345-6789", NOW)
    if kind is journey.StoredJourney:
        return make(journey.StoredJourney, {"token_digest": MARK + ".token_digest."})
    return () if str(kind).startswith("tuple") else None


def shown(kind: type[Any]) -> set[str]:
    """The fields whose text is in the record's repr."""
    words = texts(kind)
    text = repr(make(kind, words))
    owners = {field.name: _owner(kind, field.name) for field in attrs.fields(kind)}
    return {f"{owners[name]}.{name}" for name in words if f"{MARK}.{name}." in text}


def _owner(kind: type[Any], name: str) -> str:
    """The class in which a field was written."""
    bases = reversed(kind.__mro__)
    return next(base.__name__ for base in bases if name in inspect.get_annotations(base))


@pytest.mark.parametrize("kind", list(records()), ids=lambda kind: kind.__name__)
def test_pr_01_a_record_prints_no_text_but_what_may_be_shown(kind: type[Any]) -> None:
    """A new field must be kept out of the repr, or be named above with its reason."""
    assert shown(kind) <= MAY_BE_SHOWN


def test_pr_01_nothing_is_named_above_in_vain() -> None:
    """The list does not grow old."""
    assert {text for kind in records() for text in shown(kind)} == MAY_BE_SHOWN


@pytest.mark.parametrize("kind", commands.COMMANDS.values(), ids=commands.COMMANDS)
def test_pr_01_a_command_prints_nothing_that_was_typed(kind: type[Command]) -> None:
    """Not one of its fields."""
    assert MARK not in repr(make(kind, texts(kind)))


def test_pr_01_a_case_prints_nothing_that_it_works_with() -> None:
    """It holds everything for a moment: ports, commands, doctors, tokens."""
    sandbox = Sandbox()
    stored = make(journey.StoredJourney, {"token_digest": MARK})
    app = Application(
        ports=sandbox.ports,
        policy=Policy(),
        site=Site(),
        language=Language(texts={"id": MARK}),
        flows=FLOWS,
    )
    it = case.Case(
        app=app,
        flow=FLOWS["creation"],
        stored=stored,
        command=commands.SubmitCode(MARK),
        at=NOW,
        dossier=case.Dossier(rpps=MARK, email=MARK),
    )
    found = FoundCredentials(
        subjects=(MARK,),
        email_digests=(MARK,),
        doctor=ports.Doctor(rpps=MARK, role=facts.Role.DOCTOR, mobile=MARK, email=MARK),
        email=ports.EmailAddress(MARK, MARK),
        password_hash=MARK,
    )
    with sandbox.storage.writing() as unit:
        context = EffectContext(
            case=it,
            unit=unit,
            found=found,
            after=stored.journey,
            account=None,
            previous_email=MARK,
            token=MARK,
            session_token=MARK,
        )
        assert MARK not in repr(context)

    assert MARK not in repr(it)
    assert MARK not in repr(found)
    assert MARK not in repr(it.ports)


def test_pr_01_a_port_prints_no_key() -> None:
    """Not the memory ones either."""
    sandbox = Sandbox()

    assert "seed" not in repr(sandbox.secrets)
    assert sandbox.secrets._seed.decode() == "seed"
