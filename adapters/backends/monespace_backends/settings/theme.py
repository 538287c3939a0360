"""How the pages look, as settings say it."""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen

from .sources import read_table, read_toml

__all__ = ["ThemeSettings", "read_theme"]


@frozen(kw_only=True)
class ThemeSettings:
    """How the pages look; :class:`~monespace_http.Theme` says the rest, and checks it."""

    name: str | None = None
    logo: Path | None = None
    colours: dict[str, str] = field(factory=dict)
    dark: dict[str, str] = field(factory=dict)
    font: str | None = None
    headings: str | None = None
    font_files: dict[str, Path] = field(factory=dict)


@frozen(kw_only=True)
class _Themed:
    theme: ThemeSettings


def read_theme(path: Path) -> ThemeSettings:
    """Read the table ``[theme]`` of a settings file alone.

    Raises:
        SettingsInvalid: with all that is wrong or unknown in it.
    """
    return read_table(_Themed, {"theme": read_toml(path).get("theme", {})}, path.parent).theme
