"""How long offices have to acknowledge: each organisation sets it for itself, on record."""

from datetime import timedelta

import pytest

from tests.integration.api import rows
from tests.integration.api.doors import NOON

PATH = "/v1/escalation-rules"
USUAL = {"serious": {"remind_seconds": 900, "climb_seconds": 900},
         "high": {"remind_seconds": 14_400, "climb_seconds": 14_400}}  # fmt: skip
OWN = {"serious": {"remind_seconds": 300, "climb_seconds": 600}, "high": USUAL["high"]}


async def spans(doors, key):
    said = (await doors.ask("GET", PATH, key)).json()
    return {level: said[level] for level in ("serious", "high")}, said["recorded_by"]


async def test_the_usual_spans_hold_until_an_organisation_sets_its_own_and_only_there(doors):
    centre, elsewhere = await doors.key("centre"), await doors.key("elsewhere")
    before = await spans(doors, centre)

    put = await doors.ask("PUT", PATH, centre, json={"serious": OWN["serious"]})

    audit = (await doors.ask("GET", "/v1/audit?action=escalation.set", centre)).json()["items"]
    assert (before, put.status_code) == ((USUAL, None), 200)
    assert await spans(doors, centre) == (OWN, audit[0]["acted_by"])
    assert await spans(doors, elsewhere) == (USUAL, None)
    assert [one["detail"] for one in audit] == [OWN]
    assert audit[0]["acted_by"].startswith("centre/")


async def test_what_is_left_out_is_as_usual_again(doors):
    centre = await doors.key("centre")
    await doors.ask("PUT", PATH, centre, json=OWN)

    await doors.ask("PUT", PATH, centre, json={})

    assert (await spans(doors, centre))[0] == USUAL


async def test_chains_that_run_are_looked_at_again_and_only_ones_own(doors):
    for organisation in ("centre", "elsewhere"):
        notice, _ = await rows.told(doors.watch, f"again {organisation}".encode(), organisation)
        await doors.watch.execute(
            "insert into alerting.watches values ($1, $2, 'Again', 'again', 1, 4, $3, $3, $4)",
            notice, organisation, NOON - timedelta(hours=1), NOON + timedelta(hours=1),
        )  # fmt: skip

    await doors.ask("PUT", PATH, await doors.key("centre"), json=OWN)

    found = await doors.watch.fetch(
        "select organisation_id, next_at from alerting.watches where office = 'Again' order by 1"
    )
    assert [tuple(row) for row in found] == [("centre", NOON), ("elsewhere", NOON + timedelta(hours=1))]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"serious": {"remind_seconds": 59}}, "/serious/remind_seconds"),
        ({"serious": {"climb_seconds": 86_401}}, "/serious/climb_seconds"),
        ({"high": {"remind_seconds": 604_801}}, "/high/remind_seconds"),
        ({"high": {"climb_seconds": "600"}}, "/high/climb_seconds"),
        ({"high": None}, "/high"),
        ({"medium": {"remind_seconds": 600}}, "is not a field"),
    ],
)
async def test_a_span_that_makes_no_sense_is_refused_with_its_place(doors, body, where):
    answer = await doors.ask("PUT", PATH, await doors.key("centre"), json=body)

    assert answer.status_code == 422
    assert where in answer.text
