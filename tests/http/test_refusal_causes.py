"""Why a press did nothing: each cause has an answer and a line of log of its own.

The status alone does not tell: on a page 409 means that the journey has moved on, that it has not
begun, or that the form is that of another journey.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from tests.http.visiting import CLAIRE, JOHN, PASSWORD, Caller, Served, Visitor
from tests.http.walking import walk

TYPED = "99000000099"


def _later_step_of_a_journey(served: Served) -> Visitor:
    visitor = _begun(served.visitor())
    visitor.press("Retour", command="activate", email=TYPED, password=TYPED)
    return visitor


def _later_step_of_a_first_form(served: Served) -> Visitor:
    visitor = served.visitor()
    visitor.open("/creation")
    visitor.press("Valider", command="create", rpps=TYPED, password=TYPED)
    return visitor


def _another_journey(served: Served) -> Visitor:
    first, second = _tabs(served)
    _begun(first)
    second.open("/creation")
    second.press("Recommencer")
    _begun(second, CLAIRE)
    first.press("Recevoir votre code", channel=TYPED)
    return first


def _journey_gone(served: Served) -> Visitor:
    first, second = _tabs(served)
    _begun(first)
    second.open("/creation")
    second.press("Recommencer")
    first.press("Recevoir votre code", channel=TYPED)
    return first


def _unknown_button_of_a_journey_gone(served: Served) -> Visitor:
    first, second = _tabs(served)
    _begun(first)
    second.open("/creation")
    second.press("Recommencer")
    first.press("Recevoir votre code", command=TYPED)
    return first


def _begun(visitor: Visitor, who: dict[str, str] = JOHN) -> Visitor:
    visitor.open("/creation")
    visitor.press("Valider", **who)
    return visitor


def _tabs(served: Served) -> tuple[Visitor, Visitor]:
    one, other = served.visitor(), served.visitor()
    other.client = one.client
    return one, other


PAGES: dict[str, tuple[str, str, str, Callable[[Served], Visitor]]] = {
    "the journey stands elsewhere": (
        "command.not_offered",
        "command.not_offered: activate in creation.choose_channel",
        "ne correspondait plus à votre demande",
        _later_step_of_a_journey,
    ),
    "the journey has not begun": (
        "journey.not_begun",
        "journey.not_begun: create in creation.enter_identity",
        "n'a pas encore commencé",
        _later_step_of_a_first_form,
    ),
    "another journey goes on here": (
        "form.other_journey",
        "form.other_journey: send_code in creation.choose_channel",
        "une autre demande que celle en cours",
        _another_journey,
    ),
    "the journey is not here any more": (
        "form.journey_gone",
        "form.journey_gone: send_code in creation.enter_identity",
        "n'est plus en cours dans ce navigateur",
        _journey_gone,
    ),
    "nor is the button one of ours": (
        "form.journey_gone",
        "form.journey_gone: nothing in creation.enter_identity",
        "n'est plus en cours dans ce navigateur",
        _unknown_button_of_a_journey_gone,
    ),
}


@pytest.mark.parametrize("case", PAGES)
def test_each_409_of_a_page_tells_its_cause(
    served: Served, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    """By a code, a sentence and a line of log; what was typed is in none of the lines."""
    code, line, sentence, happen = PAGES[case]
    with caplog.at_level(logging.INFO, "monespace_http"):
        visitor = happen(served)

    assert visitor.status == 409
    assert f'data-code="{code}"' in visitor.response.text
    assert sentence in visitor.page.text
    assert [line] == _lines(caplog)


def test_the_409_of_the_json_is_told_in_a_line(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caller = Caller(served, "creation")
    with caplog.at_level(logging.INFO, "monespace_http"):
        answer = caller.send("submit_code", code=TYPED)

    assert (answer.status_code, caller.view["code"]) == (409, "command.not_offered")
    assert _lines(caplog) == ["command.not_offered: submit_code in creation.enter_identity"]


def test_a_journey_that_is_over_is_told_apart(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """410, not 409: the journey ended well, or too late."""
    over = walk(served, "signin", "signed_in")
    late = Caller(served, "creation")
    served.sandbox.clock.advance(minutes=60)
    with caplog.at_level(logging.INFO, "monespace_http"):
        assert over.sign_in().json()["code"] == "journey.over"
        assert late.send("extend").json()["code"] == "journey.expired"

    assert _lines(caplog) == [
        "journey.over: sign_in in signin.signed_in",
        "journey.expired: extend in creation.expired",
    ]


def test_what_moves_on_or_is_refused_by_a_rule_is_told_in_no_line(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "monespace_http"):
        _begun(served.visitor())
        served.sign_in(password=PASSWORD + "x")

    assert _lines(caplog) == []


def _lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name == "monespace_http"]
