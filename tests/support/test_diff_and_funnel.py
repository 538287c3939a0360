"""Two journeys compared; many journeys counted without anybody being told apart."""

from __future__ import annotations

from attrs import evolve

from monespace_flows.facts import SendFacts
from monespace_flows.support.diagnosis import Status
from monespace_flows.support.diff import Difference, compare
from monespace_flows.support.funnel import Funnel
from monespace_flows.testing import Sandbox
from tests.support.people import AMELIE, JOHN, RENE, Person, an_account

# --- diff ----------------------------------------------------------------------------------------


def test_two_people_who_did_the_same_went_the_same_way() -> None:
    sandbox = Sandbox()
    one = Person(sandbox, "creation").identifies(JOHN).asks_code()
    other = Person(sandbox, "creation").waits(minutes=5).identifies(JOHN).asks_code()

    found = compare(one.entries(), other.entries())
    assert (found.same, found.common, found.left, found.right) == (True, 3, (), ())


def test_the_first_difference_is_told_with_both_tails() -> None:
    sandbox = Sandbox()
    one = Person(sandbox, "creation").identifies().asks_code().types_wrong_code()
    other = Person(sandbox, "creation").identifies().asks_code().waits(minutes=2).types_code()
    found = compare(one.entries(), other.entries())

    assert found.common == 3
    assert [it.what for it in found.differences][:2] == ["code", "state"]
    assert (len(found.left), len(found.right)) == (1, 1)


def test_answers_are_told_in_words() -> None:
    sandbox = Sandbox()
    one = Person(sandbox, "creation").identifies(("16/07/1975", JOHN[1]))
    other = Person(sandbox, "creation").identifies(AMELIE)
    third = Person(sandbox, "creation").identifies(("", ""))
    first = compare(one.entries(), other.entries()).differences[0]
    problems = compare(one.entries(), third.entries()).differences[0]

    assert (first.what, first.left, first.right) == ("identity", "birth_date_differs", "match")
    assert first.words is not None
    assert [text.fr for text in first.words] == [
        "RPPS connu, date de naissance différente",
        "identité reconnue",
    ]
    assert problems.words is not None
    assert problems.words[1].fr == "date de naissance vide, numéro RPPS vide"
    assert problems.words[0].fr == ""


def test_a_yes_or_no_is_told_as_one() -> None:
    entries = Person(Sandbox(), "creation").identifies().asks_code().entries()
    *before, last = entries
    assert isinstance(last.facts, SendFacts)
    other = [*before, evolve(last, facts=evolve(last.facts, code_is_live=True))]
    (found,) = compare(other, entries).differences

    assert found.what == "code_is_live"
    assert found.words is not None
    assert [text.fr for text in found.words] == ["oui", "non"]


def test_other_gestures_and_lengths_are_differences_too() -> None:
    sandbox = Sandbox()
    one = Person(sandbox, "creation").identifies()
    other = Person(sandbox, "creation").extends()
    longer = Person(sandbox, "creation").identifies().goes_back()

    assert compare(one.entries(), other.entries()).differences[0] == Difference(
        "command", "submit_identity", "extend"
    )
    assert compare(one.entries(), longer.entries()).differences == (Difference("length", "2", "3"),)


# --- the funnel ----------------------------------------------------------------------------------


def counted(people: list[Person]) -> Funnel:
    funnel = Funnel()
    for person in people:
        funnel.add(person.entries(), person.diagnosis())
    return funnel


def test_people_are_counted_where_they_stopped() -> None:
    sandbox = Sandbox()
    refused = [Person(sandbox, "creation").identifies(RENE) for _ in range(5)]
    chosen = [Person(sandbox, "creation").identifies() for _ in range(6)]
    rows = {row.state: row for row in counted([*refused, *chosen]).rows()}

    assert (rows["enter_identity"].went_on, rows["enter_identity"].blocked) == (6, 5)
    assert (rows["choose_channel"].open, rows["choose_channel"].went_on) == (6, 0)


def test_those_who_expired_stopped_at_the_screen_before() -> None:
    sandbox = Sandbox()
    late = [Person(sandbox, "creation").identifies() for _ in range(5)]
    for person in late:
        person.waits(hours=2).goes_back()
    left = [Person(sandbox, "creation").identifies() for _ in range(5)]
    sandbox.clock.advance(hours=2)
    rows = {row.state: row for row in counted([*late, *left]).rows()}

    assert (rows["choose_channel"].expired, rows["choose_channel"].abandoned) == (5, 5)
    assert rows["expired"].expired == 0


def test_causes_are_ranked_and_rare_ones_are_not_told_apart() -> None:
    sandbox = Sandbox()
    wrong = [Person(sandbox, "creation").identifies(("", "")) for _ in range(6)]
    account = an_account(sandbox)
    signed = Person(sandbox, "signin").signs_in()
    funnel = counted([*wrong, account, signed])

    assert funnel.causes() == [
        ("creation", "form", 6),
        ("creation", "done.created", "<5"),
        ("signin", "done.signed_in", "<5"),
    ]
    assert [row.flow for row in funnel.rows()][-1] == "signin"
    assert {row.done for row in funnel.rows()} == {0, "<5"}
    assert Status.DONE.words.fr == "TERMINÉ"
