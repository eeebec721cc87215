"""The way by e-mail as the settings make it, and the letter of a delivery."""

from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet

from sealwatch.contracts.links import LinkKeys, Purpose, link_of
from sealwatch.errors import Misconfigured
from sealwatch.risk.policy import Level
from sealwatch.shell.policies import load_policy
from sealwatch.shell.settings import AlertsSettings, load
from sealwatch_alerts.__main__ import wire
from sealwatch_alerts.gathered import Member
from sealwatch_alerts.mail.letter import Paper
from sealwatch_alerts.mailing.carrier import Desk, letter_of
from sealwatch_alerts.mailing.wiring import by_mail, desk_of, sender_of
from sealwatch_alerts.message import Nudge
from sealwatch_alerts.store import Due, Told
from sealwatch_alerts.strategies import Shelf
from tests.factories import level_change
from tests.unit.alerts.mail.letters import body, read

POLICY = load_policy(None)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEYS = LinkKeys("k", {"k": b"k" * 32})
DESK = Desk(Paper("warnings@centre.example", "centre.example"), KEYS, "https://watch.example/", Shelf(POLICY))
MAIL = {
    "SEALWATCH_DATABASE_URL": "postgresql://x", "SEALWATCH_SECRETS_KEY": "x",
    "SEALWATCH_SMTP_HOST": "mail.example", "SEALWATCH_MAIL_FROM": "Sealwatch <warnings@Centre.example>",
    "SEALWATCH_PUBLIC_URL": "https://watch.example", "SEALWATCH_LINK_KEYS": "k:" + "QUJD" * 11,
}  # fmt: skip


def settings(**other):
    given = {**MAIL, **{f"SEALWATCH_{name.upper()}": value for name, value in other.items()}}
    return load(AlertsSettings, given)


def due(told, reason="raised"):
    names = {"P1": "Label"}
    return Due(b"d" * 16, b"s" * 16, "duty@dep.example", b"", "en", 0, reason, told, NOW, "Dep", names)


def member(reason):
    return Member("P1", 1, 1, 2, None, reason, overtaken=False)


def purposes(envelope):
    words = body(envelope, "plain").split()
    tokens = [word.partition("/mail/")[2].partition("?")[0] for word in words if "/mail/" in word]
    return [link_of(token, KEYS, NOW).purpose for token in tokens]


def test_without_a_mail_server_there_is_no_way_by_e_mail():
    assert by_mail(settings(smtp_host=""), None, Shelf(POLICY), None) is None


def test_a_letter_leads_to_its_acknowledgement_and_its_product():
    envelope = letter_of(due(Told(level_change())), DESK, NOW)

    assert purposes(envelope) == [Purpose.ACKNOWLEDGE]
    assert "https://watch.example/v1/products/P1" in body(envelope, "plain")
    assert "Label (P1)" in read(envelope)["subject"]


@pytest.mark.parametrize(
    ("reasons", "wanted"),
    [
        (["digest", "digest"], [Purpose.ACKNOWLEDGE, Purpose.UNSUBSCRIBE]),
        (["digest", "grouped"], [Purpose.ACKNOWLEDGE]),
        (["enterprise_notice"], [Purpose.ACKNOWLEDGE]),
    ],
)
def test_only_what_is_a_digest_through_and_through_can_be_stopped(reasons, wanted):
    envelope = letter_of(due(Told(members=tuple(map(member, reasons)))), DESK, NOW)

    assert purposes(envelope) == wanted


def test_a_letter_is_the_same_at_every_attempt_but_for_its_date():
    one = due(Told(level_change()))
    first, later = letter_of(one, DESK, NOW), letter_of(one, DESK, NOW.replace(day=21))

    assert first.message_id == later.message_id
    assert first.content.replace(b"Fri, 20 Nov", b"Sat, 21 Nov") == later.content


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("Sealwatch <warnings@Centre.example>", "Sealwatch", "warnings@centre.example"),
        ("warnings@centre.example", "", "warnings@centre.example"),
        ('"监测, 中心" <a@b.example>', "监测, 中心", "a@b.example"),
    ],
)
def test_a_sender_is_an_address_with_or_without_a_name(written, name, address):
    assert sender_of(settings(mail_from=written)) == (name, address)


def test_the_host_of_letters_is_that_of_the_sender():
    assert desk_of(settings(), Shelf(POLICY)).paper == Paper(
        "Sealwatch <warnings@centre.example>", "centre.example"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"mail_from": ""},
        {"mail_from": "a@b.example, c@d.example"},
        {"mail_from": "a@b"},
        {"public_url": ""},
        {"public_url": "watch.example"},
        {"public_url": "https://watch.example/?x=\n"},
        {"link_keys": ""},
        {"link_keys": "k:QUJD"},
        {"smtp_password": "p", "smtp_security": "none"},
    ],
)
def test_settings_that_cannot_keep_the_promises_are_refused(wrong):
    with pytest.raises(Misconfigured):
        desk_of(settings(**wrong), Shelf(POLICY))


@pytest.mark.parametrize(
    ("host", "more"), [("mail.example", {"mail", "mail-record", "ask", "tell-owners"}), ("", set())]
)
async def test_the_service_has_the_loops_of_the_way_by_e_mail_where_there_is_a_server(host, more):
    given = settings(smtp_host=host, secrets_key=Fernet.generate_key().decode())

    async with wire(given) as service:
        loops = set(service.loops)

    assert loops == {"hear", "deliver", "record", "tidy", "watch", "escalate"} | more


def test_a_letter_that_reminds_says_so_in_its_subject_and_names_the_office():
    nudge = Nudge("escalated", "county\nBcc: evil@x.example", 2, Level.MEDIUM)

    letter = letter_of(due(Told(level_change(), nudge=nudge)), DESK, NOW)

    assert read(letter)["subject"] == "Not acknowledged: [high (orange)] Label (P1): special monitoring"
    assert "county Bcc: evil@x.example has not acknowledged" in body(letter, "plain")
    assert "now medium (yellow)" in body(letter, "plain")
    assert read(letter)["bcc"] is None
