"""What every registry must do, and how a file becomes one."""

from collections.abc import Iterator
from contextlib import closing
from csv import DictReader
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest

from monespace_backends.registry import FRENCH_DIAL_CODES, HttpSource, SqlSource
from monespace_backends.registry.file import CsvRegistry, install_registry, write_demo_registry
from monespace_backends.registry.index import IndexedRegistry
from monespace_backends.registry.opening import close_registry, open_registry
from monespace_backends.registry.rows import Fault, RegistryChange, RegistryFileInvalid
from monespace_flows.errors import PortUnavailable
from monespace_flows.facts import Channel, Role
from monespace_flows.ports import Registry, RegistryAnswer, RegistryVerdict
from monespace_flows.testing.contracts import Candidate, Make, People, RegistryContract
from monespace_flows.testing.registry import MemoryRegistry, demo_registry
from tests.servers import doctors
from tests.servers.registry import KEY, serving

from .registry_files import Write

JOHN = "99000000002,1975-06-17,medecin,inscrit,+33612345678,john@cn.example,Paris,Médecin,John"
LEA = "99000000044,1994-09-12,docteur_junior,inscrit,,,,,"
RENE = "99000000051,1960-01-01,medecin,radie,+33600000001,rene@cn.example,,,"
EVE = "99000000069,,interne,inscrit,,,,,"
BELGIAN = "99000000077,1979-07-14,medecin,inscrit,+32470123456,,,,"


SOURCES = (
    "csv",
    "index",
    "memory",
    "http",
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.postgres),
)


@pytest.fixture(params=SOURCES)
def registry(request: pytest.FixtureRequest, write: Write, tmp_path: Path) -> Iterator[Registry]:
    if request.param == "csv":
        yield CsvRegistry.read(write(JOHN, LEA, RENE, EVE))
    elif request.param == "index":
        target = tmp_path / "registry.sqlite"
        install_registry(write(JOHN, LEA, RENE, EVE), target)
        with closing(IndexedRegistry(target, FRENCH_DIAL_CODES, 5)) as index:
            yield index
    elif request.param == "memory":
        yield _in_memory()
    elif request.param == "http":
        with serving(_in_memory()) as service:
            source = HttpSource(url=service.url, key=KEY)
            asking = open_registry(source, FRENCH_DIAL_CODES)
            yield asking
            close_registry(asking)
    else:
        with doctors.table(request.param, request, tmp_path, *_PEOPLE) as url:
            asking = open_registry(SqlSource(url=url, table="doctors"), FRENCH_DIAL_CODES)
            yield asking
            close_registry(asking)


_PEOPLE = (JOHN, LEA, RENE, EVE)


def _in_memory() -> MemoryRegistry:
    memory = MemoryRegistry()
    memory.add(
        "99000000002",
        date(1975, 6, 17),
        mobile="+33612345678",
        email="john@cn.example",
        council="Paris",
        family_name="Médecin",
        given_name="John",
    )
    memory.add("99000000044", date(1994, 9, 12), role=Role.JUNIOR_DOCTOR)
    memory.add("99000000051", date(1960, 1, 1), status="radie")
    memory.add("99000000069", None, role=Role.INTERN)
    return memory


class TestKit(RegistryContract):
    """What hosts' own must do, too."""

    @pytest.fixture
    def make(self, registry: Registry) -> Make:
        people = People(
            admitted=("99000000002", date(1975, 6, 17)),
            refused=("99000000051", date(1960, 1, 1)),
            unknown="99000000010",
        )
        return lambda: Candidate(registry=registry, people=people)


class TestContract:
    """What those of ours must do besides."""

    def test_a_right_pair_brings_the_doctor(self, registry: Registry) -> None:
        answer = registry.verify("99000000002", date(1975, 6, 17))

        assert answer.verdict is RegistryVerdict.MATCH
        assert answer.doctor is not None
        assert answer.doctor.rpps == "99000000002"
        assert answer.doctor.role is Role.DOCTOR
        assert answer.doctor.destination(Channel.SMS) == "+33612345678"
        assert answer.doctor.destination(Channel.EMAIL) == "john@cn.example"
        assert (
            answer.doctor.family_name,
            answer.doctor.given_name,
            answer.doctor.council,
        ) == ("Médecin", "John", "Paris")

    def test_whose_birth_date_nobody_knows_has_another(self, registry: Registry) -> None:
        answer = registry.verify("99000000069", date(1975, 6, 17))

        assert answer == RegistryAnswer(RegistryVerdict.BIRTH_DATE_DIFFERS)

    def test_unknown_details_are_unknown(self, registry: Registry) -> None:
        lea = registry.doctor("99000000044")

        assert lea is not None
        assert lea.role is Role.JUNIOR_DOCTOR
        assert (lea.mobile, lea.email, lea.council) == (None, None, None)


class TestMemory:
    """What tests may do with the memory twin."""

    @pytest.fixture
    def memory(self) -> MemoryRegistry:
        registry = MemoryRegistry()
        registry.add("99000000002", date(1975, 6, 17), mobile="+33612345678")
        return registry

    def test_people_change(self, memory: MemoryRegistry) -> None:
        changed = memory.change(
            "99000000002", status="radie", birth_date=date(1976, 1, 1), mobile=None
        )

        assert changed.mobile is None
        assert (
            memory.verify("99000000002", date(1976, 1, 1)).verdict is RegistryVerdict.NOT_ADMITTED
        )

    def test_nobody_cannot_change(self, memory: MemoryRegistry) -> None:
        with pytest.raises(KeyError):
            memory.change("99000000010", status="radie")

    def test_people_go(self, memory: MemoryRegistry) -> None:
        memory.remove("99000000002")
        memory.remove("99000000002")

        assert len(memory) == 0

    def test_it_fails_when_told_to(self, memory: MemoryRegistry) -> None:
        memory.fail_next(2)

        with pytest.raises(PortUnavailable, match="registry"):
            memory.verify("99000000002", date(1975, 6, 17))
        with pytest.raises(PortUnavailable, match="registry"):
            memory.doctor("99000000002")
        assert memory.doctor("99000000002") is not None


class TestFile:
    """How the reader of files takes what is right."""

    def test_columns_in_any_order_and_others_ignored(self, write: Write) -> None:
        registry = CsvRegistry.read(
            write(
                "x,Paris,,+33612345678,inscrit,interne,1975-06-17,99000000002",
                "",
                header="note,council,email,mobile,status,role,birth_date,rpps",
            )
        )

        doctor = registry.doctor("99000000002")
        assert doctor is not None
        assert (doctor.council, doctor.role) == ("Paris", Role.INTERN)

    def test_a_spreadsheet_s_mark_and_line_ends(self, write: Write) -> None:
        path = write(JOHN)
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

        assert len(CsvRegistry.read(path)) == 1

    @pytest.mark.parametrize(
        "cells", ["Médecin,INSCRIT", "MEDECIN, inscrit ", "medecin,\u200binscrit"]
    )
    def test_case_accents_and_what_cannot_be_seen_do_not_count(
        self, write: Write, cells: str
    ) -> None:
        registry = CsvRegistry.read(write(f"99000000002,1975-06-17,{cells},,,,,"))

        answer = registry.verify("99000000002", date(1975, 6, 17))
        assert answer.verdict is RegistryVerdict.MATCH

    def test_a_junior_doctor_is_one_in_two_words(self, write: Write) -> None:
        row = "99000000002,1975-06-17,Docteur junior,inscrit,,,,,"
        doctor = CsvRegistry.read(write(row)).doctor("99000000002")

        assert doctor is not None
        assert doctor.role is Role.JUNIOR_DOCTOR

    @pytest.mark.parametrize(
        "birth_date", ["1980-00-00", "1980-03-00", "1980-00-17", "0000-00-00", "0000-03-17", ""]
    )
    def test_a_birth_date_that_nobody_knows_matches_none(
        self, write: Write, birth_date: str
    ) -> None:
        """Born abroad, without a day: the row stays, nobody comes in by it, and it is told."""
        registry = CsvRegistry.read(write(f"99000000002,{birth_date},medecin,inscrit,,,,,"))

        answer = registry.verify("99000000002", date(1980, 3, 1))
        assert answer.verdict is RegistryVerdict.BIRTH_DATE_DIFFERS
        assert registry.doctor("99000000002") is not None
        assert [fault.line for fault in registry.content.warnings] == [2]

    @pytest.mark.parametrize("cells", ["medecin,", "medecin,suspendu", ",inscrit", "medecin,X"])
    def test_only_who_is_registered_is_admitted(self, write: Write, cells: str) -> None:
        registry = CsvRegistry.read(write(f"99000000002,1975-06-17,{cells},,,,,"))

        answer = registry.verify("99000000002", date(1975, 6, 17))
        assert answer.verdict is RegistryVerdict.NOT_ADMITTED

    @pytest.mark.parametrize(
        ("mobile", "usable"),
        [
            ("+33712345678", True),
            ("+590690123456", True),
            ("+262692123456", True),
            ("+687751234", True),
            ("+32470123456", False),
            ("+12025550123", False),
        ],
    )
    def test_sd_04_codes_go_to_french_mobiles_only(
        self, write: Write, mobile: str, usable: bool
    ) -> None:
        """A foreign number on file is no fault: it is just not offered (SD-04)."""
        row = f"99000000002,1975-06-17,medecin,inscrit,{mobile},,,,"
        doctor = CsvRegistry.read(write(row)).doctor("99000000002")

        assert doctor is not None
        assert (mobile if usable else None) == doctor.mobile

    def test_the_host_may_add_countries(self, write: Write) -> None:
        row = "99000000002,1975-06-17,medecin,inscrit,+32470123456,,,,"
        registry = CsvRegistry.read(write(row), dial_codes=frozenset({32}))

        doctor = registry.doctor("99000000002")
        assert doctor is not None
        assert doctor.mobile == "+32470123456"

    def test_progress_is_told_line_by_line(self, write: Write) -> None:
        seen: list[int] = []
        CsvRegistry.read(write(JOHN, "", LEA), progress=seen.append)

        assert seen == [2, 4]

    def test_reload_takes_the_new_content(self, write: Write) -> None:
        registry = CsvRegistry.read(write(JOHN))
        write(LEA)
        registry.reload()

        assert registry.doctor("99000000002") is None
        assert registry.doctor("99000000044") is not None

    def test_reload_leaves_out_a_row_and_tells_its_line(
        self, write: Write, caplog: pytest.LogCaptureFixture
    ) -> None:
        """One bad row turns nobody else away, and the log repeats nothing that it holds."""
        registry = CsvRegistry.read(write(JOHN, LEA))
        assert caplog.text == ""

        write(JOHN, LEA.replace("1994-09-12", "1994-09-31"), EVE, BELGIAN)
        registry.reload()

        assert registry.doctor("99000000002") is not None
        assert registry.doctor("99000000044") is None
        told = "rows left out: 1 (line 3); values taken for unknown: 2 (lines 4, 5)"
        assert caplog.messages == [f"the registry has faults: 3 people, 3 admitted; {told}"]

    def test_the_log_tells_twenty_lines(
        self, write: Write, caplog: pytest.LogCaptureFixture
    ) -> None:
        bad = [f"9900000{number:04},1980-02-31,medecin,inscrit,,,,," for number in range(25)]
        good = [f"9910000{number:04},1980-02-28,medecin,inscrit,,,,," for number in range(25)]
        CsvRegistry.read(write(*bad, *good))

        assert "rows left out: 25 (lines 2, 3, 4" in caplog.text
        assert "21 and 5 more)" in caplog.text

    @pytest.mark.parametrize(
        "rows",
        [
            (LEA, LEA.replace("1994", "1993")),
            (LEA, *["x,y,z,inscrit,,,,,"] * 11),
            (LEA, '99000000010,"1994-09-12,interne,inscrit,,,,,', EVE),
        ],
    )
    def test_reload_keeps_the_old_content_when_the_new_cannot_be_used(
        self, write: Write, rows: tuple[str, ...]
    ) -> None:
        """Most rows are unusable, or one swallows the others: it is the file that is wrong."""
        registry = CsvRegistry.read(write(JOHN))
        write(*rows)
        with pytest.raises(RegistryFileInvalid):
            registry.reload()

        assert registry.doctor("99000000002") is not None
        assert registry.doctor("99000000044") is None


class TestInstall:
    """Putting a new registry in the place of the old one."""

    @pytest.fixture
    def target(self, tmp_path: Path) -> Path:
        target = tmp_path / "used.csv"
        target.write_text("old")
        return target

    def test_a_good_one_replaces_it(self, write: Write, target: Path) -> None:
        assert len(install_registry(write(JOHN, LEA), target).entries) == 2
        assert len(CsvRegistry.read(target)) == 2
        assert target.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("rows", ["all", "usable"])
    def test_so_does_one_with_an_unusable_contact(
        self, write: Write, target: Path, rows: Literal["all", "usable"]
    ) -> None:
        """The contact is unknown, and told."""
        source = write(JOHN, LEA.replace("inscrit,", "inscrit,0142345678"))
        content = install_registry(source, target, rows=rows)

        assert content.warnings == (Fault(3, "mobile is not a mobile number"),)
        assert target.read_bytes() == source.read_bytes()

    @pytest.mark.parametrize(
        ("rows", "lines"),
        [
            (("all", JOHN, LEA, LEA.replace("1994", "1993")), [3, 4]),
            (("flawless", JOHN, EVE), [3]),
            (("flawless", JOHN, LEA, "x" + EVE), [4]),
            (("usable", LEA, LEA.replace("1994", "1993"), "x" + EVE), [0, 2, 3, 4]),
        ],
    )
    def test_a_faulty_one_changes_nothing(
        self, write: Write, target: Path, rows: tuple[Any, ...], lines: list[int]
    ) -> None:
        """An unusable row is too much, or any fault; most rows unusable always are."""
        with pytest.raises(RegistryFileInvalid) as caught:
            install_registry(write(*rows[1:]), target, rows=rows[0])

        assert [fault.line for fault in caught.value.faults] == lines
        assert target.read_text() == "old"
        names = sorted(path.name for path in target.parent.iterdir())
        assert names == ["registry.csv", "used.csv"]

    def test_it_may_be_put_in_place_without_some_rows(self, write: Write, target: Path) -> None:
        """Who reads it leaves them out each time."""
        source = write(JOHN, LEA, EVE.replace("interne", "dentiste"))
        content = install_registry(source, target, rows="usable")

        assert [fault.line for fault in content.faults] == [4]
        assert len(CsvRegistry.read(target)) == 2


class TestDemo:
    """The registry of invented people that comes with the demo."""

    def test_it_is_written_once(self, tmp_path: Path) -> None:
        path = tmp_path / "registry.csv"

        assert write_demo_registry(path)
        assert path.stat().st_mode & 0o777 == 0o600
        path.write_text("mine")
        assert not write_demo_registry(path)
        assert path.read_text() == "mine"

    def test_everybody_in_it_can_be_read(self, tmp_path: Path) -> None:
        path = tmp_path / "registry.csv"
        write_demo_registry(path)
        registry = CsvRegistry.read(path)

        assert len(registry) == 9
        guadeloupe = registry.doctor("99000000077")
        assert guadeloupe is not None
        assert guadeloupe.mobile == "+590690123456"

    def test_the_sandbox_knows_the_same_people(self, tmp_path: Path) -> None:
        path = tmp_path / "registry.csv"
        write_demo_registry(path)
        registry, sandbox = CsvRegistry.read(path), demo_registry()
        pairs = [
            (row["rpps"], date.fromisoformat(row["birth_date"]))
            for row in DictReader(path.read_text("utf-8").splitlines())
        ]

        assert len(pairs) == len(registry) == len(sandbox)
        assert [registry.verify(*pair) for pair in pairs] == [
            sandbox.verify(*pair) for pair in pairs
        ]


def people(count: int, first: int = 0) -> list[str]:
    return [
        f"9910{number:07},1980-02-28,medecin,inscrit,,,,," for number in range(first, first + count)
    ]


@pytest.mark.parametrize("name", ["registry.csv", "registry.sqlite"])
class TestShrinking:
    """A file that was cut turns nobody away: neither at the import nor in a server that runs."""

    def test_a_file_cut_in_half_is_refused_and_says_how_many_would_leave(
        self, write: Write, tmp_path: Path, name: str
    ) -> None:
        target = tmp_path / "in use" / name
        target.parent.mkdir()
        install_registry(write(*people(100)), target)
        with pytest.raises(RegistryFileInvalid, match="50 of 100 people would leave"):
            install_registry(write(*people(50)), target)

        assert len(open_registry(target, FRENCH_DIAL_CODES)) == 100  # type: ignore[arg-type]
        assert [it.name for it in target.parent.iterdir()] == [name]

    def test_nobody_at_all_is_refused_even_by_force(
        self, write: Write, tmp_path: Path, name: str
    ) -> None:
        target = tmp_path / "in use" / name
        target.parent.mkdir()
        for may_lose in (100, None):
            with pytest.raises(RegistryFileInvalid, match="holds nobody"):
                install_registry(write(), target, may_lose=may_lose)

        assert not target.exists()

    def test_a_few_may_leave_and_who_came_left_and_changed_is_counted(
        self, write: Write, tmp_path: Path, name: str
    ) -> None:
        target = tmp_path / "in use" / name
        target.parent.mkdir()
        first = install_registry(write(*people(100)), target)
        rows = people(101, first=5)
        rows[0] = rows[0].replace("1980", "1981")
        content = install_registry(write(*rows), target)

        assert first.change == RegistryChange(after=100, came=100)
        assert content.change == RegistryChange(before=100, after=101, came=6, left=5, changed=1)
        with pytest.raises(RegistryFileInvalid, match="6 of 101 people"):
            install_registry(write(*people(95, first=11)), target)
        install_registry(write(*people(95, first=11)), target, may_lose=6)

    def test_a_server_that_runs_keeps_the_old_one_unless_it_was_forced(
        self, write: Write, tmp_path: Path, name: str
    ) -> None:
        target = tmp_path / "in use" / name
        target.parent.mkdir()
        half = tmp_path / "half" / name
        half.parent.mkdir()
        install_registry(write(*people(100)), target)
        registry = open_registry(target, FRENCH_DIAL_CODES)
        assert isinstance(registry, CsvRegistry | IndexedRegistry)

        install_registry(write(*people(50)), half)
        half.replace(target)
        with pytest.raises(RegistryFileInvalid, match="50 of 100 people would leave"):
            registry.reload()
        assert registry.doctor("99100000099") is not None

        install_registry(write(*people(40)), target, may_lose=None)
        registry.reload()
        assert len(registry) == 40
        assert registry.doctor("99100000099") is None
        assert registry.doctor("99100000039") is not None


class TestIndex:
    """What only the registry asked by SQL does."""

    def test_only_what_an_import_made_is_one(self, tmp_path: Path) -> None:
        path = tmp_path / "registry.sqlite"
        for content in (b"", b"not SQLite at all, and long enough to be read as a header" * 9):
            path.write_bytes(content)
            with pytest.raises(RegistryFileInvalid, match=r"not made by|cannot be read"):
                open_registry(path, FRENCH_DIAL_CODES)
        path.unlink()
        with pytest.raises(RegistryFileInvalid, match="No such file"):
            open_registry(path, FRENCH_DIAL_CODES)

    def test_mobiles_of_countries_are_asked_for_when_it_is_read(
        self, write: Write, tmp_path: Path
    ) -> None:
        target = tmp_path / "registry.sqlite"
        install_registry(write(BELGIAN), target)
        found = [open_registry(target, codes).doctor("99000000077") for codes in (
            FRENCH_DIAL_CODES, frozenset({32})
        )]  # fmt: skip

        assert [it.mobile if it else "" for it in found] == [None, "+32470123456"]

    def test_it_is_for_its_owner_s_eyes(self, write: Write, tmp_path: Path) -> None:
        target = tmp_path / "registry.sqlite"
        install_registry(write(JOHN), target)

        assert target.stat().st_mode & 0o777 == 0o600

    def test_a_file_that_breaks_is_a_registry_that_does_not_answer(
        self, write: Write, tmp_path: Path
    ) -> None:
        target = tmp_path / "registry.sqlite"
        install_registry(write(JOHN), target)
        registry = IndexedRegistry(target, FRENCH_DIAL_CODES, 5)
        registry.close()

        with pytest.raises(PortUnavailable, match="import the registry again"):
            registry.doctor("99000000002")
