"""What is claimed ahead for an endpoint that answers quickly: more at a time, and nothing held back."""

import asyncio
import json

import pytest

from sealwatch.errors import Unavailable
from sealwatch.shell.clock import utc_now
from sealwatch.shell.secrets import Seal
from sealwatch_alerts.attempt import Outcome
from sealwatch_alerts.carriers import Webhooks
from sealwatch_alerts.deliver import Sender
from sealwatch_alerts.strategies import Shelf
from tests.factories import level_change
from tests.integration.alerts.office import KEY, POLICY
from tests.integration.alerts.office_of_api import office as opened
from tests.integration.alerts.office_of_api import tables

LEASED = "select count(*) from alerting.deliveries where leased_until is not null and state = 'pending'"
DELIVERED = "select count(*) from alerting.deliveries where state = 'delivered'"


class Line:
    """A channel that lets attempts end when it is told to, and counts how many are under way."""

    def __init__(self):
        self.under_way, self.most, self.open, self.works = 0, 0, asyncio.Semaphore(0), True
        self.sent = []

    async def send(self, request):
        self.sent.append(json.loads(request.body)["data"]["product_id"])
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.open.acquire()
        self.under_way -= 1
        if not self.works:
            raise Unavailable("TimeoutError", kind="timeout")
        return Outcome(204)


class Running:
    """A sender before such a line, with 62 deliveries due to one endpoint; the first two were answered."""

    def __init__(self, office):
        self.office, self.line, self.stopping = office, Line(), asyncio.Event()
        self.began = []
        self.sender = Sender(office.engine, Webhooks(self.line, Seal(KEY), Shelf(POLICY)), utc_now)
        self.sender.places.ahead = 8

    async def until(self, sql, aim):
        async with asyncio.timeout(10):
            while await self.office.value(sql) != aim:  # noqa: ASYNC110  # asked of the tables
                await asyncio.sleep(0.02)

    async def probed(self):
        async with asyncio.timeout(10):
            while not self.line.under_way:  # noqa: ASYNC110  # counted by the line
                await asyncio.sleep(0.02)

    async def begin(self):
        await self.office.subscribe()
        await self.office.change(*(level_change(f"P{n}", after="serious") for n in range(62)))
        await self.office.watch.execute("update alerting.deliveries set urgent = false")
        self.loops = [
            asyncio.create_task(loop(self.stopping)) for loop in (self.sender.run, self.sender.record)
        ]
        self.line.open.release()
        await self.until(LEASED, 16)
        self.began.append(self.line.under_way)
        self.line.open.release()
        await self.until(LEASED, 32)

    async def end(self, answers=100):
        self.stopping.set()
        for _ in range(answers):
            self.line.open.release()
        await asyncio.gather(*self.loops)


@pytest.fixture(scope="module")
async def shared(postgres):
    async with tables(postgres) as made:
        yield made


@pytest.fixture
async def running(shared):
    async with opened(*shared) as office:
        made = Running(office)
        await made.begin()
        yield made
        await made.end()


async def test_an_endpoint_gets_two_at_a_time_before_it_gets_four(running):
    assert running.began == [2]


async def test_a_serious_passes_what_was_claimed_ahead(running):
    await running.office.change(level_change("P999", sequence=7, after="serious"))
    await running.until(LEASED, 33)

    running.line.open.release()
    await running.until(DELIVERED, 3)

    assert running.line.sent[-1] == "P999"


async def test_eight_times_as_many_are_claimed_as_are_under_way(running):
    assert (running.line.under_way, running.line.most) == (4, 4)


async def test_all_of_them_are_delivered_four_at_a_time(running):
    for _ in range(60):
        running.line.open.release()

    await running.until(DELIVERED, 62)

    assert running.line.most == 4


async def test_at_the_end_what_was_not_tried_is_given_back_at_once(running):
    await running.end()

    assert await running.office.value(LEASED) == 0
    assert await running.office.value(DELIVERED) == 2 + 4


async def test_what_waits_for_an_endpoint_that_begins_to_fail_is_given_back_but_for_a_probe(running):
    running.line.works = False
    for _ in range(4):
        running.line.open.release()

    await running.until(LEASED, 1)
    await running.probed()

    assert running.line.under_way == 1
    assert await running.office.value("select count(*) from alerting.attempts") <= 2 + 4 + 1
