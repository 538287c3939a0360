"""The registry in memory, and the demo's invented doctors."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import evolve, field, fields_dict, frozen

from ..errors import PortUnavailable
from ..facts import Role
from ..ports import Doctor, RegistryAnswer, RegistryVerdict
from .services import Faults

__all__ = ()

_ADMITTED = "inscrit"


@frozen(kw_only=True)
class _Entry:
    doctor: Doctor
    birth_date: date | None = field(repr=False)
    status: str


# Stands in for a number nobody has, so that an unknown number costs what a known one costs.
_NOBODY = _Entry(doctor=Doctor(rpps="", role=Role.DOCTOR), birth_date=None, status="")


class MemoryRegistry:
    """A registry that holds what :meth:`add` put in it."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._faults = Faults(lambda: PortUnavailable("registry"))

    def __len__(self) -> int:
        return len(self._entries)

    def add(
        self,
        rpps: str,
        birth_date: date | None,
        *,
        role: Role = Role.DOCTOR,
        status: str = _ADMITTED,
        mobile: str | None = None,
        email: str | None = None,
        family_name: str | None = None,
        given_name: str | None = None,
        council: str | None = None,
    ) -> Doctor:
        """Register someone; a status other than ``inscrit`` is not admitted.

        Returns:
            The record that a right pair is answered with.
        """
        doctor = Doctor(
            rpps=rpps,
            role=role,
            mobile=mobile,
            email=email,
            family_name=family_name,
            given_name=given_name,
            council=council,
        )
        self._entries[rpps] = _Entry(doctor=doctor, birth_date=birth_date, status=status)
        return doctor

    def change(self, rpps: str, **changes: Any) -> Doctor:
        """Change someone's ``status``, ``birth_date`` or any field of :class:`Doctor`.

        Returns:
            The record as it is now.

        Raises:
            KeyError: nobody has this number.
        """
        entry = self._entries[rpps]
        of_doctor = {name: changes.pop(name) for name in fields_dict(Doctor) if name in changes}
        entry = evolve(entry, doctor=evolve(entry.doctor, **of_doctor), **changes)
        self._entries[rpps] = entry
        return entry.doctor

    def remove(self, rpps: str) -> None:
        """Forget someone, if they are there."""
        self._entries.pop(rpps, None)

    def fail_next(self, times: int = 1) -> None:
        """Make the next ``times`` questions fail with ``PortUnavailable``."""
        self._faults.order(times)

    def verify(self, rpps: str, birth_date: date) -> RegistryAnswer:
        """Say whether a pair is known."""
        self._faults.strike()
        entry = self._entries.get(rpps, _NOBODY)
        # All three are worked out before one of them decides: no answer comes sooner.
        known = entry is not _NOBODY
        same = entry.birth_date == birth_date
        admitted = entry.status == _ADMITTED
        if known and same and admitted:
            return RegistryAnswer(RegistryVerdict.MATCH, entry.doctor)
        if known and same:
            return RegistryAnswer(RegistryVerdict.NOT_ADMITTED)
        if known:
            return RegistryAnswer(RegistryVerdict.BIRTH_DATE_DIFFERS)
        return RegistryAnswer(RegistryVerdict.RPPS_UNKNOWN)

    def doctor(self, rpps: str) -> Doctor | None:
        """Read a doctor again; ``None`` when no longer admitted."""
        self._faults.strike()
        entry = self._entries.get(rpps, _NOBODY)
        return entry.doctor if entry.status == _ADMITTED else None


# --- the demo's doctors: numbers beginning with 99, domains ending in .example -------------------

# As the demo's registry file has them; a test compares the two.
_DEMO = (
    ("99000000002", "1975-06-17", "medecin", "inscrit", "+33612345678",
     "john.medecin@cn.medecin.example", "Conseil départemental de Paris", "Médecin", "John"),
    ("99000000010", "1982-02-28", "medecin", "inscrit", "+33698765432",
     "", "Conseil départemental du Rhône", "Durand-Lefèvre", "Amélie"),
    ("99000000028", "1990-11-03", "medecin", "inscrit", "",
     "claire.martin@medecin.example", "Conseil départemental du Nord", "Martin", "Claire"),
    ("99000000036", "1996-04-21", "interne", "inscrit", "+33711223344",
     "paul.interne@chu.example", "Conseil départemental de la Gironde", "Nguyen", "Paul"),
    ("99000000044", "1994-09-12", "docteur_junior", "inscrit", "+33755667788",
     "lea.junior@chu.example", "Conseil départemental du Finistère", "Le Goff", "Léa"),
    ("99000000051", "1960-01-01", "medecin", "radie", "+33600000001",
     "radie@medecin.example", "Conseil départemental de la Marne", "Ancien", "René"),
    ("99000000069", "1988-12-31", "medecin", "inscrit", "",
     "", "Conseil départemental de la Creuse", "Sanscontact", "Ève"),
    ("99000000077", "1979-07-14", "medecin", "inscrit", "+590690123456",
     "guadeloupe@medecin.example", "Conseil départemental de la Guadeloupe",
     "Théodore", "Marie-Ange"),
    ("99000000085", "1984-02-29", "medecin", "suspendu", "+33600000002",
     "suspendu@medecin.example", "Conseil départemental du Var", "O'Brien", "Noël"),
)  # fmt: skip


def demo_registry() -> MemoryRegistry:
    """Make a registry that holds the demo's doctors."""
    registry = MemoryRegistry()
    for rpps, born, role, status, mobile, email, council, family_name, given_name in _DEMO:
        registry.add(
            rpps,
            date.fromisoformat(born),
            role=Role(role),
            status=status,
            mobile=mobile or None,
            email=email or None,
            family_name=family_name,
            given_name=given_name,
            council=council,
        )
    return registry
