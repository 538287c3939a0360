"""`monespace verify`: chains, seals and heads, and what must hold of every journey."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import define, field, frozen

from ..access.place import Place
from ..command import support_command
from ..errors import Exit, Stop, say_fault
from ..output import print_json, print_lines, say, watched
from .source import Journals, OpenJournals, checked, corpus_options
from .verify_messages import MessageCheck, MessageFault

if TYPE_CHECKING:
    from monespace_backends.reading import LinePlace
    from monespace_backends.secrets import Keys
    from monespace_flows.errors import JournalDamaged, JournalVersionUnknown
    from monespace_flows.journal.entry import Digests, Entry
    from monespace_flows.journal.heads import Covering, Head

    from .source import Found

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
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_STALE = timedelta(days=2)


@define
class _Tally:
    journeys: int = 0
    lines: int = 0
    sealed: int = 0
    unsealed: int = 0
    uncovered: int = 0
    damaged: list[tuple[str, JournalDamaged]] = field(factory=list)
    heads: list[tuple[int, JournalDamaged]] = field(factory=list)
    unknown: list[tuple[str, JournalVersionUnknown]] = field(factory=list)
    broken: list[tuple[str, str, int]] = field(factory=list)
    messages: int = 0
    sent: list[MessageFault] = field(factory=list)

    @property
    def code(self) -> Exit:
        from monespace_flows.errors import JournalDamaged

        if (
            self.damaged
            or self.heads
            or any(isinstance(it, JournalDamaged) for *_, it in self.sent)
        ):
            return Exit.DAMAGED
        if self.unknown or self.sent:
            return Exit.UNKNOWN_VERSION
        return Exit.FOUND if self.broken else Exit.FINE


@support_command("verify")
@corpus_options
@click.option(
    "--heads",
    "exported",
    type=_FILE,
    metavar="TÊTES",
    help="Les têtes exportées par « monespace journal », auxquelles comparer la base.",
)
@click.option(
    "--keys",
    "keys_file",
    type=_FILE,
    metavar="CLÉS",
    help="Les clés qui vérifient les sceaux. [par défaut : celles des réglages]",
)
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/verify/1).")
def verify(
    open_journals: OpenJournals, exported: Path | None, keys_file: Path | None, as_json: bool
) -> Exit:
    """Vérifier les journaux : aucune ligne modifiée, manquante ou coupée ; les règles tenues.

    EXPORT est un fichier exporté ; sans lui, la base est lue, la fin de chaque journal est comparée
    au parcours enregistré, et les lignes de chaque jour à la tête qui les couvre : un journal
    entier effacé se voit. Les lignes de chaque message sont vérifiées aussi, et les messages
    comparés à ceux que le journal a envoyés. Sans clés, les chaînes sont vérifiées et non les
    sceaux : qui écrit dans la base peut refaire une chaîne, non un sceau.

    Codes : 5 si un journal, un message ou une tête est abîmé, 6 s'il est d'une version inconnue,
    1 si une règle n'est pas tenue : prévenez alors l'exploitation.

    Exemples :
        monespace verify parcours.jsonl
        monespace verify --config monespace.toml --heads /mnt/archive/tetes.jsonl
    """
    seals = _Seals.of(keys_file)
    with open_journals() as journals:
        if exported is not None and journals.file is not None:
            raise Stop(Exit.USAGE, "--heads se compare à la base : ne donnez pas EXPORT avec")
        check = _Check(seals=seals, now=journals.now or datetime.now(UTC))
        check.read_heads(journals)
        check.begin_messages(journals)
        count = journals.count() if sys.stderr.isatty() else None
        with watched(journals.whole(), count, "Vérification") as each:
            for found in each:
                check.journal(found)
        check.compare(journals, exported)
    if as_json:
        print_json("monespace/verify/1", **_data(check.tally, seals))
    else:
        print_lines(_page(check.tally))
    for remark in check.remarks(in_file=journals.file is not None):
        say(remark)
    return check.tally.code


# --- by which keys -------------------------------------------------------------------------------


@frozen
class _Seals:
    """What checks seals; ``None`` where no keys can be read, and ``why`` that is."""

    lines: Digests | None = None
    heads: Digests | None = None
    why: str = ""

    @classmethod
    def of(cls, keys_file: Path | None) -> _Seals:
        if keys_file is None and Place.used().keys_file is None:
            return cls(why="aucune clé n'est donnée")
        from monespace_backends.secrets import KeyedSecrets, KeysInvalid

        try:
            secrets = KeyedSecrets(_keys(keys_file))
        except KeysInvalid as error:
            if keys_file is not None:
                raise
            return cls(why=say_fault(error))
        return cls(partial(secrets.digests, "journal"), partial(secrets.digests, "head"))


def _keys(keys_file: Path | None) -> Keys:
    from monespace_backends.secrets import read_keys

    return Place.used().keys() if keys_file is None else read_keys(keys_file)


# --- the check -----------------------------------------------------------------------------------


@define(kw_only=True)
class _Check:
    """Goes through all journals once, and holds counts, heads and what it found, no journal."""

    seals: _Seals
    now: datetime
    tally: _Tally = field(factory=_Tally)
    heads: dict[int, Head] = field(factory=dict)
    covering: Covering = field(init=False)
    messages: MessageCheck = field(init=False)
    floor: datetime | None = None

    def read_heads(self, journals: Journals) -> None:
        from monespace_flows.errors import JournalDamaged
        from monespace_flows.journal.heads import Covering, check_heads, read_head

        self.covering = Covering()
        stored = journals.heads()
        self.tally.heads += check_heads(stored, self.seals.heads)
        damaged = {number for number, _ in self.tally.heads}
        for number, line in stored:
            try:
                head = read_head(line)
            except JournalDamaged:
                continue
            # One that is told as damaged vouches for nothing, and is not told a second time.
            if number not in damaged:
                self.heads[number] = head
        self.floor = max(
            [
                self.now - journals.place.policy.journeys.retention,
                *(head.purged_before for head in self.heads.values()),
            ]
        )

    def begin_messages(self, journals: Journals) -> None:
        from monespace_flows.journal.heads import UPGRADING

        first = journals.first_told()
        self.messages = MessageCheck(
            digests=self.seals.lines,
            floor=None if journals.file is not None else self.floor,
            # What a former version had queued begins its lines with the first try by this one.
            since=None if first is None else first + 2 * UPGRADING,
        )

    def journal(self, found: Found) -> None:
        from monespace_flows.errors import JournalDamaged, JournalVersionUnknown
        from monespace_flows.support.invariants import broken_invariants

        reference = _printable(found.recorded.reference)
        self.tally.journeys += bool(found.recorded.lines)
        self.tally.lines += len(found.recorded.lines)
        self._cover(found)
        entries: tuple[Entry, ...] = ()
        try:
            entries = self._read(found)
        except JournalVersionUnknown as error:
            self.tally.unknown.append((reference, error))
        except JournalDamaged as error:
            self.tally.damaged.append((reference, error))
        else:
            self.tally.broken += [
                (reference, name, seq) for name, seq in broken_invariants(entries)
            ]
        self.tally.sent += self.messages.check(found, entries)
        self.tally.messages = self.messages.count

    def _cover(self, found: Found) -> None:
        from monespace_flows.journal.entry import read_hash

        reference = found.recorded.reference
        for line, place in zip(found.recorded.lines, found.places, strict=False):
            if place.head is None:
                self.tally.uncovered += 1
            else:
                self.covering.add(place.head, place.at, (reference, place.seq, read_hash(line)))

    def _read(self, found: Found) -> tuple[Entry, ...]:
        from monespace_flows.errors import JournalDamaged, JournalFault
        from monespace_flows.journal.export import read_whole

        if not found.recorded.lines and self._is_past(found):
            return ()
        entries = read_whole(found.recorded, found.head)
        if any(entry.reference != found.recorded.reference for entry in entries):
            raise JournalDamaged(JournalFault.OTHER_JOURNEY)
        for entry, place in zip(entries, found.places, strict=False):
            if (entry.seq, entry.at) != (place.seq, place.at):
                raise JournalDamaged(JournalFault.MOVED, line=entry.seq)
        for number, line in enumerate(found.recorded.lines):
            self._check_seal(line, entries[number], found.places[number] if found.places else None)
        if _is_elsewhere(found, entries):
            raise JournalDamaged(JournalFault.ELSEWHERE)
        return entries

    def _is_past(self, found: Found) -> bool:
        """Whether a journey's journal is past its life: its row may outlive a shorter retention.

        Messages never do, since a step that sends one is written before it ends.
        """
        if found.kept is None and found.messages:
            made = max(it.created_at for it in found.messages)
            return not found.recorded.reference or made < (self.floor or self.now)
        shown = _stored(found).get("shown_at")
        try:
            return datetime.fromisoformat(str(shown)) < (self.floor or self.now)
        except (ValueError, TypeError):
            return False

    def _check_seal(self, line: str, entry: Entry, place: LinePlace | None) -> None:
        from monespace_flows.errors import JournalDamaged, JournalFault
        from monespace_flows.journal.entry import SealFault, judge_line
        from monespace_flows.journal.heads import may_lack_seal, vouched

        head = None if place is None else place.head
        if not entry.seal:
            self.tally.unsealed += 1
            if not may_lack_seal(self.heads, head, self.now):
                raise JournalDamaged(JournalFault.UNSEALED, line=entry.seq)
            return
        self.tally.sealed += 1
        fault = None if self.seals.lines is None else judge_line(line, self.seals.lines)
        if fault is SealFault.OTHER_KEY:
            if head is None or not vouched(self.heads, head, entry.at):
                raise JournalDamaged(JournalFault.OTHER_KEY, line=entry.seq)
            self.messages.vouch(line, self.heads[head].at)
        if fault is SealFault.FORGED:
            raise JournalDamaged(JournalFault.FORGED, line=entry.seq)

    def compare(self, journals: Journals, exported: Path | None) -> None:
        from monespace_flows.journal.heads import compare_exported, compare_heads

        self.tally.sent += self.messages.of_other_keys()
        if journals.file is not None:
            return
        known = {number for number, _ in self.tally.heads}
        found = compare_heads(self.heads, self.covering, self.floor or self.now)
        self.tally.heads += [(number, error) for number, error in found if number not in known]
        if exported is not None:
            with exported.open(encoding="utf-8", errors="replace") as lines:
                self.tally.heads += compare_exported(self.heads, lines, self.seals.heads)

    def remarks(self, *, in_file: bool) -> Iterator[str]:
        """What was not checked, and what could not have been found."""
        if self.seals.lines is None:
            yield (
                f"Sceaux non vérifiés ({self.seals.why}) : seules les chaînes l'ont été. "
                "Donnez --keys CLÉS"
            )
        if self.tally.unsealed:
            plural = "s" if self.tally.unsealed > 1 else ""
            yield (
                f"{self.tally.unsealed} ligne{plural} d'avant les sceaux : "
                "seule la chaîne en est vérifiée"
            )
        newest = max((head.at for head in self.heads.values()), default=None)
        if not in_file and self.tally.lines and newest is None:
            yield (
                "Aucune tête n'est écrite : un journal effacé en entier ne se verrait pas. "
                "À l'exploitation : monespace journal head"
            )
        elif newest is not None and self.tally.uncovered and newest < self.now - _STALE:
            yield (
                f"{self.tally.uncovered} lignes ne sont couvertes par aucune tête, la dernière est "
                f"du {newest:%d/%m/%Y}. À l'exploitation : monespace journal head"
            )


def _printable(reference: str) -> str:
    return reference if reference.isprintable() else ascii(reference)


def _stored(found: Found) -> Mapping[str, Any]:
    try:
        data = json.loads(found.kept.journey if found.kept else "{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _is_elsewhere(found: Found, entries: tuple[Entry, ...]) -> bool:
    """Whether the stored journey is not the one to which its journal leads."""
    from monespace_flows.errors import JournalVersionUnknown

    from .story import retold

    if found.kept is None:
        return False
    last, stored = entries[-1], _stored(found)
    said = (stored.get("reference"), stored.get("flow"), stored.get("state"), stored.get("seq"))
    if said != (last.reference, last.flow, last.after, last.seq):
        return True
    try:
        divergence, leads_elsewhere = retold(checked(found.recorded, found.head), found.kept)
    except JournalVersionUnknown:
        return False  # its table is not this program's: nothing more can be told
    return divergence is None and leads_elsewhere


# --- what is told --------------------------------------------------------------------------------


def _data(tally: _Tally, seals: _Seals) -> dict[str, Any]:
    return {
        "journeys": tally.journeys,
        "lines": tally.lines,
        "messages": tally.messages,
        "sent": [
            {"reference": ref, "message": name, "why": str(why)} for ref, name, why in tally.sent
        ],
        "damaged": [{"reference": ref, "why": str(why)} for ref, why in tally.damaged],
        "heads": [{"head": number, "why": str(why)} for number, why in tally.heads],
        "unknown": [{"reference": ref, "why": str(why)} for ref, why in tally.unknown],
        "broken": [
            {"reference": ref, "invariant": name, "line": seq} for ref, name, seq in tally.broken
        ],
        "seals": {
            "checked": seals.lines is not None,
            "sealed": tally.sealed,
            "unsealed": tally.unsealed,
            "uncovered": tally.uncovered,
        },
    }


def _page(tally: _Tally) -> list[str]:
    journals = f"{tally.journeys} journa{'ux' if tally.journeys > 1 else 'l'}"
    counted = [
        journals,
        *(_counted(*it) for it in ((tally.lines, "ligne"), (tally.messages, "message"))),
    ]
    lines = [f"Vérifié : {', '.join(counted)}."]
    lines += [f"ABÎMÉ    {ref}   {say_fault(why)}" for ref, why in tally.damaged]
    lines += [
        f"MESSAGE  {_named_of(ref, name)}   {say_fault(why)}" for ref, name, why in tally.sent
    ]
    lines += [f"TÊTE     {_named(number)}   {say_fault(why)}" for number, why in tally.heads]
    lines += [f"INCONNU  {ref}   {say_fault(why)}" for ref, why in tally.unknown]
    lines += [f"RÈGLE    {ref}   ligne {seq} : {_BROKEN[it]}" for ref, it, seq in tally.broken]
    return lines if len(lines) > 1 else [*lines, "Tout tient : chaînes entières, règles tenues."]


def _named_of(reference: str, message: str) -> str:
    whole = message if message.startswith(reference) else f"{message} de {reference}"
    return _printable(whole)


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'s' if count > 1 else ''}"


def _named(number: int) -> str:
    return f"n° {number}" if number >= 0 else "exportée"
