"""A client of the JSON: the same commands, views and errors as :class:`~monespace_flows.Flows`.

It is for programs on another machine than the journeys: a mobile app's own server, a test of a
host, a probe.  It needs the extra ``client``.

A press is sent under a key of its own.  Where its answer is lost it is sent again under the same
key, so that nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Literal, Self
from uuid import uuid4

from attrs import evolve, field, fields, frozen
from cattrs import Converter

from .commands import Command, Restart
from .errors import (
    CommandNotOffered,
    JourneyOver,
    JourneyUnknown,
    JourneyUnreadable,
    LinkInvalid,
    MonespaceError,
    PortUnavailable,
    SessionRequired,
)
from .facts import Role
from .notices import Link, Place
from .screens import Outcome, ScreenView, View

try:
    import httpx2
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "monespace_flows.client needs more than the core: pip install 'monespace-flows[client]'",
        name=missing.name,
    ) from missing

__all__ = ["Client", "Confirmed", "Objected", "RequestRefused", "Where", "Who"]

_TRIES = 3
_JSON = "application/json"


@frozen(kw_only=True)
class Who:
    """Who is signed in; ``since`` is UTC."""

    account_id: str
    email: str = field(repr=False)
    role: Role
    since: datetime


@frozen(kw_only=True)
class Where:
    """One browser or app where somebody is signed in; ``current`` is the one that asks."""

    since: datetime
    seen_at: datetime
    current: bool


@frozen(kw_only=True)
class Confirmed:
    """The address that a link confirmed."""

    email: str = field(repr=False)


@frozen(kw_only=True)
class Objected:
    """What « Ce n'est pas moi » did."""

    objection: Literal["undone", "frozen"]


class RequestRefused(MonespaceError):
    """The service does not take a request as it was sent.

    What to do: correct what ``faults`` names, or wait for ``retry_after``.

    Attributes:
        status: the status of the answer.
        code: why, stable.
        faults: what is wrong with which field, where some are named.
        retry_after: how long to wait, where waiting helps.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        faults: Mapping[str, str] | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.faults = dict(faults or {})
        self.retry_after = retry_after


class Client:
    """Asks one service; close it, or use it in a ``with`` statement.

    Args:
        base_url: where the app is mounted: ``https://ordre.example/compte``.
        http: an HTTP client of the caller's own, for its limits, proxies or transport.
        timeout: how long one answer may take.
    """

    def __init__(
        self,
        base_url: str,
        *,
        http: httpx2.Client | None = None,
        timeout: timedelta = timedelta(seconds=30),
    ) -> None:
        self._base = base_url.rstrip("/")
        self._http = http or httpx2.Client(timeout=timeout.total_seconds())

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(
        self,
        _: type[BaseException] | None,
        __: BaseException | None,
        ___: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # --- journeys --------------------------------------------------------------------------------

    def start(
        self,
        flow: str,
        command: Command | None = None,
        *,
        session: str | None = None,
        key: str | None = None,
    ) -> View:
        """Start a journey, and press a button of its first screen at once.

        Args:
            flow: the flow's name.
            command: what is pressed, if anything.
            session: the token of a signed-in session, for the flows that need one.
            key: the key of this press, by default a new one.

        Returns:
            The view, with the token that opens the journey.

        Raises:
            RequestRefused: the service knows no such flow, or has had enough from here.
            SessionRequired: the flow needs a live session.
            CommandNotOffered: the first screen does not offer this command.
            PortUnavailable: the service or something behind it did not answer.
        """
        body: dict[str, Any] = {"flow": flow}
        if command is not None:
            body |= {"command": command.event, "fields": _typed(command)}
        return _viewed(self._answer("POST", "/api/journeys", session, body, key))

    def submit(self, view: View, command: Command, *, key: str | None = None) -> View:
        """Submit what a person pressed on a view's screen; see :meth:`.Flows.submit`.

        Args:
            view: what the person saw.
            command: what was pressed, with what was typed.
            key: the key of this press, by default a new one.

        Raises:
            JourneyUnknown: no journey answers to the view's token.
            JourneyUnreadable: it stands where the service knows no screen.
            CommandNotOffered: the present screen does not offer this command.
            JourneyOver: the journey has ended or expired.
            SessionRequired: the journey's session is over.
            RequestRefused: the service does not take the command as it is.
            PortUnavailable: the service or something behind it did not answer.
        """
        path = f"/api/journeys/{view.reference}/{command.event}"
        answer = self._answer("POST", path, view.token, _typed(command), key)
        # A restart ends the journey: that is how it went, not why it could not.
        after = _viewed(answer, may_end=isinstance(command, Restart))
        return evolve(after, token=after.token or view.token)

    def view(self, reference: str, token: str) -> View:
        """Look at a journey; for errors see :meth:`submit`."""
        answer = self._answer("GET", f"/api/journeys/{reference}", token)
        return evolve(_viewed(answer, may_end=True), token=token)

    def use_link(
        self, token: str, *, session: str | None = None, key: str | None = None
    ) -> View | Confirmed | Objected:
        """Use a one-time link up, whatever it is for.

        Args:
            token: the link's.
            session: the signed-in session's, for a link that confirms an address.
            key: the key of this press, by default a new one.

        Raises:
            LinkInvalid: the link is worth nothing (any more).
            SessionRequired: nobody is signed in; the link stays good.
            PortUnavailable: the service or something behind it did not answer.
        """
        data = _read(self._answer("POST", "/api/links", session, {"token": token}, key))
        if "confirmed" in data:
            return Confirmed(email=data["email"])
        if "objection" in data:
            return Objected(objection=data["objection"])
        return _read_view(data, Outcome.ACCEPTED, None)

    # --- sessions --------------------------------------------------------------------------------

    def session(self, token: str) -> Who | None:
        """Say who is signed in; ``None`` when the session is over."""
        try:
            return _converter.structure(_read(self._answer("GET", "/api/session", token)), Who)
        except SessionRequired:
            return None

    def sessions(self, token: str) -> tuple[Where, ...]:
        """List where the signed-in person is signed in, this session first.

        Raises:
            SessionRequired: nobody is signed in.
        """
        data = _read(self._answer("GET", "/api/sessions", token))["sessions"]
        return _converter.structure(data, tuple[Where, ...])

    def sign_out(self, token: str) -> None:
        """End a session.

        Raises:
            SessionRequired: it was over already.
        """
        _read(self._answer("DELETE", "/api/session", token))

    # --- asking ----------------------------------------------------------------------------------

    def _answer(
        self,
        method: str,
        path: str,
        bearer: str | None,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> httpx2.Response:
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        if method == "POST":
            headers["Idempotency-Key"] = key or str(uuid4())
        lost: httpx2.TransportError | None = None
        for _ in range(_TRIES):
            try:
                return self._http.request(method, self._base + path, headers=headers, json=body)
            except httpx2.TransportError as error:
                lost = error
        raise PortUnavailable("service", "unreachable") from lost


def _typed(command: Command) -> dict[str, Any]:
    return {each.name: getattr(command, each.name) for each in fields(type(command))}


# --- reading answers -----------------------------------------------------------------------------

_OUTCOMES = {422: Outcome.REFUSED, 429: Outcome.THROTTLED}
_KNOWN: Mapping[str, type[MonespaceError]] = {
    "bearer.required": SessionRequired,
    "journey.unknown": JourneyUnknown,
    "journey.unreadable": JourneyUnreadable,
    "link.invalid": LinkInvalid,
}


def _viewed(answer: httpx2.Response, *, may_end: bool = False) -> View:
    """Read a view; ``may_end``: that its journey has ended is no refusal of what was asked."""
    if not answer.headers.get("content-type", "").startswith(_JSON):
        raise _refusal(answer)  # a problem document, or a page of whoever stands between
    data = answer.json()
    outcome = _OUTCOMES.get(answer.status_code, Outcome.ACCEPTED)
    view = _read_view(data, outcome, _wait(answer))
    if data.get("code") in ("command.not_offered", "command.unknown"):
        raise CommandNotOffered(view)
    if data.get("code") in ("journey.over", "journey.expired") and not may_end:
        raise JourneyOver(view)
    return view


def _read(answer: httpx2.Response) -> Any:
    """Read what is no view."""
    if not answer.is_success:
        raise _refusal(answer)
    return answer.json() if answer.content else None


def _wait(answer: httpx2.Response) -> timedelta | None:
    seconds = answer.headers.get("retry-after", "")
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() else None


def _refusal(answer: httpx2.Response) -> MonespaceError:
    """Say a problem document as the error that the journeys themselves would raise."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    code, detail = problem.get("code", "unknown"), problem.get("detail", "no problem document")
    if code in _KNOWN:
        return _KNOWN[code](detail)
    if answer.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
        return PortUnavailable("service", told=f"{answer.status_code} {code}")
    faults = {each["field"]: each["message"] for each in problem.get("errors", ())}
    return RequestRefused(
        answer.status_code, code, detail, faults=faults, retry_after=_wait(answer)
    )


_converter = Converter()
_converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
_PLACES = {place.value: place for place in Place}


@_converter.register_structure_hook
def _read_link(data: Any, _: Any) -> Link:
    return Link(data["label"], _PLACES.get(data["to"], data["to"]))


_read_screen = _converter.get_structure_hook(ScreenView)


def _with_all(data: Any, kind: Any) -> ScreenView:
    """What is left out of a screen is none."""
    screen: ScreenView = _read_screen({"section": None, "step": None, **data}, kind)
    return screen


_converter.register_structure_hook(ScreenView, _with_all)
_TOLD = {each.name for each in fields(View)} - {"outcome", "retry_after"}


def _read_view(data: Mapping[str, Any], outcome: Outcome, wait: timedelta | None) -> View:
    told = {name: value for name, value in data.items() if name in _TOLD}
    return evolve(_converter.structure(told, View), outcome=outcome, retry_after=wait)
