"""Owners of endpoints that were switched off are told by e-mail, on a real mail server."""

from datetime import timedelta

import pytest

from sealwatch_alerts.mailing.store import Bounce, record_bounce
from sealwatch_alerts.owners.tell import OwnerDesk
from sealwatch_alerts.store import switch_off
from tests.integration.alerts.letterbox import DESK, letterbox, tables

WHY = "every attempt failed for 120 hours"
OWNER = "owner@dep.example"
HARD = "550 5.1.1 no such user"
ENDPOINT = """
insert into registry.subscriptions (subscription_id, organisation_id, department, url, secret_sealed,
                                    minimum_level, language, contact)
values ($1, 'centre', 'Labels', 'https://hooks.dep.example/in', 'x', 1, $2, $3)
"""


@pytest.fixture(scope="module")
async def shared(postgres):
    async with tables(postgres) as made:
        yield made


@pytest.fixture
async def box(shared):
    await shared[2].execute("truncate alerting.owner_news, alerting.endpoints")
    async with letterbox(*shared) as made:
        yield made


def desk(box):
    return OwnerDesk(box.engine, box.channel, DESK.paper, box.clock)


async def switched_off(box, *numbers, language="en", contact=OWNER, why=WHY):
    """Make endpoints, and switch them off."""
    for number in numbers:
        await box.watch.execute(ENDPOINT, number.to_bytes(16, "big"), language, contact)
    async with box.engine.begin() as connection:
        await switch_off(connection, [(one.to_bytes(16, "big"), why) for one in numbers], box.clock())


async def news(box):
    rows = await box.watch.fetch(
        "select told_at is not null, next_attempt_at is not null, failed from alerting.owner_news "
        "order by news_id"
    )
    return [tuple(row) for row in rows]


async def test_the_owner_gets_one_letter_however_often_anybody_looks(box):
    await switched_off(box, 1)
    for _ in range(3):
        await desk(box).turn()

    [letter] = box.post.letters
    text = letter.get_body(("plain",)).get_content()
    assert letter["subject"] == "Endpoint switched off: Labels"
    assert letter["to"] == OWNER
    assert letter["auto-submitted"] == "auto-generated"
    assert "hooks.dep.example" in text
    assert f"Why: {WHY}" in text
    assert await news(box) == [(True, False, None)]


async def test_it_is_written_in_the_language_of_the_subscription(box):
    await switched_off(box, 1, language="zh", why="status 410: the endpoint is gone")
    await desk(box).turn()

    [letter] = box.post.letters
    assert letter["subject"] == "预警接收端已停用：Labels"  # noqa: RUF001  # Chinese punctuation
    assert "已不存在" in letter.get_body(("plain",)).get_content()


async def test_endpoints_of_one_owner_are_told_together_and_later_ones_an_hour_later(box):
    await switched_off(box, 1, 2)
    await desk(box).turn()
    await switched_off(box, 3)
    await desk(box).turn()
    within_the_hour = len(box.post.letters)
    box.later = timedelta(hours=1, minutes=1)
    await desk(box).turn()

    subjects = [one["subject"] for one in box.post.letters]
    assert within_the_hour == 1
    assert subjects == ["Endpoints switched off: 2", "Endpoint switched off: Labels"]


async def test_an_owner_without_an_address_is_told_once_there_is_one(box):
    await switched_off(box, 1, contact=None)
    await desk(box).turn()
    before = list(box.post.letters)
    await box.watch.execute("update registry.subscriptions set contact = $1", OWNER)
    await desk(box).turn()

    assert before == []
    assert [one["to"] for one in box.post.letters] == [OWNER]
    assert await box.watch.fetchval("select contact from alerting.owner_news") == OWNER


async def test_a_temporary_answer_is_tried_again_under_the_same_id(box):
    box.post.at_data.append("452 4.3.1 full")
    await switched_off(box, 1)
    await desk(box).turn()
    waiting = await news(box)
    await desk(box).turn()
    box.later = timedelta(seconds=7)
    await desk(box).turn()

    assert waiting == [(False, True, "452 4.3.1 full")]
    assert len(box.post.letters) == 1
    assert await news(box) == [(True, False, None)]


async def test_a_death_between_acceptance_and_commit_repeats_the_letter_under_its_id(box):
    await switched_off(box, 1)
    await desk(box).turn()
    await box.watch.execute("update alerting.owner_news set told_at = null, next_attempt_at = now()")
    await desk(box).turn()

    assert len(box.post.letters) == 2
    assert len({one["message-id"] for one in box.post.letters}) == 1


async def test_a_refused_address_is_given_up_with_its_reason(box):
    box.post.at_recipient.append(HARD)
    await switched_off(box, 1)
    await desk(box).turn()
    box.later = timedelta(days=2)
    await desk(box).turn()

    assert await news(box) == [(False, False, HARD)]
    assert box.post.letters == []


async def test_an_address_that_is_suspended_gets_no_letter(box):
    await box.subscribe(number=9, address=OWNER)
    await box.registrar.turn()
    mailbox = await box.mailbox()
    async with box.engine.begin() as connection:
        for number in range(3):
            bounce = Bounce(mailbox["mailbox_id"], bytes([number]) * 16, hard=True, said=HARD)
            await record_bounce(connection, bounce, box.clock())
    box.post.letters.clear()
    await switched_off(box, 1)
    await desk(box).turn()

    assert box.post.letters == []
    assert await news(box) == [(False, False, "the address is suspended")]


async def test_news_older_than_what_can_be_replayed_is_told_to_nobody(box):
    await switched_off(box, 1)
    box.later = timedelta(days=31)
    await desk(box).turn()

    assert box.post.letters == []
