"""The app for servers that are told where to find it: uvicorn, gunicorn, granian.

``monespace_http.asgi:app``, or ``monespace_http.asgi:create_app`` with ``--factory``.  The settings
are those that ``MONESPACE_CONFIG`` and the ``MONESPACE_…`` variables name.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette

from monespace_backends.serving import create_app_from_environment
from monespace_backends.settings.sources import SettingsInvalid

from .transport.guard import hide_link_tokens

if TYPE_CHECKING:
    app: Starlette

__all__ = ["app", "create_app"]

_DOES_NOT_START = 3  # the code by which uvicorn and gunicorn say so: a master starts no other


def create_app() -> Starlette:
    """Make the app of the settings that the environment names.

    Settings that cannot be used are told on the error output, all at once, and end the process.
    """
    hide_link_tokens()
    try:
        return create_app_from_environment()
    except SettingsInvalid as error:
        listed = "\n  ".join(error.problems)
        sys.stderr.write(f"monespace: the settings cannot be used:\n  {listed}\n")
        sys.stderr.flush()
        sys.exit(_DOES_NOT_START)


def __getattr__(name: str) -> Any:
    # Made when it is asked for, and once: who calls the factory needs no second one.
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = made = create_app()
    return made
