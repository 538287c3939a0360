"""The checks of `monespace doctor`: each looks at one thing that the settings name.

Nothing is changed: no table is made, no message sent.
"""

from __future__ import annotations

import os
import smtplib
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import frozen

from monespace_backends.registry import RegistrySource
from monespace_backends.registry.opening import open_registry
from monespace_backends.registry.rows import RegistryFileInvalid, read_registry
from monespace_backends.secrets import read_keys
from monespace_backends.settings.service import Settings, SmtpSettings
from monespace_backends.storage import SqlStorage
from monespace_flows.errors import MonespaceError, PortUnavailable

__all__ = ["Check", "check_all"]


class _RowsLeftOut(MonespaceError):
    """Rows of the registry are unusable: whoever is in them is turned away."""


class _NotRecorded(MonespaceError):
    """Support could record no reading, so it would be shown nothing."""


@frozen(kw_only=True)
class Check:
    """What one check found; ``told`` says what is there, or what is wrong."""

    name: str
    is_good: bool
    told: str


def check_all(settings: Settings, config: Path | None) -> Iterator[Check]:
    """Look at everything, one thing after the other, whatever the others are like.

    Args:
        settings: what to look at.
        config: the file they were read from, if any.
    """
    yield _check("keys", lambda: _keys(settings))
    yield _check("database", lambda: _database(settings))
    yield _check("registry", lambda: _registry(settings))
    yield _check("mail server", lambda: _mail_server(settings.smtp))
    yield _check("SMS", lambda: _sms(settings))
    yield _check("legal pages", lambda: _legal_pages(settings))
    yield _check("access log", lambda: _access_log(settings, config))


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name=name, is_good=True, told=look())
    except RegistryFileInvalid as error:
        first = str(error.faults[0])
        told = f"{len(error.faults)} faults; the first: {first}" if len(error.faults) > 1 else first
        return Check(name=name, is_good=False, told=told)
    except PortUnavailable:
        return Check(name=name, is_good=False, told="does not answer")
    except MonespaceError as error:
        return Check(name=name, is_good=False, told=str(error))
    except OSError as error:  # those of smtplib and ssl are OSErrors too
        told = error.strerror or type(error).__name__
        return Check(name=name, is_good=False, told=f"cannot be reached ({told})")


def _keys(settings: Settings) -> str:
    count = len(read_keys(settings.keys_file).values)
    return f"{count} key{'s' if count > 1 else ''}, private"


def _database(settings: Settings) -> str:
    storage = SqlStorage.read_only(settings.database)
    try:
        with storage.reading() as unit:
            unit.journeys.get("")
    finally:
        storage.close()
    return "answers, its tables are of this version"


def _registry(settings: Settings) -> str:
    if isinstance(settings.registry, RegistrySource):
        open_registry(settings.registry, settings.dial_codes)
        return f"{settings.registry.source} can be made"
    content = read_registry(settings.registry, dial_codes=settings.dial_codes)
    if content.faults:
        raise _RowsLeftOut(str(content))
    return str(content)


def _mail_server(smtp: SmtpSettings) -> str:
    kind = smtplib.SMTP_SSL if smtp.tls == "tls" else smtplib.SMTP
    with kind(smtp.host, smtp.port, "localhost", timeout=smtp.timeout.total_seconds()) as server:
        server.ehlo_or_helo_if_needed()
        if smtp.tls == "starttls" and not server.has_extn("starttls"):
            raise OSError(0, "it offers no STARTTLS, so nothing would be sent")
    return "answers"


def _sms(settings: Settings) -> str:
    return "no provider: codes go by e-mail only" if settings.sms is None else "a provider is set"


def _legal_pages(settings: Settings) -> str:
    from .web import legal_of  # here: what serves pages takes long to import

    # Not wrong: the pages say themselves what is still to be filled in, and a site may be tried.
    empty = ", ".join(f"legal.{name}" for name in legal_of(settings.legal).empty)
    return f"still to be filled in, and shown so: {empty}" if empty else "complete"


def _access_log(settings: Settings, config: Path | None) -> str:
    if config is None and settings.support.access_log is None:
        return "none: support commands want a settings file, beside which it would lie"
    path = settings.support.access_log_of(config or Path())
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise _NotRecorded(f"{path} is a link, or no file")
    if path.exists():
        if not os.access(path, os.R_OK | os.W_OK):
            told = "its owner may let a group write: chgrp GROUP, then chmod 0660"
            raise _NotRecorded(f"{path} cannot be written by this account; {told}")
    elif not os.access(path.parent, os.W_OK | os.X_OK):
        raise _NotRecorded(f"the folder of {path} is not there, or this account cannot write in it")
    return f"{path} can be written"
