"""An application put together from settings, on real backends."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any, ClassVar

import pytest
from attrs import evolve
from close_account.closing import closing

import monespace_backends
from monespace_backends import (
    Settings,
    SettingsInvalid,
    close_flows,
    from_settings,
    ports_from_settings,
)
from monespace_backends.messaging.demo import Catcher, DeliveredMessage, MessageFile
from monespace_backends.registry import HttpSource, ModuleSource
from monespace_backends.registry.file import write_demo_registry
from monespace_backends.registry.opening import close_registry
from monespace_backends.secrets import create_keys
from monespace_backends.settings.service import (
    Argon2Settings,
    MessagingSettings,
    PasswordSettings,
    SmsSettings,
    SmtpSettings,
)
from monespace_backends.wiring import make_passwords, relay_of
from monespace_flows import Create, Flows, SendCode, SignIn, SubmitCode, SubmitIdentity
from monespace_flows.flows import STANDARD
from monespace_flows.ports import Message, Ports
from monespace_flows.testing import demo_registry
from tests.hosts.conftest import Archive
from tests.servers.registry import KEY, serving

CHEAP = Argon2Settings(memory_cost=19_456, time_cost=2, parallelism=1)
SMS = SmsSettings(url="https://sms.example", key="hunter2")
PASSWORD = "tournevis-girafe-lundi"


@pytest.fixture
def messages(tmp_path: Path) -> MessageFile:
    return MessageFile(tmp_path / "messages.jsonl")


@pytest.fixture
def settings(tmp_path: Path, messages: MessageFile) -> Iterator[Settings]:
    create_keys(tmp_path / "keys")
    write_demo_registry(tmp_path / "registry.csv")
    with Catcher(messages) as catcher:
        yield Settings(
            base_url="https://monespace.example",
            database=f"sqlite:///{tmp_path}/monespace.db",
            keys_file=tmp_path / "keys",
            registry=tmp_path / "registry.csv",
            smtp=SmtpSettings(
                host=catcher.host,
                port=catcher.port,
                tls="none",
                sender="ne-pas-repondre@monespace.example",
            ),
            argon2=CHEAP,
        )


def close(ports: Ports) -> None:
    storage: Any = ports.storage
    storage.close()


def awaited(messages: MessageFile, count: int) -> DeliveredMessage:
    """Wait for the n-th message."""
    end = monotonic() + 10
    while len(messages.read()) < count and monotonic() < end:
        sleep(0.01)
    return messages.read()[count - 1]


def create_by_email(flows: Flows, messages: MessageFile) -> str:
    """Create the space of a doctor whose e-mail address the Order holds; that address."""
    token = flows.start("creation").token or ""
    view = flows.submit(
        token, SubmitIdentity(birth_date="03/11/1990", rpps="99000000028", accept_terms=True)
    )
    (channels,) = (field for field in view.screen.fields if field.options)
    flows.submit(token, SendCode(channel=channels.options[0].value))
    code = re.search(r"\b[0-9]{6}\b", awaited(messages, 1).text)
    assert code is not None
    flows.submit(token, SubmitCode(code=code[0]))
    view = flows.submit(token, Create(password=PASSWORD, password_confirmation=PASSWORD))
    assert view.state == "created"
    return awaited(messages, 1).to


def test_a_whole_creation(settings: Settings, messages: MessageFile) -> None:
    """With SQLite, argon2, keys, a registry file and a mail server."""
    ports = ports_from_settings(settings)
    relay = relay_of(ports, settings.policy)
    flows = from_settings(settings, ports=ports, relay=relay)
    email = create_by_email(flows, messages)

    token = flows.start("signin").token or ""
    view = flows.submit(token, SignIn(email=email, password=PASSWORD))
    confirmation = awaited(messages, 2)
    relay.stop()
    close(ports)

    assert view.state == "signed_in"
    assert (confirmation.purpose, confirmation.to) == ("confirmation", email)
    assert confirmation.html is not None


def test_messages_leave_without_further_ado(settings: Settings, messages: MessageFile) -> None:
    """The first message starts the thread that delivers."""
    flows = from_settings(settings)

    assert create_by_email(flows, messages) == "claire.martin@medecin.example"
    awaited(messages, 2)
    close_flows(flows)


def test_another_process_may_deliver(settings: Settings, messages: MessageFile) -> None:
    flows = from_settings(evolve(settings, relay=False))
    token = flows.start("creation").token or ""
    view = flows.submit(
        token, SubmitIdentity(birth_date="03/11/1990", rpps="99000000028", accept_terms=True)
    )
    (channels,) = (field for field in view.screen.fields if field.options)
    flows.submit(token, SendCode(channel=channels.options[0].value))
    with flows.ports.storage.reading() as unit:
        (waiting,) = unit.outbox.of_journey(view.reference)
    close_flows(flows)

    assert waiting.status == "waiting"
    assert messages.read() == []


def test_a_creation_with_a_registry_asked_over_http(
    settings: Settings, messages: MessageFile
) -> None:
    """Named by the settings alone."""
    with serving(demo_registry()) as service:
        source = HttpSource(url=service.url, key=KEY)
        flows = from_settings(evolve(settings, registry=source))
        email = create_by_email(flows, messages)
        awaited(messages, 2)
        close_flows(flows)
        close_registry(flows.ports.registry)

    assert email == "claire.martin@medecin.example"
    assert set(service.asked) == {"/v1/verify", "/v1/doctor"}


def note() -> Any:
    """Make the messaging of a host, as settings name it."""
    return Noting()


class Noting:
    """Keeps what it is handed."""

    kept: ClassVar[list[str]] = []

    def deliver(self, message: Message) -> None:
        self.kept.append(message.to)


@pytest.mark.parametrize("way", ["settings", "handed"])
def test_a_creation_with_the_ports_of_a_host(settings: Settings, way: str) -> None:
    """Named by the settings, or handed over ready: then neither registry nor smtp is set."""
    Noting.kept.clear()
    bare = evolve(settings, registry=None, smtp=None)
    if way == "handed":
        flows = from_settings(bare, registry=demo_registry(), messaging=Noting())
    else:
        flows = from_settings(
            evolve(
                bare,
                registry=ModuleSource(target="monespace_flows.testing:demo_registry"),
                messaging=MessagingSettings(kind="module", target=f"{__name__}:note"),
            )
        )
    token = flows.start("creation").token or ""
    view = flows.submit(
        token, SubmitIdentity(birth_date="03/11/1990", rpps="99000000028", accept_terms=True)
    )
    (channels,) = (field for field in view.screen.fields if field.options)
    flows.submit(token, SendCode(channel=channels.options[0].value))
    end = monotonic() + 10
    while not Noting.kept and monotonic() < end:
        sleep(0.01)
    close_flows(flows)

    assert Noting.kept == ["claire.martin@medecin.example"]


def test_codes_by_sms_are_offered_where_the_ports_of_a_host_send_them(settings: Settings) -> None:
    bare = evolve(settings, messaging=MessagingSettings(dial_codes=frozenset({33})))
    ports = ports_from_settings(bare, messaging=Noting())
    answer = ports.registry.verify("99000000002", date(1975, 6, 17))
    close(ports)
    assert answer.doctor is not None
    assert answer.doctor.mobile == "+33612345678"

    with pytest.raises(SettingsInvalid, match=r"messaging\.dial_codes: without \[sms\]"):
        ports_from_settings(bare)


def test_what_no_host_handed_over_is_missing(settings: Settings) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        ports_from_settings(evolve(settings, registry=None, smtp=None))

    assert [it.partition(" is missing")[0] for it in caught.value.problems] == [
        "registry:",
        "smtp:",
    ]


def test_what_cannot_deliver_is_no_messaging(settings: Settings) -> None:
    target = "monespace_flows.testing:demo_registry"
    wrong = evolve(settings, messaging=MessagingSettings(kind="module", target=target))
    with pytest.raises(SettingsInvalid, match=r"messaging: .* no method deliver: write deliver\("):
        ports_from_settings(wrong)


@pytest.mark.parametrize(("sms", "mobile"), [(None, None), (SMS, "+33612345678")])
def test_sms_is_offered_only_where_there_is_a_provider(
    settings: Settings, sms: SmsSettings | None, mobile: str | None
) -> None:
    ports = ports_from_settings(evolve(settings, sms=sms))
    answer = ports.registry.verify("99000000002", date(1975, 6, 17))
    close(ports)

    assert answer.doctor is not None
    assert answer.doctor.mobile == mobile


def test_all_that_cannot_be_opened_is_told_at_once(settings: Settings, tmp_path: Path) -> None:
    assert settings.smtp is not None
    broken = evolve(
        settings,
        keys_file=tmp_path / "nowhere",
        registry=tmp_path / "keys",
        database="mysql://app:hunter2@x/y",
        smtp=evolve(settings.smtp, tls="tls", ca_file=tmp_path / "nowhere.pem"),
        passwords=PasswordSettings(blocklist=tmp_path / "nowhere.txt"),
    )

    with pytest.raises(SettingsInvalid) as caught:
        ports_from_settings(broken)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "database",
        "keys_file",
        "registry",
        "smtp.ca_file",
        "passwords.blocklist",
    ]
    assert "hunter2" not in str(caught.value)


def test_what_was_opened_is_closed_when_something_else_fails(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "keys").chmod(0o644)

    with pytest.raises(SettingsInvalid, match=r"keys_file: .*chmod 600"):
        from_settings(settings)


def test_passwords_cost_what_settings_say() -> None:
    kept = make_passwords(CHEAP).hash(PASSWORD)

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert make_passwords(Argon2Settings()).is_outdated(kept)


def test_a_host_s_list_of_passwords_stands_beside_ours(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "ours.txt").write_text("zwirnklopp\n", "utf-8")
    listed = PasswordSettings(blocklist=tmp_path / "ours.txt")

    ports = ports_from_settings(evolve(settings, passwords=listed))
    close(ports)

    assert ports.blocklist.contains("zwirnklopp")
    assert ports.blocklist.contains("motdepasse")


def test_the_defaults_of_passwords_are_those_of_the_library() -> None:
    from argon2 import extract_parameters
    from argon2.profiles import RFC_9106_LOW_MEMORY

    store = make_passwords(Argon2Settings(wait=timedelta(0)))

    assert extract_parameters(store._nobodys) == RFC_9106_LOW_MEMORY


class TestPackage:
    """The package's own names."""

    def test_each_can_be_imported(self) -> None:
        for name in monespace_backends.__all__:
            assert getattr(monespace_backends, name)

    def test_others_are_unknown(self) -> None:
        with pytest.raises(AttributeError, match="nothing"):
            monespace_backends.nothing  # noqa: B018 - asking is the test

    def test_a_missing_library_is_told_by_the_extra_that_brings_it(self) -> None:
        program = (
            "import sys; sys.modules['argon2'] = None\n"
            "try: from monespace_backends import from_settings\n"
            "except ModuleNotFoundError as missing: print(missing)\n"
        )
        told = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout

        assert "monespace-flows[sql]" in told

    def test_the_keys_do_not_wait_for_the_database(self) -> None:
        program = (
            "import sys, monespace_backends.secrets\nprint('sqlalchemy' in sys.modules, "
            "'httpx2' in sys.modules)"
        )
        told = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout

        assert told.strip() == "False False"


def test_a_host_s_own_flow_is_served_on_real_backends(settings: Settings) -> None:
    mine = closing(Archive())
    flows = from_settings(settings, flows=(*STANDARD, mine))

    assert flows.preview("close_account").screen.id == "closing.say_why"
    close_flows(flows)
