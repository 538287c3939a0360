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
from monespace_flows.errors import JourneyUnreadable, LinkInvalid, SessionRequired
from monespace_flows.ports import LinkPurpose
from monespace_flows.screens import Place

from .forms import Form
from .frame import Frame
from .places import PATHS
from .remarks import why_stale
from .sentences import notice_view

__all__ = ["LinkPage"]


@frozen
class LinkPage:
    """``/lien/{token}``."""

    frame: Frame

    async def show(self, request: Request) -> Response:
        """Show the button, if the link is good; nothing changes."""
        return await self._page(request)

    async def _page(self, request: Request, stale: Form | None = None) -> Response:
        session = await self.frame.session(request)
        purpose = await self.frame.ask.link_purpose(_token(request), self.frame.client(request))
        if purpose is None:
            return self._invalid(request, session)
        return self.frame.page(
            request,
            "link.html",
            title=_TITLES[purpose],
            status=403 if stale else 200,
            session=session,
            remark=why_stale(stale) if stale else None,
            purpose=purpose.value,
        )

    async def use(self, request: Request) -> Response:
        """Use the link up."""
        form = await self.frame.form(request)
        if form.shown is None:
            return await self._page(request, form)
        session = await self.frame.session(request)
        try:
            client = self.frame.client(request)
            purpose = await self.frame.ask.link_purpose(_token(request), client)
            if purpose is LinkPurpose.CONFIRM:
                return await self._confirm(request)
            return await self._open(request)
        except (LinkInvalid, JourneyUnreadable):
            return self._invalid(request, session)

    async def _open(self, request: Request) -> Response:
        view = await self.frame.ask.open_link(_token(request), self.frame.client(request))
        response = self.frame.redirect(request, self.frame.places.paths[view.flow])
        self.frame.cookies.write(response, f"journey_{view.flow}", view.token)
        return response

    async def _confirm(self, request: Request) -> Response:
        token = self.frame.cookies.read(request, "session")
        try:
            await self.frame.ask.confirm_email(_token(request), token)
        except SessionRequired:
            # The link stays good; sign-in leads back to it.
            return self.frame.ask_sign_in(request, link=_token(request))
        return self.frame.redirect(request, PATHS[Place.HOME])

    def _invalid(self, request: Request, session: SessionView | None) -> Response:
        return self.frame.page(
            request,
            "link_invalid.html",
            title="Erreur – Lien non valable",
            status=410,
            session=session,
            linked=frozenset({Place.RESET.value}),
            notice=notice_view(self.frame.ask.flows, "link.invalid"),
        )


_TITLES = {
    LinkPurpose.RESET: "Choisir un nouveau mot de passe",
    LinkPurpose.CONFIRM: "Confirmer votre adresse e-mail",
}


def _token(request: Request) -> str:
    token: str = request.path_params["token"]
    return token
