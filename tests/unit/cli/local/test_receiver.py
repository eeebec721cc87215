import json
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from sealwatch.shell.clock import utc_now
from sealwatch_cli.local.receiver import Inbox, is_signed, secrets_from, secrets_of

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="  # noqa: S105 - made for this test
OTHER = "whsec_YWJjZGVmZ2hpamtsbW5vcGFiY2RlZmdoaWprbG1ub3A="
BODY = b'{"risk_level":"high"}'
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def signed_headers(secret=SECRET):
    now = utc_now()  # the library compares with the wall clock
    signature = Webhook(secret).sign("msg_1", now, BODY.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }


@pytest.mark.parametrize(
    ("secrets", "body", "signed"),
    [
        ((SECRET,), BODY, True),
        ((OTHER, SECRET), BODY, True),
        ((OTHER,), BODY, False),
        ((), BODY, False),
        ((SECRET,), BODY + b" ", False),
    ],
)
def test_a_webhook_is_signed_when_one_secret_signed_these_bytes(secrets, body, signed):
    assert is_signed(secrets, signed_headers(), body) is signed


@pytest.mark.parametrize(
    "headers", [{}, {"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": "none"}]
)
def test_what_is_not_even_shaped_like_a_signature_is_not_signed(headers):
    assert not is_signed((SECRET,), headers, BODY)


def test_what_arrived_is_kept_with_its_headers_and_its_verdict(tmp_path):
    inbox = Inbox(tmp_path / "out.jsonl", lambda: (SECRET,), lambda: NOON)

    good = inbox.take(signed_headers(), BODY)
    bad = inbox.take({"Webhook-Id": "msg_2"}, b"\xff")

    assert (good, bad) == (True, False)
    assert [line["verified"] for line in inbox.listed()] == [True, False]
    assert inbox.listed()[0]["body"] == BODY.decode()
    assert inbox.listed()[1]["headers"] == {"webhook-id": "msg_2"}


def test_every_line_of_the_file_is_one_webhook(tmp_path):
    inbox = Inbox(tmp_path / "out.jsonl", lambda: (), lambda: NOON)

    inbox.take({}, b"line\nbreak")

    (line,) = (tmp_path / "out.jsonl").read_text().splitlines()
    assert json.loads(line)["received_at"] == "2026-11-25T12:00:00+00:00"


def test_secrets_that_are_written_later_count(tmp_path):
    file = tmp_path / "secrets"
    secrets = secrets_from(None, file)

    before = secrets()
    file.write_text(f"{SECRET}\n\n {OTHER}\n")

    assert before == ()
    assert secrets() == secrets_of(f"{SECRET}\n{OTHER}")
