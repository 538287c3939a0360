"""Taking over the accounts of an earlier site: a file is read and judged whole, then written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..access.place import Place
from ..errors import Exit, Stop, in_french

if TYPE_CHECKING:
    from monespace_backends.importing import AccountFile
    from monespace_backends.registry.rows import Fault
    from monespace_flows.driver import Candidate, Importer
    from monespace_flows.ports import Registry

__all__ = ["Imported", "import_accounts"]

_BATCH = 200
"""Accounts in one transaction: whoever signs in meanwhile waits for one at the most."""


@frozen(kw_only=True)
class Imported:
    """What came of a file: how many are new, how many had an account, and what was left out."""

    added: int
    there: int
    left_out: tuple[Fault, ...]


def import_accounts(
    place: Place, outside: Mapping[str, Any], file: Path, *, skip: bool, dry_run: bool
) -> Imported:
    """Make accounts of a file's.

    Args:
        place: the service; its registry says who is admitted.
        outside: what who acts on accounts is made of.
        file: what the earlier site gave.
        skip: whether to leave faulty lines out, instead of writing nothing.
        dry_run: whether to say what would be done, and do nothing.

    Raises:
        Stop: with all that is wrong with the file, or the registry.
    """
    from monespace_flows.driver import Importer, Standing

    importer = Importer(**outside)
    with _progress("Contrôle", _lines_of(file)) as advance:
        content = _read(place, outside, file, advance)
        standings = _standings(importer, content)
    faults = list(content.faults)
    faults += [_taken(line) for line, it in standings.items() if it is Standing.EMAIL_TAKEN]
    faults.sort(key=lambda fault: fault.line)
    if faults and not skip:
        listed = [f"{file} n'a pas été importé, même en partie :", *map(str, faults)]
        raise Stop(Exit.USAGE, "\n  ".join(listed))
    new = [content.found[line] for line, it in standings.items() if it is Standing.NEW]
    added = len(new) if dry_run else _add(importer, new)
    there = sum(it is Standing.THERE for it in standings.values())
    return Imported(added=added, there=there + len(new) - added, left_out=tuple(faults))


def _taken(line: int) -> Fault:
    from monespace_backends.registry.rows import Fault

    return Fault(line, "email is the login of somebody else's account")


def _lines_of(file: Path) -> int:
    try:
        with file.open("rb") as lines:
            return sum(1 for _ in lines)
    except OSError as error:
        raise Stop(Exit.USAGE, f"{file} : {in_french(error)}") from None


def _read(
    place: Place, outside: Mapping[str, Any], file: Path, advance: Callable[[int], None]
) -> AccountFile:
    from monespace_backends.importing import read_accounts
    from monespace_backends.registry.opening import close_registry

    registry = _registry(place)
    try:
        return read_accounts(
            file,
            registry=registry,
            emails=outside["emails"],
            policy=place.policy,
            progress=advance,
        )
    finally:
        close_registry(registry)


def _registry(place: Place) -> Registry:
    from monespace_backends.registry.opening import open_registry
    from monespace_flows.errors import MonespaceError

    if place.registry is None:
        raise Stop(Exit.USAGE, "les réglages ne nomment pas de registre, qui dit qui est admis")
    try:
        return open_registry(place.registry, frozenset())
    except MonespaceError as error:
        raise Stop(Exit.USAGE, f"registre : {error}") from None


def _standings(importer: Importer, content: AccountFile) -> dict[int, Any]:
    lines = list(content.found)
    return {
        line: standing
        for part in _parts(lines)
        for line, standing in zip(
            part, importer.judge([content.found[line] for line in part]), strict=True
        )
    }


def _add(importer: Importer, new: list[Candidate]) -> int:
    from monespace_flows.driver import Standing

    added = 0
    with _progress("Import", len(new)) as advance:
        for part in _parts(new):
            added += importer.add(part).count(Standing.NEW)
            advance(added)
    return added


def _parts(items: list[Any]) -> Iterator[list[Any]]:
    return (items[at : at + _BATCH] for at in range(0, len(items), _BATCH))


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)
