"""The local mailbox as a program of its own: letters in over SMTP, files out."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from smtplib import SMTP

import pytest

from sealwatch_cli.local.ports import LOOPBACK, free_port
from sealwatch_cli.local.probe import http_ready, is_ready, smtp_answers
from sealwatch_cli.local.processes import Launch, Register
from sealwatch_cli.local.waiting import wait_until

PROGRAM = "from sealwatch_cli.local.commands import local_app; local_app(None)()"
LETTER = b"Subject: =?utf-8?b?5rWL6K+V?=\r\nFrom: a@x.example\r\n\r\n.one\r\nFrom two\r\n"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    port = free_port()
    command = (
        sys.executable,
        "-c",
        PROGRAM,
        "mailbox",
        "--folder",
        str(tmp_path / "mail"),
        "--port",
        str(port),
    )
    child = Register(tmp_path / "processes.json").spawn(Launch("mailbox", command, tmp_path / "log"))
    assert wait_until(lambda: smtp_answers(port), timedelta(seconds=15))
    yield port
    child.stop(timedelta(seconds=2))
    assert child.process.returncode == 0


def send(port: int, whom: str, letter: bytes = LETTER) -> None:
    with SMTP(LOOPBACK, port, timeout=5) as client:
        client.sendmail("a@x.example", [whom], letter)


def test_a_letter_is_kept_byte_for_byte_for_its_owner_only(port, tmp_path):
    send(port, "duty@dep.example")

    [kept] = (tmp_path / "mail").glob("*.eml")
    assert kept.read_bytes() == LETTER
    assert kept.name.endswith("-duty@dep.example.eml")
    assert message_from_bytes(kept.read_bytes(), policy=policy.default)["subject"] == "测试"
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_letters_are_named_in_the_order_in_which_they_came(port, tmp_path):
    for number in range(5):
        send(port, "duty@dep.example", b"Subject: %d\r\n\r\n" % number)

    kept = sorted((tmp_path / "mail").glob("*.eml"))
    assert [one.read_bytes()[:10] for one in kept] == [b"Subject: %d" % number for number in range(5)]


def test_a_recipient_never_leads_out_of_the_folder(port, tmp_path):
    send(port, '"../../x"@dep.example')

    [kept] = (tmp_path / "mail").iterdir()
    assert kept.name.endswith("-.._.._x@dep.example.eml")


def test_it_is_ready_by_its_own_protocol(port):
    assert is_ready("mailbox", port)
    assert not http_ready(port)
    assert not smtp_answers(free_port())
