"""Bad inputs E-1 to E-14 of docs/promises.md on real parts, and the way back of a letter."""

import json
from base64 import b64encode
from dataclasses import replace

import pytest
from prometheus_client import REGISTRY

from sealwatch.contracts.base import uid_of
from sealwatch.contracts.codec import attributes_of, digest_of, unpacked_headers
from sealwatch.shell.kafka import partition_of
from sealwatch.shell.policy_documents import Version
from sealwatch_scorer.policies import Policies, alone
from tests.factories import inspection, received, record
from tests.integration.scorer.line import BASE, POLICY, Line

READING = (
    b'{"product_id": "P1", "observed_at": "2026-03-01T12:00:00Z", "indicator": "t", "unit": "C", "value": %s}'
)
PRODUCTS = [f"P{n}" for n in range(100)]
UNFIT = replace(POLICY, quality=None)
NOTE = {"note": "the laboratory confirmed it"}


class Adopted(Policies):
    """Began with a sound policy, and has adopted one that nothing can be scored with."""

    async def on(self, _day):
        return UNFIT


@pytest.fixture(scope="module")
async def surroundings(kafka, postgres):
    made = Line(kafka.bootstrap, postgres.fresh())
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def line(surroundings):
    await surroundings.begin(partitions=1)
    return surroundings


@pytest.fixture
async def two_lines(surroundings):
    await surroundings.begin(partitions=2)
    return surroundings


async def nothing_published():
    return ()


def lot(event_id="lot-1", product_id="P1", **other):
    return record(inspection(product_id, event_id) | other)


def torn(event_id="torn"):
    return lot(event_id)._replace(value=b'{"event_id": "torn", "produ')


def typed(sent, type_):
    headers = tuple((name, type_ if name == "ce_type" else value) for name, value in sent.headers)
    return sent._replace(headers=headers)


def impossible(event_id="impossible"):
    """An event that can be read and not be scored: more failures than trials."""
    body = inspection(event_id=event_id)
    body["items"][0] |= {"failures": 5, "trials": 2}
    return record(body)


def duplicates():
    return REGISTRY.get_sample_value("sealwatch_scorer_events_total", {"outcome": "duplicate"}) or 0


async def given_up(line):
    [row] = await line.letters()
    return row["error_class"], row["reason"]


async def test_e1_a_null_value_becomes_a_letter(line):
    await line.send(lot()._replace(value=None), lot("next"))

    await line.scored_to(2)

    assert (await given_up(line), await line.count("events")) == (("unreadable", "null_value"), 1)


@pytest.mark.parametrize(
    "bad",
    [
        lot()._replace(value=b"\xff not json"),
        typed(lot(), b"level.changed.v1"),
        lot()._replace(value=b'{"product_id": "P1"}'),
        lot()._replace(value=b'{"x":' + b"[" * 100_000),
        lot()._replace(headers=()),
        typed(lot(), None),
    ],
    ids=[
        "no json",
        "of another topic",
        "fields missing",
        "nested without end",
        "no headers",
        "a null header",
    ],
)
async def test_e2_what_is_no_event_of_this_topic_becomes_a_letter_with_its_original_bytes(line, bad):
    await line.send(bad, lot("next"))

    await line.scored_to(2)

    [row], [told] = await line.letters(), await line.told()
    assert (row["topic"], row["partition"], row["offset"], row["size"]) == (line.topic, 0, 0, len(bad.value))
    assert (row["body"], row["key"], told["value"], told["key"]) == (bad.value, bad.key) * 2
    assert row["reason"].startswith("undecodable")
    assert await line.count("events") == 1


async def test_e3_unknown_fields_of_a_later_minor_version_are_kept_and_the_event_is_scored(line):
    sent = lot(colour="blue")
    await line.send(sent)

    await line.scored_to(1)

    assert await line.watch.fetchval("select body from scoring.events") == sent.value
    assert await line.letters() == []


async def test_e4_an_unknown_major_version_stops_its_partition_alone_and_says_so(two_lines):
    here, there = (next(p for p in PRODUCTS if partition_of(p.encode(), 2) == n) for n in (0, 1))
    await two_lines.send(
        *[lot(f"a-{n}", here) for n in range(3)],
        typed(lot("newer", here), b"inspection.reported.v2"),
        lot("behind", here),
        *[lot(f"b-{n}", there) for n in range(20)],
    )

    async with two_lines.scoring() as runner:
        await two_lines.halts(runner, "partition 0 halted: unknown_major_version inspection.reported.v2")
        await two_lines.reaches(20, partition=1)
        await two_lines.send(lot("later", there))
        await two_lines.reaches(21, partition=1)

    assert (await two_lines.position(0), await two_lines.letters()) == (3, [])


async def test_e5_a_key_that_is_not_the_product_becomes_a_letter(line):
    await line.send(lot()._replace(key=b"P2"), lot("next"))

    await line.scored_to(2)

    assert await given_up(line) == ("unreadable", "key_mismatch")


async def test_e6_a_repeat_with_equal_content_is_dropped_and_counted(line):
    before = duplicates()
    again = lot()._replace(value=json.dumps(inspection(), indent=2).encode())
    await line.send(lot(), lot(), again)

    await line.scored_to(3)

    assert duplicates() - before == 2
    assert [await line.count(table) for table in ("events", "quarantine", "dead_letters")] == [1, 0, 0]


async def test_e7_other_content_under_a_known_id_is_quarantined_and_shown_on_the_receipt(line):
    await line.send(lot(), record(inspection(failed=True)))
    await line.scored_to(2)
    key = await line.doors.key("lab")

    answer = await line.doors.ask("GET", f"/v1/receipts/{uid_of('lab', 'lims', 'lot-1').hex()}", key)

    assert (answer.json()["outcome"], answer.json()["set_aside"][0]["reason"]) == (
        "scored",
        "event_id_conflict",
    )
    assert await line.watch.fetchval("select body from scoring.events") == lot().value


@pytest.mark.parametrize("value", [b"NaN", b"-Infinity"])
async def test_e8_a_number_that_is_none_becomes_a_letter_and_no_row(line, value):
    await line.send(typed(lot(), b"reading.taken.v1")._replace(value=READING % value))

    await line.scored_to(1)

    assert (await given_up(line))[1].startswith("undecodable")
    assert await line.count("events") == 0


async def test_e9_a_record_of_a_megabyte_is_named_and_not_copied(line):
    await line.send(lot()._replace(value=b"x" * 1_010_000), lot("next"))

    await line.scored_to(2)

    [row], [told] = await line.letters(), await line.told()
    assert (row["reason"], row["size"], row["body"], told["value"]) == ("too_large", 1_010_000, None, None)
    assert attributes_of(unpacked_headers(told["headers"]))["sealwatch_offset"] == b"0"


async def test_e10_a_gap_of_offsets_is_normal(line):
    await line.send_in_a_transaction(lot("a"))
    await line.send(lot("b"))
    await line.scored_to(3)
    await line.send(lot("c"))

    await line.scored_to(4)

    found = await line.watch.fetch('select "offset" from scoring.events order by 1')
    assert [row["offset"] for row in found] == [0, 2, 3]


async def test_e11_a_position_that_retention_passed_halts_and_is_never_reset(line):
    await line.send(*[lot(f"lot-{n}") for n in range(5)])
    await line.stand_at(1)
    await line.cut_before(3)

    async with line.scoring() as runner:
        await line.halts(runner, "halted: offset_out_of_range")

    assert (await line.position(), await line.count("events")) == (1, 0)


async def test_e11_a_gap_that_is_met_while_reading_names_its_partition_and_the_other_goes_on(two_lines):
    here, there = (next(p for p in PRODUCTS if partition_of(p.encode(), 2) == n) for n in (0, 1))
    await two_lines.send(*[lot(f"a-{n}", here) for n in range(5)], *[lot(f"b-{n}", there) for n in range(5)])
    await two_lines.cut_before(3)

    gaps, read = await two_lines.polled({0: 1, 1: 0}, 5)

    assert (gaps, {one.partition for one in read}) == ({0}, {1})


@pytest.mark.parametrize(
    ("offset", "digest"), [(9, None), (2, b"another record's")], ids=["beyond the end", "another record"]
)
async def test_e12_a_position_in_a_log_that_was_made_anew_halts(line, offset, digest):
    await line.send(*[lot(f"lot-{n}") for n in range(3)])
    await line.stand_at(offset, digest)

    async with line.scoring() as runner:
        await line.halts(runner, "halted: topic_recreated")

    assert (await line.position(), await line.count("events")) == (offset, 0)


async def test_e12_the_same_log_goes_on(line):
    await line.send(*[lot(f"lot-{n}") for n in range(3)])
    await line.stand_at(2, digest_of(received(inspection(event_id="lot-1"))))

    await line.scored_to(3)

    assert await line.count("events") == 1


async def test_e13_a_record_that_alone_cannot_be_scored_is_tried_three_times_and_given_up(line):
    await line.send(impossible())

    await line.scored_to(1)

    error_class, reason = await given_up(line)
    kind, _, trace = reason.partition(" ")
    assert (error_class, kind, len(bytes.fromhex(trace))) == ("handler_error", "ValueError", 6)
    assert line.store.begun == 5  # with its poll, three times alone, and its letter
    assert await line.count("seen") == 0


async def test_e13_what_an_index_cannot_hold_is_given_up_too(line):
    long = "".join(chr(0x4E00 + n) for n in range(9_000))
    await line.send(lot("long", long), lot("next"))

    await line.scored_to(2)

    assert (await given_up(line))[1].startswith("ProgramLimitExceededError ")


async def test_e14_when_every_record_fails_nothing_is_given_up_and_nothing_consumed(line):
    await line.send(*[lot(f"lot-{n}") for n in range(5)])

    async with line.scoring(alone(Version(UNFIT, BASE.document))) as runner:
        await line.halts(runner, "halted: every record fails")

    assert (await line.position(), await line.letters(), await line.count("events")) == (0, [], 0)


async def test_e14_when_every_record_fails_under_an_adopted_policy_nothing_is_given_up_either(line):
    await line.send(*[lot(f"lot-{n}") for n in range(5)])

    async with line.scoring(Adopted(BASE, nothing_published)) as runner:
        await line.halts(runner, "halted: every record fails")

    assert (await line.position(), await line.letters(), await line.count("events")) == (0, [], 0)


async def test_a_repaired_letter_is_scored_exactly_once_however_often_it_is_sent(line):
    await line.send(torn(), lot("next"))
    await line.scored_to(2)
    key = await line.doors.key("lab")
    [row] = await line.letters()
    path = f"/v1/dead-letters/{row['letter_id'].hex()}/replay"
    wish = NOTE | {"body": b64encode(json.dumps(inspection(event_id="torn")).encode()).decode()}

    answers = [await line.doors.ask("POST", path, key, json=wish) for _ in range(2)]
    relayed = await line.relayed()
    await line.watch.execute("update registry.outbox set sent_at = null where topic = $1", line.topic)
    await line.relayed()  # as after a crash between sending and noting it
    await line.scored_to(4)

    assert ([answer.status_code for answer in answers], relayed) == ([200, 200], 1)
    receipt = await line.doors.ask("GET", f"/v1/receipts/{answers[0].json()['replay_uid']}", key)
    assert (receipt.json()["outcome"], receipt.json()["source"]) == ("scored", "lims")
    assert await line.watch.fetchval("select events from scoring.product_state") == 2
    assert [await line.count(table) for table in ("events", "quarantine", "dead_letters")] == [2, 0, 1]


async def test_a_letter_of_an_earlier_fault_is_scored_as_it_was_once_the_fault_is_gone(line):
    await line.send(lot("early"), lot("next"))
    await line.scored_to(2)
    early = received(inspection(event_id="late"), 7)._replace(topic=line.topic)
    async with line.store.begin() as tx:
        await tx.keep_letters([(early, "handler_error", "KeyError 0123456789ab")])
    key = await line.doors.key("lab")

    many = await line.doors.ask("POST", "/v1/dead-letters/replay", key, json=NOTE)
    await line.relayed()
    await line.scored_to(3)

    assert (len(many.json()["replayed"]), many.json()["refused"]) == (1, [])
    assert await line.watch.fetchval("select events from scoring.product_state") == 3


async def test_a_letter_read_again_stays_one_row_and_keeps_what_was_done_about_it(line):
    await line.send(torn())
    await line.scored_to(1)
    await line.watch.execute(
        "update scoring.dead_letters set state = 'dismissed', resolved_at = now(), resolved_by = 'x'"
    )

    await line.watch.execute("delete from scoring.positions")
    await line.scored_to(1)

    assert [row["state"] for row in await line.letters()] == ["dismissed"]
