"""The web app of a program: journeys and keys in, Starlette out."""

from __future__ import annotations

from hashlib import sha256
from hmac import digest
from typing import Any

from attrs import asdict
from starlette.applications import Starlette

from monespace_backends.secrets import Keys
from monespace_backends.settings.service import LegalSettings
from monespace_flows.driver import Flows
from monespace_http import HttpSettings, Legal, create_app

__all__ = ["legal_of", "make_app"]

_PURPOSE = b"monespace-flows/1/form"


def make_app(flows: Flows, keys: Keys, **settings: Any) -> Starlette:
    """Make the app.

    Args:
        flows: the journeys.
        keys: what the keys of form tokens are derived from, so that no key has two uses.
        settings: further fields of :class:`~monespace_http.HttpSettings`.
    """
    settings["keys"] = tuple(digest(key, _PURPOSE, sha256) for key in keys.values)
    return create_app(flows, HttpSettings(**settings))


def legal_of(settings: LegalSettings) -> Legal:
    """What the legal pages name, as settings say it."""
    return Legal(**asdict(settings))
