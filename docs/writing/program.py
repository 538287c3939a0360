"""The program's commands, as it explains them itself."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from enum import IntEnum
from itertools import groupby
from textwrap import dedent

import click

from monespace_cli.errors import Exit
from monespace_cli.program import COMMANDS

from .common import GENERATED, REFERENCE, Pages, code, markdown, table

__all__ = ["every_command", "pages"]

_INTRO = """# The program

`monespace COMMAND --help` says the same.  Data go to the standard output, everything else to the
error output; `NO_COLOR` is heard.  What frames a command is French, as is all that support staff
read, who answer French doctors; about their service, operators read English.  Which service is
meant is told by `--config FILE` or `--dir DIR`, or by `MONESPACE_CONFIG` and `MONESPACE_DIR`;
`MONESPACE_FLOWS` names a host's own flows.
"""


def pages() -> Pages:
    """Write the page of the commands."""
    yield REFERENCE / "program.md", _page()


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Find every command with its words, those that others hold included."""
    for name, entry in COMMANDS.items():
        yield from _within(name, entry.load())


def _within(words: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        for name, held in command.commands.items():
            yield from _within(f"{words} {name}", held)


def _page() -> str:
    lines = [GENERATED + _INTRO, "## How it ends", _codes()]
    for panel, entries in groupby(COMMANDS.items(), key=lambda it: it[1].panel):
        lines.append(f"## {panel}")
        for name, entry in entries:
            lines += [f"### `{name}`"]
            for words, command in _within(name, entry.load()):
                lines += _command(words, command)
    return "\n\n".join(it.rstrip("\n") for it in lines) + "\n"


def _command(words: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"monespace {words}")
    if " " in words:
        yield f"#### `{words}`"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```text\nmonespace {words} {usage}\n```"
    yield from _told(command.help or "")
    if options := list(_options(command, context)):
        yield table(("option", "what it does"), options)


def _told(text: str) -> Iterator[str]:
    """The help of a command; lines that are indented are there to be copied."""
    for part in inspect.cleandoc(text.replace("\b\n", "")).split("\n\n"):
        for is_copied, lines in groupby(part.splitlines(), key=lambda it: it.startswith("  ")):
            told = "\n".join(lines)
            yield f"```text\n{dedent(told)}\n```" if is_copied else _escaped(told)


def _escaped(text: str) -> str:
    return markdown(text).replace("<", "&lt;").replace("*", r"\*").replace("[", r"\[")


def _options(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    for param in command.get_params(context):
        if not isinstance(param, click.Option) or param.hidden or "--help" in param.opts:
            continue
        names = ", ".join(code(it) for it in (*param.opts, *param.secondary_opts))
        value = "" if param.is_flag or param.count else f" {_value(param, context)}"
        yield names + value, _escaped(param.help or "") + _remarks(param, context)


def _value(param: click.Option, context: click.Context) -> str:
    return _escaped(param.make_metavar(context))


def _remarks(param: click.Option, context: click.Context) -> str:
    told = param.get_help_extra(context)
    remarks = [f"`{told['envvars'][0]}`"] if told.get("envvars") else []
    if "range" in told:
        remarks.append(code(told["range"]))
    if "default" in told:
        remarks.append(f"default {code(told['default'])}")
    if "required" in told:
        remarks.append("required")
    return f" ({'; '.join(remarks)})" if remarks else ""


def _codes() -> str:
    told = _said_of(Exit)
    return table(
        ("code", "what it says"), [(code(it.value), told.get(it.name, it.name)) for it in Exit]
    )


def _said_of(kind: type[IntEnum]) -> dict[str, str]:
    """The sentence below each value of an enumeration, where Python keeps none."""
    (body,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for before, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(before, ast.Assign) and isinstance(after, ast.Expr):
            (name,) = before.targets
            found[ast.unparse(name)] = markdown(ast.literal_eval(after.value))
    return found
