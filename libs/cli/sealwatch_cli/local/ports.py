"""TCP ports on loopback: remembered, wanted, or the next free one.

Free ports are drawn below the range from which the kernel takes the local ends of outgoing
connections: a client that retries against a dead server there can connect to itself.
"""

import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass

from sealwatch.errors import Misconfigured

LOOPBACK = "127.0.0.1"
_FIRST, _COUNT = 20_000, 10_000
_TRIES = 200


def is_free(port: int) -> bool:
    """Return whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port(free: Callable[[int], bool] = is_free) -> int:
    """Return a port that nobody listens on; two callers at once rarely get the same one."""
    candidates = (_FIRST + secrets.randbelow(_COUNT) for _ in range(_TRIES))
    port = next((candidate for candidate in candidates if free(candidate)), None)
    if port is None:
        raise Misconfigured("no free TCP port on 127.0.0.1 between 20000 and 29999")
    return port


@dataclass(frozen=True)
class Wish:
    """Which port a server should have: a fixed one, or one that it would like."""

    fixed: int | None = None
    preferred: int | None = None


ANY_PORT = Wish()


def choose_port(wish: Wish, remembered: int | None, free: Callable[[int], bool] = is_free) -> int:
    """Return the fixed port or fail; else the remembered, the preferred or any other free one."""
    if wish.fixed is not None:
        if not free(wish.fixed):
            raise Misconfigured(f"port {wish.fixed} on 127.0.0.1 is taken; choose another or free it")
        return wish.fixed
    known = (port for port in (remembered, wish.preferred) if port is not None and free(port))
    return next(known, None) or free_port(free)
