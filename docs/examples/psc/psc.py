"""A host whose doctors may sign in by ProSanté Connect.

The provider says who somebody is; the account, its journal and its sessions stay ours.  Authlib
speaks OpenID Connect: state, nonce, PKCE, the signature of the answer.
"""

from typing import Any

from anyio import to_thread
from authlib.integrations.starlette_client import OAuth, OAuthError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from monespace_flows import Flows
from monespace_flows.errors import SignInFault, SignInRefused
from monespace_http import HttpSettings, create_app, keep_session


def rpps_of(claims: dict[str, Any]) -> str:
    """Read the number: PSC's ``SubjectNameID`` is that of the national register, an 8 before it."""
    return str(claims.get("SubjectNameID", "")).removeprefix("8")


def make_host(flows: Flows, settings: HttpSettings, secret: str, **provider: Any) -> Starlette:
    """Make the host's app.

    Args:
        flows: the journeys.
        settings: of their pages.
        secret: what seals the host's own cookie, in which the provider's state is kept.
        provider: what it was told about us: ``server_metadata_url``, ``client_id``,
            ``client_secret``.
    """
    oauth = OAuth()
    asked = {"scope": "openid", "code_challenge_method": "S256"}
    oauth.register("psc", client_kwargs=asked, **provider)

    async def begin(request: Request) -> Response:
        answer: Response = await oauth.psc.authorize_redirect(request, request.url_for("finish"))
        return answer

    async def finish(request: Request) -> Response:
        try:
            token = await oauth.psc.authorize_access_token(request)
        except OAuthError:
            return RedirectResponse("/compte/connexion")  # they said no, or came back too late
        rpps = rpps_of(await oauth.psc.userinfo(token=token))
        try:
            session = await to_thread.run_sync(lambda: flows.open_session(rpps=rpps, how="psc"))
        except ValueError:
            return PlainTextResponse("Votre carte ne porte pas de numéro RPPS.", 403)
        except SignInRefused as refused:
            if refused.reason is SignInFault.UNKNOWN:
                return RedirectResponse("/compte/creation")
            return PlainTextResponse("Votre espace est fermé : appelez l'Ordre.", 403)
        response = RedirectResponse("/compte/")
        keep_session(response, session, request)
        return response

    return Starlette(
        routes=[
            Mount("/compte", create_app(flows, settings)),
            Route("/psc", begin),
            Route("/psc/retour", finish, name="finish"),
        ],
        middleware=[Middleware(SessionMiddleware, secret_key=secret, same_site="lax")],
    )
