"""PR-03, PR-06: a doctor's pseudonym needs the keys, and is found under old and new ones."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode

import pytest
from attrs import evolve

from monespace_backends.secrets import KeyedSecrets, Keys
from monespace_flows import Flows
from monespace_flows.ports import JourneyQuery, Purpose

from .conftest import Told
from .markers import assert_no_marker
from .people import HERMINE, KNOWN, ZIBELINE
from .stories import identified
from .world import POLICY, World

PURPOSES: tuple[Purpose, ...] = ("subject", "email", "code")
ONE, TWO = b"1" * 32, b"2" * 32


def test_pr_03_pseudonyms_differ_by_purpose_and_by_key() -> None:
    digests = [
        KeyedSecrets(Keys((key,))).digests(purpose, ZIBELINE.rpps)[0].partition(":")[2]
        for key in (ONE, TWO)
        for purpose in PURPOSES
    ]

    assert len(set(digests)) == len(digests) == 6


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512", "blake2b"])
def test_pr_03_no_plain_hash_of_what_can_be_guessed_is_stored(name: str, told: Told) -> None:
    """Eleven digits, a date or a code are tried out in no time: without a key a hash hides nothing.

    Tokens have 256 bits, and may be kept as plain hashes.
    """
    values = {
        f"{person.family_name}'s {what}": value
        for person in KNOWN
        for what, value in (
            ("RPPS", person.rpps),
            ("birth date", f"{person.born:%Y-%m-%d}"),
            ("login", person.login),
            ("address of the Order", person.order_email),
            ("mobile", person.mobile),
            ("password", person.password),
        )
    } | {it: value for it, value in told.world.markers.items() if it.startswith("code ")}
    content = told.world.files()["monespace.db"] + told.world.files()["monespace.db-wal"]

    for what, value in values.items():
        digest = hashlib.new(name, value.encode())
        written = (digest.digest(), digest.hexdigest().encode(), b64encode(digest.digest())[:-2])
        assert not [it for it in written if it in content], what


def test_pr_03_the_journal_names_the_doctor_by_key_and_digest(told: Told) -> None:
    """The id of the key stands first, so that one knows under which to look."""
    (digest,) = told.world.ports.secrets.digests("subject", ZIBELINE.rpps)
    with told.world.ports.storage.reading() as unit:
        subjects = {
            json.loads(line)["facts"].get("subject")
            for reference in unit.journal.references()
            for line in unit.journal.lines(reference)
        }

    assert digest in subjects
    assert {len(it) for it in subjects if it} == {len("01234567:") + 64}


def test_pr_06_someone_is_found_across_a_change_of_keys_and_nobody_else(empty: World) -> None:
    """An access request finds what was written before and after."""
    before = [identified(empty, person).reference for person in (ZIBELINE, HERMINE)]
    old = empty.ports.secrets
    empty.ports = evolve(empty.ports, secrets=KeyedSecrets(Keys((TWO, ONE))))
    empty.flows = Flows(evolve(empty.ports, secrets=KeyedSecrets(Keys((ONE,)))), POLICY)
    under_one = [identified(empty, person).reference for person in (ZIBELINE, HERMINE)]
    empty.flows = Flows(empty.ports, POLICY)
    under_two = [identified(empty, person).reference for person in (ZIBELINE, HERMINE)]

    def found(digests: tuple[str, ...]) -> set[str]:
        with empty.ports.storage.reading() as unit:
            journeys = unit.journeys.search(JourneyQuery(subjects=digests))
        return {it.journey.reference for it in journeys}

    secrets = empty.ports.secrets
    assert found(secrets.digests("subject", ZIBELINE.rpps)) == {under_one[0], under_two[0]}
    assert found(secrets.digests("subject", HERMINE.rpps)) == {under_one[1], under_two[1]}
    assert found(old.digests("subject", ZIBELINE.rpps)) == {before[0]}
    assert found(secrets.digests("email", ZIBELINE.rpps)) == set()


def test_pr_06_a_pseudonym_of_a_lost_key_says_nothing(empty: World) -> None:
    """Who has other keys, or none, can neither find nor open anything of a person."""
    identified(empty, ZIBELINE)
    strangers = KeyedSecrets(Keys((TWO,)))

    with empty.ports.storage.reading() as unit:
        query = JourneyQuery(subjects=strangers.digests("subject", ZIBELINE.rpps))
        found = unit.journeys.search(query)

    assert list(found) == []
    assert_no_marker("the database", empty.files()["monespace.db-wal"], empty.markers)
