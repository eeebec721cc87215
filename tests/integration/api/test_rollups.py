"""Roll-ups on a real database: parts of partitions and severities become one group."""

import pytest

from sealwatch.risk.evidence import evidence
from sealwatch.risk.groups import Gain
from sealwatch.risk.state import EMPTY, encode, fold_all
from tests.integration.api.doors import NOON, POLICY
from tests.integration.api.rows import assessed

AT = int(NOON.timestamp())


def seen(failures, trials, by="national_spot_check"):
    half_life = POLICY.half_lives["COPY"]
    return evidence("COPY", by, failures, trials, quality=1.0, at=AT, half_life=half_life)


async def group(watch, value, partition, *pieces, **other):
    kept = {"dimension": "category", "severity": 3, "products": 1} | other
    state = encode(fold_all(EMPTY, pieces))
    await watch.execute(
        "insert into scoring.rollups (dimension, value, severity_class, partition, state, products) "
        "values ($1, $2, $3, $4, $5, $6)",
        kept["dimension"], value, kept["severity"], partition, state, kept["products"],
    )  # fmt: skip


@pytest.fixture(scope="module")
async def groups(doors):
    watch = doors.watch
    await group(watch, "labels", 0, seen(3, 30), products=2)
    await group(watch, "labels", 5, seen(1, 10), seen(9, 10, by="enforcement"), products=1)
    await group(watch, "labels", 1, seen(0, 10), severity=4, products=1)
    await group(watch, "inks", 0, seen(0, 5))
    await group(watch, "", 0, seen(1, 1, by="web"))
    await group(watch, "110105", 0, seen(1, 1), dimension="region")
    await group(watch, "310000", 0, seen(1, 1), dimension="region")
    return doors


async def listed(doors, key, path):
    return (await doors.ask("GET", path, key)).json()["items"]


async def test_parts_of_partitions_are_added_up(groups, key):
    [labels] = await listed(groups, key, "/v1/rollups/category?value=labels")

    copy, _ = labels["planned"]["factors"]
    assert labels["products"] == 4
    assert (copy["factor"], copy["failures"], copy["trials"]) == ("COPY", 4.0, 40.0)


async def test_the_rates_of_a_group_are_those_of_all_its_goods_and_name_their_severity(groups, key):
    [labels] = await listed(groups, key, "/v1/rollups/category?value=labels")

    rows = labels["planned"]["factors"]
    assert [(row["severity_class"], row["failures"], row["trials"]) for row in rows] == [
        (3, 4.0, 40.0),
        (4, 0.0, 10.0),
    ]


async def test_targeted_samples_do_not_move_the_rate_of_the_population(groups, key):
    [labels] = await listed(groups, key, "/v1/rollups/category?value=labels")

    [planned, _], [targeted] = labels["planned"]["factors"], labels["targeted"]["factors"]
    assert (targeted["failures"], targeted["trials"]) == (9.0, 10.0)
    assert planned["rate"] < targeted["rate"]


async def test_the_index_is_the_highest_over_severities_and_lies_in_its_interval(groups, key):
    [labels] = await listed(groups, key, "/v1/rollups/category?value=labels")

    planned = labels["planned"]
    assert planned["severity_class"] == 3
    assert planned["index_p05"] < planned["index"] < planned["index_p95"]


async def test_goods_nobody_described_are_a_group_of_their_own(groups, key):
    first, *_ = await listed(groups, key, "/v1/rollups/category")

    assert first["value"] is None
    assert first["planned"]["index"] is None


async def test_a_region_is_met_by_every_region_that_begins_with_it(groups, key):
    found = await listed(groups, key, "/v1/rollups/region?value=11")

    assert [one["value"] for one in found] == ["110105"]


async def test_pages_follow_each_other(groups, key):
    first = (await groups.ask("GET", "/v1/rollups/category?limit=1", key)).json()
    cursor = first["next_cursor"]

    second = (await groups.ask("GET", f"/v1/rollups/category?limit=2&cursor={cursor}", key)).json()

    assert [one["value"] for one in first["items"] + second["items"]] == [None, "inks", "labels"]
    assert second["next_cursor"] is None


async def test_an_enterprise_is_added_up_from_its_products(doors, key):
    await assessed(doors.watch, "E-1")
    await assessed(doors.watch, "E-2")
    await doors.watch.execute(
        "update scoring.product_state set enterprise_id = 'maker' where product_id in ('E-1', 'E-2')"
    )

    [maker] = await listed(doors, key, "/v1/rollups/enterprise?value=maker")

    [copy] = maker["planned"]["factors"]
    assert (maker["products"], copy["failures"], copy["trials"]) == (2, 10.0, 40.0)


async def test_an_enterprise_counts_its_products_with_any_evidence_as_the_other_groups_do(doors, key):
    await assessed(doors.watch, "E-3")
    await assessed(doors.watch, "E-4")
    await assessed(doors.watch, "E-5")
    weightless = evidence("COPY", "web", 1, 1, quality=0.0, at=AT, half_life=POLICY.half_lives["COPY"])
    states = {"E-4": EMPTY, "E-5": fold_all(EMPTY, [weightless])}
    await doors.watch.executemany(
        "update scoring.product_state set state = $2 where product_id = $1",
        [(name, encode(state)) for name, state in states.items()],
    )
    await doors.watch.execute(
        "update scoring.product_state set enterprise_id = 'printer' where product_id in ('E-3', 'E-4', 'E-5')"
    )

    [printer] = await listed(doors, key, "/v1/rollups/enterprise?value=printer")

    gain = Gain()
    for state in states.values():
        gain.join(state)
    assert printer["products"] == 1 + gain.products == 2


async def test_an_unknown_dimension_is_refused(doors, key):
    answer = await doors.ask("GET", "/v1/rollups/colour", key)

    assert answer.status_code == 422
