"""`monespace doctor`: are the settings right, and is all there that they name?"""

from __future__ import annotations

from pathlib import Path

import click
from attrs import asdict

from monespace_backends.settings.service import SettingsInvalid, read_settings

from .checkup import Check, check_all
from .command import operator_command
from .configured import config_option
from .exits import Exit
from .output import bold, print_json, print_lines, wrapped
from .settings_page import effective

__all__ = ["doctor"]

_SCHEMA = "monespace/doctor/1"


@operator_command("doctor")
@config_option
@click.option("--json", "as_json", is_flag=True, help=f"Write JSON ({_SCHEMA}).")
def doctor(config: Path | None, as_json: bool) -> Exit:
    """Check the settings and all that they name; nothing is changed, nothing sent.

    Tells every setting in effect, without secrets, then looks at the keys, the database, the
    registry, the mail server and the log of what support reads. Ends with 0 when all is well, with
    1 when something is wrong.

    Examples:
        monespace doctor --config monespace.toml
        monespace doctor --config monespace.toml --json

    Next: monespace serve --config monespace.toml
    """
    values: dict[str, str] = {}
    try:
        settings = read_settings(config)
    except SettingsInvalid as error:
        checks = [Check(name="settings", is_good=False, told=told) for told in error.problems]
    else:
        values = dict(effective(settings))
        checks = list(check_all(settings, config))
    good = all(check.is_good for check in checks)
    if as_json:
        print_json(_SCHEMA, good=good, settings=values, checks=[asdict(it) for it in checks])
    else:
        print_lines([*_settings(values), *_checks(checks), _verdict(good)])
    return Exit.FINE if good else Exit.FOUND


def _settings(values: dict[str, str]) -> list[str]:
    if not values:
        return []
    width = max(map(len, values))
    return [
        bold("Settings"),
        *(
            line
            for name, told in values.items()
            for line in wrapped(told, 88, f"  {name:<{width}}  ")
        ),
        "",
    ]


def _checks(checks: list[Check]) -> list[str]:
    lines = [bold("Checks")]
    for check in checks:
        lines += wrapped(
            check.told, 88, f"  {'ok   ' if check.is_good else 'WRONG'}  {check.name:<11}  "
        )
    return lines


def _verdict(good: bool) -> str:
    return "\nAll is well." if good else "\nSomething is wrong: see above."
