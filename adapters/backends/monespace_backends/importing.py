"""A file of accounts from an earlier site: each line by itself, with all that is wrong told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from monespace_flows.driver.importing import Candidate
from monespace_flows.facts import Problem
from monespace_flows.policy import Policy
from monespace_flows.ports import EmailAddress, Emails, Registry
from monespace_flows.rules.identity import read_rpps

from .hashes import HashRefused, check_hash
from .registry.rows import Fault, RegistryFileInvalid, rows_of

__all__ = ["AccountFile", "read_accounts"]

_COLUMNS: Final = ("rpps", "email", "hash")
_YES_OR_NO: Final = {
    **dict.fromkeys(("yes", "oui", "true", "1"), True),
    **dict.fromkeys(("no", "non", "false", "0", ""), False),
}


@frozen
class AccountFile:
    """What a file of accounts holds.

    Attributes:
        found: the accounts that can be imported, each by its line.
        faults: what is wrong with the others, none repeating a value.
    """

    found: Mapping[int, Candidate] = field(repr=False)
    faults: tuple[Fault, ...]


def read_accounts(
    path: Path,
    *,
    registry: Registry,
    emails: Emails,
    policy: Policy,
    progress: Callable[[int], None],
) -> AccountFile:
    """Read a file of accounts, and ask the registry for each person.

    Args:
        path: a CSV file in UTF-8, with a header line: ``rpps``, ``email``, ``hash``, and
            ``confirmed`` (yes or no) if the earlier site knew; other columns are passed over.
        registry: says who is admitted, and as what.
        emails: the syntax of addresses.
        policy: what an RPPS number is.
        progress: told how many lines were read, after each row.

    Raises:
        PortUnavailable: the registry does not answer.
    """
    reader = _Reader(registry, emails, policy)
    try:
        for line, row in rows_of(path, reader.faults, _COLUMNS):
            reader.take(line, row)
            progress(line)
    except RegistryFileInvalid as error:
        reader.faults[:] = error.faults
        reader.found.clear()
    if not reader.found and not reader.faults:
        reader.faults.append(Fault(0, "holds nobody"))
    faulty = {fault.line for fault in reader.faults}
    return AccountFile(
        {line: it for line, it in reader.found.items() if line not in faulty},
        tuple(sorted(reader.faults, key=lambda fault: fault.line)),
    )


@define
class _Reader:
    registry: Registry
    emails: Emails
    policy: Policy
    found: dict[int, Candidate] = field(factory=dict)
    faults: list[Fault] = field(factory=list)
    first_lines: dict[tuple[str, str], int] = field(factory=dict)

    def take(self, line: int, row: Mapping[str, str]) -> None:
        """Keep an account, or all that is wrong with it."""
        rpps = read_rpps(row["rpps"], self.policy.identity)
        email = self.emails.read(row["email"].strip())
        confirmed = _YES_OR_NO.get(row.get("confirmed", "").strip().lower())
        doctor = None if isinstance(rpps, Problem) else self.registry.doctor(rpps)
        self.faults += [Fault(line, told) for told in self._faults(row, rpps, email, confirmed)]
        self.faults += [Fault(line, told) for told in self._repeated(line, rpps, email)]
        if isinstance(rpps, Problem):
            return
        if doctor is None:
            self.faults.append(Fault(line, "rpps is of nobody whom the registry admits"))
        elif email is not None:
            self.found[line] = Candidate(
                rpps=rpps,
                email=email,
                password_hash=row["hash"].strip(),
                role=doctor.role,
                is_confirmed=confirmed is True,
            )

    def _faults(
        self,
        row: Mapping[str, str],
        rpps: str | Problem,
        email: EmailAddress | None,
        confirmed: bool | None,
    ) -> Iterator[str]:
        if isinstance(rpps, Problem):
            yield "rpps is not eleven digits"
        if email is None:
            yield "email is not an address that mail can reach"
        if confirmed is None:
            yield "confirmed must be yes or no"
        try:
            check_hash(row["hash"].strip())
        except HashRefused as error:
            yield f"hash {error}"

    def _repeated(
        self, line: int, rpps: str | Problem, email: EmailAddress | None
    ) -> Iterator[str]:
        # Which of them is meant cannot be told, so neither is taken.
        named = {
            "rpps": None if isinstance(rpps, Problem) else rpps,
            "email": None if email is None else email.key,
        }
        for column, value in named.items():
            if value is None:
                continue
            first = self.first_lines.setdefault((column, value), line)
            if first != line:
                yield f"{column} is that of line {first}"
                self.faults.append(Fault(first, f"{column} is that of line {line} too"))
