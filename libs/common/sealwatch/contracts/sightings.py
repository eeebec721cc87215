"""What was seen of a product on the market and in public: the web-scrape event and its kin."""

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from sealwatch.contracts.base import Body, Count, Instant, Name, Posted, Quantity, Region, Text

SightingKind = Literal[
    "listing", "shop", "article", "post", "review", "complaint", "code_scan", "official_notice"
]
_VISIBLE = re.compile(r"[!-~\u00a1-\U0010ffff]{1,2048}")


def _public_address(url: str) -> str:
    """Return the address when it is plain http(s) without credentials; it is never fetched here."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or parts.username is not None or not _VISIBLE.fullmatch(url) or "\\" in url:
        raise PydanticCustomError("bad_url", "must be an http or https address without credentials")
    return url


Url = Annotated[str, Field(max_length=2048), AfterValidator(_public_address)]


class Price(Body):
    """An asking price with its ISO 4217 currency."""

    amount: Annotated[Quantity, Field(ge=0)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Sighting(Posted):
    """One thing seen: ``suspect`` of ``seen`` items looked counterfeit or were complained of."""

    kind: SightingKind
    platform: Name
    shop: Name | None = None
    region: Region | None = None
    url: Url | None = None
    title: Name | None = None
    excerpt: Text | None = None
    price: Price | None = None
    units_sold: Count | None = None
    suspect: Count
    seen: Annotated[Count, Field(ge=1)]
    captured_at: Instant
    content_sha256: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None

    @model_validator(mode="after")
    def _suspect_within_seen(self) -> Self:
        if self.suspect > self.seen:
            raise PydanticCustomError("more_suspect_than_seen", "more suspect than seen")
        return self
