"""What both password stores must do, and what argon2 and zxcvbn must do besides."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from string import ascii_letters, digits, punctuation
from threading import Event

import argon2
import pytest
from attrs import define
from zxcvbn_rs_py import zxcvbn

from monespace_backends.passwords import Argon2Passwords, _our_words, read_words, strength
from monespace_flows.errors import PortBusy, PortUnavailable
from monespace_flows.testing.contracts import Candidate, Make, PasswordsContract
from monespace_flows.testing.services import MemoryPasswords

FAST = argon2.Parameters(
    type=argon2.Type.ID,
    version=19,
    salt_len=16,
    hash_len=32,
    time_cost=1,
    memory_cost=64,
    parallelism=1,
)
SLOWER = argon2.Parameters(
    type=argon2.Type.ID,
    version=19,
    salt_len=16,
    hash_len=32,
    time_cost=2,
    memory_cost=64,
    parallelism=1,
)


def fast_argon2() -> Argon2Passwords:
    return Argon2Passwords(FAST)


class TestContract(PasswordsContract):
    """What hosts' own must do, too."""

    @pytest.fixture(params=[fast_argon2, MemoryPasswords])
    def make(self, request: pytest.FixtureRequest) -> Make:
        return lambda: Candidate(passwords=request.param())


class TestArgon2:
    """What the real store must do besides."""

    @pytest.mark.parametrize(
        "guessable",
        [
            "médecin1975",
            "medecin1975",
            "ordredesmedecins",
            "docteur.martin",
            "Docteur Martin",
            "azertyuiop123",
            "motdepasse2026",
            "monespace2026",
            "Médecin2026!",
            "jeanpierre1970",
            "conseil-de-l-ordre"[:12],
        ],
    )
    def test_what_a_french_doctor_would_choose_is_guessable(self, guessable: str) -> None:
        assert fast_argon2().score(guessable, ()) < 3

    def test_accents_of_personal_words_do_not_hide_them(self) -> None:
        assert fast_argon2().score("Durand-Lefevre", ("Durand-Lefèvre",)) < 3

    def test_nothing_personal_stays_behind(self) -> None:
        """What one person's words are says nothing of how another's password is judged."""
        own = "zwirnklopp@chu.example"
        before = fast_argon2().score(own, ())

        assert fast_argon2().score(own, (own,)) < before
        assert fast_argon2().score(own, ()) == before

    @pytest.mark.parametrize(
        "costly",
        [
            ("é-" + "4@8({[<369&#!1/|0$5+7%2" * 4)[:72],
            "4@8({[<369&#!1/|0$5+7%2" * 40,
            "receay|1040r1r1o@e|11w{x117111!11|w{/1{wpa5|0" * 4,
            "a" * 1024,
            "1/" * 512,
            "é" * 256,
        ],
    )
    def test_what_is_scored_is_bounded(self, costly: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every way to read signs as letters is tried: at most so many signs, and so many kinds."""
        scored: list[str] = []

        def spy(password: str, words: list[str]) -> object:
            scored.append(password)
            return zxcvbn(password, words)

        monkeypatch.setattr("monespace_backends.passwords.zxcvbn", spy)
        fast_argon2().score(costly, ())

        assert 1 <= len(scored) <= 3
        assert all(len(each) <= 40 for each in scored)
        for each in scored:
            kinds = set(each) & set("4@8({[<369&#!1/|0$5+7%2")
            assert len(each) == 16 or len(kinds) <= 8

    def test_only_words_that_can_be_in_it_are_told_to_the_estimate(self) -> None:
        """And it says the same as if it were told all of them, whatever stands for which letter."""
        drawn = Random(11)  # noqa: S311 - the same ones in every run
        ours = [*read_words("site_words"), *read_words("french_words")]
        every = _our_words()
        everything = [word for word in every.those_in(" ".join(ours)) if word]
        assert len(everything) == len(set(ours))
        leet = str.maketrans("aeilost", "43!|057")
        for _ in range(300):
            text = drawn.choice(["", "-", " ", "7"]).join(drawn.sample(ours, 3))
            for password in (text, text[::-1], text.translate(leet), text.title())[:4]:
                told = every.those_in(password[:40])
                assert 0 < sum(map(bool, told)) < 60
                found = int(zxcvbn(password[:40], told).score)
                assert found == int(zxcvbn(password[:40], everything).score)

    def test_drawn_passwords_are_at_the_top(self) -> None:
        """However many signs could stand for letters: 2,000 drawn ones, none of them refused."""
        drawn = Random(10)  # noqa: S311 - the same ones in every run
        signs = (digits, digits + punctuation, ascii_letters + digits + punctuation)
        scores = {
            strength("".join(drawn.choices(kinds, k=drawn.randint(15, 64))), ())
            for kinds in signs
            for _ in range(667)
        }

        assert scores <= {3, 4}

    def test_what_is_no_text_is_scored_all_the_same(self) -> None:
        """And no error carries it: a lone surrogate can come from JSON."""
        assert fast_argon2().score("\ud800tournevis-girafe-lundi", ()) == 4

    def test_other_parameters_outdate_a_hash(self) -> None:
        kept = fast_argon2().hash("girafe")
        raised = Argon2Passwords(SLOWER)

        assert raised.is_outdated(kept)
        assert raised.verify(kept, "girafe")

    def test_tm_05_nobody_costs_the_present_parameters(self) -> None:
        """The work for an unknown account is that of a known one (TM-02, TM-05)."""
        seen: list[str] = []
        raised = Argon2Passwords(SLOWER)
        raised._hasher = Spy(seen)  # type: ignore[assignment]

        raised.verify(None, "girafe")
        raised.verify("broken", "girafe")

        nobody, instead = seen
        assert argon2.extract_parameters(nobody) == SLOWER
        assert instead == nobody

    def test_the_drawn_hash_is_one_that_argon2_works_on(self) -> None:
        store = fast_argon2()

        with pytest.raises(argon2.exceptions.VerifyMismatchError):
            argon2.PasswordHasher().verify(store._nobodys, "girafe")

    def test_the_defaults_are_those_of_rfc_9106(self) -> None:
        parameters = argon2.extract_parameters(Argon2Passwords()._nobodys)

        assert (
            parameters.time_cost,
            parameters.memory_cost,
            parameters.parallelism,
        ) == (3, 65536, 4)

    def test_a_crowd_is_told_to_come_back(self) -> None:
        """No more hashes run at once than there are places; the rest wait, then are refused."""
        started, finish = Event(), Event()
        store = Argon2Passwords(FAST, concurrency=1, wait=timedelta(milliseconds=20))
        store._hasher = Blocked(started, finish)  # type: ignore[assignment]
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(store.hash, "girafe")
            started.wait(5)
            with pytest.raises(PortBusy, match="passwords"):
                store.verify(None, "girafe")
            finish.set()
            first.result(5)

        assert store.hash("girafe")

    @pytest.mark.parametrize(
        ("error", "call"),
        [
            (argon2.exceptions.HashingError, lambda store: store.hash("girafe")),
            (argon2.exceptions.VerificationError, lambda store: store.verify(None, "girafe")),
        ],
    )
    def test_no_memory_left_is_a_broken_port(
        self, error: type[Exception], call: Callable[[Argon2Passwords], object]
    ) -> None:
        store = fast_argon2()
        store._hasher = Broken(error)  # type: ignore[assignment]

        with pytest.raises(PortUnavailable, match="passwords"):
            call(store)


class TestMemory:
    """What tests may ask of the memory twin."""

    def test_it_counts(self) -> None:
        store = MemoryPasswords()

        store.verify(store.hash("girafe"), "girafe")
        store.verify(None, "girafe")

        assert (store.hashes, store.verifications) == (1, 2)

    def test_its_parameters_change(self) -> None:
        store = MemoryPasswords()
        kept = store.hash("girafe")
        store.change_parameters()

        assert store.is_outdated(kept)
        assert store.verify(kept, "girafe")

    def test_it_fails_when_told_to(self) -> None:
        store = MemoryPasswords()
        store.fail_next(2)

        with pytest.raises(PortBusy):
            store.hash("girafe")
        with pytest.raises(PortBusy):
            store.verify(None, "girafe")
        assert store.hash("girafe")


@define
class Spy:
    """Notes which hashes are verified."""

    seen: list[str]

    def verify(self, password_hash: str, password: bytes) -> bool:
        self.seen.append(password_hash)
        return argon2.PasswordHasher().verify(password_hash, password)


@define
class Blocked:
    """Hashes only when let go."""

    started: Event
    finish: Event

    def hash(self, password: bytes) -> str:
        self.started.set()
        self.finish.wait(5)
        return "done"


@define
class Broken:
    """Has no memory left."""

    error: type[Exception]

    def hash(self, password: bytes) -> str:
        raise self.error

    def verify(self, password_hash: str, password: bytes) -> bool:
        raise self.error
