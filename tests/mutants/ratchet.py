"""What is known of the changes that `make mutants` makes: how many are noticed, and why not all."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import evolve, frozen

RATCHET = Path(__file__).with_name("ratchet.toml")

HEAD = """\
# How many changes of one thing the tests notice, module by module, and why not the others.
# `make mutants` fails when a share falls, or when a change that nothing noticed has no reason here.
"""


@frozen
class Survivor:
    """A change that nothing noticed: where, its lines, and why that may be."""

    function: str
    change: str
    reason: str = ""


@frozen(kw_only=True)
class Module:
    """What came of the changes of one module."""

    mutants: int
    killed: int
    survivors: tuple[Survivor, ...] = ()

    @property
    def share(self) -> float:
        """How many of them were noticed, 1 for all."""
        return self.killed / self.mutants


def read(path: Path) -> dict[str, Module]:
    """Read the ratchet."""
    return {
        name: Module(
            mutants=held["mutants"],
            killed=held["killed"],
            survivors=tuple(Survivor(**it) for it in held.get("survivors", ())),
        )
        for name, held in tomllib.loads(path.read_text("utf-8")).items()
    }


def write(path: Path, modules: Mapping[str, Module]) -> dict[str, Module]:
    """Write the numbers; a change that was known keeps its reason."""
    reasons = {
        (name, it.function, it.change): it.reason
        for name, module in read(path).items()
        for it in module.survivors
    }
    told = {
        name: evolve(
            module,
            survivors=tuple(
                evolve(it, reason=reasons.get((name, it.function, it.change), it.reason))
                for it in module.survivors
            ),
        )
        for name, module in sorted(modules.items())
    }
    path.write_text(HEAD + "".join(_lines(told)), "utf-8")
    return told


def _lines(modules: Mapping[str, Module]) -> Iterator[str]:
    for name, module in modules.items():
        yield f'\n["{name}"]\nmutants = {module.mutants}\nkilled = {module.killed}\n'
        for it in module.survivors:
            yield f'\n[["{name}".survivors]]\n'
            yield f"function = {json.dumps(it.function, ensure_ascii=False)}\n"
            yield f"change = {json.dumps(it.change, ensure_ascii=False)}\n"
            yield f"reason = {json.dumps(it.reason, ensure_ascii=False)}\n"


def judge(known: Mapping[str, Module], found: Mapping[str, Module]) -> list[str]:
    """Name what is worse than what is known: a share that fell, a survivor without a reason."""
    return [
        told for name, module in found.items() for told in _judge(name, known.get(name), module)
    ]


def _judge(name: str, known: Module | None, found: Module) -> Iterator[str]:
    if known is None:
        yield f"{name}: the ratchet does not know this module: --write"
        return
    if found.share < known.share:
        yield f"{name}: {found.share:.1%} are noticed, where {known.share:.1%} were"
    reasons = {(it.function, it.change): it.reason for it in known.survivors}
    for it in found.survivors:
        if not reasons.get((it.function, it.change)):
            yield f"{name}.{it.function}: nothing noticed, and no reason is given:\n{it.change}"
