"""A broker that freezes, its sockets open: callers are told at once, work goes on (docs/promises.md, P6)."""

import asyncio
import json

FROZEN_SECONDS = 33.0  # longer than a request of the producer may take (30 s)
DEADLINE_SECONDS = 3.0
MARGIN_SECONDS = 2.0  # of a machine that others use too
WAKING_SECONDS = 15.0
PROBE_SECONDS = 0.5
UNREADY_AFTER = int(10.0 / PROBE_SECONDS)  # probes
SENDERS = (1, 1, 1, 20)


async def probed(door, stopping):
    """Ask twice a second how the process is; return every answer about life and about readiness."""
    lives, ready = [], []
    while not stopping.is_set():
        lives.append(await door.harness.asked("livez", "ingest"))
        ready.append(json.loads(await door.harness.asked("readyz", "ingest"))["status"])
        await asyncio.sleep(PROBE_SECONDS)
    return lives, ready


async def frozen_under_load(door):
    """Post and probe while the broker is frozen; return what was answered."""
    stopping = asyncio.Event()
    await asyncio.to_thread(door.broker.freeze)
    senders = [asyncio.create_task(door.send(stopping, events)) for events in SENDERS]
    probe = asyncio.create_task(probed(door, stopping))
    await asyncio.sleep(FROZEN_SECONDS)
    stopping.set()
    answers = [answer for told in await asyncio.gather(*senders) for answer in told]
    return answers, *(await probe)


async def test_a_frozen_broker_is_told_of_at_once_and_intake_goes_on_when_it_wakes(door):
    answers, lives, ready = await frozen_under_load(door)

    await asyncio.to_thread(door.broker.thaw)
    woken = asyncio.get_running_loop().time()
    served = await door.harness.until(door.serves, 60.0)
    first = asyncio.get_running_loop().time() - woken
    held = set(await door.held())

    waits = sorted(answer.seconds for answer in answers)
    print(  # noqa: T201  # the figures of the run
        f"\n{len(answers)} posts at a broker frozen for {FROZEN_SECONDS:.0f} s, answered within "
        f"{waits[-1]:.2f} s (median {waits[len(waits) // 2]:.2f} s); first 202 {first:.2f} s after it woke; "
        f"{len(held - door.accepted)} of {len(door.posted - door.accepted)} refused events were written"
    )
    assert {answer.status for answer in answers} == {503}
    assert all(answer.retry_after.isdecimal() for answer in answers)
    assert waits[-1] <= DEADLINE_SECONDS + MARGIN_SECONDS
    assert set(lives) == {'{"status":"ok"}'}
    assert set(ready[UNREADY_AFTER:]) == {"unavailable"}
    assert door.harness.alive("ingest")
    assert served
    assert first <= WAKING_SECONDS
    assert door.accepted <= held
