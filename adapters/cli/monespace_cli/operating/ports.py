"""`monespace check-ports`: do a host's own ports keep the rules?"""

from __future__ import annotations

import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, cast

import click

from ..command import operator_command
from ..errors import Exit, Stop, in_french
from ..junit import Case, write_junit
from ..output import print_json, print_lines, watched, width_of, wrapped

if TYPE_CHECKING:
    from monespace_flows.testing.contracts import Candidate, Outcome, Rule, Waiver

__all__ = ["check_ports"]

_SCHEMA = "monespace/ports/1"
_PORTS = ("clock", "emails", "messaging", "passwords", "registry", "secrets", "storage")
_TARGET = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


@operator_command("check-ports")
@click.argument("target", metavar="MODULE:FACTORY")
@click.option(
    "--port", "ports", type=click.Choice(_PORTS), multiple=True,
    help="Only the rules of this port; may be repeated.",
)  # fmt: skip
@click.option(
    "--waivers", type=click.Path(path_type=Path), metavar="FILE",
    help="The rules that are not kept yet, in TOML: each with its reason and its last day.",
)  # fmt: skip
@click.option(
    "--junit", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write the result as JUnit too.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help=f"Write JSON ({_SCHEMA}).")
def check_ports(
    target: str, ports: tuple[str, ...], waivers: Path | None, junit: Path | None, as_json: bool
) -> Exit:
    """Ask your own ports every rule that they must keep.

    FACTORY is called without anything, once or more a rule, and returns fresh ports: a
    monespace_flows.testing.contracts.Candidate, or the Ports of an application. What they store is
    written to and emptied: hand over a database for tests. MODULE is looked for in this folder too.

    Of each rule that is broken you read what was seen, what it puts at risk, where to look, and the
    calls to type again. Ends with 1 when a rule is broken that no waiver covers, or a waiver is not
    needed or has ended; with 2 when the factory or the waivers cannot be used.

    Examples:
        monespace check-ports ports_for_tests:make
        monespace check-ports ports_for_tests:make --port storage --json
        monespace check-ports ports_for_tests:make --waivers waivers.toml

    Next: the same rules as tests of your own, docs/how-to/check-your-ports.md
    """
    from monespace_flows.testing.contracts import ask_each, given

    make = _Factory(target)
    accepted = _read(waivers)
    rules = _chosen(target, ports, given(make()))
    today = datetime.now(UTC).date()
    with watched(ask_each(make, rules, accepted, today), len(rules), "Règles") as each:
        outcomes = list(each)
    asked = {rule.number for rule in rules}
    idle = [] if ports else [it.rule for it in accepted if it.rule not in asked]
    if junit is not None:
        write_junit(junit, "monespace check-ports", [_case(it) for it in outcomes])
    good = not idle and all(it.end.is_good for it in outcomes)
    if as_json:
        told = [_data(it) for it in outcomes]
        print_json(_SCHEMA, good=good, rules=told, unused_waivers=idle)
    else:
        print_lines([*_page(outcomes), *(f"Waived and not asked: {it}" for it in idle)])
    return Exit.FINE if good else Exit.FOUND


class _Factory:
    """What makes ports; whatever is wrong with it ends the program with what to write."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._make = _imported(target)

    def __call__(self) -> Candidate:
        from monespace_flows.testing.contracts import Candidate

        try:
            return Candidate.of(self._make())
        except TypeError as error:
            if len(traceback.extract_tb(error.__traceback__)) > 2:  # it is of the factory's inside
                raise self._failed(error) from None
            raise Stop(Exit.USAGE, f"{self._target}: {error}") from None
        except Exception as error:  # noqa: BLE001 - it is a host's, and told as such
            raise self._failed(error) from None

    def _failed(self, error: Exception) -> Stop:
        *_, last = traceback.extract_tb(error.__traceback__)
        where = f"{PurePath(last.filename).name}:{last.lineno}"
        told = f"{self._target} raises {type(error).__name__} in {where}: {error}"
        return Stop(Exit.USAGE, told)


def _imported(target: str) -> Callable[[], object]:
    if not _TARGET.fullmatch(target):
        raise Stop(Exit.USAGE, "write MODULE:FACTORY, as ports_for_tests:make")
    module, _, name = target.partition(":")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(import_module(module), name, None)
    except ImportError as error:
        told = "it is looked for in this folder, and among what is installed"
        raise Stop(Exit.USAGE, f"{module} cannot be imported ({error}): {told}") from None
    if not callable(found):
        told = f"{module} has no function {name}: write the name of what makes ports"
        raise Stop(Exit.USAGE, told)
    return cast("Callable[[], object]", found)


def _read(path: Path | None) -> Sequence[Waiver]:
    from monespace_flows.testing.contracts import read_waivers

    if path is None:
        return ()
    try:
        return read_waivers(path.read_text("utf-8"))
    except OSError as error:
        raise Stop(Exit.USAGE, f"{path} : {in_french(error)}") from None
    except ValueError as error:
        raise Stop(Exit.USAGE, f"{path} cannot be used: {error}") from None


def _chosen(target: str, ports: Sequence[str], made: Sequence[str]) -> list[Rule]:
    from monespace_flows.testing.contracts import rules_of

    if not made:
        raise Stop(Exit.USAGE, f"{target} gives no port: name one, as Candidate(storage=…)")
    missing = [port for port in ports if port not in made]
    if missing:
        told = f"{target} gives no {', '.join(missing)}: it gives {', '.join(made)}"
        raise Stop(Exit.USAGE, told)
    return rules_of(ports or made)


def _data(outcome: Outcome) -> dict[str, Any]:
    rule = outcome.rule
    return {
        "rule": rule.number,
        "port": rule.port,
        "end": outcome.end.value,
        "sentence": rule.sentence,
        "told": outcome.told,
        "danger": rule.danger,
        "hint": rule.hint,
        "calls": list(outcome.calls),
    }


def _page(outcomes: Sequence[Outcome]) -> list[str]:
    from monespace_flows.testing.contracts import End, describe

    lines = [*_counts(outcomes)]
    width = width_of(None)
    for outcome in outcomes:
        if outcome.end is End.BROKEN:
            lines += ["", *describe(outcome)]
        elif outcome.end is not End.KEPT:
            told = f"{outcome.rule.number} {outcome.end.value}: {outcome.told}"
            lines += ["", *wrapped(told, width, rest="  ")]
    return lines


def _counts(outcomes: Sequence[Outcome]) -> Iterator[str]:
    from monespace_flows.testing.contracts import End

    for port in _PORTS:
        counts = Counter(it.end for it in outcomes if it.rule.port == port)
        told = ", ".join(f"{counts[end]} {end.value}" for end in End if counts[end])
        if told:
            yield f"{port:<10}  {told}"


def _case(outcome: Outcome) -> Case:
    from monespace_flows.testing.contracts import End, describe

    rule, is_broken = outcome.rule, outcome.end is End.BROKEN
    return Case(
        classname=f"ports.{rule.port}",
        name=rule.number,
        failure=outcome.told if is_broken else None,
        text="\n".join(describe(outcome)) if is_broken else "",
        skipped=outcome.told if outcome.end in {End.WAIVED, End.ABSENT} else None,
    )
