"""Which addresses a webhook may reach: checked when it is registered and at every connection.

The list is ours, from the special-purpose registries (RFC 6890 and its updates), since the flags of
the standard library let at least eight such ranges through (measured with Python 3.11.7).
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

MAX_URL = 2048
MAX_ADDRESSES = 16
PORTS = frozenset({443, 8443})
WEB_PORTS = frozenset({80, 443})
FIRST_FREE_PORT = 1024  # below it only the web's own ports; ours
STORES = frozenset({5432, 6379, 9092})  # a local receiver is never one of these; ours
CLOSED_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
OPEN_V6 = ipaddress.IPv6Network("2000::/3")
CLOSED_V6 = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48"))
)
# Loopback, RFC 1918 and unique local (RFC 4193): what a local stack may reach beside public addresses.
NEAR = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
    )
)
# Inside fc00::/7, and yet where two clouds hand their machines credentials (their own documentation).
METADATA_V6 = tuple(map(ipaddress.IPv6Network, ("fd00:ec2::/32", "fd20:ce::/32")))
_NAME = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII
)
_LABELS = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII
)
_INSIDE = ("localhost", "local", "internal", "lan", "home", "corp", "arpa")
_VISIBLE = re.compile(r"[!-~]+")


class NotAllowed(ValueError):  # noqa: N818
    """An address that no webhook may reach; which rule says so is not told."""

    def __init__(self) -> None:
        """Say the same for every rule."""
        super().__init__("url_not_allowed")


@dataclass(frozen=True, slots=True)
class Ours:
    """Our own public names and addresses, which a webhook must not reach either."""

    names: frozenset[str] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    def has_name(self, host: str) -> bool:
        """Return whether a host is one of ours, or below one of ours."""
        return any(host == name or host.endswith(f".{name}") for name in self.names)

    def has_address(self, address: str) -> bool:
        """Return whether an IP address is one of ours."""
        ip = ipaddress.ip_address(address)
        return any(ip in network for network in self.networks)


NOTHING = Ours()


def ours_of(text: str) -> Ours:
    """Return what a comma-separated list of names, addresses and networks says, or raise ValueError."""
    entries = [entry.strip().lower().rstrip(".") for entry in text.split(",") if entry.strip()]
    names = frozenset(entry for entry in entries if _NAME.fullmatch(entry))
    return Ours(names, tuple(ipaddress.ip_network(entry) for entry in entries if entry not in names))


def is_open(address: str) -> bool:
    """Return whether an IP address is an ordinary public one."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in CLOSED_V4)
    return ip in OPEN_V6 and not any(ip in network for network in CLOSED_V6)


def is_near(address: str) -> bool:
    """Return whether an IP address is loopback or private, and never one of a cloud's metadata."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in NEAR) and not any(ip in network for network in METADATA_V6)


@lru_cache(maxsize=4096)  # a text stays what it is, and every attempt asks
def check_text(url: str, *, allow_private: bool = False, ours: Ours = NOTHING) -> str:
    """Return the host of an address that may be tried, or raise NotAllowed."""
    if not _VISIBLE.fullmatch(url) or len(url) > MAX_URL or "\\" in url:
        raise NotAllowed
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotAllowed from None
    if "@" in parts.netloc:
        raise NotAllowed
    where = (parts.scheme, host, port)
    if not (_is_strict(*where) or (allow_private and _is_lenient(*where))) or ours.has_name(host):
        raise NotAllowed
    return host


def check_addresses(addresses: Iterable[str], *, allow_private: bool = False, ours: Ours = NOTHING) -> None:
    """Raise NotAllowed unless every address of a name is an open one, or every one is near and may be.

    One of ours never may be.
    """
    found = list(addresses)
    if not found or len(found) > MAX_ADDRESSES:
        raise NotAllowed
    if not (all(map(is_open, found)) or (allow_private and all(map(is_near, found)))):
        raise NotAllowed
    if any(map(ours.has_address, found)):
        raise NotAllowed


async def resolved(host: str) -> list[str]:
    """Return all addresses of a host; one that does not resolve has none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(entry[4][0]) for entry in found})


Resolve = Callable[[str], Awaitable[list[str]]]


async def check_url(
    url: str, *, allow_private: bool, ours: Ours = NOTHING, resolve: Resolve = resolved
) -> None:
    """Raise NotAllowed unless text and all resolved addresses may be reached."""
    host = check_text(url, allow_private=allow_private, ours=ours)
    check_addresses(await resolve(host), allow_private=allow_private, ours=ours)


def _is_strict(scheme: str, host: str, port: int | None) -> bool:
    """Return whether an address is one of the public web, over TLS."""
    on_tls = scheme == "https" and (port is None or port in PORTS)
    return on_tls and (is_open(host) or _is_public_name(host))


def _is_lenient(scheme: str, host: str, port: int | None) -> bool:
    """Return whether an address may be a receiver beside the local stack; its name is checked later.

    A host that only some readers take for a number (``127.1``, ``0x7f000001``) is none here either.
    """
    if scheme not in ("http", "https") or not (is_open(host) or is_near(host) or _LABELS.fullmatch(host)):
        return False
    return port is None or port in WEB_PORTS or (port >= FIRST_FREE_PORT and port not in STORES)


def _is_public_name(host: str) -> bool:
    """Return whether a name has at least two labels, none of them a number at the end, none of ours."""
    return bool(_NAME.fullmatch(host)) and host.rpartition(".")[2] not in _INSIDE
