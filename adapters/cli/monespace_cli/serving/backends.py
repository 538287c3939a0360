"""The backends of a real service, for as long as a command runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from monespace_backends.settings.service import Settings
from monespace_backends.storage import SqlStorage
from monespace_backends.wiring import ports_from_settings
from monespace_flows.ports import Ports

from ..access.place import telling_all

__all__ = ["opened_ports"]


@contextmanager
def opened_ports(settings: Settings) -> Iterator[Ports]:
    """Open every backend, and let the database go when the block ends.

    Raises:
        Stop: with all that cannot be opened.
    """
    with telling_all():
        ports = ports_from_settings(settings)
    try:
        yield ports
    finally:
        if isinstance(ports.storage, SqlStorage):
            ports.storage.close()
