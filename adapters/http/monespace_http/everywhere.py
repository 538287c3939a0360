"""What the layout of every page needs: the site, its numbers, the hour, and the footer."""

from __future__ import annotations

from starlette.requests import Request

from .legal import Legal
from .places import FOOTER, Places
from .prefix import mount_prefix, route_path
from .settings import HttpSettings
from .submissions import Submissions

__all__ = ["everywhere"]


def everywhere(
    request: Request, ask: Submissions, settings: HttpSettings, places: Places
) -> dict[str, object]:
    """Gather what the templates find on every page."""
    prefix = mount_prefix(request.scope)
    return {
        "prefix": prefix,
        "hrefs": places.hrefs(prefix),
        "for_members": places.for_members(),
        "flows": places.flows,
        "sign_in": prefix + places.sign_in,
        "path": prefix + route_path(request.scope),
        "site": ask.flows.site,
        "site_name": ask.flows.site.name,
        "policy": ask.flows.policy,
        "now": ask.now(),
        "legal": settings.legal,
        "footer": _footer(settings.legal),
    }


def _footer(legal: Legal) -> tuple[tuple[str, str], ...]:
    said = {"conformity": legal.conformity}
    return tuple((name, label.format_map(said)) for name, label in FOOTER.items())
