"""Connections to a PostgreSQL server through a pooler such as PgBouncer.

One that pools transactions lends another server for each: whatever a session sets or prepares
would be found by a stranger, and be missing where it was meant to hold.
"""

from __future__ import annotations

from typing import Any

__all__ = ["is_pooled"]


def is_pooled(connection: Any) -> bool:
    """Whether somebody stands between: who does names no process of the server's as its own.

    Nothing may be set for a session then, and nothing is prepared any more.
    """
    (process,) = connection.execute("SELECT pg_backend_pid()").fetchone()
    if process == connection.info.backend_pid:
        return False
    connection.prepare_threshold = None
    return True
