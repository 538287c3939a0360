"""Every way to be refused has a cause and a way out, in both languages."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from monespace_flows.chart import Flow
from monespace_flows.facts import IdentityFacts, IdentityVerdict, LinkFacts, LinkVerdict, Problem
from monespace_flows.flows import FLOWS
from monespace_flows.journal.entry import ACCOUNT_ACTS, ACCOUNT_JOURNAL
from monespace_flows.notices import NOTICES
from monespace_flows.policy import JourneyPolicy, Policy
from monespace_flows.retelling.compiled import compiled_flow
from monespace_flows.support.catalogue import CAUSES
from monespace_flows.support.diagnosis import Status, diagnose
from monespace_flows.support.refusals import refusal
from monespace_flows.support.words import PROBLEM_WORDS, VERDICTS
from monespace_flows.testing import Sandbox
from tests.support.explore import lines, start_of
from tests.support.people import Person, an_account

PARIS = ZoneInfo("Europe/Paris")

# What tells good news, or repeats where one is, refuses nothing.
_REFUSES_NOTHING = {"link.used", "code.resent", "link.sent", "settings.saved", "journey.expired"}
_REFUSES_NOTHING |= {"settings.unchanged", "email.confirmation_sent", "email.to_confirm"}
_REFUSES_NOTHING |= {"sessions.closed", "sessions.none"}


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_every_reachable_refusal_has_a_cause_and_a_way_out(flow: Flow) -> None:
    """A row that says something, or names fields, is explained; none is « unexplained »."""
    for line in lines(flow):
        told = diagnose(flow, [start_of(flow, line.before), line])
        assert told.cause_id in CAUSES
        assert told.cause_id != "unexplained", line
        for text in (told.cause, told.way_out, told.why):
            assert text.fr
            assert text.en
            assert "{" not in text.fr + text.en
        stays = line.after == line.before
        errors = [it for it in line.notices if NOTICES[it].kind == "error"]
        repeated = line.command == "extend"
        said = set(line.notices) - _REFUSES_NOTHING
        if (stays and not repeated and said) or errors or (stays and line.facts.problems):
            assert refusal(line) is not None, line


def test_every_cause_can_happen() -> None:
    """No cause is dead weight, the one for what this version cannot explain aside."""
    met: set[str] = set()
    for flow in FLOWS.values():
        for line in lines(flow):
            met.add(diagnose(flow, [start_of(flow, line.before), line]).cause_id)
        begun = set(flow.screens) - {"expired"}
        met |= {diagnose(flow, [start_of(flow, state)]).cause_id for state in begun}
    told = compiled_flow(ACCOUNT_JOURNAL)
    assert told is not None
    for act, (state, _) in ACCOUNT_ACTS.items():
        line = evolve(start_of(FLOWS["signin"], "signed_in"), command=act, after=state)
        met.add(diagnose(told, [line]).cause_id)

    # What became of messages is told by lines of their own, and causes by tests/stories.
    met |= {"message.waiting", "message.given_up", "message.refused", "link.expired", "link.used"}
    # And the day's tries of codes: that they are used up is told beside the facts.
    met.add("code.exhausted_today")
    assert set(CAUSES) - met == {"unexplained"}


def test_every_verdict_and_problem_has_words() -> None:
    from monespace_flows import facts

    sets = [
        kind
        for kind in vars(facts).values()
        if isinstance(kind, type) and issubclass(kind, Enum) and kind is not Enum
    ]
    silent = {it for kind in sets for it in kind if it not in VERDICTS and kind is not Problem}

    assert {it.value for it in silent} == {"not_asked"}
    assert set(PROBLEM_WORDS) == set(Problem)


def test_a_journey_that_is_left_is_abandoned_only_once_its_time_is_over() -> None:
    sandbox = Sandbox()
    person = Person(sandbox, "creation").identifies()
    entries, now = person.entries(), sandbox.clock.now()
    flow = FLOWS["creation"]

    assert diagnose(flow, entries).status is Status.OPEN
    assert diagnose(flow, entries, now=now + timedelta(minutes=29)).status is Status.OPEN
    assert diagnose(flow, entries, now=now + timedelta(minutes=30)).status is Status.ABANDONED


def test_prolonging_puts_the_end_off() -> None:
    sandbox = Sandbox()
    person = Person(sandbox, "creation").identifies()
    for _ in range(3):
        person.waits(minutes=9).extends()
    now = sandbox.clock.now()
    flow = FLOWS["creation"]

    later = now + timedelta(minutes=9)
    assert diagnose(flow, person.entries(), now=later).status is Status.OPEN


def test_a_journey_of_too_many_steps_is_over_and_says_so() -> None:
    policy = Policy(journeys=JourneyPolicy(steps=20))
    sandbox = Sandbox(policy)
    person, flow = Person(sandbox, "creation").identifies(), FLOWS["creation"]
    for _ in range(19):
        person.extends()
    now, left = sandbox.clock.now(), person.entries()
    person.extends()
    told = diagnose(flow, person.entries(), now=now, policy=policy)

    assert diagnose(flow, left[:-1], now=now, policy=policy).status is Status.OPEN
    assert diagnose(flow, left, now=now, policy=policy).status is Status.ABANDONED
    assert (told.status, told.cause_id) == (Status.EXPIRED, "waiting.choose_channel")
    assert "it had too many steps" in told.cause.en
    assert "too many steps" not in diagnose(flow, person.entries(), now=now).cause.en


def test_a_link_has_a_life_of_its_own() -> None:
    sandbox = Sandbox()
    an_account(sandbox)
    person = Person(sandbox, "reset").asks_link()
    now, flow = sandbox.clock.now(), FLOWS["reset"]
    entries = person.entries()

    assert diagnose(flow, entries, now=now + timedelta(hours=23)).status is Status.OPEN
    assert diagnose(flow, entries, now=now + timedelta(hours=24)).status is Status.ABANDONED


def test_a_finished_journey_is_never_abandoned() -> None:
    person = Person(Sandbox(), "creation").identifies().asks_code().types_code().activates()
    later = person.sandbox.clock.now() + timedelta(days=9)

    told = diagnose(FLOWS["creation"], person.entries(), now=later)
    assert told.status is Status.DONE


def test_an_account_that_changed_ends_the_reset_with_its_cause() -> None:
    sandbox = Sandbox()
    an_account(sandbox)
    person = Person(sandbox, "reset").asks_link().opens()
    signed = Person(sandbox, "signin").signs_in()
    Person(sandbox, "settings", signed.session).saves(password="dix bols de café noir")
    person.saves_password()
    told = person.diagnosis()

    assert (told.status, told.cause_id) == (Status.EXPIRED, "account.changed")
    assert told.way_out.fr.endswith("Recommencer une demande.")


def test_a_recovery_that_another_change_overtook_ends_with_its_cause() -> None:
    sandbox = Sandbox()
    an_account(sandbox)
    person = Person(sandbox, "recovery").identifies().goes_on().asks_code().types_code()
    signed = Person(sandbox, "signin").signs_in()
    Person(sandbox, "settings", signed.session).saves(password="dix bols de café noir")
    person.activates("nouvelle@exemple.example")
    told = person.diagnosis()

    assert (told.status, told.cause_id) == (Status.EXPIRED, "account.renewed")
    assert told.way_out.fr.endswith("Recommencer une demande.")


def test_a_code_sent_again_is_no_refusal() -> None:
    person = Person(Sandbox(), "creation").identifies().asks_code().types_wrong_code()
    person.waits(minutes=2).asks_again()
    told = person.diagnosis()

    assert (told.status, told.cause_id) == (Status.OPEN, "waiting.enter_code")
    assert "Auparavant : code différent (1 fois)." in told.cause.fr


@pytest.mark.parametrize(
    ("seconds", "at", "left"),
    [
        (45, "01:01", "45 s"),
        (150, "01:03", "3 min"),
        (7199, "03:00", "2 h"),
        (9000, "03:30", "3 h"),
        (86400, "02/01/2000 à 01:00", "24 h"),
    ],
)
def test_waits_are_said_by_the_clock_and_rounded_up(seconds: int, at: str, left: str) -> None:
    """While it lasts, once it is over, and where the present is not known, as in a file."""
    flow = FLOWS["creation"]
    facts = IdentityFacts(identity=IdentityVerdict.THROTTLED, wait=seconds)
    start = start_of(flow)
    line = evolve(
        start, seq=1, command="submit_identity", facts=facts, notices=("identity.throttled",)
    )

    until = f"attente imposée jusqu'{'au' if 'à' in at else 'à'} {at}"
    told = diagnose(flow, [start, line], zone=PARIS)
    waits = diagnose(flow, [start, line], zone=PARIS, now=line.at)
    end = line.at + timedelta(seconds=seconds)
    over = diagnose(flow, [start, line], zone=PARIS, now=end)

    assert told.cause.fr.endswith(f", {until}.")
    assert waits.cause.fr.endswith(f", {until}, dans {left}.")
    assert waits.short.fr.endswith(f"trop d'essais, {until}")
    assert over.cause.fr.endswith(f", l'attente est passée depuis {at[-5:]}.")
    assert over.way_out.fr.startswith("Recommencer dès maintenant.")
    assert (told.status, waits.status, over.status) == (
        Status.BLOCKED,
        Status.BLOCKED,
        Status.ABANDONED if seconds > 1800 else Status.OPEN,
    )
    assert "with a wait until" in waits.cause.en
    assert "the wait is over since" in over.cause.en


def test_what_a_later_version_says_is_unexplained() -> None:
    """A verdict without a cause of its own must not raise: the desk is told to ask."""
    flow = FLOWS["reset"]
    start = start_of(flow, "link_sent")
    odd = evolve(
        start,
        seq=1,
        command="use_link",
        facts=LinkFacts(link=LinkVerdict.INVALID),
        after="elsewhere",
        before="link_sent",
    )
    told = diagnose(flow, [start, odd])

    assert told.cause_id == "unexplained"
    assert told.status is Status.BLOCKED


def test_english_is_said_too() -> None:
    person = Person(Sandbox(), "creation").identifies(("16/07/1975", "99000000002"))
    told = person.diagnosis()

    assert told.cause.said("en") == (
        "Identity check refused once: RPPS known, birth date different."
    )
    assert told.cause.said() == told.cause.fr
    assert told.status.words.en == "OPEN"
