"""Every command of the program, by name: where it is, and its line in the help.

Operators read English; support staff, who answer French doctors, read French.
"""

from __future__ import annotations

from .lazy import Entry

__all__ = ["COMMANDS"]

_TRY = "Try it"
_RUN = "Run it"
_SUPPORT = "Assistance (en français)"


def _entry(target: str, panel: str, text: str) -> Entry:
    french = panel == _SUPPORT
    return Entry(target=f"monespace_cli.{target}", panel=panel, help=text, is_french=french)


COMMANDS = {
    "demo": _entry(
        "demo:demo", _TRY, "Serve everything on this machine, with invented doctors and an inbox."
    ),
    "serve": _entry("serve:serve", _RUN, "Serve the pages and the JSON, by a settings file."),
    "relay": _entry("relay:relay", _RUN, "Deliver the messages that wait, until stopped."),
    "db": _entry("db:db", _RUN, "Bring the database to this version."),
    "registry": _entry("registry:registry", _RUN, "Check and import the Order's registry."),
    "purge": _entry("purge:purge", _RUN, "Delete what is past its life."),
    "account": _entry("account:account", _RUN, "Erase someone's account."),
    "doctor": _entry("doctor:doctor", _RUN, "Check the settings and all that they name."),
    "find": _entry(
        "support.finding:find", _SUPPORT, "Trouver les parcours d'une personne (saisie masquée)."
    ),
    "list": _entry(
        "support.listing:list_", _SUPPORT, "Lister les parcours, du plus récent au plus ancien."
    ),
    "show": _entry("support.showing:show", _SUPPORT, "Montrer ce qui est arrivé à quelqu'un."),
    "why": _entry("support.why:why", _SUPPORT, "Dire pourquoi, en un paragraphe à lire."),
    "step": _entry("support.stepping:step", _SUPPORT, "Rejouer un parcours pas à pas."),
    "whatif": _entry("support.whatif:whatif", _SUPPORT, "Essayer une autre réponse, sans effet."),
    "diff": _entry("support.diffing:diff", _SUPPORT, "Comparer deux parcours."),
    "gate": _entry(
        "support.gate:gate", _SUPPORT, "Rejouer tous les parcours avant une mise à jour."
    ),
    "verify": _entry("support.verifying:verify", _SUPPORT, "Vérifier les journaux."),
    "shapes": _entry(
        "support.shapes:shapes", _SUPPORT, "Résumer les chemins suivis, sans personne."
    ),
    "stats": _entry("support.stats:stats", _SUPPORT, "Compter où les personnes s'arrêtent."),
    "export": _entry("support.exporting:export", _SUPPORT, "Exporter un parcours ou tous."),
    "access-log": _entry(
        "support.access_log:access_log", _SUPPORT, "Voir qui a lu quoi, et pourquoi."
    ),
    "explain": _entry("support.explaining:explain", _SUPPORT, "Expliquer un message de l'écran."),
}
"""The table that the help lists and the program runs."""
