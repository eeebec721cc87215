"""Receivers on loopback that answer webhooks as real ones do on a bad day."""

import asyncio
import contextlib
import datetime as dt
import socket
import ssl
import struct
import warnings
import zlib
from contextlib import asynccontextmanager
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

END = b"\r\n\r\n"
READ = 16 * 1024
INFLATED = 100 * 1024 * 1024
LINGER_NOT = struct.pack("ii", 1, 0)


class Receiver:
    """Reads a request, then does what it was given to do; keeps what it was sent."""

    def __init__(self, act):
        self._act = act
        self.heads, self.bodies, self.tasks = [], [], set()

    async def serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._act(self, reader, writer)
        writer.transport.abort()

    async def request(self, reader):
        head = (await reader.readuntil(END)).lower()
        size = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])
        self.heads.append(head)
        self.bodies.append(await reader.readexactly(size))


@asynccontextmanager
async def receiving(act, tls=None):
    """Listen on loopback; yield the receiver and its address."""
    receiver = Receiver(act)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    scheme, port = "https" if tls else "http", server.sockets[0].getsockname()[1]
    yield receiver, f"{scheme}://127.0.0.1:{port}/hook"
    for task in receiver.tasks:
        task.cancel()
    server.close()


def says(*lines, body=b""):
    """Return the act of one that answers at once."""
    head = "".join(f"{line}\r\n" for line in (*lines, f"content-length: {len(body)}")).encode()

    async def act(receiver, reader, writer):
        await receiver.request(reader)
        writer.write(head + b"\r\n" + body)
        await writer.drain()
        await asyncio.Event().wait()

    return act


def begins(start):
    """Return the act of one that begins to answer and does not go on."""

    async def act(receiver, reader, writer):
        await receiver.request(reader)
        writer.write(start)
        await asyncio.Event().wait()

    return act


async def never_reads(_receiver, reader, _writer):
    """Take the connection and nothing else."""
    reader._transport.pause_reading()  # noqa: SLF001  # else the loop reads on
    await asyncio.Event().wait()


async def drips(receiver, reader, writer):
    """Answer a byte at a time, as long as anybody listens."""
    await receiver.request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.02)


async def floods(receiver, reader, writer):
    """Answer as fast as it is read, without an end in sight."""
    await receiver.request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n")
    while True:
        writer.write(bytes(READ))
        await writer.drain()


async def resets(receiver, reader, writer):
    """Reset the connection once the request is here."""
    await receiver.request(reader)
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    writer.transport.abort()


def packs(body):
    """Return the act of one that answers with a body that is packed."""
    packer = zlib.compressobj(9, wbits=31)
    return says("HTTP/1.1 200 OK", "content-encoding: gzip", body=packer.compress(body) + packer.flush())


def bombs():
    """Return the act of one that answers 100 MB of nothing, packed into 100 KB."""
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(INFLATED >> 20)) + packer.flush()
    return says("HTTP/1.1 200 OK", "content-encoding: gzip", body=packed)


class Authority:
    """Makes certificates, and knows who trusts them."""

    def __init__(self, folder):
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = _named("the tests' own authority")
        self._own = self._signed(self._name, self._key, "authority", days=2)

    def trust(self):
        """Return a context that trusts this authority alone."""
        pem = self._own.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=pem)

    def server(self, *, name="127.0.0.1", days=2, signed=True):
        """Return the context of a server; one that is not signed by the authority signs itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _named(name)
        made = self._signed(subject, key, name, days=days, issuer=None if signed else (subject, key))
        file = self._folder / f"{name}-{days}-{signed}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def old_server(self):
        """Return the context of a server that speaks TLS 1.0 only."""
        context = self.server()
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        return context

    def _signed(self, subject, key, name, *, days, issuer=None):
        now = dt.datetime.now(dt.UTC)  # noqa: TID251  # TLS reads the wall clock
        by, with_key = issuer or (self._name, self._key)
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(by).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(3)).not_valid_after(now + dt.timedelta(days))
            .add_extension(x509.SubjectAlternativeName([_alternative(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=subject == self._name, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )  # fmt: skip
        return builder.sign(with_key, hashes.SHA256())


def _named(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(name):
    numeric = name.replace(".", "").isdigit()
    return x509.IPAddress(ip_address(name)) if numeric else x509.DNSName(name.replace(" ", "-"))
