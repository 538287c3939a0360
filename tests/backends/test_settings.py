"""Settings: what a file and the environment may say, and that everything wrong is told at once."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from monespace_backends import Settings, SettingsInvalid, clock, read_policy, read_settings
from monespace_backends.settings.service import SmtpSettings
from monespace_backends.storage.database import Database
from monespace_flows.policy import CodePolicy, Policy, RecoveryPolicy

LEAST = """
base_url = "https://monespace.example"
database = "postgresql://app:hunter2@db.example/monespace"
keys_file = "keys"
registry = "/srv/registry.csv"

[smtp]
host = "mail.example"
sender = "ne-pas-repondre@monespace.example"
"""

Write = Callable[..., Path]


def smtp_of(settings: Settings) -> SmtpSettings:
    """The mail server, which is there."""
    assert settings.smtp is not None
    return settings.smtp


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*texts: str) -> Path:
        path = tmp_path / "monespace.toml"
        path.write_text("\n".join(texts), "utf-8")
        return path

    return write


def read(path: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    return read_settings(path, environment or {})


def problems(path: Path | None, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsInvalid) as caught:
        read(path, environment)
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    assert "hunter2" not in str(caught.value)
    return caught.value.problems


class TestFile:
    """What a file may say."""

    def test_the_least(self, write: Write, tmp_path: Path) -> None:
        """Paths are meant from where the file lies; the rest has defaults."""
        least = read(write(LEAST))

        assert least.base_url == "https://monespace.example"
        assert least.keys_file == tmp_path / "keys"
        assert least.registry_file == Path("/srv/registry.csv")
        assert (smtp_of(least).port, smtp_of(least).tls) == (587, "starttls")
        assert smtp_of(least).timeout == timedelta(seconds=10)
        assert smtp_of(least).sender_name == "Ordre des médecins"
        assert (least.sms, least.policy, least.relay) == (None, Policy(), True)
        assert least.passwords.blocklist is None
        beside = tmp_path / "access.jsonl"
        assert least.support.access_log_of(tmp_path / "monespace.toml") == beside
        assert least.zone == ZoneInfo("Europe/Paris")

    def test_the_most(self, write: Write, tmp_path: Path) -> None:
        most = read(
            write(
                "relay = false",
                'zone = "America/Cayenne"',
                LEAST,
                'port = 465\ntls = "tls"\nusername = "app"\npassword = "hunter2"',
                'timeout = "2.5 s"\nca_file = "ca.pem"',
                "[sms]",
                'url = "https://sms.example/v1"\nkey = "hunter2"\ndial_codes = [33, 32]',
                "[argon2]",
                "memory_cost = 19456\ntime_cost = 2\nparallelism = 1\nwait = 0.5",
                "[passwords]",
                'blocklist = "ours.txt"',
                "[http]",
                'trusted_proxies = ["10.0.0.0/8"]\nport = 8080\ntemplates = "ours"',
                "[http.brakes]",
                'identity = "40/hour"',
                "[support]",
                'access_log = "log/access.jsonl"',
                "[policy.recovery]",
                'existing_account = "block"',
                "[policy.codes]",
                'tries = 3\nlife = "5 min"\nresend_waits = [60, "2 min"]',
            )
        )

        assert smtp_of(most).timeout == timedelta(seconds=2.5)
        assert smtp_of(most).ca_file == tmp_path / "ca.pem"
        assert most.sms is not None
        assert most.sms.dial_codes == {33, 32}
        assert most.zone == ZoneInfo("America/Cayenne")
        assert not most.relay
        assert most.argon2.wait == timedelta(seconds=0.5)
        assert most.passwords.blocklist == tmp_path / "ours.txt"
        assert most.http.trusted_proxies == ("10.0.0.0/8",)
        assert most.http.templates == tmp_path / "ours"
        assert most.http.brakes == {"identity": "40/hour"}
        assert most.support.access_log == tmp_path / "log/access.jsonl"
        assert most.support.access_log_of(Path("/etc/x.toml")) == tmp_path / "log/access.jsonl"
        assert most.policy == Policy(
            recovery=RecoveryPolicy(existing_account="block"),
            codes=CodePolicy(
                tries=3,
                life=timedelta(minutes=5),
                resend_waits=(timedelta(minutes=1), timedelta(minutes=2)),
            ),
        )

    def test_no_secret_is_shown(self, write: Write) -> None:
        text = LEAST + 'password = "hunter2"\n[sms]\nurl = "https://x.example"\nkey = "hunter2"'

        assert "hunter2" not in repr(read(write(text)))

    def test_the_site(self, write: Write) -> None:
        site = read(write(LEAST)).site

        assert site.link("t") == "https://monespace.example/lien/t"
        assert site.name == "Mon Espace"
        assert site.zone == ZoneInfo("Europe/Paris")

    def test_a_machine_without_time_zones(
        self, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def only_utc(name: str) -> ZoneInfo:
            if name != "UTC":
                raise ZoneInfoNotFoundError(name)
            return ZoneInfo(name)

        monkeypatch.setattr(clock, "ZoneInfo", only_utc)

        assert str(read(write(LEAST)).zone) == "UTC"


class TestEnvironment:
    """What the environment may say instead."""

    def test_it_is_enough(self) -> None:
        made = read(
            None,
            {
                "MONESPACE_BASE_URL": "http://127.0.0.1:8000",
                "MONESPACE_DATABASE": "sqlite:///monespace.db",
                "MONESPACE_KEYS_FILE": "keys",
                "MONESPACE_REGISTRY": "registry.csv",
                "MONESPACE_SMTP__HOST": "localhost",
                "MONESPACE_SMTP__PORT": "25",
                "MONESPACE_SMTP__TLS": "none",
                "MONESPACE_SMTP__SENDER": "a@monespace.example",
                "MONESPACE_SMS__URL": "https://sms.example",
                "MONESPACE_SMS__KEY": "12345",
                "MONESPACE_SMS__DIAL_CODES": "33, 32",
                "MONESPACE_RELAY": "no",
                "MONESPACE_POLICY__CODES__LIFE": "300",
                "MONESPACE_HTTP__TRUSTED_PROXIES": "10.0.0.0/8,::1/128",
                "MONESPACE_SUPPORT__ACCESS_LOG": "access.log",
                "MONESPACE_CONFIG": "elsewhere.toml",
                "MONESPACE_DIR": "elsewhere",
                "MONESPACE_ZONE": "",
                "PATH": "/bin",
            },
        )

        assert made.keys_file == Path("keys")
        assert smtp_of(made).port == 25
        assert made.sms is not None
        assert made.sms.key == "12345"
        assert made.sms.dial_codes == {33, 32}
        assert not made.relay
        assert made.policy.codes.life == timedelta(minutes=5)
        assert made.http.trusted_proxies == ("10.0.0.0/8", "::1/128")
        assert made.support.access_log == Path("access.log")

    def test_a_database_in_it_leaves_the_names_of_the_file(self, write: Write) -> None:
        least = LEAST.replace("database = ", 'database.table_prefix = "ours_"\ndatabase.url = ')
        made = read(
            write(least),
            {"MONESPACE_DATABASE": "postgresql://b.example/b", "MONESPACE_DATABASE__SCHEMA": "ms"},
        )

        assert made.database == Database(
            url="postgresql://b.example/b", schema="ms", table_prefix="ours_"
        )
        assert "b.example" not in repr(made)

    def test_a_schema_in_a_file_of_sqlite_is_refused(self, write: Write) -> None:
        names = {"MONESPACE_DATABASE": "sqlite:///a.db", "MONESPACE_DATABASE__SCHEMA": "ms"}
        (told,) = problems(write(LEAST), names)

        assert "database.schema is for PostgreSQL, a SQLite file has none" in told

    def test_it_wins(self, write: Write) -> None:
        made = read(write(LEAST), {"MONESPACE_SMTP__HOST": "other.example"})

        assert smtp_of(made).host == "other.example"
        assert smtp_of(made).sender == "ne-pas-repondre@monespace.example"

    @pytest.mark.parametrize(
        ("name", "value", "problem"),
        [
            ("MONESPACE_DATABSE", "x", "databse is unknown, did you mean database?"),
            ("MONESPACE_BASE_URL__URL", "x", "sets a value in base_url, which is no table"),
            ("MONESPACE_DATABASE__TABLE_PREFIX", "Ours", "database.table_prefix must be small"),
            ("MONESPACE_DATABASE__TABLE_PREFIX", "pg_", "database.table_prefix must not begin"),
            ("MONESPACE_SMTP", "x", "smtp must be a table"),
            ("MONESPACE_SMTP__PORT", "smtp", "smtp.port must be a whole number"),
            ("MONESPACE_RELAY", "maybe", "relay must be true or false"),
        ],
    )
    def test_what_is_wrong_in_it(self, write: Write, name: str, value: str, problem: str) -> None:
        (told,) = problems(write(LEAST), {name: value})

        assert problem in told


class TestFaults:
    """What is refused."""

    def test_all_that_is_missing_is_told_at_once(self) -> None:
        assert problems(None) == (
            "base_url is missing (in the environment: MONESPACE_BASE_URL)",
            "database is missing (in the environment: MONESPACE_DATABASE)",
            "keys_file is missing (in the environment: MONESPACE_KEYS_FILE)",
            "registry is missing (in the environment: MONESPACE_REGISTRY)",
            "smtp.host is missing (in the environment: MONESPACE_SMTP__HOST)",
            "smtp.sender is missing (in the environment: MONESPACE_SMTP__SENDER)",
        )

    def test_all_that_is_wrong_is_told_at_once(self, write: Write) -> None:
        path = write(
            'base_url = "http://monespace.example"\ndatabase = 3\nkeys = "keys"\nregistry = true',
            '[smtp]\nhost = "mail.example"\nport = "587"\ntls = "maybe"\nsender = "hunter2"',
            "[policy.codes]\ndigits = 5\ntries = 0",
        )

        told = problems(path, {"MONESPACE_POLICY__CODES__LIFE": "an hour"})
        assert [problem.split()[0] for problem in told] == [
            "keys",
            "base_url",
            "database.url",
            "keys_file",
            "registry.file",
            "smtp.port",
            "smtp.tls",
            "smtp.sender",
            "policy.codes.digits",
            "policy.codes.life",
            "policy.codes.tries",
        ]

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            ("pool_size = 0", "pool_size 'pool_size' must be >= 1: 0"),
            ("pool_size = true", "pool_size must be a whole number"),
            ("pool_size = 1.0", "pool_size must be a whole number"),
            ("relay = 1", "relay must be true or false"),
            ('relay = "true"', "relay must be true or false"),
            ('zone = "Mars"', "zone is no time zone that this machine knows"),
            ('zone = "../x"', "zone is no time zone that this machine knows"),
            ("name = 3", "name must be a text"),
            ("sms = 3", "sms must be a table"),
            ('http.trusted_proxies = "10.0.0.0/8"', "http.trusted_proxies must be a list"),
            ('http.trusted_proxies = ["x"]', "http.trusted_proxies must hold networks"),
            ("http.brakes = 3", "http.brakes must be a table"),
            ("http.brakes.identity = 3", "http.brakes must be a text"),
            ('sms.url = "http://sms.example"\nsms.key = "k"', "sms.url must begin with https://"),
            ("argon2.memory_cost = 8", "argon2.memory_cost 'memory_cost' must be >= 19456"),
            ("argon2.wait = -1", "argon2.wait must be a number of seconds"),
            ("argon2.wait = true", "argon2.wait must be a number of seconds"),
            ("argon2.wait = inf", "argon2.wait must be a number of seconds"),
            ("argon2.wait = [1]", "argon2.wait must be a number of seconds"),
            ('argon2.wait = "1 fortnight"', "argon2.wait must be a number of seconds"),
            ('argon2.wait = "999999999999 d"', "argon2.wait is too long"),
        ],
    )
    def test_one_fault(self, write: Write, line: str, problem: str) -> None:
        (told,) = problems(write(line, LEAST))

        assert told.startswith(problem)

    @pytest.mark.parametrize(
        ("url", "good"),
        [
            ("https://monespace.example/espace", True),
            ("http://localhost:8000", True),
            ("http://127.0.0.1", True),
            ("http://[::1]:8000", True),
            ("http://monespace.example", False),
            ("ftp://monespace.example", False),
            ("https://", False),
            ("monespace.example", False),
            ("https://user@monespace.example", False),
            ("https://monespace.example/?a=b", False),
            ("http://127.0.0.1.evil.example", False),
        ],
    )
    def test_the_public_address(self, write: Write, url: str, *, good: bool) -> None:
        """It is https, unless it is that of this very machine."""
        path = write(LEAST.replace("https://monespace.example", url))

        if good:
            assert read(path).base_url == url
        else:
            assert problems(path)[0].startswith("base_url must be")

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"a = hunter2", "is not TOML (at line 1, column 5)"),
            (b'a = "\xff"', "is not in UTF-8"),
        ],
    )
    def test_what_is_not_a_file_of_settings(
        self, tmp_path: Path, content: bytes, problem: str
    ) -> None:
        path = tmp_path / "monespace.toml"
        path.write_bytes(content)

        assert problems(path) == (f"{path}: {problem}",)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        (told,) = problems(tmp_path / "monespace.toml")

        assert "cannot be read (No such file" in told


class TestPolicy:
    """The policy of the demo, its tables at the top."""

    def test_any_field_by_its_name(self, write: Write) -> None:
        policy = read_policy(
            write(
                '[recovery]\nexisting_account = "block"',
                '[codes]\nlife = "60 s"\n[links]\nlife = "24 h"\nrequire_confirmed_email = false',
                '[journeys]\nretention = "30 days"\n[sessions]\nidle = 90.5',
                "[passwords]\nminimum_score = 2\n[identity]\nfailures = 3",
            )
        )

        assert policy.recovery.existing_account == "block"
        assert policy.codes.life == timedelta(minutes=1)
        assert policy.links.life == timedelta(hours=24)
        assert not policy.links.require_confirmed_email
        assert policy.journeys.retention == timedelta(days=30)
        assert policy.sessions.idle == timedelta(seconds=90.5)
        assert policy.passwords.minimum_score == 2
        assert policy.identity.failures == 3
        assert policy.identity.lock == Policy().identity.lock

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("[recovry]\na = 1", "recovry is unknown, did you mean recovery?"),
            ("[recovery]\nexisting = 1", "recovery.existing is unknown"),
            ('[recovery]\nexisting_account = "maybe"', "must be one of offer, block"),
            ("[recovery]\nexisting_account = []", "must be one of offer, block"),
            ('[codes]\nlife = "11 min"', "codes.life 'life' must be <= "),
            ("codes = 3", "codes must be a table"),
            (
                '[journeys]\nretention = "23 h"',
                "journeys.retention must be no shorter than links.life, ",
            ),
        ],
    )
    def test_faults(self, write: Write, text: str, problem: str) -> None:
        with pytest.raises(SettingsInvalid, match=r"[a-z]") as caught:
            read_policy(write(text))

        assert problem in caught.value.problems[0]
