"""Rows as a database held them before an upgrade, one of each kind that matters, and how to compare them."""

import json
from datetime import timedelta

from sealwatch.routing.route import notice_id_of
from tests.factories import NOON, level_change

NEW_FIELDS = {"index_p05", "index_p95", "shares", "model_level"}  # of a change: the first release had none
OLD = level_change("OLD", after="serious")
SUBSCRIPTION, DELIVERY, DONE = b"s" * 16, b"d" * 16, b"e" * 16
UID, LATER_UID = b"u" * 16, b"v" * 16
TABLES = """
select format('%I.%I', schemaname, tablename) as name from pg_tables t
where schemaname in ('registry', 'scoring', 'alerting') and not exists (
    select from pg_inherits i where i.inhrelid = to_regclass(format('%I.%I', schemaname, tablename)))
order by 1
"""


async def everything(link):
    """Return every row of every table, by the name of the table."""
    names = [row["name"] for row in await link.fetch(TABLES)]
    return {
        name: [json.loads(row[0]) for row in await link.fetch(f"select to_jsonb(t) from {name} t")]  # noqa: S608  # ours
        for name in names
    }


def lost(before, after, dropped=frozenset()):
    """Return which rows are not there any more with every value that they had, by table."""
    missing = {}
    for name, rows in before.items():
        kept = [{key: value for key, value in row.items() if key not in dropped} for row in rows]
        gone = [row for row in kept if not any(row.items() <= other.items() for other in after.get(name, []))]
        missing |= {name: gone} if gone else {}
    return missing


async def filled(link):
    """Write what the very first release could have written."""
    await _registry(link)
    await _scoring(link)
    await _alerting(link)


async def _registry(link):
    await link.execute("insert into registry.organisations values ('centre', 'Centre', $1)", NOON)
    await link.execute(
        "insert into registry.credentials (key_id, organisation_id, source_id, digest, scopes, "
        "source_classes, "
        "created_at) values ('0123456789ab', 'centre', 'lims', $1, '{events:write}', $2, $3)",
        "0" * 64, '{"inspection": "national_spot_check"}', NOON,
    )  # fmt: skip
    await link.execute("insert into registry.devices values ('centre', 'METER', 'POINT', 60, null, $1)", NOON)
    await link.execute(
        "insert into registry.products values ('OLD', 1, 'Label', 'labels', 3, 'E1', '110105', 'film', "
        "$1, 'c')",
        NOON,
    )
    await link.execute("insert into registry.product_facts values ('OLD', 1, '{}', $1, 'c')", NOON)
    await link.execute(
        "insert into registry.subscriptions values ($1, 'centre', 'Office', 'https://hooks.example.org/x', "
        "'sealed', 2, '{labels}', null, null, 'zh', $2)",
        SUBSCRIPTION, NOON,
    )  # fmt: skip
    await link.execute(
        "insert into registry.outbox (lane, topic, key, headers, created_at) values (1, 't', 'k', 'h', $1)",
        NOON,
    )


async def _scoring(link):
    await link.execute(
        "insert into scoring.positions values ('evidence', 0, 7, 6, 'digest', 5, '2026-02-28')"
    )
    for uid, offset, kind in ((UID, 5, "inspection.v1"), (LATER_UID, 6, "retraction.v1")):
        await link.execute("insert into scoring.seen values ($1, 'digest', $2, 0, $3)", uid, NOON, offset)
        await link.execute(
            "insert into scoring.events values ($1, 0, $2, $3, 'OLD', $4, 'centre', 'lims', $1, 'h', "
            "'body', 'f')",
            NOON, offset, uid, kind,
        )  # fmt: skip
    await link.execute(
        "insert into scoring.tombstones values ($1, 'OLD', $2, $3)", b"w" * 16, LATER_UID, NOON
    )
    await link.execute(
        "insert into scoring.product_state (product_id, partition, revision, state, level, start_level, "
        "changes, "
        "facts_known, category, severity_class, indicated, index, main_factor, events, last_event_uid, "
        "policy_version, assessed_at, publish_due_revision) values ('OLD', 0, 3, 'state', 4, 1, 1, true, "
        "'labels', "
        "3, 4, 81.5, 'COPY', 2, $1, '2026.1', $2, 3)",
        UID, NOON,
    )  # fmt: skip
    await link.execute(
        "insert into scoring.level_changes values ($1, 'OLD', 1, 1, 4, 1, 81.5, 4, 'COPY', 'raised', "
        "'labels', "
        "'E1', '110105', 3, 1, '2026.1', $1, $2)",
        UID, NOON,
    )  # fmt: skip
    await link.execute(
        'insert into scoring.quarantine (uid, product_id, organisation, reason, partition, "offset", '
        'appended, '
        "headers, body) values ($1, 'OLD', 'centre', 'event_id_conflict', 0, 4, $2, 'h', 'body')",
        UID, NOON,
    )  # fmt: skip


async def _alerting(link):
    notice, change = notice_id_of(OLD), OLD.model_dump_json(exclude=NEW_FIELDS)
    await link.execute("insert into alerting.positions values ('sealwatch.level-changes.v1', 0, 12)")
    await link.execute(
        "insert into alerting.notices values ($1, 'OLD', 1, 1, 4, 'tell', 'raised', $2, $3)",
        notice,
        change,
        NOON,
    )
    for uid, state, due in ((DELIVERY, "pending", NOON), (DONE, "delivered", None)):
        await link.execute(
            "insert into alerting.deliveries (delivery_id, notice_id, subscription_id, organisation_id, "
            "product_id, sequence, state, next_attempt_at, created_at) values ($1, $2, $3, 'centre', "
            "'OLD', 1, "
            "$4, $5, $6)",
            uid, notice, SUBSCRIPTION if due else DONE, state, due, NOON - timedelta(days=1),
        )  # fmt: skip
    await link.execute(
        "insert into alerting.attempts values ($1, 1, $2, 12, 204, 'delivered', '')", DONE, NOON
    )
    await link.execute("insert into alerting.endpoints values ($1, $2, 'status 410')", DONE, NOON)
