"""What is left to hold the maxima that a poll's retractions could take away, found among stored events.

An event lies in one stream of its product, by what it bears; a stream is read from its newest event on. Most
searches end with the first one. What a maximum is looked for in has no end but the stream's own, so it is
read in pages, each a statement well within the database's deadline.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sealwatch.risk.floors import NEVER, Check
from sealwatch.risk.policy import Policy
from sealwatch.risk.state import Said
from sealwatch.scoring.maxima import EVIDENCE, FAILED, PASSED, Maxima, date_of, held_by, side_of
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import Arrival, Poisoned, Target, said_of, target_of

FIRST_PAGE, GROWTH, LARGEST_PAGE = 4, 8, 4_096  # the first one mostly suffices; ours

Folded = dict[str, dict[bytes, tuple[Said, ...]]]
"""By product and uid."""


class Older(NamedTuple):
    """A stored event: the number of its stream in the question, when it occurred, and what it said."""

    stream: int
    at: int
    uid: bytes
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """Events of a product that bear as much, up to a time, and the maxima that are looked for in them."""

    product_id: str
    bears: int
    until: int
    open: Maxima


class Stored(Protocol):
    """Answers what is stored."""

    async def older(self, streams: Sequence[Stream], but: Collection[bytes], most: int) -> list[Older]:
        """Return of each stream its newest events that nobody took back, at most so many, newest first."""


async def left(
    stored: Stored, fresh: Sequence[Arrival], products: Mapping[str, Product],
    targets: Mapping[bytes, Target], policy: Policy,
) -> Folded:  # fmt: skip
    """Return what ``Known.folded`` must hold for these events: each product with a retraction among them."""
    named = _named(fresh, targets, policy)
    found: Folded = {product_id: {} for product_id in named}
    for target in targets.values():
        if target.product_id in found and not target.retracted:
            found[target.product_id][target.uid] = target.folded
    streams = [s for id_, said in named.items() if id_ in products for s in streams_of(products[id_], said)]
    page = FIRST_PAGE
    while streams:
        rows = await stored.older(streams, list(targets), page)
        streams, is_stuck = _read(streams, rows, found, page)
        page = page * GROWTH if is_stuck else min(page * GROWTH, max(page, LARGEST_PAGE))
    return found


def _named(
    fresh: Iterable[Arrival], targets: Mapping[bytes, Target], policy: Policy
) -> dict[str, list[Said]]:
    """Return for each product with a retraction what the events said that could be taken back."""
    fresh = list(fresh)
    here = {arrival.event.uid: arrival for arrival in fresh}
    named: dict[str, list[Said]] = defaultdict(list)
    for arrival in fresh:
        uid, product_id = target_of(arrival.event), arrival.event.product_id
        if uid is None:
            continue
        said = named[product_id]
        if uid in here:
            said += _said_of(here[uid], policy)
        elif uid in targets and not targets[uid].retracted and targets[uid].product_id == product_id:
            said += targets[uid].folded
    return named


def _said_of(arrival: Arrival, policy: Policy) -> tuple[Said, ...]:
    try:
        return said_of(arrival, policy)
    except Exception as error:
        raise Poisoned(arrival) from error


def streams_of(product: Product, named: Iterable[Said]) -> list[Stream]:
    """Return where to look for what is left, should all of these be taken back."""
    could_go, floors = held_by(product, named), product.state.floors
    dates = {side: date for side in could_go.sides if (date := date_of(floors, side)) != NEVER}
    newest = product.newest_at if could_go.newest else None
    found = []
    for bears in (FAILED, PASSED, EVIDENCE):
        # A failed check may stand beside passed ones, never the other way round.
        sides = {
            side: at for side, at in dates.items() if bears == FAILED or (bears == PASSED and not side[1])
        }
        times = [*sides.values(), *([] if newest is None else [newest])]
        if times:
            open_ = Maxima(newest is not None, frozenset(sides))
            found.append(Stream(product.product_id, bears, max(times), open_))
    return found


def _read(
    streams: Sequence[Stream], rows: Iterable[Older], found: Folded, page: int
) -> tuple[list[Stream], bool]:
    """Note what these events hold; return the streams to be read on, and whether one came no further."""
    of_each: dict[int, list[Older]] = defaultdict(list)
    for row in rows:
        of_each[row.stream].append(row)
    on, is_stuck = [], False
    for number, stream in enumerate(streams):
        events = of_each[number]
        open_ = _still_open(stream, events, found[stream.product_id])
        if open_ and len(events) == page:
            on.append(Stream(stream.product_id, stream.bears, events[-1].at, open_))
            is_stuck = is_stuck or events[-1].at == stream.until
    return on, is_stuck


def _still_open(stream: Stream, events: Iterable[Older], found: dict[bytes, tuple[Said, ...]]) -> Maxima:
    newest, sides = stream.open
    for event in events:
        held = {side_of(piece) for piece in event.said if isinstance(piece, Check)} & sides
        is_newest = newest and any(piece.weighs for piece in event.said)
        if held or is_newest:
            found[event.uid] = event.said
            newest, sides = newest and not is_newest, sides - held
    return Maxima(newest, frozenset(sides))
