"""The registry in memory, and the demo's invented doctors."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import evolve, field, fields_dict, frozen

from ..errors import PortUnavailable
from ..facts import Role
from ..ports import Doctor, RegistryAnswer, RegistryVerdict
from .services import Faults

__all__ = [
    "MemoryRegistry",
    "demo_registry",
]

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


def demo_registry() -> MemoryRegistry:
    """Make a registry that holds the demo's doctors."""
    registry = MemoryRegistry()
    registry.add(
        "99000000002",
        date(1975, 6, 17),
        mobile="+33612345678",
        email="john.medecin@cn.medecin.example",
        council="Conseil départemental de Paris",
        family_name="Médecin",
        given_name="John",
    )
    registry.add(
        "99000000010",
        date(1982, 2, 28),
        mobile="+33698765432",
        council="Conseil départemental du Rhône",
        family_name="Durand-Lefèvre",
        given_name="Amélie",
    )
    registry.add(
        "99000000028",
        date(1990, 11, 3),
        email="claire.martin@medecin.example",
        council="Conseil départemental du Nord",
        family_name="Martin",
        given_name="Claire",
    )
    registry.add(
        "99000000036",
        date(1996, 4, 21),
        role=Role.INTERN,
        mobile="+33711223344",
        email="paul.interne@chu.example",
        council="Conseil départemental de la Gironde",
        family_name="Nguyen",
        given_name="Paul",
    )
    registry.add(
        "99000000044",
        date(1994, 9, 12),
        role=Role.JUNIOR_DOCTOR,
        mobile="+33755667788",
        email="lea.junior@chu.example",
        council="Conseil départemental du Finistère",
        family_name="Le Goff",
        given_name="Léa",
    )
    registry.add(
        "99000000051",
        date(1960, 1, 1),
        status="radie",
        mobile="+33600000001",
        email="radie@medecin.example",
        council="Conseil départemental de la Marne",
        family_name="Ancien",
        given_name="René",
    )
    registry.add(
        "99000000069",
        date(1988, 12, 31),
        council="Conseil départemental de la Creuse",
        family_name="Sanscontact",
        given_name="Ève",
    )
    registry.add(
        "99000000077",
        date(1979, 7, 14),
        mobile="+590690123456",
        email="guadeloupe@medecin.example",
        council="Conseil départemental de la Guadeloupe",
        family_name="Théodore",
        given_name="Marie-Ange",
    )
    registry.add(
        "99000000085",
        date(1984, 2, 29),
        status="suspendu",
        mobile="+33600000002",
        email="suspendu@medecin.example",
        council="Conseil départemental du Var",
        family_name="O'Brien",
        given_name="Noël",
    )
    return registry
