"""Who is at the other end: the IP address, as far as it can be believed."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

__all__ = ["client_key"]

_Address = IPv4Address | IPv6Address


def _address(text: str) -> _Address | None:
    try:
        address = ip_address(text.strip().removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _is_trusted(address: _Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def client_key(request: Request, trusted_proxies: tuple[str, ...]) -> str:
    """Name the client for the outer brake: its IPv4 address, or its IPv6 /64.

    ``X-Forwarded-For`` is read from its end, and only as far as each hop is a trusted proxy:
    what stands further left was written by the client itself.
    """
    host = request.client.host if request.client else ""
    address = _address(host)
    if address is None:
        return host or "unknown"
    networks = tuple(ip_network(network) for network in trusted_proxies)
    hops = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    for hop in reversed(hops):
        further = _address(hop)
        if further is None or not _is_trusted(address, networks):
            break
        address = further
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)
