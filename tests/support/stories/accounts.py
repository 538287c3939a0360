"""« J'ai un compte, mais… » : recovery, links, signing in, settings, and what others did to it."""

from __future__ import annotations

from monespace_flows.support.diagnosis import Status
from tests.support.people import Person

from .told import UNKNOWN_NUMBER, Call, World

__all__ = ["ACCOUNTS"]


def _recovers(world: World, email: str) -> Person:
    person = world.calls("recovery").identifies().goes_on().asks_code().waits(minutes=1)
    return person.types_code().waits(minutes=1).activates(email)


def _recovery_done(world: World) -> Person:
    world.has_account()
    return _recovers(world, world.doctor.other_email)


def _recovery_of_nobody(world: World) -> Person:
    person = world.calls("recovery").waits(minutes=1)
    return person.identifies((world.doctor.who[0], UNKNOWN_NUMBER))


def _two_browsers(world: World) -> Person:
    world.has_account()
    office = world.calls("recovery").identifies().goes_on().asks_code().types_code()
    world.sandbox.clock.advance(minutes=2)
    _recovers(world, world.doctor.other_email)
    return office.activates(f"bureau.{world.doctor.other_email}")


def _reset_done(world: World) -> Person:
    person = world.at_the_link().waits(minutes=2).opens().waits(minutes=1)
    return person.saves_password(world.doctor.other_password)


def _reset_of_nobody(world: World) -> Person:
    return world.calls("reset").waits(minutes=1).asks_link(world.doctor.other_email)


def _sign_in_wrong(world: World) -> Person:
    world.has_account()
    wrong = world.doctor.wrong_password
    return world.calls("signin").signs_in(password=wrong).signs_in(password=wrong)


def _sign_in_locked(world: World) -> Person:
    world.has_account()
    person = world.calls("signin")
    for _ in range(4):
        person.signs_in(password=world.doctor.wrong_password)
    return person.signs_in()


def _settings_wrong(world: World) -> Person:
    other = world.doctor.other_password
    person = world.at_the_settings().waits(minutes=1)
    return person.saves(password=other, current=world.doctor.wrong_password)


def _settings_changed(world: World) -> Person:
    return world.at_the_settings().waits(minutes=1).saves(password=world.doctor.other_password)


# --- what others did to it, or did not see -------------------------------------------------------


def _struck_off(world: World) -> Person:
    world.has_account()
    world.sandbox.registry.change(world.doctor.rpps, status="radie")
    return world.calls("signin").waits(minutes=1).signs_in()


def _unlocked(world: World) -> Person:
    world.has_account()
    for _ in range(9):
        world.calls("signin").waits(minutes=5).signs_in(password=world.doctor.wrong_password)
    person = world.calls("signin").signs_in()
    assert person.diagnosis().cause_id == "account.locked"
    kept = world.sandbox.flows.unlock(rpps=world.doctor.rpps)
    assert kept is not None
    person.about = kept.reference
    return person


def _frozen(world: World) -> Person:
    world.has_account()
    _recovers(world, world.doctor.other_email)
    letters = world.sandbox.messages.to(world.doctor.email)
    told = next(it for it in reversed(letters) if it.purpose == "notice" and it.link is not None)
    assert world.sandbox.flows.object_link(told.link_token) == "frozen"
    world.sandbox.clock.advance(hours=2)
    return _recovers(world, world.doctor.email)


def _lost_answer(world: World) -> Person:
    person = world.at_the_credentials()
    return person.activates(key="of this press").waits(minutes=1).activates(key="of this press")


ACCOUNTS = (
    Call(
        name="recovery done",
        says="Est-ce que c'est fait ?",
        happens=_recovery_done,
        cause="done.recovered",
        status=Status.DONE,
        to_do=("Rien à faire", "nouvelle adresse"),
    ),
    Call(
        name="recovery of nobody",
        says="Je ne retrouve pas mon compte.",
        happens=_recovery_of_nobody,
        cause="identity.rpps_unknown",
        status=Status.OPEN,
        to_do=("corriger le numéro RPPS", "conseil départemental"),
    ),
    Call(
        name="two browsers",
        says="Sur l'ordinateur du bureau, tout s'est arrêté.",
        happens=_two_browsers,
        cause="account.renewed",
        status=Status.EXPIRED,
        to_do=("identifiants choisis en dernier", "conseil départemental"),
    ),
    Call(
        name="reset done",
        says="Mon mot de passe est-il changé ?",
        happens=_reset_done,
        cause="done.password_changed",
        status=Status.DONE,
        to_do=("Rien à faire", "session"),
    ),
    Call(
        name="reset of nobody",
        says="Je ne reçois aucun lien.",
        happens=_reset_of_nobody,
        cause="link.unknown",
        status=Status.BLOCKED,
        to_do=("corriger l'adresse", "compte oubliée"),
    ),
    Call(
        name="sign-in wrong",
        says="Il refuse mon mot de passe.",
        happens=_sign_in_wrong,
        cause="signin.wrong",
        status=Status.OPEN,
        to_do=("corriger le mot de passe", "Identifiants oubliés"),
    ),
    Call(
        name="sign-in locked",
        says="Même le bon mot de passe est refusé.",
        happens=_sign_in_locked,
        cause="signin.locked",
        status=Status.BLOCKED,
        to_do=("Essayer à nouveau après", "réinitialiser"),
    ),
    Call(
        name="settings wrong",
        says="Il ne veut pas de mon nouveau mot de passe.",
        happens=_settings_wrong,
        cause="settings.wrong",
        status=Status.OPEN,
        to_do=("mot de passe actuel", "Demander un nouveau mot de passe"),
    ),
    Call(
        name="settings changed",
        says="Est-ce enregistré ?",
        happens=_settings_changed,
        cause="done.settings_saved",
        status=Status.DONE,
        to_do=("Rien à faire",),
    ),
    Call(
        name="struck off",
        says="Depuis ce matin, mon mot de passe est refusé.",
        happens=_struck_off,
        cause="account.disabled",
        status=Status.BLOCKED,
        to_do=("ne peut rien corriger", "conseil départemental"),
        heard=(
            "compte est désactivé",
            "registre",
        ),
    ),
    Call(
        name="unlocked",
        says="On m'a dit que mon compte serait rouvert.",
        happens=_unlocked,
        cause="waiting.unlocked",
        status=Status.DONE,
        to_do=("Essayer à nouveau",),
        heard=("levé l'attente",),
    ),
    Call(
        name="frozen by an objection",
        says="J'ai répondu que ce n'était pas moi, et je ne rentre plus.",
        happens=_frozen,
        cause="account.frozen",
        status=Status.EXPIRED,
        to_do=("conseil départemental", "vérifie l'identité"),
        heard=(
            "compte est bloqué",
            "ce n'était pas elle",
        ),
    ),
    Call(
        name="lost answer",
        says="L'écran est resté blanc quand j'ai activé.",
        happens=_lost_answer,
        cause="done.created",
        status=Status.DONE,
        to_do=("Rien à faire", "se connecter"),
        heard=("espace a été créé",),
    ),
)
