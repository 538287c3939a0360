"""Keeps one-time links out of access logs, which name every path."""

from __future__ import annotations

import logging
import re

__all__ = ["LinkTokenFilter", "hide_link_tokens"]

_LINK = re.compile(r"(/lien/)[^\s?/\"]+")
_ACCESS_LOGS = ("uvicorn.access", "gunicorn.access", "hypercorn.access", "_granian")


class LinkTokenFilter(logging.Filter):
    """Replaces the token of ``/lien/{token}`` in a record's message and arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean the record and let it pass."""
        if isinstance(record.msg, str):
            record.msg = _hide(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_hide(a) if isinstance(a, str) else a for a in record.args)
        elif isinstance(record.args, dict):
            record.args = {
                name: _hide(value) if isinstance(value, str) else value
                for name, value in record.args.items()
            }
        return True


def _hide(text: str) -> str:
    return _LINK.sub(r"\1[...]", text)


def hide_link_tokens(*loggers: str) -> None:
    """Put the filter on access logs: those of the usual servers, or those named."""
    for name in loggers or _ACCESS_LOGS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, LinkTokenFilter) for each in logger.filters):
            logger.addFilter(LinkTokenFilter())
