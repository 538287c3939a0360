"""The registry as a service that answers two questions in JSON.

``POST {url}/verify`` with ``{"rpps", "birth_date"}`` is answered ``{"verdict", "doctor"?}``, and
``POST {url}/doctor`` with ``{"rpps"}`` is answered ``{"doctor"}`` (``null`` when not admitted).  A
doctor is ``{"rpps", "role", "mobile"?, "email"?, "family_name"?, "given_name"?, "council"?}``; the
words are those of :mod:`monespace_flows.ports`, and other names are passed over.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import TypeVar

import httpx2
from attrs import frozen
from cattrs import Converter

from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Doctor, RegistryAnswer, RegistryVerdict

__all__ = ["HttpRegistry"]

Record = TypeVar("Record")

_log = logging.getLogger(__name__)

_GARBLED = (ValueError, TypeError, KeyError)  # no JSON, or none of the shape above
_THIS_MACHINE = {"127.0.0.1", "::1", "localhost"}


@frozen
class _Found:
    doctor: Doctor | None


def _text(value: object, _: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")  # cattrs alone would make one of anything
    return value


_READER = Converter(detailed_validation=False)
_READER.register_structure_hook(str, _text)


class HttpRegistry:
    """Asks a service that knows the registered doctors.

    Whatever goes wrong there is ``PortUnavailable``: nothing moves, no try is counted, and the
    person is asked to come back.  Errors carry neither what was asked nor what was answered, and
    the question travels in the body, since addresses end up in logs.

    Args:
        url: where the service stands.
        key: what it knows us by.
        timeout: how many seconds to wait for it, each time.  Somebody is waiting with us.
    """

    def __init__(self, url: str, key: str, *, timeout: float = 3.0) -> None:
        address = httpx2.URL(url)
        if address.scheme != "https" and address.host not in _THIS_MACHINE:
            raise ValueError("url must begin with https://")
        self._url = url.rstrip("/")
        # Threads may share it, and it keeps its connections.
        self._client = httpx2.Client(headers={"Authorization": f"Bearer {key}"}, timeout=timeout)

    def verify(self, rpps: str, birth_date: date) -> RegistryAnswer:
        """Say whether a pair is known."""
        question = {"rpps": rpps, "birth_date": birth_date.isoformat()}
        answer = self._ask("verify", question, RegistryAnswer)
        if (answer.verdict is RegistryVerdict.MATCH) != (answer.doctor is not None):
            raise PortUnavailable("registry")
        return RegistryAnswer(answer.verdict, _the_one(rpps, answer.doctor))

    def doctor(self, rpps: str) -> Doctor | None:
        """Read a doctor again; ``None`` when no longer admitted."""
        return _the_one(rpps, self._ask("doctor", {"rpps": rpps}, _Found).doctor)

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def _ask(self, what: str, question: dict[str, str], kind: type[Record]) -> Record:
        try:
            answer = self._client.post(f"{self._url}/{what}", json=question)
            return _READER.structure(answer.raise_for_status().json(), kind)
        except (httpx2.HTTPError, *_GARBLED) as error:
            # Away, slow, refusing or garbled: to us it is one thing.  Only its kind is told, since
            # the text of the cause quotes the answer.
            _log.warning("the registry gave no answer to %s: %s", what, type(error).__name__)
            raise PortUnavailable("registry") from None


def _the_one(rpps: str, doctor: Doctor | None) -> Doctor | None:
    # A service that mixes two people up must not let one in as the other.
    if doctor is not None and doctor.rpps != rpps:
        raise PortUnavailable("registry")
    return doctor
