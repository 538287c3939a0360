"""The demo's folder: what lies in it, under which names."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

__all__ = ["DEFAULT", "DemoFolder"]

DEFAULT = Path(".monespace-demo")
"""Where the demo keeps its data unless told otherwise."""


@frozen
class DemoFolder:
    """A folder of demo data; everything in it is for the owner's eyes."""

    path: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.path / "monespace.db"

    @property
    def url(self) -> str:
        """The SQLite file, as the storage wants to hear of it."""
        from monespace_backends.storage.database import sqlite_url

        return sqlite_url(self.database.absolute())

    @property
    def keys(self) -> Path:
        """The file of keys."""
        return self.path / "keys"

    @property
    def registry(self) -> Path:
        """The registry, invented unless one was put there."""
        return self.path / "registry.csv"

    @property
    def messages(self) -> Path:
        """Every message delivered, one a line."""
        return self.path / "messages.jsonl"

    @property
    def access_log(self) -> Path:
        """Who read whose journey."""
        return self.path / "access.jsonl"

    @property
    def policy(self) -> Path:
        """A copy of the policy that the demo was started with, for support commands."""
        return self.path / "policy.toml"
