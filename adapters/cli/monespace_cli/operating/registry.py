"""`monespace registry`: the Order's registry, checked and put in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from attrs import asdict

from ..access.place import config_option, load_settings, telling_all
from ..command import OperatorGroup
from ..errors import Exit, Stop
from ..output import print_json, say

if TYPE_CHECKING:
    from monespace_backends.registry.rows import Fault, RegistryContent

__all__ = ["registry"]

_TOLD = 20
_PEOPLE = "{people} people are in the registry, {admitted} of them admitted."


@click.group("registry", cls=OperatorGroup)
def registry() -> None:
    """Check and import the Order's registry.

    Next: monespace registry import FILE --config monespace.toml
    """


@registry.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@config_option
@click.option("--strict", is_flag=True, help="Refuse the file for a contact too.")
@click.option("--skip-rows", is_flag=True, help="Import it without the rows that are unusable.")
@click.option("--force", is_flag=True, help="Import it, however many people leave by it.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/registry/1).")
def import_(
    file: Path, *, config: Path | None, strict: bool, skip_rows: bool, force: bool, as_json: bool
) -> Exit:
    """Check a registry file, then put it in the place of the one in use, all or nothing.

    FILE is CSV in UTF-8 with a header line: rpps, birth_date (1975-06-17), role (medecin, interne,
    docteur_junior), status, mobile (+33612345678), email, council, and if you like family_name and
    given_name. An empty cell is an unknown one.

    A row that does not say who somebody is (rpps, birth_date, role) is unusable: then all of them
    are told with their lines, and the registry in use stays as it is. A contact that cannot be used
    is taken for unknown, and told. --strict refuses the file for either; --skip-rows for neither.
    Ends with 0, with 1 when rows were left out, with 2 when nothing was imported.

    A file that holds nobody is refused, and one by which more people leave than registry_may_lose
    allows (5 in a hundred): it may have been cut. --force imports it all the same, and a server
    that runs takes it too. Who came, left and changed is told in numbers.

    Where the registry in use is named *.sqlite, the people are put into that file, and servers ask
    it instead of holding them in memory: for more than some ten thousand people.

    Examples:
        monespace registry import export.csv --config monespace.toml
        monespace registry import export.csv --skip-rows --config monespace.toml

    Next: kill -HUP the server, which then reads it again without a pause.
    """
    if strict and skip_rows:
        raise click.UsageError("--strict and --skip-rows exclude each other")
    with telling_all():
        settings = load_settings(config)
        target = settings.registry_file
    rows: _Rows = "flawless" if strict else "usable" if skip_rows else "all"
    content = _installed(file, target, rows, None if force else settings.registry_may_lose)
    if as_json:
        print_json("monespace/registry/1", **_data(content))
    else:
        click.echo(_PEOPLE.format_map(_data(content)))
    _say_rest(content)
    return Exit.FOUND if content.faults else Exit.FINE


_Rows = Literal["all", "usable", "flawless"]


def _installed(file: Path, target: Path, rows: _Rows, may_lose: int | None) -> RegistryContent:
    from monespace_backends.registry.file import install_registry
    from monespace_backends.registry.rows import RegistryFileInvalid

    try:
        with _progress(file) as advance:
            return install_registry(file, target, advance, rows=rows, may_lose=may_lose)
    except RegistryFileInvalid as error:
        listed = [f"{file} was not imported:", *_told(error.faults)]
        raise Stop(Exit.USAGE, "\n  ".join(listed)) from None
    except OSError as error:
        raise Stop(Exit.USAGE, f"{error.filename or file}: {error.strerror}") from None


def _change(content: RegistryContent) -> dict[str, int]:
    change = content.change
    names = ("came", "left", "changed")
    return {name: getattr(change, name) for name in names} if change else dict.fromkeys(names, 0)


def _data(content: RegistryContent) -> dict[str, Any]:
    return {
        "people": len(content.entries),
        **_change(content),
        "admitted": content.admitted,
        "left_out": [asdict(fault) for fault in content.faults],
        "unknown": [asdict(fault) for fault in content.warnings],
    }


def _say_rest(content: RegistryContent) -> None:
    say("{came} came, {left} left, {changed} changed.".format_map(_change(content)))
    _say("left out", content.faults)
    _say("used, with a value taken for unknown", content.warnings)
    say("A server that runs reads it after: kill -HUP its process.")


def _say(what: str, faults: tuple[Fault, ...]) -> None:
    if faults:
        rows = len({fault.line for fault in faults})
        heading = f"{rows} row{'s were' if rows > 1 else ' was'} {what}:"
        say("\n  ".join([heading, *_told(faults)]))


def _told(faults: tuple[Fault, ...]) -> list[str]:
    told = [str(fault) for fault in faults[:_TOLD]]
    if len(faults) > _TOLD:
        told.append(f"and {len(faults) - _TOLD} more")
    return told


@contextmanager
def _progress(file: Path) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with file.open("rb") as lines:
        total = sum(1 for _ in lines)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Checking", total=total)

        def advance(line: int) -> None:
            if line % 500 == 0:  # drawing each would take longer than checking
                bar.update(task, completed=line)

        yield advance
