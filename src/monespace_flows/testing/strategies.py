"""Strategies of Hypothesis for hosts: invented people, what they press, journeys on their way.

:class:`FlowMachine` walks at random through any flows, a host's own included, and checks what must
hold for all of them.  It needs the extra ``testing``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from attrs import evolve, field, fields_dict, frozen

from ..chart import Flow
from ..commands import Activate, Command, Create, SendCode, SignIn, SubmitCode, SubmitIdentity
from ..errors import CommandNotOffered, JourneyOver, PortUnavailable, SessionRequired
from ..facts import Role
from ..journal.entry import read_journal
from ..ports import Doctor, JourneyQuery
from ..retelling.table import replay
from ..rules.identity import has_right_check_digit
from ..screens import FieldView, View
from .registry import MemoryRegistry
from .sandbox import Sandbox

try:
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "monespace_flows.testing.strategies needs more than the core: "
        "pip install 'monespace-flows[testing]'",
        name=missing.name,
    ) from None

__all__ = [
    "FlowMachine",
    "InventedDoctor",
    "Known",
    "birth_dates",
    "commands",
    "doctors",
    "journeys",
    "rpps_numbers",
]

Drawn = TypeVar("Drawn")
Draw = Callable[[st.SearchStrategy[Any]], Any]

_EVERYTHING = JourneyQuery(limit=1_000_000)
_REFUSED = (CommandNotOffered, JourneyOver, SessionRequired)
_STRAYS = ("back", "extend", "restart", "resend_code")


@frozen(kw_only=True)
class InventedDoctor:
    """Somebody who does not exist, as a registry would hold them."""

    doctor: Doctor
    birth_date: date

    def join(self, registry: MemoryRegistry) -> None:
        """Register them, admitted."""
        told = {name: getattr(self.doctor, name) for name in fields_dict(Doctor) if name != "rpps"}
        registry.add(self.doctor.rpps, self.birth_date, **told)


def rpps_numbers() -> st.SearchStrategy[str]:
    """Draw RPPS numbers that are nobody's: eleven digits from ``99`` on, with a right key."""

    def keyed(number: int) -> str:
        digits = f"99{number:08}"
        return next(it for key in range(10) if has_right_check_digit(it := f"{digits}{key}"))

    return st.builds(keyed, st.integers(0, 99_999_999))


def birth_dates(*, today: date = date(2026, 11, 22)) -> st.SearchStrategy[date]:
    """Draw birth dates of people who work.

    Args:
        today: the day on which they are of age; the sandbox's clock begins at the default.
    """
    return st.dates(date(today.year - 90, 1, 1), date(today.year - 23, 1, 1))


def doctors() -> st.SearchStrategy[InventedDoctor]:
    """Draw doctors, junior doctors and interns; some have no mobile, no address, or neither."""
    mobiles = st.integers(0, 99_999_999).map(lambda it: f"+336{it:08}")
    emails = st.integers(0, 9_999).map(lambda it: f"doctor.{it}@ordre.example")
    names = st.sampled_from(
        ["Martin", "Durand-Lefèvre", "O'Brien", "Nguyen", "Le Goff", "Théodore"]
    )
    known = st.builds(
        Doctor,
        rpps=rpps_numbers(),
        role=st.sampled_from(Role),
        mobile=st.none() | mobiles,
        email=st.none() | emails,
        family_name=st.none() | names,
        given_name=st.none() | st.sampled_from(["Amélie", "Paul", "Ève", "Marie-Ange"]),
    )
    return st.builds(InventedDoctor, doctor=known, birth_date=birth_dates())


@frozen(kw_only=True)
class Known:
    """What a person knows, and types where it is asked for.

    ``typed`` has, by their names, what the fields of a flow of one's own are filled in with; it
    goes before all the rest.
    """

    rpps: str = field(default="99000000002", repr=False)
    birth_date: date = field(default=date(1975, 6, 17), repr=False)
    email: str = field(default="john@home.example", repr=False)
    password: str = field(default="cheval-agrafe-42-lune", repr=False)
    code: str = field(default="000000", repr=False)
    typed: Mapping[str, Any] = field(factory=dict, repr=False)


def commands(flow: Flow, view: View, known: Known | None = None) -> st.SearchStrategy[Command]:
    """Draw what a person may press on a screen: what leads on mostly, and what does not.

    The command is made of the type that the flow has for the button, and each of its fields of the
    field of that name on the screen.

    Args:
        flow: the flow that the view is of.
        view: the screen.
        known: what the person knows.
    """
    offered = [it.command for it in view.screen.buttons]
    strays = sorted(flow.events.intersection(_STRAYS)) or sorted(flow.events)
    weighted = [*offered[:1] * 8, *offered, *strays[:1]]
    shown = {it.name: it for it in view.screen.fields}

    def typed(event: str) -> st.SearchStrategy[Command]:
        kind = flow.commands_by_event[event]
        asked = {
            name: _field(name, shown.get(name), known or Known()) for name in fields_dict(kind)
        }
        return st.builds(kind, **asked)

    return st.sampled_from(weighted).flatmap(typed)


def _must(holds: object, told: str) -> None:
    """Fail, under ``python -O`` too."""
    if not holds:
        raise AssertionError(told)


def _often(right: Drawn, *wrong: Drawn) -> st.SearchStrategy[Drawn]:
    """Draw what is right three times out of four."""
    return st.one_of(*[st.just(right)] * 3, st.sampled_from(wrong))


def _field(name: str, shown: FieldView | None, known: Known) -> st.SearchStrategy[Any]:
    """Draw what is typed in a field."""
    if name in known.typed:
        return _often(known.typed[name], "")
    if name == "rpps":
        return _often(known.rpps, "99000000093", "123")
    options = [it.value for it in shown.options] if shown is not None else []
    by_kind: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "checkbox": lambda: _often(True, False),
        "date": lambda: _often(f"{known.birth_date:%d/%m/%Y}", "01/01/1950", "hier"),
        "email": lambda: _often(known.email, "anna@ici.example", "anna@@"),
        "password": lambda: _often(known.password, "bateau-trombone-57-gel", "court", ""),
        "code": lambda: _often(known.code, "000000", "12"),
        "radio": lambda: st.sampled_from([*options * 3, "pigeon"]),
    }
    kind = shown.kind if shown is not None else "text"
    return by_kind.get(kind, lambda: st.text(max_size=40))()


@st.composite
def journeys(
    draw: Draw, sandbox: Callable[[], Sandbox] = Sandbox, *, presses: int = 6
) -> tuple[Sandbox, View]:
    """Draw journeys on their way: a sandbox, and what its person sees last.

    Args:
        draw: given by Hypothesis.
        sandbox: makes the application, afresh each time.
        presses: how many presses at the most.
    """
    box = sandbox()
    walk = _Walk(box)
    view = walk.start(draw(st.sampled_from(sorted(box.flows.flows))))
    for _ in range(draw(st.integers(0, presses))):
        try:
            view = box.flows.submit(view.token, draw(walk.presses(view)))
        except _REFUSED:
            break
    return box, view


class _Walk:
    """Somebody in a sandbox, an account and a session of theirs included where one is needed."""

    def __init__(self, box: Sandbox, known: Known | None = None) -> None:
        self.box = box
        self.known = known or Known()
        self._session: str | None = None

    def start(self, flow: str) -> View:
        """Begin a journey, signed in where it must be."""
        needs = self.box.flows.flows[flow].needs_session
        return self.box.flows.start(flow, self.session() if needs else None)

    def session(self) -> str:
        """Sign in, to an account that is made first if there is none."""
        if self._session is None:
            self._create()
        view = self._start_with(SignIn)
        view = self._submit(view, SignIn(email=self.known.email, password=self.known.password))
        self._session = view.session or self._session
        return self._session or ""

    def presses(self, view: View) -> st.SearchStrategy[Command]:
        """Draw what is pressed next, with the newest code that came."""
        codes = [it.code for it in self.box.messages if it.code is not None]
        known = evolve(self.known, code=codes[-1]) if codes else self.known
        return commands(self.box.flows.flows[view.flow], view, known)

    def _create(self) -> None:
        known = self.known
        view = self._start_with(Create)
        born = known.birth_date.strftime("%d/%m/%Y")
        who = SubmitIdentity(birth_date=born, rpps=known.rpps, accept_terms=True)
        view = self._submit(self._submit(view, who), SendCode("sms"))
        view = self._submit(view, SubmitCode(self.box.messages[-1].code or ""))
        email = {"email": known.email, "email_confirmation": known.email}
        password = {"password": known.password, "password_confirmation": known.password}
        self._submit(view, Activate(**email, **password))

    def _start_with(self, command: type[Command]) -> View:
        """Begin the journey that alone has a command."""
        flows = self.box.flows.flows.values()
        return self.box.flows.start(next(it.name for it in flows if command.event in it.events))

    def _submit(self, view: View, command: Command) -> View:
        return self.box.flows.submit(view.token, command)


class FlowMachine(RuleBasedStateMachine):
    """Walks at random through an application's flows, and checks what must hold for all.

    Derive from it, say in :meth:`sandbox` which application, and give its ``TestCase`` to your
    runner of tests::

        class Ours(FlowMachine):
            def sandbox(self) -> Sandbox:
                return Sandbox(flows=(*STANDARD, MINE))

        TestOurs = Ours.TestCase

    After each step: an open screen leaves a way on, an ended one takes nothing; every journey is
    what its journal tells; no journal holds what was typed.  A press again is answered as before, a
    port that fails moves nothing, and looking changes nothing.

    Attributes:
        known: what its person knows; :class:`Known` says what a flow of one's own adds.
        names: the flows that are walked; all of them where there is none.
    """

    known: Known = Known()
    names: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.box = self.sandbox()
        self.walk = _Walk(self.box, self.known)
        self.views: list[View] = []
        self.presses = 0

    def sandbox(self) -> Sandbox:
        """Make the application that is walked; with nothing of an earlier walk in it."""
        return Sandbox()

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Begin a first journey."""
        self.start(data)

    @rule(data=st.data())
    def start(self, data: st.DataObject) -> None:
        """Begin a journey; whoever can sign in no more begins none that needs it."""
        name = data.draw(st.sampled_from(self.names or sorted(self.box.flows.flows)))
        try:
            self.views.append(self.walk.start(name))
        except _REFUSED:
            _must(self.box.flows.flows[name].needs_session, f"{name} cannot begin")

    @rule(data=st.data())
    def press(self, data: st.DataObject) -> None:
        """Press something on any screen, right or wrong."""
        self._press(data, self._any(data))

    @rule(data=st.data(), times=st.integers(2, 6))
    def go_on(self, data: st.DataObject, times: int) -> None:
        """Press again and again in the newest journey."""
        for _ in range(times):
            self._press(data, self.views[-1])

    @rule(data=st.data())
    def press_while_something_is_away(self, data: st.DataObject) -> None:
        """Where a port does not answer, nothing moves; where none is asked, nothing is told."""
        view = self._any(data)
        ports = self.box.registry, self.box.passwords
        command, before = data.draw(self.walk.presses(view)), self._look(view)
        for port in ports:
            port.fail_next()
        try:
            self._seen(view, self.box.flows.submit(view.token, command))
        except PortUnavailable:
            _must(self._look(view) == before, f"{command.event} failed, and something moved")
        except _REFUSED:
            pass
        finally:
            for port in ports:
                port.fail_next(0)

    @rule(
        seconds=st.sampled_from(
            [1, 1, 2, 30, 30, 61, 61, 121, 301, 599, 600, 601, 1800, 86400, -30]
        )
    )
    def wait(self, seconds: int) -> None:
        """Time goes by, or the clock is put back."""
        self.box.clock.advance(seconds=seconds)

    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        """Looking twice shows the same: it changes nothing."""
        view = self._any(data)
        _must(self._look(view) == self._look(view), "looking changes something")

    @invariant()
    def an_open_screen_leaves_a_way_on(self) -> None:
        """And nothing is offered once a journey has ended."""
        for view in self.views[-1:]:
            seen = self._look(view)
            leads_on = bool(seen.screen.buttons or seen.screen.links)
            is_over = seen.status != "open" and not seen.screen.buttons
            _must(is_over or leads_on, f"{seen.flow}.{seen.state} leads nowhere")

    @invariant()
    def nothing_that_was_typed_is_in_a_journal(self) -> None:
        """Nor an RPPS number, nor a code."""
        with self.box.storage.reading() as unit:
            lines = [line for it in self.views for line in unit.journal.lines(it.reference)[-1:]]
        private = self.known.password, self.known.rpps, self.known.email
        for line in lines:
            _must(not any(it in line for it in private), "a journal holds what was typed")

    def teardown(self) -> None:
        """Every journey is what its journal tells."""
        with self.box.storage.reading() as unit:
            stored = unit.journeys.search(_EVERYTHING)
            journals = [unit.journal.lines(it.journey.reference) for it in stored]
        for kept, lines in zip(stored, journals, strict=True):
            flow = self.box.flows.flows.get(kept.journey.flow)
            if flow is not None:  # an account's own journal has no table
                told = replay(flow, read_journal(lines))
                _must(told.end == kept.journey, f"{kept.journey.reference} is told otherwise")

    def _press(self, data: st.DataObject, view: View) -> None:
        """Press, and once more with the same key: the answer is the same."""
        command, self.presses = data.draw(self.walk.presses(view)), self.presses + 1
        key = f"press {self.presses}"
        try:
            seen = self.box.flows.submit(view.token, command, key=key)
        except _REFUSED:
            return
        self._seen(view, seen)
        if "entry.erased" in [it.id for it in seen.notices]:  # too late: it was not taken
            return
        try:
            again = self.box.flows.submit(view.token, command, key=key)
        except _REFUSED as error:
            raise AssertionError(f"{command.event}, again, is refused") from error
        _must(again == seen, f"{command.event}, again, is answered otherwise")

    def _any(self, data: st.DataObject) -> View:
        return self.views[data.draw(st.integers(0, len(self.views) - 1))]

    def _look(self, view: View) -> View:
        return self.box.flows.view(view.token)

    def _seen(self, before: View, view: View) -> None:
        self.views[self.views.index(before)] = view
