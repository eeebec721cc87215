"""What the rest of the system should hear; ids are derived from the cause, so a repeat is known."""

from datetime import UTC, datetime

from sealwatch.contracts.codec import Envelope, Record, Stamp, encode
from sealwatch.contracts.told import ToldChange, ToldShare, written
from sealwatch.contracts.topics import LEVEL_CHANGES
from sealwatch.risk.beliefs import beliefs, entering
from sealwatch.risk.explanation import shares_of
from sealwatch.risk.index import assess
from sealwatch.risk.policy import Level, Policy
from sealwatch.risk.yardstick import Yardstick, yardstick
from sealwatch.scoring.step import Change

MOST_SHARES = 3
SCORER = Stamp("sealwatch", "scorer").headers()


def instant(at: int) -> datetime:
    """Return Unix seconds as an instant."""
    return datetime.fromtimestamp(at, UTC)


def told_of(change: Change, policy: Policy) -> ToldChange:
    """Return the level change as it is told."""
    product, facts = change.product, change.product.facts(policy)
    described = product.described
    stick = yardstick(policy, facts)
    low, high, shares = _measured(change, policy, stick)
    return ToldChange(
        uid=change.uid.hex(),
        product_id=product.product_id,
        category=facts.category,
        enterprise_id=described.enterprise_id if described else None,
        region=described.region if described else None,
        severity_class=facts.severity,
        facts_known=facts.known,
        facts_revision=product.facts_revision,
        policy_version=policy.version,
        last_event_uid=change.cause_uid.hex(),
        sequence=product.changes,
        before=Level(change.before).word,
        after=product.level.word,
        start_level=stick.start.word,
        index=change.ranking.index,
        indicated=change.ranking.indicated.word,
        main_factor=change.ranking.main_factor,
        reason=change.reason.value,
        changed_at=instant(change.at).isoformat(),
        model_level=product.standing.level.word,
        index_p05=low,
        index_p95=high,
        shares=shares,
    )


Measured = tuple[float | None, float | None, tuple[ToldShare, ...]]


def _measured(change: Change, policy: Policy, stick: Yardstick) -> Measured:
    """Return the interval of the index and its largest shares.

    A first sight that nobody is warned of goes without: a hundred thousand of them may come at once.
    """
    product, ranking = change.product, change.ranking
    if change.before is Level.NOT_ASSESSED and product.level <= stick.start:
        return None, None, ()
    seen = assess(product.state, product.facts(policy), policy, change.at)
    found = shares_of(entering(beliefs(product.state, stick, change.at), stick), ranking)
    largest = sorted(found, key=lambda one: (-one.thousandths, one.factor))[:MOST_SHARES]
    return seen.ri05, seen.ri95, tuple(ToldShare(one.factor, one.thousandths / 1000) for one in largest)


def news_of(change: Change, policy: Policy) -> Record:
    """Return the record of a level change."""
    told = told_of(change, policy)
    envelope = Envelope("level.changed.v1", change.uid, told.product_id, instant(change.at))
    return encode(envelope, written(told), SCORER, LEVEL_CHANGES.name)
