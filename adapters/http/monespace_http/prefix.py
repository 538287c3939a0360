"""Where the app is mounted, and what is left of the path below that."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["PrefixMiddleware", "mount_prefix", "route_path"]


def mount_prefix(scope: Scope) -> str:
    """The part of the address above us, without a slash at its end; links start with it."""
    prefix: str = scope.get("root_path", "")
    return prefix.rstrip("/")


def route_path(scope: Scope) -> str:
    """The path below the mount.

    Decided on ``scope["path"]`` alone: ``request.url`` is made with the ``Host`` header, which
    anyone may write.
    """
    path: str = scope["path"]
    prefix = mount_prefix(scope)
    if prefix and (path == prefix or path.startswith(prefix + "/")):
        return path[len(prefix) :] or "/"
    return path


class PrefixMiddleware:
    """Accepts both forms of path behind a proxy: with the proxy's prefix, and stripped of it.

    Under a mount, Starlette routes the first form only.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the proxy's prefix back where it is missing."""
        if scope["type"] == "http":
            outer = scope.get("app_root_path", "")
            prefix, path = mount_prefix(scope), scope["path"]
            if outer and not path.startswith(prefix + "/"):
                inner = prefix.removeprefix(outer)
                if inner and path.startswith(inner + "/"):
                    scope = {**scope, "path": outer + path}
        await self.app(scope, receive, send)
