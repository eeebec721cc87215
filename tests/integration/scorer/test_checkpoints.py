"""Months of raw events are dropped, and what comes after is still scored again to the byte."""

from datetime import UTC, datetime

import pytest

from sealwatch_scorer.rescoring.checkpoints import Kept, Month, checkpoint_of, drop, hindrance, stand_of
from sealwatch_scorer.rescoring.lane import Sizes
from sealwatch_scorer.rescoring.register import PastGone
from tests.integration.scorer.history import history
from tests.integration.scorer.shadow import opened
from tests.integration.scorer.tape import BASE, another, with_harm

LOG = history(100, 12, seed=4, back_ms=0)
MAY, JULY = datetime(2026, 5, 20, 12, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=UTC)
MARCH, APRIL = Month(2026, 3), Month(2026, 4)
GRAVER = another("2026.3", "2026-03-11", **with_harm(0.2))


@pytest.fixture(scope="module")
async def live(postgres):
    """Yield a database that lost two months in two goes, between which scoring went on."""
    database = await opened(postgres.fresh())
    for month, most in ((MARCH, 700), (APRIL, 250)):
        await database.play(LOG, [9], most=most, now=MAY)
        checkpoint = checkpoint_of(month, BASE, 2)
        await database.walk(checkpoint, Sizes(slice=50))
        database.kept = await drop(database.watch, month, checkpoint.name, MAY)
    await database.play(LOG, [9], now=JULY)
    yield database
    await database.close()


async def test_what_was_dropped_is_gone_but_for_what_later_retractions_need(live):
    oldest = await live.watch.fetchval("select min(appended) from scoring.events")
    kept = await live.watch.fetchval("select count(*) from scoring.events_kept")
    gone = await live.watch.fetchval("select count(*) from scoring.quarantine where reason = 'target_gone'")

    assert oldest >= APRIL.end
    assert 0 < live.kept < kept
    assert gone > 0


async def test_scoring_again_begins_at_the_newest_checkpoint_and_ends_at_the_live_bytes(live):
    begun = await live.rescore("after")

    comparison = await live.compared("after")
    began_with = await live.watch.fetchval("select began_with from scoring.rescorings where name = 'after'")
    assert comparison.equal, comparison
    assert (begun.name, began_with) == ("after", "checkpoint-2026-04")


async def test_a_version_that_made_the_checkpoint_alone_goes_on_from_it(live):
    await live.rescore("same", dict(BASE.document))

    assert (await live.compared("same")).equal


async def test_the_past_under_another_policy_or_before_the_checkpoint_is_said_to_be_gone(live):
    with pytest.raises(PastGone, match=r"were scored with 2026\.2"):
        await live.rescore("other", GRAVER)
    with pytest.raises(PastGone, match="nothing before that"):
        await live.rescore("early", known_at=datetime(2026, 4, 1, tzinfo=UTC))


async def test_without_a_finished_checkpoint_nothing_is_dropped(live):
    with pytest.raises(Kept, match="not finished"):
        await drop(live.watch, Month(2026, 5), "checkpoint-2026-05", JULY)

    assert await live.watch.fetchval("select min(appended) from scoring.events") < Month(2026, 5).end


async def test_a_month_that_was_not_swept_to_its_end_stays(live):
    july = await stand_of(live.watch, Month(2026, 7))

    assert hindrance(Month(2026, 7), july) == "live scoring has not swept 2026-07-31 yet"


async def test_an_event_recorded_after_the_end_by_a_clock_that_went_back_keeps_its_month(live):
    checkpoint = checkpoint_of(Month(2026, 5), BASE, 1)
    await live.walk(checkpoint, Sizes())
    await live.watch.execute(
        "update scoring.events set instant = '2026-06-01 01:00Z' "
        "where appended = (select max(appended) from scoring.events where appended < '2026-06-01')"
    )

    with pytest.raises(Kept, match="a clock that went back"):
        await drop(live.watch, Month(2026, 5), checkpoint.name, JULY)
