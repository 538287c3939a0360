"""Registries, secrets, passwords, readers of addresses, ways out and clocks that break a rule."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from itertools import count
from threading import current_thread, main_thread
from typing import Any

from monespace_flows.facts import Role
from monespace_flows.ports import Doctor, EmailAddress, RegistryAnswer, RegistryVerdict
from monespace_flows.testing import (
    MemoryEmails,
    MemoryMessaging,
    MemoryPasswords,
    MemorySecrets,
    demo_registry,
)
from monespace_flows.testing.contracts import Candidate

from .breaking import PEOPLE, breaks, good, patched, secrets


def registry(**instead: Any) -> Candidate:
    return good(registry=patched(demo_registry(), **instead))


@breaks("PORT-REGISTRY-01")
def a_match_without_a_doctor() -> Candidate:
    return registry(verify=lambda it, *pair: RegistryAnswer(it.verify(*pair).verdict))


@breaks("PORT-REGISTRY-02")
def any_birth_date_will_do() -> Candidate:
    def verify(inner: Any, rpps: str, birth_date: Any) -> RegistryAnswer:
        known = dict((PEOPLE.admitted, PEOPLE.refused))
        answer: RegistryAnswer = inner.verify(rpps, known.get(rpps, birth_date))
        return answer

    return registry(verify=verify)


@breaks("PORT-REGISTRY-03")
def an_unknown_number_raises() -> Candidate:
    def verify(inner: Any, rpps: str, birth_date: Any) -> object:
        return inner.verify(f"{int(rpps)}", birth_date)

    return registry(verify=verify)


@breaks("PORT-REGISTRY-04")
def who_was_struck_off_is_unknown() -> Candidate:
    def verify(inner: Any, *pair: Any) -> RegistryAnswer:
        answer: RegistryAnswer = inner.verify(*pair)
        if answer.verdict is RegistryVerdict.NOT_ADMITTED:
            return RegistryAnswer(RegistryVerdict.RPPS_UNKNOWN)
        return answer

    return registry(verify=verify)


@breaks("PORT-REGISTRY-05")
def who_was_struck_off_is_read() -> Candidate:
    return registry(doctor=lambda it, rpps: it.doctor(rpps) or Doctor(rpps=rpps, role=Role.DOCTOR))


class Loud(Doctor):
    """A doctor whose text is whatever is known."""

    def __repr__(self) -> str:
        return f"{self.rpps} {self.mobile} {self.email}"


@breaks("PORT-REGISTRY-06")
def an_answer_shows_all() -> Candidate:
    def verify(_: object, rpps: str, __: object) -> RegistryAnswer:
        return RegistryAnswer(RegistryVerdict.MATCH, Loud(rpps=rpps, role=Role.DOCTOR))

    return registry(verify=verify)


@breaks("PORT-REGISTRY-07")
def threads_get_the_answer_of_another() -> Candidate:
    def verify(inner: Any, *pair: Any) -> object:
        return inner.verify(*(pair if current_thread() is main_thread() else PEOPLE.admitted))

    return registry(verify=verify)


# --- secrets


def with_secrets(**instead: Any) -> Candidate:
    return good(secrets=patched(secrets(), **instead))


@breaks("PORT-SECRETS-01")
def all_purposes_share_a_key() -> Candidate:
    return with_secrets(digests=lambda it, _, value: it.digests("code", value))


@breaks("PORT-SECRETS-02")
def a_digest_names_no_key() -> Candidate:
    def digests(inner: Any, *of: Any) -> tuple[str, ...]:
        return tuple(it.partition(":")[2] for it in inner.digests(*of))

    return with_secrets(digests=digests)


@breaks("PORT-SECRETS-03")
def a_digest_is_a_bare_hash() -> Candidate:
    def digests(_: object, __: str, value: str) -> tuple[str]:
        return (f"00000000:{sha256(value.encode()).hexdigest()}",)

    return with_secrets(digests=digests)


@breaks("PORT-SECRETS-04")
def old_digests_are_lost() -> Candidate:
    return good(rotated=patched(secrets(2), digests=lambda it, *of: it.digests(*of)[:1]))


@breaks("PORT-SECRETS-05")
def a_long_text_is_cut() -> Candidate:
    return with_secrets(seal=lambda it, text: it.seal(text[:255]))


@breaks("PORT-SECRETS-06")
def a_seal_can_be_read() -> Candidate:
    return with_secrets(seal=lambda it, text: f"{it.seal(text)}-{text}")


@breaks("PORT-SECRETS-07")
def old_seals_are_lost() -> Candidate:
    made = good()
    return good(rotated=made.retired)


@breaks("PORT-SECRETS-08")
def what_does_not_open_is_taken_as_it_is() -> Candidate:
    def unseal(inner: Any, sealed: str) -> str:
        return str(inner.unseal(sealed)) if len(sealed) > 120 else sealed

    return with_secrets(
        seal=lambda it, text: f"{it.seal(text)}{'=' * 120}",
        unseal=lambda it, sealed: unseal(it, sealed.rstrip("=") + "=="),
    )


@breaks("PORT-SECRETS-09")
def tokens_repeat() -> Candidate:
    drawn = count()
    digests = [urlsafe_b64encode(bytes([it]) * 32).decode().rstrip("=") for it in range(16)]
    return with_secrets(token=lambda _: digests[next(drawn) % 16])


@breaks("PORT-SECRETS-10")
def no_code_begins_with_zero() -> Candidate:
    return with_secrets(digits=lambda it, size: "1" + it.digits(size)[1:])


class LoudSecrets(MemorySecrets):
    """Secrets whose text has the keys."""

    def __repr__(self) -> str:
        return f"Secrets({self._keys[0].hex()[:20]})"


@breaks("PORT-SECRETS-11")
def keys_are_shown() -> Candidate:
    return good(secrets=LoudSecrets())


# --- passwords


def passwords(**instead: Any) -> Candidate:
    return good(passwords=patched(MemoryPasswords(), **instead))


@breaks("PORT-PASSWORDS-01")
def blanks_do_not_count() -> Candidate:
    return passwords(verify=lambda it, kept, typed: it.verify(kept, typed.strip()))


@breaks("PORT-PASSWORDS-02")
def seventy_two_letters_count() -> Candidate:
    return passwords(
        hash=lambda it, typed: it.hash(typed[:72]),
        verify=lambda it, kept, typed: it.verify(kept, typed[:72]),
    )


@breaks("PORT-PASSWORDS-03")
def only_good_text_is_hashed() -> Candidate:
    return passwords(hash=lambda it, typed: it.hash(typed.encode().decode()))


@breaks("PORT-PASSWORDS-04")
def there_is_no_salt() -> Candidate:
    return passwords(hash=lambda it, typed: it._write(typed, "1", ""))


@breaks("PORT-PASSWORDS-05")
def no_hash_fits_the_empty_one() -> Candidate:
    return passwords(verify=lambda it, kept, typed: it.verify(kept, typed) or (kept or "") == typed)


@breaks("PORT-PASSWORDS-06")
def no_hash_is_ever_outdated() -> Candidate:
    return passwords(is_outdated=lambda *_: False)


@breaks("PORT-PASSWORDS-07")
def every_password_is_strong() -> Candidate:
    return passwords(score=lambda *_: 4)


@breaks("PORT-PASSWORDS-08")
def no_password_is_strong() -> Candidate:
    return passwords(score=lambda *_: 0)


@breaks("PORT-PASSWORDS-09")
def own_words_count_in_full() -> Candidate:
    return passwords(score=lambda it, typed, _: it.score(typed, ()))


# --- addresses, the way out, the clock


def emails(read: Any) -> Candidate:
    return good(emails=patched(MemoryEmails(), read=read))


@breaks("PORT-EMAILS-01")
def the_first_of_several_is_read() -> Candidate:
    return emails(lambda it, typed: it.read(typed.split(",")[0]))


@breaks("PORT-EMAILS-02")
def mail_for_this_machine_is_taken() -> Candidate:
    def read(inner: Any, typed: str) -> object:
        return EmailAddress(typed, typed) if typed.endswith("@localhost") else inner.read(typed)

    return emails(read)


@breaks("PORT-EMAILS-03")
def a_letter_is_taken_for_another() -> Candidate:
    return emails(lambda it, typed: it.read(typed.replace("ı", "i")))


@breaks("PORT-EMAILS-04")
def capitals_make_another_address() -> Candidate:
    def read(inner: Any, typed: str) -> EmailAddress | None:
        found: EmailAddress | None = inner.read(typed)
        return found and EmailAddress(found.address, found.address)

    return emails(read)


@breaks("PORT-EMAILS-05")
def the_address_is_its_key() -> Candidate:
    def read(inner: Any, typed: str) -> EmailAddress | None:
        found: EmailAddress | None = inner.read(typed)
        return found and EmailAddress(found.key, found.key)

    return emails(read)


def messaging(deliver: Any) -> Candidate:
    messages = MemoryMessaging()
    return good(
        messaging=patched(messages, deliver=deliver), received=lambda: [it.id for it in messages]
    )


@breaks("PORT-MESSAGING-01")
def sms_are_lost() -> Candidate:
    return messaging(lambda it, sent: it.deliver(sent) if sent.channel.value == "email" else None)


@breaks("PORT-MESSAGING-02")
def a_repeat_is_an_error() -> Candidate:
    def deliver(inner: Any, sent: Any) -> None:
        if any(it.id == sent.id for it in inner):
            raise KeyError(sent.id)
        inner.deliver(sent)

    return messaging(deliver)


@breaks("PORT-MESSAGING-03")
def a_failure_is_kept_quiet() -> Candidate:
    return good(away=MemoryMessaging())


@breaks("PORT-MESSAGING-04")
def threads_lose_messages() -> Candidate:
    def deliver(inner: Any, sent: Any) -> None:
        if current_thread() is main_thread():
            inner.deliver(sent)

    return messaging(deliver)


@breaks("PORT-CLOCK-01")
def the_clock_is_of_paris() -> Candidate:
    paris = timezone(timedelta(hours=1))
    return good(clock=patched(object(), now=lambda _: datetime(2026, 11, 22, tzinfo=paris)))


@breaks("PORT-CLOCK-02")
def the_clock_goes_back() -> Candidate:
    readings = count()
    start = datetime(2026, 11, 22, tzinfo=UTC)
    return good(
        clock=patched(object(), now=lambda _: start - timedelta(microseconds=next(readings)))
    )
