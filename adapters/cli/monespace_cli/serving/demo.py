"""`monespace demo`: everything on this machine, to try it.

Nothing is pretended but the far ends: e-mails really travel by SMTP to a catcher on this machine,
and SMS to a file; both show in the inbox.
"""

from __future__ import annotations

import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Literal, NoReturn

import click
from attrs import asdict, frozen

from monespace_backends.blocklist import read_blocklist
from monespace_backends.clock import ShiftedClock, SystemClock, paris
from monespace_backends.emails import Emails
from monespace_backends.keyring import open_keys
from monespace_backends.messaging import Messaging, Sender, SmtpOptions
from monespace_backends.messaging.demo import Catcher, FileSmsGateway, MessageFile
from monespace_backends.messaging.looks import Looks
from monespace_backends.messaging.smtp import SmtpMail
from monespace_backends.registry.file import CsvRegistry, write_demo_registry
from monespace_backends.registry.rows import RegistryFileInvalid
from monespace_backends.secrets import Keys, create_keys, read_keys
from monespace_backends.serving import make_app, theme_of
from monespace_backends.settings.service import Argon2Settings, SettingsInvalid, read_policy
from monespace_backends.settings.theme import read_theme
from monespace_backends.storage import open_storage
from monespace_backends.wiring import make_passwords, relay_of
from monespace_flows.driver import Flows, Site
from monespace_flows.errors import PortUnavailable
from monespace_flows.policy import Policy
from monespace_flows.ports import Ports
from monespace_http import Brakes, Legal, Theme, inbox_page, theme_page

from ..access.place import DemoFolder, telling_all
from ..command import operator_command
from ..errors import Exit, Stop
from ..output import log_to_stderr
from .server import delivering, listen, serve_until_stopped

__all__ = ["demo"]

_SENDER = Sender("ne-pas-repondre@monespace.example")


@frozen(kw_only=True)
class _DemoWorld:
    """The demo's journeys on their ports."""

    flows: Flows
    keys: Keys
    messages: MessageFile


@contextmanager
def _open_world(
    folder: DemoFolder,
    base_url: str,
    looks: Looks,
    *,
    policy: Path | None = None,
    clock: Path | None = None,
) -> Iterator[_DemoWorld]:
    """Open the demo's data, made if need be, and deliver messages until the block ends."""
    chosen = Policy() if policy is None else read_policy(policy)
    _furnish(folder, policy, clock)
    keys = read_keys(folder.keys)
    registry = CsvRegistry.read(folder.registry)
    messages = MessageFile(folder.messages)
    storage = open_storage(folder.url, session_life=chosen.sessions.absolute)
    with closing(storage), Catcher(messages) as catcher:
        secrets = open_keys(storage, keys, SystemClock())
        options = SmtpOptions(host=catcher.host, port=catcher.port, tls="none")
        ports = Ports(
            registry=registry,
            storage=storage,
            secrets=secrets,
            passwords=make_passwords(Argon2Settings()),
            emails=Emails(),
            messaging=Messaging(
                email=SmtpMail(options, _SENDER, looks=looks), sms=FileSmsGateway(messages)
            ),
            clock=SystemClock() if clock is None else ShiftedClock(clock),
            blocklist=read_blocklist(),
        )
        relay = relay_of(ports, chosen)
        with delivering(relay):
            site = Site(base_url=base_url, zone=paris())
            flows = Flows(ports, chosen, site, wake=relay.wake)
            yield _DemoWorld(flows=flows, keys=keys.only(secrets.ids), messages=messages)


def _furnish(folder: DemoFolder, policy: Path | None, clock: Path | None) -> None:
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not folder.keys.exists():
        create_keys(folder.keys)
    write_demo_registry(folder.registry)
    folder.messages.touch(mode=0o600)  # there from the start, for whoever follows it
    if clock is None:
        folder.clock.unlink(missing_ok=True)
    else:
        folder.clock.write_text(str(clock.absolute()), "utf-8")
    if policy is None:
        folder.policy.unlink(missing_ok=True)
    elif not folder.policy.exists() or not policy.samefile(folder.policy):
        shutil.copyfile(policy, folder.policy)


_Choice = Literal["fr", "en", "auto"]
_HOST = "127.0.0.1"  # only ever: the inbox shows codes to whoever asks
_INBOX = "/demo/boite"
_COMPONENTS = "/demo/theme"
# Everybody comes from this one machine, so the usual brake on addresses would stop a class at
# work; it is on all the same, so that what is tried here is what will run.
_BRAKES = Brakes(
    identity="500/hour",
    identity_numbers="100/hour",
    sign_in="2000/hour",
    link="2000/hour",
    reset="2000/hour",
    start="20000/hour",
    strength="6000/minute",
)

# Invented, like everybody in the demo.
_LEGAL = Legal(
    publisher="Démonstration de Mon Espace, aucun organisme réel",
    address="1 rue de l'Exemple, 00000 Exemple",
    contact="contact@monespace.example",
    director="Camille Exemple",
    hosting="Cette machine : rien n'en sort",
    dpo="dpo@monespace.example",
    audit="Aucun audit n'a encore été mené sur cette démonstration.",
    gaps=("Sans audit, aucun défaut n'est connu, et aucun n'est exclu.",),
)


@operator_command("demo")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port on 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path),
    default=DemoFolder.DEFAULT,
    show_default=True,
    help="Where the data are kept.",
)
@click.option("--policy", type=click.Path(path_type=Path), help="TOML: policy fields to change.")
@click.option(
    "--theme", type=click.Path(path_type=Path), help="TOML: the table [theme] of settings."
)
@click.option(
    "--language",
    type=click.Choice(["fr", "en", "auto"]),
    default="fr",
    show_default=True,
    help="Of the pages and letters; auto: what the browser asks for.",
)
@click.option(
    "--clock",
    type=click.Path(path_type=Path),
    help="A file with the seconds by which the clock runs ahead, read at each use.",
)
def demo(
    *,
    port: int,
    directory: Path,
    policy: Path | None,
    language: _Choice,
    theme: Path | None,
    clock: Path | None,
) -> None:
    """Serve everything on this machine, with invented doctors and an inbox.

    Prints "Ready: http://127.0.0.1:8000/" once it can be used; stop it with Ctrl+C. The doctors to
    try are in DIR/registry.csv; put your own there if you like. Every e-mail and SMS shows at
    /demo/boite and goes nowhere else; /demo/theme shows every component. Started again on the same
    DIR, it goes on where it stopped.

    Examples:
        monespace demo
        monespace demo --port 0 --dir /tmp/trial
        monespace demo --policy block.toml   (recovery.existing_account = "block")
        monespace demo --clock ahead.txt     (then: echo 660 > ahead.txt)

    Next: monespace list --dir .monespace-demo
    """
    log_to_stderr()
    signal.signal(signal.SIGTERM, _interrupt)
    folder = DemoFolder(directory)
    look = Theme() if theme is None else _read_theme(theme)
    looks = Looks(name=look.name, colours=look.colours, dark=look.dark)
    try:
        with _explaining(folder, policy), listen(_HOST, port) as listening:
            base_url = f"http://{_HOST}:{listening.getsockname()[1]}"
            with _open_world(folder, base_url, looks, policy=policy, clock=clock) as world:
                _serve(world, folder, base_url, listening, language=language, theme=look)
    except KeyboardInterrupt:
        pass  # stopped before it was ready: nothing is half done


def _read_theme(path: Path) -> Theme:
    with telling_all():
        return theme_of(read_theme(path))


def _serve(
    world: _DemoWorld,
    folder: DemoFolder,
    base_url: str,
    listening: socket.socket,
    *,
    language: _Choice,
    theme: Theme,
) -> None:
    inbox = inbox_page(lambda: [asdict(message) for message in world.messages.read()], _INBOX)
    app = make_app(
        world.flows,
        world.keys,
        brakes=_BRAKES,
        legal=_LEGAL,
        language=language,
        extra_routes=(inbox, theme_page(_COMPONENTS)),
        theme=theme,
    )

    def tell() -> None:
        click.echo(f"Inbox: {base_url}{_INBOX}", err=True)
        click.echo(f"Doctors to try: {folder.registry}", err=True)
        click.echo(f"What happened: monespace list --dir {folder.path}", err=True)
        click.echo("Stop with Ctrl+C.", err=True)
        click.echo(f"Ready: {base_url}/")

    serve_until_stopped(app, listening, tell)


@contextmanager
def _explaining(folder: DemoFolder, policy: Path | None) -> Iterator[None]:
    try:
        yield
    except RegistryFileInvalid as error:
        raise _refusal(folder.registry, map(str, error.faults)) from None
    except SettingsInvalid as error:
        raise _refusal(policy or folder.path, error.problems) from None
    except PortUnavailable:
        told = f"{folder.database} cannot be opened: it is no database, or another program holds it"
        raise Stop(Exit.USAGE, told) from None
    except OSError as error:
        place = error.filename or folder.path
        raise Stop(Exit.USAGE, f"{place}: {error.strerror or type(error).__name__}") from None


def _refusal(path: Path, faults: Iterator[str] | tuple[str, ...]) -> Stop:
    return Stop(Exit.USAGE, "\n  ".join((f"{path} cannot be used:", *faults)))


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise KeyboardInterrupt
