"""One attempt, before and after the network."""

import base64
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from sealwatch.errors import Refused, Unavailable
from sealwatch.shell.clock import utc_now
from sealwatch_alerts.attempt import Outcome, Seen, answered, conclude, prepare
from tests.factories import NOON

SECRET = "whsec_" + "QUJD" * 8


def test_the_id_stays_the_same_on_every_attempt_and_the_time_does_not():
    first = prepare("https://x.example.com/", [SECRET], b"d" * 16, b"{}", NOON)
    later = prepare("https://x.example.com/", [SECRET], b"d" * 16, b"{}", NOON + timedelta(hours=1))

    assert first.headers["webhook-id"] == later.headers["webhook-id"]
    assert int(later.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 3600


def test_the_signature_is_over_the_very_bytes_that_are_sent():
    request = prepare("https://x.example.com/", [SECRET], b"d" * 16, '{"a": "预"}'.encode(), NOON)

    signed = Webhook(SECRET).sign(request.headers["webhook-id"], NOON, request.body.decode())

    assert request.headers["webhook-signature"] == signed


def test_while_secrets_rotate_each_one_signs():
    secrets = [SECRET, "whsec_" + "REVG" * 8]
    request = prepare("https://x.example.com/", secrets, b"d" * 16, b"{}", utc_now())

    told = [Webhook(one).verify(request.body, request.headers) for one in secrets]

    assert told == [{}, {}]
    assert len(request.headers["webhook-signature"].split(" ")) == 2


def test_a_secret_of_23_bytes_signs_nothing():
    short = "whsec_" + base64.b64encode(b"x" * 23).decode()

    with pytest.raises(ValueError, match="24 bytes"):
        prepare("https://x.example.com/", [short], b"d" * 16, b"{}", NOON)


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (answered(429, "", NOON), "rate_limited"),
        (answered(410, "", NOON), "gone"),
        (answered(302, "", NOON), "status_3xx"),
        (answered(503, "", NOON), "status_5xx"),
        (Outcome(failure=Refused("the address is none")), "address_refused"),
        (Outcome(failure=Unavailable("url_not_allowed", kind="address_refused")), "address_refused"),
        (Outcome(failure=Unavailable("TimeoutError", kind="timeout")), "timeout"),
        (Outcome(200), ""),
    ],
)
def test_failures_are_counted_under_a_few_words(outcome, kind):
    assert conclude(outcome, 0, NOON, 0.0).kind == kind


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
    done = conclude(Outcome(failure=Refused("the address is none")), 0, NOON, 0.0)

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
