"""The receiver of the bench counts every webhook once, whatever pieces it comes in."""

import msgspec

from bench.receiver import NO_CONTENT, Door, Inbox

BODY = b'{"type":"level.changed","data":{"product_id":"P1"}}'
HEAD = b"POST /3 HTTP/1.1\r\nHost: x\r\nwebhook-id: msg_1\r\nContent-Length: %d\r\n\r\n" % len(BODY)


class Wire:
    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data


def opened() -> tuple[Door, Wire, Inbox]:
    inbox, wire = Inbox(), Wire()
    door = Door(inbox)
    door.connection_made(wire)
    return door, wire, inbox


def test_a_webhook_in_pieces_is_answered_once_it_is_whole():
    door, wire, inbox = opened()
    door.data_received(HEAD[:30])
    door.data_received(HEAD[30:] + BODY[:5])
    before = wire.written

    door.data_received(BODY[5:])

    assert before == b""
    assert wire.written == NO_CONTENT
    assert inbox.seen.webhooks == 1
    assert list(inbox.seen.products) == ["P1"]


def test_two_webhooks_in_one_piece_are_two_and_an_id_that_comes_again_is_noted():
    door, wire, inbox = opened()

    door.data_received((HEAD + BODY) * 2)

    assert wire.written == NO_CONTENT * 2
    assert (inbox.seen.webhooks, inbox.seen.again) == (2, 1)


def test_what_arrived_is_told_when_asked():
    door, wire, _ = opened()
    door.data_received(HEAD + BODY)

    door.data_received(b"GET / HTTP/1.1\r\n\r\n")

    told = msgspec.json.decode(wire.written.rpartition(b"\r\n\r\n")[2])
    assert told["webhooks"] == 1
