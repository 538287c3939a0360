"""A page's form: the token that proves it, what came with its POST, and why it was not taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import NOTHING, Attribute, field, fields, frozen

from monespace_flows.commands import Command

from ..transport.bodies import PostedFields
from ..transport.headers import HttpProblem

__all__ = ["FormTokens"]

TOKEN = "form_token"
_COMMAND = "command"

_TICKED = frozenset({"on", "true", "1"})


@frozen
class Shown:
    """When a form was shown, and the reference of the journey whose screen it showed.

    ``journey`` is empty for a first screen without a journey, and for the forms of the site.
    """

    at: datetime
    journey: str


@frozen(kw_only=True)
class Form:
    """A form that was sent.

    ``key`` tells its press from all others: each page that is shown has a token of its own.
    ``shown`` is what its token proves, ``None`` when the form is stale; ``claimed`` is what the
    token says, proven or not.  ``event`` is the button's, empty when a script or a password
    manager sent the form.  ``torn`` names fields that came with different values.  ``has_cookies``
    says whether the browser sent any of ours.
    """

    fields: Mapping[str, str] = field(repr=False)
    key: str = field(repr=False)
    event: str
    shown: Shown | None
    claimed: Shown | None
    torn: frozenset[str]
    has_cookies: bool

    @property
    def why_stale(self) -> str:
        """The id of why the form was not taken, as far as it can be known."""
        return f"page.remark.{'form.stale' if self.has_cookies else 'form.no_cookies'}"

    def command(self, event: str, commands: Mapping[str, type[Command]]) -> Command:
        """Make a command of the fields; what is absent is empty, as a browser means it.

        Fields of other buttons, and those that an add-on put into the page, are left aside: the
        core never sees them.

        Raises:
            HttpProblem: 400, when the command is none of ours.
        """
        kind = commands.get(event)
        if kind is None:
            raise HttpProblem(400, "form.malformed", "The form is not one of this site.")
        return kind(**{each.name: self._value(each) for each in fields(kind)})

    def _value(self, each: Attribute[Any]) -> object:
        if each.type in (bool, "bool"):
            return self.fields.get(each.name, "") in _TICKED
        default = "" if each.default is NOTHING else each.default
        return self.fields.get(each.name, default)


# --- The token -----------------------------------------------------------------------------------

_CONTEXT = b"monespace_http.form_token.v3"
_TOKEN = re.compile(
    r"(?P<said>(?P<stamp>[0-9]{1,17})\.(?P<journey>[0-9A-Za-z-]{0,32})\.[0-9A-Za-z_-]{12})"
    r"\.(?P<mac>.*)",
    re.ASCII,
)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


@frozen
class FormTokens:
    """Issues and reads form tokens under an ordered list of keys, newest first.

    A form's hidden token proves that this browser was shown this form, when, and for what. It is an
    HMAC over the browser's cookies, the time of issue and the journey whose screen the form showed,
    so nothing is stored. A few drawn signs make each form another, and so its press: two pages of
    one moment begin two journeys. Bound to the session too: a form of an earlier session is worth
    nothing in the next one. Bound to the journey: two journeys of one browser share a cookie, and
    what is typed for one must never act on the other.

    A browser that has no cookie is nobody: a token for nobody would be good in every browser that
    has none, and a stranger's form would sign it in as somebody else.
    """

    keys: tuple[bytes, ...] = field(repr=False)

    def issue(self, binding: str, shown: Shown) -> str:
        """Make the token of a form that the browser ``binding`` was shown; empty for nobody."""
        if not binding:
            return ""
        stamp = int(shown.at.timestamp() * 1_000_000)
        said = f"{stamp}.{shown.journey}.{secrets.token_urlsafe(9)}"
        return f"{said}.{_encode(self._mac(self.keys[0], binding, said))}"

    def read(self, token: str, binding: str) -> Shown | None:
        """Say what a token proves, or ``None`` when it is not good here."""
        match = _TOKEN.fullmatch(token)
        if match is None or not binding:
            return None
        # Bytes: compare_digest raises on a text that is not ASCII.
        given = match["mac"].encode("utf-8", "replace")
        for key in self.keys:
            good = _encode(self._mac(key, binding, match["said"]))
            if hmac.compare_digest(good.encode("ascii"), given):
                return self.claimed(token)
        return None

    def open(self, posted: PostedFields, binding: str, *, has_cookies: bool) -> Form:
        """Make a form of what was posted by the browser that ``binding`` names.

        Raises:
            HttpProblem: 400, when it has two tokens or two commands.
        """
        if not posted.torn.isdisjoint((TOKEN, _COMMAND)):
            raise HttpProblem(400, "form.malformed", "Send one token and one command.")
        fields = dict(posted.fields)
        token = fields.pop(TOKEN, "")
        return Form(
            key=token,
            event=fields.pop(_COMMAND, ""),
            fields=fields,
            torn=posted.torn,
            shown=self.read(token, binding),
            claimed=self.claimed(token),
            has_cookies=has_cookies,
        )

    def claimed(self, token: str) -> Shown | None:
        """Say what a token claims, unproven: it may decide what to show, never what to do."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        at = datetime.fromtimestamp(int(match["stamp"]) / 1_000_000, UTC)
        return Shown(at, match["journey"])

    def _mac(self, key: bytes, binding: str, said: str) -> bytes:
        own = hmac.digest(key, _CONTEXT, hashlib.sha256)
        return hmac.digest(own, f"{binding}\0{said}".encode(), hashlib.sha256)
