"""The content security policy: from where a page may load anything, and what a host adds to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

__all__ = ["check_sources", "content_policy"]

_OURS: Mapping[str, tuple[str, ...]] = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'",),
    "font-src": ("'self'",),
    "connect-src": ("'self'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'none'",),
    "base-uri": ("'none'",),
}
_MORE = ("frame-src", "media-src", "manifest-src", "worker-src")
_CLOSED = {
    "default-src": "name what is loaded: img-src, script-src and so on",
    "frame-ancestors": "who frames a page where people sign in can have them press its buttons",
    "base-uri": "it would lead our own links elsewhere",
}
_SOURCE = re.compile(
    r"'self'|'sha(?:256|384|512)-[A-Za-z0-9+/]{40,90}={0,2}'"
    r"|(?:https|wss)://(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?"
)
_COSTS = {
    "'unsafe-inline'": (
        "would run whatever somebody smuggles into a page: put it in a file, or name its digest, "
        "'sha256-…'"
    ),
    "'unsafe-eval'": "would run texts as programs: nothing of ours needs it",
    "*": "is every server there is: name those that you mean, such as https://cdn.example",
}


def check_sources(extra: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse sources that would take away what the policy is for.

    Raises:
        ValueError: with all that is wrong.
    """
    faults = [*_faults(extra)]
    if faults:
        raise ValueError("csp: " + "; ".join(faults))


def _faults(extra: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    known = [name for name in (*_OURS, *_MORE) if name not in _CLOSED]
    for directive, sources in extra.items():
        if directive in _CLOSED:
            yield f"{directive} stays as it is: {_CLOSED[directive]}"
        elif directive not in known:
            yield f"{directive} is none of {', '.join(known)}"
        for source in sources:
            if source in _COSTS:
                yield f"{directive}: {source} {_COSTS[source]}"
            elif source == "data:" and directive in ("img-src", "font-src"):
                continue
            elif not _SOURCE.fullmatch(source):
                yield f"{directive}: write a source as https://cdn.example or 'sha256-…'"


def content_policy(extra: Mapping[str, tuple[str, ...]]) -> str:
    """Write the policy, with a host's own sources after ours."""
    every = {**_OURS, **{name: _OURS.get(name, ()) + tuple(it) for name, it in extra.items()}}
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in every.items())
