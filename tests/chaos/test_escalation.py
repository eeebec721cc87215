"""Every step about what nobody acknowledges is made exactly once, however often those at work are killed."""

import asyncio
import os
import random
import sys
from datetime import timedelta
from pathlib import Path

from sealwatch.shell.clock import utc_now
from tests.factories import NOON, level_change
from tests.integration.alerts.test_escalation import ladder  # noqa: F401  # a fixture

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("CHAOS_KILLS", "20"))
CHAINS = 400
STEPS = """
select count(*) filter (where steps = 3), count(*) from (
    select w.notice_id, w.office, count(e.step) as steps from alerting.watches w
    left join alerting.escalations e using (notice_id, organisation_id, office) group by 1, 2) found
"""
DELIVERIES = """
select count(*), count(distinct (notice_id, behalf, step)) from alerting.deliveries where step > 0
"""
WAITS = "select count(*) from pg_locks where relation = 'alerting.escalations'::regclass and not granted"
OPEN = "select count(*) from alerting.watches where next_at is not null"


async def start(ladder, began, kind):  # noqa: F811
    url = ladder.engine.url.render_as_string(hide_password=False).replace("+asyncpg", "")
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.climber", url, began.isoformat(), kind, cwd=ROOT
    )


async def kill(process):
    process.kill()
    await process.wait()


async def is_waited_for(ladder):  # noqa: F811
    """Return whether a step is to come, and nobody stands before the lock yet."""
    return await ladder.watch.fetchval(OPEN) and not await ladder.watch.fetchval(WAITS)


async def kill_before_a_step(ladder, *at_work):  # noqa: F811
    """Kill all at work while a lock of the table keeps one of them from writing a step, if any is left."""
    async with ladder.watch.transaction():
        await ladder.watch.execute("lock table alerting.escalations in exclusive mode")
        async with asyncio.timeout(60):
            while await is_waited_for(ladder):  # noqa: ASYNC110  # asked of the locks, which have no event
                await asyncio.sleep(0.02)
        await asyncio.gather(*map(kill, at_work))


async def until_over(ladder):  # noqa: F811
    async with asyncio.timeout(120):
        while await ladder.watch.fetchval(OPEN):  # noqa: ASYNC110  # asked of the tables, which have no event
            await asyncio.sleep(0.1)


async def climbed(ladder, kind, *, aimed):  # noqa: F811
    """Let chains come due while two are at work; kill one again and again, and both at every ``aimed`` time.

    What is lost before a step shows where it was the last of its chain: the next turn makes up for others.
    """
    await ladder.build("county", "city", "province")
    changes = [level_change(f"P{n}", after="serious") for n in range(CHAINS)]
    await ladder.hear(changes, NOON)
    await ladder.watch.execute("delete from alerting.watches where office <> 'county'")
    await ladder.watch.execute("update alerting.watches set next_at = told_at + random() * interval '4 h'")
    drawn, began = random.Random(11), utc_now() + timedelta(seconds=1)  # noqa: S311  # a plan, not a secret
    steady, victim = [await start(ladder, began, kind) for _ in range(2)]
    for number in range(KILLS):
        await asyncio.sleep(0.7 + drawn.random() / 2)
        if number % aimed == 0:
            await kill_before_a_step(ladder, steady, victim)
            steady, victim = [await start(ladder, began, kind) for _ in range(2)]
        else:
            await kill(victim)
            steady, victim = await start(ladder, began, kind), steady
    await until_over(ladder)
    for one in (steady, victim):
        await kill(one)
    whole, told = await ladder.watch.fetchrow(STEPS), await ladder.watch.fetchrow(DELIVERIES)
    return tuple(whole), tuple(told)


async def test_each_step_is_made_once_over_kills(ladder):  # noqa: F811
    whole, told = await climbed(ladder, "product", aimed=4)

    assert whole == (CHAINS, CHAINS)
    assert told == (3 * CHAINS, 3 * CHAINS)


async def test_the_control_that_moves_first_loses_steps(ladder):  # noqa: F811
    whole, _ = await climbed(ladder, "hasty", aimed=1)

    assert whole[0] < CHAINS
