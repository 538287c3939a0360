"""`monespace breaker`: what everybody does together, and the budget of SMS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from attrs import asdict

from ..access.log import AccessLog, AccessRecord
from ..access.place import Place, place_options
from ..access.reading import Grounds, grounds_options
from ..command import OperatorGroup
from ..errors import Exit, Stop
from ..output import print_json, print_lines, say

if TYPE_CHECKING:
    from monespace_flows.driver import Totals, Watch
    from monespace_flows.policy import TotalsPolicy

__all__ = ["breaker"]


@click.group("breaker", cls=OperatorGroup)
def breaker() -> None:
    """Voir ce que tous font ensemble, et laisser les SMS repartir.

    Exemple : monespace breaker show --config monespace.toml
    """


@breaker.command("show")
@place_options(operates=True)
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/breaker/1).")
def show(place: Place, as_json: bool) -> None:
    """Montrer ce qui est compté sur tous les parcours, avec ses limites, et ce qui est en vigueur.

    Les échecs sont ceux des dernières minutes (totals.failures_span), les messages ceux depuis
    minuit, là où est le site. Au ralenti, chaque réponse à un contrôle d'identité prend plus de
    temps, et les numéros se verrouillent plus tôt. Disjoncteur ouvert, les codes partent par e-mail
    seulement. Rien de personnel n'est montré, donc rien n'est inscrit.

    Exemples :
        monespace breaker show --config monespace.toml
        monespace breaker show --json --dir .monespace-demo

    Ensuite : monespace breaker close --purpose incident --ticket SD-7, s'il faut des SMS.
    """
    with _watching(place) as watch:
        totals = watch.totals()
    if as_json:
        print_json("monespace/breaker/1", **asdict(totals))
    else:
        print_lines(_lines(totals, place.policy.totals))


def _lines(totals: Totals, limits: TotalsPolicy) -> list[str]:
    minutes = int(limits.failures_span.total_seconds()) // 60
    alarm = f"alerte à {limits.failures_alert}"
    told = [
        (
            "identités fausses",
            totals.identity_failures,
            f"en {minutes} min ; {alarm}, ralenti à {limits.failures_slow}",
        ),
        ("mots de passe faux", totals.sign_in_failures, f"en {minutes} min ; {alarm}"),
        ("SMS", totals.sms, f"aujourd'hui, sur {totals.sms_per_day}"),
        ("e-mails", totals.emails, f"aujourd'hui ; alerte à {limits.emails_per_day}"),
    ]
    return [
        *(f"{name:<20}{count:>8}  {limit}" for name, count, limit in told),
        f"{'au ralenti':<20}{'oui' if totals.slow_mode else 'non':>8}",
        f"{'disjoncteur SMS':<20}{'ouvert' if totals.sms_is_closed else 'fermé':>8}",
    ]


@breaker.command("close")
@place_options(operates=True)
@grounds_options
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/breaker-close/1).")
def close(place: Place, grounds: Grounds, as_json: bool) -> Exit:
    """Laisser les codes repartir par SMS aujourd'hui, dans un nouveau budget entier.

    Voyez d'abord pourquoi le budget est épuisé : monespace breaker show, et les alertes du journal
    du service. Pour en permettre plus chaque jour, augmentez plutôt totals.sms_budget. Motif et
    ticket sont d'abord inscrits au registre des accès : faute de quoi rien n'est changé.

    Code 0 quand le disjoncteur était ouvert, 3 quand les SMS partent déjà, 4 quand le motif, le
    ticket ou le registre des accès est refusé.

    Exemples :
        monespace breaker close --purpose incident --ticket SD-7 --config m.toml

    Ensuite : monespace breaker show --config monespace.toml
    """
    purpose, ticket = grounds.checked("rouvrez les SMS")
    with _watching(place) as watch:
        access = _recorded(place, purpose, ticket)
        closed = watch.close_breaker()
    if as_json:
        print_json("monespace/breaker-close/1", closed=closed, access=access.seq)
    elif closed:
        print_lines(["Les SMS repartent, dans un nouveau budget pour aujourd'hui."])
    if closed:
        return Exit.FINE
    say("monespace: les SMS partent déjà")
    return Exit.NO_JOURNEY


@contextmanager
def _watching(place: Place) -> Iterator[Watch]:
    from monespace_backends.keyring import open_keys
    from monespace_backends.storage import open_storage
    from monespace_flows.driver import Watch

    keys, clock = place.keys(), place.clock
    storage = open_storage(place.database.url, **place.database.naming, pool_size=1)
    try:
        yield Watch(
            storage=storage,
            secrets=open_keys(storage, keys, clock),
            clock=clock,
            policy=place.policy,
            zone=place.zone,
        )
    finally:
        storage.close()


def _recorded(place: Place, purpose: str, ticket: str) -> AccessRecord:
    try:
        return AccessLog(place.access_log).append(
            command="breaker-close",
            reference=AccessRecord.MESSAGES,
            purpose=purpose,
            ticket=ticket,
        )
    except Stop:
        told = f"{place.access_log} ne peut pas recevoir cet accès, donc rien n'est changé"
        raise Stop(Exit.REFUSED, f"{told} ; voyez : monespace doctor") from None
