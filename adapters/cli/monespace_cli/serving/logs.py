"""Logs on the error output that tell where something broke and never what it held."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

__all__ = ["log_to_stderr"]

_Error = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _QuietFormatter(logging.Formatter):
    """Writes an exception as its kind and places: its text may hold what a person typed."""

    def formatException(self, ei: _Error) -> str:  # noqa: N802 - logging's name
        kind, error, trace = ei
        if kind is None or error is None:
            return ""
        frames = traceback.extract_tb(trace)
        places = " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in reversed(frames))
        return f"{kind.__name__} at {places}"


def _log_thread_error(broken: threading.ExceptHookArgs) -> None:
    if broken.exc_value is not None:
        logging.getLogger(__name__).error("a thread ended", exc_info=broken.exc_value)


def log_to_stderr(level: int = logging.WARNING) -> None:
    """Send every log of this process to the error output."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_QuietFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    threading.excepthook = _log_thread_error
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of its own plugins
