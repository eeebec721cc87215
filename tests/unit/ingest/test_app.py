import gzip
import json
from datetime import timedelta

import httpx2
import pytest

from sealwatch.contracts.base import uid_of
from sealwatch.contracts.codec import Received, attributes_of
from sealwatch.contracts.credentials import mint
from sealwatch.contracts.log import decode
from sealwatch.contracts.registry import CredentialEntry, DeviceEntry, key_of
from sealwatch_ingest.app import Parts, create_app
from sealwatch_ingest.limits import RateLimit
from sealwatch_ingest.senders import Registry
from tests.factories import NOON, inspection, retraction
from tests.fakes.log import MemoryLog

KEY = mint(bytes(range(38)))
OTHER = mint(bytes(range(1, 39)))
CLASSES = {"inspection": "national_spot_check", "reading": "monitoring_point", "listing": "web"}
CREDENTIAL = CredentialEntry(
    key_id=KEY.key_id,
    digest=KEY.digest,
    organisation_id="lab",
    source_id="lims",
    scopes=("events:write",),
    source_classes=CLASSES,
    accredited=True,
)
DEVICE = DeviceEntry(device_id="D1", organisation_id="lab", point_id="Point 1", period_seconds=3600)
READING = {
    "event_id": "r-1",
    "product_id": "P1",
    "point_id": "Point 1",
    "device_id": "D1",
    "indicator": "reflectance",
    "value": 0.4,
    "unit": "1",
    "observed_at": NOON.isoformat(),
    "sequence": 7,
}
LISTING = {
    "event_id": "s-1",
    "product_id": "P1",
    "kind": "listing",
    "platform": "a market place",
    "suspect": 3,
    "seen": 20,
    "captured_at": NOON.isoformat(),
}


def registry(*entries):
    known = Registry()
    known.take(
        Received("registry", 0, n, 0, key_of(entry).encode(), entry.model_dump_json().encode(), ())
        for n, entry in enumerate(entries)
    )
    known.complete = True
    return known


def door(log, credential=CREDENTIAL, per_minute=100):
    senders = registry(credential, DEVICE)
    return create_app(Parts(log.publish, senders, lambda: NOON, RateLimit(per_minute)))


async def post(log, path="/v1/inspections", *, key=KEY.key, credential=CREDENTIAL, per_minute=100, **request):
    transport = httpx2.ASGITransport(door(log, credential, per_minute))
    async with httpx2.AsyncClient(transport=transport, base_url="http://ingest") as client:
        headers = {"authorization": f"Bearer {key}"} | request.pop("headers", {})
        return await client.post(path, headers=headers, **request)


async def post_bytes(log, content, **headers):
    return await post(log, content=content, headers={"content-type": "application/json"} | headers)


async def test_an_accepted_inspection_is_published_unchanged_and_gets_a_receipt():
    log = MemoryLog()
    sent = json.dumps(inspection(), indent=1).encode()

    answer = await post_bytes(log, sent)

    uid = uid_of("lab", "lims", "lot-1").hex()
    assert (answer.status_code, answer.json()["uid"]) == (202, uid)
    (record,) = log.records
    assert (record.value, record.key) == (sent, b"P1")
    assert attributes_of(record.headers)["ce_sourceclass"] == b"national_spot_check"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/inspections", inspection()),
        ("/v1/readings", READING),
        ("/v1/sightings", LISTING),
        ("/v1/retractions", retraction()),
    ],
)
async def test_what_each_door_publishes_can_be_read_from_the_log(path, body):
    log = MemoryLog()

    answer = await post(log, path, json=body)

    assert answer.status_code == 202
    (record,) = log.records
    event = decode(Received(record.topic, 0, 0, 0, record.key, record.value, record.headers))
    assert (event.product_id, event.organisation, event.accredited) == ("P1", "lab", True)


async def test_a_batch_has_a_verdict_for_every_line():
    log = MemoryLog()
    lines = [json.dumps(inspection(event_id="a")), "{", json.dumps(inspection(event_id="c"))]

    answer = await post(log, content="\n".join(lines), headers={"content-type": "application/x-ndjson"})

    assert (answer.status_code, answer.json()["accepted"], answer.json()["refused"]) == (207, 2, 1)
    assert [line.get("code") for line in answer.json()["results"]] == [None, "malformed_json", None]
    assert len(log.records) == 2


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "empty_body"),
        (b"{", 400, "malformed_json"),
        (b"{} x", 400, "malformed_json"),
        (b"\xe4\xb8", 400, "not_utf8"),
        ('{"a": 1}'.encode("utf-16"), 400, "not_utf8"),
        (b"\xef\xbb\xbf{}", 400, "bom"),
        (b"[]", 422, "not_an_object"),
        (b"null", 422, "not_an_object"),
        (b'{"value": NaN}', 400, "non_finite"),
        (b'{"value": -Infinity}', 400, "non_finite"),
        (b'{"value": 1e400}', 400, "number_out_of_range"),
        (b'{"value": 123456789012345678901234567890}', 400, "number_out_of_range"),
        (b'{"event_id": "a", "event_id": "b"}', 400, "duplicate_key"),
        (b'{"event_id": "\\ud800"}', 400, "lone_surrogate"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, 400, "too_deep"),
        (b"[" * 100_000, 400, "too_deep"),
        (b"{}", 422, "missing_field"),
    ],
)
async def test_bytes_that_are_not_an_event_are_refused_with_a_stable_code(content, status, code):
    log = MemoryLog()

    answer = await post_bytes(log, content)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert log.records == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"level": 4}, "invalid_field"),
        ({"lot_size": "10"}, "invalid_field"),
        ({"lot_size": True}, "invalid_field"),
        ({"lot": ""}, "invalid_field"),
        ({"lot": " "}, "invalid_field"),
        ({"lot": "a\r\nb"}, "control_character"),
        ({"lot": "a\u0000b"}, "control_character"),
        ({"lot": "a\u202eb"}, "invalid_field"),
        ({"lot": "x" * 129}, "invalid_field"),
        ({"product_id": "P 1"}, "invalid_field"),
        ({"sampled_at": "2026-01-01T00:00:00"}, "timestamp_needs_offset"),
        ({"sampled_at": "2026-01-01"}, "bad_timestamp"),
        ({"sampled_at": 1767225600}, "bad_timestamp"),
        ({"sampled_at": "2026-02-30T00:00:00Z"}, "bad_timestamp"),
        ({"sampled_at": "2026-01-01T23:59:60Z"}, "bad_timestamp"),
        ({"sampled_at": "0001-01-01T00:00:00+14:00"}, "bad_timestamp"),
        ({"reported_at": "2020-01-01T00:00:00Z"}, "inconsistent_dates"),
        ({"reported_at": (NOON + timedelta(minutes=6)).isoformat()}, "timestamp_in_future"),
    ],
)
async def test_an_inspection_is_turned_away_for_a_reason(change, code):
    log = MemoryLog()

    answer = await post(log, json=inspection() | change)

    assert (answer.status_code, answer.json()["code"], log.records) == (422, code, [])


async def test_a_refusal_never_echoes_what_was_sent():
    answer = await post(MemoryLog(), json=inspection() | {"canary_name": "canary_value", "region": "canary!"})

    assert answer.status_code == 422
    assert "canary" not in answer.text


async def test_four_minutes_of_skew_are_let_in():
    late = (NOON + timedelta(minutes=4)).isoformat()

    answer = await post(MemoryLog(), json=inspection() | {"reported_at": late})

    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"content-type": "text/plain"}, "unsupported_media_type"),
        ({"content-type": "application/json; charset=latin-1"}, "unsupported_charset"),
        ({"content-type": "application/json", "content-encoding": "br"}, "unsupported_encoding"),
        ({"content-type": "application/json", "content-encoding": "gzip, gzip"}, "unsupported_encoding"),
    ],
)
async def test_what_cannot_be_read_is_said_to_be_unsupported(headers, code):
    answer = await post(MemoryLog(), content=b"{}", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (415, code)


async def test_a_compressed_body_is_read():
    body = gzip.compress(json.dumps(inspection()).encode())

    answer = await post_bytes(MemoryLog(), body, **{"content-encoding": "gzip"})

    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (gzip.compress(b" " * 10_000_000), 413, "decompressed_too_large"),
        (gzip.compress(b"{}")[:-4], 400, "bad_encoding"),
        (gzip.compress(b"{}") * 2, 400, "bad_encoding"),
        (b"no gzip", 400, "bad_encoding"),
    ],
)
async def test_a_hostile_compression_is_refused(body, status, code):
    answer = await post_bytes(MemoryLog(), body, **{"content-encoding": "gzip"})

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_body_that_is_too_large_is_refused():
    answer = await post_bytes(MemoryLog(), b" " * 300_000)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"


async def test_a_batch_of_too_many_lines_is_refused():
    answer = await post(
        MemoryLog(), content=b"{}\n" * 5_001, headers={"content-type": "application/x-ndjson"}
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "batch_too_large")


@pytest.mark.parametrize("key", ["", "nonsense", OTHER.key, KEY.key[:-1] + "x"])
async def test_no_key_and_a_wrong_key_get_the_same_answer(key):
    answer = await post(MemoryLog(), key=key, json=inspection())

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"revoked": True}, 401, "credential_revoked"),
        ({"expires_at": "2026-01-01T00:00:00+00:00"}, 401, "credential_revoked"),
        ({"scopes": ("risk:read",)}, 403, "missing_scope"),
        ({"source_classes": {}}, 403, "kind_not_permitted"),
    ],
)
async def test_a_credential_that_may_not_is_told_so(change, status, code):
    answer = await post(MemoryLog(), credential=CREDENTIAL.model_copy(update=change), json=inspection())

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("query", [f"key={KEY.key}", "access_token=x", "token=", f"a=1&b={KEY.key}"])
async def test_a_key_in_the_address_is_refused(query):
    answer = await post(MemoryLog(), f"/v1/inspections?{query}", json=inspection())

    assert (answer.status_code, answer.json()["code"]) == (400, "credential_in_url")


async def test_two_keys_at_once_are_refused():
    headers = httpx2.Headers(
        [("authorization", f"Bearer {KEY.key}"), ("authorization", f"Bearer {OTHER.key}")]
    )
    transport = httpx2.ASGITransport(door(MemoryLog()))

    async with httpx2.AsyncClient(transport=transport, base_url="http://ingest") as client:
        answer = await client.post("/v1/inspections", headers=headers, json=inspection())

    assert (answer.status_code, answer.json()["code"]) == (400, "several_credentials")


async def test_blank_lines_count_and_are_passed_over():
    lines = ["", json.dumps(inspection(event_id="a")), "  ", "{", json.dumps(inspection(event_id="c")) + "\r"]

    answer = await post(
        MemoryLog(), content="\n".join(lines), headers={"content-type": "application/x-ndjson"}
    )

    assert [line["line"] for line in answer.json()["results"]] == [2, 4, 5]


async def test_a_line_says_when_its_kind_is_not_permitted():
    lines = [json.dumps(LISTING), json.dumps(LISTING | {"event_id": "s-2", "kind": "official_notice"})]

    answer = await post(
        MemoryLog(),
        "/v1/sightings",
        content="\n".join(lines),
        headers={"content-type": "application/x-ndjson"},
    )

    assert answer.status_code == 207
    assert answer.json()["results"][1] == {
        "line": 2,
        "status": 403,
        "code": "kind_not_permitted",
        "errors": [],
    }


async def test_a_batch_of_which_nothing_is_taken_is_refused():
    answer = await post(MemoryLog(), content=b"{}\n{}", headers={"content-type": "application/x-ndjson"})

    assert (answer.status_code, answer.json()["accepted"], answer.json()["refused"]) == (422, 0, 2)


async def test_a_batch_of_nothing_is_refused():
    answer = await post(MemoryLog(), content=b"\n \n", headers={"content-type": "application/x-ndjson"})

    assert (answer.status_code, answer.json()["code"]) == (400, "empty_body")


async def test_a_mistake_of_ours_is_a_problem_without_a_trace():
    def broken(_records):
        raise ZeroDivisionError

    app = create_app(Parts(broken, registry(CREDENTIAL), lambda: NOON, RateLimit(9)))
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://ingest") as client:
        headers = {"authorization": f"Bearer {KEY.key}"}
        answer = await client.post("/v1/inspections", headers=headers, json=inspection())

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "ZeroDivisionError" not in answer.text


async def test_a_reading_of_a_device_that_nobody_registered_is_refused():
    answer = await post(MemoryLog(), "/v1/readings", json=READING | {"device_id": "D2"})

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_device")


async def test_the_register_says_how_often_a_device_reports():
    log = MemoryLog()

    await post(log, "/v1/readings", json=READING)

    assert attributes_of(log.records[0].headers)["ce_period"] == b"3600"


async def test_a_log_that_is_down_is_said_at_once_and_retrying_is_free():
    answer = await post(MemoryLog(up=False), json=inspection())

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["code"] == "log_unavailable"


async def test_one_request_too_many_is_told_when_to_come_again():
    answer = await post(MemoryLog(), per_minute=1, json=inspection())
    assert answer.status_code == 202

    limit = RateLimit(1)

    assert [limit.wait("k", NOON), limit.wait("k", NOON), limit.wait("other", NOON)] == [None, 60, None]


async def test_routes_that_do_not_exist_answer_as_problems():
    senders = registry(CREDENTIAL)
    app = create_app(Parts(MemoryLog().publish, senders, lambda: NOON, RateLimit(9)))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://ingest") as client:
        unknown, wrong = await client.get("/v1/nothing"), await client.put("/v1/inspections")
        document = await client.get("/openapi.json")

    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert (document.json()["openapi"], len(document.json()["paths"])) == ("3.1.0", 5)


@pytest.mark.parametrize(("kind", "where"), [("json", "{}"), ("x-ndjson", "{results[0]}")])
async def test_what_is_odd_about_an_accepted_event_is_answered(kind, where):
    late = json.dumps(inspection(sampled_at=NOON - timedelta(days=400)))

    answer = await post(MemoryLog(), content=late, headers={"content-type": f"application/{kind}"})

    assert "'flags': ['late']" in where.format(answer.json(), **answer.json())
