"""A file of delivered messages, one JSON object a line: the demo's mailboxes and telephones."""

from __future__ import annotations

import fcntl
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from attrs import asdict, field, frozen

__all__ = ["DeliveredMessage", "MessageFile"]


@frozen(kw_only=True)
class DeliveredMessage:
    """A message as it arrived; ``at`` is ISO 8601, UTC."""

    id: str
    at: str
    channel: Literal["sms", "email"]
    purpose: str
    to: str = field(repr=False)
    subject: str | None = field(default=None, repr=False)
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)

    @staticmethod
    def written(at: datetime) -> str:
        """Write an instant as ``at`` holds it."""
        return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class MessageFile:
    """Appends whole lines, whoever else does so at the same time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, message: DeliveredMessage) -> None:
        """Add one message.

        Raises:
            OSError: the file cannot be written.
        """
        line = json.dumps(asdict(message), ensure_ascii=False) + "\n"
        # It holds codes and links: for the owner's eyes.
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(line)
            file.flush()  # before the lock goes with the file

    def read(self) -> list[DeliveredMessage]:
        """Read all messages, oldest first; none when there is no file yet."""
        try:
            with self._path.open(encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                return [DeliveredMessage(**json.loads(line)) for line in file]
        except FileNotFoundError:
            return []
