"""Addresses of SQLite files, as SQLAlchemy writes and reads them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote

__all__ = ["sqlite_path", "sqlite_url"]

_SQLITE = "sqlite:///"


def sqlite_url(path: Path) -> str:
    """Write the URL of a SQLite file, whatever its path holds."""
    return _SQLITE + quote(str(path), safe=" +/")


def sqlite_path(url: str) -> str | None:
    """Read the path of a SQLite file from a URL; ``None`` for any other URL."""
    name = url.removeprefix(_SQLITE)
    if name in {url, "", ":memory:"} or "?" in name:
        return None
    return unquote(name)
