"""One question to a server over a bare socket, answered only by one that really serves."""

import http.client
import socket
import struct
from datetime import timedelta
from http import HTTPStatus

from sealwatch_cli.local.ports import LOOPBACK

_PATIENCE = timedelta(seconds=1)
_CORRELATION = 7
_METADATA, _METADATA_VERSION = 3, 1
_CLIENT = b"sealwatch-probe"
_GREETING = b"220 "  # RFC 5321, 4.2
_LENGTH = struct.Struct(">i")
_COUNTED = struct.Struct(">ii")


def kafka_request() -> bytes:
    """Return a metadata request about no topic, size first."""
    header = struct.pack(">hhih", _METADATA, _METADATA_VERSION, _CORRELATION, len(_CLIENT))
    body = header + _CLIENT + _LENGTH.pack(0)
    return _LENGTH.pack(len(body)) + body


def kafka_serves(answer: bytes) -> bool:
    """Return whether the answer to our request lists a broker: a fenced one is not listed."""
    if len(answer) < _COUNTED.size:
        return False
    correlation, brokers = _COUNTED.unpack_from(answer)
    return bool(correlation == _CORRELATION and brokers >= 1)


def kafka_answers(port: int) -> bool:
    """Return whether the node on this port takes part as a broker."""
    try:
        with socket.create_connection((LOOPBACK, port), _PATIENCE.total_seconds()) as link:
            link.sendall(kafka_request())
            (size,) = _LENGTH.unpack(_exactly(link, _LENGTH.size))
            return kafka_serves(_exactly(link, size))
    except OSError:
        return False


def postgres_request(user: str) -> bytes:
    """Return the start message of PostgreSQL's protocol 3.0, size first."""
    body = struct.pack(">i", 196_608) + b"user\0" + user.encode() + b"\0\0"
    return _LENGTH.pack(len(body) + _LENGTH.size) + body


def postgres_answers(port: int) -> bool:
    """Return whether the server asks who we are; while it starts or recovers it says an error."""
    try:
        with socket.create_connection((LOOPBACK, port), _PATIENCE.total_seconds()) as link:
            link.sendall(postgres_request("probe"))
            return _exactly(link, 1) == b"R"
    except OSError:
        return False


def http_ready(port: int, path: str = "/readyz") -> bool:
    """Return whether the process on this port says that it is ready."""
    link = http.client.HTTPConnection(LOOPBACK, port, timeout=_PATIENCE.total_seconds())
    try:
        link.request("GET", path)
        return link.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def smtp_answers(port: int) -> bool:
    """Return whether a mail server greets us on this port."""
    try:
        with socket.create_connection((LOOPBACK, port), _PATIENCE.total_seconds()) as link:
            return _exactly(link, len(_GREETING)) == _GREETING
    except OSError:
        return False


_PROBES = {"kafka": kafka_answers, "postgres": postgres_answers, "mailbox": smtp_answers}


def is_ready(name: str, port: int) -> bool:
    """Return whether the part of the stack with this name serves on this port."""
    return _PROBES.get(name, http_ready)(port)


def _exactly(link: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = link.recv(size - len(parts))
        if not part:
            raise ConnectionResetError("the server closed the connection")
        parts += part
    return bytes(parts)
