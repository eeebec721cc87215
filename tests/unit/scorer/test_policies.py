import json
from copy import deepcopy
from datetime import date, timedelta

import pytest

from sealwatch.shell.first_policy import shipped_as
from sealwatch.shell.policy_documents import load_version, version_in
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.policies import Policies, Published, alone
from sealwatch_scorer.store import Position
from tests.factories import DAY_MS, NOON_MS, inspection, received

BASE = load_version()
DAY = timedelta(days=1)
FIRST = date(2026, 3, 2)
OTHER_WEIGHTS = {"sources": {**BASE.document["sources"], "web": {"weight": 0.2, "opinion": True}}}
OTHER_QUALITY = {"quality": {**BASE.document["quality"], "unaccredited": 0.4}}


def row(version, first_day=FIRST, publication=1, **parts):
    own = {"version": version, "effective_from": first_day.isoformat()}
    made = version_in(deepcopy(dict(BASE.document)) | own | parts)
    return Published(version, json.dumps(made.document), made.digest, first_day, publication)


class Registry:
    """What is published, and how often that was asked."""

    def __init__(self, *rows):
        self.rows, self.looks = list(rows), 0

    async def look(self):
        self.looks += 1
        return list(self.rows)


def policies_of(*rows):
    registry = Registry(*rows)
    return Policies(BASE, registry.look), registry


async def versions(policies, *days):
    return [(await policies.on(day)).version for day in days]


async def test_a_version_holds_from_its_first_day_on():
    policies, _ = policies_of(row("B", **OTHER_WEIGHTS))

    assert await versions(policies, FIRST - DAY, FIRST, FIRST + DAY) == ["2026.2", "B", "B"]


async def test_the_version_that_the_database_began_with_holds_and_those_that_follow_it_are_adopted():
    before = shipped_as("2026.1")
    published = version_in({**before.document, "version": "B", "effective_from": FIRST.isoformat()})
    registry = Registry(Published("B", json.dumps(published.document), published.digest, FIRST, 1))

    async def begin():
        return before

    policies = Policies(BASE, registry.look, begin)

    assert await versions(policies, FIRST - DAY, FIRST) == ["2026.1", "B"]
    assert policies.base is before.policy


async def test_a_version_published_since_is_known_when_a_new_day_is_scored():
    policies, registry = policies_of()
    before = await versions(policies, FIRST - DAY)
    registry.rows.append(row("B", **OTHER_WEIGHTS))

    assert [before, await versions(policies, FIRST)] == [["2026.2"], ["B"]]


async def test_the_registry_is_asked_once_for_each_new_day():
    policies, registry = policies_of()

    await versions(policies, FIRST, FIRST, FIRST - DAY, FIRST + DAY, FIRST)

    assert registry.looks == 2


async def test_a_policy_is_one_object_however_often_it_is_read():
    policies, _ = policies_of(row("B", **OTHER_WEIGHTS))
    first = await policies.on(FIRST)

    assert await policies.on(FIRST + DAY) is first
    assert await policies.named("B") is first


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (row("B", **OTHER_QUALITY), "/quality/unaccredited"),
        (row("B")._replace(digest="0" * 64), "not the document that was published"),
        (row("B")._replace(document='{"version": "B"}'), "cannot be scored with"),
        (row("B", sources={**BASE.document["sources"], "drone": {"weight": 0.5}}), "/sources/drone"),
    ],
)  # fmt: skip
async def test_a_version_that_cannot_be_adopted_is_refused_and_the_old_one_kept(wrong, reason):
    policies, _ = policies_of(wrong)

    kept = await versions(policies, FIRST)

    assert kept == ["2026.2"]
    assert reason in (await policies.ready() or "")


async def test_a_refused_version_troubles_nobody_before_its_day():
    policies, _ = policies_of(row("B", **OTHER_QUALITY))

    await policies.on(FIRST - DAY)

    assert await policies.ready() is None


async def test_a_later_version_that_can_be_adopted_ends_the_trouble():
    policies, _ = policies_of(row("B", **OTHER_QUALITY), row("C", FIRST + DAY, 2, **OTHER_WEIGHTS))

    assert await versions(policies, FIRST + DAY) == ["C"]
    assert await policies.ready() is None


async def test_every_sweep_is_of_one_day_and_a_policy_is_adopted_at_the_midnight_it_begins():
    policies, _ = policies_of(row("B", **OTHER_WEIGHTS), row("C", FIRST + 4 * DAY, 2))

    spans = await policies.spans(FIRST - 4 * DAY, FIRST + 4 * DAY)

    assert [(span.through - FIRST, span.policy.version, span.adopts) for span in spans] == [
        (-3 * DAY, "2026.2", False),
        (-2 * DAY, "2026.2", False),
        (-1 * DAY, "B", True),
        (0 * DAY, "B", False),
        (1 * DAY, "B", False),
        (2 * DAY, "B", False),
        (3 * DAY, "C", True),
        (4 * DAY, "C", False),
    ]


async def test_a_partition_that_was_never_swept_adopts_nothing():
    policies, _ = policies_of(row("B", **OTHER_WEIGHTS))

    [span] = await policies.spans(None, FIRST)

    assert (span.through, span.policy.version, span.adopts) == (FIRST, "B", False)


def around_midnight():
    """Return the records of two partitions, one still on the day before."""
    noons = [(0, NOON_MS), (1, NOON_MS + DAY_MS), (0, NOON_MS)]
    return [
        read(received(inspection(f"P{n}", f"lot-{n}"), n, at, partition))
        for n, (partition, at) in enumerate(noons)
    ]


@pytest.mark.parametrize(
    "positions",
    [
        {0: Position(0), 1: Position(0)},
        {0: Position(0, swept_through=FIRST - 2 * DAY), 1: Position(0, swept_through=FIRST - DAY)},
    ],
    ids=["never swept", "swept"],
)
async def test_records_of_two_days_are_cut_by_their_policy(positions):
    policies, _ = policies_of(row("B", **OTHER_WEIGHTS))

    parts = await policies.cut(around_midnight(), positions)
    scored_with = [(await policies.of(polled(part, positions, {}))).version for part in parts]

    assert [[one.record.offset for one in part] for part in parts] == [[0, 2], [1]]
    assert scored_with == ["2026.2", "B"]


async def test_records_under_one_policy_stay_together():
    reads = around_midnight()

    parts = await alone(BASE).cut(reads, {0: Position(0), 1: Position(0)})

    assert parts == [reads]


async def test_a_poll_under_two_policies_is_an_error_of_ours():
    policies, _ = policies_of(row("B", **OTHER_WEIGHTS))
    positions = {0: Position(0), 1: Position(0)}

    with pytest.raises(ValueError, match="too many values"):
        await policies.of(polled(around_midnight(), positions, {}))


async def test_an_assessment_under_a_version_that_nobody_knows_asks_the_registry_once():
    policies, registry = policies_of()

    found = [await policies.named("gone"), await policies.named("gone")]

    assert (found, registry.looks) == ([None, None], 1)


async def test_a_version_that_is_refused_names_no_policy():
    policies, _ = policies_of(row("B", **OTHER_QUALITY))

    assert await policies.named("B") is None
