"""What is wrong with a registry file: told by its lines, and costing no more than it must."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monespace_backends.registry.file import CsvRegistry
from monespace_backends.registry.rows import Fault, RegistryFileInvalid, read_registry
from monespace_flows.ports import RegistryVerdict

from .registry_files import HEADER, Write

JOHN = "99000000002,1975-06-17,medecin,inscrit,+33612345678,john@cn.example,Paris,Médecin,John"
LEA = "99000000044,1994-09-12,docteur_junior,inscrit,,,,,"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (",1975-06-17,medecin,inscrit,,,,,", "rpps is missing"),
        ("9900000000,1975-06-17,medecin,inscrit,,,,,", "rpps is not eleven digits"),
        ("899000000002,1975-06-17,medecin,inscrit,,,,,", "rpps is not eleven digits"),
        ("9.9E+10,1975-06-17,medecin,inscrit,,,,,", "rpps is not eleven digits"),
        ("99000000010,17/06/1975,medecin,inscrit,,,,,", "birth_date is not a date"),
        ("99000000010,19750617,medecin,inscrit,,,,,", "birth_date is not a date"),
        ("99000000010,1975-W24-2,medecin,inscrit,,,,,", "birth_date is not a date"),
        ("99000000010,1975-02-30,medecin,inscrit,,,,,", "birth_date is not a day"),
        ("99000000010,1975-13-00,medecin,inscrit,,,,,", "birth_date is not a day"),
        ("99000000010,1975-06-17,dentiste,inscrit,,,,,", "role is none of medecin"),
        ("99000000010,1975-06-17,medecin,inscrit,,,", "has 7 cells instead of 9"),
        ('99000000010,"1975-06-17"x,medecin,inscrit,,,,,', "is not CSV"),
    ],
)
def test_who_somebody_is_costs_the_row(write: Write, row: str, fault: str) -> None:
    """It is left out, the others are not; the fault has its line, and repeats no value."""
    content = read_registry(write(LEA, row, JOHN))

    assert sorted(content.entries) == ["99000000002", "99000000044"]
    assert [it.line for it in content.faults] == [3]
    assert str(content.faults[0]).startswith(f"line 3: {fault}")
    assert not any(
        len(cell) > 6 and cell.strip('"') in str(content.faults[0])
        for cell in row.split(",")
        if cell != "medecin"
    )


def test_a_quotation_mark_left_open_on_the_last_line_costs_that_line(write: Write) -> None:
    content = read_registry(write(LEA, '99000000010,1975-06-17,medecin,"inscrit'))

    assert [it.line for it in content.faults] == [3]


@pytest.mark.parametrize(
    ("cells", "warning"),
    [
        ("+33142345678,,,,", "mobile is not a mobile number"),
        ("+33899123456,,,,", "mobile is not a mobile number"),
        ("+3361234567,,,,", "mobile is not a mobile number"),
        ("0612,,,,", "mobile is not one number as +33612345678"),
        ("marqueur,,,,", "mobile is not one number as +33612345678"),
        ("0612345678 / 0712345678,,,,", "mobile is not one number as +33612345678"),
        ("+32470123456,,,,", "mobile is of a country where no codes are sent"),
        (",marqueur,,,", "email is not an address that mail can reach"),
        (",marqueur@chu.local,,,", "email is not an address that mail can reach"),
        (",marqueur@b.example;c@d.example,,,", "email holds more than one address"),
        (
            ",jérôme@cabinet.example,,,",
            "email has a letter before the @ that mail does not carry everywhere",
        ),
        (",,,Mé\x1b[31m,", "family_name holds a control character"),
        (",,,,Jo\x07hn", "given_name holds a control character"),
    ],
    ids=ascii,
)
def test_what_is_no_identity_costs_itself(write: Write, cells: str, warning: str) -> None:
    """It is taken for unknown, as if the Order did not know it; the row is used, and told."""
    content = read_registry(write(LEA, f"99000000010,1975-06-17,medecin,inscrit,{cells}"))

    assert content.faults == ()
    assert content.warnings == (Fault(3, warning),)
    doctor = content.entries["99000000010"].doctor
    assert doctor is not None
    assert (doctor.mobile, doctor.email, doctor.family_name, doctor.given_name) == (None,) * 4


def test_a_contact_is_cleaned_before_it_is_judged(write: Write) -> None:
    """Capitals, spaces and what cannot be seen are how exports are."""
    identity = "\ufeff 99000000010\u00a0, 1975-06-17\t,MÉDECIN,Inscrit"
    content = read_registry(write(f"{identity}, 06 12 34 56 78 , A.B@CN.Example \u200b,,,"))

    doctor = content.entries["99000000010"].doctor
    assert doctor is not None
    assert (doctor.mobile, doctor.email) == ("+33612345678", "A.B@cn.example")
    assert (content.faults, content.warnings) == ((), ())


def test_nobody_is_told_to_be_abroad_where_no_sms_leave_at_all(write: Write) -> None:
    """Without a provider every mobile is unknown, and that is no fault of the file."""
    content = read_registry(write(JOHN), dial_codes=frozenset())

    assert content.warnings == ()


class TestANumberTwice:
    """One number, two rows: which person it means cannot be told."""

    def test_lets_nobody_in_by_either(self, write: Write) -> None:
        registry = CsvRegistry.read(write(JOHN, LEA, JOHN.replace("1975", "1976")))

        assert registry.content.faults == (
            Fault(2, "rpps is that of line 4 too"),
            Fault(4, "rpps is that of line 2"),
        )
        answer = registry.verify("99000000002", date(1975, 6, 17))
        assert answer.verdict is RegistryVerdict.RPPS_UNKNOWN
        assert registry.doctor("99000000002") is None

    def test_nor_by_a_third(self, write: Write) -> None:
        other = "99000000010,1994-09-12,interne,inscrit,,,,,"
        content = read_registry(
            write(
                JOHN, LEA, JOHN.replace("Paris", "Lyon"), JOHN, other, other.replace("010", "028")
            )
        )

        assert [it.line for it in content.faults] == [2, 4, 5]
        assert "99000000002" not in content.entries

    def test_nor_when_the_first_is_unusable_otherwise(self, write: Write) -> None:
        rows = (JOHN.replace("medecin", "?", 1), LEA, JOHN)
        content = read_registry(write(*rows))

        assert content.faults[1] == Fault(4, "rpps is that of line 2")
        assert "99000000002" not in content.entries

    def test_does_no_harm_where_both_say_the_same(self, write: Write) -> None:
        content = read_registry(write(JOHN, LEA, JOHN.replace("+33612345678", "06 12 34 56 78")))

        assert content.warnings == (Fault(4, "rpps is that of line 2, with the same values"),)
        assert len(content.entries) == 2


class TestTheFile:
    """What would lose many people at once costs the file."""

    @pytest.mark.parametrize(
        ("header", "fault"),
        [
            ("", "line 1: column rpps is missing"),
            (HEADER.replace("birth_date", "born"), "line 1: column birth_date is missing"),
            (HEADER.replace(",", ";"), "parted by semicolons"),
            (HEADER + ",rpps", "line 1: column rpps is there twice"),
            ('"rpps"x', "line 1: is not CSV"),
        ],
    )
    def test_a_faulty_header(self, write: Write, header: str, fault: str) -> None:
        with pytest.raises(RegistryFileInvalid, match=fault):
            read_registry(write(LEA, header=header))

    def test_a_first_line_that_is_somebody_s_is_not_repeated(self, write: Write) -> None:
        """A file without a header: the names of the columns are somebody's name, twice."""
        with pytest.raises(RegistryFileInvalid) as caught:
            read_registry(write(LEA, header="99000000002,1975-06-17,Marqueur,Marqueur"))

        assert "Marqueur" not in str(caught.value)

    @pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
    def test_another_encoding_is_told_with_its_line(self, write: Write, encoding: str) -> None:
        path = write(LEA, JOHN)
        path.write_bytes(path.read_text("utf-8").encode(encoding))
        with pytest.raises(RegistryFileInvalid, match="not in UTF-8: export it again") as caught:
            read_registry(path)

        assert caught.value.faults[0].line == (3 if encoding == "cp1252" else 1)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(RegistryFileInvalid, match="cannot be read"):
            read_registry(tmp_path / "nowhere.csv")

    @pytest.mark.parametrize(
        "row",
        [
            '99000000010,"1975-06-17,medecin,inscrit,,,,,',
            '99000000010,1975-06-17,medecin,inscrit,,,"Paris,,',
        ],
    )
    @pytest.mark.parametrize("after", [(JOHN,), (JOHN, '99000000028,1975-06-17,"interne",,,,,,')])
    def test_a_quotation_mark_left_open(
        self, write: Write, row: str, after: tuple[str, ...]
    ) -> None:
        """It swallows the rows that follow."""
        with pytest.raises(RegistryFileInvalid, match="line 3: a quotation mark swallows"):
            read_registry(write(LEA, row, *after))

    def test_most_rows_unusable(self, write: Write) -> None:
        """Then it is no registry with a bad row, and all of it is told."""
        with pytest.raises(RegistryFileInvalid, match="most of its rows are unusable") as caught:
            read_registry(write(JOHN, *["x,,,,,,,,"] * 25))

        assert len(caught.value.faults) == 26
        assert "and 6 more" in str(caught.value)

    def test_rows_that_a_spreadsheet_leaves_at_the_end_are_none(self, write: Write) -> None:
        content = read_registry(write(JOHN, ",,,,,,,,", "", " , ,,,,,,,", ";"))

        assert len(content.entries) == 1
        assert [it.line for it in content.faults] == [6]

    def test_a_cell_may_hold_a_line_end(self, write: Write) -> None:
        """Lines are told as an editor counts them."""
        content = read_registry(write(JOHN.replace("Paris", '"Paris\n2e"'), "x" + LEA))

        assert [it.line for it in content.faults] == [4]


RIGHT = ["99000000002", "1975-06-17", "medecin", "inscrit", "+33612345678", "a@b.example", ""]
# None of these characters is in a message of ours, but where a cell was repeated.
ODD = st.text('89§µ@+-."\t\x1b\u200b', min_size=1, max_size=12)
ROWS = st.lists(
    st.tuples(*(st.just(right) | ODD for right in RIGHT)) | st.lists(ODD, max_size=8), max_size=6
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_whatever_is_in_it_a_file_is_read_or_refused_and_nothing_of_it_is_told(
    tmp_path: Path, rows: list[Sequence[str]]
) -> None:
    """No fault, warning, message or repr holds what a cell held."""
    path = tmp_path / "registry.csv"
    header = ",".join(HEADER.split(",")[:7])
    path.write_text("\n".join([header, *map(",".join, rows)]), "utf-8")
    try:
        content = read_registry(path)
    except RegistryFileInvalid as error:
        told = "".join([str(error), repr(error), *map(str, error.faults)])
    else:
        faults = (*content.faults, *content.warnings)
        told = "".join([str(content), repr(content), *map(str, faults)])

    odd = [cell.strip(' "') for row in rows for cell in row if cell not in RIGHT]
    assert not any(cell in told for cell in odd if len(set("89§µ").intersection(cell)) > 1)


@given(st.permutations(range(6)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bad_rows_cost_themselves_wherever_they_stand(write: Write, order: list[int]) -> None:
    """Everybody else comes in."""
    good = [JOHN, LEA, LEA.replace("044", "051"), LEA.replace("044", "069")]
    bad = ["x" + JOHN, LEA.replace("1994-09-12", "1994-02-30").replace("044", "077")]
    rows = [(*good, *bad)[place] for place in order]

    content = read_registry(write(*rows))

    assert len(content.entries) == 4
    assert [it.line for it in content.faults] == [
        line for line, row in enumerate(rows, 2) if row in bad
    ]
