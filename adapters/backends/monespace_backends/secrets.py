"""Keys and chance: digests, sealing, tokens and codes.

Every purpose has a key of its own, derived from each key of the list, so that a digest made for one
is worth nothing for another.  What an old key made is still read; new things are made by the
newest.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import digest

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Purpose

from .keys import Keys

__all__ = ["KeyedSecrets"]

_PURPOSES: tuple[Purpose, ...] = ("subject", "email", "code")
_LABEL = b"monespace-flows/1/"


class KeyedSecrets:
    """Secrets under an ordered list of keys, newest first."""

    def __init__(self, keys: Keys) -> None:
        self._ids = tuple(_id(key) for key in keys.values)
        self._derived = {
            purpose: tuple(_derive(key, purpose) for key in keys.values) for purpose in _PURPOSES
        }
        sealing = [urlsafe_b64encode(_derive(key, "seal")) for key in keys.values]
        self._fernet = MultiFernet([Fernet(key) for key in sealing])

    def __repr__(self) -> str:
        return f"KeyedSecrets({', '.join(self._ids)})"

    def digests(self, purpose: Purpose, value: str) -> tuple[str, ...]:
        """Make keyed digests of ``value``, one for each key, newest first.

        Returns:
            ``id:hex``: the id of the key, and an HMAC-SHA-256.
        """
        text = value.encode("utf-8", "surrogatepass")
        return tuple(
            f"{key_id}:{digest(key, text, 'sha256').hex()}"
            for key_id, key in zip(self._ids, self._derived[purpose], strict=True)
        )

    def seal(self, text: str) -> str:
        """Encrypt and authenticate under the newest key."""
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Undo :meth:`seal` under any of the keys.

        Raises:
            PortUnavailable: none of them made it, or it was changed since.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise PortUnavailable("secrets") from None

    def token(self) -> str:
        """Draw 256 random bits, safe in a URL."""
        return secrets.token_urlsafe(32)

    def digits(self, count: int) -> str:
        """Draw that many random decimal digits, each number as likely as another."""
        return str(secrets.randbelow(10**count)).zfill(count)


def _derive(key: bytes, purpose: str) -> bytes:
    info = _LABEL + purpose.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)


def _id(key: bytes) -> str:
    return sha256(_LABEL + b"id/" + key).hexdigest()[:8]
