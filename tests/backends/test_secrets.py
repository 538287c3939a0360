"""What both sources of secrets must do."""

import re

import pytest

from monespace_backends.secrets import KeyedSecrets, Keys
from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Secrets
from monespace_flows.testing.contracts import Candidate, Make, SecretsContract
from monespace_flows.testing.services import MemorySecrets

OLD, NEW = b"o" * 32, b"n" * 32


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


class TestContract(SecretsContract):
    """What hosts' own must do, too."""

    @pytest.fixture(params=KINDS)
    def make(self, request: pytest.FixtureRequest) -> Make:
        before, after, later = KINDS[request.param]
        return lambda: Candidate(secrets=before, rotated=after, retired=later)


@pytest.mark.parametrize("before", [it[0] for it in KINDS.values()], ids=KINDS)
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
