"""`monespace console`: the support commands in a browser of this machine."""

from __future__ import annotations

import click
from starlette.middleware.trustedhost import TrustedHostMiddleware

from ..access.place import Place, place_options
from ..command import support_command
from ..output import say
from ..serving.server import listen, serve_until_stopped
from .app import console_cookies, create_console
from .entry import OneTimeLink

__all__ = ["console"]

_HOST = "127.0.0.1"  # only ever: a host that wants it elsewhere mounts it behind its own sign-in


@support_command("console")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="PORT",
    help="Le port sur 127.0.0.1 ; 0 en prend un libre. [par défaut : 0]",
)  # fmt: skip
@click.option(
    "--acts", is_flag=True,
    help="Permettre aussi les gestes : débloquer, désactiver, réactiver ou effacer un compte, "
    "renvoyer un message. "
    "Il faut des réglages qui peuvent écrire.",
)  # fmt: skip
@place_options()
def console(port: int, acts: bool, place: Place) -> None:
    """Ouvrir la console de l'assistance dans un navigateur de cette machine.

    Le lien qui s'affiche après « Ready: » ne sert qu'une fois : aucun autre compte de la machine
    ne peut entrer après vous. Le motif et le ticket sont demandés une fois, retenus 30 minutes, et
    inscrits au registre des accès avant que quoi que ce soit ne soit montré. Ctrl+C arrête.

    Exemple :
        monespace console --dir .monespace-demo
    """
    cookies = console_cookies(secure=False)
    link = OneTimeLink(cookies)
    app = create_console(place, link, acts_too=acts, secure=False, extra_routes=(link.route,))
    with listen(_HOST, port) as listening:
        url = f"http://{_HOST}:{listening.getsockname()[1]}"

        def tell() -> None:
            say("Ctrl+C arrête.")
            click.echo(f"Ready: {url}{link.path}")

        serve_until_stopped(TrustedHostMiddleware(app, [_HOST]), listening, tell)
