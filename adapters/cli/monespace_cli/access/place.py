"""Where the program finds a service: its settings, or the demo's folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click
from attrs import frozen
from click import get_current_context

from monespace_backends.clock import paris

from ..errors import Exit, Stop

if TYPE_CHECKING:  # imported by who really opens
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from monespace_backends.registry import RegistrySource
    from monespace_backends.secrets import KeyedSecrets, Keys
    from monespace_backends.settings.service import Settings
    from monespace_backends.settings.support import ReadingSettings
    from monespace_backends.storage.database import Database
    from monespace_flows.policy import Policy
    from monespace_flows.ports import Clock, Ports

__all__ = [
    "DemoFolder",
    "Place",
    "config_option",
    "find_place",
    "load_settings",
    "opened_ports",
    "place_arguments",
    "place_options",
    "telling_all",
    "warn_of_files",
]

_KEY = "monespace_cli.place"


_NO_DATA = "il n'y a pas de données dans {} : lancez d'abord « monespace demo »"
_HOW = "donnez --config FICHIER (les réglages du service) ou --dir DOSSIER (les données de la démo)"


@frozen
class DemoFolder:
    """A folder of demo data; everything in it is for the owner's eyes."""

    DEFAULT: ClassVar[Path] = Path(".monespace-demo")

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
    def clock(self) -> Path:
        """Where the file is that makes the demo's clock run ahead, if it was started with one."""
        return self.path / "clock"

    @property
    def policy(self) -> Path:
        """A copy of the policy that the demo was started with, for support commands."""
        return self.path / "policy.toml"


@frozen(kw_only=True)
class Place:
    """What a command must know of a service to read its journeys, or to erase an account.

    ``zone`` is the time zone in which hours are told, ``ahead`` the file by which a demo's clock
    runs ahead.
    """

    database: Database
    keys_file: Path | None
    access_log: Path
    policy: Policy
    zone: ZoneInfo
    registry: RegistrySource | None = None
    ahead: Path | None = None

    def use(self) -> Place:
        """Make it the place of the command that runs now."""
        get_current_context().meta[_KEY] = self
        return self

    @staticmethod
    def used() -> Place:
        """The place of the command that runs now; it must have the options of one."""
        place = get_current_context().meta[_KEY]
        assert isinstance(place, Place)  # noqa: S101 - narrows
        return place

    @property
    def clock(self) -> Clock:
        """The clock of the service."""
        from monespace_backends.clock import ShiftedClock, SystemClock

        return SystemClock() if self.ahead is None else ShiftedClock(self.ahead)

    def now(self) -> datetime:
        """The present, by the clock of the service.

        Raises:
            PortUnavailable: the file of the demo's clock has become unreadable.
        """
        return self.clock.now()

    def secrets(self) -> KeyedSecrets:
        """Read the keys, for the pseudonym of someone who is looked for.

        Raises:
            KeysInvalid: they cannot be used.
            Stop: the settings name none.
        """
        from monespace_backends.secrets import KeyedSecrets

        return KeyedSecrets(self.keys())

    def keys(self) -> Keys:
        """Read the keys.

        Raises:
            KeysInvalid: they cannot be used.
            Stop: the settings name none.
        """
        if self.keys_file is None:
            raise Stop(
                Exit.USAGE,
                "les réglages ne disent pas où sont les clés : keys_file",
                "the settings do not say where the keys are: keys_file",
            )
        from monespace_backends.secrets import read_keys

        return read_keys(self.keys_file)


def config_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--config`` to a command that runs a service."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        envvar="MONESPACE_CONFIG",
        show_envvar=True,
        metavar="FICHIER",
        help="Les réglages, en TOML. Les variables MONESPACE_… l'emportent, ou suffisent.",
    )(function)


def place_arguments(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--config`` and ``--dir`` to a command, which receives them as they are."""
    kind = click.Path(path_type=Path)
    function = click.option(
        "--dir",
        "directory",
        type=kind,
        metavar="DOSSIER",
        help="Les données de la démo. [ou la variable MONESPACE_DIR]",
    )(function)
    return click.option(
        "--config",
        type=kind,
        metavar="FICHIER",
        help="Les réglages du service, en TOML. [ou la variable MONESPACE_CONFIG]",
    )(function)


def place_options(*, operates: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add ``--config`` and ``--dir`` to a command, which receives a ``place``.

    Args:
        operates: whether the command may need any setting, as an operator's does.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def with_place(*args: Any, config: Path | None, directory: Path | None, **rest: Any) -> Any:
            place = find_place(config, directory, operates=operates)
            return function(*args, place=place.use(), **rest)

        return place_arguments(with_place)

    return decorate


def find_place(config: Path | None, directory: Path | None, *, operates: bool = False) -> Place:
    """Find the service that is named by an option, else by a variable.

    Who reads may use the demo of this folder without naming it; who operates may have all settings
    in variables alone.

    Raises:
        Stop: both kinds of place are named, or none that can be used.
    """
    if config is not None and directory is not None:
        raise Stop(Exit.USAGE, "--config et --dir s'excluent : donnez l'un des deux")
    if config is None and directory is None:
        config, directory = map(_variable, ("MONESPACE_CONFIG", "MONESPACE_DIR"))
        if config is not None and directory is not None:
            told = "MONESPACE_CONFIG et MONESPACE_DIR s'excluent : gardez l'une"
            raise Stop(Exit.USAGE, told)
    if directory is not None:
        return _of_demo(directory)
    return _of_operator(config) if operates else _of_support(config)


def _variable(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None


def _of_support(config: Path | None) -> Place:
    """From as few of the settings as are needed to read: support may not see the others."""
    if config is None:
        if not DemoFolder(DemoFolder.DEFAULT).database.exists():
            raise Stop(Exit.USAGE, f"où sont les parcours ? {_HOW}")
        return _of_demo(DemoFolder.DEFAULT)
    from monespace_backends.settings.sources import SettingsInvalid
    from monespace_backends.settings.support import read_reading_settings

    try:
        settings = read_reading_settings(config)
    except SettingsInvalid as error:
        listed = "\n  ".join(error.problems)
        raise Stop(Exit.USAGE, f"{config} ne peut pas servir :\n  {listed}") from None
    return _of_settings(settings, settings.support.access_log_of(config))


def _of_operator(config: Path | None) -> Place:
    settings = load_settings(config)
    log = settings.support.access_log if config is None else settings.support.access_log_of(config)
    if log is None:
        raise Stop(Exit.REFUSED, "rien ne dit où inscrire les accès : support.access_log")
    return _of_settings(settings, log)


def _of_settings(settings: Settings | ReadingSettings, access_log: Path) -> Place:
    return Place(
        database=settings.database,
        keys_file=settings.keys_file,
        access_log=access_log,
        policy=settings.policy,
        zone=settings.zone,
        registry=getattr(settings, "registry", None),  # support's have none
    )


def _of_demo(directory: Path) -> Place:
    folder = DemoFolder(directory)
    if not folder.database.exists():
        raise Stop(Exit.USAGE, _NO_DATA.format(directory))
    from monespace_backends.registry import CsvSource
    from monespace_backends.storage.database import Database

    return Place(
        database=Database(url=folder.url),
        keys_file=folder.keys,
        access_log=folder.access_log,
        policy=_policy_of(folder),
        zone=paris(),
        registry=CsvSource(file=folder.registry),
        ahead=Path(folder.clock.read_text("utf-8")) if folder.clock.exists() else None,
    )


def _policy_of(folder: DemoFolder) -> Policy:
    from monespace_flows.policy import Policy

    if not folder.policy.exists():
        return Policy()
    from monespace_backends.settings.service import SettingsInvalid, read_policy

    try:
        return read_policy(folder.policy)
    except SettingsInvalid:
        return Policy()  # it only fills the numbers of a few sentences


def load_settings(config: Path | None) -> Settings:
    """Read the settings of a service that is run.

    Raises:
        Stop: telling all that is missing or wrong.
    """
    from monespace_backends.settings.service import read_settings

    with telling_all():
        return read_settings(config)


@contextmanager
def telling_all() -> Iterator[None]:
    """Turn settings that cannot be used into a list of all that is wrong with them."""
    from monespace_backends.settings.service import SettingsInvalid

    try:
        yield
    except SettingsInvalid as error:
        listed = "\n  ".join(error.problems)
        raise Stop(Exit.USAGE, f"the settings cannot be used:\n  {listed}") from None


def warn_of_files(settings: Settings, config: Path | None) -> None:
    """Log which files that hold keys, passwords or birth dates every account here may read."""
    import logging  # here: support's commands log nothing, and wait for it

    from monespace_backends.settings.service import read_by_all

    seen = ", ".join(read_by_all(settings, config))
    if seen:
        logging.getLogger(__name__).warning(
            "readable by every account of this machine: %s; chmod o-rwx", seen
        )


@contextmanager
def opened_ports(settings: Settings) -> Iterator[Ports]:
    """Open every backend, and let the database go when the block ends.

    Raises:
        Stop: with all that cannot be opened.
    """
    from monespace_backends.registry.opening import close_registry
    from monespace_backends.storage import SqlStorage
    from monespace_backends.wiring import ports_from_settings

    with telling_all():
        ports = ports_from_settings(settings)
    try:
        yield ports
    finally:
        close_registry(ports.registry)
        if isinstance(ports.storage, SqlStorage):
            ports.storage.close()
