"""Any past day can be had again from the stored events, and another policy shows whom it would move."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from sealwatch.risk.policy import Level
from sealwatch.shell.policy_documents import version_in
from tests.factories import NOON
from tests.integration.scorer.history import history
from tests.integration.scorer.shadow import opened
from tests.integration.scorer.tape import BASE, another, publish, with_harm

DAY = timedelta(days=1)
DAYS, A_DAY = 28, 60
LOG = history(DAYS, A_DAY, products=40, seed=2)
FIRST = datetime(2026, 3, 1, tzinfo=UTC)
END = FIRST + DAYS * DAY
GRAVER = another("2026.3", "2026-03-11", **with_harm(0.2))
LONGER = {**BASE.document["factors"]["COPY"], "half_life_days": 400}
REMEMBERING = another(
    "2026.9", "2026-03-01", factors={**BASE.document["factors"], "COPY": LONGER}, **with_harm(0.05)
)


class Diary:
    """What live scoring held at the end of each day, noted on that day."""

    def __init__(self, database):
        self.database, self.days = database, {}

    async def write(self):
        for number in range(DAYS):
            end = FIRST + (number + 1) * DAY
            known = [one for one, instant in _instants() if instant < end.timestamp() * 1000]
            await self.database.play(known, [5, 11], now=end - timedelta(minutes=2))
            self.days[end - timedelta(milliseconds=1)] = await self.database.states()


def _instants():
    """Return each record with its instant: the running maximum of append times in its partition."""
    newest = {}
    for one in LOG:
        newest[one.partition] = max(newest.get(one.partition, 0), one.appended_ms)
        yield one, newest[one.partition]


@pytest.fixture(scope="module")
async def diary(postgres):
    database = await opened(postgres.fresh())
    await publish(database.watch, GRAVER)
    made = Diary(database)
    await made.write()
    yield made
    await database.close()


async def test_a_thousand_products_and_days_come_out_as_they_were_recorded(diary):
    recomputed = {}
    for end in diary.days:
        await diary.database.rescore(f"at-{end:%d}", known_at=end)
        recomputed[end] = await diary.database.states(f"at-{end:%d}")

    assert recomputed == diary.days
    assert sum(map(len, recomputed.values())) >= 1000


async def test_another_policy_shows_the_levels_that_a_live_run_under_it_has(diary, postgres):
    other = await opened(postgres.fresh())
    known = [one for one, instant in _instants() if instant < END.timestamp() * 1000]
    await other.play(known, [9], now=END - timedelta(minutes=2), base=version_in(REMEMBERING))
    await diary.database.rescore("remembering", REMEMBERING)

    blast = await diary.database.blast_of("remembering")

    fresh, live = await other.levels(), await diary.database.levels()
    movers = {id_: Level(level).word for id_, level in fresh.items() if live[id_] != level}
    assert {row["product_id"]: row["shadow"] for row in blast.movers} == movers != {}
    assert (blast.products, await diary.database.states("remembering")) == (len(movers), await other.states())
    await other.close()


async def test_as_of_an_instant_what_became_known_late_counts_and_what_happened_later_does_not(
    diary, postgres
):
    at = FIRST + 12 * DAY
    heard = await opened(postgres.fresh())
    await heard.play(_as_if_heard_by(at), [9], now=at + DAY / 2)
    await diary.database.rescore("late", dict(BASE.document), as_of=at)

    assert await diary.database.states("late") == await heard.states()
    assert len(_as_if_heard_by(at)) > len([one for one in LOG if one.appended_ms <= at.timestamp() * 1000])
    await heard.close()


def _as_if_heard_by(at):
    """Return the records of what had happened by then, as if all of them had been recorded by then."""
    found, at_ms = [], int(at.timestamp() * 1000)
    for one, instant in _instants():
        if instant < END.timestamp() * 1000 and _happened(one, at):
            found.append(one._replace(appended_ms=min(one.appended_ms, at_ms)))
    return found


def _happened(one, at):
    body = {} if one.value == b"\xff" else json.loads(one.value)
    return "retracted_at" in body or datetime.fromisoformat(body.get("sampled_at", NOON.isoformat())) <= at
