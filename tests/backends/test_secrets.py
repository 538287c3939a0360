"""What both sources of secrets must do."""

import re
from itertools import combinations

import pytest

from monespace_backends.secrets import KeyedSecrets, Keys
from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Purpose, Secrets
from monespace_flows.testing.services import MemorySecrets

OLD, NEW = b"o" * 32, b"n" * 32
PURPOSES: tuple[Purpose, ...] = ("subject", "email", "code")


def memory(generations: int = 1) -> MemorySecrets:
    secrets = MemorySecrets("test")
    for _ in range(generations - 1):
        secrets.rotate()
    return secrets


def only_new() -> MemorySecrets:
    secrets = memory(2)
    secrets.forget_oldest()
    return secrets


KINDS: dict[str, tuple[Secrets, Secrets, Secrets]] = {
    "keyed": (
        KeyedSecrets(Keys((OLD,))),
        KeyedSecrets(Keys((NEW, OLD))),
        KeyedSecrets(Keys((NEW,))),
    ),
    "memory": (memory(), memory(2), only_new()),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def before(kind: str) -> Secrets:
    """The secrets of one key."""
    return KINDS[kind][0]


@pytest.fixture
def after(kind: str) -> Secrets:
    """The same with a newer key before it."""
    return KINDS[kind][1]


@pytest.fixture
def later(kind: str) -> Secrets:
    """The same when the old key is gone."""
    return KINDS[kind][2]


class TestDigests:
    """Keyed digests, by purpose and by key."""

    def test_the_same_value_has_the_same_digest(self, before: Secrets) -> None:
        assert before.digests("subject", "99000000002") == before.digests("subject", "99000000002")

    @pytest.mark.parametrize("value", ["", "99000000002", "é", "\ud800"])
    def test_a_digest_says_which_key_made_it(self, before: Secrets, value: str) -> None:
        (digest,) = before.digests("code", value)

        assert re.fullmatch(r"[0-9a-f]{8}:[0-9a-f]{64}", digest)

    def test_another_value_or_purpose_has_another_digest(self, before: Secrets) -> None:
        digests = [before.digests(purpose, value) for purpose in PURPOSES for value in ("1", "2")]

        assert not any(one == other for one, other in combinations(digests, 2))

    def test_it_is_no_plain_hash(self, before: Secrets) -> None:
        from hashlib import sha256

        (digest,) = before.digests("subject", "99000000002")

        assert sha256(b"99000000002").hexdigest() not in digest

    def test_a_newer_key_comes_first_and_the_old_one_stays(
        self, before: Secrets, after: Secrets, later: Secrets
    ) -> None:
        newest, old = after.digests("email", "john@x.example")

        assert (old,) == before.digests("email", "john@x.example")
        assert (newest,) == later.digests("email", "john@x.example")
        assert newest[:8] != old[:8]


class TestSealing:
    """Sealing and opening."""

    @pytest.mark.parametrize("text", ["", "99000000002", "médecin 🦒\n", "x" * 10_000])
    def test_what_was_sealed_can_be_opened(self, before: Secrets, text: str) -> None:
        assert before.unseal(before.seal(text)) == text

    def test_the_seal_hides_the_text(self, before: Secrets) -> None:
        sealed = before.seal("john@x.example")

        assert "john" not in sealed
        assert re.fullmatch(r"[A-Za-z0-9_=-]+", sealed)

    def test_two_seals_of_one_text_differ(self, before: Secrets) -> None:
        assert before.seal("john@x.example") != before.seal("john@x.example")

    def test_what_an_old_key_sealed_is_still_read(self, before: Secrets, after: Secrets) -> None:
        assert after.unseal(before.seal("text")) == "text"

    def test_the_newest_key_seals(self, after: Secrets, later: Secrets) -> None:
        assert later.unseal(after.seal("text")) == "text"

    def test_without_its_key_a_seal_stays_closed(self, before: Secrets, later: Secrets) -> None:
        with pytest.raises(PortUnavailable, match="secrets"):
            later.unseal(before.seal("text"))

    @pytest.mark.parametrize("sealed", ["", "x", "text", "é", "A" * 120])
    def test_what_was_never_sealed_stays_closed(self, before: Secrets, sealed: str) -> None:
        with pytest.raises(PortUnavailable, match="secrets"):
            before.unseal(sealed)

    def test_a_changed_seal_stays_closed(self, before: Secrets) -> None:
        sealed = before.seal("text of some length")
        middle = len(sealed) // 2
        changed = sealed[:middle] + ("B" if sealed[middle] == "A" else "A") + sealed[middle + 1 :]

        with pytest.raises(PortUnavailable, match="secrets"):
            before.unseal(changed)


class TestChance:
    """Tokens and codes."""

    def test_a_token_has_256_bits_and_is_safe_in_a_url(self, before: Secrets) -> None:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", before.token())

    def test_no_two_tokens_are_the_same(self, before: Secrets) -> None:
        assert len({before.token() for _ in range(200)}) == 200

    @pytest.mark.parametrize("count", [1, 6, 8])
    def test_digits_are_as_many_as_asked_for(self, before: Secrets, count: int) -> None:
        drawn = [before.digits(count) for _ in range(200)]

        assert all(re.fullmatch(rf"[0-9]{{{count}}}", digits) for digits in drawn)
        assert len(set(drawn)) > 5

    def test_digits_may_start_with_zero(self, before: Secrets) -> None:
        assert any(before.digits(6).startswith("0") for _ in range(500))


def test_nothing_is_shown(before: Secrets) -> None:
    """Neither the keys nor what is derived from them."""
    assert re.fullmatch(r"KeyedSecrets\([0-9a-f]{8}\)|MemorySecrets\(1 keys\)", repr(before))


class TestMemory:
    """What tests may ask of the memory twin."""

    def test_the_same_seed_draws_the_same(self) -> None:
        assert (memory().token(), memory().digits(6)) == (memory().token(), memory().digits(6))
        assert MemorySecrets("other").token() != memory().token()

    def test_it_fails_when_told_to(self) -> None:
        secrets = memory()
        secrets.fail_next()

        with pytest.raises(PortUnavailable, match="secrets"):
            secrets.token()
        assert secrets.token()
