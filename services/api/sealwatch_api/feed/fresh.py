"""Whether a reader has it already (RFC 9110, 13): by its tag, else by its date."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256

from sealwatch_api.feed.atom import NEVER

CACHE = (
    "public, max-age=60"  # a warning may be a minute late in a cache, and the cache carries the crowd; ours
)


def tag_of(body: bytes) -> str:
    """Return the tag of a body."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def headers_of(body: bytes, changed_at: datetime) -> dict[str, str]:
    """Return what a reader needs to ask again only for what is new."""
    date = format_datetime(changed_at.astimezone(UTC).replace(microsecond=0), usegmt=True)
    return {"ETag": tag_of(body), "Last-Modified": date, "Cache-Control": CACHE}


def is_known(asked: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    """Return whether the reader has it; a tag goes before a date, and a bad date asks for everything."""
    tags = asked.get("if-none-match")
    if tags is not None:
        shown = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return bool(shown & {headers["ETag"], "*"})
    since, changed = _date(asked.get("if-modified-since", "")), _date(headers["Last-Modified"])
    return since is not None and changed is not None and changed > NEVER and changed <= since


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)
