"""Rules of a registry: what it says of a pair, and what it keeps to itself."""

from __future__ import annotations

from datetime import timedelta

from ...ports import Registry, RegistryVerdict
from .candidate import People
from .rules import holds, rule
from .storage_races import together

__all__ = ()


@rule(
    "PORT-REGISTRY-01",
    danger="A doctor cannot come in, or comes in as somebody else.",
    hint="MATCH comes with the doctor of that number, and with a role.",
)
def a_right_pair_matches(registry: Registry, people: People) -> None:
    """A right pair brings MATCH and the doctor."""
    rpps, birth_date = people.admitted
    answer = registry.verify(rpps, birth_date)

    holds(answer.verdict is RegistryVerdict.MATCH, f"the verdict is {answer.verdict}")
    holds(answer.doctor is not None, "no doctor comes with it")
    holds(answer.doctor and answer.doctor.rpps == rpps, "the doctor has another number")


@rule(
    "PORT-REGISTRY-02",
    danger="Whoever knows a doctor's number comes in by any birth date.",
    hint="Compare the whole date; BIRTH_DATE_DIFFERS, for whoever is not admitted too.",
)
def another_birth_date_differs(registry: Registry, people: People) -> None:
    """A known number with another birth date brings BIRTH_DATE_DIFFERS, and no doctor."""
    for rpps, birth_date in (people.admitted, people.refused):
        answer = registry.verify(rpps, birth_date + timedelta(days=1))
        is_right = answer.verdict is RegistryVerdict.BIRTH_DATE_DIFFERS
        holds(is_right, f"the verdict is {answer.verdict}")
        holds(answer.doctor is None, "a doctor comes with it")


@rule(
    "PORT-REGISTRY-03",
    danger="A page tells a stranger what is wrong where nothing is known, or fails.",
    hint="RPPS_UNKNOWN for any text that is no known number, the empty one too; raise nothing.",
)
def an_unknown_number_is_unknown(registry: Registry, people: People) -> None:
    """An unknown number brings RPPS_UNKNOWN, and no doctor."""
    for rpps in (people.unknown, "", "x", "é", "0" * 40):
        answer = registry.verify(rpps, people.admitted[1])
        holds(answer.verdict is RegistryVerdict.RPPS_UNKNOWN, f"the verdict is {answer.verdict}")
        holds(answer.doctor is None, "a doctor comes with it")


@rule(
    "PORT-REGISTRY-04",
    danger="Somebody who was struck off has an account.",
    hint="NOT_ADMITTED for the right pair of whoever is not admitted.",
)
def who_is_refused_is_not_admitted(registry: Registry, people: People) -> None:
    """A right pair of somebody who is not admitted brings NOT_ADMITTED, and no doctor."""
    answer = registry.verify(*people.refused)

    holds(answer.verdict is RegistryVerdict.NOT_ADMITTED, f"the verdict is {answer.verdict}")
    holds(answer.doctor is None, "a doctor comes with it")


@rule(
    "PORT-REGISTRY-05",
    danger="Codes go to a number that the Order has not; who was struck off stays signed in.",
    hint="doctor() reads as of now: the same as verify() gives, None when not admitted.",
)
def doctors_are_read_again(registry: Registry, people: People) -> None:
    """A doctor is read again as verified, and nobody who is unknown or not admitted."""
    answer = registry.verify(*people.admitted)

    holds(registry.doctor(people.admitted[0]) == answer.doctor, "another doctor is read")
    holds(registry.doctor(people.refused[0]) is None, "somebody who is refused is read")
    holds(registry.doctor(people.unknown) is None, "somebody unknown is read")


@rule(
    "PORT-REGISTRY-06",
    danger="A number or an address of a doctor stands in a log.",
    hint="Answer with monespace_flows.ports.Doctor, which hides them.",
)
def an_answer_shows_nothing(registry: Registry, people: People) -> None:
    """An answer that is logged shows neither number nor address."""
    answer = registry.verify(*people.admitted)
    doctor = answer.doctor
    kept = () if doctor is None else (doctor.rpps, doctor.mobile, doctor.email, doctor.family_name)

    holds(not any(it in repr(answer) for it in kept if it), "its text holds a personal value")


@rule(
    "PORT-REGISTRY-07",
    danger="Under load a doctor gets the answer of another.",
    hint="Keep nothing of a question in the object; one connection a thread.",
    capability="threads",
)
def questions_at_once(registry: Registry, people: People) -> None:
    """Sixteen questions at once are each answered as one alone."""
    pairs = (people.admitted, people.refused)
    alone = [registry.verify(*pair).verdict for pair in pairs]
    found = together(16, lambda number: registry.verify(*pairs[number % 2]).verdict)

    holds(found == 8 * alone, "an answer is that of another question")
