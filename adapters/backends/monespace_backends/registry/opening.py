"""The registry that settings name, opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast

from attrs import evolve, frozen

from monespace_flows.errors import MonespaceError
from monespace_flows.ports import Doctor, Registry, RegistryAnswer

from ..targets import check_methods, made
from . import (
    MAY_LOSE,
    CsvSource,
    HttpSource,
    ModuleSource,
    RegistrySource,
    SqlSource,
)
from .breaker import Breaker
from .cells import is_reached
from .file import CsvRegistry
from .index import SUFFIXES, IndexedRegistry

__all__ = ["close_registry", "open_registry"]

_METHODS = {"verify": "verify(rpps, birth_date)", "doctor": "doctor(rpps)"}


class RegistrySourceInvalid(MonespaceError):
    """The registry cannot be asked as settings say; the message says what to write, no value.

    What to do: correct ``[registry]`` as the message says.
    """


def open_registry(
    place: Path | RegistrySource, dial_codes: frozenset[int], may_lose: int = MAY_LOSE
) -> Registry:
    """Open the registry that settings name; nothing is asked of a database or a service.

    Args:
        place: a file, or where else it is.
        dial_codes: the countries where codes are sent by SMS; a mobile number of another one is
            taken for unknown, whoever answers.
        may_lose: how many in a hundred people may leave when a file is read again.

    Raises:
        RegistryFileInvalid: the file cannot be used.
        RegistrySourceInvalid: the source cannot be imported, called, or used as a registry.
    """
    match CsvSource(file=place) if isinstance(place, Path) else place:
        case CsvSource(file=file) if file.suffix in SUFFIXES:
            return IndexedRegistry(file, dial_codes, may_lose)
        case CsvSource(file=file):
            return CsvRegistry.read(file, dial_codes=dial_codes, may_lose=may_lose)
        case SqlSource() as source:
            return _spared(source, _sql(source, dial_codes))
        case HttpSource() as source:
            return _Reached(_spared(source, _http(source)), dial_codes)
        case ModuleSource(target=target, options=options):
            return _Reached(_of_module(target, options), dial_codes)


def close_registry(registry: object) -> None:
    """Let the connections of a registry go, if it has some, whatever it is wrapped in."""
    while hasattr(registry, "registry"):
        registry = registry.registry
    close = getattr(registry, "close", None)
    if callable(close):
        close()


def _sql(source: SqlSource, dial_codes: frozenset[int]) -> Registry:
    from .sql import SqlRegistry  # here: who has a file needs no SQLAlchemy

    timeout = source.timeout.total_seconds()
    try:
        return SqlRegistry(source.url, source.table, dial_codes=dial_codes, timeout=timeout)
    except ValueError as error:
        raise RegistrySourceInvalid(f"registry.{error}") from None


def _http(source: HttpSource) -> Registry:
    try:
        from .http import HttpRegistry  # here: who has a file needs no httpx2
    except ModuleNotFoundError:
        told = 'kind = "http" needs the package httpx2: pip install monespace-flows[sms]'
        raise RegistrySourceInvalid(f"registry.{told}") from None
    try:
        return HttpRegistry(source.url, source.key, timeout=source.timeout.total_seconds())
    except ValueError as error:
        raise RegistrySourceInvalid(f"registry.{error}") from None


def _spared(source: SqlSource | HttpSource, registry: Registry) -> Registry:
    return Breaker(registry, failures=source.failures, pause=source.pause.total_seconds())


def _of_module(target: str, options: Mapping[str, Any]) -> Registry:
    registry = made(target, options, "registry")
    check_methods(registry, target, _METHODS, "Registry")
    return cast("Registry", registry)


@frozen
class _Reached:
    """A host's registry without the mobile numbers that no code is sent to.

    The file's reader leaves them out by itself.  Here a host would have to think of it, and doctors
    would be offered a code that never comes.
    """

    registry: Registry
    dial_codes: frozenset[int]

    def verify(self, rpps: str, birth_date: date) -> RegistryAnswer:
        answer = self.registry.verify(rpps, birth_date)
        return RegistryAnswer(answer.verdict, self._reached(answer.doctor))

    def doctor(self, rpps: str) -> Doctor | None:
        return self._reached(self.registry.doctor(rpps))

    def _reached(self, doctor: Doctor | None) -> Doctor | None:
        if doctor is None or not doctor.mobile or is_reached(doctor.mobile, self.dial_codes):
            return doctor
        return evolve(doctor, mobile=None)
