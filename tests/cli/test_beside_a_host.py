"""Every command on a service whose tables stand beside those of a host."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import placed

from .conftest import Call
from .questions import Ask, Question
from .service import Service, service_on


@pytest.fixture(scope="module", params=placed.PLACES)
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Set a service up there, and have people go through all five journeys."""
    path = tmp_path_factory.mktemp("beside")
    with placed.placed(request.param, request, path) as database:
        names = "".join(
            f'database.{name} = "{it}"\n' for name, it in database.naming.items() if it is not None
        )
        with service_on(database.url, path, names) as service:
            yield service


@pytest.fixture
def ask(call: Call, service: Service) -> Ask:
    """Ask that service."""
    return Ask(call, service)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (Question("find", "99000000002\n"), "JOHN-RECU"),
        ("list", "AMEL-REFU"),
        ("show JOHN-LIEN", "Le mot de passe a été changé."),
        ("why JOHN-CREE", "Rien à faire : se connecter"),
        ("stats", "création d'espace"),
        ("gate", "5 parcours rejoués"),
        ("verify", "Tout tient"),
        ("shapes", '"count":1'),
        ("export --all", "JOHN-CONN"),
    ],
)
def test_support_reads_it(ask: Ask, question: Question | str, said: str) -> None:
    assert said in ask.page(question)


def test_operators_look_after_it(call: Call, service: Service) -> None:
    with_config = ("--config", service.config)
    for words, said in {
        ("db", "upgrade"): "is at revision",
        ("purge",): "journeys",
        ("journal", "head"): '"seal"',
        ("keys", "list"): "accounts",
        ("outbox", "list"): "",
        ("breaker", "show"): "",
    }.items():
        ended = call(*words, *with_config)
        assert (ended.exit_code, said in ended.stdout) == (0, True), (words, ended.output)


def test_doctor_finds_it_sound(call: Call, service: Service) -> None:
    ended = call("doctor", "--config", service.config)

    assert "répond, accepte d'écrire, ses tables" in ended.stdout


def test_a_clash_is_told_by_db_upgrade(call: Call, service: Service, tmp_path: Path) -> None:
    """With what is there, and the setting that helps."""
    config = service.config.with_name("clash.toml")
    kept = [it for it in service.config.read_text().splitlines() if "table_prefix" not in it]
    config.write_text("\n".join(it for it in kept if "database.schema" not in it))
    ended = call("db", "upgrade", "--config", config)

    assert ended.exit_code != 0
    assert "accounts, journal, links" in ended.stderr
    assert "set database.table_prefix" in ended.stderr
