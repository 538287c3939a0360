"""The hidden token of each form: proof that this browser was shown this form, and when.

It is an HMAC over the browser's cookies and the time of issue, so nothing is stored.  Bound to
the session too: a form of an earlier session is worth nothing in the next one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from attrs import field, frozen

__all__ = ["FormTokens"]

_CONTEXT = b"monespace_http.form_token.v1"


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


@frozen
class FormTokens:
    """Issues and reads form tokens under an ordered list of keys, newest first."""

    keys: tuple[bytes, ...] = field(repr=False)

    def issue(self, binding: str, at: datetime) -> str:
        """Make the token of a form shown at ``at`` to the browser that ``binding`` names."""
        stamp = str(int(at.timestamp() * 1_000_000))
        return f"{stamp}.{_encode(self._mac(self.keys[0], binding, stamp))}"

    def read(self, token: str, binding: str) -> datetime | None:
        """Say when the form was shown, or ``None`` when the token is not good here."""
        stamp, _, mac = token.partition(".")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 17):
            return None
        # Bytes: compare_digest raises on a text that is not ASCII.
        given = mac.encode("utf-8", "replace")
        for key in self.keys:
            good = _encode(self._mac(key, binding, stamp)).encode("ascii")
            if hmac.compare_digest(good, given):
                return datetime.fromtimestamp(int(stamp) / 1_000_000, UTC)
        return None

    def _mac(self, key: bytes, binding: str, stamp: str) -> bytes:
        own = hmac.digest(key, _CONTEXT, hashlib.sha256)
        return hmac.digest(own, f"{binding}\0{stamp}".encode(), hashlib.sha256)
