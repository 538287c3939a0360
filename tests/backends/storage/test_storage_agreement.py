"""Memory and SQL give the same answers, whatever is asked of them in whatever order."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monespace_flows.effects import Budget
from monespace_flows.errors import LostSwap, UniqueBroken
from monespace_flows.journey import StoredJourney
from monespace_flows.ports import JourneyQuery, LinkPurpose, Storage, Unit
from monespace_flows.testing.memory import MemoryStorage
from tests.backends.conftest import Kept
from tests.servers import storages

from .examples import DAY, MINUTE, NOW, account, link, listener, message, session, stored


@frozen
class Call:
    """One call of a store's method, as Hypothesis shows it."""

    store: str
    method: str
    arguments: tuple[object, ...]
    options: dict[str, object]

    def on(self, unit: Unit) -> object:
        """Call, and give the answer or the kind of the error."""
        method: Callable[..., object] = getattr(getattr(unit, self.store), self.method)
        try:
            answer = method(*self.arguments, **self.options)
        except (UniqueBroken, LostSwap) as error:
            return type(error)
        return list(answer) if isinstance(answer, Sequence) else answer


def call(
    store: str,
    method: str,
    *arguments: st.SearchStrategy[object],
    **options: st.SearchStrategy[object],
) -> st.SearchStrategy[Call]:
    named = st.fixed_dictionaries(options)
    return st.builds(Call, st.just(store), st.just(method), st.tuples(*arguments), named)


# Few values of each kind, so that calls meet.
references = st.sampled_from(["AAAA-AAAA", "BBBB-BBBB", "Zzzz-éééé"])
names = st.sampled_from(["a", "b", "é"])
some_names = st.lists(names, max_size=2)
numbers = st.integers(0, 2)
instants = st.sampled_from([-DAY, -MINUTE, timedelta(0), timedelta(microseconds=1), MINUTE]).map(
    lambda offset: NOW + offset
)
budgets = st.sampled_from([Budget.CODE, Budget.SEND])
purposes = st.sampled_from(LinkPurpose)


@st.composite
def journeys(draw: st.DrawFn) -> StoredJourney:
    journey = stored(
        draw(references),
        seq=draw(numbers),
        started_at=draw(instants),
        flow=draw(names),
        state=draw(names),
        subject=draw(st.none() | names),
    )
    return evolve(
        journey,
        token_digest=draw(names),
        expires_at=draw(instants),
        account_id=draw(st.none() | names),
    )


accounts = st.builds(
    account,
    names,
    rpps_digest=names,
    email_digest=names,
    version=st.integers(1, 3),
    created_at=instants,
)
queries = st.builds(
    JourneyQuery,
    flow=st.none() | names,
    state=st.none() | names,
    subjects=some_names.map(tuple),
    since=st.none() | instants,
    until=st.none() | instants,
    limit=numbers,
)
links = st.builds(
    link,
    names,
    purpose=purposes,
    account_id=names,
    expires_at=instants,
    used_at=st.none() | instants,
)
messages = st.builds(
    message,
    names,
    journey=st.none() | references,
    channel=st.sampled_from(["sms", "email", "event"]),
    purpose=names,
    created_at=instants,
    due_at=instants,
    expires_at=st.none() | instants,
    finished_at=st.none() | instants,
    attempts=numbers,
    status=st.sampled_from(["waiting", "sent", "expired", "failed"]),
    listener=st.none() | names,
)
channels = st.lists(st.sampled_from(["sms", "email"]), max_size=2)

calls = st.one_of(
    call("journeys", "add", journeys()),
    call("journeys", "get", references),
    call("journeys", "by_token", names),
    call("journeys", "swap", journeys(), numbers),
    call("journeys", "search", queries),
    call("journeys", "forget", names, some_names),
    call("journal", "append", references, numbers, instants, names),
    call("journal", "lines", references),
    call("accounts", "add", accounts),
    call("accounts", "get", names),
    call("accounts", "by_rpps", some_names),
    call("accounts", "by_email", some_names),
    call("accounts", "update", accounts, st.just(0)),
    call("accounts", "delete", names, st.integers(1, 3)),
    call("sessions", "add", st.builds(session, names, names, instants)),
    call("sessions", "get", names),
    call("sessions", "touch", names, instants),
    call("sessions", "end", names),
    call("sessions", "end_all", names),
    call("links", "add", links),
    call("links", "get", names),
    call("links", "consume", names, instants),
    call("links", "of_account", names, purposes),
    call("links", "drop", names),
    call("links", "void", names, purposes),
    call("links", "forget", names),
    call("budgets", "add", budgets, names, instants),
    call("budgets", "times", budgets, some_names, instants),
    call("budgets", "clear", budgets, some_names),
    call("outbox", "add", messages),
    call("outbox", "lease", channels, instants, instants, numbers),
    call("outbox", "lease", st.just(["event"]), instants, instants, numbers, listeners=some_names),
    call("outbox", "settle", messages),
    call("listeners", "add", st.builds(listener, names, kind=names, since=instants)),
    call("listeners", "of", names),
    call("listeners", "everyone"),
    call("listeners", "forget", names, st.none() | names),
    call("outbox", "cancel", references, names, instants),
    call("outbox", "of_journey", references),
    call("outbox", "newest", references, names),
    call("outbox", "waiting"),
    call("outbox", "drop", some_names, instants),
    call("outbox", "renew", messages, instants),
    call("outbox", "unsent"),
    call("outbox", "put_back", some_names, instants),
    call("outbox", "blank", instants),
    call("outbox", "overdue", instants),
)


class Abandoned(Exception):
    """A unit that its user gives up."""


@frozen
class Purge:
    """Housekeeping between two units."""

    now: datetime
    journal_before: datetime

    def on(self, storage: Storage) -> object:
        """Purge, and give the counts."""
        return storage.purge(self.now, self.journal_before)


@frozen
class Work:
    """One write unit: its calls, and whether it is given up at the end."""

    calls: list[Call]
    abandoned: bool

    def on(self, storage: Storage) -> object:
        """Give the answers, up to the first row that is refused: nothing works after one."""
        answers: list[object] = []
        with suppress(Abandoned), storage.writing() as unit:
            for each in self.calls:
                answers.append(each.on(unit))
                abandon(answers[-1] is UniqueBroken)
            abandon(self.abandoned)
        return answers


def abandon(yes: bool) -> None:
    if yes:
        raise Abandoned


days = st.lists(
    st.one_of(
        st.builds(Work, st.lists(calls, min_size=1, max_size=6), st.booleans()),
        st.builds(Purge, instants, instants),
    ),
    max_size=12,
)


def everything(storage: Storage) -> list[object]:
    """Read all there is, as far as few names let it be read."""
    few = ["a", "b", "é"]
    with storage.reading() as unit:
        return [
            list(unit.journeys.search(JourneyQuery(limit=99))),
            [list(unit.journal.lines(each)) for each in ("AAAA-AAAA", "BBBB-BBBB", "Zzzz-éééé")],
            [unit.accounts.get(each) for each in few],
            [unit.sessions.get(each) for each in few],
            [unit.links.get(each) for each in few],
            [list(unit.budgets.times(each, few, NOW - 9 * DAY)) for each in Budget],
            [
                list(unit.outbox.of_journey(each))
                for each in ("AAAA-AAAA", "BBBB-BBBB", "Zzzz-éééé")
            ],
        ]


@pytest.mark.parametrize("database", storages.SQL_ENGINES, indirect=True)
@settings(
    max_examples=40,
    deadline=None,
    # One database serves all examples: it is emptied before each.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(days=days)
def test_memory_and_sql_agree(
    database: str, storage: Storage, kept: Kept, days: list[Work | Purge]
) -> None:
    kept.clear(database)
    memory = MemoryStorage()
    for each in days:
        assert each.on(memory) == each.on(storage)
        assert everything(memory) == everything(storage)
