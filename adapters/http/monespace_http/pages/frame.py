"""What every page has in common: layout, form token, cookies, and who is signed in."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta

from attrs import field, frozen
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from monespace_flows.driver import SessionView
from monespace_flows.screens import NoticeView

from ..async_flows import AsyncFlows
from ..places import FOOTER, Places
from ..settings import HttpSettings
from ..transport.addresses import Returns, client_key, mount_prefix, route_path
from ..transport.bodies import read_form
from ..transport.headers import Cookies
from ..transport.languages import asked_language
from .forms import Form, FormTokens, Shown
from .words import Speaker, Words

__all__ = ["WISHES", "Frame"]

WANTED = timedelta(minutes=15)
"""How long a browser remembers where a person wanted to go."""
TOLD = timedelta(seconds=60)
"""How long it remembers what the next page is to tell."""
_RETURN = "address."
WISHES = ("back", "link", "return")
"""The cookies that tell where somebody wanted to go before they were asked to sign in."""


@frozen(kw_only=True)
class Frame:
    """Renders pages and reads forms."""

    flows: AsyncFlows
    settings: HttpSettings
    cookies: Cookies
    returns: Returns
    tokens: FormTokens = field(repr=False)
    templates: Environment = field(repr=False)
    static: str
    places: Places
    speaker: Speaker

    @property
    def words(self) -> Words:
        """The words of whoever asks."""
        return self.speaker.words(asked_language() or self.speaker.catalogue.default)

    # --- answering ---------------------------------------------------------------------------

    def page(
        self,
        request: Request,
        template: str,
        *,
        title: str,
        status: int = 200,
        session: SessionView | None = None,
        linked: frozenset[str] = frozenset(),
        headers: Mapping[str, str] | None = None,
        journey: str = "",
        **context: object,
    ) -> Response:
        """Render a page.

        ``linked`` are the places that its content links to by itself, ``journey`` the reference
        of the journey that it shows: its forms belong to that one.
        """
        browser = self.cookies.read(request, "browser")
        fresh = browser or secrets.token_urlsafe(24)
        html = self.templates.get_template(template).render(
            **self._everywhere(request),
            title=title,
            static=f"{mount_prefix(request.scope)}/static/{self.static}",
            session=session,
            linked=linked,
            form_token=self.form_token(request, journey, fresh),
            first_token=self.form_token(request, "", fresh),
            **context,
        )
        response = HTMLResponse(html, status, headers=dict(headers or {}))
        if browser is None:
            self.cookies.write(response, "browser", fresh)
        return response

    def _everywhere(self, request: Request) -> dict[str, object]:
        """Gather what the templates find on every page.

        Returns:
            language: the code of the language, such as ``fr``.
            say: a text by its id, filled in and escaped: ``say("page.home")``.
            plain: the same as it is kept, for attributes and titles.
            span: how long something lasts, in words.
            instant: an instant, in words.
            about: what a flow is good for, in words.
            anchor: a link: ``anchor(href, words)``.
            strong: words that stand out.
            output: what a script fills in.
            prefix: where the app is mounted.
            hrefs: the address of each place, by its name.
            for_members: what the banner offers whoever is signed in: label by the flow's name.
            flows: every flow that is served, by its name.
            sign_in: where people sign in.
            path: the address of this page.
            site: the site's own address, name and zone.
            site_name: what it is called.
            policy: every number and switch.
            now: the instant.
            legal: what the legal pages name.
            theme: how the pages look.
            footer: the links at the foot: place and words.
        """
        prefix, words = mount_prefix(request.scope), self.words
        return {
            **words.everywhere(),
            "prefix": prefix,
            "hrefs": self.places.hrefs(prefix),
            "for_members": {it.name: words.label(it) for it in self.places.for_members()},
            "flows": self.places.flows,
            "sign_in": prefix + self.places.sign_in,
            "path": prefix + route_path(request.scope),
            "site": self.flows.core.site,
            "site_name": self.flows.core.site.name,
            "policy": self.flows.policy,
            "now": self.flows.now(),
            "legal": self.settings.legal,
            "theme": self.settings.theme,
            "footer": self._footer(words),
        }

    def _footer(self, words: Words) -> tuple[tuple[str, str], ...]:
        """The links at the foot of every page: the place, and its words."""
        state = words.plain(f"page.conformity.{self.settings.legal.accessibility}")
        values = {"accessibility": {"conformity": state}}
        return tuple((it, words.plain(f"page.footer.{it}", **values.get(it, {}))) for it in FOOTER)

    def notice(self, notice_id: str) -> NoticeView:
        """Say a notice that no step shows: the host's own text, with the policy's numbers."""
        return self.flows.core.notice(notice_id, language=self.words.language.code)

    def form_token(self, request: Request, journey: str, browser: str | None = None) -> str:
        """Make the token of a form that is shown now, for a journey or (empty) for none.

        A browser that has no cookie of its own yet gets none, or an empty one.
        """
        shown = Shown(self.flows.now(), journey)
        return self.tokens.issue(self._binding(request, browser), shown)

    def redirect(self, request: Request, path: str) -> Response:
        """Send the browser on to one of our own pages, by GET."""
        return RedirectResponse(mount_prefix(request.scope) + path, 303)

    def forget_journeys(self, response: Response, *flows: str) -> None:
        """Make the browser forget its journeys: those named, or all."""
        for flow in flows or self.flows.declared:
            self.cookies.drop(response, f"journey_{flow}")

    def tell(self, response: Response, what: str) -> None:
        """Have the next page tell something, once."""
        self.cookies.write(response, "told", what, seconds=int(TOLD.total_seconds()))

    def send_to_sign_in(
        self, request: Request, *, back: str | None = None, link: str | None = None
    ) -> Response:
        """Say that one must sign in first; whoever does goes on to where they wanted.

        ``back`` is the name of a flow that needs a session, ``link`` the token of a link that
        waits for one.
        """
        response = self.redirect(request, self.places.sign_in)
        ended = self.cookies.read(request, "session") is not None
        self.tell(response, "session-expired" if ended else "sign-in-needed")
        self._note_wanted(request, response, back=back, link=link)
        if ended:
            self.cookies.drop(response, "session")
        return response

    def _note_wanted(self, request: Request, response: Response, **wanted: str | None) -> None:
        """Have the browser keep where somebody wanted to go, and nothing from before."""
        for name in WISHES:
            value = wanted.get(name)
            if value is not None:
                self.cookies.write(response, name, value, seconds=int(WANTED.total_seconds()))
            elif self.cookies.read(request, name) is not None:
                self.cookies.drop(response, name)

    def note_return(self, request: Request, response: Response) -> None:
        """Keep the page of a host that sent somebody to sign in, if it named one."""
        address = self.returned(request)
        if address is not None:
            told = urlsafe_b64encode(address.encode()).decode().rstrip("=")
            self._note_wanted(request, response, **{"return": f"{_RETURN}{told}"})

    def returned(self, request: Request) -> str | None:
        """The address that a request asks to be sent back to, if that may be."""
        return self.returns.admitted(request.query_params.get("return_to", ""))

    def go_on(self, request: Request) -> Response:
        """Send who has signed in to where they wanted: a link, a page of ours or of a host."""
        address = self._kept_return(request)
        link = self.cookies.read(request, "link")
        if address is not None and link is None:
            return RedirectResponse(address, 303)
        # A cookie names a flow for members: never an address, never another page.
        back = self.flows.declared.get(self.cookies.read(request, "back") or "")
        path = back.path if back is not None and back.needs_session else self.places.home
        return self.redirect(request, f"/lien/{link}" if link else path)

    def _kept_return(self, request: Request) -> str | None:
        """The address that a browser kept, judged again: a neighbour may have written it."""
        told = (self.cookies.read(request, "return") or "").removeprefix(_RETURN)
        try:
            address = urlsafe_b64decode(told + "=" * (-len(told) % 4)).decode()
        except ValueError:
            return None
        return self.returns.admitted(address)

    # --- asking ------------------------------------------------------------------------------

    async def form(self, request: Request) -> Form:
        """Read what came with a POST; whoever acts on it looks first whether it is stale.

        Raises:
            HttpProblem: 400, 408, 413 or 415.
        """
        posted = await read_form(request, self.settings.body_wait)
        binding, has_cookies = self._binding(request), self.cookies.came(request)
        return self.tokens.open(posted, binding, has_cookies=has_cookies)

    async def session(self, request: Request) -> SessionView | None:
        """Say who is signed in, if anyone."""
        return (await self.flows.look(self.cookies.read(request, "session"), None))[0]

    def client(self, request: Request) -> str:
        """Name the client for the outer brake."""
        return client_key(request, self.settings.trusted_proxies)

    def _binding(self, request: Request, browser: str | None = None) -> str:
        browser = browser or self.cookies.read(request, "browser")
        session = self.cookies.read(request, "session") or ""
        return f"{browser}.{session}" if browser else ""
