"""Who gets a place at an endpoint: the top level first, and more as the endpoint answers."""

import asyncio

import pytest

from sealwatch_alerts.gate import Gate


class Queue:
    """Visitors of a gate, each of which stays until it is let go."""

    def __init__(self, most, width):
        self.gate, self.inside, self.tasks = Gate(most, width), [], {}

    async def visit(self, name, *, urgent=False):
        async with self.gate.place(urgent=urgent):
            self.inside.append(name)
            await asyncio.Event().wait()

    async def comes(self, *names, urgent=False):
        self.tasks |= {name: asyncio.create_task(self.visit(name, urgent=urgent)) for name in names}
        await self.settled()

    async def leaves(self, name):
        self.tasks[name].cancel()
        await self.settled()

    async def settled(self):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_what_is_urgent_is_let_in_before_all_that_came_earlier():
    queue = Queue(1, 1)
    await queue.comes("a", "b", "c")
    await queue.comes("serious", urgent=True)

    await queue.leaves("a")

    assert queue.inside == ["a", "serious"]


async def test_all_others_are_let_in_as_they_came():
    queue = Queue(1, 1)
    await queue.comes("a", "b", "c")

    await queue.leaves("a")
    await queue.leaves("b")

    assert queue.inside == ["a", "b", "c"]


@pytest.mark.parametrize(("urgent", "inside"), [(False, 1), (True, 4)])
async def test_a_narrow_gate_is_narrow_but_for_what_is_urgent(urgent, inside):
    queue = Queue(4, 1)

    await queue.comes(*"abcdef", urgent=urgent)

    assert len(queue.inside) == inside


async def test_a_gate_that_is_widened_lets_in_who_waits():
    queue = Queue(4, 1)
    await queue.comes(*"abcdef")

    queue.gate.widen(2)
    await queue.settled()

    assert queue.inside == ["a", "b"]


@pytest.mark.parametrize("gone", ["a", "b"])
async def test_who_goes_away_keeps_no_place(gone):
    queue = Queue(1, 1)
    await queue.comes("a", "b", "c")

    await queue.leaves(gone)
    await queue.leaves({"a": "b", "b": "a"}[gone])

    assert queue.inside[-1] == "c"
