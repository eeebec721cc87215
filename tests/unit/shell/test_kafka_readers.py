import asyncio
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError

from sealwatch.errors import BrokerUnavailable
from sealwatch.shell.kafka import Tailer

PART = TopicPartition("registry", 0)


async def nothing():
    return None


async def refused(*_, **__):
    raise TopicAuthorizationFailedError({"registry"})


async def silent(*_, **__):
    await asyncio.Event().wait()


async def tailing(**answers):
    """Return a reader that has started on a client that then answers like this."""

    async def ends(_):
        return {PART: 3}

    client = SimpleNamespace(
        start=nothing, stop=nothing, assignment=lambda: {PART}, end_offsets=ends, **answers
    )
    tailer = Tailer("nowhere", "registry", make=lambda *_, **__: client, deadline=0.01)
    await tailer.start()
    return tailer


@pytest.mark.parametrize("answer", [refused, silent])
async def test_a_poll_that_fails_or_never_ends_says_that_kafka_is_unavailable(answer):
    tailer = await tailing(getmany=answer)

    with pytest.raises(BrokerUnavailable):
        await tailer.poll()


@pytest.mark.parametrize("answer", [refused, silent])
async def test_a_position_that_is_not_told_says_that_kafka_is_unavailable(answer):
    tailer = await tailing(position=answer)

    with pytest.raises(BrokerUnavailable):
        await tailer.caught_up()


@pytest.mark.parametrize(("position", "complete"), [(2, False), (3, True)])
async def test_a_topic_is_read_whole_once_its_end_at_the_start_was_reached(position, complete):
    async def told(_):
        return position

    tailer = await tailing(position=told)

    assert await tailer.caught_up() == complete
