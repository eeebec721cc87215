"""Products and level changes as rows, and back."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import asyncpg
from msgspec.structs import replace

from sealwatch.contracts.log import DescribedFacts
from sealwatch.risk.beliefs import is_opinion
from sealwatch.risk.case import Case, case_of
from sealwatch.risk.index import Ranking
from sealwatch.risk.levels import Reason, Standing
from sealwatch.risk.policy import Level, Policy
from sealwatch.risk.state import decode, encode
from sealwatch.risk.yardstick import yardstick
from sealwatch.scoring.product import Override, Product
from sealwatch.scoring.step import NO_EVENT, Change, is_material

STATE_TYPES = {
    "product_id": "text", "partition": "int", "revision": "bigint", "state": "bytea", "level": "smallint",
    "start_level": "smallint", "below_since": "date", "changes": "int", "facts_known": "boolean",
    "facts_revision": "int", "category": "text", "severity_class": "smallint", "enterprise_id": "text",
    "region": "text", "technology": "text", "indicated": "smallint", "index": "double precision",
    "main_factor": "text", "events": "bigint", "newest_evidence_at": "timestamptz",
    "last_event_uid": "bytea", "policy_version": "text", "assessed_at": "timestamptz",
    "published_index": "double precision", "published_on": "date", "stale": "boolean",
    "override_level": "smallint", "override_until": "timestamptz", "override_revision": "int",
    "opinion_only": "boolean",
}  # fmt: skip
CHANGE_COLUMNS = (
    "uid", "product_id", "sequence", "before", "after", "start_level", "index", "indicated", "main_factor",
    "reason", "category", "enterprise_id", "region", "severity_class", "facts_revision", "policy_version",
    "last_event_uid", "changed_at", "state", "model_level", "below_since",
)  # fmt: skip


@lru_cache(maxsize=4096)
def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def product_of(row: asyncpg.Record) -> Product:
    """Return the product that a row holds."""
    described = None
    if row["facts_known"]:
        described = DescribedFacts(
            row["category"], row["severity_class"], row["enterprise_id"], row["region"], row["technology"]
        )
    start = row["start_level"]
    newest = row["newest_evidence_at"]
    return Product(
        product_id=row["product_id"],
        partition=row["partition"],
        described=described,
        facts_revision=row["facts_revision"],
        state=decode(row["state"]),
        standing=Standing(Level(row["level"]), row["below_since"], Level(start) if start else None),
        changes=row["changes"],
        revision=row["revision"],
        events=row["events"],
        newest_at=int(newest.timestamp()) if newest else None,
        told_index=row["published_index"],
        told_on=row["published_on"],
        stale=row["stale"],
        override=_override(row),
        override_revision=row["override_revision"],
    )


def _override(row: asyncpg.Record) -> Override | None:
    until = row["override_until"]
    return None if until is None else Override(Level(row["override_level"]), int(until.timestamp()))


class Settled(NamedTuple):
    """A product as a transaction leaves it: where it ranks, and who must hear of it."""

    product: Product
    ranking: Ranking
    at: int
    event_uid: bytes
    due: bool


def settled(product: Product, policy: Policy, at: int, event_uid: bytes = NO_EVENT) -> Settled:
    """Return the product with its next revision, ranked at an instant in Unix seconds."""
    return ranked(product, case_of(product.state, product.facts(policy), policy, at), event_uid)


def ranked(product: Product, case: Case, event_uid: bytes = NO_EVENT) -> Settled:
    """Return the product with its next revision, noting what others will have been told."""
    ranking, at = case.ranking, case.at
    today = _instant(at).date()
    due = event_uid == NO_EVENT or is_material(product, ranking.index, today)
    after = replace(
        product,
        revision=product.revision + 1,
        told_index=ranking.index if due else product.told_index,
        told_on=today if due else product.told_on,
    )
    return Settled(after, ranking, at, event_uid, due)


def state_row(done: Settled, policy: Policy) -> tuple[Any, ...]:
    """Return the row of a product."""
    product, ranking = done.product, done.ranking
    facts, standing, described = product.facts(policy), product.standing, product.described
    override = product.override
    return (
        product.product_id,
        product.partition,
        product.revision,
        encode(product.state),
        int(standing.level),
        int(standing.start) if standing.start else None,
        standing.below_since,
        product.changes,
        facts.known,
        product.facts_revision,
        facts.category,
        facts.severity,
        described.enterprise_id if described else None,
        described.region if described else None,
        described.technology if described else None,
        int(ranking.indicated),
        ranking.index,
        ranking.main_factor,
        product.events,
        _instant(product.newest_at) if product.newest_at is not None else None,
        done.event_uid,
        policy.version,
        _instant(done.at),
        product.told_index,
        product.told_on,
        product.stale,
        int(override.level) if override else None,
        _instant(override.until) if override else None,
        product.override_revision,
        is_opinion(product.state, policy),
    )


def change_row(change: Change, policy: Policy) -> tuple[Any, ...]:
    """Return the row of a level change, with the sums that explain it.

    The first sight of a product at its start level is told to nobody and happens a hundred thousand times
    at once: it goes without.
    """
    product, facts = change.product, change.product.facts(policy)
    described, standing = product.described, product.standing
    start = yardstick(policy, facts).start
    is_quiet = change.reason is Reason.STARTED and standing.level <= start
    return (
        change.uid,
        product.product_id,
        product.changes,
        int(change.before),
        int(product.level),
        int(start),
        change.ranking.index,
        int(change.ranking.indicated),
        change.ranking.main_factor,
        change.reason.value,
        facts.category,
        described.enterprise_id if described else None,
        described.region if described else None,
        facts.severity,
        product.facts_revision,
        policy.version,
        change.cause_uid,
        _instant(change.at),
        None if is_quiet else encode(product.state),
        int(standing.level),
        standing.below_since,
    )
