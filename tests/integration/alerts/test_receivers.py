"""Fourteen receivers that misbehave, as real listeners: one attempt at each, and what follows."""

import asyncio
import json
import tracemalloc
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from sealwatch.risk.policy import Level
from sealwatch.shell.clock import utc_now
from sealwatch.shell.policies import load_policy
from sealwatch_alerts.attempt import Outcome, conclude, prepare
from sealwatch_alerts.channels.webhook import READ_BYTES, Reach, WebhookChannel, open_session
from sealwatch_alerts.message import Wording, render
from tests.factories import level_change
from tests.integration.alerts.misbehaving import (
    Authority,
    begins,
    bombs,
    drips,
    floods,
    never_reads,
    packs,
    receiving,
    resets,
    says,
)

SECRET = "whsec_" + "QUJD" * 8
BODY = render(level_change(), Wording("raised", "zh", load_policy(None).coping[Level.HIGH]))
SECONDS = 0.5  # of an attempt in all; 15 in the product
SLACK = 1.5
GONE = ("cancelled", "gone", "status 410: the endpoint is gone")
LATE = ("pending", "timeout", "TimeoutError")
OK = "HTTP/1.1 200 OK"


async def tried(url, *, trust=None, failures=0, body=BODY):
    """Make one attempt and return what follows from it."""
    reach = Reach(allow_private=True, timeout_seconds=SECONDS, trust=trust)
    async with open_session(reach) as session:
        channel = WebhookChannel(session, utc_now, reach)
        request = prepare(url, [SECRET], b"d" * 16, body, utc_now())
        try:
            outcome = await channel.send(request)
        except Exception as error:  # noqa: BLE001  # as the sender takes them, whatever they are
            outcome = Outcome(failure=error)
        return conclude(outcome, failures, utc_now(), 0.0)


async def followed_by(act, **parts):
    async with receiving(act) as (receiver, url):
        return receiver, await tried(url, **parts)


def short(done):
    return done.state, done.kind, done.detail


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        *(
            pytest.param(
                says(f"HTTP/1.1 {status} Moved", "location: /elsewhere"),
                ("pending", "status_3xx", f"status {status}"),
                id=f"G-1 redirects with {status}",
            )
            for status in (301, 302, 307, 308)
        ),
        pytest.param(says("HTTP/1.1 410 Gone"), GONE, id="G-2 is gone"),
        pytest.param(begins(b""), LATE, id="G-4 reads and never answers"),
        pytest.param(drips, LATE, id="G-5 drips its answer"),
        pytest.param(
            says(OK, "x-long: " + "x" * 1024 * 1024),
            ("pending", "answer", "ClientResponseError"),
            id="G-7 answers a header of 1 MB",
        ),
        pytest.param(never_reads, LATE, id="G-8 never reads"),
        pytest.param(resets, ("pending", "connection", "ClientOSError"), id="G-10 resets after the request"),
        pytest.param(
            says(OK, body=b'{"error": "no"}'), ("delivered", "", ""), id="G-11 says no with status 200"
        ),
        pytest.param(begins(b"HTTP/1.1 100 Continue\r\n\r\n"), LATE, id="G-12 says go on, then nothing"),
        pytest.param(begins(b"HTTP/1.1 103 Early Hints\r\n\r\n"), LATE, id="G-12 hints, then nothing"),
        pytest.param(
            says("HTTP/1.1 500 No", body=f"<script>{SECRET}</script>".encode()),
            ("pending", "status_5xx", "status 500"),
            id="G-13 answers our secret as HTML",
        ),
        pytest.param(begins(b"SSH-2.0-none\r\n"), ("pending", "answer", "ClientResponseError"), id="no HTTP"),
    ],
)
async def test_a_misbehaving_receiver_costs_one_attempt_within_the_deadline(act, expected):
    clock = asyncio.get_running_loop()
    began = clock.time()

    receiver, done = await followed_by(act)

    assert short(done) == expected
    assert clock.time() - began < SECONDS + SLACK
    assert len(receiver.heads) <= 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("-5", timedelta(seconds=5)),
        ("999999999", timedelta(hours=24)),
        ("abc", timedelta(seconds=5)),
    ],
)
async def test_g3_what_a_busy_receiver_asks_for_is_honoured_or_ignored(status, asked, wait):
    before = utc_now()

    _, done = await followed_by(says(f"HTTP/1.1 {status} Later", f"retry-after: {asked}"))

    assert wait <= done.next_at - before < wait + timedelta(seconds=SECONDS + SLACK)


async def test_g3_a_date_is_honoured_too():
    until = (utc_now() + timedelta(hours=2)).replace(microsecond=0)
    asked = until.strftime("%a, %d %b %Y %H:%M:%S GMT")

    _, done = await followed_by(says("HTTP/1.1 503 Later", f"retry-after: {asked}"))

    assert abs(done.next_at - until) < timedelta(seconds=1)


@pytest.mark.parametrize("act", [begins(b""), resets], ids=["G-4", "G-10"])
async def test_what_may_have_arrived_comes_again_under_its_old_id(act):
    async with receiving(act) as (receiver, url):
        await tried(url)
        await tried(url, failures=1)

    ids = [head.partition(b"webhook-id: ")[2].partition(b"\r")[0] for head in receiver.heads]
    assert len(ids) == 2
    assert ids[0] == ids[1]


async def test_g6_an_answer_that_inflates_is_read_as_it_comes_and_not_beyond_64_kb():
    act = bombs()
    tracemalloc.start()
    async with receiving(act) as (_, url):
        done = await tried(url)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert short(done) == ("delivered", "", "")
    assert peak < 16 * 1024 * 1024 + READ_BYTES


async def test_g6_nothing_is_inflated():
    _, packed = await followed_by(packs(b'{"acknowledged": {"who": "Li"}}'))
    _, plain = await followed_by(says(OK, body=b'{"acknowledged": {"who": "Li"}}'))

    assert (packed.seen, plain.seen.who) == (None, "Li")


async def test_g6_an_answer_without_end_is_left_after_64_kb():
    _, done = await followed_by(floods)

    assert short(done) == ("delivered", "", "")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


async def by_tls(authority, context):
    async with receiving(says(OK), context) as (receiver, url):
        return receiver, await tried(url, trust=authority.trust())


async def test_g9_a_certificate_in_order_is_delivered_to(authority):
    _, done = await by_tls(authority, authority.server())

    assert short(done) == ("delivered", "", "")


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        ({"days": -1}, "expired"),
        ({"signed": False}, "self-signed"),
        ({"name": "other.example"}, "IP address mismatch"),
    ],
)
async def test_g9_a_certificate_out_of_order_is_a_failed_attempt_with_its_reason(authority, parts, wrong):
    receiver, done = await by_tls(authority, authority.server(**parts))

    assert (done.state, done.kind) == ("pending", "tls")
    assert wrong in done.detail
    assert receiver.heads == []


async def test_g9_an_old_protocol_is_a_failed_attempt(authority):
    receiver, done = await by_tls(authority, authority.old_server())

    assert (done.state, done.kind in ("tls", "connection")) == ("pending", True)
    assert receiver.heads == []


async def test_g14_a_receiver_that_checks_its_own_rendering_of_the_body_finds_no_signature():
    receiver, _ = await followed_by(says(OK))
    [head], [body] = receiver.heads, receiver.bodies
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    rendered = json.dumps(json.loads(body)).encode()

    headers = {name: value for name, value in headers.items() if name.startswith("webhook-")}
    sent = prepare("", [SECRET], b"d" * 16, BODY, utc_now()).headers["webhook-id"]
    headers["webhook-id"] = sent
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(rendered, headers)
    assert body == BODY
