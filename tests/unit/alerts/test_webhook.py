"""Names are checked when they are resolved; no test here reaches a network."""

import pytest

from sealwatch.errors import Unavailable
from sealwatch.shell.addresses import NOTHING, ours_of
from sealwatch.shell.clock import utc_now
from sealwatch_alerts.attempt import Request
from sealwatch_alerts.channels.webhook import CheckedResolver, Reach, WebhookChannel, open_session


def answering(*addresses):
    async def lookup(*_):
        return addresses

    return lookup


async def outcome_of(url, lookup, *, allow_private=False, ours=NOTHING):
    reach = Reach(allow_private=allow_private, timeout_seconds=2, lookup=lookup, ours=ours)
    async with open_session(reach) as session:
        channel = WebhookChannel(session, utc_now, reach)
        return await channel.send(Request(url, b"{}", {}))


async def test_public_addresses_are_handed_on_as_they_are():
    resolver = CheckedResolver(answering("8.8.8.8", "2606:4700::1111"), allow_private=False)

    found = await resolver.resolve("hooks.example.com", 443)

    assert [(entry["hostname"], entry["host"]) for entry in found] == [
        ("hooks.example.com", "8.8.8.8"),
        ("hooks.example.com", "2606:4700::1111"),
    ]


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("8.8.8.8", "10.0.0.1"),
        ("8.8.8.8", "fd00::1"),
        tuple(f"8.8.{n}.8" for n in range(200)),
    ],
)
async def test_a_name_that_leads_inside_is_refused_before_any_connection(addresses):
    with pytest.raises(Unavailable, match="url_not_allowed"):
        await outcome_of("https://hooks.example.com/", answering(*addresses))


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::1]/", "http://8.8.8.8/", "https://2130706433/"]
)
async def test_an_address_in_the_url_is_refused_before_any_connection(url):
    with pytest.raises(Unavailable, match="url_not_allowed"):
        await outcome_of(url, answering("8.8.8.8"))


async def test_a_name_without_an_address_may_have_one_later():
    with pytest.raises(Unavailable):
        await outcome_of("https://hooks.example.com/", answering())


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://169.254.169.254/latest/", "8.8.8.8"),
        ("http://user:pw@127.0.0.1:9000/", "127.0.0.1"),
        ("http://hooks.example.com/", "169.254.169.254"),
        ("http://hooks.example.com/", "100.64.0.1"),
        ("http://hooks.example.com/", "fd00:ec2::254"),
    ],
)
async def test_the_local_stack_too_is_kept_from_metadata_and_credentials(url, address):
    with pytest.raises(Unavailable, match="url_not_allowed"):
        await outcome_of(url, answering(address), allow_private=True)


@pytest.mark.parametrize(("allow_private", "later"), [(False, "127.0.0.1"), (True, "169.254.169.254")])
async def test_a_name_that_changes_its_answer_is_checked_at_every_attempt(allow_private, later):
    answers = iter([("8.8.8.8",), (later,)])

    async def lookup(*_):
        return next(answers)

    resolver = CheckedResolver(lookup, allow_private=allow_private)
    await resolver.resolve("hooks.example.com", 443)

    with pytest.raises(Unavailable, match="url_not_allowed"):
        await resolver.resolve("hooks.example.com", 443)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000/", "http://us.example.com/", "http://ours.example.com/"]
)
async def test_the_local_stack_too_is_kept_from_what_is_our_own(url):
    ours = ours_of("ours.example.com, 127.0.0.0/8")

    with pytest.raises(Unavailable, match="url_not_allowed"):
        await outcome_of(url, answering("127.0.0.1"), allow_private=True, ours=ours)
