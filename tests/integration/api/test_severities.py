"""A class that is left out is the one that the version in force lists on the day of the description."""

from tests.integration.api.doors import BASE
from tests.integration.scorer.tape import another, publish

FACTS = {"name": "Label", "category": "food"}


def listing(version, first_day, **classes):
    goods = BASE.document["goods"]
    return another(version, first_day, goods={**goods, "severities": {**goods["severities"], **classes}})


async def test_a_later_list_is_for_products_described_from_then_on(doors, key):
    before = (await doors.ask("PUT", "/v1/products/OLD", key, json=FACTS)).json()
    await publish(doors.watch, listing("2026.8", "2026-02-21", food=4))
    await publish(doors.watch, listing("2026.9", "2026-03-02", food=1))

    after = (await doors.ask("PUT", "/v1/products/NEW", key, json=FACTS)).json()
    kept = (await doors.ask("GET", "/v1/products/OLD", key)).json()
    renewed = (await doors.ask("PUT", "/v1/products/OLD", key, json=FACTS)).json()

    assert [said["facts"]["severity_class"] for said in (before, after, kept, renewed)] == [3, 4, 3, 4]
    assert (renewed["facts_revision"], renewed["flags"]) == (2, ["severity_from_policy"])
