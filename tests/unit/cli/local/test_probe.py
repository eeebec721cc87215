import pytest

from sealwatch_cli.local.probe import kafka_request, kafka_serves, postgres_request

ONE_BROKER = bytes.fromhex("00000007 00000001")


def test_the_kafka_request_asks_for_metadata_of_no_topic():
    request = kafka_request()

    assert request[:4] == (len(request) - 4).to_bytes(4)
    assert request[4:12] == bytes.fromhex("0003 0001 00000007")
    assert request[-4:] == bytes(4)


@pytest.mark.parametrize(
    ("answer", "serves"),
    [
        (ONE_BROKER + b"more", True),
        (bytes.fromhex("00000007 00000000"), False),
        (bytes.fromhex("00000008 00000001"), False),
        (b"HTTP", False),
    ],
)
def test_only_an_answer_to_us_that_lists_a_broker_counts(answer, serves):
    assert kafka_serves(answer) is serves


def test_the_postgres_request_is_a_start_message():
    assert postgres_request("me") == bytes.fromhex("00000011 00030000") + b"user\0me\0\0"
