"""A poll of events against the products they touch, in recorded order. Pure: no clock, no store."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from sealwatch.contracts.base import derived_uid, uid_of
from sealwatch.contracts.codec import Received
from sealwatch.contracts.log import Event, EvidenceRetracted, LevelOverridden, ProductDescribed
from sealwatch.risk.case import Case, case_of
from sealwatch.risk.evidence import Evidence
from sealwatch.risk.freshness import is_stale
from sealwatch.risk.index import Ranking
from sealwatch.risk.levels import Cause, Decision, Reason, decided
from sealwatch.risk.policy import Level, Policy
from sealwatch.risk.state import Said, fold_all, retract
from sealwatch.scoring.evidence import evidence_of
from sealwatch.scoring.maxima import held_by, newest_of, recounted
from sealwatch.scoring.overrides import overridden, reason_of
from sealwatch.scoring.product import Product

NO_EVENT = bytes(16)  # where nothing was reported: a sweep, a policy
MISMATCH = "product_mismatch"  # why a retraction that names another product is set aside
MATERIAL_POINTS = 0.5  # an index is told again when it moved so far; ours


class Foreseen(NamedTuple):
    """What an event says under a policy, worked out while the scorer waited for the database."""

    said: tuple[Said, ...]
    policy: Policy


class Arrival(NamedTuple):
    """An event with its record, its digest, and its instant: the running maximum of append times."""

    event: Event
    record: Received
    digest: bytes
    instant_ms: int
    foreseen: Foreseen | None = None

    @property
    def at(self) -> int:
        """Return the instant in whole Unix seconds."""
        return self.instant_ms // 1000


class Target(NamedTuple):
    """A stored event that a retraction names; ``gone`` when only its uid is still known."""

    uid: bytes
    product_id: str
    folded: tuple[Said, ...]
    retracted: bool
    gone: bool = False


class Stone(NamedTuple):
    """A retraction that came before its event: the product it names, its uid, and all of it if still known.

    Only the stone that names the event's own product takes the event back; the others contradict it.
    """

    product_id: str
    by: bytes
    arrival: Arrival | None


Stones = Mapping[bytes, Sequence[Stone]]
"""By the uid of the event that was retracted, in recorded order."""


@dataclass(frozen=True, slots=True)
class Change:
    """A product moved to another level, and everything that others should hear of it."""

    uid: bytes
    product: Product
    before: Level
    reason: Reason
    ranking: Ranking
    at: int
    cause_uid: bytes


class Move(NamedTuple):
    """Why a level in force is another one, and what gives the uids of the change and of its cause."""

    reason: Reason
    case: Case
    uids: Callable[[], tuple[bytes, bytes]]


@dataclass(slots=True)
class Kept:
    """An event to keep, with the evidence that was folded."""

    arrival: Arrival
    folded: tuple[Said, ...] = ()
    retracted_by: bytes | None = None


@dataclass(slots=True)
class Known:
    """What the store knows of this poll's products, retraction targets and tombstones.

    ``folded`` is what stored events of a product said that nobody took back, by their uid; it is needed
    for products with a retraction in this poll, to work out again what no sum can give back. It holds at
    least those that hold what ``maxima.held_by`` says could go, and what this poll's retractions name.
    """

    products: dict[str, Product]
    targets: Mapping[bytes, Target] = field(default_factory=dict)
    tombstones: Stones = field(default_factory=dict)
    folded: Mapping[str, Mapping[bytes, tuple[Said, ...]]] = field(default_factory=dict)


@dataclass(slots=True)
class Walked:
    """What a poll did."""

    products: dict[str, Product] = field(default_factory=dict)
    last: dict[str, Arrival] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    kept: dict[bytes, Kept] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    tombstones: dict[bytes, list[Stone]] = field(default_factory=dict)
    retracted: dict[bytes, bytes] = field(default_factory=dict)
    said: dict[str, list[Kept]] = field(default_factory=dict)
    quarantined: list[tuple[Arrival, str]] = field(default_factory=list)


class Poisoned(Exception):  # noqa: N818  # a routing decision inside the scorer
    """One event made a pure step raise; ``arrival`` says which."""

    def __init__(self, arrival: Arrival) -> None:
        """Keep the event; the exception it raised is the cause of this one."""
        super().__init__("handler_error")
        self.arrival = arrival


def target_of(event: Event) -> bytes | None:
    """Return the uid that a retraction names, made with the sender's own organisation."""
    body = event.body
    if not isinstance(body, EvidenceRetracted):
        return None
    return uid_of(event.organisation, body.source, body.retracted_event_id)


def walk(known: Known, fresh: Sequence[Arrival], policy: Policy) -> Walked:
    """Return what these new events do, one by one in offset order, or raise Poisoned."""
    walked = Walked()
    for arrival in fresh:
        product_id = arrival.event.product_id
        before = walked.products.get(product_id) or known.products.get(product_id)
        if before is None:
            before = Product(product_id, arrival.record.partition)
        try:
            after = _stepped(before, arrival, known, walked, policy)
        except Exception as error:
            raise Poisoned(arrival) from error
        walked.products[product_id] = after
        walked.last[product_id] = arrival
    return walked


def _stepped(before: Product, arrival: Arrival, known: Known, walked: Walked, policy: Policy) -> Product:
    kept = walked.kept[arrival.event.uid] = Kept(arrival)
    stone = _stone(before.product_id, arrival.event.uid, known, walked)
    body = arrival.event.body
    if isinstance(body, EvidenceRetracted):
        return _retracted(before, arrival, known, walked, policy)
    if isinstance(body, ProductDescribed):
        return _described(before, arrival, body, walked, policy)
    if isinstance(body, LevelOverridden):
        return _overridden(before, arrival, body, walked, policy)
    if stone is not None:
        kept.retracted_by = stone.by
        return replace(before, events=before.events + 1)
    kept.folded = said_of(arrival, policy)
    return _folded(before, kept, walked, policy)


def said_of(arrival: Arrival, policy: Policy) -> tuple[Said, ...]:
    """Return what an event says under a policy; as it was foreseen, if under the same one."""
    foreseen = arrival.foreseen
    if foreseen is not None and foreseen.policy is policy:
        return foreseen.said
    return evidence_of(arrival.event, policy)


def _stone(product_id: str, uid: bytes, known: Known, walked: Walked) -> Stone | None:
    """Return the first early retraction of an event under its product; the strange ones are set aside."""
    stored, here = known.tombstones.get(uid), walked.tombstones.get(uid)
    if stored is None and here is None:
        return None
    stones = (*(stored or ()), *(here or ()))
    strange = (stone.arrival for stone in stones if stone.product_id != product_id)
    walked.quarantined += [(arrival, MISMATCH) for arrival in strange if arrival is not None]
    return next((stone for stone in stones if stone.product_id == product_id), None)


def _folded(before: Product, kept: Kept, walked: Walked, policy: Policy) -> Product:
    if not kept.folded:
        return replace(before, events=before.events + 1)
    walked.said.setdefault(before.product_id, []).append(kept)
    newest = newest_of(kept.folded, before.newest_at)
    state = fold_all(before.state, kept.folded)
    after = replace(
        before,
        state=state,
        events=before.events + 1,
        newest_at=newest,
        stale=is_stale(newest, state, policy, kept.arrival.at),
    )
    cause = Cause.PASS
    for piece in kept.folded:
        if piece.failed:
            cause = Cause.FAILURE
    return _decided(after, kept.arrival, cause, walked, policy)


def _described(
    before: Product, arrival: Arrival, body: ProductDescribed, walked: Walked, policy: Policy
) -> Product:
    after = replace(before, events=before.events + 1)
    if body.facts_revision <= before.facts_revision:
        return after
    after = replace(after, described=body.facts, facts_revision=body.facts_revision)
    return _decided(after, arrival, Cause.FACTS, walked, policy)


def _overridden(
    before: Product, arrival: Arrival, body: LevelOverridden, walked: Walked, policy: Policy
) -> Product:
    """Put the level in force that a person names; the model's own standing stays as it is."""
    after = overridden(replace(before, events=before.events + 1), body, arrival.at)
    if after.level is before.level:
        return after
    case = walked.cases[after.product_id] = case_of(after.state, after.facts(policy), policy, arrival.at)
    uid = arrival.event.uid
    move = Move(reason_of(after), case, lambda: (derived_uid("level", uid.hex()), uid))
    return noted(before.level, after, walked.changes, move)


def _retracted(before: Product, arrival: Arrival, known: Known, walked: Walked, policy: Policy) -> Product:
    after = replace(before, events=before.events + 1)
    uid = target_of(arrival.event)
    if uid is None:
        return after
    target = _target(uid, known, walked)
    if target is None:
        stone = Stone(before.product_id, arrival.event.uid, arrival)
        walked.tombstones.setdefault(uid, []).append(stone)
        return after
    if target.gone or target.product_id != before.product_id:
        walked.quarantined.append((arrival, "target_gone" if target.gone else MISMATCH))
        return after
    if target.retracted:
        return after
    _mark(uid, arrival, walked)
    state = after.state
    for piece in target.folded:
        state = retract(state, piece) if isinstance(piece, Evidence) else state
    after = _recounted(replace(after, state=state), target.folded, known, walked)
    stale = is_stale(after.newest_at, after.state, policy, arrival.at)
    after = after if after.stale == stale else replace(after, stale=stale)
    return _decided(after, arrival, Cause.RETRACTION, walked, policy)


def _recounted(product: Product, taken: Iterable[Said], known: Known, walked: Walked) -> Product:
    """Return the product with those maxima worked out again that what was taken back held.

    A floor is not lifted on a guess: where the stored events were not read, all stay as they were.
    """
    gone = held_by(product, taken)
    stored = known.folded.get(product.product_id)
    if not gone or (stored is None and product.product_id in known.products):
        return product
    left = [folded for uid, folded in (stored or {}).items() if uid not in walked.retracted]
    here = walked.said.get(product.product_id, ())
    left += [kept.folded for kept in here if kept.retracted_by is None]
    return recounted(product, gone, [piece for folded in left for piece in folded])


def _target(uid: bytes, known: Known, walked: Walked) -> Target | None:
    """Return the event as it stands now: of this poll first, then as stored."""
    here = walked.kept.get(uid)
    if here is not None:
        product_id = here.arrival.event.product_id
        return Target(uid, product_id, here.folded, here.retracted_by is not None)
    stored = known.targets.get(uid)
    if stored is not None and uid in walked.retracted:
        return stored._replace(retracted=True)
    return stored


def _mark(uid: bytes, arrival: Arrival, walked: Walked) -> None:
    here = walked.kept.get(uid)
    if here is not None:
        here.retracted_by = arrival.event.uid
    else:
        walked.retracted[uid] = arrival.event.uid


def _decided(after: Product, arrival: Arrival, cause: Cause, walked: Walked, policy: Policy) -> Product:
    case = walked.cases[after.product_id] = case_of(after.state, after.facts(policy), policy, arrival.at)
    decision = decided(after.standing, case, cause)
    if decision.standing == after.standing:
        return after
    uid = arrival.event.uid
    return moved(after, decision, walked.changes, case, lambda: (derived_uid("level", uid.hex()), uid))


def moved(
    product: Product,
    decision: Decision,
    changes: list[Change],
    case: Case,
    uids: Callable[[], tuple[bytes, bytes]],
) -> Product:
    """Return the product where the decision puts it, and note the change when its level in force moved.

    ``uids`` gives the uid of the change and that of the event that caused it.
    """
    after = replace(product, standing=decision.standing)
    return noted(product.level, after, changes, Move(decision.reason, case, uids))


def noted(before: Level, product: Product, changes: list[Change], move: Move) -> Product:
    """Return the product with its change counted and noted, where its level in force is another now."""
    if product.level is before:
        return product
    after = replace(product, changes=product.changes + 1, told_on=None)  # told anew, whatever the index
    uid, cause_uid = move.uids()
    changes.append(Change(uid, after, before, move.reason, move.case.ranking, move.case.at, cause_uid))
    return after


def is_material(product: Product, index: float | None, today: date) -> bool:
    """Return whether others should hear of the index again: half a point, or another day."""
    if product.told_on != today or (index is None) != (product.told_index is None):
        return True
    return index is not None and abs(index - (product.told_index or 0.0)) >= MATERIAL_POINTS
