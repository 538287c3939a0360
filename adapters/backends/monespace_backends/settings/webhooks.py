"""What settings say of webhooks."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from attrs import Attribute, field, frozen
from attrs.validators import gt

from monespace_flows.events import EVENTS

from .addresses import is_private

__all__ = ["WebhookSettings"]

_ZERO = timedelta(0)


def _is_receiver(_: object, __: Attribute[str], url: str) -> None:
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("must hold no name and password: webhooks are signed")
    if not parts.hostname:
        raise ValueError("must be an address such as https://crm.example/webhooks")


def _are_kinds(_: object, __: Attribute[tuple[str, ...]], kinds: tuple[str, ...]) -> None:
    if not set(kinds) <= set(EVENTS):
        raise ValueError(f"must be among {', '.join(EVENTS)}")


def _is_name(_: object, __: Attribute[str | None], name: str | None) -> None:
    if name is not None and not (name.strip() and name.isprintable() and len(name) <= 200):
        raise ValueError("must be 1 to 200 characters that can be printed")


_PREFIX = "whsec_"


def _keys_of(secrets: str) -> tuple[bytes, ...]:
    """Read secrets, parted by white space; the errors repeat none."""
    keys = []
    for secret in secrets.split() or [""]:
        try:
            key = b64decode(secret.removeprefix(_PREFIX), validate=True)
        except ValueError:
            key = b""
        if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
            raise ValueError(f"must be {_PREFIX} and 24 to 64 random bytes in base64")
        keys.append(key)
    return tuple(keys)


def _is_secret(_: object, __: Attribute[str | None], secret: str | None) -> None:
    if secret is not None:
        _keys_of(secret)


@frozen(kw_only=True)
class WebhookSettings:
    """Who is told of events over HTTP, signed as Standard Webhooks are.

    Attributes:
        url: where events are sent, https or on this very machine.
        secret: what both sides know: ``whsec_`` and 24 to 64 random bytes in base64.  Several,
            parted by spaces, all sign, while one follows another.
        secret_file: the file that holds it instead.
        kinds: the events that are told, by name; all, without.
        timeout: how long the receiver may take to answer.
        patience: how long an event is tried.
        name: the listener's; by default the address without what follows a question mark.
    """

    url: str = field(repr=False, validator=[is_private, _is_receiver])
    secret: str | None = field(default=None, repr=False, validator=_is_secret)
    secret_file: Path | None = None
    kinds: tuple[str, ...] = field(default=(), validator=_are_kinds)
    timeout: timedelta = field(default=timedelta(seconds=10), validator=gt(_ZERO))
    patience: timedelta = field(default=timedelta(days=3), validator=gt(_ZERO))
    name: str | None = field(default=None, validator=_is_name)

    def __attrs_post_init__(self) -> None:
        if (self.secret is None) is (self.secret_file is None):
            raise ValueError("secret and secret_file: give one of them")

    @property
    def listener(self) -> str:
        """What its events are marked with, and what operators see."""
        parts = urlsplit(self.url)
        return self.name or urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))[:200]

    @property
    def events(self) -> tuple[str, ...]:
        """The kinds that it is told of."""
        return self.kinds or tuple(EVENTS)

    def read_keys(self) -> tuple[bytes, ...]:
        """Read the secrets as what signs, from their file if they are there.

        Raises:
            ValueError: the file cannot be read, or holds no secret; the message repeats none.
        """
        if self.secret_file is None:
            return _keys_of(self.secret or "")
        try:
            return _keys_of(self.secret_file.read_text("utf-8"))
        except OSError as error:
            told = f"cannot be read ({error.strerror})"
        except UnicodeDecodeError:
            told = "is not in UTF-8"
        except ValueError as error:
            told = str(error)
        raise ValueError(f"secret_file {told}")


def named_webhooks(written: Any) -> Any:
    """Give each webhook a name in the settings: one alone, a list, or tables by name may stand."""
    if isinstance(written, list):
        return {str(number): each for number, each in enumerate(written, 1)}
    if isinstance(written, Mapping) and not all(isinstance(it, Mapping) for it in written.values()):
        return {"1": written}
    return written
