"""What every page has in common: layout, form token, cookies, and who is signed in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from monespace_flows.driver import SessionView
from monespace_flows.screens import Place

from .bodies import read_body
from .clients import client_key
from .cookies import Cookies
from .form_tokens import FormTokens
from .places import FLOW_PATHS, hrefs
from .prefix import mount_prefix
from .problems import HttpProblem
from .settings import HttpSettings
from .strict_form import FORM_TYPE, decode_form
from .submissions import Submissions

__all__ = ["COMMAND", "TOKEN", "Frame"]

TOKEN = "form_token"
COMMAND = "command"


@frozen(kw_only=True)
class Frame:
    """Renders pages and reads forms."""

    ask: Submissions
    settings: HttpSettings
    cookies: Cookies
    tokens: FormTokens = field(repr=False)
    templates: Environment = field(repr=False)
    static: str

    # --- answering ---------------------------------------------------------------------------

    def page(
        self,
        request: Request,
        template: str,
        *,
        title: str,
        status: int = 200,
        session: SessionView | None = None,
        linked: frozenset[Place] = frozenset(),
        headers: Mapping[str, str] | None = None,
        **context: object,
    ) -> Response:
        """Render a page; ``linked`` are the places that its content links to by itself."""
        browser = self.cookies.read(request, "browser")
        fresh = browser or secrets.token_urlsafe(24)
        html = self.templates.get_template(template).render(
            title=title,
            site_name=self.ask.flows.site.name,
            prefix=mount_prefix(request.scope),
            static=f"{mount_prefix(request.scope)}/static/{self.static}",
            hrefs=hrefs(mount_prefix(request.scope)),
            session=session,
            linked={place.value for place in linked},
            form_token=self.form_token(request, fresh),
            **context,
        )
        response = HTMLResponse(html, status, headers=dict(headers or {}))
        if browser is None:
            self.cookies.write(response, "browser", fresh)
        return response

    def form_token(self, request: Request, browser: str | None = None) -> str:
        """Make the token of a form that is shown now."""
        return self.tokens.issue(self._binding(request, browser), self.ask.now())

    def redirect(self, request: Request, path: str) -> Response:
        """Send the browser on to one of our own pages, by GET."""
        return RedirectResponse(mount_prefix(request.scope) + path, 303)

    def forget_journeys(self, response: Response, *flows: str) -> None:
        """Make the browser forget its journeys: those named, or all."""
        for flow in flows or FLOW_PATHS:
            self.cookies.drop(response, f"journey_{flow}")

    # --- asking ------------------------------------------------------------------------------

    async def form(self, request: Request) -> tuple[dict[str, str], datetime]:
        """Read a form of ours, and say when it was shown.

        Raises:
            HttpProblem: 400, 403, 408, 413 or 415.
        """
        body = await read_body(request, FORM_TYPE, self.settings.body_wait)
        fields = dict(decode_form(body))
        shown_at = self.tokens.read(fields.pop(TOKEN, ""), self._binding(request))
        if shown_at is None:
            raise HttpProblem(403, "form.stale", "Load the page again, then send its form.")
        return fields, shown_at

    async def session(self, request: Request) -> SessionView | None:
        """Say who is signed in, if anyone."""
        token = self.cookies.read(request, "session")
        return await self.ask.session(token) if token else None

    def client(self, request: Request) -> str:
        """Name the client for the outer brake."""
        return client_key(request, self.settings.trusted_proxies)

    def _binding(self, request: Request, browser: str | None = None) -> str:
        browser = browser or self.cookies.read(request, "browser") or ""
        return f"{browser}.{self.cookies.read(request, 'session') or ''}"
