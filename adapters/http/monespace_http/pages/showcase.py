"""Every component on one page, to look at a theme: for the demo, not for a site."""

from __future__ import annotations

from attrs import evolve
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monespace_flows.chart import Flow
from monespace_flows.screens import FieldView, Option, Outcome, View

from ..transport.addresses import mount_prefix
from .frame import Frame
from .screen import ScreenPage
from .words import Words

__all__ = ["theme_page"]

_NOTICES = ("identity.unknown", "settings.saved", "journey.expired")


def theme_page(path: str = "/demo/theme") -> Route:
    """Make the route of a page that shows every component, for ``HttpSettings.extra_routes``."""

    async def show(request: Request) -> Response:
        frame: Frame = request.app.state.frame
        flow = next(iter(frame.places.flows.values()))  # any: its first screen lends its fields
        page = ScreenPage(
            flow=flow,
            view=_view(frame, flow),
            action=mount_prefix(request.scope) + path,
            now=frame.flows.now(),
            policy=frame.flows.policy.journeys,
            words=frame.words,
            remark=frame.words.say("page.remark.signed-out"),
        )
        return frame.page(request, "theme.html", title=frame.words.plain("page.theme"), page=page)

    return Route(path, show, methods=["GET"])


def _view(frame: Frame, flow: Flow) -> View:
    """A screen that there is nowhere: a field of each kind, and a notice of each."""
    view = frame.flows.preview(flow.name)
    first, *others = view.screen.fields
    wrong = evolve(first, value="31/02/1975", error=frame.words.plain("page.theme.wrong"))
    notices = tuple(frame.notice(each) for each in _NOTICES)
    screen = evolve(view.screen, fields=(wrong, *others, *_more(frame.words)))
    return evolve(view, screen=screen, notices=notices, outcome=Outcome.REFUSED)


def _more(words: Words) -> tuple[FieldView, ...]:
    options = (
        Option(value="1", label="3378***22", kind="sms"),
        Option(
            value="2",
            label="a***@exemple.example",
            kind="email",
            unavailable=words.plain("page.theme.unavailable"),
        ),
    )
    return (
        FieldView(
            name="channel",
            label=words.plain("page.theme.choice"),
            kind="radio",
            required=True,
            options=options,
        ),
        FieldView(
            name="password",
            label=words.plain("page.theme.password"),
            kind="password",
            required=True,
            new_secret=True,
        ),
        FieldView(
            name="fixed",
            label=words.plain("page.theme.fixed"),
            kind="fixed",
            required=False,
            value="a@exemple.example",
        ),
    )
