"""The settings that support's commands read: a few of those of the service.

They read the service's own file, or one that holds nothing more than this: a support machine needs
no password of a mail server.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from attrs import field, frozen

from monespace_flows.policy import Policy

from ..clock import paris
from ..storage.database import Database, as_database
from .sources import read_sources, read_table

__all__ = ["ReadingSettings", "read_reading_settings"]

NOT_READ: Final = frozenset({
    "argon2", "base_url", "http", "legal", "logging", "messaging", "metrics", "name", "passwords",
    "pool_size", "registry", "registry_may_lose", "relay", "sms", "smtp", "texts", "theme",
    "webhooks",
})  # fmt: skip
"""The settings of the service that support's commands pass over, right or wrong."""


@frozen(kw_only=True)
class SupportSettings:
    """Where it is written who read whose journey.

    Attributes:
        access_log: the file; unless set, ``access.jsonl`` beside the settings.
    """

    access_log: Path | None = None

    def access_log_of(self, config: Path) -> Path:
        """The file of access records of a service whose settings file this is."""
        return self.access_log or config.parent / "access.jsonl"


@frozen(kw_only=True)
class ReadingSettings:
    """What support's commands must be told; ``keys_file`` only to find a person's journeys."""

    database: Database = field(converter=as_database)
    keys_file: Path | None = None
    zone: ZoneInfo = field(factory=paris)
    policy: Policy = field(factory=Policy)
    support: SupportSettings = field(factory=SupportSettings)


def read_reading_settings(
    path: Path, environment: Mapping[str, str] = os.environ
) -> ReadingSettings:
    """Read what support needs of settings.

    Args:
        path: the TOML file; paths in it are meant from its directory.
        environment: the variables; those that begin with ``MONESPACE_`` count.

    Raises:
        SettingsInvalid: with all that is missing, wrong or unknown of what support reads.
    """
    table, misplaced = read_sources(path, environment)
    read = {name: value for name, value in table.items() if name not in NOT_READ}
    return read_table(ReadingSettings, read, path.parent, misplaced)
