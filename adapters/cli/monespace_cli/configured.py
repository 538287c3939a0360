"""The settings of the commands that run a service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from monespace_backends.settings.service import Settings, SettingsInvalid, read_settings

from .exits import Exit, Stop

__all__ = ["config_option", "load_settings", "telling_all"]


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
    with telling_all():
        return read_settings(config)


@contextmanager
def telling_all() -> Iterator[None]:
    """Turn settings that cannot be used into a list of all that is wrong with them."""
    try:
        yield
    except SettingsInvalid as error:
        listed = "\n  ".join(error.problems)
        raise Stop(Exit.USAGE, f"the settings cannot be used:\n  {listed}") from None
