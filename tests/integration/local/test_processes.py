import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sealwatch.errors import Misconfigured
from sealwatch_cli.local import kernel
from sealwatch_cli.local.processes import Launch, Register
from sealwatch_cli.local.scratch import scratch, sweep
from sealwatch_cli.local.waiting import wait_until

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")


def launch(tmp_path: Path, *command: str) -> Launch:
    return Launch("sleeper", command or SLEEP, tmp_path / "log")


def test_a_next_start_ends_the_child_of_a_register(tmp_path):
    child = Register(tmp_path / "r.json").spawn(launch(tmp_path))

    ended = Register(tmp_path / "r.json").end_all()

    assert [entry.pid for entry in ended] == [child.process.pid]
    assert child.process.wait(5) == -signal.SIGTERM


def test_a_process_that_only_has_the_same_number_is_left_alone(tmp_path):
    child = Register(tmp_path / "r.json").spawn(launch(tmp_path))
    reused = replace(child.entry, birth="another boot:1")

    reused.kill()
    sent = reused.send(signal.SIGKILL)

    assert not sent
    assert child.alive
    child.kill()


def test_a_dead_child_that_nobody_waited_for_counts_as_gone(tmp_path):
    child = Register(tmp_path / "r.json").spawn(launch(tmp_path, sys.executable, "-c", ""))

    os.waitid(os.P_PID, child.process.pid, os.WEXITED | os.WNOWAIT)

    assert not child.entry.lives()
    assert not child.alive


def test_a_kill_reaches_the_children_of_a_child(tmp_path):
    parent = (
        "import subprocess, sys, time; print(subprocess.Popen(sys.argv[1:]).pid, flush=True); time.sleep(60)"
    )
    child = Register(tmp_path / "r.json").spawn(launch(tmp_path, sys.executable, "-c", parent, *SLEEP))
    wait_until((tmp_path / "log").read_text, timedelta(seconds=5))

    child.kill()

    assert kernel.birth_of(int((tmp_path / "log").read_text())) is None


def test_a_closed_register_starts_nothing(tmp_path):
    register = Register(tmp_path / "r.json")

    register.close()

    with pytest.raises(Misconfigured):
        register.spawn(launch(tmp_path))


def test_the_folder_of_a_dead_owner_is_swept_with_its_children(tmp_path):
    folder = tmp_path / "sealwatch-scratch-left"
    folder.mkdir()
    (folder / "owner.json").write_text('{"pid": 1, "birth": "another boot:1"}')
    child = Register(folder / "processes.json").spawn(launch(folder))

    sweep(tmp_path)

    assert child.process.wait(5) == -signal.SIGTERM
    assert not folder.exists()


def test_a_scratch_folder_ends_its_children_with_it():
    with scratch() as (folder, register):
        child = register.spawn(launch(folder))

    assert not child.alive
    assert not folder.exists()
