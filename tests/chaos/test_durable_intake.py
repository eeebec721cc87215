"""A 202 means that the event will be scored, whatever dies next (docs/promises.md, P1).

One broker, so that what it wrote survives in the page cache: its death is that of a process, not of a
machine. ``CHAOS_KILLS=100`` makes the long form; the run prints what it did.
"""

import asyncio
import os

import pytest

KILLS = int(os.environ.get("CHAOS_KILLS", "7"))
BROKER_KILLS = KILLS * 2 // 7
SENDERS = (1, 1, 1, 1, 1, 1, 40, 40)  # events in each of a sender's posts
WHILE_FROZEN = (1, 1, 1, 50)
HASTY = ("tests.chaos.hasty_ingest",)


async def kill(door, victim):
    """Kill at a moment that the dice choose, some hundred posts after the last one."""
    dice = door.harness.random
    assert await door.accepts(dice.randrange(200, 800))
    await asyncio.sleep(dice.random() / 20)
    if victim == "broker":
        await asyncio.to_thread(door.broker.kill)
        await asyncio.to_thread(door.broker.start)
    else:
        door.harness.kill("ingest")
        door.harness.again("ingest")


async def killed_under_load(door):
    victims = ["broker"] * BROKER_KILLS + ["ingest"] * (KILLS - BROKER_KILLS)
    door.harness.random.shuffle(victims)
    stopping = asyncio.Event()
    senders = [asyncio.create_task(door.send(stopping, events)) for events in SENDERS]
    for victim in victims:
        await kill(door, victim)
    assert await door.accepts(100)
    stopping.set()
    await asyncio.gather(*senders)
    return victims


async def scored(harness, count):
    """Let a scorer read the log to its end, and return the uids that it has seen."""
    harness.start()
    assert await harness.drained(count)
    return {row["uid"].hex() for row in await harness.watch.fetch("select uid from scoring.seen")}


async def test_every_event_that_was_accepted_is_scored_whoever_is_killed(door):
    victims = await killed_under_load(door)

    held = await door.held()
    accepted, there = door.accepted, set(held)
    print(  # noqa: T201  # the figures of the run
        f"\n{sum(door.statuses.values())} posts, {len(victims)} kills: {victims}; "
        f"answers {dict(door.statuses)}; {len(accepted)} of {len(door.posted)} events accepted, "
        f"{len(accepted - there)} of them missing; {len(there - accepted)} unacknowledged but present, "
        f"{len(held) - len(there)} twice in the log"
    )
    assert accepted - there == set()
    assert accepted <= await scored(door.harness, len(held))


async def frozen_then_killed(door):
    """Freeze the broker, post, and let both die before it wakes; return what was posted meanwhile."""
    before = set(door.posted)
    await asyncio.to_thread(door.broker.freeze)
    await asyncio.gather(*map(door.post, WHILE_FROZEN))
    door.harness.kill("ingest")
    await asyncio.to_thread(door.broker.kill)
    await asyncio.to_thread(door.broker.start)
    return door.posted - before


async def test_nothing_is_accepted_that_a_dying_broker_had_not_confirmed(door):
    unconfirmed = await frozen_then_killed(door)

    assert door.accepted & unconfirmed == set()
    assert door.accepted <= set(await door.held())


@pytest.mark.parametrize("door", [HASTY], indirect=True)
async def test_control_a_202_before_the_confirmation_loses_what_it_accepted(door):
    unconfirmed = await frozen_then_killed(door)

    assert door.accepted >= unconfirmed
    assert door.accepted - set(await door.held()) >= unconfirmed
