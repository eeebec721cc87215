"""Addresses of an organisation, and the reports of mail servers about them."""

from datetime import timedelta

import pytest

from sealwatch.contracts.mailboxes import mailbox_id
from sealwatch.contracts.registry import CENTRE_SCOPES, SCOPES
from tests.integration.api.doors import NOON
from tests.unit.api.test_reports import report

MAIL = {"content-type": "message/rfc822"}


async def made(doors, address, organisation="centre"):
    """Write a mailbox that said yes, as the alerts service and its reader do."""
    box = mailbox_id(organisation, address)
    await doors.watch.execute(
        "insert into alerting.mailboxes (mailbox_id, question_id, organisation_id, address, department, "
        "language, created_at, asked_at, confirmed_at) values ($1, $1, $2, $3, 'Dep', 'en', $4, $4, $4)",
        box, organisation, address, NOON,
    )  # fmt: skip
    return box


async def letter(doors, number, address, organisation="centre"):
    """Write a delivery to an address, and return its id."""
    uid, subscription = (
        f"{address}{number}".encode()[-16:].rjust(16, b"_"),
        f"s{address}".encode()[-16:].rjust(16),
    )
    await doors.watch.execute(
        "insert into registry.subscriptions (subscription_id, organisation_id, department, channel, address, "
        "minimum_level) values ($1, $2, 'Dep', 'email', $3, 1) on conflict do nothing",
        subscription, organisation, address,
    )  # fmt: skip
    await doors.watch.execute(
        "insert into alerting.deliveries (delivery_id, subscription_id, organisation_id, grouped, state, "
        "created_at) values ($1, $2, $3, true, 'delivered', $4)",
        uid, subscription, organisation, NOON,
    )  # fmt: skip
    return uid


@pytest.fixture(scope="module")
async def mailer(doors):
    return await doors.key(scopes=[*SCOPES, *CENTRE_SCOPES])


async def hand_in(doors, key, raw):
    return (await doors.ask("POST", "/v1/bounces", key, content=raw, headers=MAIL)).json()["outcome"]


@pytest.mark.parametrize("organisation", ["centre", "elsewhere"])
@pytest.mark.usefixtures("stranger")
async def test_the_third_hard_report_suspends_the_address_whosever_it_is(doors, mailer, organisation):
    address = f"hard@{organisation}.example"
    box = await made(doors, address, organisation)
    letters = [await letter(doors, number, address, organisation) for number in range(3)]

    outcomes = [await hand_in(doors, mailer, report(letter=one.hex())) for one in (letters[0], *letters)]

    standing = await doors.watch.fetchval(
        "select suspended_reason from alerting.mailboxes where mailbox_id = $1", box
    )
    assert outcomes == ["recorded", "recorded", "recorded", "suspended"]
    assert standing == "three hard bounces"


async def test_soft_reports_suspend_nobody(doors, mailer):
    await made(doors, "soft@dep.example")
    letters = [await letter(doors, number, "soft@dep.example") for number in range(4)]

    outcomes = {await hand_in(doors, mailer, report(letter=one.hex(), status="5.2.2")) for one in letters}

    assert outcomes == {"recorded"}


@pytest.mark.parametrize("raw", [report(), b"Subject: Out of office\n\nAway.", b""])
async def test_what_is_about_no_letter_of_ours_is_ignored(doors, mailer, raw):
    assert await hand_in(doors, mailer, raw) == "ignored"


async def test_reports_are_only_taken_from_the_mail_server_and_only_as_mail(doors, key, mailer):
    refused = await doors.ask("POST", "/v1/bounces", key, content=report(), headers=MAIL)
    other = await doors.ask("POST", "/v1/bounces", mailer, json={})
    large = await doors.ask("POST", "/v1/bounces", mailer, content=b"x" * 300_000, headers=MAIL)

    assert refused.json()["code"] == "missing_scope"
    assert other.json()["code"] == "unsupported_media_type"
    assert large.json()["code"] == "body_too_large"


async def test_an_organisation_sees_its_own_addresses_and_asks_them_again(doors, key, stranger):
    box = await made(doors, "again@dep.example")

    asked = await doors.ask("POST", f"/v1/mailboxes/{box.hex()}/question", key)
    foreign = await doors.ask("POST", f"/v1/mailboxes/{box.hex()}/question", stranger)
    listed = await doors.ask("GET", "/v1/mailboxes", key)
    theirs = await doors.ask("GET", "/v1/mailboxes", stranger)

    row = await doors.watch.fetchrow("select * from alerting.mailboxes where mailbox_id = $1", box)
    assert (asked.status_code, foreign.status_code) == (202, 404)
    assert row["question_id"] != box
    assert row["next_attempt_at"] == NOON
    assert "again@dep.example" in [one["address"] for one in listed.json()["items"]]
    assert "again@dep.example" not in [one["address"] for one in theirs.json()["items"]]


async def asked_before(doors, box, ago):
    """Write that a mailbox was asked so long before the doors' clock."""
    number = await doors.watch.fetchval("select count(*) from alerting.questions")
    await doors.watch.execute(
        "insert into alerting.questions select $1, mailbox_id, lower(address), $3 from alerting.mailboxes "
        "where mailbox_id = $2",
        f"question-{number}".encode().ljust(16), box, NOON - ago,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [
        ("within", ([59], []), (429, "60")),
        ("hour", ([60], []), (202, None)),
        ("two", ([700], [900]), (202, None)),
        ("three", ([1_200], [5, 6]), (429, "14400")),
        ("yesterday", ([1_440], [5, 6]), (202, None)),
    ],
)
@pytest.mark.usefixtures("stranger")
async def test_an_address_is_asked_once_an_hour_and_thrice_a_day_whoever_asks(doors, key, name, asked, said):
    box = await made(doors, f"Rest.{name}@dep.example")
    other = await made(doors, f"rest.{name}@dep.example", "elsewhere")
    for each, ago in zip((box, other), asked, strict=True):
        for minutes in ago:
            await asked_before(doors, each, timedelta(minutes=minutes))

    answer = await doors.ask("POST", f"/v1/mailboxes/{box.hex()}/question", key)

    standing = await doors.watch.fetchval(
        "select question_id from alerting.mailboxes where mailbox_id = $1", box
    )
    assert (answer.status_code, answer.headers.get("retry-after")) == said
    assert (standing == box) == (said[0] == 429)


@pytest.mark.parametrize(
    "address", ["a@b", "a@b.example,c@d.example", "a@b.example\r\nBcc: c@d.example", "ü@b.example"]
)
async def test_a_subscription_takes_one_plain_address_only(doors, key, address):
    wish = {"department": "D", "channel": "email", "address": address}
    answer = await doors.ask("POST", "/v1/subscriptions", key, json=wish)

    assert answer.status_code == 422
