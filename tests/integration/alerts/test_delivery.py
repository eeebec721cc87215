"""Notices and deliveries on a real PostgreSQL, to a real receiver on loopback."""

from datetime import datetime, timedelta

import pytest

from sealwatch.contracts.codec import Received
from sealwatch.contracts.topics import DEAD_LETTERS
from sealwatch.errors import Fenced
from sealwatch.risk.policy import Level
from sealwatch.shell.clock import utc_now
from sealwatch_alerts import store
from sealwatch_alerts.decisions.store import Place, advance, positions
from sealwatch_alerts.hear import hear
from tests.factories import level_change
from tests.integration.alerts.office import POLICY, TOPIC

ENDPOINT = (1).to_bytes(16, "big")
RETRIED = """
update alerting.deliveries set failures = $1, next_attempt_at = now() + interval '1 h' where sequence = 1
"""


async def test_a_change_heard_twice_is_delivered_once_and_verified(office):
    await office.subscribe(language="zh")
    await office.change(level_change())
    await office.change(level_change())

    await office.deliver(office.pending_is(0))

    ((_, _, body),) = office.receiver.took
    assert body["data"]["headline"].startswith("预警")
    assert await office.states() == [("delivered", "")]
    assert await office.attempts() == [(1, 204, "delivered")]


@pytest.mark.parametrize(
    ("version", "actions"),
    [
        ("centre.7", ["Seal every shelf of it"]),
        (POLICY.version, list(POLICY.coping[Level.HIGH].actions)),
    ],
)
async def test_a_warning_says_what_is_to_be_done_under_the_version_that_made_the_level(
    office, version, actions
):
    await office.subscribe()
    await office.publish("centre.7", high="Seal every shelf of it")
    await office.change(level_change(policy_version=version))

    await office.deliver(office.pending_is(0))

    ((_, _, body),) = office.receiver.took
    assert body["data"]["coping"]["actions"] == actions


async def test_what_is_to_be_done_is_not_taken_from_another_version_where_its_own_is_unknown(office):
    await office.subscribe()
    await office.change(level_change(policy_version="nobody's"))

    await office.deliver(office.pending_is(0))

    ((_, _, body),) = office.receiver.took
    assert (body["data"]["policy_version"], body["data"]["coping"]) == ("nobody's", None)


async def test_only_whoever_asked_is_told(office):
    await office.subscribe("/all", 1)
    await office.subscribe("/grave", 2, minimum_level=4)
    await office.subscribe("/elsewhere", 3, regions=["310000"])
    await office.change(level_change())

    await office.deliver(office.pending_is(0))

    assert office.receiver.paths() == {"/all": 1}


async def test_a_quiet_notice_is_kept_with_its_reason(office):
    await office.subscribe()

    await office.change(level_change(before="not_assessed", after="low"))

    row = await office.watch.fetchrow("select decision, reason from alerting.notices")
    assert tuple(row) == ("quiet", "at_start_level")
    assert await office.states() == []


async def test_an_unreadable_record_holds_up_nobody(office):
    await office.subscribe()

    beyond = level_change("P9", changed_at="9999-12-31T00:00:00+00:00").model_dump_json().encode()

    await office.hear(
        b"nonsense", b'{"a": "\\u0000"}', None, beyond, level_change().model_dump_json().encode()
    )

    assert len(await office.states()) == 1


async def test_an_unreadable_record_becomes_a_letter_with_its_address_and_its_bytes_just_once(office):
    await office.hear(b"nonsense", level_change().model_dump_json().encode())
    await office.hear(b"nonsense")

    rows = await office.watch.fetch(
        'select topic, "offset", body, error_class, reason, state from scoring.dead_letters'
    )
    told = await office.watch.fetch("select topic, key, value from scoring.outbox order by outbox_id limit 1")

    assert [tuple(row) for row in rows] == [
        (TOPIC, 0, b"nonsense", "unreadable", "undecodable (body)", "open")
    ]
    assert [tuple(row) for row in told] == [(DEAD_LETTERS.name, b"P1", b"nonsense")]


async def test_a_letter_is_written_with_the_position_or_not_at_all(office):
    record = Received(TOPIC, 0, 0, 0, b"P1", b"nonsense", ())

    async def fenced():
        async with office.engine.begin() as connection:
            await hear(connection, [record], utc_now(), office.shelf)
            await advance(connection, TOPIC, {0: Place(5)}, {0: Place(6)})

    with pytest.raises(Fenced):
        await fenced()

    assert await office.watch.fetchval("select count(*) from scoring.dead_letters") == 0
    assert await office.watch.fetchval("select count(*) from scoring.outbox") == 0


async def test_a_retry_carries_the_same_id(office):
    office.receiver.plan["/hook"] = [500, 204]
    await office.subscribe()
    await office.change(level_change())
    await office.deliver(office.attempts_are(1))
    await office.hurry()

    await office.deliver(office.pending_is(0))

    assert len({name for _, name, _ in office.receiver.took}) == 1
    assert await office.attempts() == [(1, 500, "unavailable"), (2, 204, "delivered")]


async def test_an_answer_that_says_who_saw_it_acknowledges(office):
    await office.subscribe()
    office.receiver.plan["/hook"] = [200]
    office.receiver.body = b'{"acknowledged": {"who": "Li", "answer": "sampled"}}'
    await office.change(level_change())
    await office.deliver(office.pending_is(0))

    rows = await office.watch.fetch("select organisation_id, who, via, answer from alerting.acknowledgements")
    assert [tuple(row) for row in rows] == [("centre", "Li", "webhook", "sampled")]


async def test_a_redirect_is_not_followed(office):
    office.receiver.plan["/hook"] = [302]
    await office.subscribe()
    await office.change(level_change())

    await office.deliver(office.attempts_are(1))

    assert office.receiver.paths() == {"/hook": 1}
    assert await office.attempts() == [(1, 302, "unavailable")]


async def test_gone_disables_the_endpoint_and_cancels_what_waits_for_it(office):
    office.receiver.plan["/hook"] = [410]
    await office.subscribe()
    await office.change(level_change(), level_change(sequence=2, before="high", after="serious"))

    await office.deliver(office.pending_is(0))

    assert [state for state, _ in await office.states()] == ["cancelled", "cancelled"]
    assert await office.watch.fetchval("select disabled_at is not null from alerting.endpoints")
    assert office.receiver.paths() == {"/hook": 1}


async def test_a_private_address_is_refused_without_a_connection(office):
    await office.subscribe()
    await office.change(level_change())

    await office.deliver(office.attempts_are(1), allow_private=False)

    assert office.receiver.took == []
    assert await office.states() == [("pending", "url_not_allowed")]


async def test_one_wrong_answer_of_a_name_server_ends_no_delivery(office):
    await office.subscribe()
    await office.change(level_change(after="serious"))
    await office.deliver(office.attempts_are(1), allow_private=False)
    await office.hurry()

    await office.deliver(office.pending_is(0))

    assert await office.attempts() == [(1, None, "unavailable"), (2, 204, "delivered")]


async def test_a_dead_endpoint_delays_nobody_else(office):
    office.receiver.plan["/dead"] = [0]
    await office.subscribe("/dead", 1)
    await office.subscribe("/well", 2)
    await office.change(*[level_change(f"P{n}", after="serious") for n in range(200)])

    async def well_is_served():
        return office.receiver.paths()["/well"] == 200

    await office.deliver(well_is_served, seconds=30.0, patience=5.0)

    assert office.receiver.paths()["/dead"] == 4


async def test_what_nobody_subscribes_to_any_longer_is_cancelled(office):
    await office.subscribe()
    await office.change(level_change())
    await office.watch.execute("update registry.subscriptions set deleted_at = now()")

    async with office.engine.begin() as connection:
        await store.tidy(connection, utc_now())

    assert await office.states() == [("cancelled", "unsubscribed")]


async def claimed(office, now: datetime) -> list[int]:
    async with office.engine.begin() as connection:
        due = await store.claim(connection, now, timedelta(seconds=60), store.Room(10, 4, {}))
    return [one.told.change.sequence for one in due]


async def two_changes_of_a_product(office):
    await office.subscribe()
    await office.change(level_change(after="medium"), level_change(sequence=2, before="medium"))


async def test_changes_of_a_product_go_out_one_after_the_other(office):
    await two_changes_of_a_product(office)

    rounds = [await claimed(office, utc_now()), await claimed(office, utc_now())]

    assert rounds == [[1], []]


@pytest.mark.parametrize(("failures", "expected"), [(1, []), (2, []), (3, [2])])
async def test_a_later_change_overtakes_one_that_failed_three_times(office, failures, expected):
    await two_changes_of_a_product(office)
    await office.watch.execute(RETRIED, failures)

    assert await claimed(office, utc_now()) == expected


async def test_the_top_level_waits_for_no_other_change_and_for_no_lease(office):
    await office.subscribe()
    await office.change(level_change())
    leased = await claimed(office, utc_now())
    await office.change(level_change(sequence=2, before="high", after="serious"))

    assert (leased, await claimed(office, utc_now())) == ([1], [2])


BACKLOG = 400
NOT_TO = "delete from alerting.deliveries where urgent and subscription_id <> $1"


async def backlog_then_serious(office):
    """Let a Serious be the newest of what is due at an endpoint."""
    await office.subscribe()
    await office.change(*(level_change(f"P{n}", after="serious") for n in range(BACKLOG)))
    await office.hurry()
    await office.watch.execute("update alerting.deliveries set urgent = false")
    await office.change(level_change("P999", sequence=7, after="serious"))


async def claimed_in(office, room):
    async with office.engine.begin() as connection:
        due = await store.claim(connection, utc_now(), timedelta(seconds=60), room)
    return [(one.told.change.sequence, one.urgent) for one in due]


async def test_a_serious_is_claimed_before_the_backlog_of_its_endpoint(office):
    await backlog_then_serious(office)

    first = await claimed_in(office, store.Room(1000, 1, {}))

    assert first == [(7, True)]


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (store.Room(1000, 1, {ENDPOINT: 0}, {ENDPOINT: 4}), [(7, True)]),
        (store.Room(10, 0, {}, {}, spare=1), [(7, True)]),
        (store.Room(1000, 1, {ENDPOINT: 0}, {ENDPOINT: 0}), []),
        (store.Room(1000, 1, {ENDPOINT: -3}, {ENDPOINT: -1}), []),
    ],
    ids=["claimed ahead", "all places taken", "no room at all", "less than none"],
)
async def test_there_is_room_for_a_serious_where_none_is_left_for_others(office, room, expected):
    await backlog_then_serious(office)

    assert await claimed_in(office, room) == expected


async def test_an_endpoint_with_a_serious_is_claimed_for_before_others(office):
    for number in range(2, 30):
        await office.subscribe(f"/{number}", number)
    await office.change(level_change(), level_change("P2"))
    await office.subscribe("/hook", 1, minimum_level=4)
    await office.change(level_change("P999", sequence=7, after="serious"))
    await office.watch.execute(NOT_TO, ENDPOINT)

    assert await claimed_in(office, store.Room(1, 1, {})) == [(7, True)]


async def test_the_top_level_is_not_superseded_by_the_fall_after_it(office):
    await office.subscribe()
    await office.change(level_change(after="serious"), level_change(sequence=2, before="serious"))
    await office.watch.execute(RETRIED, 3)

    await office.deliver(office.attempts_are(1))

    assert [state for state, _ in await office.states()] == ["pending", "delivered"]


async def test_an_overtaken_change_is_superseded_and_never_sent_after_the_newer_one(office):
    await two_changes_of_a_product(office)
    await office.watch.execute(RETRIED, 3)

    await office.deliver(office.pending_is(0))

    assert await office.states() == [("cancelled", "superseded"), ("delivered", "")]


@pytest.mark.parametrize(
    ("afterwards", "told"),
    [
        ((level_change(sequence=2, before="serious", after="low"),), {1, 2}),
        (
            (
                level_change(sequence=2, before="serious", after="high"),
                level_change(sequence=3, before="high", after="serious"),
            ),
            {1, 3},
        ),
    ],
    ids=["by an all-clear it is not", "nor by another one, which waits for no fall"],
)
async def test_a_serious_level_is_not_swallowed(office, afterwards, told):
    await office.subscribe()
    await office.change(level_change(after="serious"), *afterwards)
    await office.watch.execute(RETRIED, 3)

    await office.deliver(lambda: serious_alone_waits(office, len(told)))
    await office.hurry()
    await office.deliver(office.pending_is(0))

    assert {body["data"]["sequence"] for *_, body in office.receiver.took} == told


async def test_a_serious_that_is_heard_of_after_the_fall_is_told_late(office):
    await office.subscribe()
    await office.change(level_change(sequence=2, before="serious", after="low"))
    await office.deliver(office.pending_is(0))
    await office.change(level_change(after="serious"))
    await office.change(level_change(after="serious"))

    await office.deliver(office.pending_is(0))

    assert [body["data"]["sequence"] for *_, body in office.receiver.took] == [2, 1]


async def serious_alone_waits(office, told):
    """Return whether all but the overtaken one were told, so that it alone may still wait."""
    waits = await office.watch.fetchval("select count(*) from alerting.deliveries where state = 'pending'")
    return waits <= 1 and len(office.receiver.took) >= told - waits


async def test_a_lease_that_ran_out_is_claimed_again(office):
    await office.subscribe()
    await office.change(level_change())
    first = await claimed(office, utc_now())

    again = [await claimed(office, utc_now() + timedelta(seconds=s)) for s in (30, 61)]

    assert (first, again) == ([1], [[], [1]])


async def test_a_position_that_moved_without_us_is_fenced(office):
    async with office.engine.begin() as connection:
        await positions(connection, TOPIC, {0: 7})
        await advance(connection, TOPIC, {0: Place(7)}, {0: Place(9)})

    with pytest.raises(Fenced):
        async with office.engine.begin() as connection:
            await advance(connection, TOPIC, {0: Place(7)}, {0: Place(8)})
