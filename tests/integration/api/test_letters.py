"""Dead letters and quarantine over HTTP: seen by whom, repaired by what rules, sent again once."""

import json
from base64 import b64decode, b64encode
from itertools import count

import pytest

from sealwatch.contracts.base import uid_of
from sealwatch.contracts.codec import Stamp, attributes_of, unpacked_headers
from sealwatch.contracts.registry import CENTRE_SCOPES, SCOPES
from tests.factories import inspection, received
from tests.integration.api import rows
from tests.integration.api.doors import NOON

OFFSETS = count(1)
CENTRE = Stamp("centre", "lims", "national_spot_check", accredited=True)
NOTE = {"note": "the laboratory confirmed it"}


@pytest.fixture(scope="module")
async def watcher(doors):
    """A key of the centre that looks after all organisations."""
    return await doors.key(scopes=[*SCOPES, *CENTRE_SCOPES])


def event(event_id, **other):
    return inspection(event_id=event_id, sampled_at=NOON) | other


def at(instant):
    return {"sampled_at": instant, "reported_at": instant}


def record(event_id="lot-1", *, value=None, sender=CENTRE):
    whole = received(event(event_id), next(OFFSETS), sender=sender)
    return whole if value is None else whole._replace(value=value)


def encoded(body):
    return b64encode(json.dumps(body).encode()).decode()


async def sent(doors, event_id):
    """Return the evidence that went out under the uid of this event."""
    digits = uid_of("centre", "lims", event_id).hex().encode()
    found = await doors.outbox("sealwatch.evidence.v1")
    return [row for row in found if attributes_of(unpacked_headers(row["headers"]))["ce_id"] == digits]


async def test_a_letter_is_shown_with_its_reason_and_its_original_bytes(doors, key):
    raw = b'{"event_id": \xff'
    id_ = await rows.given_up(doors.watch, record(value=raw), error_class="unreadable", reason="undecodable")

    shown = (await doors.ask("GET", f"/v1/dead-letters/{id_}", key)).json()

    assert (shown["reason"], shown["organisation"], shown["state"]) == ("undecodable", "centre", "open")
    assert (b64decode(shown["body"]["base64"]), shown["body"]["text"]) == (raw, None)
    assert {"name": "ce_sourceid", "value": {"text": "lims", "base64": "bGltcw=="}} in shown["headers"]


async def test_lists_are_filtered_and_paged_newest_first(doors, key):
    made = [
        await rows.given_up(doors.watch, record(f"page-{n}"), reason="of a page")
        for n in range(5)
    ]  # fmt: skip
    path = "/v1/dead-letters?reason=of%20a%20page&state=open&limit=2&appended_to=2026-03-02T00:00:00Z"

    pages, cursor = [], ""
    for _ in range(3):
        page = (await doors.ask("GET", path + cursor, key)).json()
        pages.append([one["letter_id"] for one in page["items"]])
        cursor = f"&cursor={page['next_cursor']}"

    assert pages == [[made[4], made[3]], [made[2], made[1]], [made[0]]]
    assert page["next_cursor"] is None


@pytest.mark.parametrize(
    "other",
    ["appended_from=2026-03-02T00:00:00Z", "organisation=elsewhere", "state=dismissed", "error_class=other"],
)
async def test_a_filter_that_does_not_fit_shows_nothing(doors, key, other):
    await rows.given_up(doors.watch, record(), reason="filtered")

    answer = await doors.ask("GET", f"/v1/dead-letters?reason=filtered&{other}", key)

    assert answer.json()["items"] == []


@pytest.mark.parametrize(
    "said",
    ["yesterday", "2026-03-01", "2026-03-01T00:00:00", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-23:00"],
)
@pytest.mark.parametrize("name", ["appended_from", "appended_to"])
async def test_a_time_that_is_none_is_refused_with_what_is_wrong_with_it(doors, key, name, said):
    listed = await doors.ask("GET", f"/v1/dead-letters?{name}={said}", key)
    many = await doors.ask("POST", "/v1/dead-letters/replay", key, json={"note": "x", name: said})

    for answer in (listed, many):
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["pointer"]) == (422, f"/{name}")
        assert error["code"] in ("bad_timestamp", "timestamp_needs_offset")


async def test_many_are_sent_again_within_a_time_only(doors, key):
    await rows.given_up(doors.watch, record("in-time"), reason="in time")

    replayed = []
    for since in ("2026-03-02T00:00:00Z", "2026-03-01T13:00:00+01:00"):
        wish = {"note": "x", "reason": "in time", "appended_from": since}
        answer = await doors.ask("POST", "/v1/dead-letters/replay", key, json=wish)
        replayed.append(len(answer.json()["replayed"]))

    assert replayed == [0, 1]


@pytest.mark.parametrize("note", ["", " ", "\n\t", "\x07"])
async def test_whoever_settles_a_letter_says_why(doors, key, note):
    id_ = await rows.given_up(doors.watch, record("no-word"))

    for act in ("dismiss", "replay"):
        answer = await doors.ask("POST", f"/v1/dead-letters/{id_}/{act}", key, json={"note": note})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/note")


async def test_a_letter_is_sent_again_as_it_was_and_only_once(doors, key):
    id_ = await rows.given_up(doors.watch, record("again"))

    answers = [await doors.ask("POST", f"/v1/dead-letters/{id_}/replay", key, json=NOTE) for _ in range(2)]

    assert [answer.json()["state"] for answer in answers] == ["replayed", "replayed"]
    [row] = await sent(doors, "again")
    assert (row["key"], json.loads(row["value"])) == (b"P1", event("again"))
    assert answers[0].json()["replay_uid"] == uid_of("centre", "lims", "again").hex()


async def test_a_repair_changes_the_body_and_keeps_the_stamps(doors, key):
    id_ = await rows.given_up(doors.watch, record("torn", value=b"{"))
    repaired = encoded(event("torn", product_id="P2"))

    answer = await doors.ask("POST", f"/v1/dead-letters/{id_}/replay", key, json=NOTE | {"body": repaired})

    [row] = await sent(doors, "torn")
    said = attributes_of(unpacked_headers(row["headers"]))
    assert said["ce_flags"] == b"repaired"
    assert (row["key"], said["ce_subject"], row["value"]) == (b"P2", b"P2", b64decode(repaired))
    assert [said[f"ce_{name}"] for name in ("organisation", "sourceid", "sourceclass", "accredited")] == [
        b"centre", b"lims", b"national_spot_check", b"true",
    ]  # fmt: skip
    shown = answer.json()
    assert (shown["resolved_by"], shown["note"]) == (said["sealwatch_replayed_by"].decode(), NOTE["note"])
    assert (shown["repaired_body"]["base64"], shown["body"]["text"]) == (repaired, "{")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (json.dumps(event("bad", surprise=1)).encode(), 422, "invalid_field"),
        (json.dumps(event("other")).encode(), 422, "other_event_id"),
        (json.dumps(event("bad", **at("2026-03-01T12:06:00Z"))).encode(), 422, "timestamp_in_future"),
        (json.dumps(event("bad", **at("2026-03-01T12:00:00"))).encode(), 422, "timestamp_needs_offset"),
        (b" " * 262_145, 413, "event_too_large"),
    ],
)  # fmt: skip
async def test_a_repair_must_pass_the_same_door_as_any_event(doors, key, body, status, code):
    id_ = await rows.given_up(doors.watch, record("bad", value=b"{"))
    wish = NOTE | {"body": b64encode(body).decode()}

    answer = await doors.ask("POST", f"/v1/dead-letters/{id_}/replay", key, json=wish)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await sent(doors, "bad") == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (record("unfit", value=b"{"), "still_unreadable"),
        (record("unfit", value=b"x" * 300_000), "nothing_to_replay"),
        (record("unfit", value=b"{}")._replace(headers=(("ce_organisation", b"centre"),)), "no_stamp"),
        (record("unfit")._replace(value=None), "nothing_to_replay"),
    ],
)
async def test_what_would_become_a_letter_again_is_not_sent_as_it_is(doors, key, given, code):
    id_ = await rows.given_up(doors.watch, given)

    answer = await doors.ask("POST", f"/v1/dead-letters/{id_}/replay", key, json=NOTE)

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert await sent(doors, "unfit") == []


async def test_a_dismissed_letter_stays_dismissed_with_its_first_note(doors, key):
    id_ = await rows.given_up(doors.watch, record("no"))

    for note in ("first", "second"):
        shown = await doors.ask("POST", f"/v1/dead-letters/{id_}/dismiss", key, json={"note": note})
    refused = await doors.ask("POST", f"/v1/dead-letters/{id_}/replay", key, json=NOTE)

    assert (shown.json()["state"], shown.json()["note"]) == ("dismissed", "first")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_dismissed")


async def test_a_replayed_letter_takes_no_other_repair_and_no_dismissal(doors, key):
    id_ = await rows.given_up(doors.watch, record("done"))
    await doors.ask("POST", f"/v1/dead-letters/{id_}/replay", key, json=NOTE)

    other = NOTE | {"body": encoded(event("done"))}
    answers = [
        await doors.ask("POST", f"/v1/dead-letters/{id_}/replay", key, json=other),
        await doors.ask("POST", f"/v1/dead-letters/{id_}/dismiss", key, json=NOTE),
    ]

    assert [answer.json()["code"] for answer in answers] == ["already_replayed"] * 2
    assert len(await sent(doors, "done")) == 1


async def test_many_are_sent_again_in_the_order_of_the_log_and_the_unreadable_stay_open(doors, key):
    ids = [await rows.given_up(doors.watch, record(f"many-{n}"), reason="many") for n in range(4)]
    torn = await rows.given_up(doors.watch, record("many-torn", value=b"{"), reason="many")
    wish = {**NOTE, "reason": "many", "limit": 2}

    first = (await doors.ask("POST", "/v1/dead-letters/replay", key, json=wish)).json()
    rest = wish | {"limit": 10, "cursor": None}
    second = (await doors.ask("POST", "/v1/dead-letters/replay", key, json=rest)).json()
    third = (await doors.ask("POST", "/v1/dead-letters/replay", key, json=rest)).json()

    assert (first["replayed"], second["replayed"], third["replayed"]) == (ids[:2], ids[2:], [])
    assert third["refused"] == [{"letter_id": torn, "code": "still_unreadable"}]
    assert [len(await sent(doors, f"many-{n}")) for n in range(4)] == [1, 1, 1, 1]


async def test_a_cursor_leads_past_letters_that_were_refused(doors, key):
    for n in range(3):
        await rows.given_up(doors.watch, record(f"stuck-{n}", value=b"{"), reason="stuck")
    last = await rows.given_up(doors.watch, record("free"), reason="stuck")
    wish = {**NOTE, "reason": "stuck", "limit": 3}

    first = (await doors.ask("POST", "/v1/dead-letters/replay", key, json=wish)).json()
    more = wish | {"cursor": first["next_cursor"]}
    second = (await doors.ask("POST", "/v1/dead-letters/replay", key, json=more)).json()

    assert (len(first["refused"]), second["replayed"], second["next_cursor"]) == (3, [last], None)


@pytest.mark.parametrize(("method", "act"), [("GET", ""), ("POST", "/replay"), ("POST", "/dismiss")])
async def test_another_organisations_letter_answers_like_one_that_is_not_there(doors, stranger, method, act):
    id_ = await rows.given_up(doors.watch, record("hidden"))

    answers = [
        await doors.ask(method, f"/v1/dead-letters/{one}{act}", stranger, json=NOTE)
        for one in (id_, "0" * 32)
    ]

    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[1].content)}
    assert await doors.watch.fetchval("select state from scoring.dead_letters where uid = $1",
                                      uid_of("centre", "lims", "hidden")) == "open"  # fmt: skip


async def test_a_strangers_lists_and_replays_of_many_reach_nothing(doors, stranger):
    await rows.given_up(doors.watch, record("unseen"))
    await rows.quarantined(doors.watch, b"unseen".ljust(16), "centre")

    listed = [
        (await doors.ask("GET", path, stranger)).json() for path in ("/v1/dead-letters", "/v1/quarantine")
    ]
    many = await doors.ask("POST", "/v1/dead-letters/replay", stranger, json=NOTE)

    assert [page["items"] for page in listed] == [[], []]
    assert (many.json()["replayed"], many.json()["refused"]) == ([], [])


async def test_only_the_watcher_of_the_centre_sees_what_names_no_organisation(doors, key, watcher):
    id_ = await rows.given_up(doors.watch, record()._replace(headers=(("ce_organisation", b"\x00"),)))

    answers = [await doors.ask("GET", f"/v1/dead-letters/{id_}", one) for one in (key, watcher)]

    assert [answer.status_code for answer in answers] == [404, 200]


async def test_the_watcher_of_the_centre_repairs_for_another_organisation_under_its_stamps(doors, watcher):
    lab = Stamp("lab", "lims", "enterprise_report")
    id_ = await rows.given_up(doors.watch, record("theirs", sender=lab))

    await doors.ask("POST", f"/v1/dead-letters/{id_}/replay", watcher, json=NOTE)

    found = await doors.outbox("sealwatch.evidence.v1")
    said = attributes_of(unpacked_headers(found[-1]["headers"]))
    assert (said["ce_organisation"], said["ce_accredited"]) == (b"lab", b"false")
    assert said["sealwatch_replayed_by"].startswith(b"centre/")


async def test_a_key_without_the_wide_scope_cannot_make_one_that_has_it(doors, key):
    wish = {"source_id": "s", "scopes": ["letters:centre"]}

    answer = await doors.ask("POST", "/v1/keys", key, json=wish)

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_beyond_own")


async def test_a_quarantined_record_is_shown_beside_what_stands_and_dismissed_once(doors, key):
    uid = b"conflict".ljust(16)
    await rows.recorded(doors.watch, uid, "centre")
    await rows.quarantined(doors.watch, uid, "centre")
    [listed] = [
        one
        for one in (await doors.ask("GET", "/v1/quarantine?reason=event_id_conflict", key)).json()["items"]
        if one["uid"] == uid.hex()
    ]
    path = f"/v1/quarantine/{listed['quarantine_id']}"

    for note in ("first", "second"):
        shown = await doors.ask("POST", f"{path}/dismiss", key, json={"note": note})

    assert (listed["state"], shown.json()["state"], shown.json()["note"]) == ("open", "dismissed", "first")
    assert shown.json()["stands"] == {"text": "", "base64": ""}
    assert (await doors.ask("GET", path, key)).json() == shown.json()


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("event_id_conflict", "retracts the one that stands"),
        ("product_mismatch", "retracts again"),
        ("target_gone", "dropped by age"),
    ],
)
async def test_a_quarantined_record_is_never_sent_again_and_the_answer_names_the_way_out(
    doors, key, reason, says
):
    uid = reason.encode()[:16].ljust(16)
    await rows.quarantined(doors.watch, uid, "centre", reason)
    id_ = await doors.watch.fetchval("select quarantine_id from scoring.quarantine where uid = $1", uid)

    answer = await doors.ask("POST", f"/v1/quarantine/{id_}/replay", key)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_replayable")
    assert says in answer.json()["detail"]


async def test_the_api_can_settle_a_letter_but_not_change_what_arrived(doors):
    async with doors.engine.begin() as connection:
        may = await connection.exec_driver_sql(
            "select array_agg(column_name::text order by column_name) from information_schema.columns "
            "where table_schema = 'scoring' and table_name = 'dead_letters' "
            "and has_column_privilege('scoring.dead_letters', column_name, 'update')"
        )

    assert may.scalar_one() == ["note", "repaired_body", "replay_uid", "resolved_at", "resolved_by", "state"]
