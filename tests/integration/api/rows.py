"""Rows that other services would have written."""

from datetime import timedelta

from sealwatch.contracts.codec import packed_headers
from sealwatch.contracts.letters import LETTER_COLUMNS, letter_row
from sealwatch.risk.evidence import evidence
from sealwatch.risk.state import EMPTY, encode, fold
from tests.integration.api.doors import NOON, POLICY


async def assessed(watch, product_id, *, level=3, failures=5, policy_version=POLICY.version):
    """Write a state as the scorer does: five failures of twenty trials unless told otherwise."""
    at = int(NOON.timestamp())
    half_life = POLICY.half_lives["COPY"]
    piece = evidence("COPY", "national_spot_check", failures, 20, quality=1.0, at=at, half_life=half_life)
    await watch.execute(
        "insert into scoring.product_state (product_id, partition, revision, state, level, facts_known, "
        "severity_class, indicated, index, main_factor, events, last_event_uid, policy_version, assessed_at) "
        "values ($1, 0, 1, $2, $3, false, $4, $3, 70.5, 'COPY', 1, $5, $6, $7)",
        product_id, encode(fold(EMPTY, piece)), level, POLICY.unknown_severity, bytes(16), policy_version,
        NOON,
    )  # fmt: skip


async def changed(watch, product_id, sequence, *, after=3):
    """Write a level change."""
    uid = f"{product_id}{sequence:04}".encode().rjust(16, b"_")[-16:]
    await watch.execute(
        "insert into scoring.level_changes (uid, product_id, sequence, before, after, index, indicated, "
        "reason, severity_class, facts_revision, policy_version, last_event_uid, changed_at) "
        "values ($1, $2, $3, 0, $4, 70, $4, 'raised', 3, 1, 'p', $5, $6)",
        uid, product_id, sequence, after, bytes(16), NOON + timedelta(hours=sequence),
    )  # fmt: skip


async def recorded(watch, uid, organisation, *, retracted_by=None):
    """Write an event that was scored."""
    place = (NOON, 0, int.from_bytes(uid[:3]))
    await watch.execute(
        'insert into scoring.seen (uid, digest, appended, partition, "offset") values ($1, $1, $2, $3, $4)',
        uid,
        *place,
    )
    await watch.execute(
        'insert into scoring.events (appended, partition, "offset", uid, product_id, type, organisation, '
        "source, occurred_at, headers, body, folded, retracted_by) values ($1, $2, $3, $4, 'P1', "
        "'inspection.reported.v1', $5, 'lims', $1, $7, '', '', $6)",
        *place, uid, organisation, retracted_by, packed_headers(()),
    )  # fmt: skip


async def quarantined(watch, uid, organisation, reason="event_id_conflict"):
    """Write a record that was set aside."""
    await watch.execute(
        'insert into scoring.quarantine (uid, product_id, organisation, reason, partition, "offset", '
        "appended, headers, body) values ($1, 'P1', $2, $3, 0, $4, $5, $6, '')",
        uid, organisation, reason, 100_000_000 + int.from_bytes(uid[:3]), NOON, packed_headers(()),
    )  # fmt: skip


async def delivered(watch, name, organisation):
    """Write a notice with one delivery of one attempt, and return the id of the delivery."""
    notice, delivery = name.ljust(16, b"n"), name.ljust(16, b"d")
    await watch.execute(
        "insert into alerting.notices (notice_id, product_id, sequence, before, after, decision, reason, "
        "change, heard_at) values ($1, $2, 1, 0, 3, 'tell', 'first', '{}', $3)",
        notice, name.decode(), NOON,
    )  # fmt: skip
    await watch.execute(
        "insert into alerting.deliveries (delivery_id, notice_id, subscription_id, organisation_id, "
        "product_id, sequence, state, created_at) values ($1, $2, $1, $3, $4, 1, 'delivered', $5)",
        delivery, notice, organisation, name.decode(), NOON,
    )  # fmt: skip
    await watch.execute(
        "insert into alerting.attempts (delivery_id, number, started_at, took_ms, status, outcome, detail) "
        "values ($1, 1, $2, 12, 200, 'delivered', 'ok')",
        delivery, NOON,
    )  # fmt: skip
    return delivery


async def decided(watch, name, organisation):
    """Write a decision about the notice of ``delivered``."""
    await watch.execute(
        "insert into alerting.decisions (notice_id, subscription_id, organisation_id, office, product_id, "
        "sequence, before, after, outcome, reason, cause, decided_at) "
        "values ($1, $1, $2, 'D', $3, 1, 0, 3, 'quiet', 'below_minimum', 'first_notice', $4)",
        name.ljust(16, b"n"), organisation, name.decode(), NOON,
    )  # fmt: skip


async def asked_for(watch, notice):
    """Write the one action that a notice asks for, under the id of the notice."""
    await watch.execute(
        "insert into alerting.actions select notice_id, notice_id, product_id, 1, 3, 1, "
        "'spot check', 'D', 'now', $2, 'p', $2 from alerting.notices where notice_id = $1",
        notice, NOON,
    )  # fmt: skip


async def mailed(watch, delivery, organisation):
    """Write an address, an acknowledgement of a delivery, and a reader who stopped the digests."""
    await watch.execute(
        "insert into alerting.mailboxes (mailbox_id, question_id, organisation_id, address, department, "
        "language, created_at) values ($1, $1, $2, 'a@b.example', 'D', 'en', $3)",
        delivery, organisation, NOON,
    )  # fmt: skip
    await watch.execute(
        "insert into alerting.acknowledgements (acknowledgement_id, organisation_id, delivery_id, who, via, "
        "acknowledged_at) values ($1, $2, $1, 'Li', 'link', $3)",
        delivery, organisation, NOON,
    )  # fmt: skip
    await watch.execute(
        "insert into alerting.digest_leavers values ($1, $2, $3)", delivery, organisation, NOON
    )


async def switched_off(watch, subscription, organisation):
    """Write what the owner of an endpoint is to be told."""
    await watch.execute(
        "insert into alerting.owner_news (subscription_id, organisation_id, kind, reason, created_at) "
        "values ($1, $2, 'endpoint_disabled', 'gone', $3)",
        subscription, organisation, NOON,
    )  # fmt: skip


async def given_up(watch, record, *, error_class="handler_error", reason="KeyError 0123456789ab"):
    """Write a dead letter as the scorer does, and return its id."""
    row = letter_row(record, error_class, reason)
    names, places = ", ".join(LETTER_COLUMNS), ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await watch.execute(f"insert into scoring.dead_letters ({names}) values ({places})", *row)  # noqa: S608
    return row[0].hex()


async def told(watch, name, organisation, office="D"):
    """Write a delivery of one attempt and the decision to make it; return the ids of notice and delivery."""
    delivery, notice = await delivered(watch, name, organisation), name.ljust(16, b"n")
    await watch.execute(
        "insert into alerting.decisions (notice_id, subscription_id, organisation_id, office, product_id, "
        "sequence, before, after, outcome, reason, cause, delivery_id, decided_at) "
        "values ($1, $1, $2, $3, $4, 1, 0, 3, 'tell', 'first_notice', 'first_notice', $5, $6)",
        notice, organisation, office, name.decode(), delivery, NOON,
    )  # fmt: skip
    await watch.execute(
        "update alerting.deliveries set concluded_at = $2 where delivery_id = $1", delivery, NOON
    )
    return notice, delivery


async def watched(watch, name, organisation):
    """Write a watch of the notice of ``delivered``, a reminder, and a draft for the public about it."""
    notice = name.ljust(16, b"n")
    await watch.execute(
        "insert into alerting.watches values ($1, $2, 'D', $3, 1, 4, $4, $4, $4)",
        notice, organisation, name.decode(), NOON,
    )  # fmt: skip
    await watch.execute(
        "insert into alerting.escalations values ($1, $2, 'D', 1, 'reminder', 'D', $3)",
        notice, organisation, NOON,
    )  # fmt: skip
    await watch.execute(
        "insert into registry.releases (release_id, organisation_id, series_id, notice_id, msg_type, status, "
        "content, expires_at, drafted_by, drafted_at) "
        "values ($1, $2, $1, $1, 'Alert', 'Test', '{}', $3, 'a', $3)",
        notice, organisation, NOON,
    )  # fmt: skip
