"""The flows of a host, which the program knows when it is told where they are."""

from __future__ import annotations

from importlib import import_module

from .exits import Exit, Stop

__all__ = ["VARIABLE", "know_flows"]

VARIABLE = "MONESPACE_FLOWS"
"""``package.module:NAME``, several with commas: each is a flow, or a function that makes one."""


def know_flows(named: str) -> None:
    """Make the flows known that are named as :data:`VARIABLE` names them.

    Raises:
        Stop: one of them cannot be imported, or is no flow.
    """
    from monespace_flows.chart import Flow
    from monespace_flows.support.registration import register_flow

    for one in filter(None, (each.strip() for each in named.split(","))):
        found = _imported(one)
        flow = found() if callable(found) else found
        if not isinstance(flow, Flow):
            raise _wrong(one, "it is no flow, and no function that makes one")
        register_flow(flow)


def _imported(one: str) -> object:
    module, _, name = one.partition(":")
    try:
        found: object = getattr(import_module(module), name)
    except (ImportError, ValueError, AttributeError):
        raise _wrong(one, "it cannot be imported: write package.module:NAME") from None
    return found


def _wrong(one: str, why: str) -> Stop:
    return Stop(Exit.USAGE, f"{VARIABLE}: {one}: {why}")
