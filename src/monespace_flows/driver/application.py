"""What every step of one application works with, and how the site is called in messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, tzinfo

from attrs import field, frozen

from ..chart import Flow
from ..policy import Policy
from ..ports import Ports

__all__ = ["Application", "Site"]


_BASE = re.compile(
    r"https?://(?P<host>\[[0-9a-f:]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?(/[^?#\s]*)?", re.IGNORECASE
)


def _is_base(_: object, __: object, value: str) -> None:
    if not _BASE.fullmatch(value):
        raise ValueError("base_url must be like https://monespace.example or …/prefix")


@frozen(kw_only=True)
class Site:
    """The public address, up to and including the prefix under which the pages are mounted.

    ``zone`` is the time zone in which messages name an hour.
    """

    base_url: str = field(default="https://monespace.example", validator=_is_base)
    name: str = "Mon Espace"
    zone: tzinfo = UTC

    @property
    def host(self) -> str:
        """The host that an origin-bound SMS code names."""
        parts = _BASE.fullmatch(self.base_url)
        return parts["host"] if parts else ""

    @property
    def words(self) -> tuple[str, ...]:
        """What the site is called: the first words that a guesser of passwords tries."""
        return (self.name, self.name.replace(" ", ""), self.host)

    @property
    def assistance_url(self) -> str:
        """The address of the help page, for who did not ask for what a letter tells."""
        return f"{self.base_url.rstrip('/')}/assistance"

    def link(self, token: str) -> str:
        """The address of a one-time link."""
        return f"{self.base_url.rstrip('/')}/lien/{token}"


@frozen(kw_only=True)
class Application:
    """Everything outside, every number, the site, the host's own texts by id, and the flows."""

    ports: Ports
    policy: Policy
    site: Site
    texts: Mapping[str, str]
    flows: Mapping[str, Flow] = field(repr=False)
