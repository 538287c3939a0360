"""« Je ne reçois rien » : codes and links that did not come, or came to nothing."""

from __future__ import annotations

from contextlib import suppress

from monespace_flows.errors import LinkInvalid
from monespace_flows.support.diagnosis import Status
from tests.support.people import Person

from .told import Call, World

__all__ = ["MESSAGES"]


def _mail_refused(world: World) -> Person:
    world.sandbox.messages.refuse_next()
    return world.at_the_code("email").waits(minutes=2)


def _greylisted(world: World) -> Person:
    world.sandbox.messages.fail_next()
    person = world.at_the_code("email").waits(minutes=8)
    world.sandbox.deliver()
    return person.extends().waits(minutes=3).types_code()


def _dead_link(world: World) -> Person:
    person = world.at_the_link().waits(hours=30)
    assert world.sandbox.flows.link_purpose(person.link) is None
    return person


def _scanner(world: World) -> Person:
    person = world.at_the_link()
    link = person.link
    world.sandbox.flows.open_link(link)
    with suppress(LinkInvalid):
        world.sandbox.flows.open_link(link)
    world.sandbox.clock.advance(minutes=5)
    assert world.sandbox.flows.link_purpose(link) is None
    return person


def _sms_given_up(world: World) -> Person:
    world.sandbox.messages.fail_next(99)
    person = world.at_the_code().waits(minutes=11)
    world.sandbox.deliver()
    world.sandbox.messages.fail_next(0)
    return person.types_code("123456")


def _sms_down(world: World) -> Person:
    world.sandbox.messages.fail_next(99)
    return world.at_the_code().waits(minutes=2)


MESSAGES = (
    Call(
        name="mail refused",
        says="Je ne reçois pas l'e-mail.",
        happens=_mail_refused,
        cause="message.refused",
        status=Status.BLOCKED,
        to_do=("autre moyen", "conseil départemental"),
        heard=(
            "a été refusé",
            "n'accepte pas le message",
        ),
    ),
    Call(
        name="mail greylisted, then sent late",
        says="Le code arrive, et il est déjà périmé.",
        happens=_greylisted,
        cause="code.expired",
        status=Status.OPEN,
        to_do=("Renvoyer le code", "sans attendre"),
        heard=(
            "périmé",
            "refusé pour l'instant à 10:01",
            "remis pour acheminement à 10:09",
        ),
    ),
    Call(
        name="dead link",
        says="Le lien du mail ne marche pas.",
        happens=_dead_link,
        cause="link.expired",
        status=Status.EXPIRED,
        to_do=("nouveau lien",),
        heard=("lien a été ouvert trop tard",),
    ),
    Call(
        name="link used by a scanner",
        says="Le site dit que mon lien a déjà servi. C'est faux.",
        happens=_scanner,
        cause="link.used",
        status=Status.OPEN,
        to_do=("nouveau lien", "navigateur"),
        heard=("logiciel qui contrôle son courrier",),
    ),
    Call(
        name="SMS given up",
        says="J'ai tapé le code, il dit qu'il est périmé.",
        happens=_sms_given_up,
        cause="message.given_up",
        status=Status.BLOCKED,
        to_do=("pas une erreur", "autre moyen", "prévenir l'exploitation"),
        heard=(
            "jamais parti",
            "abandonné",
        ),
    ),
    # The last one: until the end nothing delivers what waits here.
    Call(
        name="SMS down",
        says="J'attends toujours le SMS.",
        happens=_sms_down,
        cause="message.waiting",
        status=Status.OPEN,
        to_do=("Patienter", "autre moyen", "prévenir l'exploitation"),
        heard=(
            "pas encore parti",
            "la personne y soit pour rien",
        ),
    ),
)
