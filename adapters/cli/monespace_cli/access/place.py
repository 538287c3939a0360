"""Where the program finds a service: its settings, or the demo's folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import field, frozen
from click import get_current_context

from monespace_backends.zones import paris

from ..errors import Exit, Stop

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from monespace_backends.reading import Reader
    from monespace_backends.secrets import KeyedSecrets
    from monespace_backends.settings import Settings
    from monespace_flows.policy import Policy

__all__ = [
    "DEFAULT",
    "DemoFolder",
    "Place",
    "config_option",
    "current_place",
    "load_settings",
    "naming_place",
    "open_database",
    "place_options",
    "telling_all",
]

DEFAULT = Path(".monespace-demo")
"""Where the demo keeps its data unless told otherwise."""


@frozen
class DemoFolder:
    """A folder of demo data; everything in it is for the owner's eyes."""

    path: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.path / "monespace.db"

    @property
    def url(self) -> str:
        """The SQLite file, as the storage wants to hear of it."""
        from monespace_backends.storage.addresses import sqlite_url

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
    def policy(self) -> Path:
        """A copy of the policy that the demo was started with, for support commands."""
        return self.path / "policy.toml"


def config_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--config`` to a command."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        envvar="MONESPACE_CONFIG",
        show_envvar=True,
        metavar="FILE",
        help="The settings, in TOML. MONESPACE_… variables win over it, or stand in for it.",
    )(function)


def load_settings(config: Path | None) -> Settings:
    """Read the settings.

    Raises:
        Stop: telling all that is missing or wrong.
    """
    from monespace_backends.settings import read_settings

    with telling_all():
        return read_settings(config)


@contextmanager
def telling_all() -> Iterator[None]:
    """Turn settings that cannot be used into a list of all that is wrong with them."""
    from monespace_backends.settings import SettingsInvalid

    try:
        yield
    except SettingsInvalid as error:
        listed = "\n  ".join(error.problems)
        raise Stop(Exit.USAGE, f"the settings cannot be used:\n  {listed}") from None


# The database is opened on connections that it allows no write.

PLACE_KEY = "monespace_cli.place"
_HOW = "donnez --config FICHIER (les réglages du service) ou --dir DOSSIER (les données de la démo)"


@frozen(kw_only=True)
class Place:
    """What a support command must know of a service to read its journeys.

    ``zone`` is the time zone in which hours are told.
    """

    url: str = field(repr=False)
    keys_file: Path | None
    access_log: Path
    policy: Policy
    zone: ZoneInfo

    def secrets(self) -> KeyedSecrets:
        """Read the keys, for the pseudonym of someone who is looked for.

        Raises:
            KeysInvalid: they cannot be used.
            Stop: the settings name none.
        """
        if self.keys_file is None:
            raise Stop(Exit.USAGE, "les réglages ne disent pas où sont les clés : keys_file")
        from monespace_backends.keys import read_keys
        from monespace_backends.secrets import KeyedSecrets

        return KeyedSecrets(read_keys(self.keys_file))


def place_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--config`` and ``--dir`` to a command, which receives a ``place``."""

    @wraps(function)
    def with_place(*args: Any, config: Path | None, directory: Path | None, **rest: Any) -> Any:
        place = find_place(config, directory)
        get_current_context().meta[PLACE_KEY] = place
        return function(*args, place=place, **rest)

    return naming_place(with_place)


def naming_place(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--config`` and ``--dir`` to a command, which receives them as they are."""
    decorated = click.option(
        "--dir", "directory", type=click.Path(path_type=Path), metavar="DOSSIER",
        help="Les données de la démo. [ou la variable MONESPACE_DIR]",
    )(function)  # fmt: skip
    return click.option(
        "--config", type=click.Path(path_type=Path), metavar="FICHIER",
        help="Les réglages du service, en TOML. [ou la variable MONESPACE_CONFIG]",
    )(decorated)  # fmt: skip


def current_place() -> Place:
    """The place of the command that runs now; it must have the options of one."""
    place = get_current_context().meta[PLACE_KEY]
    assert isinstance(place, Place)  # noqa: S101 - narrows
    return place


@contextmanager
def open_database(place: Place) -> Iterator[Reader]:
    """Open the database, for reading journals only.

    Raises:
        Stop: there is none, it does not answer, or it is of another version.
    """
    from monespace_backends.reading import open_reader

    with _telling(), open_reader(place.url) as reader:
        yield reader


@contextmanager
def _telling() -> Iterator[None]:
    from monespace_backends.storage import SchemaMismatch
    from monespace_flows.errors import PortUnavailable

    try:
        yield
    except SchemaMismatch as error:
        raise Stop(Exit.USAGE, f"la base de données n'est pas de cette version ({error})") from None
    except PortUnavailable:
        raise Stop(Exit.INTERNAL, "la base de données ne répond pas") from None


def find_place(config: Path | None, directory: Path | None) -> Place:
    if config is not None and directory is not None:
        raise Stop(Exit.USAGE, "--config et --dir s'excluent : donnez l'un des deux")
    if config is None and directory is None:
        config, directory = _from_environment()
    return _of_service(config) if config is not None else _of_demo(directory or DEFAULT)


def _from_environment() -> tuple[Path | None, Path | None]:
    config, directory = os.environ.get("MONESPACE_CONFIG"), os.environ.get("MONESPACE_DIR")
    if config and directory:
        raise Stop(Exit.USAGE, "MONESPACE_CONFIG et MONESPACE_DIR s'excluent : gardez l'une")
    if not config and not directory and not DemoFolder(DEFAULT).database.exists():
        raise Stop(Exit.USAGE, f"où sont les parcours ? {_HOW}")
    return (Path(config) if config else None), (Path(directory) if directory else None)


def _of_service(config: Path) -> Place:
    from monespace_backends.settings_support import read_reading_settings
    from monespace_backends.settings_tables import SettingsInvalid

    try:
        settings = read_reading_settings(config)
    except SettingsInvalid as error:
        listed = "\n  ".join(error.problems)
        raise Stop(Exit.USAGE, f"{config} ne peut pas servir :\n  {listed}") from None
    return Place(
        url=settings.database,
        keys_file=settings.keys_file,
        access_log=settings.support.access_log_of(config),
        policy=settings.policy,
        zone=settings.zone,
    )


def _of_demo(directory: Path) -> Place:
    folder = DemoFolder(directory)
    if not folder.database.exists():
        raise Stop(
            Exit.USAGE,
            f"il n'y a pas de données dans {directory} : lancez d'abord « monespace demo »",
        )
    return Place(
        url=folder.url,
        keys_file=folder.keys,
        access_log=folder.access_log,
        policy=_policy_of(folder),
        zone=paris(),
    )


def _policy_of(folder: DemoFolder) -> Policy:
    from monespace_flows.policy import Policy

    if not folder.policy.exists():
        return Policy()
    from monespace_backends.settings import SettingsInvalid, read_policy

    try:
        return read_policy(folder.policy)
    except SettingsInvalid:
        return Policy()  # it only fills the numbers of a few sentences
