"""`monespace demo`: a real process, real SMTP, a real file, restarted in the middle."""

from __future__ import annotations

import re
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .running import PROGRAM, Demo, Person, Warmed, clean_environment, demo, run

SMS_ONLY, MAIL_ONLY, BOTH = "99000000010", "99000000028", "99000000002"
WAITING = "99000000044"
PASSWORD = "marqueur grenouille violette sur un vieux quai"
EMAIL = "marqueur.adresse@cachette.example"
WHY = ("--purpose", "test", "--ticket", "SD-1423")
DRAWN = re.compile(r"\.\d+|\b[0-9a-f]{16,}\b|\(adresse\s+[0-9a-f]+\)")
"""What holds any four digits by chance: the parts of a second, and digests."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run one demo, in which someone has received a code, for the tests that share it."""
    with demo(tmp_path_factory.mktemp("demo")) as started:
        person = started.start("creation")
        person.identify(WAITING, "12/09/1994")
        person.press("send_code", channel="sms")
        person.code(channel="sms")
        yield started


def create_by_sms(person: Person, email: str) -> None:
    """Finish a creation that waits for its code."""
    assert person.press("submit_code", code=person.code(channel="sms")).status == 200
    done = person.press(
        "activate",
        email=email,
        email_confirmation=email,
        password=PASSWORD,
        password_confirmation=PASSWORD,
    )
    assert (done.status, person.seen["state"]) == (200, "created")


class TestJourneys:
    def test_an_account_is_created_by_sms(self, running: Demo) -> None:
        person = running.start("creation")
        assert person.identify(SMS_ONLY, "28/02/1982").status == 200
        assert person.press("send_code", channel="sms").status == 200

        create_by_sms(person, EMAIL)

        assert running.message(1, purpose="confirmation")["to"] == EMAIL
        signing_in = running.start("signin")
        assert signing_in.press("sign_in", email=EMAIL, password=PASSWORD).status == 200
        session = running.call("GET", "api/session", token=signing_in.seen["session"])
        assert session.body["email"] == EMAIL

    def test_an_account_is_created_by_email(self, running: Demo) -> None:
        person = running.start("creation")
        assert person.identify(MAIL_ONLY, "03/11/1990").status == 200
        assert person.press("send_code", channel="email").status == 200
        code = person.code(channel="email")
        assert person.press("submit_code", code=code).status == 200

        done = person.press("create", password=PASSWORD, password_confirmation=PASSWORD)

        assert (done.status, person.seen["state"]) == (200, "created")

    def test_messages_are_lines_of_the_promised_form(self, running: Demo) -> None:
        promised = {"id", "at", "channel", "purpose", "to", "subject", "text", "html"}

        messages = running.messages()
        assert messages
        assert all(set(message) == promised for message in messages)

    def test_the_inbox_shows_what_was_sent(self, running: Demo) -> None:
        code = running.message(1, channel="sms", purpose="code")

        assert code["text"].splitlines()[0][:30] in running.page("demo/boite")

    def test_support_reads_it_while_it_runs(self, running: Demo) -> None:
        person = running.start("creation")
        person.identify(BOTH, "18/06/1975")

        shown = run("show", person.reference, "--dir", running.path, *WHY)

        assert shown.code == 0
        assert "date de naissance différente" in shown.out

    def test_no_output_of_support_holds_what_was_typed(self, running: Demo, warmed: Warmed) -> None:
        for journey in warmed.run("list", "--dir", running.path, "--json").data["journeys"]:
            for more in ((), ("--json",)):
                shown = warmed.run("show", journey["reference"], "--dir", running.path, *WHY, *more)
                said = DRAWN.sub("", shown.out + shown.err).lower()
                typed = ("marqueur", "cachette", SMS_ONLY, MAIL_ONLY, BOTH, "1975", "1990")
                found = [secret for secret in typed if secret in said]

                assert (shown.code, found) == (0, [])


class TestTheFolder:
    def test_holds_what_is_promised_for_the_owner_only(self, running: Demo) -> None:
        for name in ("monespace.db", "keys", "registry.csv", "messages.jsonl"):
            mode = (running.path / name).stat().st_mode
            assert stat.S_IMODE(mode) == 0o600, name

    def test_a_registry_that_is_there_already_is_used(self, tmp_path: Path, warmed: Warmed) -> None:
        (tmp_path / "registry.csv").write_text(
            "rpps,birth_date,role,status,mobile,email,council\n"
            "99000000093,1970-01-02,interne,inscrit,+33612340000,,Conseil départemental de l'Ain\n"
        )
        with warmed.demo(tmp_path) as started:
            assert started.start("creation").identify("99000000093", "02/01/1970").status == 200
            assert started.start("creation").identify(BOTH, "17/06/1975").status == 422

    def test_a_bad_row_in_it_turns_nobody_else_away(self, tmp_path: Path, warmed: Warmed) -> None:
        (tmp_path / "registry.csv").write_text(
            "rpps,birth_date,role,status,mobile,email,council\n"
            "99000000093,1970-01-02,interne,inscrit,+33612340000,,\n"
            "99000000101,1970-02-30,interne,inscrit,+33612340000,,\n"
        )
        with warmed.demo(tmp_path) as started:
            assert started.start("creation").identify("99000000093", "02/01/1970").status == 200
            assert started.start("creation").identify("99000000101", "28/02/1970").status == 422


class TestRestart:
    def test_loses_nothing(self, tmp_path: Path, warmed: Warmed) -> None:
        """Stopped between the code sent and the code typed; even killed."""
        with warmed.demo(tmp_path) as first:
            person = first.start("creation")
            person.identify(BOTH, "17/06/1975")
            person.press("send_code", channel="sms")
            person.code(channel="sms")
            first.process.kill()
            first.process.wait()
        keys = (tmp_path / "keys").read_bytes()

        with warmed.demo(tmp_path) as second:
            person.demo = second
            create_by_sms(person, EMAIL)
            second.message(1, purpose="confirmation")

        assert (tmp_path / "keys").read_bytes() == keys
        assert "identique" in warmed.run("show", person.reference, "--dir", tmp_path, *WHY).out

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_stop_is_clean(self, number: int, tmp_path: Path) -> None:
        with demo(tmp_path) as started:
            started.start("creation")

            assert started.stop(number) == 0

        assert not (tmp_path / "monespace.db-wal").exists()


class TestTheClock:
    def test_runs_ahead_by_what_the_file_says(self, tmp_path: Path, warmed: Warmed) -> None:
        """What is typed and not validated for ten minutes is erased (C2)."""
        clock = tmp_path / "ahead"
        with warmed.demo(tmp_path / "data", "--clock", clock) as started:
            person = started.start("creation")
            clock.write_text("601\n")

            assert person.identify(BOTH, "17/06/1975").status == 422
            assert person.seen["notices"][0]["id"] == "entry.erased"


class TestThePolicy:
    def test_can_block_whoever_has_an_account(self, tmp_path: Path, warmed: Warmed) -> None:
        """The letter of R3: the information, and no button that goes on."""
        policy = tmp_path / "block.toml"
        policy.write_text('[recovery]\nexisting_account = "block"\n')
        with warmed.demo(tmp_path / "data", "--policy", policy) as started:
            creation = started.start("creation")
            creation.identify(BOTH, "17/06/1975")
            creation.press("send_code", channel="sms")
            create_by_sms(creation, EMAIL)
            person = started.start("recovery")

            person.identify(BOTH, "17/06/1975")

            buttons = [button["command"] for button in person.seen["screen"]["buttons"]]
            assert person.seen["notices"][0]["id"] == "account.exists"
            assert "continue_recovery" not in buttons


class TestWhatItRefuses:
    def test_a_port_that_is_taken(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]

            ended = run("demo", "--dir", tmp_path, "--port", str(port))

        assert (ended.code, ended.out) == (2, "")
        assert f"port {port}" in ended.err

    def test_a_faulty_registry_by_its_lines(self, tmp_path: Path, warmed: Warmed) -> None:
        (tmp_path / "registry.csv").write_text(
            "rpps,birth_date,role,status,mobile,email,council\n"
            "99000000093,1970-02-30,interne,inscrit,,,\n"
            "9900000010,1970-02-03,interne,inscrit,0612,,\n"
        )

        ended = warmed.run("demo", "--dir", tmp_path, "--port", "0")

        assert (ended.code, ended.out) == (2, "")
        assert "line 2: birth_date" in ended.err
        assert "line 3: rpps" in ended.err

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('[recovery]\nexisting_account = "maybe"\n', "recovery.existing_account"),
            ("[recovery]\nexisting_acount = 1\n", "recovery.existing_acount"),
            ("[codes]\ntries = 0\n", "codes.tries"),
            ("[codes\n", "is not TOML"),
        ],
    )
    def test_a_faulty_policy_by_its_field(
        self, text: str, told: str, tmp_path: Path, warmed: Warmed
    ) -> None:
        policy = tmp_path / "policy.toml"
        policy.write_text(text)

        ended = warmed.run("demo", "--dir", tmp_path / "data", "--port", "0", "--policy", policy)

        assert (ended.code, ended.out) == (2, "")
        assert told in ended.err

    def test_a_policy_that_is_not_there(self, tmp_path: Path, warmed: Warmed) -> None:
        absent = tmp_path / "no.toml"

        ended = warmed.run("demo", "--dir", tmp_path / "data", "--port", "0", "--policy", absent)

        assert ended.code == 2
        assert "no.toml" in ended.err

    def test_a_database_that_is_none(self, tmp_path: Path, warmed: Warmed) -> None:
        (tmp_path / "monespace.db").write_text("not a database" * 100)

        ended = warmed.run("demo", "--dir", tmp_path, "--port", "0")

        assert (ended.code, ended.out) == (2, "")
        assert "monespace.db cannot be opened" in ended.err

    def test_keys_that_others_may_read(self, tmp_path: Path, warmed: Warmed) -> None:
        (tmp_path / "keys").write_text("x\n")
        (tmp_path / "keys").chmod(0o644)

        ended = warmed.run("demo", "--dir", tmp_path, "--port", "0")

        assert ended.code == 2
        assert "chmod 600" in ended.err


def test_says_nothing_but_ready_on_the_standard_output(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*PROGRAM, "demo", "--port", "0", "--dir", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.terminate()
        rest, told = process.communicate(timeout=30)

    assert first.startswith("Ready: http://127.0.0.1:")
    assert rest == ""
    assert "/demo/boite" in told


def test_listens_on_this_machine_only(running: Demo) -> None:
    port = int(running.url.rsplit(":", 1)[1].rstrip("/"))
    elsewhere = "127.0.0.2"  # this machine too, by another of its addresses

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((elsewhere, port), timeout=2)


def test_a_demo_in_english_and_in_a_host_s_looks(warmed: Warmed, tmp_path: Path) -> None:
    """Its pages, its JSON, the mail that really travels, and the page of every component."""
    (tmp_path / "mine.toml").write_text('[theme]\nname = "CONSEIL"\ncolours.accent = "#7a1f5c"\n')
    arguments = ("--language", "en", "--theme", tmp_path / "mine.toml")
    with warmed.demo(tmp_path / "demo", *arguments) as running:
        person = running.start("creation")
        person.identify(MAIL_ONLY, "03/11/1990")
        person.press("send_code", channel="email")
        person.code(channel="email")
        components = running.page("demo/theme")
        mail = running.message(1, purpose="code")

    assert person.seen["screen"]["title"] == "Please enter the code you received"
    assert mail["subject"] == "Your code to create your space"
    assert '<html lang="en">' in mail["html"]
    assert "<h1>All components</h1>" in components
    assert "/theme.css" in components
    assert ">CONSEIL<" in components
