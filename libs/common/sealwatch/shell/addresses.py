"""Which addresses a webhook may reach: checked when it is registered and at every connection.

The list is ours, from the special-purpose registries (RFC 6890 and its updates), since the flags of
the standard library let at least eight such ranges through (measured with Python 3.11.7).
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

MAX_URL = 2048
MAX_ADDRESSES = 16
PORTS = frozenset({443, 8443})
CLOSED_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
OPEN_V6 = ipaddress.IPv6Network("2000::/3")
CLOSED_V6 = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48"))
)
_NAME = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII
)
_INSIDE = ("localhost", "local", "internal", "lan", "home", "corp", "arpa")
_VISIBLE = re.compile(r"[!-~]+")


class NotAllowed(ValueError):  # noqa: N818
    """An address that no webhook may reach; which rule says so is not told."""

    def __init__(self) -> None:
        """Say the same for every rule."""
        super().__init__("url_not_allowed")


def is_open(address: str) -> bool:
    """Return whether an IP address is an ordinary public one."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in CLOSED_V4)
    return ip in OPEN_V6 and not any(ip in network for network in CLOSED_V6)


def check_text(url: str) -> str:
    """Return the host of an address that may be tried, or raise NotAllowed."""
    if not _VISIBLE.fullmatch(url) or len(url) > MAX_URL or "\\" in url:
        raise NotAllowed
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        raise NotAllowed from None
    if parts.scheme != "https" or "@" in parts.netloc or port not in PORTS:
        raise NotAllowed
    if not (is_open(host) or _is_public_name(host)):
        raise NotAllowed
    return host


def check_addresses(addresses: Iterable[str]) -> None:
    """Raise NotAllowed unless every address of a name is an open one."""
    found = list(addresses)
    if not found or len(found) > MAX_ADDRESSES or not all(map(is_open, found)):
        raise NotAllowed


async def check_url(url: str, *, allow_private: bool) -> None:
    """Raise NotAllowed unless text and all resolved addresses may be reached."""
    if allow_private:
        _check_shape(url)
        return
    host = check_text(url)
    check_addresses(await resolved(host))


async def resolved(host: str) -> list[str]:
    """Return all addresses of a host; one that does not resolve has none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(entry[4][0]) for entry in found})


def _check_shape(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > MAX_URL:
        raise NotAllowed


def _is_public_name(host: str) -> bool:
    """Return whether a name has at least two labels, none of them a number at the end, none of ours."""
    return bool(_NAME.fullmatch(host)) and host.rpartition(".")[2] not in _INSIDE
