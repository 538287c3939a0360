"""A registry asked over HTTP, as the manual shows it, where the service does not do well.

Where it does, the contract of every registry holds: see ``tests/backends/test_registry.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from time import sleep

import pytest

from monespace_backends.registry.http import HttpRegistry
from monespace_flows.errors import PortUnavailable
from monespace_flows.testing import demo_registry
from tests.servers.registry import KEY, Answer, RegistryService, serving

JOHN = ("99000000002", date(1975, 6, 17))


@pytest.fixture
def service() -> Iterator[RegistryService]:
    with serving(demo_registry()) as service:
        yield service


@pytest.fixture
def registry(service: RegistryService) -> Iterator[HttpRegistry]:
    registry = HttpRegistry(service.url, KEY, timeout=0.2)
    yield registry
    registry.close()


def slow() -> Answer:
    sleep(0.5)
    return 200, b'{"verdict": "rpps_unknown"}'


def always(status: int, body: bytes) -> Callable[[], Answer]:
    return lambda: (status, body)


WRONG = {
    "slow": slow,
    "an error that quotes somebody": always(500, b"john@cn.example"),
    "busy": always(429, b"{}"),
    "elsewhere": always(302, b"{}"),
    "no JSON": always(200, b"john@cn.example"),
    "no UTF-8": always(200, b"\xff"),
    "a list": always(200, b"[]"),
    "nothing": always(200, b"null"),
    "another verdict": always(200, b'{"verdict": "john@cn.example"}'),
    "a match without a doctor": always(200, b'{"verdict": "match"}'),
    "a doctor without a match": always(
        200, b'{"verdict": "not_admitted", "doctor": {"rpps": "1", "role": "medecin"}}'
    ),
    "a doctor without a number": always(
        200, b'{"verdict": "match", "doctor": {"role": "medecin"}}'
    ),
    "a number that is no text": always(
        200, b'{"verdict": "match", "doctor": {"rpps": 99000000002, "role": "medecin"}}'
    ),
    "another doctor": always(
        200, b'{"verdict": "match", "doctor": {"rpps": "99000000010", "role": "medecin"}}'
    ),
}


@pytest.mark.parametrize("answer", WRONG.values(), ids=WRONG)
def test_whatever_goes_wrong_there_is_one_error(
    service: RegistryService,
    registry: HttpRegistry,
    caplog: pytest.LogCaptureFixture,
    answer: Callable[[], Answer],
) -> None:
    """It looks the same each time, and shows neither what was asked nor what was answered."""
    service.answer = answer

    with pytest.raises(PortUnavailable) as caught:
        registry.verify(*JOHN)
    assert str(caught.value) == "the registry port is unavailable"
    assert caught.value.__cause__ is None
    assert not any(value in caplog.text for value in ("9900", "1975", "john", KEY))


def test_it_answers_again_when_the_service_does(
    service: RegistryService, registry: HttpRegistry
) -> None:
    service.answer = always(503, b"")
    with pytest.raises(PortUnavailable):
        registry.doctor(JOHN[0])
    service.answer = None

    assert registry.doctor(JOHN[0]) == service.registry.doctor(JOHN[0])


def test_a_service_that_is_not_there() -> None:
    with serving(demo_registry()) as gone:
        url = gone.url
    registry = HttpRegistry(url, KEY)

    with pytest.raises(PortUnavailable):
        registry.doctor(JOHN[0])
    registry.close()


def test_a_wrong_key_is_ours_to_mend(service: RegistryService) -> None:
    registry = HttpRegistry(service.url, "another")

    with pytest.raises(PortUnavailable):
        registry.verify(*JOHN)
    registry.close()


def test_no_address_holds_what_was_asked(service: RegistryService, registry: HttpRegistry) -> None:
    """Addresses end up in the logs of whatever stands in between."""
    registry.verify(*JOHN)
    registry.doctor(JOHN[0])

    assert service.asked == ["/v1/verify", "/v1/doctor"]


def test_it_is_asked_under_protection_only() -> None:
    with pytest.raises(ValueError, match="https://"):
        HttpRegistry("http://doctors.example/v1", KEY)
