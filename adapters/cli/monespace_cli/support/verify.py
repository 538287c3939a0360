"""`monespace verify`: chains of hashes, and what must hold of every journey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from attrs import define, field

from ..command import support_command
from ..errors import Exit, say_fault
from ..output import print_json, print_lines, watched
from .source import OpenJournals, corpus_options

if TYPE_CHECKING:
    from monespace_flows.errors import JournalDamaged, JournalVersionUnknown
    from monespace_flows.journal.export import StoredJournal

__all__ = ["verify"]

_BROKEN = {
    "time": "une ligne est plus ancienne que la précédente",
    "one_journey": "des lignes sont d'un autre parcours",
    "keys": "un effet a été fait deux fois sous la même clé",
    "account_after_code": "un compte créé ou récupéré sans code juste",
    "account_unchanged": "un compte changé par un parcours que d'autres identifiants devançaient",
    "session_after_proof": "une session ouverte sans preuve",
    "nothing_after_end": "une suite après la fin",
}


@define
class _Tally:
    journeys: int = 0
    lines: int = 0
    damaged: list[tuple[str, JournalDamaged]] = field(factory=list)
    unknown: list[tuple[str, JournalVersionUnknown]] = field(factory=list)
    broken: list[tuple[str, str, int]] = field(factory=list)

    @property
    def code(self) -> Exit:
        if self.damaged:
            return Exit.DAMAGED
        if self.unknown:
            return Exit.UNKNOWN_VERSION
        return Exit.FOUND if self.broken else Exit.FINE


@support_command("verify")
@corpus_options
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/verify/1).")
def verify(open_journals: OpenJournals, as_json: bool) -> Exit:
    """Vérifier les journaux : aucune ligne modifiée, manquante ou coupée ; les règles tenues.

    EXPORT est un fichier exporté ; sans lui, la base est lue, et la fin de chaque journal est
    comparée au parcours enregistré. Codes : 5 si un journal est abîmé, 6 s'il est d'une version
    inconnue, 1 si une règle n'est pas tenue : prévenez alors l'exploitation.

    Exemple :
        monespace verify parcours.jsonl
    """
    tally = _Tally()
    with (
        open_journals() as journals,
        watched(journals.each(), journals.count(), "Vérification") as each,
    ):
        for found in each:
            _check(tally, found.recorded, found.head)
    if as_json:
        print_json("monespace/verify/1", **_data(tally))
    else:
        print_lines(_page(tally))
    return tally.code


def _data(tally: _Tally) -> dict[str, Any]:
    return {
        "journeys": tally.journeys,
        "lines": tally.lines,
        "damaged": [{"reference": ref, "why": str(why)} for ref, why in tally.damaged],
        "unknown": [{"reference": ref, "why": str(why)} for ref, why in tally.unknown],
        "broken": [
            {"reference": ref, "invariant": name, "line": seq} for ref, name, seq in tally.broken
        ],
    }


def _check(tally: _Tally, recorded: StoredJournal, head: str | None) -> None:
    from monespace_flows.errors import JournalDamaged, JournalVersionUnknown
    from monespace_flows.journal.export import read_whole
    from monespace_flows.support.invariants import broken_invariants

    tally.journeys += 1
    tally.lines += len(recorded.lines)
    try:
        entries = read_whole(recorded, head)
    except JournalVersionUnknown as error:
        tally.unknown.append((recorded.reference, error))
    except JournalDamaged as error:
        tally.damaged.append((recorded.reference, error))
    else:
        tally.broken += [
            (recorded.reference, name, seq) for name, seq in broken_invariants(entries)
        ]


def _page(tally: _Tally) -> list[str]:
    journals = f"{tally.journeys} journa{'ux' if tally.journeys > 1 else 'l'}"
    lines = [f"Vérifié : {journals}, {tally.lines} ligne{'s' if tally.lines > 1 else ''}."]
    lines += [f"ABÎMÉ    {ref}   {say_fault(why)}" for ref, why in tally.damaged]
    lines += [f"INCONNU  {ref}   {say_fault(why)}" for ref, why in tally.unknown]
    lines += [f"RÈGLE    {ref}   ligne {seq} : {_BROKEN[it]}" for ref, it, seq in tally.broken]
    return lines if len(lines) > 1 else [*lines, "Tout tient : chaînes entières, règles tenues."]
