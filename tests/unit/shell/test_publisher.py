import asyncio

import pytest

from sealwatch.contracts.codec import Record
from sealwatch.errors import BrokerUnavailable
from sealwatch.shell.kafka import Publisher
from sealwatch.shell.kafka.publisher import confirmed

NOWHERE = "127.0.0.1:1"


async def test_before_kafka_was_reached_nothing_is_published_and_it_says_so():
    publisher = Publisher(NOWHERE)

    with pytest.raises(BrokerUnavailable):
        await publisher.publish([Record("t", b"P1", b"{}", ())])

    assert await publisher.ready() is not None


async def test_a_process_that_is_asked_to_stop_does_not_wait_for_kafka():
    stopping = asyncio.Event()
    stopping.set()

    await Publisher(NOWHERE).keep_connected(stopping)

    assert stopping.is_set()


def batches(number):
    loop = asyncio.get_running_loop()
    return [loop.create_future() for _ in range(number)]


async def test_all_batches_are_waited_for_and_nothing_is_nothing_to_wait_for():
    one, other = batches(2)
    waiting = asyncio.create_task(confirmed({one, other}))

    one.set_result(None)
    await asyncio.sleep(0)
    was_done = waiting.done()
    other.set_result(None)

    assert (was_done, await waiting, await confirmed(())) == (False, None, None)


async def test_the_first_failure_is_told_at_once():
    failed, still = batches(2)
    failed.set_exception(BrokerUnavailable("no"))

    with pytest.raises(BrokerUnavailable):
        await confirmed({failed, still})

    assert not still.done()


async def test_a_batch_that_is_late_is_no_longer_waited_for_and_goes_on():
    (late,) = batches(1)

    with pytest.raises(TimeoutError):
        await confirmed({late}, 0.0)

    assert not late.cancelled()


async def test_a_sender_that_leaves_takes_no_batch_from_the_others():
    (shared,) = batches(1)
    waiting = asyncio.create_task(confirmed({shared}))
    await asyncio.sleep(0)

    waiting.cancel()
    await asyncio.wait({waiting})

    assert not shared.cancelled()
