"""What operators are told when something outside is wrong: the reason, and what to do."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from limits.util import MissingModule
from sqlalchemy import make_url

from monespace_backends.messaging.demo import Catcher, MessageFile
from monespace_backends.storage import open_storage
from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Storage
from tests.backends.storage.databases import by_hand
from tests.backends.storage.examples import stored
from tests.servers import postgres, storages

from .conftest import Call
from .running import PROGRAM, Demo, clean_environment
from .stories import SMTP_PASSWORD, free_port, write_settings

ROLE = "nobody_of_ours"


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
            yield Demo(process, line.removeprefix("Ready: ").strip(), config.parent)
        finally:
            process.kill()


def told_by(call: Call, config: Path) -> dict[str, str]:
    """What each command of an operator says of the database."""
    ended = {
        "serve": call("serve", "--config", config),
        "db": call("db", "upgrade", "--config", config),
        "relay": call("relay", "--once", "--config", config),
        "doctor": call("doctor", "--config", config),
    }
    assert all(it.exit_code not in (0, None) for it in ended.values())
    assert not any("erreur interne" in it.output for it in ended.values())
    assert not any(SMTP_PASSWORD in it.output for it in ended.values())
    return {name: " ".join(it.output.split()) for name, it in ended.items()}


@pytest.mark.postgres
class TestPostgreSQL:
    @pytest.mark.parametrize(
        ("change", "reasons"),
        [
            ({"username": ROLE}, (f'role "{ROLE}" does not exist', "check the user")),
            ({"database": "nothing"}, ('database "nothing" does not exist', "create the database")),
            ({"host": "127.0.0.1"}, ("onnection refused", "see that the server runs")),
        ],
    )
    def test_why_it_is_not_reached_is_told_by_every_command(
        self,
        change: dict[str, str],
        reasons: tuple[str, str],
        migrated_postgres: str,
        tmp_path: Path,
        call: Call,
    ) -> None:
        url = make_url(migrated_postgres)
        if "host" in change:
            url = url.set(host="127.0.0.1", port=free_port(), query={}, password=SMTP_PASSWORD)
        else:
            url = url.set(**change)  # type: ignore[arg-type]
        database = url.render_as_string(hide_password=False)
        config = write_settings(tmp_path, database=database)

        for name, told in told_by(call, config).items():
            assert all(reason in told for reason in reasons), name

    def test_a_role_that_may_not_make_tables_is_told_so(
        self, postgres_server: str, tmp_path: Path, call: Call
    ) -> None:
        with postgres.fresh_database(postgres_server) as url:
            with by_hand(url) as engine, engine.begin() as connection:
                connection.exec_driver_sql(f"DROP ROLE IF EXISTS {ROLE}")
                connection.exec_driver_sql(f"CREATE ROLE {ROLE} LOGIN")
                connection.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            theirs = make_url(url).set(username=ROLE).render_as_string()
            config = write_settings(tmp_path, database=theirs)

            ended = call("db", "upgrade", "--config", config)

            assert ended.exit_code == 70
            assert "permission denied for schema public" in ended.stderr
            assert "run this as the role that owns the tables" in ended.stderr
        with by_hand(postgres_server) as engine, engine.begin() as connection:
            connection.exec_driver_sql(f"DROP ROLE {ROLE}")

    def test_ft_17_a_server_that_was_made_read_only_is_said_to_be(
        self, postgres_server: str, tmp_path: Path, call: Call
    ) -> None:
        with storages.postgres_database(postgres_server) as url:
            name = make_url(url).database
            with by_hand(url) as engine, engine.begin() as connection:
                connection.exec_driver_sql(
                    f"ALTER DATABASE {name} SET default_transaction_read_only = on"
                )
            with closing(open_storage(url)) as storage:
                storage.check()
                for act in (partial(write, storage), storage.check):
                    with pytest.raises(PortUnavailable, match="takes writes") as caught:
                        act()
                    assert caught.value.kind == "read-only"

            ended = call("doctor", "--config", write_settings(tmp_path, database=url))

            assert "ne répond pas (read-only)" in " ".join(ended.stdout.split())


def write(storage: Storage) -> None:
    """Keep a journey."""
    with storage.writing() as unit:
        unit.journeys.add(stored())


class TestSqlite:
    def test_a_folder_that_is_not_there_is_told_by_every_command(
        self, tmp_path: Path, call: Call
    ) -> None:
        config = write_settings(tmp_path, database=f"sqlite:///{tmp_path}/nowhere/a.db")

        told = told_by(call, config)
        assert "its folder must be there" in told["db"]
        assert "(No such file or directory)" in told["serve"]
        assert "the folder in the setting database must be there" in told["doctor"]

    def test_a_file_that_is_none_of_ours_is_told_by_every_command(
        self, tmp_path: Path, call: Call
    ) -> None:
        (tmp_path / "monespace.db").write_bytes(b"not a database, whatever it is called" * 40)

        for name, told in told_by(call, write_settings(tmp_path)).items():
            assert "file is not a database" in told, name
            assert "must name a SQLite file" in told, name

    @pytest.mark.parametrize("is_file", [True, False], ids=["file", "folder"])
    def test_what_may_not_be_written_is_found_by_the_doctor(
        self, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch, is_file: bool
    ) -> None:
        config = write_settings(tmp_path)
        storages.sqlite_file(tmp_path / "monespace.db")
        closed = tmp_path / "monespace.db" if is_file else tmp_path
        access = os.access  # root may write everywhere
        monkeypatch.setattr("os.access", lambda it, how: Path(it) != closed and access(it, how))

        ended = call("doctor", "--config", config)

        assert "ne répond pas (read-only)" in " ".join(ended.stdout.split())

    def test_a_disk_without_room_is_found_by_the_doctor(
        self, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = write_settings(tmp_path)
        storages.sqlite_file(tmp_path / "monespace.db")
        full = SimpleNamespace(free=0)
        monkeypatch.setattr("monespace_backends.storage.schema.disk_usage", lambda _: full)

        ended = call("doctor", "--config", config)

        assert "ne répond pas (full) : make room" in " ".join(ended.stdout.split())

    @pytest.mark.slow
    def test_ft_17_a_disk_that_takes_no_more_is_logged_once_turns_readiness_red_and_heals(
        self, tmp_path: Path
    ) -> None:
        config = write_settings(tmp_path, more="relay = false")
        with serving(config) as service:
            assert service.call("GET", "readyz").body["status"] == "ready"
            person = service.start("creation")
            assert isinstance(service.process, subprocess.Popen)
            room = service.process.pid, resource.RLIMIT_FSIZE
            _, most = resource.prlimit(*room)
            resource.prlimit(*room, (1, most))

            for _ in range(3):
                answer = person.press("extend")
                assert (answer.status, answer.body["code"]) == (503, "service.unavailable")
                ready = service.call("GET", "readyz")
                assert (ready.status, ready.body["checks"]["storage"]) == (503, False)
                assert ready.body["reasons"]["storage"] in ("disk", "full")

            resource.prlimit(*room, (most, most))
            assert service.call("GET", "readyz").status == 200
            assert person.press("extend").status == 200
            assert service.stop() == 0
            assert service.process.stderr is not None
            lines = [it for it in service.process.stderr.read().splitlines() if " ERROR " in it]
        assert len(lines) == 1
        assert "the storage port is unavailable" in lines[0]


class TestSettings:
    def test_a_shared_store_of_brakes_says_what_to_install(
        self, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("limits.util.get_dependency", lambda _: (MissingModule, None))
        address = f"redis://:{SMTP_PASSWORD}@localhost:6379"
        config = write_settings(tmp_path, more=f'http.brakes.storage = "{address}"')
        storages.sqlite_file(tmp_path / "monespace.db")

        ended = call("serve", "--config", config)

        assert ended.exit_code == 2
        assert "needs the package redis: pip install monespace-flows[redis]" in ended.stderr
        assert SMTP_PASSWORD not in ended.stderr
        config.write_text(config.read_text().replace("redis://", "nowhere://"))
        assert "must begin with one of memory://" in call("serve", "--config", config).stderr

    @pytest.mark.parametrize("change", ['host = "smtp.ordre.example"', 'host = "10.0.0.1"'])
    def test_a_mail_password_never_leaves_this_machine_unprotected(
        self, tmp_path: Path, call: Call, change: str
    ) -> None:
        config = write_settings(tmp_path)
        config.write_text(config.read_text().replace('host = "127.0.0.1"', change))

        ended = call("serve", "--config", config)

        assert ended.exit_code == 2
        assert 'smtp.tls = "none" would send the password unprotected' in ended.stderr
        assert SMTP_PASSWORD not in ended.stderr
        protected = config.read_text().replace('tls = "none"', 'tls = "starttls"')
        config.write_text(protected)
        assert "smtp.tls" not in call("db", "upgrade", "--config", config).stderr

    def test_files_that_all_may_read_are_told_at_start(self, tmp_path: Path, call: Call) -> None:
        """They hold passwords and birth dates."""
        config = write_settings(tmp_path)
        storages.sqlite_file(tmp_path / "monespace.db")
        registry = tmp_path / "registry.csv"
        config.chmod(0o604)
        registry.chmod(0o640)
        told = call("relay", "--once", "--config", config).stderr
        config.chmod(0o600)
        quiet = call("relay", "--once", "--config", config).stderr

        assert f"readable by every account of this machine: settings ({config}); chmod" in told
        assert str(registry) not in told
        assert "readable" not in quiet

    def test_a_proxy_that_is_not_named_is_told_at_start(self, tmp_path: Path, call: Call) -> None:
        """BF-06: before the first person is served, since all would share one brake."""
        more = 'http.brakes.storage = "nowhere://"'  # so that it ends before it serves
        config = write_settings(tmp_path, more=more)
        storages.sqlite_file(tmp_path / "monespace.db")
        config.write_text(config.read_text().replace("http://127", "https://127"))

        assert "http.trusted_proxies names none" in call("serve", "--config", config).stderr

    def test_files_that_all_may_read_are_a_warning(self, tmp_path: Path, call: Call) -> None:
        with Catcher(MessageFile(tmp_path / "received.jsonl")) as catcher:
            config = write_settings(tmp_path, smtp_port=catcher.port)
            call("db", "upgrade", "--config", config)
            config.chmod(0o644)
            (tmp_path / "registry.csv").chmod(0o604)

            ended = call("doctor", "--config", config)
            found = json.loads(call("doctor", "--config", config, "--json").stdout)["checks"][-1]
            for path in (config, tmp_path / "registry.csv"):
                path.chmod(0o640)
            again = call("doctor", "--config", config)

        assert ended.exit_code == 0
        assert "Tout va bien. À regarder, tout de même : voyez plus haut." in ended.stdout
        assert (found["name"], found["is_good"], found["is_warning"]) == ("files", True, True)
        for path in (config, tmp_path / "registry.csv"):
            assert str(path) in found["told"]
        assert again.stdout.endswith("Tout va bien.\n")
