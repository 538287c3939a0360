"""The hidden token of each form: proof that this browser was shown this form, when, and for what.

It is an HMAC over the browser's cookies, the time of issue and the journey whose screen the form
showed, so nothing is stored.  Bound to the session too: a form of an earlier session is worth
nothing in the next one.  Bound to the journey: two journeys of one browser share a cookie, and
what is typed for one must never act on the other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime

from attrs import field, frozen

__all__ = ["FormTokens", "Shown"]

_CONTEXT = b"monespace_http.form_token.v2"
_TOKEN = re.compile(
    r"(?P<stamp>[0-9]{1,17})\.(?P<journey>[0-9A-Za-z-]{0,32})\.(?P<mac>.*)", re.ASCII
)


@frozen
class Shown:
    """When a form was shown, and the reference of the journey whose screen it showed.

    ``journey`` is empty for a first screen without a journey, and for the forms of the site.
    """

    at: datetime
    journey: str


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


@frozen
class FormTokens:
    """Issues and reads form tokens under an ordered list of keys, newest first."""

    keys: tuple[bytes, ...] = field(repr=False)

    def issue(self, binding: str, shown: Shown) -> str:
        """Make the token of a form shown to the browser that ``binding`` names."""
        stamp = str(int(shown.at.timestamp() * 1_000_000))
        mac = _encode(self._mac(self.keys[0], binding, shown.journey, stamp))
        return f"{stamp}.{shown.journey}.{mac}"

    def read(self, token: str, binding: str) -> Shown | None:
        """Say what a token proves, or ``None`` when it is not good here."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        # Bytes: compare_digest raises on a text that is not ASCII.
        given = match["mac"].encode("utf-8", "replace")
        for key in self.keys:
            good = _encode(self._mac(key, binding, match["journey"], match["stamp"]))
            if hmac.compare_digest(good.encode("ascii"), given):
                return self.claimed(token)
        return None

    def claimed(self, token: str) -> Shown | None:
        """Say what a token claims, unproven: it may decide what to show, never what to do."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        at = datetime.fromtimestamp(int(match["stamp"]) / 1_000_000, UTC)
        return Shown(at, match["journey"])

    def _mac(self, key: bytes, binding: str, journey: str, stamp: str) -> bytes:
        own = hmac.digest(key, _CONTEXT, hashlib.sha256)
        return hmac.digest(own, f"{binding}\0{journey}\0{stamp}".encode(), hashlib.sha256)
