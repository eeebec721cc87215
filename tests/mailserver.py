"""A mail server on loopback: takes letters, or answers as it is told to, over STARTTLS and with AUTH."""

# ruff: noqa: ARG002, N802  # the shapes and names of aiosmtpd

import asyncio
import datetime as dt
import ssl
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from ipaddress import ip_address

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Post:
    """What arrived, and what to answer next; ``slow`` seconds pass before the letter is answered."""

    def __init__(self):
        self.letters, self.envelopes, self.sessions, self.users = [], [], set(), []
        self.transports = []
        self.at_recipient, self.at_data, self.slow, self.drop = [], [], 0.0, 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [responses[0], "250-DSN", *responses[1:]]

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        self.sessions.add(id(session))
        self.transports.append(server.transport)
        answer = self.at_recipient.pop(0) if self.at_recipient else None
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.slow)
        answer = self.at_data.pop(0) if self.at_data else "250 2.0.0 taken"
        if answer.startswith("2"):
            self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        if self.drop:
            self.drop -= 1
            server.transport.abort()
        return answer

    def hang_up(self):
        """End the newest connection without a word."""
        self.transports[-1].abort()

    def authenticate(self, server, session, envelope, mechanism, data):
        self.users.append(data.login)
        return AuthResult(success=data.password == b"right", handled=False)


class Server(SMTP):
    """Takes DSN parameters, as most servers in use do, and passes over them."""

    def _getparams(self, params):
        found = super()._getparams(params)
        return {k: v for k, v in (found or {}).items() if k not in ("RET", "ENVID", "NOTIFY")}


def certificate(folder):
    """Write a certificate of 127.0.0.1 with its key, and return where."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)  # noqa: TID251  # TLS reads the wall clock
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "mail.pem"
    path.write_bytes(secret + made.public_bytes(pem))
    return path


@asynccontextmanager
async def serving(post, pem=None, *, auth=False, tls=False):
    """Run the server on a free port and yield the port."""
    context = None
    if pem:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem)

    def server():
        return Server(
            post,
            hostname="mail.example",
            tls_context=None if tls else context,
            require_starttls=bool(context) and not tls,
            authenticator=post.authenticate if auth else None,
            auth_required=auth,
            loop=asyncio.get_running_loop(),
        )

    running = await asyncio.get_running_loop().create_server(
        server, "127.0.0.1", 0, ssl=context if tls else None
    )
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        running.close()
