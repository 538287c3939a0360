"""The registry that settings name, opened: the file, or what a host's own class asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, cast

from attrs import evolve, frozen

from monespace_flows.errors import MonespaceError
from monespace_flows.ports import Doctor, Registry, RegistryAnswer

from . import MAY_LOSE, RegistrySource
from .cells import is_reached
from .file import CsvRegistry
from .index import SUFFIXES, IndexedRegistry

__all__ = ["open_registry"]

_METHODS = {"verify": "verify(rpps, birth_date)", "doctor": "doctor(rpps)"}


class RegistrySourceInvalid(MonespaceError):
    """The host's own registry cannot be made; the message says what to write, and no value."""


def open_registry(
    place: Path | RegistrySource, dial_codes: frozenset[int], may_lose: int = MAY_LOSE
) -> Registry:
    """Open the registry that settings name.

    Args:
        place: a file, or what makes a registry.
        dial_codes: the countries where codes are sent by SMS; a mobile number of another one is
            taken for unknown, whoever answers.
        may_lose: how many in a hundred people may leave when a file is read again.

    Raises:
        RegistryFileInvalid: the file cannot be used.
        RegistrySourceInvalid: the source cannot be imported, called, or used as a registry.
    """
    if isinstance(place, Path) and place.suffix in SUFFIXES:
        return IndexedRegistry(place, dial_codes, may_lose)
    if isinstance(place, Path):
        return CsvRegistry.read(place, dial_codes=dial_codes, may_lose=may_lose)
    registry = _made(place.source, place.options)
    for method, written in _METHODS.items():
        if not callable(getattr(registry, method, None)):
            raise RegistrySourceInvalid(
                f"what {place.source} makes has no method {method}: write {written}, as "
                "monespace_flows.ports.Registry says"
            )
    return _Reached(cast("Registry", registry), dial_codes)


def _made(source: str, options: Mapping[str, Any]) -> object:
    make = _imported(source)
    try:
        signature(make).bind(**options)
    except (TypeError, ValueError) as error:  # names what is missing or unknown, and no value
        raise RegistrySourceInvalid(f"registry.options do not fit {source}: {error}") from None
    try:
        return make(**options)
    except ValueError as error:
        told = "an option cannot be written" if isinstance(error, UnicodeError) else error
        raise RegistrySourceInvalid(f"{source}: {told}") from None


def _imported(source: str) -> Callable[..., object]:
    module, _, name = source.partition(":")
    try:
        found = getattr(import_module(module), name, None)
    except ImportError as error:
        raise RegistrySourceInvalid(
            f"{source} cannot be imported ({error}): write package.module:NAME, of a package that "
            "is installed where the program runs"
        ) from None
    if not callable(found):
        raise RegistrySourceInvalid(
            f"{module} has no class or function {name}: write the NAME of what makes the registry"
        )
    return cast("Callable[..., object]", found)


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
