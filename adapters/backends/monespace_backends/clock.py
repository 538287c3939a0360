"""The machine's clock, the demo's, which can be made to run ahead, and the guide's time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monespace_flows.errors import MonespaceError, PortUnavailable

__all__ = [
    "ClockFileInvalid",
    "ShiftedClock",
    "SystemClock",
    "paris",
]

# Nine digits are thirty years: enough for any demo, and no sum leaves the calendar.
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)


class ClockFileInvalid(MonespaceError):
    """The file that shifts the demo's clock holds something else than a number of seconds.

    What to do: write a number of seconds into it.
    """


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


class ShiftedClock:
    """The machine's clock, ahead by the number of seconds that a file holds.

    The file is read at each use; missing or empty, it holds none.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._shift()

    def now(self) -> datetime:
        """The present instant.

        Raises:
            PortUnavailable: the file has become unreadable.
        """
        try:
            return datetime.now(UTC) + self._shift()
        except ClockFileInvalid as error:
            raise PortUnavailable("clock") from error

    def _shift(self) -> timedelta:
        try:
            text = self._file.read_text("utf-8").strip()
        except FileNotFoundError:
            return timedelta(0)
        except (OSError, UnicodeDecodeError):
            raise ClockFileInvalid(f"{self._file}: cannot be read") from None
        if text and not _SECONDS.fullmatch(text):
            raise ClockFileInvalid(f"{self._file}: must hold a number of seconds, such as 600")
        return timedelta(seconds=float(text or 0))


# --- the time zone of the guide ------------------------------------------------------------------


def paris() -> ZoneInfo:
    """Paris; UTC on a machine that knows no time zones."""
    try:
        return ZoneInfo("Europe/Paris")
    except ZoneInfoNotFoundError:
        return ZoneInfo("UTC")
