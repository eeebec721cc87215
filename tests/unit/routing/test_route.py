"""Who is told, how, and why the others are not."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealwatch.routing.audience import Audience, Rules, Silence
from sealwatch.routing.history import Gathering, History, Pace, Standing, Told
from sealwatch.routing.route import Cause, Why, notice_id_of, remember, route
from sealwatch.routing.scope import Scope
from tests.factories import NOON, level_change, reader

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ONE = reader()
KEY = ONE.subscription_id


def verdict_on(change, history=None, *, silences=(), one=ONE, rules=None):
    audience = Audience([one], silences)
    (found,) = route(change, audience, history or History(), {"centre": rules or Rules()}, NOON)
    return found


def told(after, ago=MINUTE):
    return History(told={(KEY, "P1"): Told(after, NOON - ago)})


def silence(**parts):
    own = {"silence_id": b"s" * 16, "organisation_id": "centre", "office": None, "approved": True}
    span = {"starts_at": NOON - HOUR, "expires_at": NOON + HOUR, "scope": Scope()}
    return Silence(**{**own, **span, **parts})


def standing(level=3, until=NOON + HOUR):
    return History(standing={(KEY, "E1"): Standing(b"e" * 16, level, until)})


@pytest.mark.parametrize(
    ("levels", "before", "cause"),
    [
        (("low", "high"), History(), Cause.FIRST_NOTICE),
        (("medium", "high"), told(2), Cause.ESCALATED),
        (("high", "serious"), told(3), Cause.ESCALATED),
        (("low", "medium"), told(3), Cause.RAISED_AGAIN),
        (("medium", "high"), told(3, 5 * HOUR), Cause.REPEAT),
        (("high", "medium"), told(3), Cause.ALL_CLEAR),
        (("high", "not_assessed"), told(3), Cause.WITHDRAWN),
    ],
)
def test_a_reader_is_told_what_a_change_is_to_it(levels, before, cause):
    found = verdict_on(level_change(before=levels[0], after=levels[1]), before)

    assert (found.cause, found.reason) == (cause, cause)
    assert found.message.due_at == NOON


@pytest.mark.parametrize(
    ("change", "more", "why"),
    [
        (level_change(), {"one": reader(minimum_level=4)}, Why.BELOW),
        (level_change(before="medium"), {"history": told(3)}, Why.REPEATED),
        (level_change(), {"silences": [silence()]}, Why.SILENCED),
        (level_change(before="high", after="low"), {"silences": [silence()]}, Why.SILENCED),
        (level_change(), {"history": standing()}, Why.INHIBITED),
    ],
)
def test_staying_quiet_has_a_reason(change, more, why):
    found = verdict_on(change, **more)

    assert (found.message, found.reason) == (None, why)


def test_a_silence_and_a_notice_of_the_enterprise_are_named_by_their_ids():
    silenced = verdict_on(level_change(), silences=[silence()])
    inhibited = verdict_on(level_change(), standing())

    assert (silenced.rule_id, inhibited.rule_id) == (b"s" * 16, b"e" * 16)


@pytest.mark.parametrize(
    "parts",
    [
        {"approved": False},
        {"expires_at": NOON},
        {"starts_at": NOON + MINUTE},
        {"organisation_id": "elsewhere"},
        {"office": "another"},
        {"scope": Scope(products=frozenset({"P2"}))},
        {"scope": Scope(regions=frozenset({"31"}))},
    ],
)
def test_a_silence_keeps_to_its_scope_its_time_and_its_approval(parts):
    found = verdict_on(level_change(), silences=[silence(**parts)])

    assert found.reason is Cause.FIRST_NOTICE


@pytest.mark.parametrize(
    "levels", [("high", "serious"), ("not_assessed", "serious"), ("serious", "high"), ("serious", "low")]
)
def test_nothing_keeps_the_top_level_or_its_end_quiet(levels):
    past = told(4)
    past.standing = standing(level=4).standing

    found = verdict_on(level_change(before=levels[0], after=levels[1]), past, silences=[silence()])

    assert found.message is not None


def test_the_top_level_is_told_by_itself_while_others_gather():
    busy = History(paces={KEY: Pace(group=Gathering(b"g" * 16, NOON + MINUTE))})

    grave, usual = (verdict_on(level_change(after=after), busy).message for after in ("serious", "high"))

    assert (grave.grouped, grave.due_at) == (False, NOON)
    assert (usual.grouped, usual.delivery_id, usual.due_at) == (True, b"g" * 16, NOON + MINUTE)


def test_what_is_beyond_the_pace_gathers_and_says_so():
    busy = History(paces={KEY: Pace(told_at=(NOON - MINUTE,) * 5)})

    found = verdict_on(level_change(), busy)

    assert (found.reason, found.cause) == (Why.GROUPED, Cause.FIRST_NOTICE)
    assert found.message.due_at == NOON + 2 * MINUTE


@pytest.mark.parametrize(("after", "digest"), [("medium", True), ("high", False)])
def test_a_digest_gathers_a_day_of_what_is_below_high(after, digest):
    found = verdict_on(level_change(after=after), one=reader(channel="email", digest=True))

    assert (found.message.digest, found.reason is Why.DIGEST) == (digest, digest)
    assert found.message.due_at == NOON + timedelta(days=digest)


def test_many_products_of_an_enterprise_make_one_notice_that_speaks_for_the_next():
    past, rules = History(), {"centre": Rules(inhibit_products=3)}
    reasons = []
    for n in range(4):
        change = level_change(f"P{n}")
        (found,) = route(change, Audience([ONE]), past, rules, NOON)
        remember(past, change, found, rules, NOON)
        reasons.append(found.reason)

    assert reasons == [Cause.FIRST_NOTICE, Cause.FIRST_NOTICE, Why.ENTERPRISE, Why.INHIBITED]
    assert found.rule_id == notice_id_of(level_change("P2"))


def test_a_notice_of_the_enterprise_does_not_speak_for_a_higher_level_or_for_ever():
    higher = verdict_on(level_change(), standing(level=2))
    later = verdict_on(level_change(), standing(until=NOON))

    assert (higher.message is None, later.message is None) == (False, False)


LEVELS = st.sampled_from(["not_assessed", "low", "medium", "high", "serious"])
STEPS = st.lists(st.tuples(st.integers(0, 240), st.integers(0, 5), LEVELS, LEVELS), min_size=1, max_size=120)


def told_in_a_storm(steps, readers, rules):
    """Return what each reader got, in order: the change, the instant and the verdict."""
    now, past, got = NOON, History(), []
    audience = Audience(readers)
    for number, (seconds, product, before, after) in enumerate(steps, 1):
        now += timedelta(seconds=seconds)
        change = level_change(f"P{product}", number, before, after, enterprise_id=None)
        for found in route(change, audience, past, rules, now):
            remember(past, change, found, rules, now)
            got.append((change, now, found))
    return got


@settings(max_examples=200, deadline=None)
@given(STEPS, st.integers(1, 3), st.integers(1, 12))
def test_no_window_holds_more_messages_of_a_department_than_its_rules_allow(steps, subscriptions, most):
    readers = [reader(n) for n in range(subscriptions)]
    rules = {"centre": Rules(most_messages=most)}

    got = told_in_a_storm(steps, readers, rules)

    sent = {
        one.message.delivery_id: one.message.due_at
        for change, _, one in got
        if one.message and change.after != "serious"
    }
    fullest = max(
        (sum(at <= other < at + rules["centre"].window for other in sent.values()) for at in sent.values()),
        default=0,
    )
    assert fullest <= max(most, subscriptions)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_every_change_is_told_in_a_message_or_has_a_reason_and_the_top_level_is_alone_and_at_once(steps):
    got = told_in_a_storm(steps, [reader(minimum_level=2)], {})

    carried = Counter(one.message.delivery_id for _, _, one in got if one.message)
    grave = [(now, one) for change, now, one in got if change.after == "serious"]
    assert len(got) == len(steps)
    assert all(one.message.due_at >= now for _, now, one in got if one.message)
    assert all(one.reason in (Why.BELOW, Why.REPEATED) for _, _, one in got if not one.message)
    assert all(one.message.due_at == at and carried[one.message.delivery_id] == 1 for at, one in grave)


@given(st.integers(2, 12))
def test_a_message_that_has_closed_gathers_nothing_more(minutes):
    late = History(paces={KEY: Pace((NOON,) * 9, Gathering(b"g" * 16, NOON - timedelta(minutes=minutes)))})

    found = verdict_on(level_change(), late)

    assert found.message.delivery_id != b"g" * 16


MINUTES = st.integers(-90, 90).map(lambda minutes: NOON + timedelta(minutes=minutes))
SILENCES = st.lists(
    st.builds(
        lambda number, products, starts_at, minutes, approved: silence(
            silence_id=number.to_bytes(16, "big"),
            scope=Scope(products=frozenset(products)),
            starts_at=starts_at,
            expires_at=starts_at + timedelta(minutes=minutes),
            approved=approved,
        ),
        st.integers(0, 99),
        st.lists(st.sampled_from(["P1", "P2"])),
        MINUTES,
        st.integers(1, 120),
        st.booleans(),
    ),
    max_size=4,
)


@settings(max_examples=500, deadline=None)
@given(SILENCES, LEVELS, LEVELS, st.booleans())
def test_what_is_quiet_names_the_rule_that_acts_and_what_no_rule_covers_is_told(
    silences, before, after, inhibited
):
    past = standing(level=4) if inhibited else History()

    found = verdict_on(
        level_change(before=before, after=after), past, silences=silences, one=reader(minimum_level=0)
    )

    acting = [
        one.silence_id
        for one in silences
        if one.approved
        and one.starts_at <= NOON < one.expires_at
        and one.scope.products in ({"P1"}, {"P1", "P2"}, set())
    ]
    is_grave, is_fall = "serious" in (before, after), found.cause in (Cause.ALL_CLEAR, Cause.WITHDRAWN)
    rule = acting[0] if acting else b"e" * 16 if inhibited and not is_fall else None
    assert found.rule_id == (None if is_grave else rule)
    assert (found.message is None) == (found.rule_id is not None)


def heard_at_once(products, quieted, silences, history):
    """Return whether just so many of these products, heard in one batch, were silenced for both readers."""
    audience, counted = Audience([ONE, reader(1)], silences), Counter()
    for product_id in products:
        change = level_change(product_id, enterprise_id=None)
        for verdict in route(change, audience, history, {}, NOON):
            remember(history, change, verdict, {}, NOON)
            counted[verdict.reason is Why.SILENCED] += 1
    return counted[True] == 2 * quieted


@pytest.mark.parametrize(
    ("room", "quieted"), [(20, 21), (0, 1), (None, 500)], ids=["narrow", "full", "approved"]
)
def test_a_silence_stops_inside_a_batch_once_it_keeps_more_products_quiet_than_it_may(room, quieted):
    products = [f"P{n}" for n in range(500)]

    assert heard_at_once(products, quieted, [silence(room=room)], History())


def test_a_product_that_a_silence_kept_quiet_before_takes_no_room_of_it():
    known = [f"P{n}" for n in range(30)]
    before = History(silenced={(b"s" * 16, product_id) for product_id in known})

    assert heard_at_once([*known, *known, "NEW"], 61, [silence(room=0)], before)


@pytest.mark.parametrize(
    ("levels", "reason"),
    [
        (("low", "medium"), Why.PAUSED),
        (("medium", "low"), Why.PAUSED),
        (("low", "high"), Cause.FIRST_NOTICE),
        (("high", "medium"), Cause.ALL_CLEAR),
        (("high", "serious"), Cause.FIRST_NOTICE),
        (("serious", "low"), Cause.ALL_CLEAR),
    ],
)
def test_a_pause_keeps_quiet_what_stays_below_high(levels, reason):
    paused = reader(paused_until=NOON + MINUTE)

    found = verdict_on(level_change(before=levels[0], after=levels[1]), one=paused)

    assert found.reason == reason


def test_a_pause_ends_by_itself():
    assert (
        verdict_on(level_change(after="medium"), one=reader(paused_until=NOON)).reason is Cause.FIRST_NOTICE
    )


def test_a_digest_comes_as_often_as_its_subscription_says():
    own = reader(channel="email", digest=True, digest_every=HOUR)

    assert verdict_on(level_change(after="medium"), one=own).message.due_at == NOON + HOUR
