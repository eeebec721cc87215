"""A client over HTTP that shows a key and heeds no proxy of the environment."""

import httpx2

from sealwatch.errors import Misconfigured


def opened(key: str, timeout_seconds: float, base_url: str = "") -> httpx2.Client:
    """Return a client with this key, or raise Misconfigured where the key could be none."""
    if not (key.isascii() and key.isprintable() and key):
        raise Misconfigured("--key is no key of Sealwatch: `sealwatch keys create` makes one")
    headers = {"authorization": f"Bearer {key}"}
    return httpx2.Client(base_url=base_url, headers=headers, timeout=timeout_seconds, trust_env=False)
