"""`monespace doctor`: are the settings right, and is all there that they name?

Nothing is changed: no table is made, no message sent, and no secret is shown.
"""

from __future__ import annotations

import os
import smtplib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
from attrs import asdict, frozen

from monespace_backends.blocklist import read_blocklist
from monespace_backends.keyring import compare_keys, writing_key
from monespace_backends.registry import CsvSource, ModuleSource
from monespace_backends.registry.index import SUFFIXES
from monespace_backends.registry.opening import close_registry, open_registry
from monespace_backends.registry.rows import RegistryFileInvalid, read_registry
from monespace_backends.secrets import Keys, read_keys
from monespace_backends.settings.service import (
    HttpOptions,
    Settings,
    SettingsInvalid,
    SmtpSettings,
    proxy_doubt,
    read_by_all,
    read_settings,
    require_fit_for_workers,
)
from monespace_backends.storage import SchemaMismatch, SqlStorage
from monespace_backends.storage.database import sqlite_path
from monespace_backends.storage.keys import KnownKey
from monespace_backends.storage.schema import check_writable
from monespace_backends.wiring import messaging_of
from monespace_flows.errors import MonespaceError, PortUnavailable

from ..access.place import config_option
from ..command import operator_command
from ..errors import Exit
from ..output import bold, print_json, print_lines, wrapped
from .appearance import Doubtful, say_texts, say_theme
from .effective import effective

__all__ = ["doctor"]


class _RowsLeftOut(MonespaceError):
    """Rows of the registry are unusable: whoever is in them is turned away."""


class _NotAList(MonespaceError):
    """What should list passwords does not: nothing could start with it."""


class _NotSigned(MonespaceError):
    """What signs webhooks cannot be read: nothing could start with it."""


class _NotRecorded(MonespaceError):
    """Support could record no reading, so it would be shown nothing."""


@frozen(kw_only=True)
class _Check:
    """What one check found; ``told`` says what is there, or what is wrong."""

    name: str
    is_good: bool
    told: str
    is_warning: bool = False

    @property
    def mark(self) -> str:
        """How the check is marked on the screen."""
        return "attention" if self.is_warning else "bon" if self.is_good else "MAUVAIS"


def _check_all(settings: Settings, config: Path | None) -> Iterator[_Check]:
    """Look at everything, one thing after the other, whatever the others are like.

    Args:
        settings: what to look at.
        config: the file they were read from, if any.
    """
    yield _check("keys", lambda: _keys(settings))
    yield _check("database", lambda: _database(settings))
    yield _check("registry", lambda: _registry(settings))
    yield _check("mail server", lambda: _mail(settings))
    yield _check("SMS", lambda: _sms(settings))
    yield _check("webhooks", lambda: _webhooks(settings))
    yield _check("blocklist", lambda: _blocklist(settings.passwords.blocklist))
    yield _check("texts", lambda: say_texts(settings))
    yield _check("legal pages", lambda: _legal_pages(settings))
    yield _check("theme", lambda: say_theme(settings.theme))
    yield _check("brakes", lambda: _brakes(settings.http))
    yield _check("workers", lambda: _workers(settings))
    yield _check("proxy", lambda: _proxy(settings))
    yield _check("access log", lambda: _access_log(settings, config))
    yield _private(settings, config)


def _check(name: str, look: Callable[[], str]) -> _Check:
    try:
        return _Check(name=name, is_good=True, told=look())
    except RegistryFileInvalid as error:
        first = str(error.faults[0])
        told = (
            f"{len(error.faults)} fautes, dont la première : {first}"
            if len(error.faults) > 1
            else first
        )
        return _Check(name=name, is_good=False, told=told)
    except Doubtful as doubt:
        return _Check(name=name, is_good=True, is_warning=True, told=str(doubt))
    except PortUnavailable as error:
        why = f" ({error.kind}) : {error.told}" if error.told else ""
        return _Check(name=name, is_good=False, told=f"ne répond pas{why}")
    except MonespaceError as error:
        return _Check(name=name, is_good=False, told=str(error))
    except OSError as error:  # those of smtplib and ssl are OSErrors too
        told = error.strerror or type(error).__name__
        return _Check(name=name, is_good=False, told=f"ne peut pas être joint ({told})")


def _private(settings: Settings, config: Path | None) -> _Check:
    """Whether other accounts may read what holds keys, passwords or birth dates."""
    seen = list(read_by_all(settings, config))
    if not seen:
        return _Check(name="files", is_good=True, told="ne sont pas lisibles de tous")
    told = f"lisibles de tout compte de cette machine : {', '.join(seen)} ; chmod o-rwx"
    return _Check(name="files", is_good=True, told=told, is_warning=True)


def _keys(settings: Settings) -> str:
    keys = read_keys(settings.keys_file)
    told = f"{len(keys.values)} clé{'s' if len(keys.values) > 1 else ''}, à l'abri"
    try:
        known = _known_keys(settings, keys)
    except (PortUnavailable, SchemaMismatch, ValueError):
        return f"{told} ; non comparées à la base, qui a ses propres ennuis"
    held = [key for key in known if key.id in keys.ids]
    extra = [key.id for key in held if key.retired_at is not None]
    waiting = [key.id for key in held if key.promoted_at is None and key.retired_at is None]
    if not held:
        return f"{told} ; inconnues de la base, qui est neuve"
    told += f" ; on écrit sous la clé {writing_key(known)}"
    if waiting:
        told += f" ; {', '.join(waiting)} ne sert qu'à lire, jusqu'à : monespace keys promote"
    if extra:
        told += f" ; {', '.join(extra)} ne sert plus : ôtez sa ligne du fichier"
    return told


def _known_keys(settings: Settings, keys: Keys) -> Sequence[KnownKey]:
    storage = SqlStorage.read_only(settings.database.url, **settings.database.naming)
    try:
        return compare_keys(storage, keys)
    finally:
        storage.close()


def _database(settings: Settings) -> str:
    storage = SqlStorage.read_only(settings.database.url, **settings.database.naming)
    try:
        with storage.reading() as unit:
            unit.journeys.get("")
    finally:
        storage.close()
    check_writable(settings.database)
    return "répond, accepte d'écrire, ses tables sont de cette version"


_NOBODY = "00000000000"


def _registry(settings: Settings) -> str:
    source = settings.registry
    assert source is not None  # noqa: S101 - settings that were read have one
    if not isinstance(source, CsvSource):
        registry = open_registry(source, settings.dial_codes)
        if isinstance(source, ModuleSource):
            return f"{source.target} peut être fait"
        try:
            registry.doctor(_NOBODY)
        finally:
            close_registry(registry)
        return f"répond ({source.kind})"
    if source.file.suffix in SUFFIXES:
        return str(open_registry(source, settings.dial_codes))
    content = read_registry(source.file, dial_codes=settings.dial_codes)
    if content.faults:
        raise _RowsLeftOut(str(content))
    return str(content)


def _mail(settings: Settings) -> str:
    if settings.smtp is not None and settings.messaging.kind == "smtp":
        return _mail_server(settings.smtp)
    messaging_of(settings.messaging)
    return f"{settings.messaging.target} peut être fait, et envoie à sa place"


def _mail_server(smtp: SmtpSettings) -> str:
    kind = smtplib.SMTP_SSL if smtp.tls == "tls" else smtplib.SMTP
    with kind(smtp.host, smtp.port, "localhost", timeout=smtp.timeout.total_seconds()) as server:
        server.ehlo_or_helo_if_needed()
        if smtp.tls == "starttls" and not server.has_extn("starttls"):
            raise OSError(0, "il n'offre pas STARTTLS, donc rien ne partirait")
    return "répond"


def _sms(settings: Settings) -> str:
    return "pas de prestataire : codes par e-mail seulement" if settings.sms is None else "réglé"


def _webhooks(settings: Settings) -> str:
    if not settings.webhooks:
        return "aucun"
    for name, it in settings.webhooks.items():
        try:
            it.read_keys()
        except ValueError as error:
            raise _NotSigned(f"{name}: {error}") from None
    return ", ".join(it.listener for it in settings.webhooks.values())


def _blocklist(path: Path | None) -> str:
    try:
        read_blocklist(path)
    except ValueError as error:
        raise _NotAList(f"{path} {error}") from None
    return "la liste fournie" if path is None else f"la liste fournie, et {path}"


def _legal_pages(settings: Settings) -> str:
    from monespace_backends.serving import legal_of  # here: it takes long to import

    # Not wrong: the pages say themselves what is still to be filled in, and a site may be tried.
    empty = ", ".join(f"legal.{name}" for name in legal_of(settings.legal).empty)
    return f"encore à remplir, et montrées ainsi : {empty}" if empty else "complètes"


def _brakes(options: HttpOptions) -> str:
    # Here: what serves pages takes long to import.
    from monespace_backends.serving import brakes_of
    from monespace_http.transport.counts import check_counts

    brakes = brakes_of(options)
    rates = asdict(brakes)
    kind = rates.pop("storage").partition(":")[0]
    where = _COUNTED.get(kind, f"dans {kind}")
    told = ", ".join(f"{name} {rate}" for name, rate in rates.items())
    told = f"{told} ; comptés {where} ; un /56 d'IPv6 peut 4 fois plus, un /48 16 fois"
    try:
        check_counts(brakes.storage)
    except (PortUnavailable, ValueError) as error:
        raise MonespaceError(f"{told} ; {getattr(error, 'told', error)}") from None
    return told


_COUNTED = {
    "memory": "par chaque processus pour soi : deux en laissent passer deux fois plus",
    "database": "dans la base, pour tous les processus ensemble",
}


def _workers(settings: Settings) -> str:
    require_fit_for_workers(settings)
    workers, threads, pool = settings.http.workers, settings.http.threads, settings.pool_size
    processes = f"{workers} processus" if workers > 1 else "un processus"
    told = f"{processes}, {threads} fils chacun"
    if sqlite_path(settings.database.url) is None:
        told += f" ; jusqu'à {workers * pool} connexions à la base (pool_size {pool})"
    return told


def _proxy(settings: Settings) -> str:
    proxies = ", ".join(settings.http.trusted_proxies)
    if proxies:
        return f"X-Forwarded-For est cru de {proxies}"
    doubt = proxy_doubt(settings)
    if doubt is not None:
        raise Doubtful(doubt)
    return "aucun : chaque connexion est un client"


def _access_log(settings: Settings, config: Path | None) -> str:
    if config is None and settings.support.access_log is None:
        return "aucun : l'assistance veut un fichier de réglages, à côté duquel il serait"
    path = settings.support.access_log_of(config or Path())
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise _NotRecorded(f"{path} est un lien, ou n'est pas un fichier")
    if path.exists():
        if not os.access(path, os.R_OK | os.W_OK):
            told = "son propriétaire peut y admettre un groupe : chgrp GROUPE, puis chmod 0660"
            raise _NotRecorded(f"ce compte ne peut pas écrire {path} ; {told}")
    elif not os.access(path.parent, os.W_OK | os.X_OK):
        raise _NotRecorded(f"le dossier de {path} n'est pas là, ou ce compte ne peut pas y écrire")
    return f"{path} peut être écrit"


_SCHEMA = "monespace/doctor/1"


@operator_command("doctor")
@config_option
@click.option("--json", "as_json", is_flag=True, help=f"Écrire du JSON ({_SCHEMA}).")
def doctor(config: Path | None, as_json: bool) -> Exit:
    """Contrôler les réglages et tout ce qu'ils nomment ; rien n'est changé, rien n'est envoyé.

    Dit chaque réglage en vigueur, sans les secrets, puis regarde les clés, la base, le registre, le
    serveur de courrier, les listes de mots de passe, les textes, les freins, les processus, les
    mandataires, le registre des accès, et qui peut lire les fichiers. Code 0 quand tout va bien, 1
    quand quelque chose est mauvais ; « attention » marque ce qui marche, et n'est sans doute pas
    voulu.

    Exemples :
        monespace doctor --config monespace.toml
        monespace doctor --config monespace.toml --json

    Ensuite : monespace serve --config monespace.toml
    """
    values: dict[str, str] = {}
    try:
        settings = read_settings(config)
    except SettingsInvalid as error:
        checks = [_Check(name="settings", is_good=False, told=told) for told in error.problems]
    else:
        values = dict(effective(settings))
        checks = list(_check_all(settings, config))
    good = all(check.is_good for check in checks)
    doubtful = any(check.is_warning for check in checks)
    if as_json:
        print_json(_SCHEMA, good=good, settings=values, checks=[asdict(it) for it in checks])
    else:
        print_lines([*_settings(values), *_checks(checks), _verdict(good, doubtful)])
    return Exit.FINE if good else Exit.FOUND


def _settings(values: dict[str, str]) -> list[str]:
    if not values:
        return []
    width = max(map(len, values))
    return [
        bold("Réglages"),
        *(
            line
            for name, told in values.items()
            for line in wrapped(told, 88, f"  {name:<{width}}  ")
        ),
        "",
    ]


_NAMES = {
    "settings": "réglages",
    "keys": "clés",
    "database": "base de données",
    "registry": "registre",
    "mail server": "courrier",
    "SMS": "SMS",
    "webhooks": "webhooks",
    "blocklist": "mots de passe",
    "texts": "textes",
    "legal pages": "pages légales",
    "theme": "thème",
    "brakes": "freins",
    "workers": "processus",
    "proxy": "mandataires",
    "access log": "accès",
    "files": "fichiers",
}
"""The checks, whose names in the JSON stay as they are."""


def _checks(checks: list[_Check]) -> list[str]:
    lines = [bold("Contrôles")]
    for check in checks:
        name = _NAMES.get(check.name, check.name)
        lines += wrapped(check.told, 88, f"  {check.mark:<9}  {name:<15}  ")
    return lines


def _verdict(good: bool, doubtful: bool) -> str:
    if not good:
        return "\nQuelque chose ne va pas : voyez plus haut."
    return f"\nTout va bien.{' À regarder, tout de même : voyez plus haut.' if doubtful else ''}"
