"""`monespace account`: what an operator does with one person's account."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import asdict

from ..access.log import AccessLog, AccessRecord
from ..access.place import Place, place_options
from ..access.reading import Grounds, grounds_options
from ..command import OperatorGroup
from ..errors import Exit, Stop
from ..output import ask_hidden, make_sure, print_json, print_lines, say

if TYPE_CHECKING:
    from monespace_flows.driver import Eraser, Erasure, Keeper, Kept

__all__ = ["account"]

_SCHEMA = "monespace/account-erase/1"
_KEPT = "monespace/account-act/1"
_IMPORTED = "monespace/account-import/1"


@click.group("account", cls=OperatorGroup)
def account() -> None:
    """Déverrouiller, désactiver, réactiver, effacer ou importer des comptes.

    Exemple : monespace account unlock --purpose appel --ticket SD-1423 --config m.toml
    """


@account.command("erase")
@place_options(operates=True)
@grounds_options
@click.option("--yes", "is_sure", is_flag=True, help="Ne pas demander si vous êtes sûr.")
@click.option("--json", "as_json", is_flag=True, help=f"Écrire du JSON ({_SCHEMA}).")
def erase(place: Place, grounds: Grounds, is_sure: bool, as_json: bool) -> Exit:
    """Effacer le compte de quelqu'un, pour de bon : à sa demande, ou parce qu'il a quitté l'Ordre.

    Le numéro RPPS ou l'adresse e-mail du compte est demandé au clavier, sans être affiché, ou lu
    sur l'entrée standard ; il n'est jamais accepté comme argument, ni répété, ni écrit. Motif et
    ticket sont d'abord inscrits au registre des accès : faute de quoi rien n'est effacé.

    Avec le compte partent ses sessions, ses liens, ses parcours et ce qui attend de lui être
    envoyé. Les journaux restent, sous un pseudonyme, le temps de journeys.retention (183 jours). La
    personne est déconnectée partout, et peut créer un compte aussitôt.

    Code 0 quand le compte est effacé, 3 quand il n'y en a pas, 4 quand le motif, le ticket ou le
    registre des accès est refusé.

    Exemples :
        monespace account erase --purpose legal --ticket SD-1423 --config m.toml
        monespace account erase --purpose essai --ticket T-1 --dir .monespace-demo

    Ensuite : monespace access-log --ticket SD-1423, pour voir que c'est inscrit.
    """
    purpose, ticket = grounds.checked("effacez un compte")
    named = _named(place)
    make_sure("Effacer ce compte pour de bon ?", "rien n'a été effacé", is_sure=is_sure)
    with opened_for_accounts(place) as outside:
        eraser = _eraser(outside)
        access = recorded_act(place, "erase", purpose, ticket)
        erasure = eraser.erase(**named)
    _tell(erasure, access, as_json)
    if erasure is None:
        say(_NO_ACCOUNT)
        return Exit.NO_JOURNEY
    days = place.policy.journeys.retention.days
    say(f"Les journaux restent, sous un pseudonyme, {days} jours. Un compte peut être recréé.")
    return Exit.FINE


def _named(place: Place) -> dict[str, str]:
    """Ask who it is; twice where nobody can see what they type."""
    from monespace_backends.emails import Emails
    from monespace_flows.rules.identity import read_rpps

    text = _typed_twice() if sys.stdin.isatty() else sys.stdin.readline(1000)
    typed = text.strip()
    if "@" in typed and Emails().read(typed) is not None:
        return {"email": typed}
    if isinstance(read_rpps(typed, place.policy.identity), str):
        return {"rpps": typed}
    raise Stop(Exit.USAGE, "ce n'est ni un numéro RPPS (11 chiffres) ni une adresse e-mail")


def _typed_twice() -> str:
    while (typed := ask_hidden(_WHO)) != ask_hidden(_AGAIN):
        say("Les deux saisies diffèrent : recommencez.")
    return typed


_WHO = "Numéro RPPS ou adresse e-mail du compte (non affiché)"
_AGAIN = "Le même, encore une fois"


@contextmanager
def opened_for_accounts(place: Place) -> Iterator[dict[str, Any]]:
    """Open the database, to write too, with all that who acts on accounts is made of."""
    from monespace_backends.emails import Emails
    from monespace_backends.keyring import open_keys
    from monespace_backends.storage import open_storage

    keys, clock = place.keys(), place.clock
    storage = open_storage(place.database.url, **place.database.naming, pool_size=1)
    try:
        yield {
            "storage": storage,
            "secrets": open_keys(storage, keys, clock),
            "emails": Emails(),
            "clock": clock,
            "policy": place.policy,
        }
    finally:
        storage.close()


def _eraser(outside: dict[str, Any]) -> Eraser:
    from monespace_flows.driver import Eraser

    return Eraser(**outside)


def keeper_of(outside: dict[str, Any]) -> Keeper:
    """Make who unlocks, disables and enables."""
    from monespace_flows.driver import Keeper

    return Keeper(**outside)


def recorded_act(
    place: Place, act: str, purpose: str, ticket: str, actor: str | None = None
) -> AccessRecord:
    """Add an act on an account to the log of accesses.

    Raises:
        Stop: it cannot be written, so nothing may be done.
    """
    try:
        return AccessLog(place.access_log).append(
            command=act,
            reference=AccessRecord.ACCOUNT,
            purpose=purpose,
            ticket=ticket,
            actor=actor,
        )
    except Stop:
        told = f"{place.access_log} ne peut pas recevoir cet accès, donc rien n'est {_DONE[act]}"
        raise Stop(Exit.REFUSED, f"{told} ; voyez : monespace doctor") from None


_NO_ACCOUNT = "monespace: ce compte n'existe pas"
_DONE = {
    "erase": "effacé",
    "unlock": "déverrouillé",
    "disable": "désactivé",
    "enable": "réactivé",
    "import": "importé",
}
_NAMES = {
    "accounts": "comptes",
    "sessions": "sessions",
    "links": "liens",
    "journeys": "parcours",
    "messages": "messages",
    "tries": "essais",
}
_COUNTED = "{:<10}{:>8}  {}"


def _tell(erasure: Erasure | None, access: AccessRecord, as_json: bool) -> None:
    with_it = {} if erasure is None else asdict(erasure)
    if as_json:
        names = ("sessions", "links", "journeys", "messages")
        counts = {name: with_it.get(name, 0) for name in names}
        erased = {"accounts": int(erasure is not None), **counts}
        print_json(_SCHEMA, erased=erased, access=access.seq)
    elif erasure is not None:
        counts = {"accounts": 1, **with_it}
        print_lines([_COUNTED.format(_NAMES[it], n, "effacés") for it, n in counts.items()])


# --- accounts of an earlier site -----------------------------------------------------------------


@account.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FICHIER")
@place_options(operates=True)
@grounds_options
@click.option("--skip", is_flag=True, help="Importer sans les lignes fautives.")
@click.option("--dry-run", is_flag=True, help="Dire ce qui serait fait, et ne rien faire.")
@click.option("--json", "as_json", is_flag=True, help=f"Écrire du JSON ({_IMPORTED}).")
def import_(
    file: Path, *, place: Place, grounds: Grounds, skip: bool, dry_run: bool, as_json: bool
) -> Exit:
    """Reprendre les comptes d'un ancien site : chacun garde le mot de passe qu'il connaît.

    FICHIER est un CSV en UTF-8 avec une ligne d'en-tête : rpps, email, hash, et au besoin confirmed
    (yes ou no : l'ancien site a-t-il fait confirmer l'adresse). Un hash est d'argon2, de bcrypt, de
    Drupal 7 ou PBKDF2 (Django ou passlib) ; argon2id le remplace à la première connexion.

    Toute faute est dite avec sa ligne, et rien n'est alors importé ; --skip laisse ces lignes de
    côté. Qui n'est pas admis au registre ne peut pas être importé. Qui a déjà un compte le garde
    tel quel : un import interrompu se relance donc. Le service peut tourner pendant ce temps.

    Motif et ticket sont d'abord inscrits, même pour un essai ; le journal de chaque compte créé
    reçoit une ligne, et l'hôte apprend AccountCreated. Effacez FICHIER ensuite : il contient des
    hashs.

    Code 0, 1 quand des lignes ont été laissées de côté, 2 quand rien n'a été importé, 4 quand le
    motif, le ticket ou le registre des accès est refusé.

    Exemples :
        monespace account import vieux.csv --purpose legal --ticket SD-1 --config m.toml
        monespace account import vieux.csv --dry-run --purpose essai --ticket T-1 --dir d

    Ensuite : monespace find, pour les parcours de l'un d'eux.
    """
    from .importing import import_accounts

    purpose, ticket = grounds.checked("importez des comptes")
    with opened_for_accounts(place) as outside:
        access = recorded_act(place, "import", purpose, ticket)
        done = import_accounts(place, outside, file, skip=skip, dry_run=dry_run)
    left_out = [asdict(fault) for fault in done.left_out]
    if as_json:
        counts = {"added": done.added, "there": done.there, "left_out": left_out}
        print_json(_IMPORTED, dry_run=dry_run, **counts, access=access.seq)
    else:
        word = "à importer" if dry_run else "importés"
        told = ((done.added, word), (done.there, "déjà là"))
        print_lines([_COUNTED.format("comptes", count, words) for count, words in told])
    if done.left_out:
        say("\n  ".join(["Laissées de côté :", *map(str, done.left_out)]))
        return Exit.FOUND
    return Exit.FINE


# --- acts that leave the account there -----------------------------------------------------------


@account.command("unlock")
@place_options(operates=True)
@grounds_options
@click.option("--json", "as_json", is_flag=True, help=f"Écrire du JSON ({_KEPT}).")
def unlock(place: Place, grounds: Grounds, as_json: bool) -> Exit:
    """Laisser quelqu'un essayer aussitôt : oublier les essais manqués qui le font attendre.

    Les mots de passe, dates de naissance et codes faux comptés contre lui sont oubliés ; les mêmes
    erreurs le feront attendre de nouveau. Ce qui limite le nombre de messages reste. Il n'y faut
    pas de compte : une date de naissance fausse verrouille un numéro qui n'en a pas encore.

    Le numéro RPPS ou l'adresse est demandé comme par « monespace account erase ». Motif et ticket
    sont d'abord inscrits ; le journal du compte reçoit une ligne, que « monespace find » liste
    parmi les parcours de la personne.

    Code 0 quand c'est fait ou que rien n'était compté, 3 quand ce compte n'existe pas, 4 quand le
    motif, le ticket ou le registre des accès est refusé.

    Exemples :
        monespace account unlock --purpose appel --ticket SD-1423 --config m.toml
        monespace account unlock --purpose essai --ticket T-1 --dir .monespace-demo

    Ensuite : monespace show RÉFÉRENCE, pour voir la ligne.
    """
    return _kept("unlock", place, grounds, as_json)


@account.command("disable")
@place_options(operates=True)
@grounds_options
@click.option("--json", "as_json", is_flag=True, help=f"Écrire du JSON ({_KEPT}).")
def disable(place: Place, grounds: Grounds, as_json: bool) -> Exit:
    """Fermer le compte de quelqu'un sans l'effacer : plus personne ne s'y connecte.

    Ses sessions, ses liens et ses navigateurs connus sont coupés aussitôt. Qui essaie lit le refus
    de tout mot de passe faux ; « monespace why » dit account.disabled. « monespace account enable »
    le rouvre. Qui n'est plus admis au registre est désactivé sans vous, à sa prochaine connexion.

    Demandé, inscrit et terminé comme « monespace account unlock » ; un compte déjà désactivé le
    reste.

    Exemples :
        monespace account disable --purpose securite --ticket SD-1423 --config m.toml
        monespace account disable --purpose essai --ticket T-1 --dir .monespace-demo

    Ensuite : monespace account enable, une fois la situation réglée.
    """
    return _kept("disable", place, grounds, as_json)


@account.command("enable")
@place_options(operates=True)
@grounds_options
@click.option("--json", "as_json", is_flag=True, help=f"Écrire du JSON ({_KEPT}).")
def enable(place: Place, grounds: Grounds, as_json: bool) -> Exit:
    """Rouvrir un compte désactivé, avec le mot de passe qu'il avait.

    Ce qui a été coupé le reste : la personne se connecte à nouveau. Voyez d'abord que le registre
    l'admet, sans quoi sa prochaine connexion désactive le compte encore une fois.

    Un compte bloqué par « Ce n'est pas moi » s'ouvre sans mot de passe : trouvez à qui il est, et
    faites-le récupérer par un code, puis choisir un autre mot de passe.

    Demandé, inscrit et terminé comme « monespace account unlock » ; un compte actif le reste.

    Exemples :
        monespace account enable --purpose appel --ticket SD-1423 --config m.toml
        monespace account enable --purpose essai --ticket T-1 --dir .monespace-demo

    Ensuite : monespace find, pour les parcours de la personne.
    """
    return _kept("enable", place, grounds, as_json)


def _kept(act: str, place: Place, grounds: Grounds, as_json: bool) -> Exit:
    purpose, ticket = grounds.checked(_ACTS[act])
    named = _named(place)
    with opened_for_accounts(place) as outside:
        keeper = keeper_of(outside)
        access = recorded_act(place, act, purpose, ticket)
        acts = {"unlock": keeper.unlock, "disable": keeper.disable, "enable": keeper.enable}
        kept = acts[act](**named)
    if as_json:
        _print_kept(act, kept, access)
    elif kept is not None and kept.reference is not None:
        print_lines([_COUNTED.format(*each) for each in _counts(act, kept)])
        print_lines([f"{'journal':<10}{kept.reference}"])
    if kept is None:
        say(_NO_ACCOUNT)
        return Exit.NO_JOURNEY
    if kept.reference is None:
        say(f"Rien à faire : {_ALREADY[act]}.")
    return Exit.FINE


_ACTS = {
    "unlock": "déverrouillez un compte",
    "disable": "désactivez un compte",
    "enable": "réactivez un compte",
}
_ALREADY = {
    "unlock": "aucun essai manqué n'est compté",
    "disable": "le compte est déjà désactivé",
    "enable": "le compte n'est pas désactivé",
}


def _counts(act: str, kept: Kept) -> list[tuple[str, int, str]]:
    if act == "unlock":
        return [("essais", kept.tries, "oubliés")]
    ended = [("sessions", kept.sessions, "fermées"), ("liens", kept.links, "annulés")]
    return [("compte", 1, _DONE[act]), *(ended if act == "disable" else ())]


def _print_kept(act: str, kept: Kept | None, access: AccessRecord) -> None:
    done = kept if kept is not None and kept.reference is not None else None
    print_json(
        _KEPT,
        act=act,
        found=kept is not None,
        done=done is not None,
        tries=done.tries if done else 0,
        sessions=done.sessions if done else 0,
        links=done.links if done else 0,
        reference=done.reference if done else None,
        access=access.seq,
    )
