"""A registry that a host wrote: how settings name it, and what is refused at start."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from monespace_backends import SettingsInvalid, read_settings
from monespace_backends.registry import (
    CsvSource,
    HttpSource,
    ModuleSource,
    RegistrySource,
    SqlSource,
)
from monespace_backends.registry.opening import RegistrySourceInvalid, open_registry
from monespace_backends.targets import TargetInvalid
from monespace_flows.ports import RegistryVerdict
from monespace_flows.testing import MemoryRegistry, demo_registry

ABROAD = frozenset({32})

SETTINGS = """
base_url = "https://monespace.example"
database = "sqlite:///monespace.db"
keys_file = "keys"
smtp = { host = "mail.example", sender = "ne-pas-repondre@monespace.example" }
"""


TIMES = 'timeout = "2 s"\nfailures = 3\npause = "1 min"'


class Half:
    """Knows how to verify, and no more."""

    def verify(self, rpps: str, birth_date: date) -> None:
        return None


def choosy(*, url: str, key: str = "") -> MemoryRegistry:
    if not url.startswith("https://"):
        raise ValueError("url must begin with https://")
    return demo_registry()


def open_named(name: str, **options: Any) -> Any:
    source = ModuleSource(target=f"{__name__}:{name}", options=options)
    return open_registry(source, frozenset({33}))


def read(path: Path, registry: str, **environment: str) -> Any:
    path = path / "monespace.toml"
    path.write_text(f"{registry}\n{SETTINGS}", "utf-8")
    return read_settings(path, environment)


def test_settings_name_it_on_one_line(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        'registry = { target = "ours.doctors:Doctors", options = { url = "x", wait = 3 } }',
    )

    assert settings.registry == ModuleSource(
        target="ours.doctors:Doctors", options={"url": "x", "wait": 3}
    )


def test_its_key_comes_from_the_environment_and_is_not_shown(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        'registry.target = "ours:Doctors"',
        MONESPACE_REGISTRY__OPTIONS__KEY="hunter2",
    )

    assert settings.registry.options == {"key": "hunter2"}
    assert "hunter2" not in repr(settings)


def test_a_file_may_be_named_as_ever(tmp_path: Path) -> None:
    settings = read(tmp_path, 'registry = "registry.csv"')

    assert settings.registry_file == tmp_path / "registry.csv"


@pytest.mark.parametrize(
    ("written", "source"),
    [
        ('kind = "csv"\nfile = "/srv/r.csv"', CsvSource(file=Path("/srv/r.csv"))),
        (
            'kind = "sql"\nurl = "postgresql://o:hunter2@o.example/o"\ntable = "ordre.medecins"',
            SqlSource(url="postgresql://o:hunter2@o.example/o", table="ordre.medecins"),
        ),
        (
            'kind = "http"\nurl = "https://a.example/v1"\nkey = "hunter2"\n' + TIMES,
            HttpSource(
                url="https://a.example/v1",
                key="hunter2",
                timeout=timedelta(seconds=2),
                failures=3,
                pause=timedelta(minutes=1),
            ),
        ),
        ('kind = "module"\ntarget = "ours:Doctors"', ModuleSource(target="ours:Doctors")),
    ],
)
def test_a_table_names_each_kind(tmp_path: Path, written: str, source: RegistrySource) -> None:
    path = tmp_path / "monespace.toml"
    path.write_text(f"{SETTINGS}\n[registry]\n{written}", "utf-8")
    settings = read_settings(path, {})

    assert settings.registry == source
    assert "hunter2" not in repr(settings)


def test_a_file_in_the_environment_takes_the_place_of_another(tmp_path: Path) -> None:
    settings = read(tmp_path, 'registry.file = "a.csv"', MONESPACE_REGISTRY="/srv/b.csv")

    assert settings.registry == CsvSource(file=Path("/srv/b.csv"))


def test_a_host_that_hands_its_ports_over_sets_neither(tmp_path: Path) -> None:
    path = tmp_path / "monespace.toml"
    path.write_text("".join(it for it in SETTINGS.splitlines(True) if "smtp" not in it), "utf-8")
    settings = read_settings(path, {}, handed=("registry", "messaging"))

    assert (settings.registry, settings.smtp) == (None, None)
    with pytest.raises(SettingsInvalid) as caught:
        read_settings(path, {}, handed=("registry",))
    assert [it.partition(" ")[0] for it in caught.value.problems] == ["smtp.host", "smtp.sender"]


def test_messages_that_leave_otherwise_need_no_mail_server(tmp_path: Path) -> None:
    lines = [it for it in SETTINGS.splitlines() if "smtp" not in it]
    path = tmp_path / "monespace.toml"
    path.write_text("\n".join(['registry = "r.csv"', *lines, "[messaging]"]), "utf-8")
    environment = {
        "MONESPACE_MESSAGING__KIND": "module",
        "MONESPACE_MESSAGING__TARGET": "ours:Queue",
        "MONESPACE_MESSAGING__OPTIONS__KEY": "hunter2",
    }
    settings = read_settings(path, environment)

    assert settings.messaging.target == "ours:Queue"
    assert settings.messaging.options == {"key": "hunter2"}
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (SqlSource(url="mysql://x:hunter2@y/z"), r"registry\.url must begin with postgresql"),
        (HttpSource(url="http://a.example", key="hunter2"), r"registry\.url must begin with https"),
    ],
)
def test_an_address_that_cannot_be_asked_is_refused_at_start(
    source: RegistrySource, told: str
) -> None:
    with pytest.raises(RegistrySourceInvalid, match=told) as caught:
        open_registry(source, frozenset())

    assert "hunter2" not in str(caught.value)


def test_what_is_no_file_cannot_be_imported_into(tmp_path: Path) -> None:
    settings = read(tmp_path, 'registry.target = "ours:Doctors"')

    with pytest.raises(SettingsInvalid, match="ours:Doctors answers, there is no file"):
        _ = settings.registry_file


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", "registry is missing (in the environment: MONESPACE_REGISTRY)"),
        ("registry = 3", "registry.file must be a text"),
        (
            "registry.options = { url = 1 }",
            "registry.target is missing (in the environment: MONESPACE_REGISTRY__TARGET)",
        ),
        (
            'registry.target = "ours.doctors"',
            "registry.target must name a class or a function, as package.module:NAME",
        ),
        (
            'registry = { target = "ours:Doctors", option = { } }',
            "registry.option is unknown, did you mean options?",
        ),
        (
            'registry.kind = "sqll"',
            "registry.kind must be one of csv, sql, http, module",
        ),
        (
            'registry.url = "https://a.example"',
            "registry.kind is missing: one of csv, sql, http, module",
        ),
        (
            'registry = { kind = "http", url = "https://a.example" }',
            "registry.key is missing (in the environment: MONESPACE_REGISTRY__KEY)",
        ),
        (
            'registry = { kind = "sql", url = "x", table = "a; DROP" }',
            "registry.table must name a table or a view, as doctors or order.doctors",
        ),
        (
            'registry = "r.csv"\nmessaging.kind = "module"',
            'messaging.target goes with kind = "module": give both or neither',
        ),
    ],
)
def test_what_settings_get_wrong_is_told(tmp_path: Path, written: str, problem: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        read(tmp_path, written)

    assert caught.value.problems == (problem,)


def test_it_is_made_with_its_options() -> None:
    registry = open_named("choosy", url="https://doctors.example")

    answer = registry.verify("99000000002", date(1975, 6, 17))

    assert answer.verdict is RegistryVerdict.MATCH
    assert answer.doctor == registry.doctor("99000000002")
    assert answer.doctor.mobile == "+33612345678"


def test_a_mobile_number_that_no_code_is_sent_to_is_unknown() -> None:
    """As in a file: without a provider, or in a country that is not one of its."""
    registry = open_registry(ModuleSource(target="monespace_flows.testing:demo_registry"), ABROAD)

    answer = registry.verify("99000000002", date(1975, 6, 17))

    assert answer.doctor is not None
    assert (answer.doctor.mobile, answer.doctor.email) == (
        None,
        "john.medecin@cn.medecin.example",
    )
    assert registry.doctor("99000000002") == answer.doctor
    assert registry.doctor("99000000051") is None


@pytest.mark.parametrize(
    ("source", "options", "told"),
    [
        ("nowhere.at.all:Doctors", {}, r"cannot be imported \(No module named 'nowhere'\): write"),
        (f"{__name__}:nobody", {}, "has no class or function nobody: write the NAME"),
        (f"{__name__}:ABROAD", {}, "has no class or function ABROAD"),
        (f"{__name__}:Half", {}, r"has no method doctor: write doctor\(rpps\), as monespace_flows"),
        (f"{__name__}:choosy", {}, "do not fit .*:choosy: missing a required .*'url'"),
        (f"{__name__}:choosy", {"urll": "hunter2"}, "do not fit"),
        (f"{__name__}:choosy", {"url": "hunter2"}, "choosy: url must begin with https://"),
    ],
)
def test_what_cannot_be_used_is_refused_at_start(
    source: str, options: dict[str, str], told: str
) -> None:
    """With a sentence that says what to write, and no value."""
    with pytest.raises(TargetInvalid, match=told) as caught:
        open_registry(ModuleSource(target=source, options=options), frozenset())

    assert "hunter2" not in str(caught.value)
