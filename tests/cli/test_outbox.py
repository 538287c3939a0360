"""`monespace outbox`: what has not left is seen, put back or dropped, and nobody is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve
from click.testing import Result

from monespace_backends.secrets import KeyedSecrets, read_keys
from monespace_cli.access.log import AccessLog
from monespace_flows.journal.deliveries import read_deliveries
from monespace_flows.ports import Listener, OutboxMessage
from monespace_flows.serialization import to_json
from tests.backends.mailing import MAIL, SMS
from tests.support.desk import Desk

from .conftest import Call, checked

WHY = ("--purpose", "incident", "--ticket", "SD-7")
NEVER_SHOWN = (MAIL.to, SMS.to, "123456", "@")


@define
class Operator:
    """Someone who runs the service, and its outbox."""

    desk: Desk
    call: Call

    def outbox(self, *options: str, typed: str = "") -> Result:
        """Run the command on the demo's data; nothing that it says may be anybody's."""
        ended = self.call("outbox", *options, "--dir", self.desk.path, typed=typed)
        assert [it for it in NEVER_SHOWN if it in ended.output] == []
        return ended

    def kept(self) -> dict[str, OutboxMessage]:
        """What the outbox holds of the journey now."""
        with self.desk.storage.reading() as unit:
            return {it.id: it for it in unit.outbox.of_journey("7K3Q-F9M2")}

    @property
    def recorded(self) -> list[str]:
        """What stands in the log of accesses."""
        return [
            f"{it.command} {it.reference} {it.purpose} {it.ticket}"
            for it in AccessLog(self.desk.folder.access_log).read()
        ]


@pytest.fixture
def operator(tmp_path: Path, call: Call) -> Iterator[Operator]:
    """Sit down where nothing has left for a while."""
    desk = Desk(tmp_path)
    yield Operator(desk, call)
    desk.close()


@pytest.fixture
def troubled(operator: Operator) -> Operator:
    """Let there be one message of each kind, written half a minute past the ages that show."""
    now = datetime.now(UTC)
    secrets = KeyedSecrets(read_keys(operator.desk.folder.keys))
    waiting = OutboxMessage(
        id="waits",
        journey="7K3Q-F9M2",
        channel="email",
        purpose="code",
        sealed=secrets.seal(to_json(MAIL)),
        created_at=now - timedelta(minutes=4, seconds=30),
        due_at=now,
        expires_at=now + timedelta(minutes=6),
    )
    refused = evolve(
        waiting, id="refused", status="failed", error="email", attempts=1, finished_at=now
    )
    failing = evolve(
        waiting,
        id="failing",
        channel="sms",
        sealed=secrets.seal(to_json(SMS)),
        created_at=now - timedelta(hours=3),
        error="sms",
        attempts=9,
    )
    with operator.desk.storage.writing() as unit:
        for each in (
            waiting,
            refused,
            failing,
            evolve(refused, id="blanked", sealed=None, created_at=now - timedelta(days=3)),
            evolve(refused, id="late", expires_at=now),
            evolve(waiting, id="nobody", channel="none"),
            evolve(waiting, id="sent", status="sent", sealed=None, finished_at=now),
            evolve(
                waiting,
                id="event",
                channel="event",
                purpose="SignedIn",
                error="handler",
                listener="SignedIn:crm",
            ),
        ):
            unit.outbox.add(each)
    return operator


def states(shown: str) -> dict[str, str]:
    """Read which message is in which state."""
    return {it["id"]: it["state"] for it in checked(shown)["messages"]}


# --- to see --------------------------------------------------------------------------------------


def test_where_nothing_waits_that_is_said(operator: Operator) -> None:
    ended = operator.outbox("list")

    assert (ended.exit_code, ended.stdout) == (0, "Rien n'attend, et rien n'a échoué.\n")
    assert states(operator.outbox("list", "--json").stdout) == {}


def test_what_has_not_left_is_listed_by_channel_state_and_age(troubled: Operator) -> None:
    ended = troubled.outbox("list")

    lines = ended.stdout.splitlines()
    assert ended.exit_code == 0
    assert lines[:5] == [
        "canal   état       nombre  plus ancien",
        "email   given-up        2  3 j",
        "email   refused         1  4 min",
        "email   waiting         1  4 min",
        "event   failing         1  4 min",
    ]
    assert "failing  sms     failing       3 h      9  sms (code)" in lines
    assert "event    event   failing     4 min      0  handler (SignedIn pour crm)" in lines
    assert [line for line in lines if "nobody" in line or line.startswith("sent")] == []
    assert max(map(len, lines)) <= 80
    assert troubled.recorded == []


def test_json_is_of_its_published_schema(troubled: Operator) -> None:
    shown = troubled.outbox("list", "--json").stdout

    assert states(shown) == {
        "blanked": "given-up",
        "failing": "failing",
        "event": "failing",
        "late": "given-up",
        "refused": "refused",
        "waits": "waiting",
    }
    (failing,) = (it for it in checked(shown)["messages"] if it["id"] == "failing")
    assert (failing["attempts"], failing["error"]) == (9, "sms")
    assert failing["age_seconds"] >= 3 * 3600
    listeners = {it["id"]: it["listener"] for it in checked(shown)["messages"]}
    assert (listeners["event"], listeners["failing"]) == ("crm", None)


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (("--channel", "sms"), ["failing"]),
        (("--state", "refused"), ["refused"]),
        (("--older", "60"), ["blanked", "failing"]),
        (("--older", "60", "--channel", "email"), ["blanked"]),
    ],
)
def test_the_list_is_narrowed(
    options: tuple[str, ...], left: list[str], troubled: Operator
) -> None:
    assert list(states(troubled.outbox("list", *options, "--json").stdout)) == left


def test_a_long_list_is_cut_and_says_so(troubled: Operator) -> None:
    assert troubled.outbox("list", "--limit", "2").stdout.endswith("4 de plus : --limit 6\n")
    cut = checked(troubled.outbox("list", "--limit", "2", "--json").stdout)
    assert (len(cut["messages"]), cut["total"]) == (2, 6)


# --- to put back ---------------------------------------------------------------------------------


def test_what_was_refused_is_put_back_while_it_makes_sense(troubled: Operator) -> None:
    """Not what has lost its text, nor what would come too late; and the relay may take it."""
    ended = troubled.outbox("retry", "--all", *WHY)

    assert (ended.exit_code, ended.stdout) == (0, "messages remis en attente : 1\n")
    assert "restent tels quels : 5 ; monespace outbox list dit pourquoi" in ended.stderr
    back = troubled.kept()["refused"]
    assert (back.status, back.finished_at) == ("waiting", None)
    assert back.sealed is not None
    assert back.due_at <= datetime.now(UTC)
    assert troubled.kept()["blanked"].status == "failed"
    assert troubled.recorded == ["outbox-retry messages incident SD-7"]


def test_one_message_is_put_back_by_its_id(troubled: Operator) -> None:
    ended = troubled.outbox("retry", "--id", "refused", "--json", *WHY)

    assert checked(ended.stdout) == {
        "schema": "monespace/outbox-change/1",
        "changed": 1,
        "left": 0,
        "access": 1,
    }


@pytest.mark.parametrize("name", ["waits", "late", "unknown", "sent"])
def test_where_there_is_none_to_be_put_back_that_is_said(name: str, troubled: Operator) -> None:
    before = troubled.kept()
    ended = troubled.outbox("retry", "--id", name, *WHY)

    assert (ended.exit_code, ended.stdout) == (3, "")
    assert "aucun message ne peut être remis en attente" in ended.stderr
    assert before == troubled.kept()


def test_a_demo_s_clock_is_what_a_message_is_late_by(troubled: Operator) -> None:
    """Of a demo that was started with --clock."""
    troubled.desk.run_ahead(minutes=10)
    ended = troubled.outbox("retry", "--id", "refused", *WHY)

    assert (ended.exit_code, troubled.kept()["refused"].status) == (3, "failed")


def test_what_is_put_back_and_leaves_is_told_after_what_refused_it(operator: Operator) -> None:
    """Support reads both, and no longer that nothing came."""
    desk = operator.desk
    desk.keep_time()
    desk.sandbox.messages.refuse_next()
    person = desk.person("creation").identifies().asks_code()
    assert desk.data("why", person.reference)["cause_id"] == "message.refused"

    assert operator.outbox("retry", "--all", *WHY).stdout == "messages remis en attente : 1\n"
    desk.sandbox.clock.advance(seconds=30)
    desk.sandbox.flows.wake()

    (told,) = read_deliveries(person.recorded().deliveries)
    assert [it.fate.value for it in told] == ["queued", "refused_permanently", "handed_over"]
    assert desk.data("why", person.reference)["cause_id"] == "waiting.enter_code"
    page = " ".join(desk.ask("show", person.reference).stdout.split())
    assert "refusé définitivement à" in page
    assert "par messaging, remis pour acheminement à" in page
    assert desk.run("verify").exit_code == 0


# --- to drop -------------------------------------------------------------------------------------


def test_what_is_dropped_never_leaves_and_says_so(troubled: Operator) -> None:
    ended = troubled.outbox("drop", "--id", "waits", "--id", "refused", "--yes", *WHY)

    assert (ended.exit_code, ended.stdout) == (0, "messages ôtés : 2\n")
    for name in ("waits", "refused"):
        dropped = troubled.kept()[name]
        assert (dropped.status, dropped.sealed, dropped.error) == ("expired", None, "dropped")
    assert troubled.kept()["failing"].sealed is not None
    assert troubled.recorded == ["outbox-drop messages incident SD-7"]
    listed = troubled.call("access-log", "--dir", troubled.desk.path).stdout
    assert "outbox-drop des messages incident, SD-7" in " ".join(listed.split())


@pytest.mark.parametrize(("channel", "name"), [("sms", "failing"), ("event", "event")])
def test_all_of_a_channel_are_dropped(channel: str, name: str, troubled: Operator) -> None:
    ended = troubled.outbox("drop", "--all", "--channel", channel, "--yes", *WHY)

    assert (ended.exit_code, ended.stdout) == (0, "messages ôtés : 1\n")
    assert [it.id for it in troubled.kept().values() if it.error == "dropped"] == [name]


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        ("n\n", 130, "monespace: rien n'a été ôté\n"),
        ("", 2, "rien n'a été ôté : personne n'a répondu ; --yes le fait sans demander\n"),
    ],
)
def test_who_does_not_say_yes_drops_nothing(
    answer: str, code: int, told: str, troubled: Operator
) -> None:
    before = troubled.kept()
    ended = troubled.outbox("drop", "--all", *WHY, typed=answer)

    assert ended.exit_code == code
    assert ended.stderr.endswith(told)
    assert (before, []) == (troubled.kept(), troubled.recorded)


def test_one_is_asked_whether_one_is_sure(troubled: Operator) -> None:
    ended = troubled.outbox("drop", "--id", "waits", *WHY, typed="y\n")

    assert ended.exit_code == 0
    assert "Ôter ces messages pour de bon ? [o/N] : " in ended.stderr


# --- who listens ---------------------------------------------------------------------------------


@pytest.fixture
def heard(troubled: Operator) -> Operator:
    """Let there be a listener to two kinds, for whom one event waits, and another one."""
    now = datetime.now(UTC)
    with troubled.desk.storage.writing() as unit:
        for kind, name in (("SignedIn", "crm"), ("AccountErased", "crm"), ("SignedIn", "mail")):
            unit.listeners.add(Listener(kind=kind, name=name, since=now))
    return troubled


def listeners(operator: Operator) -> list[tuple[str, str, int, int]]:
    """Read who listens to what, and what waits or failed."""
    shown = checked(operator.outbox("listeners", "--json").stdout)["listeners"]
    return [(it["name"], it["kind"], it["waiting"], it["failed"]) for it in shown]


def test_where_nobody_listens_that_is_said(operator: Operator) -> None:
    assert operator.outbox("listeners").stdout == "Personne n'écoute les événements.\n"


def test_listeners_are_shown_with_what_waits_for_them(heard: Operator) -> None:
    assert heard.outbox("listeners").stdout.splitlines() == [
        "sorte                 attend  échoué  nom",
        "AccountErased              0       0  crm",
        "SignedIn                   1       0  crm",
        "SignedIn                   0       0  mail",
    ]
    assert ("crm", "SignedIn", 1, 0) in listeners(heard)


def test_a_listener_is_forgotten_with_what_waits_for_it(heard: Operator) -> None:
    ended = heard.outbox("forget", "crm", *WHY, typed="y\n")

    assert (ended.exit_code, ended.stdout) == (0, "oublié ; événements ôtés : 1\n")
    assert listeners(heard) == [("mail", "SignedIn", 0, 0)]
    event = heard.kept()["event"]
    assert (event.status, event.sealed, event.error) == ("expired", None, "forgotten")
    assert heard.recorded == ["outbox-forget messages incident SD-7"]


def test_a_listener_is_forgotten_for_one_kind(heard: Operator) -> None:
    ended = heard.outbox("forget", "crm", "--kind", "AccountErased", "--yes", "--json", *WHY)

    assert checked(ended.stdout) == {
        "schema": "monespace/outbox-forgotten/1",
        "dropped": 0,
        "access": 1,
    }
    assert heard.kept()["event"].status == "waiting"
    assert [it[0] for it in listeners(heard)] == ["crm", "mail"]


def test_whom_nobody_knows_is_not_forgotten(heard: Operator) -> None:
    ended = heard.outbox("forget", "nobody", "--yes", *WHY)

    assert ended.exit_code == 3
    assert "personne n'écoute sous ce nom" in ended.stderr


# --- for both ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["retry", "drop"])
@pytest.mark.parametrize("which", [(), ("--all", "--id", "waits")])
def test_one_says_which(command: str, which: tuple[str, ...], troubled: Operator) -> None:
    ended = troubled.outbox(command, *which, *WHY)

    assert ended.exit_code == 2
    assert "dites lesquels : --id ID, plusieurs au besoin, ou --all" in ended.stderr


@pytest.mark.parametrize("command", [("retry",), ("drop", "--yes")])
@pytest.mark.parametrize(
    ("why", "told"),
    [
        ((), "il manque --purpose : dites pourquoi vous {} des messages"),
        (("--purpose", "incident"), "il manque --ticket"),
        (("--purpose", "x", "--ticket", "SD-1"), "ce motif n'existe pas : dites pourquoi vous {}"),
    ],
)
def test_who_does_not_say_why_changes_nothing(
    command: tuple[str, ...], why: tuple[str, ...], told: str, troubled: Operator
) -> None:
    before = troubled.kept()
    ended = troubled.outbox(*command, "--all", *why)

    assert (ended.exit_code, ended.stdout) == (4, "")
    assert told.format({"retry": "remettez", "drop": "ôtez"}[command[0]]) in ended.stderr
    assert (before, []) == (troubled.kept(), troubled.recorded)


@pytest.mark.parametrize("command", [("retry",), ("drop", "--yes")])
def test_what_cannot_be_recorded_is_not_done(command: tuple[str, ...], troubled: Operator) -> None:
    before: Any = troubled.kept()
    troubled.desk.folder.access_log.symlink_to("/dev/null")
    ended = troubled.outbox(*command, "--all", *WHY)

    assert (ended.exit_code, ended.stdout) == (4, "")
    assert "donc rien n'est fait ; voyez : monespace doctor" in " ".join(ended.stderr.split())
    assert before == troubled.kept()
