"""What both registries must do, and what the reader of files must refuse."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from monespace_backends.registry import (
    CsvRegistry,
    Fault,
    RegistryFileInvalid,
    install_registry,
    write_demo_registry,
)
from monespace_flows.errors import PortUnavailable
from monespace_flows.facts import Channel, Role
from monespace_flows.ports import Registry, RegistryVerdict
from monespace_flows.testing.registry import MemoryRegistry

HEADER = "rpps,birth_date,role,status,mobile,email,council,family_name,given_name"
JOHN = "99000000002,1975-06-17,medecin,inscrit,+33612345678,john@cn.example,Paris,Médecin,John"
LEA = "99000000044,1994-09-12,docteur_junior,inscrit,,,,,"
RENE = "99000000051,1960-01-01,medecin,radie,+33600000001,rene@cn.example,,,"
EVE = "99000000069,,interne,inscrit,,,,,"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*rows: str, header: str = HEADER) -> Path:
        path = tmp_path / "registry.csv"
        path.write_text("\n".join((header, *rows)) + "\n", "utf-8")
        return path

    return write


@pytest.fixture(params=["csv", "memory"])
def registry(request: pytest.FixtureRequest, write: Write) -> Registry:
    if request.param == "csv":
        return CsvRegistry.read(write(JOHN, LEA, RENE, EVE))
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


class TestContract:
    """What every registry must do."""

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

    @pytest.mark.parametrize(
        ("rpps", "birth_date", "verdict"),
        [
            ("99000000010", date(1975, 6, 17), RegistryVerdict.RPPS_UNKNOWN),
            ("", date(1975, 6, 17), RegistryVerdict.RPPS_UNKNOWN),
            ("99000000002", date(1975, 6, 18), RegistryVerdict.BIRTH_DATE_DIFFERS),
            ("99000000069", date(1975, 6, 17), RegistryVerdict.BIRTH_DATE_DIFFERS),
            ("99000000051", date(1960, 1, 2), RegistryVerdict.BIRTH_DATE_DIFFERS),
            ("99000000051", date(1960, 1, 1), RegistryVerdict.NOT_ADMITTED),
        ],
    )
    def test_any_other_pair_brings_a_verdict_only(
        self, registry: Registry, rpps: str, birth_date: date, verdict: RegistryVerdict
    ) -> None:
        answer = registry.verify(rpps, birth_date)

        assert (verdict, None) == (answer.verdict, answer.doctor)

    def test_unknown_details_are_unknown(self, registry: Registry) -> None:
        lea = registry.doctor("99000000044")

        assert lea is not None
        assert lea.role is Role.JUNIOR_DOCTOR
        assert (lea.mobile, lea.email, lea.council) == (None, None, None)

    def test_who_is_not_admitted_cannot_be_read(self, registry: Registry) -> None:
        assert registry.doctor("99000000051") is None
        assert registry.doctor("99000000010") is None

    def test_an_answer_shows_nothing(self, registry: Registry) -> None:
        shown = repr(registry.verify("99000000002", date(1975, 6, 17)))

        assert not any(value in shown for value in ("99000000002", "+336", "john@", "Médecin"))


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


class TestFaults:
    """What the reader of files must refuse, and how it says so."""

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            (",1975-06-17,medecin,inscrit,,,,,", "rpps is missing"),
            ("9900000000,1975-06-17,medecin,inscrit,,,,,", "rpps is not eleven digits"),
            ("899000000002,1975-06-17,medecin,inscrit,,,,,", "rpps is not eleven digits"),
            ("٩٩٠٠٠٠٠٠٠٠٢,1975-06-17,medecin,inscrit,,,,,", "rpps is not eleven digits"),
            ("99000000002,17/06/1975,medecin,inscrit,,,,,", "birth_date is not a date"),
            ("99000000002,19750617,medecin,inscrit,,,,,", "birth_date is not a date"),
            ("99000000002,1975-W24-2,medecin,inscrit,,,,,", "birth_date is not a date"),
            ("99000000002,1975-02-30,medecin,inscrit,,,,,", "birth_date is not a day"),
            ("99000000002,1975-06-17,dentiste,inscrit,,,,,", "role is none of medecin"),
            ("99000000002,1975-06-17,medecin,inscrit,0612345678,,,,", "mobile is not a number"),
            ("99000000002,1975-06-17,medecin,inscrit,+336 12345678,,,,", "mobile is not a number"),
            ("99000000002,1975-06-17,medecin,inscrit,+33142345678,,,,", "mobile is not a mobile"),
            ("99000000002,1975-06-17,medecin,inscrit,+33899123456,,,,", "mobile is not a mobile"),
            ("99000000002,1975-06-17,medecin,inscrit,+33612,,,,", "mobile is not a mobile"),
            ("99000000002,1975-06-17,medecin,inscrit,,john,,,", "email is not an e-mail address"),
            (
                "99000000002,1975-06-17,medecin,inscrit,,,,Mé\x1b[31m,",
                "family_name holds",
            ),
            ("99000000002,1975-06-17,medecin,inscrit,,,", "has 7 cells instead of 9"),
            ('99000000002,"1975-06-17"x,medecin,inscrit,,,,,', "is not CSV"),
            ('99000000002,1975-06-17,medecin,"inscrit', "is not CSV"),
        ],
    )
    def test_a_faulty_row(self, write: Write, row: str, fault: str) -> None:
        """The fault has its line, and repeats no value."""
        with pytest.raises(RegistryFileInvalid) as caught:
            CsvRegistry.read(write(LEA, row))

        assert [fault.line for fault in caught.value.faults] == [3]
        assert f"line 3: {fault}" in str(caught.value)
        assert not any(
            len(cell) > 6 and cell.strip('"') in str(caught.value)
            for cell in row.split(",")
            if cell != "medecin"
        )

    def test_all_faults_are_told_at_once(self, write: Write) -> None:
        with pytest.raises(RegistryFileInvalid) as caught:
            CsvRegistry.read(write(JOHN, "x,y,z,inscrit,1,2,,,", LEA, JOHN, ",,,,,,,,", EVE))

        assert [fault.line for fault in caught.value.faults] == [3, 3, 3, 3, 3, 5, 6]

    def test_a_number_twice(self, write: Write) -> None:
        """Even where the first of the two lines is faulty otherwise."""
        with pytest.raises(RegistryFileInvalid) as caught:
            CsvRegistry.read(write(JOHN.replace("medecin", "?", 1), LEA, JOHN))

        assert caught.value.faults[1] == Fault(4, "rpps is that of line 2")

    @pytest.mark.parametrize(
        ("header", "fault"),
        [
            ("", "line 1: column rpps is missing"),
            (HEADER.replace("birth_date", "born"), "line 1: column birth_date is missing"),
            (HEADER.replace(",", ";"), "line 1: column council is missing"),
            (HEADER + ",rpps", "line 1: column rpps is there twice"),
        ],
    )
    def test_a_faulty_header(self, write: Write, header: str, fault: str) -> None:
        with pytest.raises(RegistryFileInvalid, match=fault):
            CsvRegistry.read(write(header=header))

    def test_a_file_that_cannot_be_read(self, tmp_path: Path, write: Write) -> None:
        with pytest.raises(RegistryFileInvalid, match="cannot be read"):
            CsvRegistry.read(tmp_path / "nowhere.csv")

        path = write(JOHN)
        path.write_bytes(path.read_bytes().decode().encode("latin-1"))
        with pytest.raises(RegistryFileInvalid, match="not in UTF-8"):
            CsvRegistry.read(path)

    def test_a_long_list_of_faults_is_cut_in_the_message_only(self, write: Write) -> None:
        with pytest.raises(RegistryFileInvalid, match="and 5 more") as caught:
            CsvRegistry.read(write(*["x,,,,,,,,"] * 25))

        assert len(caught.value.faults) == 25


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
    def test_codes_go_to_french_mobiles_only(self, write: Write, mobile: str, usable: bool) -> None:
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

    def test_reload_keeps_the_old_content_when_the_new_is_faulty(self, write: Write) -> None:
        registry = CsvRegistry.read(write(JOHN))
        write(LEA, LEA)
        with pytest.raises(RegistryFileInvalid):
            registry.reload()

        assert registry.doctor("99000000002") is not None
        assert registry.doctor("99000000044") is None


class TestInstall:
    """Putting a new registry in the place of the old one."""

    def test_a_good_one_replaces_it(self, write: Write, tmp_path: Path) -> None:
        target = tmp_path / "used.csv"
        target.write_text("old")

        assert install_registry(write(JOHN, LEA), target) == 2
        assert len(CsvRegistry.read(target)) == 2
        assert target.stat().st_mode & 0o777 == 0o600

    def test_a_faulty_one_changes_nothing(self, write: Write, tmp_path: Path) -> None:
        target = tmp_path / "used.csv"
        target.write_text("old")
        with pytest.raises(RegistryFileInvalid, match="line 3"):
            install_registry(write(JOHN, JOHN), target)

        assert target.read_text() == "old"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["registry.csv", "used.csv"]


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
