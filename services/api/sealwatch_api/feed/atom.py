"""The feed of public messages: Atom (RFC 4287), in pages (RFC 5005, 3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element  # a type

from sealwatch_api.feed.cap import Issuer
from sealwatch_api.feed.xml import add, line, root, written

NAMESPACE = "http://www.w3.org/2005/Atom"
MEDIA_TYPE, OF_CAP = "application/atom+xml", "application/cap+xml"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # a feed must say when it changed, also one that never did
TITLES = {"en": "Risk warnings", "zh": "风险预警"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A released message as the feed lists it; ``kinds`` are its type, status and level."""

    release_id: bytes
    number: int
    headlines: tuple[str, str]
    summaries: tuple[str, str]
    kinds: tuple[str, str, str]
    released_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A page: of what came before a number, all where it is None; ``older`` begins the page after it."""

    before: int | None = None
    older: int | None = None


def atom(issuer: Issuer, entries: Sequence[Entry], place: Place) -> bytes:
    """Return a page of the feed, newest first."""
    feed = root("feed", NAMESPACE)
    first = f"{issuer.public_url.rstrip('/')}/public/feed.atom"
    add(feed, "id", first)
    add(feed, "title", f"{TITLES['zh']} {TITLES['en']}: {line(issuer.names['en'])}")
    add(feed, "updated", _instant(changed_at(entries)))
    _add_author(feed, issuer)
    _add_link(feed, "self", first if place.before is None else f"{first}?before={place.before}")
    _add_link(feed, "first", first)
    if place.older is not None:
        _add_link(feed, "next", f"{first}?before={place.older}")
    for one in entries:
        _add_entry(feed, issuer, one)
    return written(feed)


def changed_at(entries: Sequence[Entry]) -> datetime:
    """Return when this page changed last."""
    return max((one.released_at for one in entries), default=NEVER)


def _add_entry(feed: Element, issuer: Issuer, one: Entry) -> None:
    entry, address = add(feed, "entry"), issuer.address(one.release_id)
    add(entry, "id", address)
    add(entry, "title", " / ".join(map(line, one.headlines)))
    add(entry, "updated", _instant(one.released_at))
    add(entry, "published", _instant(one.released_at))
    add(entry, "link", attributes={"rel": "alternate", "type": OF_CAP, "href": address})
    for kind in one.kinds:
        add(entry, "category", attributes={"term": kind})
    add(entry, "summary", "\n\n".join(one.summaries), {"type": "text"})


def _add_author(feed: Element, issuer: Issuer) -> None:
    author = add(feed, "author")
    add(author, "name", " / ".join(line(name) for name in issuer.names.values()))


def _add_link(feed: Element, relation: str, address: str) -> None:
    add(feed, "link", attributes={"rel": relation, "type": MEDIA_TYPE, "href": address})


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
