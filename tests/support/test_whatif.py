"""Other answers, other times: told purely, and never beyond what is known."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from monespace_flows.facts import CodeVerdict, IdentityVerdict, SendFacts, SendVerdict, TermsVerdict
from monespace_flows.flows import FLOWS
from monespace_flows.journal.entry import Entry
from monespace_flows.policy import JourneyPolicy, Policy
from monespace_flows.support.nearest import Whose, nearest
from monespace_flows.support.simulation import StopReason, simulate
from monespace_flows.support.whatif import Change, branches, read_change
from monespace_flows.testing import Sandbox
from tests.support.people import CLAIRE, EVE, JOHN, RENE, Person, an_account

CREATION = FLOWS["creation"]
WRONG = ("16/07/1975", JOHN[1])


def entries_of(person: Person) -> tuple[Entry, ...]:
    return person.recorded().entries()


# --- another answer ------------------------------------------------------------------------------


def test_without_changes_a_simulation_is_the_journey() -> None:
    entries = entries_of(Person(Sandbox(), "creation").identifies(WRONG).identifies().asks_code())
    told = simulate(CREATION, entries)

    assert (told.state, told.stop, told.first_difference) == ("enter_code", None, None)


def test_another_answer_at_the_last_line_leads_on() -> None:
    entries = entries_of(Person(Sandbox(), "creation").identifies(WRONG))
    told = simulate(CREATION, entries, changes=[read_change(entries, 1, "identity=match")])

    assert told.state == "choose_channel"
    assert told.first_difference is not None
    assert told.first_difference.seq == 1


def test_after_another_screen_what_was_recorded_does_not_apply() -> None:
    entries = entries_of(Person(Sandbox(), "creation").identifies(WRONG).identifies(WRONG))
    told = simulate(CREATION, entries, changes=[Change(1, "identity", IdentityVerdict.MATCH)])

    assert (told.state, told.stop) == ("choose_channel", StopReason.ELSEWHERE)
    assert "ne s'applique plus" in StopReason.ELSEWHERE.words.fr


def test_two_answers_of_one_line_change_together() -> None:
    entries = entries_of(Person(Sandbox(), "creation").identifies(WRONG, terms=False))
    changes = [
        Change(1, "terms", TermsVerdict.ACCEPTED),
        Change(1, "identity", IdentityVerdict.MATCH),
    ]

    assert simulate(CREATION, entries, changes=changes).state == "choose_channel"
    assert changes[1].words.fr == "l'identité : identité reconnue"


def test_a_code_that_would_have_been_sent_has_a_destination() -> None:
    person = Person(Sandbox(), "creation").identifies().asks_code().asks_again()
    told = simulate(CREATION, entries_of(person), changes=[Change(3, "send", SendVerdict.POSSIBLE)])

    assert told.turns[-1].effects == ("SendCode",)


def test_an_answer_that_the_table_cannot_decide_on_stops() -> None:
    """A code cannot differ where none was sent."""
    person = Person(Sandbox(), "creation").identifies().asks_code().types_code()
    entries = list(entries_of(person))
    entries[2] = evolve(entries[2], facts=SendFacts(send=SendVerdict.POSSIBLE))
    told = simulate(CREATION, entries)

    assert told.stop is StopReason.NOT_OFFERED
    assert [it.change.seq for it in branches(CREATION, entries) if it.change.seq > 2] == []


@pytest.mark.parametrize(
    ("seq", "text", "said"),
    [
        (0, "identity=match", "there is no line 0: 1 to 1"),
        (2, "identity=match", "there is no line 2: 1 to 1"),
        (1, "colour=red", "line 1 knows terms, identity, account, offer_recovery"),
        (1, "identity=red", "identity is one of not_asked, match,"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_what_can(seq: int, text: str, said: str) -> None:
    entries = entries_of(Person(Sandbox(), "creation").identifies(WRONG))

    with pytest.raises(ValueError, match=said):
        read_change(entries, seq, text)


def test_a_yes_or_no_is_read_too() -> None:
    entries = entries_of(Person(Sandbox(), "creation").identifies(WRONG).extends())

    change = read_change(entries, 1, "offer_recovery=true")
    assert change == Change(1, "offer_recovery", True)
    assert change.words.en == "the right to go on: yes"
    with pytest.raises(ValueError, match="line 2 knows nothing that could be another"):
        read_change(entries, 2, "identity=match")


def test_all_branches_are_those_that_change_something() -> None:
    entries = entries_of(Person(Sandbox(), "creation").identifies(WRONG))
    found = {(it.change.name, getattr(it.change.value, "value", it.change.value)): it.after
             for it in branches(CREATION, entries)}  # fmt: skip

    assert found == {
        ("terms", "missing"): "enter_identity",
        ("identity", "match"): "choose_channel",
        ("identity", "throttled"): "enter_identity",
    }


def test_of_who_is_not_recognised_no_account_is_told() -> None:
    """Recovery leads elsewhere whether there is an account, but only after the identity."""
    sandbox = Sandbox()
    an_account(sandbox)
    entries = entries_of(Person(sandbox, "recovery").identifies())
    recovery = FLOWS["recovery"]
    told = simulate(recovery, entries, changes=[read_change(entries, 1, "identity=rpps_unknown")])
    found = {it.change.value: it.notices for it in branches(recovery, entries)}

    assert (told.state, told.turns[0].notices) == ("enter_identity", ("identity.unknown",))
    assert found[IdentityVerdict.BIRTH_DATE_DIFFERS] == ("identity.unknown",)
    assert found[IdentityVerdict.NO_CONTACT] == ("identity.unknown",)


# --- other times ---------------------------------------------------------------------------------


def later(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


def test_a_form_sent_later_is_erased() -> None:
    entries = entries_of(Person(Sandbox(), "creation").waits(minutes=1).identifies())
    told = simulate(CREATION, entries, shifts={1: later(9)})

    assert (told.stop, told.turns[-1].notices) == (StopReason.ERASED, ("entry.erased",))
    assert told.turns[-1].recorded_after is None
    assert simulate(CREATION, entries, shifts={1: later(8)}).state == "choose_channel"


def test_what_was_not_typed_still_counts_after_the_erasure() -> None:
    person = Person(Sandbox(), "creation").identifies().asks_code().waits(minutes=2).asks_again()
    told = simulate(CREATION, entries_of(person), shifts={3: later(9)})

    assert [turn.event for turn in told.turns[2:]] == ["tick", "resend_code"]
    assert told.stop is None


def test_a_journey_that_came_later_would_have_expired() -> None:
    person = Person(Sandbox(), "creation").identifies().asks_code().types_code()
    told = simulate(CREATION, entries_of(person), shifts={2: later(45)})

    assert (told.state, told.stop) == ("expired", StopReason.EXPIRED)


def test_an_older_code_is_worth_nothing() -> None:
    person = Person(Sandbox(), "creation").identifies().asks_code().waits(minutes=5).extends()
    person.waits(minutes=1).types_code()
    told = simulate(CREATION, entries_of(person), shifts={4: later(5)})

    assert told.turns[-1].notices == ("code.expired",)
    younger = simulate(CREATION, entries_of(person), shifts={4: later(1)})
    assert younger.state == "choose_credentials"


def test_a_code_of_another_answer_keeps_its_age() -> None:
    person = Person(Sandbox(), "creation").identifies().asks_code().types_wrong_code()
    told = simulate(
        CREATION,
        entries_of(person),
        changes=[Change(3, "code", CodeVerdict.MATCHES)],
        shifts={3: later(3)},
    )

    assert told.state == "choose_credentials"


def test_a_wait_that_would_be_over_is_no_wait() -> None:
    person = Person(Sandbox(), "creation").identifies().asks_code().asks_again()
    entries = entries_of(person)

    assert simulate(CREATION, entries, shifts={3: later(1)}).turns[-1].notices == ("code.resent",)
    assert simulate(CREATION, entries, shifts={3: later(0.5)}).turns[-1].notices == (
        "code.too_soon",
    )


def test_too_soon_stays_too_soon_unless_it_comes_later() -> None:
    person = Person(Sandbox(), "creation").identifies().asks_code().asks_again()
    entries = entries_of(person)

    for answer in ("send=too_soon", "code_is_live=true"):
        told = simulate(CREATION, entries, changes=[read_change(entries, 3, answer)])
        assert told.turns[-1].notices == ("code.too_soon",)


def test_an_erasure_that_would_not_have_been_is_left_out() -> None:
    person = Person(Sandbox(), "creation").waits(minutes=11).identifies()
    told = simulate(CREATION, entries_of(person), shifts={1: later(-5)})

    assert told.turns == ()
    assert simulate(CREATION, entries_of(person), shifts={1: later(1)}).turns[0].event == "tick"


def test_a_link_lives_its_own_life() -> None:
    sandbox = Sandbox()
    an_account(sandbox)
    person = Person(sandbox, "reset").asks_link().waits(hours=2).opens()
    entries = entries_of(person)

    flow = FLOWS["reset"]
    assert simulate(flow, entries, shifts={2: later(60 * 21)}).state == "choose_new_password"
    assert simulate(flow, entries, shifts={2: later(60 * 22)}).state == "expired"


def test_a_table_that_cannot_tick_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older chart may know no erasure where today's clock would bring one."""
    from monespace_flows.retelling.table import _rules

    entries = entries_of(Person(Sandbox(), "creation").waits(minutes=1).identifies())
    monkeypatch.delitem(_rules(CREATION.chart), ("enter_identity", "tick"))
    told = simulate(CREATION, entries, shifts={1: later(9)})

    assert (told.turns, told.stop) == ((), StopReason.ERASED)


# --- the nearest way out -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "text", "whose"),
    [
        (WRONG, "À corriger : la date de naissance.", Whose.PERSON),
        ((JOHN[0], "99000000093"), "À corriger : le numéro RPPS.", Whose.PERSON),
        (RENE, "À corriger : le statut au registre.", Whose.ORDER),
        (EVE, "À corriger : les contacts au registre.", Whose.ORDER),
    ],
)
def test_the_smallest_change_is_found_and_whose_it_is(
    who: tuple[str, str], text: str, whose: Whose
) -> None:
    found = nearest(CREATION, entries_of(Person(Sandbox(), "creation").identifies(who)))

    assert found is not None
    assert (found.text.fr, found.whose, found.count) == (text, whose, 1)
    assert found.after == "choose_channel"


def test_wrong_fields_count_each() -> None:
    person = Person(Sandbox(), "creation").identifies(("1/2/75", "12"), terms=False)
    found = nearest(CREATION, entries_of(person))

    assert found is not None
    assert found.count == 3
    assert found.text.fr == (
        "À corriger : année de naissance à deux chiffres, numéro RPPS "
        "qui n'a pas 11 chiffres, case des conditions non cochée."
    )
    assert found.text.en.startswith("To correct: year of birth with two digits, ")


def test_a_field_that_is_refused_twice_counts_once() -> None:
    """Two addresses that differ are what the form says and what the machine found."""
    person = Person(Sandbox(), "creation").identifies().asks_code().types_code()
    found = nearest(CREATION, entries_of(person.activates(again="autre@exemple.example")))

    assert found is not None
    assert found.text.fr == "À corriger : les deux adresses e-mail diffèrent."
    assert found.count == 1


def test_a_wait_is_nobody_s_answer() -> None:
    person = Person(Sandbox(), "creation").identifies().asks_code().asks_again()
    found = nearest(CREATION, entries_of(person))

    assert found is None or found.whose is Whose.TIME


def test_a_code_that_died_is_nobody_s_answer_either() -> None:
    person = Person(Sandbox(), "creation").identifies().asks_code().waits(minutes=11).types_code()
    found = nearest(CREATION, entries_of(person))

    assert found is not None
    assert found.whose is Whose.TIME


def test_a_wrong_code_needs_the_right_one() -> None:
    person = Person(Sandbox(), "creation").identifies().asks_code().extends().types_wrong_code()
    found = nearest(CREATION, entries_of(person))

    assert found is not None
    assert (found.seq, found.text.fr, found.after) == (
        4,
        "À corriger : le code.",
        "choose_credentials",
    )


def test_settings_go_on_by_being_saved() -> None:
    sandbox = Sandbox()
    an_account(sandbox)
    signed = Person(sandbox, "signin").signs_in()
    person = Person(sandbox, "settings", signed.session).saves(current="faux")
    found = nearest(FLOWS["settings"], entries_of(person))

    assert found is not None
    assert found.text.fr == "À corriger : le mot de passe actuel."


def test_an_end_that_helps_nobody_is_no_way_out() -> None:
    sandbox = Sandbox()
    an_account(sandbox)
    person = Person(sandbox, "reset").asks_link().opens().saves_password(again="autre chose")
    found = nearest(FLOWS["reset"], entries_of(person))

    assert found is not None
    assert (found.after, found.changes[0].name) == ("password_changed", "password")


def test_where_nothing_was_refused_there_is_nothing_to_change() -> None:
    assert nearest(CREATION, entries_of(Person(Sandbox(), "creation").identifies(CLAIRE))) is None


def test_where_no_answer_helps_there_is_no_way() -> None:
    """With the letter of R3, a doctor who has an account cannot go on here at all."""
    from monespace_flows import Policy
    from monespace_flows.policy import RecoveryPolicy

    sandbox = Sandbox(Policy(recovery=RecoveryPolicy(existing_account="block")))
    an_account(sandbox)
    person = Person(sandbox, "recovery").identifies()
    found = nearest(FLOWS["recovery"], entries_of(person))

    assert found is not None
    assert found.whose is Whose.ORDER


def test_where_today_s_table_does_not_come_there_is_no_way_to_name() -> None:
    """An older chart refused there, after a step that today's does not know."""
    start, step, refused = entries_of(
        Person(Sandbox(), "creation").waits(minutes=1).extends().identifies(WRONG)
    )

    assert nearest(CREATION, (start, step, refused)) is not None
    assert nearest(CREATION, (start, evolve(step, command="fly"), refused)) is None


def test_at_other_times_too_many_steps_end_a_journey_all_the_same() -> None:
    policy = Policy(journeys=JourneyPolicy(steps=20))
    person = Person(Sandbox(policy), "creation").identifies()
    for _ in range(19):
        person.extends()
    person.extends()
    told = simulate(CREATION, entries_of(person), policy=policy, shifts={1: later(1)})

    assert (told.state, told.stop) == ("expired", None)
