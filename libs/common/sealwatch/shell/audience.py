"""Who may be told and what was told before, read alike by the warnings and by a dry run of the api."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.risk import LevelChanged
from sealwatch.routing.audience import USUAL, Audience, Rules, Silence, Subscription
from sealwatch.routing.history import Gathering, History, Pace, Standing, Told
from sealwatch.routing.notice import RANK, SERIOUS
from sealwatch.routing.scope import Scope
from sealwatch.shell.db import Row, Statement

_OURS = "(cast(:organisation as text) is null or organisation_id = :organisation)"
_SUBSCRIPTIONS = Statement(
    f"""
select subscription_id, organisation_id, coalesce(department_id, department) as office, minimum_level,
       categories, regions, enterprises, factors, products, kinds, channel, digest,
       digest_seconds, paused_until
from registry.active_subscriptions where {_OURS} order by created_at, subscription_id
"""  # noqa: S608  # our own names
)
SILENCED_PRODUCTS = """
(select count(distinct d.product_id) from alerting.decisions d where d.rule_id = silence_id)
"""
IS_APPROVED = f"""
(approved_by is not null or matched_products <= most_products and {SILENCED_PRODUCTS} <= most_products)
"""
"""Whether a silence may act: a second person said so, or it is narrow and has stayed narrow."""
_SILENCES = Statement(
    f"""
select silence_id, organisation_id, department_id as office, categories, regions, enterprises, factors,
       products, starts_at, expires_at,
       {IS_APPROVED} as approved,
       case when approved_by is null then most_products - {SILENCED_PRODUCTS} end as room
from registry.silences
where {_OURS} and ended_at is null and expires_at > :now order by created_at, silence_id
"""  # noqa: S608  # our own names
)
_RULES = Statement(
    f"""
select organisation_id, window_seconds, most_messages, repeat_seconds, inhibit_products, inhibit_seconds,
       silence_products
from registry.routing_rules where {_OURS}
"""  # noqa: S608  # our own names
)
_VERSION = Statement("select version from registry.audience_version")
_TOLD = Statement(
    """
select distinct on (product_id, subscription_id) product_id, subscription_id, after, decided_at
from alerting.decisions
where outcome = 'tell' and product_id = any(:products) and subscription_id = any(:subscriptions)
  and sequence < :below
order by product_id, subscription_id, sequence desc
"""
)
_SILENCED = Statement(
    """
select distinct rule_id as silence_id, product_id from alerting.decisions
where rule_id = any(:silences) and product_id = any(:products)
"""
)
_GRAVE = Statement(
    """
select subscription_id, enterprise_id, product_id, max(decided_at) as decided_at
from alerting.decisions
where outcome = 'tell' and after >= 3 and enterprise_id = any(:enterprises) and decided_at > :since
  and subscription_id = any(:subscriptions)
group by subscription_id, enterprise_id, product_id
"""
)
_STANDING = Statement(
    """
select distinct on (subscription_id, enterprise_id)
       subscription_id, enterprise_id, after, notice_id, decided_at
from alerting.decisions
where outcome = 'tell' and after >= 3 and enterprise_id = any(:enterprises) and decided_at > :since
  and subscription_id = any(:subscriptions) and reason = 'enterprise_notice'
order by subscription_id, enterprise_id, decided_at desc, sequence desc
"""
)
_PACE = """
select subscription_id, told_at, group_id, closes_at, digest_id, digest_at from alerting.paces
where subscription_id = any(:subscriptions) order by subscription_id
"""
_PACES, _HELD_PACES = Statement(_PACE), Statement(f"{_PACE} for update")
NO_SEQUENCE = 2**31 - 1  # beyond any that is told: the largest integer of PostgreSQL


@dataclass(frozen=True, slots=True)
class Asked:
    """Who may be told, and by which rules of each organisation."""

    audience: Audience
    rules: Mapping[str, Rules]


async def asked(connection: AsyncConnection, now: datetime, organisation: str | None = None) -> Asked:
    """Return the audience, of one organisation or of all."""
    values = {"organisation": organisation}
    subscriptions = await _SUBSCRIPTIONS(connection, values)
    silences = await _SILENCES(connection, values | {"now": now})
    rules = await _RULES(connection, values)
    audience = Audience([_subscription(row) for row in subscriptions], [_silence(row) for row in silences])
    return Asked(audience, {row["organisation_id"]: rules_of(row) for row in rules})


class Remembered:
    """The audience as it was last read, for as long as nobody has changed it."""

    def __init__(self) -> None:
        """Begin without."""
        self._version, self._asked = -1, Asked(Audience(()), {})

    async def asked(self, connection: AsyncConnection, now: datetime) -> Asked:
        """Return the audience of all; a silence counts what it keeps quiet, so those are always read."""
        [row] = await _VERSION(connection, {})
        if row.version != self._version or self._asked.audience.silences:
            self._asked, self._version = await asked(connection, now), row.version
        return self._asked


async def history(
    connection: AsyncConnection,
    changes: Sequence[LevelChanged],
    known: Asked,
    now: datetime,
    *,
    before_it: bool = False,
) -> History:
    """Return what these changes' readers were told before, without how often of late.

    ``before_it`` leaves out what was told of the first of the changes and of later ones.
    """
    below = changes[0].sequence if before_it else NO_SEQUENCE
    readers = [one.subscription_id for one in known.audience.subscriptions]
    products = sorted({one.product_id for one in changes})
    values: dict[str, object] = {"products": products, "subscriptions": readers, "below": below}
    found = await _TOLD(connection, values)
    told = {(row.subscription_id, row.product_id): Told(row.after, row.decided_at) for row in found}
    made = History(told=told)
    if known.audience.silences:
        values = {"products": products, "silences": [one.silence_id for one in known.audience.silences]}
        made.silenced = {(row.silence_id, row.product_id) for row in await _SILENCED(connection, values)}
    ordinary = (one for one in changes if RANK[one.after] < SERIOUS)  # the top level asks nothing of these
    enterprises = sorted({one.enterprise_id for one in ordinary if one.enterprise_id is not None})
    if enterprises:
        longest = max((one.inhibit_for for one in known.rules.values()), default=USUAL.inhibit_for)
        since = now - max(longest, USUAL.inhibit_for)
        values = {"enterprises": enterprises, "since": since, "subscriptions": readers}
        _add_grave(made, await _GRAVE(connection, values))
        _add_standing(made, await _STANDING(connection, values), known)
    return made


async def paces(
    connection: AsyncConnection, readers: Sequence[bytes], *, lock: bool = False
) -> dict[bytes, Pace]:
    """Return how readers were told of late, held against others until the transaction ends if asked."""
    found = await (_HELD_PACES if lock else _PACES)(connection, {"subscriptions": list(readers)})
    return {row["subscription_id"]: _pace(row) for row in found}


def rules_of(row: Row) -> Rules:
    """Return the rules that a row of an organisation sets."""
    return Rules(
        window=timedelta(seconds=row["window_seconds"]),
        most_messages=row["most_messages"],
        repeat_after=timedelta(seconds=row["repeat_seconds"]),
        inhibit_products=row["inhibit_products"],
        inhibit_for=timedelta(seconds=row["inhibit_seconds"]),
        silence_products=row["silence_products"],
    )


def _subscription(row: Row) -> Subscription:
    return Subscription(
        subscription_id=row["subscription_id"],
        organisation_id=row["organisation_id"],
        office=row["office"],
        minimum_level=row["minimum_level"],
        scope=Scope.of(row.__getitem__),
        kinds=frozenset(row["kinds"]),
        channel=row["channel"],
        digest=row["digest"],
        digest_every=timedelta(seconds=row["digest_seconds"]) if row["digest_seconds"] else None,
        paused_until=row["paused_until"],
    )


def _silence(row: Row) -> Silence:
    return Silence(
        silence_id=row["silence_id"],
        organisation_id=row["organisation_id"],
        office=row["office"],
        scope=Scope.of(row.__getitem__),
        starts_at=row["starts_at"],
        expires_at=row["expires_at"],
        approved=row["approved"],
        room=row["room"],
    )


def _add_grave(made: History, rows: Iterable[Row]) -> None:
    for row in rows:
        made.grave.setdefault((row.subscription_id, row.enterprise_id), {})[row.product_id] = row.decided_at


def _add_standing(made: History, rows: Iterable[Row], known: Asked) -> None:
    owners = {one.subscription_id: one.organisation_id for one in known.audience.subscriptions}
    for row in rows:
        rules = known.rules.get(owners[row.subscription_id], USUAL)
        until = row.decided_at + rules.inhibit_for
        made.standing[row.subscription_id, row.enterprise_id] = Standing(row.notice_id, row.after, until)


def _pace(row: Row) -> Pace:
    return Pace(
        tuple(row["told_at"]),
        Gathering(row["group_id"], row["closes_at"]) if row["group_id"] else None,
        Gathering(row["digest_id"], row["digest_at"]) if row["digest_id"] else None,
    )
