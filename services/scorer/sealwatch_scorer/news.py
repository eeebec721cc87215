"""What the rest of the system should hear; ids are derived from the cause, so a repeat is known."""

from datetime import UTC, datetime

from sealwatch.contracts.codec import Envelope, Record, Stamp, encode
from sealwatch.contracts.told import ToldChange, written
from sealwatch.contracts.topics import LEVEL_CHANGES
from sealwatch.risk.policy import Level, Policy
from sealwatch.risk.yardstick import yardstick
from sealwatch.scoring.step import Change

SCORER = Stamp("sealwatch", "scorer").headers()


def instant(at: int) -> datetime:
    """Return Unix seconds as an instant."""
    return datetime.fromtimestamp(at, UTC)


def told_of(change: Change, policy: Policy) -> ToldChange:
    """Return the level change as it is told."""
    product, facts = change.product, change.product.facts(policy)
    described = product.described
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
        start_level=yardstick(policy, facts).start.word,
        index=change.ranking.index,
        indicated=change.ranking.indicated.word,
        main_factor=change.ranking.main_factor,
        reason=change.reason.value,
        changed_at=instant(change.at).isoformat(),
        model_level=product.standing.level.word,
    )


def news_of(change: Change, policy: Policy) -> Record:
    """Return the record of a level change."""
    told = told_of(change, policy)
    envelope = Envelope("level.changed.v1", change.uid, told.product_id, instant(change.at))
    return encode(envelope, written(told), SCORER, LEVEL_CHANGES.name)
