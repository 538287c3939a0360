"""What is asked of the Order, and what of anybody else shows in an answer: nothing, but for two.

`I-S16` and `I-P13`, which nothing else would notice.
"""

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from attrs import evolve

from monespace_flows import Flows, View
from monespace_flows.commands import SendCode, SubmitIdentity
from monespace_flows.errors import MonespaceError
from monespace_flows.facts import Channel, IdentityFacts, TermsVerdict
from monespace_flows.journal.entry import read_journal
from monespace_flows.ports import Doctor, RegistryAnswer
from monespace_flows.testing import DeliveredMessage, MemoryRegistry, Sandbox

from .people import AMELIE, JOHN, OTHER_PASSWORD, PAUL
from .stage import Stage

with_identity = pytest.mark.parametrize("flow", ["creation", "recovery"])


class Listening:
    """A registry that remembers every question."""

    def __init__(self, registry: MemoryRegistry) -> None:
        self.registry = registry
        self.asked: list[str] = []

    def verify(self, rpps: str, birth_date: date) -> RegistryAnswer:
        self.asked.append(rpps)
        return self.registry.verify(rpps, birth_date)

    def doctor(self, rpps: str) -> Doctor | None:
        self.asked.append(rpps)
        return self.registry.doctor(rpps)


def overheard() -> tuple[Stage, Listening]:
    """A stage where somebody listens to what the Order is asked."""
    stage = Stage(Sandbox())
    registry = Listening(stage.box.registry)
    ports = evolve(stage.box.ports, registry=registry)
    stage.flows = Flows(ports, wake=stage.box.deliver)
    return stage, registry


# --- I-S16: nobody is asked about before the terms are accepted ----------------------------------


@with_identity
@pytest.mark.parametrize("rpps", [JOHN.rpps, "99000000093", "123"], ids=["known", "no", "short"])
def test_the_order_is_not_asked_while_the_terms_are_not_accepted(flow: str, rpps: str) -> None:
    """I-S16: whatever else is typed, right or wrong, and however often."""
    stage, registry = overheard()
    view = stage.start(flow)
    for born in (JOHN.birth_date, "18/06/1975", "hier"):
        view = stage.submit(view, SubmitIdentity(birth_date=born, rpps=rpps, accept_terms=False))

    assert registry.asked == []
    assert "terms.required" in {notice.id for notice in view.notices}


@with_identity
def test_what_was_accepted_is_on_record_where_the_order_is_asked(flow: str) -> None:
    """I-S16: the journal's line of the question has the version and the time."""
    stage, registry = overheard()
    now = stage.box.clock.now()
    view = stage.identify(stage.start(flow), JOHN)
    with stage.box.storage.reading() as unit:
        entry = read_journal(unit.journal.lines(view.reference))[-1]

    assert registry.asked == [JOHN.rpps]
    assert isinstance(entry.facts, IdentityFacts)
    assert entry.facts.terms is TermsVerdict.ACCEPTED
    assert entry.facts.terms_version == stage.flows.policy.identity.terms_version
    assert entry.at == now


@with_identity
def test_an_account_keeps_which_terms_were_accepted_and_when(flow: str) -> None:
    """I-S16."""
    stage, _ = overheard()
    stage.activate(stage.verified(flow, AMELIE), "amelie@cabinet.example")
    with stage.box.storage.reading() as unit:
        account = unit.accounts.by_rpps(stage.box.secrets.digests("subject", AMELIE.rpps))

    assert account is not None
    assert account.terms_version == stage.flows.policy.identity.terms_version
    assert account.terms_accepted_at == stage.box.clock.now()


# --- I-P13: what belongs to others changes no answer ---------------------------------------------

Story = Callable[[Stage], list[View]]
MINE = "amelie@cabinet.example"


def creates(stage: Stage) -> list[View]:
    first = stage.identify(stage.start("creation"), AMELIE)
    sent = stage.submit(first, SendCode("sms"))
    wrong = stage.press(sent, "resend_code")
    proved = stage.verified("creation", AMELIE)
    return [first, sent, wrong, proved, stage.activate(proved, MINE)]


def recovers(stage: Stage) -> list[View]:
    stage.account(AMELIE, MINE)
    stage.pass_time(hours=2)
    found = stage.identify(stage.start("recovery"), AMELIE)
    proved = stage.verified("recovery", AMELIE)
    own = stage.activate(proved, MINE, OTHER_PASSWORD)
    return [found, proved, own, stage.activate(own, f"new.{MINE}", OTHER_PASSWORD)]


def resets(stage: Stage) -> list[View]:
    stage.proven_account(JOHN)
    address = JOHN.destination(Channel.EMAIL)
    opened = stage.open_link(stage.link_for(address))
    weak = stage.submit_new_password(opened, "motdepasse")
    return [opened, weak, stage.submit_new_password(weak, OTHER_PASSWORD)]


def signs_in_and_changes(stage: Stage) -> list[View]:
    stage.account(AMELIE, MINE)
    wrong = stage.sign_in(MINE, "autre-chose-42-lune")
    right = stage.sign_in(MINE)
    settings = stage.start("settings", right.session)
    return [wrong, right, settings, stage.save(settings, f"new.{MINE}")]


def is_refused(stage: Stage) -> list[View]:
    view, seen = stage.start("creation"), []
    for _ in range(6):
        view = stage.identify(view, AMELIE, birth_date="01/01/1970")
        seen.append(view)
    return seen


def nothing(_: Stage) -> None:
    """Nobody else was ever there."""


def another_is_busy(stage: Stage) -> None:
    """Paul has an account and sessions, forgot a password, and is halfway through a recovery."""
    stage.account(PAUL, "paul@cabinet.example")
    stage.session("paul@cabinet.example")
    stage.sign_in("paul@cabinet.example", "autre-chose-42-lune")
    stage.code_sent("recovery", PAUL)


def another_is_locked_and_struck_off(stage: Stage) -> None:
    """Paul's number is locked, he is no longer admitted, and his record is another."""
    view = stage.start("creation")
    for _ in range(6):
        view = stage.identify(view, PAUL, birth_date="01/01/1970")
    stage.box.registry.change(PAUL.rpps, status="radie", mobile="+33700000000")


OTHERS = (another_is_busy, another_is_locked_and_struck_off)
STORIES = (creates, recovers, resets, signs_in_and_changes, is_refused)


@pytest.mark.parametrize("others", OTHERS, ids=lambda it: it.__name__)
@pytest.mark.parametrize("story", STORIES, ids=lambda it: it.__name__)
def test_what_others_do_changes_no_answer(story: Story, others: Callable[[Stage], None]) -> None:
    """I-P13: every screen, every notice and every letter is the same, whoever else is there."""
    assert told(story, others) == told(story, nothing)


def test_only_whether_a_value_is_free_depends_on_others() -> None:
    """I-P13: an address that somebody has is the exception, and says so itself."""

    def takes(stage: Stage) -> None:
        stage.account(PAUL, MINE)

    alone, beside = told(creates, nothing), told(creates, takes)

    assert alone[0][:-1] == beside[0][:-1]
    assert [notice.id for notice in beside[0][-1].notices] == ["email.taken"]


def told(
    story: Story, others: Callable[[Stage], None]
) -> tuple[list[View], Sequence[tuple[str, ...]]]:
    """All that a person sees and receives, without what is drawn for each journey alone."""
    stage = Stage(Sandbox())
    at = stage.box.clock.now()
    others(stage)
    stage.box.clock.advance(seconds=(at - stage.box.clock.now()).total_seconds())
    before = len(stage.box.messages)
    try:
        views = story(stage)
    except MonespaceError as error:
        pytest.fail(f"the story broke off: {error}")
    letters = [stage.box.messages[it] for it in range(before, len(stage.box.messages))]
    return [_bare(view) for view in views], [_letter(it) for it in letters]


def _bare(view: View) -> View:
    fields = tuple(
        evolve(each, options=tuple(evolve(it, value="") for it in each.options))
        for each in view.screen.fields
    )
    screen = evolve(view.screen, fields=fields)
    session = None if view.session is None else "a session"
    return evolve(view, reference="", token="", screen=screen, session=session, browser=None)


def _letter(message: DeliveredMessage) -> tuple[str, ...]:
    text = message.text
    for drawn in (message.code, message.link):
        text = text.replace(drawn, "…") if drawn else text
    return message.to, message.purpose, message.subject or "", text


def test_a_story_is_told_the_same_twice() -> None:
    """What is drawn for a journey is all that was left out: else the comparison proves nothing."""
    assert told(creates, nothing) == told(creates, nothing)
    assert told(creates, nothing) != told(recovers, nothing)
