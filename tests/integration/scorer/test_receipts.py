"""A receipt from a real scorer: from accepted to scored, set aside or given up, indicator by indicator."""

import json
from base64 import b64encode

import pytest

from sealwatch.contracts.base import uid_of
from sealwatch.risk.evidence import Evidence
from sealwatch.risk.state import decode
from sealwatch.scoring.pack import unpacked
from tests.factories import incident_count, inspection, record, retraction
from tests.integration.scorer.line import POLICY, Line

MILLION = 1_000_000
LIMITS = {"upper": 0.1, "unit": "%"}
STANDARD = {"code": "GB 1", "rank": "compulsory_national"}
ITEMS = [
    {"indicator": "copies accepted", "factor": "COPY", "verdict": "fail", "failures": 1, "trials": 8},
    {"indicator": "lead", "factor": "QUAL", "verdict": "pass", "value": 5, "unit": "mg/L", "limits": LIMITS},
    {"indicator": "tin", "factor": "QUAL", "verdict": "pass", "value": 9999, "unit": "mg/kg",
     "censoring": "below_lod", "limits": LIMITS},
    {"indicator": "mark", "factor": "QUAL", "verdict": "pass", "standard": STANDARD},
    {"indicator": "ink", "factor": "QUAL", "verdict": "fail", "standard": STANDARD},
    {"indicator": "seal", "factor": "STRN", "verdict": "not_judged", "grade": "C"},
    {"indicator": "look", "factor": "RECG", "verdict": "not_judged"},
]  # fmt: skip


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
async def key(line):
    return await line.doors.key("lab")


def lot(event_id="lot-1", **other):
    return record(inspection(event_id=event_id) | other)


def impossible():
    """An event that can be read and not be scored: more failures than trials."""
    body = inspection(event_id="impossible")
    body["items"][0] |= {"failures": 5, "trials": 2}
    return record(body)


async def receipt(line, key, event_id):
    return await line.doors.ask("GET", f"/v1/receipts/{uid_of('lab', 'lims', event_id).hex()}", key)


async def test_a_lot_is_followed_to_its_place_and_every_indicator_says_how_it_counted(line, key):
    await line.send(lot("before"), lot(items=ITEMS))
    await line.scored_to(2)

    seen = (await receipt(line, key, "lot-1")).json()

    assert (seen["outcome"], seen["position"]) == ("scored", {"partition": 0, "offset": 1})
    assert seen["counted_under"] == POLICY.version
    assert [(one["indicator"], one["counted"], one["remarks"]) for one in seen["indicators"]] == [
        ("copies accepted", True, []),
        ("lead", False, ["units_incompatible"]),
        ("tin", False, ["censored_across_limit"]),
        ("mark", False, ["worse_indicator_counts"]),
        ("ink", True, []),
        ("seal", True, []),
        ("look", False, ["not_judged"]),
    ]
    assert [one["compulsory_standard"] for one in seen["indicators"]] == [
        None, None, None, "met", "failed", None, None,
    ]  # fmt: skip


async def test_what_a_receipt_tells_is_what_is_in_the_sums(line, key):
    await line.send(lot(items=ITEMS))
    await line.scored_to(1)
    folded = unpacked(await line.watch.fetchval("select folded from scoring.events"))

    seen = (await receipt(line, key, "lot-1")).json()

    told = {(one["factor"], one["failures"], one["trials"]) for one in seen["indicators"] if one["counted"]}
    assert told == {
        (one.factor, one.failures_millionths / MILLION, one.trials_millionths / MILLION)
        for one in folded
        if isinstance(one, Evidence)
    }


async def test_an_event_that_could_not_be_scored_is_a_dead_letter_with_its_reason(line, key):
    before = await receipt(line, key, "impossible")
    await line.send(impossible(), lot("next"))
    await line.scored_to(2)

    seen = (await receipt(line, key, "impossible")).json()

    [letter] = seen["dead_letters"]
    assert (before.status_code, before.json()["code"]) == (404, "not_yet_known")
    assert (seen["outcome"], seen["position"], seen["indicators"]) == ("dead_letter", None, None)
    assert (letter["error_class"], letter["state"]) == ("handler_error", "open")
    assert letter["reason"].startswith("ValueError ")


async def test_a_letter_that_was_repaired_is_scored_and_still_told(line, key):
    await line.send(impossible())
    await line.scored_to(1)
    [row] = await line.letters()
    repaired = b64encode(json.dumps(inspection(event_id="impossible")).encode()).decode()
    wish = {"note": "a slip of the pen", "body": repaired}
    await line.doors.ask("POST", f"/v1/dead-letters/{row['letter_id'].hex()}/replay", key, json=wish)
    await line.relayed()
    await line.scored_to(2)

    seen = (await receipt(line, key, "impossible")).json()

    assert (seen["outcome"], seen["flags"]) == ("scored", ["repaired"])
    assert [one["state"] for one in seen["dead_letters"]] == ["replayed"]


async def test_a_conflict_is_told_beside_the_event_that_stands(line, key):
    await line.send(lot(), record(inspection(failed=True)))
    await line.scored_to(2)

    seen = (await receipt(line, key, "lot-1")).json()

    assert seen["outcome"] == "scored"
    assert [(one["reason"], one["state"]) for one in seen["set_aside"]] == [("event_id_conflict", "open")]


async def test_a_retracted_event_and_its_retraction_are_told_apart(line, key):
    await line.send(lot(), record(retraction()))
    await line.scored_to(2)

    taken, taker = [(await receipt(line, key, name)).json() for name in ("lot-1", "back-1")]

    assert (taken["outcome"], taken["retracted_by"]) == ("retracted", taker["uid"])
    assert (taker["outcome"], taker["indicators"]) == ("scored", [])


async def test_another_organisation_is_told_nothing(line):
    await line.send(impossible(), lot())
    await line.scored_to(2)
    stranger = await line.doors.key("another")

    answers = [await receipt(line, stranger, name) for name in ("impossible", "lot-1")]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "not_yet_known")] * 2


async def held(line):
    return decode(
        await line.watch.fetchval("select state from scoring.product_state where product_id = 'P1'")
    )


async def test_incidents_over_days_are_scored_explained_and_taken_back(line, key):
    await line.send(lot(), record(incident_count()))
    await line.scored_to(2)
    counted, seen = await held(line), (await receipt(line, key, "count-1")).json()
    why = (await line.doors.ask("GET", "/v1/products/P1/explanation", key)).json()

    await line.send(record(retraction(of="count-1")))
    await line.scored_to(3)

    [indicator] = seen["indicators"]
    assert (indicator["failures"], indicator["trials"], indicator["over_days"]) == (2, 60, True)
    assert [key[:2] for key in counted.counts] == [("INTG", "national_spot_check")]
    assert [one["factor"] for one in why["sources"] if one["counted"]] == ["INTG"]
    assert (await held(line)).counts == {}
