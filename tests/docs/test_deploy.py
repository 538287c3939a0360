"""The recipes of ``docs/examples/deploy``: what they start exists, and what they promise holds."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from monespace_cli.program import COMMANDS, cli

FOLDER = Path(__file__).resolve().parents[2] / "docs/examples/deploy"
UNITS = sorted(it.name for it in FOLDER.iterdir() if it.suffix in (".service", ".timer"))
_CALL = re.compile(r"(?:monespace (?=serve|relay|purge|db)|(?:CMD|command:) \[)([^\n;]+)")


def calls() -> list[str]:
    """Every call of the program in a recipe, its words one after the other."""
    found = [call for path in sorted(FOLDER.iterdir()) for call in _CALL.findall(path.read_text())]
    words = (re.sub(r"[\[\],\"]", " ", call).split() for call in found)
    return sorted({" ".join(it) for it in words if it[0] in COMMANDS})


@pytest.mark.parametrize("call", calls())
def test_e22_what_a_recipe_starts_exists(call: str) -> None:
    """The command, and each of its options."""
    command: click.Command = cli
    context = click.Context(cli)
    for word in call.split():
        if isinstance(command, click.Group):
            _, found, _ = command.resolve_command(context, [word])
            assert found is not None
            command = found
        elif word.startswith("--"):
            assert word in {it for each in command.params for it in each.opts}

    assert not isinstance(command, click.Group)


def test_e22_all_is_started_that_a_service_needs() -> None:
    commands = {call.split()[0] for call in calls()}

    assert commands == {"serve", "relay", "purge", "db"}


@pytest.mark.parametrize("unit", UNITS)
def test_e22_units_are_sound(unit: str, tmp_path: Path) -> None:
    """As systemd itself reads them; the program need not be installed for it."""
    checker = shutil.which("systemd-analyze")
    if checker is None:
        pytest.skip("systemd is not on this machine")
    for each in UNITS:
        text = (FOLDER / each).read_text().replace("/opt/monespace/bin/monespace", "/bin/true")
        (tmp_path / each).write_text(text)
    name = unit.replace("@.", "@8001.")
    (tmp_path / name).write_text((tmp_path / unit).read_text())
    ended = subprocess.run(
        [checker, "verify", "--man=no", tmp_path / name],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, "")


def test_e22_a_proxy_logs_no_link_and_believes_nobody() -> None:
    """What a link's address holds is a secret, and what a client forwards is its own word."""
    nginx, caddy = ((FOLDER / name).read_text() for name in ("nginx.conf", "Caddyfile"))

    assert "~^/lien/ 0;" in nginx
    assert "/lien/[...]" in caddy
    assert "X-Forwarded-For $remote_addr;" in nginx
    assert "header_up X-Forwarded-For {remote_host}" in caddy
    assert "proxy_request_buffering on;" in nginx


def test_e22_no_recipe_holds_a_secret_or_runs_as_root() -> None:
    recipes = {path.name: path.read_text() for path in FOLDER.iterdir()}

    assert "USER monespace" in recipes["Containerfile"]
    assert "cap_drop: [ALL]" in recipes["compose.yaml"]
    assert not [
        name for name, text in recipes.items() if re.search(r"PASSWORD: |:\w+@database", text)
    ]
