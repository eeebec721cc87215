"""What the rest of the system should hear; ids are derived from the cause, so a repeat is known."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sealwatch.contracts.codec import Envelope, Record, Stamp, encode
from sealwatch.contracts.told import ToldChange, ToldShare, written
from sealwatch.contracts.topics import LEVEL_CHANGES
from sealwatch.risk.beliefs import beliefs, entering
from sealwatch.risk.explanation import shares_of
from sealwatch.risk.index import Bracket, Item, brackets
from sealwatch.risk.policy import Level, Policy
from sealwatch.risk.yardstick import Yardstick, yardstick
from sealwatch.scoring.step import Change

MOST_SHARES = 3
SCORER = Stamp("sealwatch", "scorer").headers()


def instant(at: int) -> datetime:
    """Return Unix seconds as an instant."""
    return datetime.fromtimestamp(at, UTC)


def told_of(change: Change, policy: Policy, seen: Bracket | None = None) -> ToldChange:
    """Return the level change as it is told, with interval and shares where it was assessed for that."""
    product, facts = change.product, change.product.facts(policy)
    described = product.described
    stick = yardstick(policy, facts)
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
        index_p05=seen.interval.ri05 if seen else None,
        index_p95=seen.interval.ri95 if seen else None,
        shares=_shares(change, stick) if seen else (),
    )


def _shares(change: Change, stick: Yardstick) -> tuple[ToldShare, ...]:
    found = shares_of(entering(beliefs(change.product.state, stick, change.at), stick), change.ranking)
    largest = sorted(found, key=lambda one: (-one.thousandths, one.factor))[:MOST_SHARES]
    return tuple(ToldShare(one.factor, one.thousandths / 1000) for one in largest)


def news_of(changes: Sequence[Change], policy: Policy) -> list[tuple[int, Record]]:
    """Return the records of level changes with their partitions; all that warn are assessed at once.

    A first sight that nobody is warned of goes without: a hundred thousand of them may come at once.
    """
    grave = [change for change in changes if _warns(change, policy)]
    items = [Item(one.product.state, one.product.facts(policy), one.at) for one in grave]
    seen = dict(zip((one.uid for one in grave), brackets(items, policy), strict=True))
    return [(one.product.partition, _record(one, policy, seen.get(one.uid))) for one in changes]


def _warns(change: Change, policy: Policy) -> bool:
    if change.before is not Level.NOT_ASSESSED:
        return True
    return change.product.level > yardstick(policy, change.product.facts(policy)).start


def _record(change: Change, policy: Policy, seen: Bracket | None) -> Record:
    told = told_of(change, policy, seen)
    envelope = Envelope("level.changed.v1", change.uid, told.product_id, instant(change.at))
    return encode(envelope, written(told), SCORER, LEVEL_CHANGES.name)
