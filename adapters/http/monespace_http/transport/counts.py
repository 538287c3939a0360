"""Where the brakes count: in this process, in the service's own database, or on another server."""

from __future__ import annotations

from typing import Protocol, cast

from limits.errors import ConfigurationError
from limits.storage import Storage, storage_from_string

from monespace_flows.errors import PortUnavailable

__all__ = ["Counts", "check_counts"]

_DATABASE = "database"
"""The store of counts that is the service's own database, which the host hands over."""
_REDIS = ("redis", "monespace-flows[redis]")
_PACKAGES = {
    "redis": _REDIS,
    "rediss": _REDIS,
    "valkey": ("valkey", "valkey"),
    "memcached": ("pymemcache", "pymemcache"),
    "mongodb": ("pymongo", "pymongo"),
}
"""What a shared store of counts needs besides, by the beginning of its address; what brings it."""
_WITH_PATIENCE = frozenset(("redis", "rediss", "valkey", "valkeys"))
_PATIENCE = 2.0
"""How many seconds a server of counts may take; without them one that is frozen takes for ever."""


class Counts(Protocol):
    """A store of moving windows, under the names that the ``limits`` library gives its own.

    It may raise whatever it likes: a count that cannot be had is a refusal.
    """

    def acquire_entry(self, key: str, limit: int, expiry: int) -> bool:
        """Take an entry, unless ``limit`` were taken in ``expiry`` seconds; nobody else can."""

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Say when the window began, and how many entries it has, up to ``limit``."""


class _Library(Counts, Protocol):
    """A storage of the ``limits`` library, which can say besides whether it is there."""

    def check(self) -> bool:
        """Whether it answers."""


def check_counts(address: str) -> None:
    """Ask the store of counts whether it is there, unless it is the service's own database.

    Raises:
        PortUnavailable: it does not answer.
        ValueError: saying what to install or to write.
    """
    if address == _DATABASE:
        return
    found = _opened_by_address(address)
    try:
        answers = found.check()
    except Exception as error:
        raise away(kind_of(address), error) from error
    if not answers:
        raise away(kind_of(address), None)


def kind_of(address: str) -> str:
    """Name a store without its address, which may hold a password."""
    return address.partition(":")[0]


def away(where: str, error: Exception | None) -> PortUnavailable:
    """Say that a store of a kind cannot count; what failed tells no address."""
    kind = error.kind if isinstance(error, PortUnavailable) else "unreachable"
    told = (
        f"the counts of http.brakes.storage ({where}) cannot be had: what must be counted is "
        "refused until they can"
    )
    return PortUnavailable("brake", kind, told)


def open_counts(address: str, database: Counts | None) -> Counts:
    """Open the store of counts; ``database`` is the one that the host hands over.

    Raises:
        ValueError: saying what to install or to write.
    """
    if address != _DATABASE:
        return _opened_by_address(address)
    if database is None:
        raise ValueError('brakes.storage = "database" wants a database: HttpSettings.counts')
    return database


def _opened_by_address(address: str) -> _Library:
    """Open a store of the library; the address, which may hold a password, is not repeated.

    Raises:
        ValueError: saying what to install or to write.
    """
    kind = kind_of(address)
    package = _PACKAGES.get(kind.partition("+")[0])
    waits = dict.fromkeys(("socket_timeout", "socket_connect_timeout"), _PATIENCE)
    try:
        found = storage_from_string(address, **(waits if kind in _WITH_PATIENCE else {}))
    except ConfigurationError as error:
        if package is None or "scheme" in str(error):
            known = ", ".join(f"{name}://" for name in ("memory", *_PACKAGES))
            told = f'brakes.storage must begin with one of {known}, or be "{_DATABASE}"'
            raise ValueError(told) from None
        raise ValueError(
            f"brakes.storage = {kind}://… needs the package {package[0]}: "
            f"pip install {package[1]}, where the server runs"
        ) from None
    if not isinstance(found, Storage):
        raise ValueError("brakes.storage must not begin with async+")  # noqa: TRY004 - a setting
    return cast("_Library", found)
