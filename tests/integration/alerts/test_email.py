"""One attempt by e-mail, to a real SMTP server on loopback."""

import asyncio

import pytest

from sealwatch.errors import Refused, Unavailable
from sealwatch_alerts.channels.email import MailChannel, MailServer
from sealwatch_alerts.mail.letter import Envelope
from tests.mailserver import Post, certificate, serving
from tests.unit.alerts.mail.letters import body, letter, read


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("mail"))


@pytest.fixture
def post():
    return Post()


def server(port, security="none", **other):
    known = {"return_to": "bounces@centre.example", "own_name": "centre.example", "timeout_seconds": 2.0}
    return MailServer("127.0.0.1", port, security, **{**known, **other})


async def sent(port, *envelopes, **other):
    channel = MailChannel(server(port, **other))
    try:
        return [await channel.send(one) for one in envelopes or (letter(),)]
    finally:
        await channel.close()


async def test_a_letter_arrives_as_it_was_written(post):
    async with serving(post) as port:
        outcome = (await sent(port, letter("zh")))[0]

    arrived, was = post.letters[0], read(letter("zh"))
    assert (outcome.status, outcome.failure) == (250, None)
    assert post.envelopes == [("bounces@centre.example", ["duty@dep.example"])]
    assert arrived.items() == was.items()
    assert [part.get_content() for part in arrived.iter_parts()] == [
        body(letter("zh"), k) for k in ("plain", "html")
    ]


async def test_starttls_and_a_password(post, pem):
    credentials = {"username": "watch", "password": "right", "ca_file": str(pem)}
    async with serving(post, pem, auth=True) as port:
        await sent(port, security="starttls", **credentials)

    assert (len(post.letters), post.users) == (1, [b"watch"])


async def test_tls_from_the_first_byte(post, pem):
    async with serving(post, pem, tls=True) as port:
        await sent(port, security="tls", ca_file=str(pem))

    assert len(post.letters) == 1


async def test_a_certificate_that_we_do_not_trust_gets_nothing(post, pem):
    async with serving(post, pem) as port:
        with pytest.raises(Unavailable):
            await sent(port, security="starttls")

    assert post.letters == []


async def test_a_server_without_starttls_gets_nothing(post):
    async with serving(post) as port:
        with pytest.raises(Unavailable):
            await sent(port, security="starttls")

    assert post.letters == []


async def test_a_wrong_password_is_our_own_fault_and_no_bounce(post, pem):
    credentials = {"username": "watch", "password": "wrong", "ca_file": str(pem)}
    async with serving(post, pem, auth=True) as port:
        with pytest.raises(Unavailable, match="our side"):
            await sent(port, security="starttls", **credentials)


@pytest.mark.parametrize(
    ("place", "answer", "kind"),
    [
        ("at_recipient", "550 5.1.1 no such user", Refused),
        ("at_recipient", "451 4.7.1 greylisted", Unavailable),
        ("at_data", "554 5.6.0 not wanted", Refused),
        ("at_data", "452 4.3.1 full", Unavailable),
    ],
)
async def test_an_answer_about_the_letter_is_for_now_or_for_good(post, place, answer, kind):
    getattr(post, place).append(answer)
    async with serving(post) as port:
        outcome, after = await sent(port, letter(), letter())

    assert isinstance(outcome.failure, kind)
    assert str(outcome.failure) == answer
    assert outcome.status == int(answer[:3])
    assert after.failure is None  # over the same connection
    assert len(post.sessions) == 1


async def test_one_connection_takes_many_letters_and_then_another_begins(post):
    async with serving(post) as port:
        await sent(port, *[letter()] * 101)

    assert (len(post.letters), len(post.sessions)) == (101, 2)


async def test_a_slow_server_is_left_at_the_deadline(post):
    post.slow = 5.0
    loop = asyncio.get_running_loop()
    async with serving(post) as port:
        began = loop.time()
        with pytest.raises(Unavailable, match="Timeout"):
            await sent(port, timeout_seconds=0.3)

    assert loop.time() - began < 2.0


async def test_a_connection_lost_after_the_letter_is_tried_again_under_the_same_id(post):
    post.drop = 1
    async with serving(post) as port:
        with pytest.raises(Unavailable):
            await sent(port)
        await sent(port)

    assert [one["message-id"] for one in post.letters] == [letter().message_id] * 2


async def test_a_kept_connection_that_died_is_replaced(post):
    async with serving(post) as port:
        channel = MailChannel(server(port))
        await channel.send(letter())
        post.hang_up()
        outcome = await channel.send(letter())
        await channel.close()

    assert outcome.failure is None
    assert len(post.sessions) == 2


async def test_nobody_listening_is_for_now():
    with pytest.raises(Unavailable):
        await sent(1)


async def test_an_address_that_smuggles_is_not_sent_to(post):
    envelope = letter()
    worse = Envelope(envelope.message_id, "a@b.example>\r\nRCPT TO:<evil@x.example", envelope.content)
    async with serving(post) as port:
        with pytest.raises(Refused):
            await sent(port, worse)

    assert post.letters == []
