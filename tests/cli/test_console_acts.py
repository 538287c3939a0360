"""What an agent may change by the console: confirmed, and recorded before it is done."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monespace_backends.clock import SystemClock
from monespace_flows.ports import OutboxMessage
from monespace_flows.testing import MemoryClock
from tests.replaying import leave_alone
from tests.support.people import AMELIE

from .conftest import set_up
from .desk import AGENT, Desk
from .service import Service
from .stories import EMAIL, RPPS, Told, writing


@pytest.fixture(scope="module")
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """Set one service up for all who need its keys."""
    with set_up("sqlite", request) as service:
        yield service


@pytest.fixture
def own(service: Service, tmp_path: Path) -> Desk:
    """Open the console on a copy of the service, to change something there."""
    path = tmp_path / "own"
    shutil.copytree(service.config.parent, path)
    (path / "access.jsonl").unlink(missing_ok=True)
    config = path / service.config.name
    written = config.read_text("utf-8").replace(str(service.config.parent), str(path))
    config.write_text(written, "utf-8")
    desk = Desk(path, config, acts=True)
    desk.give_grounds()
    return desk


@pytest.fixture
def desk(told: Told) -> Desk:
    """Open the console on a demo's journeys, where it may write."""
    leave_alone(told.storage)
    desk = Desk(told.path, acts=True)
    desk.give_grounds()
    return desk


def test_are_absent_unless_asked_for(told: Told) -> None:
    desk = Desk(told.path)
    desk.give_grounds()

    assert "Gestes" not in desk.look("/")
    assert desk.client.get("/gestes").status_code == 404
    assert desk.client.get("/effacement").status_code == 404


class TestOnAnAccount:
    def test_wants_to_be_confirmed(self, desk: Desk) -> None:
        desk.look("/gestes")

        assert "Rien n'est fait" in desk.send("/gestes", act="disable", person=EMAIL)
        assert desk.records() == ()

    def test_wants_a_number_or_an_address(self, desk: Desk) -> None:
        desk.look("/gestes")
        page = desk.send("/gestes", act="disable", person="12345", sure="on")

        assert "ce n'est ni un numéro RPPS (11 chiffres) ni une adresse e-mail" in page
        assert "12345" not in page

    @pytest.mark.parametrize("act", ["disable", "enable", "unlock"])
    def test_is_recorded_then_done(self, own: Desk, act: str) -> None:
        own.look("/gestes")
        if act == "enable":
            own.send("/gestes", act="disable", person=RPPS, sure="on")
        page = own.send("/gestes", act=act, person=RPPS, sure="on")

        assert ("Rien à faire" if act == "unlock" else "C'est fait") in page
        assert RPPS not in page
        last = own.records()[-1]
        assert (last.actor, last.command, last.reference) == (AGENT, act, "account")
        assert last.ticket == "SD-1423"

    def test_unlocks_whoever_tried_too_often(
        self, own: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        soon = MemoryClock().now() + timedelta(minutes=15)
        monkeypatch.setattr(SystemClock, "now", lambda _: soon)
        own.look("/gestes")
        page = own.send("/gestes", act="unlock", person=AMELIE[1], sure="on")

        assert "C'est fait, et inscrit au journal du compte :" in page
        found = re.search(r'<a href="(/parcours/[^"]+)">', page)
        assert found is not None
        assert "essais oubliés par l'exploitation" in own.look(found[1])

    def test_that_cannot_be_recorded_is_not_done(self, own: Desk) -> None:
        own.look("/gestes")
        (own.path / "access.jsonl").write_text("half a line")
        page = own.send("/gestes", act="disable", person=RPPS, sure="on")

        assert "ne peut pas être enregistrée" in page
        (own.path / "access.jsonl").unlink()
        assert "Rien à faire" in own.send("/gestes", act="enable", person=RPPS, sure="on")


class TestErasing:
    def test_says_what_is_lost_before_it_asks_for_a_word(self, own: Desk) -> None:
        own.look("/gestes")
        page = own.send("/effacement", person=RPPS)

        assert "Effacer ce compte pour toujours ?" in page
        assert "ses parcours." in page
        assert "Restent 183 jours, sous un pseudonyme : les journaux." in page
        assert RPPS not in page
        assert own.records() == ()

    def test_another_word_erases_nothing(self, own: Desk) -> None:
        own.look("/gestes")
        own.send("/effacement", person=RPPS)
        page = own.send("/effacement/confirme", word="oui")

        assert "Rien n'est effacé : tapez EFFACER." in page
        assert own.records() == ()

    def test_the_word_erases_what_was_named_once(self, own: Desk) -> None:
        own.look("/gestes")
        own.send("/effacement", person=RPPS)
        page = own.send("/effacement/confirme", word="effacer")

        assert "Le compte est effacé, avec " in page
        last = own.records()[-1]
        assert (last.actor, last.command, last.ticket) == (AGENT, "erase", "SD-1423")
        assert "<h1>Gestes</h1>" in own.send("/effacement/confirme", word="effacer")
        again = own.send("/gestes", act="disable", person=RPPS, sure="on")
        assert "ce compte n'existe pas" in again

    def test_waits_five_minutes_for_the_word(self, own: Desk) -> None:
        own.look("/gestes")
        own.send("/effacement", person=RPPS)
        own.seconds = 5 * 60

        assert "<h1>Gestes</h1>" in own.look("/effacement")
        assert "<h1>Gestes</h1>" in own.send("/effacement/confirme", word="effacer")
        assert own.records() == ()


class TestRetrying:
    def test_is_offered_on_the_journey_and_puts_a_refused_message_back(
        self, told: Told, desk: Desk
    ) -> None:
        now = datetime.now(UTC)
        refused = OutboxMessage(
            id="refused",
            journey=told.creation,
            channel="sms",
            purpose="notice",
            sealed="unread",
            created_at=now - timedelta(minutes=5),
            due_at=now,
            expires_at=now + timedelta(hours=1),
            status="failed",
            error="sms",
            attempts=1,
            finished_at=now,
        )
        with writing(told.path) as box, box.storage.writing() as unit:
            unit.outbox.add(refused)
        assert "Je confirme le renvoi" in desk.look(f"/parcours/{told.creation}")
        page = desk.send("/renvoi", reference=told.creation, sure="on")

        assert "1 message remis en attente." in page
        with writing(told.path) as box, box.storage.reading() as unit:
            assert [it.status for it in unit.outbox.unsent() if it.id == "refused"] == ["waiting"]
        last = desk.records()[-1]
        assert (last.command, last.reference) == ("outbox-retry", told.creation)

    def test_says_when_there_is_none(self, told: Told, desk: Desk) -> None:
        desk.look("/gestes")

        assert "confirmez" in desk.send("/renvoi", reference=told.creation)
        page = desk.send("/renvoi", reference=told.creation, sure="on")
        assert "Aucun message de ce parcours ne peut être renvoyé" in page

    def test_a_reference_that_is_none_is_refused(self, desk: Desk) -> None:
        desk.look("/gestes")
        page = desk.send("/renvoi", reference="rien", sure="on")

        assert "aucun parcours ne porte cette référence" in page
        assert desk.records() == ()
