import asyncio

import pytest

from sealwatch.errors import BrokerUnavailable
from sealwatch_scorer.ahead import Ahead
from tests.factories import inspection, received


class Source:
    """Polls that are given out one by one; what is an error is raised."""

    def __init__(self, *polls):
        self.polls = list(polls)
        self.asked = 0

    async def __call__(self):
        self.asked += 1
        found = self.polls.pop(0) if self.polls else []
        if isinstance(found, Exception):
            raise found
        return found


def lots(count, first=0):
    return [received(inspection(event_id=f"e{n}"), offset=n) for n in range(first, first + count)]


async def test_the_next_poll_is_read_while_the_last_one_is_in_hand():
    source = Source(lots(3), lots(2, first=3))
    ahead = Ahead(source)

    first = await ahead.next()
    await asyncio.sleep(0)
    asked_meanwhile = source.asked
    second = await ahead.next()
    await ahead.drop()

    assert asked_meanwhile == 2
    assert [one.record.offset for one in first + second] == [0, 1, 2, 3, 4]


async def test_never_more_than_one_poll_is_read_ahead():
    source = Source(lots(1), lots(1, first=1), lots(1, first=2))
    ahead = Ahead(source)

    await ahead.next()
    for _ in range(10):
        await asyncio.sleep(0)
    asked = source.asked
    await ahead.drop()

    assert asked == 2


async def test_what_was_read_before_a_drop_is_never_given_out():
    source = Source(lots(1), lots(1, first=1), lots(1, first=7))
    ahead = Ahead(source)
    await ahead.next()

    await ahead.drop()
    after = await ahead.next()
    await ahead.drop()

    assert [one.record.offset for one in after] == [7]


async def test_trouble_met_ahead_is_raised_when_its_turn_comes_and_not_before():
    ahead = Ahead(Source(lots(1), BrokerUnavailable("gone")))

    first = await ahead.next()

    with pytest.raises(BrokerUnavailable):
        await ahead.next()
    assert len(first) == 1


async def test_many_records_are_decoded_in_slices_and_none_is_lost():
    ahead = Ahead(Source(lots(1_001)))

    found = await ahead.next()
    await ahead.drop()

    assert [one.record.offset for one in found] == list(range(1_001))


async def test_what_comes_while_a_small_poll_waits_goes_with_it():
    ahead = Ahead(Source(lots(1)), more=Source(lots(2, first=1)))

    found = await ahead.next()
    await ahead.drop()

    assert [one.record.offset for one in found] == [0, 1, 2]


async def test_a_large_poll_waits_for_nothing_more():
    more = Source()
    ahead = Ahead(Source(lots(100)), more=more)

    await ahead.next()
    await ahead.drop()

    assert more.asked == 0


async def test_trouble_with_what_came_meanwhile_costs_no_record_that_was_read():
    ahead = Ahead(Source(lots(1)), more=Source(BrokerUnavailable("gone")))

    first = await ahead.next()

    with pytest.raises(BrokerUnavailable):
        await ahead.next()
    assert [one.record.offset for one in first] == [0]
