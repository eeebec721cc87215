"""The whole path as its user sees it: one command, real parts, a signed webhook at the end."""

import os
import subprocess
import sys


def test_one_command_carries_real_lots_all_the_way_to_a_verified_webhook(tmp_path):
    command = [
        sys.executable,
        "-m",
        "sealwatch_cli.main",
        "local",
        "up",
        "--once",
        "--data",
        str(tmp_path / "stack"),
    ]

    done = subprocess.run(  # noqa: S603  # our own command
        command, cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False
    )

    assert "a warning was delivered" in done.stdout, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.returncode == 0
