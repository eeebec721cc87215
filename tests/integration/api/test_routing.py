"""Who is told, asked and changed through the api; the warnings themselves decide on the same database."""

from datetime import timedelta

import pytest

from sealwatch.contracts.codec import Received
from sealwatch.shell.db import open_engine
from sealwatch.shell.settings import AlertsSettings
from sealwatch_alerts.hear import hear
from sealwatch_alerts.strategies import Shelf
from tests.factories import level_change
from tests.integration.api.doors import NOON, POLICY

HOOK = {"department": "Office", "url": "https://hooks.example.org/x"}
SILENCE = {"reason": "known and followed", "expires_at": "2026-03-02T00:00:00Z"}
WIDE = SILENCE | {"categories": ["labels"]}


@pytest.fixture
async def centre(doors, request):
    """A key of an organisation of this test's own, so that it has no other audience."""
    return await doors.key(f"org-{abs(hash(request.node.name))}")


@pytest.fixture(scope="module")
async def alerts(doors):
    url = doors.engine.url.render_as_string(hide_password=False)
    settings = AlertsSettings(database_url=url.replace("+asyncpg", ""), secrets_key="unused")
    engine = open_engine(settings, "sealwatch_alerts", application="test")

    async def heard(*changes, now=NOON):
        values = [one.model_dump_json().encode() for one in changes]
        records = [Received("t", 0, n, 0, b"P", value, ()) for n, value in enumerate(values)]
        async with engine.begin() as connection:
            await hear(connection, records, now, Shelf(POLICY))

    yield heard
    await engine.dispose()


async def subscribed(doors, key, **parts):
    made = await doors.ask("POST", "/v1/subscriptions", key, json=HOOK | parts)
    assert made.status_code == 201, made.text
    return made.json()["subscription_id"]


async def recorded(doors, key, department_id, parent_id=None):
    body = {"name": department_id.title()} | ({"parent_id": parent_id} if parent_id else {})
    return await doors.ask("PUT", f"/v1/departments/{department_id}", key, json=body)


async def listed(doors, key, path):
    return (await doors.ask("GET", path, key)).json()["items"]


async def test_departments_stand_below_one_another(doors, centre):
    made = [await recorded(doors, centre, *one) for one in (("top",), ("mid", "top"), ("low", "mid"))]
    again = await recorded(doors, centre, "low", "top")

    found = await listed(doors, centre, "/v1/departments")

    assert [one.status_code for one in (*made, again)] == [201, 201, 201, 200]
    assert [(one["department_id"], one["parent_id"]) for one in found] == [
        ("low", "top"),
        ("mid", "top"),
        ("top", None),
    ]


@pytest.mark.parametrize(
    ("department_id", "parent_id", "code"),
    [("top", "low", "department_above_itself"), ("new", "nowhere", "unknown_parent")],
)
async def test_a_department_cannot_stand_below_itself_or_nobody(
    doors, centre, department_id, parent_id, code
):
    await recorded(doors, centre, "top")
    await recorded(doors, centre, "low", "top")

    answer = await recorded(doors, centre, department_id, parent_id)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_department_in_use_is_not_closed(doors, centre):
    await recorded(doors, centre, "top")
    made = await subscribed(doors, centre, department_id="top")

    refused = await doors.ask("DELETE", "/v1/departments/top", centre)
    await doors.ask("DELETE", f"/v1/subscriptions/{made}", centre)
    closed = await doors.ask("DELETE", "/v1/departments/top", centre)

    assert (refused.json()["code"], closed.status_code) == ("department_in_use", 204)
    assert (await doors.ask("GET", "/v1/departments/top", centre)).status_code == 404


async def test_an_email_subscription_has_an_address_and_no_secret(doors, centre):
    wish = {"department": "D", "channel": "email", "address": "duty@office.example", "digest": True}

    made = (await doors.ask("POST", "/v1/subscriptions", centre, json=wish)).json()

    assert (made["address"], made["url"], made["secret"], made["digest"]) == (
        "duty@office.example", None, None, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "parts",
    [
        {"channel": "email"},
        {"channel": "email", "url": None, "address": "a@b.example,c@d.example"},
        {"channel": "email", "url": None, "address": "a@b.example\n"},
        {"channel": "email", "url": None, "address": "a@[127.0.0.1]"},
        {"address": "a@b.example"},
        {"digest": True},
        {"kinds": []},
        {"department_id": "nobody"},
    ],
)
async def test_a_subscription_that_contradicts_itself_is_refused(doors, centre, parts):
    wish = {name: value for name, value in (HOOK | parts).items() if value is not None}

    answer = await doors.ask("POST", "/v1/subscriptions", centre, json=wish)

    assert answer.status_code == 422


async def test_a_dry_run_names_exactly_whom_the_real_path_tells_and_why_not_the_others(doors, centre, alerts):
    wishes = (
        {}, {"minimum_level": "serious"}, {"categories": ["inks"]}, {"regions": ["110000"]},
        {"kinds": ["all_clear"]}, {"factors": ["COPY"]}, {"products": ["DRY"]}, {"products": ["P2"]},
    )  # fmt: skip
    ids = [await subscribed(doors, centre, **wish) for wish in wishes]
    facts = {"category": "labels", "region": "110105", "enterprise_id": "E1", "main_factor": "COPY"}
    supposed = {"change": {"product_id": "DRY", "before": "low", "after": "high"} | facts}

    said = (await doors.ask("POST", "/v1/subscriptions/dry-run", centre, json=supposed)).json()
    await alerts(level_change("DRY"))

    found = await listed(doors, centre, "/v1/decisions?product_id=DRY")
    told = {one["subscription_id"]: (one["outcome"], one["reason"]) for one in found}
    asked = {one["subscription_id"]: (one["outcome"], one["reason"]) for one in said["answers"]}
    assert told == {one: said for one, said in asked.items() if said[0] != "not_asked"}
    assert [asked[one] for one in ids] == [
        ("tell", "first_notice"),
        ("quiet", "below_minimum"),
        ("not_asked", "categories"),
        ("tell", "first_notice"),
        ("not_asked", "kinds"),
        ("tell", "first_notice"),
        ("tell", "first_notice"),
        ("not_asked", "products"),
    ]


async def test_a_dry_run_of_a_stored_notice_asks_as_if_it_came_now(doors, centre, alerts):
    await subscribed(doors, centre)
    await alerts(level_change("PAST"))
    (notice,) = await listed(doors, centre, "/v1/notices?product_id=PAST")
    await doors.ask("POST", "/v1/silences", centre, json=SILENCE | {"products": ["PAST"]})

    wish = {"notice_id": notice["notice_id"]}
    said = (await doors.ask("POST", "/v1/subscriptions/dry-run", centre, json=wish)).json()

    assert [(one["outcome"], one["reason"]) for one in said["answers"]] == [("quiet", "silenced")]


async def test_a_dry_run_writes_nothing_and_says_when_nobody_is_told(doors, centre):
    await subscribed(doors, centre)
    wish = {"change": {"product_id": "NONE", "before": "not_assessed", "after": "low"}}

    said = (await doors.ask("POST", "/v1/subscriptions/dry-run", centre, json=wish)).json()

    assert (said["decision"], said["reason"]) == ("quiet", "at_start_level")
    assert [one["outcome"] for one in said["answers"]] == ["quiet"]
    assert await listed(doors, centre, "/v1/decisions?product_id=NONE") == []


async def test_a_wide_silence_acts_once_a_second_person_has_approved_it(doors, alerts):
    await doors.watch.executemany(
        "insert into registry.products (product_id, facts_revision, name, category, severity_class, "
        "recorded_at, recorded_by) values ($1, 1, 'n', 'wide', 3, $2, 'x')",
        [(f"WIDE{n}", NOON) for n in range(21)],
    )
    author, second = await doors.key("wide"), await doors.key("wide")
    await subscribed(doors, author)

    made = (await doors.ask("POST", "/v1/silences", author, json=SILENCE | {"categories": ["wide"]})).json()
    await alerts(level_change("WIDE0", category="wide"))
    own = await doors.ask("POST", f"/v1/silences/{made['silence_id']}/approve", author)
    other = await doors.ask("POST", f"/v1/silences/{made['silence_id']}/approve", second)
    await alerts(level_change("WIDE1", category="wide"))

    found = await listed(doors, author, "/v1/decisions")
    assert (made["matched_products"], made["state"], other.json()["state"]) == (
        21,
        "awaits_approval",
        "active",
    )
    assert (own.status_code, own.json()["code"]) == (403, "self_approval")
    assert {one["product_id"]: one["reason"] for one in found} == {
        "WIDE0": "first_notice",
        "WIDE1": "silenced",
    }
    assert [one["rule_id"] for one in found if one["product_id"] == "WIDE1"] == [made["silence_id"]]


async def test_a_silence_that_stopped_because_it_grew_says_that_it_awaits_approval(doors, alerts):
    author, second = await doors.key("grown"), await doors.key("grown")
    await subscribed(doors, author)
    await doors.ask("PUT", "/v1/routing-rules", author, json={"silence_products": 1})
    made = (await doors.ask("POST", "/v1/silences", author, json=SILENCE | {"categories": ["grown"]})).json()
    path = f"/v1/silences/{made['silence_id']}"

    await alerts(*(level_change(f"GROWN{n}", category="grown", enterprise_id=None) for n in range(3)))

    stopped = (await doors.ask("GET", path, author)).json()
    approved = (await doors.ask("POST", f"{path}/approve", second)).json()
    assert [one["state"] for one in (made, stopped, approved)] == ["active", "awaits_approval", "active"]
    assert (stopped["matched_products"], stopped["silenced_products"]) == (0, 2)


async def test_a_silence_that_was_ended_is_kept_and_says_so(doors, centre):
    made = (await doors.ask("POST", "/v1/silences", centre, json=SILENCE | {"products": ["P1"]})).json()

    ended = await doors.ask("DELETE", f"/v1/silences/{made['silence_id']}", centre)
    found = (await doors.ask("GET", f"/v1/silences/{made['silence_id']}", centre)).json()

    assert (made["state"], ended.status_code, found["state"]) == ("active", 204, "ended")


@pytest.mark.parametrize(
    "parts",
    [{}, {"products": ["P1"], "expires_at": "2026-03-01T00:00:00Z"}, {"products": ["P1"], "reason": " "}],
)
async def test_a_silence_needs_a_scope_a_reason_and_an_end_to_come(doors, centre, parts):
    answer = await doors.ask("POST", "/v1/silences", centre, json=SILENCE | parts)

    assert answer.status_code == 422


async def test_rules_are_the_usual_ones_until_they_are_set(doors, centre, alerts):
    usual = (await doors.ask("GET", "/v1/routing-rules", centre)).json()
    await subscribed(doors, centre)

    put = (await doors.ask("PUT", "/v1/routing-rules", centre, json={"most_messages": 2})).json()
    await alerts(*(level_change(f"RULE{n}", enterprise_id=None) for n in range(3)))

    found = await listed(doors, centre, "/v1/decisions")
    assert (usual["most_messages"], usual["recorded_at"], put["most_messages"]) == (10, None, 2)
    assert sorted(one["reason"] for one in found) == ["first_notice", "grouped", "grouped"]


async def test_the_decisions_of_a_message_are_found_by_its_delivery(doors, centre, alerts):
    await subscribed(doors, centre)
    await alerts(*(level_change(f"GROUP{n}", enterprise_id=None) for n in range(8)))
    (grouped,) = [one for one in await listed(doors, centre, "/v1/deliveries") if one["grouped"]]

    path = f"/v1/decisions?delivery_id={grouped['delivery_id']}&limit=2"
    first = (await doors.ask("GET", path, centre)).json()
    rest = (await doors.ask("GET", f"{path}&cursor={first['next_cursor']}", centre)).json()

    products = {one["product_id"] for one in (*first["items"], *rest["items"])}
    assert (len(products), rest["next_cursor"], grouped["notice_id"]) == (3, None, None)


async def test_an_action_is_overdue_until_somebody_says_what_was_done(doors, centre, alerts):
    await alerts(level_change("ACT", after="serious", changed_at="2026-02-28T00:00:00+00:00"))
    overdue = await listed(doors, centre, "/v1/actions?product_id=ACT&state=overdue")
    path = f"/v1/actions/{overdue[0]['action_id']}"

    done = (await doors.ask("POST", f"{path}/done", centre, json={"follow_up": "lot seized"})).json()
    again = await doors.ask("POST", f"{path}/done", centre, json={"follow_up": "something else"})

    left = await listed(doors, centre, "/v1/actions?product_id=ACT&state=overdue")
    assert (len(overdue), len(left)) == (3, 2)
    assert (done["state"], done["follow_up"]) == ("done", "lot seized")
    assert (again.status_code, again.json()["code"]) == (409, "action_done_already")
    assert (await doors.ask("GET", path, centre)).json()["follow_up"] == "lot seized"


async def test_an_action_is_due_when_its_deadline_says(doors, centre, alerts):
    await alerts(level_change("DUE"))

    found = await listed(doors, centre, "/v1/actions?product_id=DUE")

    assert {one["state"] for one in found} == {"open"}
    assert {one["due_at"] for one in found} == {f"{NOON + timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"}


async def test_every_change_leaves_a_deed_that_only_its_organisation_sees(doors, centre, stranger):
    await recorded(doors, centre, "top")
    made = await subscribed(doors, centre, department_id="top")
    await doors.ask("DELETE", f"/v1/subscriptions/{made}", centre)
    await doors.ask("PUT", "/v1/routing-rules", centre, json={})
    silence = (await doors.ask("POST", "/v1/silences", centre, json=SILENCE | {"products": ["P1"]})).json()
    await doors.ask("DELETE", f"/v1/silences/{silence['silence_id']}", centre)
    await doors.ask("DELETE", "/v1/departments/top", centre)

    deeds = [one["action"] for one in await listed(doors, centre, "/v1/audit")]

    assert deeds == [
        "department.closed", "silence.ended", "silence.made", "rules.set", "subscription.ended",
        "subscription.made", "department.recorded",
    ]  # fmt: skip
    assert [one for one in await listed(doors, stranger, "/v1/audit") if one["subject"] == made] == []


async def test_deeds_cannot_be_changed(doors, centre):
    await recorded(doors, centre, "top")

    with pytest.raises(Exception, match="append-only"):
        await doors.watch.execute("update registry.audit set acted_by = 'nobody'")
