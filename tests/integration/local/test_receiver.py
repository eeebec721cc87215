"""The receiver as the process that the local stack runs."""

import http.client
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from sealwatch.shell.clock import utc_now
from sealwatch_cli.local.ports import LOOPBACK, free_port
from sealwatch_cli.local.probe import http_ready
from sealwatch_cli.local.processes import Launch, Register
from sealwatch_cli.local.waiting import wait_until

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="  # noqa: S105 - made for this test
PROGRAM = "from sealwatch_cli.local.commands import local_app; local_app(None)()"
BODY = '{"risk_level":"high"}'


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    port = free_port()
    options = ("--out", str(tmp_path / "out"), "--secret-file", str(tmp_path / "secret"), "--port", str(port))
    command = (sys.executable, "-c", PROGRAM, "receive", *options)
    child = Register(tmp_path / "processes.json").spawn(Launch("receiver", command, tmp_path / "log"))
    assert wait_until(lambda: http_ready(port), timedelta(seconds=15))
    yield port
    child.stop(timedelta(seconds=2))


def ask(port: int, method: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    link = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    link.request(method, path, BODY if method == "POST" else None, headers or {})
    answer = link.getresponse()
    result = answer.status, answer.read()
    link.close()
    return result


def signed() -> dict[str, str]:
    now = utc_now()
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_1", now, BODY),
    }


def test_a_webhook_is_taken_once_its_secret_is_known(port: int, tmp_path: Path):
    before, _ = ask(port, "POST", "/hook", signed())
    (tmp_path / "secret").write_text(SECRET)
    after, _ = ask(port, "POST", "/hook", signed())
    _, listed = ask(port, "GET", "/received")

    assert (before, after) == (401, 204)
    assert [(line["verified"], line["body"]) for line in json.loads(listed)] == [(False, BODY), (True, BODY)]


def test_an_unknown_path_is_not_found(port: int):
    assert ask(port, "GET", "/else")[0] == 404
