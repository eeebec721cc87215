"""The supervisor as a process: given servers where they do not matter, real ones once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sealwatch_cli.local.processes import Entry, Register
from sealwatch_cli.local.status import down, is_headless, rows
from sealwatch_cli.local.waiting import wait_until
from tests.servers import KafkaServer, PostgresServer

PROGRAM = Path(__file__).with_name("small_stack.py")
READY, LIMIT = "everything is ready", timedelta(seconds=40)


class Supervisor:
    """One started supervisor and what it said so far."""

    def __init__(self, data: Path, words: tuple[str, ...], servers: dict[str, str]) -> None:
        self.data = data
        self.output = data.with_name(f"{data.name}-{time.monotonic_ns()}.out")
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, str(PROGRAM), str(data), *words],
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **servers},
            )

    def said(self) -> str:
        return self.output.read_text()

    def until(self, words: str) -> None:
        assert wait_until(lambda: words in self.said(), LIMIT), self.said()

    def child(self, name: str) -> Entry:
        entries = Register(self.data / "processes.json").entries()
        return next(entry for entry in entries if entry.name == name and entry.lives())

    def end(self, signum: signal.Signals) -> tuple[int, timedelta]:
        began = time.monotonic()
        self.process.send_signal(signum)
        code = self.process.wait(LIMIT.total_seconds())
        return code, timedelta(seconds=time.monotonic() - began)


def alive(data: Path) -> tuple[str, ...]:
    return tuple(e.name for e in Register(data / "processes.json").entries() if e.lives())


@pytest.fixture
def data(servers: tuple[Path, Register], request: pytest.FixtureRequest) -> Path:
    return servers[0] / request.node.name


@pytest.fixture
def start(data: Path, kafka: KafkaServer, postgres: PostgresServer) -> Iterator[Callable[..., Supervisor]]:
    """Start supervisors over given servers; whatever the test left is ended."""
    given = {"SEALWATCH_KAFKA_BOOTSTRAP": kafka.bootstrap, "SEALWATCH_DATABASE_URL": postgres.url}
    started: list[Supervisor] = []

    def begin(*words: str, servers: dict[str, str] = given) -> Supervisor:
        started.append(Supervisor(data, words, servers))
        return started[-1]

    yield begin
    for supervisor in started:
        supervisor.process.kill()
        supervisor.process.wait()
    Register(data / "processes.json").end_all()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(start, data, signum):
    stack = start("plain")
    stack.until(READY)

    code, took = stack.end(signum)

    assert code == 0
    assert took < timedelta(seconds=10)
    assert alive(data) == ()


def test_a_child_that_ignores_the_signal_is_killed_in_time(start, data):
    stack = start("stubborn")
    stack.until(READY)

    code, took = stack.end(signal.SIGTERM)

    assert code == 0
    assert took < timedelta(seconds=10)
    assert alive(data) == ()


def test_once_ends_by_itself_with_the_code_of_what_ran_after_the_start(start, data):
    stack = start("plain", "once")

    code = stack.process.wait(LIMIT.total_seconds())

    assert code == 7
    assert alive(data) == ()


def test_a_child_that_dies_is_started_again(start):
    stack = start("plain")
    stack.until(READY)
    killed = stack.child("first")

    killed.send(signal.SIGKILL)
    stack.until("first died; starting it again in 0.5 s")
    returned = wait_until(lambda: "first" in alive(stack.data), LIMIT)

    assert returned
    assert stack.child("first").pid != killed.pid


def test_a_failing_chore_ends_the_start_with_its_last_words(start, data):
    stack = start("failing")

    code = stack.process.wait(LIMIT.total_seconds())

    assert code != 0
    assert "chore failed:\nno such table" in stack.said()
    assert alive(data) == ()


def test_a_second_supervisor_in_the_same_folder_is_refused(start):
    first = start("plain")
    first.until(READY)

    second = start("plain")

    assert second.process.wait(LIMIT.total_seconds()) != 0
    assert "a stack is already running" in second.said()
    assert first.process.poll() is None


def test_status_shows_every_member_and_down_stops_them(start, data):
    stack = start("plain")
    stack.until(READY)

    shown = {row.name: row.ready for row in rows(data)}
    stopped = down(data)
    stack.process.wait(LIMIT.total_seconds())

    assert shown == {"supervisor": True, "first": True, "second": True}
    assert stopped
    assert rows(data) == ()


def test_after_the_supervisor_was_killed_status_shows_who_lives_on_and_down_ends_them(start, data):
    stack = start("plain")
    stack.until(READY)
    stack.end(signal.SIGKILL)

    found = rows(data)
    stopped = down(data)

    assert is_headless(found)
    assert {row.name: row.ready for row in found} == {"supervisor": False, "first": True, "second": True}
    assert stopped
    assert (rows(data), alive(data)) == ((), ())


def test_where_no_stack_ever_ran_nothing_is_shown_and_nothing_is_made(tmp_path):
    nowhere = tmp_path / "nowhere"

    assert rows(nowhere) == ()
    assert not down(nowhere)
    assert not nowhere.exists()


def test_without_java_and_docker_nothing_is_started(start, data, postgres):
    nothing = {"PATH": str(data), "JAVA_HOME": "", "SEALWATCH_DATABASE_URL": postgres.url}

    stack = start("plain", servers=nothing)

    assert stack.process.wait(LIMIT.total_seconds()) != 0
    assert "Install a Java runtime, version 17 or newer, and Maven" in stack.said()
    assert not data.exists()


def test_after_kill_9_of_the_supervisor_the_next_start_ends_what_it_left(start, data):
    """Real servers: they hold locks and ports, which a clumsy second start would trip over."""
    first = start("plain", servers={})
    first.until(READY)
    left = {entry.name: entry for entry in Register(data / "processes.json").entries()}
    first.end(signal.SIGKILL)

    second = start("plain", servers={})
    second.until(READY)

    assert {"kafka", "postgres", "first", "second"} <= set(left)
    assert not any(entry.lives() for entry in left.values())
    assert second.child("kafka").port == left["kafka"].port
    assert second.end(signal.SIGINT)[0] == 0
    assert alive(data) == ()


def test_a_cut_off_download_leaves_no_jars_that_count(start, data, servers):
    cache = servers[0] / "empty-cache"
    stack = start("plain", servers={"SEALWATCH_CACHE": str(cache)})
    wait_until(lambda: "maven" in alive(data), LIMIT)

    code, _ = stack.end(signal.SIGTERM)

    assert code == 0
    assert alive(data) == ()
    assert not (cache / "kafka-4.3.1").exists()


def test_a_signal_during_the_start_leaves_nothing(start, data):
    stack = start("plain", servers={})
    wait_until(lambda: "kafka" in alive(data), LIMIT)

    code, took = stack.end(signal.SIGINT)

    assert code == 0
    assert took < timedelta(seconds=10)
    assert alive(data) == ()
