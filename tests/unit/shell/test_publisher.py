import asyncio

import pytest

from sealwatch.contracts.codec import Record
from sealwatch.errors import BrokerUnavailable
from sealwatch.shell.kafka import Publisher

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
