"""« Je n'arrive pas à créer mon espace » : what happened to twenty-one doctors."""

from __future__ import annotations

from contextlib import suppress

from monespace_flows.errors import PortUnavailable
from monespace_flows.support.diagnosis import Status
from tests.support.people import Person

from .told import UNKNOWN_NUMBER, WEAK, Call, World

__all__ = ["CREATION"]

EXHAUSTED_TODAY = "code.exhausted_today"
"""The cause of who has no try left today, whatever code they ask for."""


def _wrong_date_once(world: World) -> Person:
    return world.calls().waits(minutes=1).identifies(world.doctor.mistaken)


def _wrong_date_three_times(world: World) -> Person:
    person = world.calls()
    for _ in range(3):
        person.waits(minutes=2).identifies(world.doctor.mistaken)
    return person


def _unknown_number(world: World) -> Person:
    return world.calls().waits(minutes=1).identifies((world.doctor.who[0], UNKNOWN_NUMBER))


def _account_exists(world: World) -> Person:
    world.has_account()
    return world.calls().waits(minutes=1).identifies()


def _no_contact(world: World) -> Person:
    world.sandbox.registry.change(world.doctor.rpps, mobile=None, email=None)
    return world.calls().waits(minutes=1).identifies()


def _status_without_right(world: World) -> Person:
    world.sandbox.registry.change(world.doctor.rpps, status="suspendu")
    return world.calls().waits(minutes=1).identifies()


def _code_wrong(world: World) -> Person:
    return world.at_the_code().waits(minutes=1).types_wrong_code()


def _code_exhausted(world: World) -> Person:
    return world.at_the_code().types_wrong_code(5).waits(minutes=1).types_code()


def _code_exhausted_today(world: World) -> Person:
    person = world.at_the_code().types_wrong_code(5).waits(minutes=2).asks_again()
    return person.types_wrong_code(5).waits(minutes=3).asks_again().types_code()


def _code_expired(world: World) -> Person:
    return world.at_the_code().waits(minutes=8).extends().waits(minutes=4).types_code()


def _resent_too_soon(world: World) -> Person:
    return world.at_the_code().waits(seconds=15).asks_again()


def _code_late(world: World) -> Person:
    return world.at_the_code().waits(minutes=3)


def _password_refused(world: World) -> Person:
    return world.at_the_credentials().activates(password=WEAK)


def _addresses_differ(world: World) -> Person:
    return world.at_the_credentials().activates(
        again=world.doctor.email.replace("cachette", "cachete")
    )


def _address_taken(world: World) -> Person:
    colleague = World(world.sandbox, type(world.doctor)(world.doctor.number + 500))
    colleague.at_the_credentials().activates(world.doctor.email)
    return world.at_the_credentials().activates()


def _came_back_too_late(world: World) -> Person:
    return world.at_the_code().waits(hours=2).types_code()


def _left_at_the_identity(world: World) -> Person:
    return world.calls().waits(minutes=1).extends().waits(hours=2)


def _left_at_the_channel(world: World) -> Person:
    return world.calls().identifies().waits(hours=2)


def _left_at_the_code(world: World) -> Person:
    return world.at_the_code().waits(hours=2)


def _left_at_the_credentials(world: World) -> Person:
    return world.at_the_credentials().waits(hours=2)


def _registry_down(world: World) -> Person:
    person = world.at_the_credentials()
    world.sandbox.registry.fail_next()
    with suppress(PortUnavailable):
        person.activates()
    world.sandbox.registry.fail_next(0)
    return person


CREATION = (
    Call(
        name="wrong date once",
        says="Le site ne me connaît pas.",
        happens=_wrong_date_once,
        cause="identity.birth_date_differs",
        status=Status.OPEN,
        to_do=("corriger la date de naissance", "conseil départemental"),
    ),
    Call(
        name="wrong date three times",
        says="Trois fois que je recommence !",
        happens=_wrong_date_three_times,
        cause="identity.birth_date_differs",
        status=Status.BLOCKED,
        to_do=("corriger la date de naissance", "conseil départemental"),
    ),
    Call(
        name="unknown number",
        says="Mon numéro est pourtant sur ma carte.",
        happens=_unknown_number,
        cause="identity.rpps_unknown",
        status=Status.OPEN,
        to_do=("corriger le numéro RPPS", "conseil départemental"),
    ),
    Call(
        name="account exists",
        says="On me dit que j'ai déjà un compte.",
        happens=_account_exists,
        cause="account.exists",
        status=Status.BLOCKED,
        to_do=("Se connecter", "récupération de mot de passe", "compte oubliée"),
    ),
    Call(
        name="no contact",
        says="Tout est juste, et le site me refuse.",
        happens=_no_contact,
        cause="identity.no_contact",
        status=Status.BLOCKED,
        to_do=("ne peut rien corriger", "enregistrer un mobile", "conseil départemental"),
    ),
    Call(
        name="status without right",
        says="Je suis inscrit depuis vingt ans.",
        happens=_status_without_right,
        cause="identity.not_admitted",
        status=Status.BLOCKED,
        to_do=("ne peut rien corriger", "conseil départemental"),
    ),
    Call(
        name="code wrong",
        says="Il ne veut pas de mon code.",
        happens=_code_wrong,
        cause="code.differs",
        status=Status.OPEN,
        to_do=("corriger le code", "dernier message"),
    ),
    Call(
        name="code exhausted",
        says="Le bon code ne marche plus non plus.",
        happens=_code_exhausted,
        cause="code.exhausted",
        status=Status.OPEN,
        to_do=("Renvoyer le code",),
    ),
    Call(
        name="code exhausted today",
        says="J'ai redemandé des codes, aucun ne marche.",
        happens=_code_exhausted_today,
        cause=EXHAUSTED_TODAY,
        status=Status.BLOCKED,
        to_do=("il serait refusé aussi", "Recommencer après le"),
    ),
    Call(
        name="code expired",
        says="Le téléphone a sonné, et puis le code était mort.",
        happens=_code_expired,
        cause="code.expired",
        status=Status.OPEN,
        to_do=("Renvoyer le code", "sans attendre"),
    ),
    Call(
        name="resent too soon",
        says="« Renvoyer » ne renvoie rien.",
        happens=_resent_too_soon,
        cause="send.too_soon",
        status=Status.OPEN,
        to_do=("le code déjà reçu", "en demander un autre après"),
    ),
    Call(
        name="code late",
        says="Je n'ai pas de code.",
        happens=_code_late,
        cause="waiting.enter_code",
        status=Status.OPEN,
        to_do=("Renvoyer le code", "Retour", "autre moyen"),
    ),
    Call(
        name="password refused",
        says="Mon mot de passe ne lui plaît pas.",
        happens=_password_refused,
        cause="password.weak",
        status=Status.OPEN,
        to_do=("corriger le mot de passe", "plusieurs mots"),
    ),
    Call(
        name="addresses differ",
        says="J'ai bien tapé mon adresse, deux fois.",
        happens=_addresses_differ,
        cause="email.mismatch",
        status=Status.OPEN,
        to_do=("corriger la confirmation", "adresse e-mail"),
    ),
    Call(
        name="address taken",
        says="Au cabinet nous avons une seule adresse.",
        happens=_address_taken,
        cause="email.taken",
        status=Status.OPEN,
        to_do=("corriger l'adresse", "réinitialiser le mot de passe"),
    ),
    Call(
        name="came back too late",
        says="Je reviens de mes visites, tout a disparu.",
        happens=_came_back_too_late,
        cause="waiting.enter_code",
        status=Status.EXPIRED,
        to_do=("Recommencer une demande",),
    ),
    Call(
        name="left at the identity",
        says="J'avais commencé, je ne sais plus où.",
        happens=_left_at_the_identity,
        cause="waiting.enter_identity",
        status=Status.ABANDONED,
        to_do=("Recommencer une demande",),
    ),
    Call(
        name="left at the channel",
        says="Je ne savais pas quel numéro choisir.",
        happens=_left_at_the_channel,
        cause="waiting.choose_channel",
        status=Status.ABANDONED,
        to_do=("Recommencer une demande",),
    ),
    Call(
        name="left at the code",
        says="Mon portable était dans la voiture.",
        happens=_left_at_the_code,
        cause="waiting.enter_code",
        status=Status.ABANDONED,
        to_do=("Recommencer une demande",),
    ),
    Call(
        name="left at the credentials",
        says="Un patient est entré.",
        happens=_left_at_the_credentials,
        cause="waiting.choose_credentials",
        status=Status.ABANDONED,
        to_do=("Recommencer une demande",),
    ),
    Call(
        name="registry down",
        says="Il dit que le service est indisponible.",
        happens=_registry_down,
        cause="waiting.choose_credentials",
        status=Status.OPEN,
        to_do=("indisponible", "réessayer"),
    ),
)
