"""The pages around the journeys: home, forgotten identifiers, help, links, the demo's inbox."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import anyio.to_thread
from attrs import frozen
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from monespace_flows.driver import SessionView, Strength
from monespace_flows.errors import JourneyUnreadable, LinkInvalid, PortUnavailable, SessionRequired
from monespace_flows.screens import Place, View
from monespace_flows.wording import typeset

from ..async_flows import Objected
from ..places import Endpoint
from ..transport.headers import HttpProblem
from ..transport.workers import LaneFull
from .forms import Form
from .frame import Frame
from .journey import JourneyPage
from .words import Words

__all__ = [
    "inbox_page",
    "site_endpoints",
]


@frozen
class _LinkPage:
    """``/lien/{token}``: the landing page of a one-time link (``D6``).

    Mail scanners open links, by HEAD and GET and even with a script, so a GET only shows one
    button, whatever the link is for; its POST uses the link up.  The page's HTML holds no token:
    the form is sent to the page's own address.
    """

    frame: Frame

    async def show(self, request: Request) -> Response:
        """Show the button, if the link is good; nothing changes."""
        return await self._page(request)

    async def _page(self, request: Request, stale: Form | None = None) -> Response:
        session = await self.frame.session(request)
        purpose = await self.frame.flows.link_purpose(_token(request), self.frame.client(request))
        if purpose is None:
            return await self._invalid(request, session)
        return self.frame.page(
            request,
            "link.html",
            title=self.frame.words.plain(f"page.link.{purpose.value}"),
            status=403 if stale else 200,
            session=session,
            remark=self.frame.words.say(stale.why_stale) if stale else None,
            purpose=purpose.value,
            done=None,
        )

    async def use(self, request: Request) -> Response:
        """Use the link up."""
        form, token, cookies = await self.frame.form(request), _token(request), self.frame.cookies
        if form.shown is None:
            return await self._page(request, form)
        client, session = self.frame.client(request), cookies.read(request, "session")
        try:
            used = await self.frame.flows.use_link(
                token, client=client, session=session, key=form.key
            )
        except (LinkInvalid, JourneyUnreadable):
            return await self._invalid(request, await self.frame.session(request))
        except SessionRequired:
            # The link stays good; sign-in leads back to it.
            return self.frame.send_to_sign_in(request, link=token)
        match used:
            case View():
                response = self.frame.redirect(request, self.frame.places.paths[used.flow])
                cookies.write(response, f"journey_{used.flow}", used.token)
                return response
            case SessionView():
                return self.frame.redirect(request, self.frame.places.home)
            case _:
                return self._objected(request, used, await self.frame.session(request))

    def _objected(self, request: Request, done: Objected, session: SessionView | None) -> Response:
        """Say what was undone; whoever presses again within minutes reads the same."""
        return self.frame.page(
            request,
            "link.html",
            title=self.frame.words.plain(f"page.link.{done}"),
            session=session,
            linked=frozenset({Place.RESET.value, Place.ASSISTANCE.value}),
            remark=None,
            purpose="",
            done=done,
        )

    async def _invalid(self, request: Request, session: SessionView | None) -> Response:
        words = self.frame.words
        return self.frame.page(
            request,
            "link_invalid.html",
            title=words.plain("page.title.error", title=words.plain("page.link.invalid")),
            status=410,
            session=session,
            linked=frozenset({Place.RESET.value}),
            notice=self.frame.notice("link.invalid"),
            reference=await self.frame.flows.link_reference(_token(request)),
        )


def _token(request: Request) -> str:
    token: str = request.path_params["token"]
    return token


# --- Home, forgotten identifiers, help, sign-out -------------------------------------------------

_SENT = "confirmation-sent"
"""What the home page tells once, after the redirect."""


@frozen
class _SitePages:
    """Pages that no journey stands behind."""

    frame: Frame
    sign_in: JourneyPage

    async def home(self, request: Request) -> Response:
        """MonEspace for a signed-in person, the sign-in page for anyone else."""
        session = await self.frame.session(request)
        if session is None and self.frame.cookies.read(request, "session") is not None:
            return self.frame.send_to_sign_in(request)
        if session is None:
            return await self.sign_in.show(request)
        sent = self.frame.cookies.read(request, "told") == _SENT
        response = await self._home(request, session, resent=sent)
        if sent:
            self.frame.cookies.drop(response, "told")
        return response

    async def forgotten(self, request: Request) -> Response:
        """« Identifiants oubliés ? » offers both ways (``S3``)."""
        linked = frozenset({Place.RESET.value, Place.RECOVERY.value, Place.SIGN_IN.value})
        return await self._page(request, "forgotten.html", "page.forgotten", linked)

    async def rpps_help(self, request: Request) -> Response:
        """« Où trouver mon RPPS ? »."""
        linked = frozenset({Place.RPPS_HELP.value})
        return await self._page(request, "rpps_help.html", "page.rpps", linked)

    async def assistance(self, request: Request) -> Response:
        """« Assistance »."""
        linked = frozenset({Place.ASSISTANCE.value, Place.RPPS_HELP.value})
        return await self._page(request, "assistance.html", "page.assistance", linked)

    async def sign_out(self, request: Request) -> Response:
        """End the session, here and on the server."""
        form = await self.frame.form(request)
        session = await self.frame.session(request)
        if form.shown is None and session is not None:
            return await self._refresh(request, session, form)
        token = self.frame.cookies.read(request, "session")
        if session is not None and token is not None:
            await self.frame.flows.sign_out(token)
        response = self.frame.redirect(request, self.frame.places.sign_in)
        self.frame.tell(response, "signed-out")
        if form.shown is not None:  # a page of another site closes nothing
            self.frame.cookies.drop(response, "session")
            self.frame.forget_journeys(response)
        return response

    async def resend_confirmation(self, request: Request) -> Response:
        """Send the address's confirmation link again (``D7``); a reload sends nothing."""
        return await self._do(request, self.frame.flows.resend_confirmation, _SENT)

    async def accept_terms(self, request: Request) -> Response:
        """Record that the present terms are accepted (``C1``), after they have changed."""
        return await self._do(request, self.frame.flows.accept_terms)

    async def strength(self, request: Request) -> Response:
        """Judge a password while it is typed; it is neither kept nor logged.

        One word, or with its reason for our own script, which asks for JSON.  The address names
        the journey in which it is typed, if any: its person's own words count for nothing.
        """
        try:
            self.frame.flows.lanes.scoring.admit()  # else not even the body is read
            judged = await self._judge(request)
        except LaneFull:
            detail = "Too many passwords are looked at: send the form, which judges by itself."
            error = HttpProblem(503, "strength.busy", detail, headers={"Retry-After": "2"})
            return error.response()  # as short as can be: only our script asks
        if self.sign_in.wants_json(request):
            reason = typeset(judged.reason or "")
            return JSONResponse({"label": judged.label, "reason": reason})
        return PlainTextResponse(judged.label)

    async def _judge(self, request: Request) -> Strength:
        form = await self.frame.form(request)
        if form.shown is None:
            raise HttpProblem(403, "form.stale", "Load the page again, then send its form.")
        if form.fields.keys() != {"password"}:
            raise HttpProblem(400, "form.malformed", "Send the password, and nothing else.")
        token = self.frame.cookies.read(
            request, f"journey_{request.query_params.get('parcours', '')}"
        )
        client = self.frame.client(request)
        return await self.frame.flows.strength(form.fields["password"], client, token)

    async def _do(
        self,
        request: Request,
        act: Callable[[str | None], Awaitable[None]],
        tell: str | None = None,
    ) -> Response:
        """Do what a button of the home page says, and lead back to it."""
        form = await self.frame.form(request)
        session = await self.frame.session(request)
        if session is None:
            return self.frame.send_to_sign_in(request)
        if form.shown is None:
            return await self._refresh(request, session, form)
        try:
            await act(self.frame.cookies.read(request, "session"))
        except SessionRequired:
            return self.frame.send_to_sign_in(request)
        response = self.frame.redirect(request, self.frame.places.home)
        if tell is not None:
            self.frame.tell(response, tell)
        return response

    async def _refresh(self, request: Request, session: SessionView, form: Form) -> Response:
        """Answer a stale form by the home page, fresh: nothing was done."""
        return await self._home(
            request, session, status=403, remark=self.frame.words.say(form.why_stale)
        )

    async def _home(
        self,
        request: Request,
        session: SessionView,
        *,
        resent: bool = False,
        status: int = 200,
        remark: str | None = None,
    ) -> Response:
        return self.frame.page(
            request,
            "home.html",
            title=self.frame.words.plain("page.home"),
            status=status,
            session=session,
            remark=remark,
            linked=frozenset(
                {Place.HOME.value, *(it.name for it in self.frame.places.for_members())}
            ),
            resent=resent,
            pending=await self._pending(request),
            terms_changed=session.terms_version != self._terms_version,
        )

    async def _pending(self, request: Request) -> str | None:
        """The address that waits to be confirmed; none once the session has just ended."""
        token = self.frame.cookies.read(request, "session")
        try:
            return await self.frame.flows.pending_email(token) if token else None
        except SessionRequired:
            return None

    @property
    def _terms_version(self) -> str:
        return self.frame.flows.policy.identity.terms_version

    async def _page(
        self, request: Request, template: str, title: str, linked: frozenset[str]
    ) -> Response:
        try:
            session = await self.frame.session(request)
        except PortUnavailable:
            session = None  # help must be readable when the store is down
        return self.frame.page(
            request,
            template,
            title=self.frame.words.plain(title),
            session=session,
            linked=linked,
        )


def site_endpoints(frame: Frame, sign_in: JourneyPage) -> list[Endpoint]:
    """List the pages at their addresses; ``sign_in`` stands in for home until someone is."""
    site, link, paths = _SitePages(frame, sign_in), _LinkPage(frame), frame.places.paths
    return [
        Endpoint("GET", frame.places.home, site.home),
        Endpoint("GET", paths[Place.FORGOTTEN.value], site.forgotten),
        Endpoint("GET", paths[Place.RPPS_HELP.value], site.rpps_help),
        Endpoint("GET", paths[Place.ASSISTANCE.value], site.assistance),
        Endpoint("GET", "/lien/{token}", link.show),
        Endpoint("POST", "/lien/{token}", link.use),
        Endpoint("POST", "/deconnexion", site.sign_out),
        Endpoint("POST", "/renvoyer-confirmation", site.resend_confirmation),
        Endpoint("POST", "/accepter-conditions", site.accept_terms),
        Endpoint("POST", "/securite", site.strength),
    ]


# --- The demo's inbox: every e-mail and SMS that was delivered, newest first ---------------------

_BLANK: Mapping[str, Any] = dict.fromkeys(("id", "at", "channel", "to", "subject", "text", "html"))
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


def inbox_page(
    messages: Callable[[], Sequence[Mapping[str, Any]]], path: str = "/demo/boite"
) -> Route:
    """Make the route of an inbox page, for ``HttpSettings.extra_routes``.

    ``messages`` reads what was delivered, oldest first, with the keys of ``messages.jsonl``; it
    is called in a worker thread at each request.
    """

    async def inbox(request: Request) -> Response:
        frame: Frame = request.app.state.frame
        found = await anyio.to_thread.run_sync(messages)
        delivered = [{**_BLANK, **each} for each in reversed(found)]
        return frame.page(
            request,
            "inbox.html",
            title=frame.words.plain("page.inbox"),
            texts=[each for each in delivered if each["channel"] == "sms"],
            mails=[each for each in delivered if each["channel"] == "email"],
            live=_live,
            when=partial(_when, frame.words),
        )

    return Route(path, inbox, methods=["GET"])


def _when(words: Words, at: str) -> str:
    """Write an instant for people; the sender's own zone is not known, so it says which it is."""
    try:
        sent = datetime.fromisoformat(at).astimezone(UTC)
    except ValueError:
        return at
    return words.plain("page.inbox.at", date=f"{sent:%d/%m/%Y}", time=f"{sent:%H:%M:%S}")


def _live(text: str) -> Markup:
    """Escape a text and make its web addresses links."""
    woven, position = Markup(), 0
    for match in _ADDRESS.finditer(text):
        woven += escape(text[position : match.start()])
        woven += Markup('<a href="{0}">{0}</a>').format(match[0])
        position = match.end()
    return woven + escape(text[position:])
