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
from sealwatch.risk.floors import Check, floors_of
from sealwatch.risk.freshness import is_stale
from sealwatch.risk.index import Ranking
from sealwatch.risk.levels import Cause, Decision, Reason, decided
from sealwatch.risk.policy import Level, Policy
from sealwatch.risk.state import Said, fold_all, retract, with_floors
from sealwatch.scoring.evidence import evidence_of
from sealwatch.scoring.overrides import overridden, reason_of
from sealwatch.scoring.product import Product

NO_EVENT = bytes(16)  # where nothing was reported: a sweep, a policy
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
    """What the store knows of this poll's products, retraction targets and tombstones (by uid).

    ``folded`` is what the stored events of a product said that nobody took back, by their uid; it is
    needed for products with a retraction in this poll, to work out again what no sum can give back.
    """

    products: dict[str, Product]
    targets: Mapping[bytes, Target] = field(default_factory=dict)
    tombstones: Mapping[bytes, tuple[str, bytes]] = field(default_factory=dict)
    folded: Mapping[str, Mapping[bytes, tuple[Said, ...]]] = field(default_factory=dict)


@dataclass(slots=True)
class Walked:
    """What a poll did."""

    products: dict[str, Product] = field(default_factory=dict)
    last: dict[str, Arrival] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    kept: dict[bytes, Kept] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    tombstones: dict[bytes, tuple[str, Arrival]] = field(default_factory=dict)
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
    body = arrival.event.body
    if isinstance(body, EvidenceRetracted):
        return _retracted(before, arrival, known, walked, policy)
    if isinstance(body, ProductDescribed):
        return _described(before, arrival, body, walked, policy)
    if isinstance(body, LevelOverridden):
        return _overridden(before, arrival, body, walked, policy)
    stone = walked.tombstones.get(arrival.event.uid) or known.tombstones.get(arrival.event.uid)
    if stone is not None and stone[0] == before.product_id:
        kept.retracted_by = _who_retracted(stone[1])
        return replace(before, events=before.events + 1)
    foreseen = arrival.foreseen
    if foreseen is not None and foreseen.policy is policy:
        kept.folded = foreseen.said
    else:
        kept.folded = evidence_of(arrival.event, policy)
    return _folded(before, kept, walked, policy)


def _who_retracted(who: bytes | Arrival) -> bytes:
    return who.event.uid if isinstance(who, Arrival) else who


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
        walked.tombstones.setdefault(uid, (before.product_id, arrival))
        return after
    if target.gone or target.product_id != before.product_id:
        walked.quarantined.append((arrival, "target_gone" if target.gone else "product_mismatch"))
        return after
    if target.retracted:
        return after
    _mark(uid, arrival, walked)
    state = after.state
    for piece in target.folded:
        state = retract(state, piece) if isinstance(piece, Evidence) else state
    after = _recounted(replace(after, state=state), known, walked)
    stale = is_stale(after.newest_at, after.state, policy, arrival.at)
    after = after if after.stale == stale else replace(after, stale=stale)
    return _decided(after, arrival, Cause.RETRACTION, walked, policy)


def _recounted(product: Product, known: Known, walked: Walked) -> Product:
    """Return the product with newest time and floors worked out from what is left.

    Both are maxima and cannot be subtracted. A floor is not lifted on a guess: where the stored
    events were not read, both stay as they were.
    """
    stored = known.folded.get(product.product_id)
    if stored is None and product.product_id in known.products:
        return product
    left = [folded for uid, folded in (stored or {}).items() if uid not in walked.retracted]
    here = walked.said.get(product.product_id, ())
    left += [kept.folded for kept in here if kept.retracted_by is None]
    said = [piece for folded in left for piece in folded]
    floors = floors_of(piece for piece in said if isinstance(piece, Check))
    return replace(product, state=with_floors(product.state, floors), newest_at=newest_of(said, None))


def newest_of(said: Iterable[Said], before: int | None) -> int | None:
    """Return the newest time of what weighs anything: a device past its calibration keeps nobody fresh."""
    newest = before
    for piece in said:
        if (newest is None or piece.at > newest) and piece.weighs:
            newest = piece.at
    return newest


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
