"""The commands that run a real service, on a settings file."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from monespace_backends.messaging.demo import Catcher, MessageFile
from monespace_backends.registry.file import write_demo_registry
from monespace_backends.storage import open_storage
from monespace_flows.testing import Sandbox
from tests.servers import postgres, storages

from .conftest import Call
from .drivers import left_open
from .running import PROGRAM, Demo, Warmed, clean_environment, wait_for
from .stories import SMTP_PASSWORD, tell_creation, write_settings

WHY = ("--purpose", "test", "--ticket", "SD-1423")


@contextmanager
def serving(config: Path) -> Iterator[Demo]:
    """Serve until the block ends."""
    with subprocess.Popen(
        [*PROGRAM, "serve", "--config", str(config)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment(),
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Ready: "), process.communicate()
            yield Demo(process, line.removeprefix("Ready: ").strip(), config.parent)
        finally:
            process.kill()


class TestServe:
    def test_tells_all_that_is_missing(self, call: Call) -> None:
        ended = call("serve")

        assert ended.exit_code == 2
        for name in ("base_url", "database", "keys_file", "registry"):
            assert f"{name} is missing" in ended.stderr

    def test_tells_all_that_cannot_be_opened(self, tmp_path: Path, call: Call) -> None:
        config = write_settings(tmp_path)
        (tmp_path / "keys").unlink()
        (tmp_path / "registry.csv").unlink()

        ended = call("serve", "--config", config)

        assert ended.exit_code == 2
        assert "keys_file: " in ended.stderr
        assert "registry: " in ended.stderr

    def test_refuses_a_brake_that_is_none(self, tmp_path: Path, call: Call) -> None:
        config = write_settings(tmp_path)
        config.write_text(
            config.read_text().replace("http.port", 'http.brakes.identiy = "1"\nhttp.port')
        )

        ended = call("serve", "--config", config)

        assert ended.exit_code == 2
        assert "identiy" in ended.stderr

    @pytest.mark.parametrize("handed", ["/compte", ""], ids=["kept by a proxy", "stripped by it"])
    def test_e5_serves_below_the_path_of_its_address(self, tmp_path: Path, handed: str) -> None:
        """Links, forms and styles of its pages lead there, whatever the proxy hands on."""
        config = write_settings(tmp_path)
        told = config.read_text()
        base = tomllib.loads(told)["base_url"]
        config.write_text(told.replace(base, f"{base}/compte"))
        with (
            serving(config) as served,
            httpx2.Client(headers={"Host": urlsplit(base).netloc}) as it,
        ):
            assert served.url.endswith("/compte/")
            root = served.url.removesuffix("/compte/")
            page = it.get(f"{root}{handed}/creation")
            style = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
            found = it.get(f"{root}{handed}{style.removeprefix('/compte')}")

        assert page.status_code == 200
        assert 'action="/compte/creation"' in page.text
        assert (style.partition("static")[0], found.status_code) == ("/compte/", 200)

    def test_serves_and_leaves_delivery_to_the_relay(self, tmp_path: Path, call: Call) -> None:
        """Two processes on one file: one serves, the other delivers once."""
        received = MessageFile(tmp_path / "received.jsonl")
        with Catcher(received) as catcher:
            config = write_settings(tmp_path, smtp_port=catcher.port, more="relay = false")
            with serving(config) as service:
                assert service.call("GET", "readyz").status == 200
                person = service.start("creation")
                person.identify("99000000028", "03/11/1990")
                assert person.press("send_code", channel="email").status == 200
                assert received.read() == []

                ended = call("relay", "--once", "--json", "--config", config)

                assert json.loads(ended.stdout)["sent"] == 1
                assert [it.purpose for it in received.read()] == ["code"]
                assert service.stop() == 0

    def test_reads_the_registry_again_when_told(
        self, tmp_path: Path, call: Call, warmed: Warmed
    ) -> None:
        config = write_settings(tmp_path)
        fresh = tmp_path / "fresh.csv"
        fresh.write_text(
            "rpps,birth_date,role,status,mobile,email,council\n"
            "99000000093,1970-01-02,medecin,inscrit,,a@b.example,Ain\n"
        )
        with warmed.serve(config) as service:
            assert service.start("creation").identify("99000000093", "02/01/1970").status == 422

            refused = call("registry", "import", fresh, "--config", config)
            assert (refused.exit_code, "9 of 9 people would leave" in refused.stderr) == (2, True)
            assert call("registry", "import", fresh, "--force", "--config", config).exit_code == 0
            service.process.send_signal(signal.SIGHUP)

            wait_for(
                lambda: (
                    service.start("creation").identify("99000000093", "02/01/1970").status == 200
                ),
                "the new registry",
            )


@pytest.mark.parametrize(
    ("words", "more"), [(["relay", "--once"], ""), (["serve"], 'http.brakes.identiy = "1"')]
)
def test_a_command_that_ends_lets_the_database_go(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch, words: list[str], more: str
) -> None:
    """One that fails once the database is open, too."""
    config = write_settings(tmp_path, more=more)
    still = left_open(monkeypatch)

    call(*words, "--config", config)

    assert (tmp_path / "monespace.db").exists()
    assert still == set()


def bad_registry(folder: Path, *faults: tuple[str, str]) -> Path:
    """The demo's registry with something of it replaced."""
    path = folder / "bad.csv"
    write_demo_registry(path)
    text = path.read_text("utf-8")
    for right, wrong in faults:
        text = text.replace(right, wrong)
    path.write_text(text, "utf-8")
    return path


class TestRegistry:
    def test_is_put_in_place(self, tmp_path: Path, call: Call) -> None:
        config = write_settings(tmp_path)
        fresh = tmp_path / "fresh.csv"
        write_demo_registry(fresh)
        fresh.write_text("\n".join(fresh.read_text("utf-8").splitlines()[:4]) + "\n", "utf-8")

        ended = call("registry", "import", fresh, "--config", config, "--force", "--json")

        assert json.loads(ended.stdout) == {
            "schema": "monespace/registry/1",
            "people": 3,
            "came": 0,
            "left": 6,
            "changed": 0,
            "admitted": 3,
            "left_out": [],
            "unknown": [],
        }
        assert (tmp_path / "registry.csv").read_bytes() == fresh.read_bytes()

    def test_with_bad_rows_changes_nothing_and_names_the_lines(
        self, tmp_path: Path, call: Call
    ) -> None:
        config = write_settings(tmp_path)
        before = (tmp_path / "registry.csv").read_bytes()
        bad = bad_registry(tmp_path, ("1982-02-28", "1982-02-31"), (",interne,", ",marqueur,"))

        ended = call("registry", "import", bad, "--config", config)

        assert (ended.exit_code, ended.stdout) == (2, "")
        assert "line 3: birth_date" in ended.stderr
        assert "line 5: role" in ended.stderr
        assert "marqueur" not in ended.stderr
        assert (tmp_path / "registry.csv").read_bytes() == before

    def test_with_a_bad_contact_is_put_in_place_and_tells_its_line(
        self, tmp_path: Path, call: Call
    ) -> None:
        config = write_settings(tmp_path)
        fresh = bad_registry(tmp_path, ("+33711223344", "marqueur"), ("+33698765432", "0142345678"))

        ended = call("registry", "import", fresh, "--config", config)

        assert ended.exit_code == 0
        assert ended.stdout == "9 people are in the registry, 7 of them admitted.\n"
        assert "2 rows were used, with a value taken for unknown:" in ended.stderr
        assert "line 3: mobile is not a mobile number" in ended.stderr
        assert "line 5: mobile is not one number" in ended.stderr
        assert "marqueur" not in ended.stderr
        assert (tmp_path / "registry.csv").read_bytes() == fresh.read_bytes()

    @pytest.mark.parametrize("fault", [("+33711223344", "marqueur"), ("1982-02-28", "1982-02-31")])
    def test_strictly_is_refused_for_either(
        self, tmp_path: Path, call: Call, fault: tuple[str, str]
    ) -> None:
        config = write_settings(tmp_path)
        before = (tmp_path / "registry.csv").read_bytes()
        bad = bad_registry(tmp_path, fault)

        ended = call("registry", "import", bad, "--strict", "--config", config)

        assert (ended.exit_code, ended.stdout) == (2, "")
        assert "line " in ended.stderr
        assert (tmp_path / "registry.csv").read_bytes() == before

    def test_may_be_imported_without_its_bad_rows(self, tmp_path: Path, call: Call) -> None:
        """The program ends with 1, so that a script hears of it."""
        config = write_settings(tmp_path)
        fresh = bad_registry(tmp_path, ("1982-02-28", "1982-02-31"), ("+33711223344", "marqueur"))

        ended = call("registry", "import", fresh, "--skip-rows", "--config", config)
        told = call("registry", "import", fresh, "--skip-rows", "--json", "--config", config)

        assert ended.exit_code == 1
        assert ended.stdout == "8 people are in the registry, 6 of them admitted.\n"
        assert "1 row was left out:\n  line 3: birth_date" in ended.stderr
        assert "1 row was used, with a value taken for unknown:\n  line 5: mobile" in ended.stderr
        assert [it["line"] for it in json.loads(told.stdout)["left_out"]] == [3]
        assert [it["line"] for it in json.loads(told.stdout)["unknown"]] == [5]

    def test_tells_twenty_of_many_faults(self, tmp_path: Path, call: Call) -> None:
        config = write_settings(tmp_path)
        fresh = tmp_path / "many.csv"
        rows = [f"9900000{number:04},1970-01-02,medecin,inscrit,0612,,\n" for number in range(25)]
        fresh.write_text("rpps,birth_date,role,status,mobile,email,council\n" + "".join(rows))

        ended = call("registry", "import", fresh, "--force", "--config", config)

        assert "25 rows were used, with a value taken for unknown:" in ended.stderr
        assert "line 21:" in ended.stderr
        assert "line 22:" not in ended.stderr
        assert "and 5 more" in ended.stderr

    def test_cannot_be_strict_and_skip_rows(self, tmp_path: Path, call: Call) -> None:
        config = write_settings(tmp_path)
        source = tmp_path / "registry.csv"

        ended = call("registry", "import", source, "--strict", "--skip-rows", "--config", config)

        assert ended.exit_code == 2
        assert "--strict and --skip-rows" in ended.stderr

    def test_that_is_not_there_is_said_to_be(self, tmp_path: Path, call: Call) -> None:
        config = write_settings(tmp_path)

        ended = call("registry", "import", tmp_path / "no.csv", "--config", config)

        assert ended.exit_code == 2
        assert "no.csv" in ended.stderr


def access_check(call: Call, config: Path | None) -> tuple[bool, str]:
    """What the doctor says of the log of readings."""
    ended = call("doctor", *(() if config is None else ("--config", config)), "--json")
    checks = {check["name"]: check for check in json.loads(ended.stdout)["checks"]}
    return checks["access log"]["is_good"], checks["access log"]["told"]


_HASHING = """
import threading
from argon2 import PasswordHasher
from monespace_cli.serving.server import bound_heaps

def held():
    return int(open("/proc/self/statm").read().split()[1]) * 4 // 1024

def hash_in_turn():
    with turn:
        hasher.hash("x")
    everybody.wait()

hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=1, parallelism=1)
turn, everybody = threading.Lock(), threading.Barrier(13)
if BOUND:
    assert bound_heaps()
before = held()
for _ in range(12):
    threading.Thread(target=hash_in_turn).start()
while everybody.n_waiting < 12:
    pass
print(held() - before)
everybody.wait()
"""


def test_hashing_in_many_threads_keeps_the_memory_of_few() -> None:
    """Each thread's heap keeps the 19 MB of a hash for ever: with twelve of them, 200 MB."""
    free, bound = (
        int(subprocess.run([sys.executable, "-c", _HASHING.replace("BOUND", it)],
                           capture_output=True, check=True).stdout)
        for it in ("False", "True")
    )  # fmt: skip

    assert bound < 80 < free


class TestDoctor:
    def test_finds_all_well(self, tmp_path: Path, call: Call) -> None:
        with Catcher(MessageFile(tmp_path / "received.jsonl")) as catcher:
            config = write_settings(tmp_path, smtp_port=catcher.port)
            assert call("db", "upgrade", "--config", config).exit_code == 0

            ended = call("doctor", "--config", config)

        assert ended.exit_code == 0
        assert "Tout va bien." in ended.stdout
        assert SMTP_PASSWORD not in ended.stdout
        assert "smtp.password" in ended.stdout

    def test_finds_what_is_wrong_and_changes_nothing(self, tmp_path: Path, call: Call) -> None:
        config = write_settings(tmp_path)
        (tmp_path / "keys").chmod(0o644)

        ended = call("doctor", "--config", config, "--json")

        data = json.loads(ended.stdout)
        wrong = [check["name"] for check in data["checks"] if not check["is_good"]]
        assert ended.exit_code == 1
        assert wrong == ["keys", "database", "mail server"]
        assert not (tmp_path / "monespace.db").exists()

    def test_tells_where_readings_are_recorded(self, tmp_path: Path, call: Call) -> None:
        config = write_settings(tmp_path, more='support.access_log = "log/access.jsonl"')
        path = tmp_path / "log" / "access.jsonl"

        assert access_check(call, config) == (
            False,
            f"le dossier de {path} n'est pas là, ou ce compte ne peut pas y écrire",
        )
        path.parent.mkdir()
        assert access_check(call, config) == (True, f"{path} peut être écrit")
        assert not path.exists()
        path.touch(0o600)
        assert access_check(call, config) == (True, f"{path} peut être écrit")

    def test_finds_a_log_of_readings_that_would_be_refused(
        self, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = write_settings(tmp_path)
        path = tmp_path / "access.jsonl"

        path.symlink_to(tmp_path / "elsewhere")
        assert access_check(call, config) == (False, f"{path} est un lien, ou n'est pas un fichier")
        path.unlink()
        path.mkdir()
        assert access_check(call, config) == (False, f"{path} est un lien, ou n'est pas un fichier")
        path.rmdir()
        path.touch(0o400)
        monkeypatch.setattr("os.access", lambda it, _: it != path)  # root may write everywhere
        is_good, told_so = access_check(call, config)
        assert not is_good
        assert told_so == (
            f"ce compte ne peut pas écrire {path} ; son propriétaire peut y admettre un groupe : "
            "chgrp GROUPE, puis chmod 0660"
        )

    def test_wants_no_log_of_readings_without_a_settings_file(
        self, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in tomllib.loads(write_settings(tmp_path).read_text("utf-8")).items():
            for inner, it in value.items() if isinstance(value, dict) else [("", value)]:
                variable = f"MONESPACE_{name}__{inner}".removesuffix("__").upper()
                monkeypatch.setenv(variable, str(it))
        monkeypatch.chdir(tmp_path)

        is_good, told = access_check(call, None)
        assert is_good
        assert told.startswith("aucun")

    def test_tells_settings_that_are_wrong(self, call: Call) -> None:
        ended = call("doctor")

        assert ended.exit_code == 1
        assert "base_url is missing" in ended.stdout

    @pytest.mark.parametrize(
        ("fault", "good", "told"),
        [
            (("+33711223344", "marqueur"), True, "values taken for unknown: 1 (line 5)"),
            (("1982-02-28", "1982-02-31"), False, "rows left out: 1 (line 3)"),
        ],
    )
    def test_tells_the_lines_of_the_registry_that_are_wrong(
        self, tmp_path: Path, call: Call, fault: tuple[str, str], good: bool, told: str
    ) -> None:
        """A contact is worth a look; a row turns somebody away."""
        config = write_settings(tmp_path)
        bad_registry(tmp_path, fault).replace(tmp_path / "registry.csv")

        ended = call("doctor", "--config", config, "--json")

        checks = {check["name"]: check for check in json.loads(ended.stdout)["checks"]}
        assert checks["registry"]["is_good"] is good
        assert told in checks["registry"]["told"]
        assert "marqueur" not in ended.stdout + ended.stderr

    @pytest.mark.parametrize(
        ("content", "good", "told"),
        [("zwirnklopp\n", True, "la liste fournie, et"), ("", False, "no password")],
    )
    def test_tells_whether_a_list_of_passwords_is_one(
        self, tmp_path: Path, call: Call, content: str, good: bool, told: str
    ) -> None:
        (tmp_path / "listed.txt").write_text(content, "utf-8")
        config = write_settings(tmp_path, more='passwords.blocklist = "listed.txt"')

        ended = call("doctor", "--config", config, "--json")

        checks = {check["name"]: check for check in json.loads(ended.stdout)["checks"]}
        assert checks["blocklist"]["is_good"] is good
        assert told in checks["blocklist"]["told"]

    def test_hides_the_password_in_an_address(self, tmp_path: Path, call: Call) -> None:
        address = "postgresql://monespace:marqueur@127.0.0.1:1/monespace?password=marqueur"
        config = write_settings(tmp_path, database=address)

        ended = call("doctor", "--config", config)

        assert "postgresql://monespace:***@127.0.0.1:1/monespace" in ended.stdout
        assert "marqueur" not in ended.stdout + ended.stderr

    def test_prints_the_brakes_in_force(self, tmp_path: Path, call: Call) -> None:
        """And where they are counted, without the password of that store."""
        checks = _checked(call, write_settings(tmp_path))
        more = """
        http.brakes.sign_in = "5/minute"
        http.brakes.storage = "redis://brake:marqueur@127.0.0.1:1"
        """
        changed = _checked(call, write_settings(tmp_path, more=more))
        wrong = _checked(call, write_settings(tmp_path, more='http.brakes.identiy = "1/hour"'))

        assert "sign_in 60/hour" in checks["brakes"]["told"]
        assert "comptés par chaque processus pour soi" in checks["brakes"]["told"]
        assert "sign_in 5/minute" in changed["brakes"]["told"]
        assert "comptés dans redis ;" in changed["brakes"]["told"]
        assert not wrong["brakes"]["is_good"]
        assert "http.brakes.identiy is unknown" in wrong["brakes"]["told"]

    def test_bf_06_warns_of_a_proxy_that_is_not_named(self, tmp_path: Path, call: Call) -> None:
        """BF-06: all who come through it would share one brake."""
        config = write_settings(tmp_path)
        plain = _checked(call, config)["proxy"]
        text = config.read_text().replace("http://127", "https://127")
        config.write_text(text)
        doubtful = _checked(call, config)["proxy"]
        shown = call("doctor", "--config", config).stdout
        config.write_text(
            text.replace("http.port", 'http.trusted_proxies = ["10.0.0.0/8"]\nhttp.port')
        )
        named = _checked(call, config)["proxy"]

        assert (plain["told"], plain["is_warning"]) == (
            "aucun : chaque connexion est un client",
            False,
        )
        assert (doubtful["is_good"], doubtful["is_warning"]) == (True, True)
        assert "http.trusted_proxies" in doubtful["told"]
        assert "attention  mandataires" in shown
        assert named["told"] == "X-Forwarded-For est cru de 10.0.0.0/8"

    def test_a_warning_is_no_fault_but_all_is_not_well(self, tmp_path: Path, call: Call) -> None:
        with Catcher(MessageFile(tmp_path / "received.jsonl")) as catcher:
            config = write_settings(tmp_path, smtp_port=catcher.port)
            config.write_text(config.read_text().replace("http://127", "https://127"))
            assert call("db", "upgrade", "--config", config).exit_code == 0

            ended = call("doctor", "--config", config)

        assert ended.exit_code == 0
        assert "Tout va bien. À regarder, tout de même : voyez plus haut." in ended.stdout


def _checked(call: Call, config: Path) -> dict[str, dict[str, Any]]:
    ended = call("doctor", "--config", config, "--json")
    assert "marqueur" not in ended.stdout + ended.stderr
    return {check["name"]: check for check in json.loads(ended.stdout)["checks"]}


def test_purge_deletes_what_is_past_its_life(tmp_path: Path, call: Call) -> None:
    config = write_settings(tmp_path)
    with closing(open_storage(f"sqlite:///{tmp_path / 'monespace.db'}")) as storage:
        box = Sandbox(storage=storage)
        box.clock.advance(hours=-24 * 400)
        tell_creation(box)

    ended = call("purge", "--config", config, "--json")

    deleted = json.loads(ended.stdout)["deleted"]
    assert (deleted["journeys"], deleted["journal"]) == (1, 8)


def test_support_reads_a_service_by_its_settings(tmp_path: Path, call: Call) -> None:
    config = write_settings(tmp_path)
    with closing(open_storage(f"sqlite:///{tmp_path / 'monespace.db'}")) as storage:
        reference, _ = tell_creation(Sandbox(storage=storage))

    ended = call("show", reference, "--config", config, *WHY)

    assert "identique" in ended.stdout
    assert (tmp_path / "access.jsonl").exists()


def test_support_records_its_readings_where_the_settings_say(tmp_path: Path, call: Call) -> None:
    config = write_settings(tmp_path, more='support.access_log = "log/readings.jsonl"')
    (tmp_path / "log").mkdir()
    with closing(open_storage(f"sqlite:///{tmp_path / 'monespace.db'}")) as storage:
        reference, _ = tell_creation(Sandbox(storage=storage))

    ended = call("show", reference, "--config", config, *WHY)

    assert ended.exit_code == 0
    assert reference in (tmp_path / "log" / "readings.jsonl").read_text("utf-8")
    assert reference in call("access-log", "--config", config).stdout
    assert not (tmp_path / "access.jsonl").exists()


@pytest.mark.postgres
def test_support_reads_postgresql(tmp_path: Path, call: Call, postgres_server: str) -> None:
    with postgres.fresh_database(postgres_server) as url:
        config = write_settings(tmp_path, database=url)
        assert call("list", "--config", config).exit_code == 2
        assert call("db", "upgrade", "--config", config).exit_code == 0
        with storages.opened(url) as storage:
            reference, _ = tell_creation(Sandbox(storage=storage))

        ended = call("show", reference, "--config", config, *WHY)

        assert ended.exit_code == 0
        assert reference in call("list", "--config", config).stdout
