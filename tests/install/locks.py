"""Read a lock as pip would read it, and walk what it must hold on one machine after another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import product

from attrs import field, frozen
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

# Micro releases on both sides of what markers speak of (`python_full_version < '3.11.5'`).
PYTHONS = tuple(f"3.{minor}.{micro}" for minor in (11, 12, 13) for micro in (0, 2, 5))
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?=\s|$)")


@frozen(kw_only=True)
class Machine:
    """Where a lock is installed: CPython on Linux."""

    processor: str
    python: str

    def __str__(self) -> str:
        return f"{self.processor}, Python {self.python}"

    def chooses(self, requirement: Requirement, extra: str = "") -> bool:
        """Say whether a requirement counts here, when its distribution is taken with an extra."""
        if requirement.marker is None:
            return True
        return requirement.marker.evaluate(
            {
                "extra": extra,
                "implementation_name": "cpython",
                "implementation_version": self.python,
                "os_name": "posix",
                "platform_machine": self.processor,
                "platform_python_implementation": "CPython",
                "platform_release": "",
                "platform_system": "Linux",
                "platform_version": "",
                "python_full_version": self.python,
                "python_version": self.python.rpartition(".")[0],
                "sys_platform": "linux",
            }
        )


MACHINES = tuple(
    Machine(processor=processor, python=python)
    for processor, python in product(("x86_64", "aarch64"), PYTHONS)
)


@frozen
class Wants:
    """What a distribution says of itself."""

    python: str
    requires: tuple[str, ...]


@frozen
class Lock:
    """The pins of a lock, and what is wrong with how they are written."""

    pins: tuple[Requirement, ...]
    faults: tuple[str, ...] = field(default=())

    def of(self, name: str) -> list[Requirement]:
        """Give the pins of one name, in whichever spelling."""
        return [pin for pin in self.pins if canonicalize_name(pin.name) == canonicalize_name(name)]


# One line is met on every machine.
requirement_of = cache(Requirement)


def version(pin: Requirement) -> str:
    return next(iter(pin.specifier)).version


def title(pin: Requirement) -> str:
    return f"{canonicalize_name(pin.name)}=={version(pin)}"


def parse(text: str) -> Lock:
    """Read a lock's text; whatever is not a pin with hashes and without an address is a fault."""
    pins: list[Requirement] = []
    faults = [f"an address: {line.strip()}" for line in text.splitlines() if "://" in line]
    for line in _lines(text):
        said = HASH.sub("", line).strip()
        try:
            pin = Requirement(said)
        except InvalidRequirement:
            faults.append(f"not a requirement: {said}")
            continue
        if [(one.operator, one.version.endswith("*")) for one in pin.specifier] != [("==", False)]:
            faults.append(f"not pinned: {said}")
            continue
        if not HASH.search(line):
            faults.append(f"without a hash: {said}")
        pins.append(pin)
    return Lock(tuple(pins), tuple(faults))


def _lines(text: str) -> Iterator[str]:
    without_comments = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    for line in without_comments.replace("\\\n", " ").splitlines():
        if line.strip():
            yield line


def missing(
    roots: Iterable[str], lock: Lock, wants: Mapping[str, Wants], machine: Machine
) -> list[str]:
    """Walk from the roots through the lock, and name what a machine would have to look for.

    Args:
        roots: The requirements that the lock is for.
        lock: The lock.
        wants: What each pin requires, by ``name==version``.
        machine: The machine that decides the markers.

    Returns:
        One line for each requirement that the lock does not satisfy.
    """
    faults: dict[str, None] = {}
    todo = [(requirement_of(root), "the project") for root in roots]
    seen: set[tuple[str, str]] = set()
    while todo:
        requirement, asker = todo.pop()
        found = _pin(requirement, lock, machine)
        if isinstance(found, str):
            faults[f"{asker} wants {requirement}: {found}"] = None
            continue
        said = wants.get(title(found))
        if said is None:
            faults[f"{asker} wants {requirement}: what {title(found)} requires was not read"] = None
            continue
        if not _admits(said.python, machine.python):
            faults[f"{title(found)} wants Python {said.python}"] = None
        for extra in {"", *requirement.extras} - {
            extra for name, extra in seen if name == title(found)
        }:
            seen.add((title(found), extra))
            todo += [
                (requirement_of(line), title(found) + (f"[{extra}]" if extra else ""))
                for line in said.requires
                if machine.chooses(requirement_of(line), extra)
            ]
    return list(faults)


def _pin(requirement: Requirement, lock: Lock, machine: Machine) -> Requirement | str:
    named = lock.of(requirement.name)
    here = [pin for pin in named if machine.chooses(pin)]
    if not named:
        return "not locked"
    if not here:
        return "locked for other machines only"
    if len(here) > 1:
        return "locked twice for one machine"
    if not requirement.specifier.contains(Version(version(here[0])), prereleases=True):
        return f"locked at {version(here[0])}"
    if lacking := sorted(requirement.extras - here[0].extras):
        return f"locked without [{','.join(lacking)}]"
    return here[0]


def _admits(specifiers: str, python: str) -> bool:
    return not specifiers or Requirement(f"python {specifiers}").specifier.contains(python)
