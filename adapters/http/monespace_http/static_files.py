"""Style, script and icon: read once, served under an address that changes with them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.resources import files

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import Response

from .problems import HttpProblem

__all__ = ["StaticFiles", "load_static"]

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@frozen
class StaticFiles:
    """A handful of files in memory; ``version`` is a digest of them all."""

    content: Mapping[str, bytes] = field(repr=False)
    version: str

    async def serve(self, request: Request) -> Response:
        """Answer with a file; browsers may keep it, since another content has another address."""
        name = request.path_params["name"]
        if request.path_params["version"] != self.version or name not in self.content:
            raise HttpProblem(404, "page.unknown", "There is nothing here.")
        return Response(
            self.content[name],
            media_type=_TYPES[name.rpartition(".")[2]],
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )


def load_static() -> StaticFiles:
    """Read the files of this package."""
    content = {
        entry.name: entry.read_bytes()
        for entry in sorted(files(__package__).joinpath("static").iterdir(), key=lambda e: e.name)
        if entry.name.rpartition(".")[2] in _TYPES
    }
    digest = hashlib.sha256()
    for name, data in content.items():
        digest.update(name.encode() + b"\0" + data + b"\0")
    return StaticFiles(content, digest.hexdigest()[:12])
