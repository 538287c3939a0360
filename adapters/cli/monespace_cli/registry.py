"""`monespace registry`: the Order's registry, checked and put in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from .command import OperatorCommand, OperatorGroup
from .configured import config_option, load_settings
from .exits import Exit, Stop
from .output import print_json, say

__all__ = ["registry"]

_TOLD = 100  # faults shown; a file with more of them is of another kind altogether


@click.group("registry", cls=OperatorGroup)
def registry() -> None:
    """Check and import the Order's registry.

    Next: monespace registry import FILE --config monespace.toml
    """


@registry.command("import", cls=OperatorCommand)
@click.argument("file", type=click.Path(path_type=Path))
@config_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/registry/1).")
def import_(file: Path, config: Path | None, as_json: bool) -> None:
    """Check a registry file, then put it in the place of the one in use, all or nothing.

    FILE is CSV in UTF-8 with a header line: rpps, birth_date (1975-06-17), role (medecin, interne,
    docteur_junior), status, mobile (+33612345678), email, council, and if you like family_name and
    given_name. An empty cell is an unknown one. If one row is faulty, every fault is told with its
    line, and the registry in use stays as it is.

    Examples:
        monespace registry import export.csv --config monespace.toml

    Next: kill -HUP the server, which then reads it again without a pause.
    """
    from monespace_backends.registry import install_registry
    from monespace_backends.registry_rows import RegistryFileInvalid

    target = load_settings(config).registry
    try:
        with _progress(file) as advance:
            count = install_registry(file, target, advance)
    except RegistryFileInvalid as error:
        faults = [str(fault) for fault in error.faults[:_TOLD]]
        if len(error.faults) > _TOLD:
            faults.append(f"and {len(error.faults) - _TOLD} more")
        listed = "\n  ".join([f"{file} was not imported:", *faults])
        raise Stop(Exit.USAGE, listed) from None
    except OSError as error:
        raise Stop(Exit.USAGE, f"{error.filename or file}: {error.strerror}") from None
    if as_json:
        print_json("monespace/registry/1", people=count)
    else:
        click.echo(f"{count} people are in the registry.")
    say("A server that runs reads it after: kill -HUP its process.")


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
