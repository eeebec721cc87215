"""One attempt, before and after the network."""

from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from sealwatch.errors import Refused, Unavailable
from sealwatch_alerts.attempt import Outcome, Seen, answered, conclude, prepare
from tests.factories import NOON

SECRET = "whsec_" + "QUJD" * 8


def test_the_id_stays_the_same_on_every_attempt_and_the_time_does_not():
    first = prepare("https://x.example.com/", SECRET, b"d" * 16, b"{}", NOON)
    later = prepare("https://x.example.com/", SECRET, b"d" * 16, b"{}", NOON + timedelta(hours=1))

    assert first.headers["webhook-id"] == later.headers["webhook-id"]
    assert int(later.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 3600


def test_the_signature_is_over_the_very_bytes_that_are_sent():
    request = prepare("https://x.example.com/", SECRET, b"d" * 16, '{"a": "预"}'.encode(), NOON)

    signed = Webhook(SECRET).sign(request.headers["webhook-id"], NOON, request.body.decode())

    assert request.headers["webhook-signature"] == signed


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_is_a_delivery(status):
    done = conclude(answered(status, "", NOON), 0, NOON, 0.0)

    assert (done.state, done.outcome, done.status) == ("delivered", "delivered", status)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 403, 404, 409, 429, 500, 502, 503, 504])
def test_everything_else_but_gone_is_tried_again(status):
    done = conclude(answered(status, "", NOON), 0, NOON, 0.0)

    assert (done.state, done.outcome, done.status) == ("pending", "unavailable", status)
    assert done.next_at == NOON + timedelta(seconds=5)


def test_what_the_receiver_asks_for_is_honoured():
    done = conclude(answered(503, "120", NOON), 0, NOON, 0.0)

    assert done.next_at == NOON + timedelta(seconds=120)


def test_gone_ends_the_endpoint():
    done = conclude(answered(410, "", NOON), 0, NOON, 0.0)

    assert (done.state, done.outcome, done.disable) == ("cancelled", "refused", True)


def test_a_bad_address_ends_the_delivery_but_not_the_endpoint():
    done = conclude(Outcome(failure=Refused("url_not_allowed")), 0, NOON, 0.0)

    assert (done.state, done.outcome, done.disable) == ("dead", "refused", False)


def test_the_tenth_failure_is_the_last():
    failure = Outcome(failure=Unavailable("TimeoutError"))

    states = [conclude(failure, failures, NOON, 0.0).state for failures in (8, 9)]

    assert states == ["pending", "dead"]


def test_details_are_short():
    done = conclude(Outcome(failure=Unavailable("x" * 5000)), 0, NOON, 0.0)

    assert len(done.detail) == 1000


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b'{"acknowledged": {"who": "Li", "answer": "sampled"}}', Seen("Li", "sampled")),
        (b'{"ok": true, "acknowledged": {"who": " \\u0000Li\\ud800 "}}', Seen("Li", "")),
        (b'{"acknowledged": {"who": "' + b"x" * 500 + b'"}}', Seen("x" * 100, "")),
        (b'{"acknowledged": {"who": ""}}', None),
        (b'{"acknowledged": {"who": 1}}', None),
        (b'{"acknowledged": true}', None),
        (b'["acknowledged"]', None),
        (b'{"acknowledged": {"who": "Li"', None),
        (b'{"acknowledged": ' + b"[" * 60_000, None),
        (b"\xff acknowledged", None),
        (b"", None),
    ],
)
def test_an_answer_may_say_that_somebody_saw_the_warning(body, seen):
    outcome = answered(200, "", NOON, body)

    assert outcome == Outcome(200, seen=seen)
    assert conclude(outcome, 0, NOON, 0.0).seen == seen


def test_an_acknowledgement_in_a_refusal_is_none():
    outcome = answered(500, "", NOON, b'{"acknowledged": {"who": "Li"}}')

    assert conclude(outcome, 0, NOON, 0.0).seen is None
