"""Decisions on a real PostgreSQL: a storm, a second hearing, and messages that gather meanwhile."""

import asyncio
import random
from collections import Counter, defaultdict
from datetime import date, timedelta

import asyncpg
import pytest
from asyncpg import CheckViolationError

from sealwatch.contracts.codec import Received
from sealwatch.shell.audience import Remembered, asked
from sealwatch.shell.db import open_engine
from sealwatch.shell.migrate import migrate
from sealwatch.shell.policies import load_policy
from sealwatch.shell.settings import AlertsSettings
from sealwatch_alerts import store
from sealwatch_alerts.attempt import Conclusion
from sealwatch_alerts.hear import hear
from sealwatch_alerts.strategies import Shelf
from tests.factories import NOON, level_change

SHELF = Shelf(load_policy(None))
TOPIC = "sealwatch.level-changes.v1"
LEASE, ROOM = timedelta(seconds=60), store.Room(1_000, 1_000, {})
MINUTE = timedelta(minutes=1)
WORDS = ("low", "medium", "high", "serious")
DEPARTMENTS = 5
FORGET = "truncate alerting.notices, alerting.paces, alerting.decisions"


class Desk:
    """The service without Kafka and without a network; the clock is an argument."""

    def __init__(self, engine, watch):
        self.engine, self.watch = engine, watch

    async def subscribe(self, number, department="D", minimum_level=1):
        await self.watch.execute(
            "insert into registry.subscriptions (subscription_id, organisation_id, department, url, "
            "secret_sealed, minimum_level) values ($1, 'centre', $2, 'https://x.example', '', $3)",
            number.to_bytes(16, "big"), department, minimum_level,
        )  # fmt: skip

    async def everything(self):
        tables = ("notices", "decisions", "deliveries", "actions", "paces")
        sql = "select * from alerting.{} order by 1, 2"
        return [await self.rows(sql.format(one)) for one in tables]

    async def silence(self, products, categories, most):
        await self.watch.execute(
            "insert into registry.silences (silence_id, organisation_id, products, categories, reason, "
            "owner, starts_at, expires_at, created_at, matched_products, most_products) "
            "values ($1, 'centre', $2, $3, 'known', 'centre/a', $4, $5, $4, 1, $6)",
            b"s" * 16, products, categories, NOON, NOON + timedelta(hours=1), most,
        )  # fmt: skip

    async def hear(self, changes, now, audience=asked):
        values = [change.model_dump_json().encode() for change in changes]
        records = [Received(TOPIC, 0, n, 0, b"P", value, ()) for n, value in enumerate(values)]
        async with self.engine.begin() as connection:
            await hear(connection, records, now, SHELF, audience)

    async def claim(self, now):
        async with self.engine.begin() as connection:
            return await store.claim(connection, now, LEASE, ROOM)

    async def deliver(self, now):
        """Deliver all that is due, one change of a product after the other, and return it."""
        sent = []
        while due := await self.claim(now):
            done = [store.Done(one, Conclusion("delivered", "delivered", ""), now, now) for one in due]
            async with self.engine.begin() as connection:
                await store.conclude(connection, done)
            sent.extend(due)
        return sent

    async def rows(self, sql, *values):
        return [tuple(row) for row in await self.watch.fetch(sql, *values)]


@pytest.fixture(scope="module")
async def tables(postgres):
    url = postgres.fresh()
    await migrate(url, date(2026, 3, 1))
    settings = AlertsSettings(database_url=url, secrets_key="unused")
    engine = open_engine(settings, "sealwatch_alerts", application="test")
    watch = await asyncpg.connect(url)
    await watch.execute("insert into registry.organisations values ('centre', 'Centre')")
    yield Desk(engine, watch)
    await watch.close()
    await engine.dispose()


@pytest.fixture
async def desk(tables):
    """Lend the tables, empty; the database is the module's."""
    await tables.watch.execute(f"{FORGET}, registry.subscriptions, registry.silences cascade")
    return tables


def storm():
    """Return 10,000 changes of 200 products in order, a hundredth of them to the top level."""
    drawn, now_at, made = random.Random(7), defaultdict(lambda: "low"), []  # noqa: S311  # a plan, not a secret
    sequences = Counter()
    for _ in range(10_000):
        product = f"P{drawn.randrange(200)}"
        top = drawn.random() < 0.01
        after = "serious" if top else drawn.choice([w for w in WORDS[:3] if w != now_at[product]])
        if after != now_at[product]:
            sequences[product] += 1
            levels = {"before": now_at[product], "after": after}
            enterprise = f"E{int(product[1:]) % 40}"
            made.append(level_change(product, sequences[product], **levels, enterprise_id=enterprise))
            now_at[product] = after
    return made


async def blow(desk, changes, seconds):
    """Hear the changes within so many seconds, in polls, and return what is sent in each."""
    polls = 50
    size, sent = -(-len(changes) // polls), []
    for n in range(polls):
        now = NOON + timedelta(seconds=seconds * n / polls)
        await desk.hear(changes[n * size : (n + 1) * size], now)
        sent.append(await desk.deliver(now))
    quiet = [NOON + timedelta(seconds=seconds) + minute * MINUTE for minute in range(1, 10)]
    return sent, [await desk.deliver(at) for at in quiet]


def places(changes):
    return [(one.product_id, one.sequence) for one in changes]


async def test_a_storm_is_ten_messages_a_department_and_every_change_is_in_one(desk):
    changes = storm()
    for number in range(DEPARTMENTS):
        await desk.subscribe(number, f"D{number}")

    during, after = await blow(desk, changes, 60)

    sent = [one for due in (*during, *after) for one in due]
    for number in range(DEPARTMENTS):
        mine = [one.told for one in sent if one.subscription_id == number.to_bytes(16, "big")]
        listed = [member for one in mine for member in (*one.members, *([one.change] if one.change else []))]
        messages = [one for one in mine if one.change is None or one.change.after != "serious"]
        assert len(messages) <= 10
        assert sorted(places(listed)) == sorted(places(changes))


async def test_in_a_storm_the_top_level_is_told_alone_within_its_own_poll(desk):
    changes = storm()
    await desk.subscribe(1, minimum_level=1)

    during, after = await blow(desk, changes, 60)

    size = -(-len(changes) // len(during))
    told = [places(one.told.change for one in due if one.told.change) for due in during]
    grave = [[c for c in changes[n * size :][:size] if c.after == "serious"] for n in range(len(during))]
    assert all(set(places(some)) <= set(alone) for some, alone in zip(grave, told, strict=True))
    assert not [one for due in after for one in due if one.told.change]


async def test_changes_heard_again_decide_nothing_anew(desk):
    changes = storm()[:600]
    await desk.subscribe(1)
    await desk.subscribe(2, minimum_level=4)
    await desk.hear(changes, NOON)
    before = await desk.everything()

    await desk.hear(changes, NOON + MINUTE)
    await desk.hear([*changes, *changes], NOON + MINUTE)

    assert await desk.everything() == before
    assert len(before[1]) == 2 * len(before[0]) - 2 * await desk.watch.fetchval(
        "select count(*) from alerting.notices where decision = 'quiet'"
    )


async def test_a_change_that_comes_twice_in_one_poll_is_decided_once(desk):
    await desk.subscribe(1)

    await desk.hear(
        [level_change(), level_change(), level_change(sequence=2, before="high"), level_change()], NOON
    )

    assert await desk.rows("select sequence, outcome from alerting.decisions order by 1") == [
        (1, "tell"),
        (2, "quiet"),
    ]


async def test_what_is_cut_into_other_polls_is_told_in_the_same_messages(desk):
    changes = storm()[:300]
    await desk.subscribe(1)
    for change in changes:
        await desk.hear([change], NOON)
    one_by_one = await desk.rows("select notice_id, reason, delivery_id from alerting.decisions order by 1")

    await desk.watch.execute(f"{FORGET} cascade")
    await desk.hear(changes, NOON)

    assert (
        await desk.rows("select notice_id, reason, delivery_id from alerting.decisions order by 1")
        == one_by_one
    )


async def test_nothing_is_added_to_a_message_that_is_on_its_way(desk):
    await desk.subscribe(1)
    await desk.hear([level_change(f"P{n}") for n in range(8)], NOON)
    (gathering,) = await desk.rows(
        "select delivery_id, next_attempt_at from alerting.deliveries where grouped"
    )

    claimed = [one for one in await desk.claim(gathering[1]) if one.told.members]
    await desk.hear([level_change("P9")], NOON + MINUTE)  # by a clock that is behind that of the sender

    assert [len(one.told.members) for one in claimed] == [3]
    assert await desk.watch.fetchval(
        "select count(*) from alerting.decisions where delivery_id = $1", gathering[0]
    ) == len(claimed[0].told.members)


async def test_a_message_that_somebody_adds_to_is_not_claimed_until_that_is_written(desk):
    await desk.subscribe(1)
    await desk.hear([level_change(f"P{n}") for n in range(6)], NOON)
    (due,) = await desk.watch.fetchrow("select next_attempt_at from alerting.deliveries where grouped")
    last = level_change("P9").model_dump_json().encode()
    async with desk.engine.begin() as connection:
        await hear(connection, [Received(TOPIC, 0, 0, 0, b"P", last, ())], due - MINUTE, SHELF)

        meanwhile = [one for one in await desk.claim(due) if one.told.members]

    after = [one for one in await desk.claim(due) if one.told.members]
    assert (meanwhile, [len(one.told.members) for one in after]) == ([], [2])


async def test_two_replicas_share_the_pace_of_a_department(desk):
    await desk.subscribe(1)
    halves = [[level_change(f"{side}{n}", enterprise_id=None) for n in range(40)] for side in "AB"]

    await asyncio.gather(*(desk.hear([one], NOON) for pair in zip(*halves, strict=True) for one in pair))

    assert await desk.rows("select grouped, count(*) from alerting.deliveries group by 1 order by 1") == [
        (False, 5),
        (True, 1),
    ]
    assert await desk.watch.fetchval("select count(*) from alerting.decisions") == 80


async def test_a_silence_keeps_a_department_quiet_with_its_id_on_record_and_never_the_top_level(desk):
    await desk.subscribe(1)
    await desk.silence(["P1"], None, 1)

    await desk.hear([level_change(), level_change(sequence=2, before="high", after="serious")], NOON)
    await desk.hear([level_change(sequence=3, before="serious", after="low")], NOON + MINUTE)
    await desk.hear([level_change(sequence=4)], NOON + timedelta(hours=1))

    assert await desk.rows(
        "select sequence, outcome, reason, rule_id from alerting.decisions order by 1"
    ) == [
        (1, "quiet", "silenced", b"s" * 16),
        (2, "tell", "first_notice", None),
        (3, "tell", "all_clear", None),
        (4, "tell", "escalated", None),
    ]


async def test_a_silence_that_grew_beyond_its_scope_stops_until_somebody_else_approves_it(desk):
    await desk.subscribe(1)
    await desk.silence(None, ["labels"], 2)

    for n in range(5):
        await desk.hear([level_change(f"P{n}")], NOON)
    stopped = await desk.rows("select reason from alerting.decisions order by product_id")
    await desk.watch.execute("update registry.silences set approved_by = 'centre/b', approved_at = $1", NOON)
    await desk.hear([level_change("P9")], NOON)

    assert [reason for (reason,) in stopped] == ["silenced"] * 3 + ["first_notice"] * 2
    assert (
        await desk.watch.fetchval("select reason from alerting.decisions where product_id = 'P9'")
        == "silenced"
    )


async def test_a_level_makes_exactly_its_actions_with_their_days(desk):
    await desk.hear([level_change(), level_change(sequence=2, before="high", after="serious")], NOON)

    made = await desk.rows(
        "select level, action, due_at - reached_at from alerting.actions order by 1, position"
    )

    week, none = timedelta(days=7), timedelta(0)
    assert made == [
        (3, "special monitoring", week),
        (3, "spot check", week),
        (4, "report to the General Administration", none),
        (4, "assess a recall", none),
        (4, "investigate", none),
    ]


async def test_a_decision_that_cannot_be_written_takes_the_notice_back_with_it(desk):
    await desk.subscribe(1)
    await desk.watch.execute("alter table alerting.decisions add constraint none check (false) not valid")

    with pytest.raises(CheckViolationError):
        await desk.hear([level_change()], NOON)
    await desk.watch.execute("alter table alerting.decisions drop constraint none")

    assert await desk.watch.fetchval("select count(*) from alerting.notices") == 0


async def told(desk):
    return await desk.rows(
        "select product_id, outcome, reason from alerting.decisions order by 1, subscription_id"
    )


async def test_who_is_remembered_is_read_again_once_somebody_subscribes(desk):
    audience = Remembered().asked
    await desk.subscribe(1)
    await desk.hear([level_change("P1")], NOON, audience)
    await desk.subscribe(2)

    await desk.hear([level_change("P2")], NOON, audience)

    assert await told(desk) == [("P1", "tell", "first_notice"), *[("P2", "tell", "first_notice")] * 2]


async def test_a_silence_stops_within_one_poll_and_counts_what_it_kept_quiet_before_once(desk):
    await desk.subscribe(1)
    await desk.silence(None, ["labels"], 2)
    await desk.hear([level_change("P0", enterprise_id=None)], NOON)

    again = level_change("P0", 2, before="high", after="medium", enterprise_id=None)
    await desk.hear([again, *(level_change(f"P{n}", enterprise_id=None) for n in range(1, 5))], NOON)

    found = await desk.rows("select product_id, reason from alerting.decisions order by product_id, sequence")
    quiet = [product_id for product_id, reason in found if reason == "silenced"]
    assert (quiet, len(found)) == (["P0", "P0", "P1", "P2"], 6)


async def test_who_is_remembered_is_read_again_once_somebody_is_silenced_or_left(desk):
    audience = Remembered().asked
    await desk.subscribe(1)
    await desk.hear([level_change("P1")], NOON, audience)
    await desk.silence(["P2"], None, 20)

    await desk.hear([level_change("P2")], NOON, audience)
    await desk.watch.execute("update registry.subscriptions set deleted_at = now()")
    await desk.hear([level_change("P3")], NOON, audience)

    assert await told(desk) == [("P1", "tell", "first_notice"), ("P2", "quiet", "silenced")]
