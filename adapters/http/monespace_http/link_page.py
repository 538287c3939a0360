"""The landing page of a one-time link (``D6``).

Mail scanners open links, by HEAD and GET and even with a script, so a GET only shows one
button, whatever the link is for; its POST uses the link up.  The page's HTML holds no token: the
form is sent to the page's own address.
"""

from __future__ import annotations

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from monespace_flows.driver import SessionView
from monespace_flows.errors import LinkInvalid, SessionRequired
from monespace_flows.ports import LinkPurpose
from monespace_flows.screens import Place

from .frame import Frame
from .places import FLOW_PATHS, PATHS
from .sentences import notice_view

__all__ = ["LinkPage"]

_MINUTES = 15 * 60


@frozen
class LinkPage:
    """``/lien/{token}``."""

    frame: Frame

    async def show(self, request: Request) -> Response:
        """Show the button, if the link is good; nothing changes."""
        session = await self.frame.session(request)
        purpose = await self.frame.ask.link_purpose(_token(request), self.frame.client(request))
        if purpose is None:
            return self._invalid(request, session)
        return self.frame.page(
            request,
            "link.html",
            title=_TITLES[purpose],
            session=session,
            purpose=purpose.value,
        )

    async def use(self, request: Request) -> Response:
        """Use the link up."""
        await self.frame.form(request)
        session = await self.frame.session(request)
        try:
            client = self.frame.client(request)
            purpose = await self.frame.ask.link_purpose(_token(request), client)
            if purpose is LinkPurpose.CONFIRM:
                return await self._confirm(request)
            return await self._open(request)
        except LinkInvalid:
            return self._invalid(request, session)

    async def _open(self, request: Request) -> Response:
        view = await self.frame.ask.open_link(_token(request), self.frame.client(request))
        response = self.frame.redirect(request, FLOW_PATHS[view.flow])
        self.frame.cookies.write(response, f"journey_{view.flow}", view.token)
        return response

    async def _confirm(self, request: Request) -> Response:
        token = self.frame.cookies.read(request, "session")
        try:
            await self.frame.ask.confirm_email(_token(request), token)
        except SessionRequired:
            # The link stays good; sign-in leads back to it.
            response = self.frame.redirect(request, PATHS[Place.SIGN_IN])
            self.frame.cookies.write(response, "link", _token(request), seconds=_MINUTES)
            return response
        return self.frame.redirect(request, PATHS[Place.HOME])

    def _invalid(self, request: Request, session: SessionView | None) -> Response:
        return self.frame.page(
            request,
            "link_invalid.html",
            title="Erreur – Lien non valable",
            status=410,
            session=session,
            linked=frozenset({Place.RESET}),
            notice=notice_view(self.frame.ask.flows, "link.invalid"),
        )


_TITLES = {
    LinkPurpose.RESET: "Choisir un nouveau mot de passe",
    LinkPurpose.CONFIRM: "Confirmer votre adresse e-mail",
}


def _token(request: Request) -> str:
    token: str = request.path_params["token"]
    return token
