"""Bare Starlette: a JSON body in, a JSON body out, and nothing else."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench.peers.inside import counting_asgi


async def echo(request: Request) -> JSONResponse:
    return JSONResponse(await request.json())


application = counting_asgi(Starlette(routes=[Route("/echo", echo, methods=["POST"])]))
