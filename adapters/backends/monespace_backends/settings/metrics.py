"""What settings say of who may read what is measured."""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen

from .sources import SettingsInvalid

__all__ = ["MetricsSettings"]

_TOKEN = 16  # characters


@frozen(kw_only=True)
class MetricsSettings:
    """Where Prometheus finds what is measured: a private port, or ``/metrics`` behind a token.

    Attributes:
        host: where the private ports listen, which nobody else should reach.
        port: that of ``monespace serve``, whose workers take one each from there on.
        relay_port: that of ``monespace relay``.
        token: opens ``GET /metrics`` of the pages to whoever sends it as a bearer.
        token_file: the file that holds it instead.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    relay_port: int | None = None
    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None

    def __attrs_post_init__(self) -> None:
        if all(it is None for it in (self.port, self.token, self.token_file)):
            raise ValueError(
                "port (a private one, on 127.0.0.1 unless host says otherwise), token or "
                "token_file: give one of them, or anybody could read what is measured"
            )
        if self.token is not None and self.token_file is not None:
            raise ValueError("token and token_file: give one of them")
        for name in ("port", "relay_port"):
            if not 0 <= (getattr(self, name) or 0) <= 65_535:
                raise ValueError(f"{name} must be between 0 and 65535")
        if self.token is not None and len(self.token) < _TOKEN:
            raise ValueError(f"token must have {_TOKEN} characters or more, which nobody can guess")

    def read_token(self) -> str | None:
        """Read the token, from its file if it is there.

        Raises:
            SettingsInvalid: the file cannot be read, or what is in it is too short.
        """
        if self.token_file is None:
            return self.token
        try:
            token = self.token_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingsInvalid(
                [f"metrics.token_file: {self.token_file} cannot be read"]
            ) from None
        if len(token) < _TOKEN:
            told = f"metrics.token_file: it must hold {_TOKEN} characters or more"
            raise SettingsInvalid([told])
        return token
