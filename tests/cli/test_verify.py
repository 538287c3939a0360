"""`verify` finds whatever is done to the journals of a service, on each kind of database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from attrs import evolve, frozen
from sqlalchemy import Connection, text

from monespace_backends.secrets import KeyedSecrets, Keys, read_keys
from monespace_backends.settings.service import read_settings
from monespace_backends.storage import SqlStorage, make_engine, tables, write_heads
from monespace_backends.wiring import ports_from_settings
from monespace_flows import Flows
from monespace_flows.driver.case import seal_of
from monespace_flows.driver.relay import Relay
from monespace_flows.journal.entry import read_entry, write_entry
from monespace_flows.journal.heads import read_head
from monespace_flows.testing import Sandbox
from tests.replaying import leave_alone
from tests.servers import storages
from tests.support.people import AMELIE, CLAIRE, Person

from .conftest import Call, checked
from .service import _MORE
from .stories import write_settings

NOW = datetime.now(UTC).replace(microsecond=0)
RETENTION = timedelta(days=183)
OTHER = KeyedSecrets(Keys((b"o" * 32,)))
"""The keys of somebody else."""


@frozen(kw_only=True)
class Place:
    """A service with journeys of yesterday that a head covers, and one of today that none does."""

    config: Path
    url: str
    secrets: KeyedSecrets
    storage: SqlStorage
    exported: Path
    created: str
    refused: str
    today: str
    code: str
    letter: str

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        engine = make_engine(self.url, pool_size=1)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()


def _set_up(url: str, path: Path) -> Place:
    config = write_settings(path, database=url, more=_MORE)
    settings = read_settings(config)
    box = Sandbox()
    ports = ports_from_settings(settings, box.clock)
    storage, secrets = ports.storage, ports.secrets
    assert isinstance(storage, SqlStorage)
    assert isinstance(secrets, KeyedSecrets)
    relay = Relay(storage, secrets, box.messages, box.clock)
    outside = evolve(ports, messaging=box.messages)
    box.flows = Flows(outside, settings.policy, settings.site, wake=lambda: _run(relay))
    at = partial(write_heads, storage, secrets)
    list(at(NOW - timedelta(days=5), NOW - RETENTION))
    _move(box, NOW - timedelta(days=1))
    created = Person(box, "creation").identifies().asks_code().types_wrong_code().types_code()
    created.activates()
    refused = Person(box, "creation").identifies(("16/07/1975", AMELIE[1]))
    heads = [*at(NOW - timedelta(hours=2), NOW - RETENTION)]
    _move(box, NOW - timedelta(hours=1))
    today = Person(box, "creation").identifies(CLAIRE)
    exported = path / "heads.jsonl"
    with storage.heads() as stored:
        exported.write_text("".join(f"Nov 28 host: {one}\n" for one in stored.since(0)), "utf-8")
    assert len(heads) == 1
    return Place(
        config=config,
        url=url,
        secrets=secrets,
        storage=storage,
        exported=exported,
        created=created.reference,
        refused=refused.reference,
        today=today.reference,
        code=_message(storage, created.reference, "code"),
        letter=_message(storage, created.reference, "confirmation"),
    )


def _message(storage: SqlStorage, reference: str, purpose: str) -> str:
    with storage.reading() as unit:
        newest = unit.outbox.newest(reference, purpose)
    assert newest is not None
    return newest.id


def _run(relay: Relay) -> None:
    relay.run_once()


def _move(box: Sandbox, at: datetime) -> None:
    box.clock.advance(seconds=(at - box.clock.now()).total_seconds())


@pytest.fixture(scope="module", params=storages.SQL_ENGINES)
def kept(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A service on each kind of database; all tests of this module share it."""
    path = request.getfixturevalue("tmp_path_factory").mktemp(request.param)
    if request.param == "sqlite":
        place = _set_up(storages.sqlite_database(path), path)
        yield place
        place.storage.close()
        return
    with storages.postgres_database(request.getfixturevalue("postgres_server")) as url:
        place = _set_up(url, path)
        yield place
        place.storage.close()


_TABLES = (tables.journal, tables.journeys, tables.journal_heads, tables.outbox)


@pytest.fixture
def place(kept: Place) -> Iterator[Place]:
    """That service, which is afterwards as it was."""
    leave_alone(kept.storage)
    with kept.connected() as connection:
        rows = [
            [
                {it.name: row[it.name] for it in table.columns if it.computed is None}
                for row in connection.execute(table.select()).mappings()
            ]
            for table in _TABLES
        ]
    yield kept
    with kept.connected() as connection:
        for table, kept_rows in zip(_TABLES, rows, strict=True):
            connection.execute(table.delete())
            connection.execute(table.insert(), kept_rows)


# --- what is done --------------------------------------------------------------------------------

Harm = Callable[[Place, Connection], object]


def _does(statement: str, of: str = "created", **values: object) -> Harm:
    def do(place: Place, connection: Connection) -> None:
        named = {"of": getattr(place, of), "code": place.code, "letter": place.letter, **values}
        done = connection.execute(
            text(statement), {key: it for key, it in named.items() if f":{key}" in statement}
        )
        assert done.rowcount > 0

    return do


def _lines(place: Place, connection: Connection, of: str = "created") -> list[str]:
    found = connection.execute(
        text("SELECT line FROM journal WHERE reference = :of ORDER BY seq"),
        {"of": getattr(place, of)},
    )
    return [row[0] for row in found]


def _put(place: Place, connection: Connection, of: str, lines: list[str]) -> None:
    """Put lines in the place of a journal's, and their hash into the journey."""
    reference = getattr(place, of)
    for seq, line in enumerate(lines):
        connection.execute(
            text("UPDATE journal SET line = :line WHERE reference = :of AND seq = :seq"),
            {"line": line, "of": reference, "seq": seq},
        )
    connection.execute(
        text("UPDATE journeys SET journal_hash = :hash WHERE reference = :of"),
        {"hash": json.loads(lines[-1])["hash"], "of": reference},
    )


def _rewritten(
    of: str, by: KeyedSecrets | None = None, *, seal: str = "", reference: str = ""
) -> Harm:
    """Tell a journal otherwise, with a chain that holds; unsealed, or sealed by somebody else."""

    def do(place: Place, connection: Connection) -> None:
        lines, previous = [], ""
        for line in _lines(place, connection, of):
            entry = evolve(read_entry(line), fingerprint="0" * 16, previous=previous)
            entry = evolve(entry, reference=reference or entry.reference)
            digests = None if by is None else seal_of(by)
            if seal:
                digests = lambda _: (f"{place.secrets.ids[0]}:{seal}",)  # noqa: E731
            written, previous = write_entry(entry, digests)
            lines.append(written)
        _put(place, connection, of, lines)

    return do


def _under(reference: str, *, rewritten: bool) -> Harm:
    def do(place: Place, connection: Connection) -> None:
        for seq, line in enumerate(_lines(place, connection)):
            moved = line.replace(place.created, reference) if rewritten else line
            connection.execute(
                text(
                    "UPDATE journal SET reference = :new, line = :line"
                    " WHERE reference = :of AND seq = :seq"
                ),
                {"new": reference, "line": moved, "of": place.created, "seq": seq},
            )

    return do


def _edited(old: str, new: str) -> Harm:
    def do(place: Place, connection: Connection) -> None:
        line = _lines(place, connection)[1]
        assert old in line
        connection.execute(
            text("UPDATE journal SET line = :line WHERE reference = :of AND seq = 1"),
            {"line": line.replace(old, new, 1), "of": place.created},
        )

    return do


def _stored(old: str, new: str, of: str = "today") -> Harm:
    def do(place: Place, connection: Connection) -> None:
        row = connection.execute(
            text("SELECT journey FROM journeys WHERE reference = :of"), {"of": getattr(place, of)}
        ).one()
        assert old in row[0]
        connection.execute(
            text("UPDATE journeys SET journey = :journey WHERE reference = :of"),
            {"journey": row[0].replace(old, new, 1), "of": getattr(place, of)},
        )

    return do


def _head(change: Callable[[str], str], number: int = 1) -> Harm:
    def do(place: Place, connection: Connection) -> None:
        at = {"number": number}
        row = connection.execute(
            text("SELECT head FROM journal_heads WHERE number = :number"), at
        ).one()
        changed = {"head": change(row[0])}
        connection.execute(
            text("UPDATE journal_heads SET head = :head WHERE number = :number"), at | changed
        )

    return do


def _forged(head: str) -> str:
    data = json.loads(head)
    data["days"] = []
    body = {name: it for name, it in data.items() if name not in {"hash", "seal"}}
    fit = {**body, "hash": sha256(_dumped(body).encode()).hexdigest(), "seal": data["seal"]}
    return _dumped(fit)


def _both(*harms: Harm) -> Harm:
    def do(place: Place, connection: Connection) -> None:
        for harm in harms:
            harm(place, connection)

    return do


def _copied_in(place: Place, connection: Connection) -> None:
    lines, previous = [], ""
    for line in _lines(place, connection, "refused"):
        entry = evolve(read_entry(line), reference="AAAA-BBBB", previous=previous)
        written, previous = write_entry(entry, seal_of(OTHER))
        lines.append((entry, written))
    connection.execute(
        tables.journal.insert(),
        [
            {
                "reference": "AAAA-BBBB",
                "seq": entry.seq,
                "at": round(entry.at.timestamp() * 1_000_000),
                "line": written,
            }
            for entry, written in lines
        ],
    )


def _swapped(place: Place, connection: Connection) -> None:
    lines = _lines(place, connection)
    for seq, line in ((1, lines[2]), (2, lines[1])):
        connection.execute(
            text("UPDATE journal SET line = :line WHERE reference = :of AND seq = :seq"),
            {"line": line, "of": place.created, "seq": seq},
        )


Change = Callable[[Place, list[str]], list[str]]


def _told(change: Change) -> Harm:
    """Change the lines of the code's message."""

    def do(place: Place, connection: Connection) -> None:
        of = {"of": place.code}
        history = connection.execute(text("SELECT history FROM outbox WHERE id = :of"), of).one()
        changed = {"told": "\n".join(change(place, history[0].split("\n")))}
        connection.execute(text("UPDATE outbox SET history = :told WHERE id = :of"), of | changed)

    return do


def _told_anew(seal: Callable[[Place], str | None]) -> Harm:
    """Have the message refused, by lines whose chain holds."""

    def change(place: Place, lines: list[str]) -> list[str]:
        written, previous = [], ""
        for line in lines:
            data = json.loads(line.replace("handed_over", "refused_permanently"))
            body = {name: it for name, it in data.items() if name not in {"hash", "seal"}}
            body["previous"] = previous
            sealed = seal(place)
            body |= {} if sealed is None else {"seal": sealed}
            previous = sha256(_dumped(body).encode()).hexdigest()
            written.append(_dumped({**body, "hash": previous}))
        return written

    refused = _does("UPDATE outbox SET status = 'failed' WHERE id = :of", "code")
    return _both(_told(change), refused)


def _dumped(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


_ROW_GONE = _does("DELETE FROM journeys WHERE reference = :of")
_ALL_GONE = _does("DELETE FROM journal WHERE reference = :of")
_LAST_GONE = _does(
    "DELETE FROM journal WHERE reference = :of"
    " AND seq = (SELECT max(seq) FROM journal WHERE reference = :of)"
)
_UNSEALED = "la ligne 0 ne porte pas de sceau, et date d'un temps où toutes en portent"
_OTHER_KEY = "la ligne 0 est scellée sous une clé qui n'est pas parmi celles données"
_CUT = "ses lignes sont coupées après la ligne 0 : elles ne disent pas la fin qu'il a eue"
_DAY = (NOW - timedelta(days=1)).date().isoformat()

HARMS: dict[str, tuple[Harm, str]] = {
    # the six of « verify says all holds »
    "line 0 deleted": (
        _does("DELETE FROM journal WHERE reference = :of AND seq = 0"),
        "ABÎMÉ    {created}   la ligne 0 manque",
    ),
    "all lines deleted": (_ALL_GONE, "ABÎMÉ    {created}   le journal est vide"),
    "all lines deleted, and the journey": (
        _both(_ALL_GONE, _ROW_GONE),
        f"TÊTE     n° 1   du {_DAY}, elle couvrait 8 lignes, il y en a 2",
    ),
    "moved under another reference": (
        _under("ZZZZ-ZZZZ", rewritten=False),
        "ABÎMÉ    ZZZZ-ZZZZ   des lignes sont d'un autre parcours",
    ),
    "moved and told so": (
        _under("ZZZZ-ZZZZ", rewritten=True),
        "ABÎMÉ    ZZZZ-ZZZZ   la ligne 0 a été modifiée",
    ),
    "moved with the journey, and chained anew": (
        _both(
            _rewritten("created", reference="ZZZZ-ZZZZ"),
            _under("ZZZZ-ZZZZ", rewritten=False),
            _does(
                "UPDATE journeys SET reference = 'ZZZZ-ZZZZ',"
                " journey = replace(journey, reference, 'ZZZZ-ZZZZ') WHERE reference = :of"
            ),
        ),
        f"TÊTE     n° 1   du {_DAY}, elle couvrait d'autres lignes que celles qui sont là",
    ),
    "the stored state edited": (
        _stored('"state":"choose_channel"', '"state":"choose_password"'),
        "ABÎMÉ    {today}   le parcours enregistré n'est pas là où son journal finit",
    ),
    "rewritten with its chain": (
        _rewritten("created"),
        f"TÊTE     n° 1   du {_DAY}, elle couvrait d'autres lignes que celles qui sont là",
    ),
    "rewritten with its chain, uncovered": (
        _rewritten("today"),
        f"ABÎMÉ    {{today}}   {_UNSEALED}",
    ),
    "cut at its end, the journey gone": (
        _both(_LAST_GONE, _ROW_GONE),
        f"TÊTE     n° 1   du {_DAY}, elle couvrait 8 lignes, il y en a 7",
    ),
    # and others
    "cut at its end": (_LAST_GONE, "ABÎMÉ    {created}   le journal est coupé après la ligne 4"),
    "a verdict edited": (
        _edited('"identity":"match"', '"identity":"rpps_unknown"'),
        "ABÎMÉ    {created}   la ligne 1 a été modifiée",
    ),
    "an effect removed": (
        _edited('"notices":[]', '"notices":["code.wrong"]'),
        "ABÎMÉ    {created}   la ligne 1 a été modifiée",
    ),
    "a line cut short": (
        _edited('"screen"', "\x1b"),
        "ABÎMÉ    {created}   une ligne n'est pas une ligne de journal",
    ),
    "two lines swapped": (_swapped, "ABÎMÉ    {created}   la ligne 1 manque"),
    "a number given twice": (
        _edited('"seq":1', '"seq":2'),
        "ABÎMÉ    {created}   la ligne 2 a été modifiée",
    ),
    "the time moved in the line": (
        _edited('"at":"20', '"at":"19'),
        "ABÎMÉ    {created}   la ligne 1 a été modifiée",
    ),
    "the time moved beside the line": (
        _does("UPDATE journal SET at = at - 1 WHERE reference = :of AND seq = 1"),
        "ABÎMÉ    {created}   la ligne 1 n'est pas à la place ou à l'heure qu'elle dit",
    ),
    "the number moved beside the line": (
        _does("UPDATE journal SET seq = 99 WHERE reference = :of AND seq = 5"),
        "ABÎMÉ    {created}   la ligne 5 n'est pas à la place ou à l'heure qu'elle dit",
    ),
    "a seal taken off": (
        _edited('"seal":', '"sea1":'),
        "ABÎMÉ    {created}   la ligne 1 a été modifiée",
    ),
    "sealed with another key": (
        _rewritten("today", OTHER),
        f"ABÎMÉ    {{today}}   {_OTHER_KEY}",
    ),
    "sealed with an invented seal": (
        _rewritten("today", seal="0" * 64),
        "ABÎMÉ    {today}   le sceau de la ligne 0 n'est pas de ce service : elle a été réécrite",
    ),
    "copied in from another database": (
        _copied_in,
        f"ABÎMÉ    AAAA-BBBB   {_OTHER_KEY}",
    ),
    "a hash edited": (
        _does("UPDATE journeys SET journal_hash = 'x' WHERE reference = :of", "today"),
        "ABÎMÉ    {today}   le journal est coupé après la ligne 1",
    ),
    "a journey that is no journey": (
        _does("UPDATE journeys SET journey = '[]' WHERE reference = :of", "today"),
        "ABÎMÉ    {today}   le parcours enregistré n'est pas là où son journal finit",
    ),
    "what the journey remembers edited": (
        _stored('"terms_version":"2026-01"', '"terms_version":"2025-01"'),
        "ABÎMÉ    {today}   le parcours enregistré n'est pas là où son journal finit",
    ),
    "a journey that never was": (
        _does("UPDATE journeys SET reference = 'AAAA-AAAA' WHERE reference = :of", "today"),
        "ABÎMÉ    AAAA-AAAA   le journal est vide",
    ),
    "covered by no head any more": (
        _does("UPDATE journal SET head = NULL WHERE reference = :of AND seq = 1"),
        f"TÊTE     n° 1   du {_DAY}, elle couvrait 8 lignes, il y en a 7",
    ),
    "covered by a head that is none": (
        _does("UPDATE journal SET head = 7 WHERE reference = :of", "today"),
        "TÊTE     n° 7   elle manque",
    ),
    # what became of messages
    "a message's line edited": (
        _told(lambda _, lines: [lines[0], lines[1].replace('"attempts":1', '"attempts":2')]),
        "MESSAGE  {code}   la ligne 1 a été modifiée",
    ),
    "a message's first line cut": (
        _told(lambda _, lines: lines[1:]),
        "MESSAGE  {code}   la ligne 0 manque",
    ),
    "a message's last line cut": (
        _told(lambda _, lines: lines[:1]),
        f"MESSAGE  {{code}}   {_CUT}",
    ),
    "a message's lines swapped": (
        _told(lambda _, lines: [*reversed(lines)]),
        "MESSAGE  {code}   la ligne 0 manque",
    ),
    "a message's line cut short": (
        _told(lambda _, lines: [lines[0], lines[1][:-9]]),
        "MESSAGE  {code}   une ligne n'est pas une ligne de journal",
    ),
    "a message's lines moved to another": (
        _does(
            "UPDATE outbox SET history = (SELECT history FROM outbox AS o WHERE o.id = :code)"
            " WHERE id = :letter",
        ),
        "MESSAGE  {letter}   des lignes sont d'un autre message",
    ),
    "a message told anew without a seal": (
        _told_anew(lambda _: None),
        f"MESSAGE  {{code}}   {_UNSEALED}",
    ),
    "a message told anew with an invented seal": (
        _told_anew(lambda place: f"{place.secrets.ids[0]}:{'0' * 64}"),
        "MESSAGE  {code}   le sceau de la ligne 0 n'est pas de ce service : elle a été réécrite",
    ),
    "a message told anew under another key": (
        _told_anew(lambda _: f"{OTHER.ids[0]}:{'0' * 64}"),
        f"MESSAGE  {{code}}   {_OTHER_KEY}",
    ),
    "a message deleted": (
        _does("DELETE FROM outbox WHERE id = :of", "code"),
        "MESSAGE  {code}   il manque : la ligne 2 du journal l'a envoyé",
    ),
    "a message moved to another journey": (
        _does("UPDATE outbox SET journey = 'ZZZZ-ZZZZ' WHERE id = :of", "code"),
        "MESSAGE  {code} de ZZZZ-ZZZZ   des lignes sont d'un autre parcours",
    ),
    "a message of another time": (
        _does("UPDATE outbox SET created_at = created_at - 1 WHERE id = :of", "code"),
        "MESSAGE  {code}   la ligne 0 n'est pas à la place ou à l'heure qu'elle dit",
    ),
    "a message without its lines": (
        _both(
            _does(
                "UPDATE outbox SET created_at = created_at - 259200000000 WHERE id = :of", "letter"
            ),
            _does("UPDATE outbox SET history = NULL WHERE id = :of", "code"),
        ),
        "MESSAGE  {code}   ses lignes manquent, et il date d'un temps où tous en portent",
    ),
    "a journal deleted, its messages left": (
        _both(_ALL_GONE, _ROW_GONE),
        "ABÎMÉ    {created}   le journal est vide",
    ),
    "a head deleted": (
        _does("DELETE FROM journal_heads WHERE number = 0"),
        "TÊTE     n° 0   elle manque",
    ),
    "the last head deleted": (
        _does("DELETE FROM journal_heads WHERE number = 1"),
        "TÊTE     n° 1   elle manque",
    ),
    "a head edited": (
        _head(lambda head: head.replace('"lines":8', '"lines":6')),
        "TÊTE     n° 1   elle a été modifiée",
    ),
    "a head forged": (
        _head(_forged),
        "TÊTE     n° 1   son sceau n'est pas de ce service : elle a été réécrite",
    ),
    "a head that is none": (_head(lambda _: "{}"), "TÊTE     n° 1   ce n'est pas une tête"),
    "heads moved": (
        _does("UPDATE journal_heads SET number = 3 WHERE number = 1"),
        "TÊTE     n° 2   elle manque",
    ),
}


@pytest.mark.parametrize("name", HARMS)
def test_harm_is_found_and_told(name: str, place: Place, call: Call) -> None:
    """With whose journal it is, or the head that covers it; and the others are gone through."""
    harm, told = HARMS[name]
    with place.connected() as connection:
        harm(place, connection)
    ended = call("verify", "--config", place.config)
    expected = told
    for it in ("created", "today", "code", "letter"):
        expected = expected.replace(f"{{{it}}}", getattr(place, it))

    assert ended.exit_code == 5, ended.output
    assert expected in ended.stdout.splitlines()
    assert "\x1b" not in ended.stdout
    found = checked(call("verify", "--config", place.config, "--json").stdout)
    assert found["damaged"] or found["heads"] or found["sent"]


# --- what is no harm -----------------------------------------------------------------------------


def test_all_holds_where_nobody_did_anything(place: Place, call: Call) -> None:
    ended = call("verify", "--config", place.config, "--heads", place.exported)

    assert ended.stdout == (
        "Vérifié : 3 journaux, 10 lignes, 2 messages.\n"
        "Tout tient : chaînes entières, règles tenues.\n"
    )
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert checked(call("verify", "--config", place.config, "--json").stdout)["seals"] == {
        "checked": True, "sealed": 10, "unsealed": 0, "uncovered": 2,
    }  # fmt: skip


def test_the_end_of_a_journey_s_life_is_no_harm(place: Place, call: Call) -> None:
    """A journey goes before its journal does, by a purge or by an erasure."""
    place.storage.purge(NOW + timedelta(days=2), NOW - RETENTION)

    assert call("verify", "--config", place.config).exit_code == 0


def test_the_end_of_a_journal_s_life_is_no_harm(place: Place, call: Call) -> None:
    """The head that is written before each purge tells up to when lines may be gone."""
    cut = NOW - timedelta(minutes=90)
    list(write_heads(place.storage, place.secrets, NOW, cut + timedelta(days=1)))
    place.storage.purge(NOW, cut)
    with place.connected() as connection:
        left = connection.execute(text("SELECT count(DISTINCT reference) FROM journal")).scalar()

    assert left == 1
    # Journeys of yesterday would have gone with them.
    with place.connected() as connection:
        connection.execute(text("DELETE FROM journeys WHERE reference <> :of"), {"of": place.today})
    assert call("verify", "--config", place.config).exit_code == 0


def test_a_journey_that_outlives_its_journal_is_no_harm(place: Place, call: Call) -> None:
    """An account's does, when a host shortens the retention."""
    list(write_heads(place.storage, place.secrets, NOW, NOW - timedelta(hours=2)))
    with place.connected() as connection:
        _ALL_GONE(place, connection)
        _does("DELETE FROM journal WHERE reference = :of", "refused")(place, connection)

    ended = call("verify", "--config", place.config)
    assert "le journal est vide" not in ended.stdout


def test_lines_of_before_seals_are_told_and_no_harm(place: Place, call: Call) -> None:
    """As long as the first head is young, a former version may still write them."""
    with place.connected() as connection:
        _rewritten("today")(place, connection)
        connection.execute(text("DELETE FROM journal_heads"))
        connection.execute(text("UPDATE journal SET head = NULL"))
    ended = call("verify", "--config", place.config)

    assert ended.exit_code == 0
    flat = " ".join(ended.stderr.split())
    assert "2 lignes d'avant les sceaux : seule la chaîne en est vérifiée" in flat
    assert "Aucune tête n'est écrite : un journal effacé en entier ne se verrait pas" in flat
    list(write_heads(place.storage, place.secrets, NOW, NOW - RETENTION))
    assert call("verify", "--config", place.config).exit_code == 0


def test_an_unsealed_line_does_not_pass_by_being_covered(place: Place, call: Call) -> None:
    """Written into a service whose lines are sealed, it stays one when the next head covers it."""
    with place.connected() as connection:
        _rewritten("today")(place, connection)
    list(write_heads(place.storage, place.secrets, NOW, NOW - RETENTION))

    assert call("verify", "--config", place.config).exit_code == 5


def test_messages_of_before_they_had_lines_are_no_harm(place: Place, call: Call) -> None:
    """As long as the first that has some is young, a former version may still queue others."""
    with place.connected() as connection:
        _does("UPDATE outbox SET history = NULL WHERE id = :of", "code")(place, connection)

    assert call("verify", "--config", place.config).exit_code == 0


def test_a_message_of_a_later_version_is_told(place: Place, call: Call) -> None:
    newer = _told(lambda _, lines: [it.replace("delivery/1", "delivery/2") for it in lines])
    with place.connected() as connection:
        newer(place, connection)
    ended = call("verify", "--config", place.config)

    assert ended.exit_code == 6
    assert f"MESSAGE  {place.code}   une ligne est au format delivery/2" in ended.stdout


def test_the_lines_of_messages_in_an_export_are_checked(
    place: Place, call: Call, tmp_path: Path
) -> None:
    """By what they say of each other: an export has no rows."""
    file = tmp_path / "all.jsonl"
    why = ("--purpose", "test", "--ticket", "SD-1")
    call("export", "--all", "--config", place.config, "-o", file, *why)
    whole = file.read_text("utf-8")
    keys = ("--keys", read_settings(place.config).keys_file)
    edited = whole.replace('"fate":"handed_over"', '"fate":"given_up"', 1)
    file.write_text(edited, "utf-8")
    ended = call("verify", file, *keys)

    assert ended.exit_code == 5
    assert f"MESSAGE  {place.code}   la ligne 1 a été modifiée" in ended.stdout
    file.write_text(whole.replace('"message":', '"massage":', 1), "utf-8")
    told = call("verify", file, *keys).stdout
    assert f"MESSAGE  ? de {place.created}   la ligne 0 a été modifiée" in told


# --- heads elsewhere -----------------------------------------------------------------------------


def test_heads_that_are_gone_with_their_lines_are_found_by_their_copy(
    place: Place, call: Call
) -> None:
    """A database put back to what it was yesterday is whole: only what is kept elsewhere tells."""
    with place.connected() as connection:
        _ROW_GONE(place, connection)
        _ALL_GONE(place, connection)
        connection.execute(text("DELETE FROM journal WHERE head = 1"))
        connection.execute(
            text("DELETE FROM journeys WHERE reference = :of"), {"of": place.refused}
        )
        connection.execute(text("DELETE FROM journal_heads WHERE number = 1"))
        connection.execute(text("DELETE FROM outbox"))

    assert call("verify", "--config", place.config).exit_code == 0
    ended = call("verify", "--config", place.config, "--heads", place.exported)
    assert ended.exit_code == 5
    assert "TÊTE     n° 1   elle manque" in ended.stdout


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda head: head.replace('"number":1', '"number":2'), "exportée   elle a été modifiée"),
        (_forged, "n° 1   son sceau n'est pas de ce service : elle a été réécrite"),
    ],
    ids=["edited", "forged"],
)
def test_a_copy_that_was_edited_is_told(
    change: Callable[[str], str], told: str, place: Place, call: Call, tmp_path: Path
) -> None:
    with place.storage.heads() as stored:
        last = stored.since(1)[0]
    copy = tmp_path / "heads.jsonl"
    copy.write_text(f"Nov 28 host kernel: nothing\n{change(last)}\n", "utf-8")

    assert told in call("verify", "--config", place.config, "--heads", copy).stdout


def test_a_copy_of_another_history_is_told(place: Place, call: Call, tmp_path: Path) -> None:
    with place.connected() as connection:
        connection.execute(text("DELETE FROM journal_heads WHERE number = 1"))
        connection.execute(text("UPDATE journal SET head = NULL"))
    list(write_heads(place.storage, place.secrets, NOW, NOW - RETENTION))
    ended = call("verify", "--config", place.config, "--heads", place.exported)

    assert "TÊTE     n° 1   ce n'est pas celle qui a été exportée" in ended.stdout


def test_a_copy_is_compared_with_a_database_only(place: Place, call: Call) -> None:
    ended = call("verify", place.exported, "--heads", place.exported)

    assert ended.exit_code == 2
    assert "--heads se compare à la base" in ended.stderr


# --- keys ----------------------------------------------------------------------------------------


def test_without_keys_it_is_said_that_seals_were_not_checked(
    place: Place, call: Call, tmp_path: Path
) -> None:
    """An export is checked by its chain; with keys by its seals too."""
    file = tmp_path / "all.jsonl"
    why = ("--purpose", "test", "--ticket", "SD-1")
    call("export", "--all", "--config", place.config, "-o", file, *why)
    ended = call("verify", file)

    assert ended.exit_code == 0
    assert " ".join(ended.stderr.split()) == (
        "Sceaux non vérifiés (aucune clé n'est donnée) : seules les chaînes l'ont été. "
        "Donnez --keys CLÉS"
    )
    keys = read_settings(place.config).keys_file
    assert call("verify", file, "--keys", keys).stderr == ""
    other = tmp_path / "other"
    other.write_text("b29vb29vb29vb29vb29vb29vb29vb29vb29vb29vb28=\n", "utf-8")
    other.chmod(0o600)
    assert call("verify", file, "--keys", other).exit_code == 5
    other.chmod(0o644)
    assert call("verify", file, "--keys", other).exit_code == 2


def test_keys_that_cannot_be_read_leave_the_chains(place: Place, call: Call) -> None:
    keys = read_settings(place.config).keys_file
    keys.chmod(0o644)
    try:
        ended = call("verify", "--config", place.config)
    finally:
        keys.chmod(0o600)

    assert ended.exit_code == 0
    assert "Sceaux non vérifiés" in ended.stderr
    assert "d'autres peuvent le lire" in ended.stderr


def test_lines_of_a_key_that_went_are_vouched_for_by_their_head(
    place: Place, call: Call, tmp_path: Path
) -> None:
    """It was checked as it was covered; a head is sealed anew under another key."""
    keys = read_keys(read_settings(place.config).keys_file)
    fresh = tmp_path / "fresh"
    fresh.write_text("bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU=\n", "utf-8")
    fresh.chmod(0o600)
    both = KeyedSecrets(Keys((*read_keys(fresh).values, *keys.values)))
    list(write_heads(place.storage, both, NOW, NOW - RETENTION))
    with place.storage.heads() as stored:
        for head in stored.since(0):
            stored.reseal_head(head, partial(both.digests, "head"))
    ended = call("verify", "--config", place.config, "--keys", fresh)

    assert ended.exit_code == 0, ended.output


def test_old_lines_without_a_head_are_told(place: Place, call: Call) -> None:
    with place.connected() as connection:
        connection.execute(text("DELETE FROM journal_heads WHERE number = 1"))
        connection.execute(text("UPDATE journal SET head = NULL"))
    ended = call("verify", "--config", place.config)

    assert ended.exit_code == 0
    assert "10 lignes ne sont couvertes par aucune tête" in " ".join(ended.stderr.split())


# --- writing heads -------------------------------------------------------------------------------


def test_heads_are_written_by_a_verb_and_by_each_purge(
    place: Place, call: Call, tmp_path: Path
) -> None:
    copy = tmp_path / "heads.jsonl"
    first = call("journal", "head", "--config", place.config)
    call("journal", "head", "--config", place.config, "--append", copy)
    purged = call("purge", "--config", place.config)
    written = call("journal", "heads", "--config", place.config, "--since", "2")

    assert [read_head(line).number for line in written.stdout.splitlines()] == [2, 3, 4]
    assert [read_head(line).lines for line in written.stdout.splitlines()] == [2, 0, 0]
    assert written.stdout.startswith(first.stdout + copy.read_text("utf-8"))
    assert purged.stderr == ""
    assert call("verify", "--config", place.config, "--heads", copy).exit_code == 0
    nowhere = call("journal", "head", "--config", place.config, "--append", tmp_path / "no" / "x")
    assert nowhere.exit_code == 2
    assert "monespace journal heads" in nowhere.stderr


def test_a_purge_goes_on_where_no_head_can_be_written(place: Place, call: Call) -> None:
    keys = read_settings(place.config).keys_file
    keys.chmod(0o644)
    try:
        ended = call("purge", "--config", place.config)
    finally:
        keys.chmod(0o600)

    assert ended.exit_code == 0
    assert "no head of the journals was written" in ended.stderr
