"""No connection to a closed address at create, update, deliver or retry.

A listener on loopback is the canary; for what is not on this machine, every connection that this
process makes is counted where Python makes it.
"""

import asyncio
import sys
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import pytest

from sealwatch.errors import DeliveryFailed, Unavailable
from sealwatch.shell.addresses import check_url, ours_of
from sealwatch.shell.clock import utc_now
from sealwatch_alerts.attempt import prepare
from sealwatch_alerts.channels.webhook import Reach, WebhookChannel, open_session
from sealwatch_alerts.retry import SCHEDULE
from tests.factories import level_change
from tests.integration.api.doors import opened, parts_on

SECRET = "whsec_" + "QUJD" * 8
OURS = ours_of("warnings.centre.example, 8.8.4.4")
PUBLIC = "8.8.8.8"
PORT = 8443  # the one open port that a listener may have without being root
TEXTS = [
    f"http://good.example.com:{PORT}/",
    "ftp://good.example.com/",
    "file:///etc/passwd",
    "gopher://good.example.com/",
    "unix:/run/docker.sock",
    f"https://user:pw@127.0.0.1:{PORT}/",
    *(f"https://127.0.0.1:{port}/" for port in (22, 25, 6379, 9092)),
    *(f"https://{name}:{PORT}/" for name in ("localhost", "LOCALHOST", "localhost.")),
    *(
        f"https://{host}:{PORT}/"
        for host in (
            "127.0.0.1", "127.1", "0177.0.0.1", "2130706433", "0x7f000001", "0", "①②⑦.⓪.⓪.①", "127。0。0。1",
            "169.254.169.254", "10.0.0.1", "100.64.0.1", "100.100.100.200", "192.0.0.8", "192.88.99.1",
            "224.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]",
            "[::127.0.0.1]", "[fec0::1]", "[fd00:ec2::254]",
        )
    ),
    f"https://127.0.0.1:{PORT}\\@good.example.com/",
    f"https://good.example.com:{PORT}\\@127.0.0.1/",
    f"https://warnings.centre.example:{PORT}/",
    f"https://api.warnings.centre.example:{PORT}/",
    f"https://alerts:{PORT}/",
    f"https://127.0.0.1:{PORT}/" + "a" * 2049,
]  # fmt: skip
NAMES = {
    "half-private.example.com": [PUBLIC, "fd00:ec2::254"],
    "loopback.example.com": ["127.0.0.1"],
    "many.example.com": [f"8.8.{n}.8" for n in range(200)],
    "us.example.com": ["8.8.4.4"],
    "nowhere.example.com": [],
}
LONGEST_URL = 2048  # that a row takes
CLOSED = [*TEXTS, *(f"https://{name}:{PORT}/" for name in NAMES)]
REBINDING = f"https://rebinding.example.com:{PORT}/"


class Connections:
    """Every connection to an address of the internet that this process makes while it is told to count."""

    def __init__(self):
        self.counting, self.made, self.besides = False, [], None
        sys.addaudithook(self._heard)

    def _heard(self, event, arguments):
        if self.counting and event == "socket.connect" and isinstance(arguments[1], tuple):
            self.made.append(arguments[1][:2])

    @contextmanager
    def counted(self, besides=None):
        """Count, but for the port of the database."""
        self.made, self.counting = [], True
        yield
        self.counting = False
        self.made = [one for one in self.made if one[1] != besides]


CONNECTIONS = Connections()
KEPT = [url for url in CLOSED if len(url) <= LONGEST_URL]


class Resolver:
    """Answers names as they are told, one with another address after the first time."""

    def __init__(self):
        self.asked = 0

    def addresses(self, host):
        if host == "rebinding.example.com":
            self.asked += 1
            return [PUBLIC] if self.asked == 1 else ["127.0.0.1"]
        return NAMES.get(host, [PUBLIC])

    async def when_registered(self, host):
        return self.addresses(host)

    async def when_sent(self, host, _port):
        return self.addresses(host)


CLOSED_REACH = Reach(allow_private=False, timeout_seconds=2.0, ours=OURS, lookup=Resolver().when_sent)


@asynccontextmanager
async def canary():
    """Listen on loopback; the list grows with every connection."""
    heard = []

    async def hear(_reader, writer):
        heard.append(writer.get_extra_info("peername"))
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", PORT, reuse_address=True)
    yield heard
    server.close()


async def attempt(url, resolver, *, allow_private=False):
    reach = Reach(allow_private=allow_private, timeout_seconds=2.0, ours=OURS, lookup=resolver.when_sent)
    async with open_session(reach) as session:
        channel = WebhookChannel(session, utc_now, reach)
        return await channel.send(prepare(url, [SECRET], b"d" * 16, b"{}", utc_now()))


async def failed_attempt(url):
    """Return how an attempt failed."""
    with pytest.raises(DeliveryFailed) as caught:
        await attempt(url, Resolver())
    return caught.value


@pytest.fixture(scope="module")
async def doors(postgres):
    async with opened(postgres, "sealwatch_api") as found:
        yield found


@pytest.fixture
def guarded(doors):
    """Let the api check addresses as it does in production, with names that we answer."""
    resolver = Resolver()
    check = partial(check_url, allow_private=False, ours=OURS, resolve=resolver.when_registered)
    doors.app.state.parts = replace(parts_on(doors.engine), check_url=check)
    return doors


@pytest.mark.parametrize("url", CLOSED)
async def test_at_an_attempt_nothing_is_connected_to(url):
    async with canary() as heard:
        with CONNECTIONS.counted():
            failure = await failed_attempt(url)

    assert isinstance(failure, Unavailable)
    assert (CONNECTIONS.made, heard) == ([], [])


async def test_at_delivery_and_at_each_of_its_nine_retries_nothing_is_connected_to(office):
    for number, url in enumerate(KEPT, 1):
        await office.subscribe(number=number, url=url)
    await office.change(level_change(after="serious"))

    async with canary() as heard:
        with CONNECTIONS.counted(besides=urlsplit(str(office.engine.url)).port):
            for tried in range(1, len(SCHEDULE) + 1):
                await office.hurry()
                await office.deliver_within(CLOSED_REACH, office.attempts_are(tried * len(KEPT)))

    assert {state for state, _ in await office.states()} == {"dead"}
    assert set(await office.attempts()) == {(n, None, "unavailable") for n in range(1, 11)}
    assert (CONNECTIONS.made, heard) == ([], [])


async def test_a_delivery_to_a_closed_address_waits_for_its_next_attempt_as_any_other(office):
    for number, url in enumerate(KEPT, 1):
        await office.subscribe(number=number, url=url)
    await office.change(level_change(after="serious"))

    await office.deliver_within(CLOSED_REACH, office.attempts_are(len(KEPT)))

    waits = "select count(*) from alerting.deliveries where state = 'pending' and failures = 1"
    assert await office.watch.fetchval(waits) == len(KEPT)
    assert (
        await office.watch.fetchval("select count(*) from alerting.endpoints where disabled_at > now()") == 0
    )


@pytest.mark.parametrize("method", ["create", "update"])
async def test_at_create_and_update_nothing_is_connected_to_and_no_rule_is_told(guarded, method):
    key = await guarded.key()
    made = await guarded.ask("POST", "/v1/subscriptions", key, json=wish("https://good.example.com/"))
    own = f"/v1/subscriptions/{made.json()['subscription_id']}"
    verb, path = {"create": ("POST", "/v1/subscriptions"), "update": ("PATCH", own)}[method]

    async with canary() as heard:
        with CONNECTIONS.counted(besides=urlsplit(str(guarded.engine.url)).port):
            answers = [await guarded.ask(verb, path, key, json=body(method, url)) for url in CLOSED]

    assert {answer.status_code for answer in answers} == {422}
    assert {answer.json()["code"] for answer in answers} <= {"url_not_allowed", "invalid_field"}
    assert sum(answer.json()["code"] == "url_not_allowed" for answer in answers) >= len(CLOSED) - 1
    assert (CONNECTIONS.made, heard) == ([], [])


def wish(url):
    return {"department": "Office", "url": url}


def body(method, url):
    return wish(url) if method == "create" else {"url": url}


async def test_a_name_that_changes_its_answer_after_it_was_registered_is_not_connected_to():
    resolver = Resolver()
    await check_url(REBINDING, allow_private=False, resolve=resolver.when_registered)

    async with canary() as heard:
        with CONNECTIONS.counted(), pytest.raises(Unavailable, match="url_not_allowed"):
            await attempt(REBINDING, resolver)

    assert (CONNECTIONS.made, heard, resolver.asked) == ([], [], 2)


async def test_a_name_is_looked_up_once_and_the_connection_goes_to_what_was_checked():
    asked = []

    class Turning(Resolver):
        def addresses(self, host):
            asked.append(host)
            return [f"127.0.0.{len(asked)}"]

    async with canary() as heard:
        with CONNECTIONS.counted(), pytest.raises(DeliveryFailed):
            await attempt(REBINDING, Turning(), allow_private=True)

    assert (CONNECTIONS.made, asked) == ([("127.0.0.1", PORT)], ["rebinding.example.com"])
    assert len(heard) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "loopback.example.com"])
async def test_the_canary_hears_what_is_let_through(host):
    async with canary() as heard:
        with CONNECTIONS.counted(), pytest.raises(DeliveryFailed):
            await attempt(f"https://{host}:{PORT}/", Resolver(), allow_private=True)

    assert CONNECTIONS.made == [("127.0.0.1", PORT)]
    assert len(heard) == 1
