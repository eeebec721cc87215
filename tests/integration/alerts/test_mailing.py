"""Warnings by e-mail from the change to the acknowledgement, on real servers."""

from datetime import timedelta

import pytest

from sealwatch.shell.clock import utc_now
from sealwatch.shell.settings import AlertsSettings
from sealwatch_alerts.mailing.wiring import by_mail
from sealwatch_alerts.store import Room
from sealwatch_alerts.strategies import Shelf
from tests.factories import level_change
from tests.integration.alerts.letterbox import POLICY, letterbox, tables

ROOM = Room(10, 2, {})
HARD = "550 5.1.1 no such user"


@pytest.fixture(scope="module")
async def shared(postgres):
    async with tables(postgres) as made:
        yield made


@pytest.fixture
async def box(shared):
    async with letterbox(*shared) as made:
        yield made


async def turns(box, number):
    for _ in range(number):
        await box.registrar.turn()


async def test_nothing_but_the_question_is_sent_before_an_address_says_yes(box):
    await box.subscribe(language="zh")
    await box.change(level_change(after="serious"))
    await box.registrar.turn()
    await box.registrar.turn()
    await box.deliver(box.counts(pending=1))
    asked = list(box.post.letters)

    page = await box.http.get(box.link(asked[0]))
    await box.deliver(box.counts(pending=1))
    answer = await box.http.post(box.link(asked[0]))
    await box.deliver(box.counts(delivered=1))

    assert [one["subject"] for one in asked] == ["请确认：Dep的风险预警邮件"]  # noqa: RUF001  # Chinese punctuation
    assert (page.status_code, answer.status_code) == (200, 200)
    assert len(box.post.letters) == 2
    assert box.post.letters[1]["subject"] == "【严重风险（红色）】P1：上报总局"  # noqa: RUF001  # Chinese punctuation


async def test_a_letter_names_the_product_as_it_was_described(box):
    await box.watch.execute(
        "insert into registry.products values ('P1', 1, $1, 'labels', 3, null, null, null, now(), 'c')",
        "Holo\nBcc: evil@x.example",
    )
    await box.confirmed()
    await box.change(level_change())
    await box.deliver(box.counts(delivered=1))

    assert (
        box.post.letters[0]["subject"] == "[high (orange)] Holo Bcc: evil@x.example (P1): special monitoring"
    )
    assert box.post.letters[0]["bcc"] is None
    assert (
        "Holo Bcc: evil@x.example (P1): low (blue)"
        in (await box.http.get(box.link(box.post.letters[0]))).text
    )


async def test_following_the_link_changes_nothing_and_its_button_acknowledges(box):
    await box.confirmed()
    await box.change(level_change())
    await box.deliver(box.counts(delivered=1))
    link = box.link(box.post.letters[0])

    page = await box.http.get(link)
    before = await box.watch.fetchval("select count(*) from alerting.acknowledgements")
    for _ in range(2):
        await box.http.post(link, data={"name": "Li Wei 李伟", "answer": "sampled <b>12</b>"})
    again = await box.http.get(link)

    rows = await box.watch.fetch("select who, via, answer, organisation_id from alerting.acknowledgements")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert before == 0
    assert [tuple(row) for row in rows] == [("Li Wei 李伟", "link", "sampled <b>12</b>", "centre")]
    assert "Acknowledged by Li Wei 李伟" in again.text


@pytest.mark.parametrize("token", ["x", "k.AAAA.AAAA", "k." + "A" * 40 + "." + "A" * 43])
async def test_a_false_link_is_not_found_and_does_nothing(box, token):
    answers = [await box.http.get(f"/mail/{token}"), await box.http.post(f"/mail/{token}")]

    assert [one.status_code for one in answers] == [404, 404]


async def test_low_changes_wait_for_the_digest_which_one_click_stops(box):
    await box.confirmed(digest=True)
    await box.change(*(level_change(f"P{n}", before="not_assessed", after="medium") for n in range(5)))
    box.later = timedelta(days=1, minutes=1)
    await box.deliver(box.counts(delivered=1))
    digest = box.post.letters[0]

    stopped = await box.http.post(box.link(digest, 1), content=b"List-Unsubscribe=One-Click")
    await box.change(level_change("P9", before="low", after="medium"), level_change("P8", after="high"))
    box.later = timedelta(days=2, minutes=5)
    await box.deliver(box.counts(delivered=2, cancelled=1))

    assert digest["subject"] == "[digest] level changes: 5, products: 5, highest: medium (yellow)"
    assert digest["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert stopped.status_code == 200
    assert box.post.letters[1]["subject"].startswith("[high (orange)] P8")
    assert ("cancelled", "digests_stopped") in await box.states()


async def test_three_hard_bounces_suspend_an_address_and_soft_ones_do_not(box):
    await box.confirmed()
    box.post.at_recipient += ["550 5.7.1 policy", HARD, HARD, HARD]
    for number in range(1, 5):
        await box.change(level_change(f"P{number}"))
        await box.deliver(box.counts(dead=number))
    await box.change(level_change("P5"))
    await box.registrar.turn()

    mailbox = await box.mailbox()
    hard = await box.watch.fetch("select hard, detail from alerting.bounces order by reported_at")
    assert [row["hard"] for row in hard] == [False, True, True, True]
    assert hard[1]["detail"] == HARD
    assert mailbox["suspended_reason"] == "three hard bounces"
    assert ("cancelled", "address_suspended") in await box.states()
    assert box.post.letters == []


async def test_a_temporary_answer_is_tried_again_by_the_schedule_under_the_same_id(box):
    await box.confirmed()
    box.post.at_data.append("452 4.3.1 full")
    await box.change(level_change())
    await box.deliver(lambda: box.watch.fetchval("select count(*) = 1 from alerting.attempts"))
    box.later = timedelta(seconds=7)
    await box.deliver(box.counts(delivered=1))

    tried = await box.watch.fetch("select outcome, status from alerting.attempts order by number")
    assert [tuple(row) for row in tried] == [("unavailable", 452), ("delivered", 250)]


async def test_a_death_between_acceptance_and_commit_repeats_the_letter_under_its_id(box):
    await box.confirmed()
    await box.change(level_change())
    letters = box.letters()
    async with box.engine.begin() as connection:
        [due] = await letters.claim(connection, box.clock(), timedelta(0), ROOM)
    await letters.attempt(due, box.clock())  # and nothing is written of it

    await box.deliver(box.counts(delivered=1))

    assert len(box.post.letters) == 2
    assert len({one["message-id"] for one in box.post.letters}) == 1


@pytest.mark.parametrize("room", [ROOM, Room(10, 0, {}, spare=1)], ids=["room for all", "all places taken"])
async def test_a_serious_letter_waits_for_no_lease_of_its_product(box, room):
    await box.confirmed()
    letters = box.letters()
    await box.change(level_change(before="low"))
    async with box.engine.begin() as connection:
        await letters.claim(connection, box.clock(), timedelta(minutes=1), ROOM)
    await box.change(level_change(sequence=2, before="high", after="serious"))

    async with box.engine.begin() as connection:
        due = await letters.claim(connection, box.clock(), timedelta(minutes=1), room)

    assert [one.told.change.sequence for one in due] == [2]


async def test_beyond_its_pace_a_mailbox_gets_only_the_top_level(box):
    await box.confirmed()
    box.pace = 2
    await box.change(*(level_change(f"P{n}") for n in range(2)))
    await box.deliver(box.counts(delivered=2))
    await box.change(level_change("P7"), level_change("P8", after="serious"))
    await box.deliver(box.counts(delivered=3, pending=1))
    paced = [one["subject"] for one in box.post.letters]
    box.later = timedelta(minutes=11)
    await box.deliver(box.counts(delivered=4))

    assert paced[2].startswith("[serious (red)] P8")
    assert len(box.post.letters) == 4


async def test_a_refused_question_is_kept_with_its_reason_and_can_be_asked_again(box):
    box.post.at_recipient.append(HARD)
    await box.subscribe()
    await box.registrar.turn()
    await box.registrar.turn()

    mailbox = await box.mailbox()
    assert (mailbox["asked_at"], mailbox["asking_failed"]) == (None, HARD)
    assert mailbox["next_attempt_at"] is None
    assert box.post.letters == []


async def test_a_stranger_gets_three_questions_a_day_however_many_organisations_ask(box):
    for number in range(5):
        organisation = f"org-{number}"
        await box.watch.execute(
            "insert into registry.organisations values ($1, $1) on conflict do nothing", organisation
        )
        await box.subscribe(number, f"{'sS'[number % 2]}tranger@dep.example")
        await box.watch.execute(
            "update registry.subscriptions set organisation_id = $1 where subscription_id = $2",
            organisation, number.to_bytes(16, "big"),
        )  # fmt: skip
    await turns(box, 6)
    today = len(box.post.letters)
    box.later = timedelta(hours=23)
    await turns(box, 2)
    still = len(box.post.letters)

    box.later = timedelta(hours=25)
    await turns(box, 6)

    assert (today, still, len(box.post.letters)) == (3, 3, 5)


async def test_what_waits_for_an_address_that_never_says_yes_is_ended(box):
    await box.subscribe()
    await box.change(level_change())
    box.later = timedelta(days=1, minutes=1)
    await box.registrar.turn()

    assert await box.states() == [("cancelled", "unconfirmed")]


async def test_a_mail_server_that_is_away_costs_nothing(box):
    await box.confirmed()
    box.post.slow = 3.0
    await box.change(level_change())
    await box.deliver(lambda: box.watch.fetchval("select count(*) = 1 from alerting.attempts"))

    assert (await box.states())[0][0] == "pending"


async def test_the_settings_make_the_whole_way(box):
    mail = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none"}
    ours = {"mail_from": "监测中心 <watch@centre.example>", "public_url": "https://watch.example"}
    keys = {"link_keys": "k:" + "a2tr" * 11, "database_url": "postgresql://unused", "secrets_key": "unused"}
    way = by_mail(AlertsSettings(**mail, **ours, **keys), box.engine, Shelf(POLICY), utc_now)

    await box.subscribe()
    await way.registrar.turn()
    await way.channel.close()

    [asked] = box.post.letters
    assert asked["from"] == "监测中心 <watch@centre.example>"
    assert asked["message-id"].endswith("@centre.example>")
    assert box.post.envelopes == [("watch@centre.example", ["duty@dep.example"])]
