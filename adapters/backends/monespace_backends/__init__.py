"""Real backends for the journeys: SQL, argon2, keys, SMTP, SMS, a registry file, and the wiring.

The names below are imported when they are first used: who needs only the keys or the registry
does not wait for the database.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .serving import create_app_from_settings
    from .settings.service import Settings, SettingsInvalid, read_policy, read_settings
    from .wiring import close_flows, from_settings, ports_from_settings

__all__ = [
    "Settings",
    "SettingsInvalid",
    "close_flows",
    "create_app_from_settings",
    "from_settings",
    "ports_from_settings",
    "read_policy",
    "read_settings",
]

_HOMES = {
    "create_app_from_settings": "serving",
    "close_flows": "wiring",
    "from_settings": "wiring",
    "ports_from_settings": "wiring",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f".{_HOMES.get(name, 'settings.service')}", __name__), name)
    except ModuleNotFoundError as missing:
        if missing.name and missing.name.startswith("monespace"):
            raise
        raise ModuleNotFoundError(
            "monespace_backends needs more than the core: pip install "
            f"'monespace-flows[{'http,sql' if name == 'create_app_from_settings' else 'sql'}]'",
            name=missing.name,
        ) from missing
