"""The whole path as its user sees it: one command, real parts, a signed webhook at the end."""

import json
import os
import stat
import subprocess
import sys
from email import message_from_bytes, policy

import pytest

from sealwatch_cli.local.ports import free_port


def up_once(folder, *more):
    """Run the stack over this folder until its first warning."""
    command = [sys.executable, "-m", "sealwatch_cli.main", "local", "up", "--once", "--data", str(folder)]
    return subprocess.run(  # noqa: S603  # our own command
        [*command, *more], cwd=folder.parent, env=os.environ, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("spine") / "stack"


@pytest.fixture(scope="module")
def first(folder):
    return up_once(folder)


def test_one_command_carries_real_lots_all_the_way_to_a_verified_webhook(first):
    assert "a warning was delivered" in first.stdout, first.stdout[-3000:] + first.stderr[-3000:]
    assert first.returncode == 0


def test_the_same_change_comes_as_a_letter_to_an_address_that_has_said_yes(first, folder):
    letters = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted((folder / "mail").glob("*.eml"))
    ]

    asked, *warnings = letters
    assert first.returncode == 0
    assert f"and one by e-mail: {warnings[0]['subject']}" in first.stdout
    assert asked["subject"].startswith("请确认")
    assert {one["to"] for one in letters} == {"duty@department.example"}
    assert "指数" in warnings[0].get_body(("html",)).get_content()


def test_what_is_secret_in_the_folder_is_for_its_owner_only(first, folder):
    secret = ("key", "receiver-secrets", "secrets.json", "stack.json")

    modes = {name: stat.S_IMODE((folder / name).stat().st_mode) for name in secret}

    assert first.returncode == 0
    assert modes == dict.fromkeys(secret, 0o600)


def test_a_second_start_over_kept_data_waits_for_a_warning_of_its_own_at_the_new_address(first, folder):
    port = free_port()

    second = up_once(folder, "--port", f"receiver={port}")

    *_, last = [json.loads(line) for line in (folder / "received.jsonl").read_text().splitlines()]
    assert first.returncode == second.returncode == 0, second.stdout[-3000:] + second.stderr[-3000:]
    assert last["headers"]["host"] == f"127.0.0.1:{port}"
    assert "drill-" in json.loads(last["body"])["data"]["product_id"]
