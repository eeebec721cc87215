"""Secrets at rest: sealed with a key that is not in the database."""

from cryptography.fernet import Fernet, InvalidToken

from sealwatch.errors import Misconfigured


class Seal:
    """Seals and opens secrets with one Fernet key."""

    def __init__(self, key: str) -> None:
        """Take the key, or raise Misconfigured where it is none."""
        try:
            self._fernet = Fernet(key.encode())
        except ValueError as error:
            raise Misconfigured("SEALWATCH_SECRETS_KEY is no Fernet key (32 bytes, base64)") from error

    def seal(self, secret: bytes) -> bytes:
        """Return what may be stored."""
        return self._fernet.encrypt(secret)

    def open(self, sealed: bytes) -> bytes:
        """Return the secret again, or raise Misconfigured where another key sealed it."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise Misconfigured("a stored secret was sealed with another key") from error
