"""The program around the commands: how it ends, what it imports, what it says."""

from __future__ import annotations

import subprocess
import sys

import pytest
import rich_click as click
from click.testing import CliRunner

from monespace_cli.command import Entry
from monespace_cli.errors import Exit, Stop
from monespace_cli.program import COMMANDS, Program
from monespace_flows.errors import JourneyUnknown, PortUnavailable

from .conftest import Call
from .running import PROGRAM, clean_environment

SECRET = "99000000002"


def ending(error: BaseException) -> Program:
    """Make a program whose only command raises."""

    @click.command("fall")
    def fall() -> None:
        raise error

    program = Program("program", entries={})
    program.add_command(fall)
    program.entries["fall"] = Entry(target=f"{__name__}:unused", panel="", help="")
    program.resolve_command = lambda ctx, args: ("fall", fall, args[1:])  # type: ignore[method-assign]
    return program


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Stop(Exit.REFUSED, "no"), 4),
        (JourneyUnknown("no journey"), 3),
        (PortUnavailable("storage"), 70),
        (RuntimeError(SECRET), 70),
        (ValueError(SECRET), 70),
        (KeyboardInterrupt(), 130),
        (click.BadParameter("no"), 2),
        (ModuleNotFoundError("no module", name="psycopg"), 2),
    ],
)
def test_every_end_has_its_code(error: BaseException, code: int) -> None:
    assert CliRunner().invoke(ending(error), ["fall"]).exit_code == code


def test_an_unexpected_error_is_told_without_its_text() -> None:
    ended = CliRunner().invoke(ending(RuntimeError(SECRET)), ["fall"])

    assert ended.stdout == ""
    assert ended.stderr.startswith(
        "monespace: erreur interne, à signaler à l'exploitation\n  RuntimeError, test_program.py:"
    )
    assert ended.stderr.count("\n") == 2
    assert SECRET not in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (SECRET,),
        ("show", "2222-2222", SECRET),
        ("show", "2222-2222", f"--purpose={SECRET}"),
        ("list", "--limit", SECRET),
        ("list", SECRET),
        ("demo", "--port", SECRET),
        ("demo", SECRET),
        ("registry", SECRET),
        ("account", SECRET),
        ("account", "erase", SECRET),
        ("account", "erase", f"--ticket={SECRET}"),
        ("outbox", "list", SECRET),
        ("outbox", "list", "--state", SECRET),
        ("outbox", "retry", "--id", SECRET),
    ],
)
def test_a_wrong_command_line_is_not_repeated(arguments: tuple[str, ...], call: Call) -> None:
    """A number that lands on the wrong command must not stay on a screen or in a log."""
    ended = call(*arguments)

    assert ended.exit_code in {2, 4}
    assert SECRET not in ended.stdout + ended.stderr


def test_a_misspelt_command_is_guessed(call: Call) -> None:
    assert "vouliez-vous dire show ?" in call("shwo").stderr


def test_support_staff_are_answered_in_french(call: Call) -> None:
    ended = call("show", "--width", "x")

    assert "--width : un nombre entier de 60 à 240 est attendu" in ended.stderr
    assert "Aide : monespace show --help" in ended.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name: str, call: Call) -> None:
    ended = call(name, "--help")

    assert ended.exit_code == 0
    assert f"monespace {name}" in ended.stdout


def test_the_help_names_every_command(call: Call) -> None:
    listed = call("--help").stdout

    assert [name for name in COMMANDS if f" {name} " not in listed] == []


def test_the_help_imports_no_command() -> None:
    heavy = ("monespace_flows", "monespace_http", "monespace_backends", "uvicorn", "sqlalchemy")
    code = (
        "import sys\n"
        "from monespace_cli.main import cli\n"
        "try: cli(['--help'], prog_name='monespace')\n"
        "except SystemExit: pass\n"
        f"print([it for it in {heavy} if it in sys.modules], file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=clean_environment(),
    )  # fmt: skip

    assert done.stderr.strip() == "[]"


def test_a_reader_who_leaves_is_no_error() -> None:
    """As in ``monespace --help | head -1``."""
    with subprocess.Popen(
        [*PROGRAM, "--help"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment(),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        told = process.stderr.read()

    assert "Error" not in told
