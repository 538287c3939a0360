"""The `monespace` program: its commands, and one way to end, whatever happened inside.

Data go to the standard output, everything else to the error output.  No sentence written here
repeats what was typed: an RPPS number that lands on the wrong command must not stay on a screen.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

try:
    import click
except ModuleNotFoundError as missing:
    sys.exit(f"il manque {missing.name} : pip install 'monespace-flows[cli]'")

from .command import Entry, LazyGroup
from .errors import Exit, Stop

__all__ = ["COMMANDS", "Program", "cli"]

_TRY = "Essayer"
_RUN = "Exploiter"
_SUPPORT = "Assister"


def _entry(target: str, panel: str, text: str, *, is_french: bool | None = None) -> Entry:
    french = panel == _SUPPORT if is_french is None else is_french
    return Entry(target=f"monespace_cli.{target}", panel=panel, help=text, is_french=french)


COMMANDS = {
    "demo": _entry(
        "serving.demo:demo",
        _TRY,
        "Tout servir sur cette machine : médecins inventés, boîte aux lettres.",
    ),
    "serve": _entry(
        "serving.serve:serve", _RUN, "Servir les pages et le JSON, selon un fichier de réglages."
    ),
    "relay": _entry("serving.relay:relay", _RUN, "Remettre les messages en attente."),
    "db": _entry("operating.database:db", _RUN, "Mettre la base de données à cette version."),
    "registry": _entry(
        "operating.registry:registry", _RUN, "Contrôler et importer le registre de l'Ordre."
    ),
    "outbox": _entry(
        # Where its last commands are: they stand on the others.
        "operating.listeners:outbox",
        _RUN,
        "Voir ce qui attend de partir, le remettre ou l'ôter.",
        is_french=True,
    ),
    "breaker": _entry(
        "operating.breaker:breaker",
        _RUN,
        "Voir ce que tous font ensemble ; rouvrir les SMS.",
        is_french=True,
    ),
    "purge": _entry("operating.database:purge", _RUN, "Effacer ce qui a passé sa durée de vie."),
    "journal": _entry(
        "operating.database:journal",
        _RUN,
        "Noter ce que tiennent les journaux : tout effacement se verra.",
    ),
    "account": _entry(
        "operating.account:account",
        _RUN,
        "Déverrouiller, désactiver, réactiver ou effacer un compte.",
        is_french=True,
    ),
    "keys": _entry("operating.keys:keys", _RUN, "Changer les clés pendant que le service tourne."),
    "texts": _entry("operating.texts:texts", _RUN, "Écrire tous les textes, contrôler les vôtres."),
    "doctor": _entry(
        "operating.doctor:doctor",
        _RUN,
        "Contrôler les réglages et tout ce qu'ils nomment.",
        is_french=True,
    ),
    "check-ports": _entry(
        "operating.ports:check_ports",
        _RUN,
        "Contrôler que vos propres ports tiennent les règles.",
    ),
    "console": _entry(
        "console.command:console", _SUPPORT, "Ouvrir l'assistance dans un navigateur, ici."
    ),
    "find": _entry(
        "support.find:find", _SUPPORT, "Trouver les parcours d'une personne (saisie masquée)."
    ),
    "list": _entry(
        "support.list:list_", _SUPPORT, "Lister les parcours, du plus récent au plus ancien."
    ),
    "show": _entry("support.show:show", _SUPPORT, "Montrer ce qui est arrivé à quelqu'un."),
    "why": _entry("support.why:why", _SUPPORT, "Dire pourquoi, en un paragraphe à lire."),
    "step": _entry("support.step:step", _SUPPORT, "Rejouer un parcours pas à pas."),
    "whatif": _entry("support.whatif:whatif", _SUPPORT, "Essayer une autre réponse, sans effet."),
    "diff": _entry("support.diff:diff", _SUPPORT, "Comparer deux parcours."),
    "gate": _entry(
        "support.gate:gate", _SUPPORT, "Rejouer tous les parcours avant une mise à jour."
    ),
    "verify": _entry("support.verify:verify", _SUPPORT, "Vérifier les journaux."),
    "shapes": _entry(
        "support.stats:shapes", _SUPPORT, "Résumer les chemins suivis, sans personne."
    ),
    "stats": _entry("support.stats:stats", _SUPPORT, "Compter où les personnes s'arrêtent."),
    "export": _entry("support.export:export", _SUPPORT, "Exporter un parcours ou tous."),
    "access-log": _entry(
        "support.access_log:access_log", _SUPPORT, "Voir qui a lu quoi, et pourquoi."
    ),
    "explain": _entry("support.why:explain", _SUPPORT, "Expliquer un message de l'écran."),
}
"""The table that the help lists and the program runs."""


_FLOWS = "MONESPACE_FLOWS"
"""``package.module:NAME``, several with commas: each is a flow, or a function that makes one."""


def _know_flows(named: str) -> None:
    """Make the flows known that are named as :data:`_FLOWS` names them.

    Raises:
        Stop: one of them cannot be imported, or is no flow.
    """
    from monespace_flows.chart import Flow
    from monespace_flows.support.registration import register_flow

    for one in filter(None, (each.strip() for each in named.split(","))):
        found = _imported(one)
        flow = found() if callable(found) else found
        if not isinstance(flow, Flow):
            raise _wrong(one, "ce n'est ni une démarche, ni une fonction qui en fait une")
        register_flow(flow)


def _imported(one: str) -> object:
    module, _, name = one.partition(":")
    try:
        found: object = getattr(import_module(module), name)
    except (ImportError, ValueError, AttributeError):
        raise _wrong(one, "ne peut pas être importé : écrivez paquet.module:NOM") from None
    return found


def _wrong(one: str, why: str) -> Stop:
    return Stop(Exit.USAGE, f"{_FLOWS} : {one} : {why}")


# By name: importing the core for its classes would cost every `--help` a third of a second.
_CODES = {
    "JourneyUnknown": Exit.NO_JOURNEY,
    "JournalDamaged": Exit.DAMAGED,
    "RowDamaged": Exit.DAMAGED,
    "JournalVersionUnknown": Exit.UNKNOWN_VERSION,
    "ClockFileInvalid": Exit.USAGE,
    "KeysInvalid": Exit.USAGE,
    "RegistryFileInvalid": Exit.USAGE,
    "SchemaMismatch": Exit.USAGE,
    "SettingsInvalid": Exit.USAGE,
    "PortUnavailable": Exit.INTERNAL,
}

_TOLD = {
    "JournalDamaged": "un journal est abîmé : {}",
    "RowDamaged": "la base de données est abîmée : prévenez l'exploitation",
    "JournalVersionUnknown": "un journal est d'une version que ce programme ne lit pas : {}",
    "KeysInvalid": "les clés ne peuvent pas servir : {}",
    "PortUnavailable": "la base de données ne répond pas",
    "SchemaMismatch": "la base de données n'est pas de cette version ({})",
}
"""What support staff are told, where the error's own words are not for them."""


class Program(LazyGroup):
    """Runs a command and turns every way in which it can end into an exit code."""

    def main(  # type: ignore[override]  # click says NoReturn where the program exits
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **settings: Any
    ) -> Any:
        """Run the command line, and exit."""
        if not settings.pop("standalone_mode", True):
            return super().main(args, prog_name, standalone_mode=False, **settings)
        sys.exit(self._ended(args, prog_name, settings))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whoever reads its output may leave in the middle."""
        hosted = os.environ.get(_FLOWS)
        if hosted:
            _know_flows(hosted)
        try:
            value = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Python would complain once more when it closes the output.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return Exit.PIPE_CLOSED
        return value

    def _ended(
        self, args: Sequence[str] | None, prog_name: str | None, settings: dict[str, Any]
    ) -> int:
        name = next(iter(sys.argv[1:] if args is None else args), "")
        french = name in self.entries and self.entries[name].is_french
        try:
            value = super().main(args, prog_name, standalone_mode=False, **settings)
        except Stop as stop:
            return _complain(stop.code, stop.message, french=french)
        except click.UsageError as error:
            return _misused(error)
        except click.ClickException as error:
            return _complain(Exit.USAGE, error.format_message(), french=french)
        except click.Abort:
            return Exit.INTERRUPTED
        except Exception as error:  # noqa: BLE001 - whatever broke, it ends in a line of no values
            return _broken(error, french=french)
        return value if isinstance(value, int) else Exit.FINE


def _misused(error: click.UsageError) -> Exit:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.message)
        return Exit.USAGE
    from .errors import say_misuse

    return _complain(Exit.USAGE, say_misuse(error), french=True)


def _complain(code: Exit, message: str, *, french: bool) -> Exit:
    told = f"monespace: {message}"
    click.echo(_folded(told) if french else told, err=True)
    return code


def _folded(message: str) -> str:
    """Fold what support staff read to 80 columns; a line that is indented is there to be copied."""
    from .output import wrapped

    lines: list[str] = []
    for line in message.splitlines():
        lines += [line] if line.startswith(" ") else wrapped(line, 80, rest="  ")
    return "\n".join(lines)


def _broken(error: Exception, *, french: bool) -> Exit:
    names = [kind.__name__ for kind in type(error).__mro__]
    known = next((_CODES[name] for name in names if name in _CODES), None)
    if known is not None and "MonespaceError" in names:
        # Its text is ours, and holds no value.
        told = _in_french(names, error) if french else str(error)
        return _complain(known, told, french=french)
    if isinstance(error, ModuleNotFoundError):
        extra = "pip install 'monespace-flows[all]'"
        return _complain(Exit.USAGE, f"il manque {error.name} : {extra}", french=True)
    # The text of any other error may hold anything, so only its kind and place are told.
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    told = f"erreur interne, à signaler à l'exploitation\n  {names[0]}, {where}"
    return _complain(Exit.INTERNAL, told, french=True)


def _in_french(names: list[str], error: Any) -> str:
    from .errors import say_fault

    told = next((_TOLD[name] for name in names if name in _TOLD), "{}")
    return told.format(say_fault(error) if "Reasoned" in names else error)


_EPILOG = (
    "Pour commencer : monespace demo. Puis, dans un autre terminal : monespace list --dir "
    ".monespace-demo"
)


@click.group(cls=Program, entries=COMMANDS, epilog=_EPILOG)
@click.version_option(
    package_name="monespace-flows", prog_name="monespace", help="Afficher la version."
)
def cli() -> None:
    """Les parcours de compte de « Mon Espace » : les servir, les exploiter, voir ce qui est arrivé.

    Chaque commande s'explique : monespace COMMANDE --help.
    """
