"""Keys beside what the database knows of them: which start is refused, and how one key goes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from monespace_backends import keyring
from monespace_backends.emails import Emails
from monespace_backends.keyring import compare_keys, keys_in_use, open_keys
from monespace_backends.resealing import LOST, KeyRows, count_rows, reseal
from monespace_backends.rotation import KeyRefused, add_key, promote_key, retire_key
from monespace_backends.secrets import KeyedSecrets, Keys, KeysInvalid, read_keys
from monespace_backends.storage import SqlStorage, open_storage
from monespace_flows import Flows
from monespace_flows.driver.relay import Relay
from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Secrets
from monespace_flows.testing import MemoryClock, Sandbox
from monespace_flows.testing.services import MemorySecrets
from tests.journeys import acting
from tests.journeys.acting import CLAIRE, JOHN, LOGIN, PAUL
from tests.servers import storages

ONE, TWO, THREE = (bytes([it]) * 32 for it in (1, 2, 3))
ID1, ID2, ID3 = (Keys((it,)).ids[0] for it in (ONE, TWO, THREE))

pytestmark = pytest.mark.parametrize("database", storages.SQL_ENGINES, indirect=True)


@pytest.fixture
def stored(database: str) -> Iterator[SqlStorage]:
    with closing(open_storage(database)) as storage:
        yield storage


@pytest.fixture
def other(database: str) -> Iterator[SqlStorage]:
    """The storage of another process."""
    with closing(open_storage(database)) as storage:
        yield storage


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "keys", ONE)


def written(path: Path, *keys: bytes) -> Path:
    path.touch(0o600)
    path.write_text("".join(f"{b64encode(it).decode()}\n" for it in keys))
    return path


def living(storage: SqlStorage, secrets: Secrets, clock: MemoryClock) -> Sandbox:
    """Journeys under somebody's keys."""
    box = Sandbox(storage=storage)
    box.clock = clock
    box.ports = evolve(box.ports, secrets=secrets, clock=clock)
    box.relay = Relay(storage, secrets, box.messages, clock)
    box.flows = Flows(box.ports, wake=box.deliver)
    return box


def look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have processes look at the database before every unit."""
    monkeypatch.setattr(keyring, "_LOOK", 0)
    monkeypatch.setattr(keyring, "_IDLE", 0)


class TestStart:
    """Which file of keys a database takes."""

    def test_the_first_start_notes_the_keys(self, stored: SqlStorage, clock: MemoryClock) -> None:
        secrets = open_keys(stored, Keys((TWO, ONE)), clock)

        assert secrets.ids == (ID2, ID1)
        known = compare_keys(stored, Keys((ONE, TWO)))
        assert {key.id: key.promoted_at is not None for key in known} == {ID1: False, ID2: True}
        assert "sealed" not in repr(known)

    def test_ft_16_another_valid_file_is_refused(
        self, stored: SqlStorage, clock: MemoryClock
    ) -> None:
        open_keys(stored, Keys((ONE,)), clock)

        with pytest.raises(KeysInvalid, match=f"another service's file: .*{ID1}.* holds {ID2}"):
            open_keys(stored, Keys((TWO,)), clock)

    def test_ft_16_a_lost_old_key_is_told(self, stored: SqlStorage, clock: MemoryClock) -> None:
        open_keys(stored, Keys((TWO, ONE)), clock)

        with pytest.raises(KeysInvalid, match=f"knows {ID1}, which this file lacks: put that key"):
            open_keys(stored, Keys((TWO,)), clock)

    def test_ft_16_accounts_of_before_keys_were_noted_name_theirs(
        self, stored: SqlStorage, clock: MemoryClock
    ) -> None:
        """An upgrade must not take the first file that comes."""
        acting.created(living(stored, KeyedSecrets(Keys((ONE,))), clock))

        with pytest.raises(KeysInvalid, match="another service's file"):
            open_keys(stored, Keys((TWO,)), clock)
        secrets = open_keys(stored, Keys((TWO, ONE)), clock)

        assert secrets.ids == (ID2, ID1)
        assert all(key.is_needed for key in compare_keys(stored, Keys((TWO, ONE))))

    @pytest.mark.parametrize(
        "check", [None, KeyedSecrets(Keys((TWO,))).seal(ID1)], ids=["none", "of another key"]
    )
    def test_a_key_that_only_looks_like_the_known_one_is_refused(
        self, stored: SqlStorage, clock: MemoryClock, check: str | None
    ) -> None:
        """An id has eight signs: the sealed check tells two such keys apart."""
        open_keys(stored, Keys((ONE,)), clock)
        with stored.keys(writing=True) as keys:
            keys.update(evolve(keys.all()[0], sealed_check=check))

        with pytest.raises(KeysInvalid, match=f"{ID1} does not open what"):
            open_keys(stored, Keys((ONE,)), clock)

    def test_a_new_key_of_the_file_is_for_reading(
        self, stored: SqlStorage, clock: MemoryClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Even on top, where it was put to be written under."""
        open_keys(stored, Keys((ONE,)), clock)

        secrets = open_keys(stored, Keys((TWO, ONE)), clock)

        assert secrets.ids == (ID1, ID2)
        assert f"next: monespace keys promote {ID2}" in caplog.text

    def test_the_keys_in_use_are_those_of_the_secrets(
        self, stored: SqlStorage, clock: MemoryClock, tmp_path: Path
    ) -> None:
        path = written(tmp_path / "some", TWO, ONE)
        open_keys(stored, Keys((ONE,)), clock)

        assert keys_in_use(open_keys(stored, read_keys(path), clock), path) == Keys((ONE, TWO))
        assert keys_in_use(MemorySecrets(), path) == Keys((TWO, ONE))


class TestRunning:
    """What a process does when keys change while it runs."""

    def test_a_promotion_is_taken_up(
        self,
        stored: SqlStorage,
        other: SqlStorage,
        clock: MemoryClock,
        file: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        look_at_once(monkeypatch)
        new = add_key(other, file, clock.now())
        secrets = open_keys(stored, read_keys(file), clock)
        assert secrets.ids == (ID1, new)

        promote_key(other, file, None, clock.now())
        with stored.reading():
            pass

        assert secrets.ids == (new, ID1)
        with other.keys(writing=False) as keys:
            assert [user.writes_under for user in keys.users()] == [new]

    def test_ft_16_who_lacks_a_promoted_key_does_nothing_more(  # noqa: PLR0917 - fixtures
        self,
        stored: SqlStorage,
        other: SqlStorage,
        clock: MemoryClock,
        file: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """It was frozen when the key was added: told not to be ready, it makes no account."""
        look_at_once(monkeypatch)
        box = living(stored, open_keys(stored, Keys((ONE,)), clock), clock)
        new = add_key(other, file, clock.now())
        assert box.flows.ready() == {"storage": True, "keys": True, "registry": True}
        clock.advance(hours=1)
        with other.keys(writing=True) as keys:
            (user,) = keys.users()
            keys.beat(evolve(user, seen_at=clock.now() - timedelta(hours=1)))
        promote_key(other, file, new, clock.now(), gone=True)

        assert box.flows.ready() == {"storage": True, "keys": False, "registry": True}
        assert box.flows.ready()["keys"] is False
        with pytest.raises(PortUnavailable, match="secrets"):
            box.flows.start("creation")
        assert caplog.text.count(f"key {new} was promoted and this process lacks it") == 1
        assert repr(box.ports.secrets) == "KeyedSecrets()"

    def test_rc_02_a_step_under_way_meets_the_promotion_in_its_own_transaction(
        self, stored: SqlStorage, other: SqlStorage, clock: MemoryClock, file: Path
    ) -> None:
        """It looked a moment ago, and has not looked since."""
        box = living(stored, open_keys(stored, Keys((ONE,)), clock), clock)
        view = acting.code_accepted(box, JOHN, "email")
        new = add_key(other, file, clock.now())
        clock.advance(minutes=2)
        promote_key(other, file, new, clock.now(), gone=True)

        with pytest.raises(PortUnavailable, match="secrets"):
            box.flows.submit(view.token, acting.creation())

    def test_a_database_that_cannot_be_asked_is_met_by_the_unit(
        self, stored: SqlStorage, clock: MemoryClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        open_keys(stored, Keys((ONE,)), clock)
        look_at_once(monkeypatch)

        def away(**_: object) -> Any:
            raise PortUnavailable("storage")

        monkeypatch.setattr(stored, "keys", away)
        with stored.writing() as unit:
            assert unit.journeys.get("") is None


class TestPromotion:
    """A key is promoted once everybody has it."""

    def test_it_waits_for_who_runs_without_it(
        self, stored: SqlStorage, other: SqlStorage, clock: MemoryClock, file: Path
    ) -> None:
        open_keys(stored, Keys((ONE,)), clock)
        new = add_key(other, file, clock.now())

        with pytest.raises(KeyRefused, match="runs without it"):
            promote_key(other, file, new, clock.now(), gone=True)
        clock.advance(minutes=2)
        with pytest.raises(KeyRefused, match=f"was not seen .* promote {new} --gone"):
            promote_key(other, file, new, clock.now())
        stored.close()

        assert promote_key(other, file, new, clock.now()) == new
        assert read_keys(file).ids == (new, ID1)
        assert promote_key(other, file, new, clock.now()) == new
        assert promote_key(other, file, ID1, clock.now() - timedelta(days=9)) == ID1
        assert open_keys(other, read_keys(file), clock).ids == (ID1, new)

    def test_it_wants_to_know_which(
        self, stored: SqlStorage, clock: MemoryClock, file: Path
    ) -> None:
        with pytest.raises(KeyRefused, match="first: monespace keys add"):
            promote_key(stored, file, None, clock.now())
        with pytest.raises(KeyRefused, match="there is no such key"):
            promote_key(stored, file, "00000000", clock.now())
        added = {add_key(stored, file, clock.now()) for _ in range(2)}
        with pytest.raises(KeyRefused, match="were added and not promoted: name one"):
            promote_key(stored, file, None, clock.now())
        gone = added.pop()
        retire_key(stored, file, gone, clock.now())
        with pytest.raises(KeyRefused, match="was retired"):
            promote_key(stored, file, gone, clock.now())

        assert promote_key(stored, file, None, clock.now()) == added.pop()


class TestResealing:
    """Everything goes under the new key, and the old one can go."""

    def test_all_goes_under_the_new_key(
        self, stored: SqlStorage, other: SqlStorage, clock: MemoryClock, file: Path
    ) -> None:
        box = living(stored, open_keys(stored, read_keys(file), clock), clock)
        acting.created(box)
        session = acting.session_of(box)
        under_way = acting.awaiting_code(box, CLAIRE, "email")
        box.flows = Flows(box.ports)
        waiting = acting.link_requested(box)
        new = add_key(other, file, clock.now())
        stored.close()
        promote_key(other, file, None, clock.now())
        looked_at: list[int] = []

        secrets = open_keys(other, read_keys(file), clock)
        done = reseal(other, secrets, Emails(), looked_at.append)
        again = reseal(other, secrets, Emails())

        assert (done.accounts, done.messages, done.left) == (1, 1, 0)
        assert done.journeys == 2
        assert sum(looked_at) > 4
        assert (again.accounts, again.journeys, again.messages) == (0, 0, 0)
        rows = count_rows(other, read_keys(file))
        assert (rows[new].accounts, rows[ID1].accounts) == (1, 0)
        assert rows[new].messages == 1
        after = living(other, secrets, clock)
        assert after.flows.session(session) is not None
        assert acting.sign_in(after).state == "signed_in"
        assert after.flows.view(under_way.token).state == "enter_code"
        after.deliver()
        assert after.messages[-1].purpose == "reset_link"
        assert waiting.reference

    def test_an_address_that_waits_and_who_may_object_go_too(
        self, stored: SqlStorage, other: SqlStorage, clock: MemoryClock, file: Path
    ) -> None:
        """SS-08: what links are about is read under the new key alone."""
        box = living(stored, open_keys(stored, read_keys(file), clock), clock)
        view = box.flows.start("settings", acting.member(box))
        box.flows.submit(view.token, acting.save(email=acting.OTHER_LOGIN))
        new = add_key(other, file, clock.now())
        stored.close()
        promote_key(other, file, None, clock.now())
        secrets = open_keys(other, read_keys(file), clock)

        done = reseal(other, secrets, Emails())

        assert (done.links, done.left) == (2, 0)
        rows = count_rows(other, read_keys(file))
        assert (rows[new].links, rows[ID1].links) == (2, 0)
        after = living(other, secrets, clock)
        session = acting.session_of(after)
        assert after.flows.pending_email(session) == acting.OTHER_LOGIN
        assert after.flows.object_link(acting.newest(box, "notice").link_token) == "undone"

    def test_an_account_without_an_address_goes_too(
        self, stored: SqlStorage, other: SqlStorage, clock: MemoryClock, file: Path
    ) -> None:
        """Its address was released: what stands for it was drawn, and is drawn again."""
        box = living(stored, open_keys(stored, read_keys(file), clock), clock)
        acting.created_by_sms(box, PAUL, JOHN.email)
        acting.created(box, JOHN)
        new = add_key(other, file, clock.now())
        stored.close()
        promote_key(other, file, None, clock.now())

        done = reseal(other, open_keys(other, read_keys(file), clock), Emails())

        assert (done.accounts, done.left) == (2, 0)
        assert count_rows(other, read_keys(file))[new].accounts == 2

    def test_what_cannot_be_written_anew_is_left_and_told(
        self, stored: SqlStorage, other: SqlStorage, clock: MemoryClock, file: Path
    ) -> None:
        """Two accounts that a change of keys by hand made of one, and what a lost key sealed."""
        for key, login in ((ONE, LOGIN), (TWO, "b@cabinet.example")):
            box = living(stored, KeyedSecrets(Keys((key,))), clock)
            acting.created_by_sms(box, JOHN, login)
            clock.advance(minutes=2)
        acting.created(living(stored, KeyedSecrets(Keys((ONE,))), clock), CLAIRE)
        written(file, TWO, ONE)
        secrets = open_keys(other, read_keys(file), clock)
        lost = KeyedSecrets(Keys((THREE,)))
        with other.keys(writing=True) as keys:
            (message,) = keys.sealed("messages", "", 1)
            waiting = [it for it in keys.sealed("messages", "", 99) if it.sealed]
            for row in waiting:
                keys.reseal("messages", row.key, row.sealed or "", lost.seal("x"))

        done = reseal(other, secrets, Emails())

        assert (done.accounts, done.left) == (1, 1 + len(waiting))
        assert len(done.doubles) == 1
        assert count_rows(other, read_keys(file)).get(LOST, KeyRows()).messages == len(waiting)
        assert message.key

    def test_ft_16_an_account_of_a_lost_key_is_left(
        self, stored: SqlStorage, other: SqlStorage, clock: MemoryClock, file: Path
    ) -> None:
        box = living(stored, open_keys(stored, read_keys(file), clock), clock)
        acting.created(box)
        with stored.writing() as unit:
            account = unit.accounts.by_email(box.ports.secrets.digests("email", JOHN.email))
            assert account is not None
            broken = evolve(account, sealed_rpps="x", version=account.version + 1)
            unit.accounts.update(broken, account.version)

        done = reseal(other, open_keys(other, read_keys(file), clock), Emails())

        assert (done.accounts, done.left) == (0, 1)
        assert count_rows(other, read_keys(file))[LOST].accounts == 1

    def test_who_was_first_is_left_to_the_next_time(
        self,
        stored: SqlStorage,
        other: SqlStorage,
        clock: MemoryClock,
        file: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A step that changes the account at that moment has its way."""
        box = living(stored, open_keys(stored, read_keys(file), clock), clock)
        acting.created(box)
        add_key(other, file, clock.now())
        stored.close()
        promote_key(other, file, None, clock.now())
        secrets = open_keys(other, read_keys(file), clock)
        seal = secrets.seal

        def meanwhile(text: str) -> str:
            monkeypatch.setattr(secrets, "seal", seal)
            with other.keys(writing=False) as keys:
                (account,) = keys.accounts("", 9)
            with other.writing() as unit:
                unit.accounts.update(evolve(account, version=account.version + 1), account.version)
            return seal(text)

        monkeypatch.setattr(secrets, "seal", meanwhile)

        assert reseal(other, secrets, Emails()).left == 1
        assert reseal(other, secrets, Emails()).accounts == 1


class TestRetirement:
    """A key goes when nothing is under it."""

    def test_it_tells_what_is_left(
        self, stored: SqlStorage, other: SqlStorage, clock: MemoryClock, file: Path
    ) -> None:
        """Step by step, until it can go; and when it leaked, sooner."""
        box = living(stored, open_keys(stored, read_keys(file), clock), clock)
        acting.created(box)
        box.flows.submit(box.flows.start("creation").token, acting.wrong_birth_date(CLAIRE))
        with pytest.raises(KeyRefused, match="is written under: promote another one first"):
            retire_key(other, file, ID1, clock.now())
        new = add_key(other, file, clock.now())
        stored.close()
        promote_key(other, file, None, clock.now())
        with pytest.raises(KeyRefused, match=r"accounts 1.* Run: monespace keys reseal"):
            retire_key(other, file, ID1, clock.now())
        secrets = open_keys(other, read_keys(file), clock)
        reseal(other, secrets, Emails())
        with pytest.raises(KeyRefused, match=r"journeys 2.*monespace purge"):
            retire_key(other, file, ID1, clock.now(), leaked=True)
        clock.advance(hours=2)
        other.purge(clock.now(), clock.now() - timedelta(days=183))
        with pytest.raises(KeyRefused, match=r"counted tries 3, lines of journals .* --leaked"):
            retire_key(other, file, ID1, clock.now())

        retire_key(other, file, ID1, clock.now(), leaked=True)
        retire_key(other, file, ID1, clock.now())

        assert read_keys(file).ids == (new,)
        assert acting.sign_in(living(other, secrets, clock)).state == "signed_in"
        # The file of another machine, where its line still stands.
        assert open_keys(other, Keys((ONE, *read_keys(file).values)), clock).ids == (new,)

    def test_it_waits_for_what_is_under_way(
        self, stored: SqlStorage, other: SqlStorage, clock: MemoryClock, file: Path
    ) -> None:
        """A minute, and until whoever still writes under it has looked."""
        new = add_key(other, file, clock.now())
        secrets = open_keys(stored, read_keys(file), clock)
        promote_key(other, file, new, clock.now())

        with pytest.raises(KeyRefused, match=r"or .*:\d+ still does"):
            retire_key(other, file, ID1, clock.now())
        stored.close()
        with pytest.raises(KeyRefused, match="a minute ago, or a process"):
            retire_key(other, file, ID1, clock.now())
        clock.advance(minutes=2)
        retire_key(other, file, ID1, clock.now())

        assert secrets.ids == (ID1, new)
        assert read_keys(file).ids == (new,)

    def test_an_account_of_the_last_moment_is_seen(
        self,
        stored: SqlStorage,
        clock: MemoryClock,
        file: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Rows are counted before they are held."""
        add_key(stored, file, clock.now())
        acting.created(living(stored, KeyedSecrets(Keys((ONE,))), clock))
        promote_key(stored, file, None, clock.now())
        clock.advance(minutes=2)
        monkeypatch.setattr("monespace_backends.rotation.count_rows", lambda *_: {})

        with pytest.raises(KeyRefused, match="accounts 1"):
            retire_key(stored, file, ID1, clock.now())

    def test_a_key_that_was_added_and_thrown_away_can_go(
        self, stored: SqlStorage, clock: MemoryClock, file: Path
    ) -> None:
        """No start is refused for it then."""
        keys = read_keys(file)
        new = add_key(stored, file, clock.now())
        written(file, *keys.values)
        with pytest.raises(KeysInvalid, match=f"knows {new}"):
            open_keys(stored, keys, clock)

        retire_key(stored, file, new, clock.now())

        assert open_keys(stored, keys, clock).ids == (ID1,)

    def test_what_nobody_opens_may_be_under_a_key_that_is_gone(
        self, stored: SqlStorage, clock: MemoryClock, file: Path
    ) -> None:
        acting.created(living(stored, open_keys(stored, Keys((ONE,)), clock), clock))
        new = add_key(stored, file, clock.now())
        written(file, ONE)
        with stored.keys(writing=True) as keys:
            for row in keys.sealed("messages", "", 9):
                with suppress(TypeError):
                    keys.reseal("messages", row.key, row.sealed or "", "x")
            (account,) = keys.accounts("", 9)
        with stored.writing() as unit:
            broken = evolve(account, sealed_email="x", version=account.version + 1)
            unit.accounts.update(broken, account.version)

        with pytest.raises(KeyRefused, match="accounts 1"):
            retire_key(stored, file, new, clock.now())
